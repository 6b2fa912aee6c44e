"""Who says it: a claim that a source puts in someone's mouth is not the outlet's own word. For `assistant.verify`."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from assistant.pairing import Finding
from assistant.reading import Reading

__all__ = ["check_attribution", "speakers"]

_SAYS: Final = (
    r"(?:says?|said|tells|told|claims|claimed|argues?|argued|insists?|insisted|alleges?|alleged|believes?|believed|"
    r"warns?|warned|thinks?|thought|predicts?|predicted|estimates|estimated|suggests?|suggested|accuses|accused|denies|"
    r"denied|asserts?|asserted|contends?|contended|testified|boasts|boasted|expects?|expected|adds|added|notes|noted|"
    r"states|stated|explains|explained|writes|wrote)"
)
_NAMED: Final = r"(?:(?:[A-Z][\w'’.-]*|of|de|van|von|al|the|for)\s+){0,5}[A-Z][\w'’.-]*"
_SOMEONE: Final = (
    rf"(?:{_NAMED}|[Hh]e|[Ss]he|[Tt]hey|[Tt]he (?:\w+ ){{0,2}}(?:company|firm|ministry|official|officials|police|"
    r"government|group|report|spokesman|spokeswoman|spokesperson|bank|agency|chief|president|minister|study|researchers|"
    r"authors?|source|sources|analysts?|executives?|team|union|party|court|lawsuit|plaintiffs?|prosecutors?)|"
    r"(?:[Oo]fficials|[Aa]nalysts|[Rr]esearchers|[Ss]ources|[Pp]olice|[Ee]xperts|[Cc]ritics|[Pp]rosecutors|[Ss]upporters|"
    r"[Oo]pponents|[Ww]itnesses|[Ss]cientists|[Ee]xecutives|[Ll]awyers))"
)
_SPEECH: Final = (
    re.compile(
        rf"\b(?P<who>{_SOMEONE})(?:,[^,]{{1,60}},)?\s+(?:has |have |had |also |later |then |\w+ly )?{_SAYS}\b(?! by\b)"
    ),
    re.compile(rf"[\"”'’,]\s+{_SAYS}\s+(?P<who>{_SOMEONE})"),
    re.compile(rf"\b[Aa]ccording to (?:a |an )?(?P<who>{_SOMEONE}|[^,.;]{{3,60}})"),
    re.compile(rf"\b[Ii]n the (?:view|words) of (?P<who>{_NAMED})"),
)
_ITSELF: Final = re.compile(
    r"\b(?:passage|article|articles|text|source|sources|evidence|excerpt|document)\b", re.IGNORECASE
)
_PRONOUNS: Final = frozenset("he she they the of de van von al for".split())


def speakers(text: str) -> list[str]:
    """Those to whom the text gives a statement: ``Eric Xu`` in *..., said Eric Xu*; empty when it asserts by itself."""
    return [match["who"].strip(" .,;") for pattern in _SPEECH for match in pattern.finditer(text)]


def check_attribution(claim: Reading, source: Reading, kept: float, outlets: Sequence[str]) -> Iterable[Finding]:
    """Findings where the source says *who* said it and the claim does not, or names another.

    kept: share of the claim found in the source; far apart, nothing is concluded. outlets: names of the source itself.
    """
    theirs = speakers(source.text)
    mine = [who for who in speakers(claim.text) if not _ITSELF.search(who) and not _is_outlet(who, outlets)]
    if not theirs or kept < 0.7:
        return
    if not mine and not (_verbs(claim) & _verbs(source)):
        yield Finding("attribution", f"the passage gives this as the word of {theirs[0]}, not as fact", fatal=False)
        return
    my_names, their_names = _name_words(mine), _name_words(theirs)
    if my_names and their_names and not my_names & their_names:
        yield Finding("attribution", f"in the passage {theirs[0]} says this, not {mine[0]}", True, True)


def _verbs(reading: Reading) -> set[str]:
    """The verbs of saying in a sentence: one kept means that the saying was kept, whoever does it."""
    return set(re.findall(rf"\b{_SAYS}\b", reading.text))


def _is_outlet(who: str, outlets: Sequence[str]) -> bool:
    """Whether the speaker is the outlet of the quotes."""
    return any(who.lower() in outlet.lower() or outlet.lower() in who.lower() for outlet in outlets if outlet)


def _name_words(who: Sequence[str]) -> set[str]:
    """The capitalised words of some speakers, folded."""
    words = {
        word.lower().removesuffix("'s") for one in who for word in re.findall(r"[\w'-]+", one) if word[0].isupper()
    }
    return words - _PRONOUNS

"""Who says it: a claim that a source puts in someone's mouth is not the outlet's own word. For `assistant.verify`."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from assistant.pairing import Finding, same_name
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
# *X said that ...* speaks for what follows, *..., said X* and *..., X said* for what went before.
_AHEAD: Final = re.compile(
    rf"\b(?P<who>{_SOMEONE})(?:,[^,]{{1,60}},)?\s+(?:has |have |had |also |later |then |\w+ly )?"
    rf"(?P<verb>{_SAYS})\b(?! by\b)"
)
_BEHIND: Final = (
    re.compile(rf"[\"”'’,]\s+(?P<verb>{_SAYS})\s+(?P<who>{_SOMEONE})"),
    re.compile(rf"\b(?P<verb>[Aa]ccording) to (?:a |an )?(?P<who>{_SOMEONE}|[^,.;]{{3,60}})"),
    re.compile(rf"\b[Ii]n the (?P<verb>view|words) of (?P<who>{_NAMED})"),
)
_OVER: Final = re.compile(r"\s*(?:$|[,.;:\"”])")
_NEXT_CLAUSE: Final = re.compile(r";|, (?:while|but|whereas)\b")
_ITSELF: Final = re.compile(
    r"\b(?:passage|article|articles|text|source|sources|evidence|excerpt|document)\b", re.IGNORECASE
)
_PRONOUNS: Final = frozenset("he she they the of de van von al for".split())
_OWN_WORDS: Final = 0.7  # share of the claim within a speaker's words from which it is his claim
_ALL_SAID: Final = 0.8  # share of a speaker's words that the claim repeats from which it repeats him, whatever it adds


@dataclass(frozen=True, slots=True)
class _Speech:
    """A statement given to someone by a verb: ``text[start:end]`` is what he is given."""

    who: str
    verb: str
    start: int
    end: int


def speakers(text: str) -> list[str]:
    """Those to whom the text gives a statement: ``Eric Xu`` in *..., said Eric Xu*; empty when it asserts by itself."""
    return [speech.who for speech in _speeches(text)]


def _speeches(text: str) -> Iterator[_Speech]:
    """The statements of a sentence, each with its reach."""
    for match in _AHEAD.finditer(text):
        who = match["who"].strip(" .,;")
        if _OVER.match(text, match.end()) and match.start() > 0:
            yield _Speech(who, match["verb"], _clause_start(text, match.start()), match.start())
        else:
            following = _NEXT_CLAUSE.search(text, match.end())
            yield _Speech(who, match["verb"], match.end(), following.start() if following else len(text))
    for pattern in _BEHIND:
        for match in pattern.finditer(text):
            start, end = _clause_start(text, match.start()), match.start()
            if not text[start:end].strip(" ,"):
                start, end = match.end(), len(text)
            yield _Speech(match["who"].strip(" .,;"), match["verb"].lower(), start, end)


def _clause_start(text: str, end: int) -> int:
    """Where the part that reaches up to ``end`` begins: after a semicolon, else at the start."""
    return text.rfind(";", 0, end) + 1


def check_attribution(claim: Reading, source: Reading, outlets: Sequence[str]) -> Iterable[Finding]:
    """Findings where the source says *who* said it and the claim does not, or names another.

    Far apart, nothing is concluded. outlets: names of the source itself.
    """
    theirs = [speech for speech in _speeches(source.text) if _holds(speech, claim, source)]
    if not theirs:
        return
    mine = [who for who in speakers(claim.text) if not _ITSELF.search(who) and not _is_outlet(who, outlets)]
    if not mine and not any(re.search(rf"\b{speech.verb}\b", claim.text, re.IGNORECASE) for speech in theirs):
        yield Finding("attribution", f"the passage gives this as the word of {theirs[0].who}, not as fact", fatal=False)
        return
    my_names, their_names = _name_words(mine), _name_words([speech.who for speech in theirs])
    if my_names and their_names and not any(same_name(one, other) for one in my_names for other in their_names):
        yield Finding("attribution", f"in the passage {theirs[0].who} says this, not {mine[0]}", True, True)


def _holds(speech: _Speech, claim: Reading, source: Reading) -> bool:
    """Whether the claim, its own speakers left out, is what someone is given to say."""
    named = _name_words(speakers(claim.text)) | {speech.verb for speech in _speeches(claim.text)}
    content = [token.key for token in claim.content if token.text.lower() not in named]
    said = {token.key for token in source.content if speech.start <= token.start < speech.end}
    told = said.intersection(content)
    return bool(told) and (len(told) >= _OWN_WORDS * len(set(content)) or len(told) >= _ALL_SAID * len(said))


def _is_outlet(who: str, outlets: Sequence[str]) -> bool:
    """Whether the speaker is the outlet of the quotes."""
    return any(who.lower() in outlet.lower() or outlet.lower() in who.lower() for outlet in outlets if outlet)


def _name_words(who: Sequence[str]) -> set[str]:
    """The capitalised words of some speakers, folded."""
    words = {
        word.lower().removesuffix("'s") for one in who for word in re.findall(r"[\w'-]+", one) if word[0].isupper()
    }
    return words - _PRONOUNS

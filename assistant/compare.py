"""Two readings laid side by side: what the sentence says that its source does not, and the reason in words.

`assistant.verify` calls `compare` with the sentence to check and the source sentence nearest to it. Where the two run
alike, a word that stands in another's place is judged by its kind: number, date, name, direction, negation.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property
from itertools import pairwise
from typing import Final, Literal

from assistant.calendar_dates import dates_conflict, dates_share
from assistant.figures import figure_fits
from assistant.polarity import are_opposites, are_synonyms, is_negation
from assistant.reading import Reading, Token, quotations

__all__ = ["Check", "Comparison", "Finding", "compare", "same_name"]

Check = Literal[
    "number", "date", "name", "quotation", "negation", "direction", "roles", "hedge", "attribution", "wording"
]

_ALIKE = 0.5  # share of the sentence's content found in the source from which their differences are read as changes
_NEARLY_SAME = 0.75  # the same, for what a freer wording may change too: plain words, shades of certainty
_HE: Final = frozenset("he him his himself mr".split())
_SHE: Final = frozenset("she her hers herself mrs ms miss".split())


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the source does not bear out. ``fatal``: the sentence cannot stand; otherwise it is only weakened.

    contradicts: the source says otherwise, not merely nothing.
    words: the two plain words that stand in each other's place; the finding falls when they mean the same.
    """

    check: Check
    reason: str
    fatal: bool = True
    contradicts: bool = False
    words: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """kept: share of the sentence's content tokens that the source sentence holds, 0..1. aligned: in the same order."""

    kept: float
    aligned: float
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Pair:
    """The sentence and its nearest source sentence, keys made equal where they say the same."""

    claim: tuple[Token, ...]
    source: tuple[Token, ...]
    rest: tuple[Reading, ...]

    @cached_property
    def claim_keys(self) -> Counter[str]:
        """How often the claim says each key."""
        return Counter(token.key for token in self.claim)

    @cached_property
    def source_keys(self) -> Counter[str]:
        """How often the source says each key."""
        return Counter(token.key for token in self.source)

    @cached_property
    def aligned(self) -> float:
        """Share of the claim's content that the source holds in the same order, 0..1."""
        edited = sum(token.content for _, i1, i2, _, _ in self.edits for token in self.claim[i1:i2])
        content = sum(token.content for token in self.claim)
        return 1 - edited / content if content else 0.0

    @cached_property
    def edits(self) -> list[tuple[str, int, int, int, int]]:
        """The steps from the claim to the source, as `difflib` gives them; equal stretches left out."""
        keys = [token.key for token in self.claim], [token.key for token in self.source]
        return [step for step in SequenceMatcher(None, *keys, autojunk=False).get_opcodes() if step[0] != "equal"]


def compare(claim: Reading, source: Reading, rest: Sequence[Reading]) -> Comparison:
    """What ``claim`` says that ``source``, its nearest sentence, does not; ``rest`` is all that is quoted."""
    pair = _Pair(_shared_keys(claim.tokens, source.tokens), source.tokens, tuple(rest))
    content = [token for token in pair.claim if token.content]
    kept = sum(token.key in pair.source_keys for token in content) / len(content) if content else 0.0
    findings = [
        *_absent_quotations(claim, rest),
        *_absent_figures(pair, kept),
        *_absent_dates(pair, kept),
        *_absent_names(pair, kept),
    ]
    if kept >= _ALIKE:
        findings += [
            *_changed_slots(pair),
            *_changed_polarity(pair),
            *_swapped_figures(pair),
            *_swapped_places(pair),
        ]
    if pair.aligned >= _NEARLY_SAME:
        findings += [*_dropped_hedges(pair), *_changed_gender(pair)]
    return Comparison(kept, pair.aligned, tuple(dict.fromkeys(findings)))


def same_name(one: str, other: str) -> bool:
    """Whether two name keys are one name: equal, or a country and its people (``china``, ``chines``)."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    shared = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return shared >= 4 and short[shared:] in {"", "a", "e", "y", "o", "ia"} and long[shared:] in _PEOPLE


_PEOPLE: Final = frozenset("n an ian ese ish es i ean s is en er".split())


def _shared_keys(claim: Sequence[Token], source: Sequence[Token]) -> tuple[Token, ...]:
    """The claim's tokens, each under the key of the source token that says the same in another form."""
    keys = {token.key for token in source}
    return tuple(token if token.key in keys else replace(token, key=_key_in(token, source)) for token in claim)


def _key_in(token: Token, source: Sequence[Token]) -> str:
    """The key of the first source token that says what this one says, its own key when none does."""
    return next((other.key for other in source if _says_same(token, other)), token.key)


def _says_same(one: Token, other: Token) -> bool:
    """Whether a source token says what the claim's token says."""
    if one.figure and other.figure:
        return figure_fits(one.figure, other.figure) == "same"
    if one.date and other.date:
        return dates_share(one.date, other.date)
    if one.figure and other.date:
        return one.figure.value == other.date.year
    if one.date and other.figure:
        return one.date.year == other.figure.value
    return one.kind == "name" and other.kind in ("name", "word") and same_name(one.key, other.key)


def _absent_quotations(claim: Reading, rest: Sequence[Reading]) -> Iterable[Finding]:
    """Words in quotation marks that are not in the source, word for word."""
    said = " ".join(_plain(reading.text) for reading in rest)
    for quoted in quotations(claim.text):
        pieces = [_plain(piece) for piece in re.split(r"\.\.\.|…|\[[^\]]*\]", quoted)]
        if not all(f" {piece} " in f" {said} " for piece in pieces if piece):
            yield Finding("quotation", f"the words “{quoted}” are not in the passage as quoted")


def _plain(text: str) -> str:
    """Lower-case words, single spaces, no punctuation: what a quotation must share with its source."""
    return " ".join(re.findall(r"\w+(?:'\w+)*", text.lower()))


def _absent_figures(pair: _Pair, kept: float) -> Iterable[Finding]:
    """Figures of the claim that stand nowhere in the quotes."""
    quoted = [token for reading in pair.rest for token in reading.tokens if token.figure or token.date]
    for token in pair.claim:
        figure = token.figure
        if figure is None or token.key in pair.source_keys or any(_says_same(token, other) for other in quoted):
            continue
        fits = {figure_fits(figure, other.figure): other.figure for other in quoted if other.figure}
        if (figure.small and kept < _ALIKE) or (figure.small and not fits):
            continue
        if "coarser" in fits:
            yield Finding("number", f"the passage only says {_words_of(fits['coarser'])}", fatal=False)
        elif "unit" in fits or "bound" in fits:
            other = fits.get("unit") or fits["bound"]
            yield Finding(
                "number", f"the passage says {_words_of(other)}, the sentence says {_words_of(figure)}", True, True
            )
        else:
            rival = _rival(token, pair)
            said = (
                f"the passage says {rival.text}, the sentence says" if rival else "the passage does not give the number"
            )
            yield Finding("number", f"{said} {figure.text}", not figure.small, bool(rival) and kept >= _ALIKE)


def _words_of(figure: object) -> str:
    """A figure as the text has it, with the bound that was read before it."""
    bound = {"over": "more than ", "under": "less than ", "": ""}[getattr(figure, "bound", "")]
    return f"{bound}{getattr(figure, 'text', '')}"


def _rival(token: Token, pair: _Pair) -> Token | None:
    """The source's figure of the same unit that the claim leaves out: the one it seems to have changed."""
    assert token.figure
    free = [other for other in pair.source if other.figure and other.key not in pair.claim_keys]
    return next((other for other in free if other.figure and other.figure.unit == token.figure.unit), None)


def _absent_dates(pair: _Pair, kept: float) -> Iterable[Finding]:
    """Dates of the claim that agree with no date quoted."""
    quoted = [token for reading in pair.rest for token in reading.tokens if token.date or token.figure]
    for token in pair.claim:
        if token.date is None or token.key in pair.source_keys:
            continue
        if any(_says_same(token, other) for other in quoted):
            continue
        rival = next((one for one in pair.source if one.date and one.key not in pair.claim_keys), None)
        if rival and rival.date and dates_conflict(token.date, rival.date):
            yield Finding(
                "date", f"the passage says {rival.text}, the sentence says {token.text}", True, kept >= _ALIKE
            )
        else:
            yield Finding("date", f"the passage does not say {token.text}")


def _absent_names(pair: _Pair, kept: float) -> Iterable[Finding]:
    """Names of the claim that stand nowhere in the quotes; the word that opens a sentence may be no name."""
    known = {token.key for reading in pair.rest for token in reading.tokens}
    joined = {"".join(_plain(reading.text).split()) for reading in pair.rest}
    names = [token for token in pair.claim if token.kind in ("name", "code")]
    if len(names) > 0.7 * max(1, sum(token.content for token in pair.claim)) and len(names) > 4:
        return  # a headline in capitals
    for token in names:
        if token.key in known or (token.opening and token.kind == "name"):
            continue
        if any(same_name(token.key, other) for other in known) or _is_acronym(token, pair.rest):
            continue
        if token.kind == "code" and any(_plain(token.text).replace(" ", "") in text for text in joined):
            continue
        yield Finding("name", f"the passage does not name {token.text}", fatal=kept >= _ALIKE)


def _is_acronym(token: Token, rest: Sequence[Reading]) -> bool:
    """Whether the quotes hold the words that an acronym stands for, or the acronym of a name spelt out is there."""
    letters = token.text.replace(".", "").removesuffix("'s").lower()
    if token.text.replace(".", "").removesuffix("'s").isupper() and len(letters) > 1:
        return any(letters in "".join(re.findall(r"\b([a-z])", reading.text.lower())) for reading in rest)
    return False


def _changed_slots(pair: _Pair) -> Iterable[Finding]:
    """Where the two run alike but for a word: what stands in whose place."""
    for tag, i1, i2, j1, j2 in pair.edits:
        if tag != "replace":
            continue
        foreign = [token for token in pair.claim[i1:i2] if pair.claim_keys[token.key] > pair.source_keys[token.key]]
        missing = [token for token in pair.source[j1:j2] if pair.source_keys[token.key] > pair.claim_keys[token.key]]
        for token in foreign:
            yield from _judge_slot(token, foreign, missing, pair)


def _judge_slot(token: Token, foreign: list[Token], missing: list[Token], pair: _Pair) -> Iterable[Finding]:
    """What a foreign token of the claim means, given the source's tokens that stand in its place."""
    said = f"where the sentence says “{token.text}”"
    opposite = next((one for one in missing if are_opposites(token.key, one.key)), None)
    if opposite and opposite.negated == token.negated:
        yield Finding("direction", f"the passage says “{opposite.text}” {said}", True, True)
        return
    if token.figure or token.date:
        rival = next(
            (one for one in missing if type(one.figure) is type(token.figure) and (one.figure or one.date)), None
        )
        if rival:
            check: Check = "number" if token.figure else "date"
            yield Finding(check, f"the passage says {rival.text}, the sentence says {token.text}", True, True)
        return
    if token.kind in ("name", "code"):
        rival = next((one for one in missing if one.kind in ("name", "code")), None)
        if rival and not _is_acronym(token, pair.rest) and not _is_acronym(rival, [Reading(token.text, pair.claim)]):
            yield Finding(
                "name", f"the passage names {rival.text} {said}", not token.opening or not rival.opening, True
            )
            return
    rivals = [one for one in missing if one.content]
    if (
        not token.content
        or not rivals
        or pair.aligned < _NEARLY_SAME
        or any(are_synonyms(token.key, one.key) for one in rivals)
    ):
        return
    reason, words = f"the passage says “{rivals[0].text}” {said}", (token.text.lower(), rivals[0].text.lower())
    yield Finding("wording", reason, fatal=False, words=words)


def _changed_polarity(pair: _Pair) -> Iterable[Finding]:
    """Content that one side denies and the other states."""
    for token in pair.claim:
        if not token.content:
            continue
        same = [other for other in pair.source if other.key == token.key]
        if same and all(other.negated != token.negated for other in same):
            verb = "denies" if same[0].negated else "states"
            yield Finding("negation", f"the passage {verb} “{token.text}”, the sentence does not", True, True)
            return
    yield from _loose_negations(pair)


def _loose_negations(pair: _Pair) -> Iterable[Finding]:
    """A negation put in or left out between words that are otherwise the same."""
    for _, i1, i2, j1, j2 in pair.edits:
        mine, theirs = pair.claim[i1:i2], pair.source[j1:j2]
        if any(token.content for token in (*mine, *theirs)):
            continue
        counts = [sum(is_negation(token.text.lower()) for token in side) for side in (mine, theirs)]
        if counts[0] % 2 != counts[1] % 2:
            which = (
                "the sentence denies what the passage states"
                if counts[0]
                else "the passage denies what the sentence states"
            )
            yield Finding("negation", which, True, True)
            return


def _swapped_figures(pair: _Pair) -> Iterable[Finding]:
    """A number of the source with the thing that another number counts there: the word right after it."""
    counts = [
        (one, after) for one, after in _neighbours(pair.source) if one.figure and after.content and not after.figure
    ]
    for token, after in _neighbours(pair.claim):
        if not token.figure or after.figure:
            continue
        same = [one for one, next_one in counts if next_one.key == after.key]
        if (
            len(same) == 1
            and same[0].figure
            and same[0].figure.unit == token.figure.unit
            and not _says_same(token, same[0])
        ):
            rival = f"{same[0].text} {after.text}"
            yield Finding(
                "number", f"the passage says {rival}, the sentence says {token.text} {after.text}", True, True
            )


def _neighbours(tokens: Sequence[Token]) -> Iterable[tuple[Token, Token]]:
    """Each token with the one after it."""
    return pairwise(tokens)


def _swapped_places(pair: _Pair) -> Iterable[Finding]:
    """Two names, dates or numbers that changed places: ``A bought B`` against ``B bought A``."""
    if _is_passive(pair.claim) != _is_passive(pair.source):
        return
    mine, theirs = _places(pair.claim), _places(pair.source)
    shared = [key for key in mine if key in theirs]
    for i, one in enumerate(shared):
        for other in shared[i + 1 :]:
            if not _content_between(pair.claim, mine[one], mine[other]):
                continue
            if any(_exchanged(pair, (mine[one], mine[other]), (theirs[one], theirs[other]), step) for step in (-1, 1)):
                a, b = (pair.claim[mine[key]].text for key in (one, other))
                yield Finding("roles", f"the passage has {a} and {b} the other way round", True, True)
                return


def _places(tokens: Sequence[Token]) -> dict[str, int]:
    """Where the names, dates and figures stand that occur once in a sentence."""
    keys = Counter(token.key for token in tokens)
    return {token.key: i for i, token in enumerate(tokens) if token.kind != "word" and keys[token.key] == 1}


def _exchanged(pair: _Pair, mine: tuple[int, int], theirs: tuple[int, int], step: Literal[-1, 1]) -> bool:
    """Whether each of two tokens has, on one side, the neighbour that the other has in the source."""
    here = [_key_at(pair.claim, place + step) for place in mine]
    there = [_key_at(pair.source, place + step) for place in theirs]
    return here[0] != here[1] and here == there[::-1]


def _key_at(tokens: Sequence[Token], place: int) -> str:
    """The key at a place, empty beyond the ends."""
    return tokens[place].key if 0 <= place < len(tokens) else ""


def _content_between(tokens: Sequence[Token], one: int, other: int) -> bool:
    """Whether something is said between two places, more than ``and``."""
    first, last = sorted((one, other))
    return any(token.content and token.kind == "word" for token in tokens[first + 1 : last])


def _is_passive(tokens: Sequence[Token]) -> bool:
    """Whether something is done ``by`` someone."""
    return any(token.text.lower() == "by" for token in tokens)


def _dropped_hedges(pair: _Pair) -> Iterable[Finding]:
    """Content that the source calls planned or possible and the claim calls fact, or the reverse."""
    for token in pair.claim:
        same = [other for other in pair.source if other.key == token.key and token.content]
        if not same or any(other.hedge == token.hedge for other in same):
            continue
        if same[0].hedge > token.hedge:
            level = "possible" if same[0].hedge == 2 else "planned"
            yield Finding("hedge", f"the passage only calls “{token.text}” {level}", fatal=False)
            return
        if token.hedge == 2:
            yield Finding(
                "hedge", f"the passage states “{token.text}”, the sentence only calls it possible", fatal=False
            )
            return


def _changed_gender(pair: _Pair) -> Iterable[Finding]:
    """He for she, Mr for Ms: one more of these and one less of those than in the source."""
    mine, theirs = ([token.text.lower() for token in side] for side in (pair.claim, pair.source))
    for one, other in ((_HE, _SHE), (_SHE, _HE)):
        more = sum(word in one for word in mine) > sum(word in one for word in theirs)
        if more and sum(word in other for word in mine) < sum(word in other for word in theirs):
            word, source_word = (
                next(word for word in side if word in kin) for side, kin in ((mine, one), (theirs, other))
            )
            reason = f"the passage says “{source_word}” where the sentence says “{word}”"
            yield Finding("name", reason, True, True)

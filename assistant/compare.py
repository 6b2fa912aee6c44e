"""Two readings laid side by side: what the sentence says that its source does not, and the reason in words.

`assistant.verify` calls `compare` with the sentence to check and the source sentence nearest to it. Where the two run
alike, a word that stands in another's place is judged by its kind: number, date, name, direction, negation.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from assistant.absent import absent_dates, absent_figures, absent_names, absent_quotations, opposed_words
from assistant.added import added_phrases
from assistant.bindings import foreign_figures
from assistant.conditions import dropped_conditions
from assistant.earlier import compared_figures
from assistant.pairing import ALIKE, Check, Finding, Pair, is_acronym, shared_keys
from assistant.polarity import are_opposites, are_synonyms, is_negation, stem
from assistant.reading import Reading, Token
from assistant.swaps import swapped_figures, swapped_places

__all__ = ["Comparison", "compare"]

_SAME_STORY = 0.6  # share of the content in the source's order from which one word in another's place is a change
_SHORT_SLOT = 4  # words of a name or date that stands in another's place
_NEARLY_SAME = 0.75  # the same, for what a freer wording may change too: plain words, shades of certainty
_HE: Final = frozenset("he him his himself mr".split())
_SHE: Final = frozenset("she her hers herself mrs ms miss".split())


@dataclass(frozen=True, slots=True)
class Comparison:
    """kept: share of the sentence's content tokens that the source sentence holds, 0..1. aligned: in the same order."""

    kept: float
    aligned: float
    findings: tuple[Finding, ...]


def compare(claim: Reading, source: Reading, rest: Sequence[Reading]) -> Comparison:
    """What ``claim`` says that ``source``, its nearest sentence, does not; ``rest`` is all that is quoted."""
    pair = Pair(shared_keys(claim.tokens, source.tokens), source.tokens, tuple(rest))
    content = [token for token in pair.claim if token.content]
    kept = sum(token.key in pair.source_keys for token in content) / len(content) if content else 0.0
    findings = [
        *absent_quotations(claim, rest),
        *absent_figures(pair, kept),
        *absent_dates(pair, kept),
        *absent_names(pair, kept),
        *opposed_words(pair),
    ]
    if max(pair.aligned, pair.aligned_words) >= _SAME_STORY:
        findings += [*_changed_slots(pair), *_changed_polarity(pair)]
    if kept >= ALIKE:
        findings += [*swapped_figures(pair), *swapped_places(pair), *compared_figures(claim, source)]
        findings += foreign_figures(pair, source)
        findings += dropped_conditions(pair, claim.text, source)
    if pair.aligned >= _NEARLY_SAME:
        findings += [*_dropped_hedges(pair), *_changed_gender(pair)]
    findings += added_phrases(pair, claim.text)
    return Comparison(kept, pair.aligned, tuple(dict.fromkeys(findings)))


def _changed_slots(pair: Pair) -> Iterable[Finding]:
    """Where the two run alike but for a word: what stands in whose place."""
    for tag, i1, i2, j1, j2 in pair.edits:
        if tag != "replace":
            continue
        foreign = [token for token in pair.claim[i1:i2] if pair.claim_keys[token.key] > pair.source_keys[token.key]]
        missing = [token for token in pair.source[j1:j2] if pair.source_keys[token.key] > pair.claim_keys[token.key]]
        for token in foreign:
            yield from _judge_slot(token, foreign, missing, pair)


def _judge_slot(token: Token, foreign: list[Token], missing: list[Token], pair: Pair) -> Iterable[Finding]:
    """What a foreign token of the claim means, given the source's tokens that stand in its place."""
    said = f"where the sentence says “{token.text}”"
    opposite = next((one for one in missing if are_opposites(_word_key(token), _word_key(one))), None)
    if opposite and opposite.negated == token.negated:
        yield Finding("direction", f"the passage says “{opposite.text}” {said}", True, True)
        return
    if token.figure or token.date:
        rival = next(
            (one for one in missing if type(one.figure) is type(token.figure) and (one.figure or one.date)), None
        )
        other = next((one for one in missing if one.kind in ("name", "code")), None)
        check: Check = "number" if token.figure else "date"
        if rival:
            yield Finding(check, f"the passage says {rival.text}, the sentence says {token.text}", True, True)
        elif other and pair.aligned >= _NEARLY_SAME and max(len(foreign), len(missing)) <= _SHORT_SLOT:
            yield Finding(check, f"the passage names {other.text} {said}", True, True)
        return
    if token.kind in ("name", "code"):
        rival = next((one for one in missing if one.kind != "word"), None)
        short = max(len(foreign), len(missing)) <= _SHORT_SLOT or pair.aligned >= _NEARLY_SAME
        place = Reading(" ".join(one.text for one in missing), tuple(missing))
        if (
            rival
            and short
            and not is_acronym(token, [place])
            and not is_acronym(rival, [Reading(token.text, pair.claim)])
        ):
            yield Finding(
                "name", f"the passage names {rival.text} {said}", not token.opening or not rival.opening, True
            )
            return
    rivals = [one for one in missing if one.content]
    if (
        not token.content
        or not rivals
        or pair.aligned < _NEARLY_SAME
        or sum(one.content for one in foreign) != len(rivals)  # a phrase told otherwise, not a word changed
        or any(are_synonyms(token.key, one.key) for one in rivals)
    ):
        return
    reason, words = f"the passage says “{rivals[0].text}” {said}", (token.text.lower(), rivals[0].text.lower())
    yield Finding("wording", reason, fatal=False, words=words)


def _word_key(token: Token) -> str:
    """The key of a token as a word: ``first`` is a figure and the opposite of ``last``."""
    return stem(token.text) if token.figure else token.key


def _changed_polarity(pair: Pair) -> Iterable[Finding]:
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


def _loose_negations(pair: Pair) -> Iterable[Finding]:
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


def _dropped_hedges(pair: Pair) -> Iterable[Finding]:
    """Content that the source calls planned or possible and the claim calls fact."""
    for token in pair.claim:
        same = [other for other in pair.source if other.key == token.key and token.content]
        if not same or any(other.hedge == token.hedge for other in same):
            continue
        if same[0].hedge > token.hedge:
            level = "possible" if same[0].hedge == 2 else "planned"
            yield Finding("hedge", f"the passage only calls “{token.text}” {level}", fatal=False)
            return


def _changed_gender(pair: Pair) -> Iterable[Finding]:
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

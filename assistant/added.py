"""What a sentence adds to its source: a clause or phrase whose words stand nowhere in what it cites.

*The bridge opened on Saturday after a fatal accident* is not borne out by an article that only tells of the opening.
For `assistant.compare`. The rest of the sentence must follow its source closely: a free rewording is all new words.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Final

from assistant.pairing import ALIKE, Finding, Pair, is_acronym, same_name
from assistant.polarity import are_synonyms, stem
from assistant.reading import Reading, Token

__all__ = ["added_phrases", "are_kin"]

# Words at which a new phrase begins: what they bring in can be left off and the rest still stands.
_OPENERS: Final = frozenset(
    "after before because despite following amid amidst during while although though but and or which who whose where "
    "when whereas since until unless if as under over against in into on at with without within by thanks through to "
    "for from about between among upon near via per that of so than owing due".split()
)
_CIRCUMSTANCES: Final = frozenset(
    "after before because despite following amid amidst during while although in on at with without under over against "
    "since until by thanks near owing due".split()
)
_CLAUSE_OPENERS: Final = frozenset(
    "after before because despite following amid during while although though which who whose where when whereas since "
    "until unless if as".split()
)
# Words that say nothing of the matter: how a report speaks of itself, and what any paraphrase may put in.
_LIGHT: Final = frozenset(
    stem(word)
    for word in (
        "article report say state note describe mention accord total overall respectively currently recently people "
        "thing way number part kind type use make take give get go come become know call name include involve help "
        "show provide different various certain several many other particular general specific main example case "
        "fact time year day today new large small well known located based work form place set put keep want need "
        "try start begin see find look happen occur exist remain continue lead cause create produce allow base"
    ).split()
)


# Share of the other content that the source must hold: bench/verify.py, clauses and phrases added against honest
# rewordings and the claims that ExpertQA's judges found complete.
_KEPT: Final = 0.65
_KEPT_BY_ONE_WORD: Final = 0.85


def added_phrases(pair: Pair, text: str) -> Iterable[Finding]:
    """The longest stretch of the claim that was put in and says what no quote says; ``text`` is the claim's own."""
    put_in = {i for tag, start, end, _, _ in pair.edits if tag == "delete" for i in range(start, end)}
    changed = {i for tag, start, end, _, _ in pair.edits if tag == "replace" for i in range(start, end)}
    known = {token.key for reading in pair.rest for token in reading.tokens}
    new = [i in put_in | changed and _is_new(token, known, pair.rest) for i, token in enumerate(pair.claim)]
    phrases = [*((run, {i for i in run if new[i]}) for run in _runs(pair.claim, new)), *_scattered(pair)]
    for run, words in sorted(phrases, key=lambda phrase: -len(phrase[1])):
        circumstance = pair.claim[run.start].text.lower() in _CIRCUMSTANCES
        if not words <= put_in and not circumstance:
            continue  # other words in the place of the source's: a rewording, unless it tells of a circumstance
        least = _KEPT if len(words) > 1 and (words <= put_in or circumstance) else _KEPT_BY_ONE_WORD
        if _rest_kept(words, pair, pair.source_keys) >= least or (
            _rest_kept(words, pair, known) == 1 and _rest_kept(words, pair, pair.source_keys) >= ALIKE
        ):
            said = text[pair.claim[run.start].start : pair.claim[run.stop - 1].end]
            yield Finding("added", f"the passage does not say “{said}”", fatal=False)
            return


def _rest_kept(words: set[int], pair: Pair, keys: Container[str]) -> float:
    """Share of the claim's other content that is among some keys, 0..1."""
    others = [token.key in keys for i, token in enumerate(pair.claim) if token.content and i not in words]
    return sum(others) / len(others) if others else 0.0


def _scattered(pair: Pair) -> Iterator[tuple[range, set[int]]]:
    """Clauses whose words the quotes hold, if at all, only here and there: no two neighbouring sentences say them.

    Each with the places of the words that the two which hold most of it lack.
    """
    sentences = [{token.key for token in reading.tokens} for reading in pair.rest]
    windows = [one | other for one, other in zip(sentences, [*sentences[1:], set()], strict=True)]
    for clause in _cut(pair.claim, _CLAUSE_OPENERS):
        content = {i for i in clause if pair.claim[i].content}
        lacking = min(
            ({i for i in content if pair.claim[i].key not in keys} for keys in windows), key=len, default=set()
        )
        if len(content) >= 3 and len(lacking) > 0.6 * len(content):
            yield clause, lacking


def _is_new(token: Token, known: set[str], rest: Sequence[Reading]) -> bool:
    """Whether a token carries meaning that no quote holds in any form."""
    if not token.content or token.kind in ("figure", "date") or token.key in known or token.key in _LIGHT:
        return False
    if any(same_name(token.key, one) or are_synonyms(token.key, one) or are_kin(token.key, one) for one in known):
        return False
    return not is_acronym(token, rest)


def are_kin(one: str, other: str) -> bool:
    """Whether two stems are of one family: ``announc`` and ``announcement``, ``govern`` and ``government``."""
    shared = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return shared >= 5 or (shared >= 4 and shared >= min(len(one), len(other)) - 1)


def _runs(tokens: Sequence[Token], new: Sequence[bool]) -> Iterator[range]:
    """Neighbouring phrases whose content is new, as one range of places."""
    run: range | None = None
    for phrase in _cut(tokens, _OPENERS):
        content = [i for i in phrase if tokens[i].content and (new[i] or tokens[i].key not in _LIGHT)]
        foreign = sum(new[i] for i in content)
        if content and 3 * foreign >= 2 * len(content):
            run = range(run.start if run else phrase.start, phrase.stop)
        elif content and run:
            yield run
            run = None
    if run:
        yield run


def _cut(tokens: Sequence[Token], openers: frozenset[str]) -> Iterable[range]:
    """The phrases of a sentence: each begins at an opening word or after a pause."""
    starts = [
        i
        for i, token in enumerate(tokens)
        if i == 0
        or token.text.lower() in openers
        or (token.start > tokens[i - 1].end + 1)  # a comma or dash stood between
    ]
    return [range(a, b) for a, b in zip(starts, [*starts[1:], len(tokens)], strict=True)]

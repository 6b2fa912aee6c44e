"""Names, dates and numbers of a source that changed places in the sentence that cites it. For `assistant.compare`."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise
from typing import Final

from assistant.pairing import Finding, Pair, says_same
from assistant.polarity import is_past, stem
from assistant.reading import Token

__all__ = ["swapped_figures", "swapped_places"]

# What holds both ways round: *A met B* is *B met A*.
_MUTUAL: Final = frozenset(map(stem, "meet met marry face play partner border merge talk".split()))
_JOINING: Final = frozenset("and or nor with between both versus vs the a an of".split())
_ALL_BUT: Final = 0.9
_TO_BE: Final = frozenset("is are was were be been being get got gets".split())
_MOST_PLACES: Final = 30  # names, dates and numbers of one sentence that are tried in each other's place

Place = tuple[int, int]


def swapped_figures(pair: Pair) -> Iterable[Finding]:
    """A number of the source with the thing that another number counts there: the word right after it."""
    counts = [(one, after) for one, after in pairwise(pair.source) if one.figure and after.content and not after.figure]
    for token, after in pairwise(pair.claim):
        if not token.figure or after.figure:
            continue
        same = [one for one, next_one in counts if next_one.key == after.key]
        if (
            len(same) == 1
            and same[0].figure
            and same[0].figure.unit == token.figure.unit
            and not says_same(token, same[0])
        ):
            rival = f"{same[0].text} {after.text}"
            yield Finding(
                "number", f"the passage says {rival}, the sentence says {token.text} {after.text}", True, True
            )


def swapped_places(pair: Pair) -> Iterable[Finding]:
    """Two names, dates or numbers that changed places: ``A bought B`` against ``B bought A``.

    The test: with the two exchanged, the sentence runs along its source by both of them more than before.
    """
    if _is_passive(pair.claim) != _is_passive(pair.source):
        yield from _changed_doers(pair)
        return
    keys = [token.key for token in pair.claim]
    theirs = [token.key for token in pair.source]
    before = _common(keys, theirs)
    if before == len(keys):
        return
    for one, other in _couples(pair):
        mended = [
            *keys[: one[0]],
            *keys[slice(*other)],
            *keys[one[1] : other[0]],
            *keys[slice(*one)],
            *keys[other[1] :],
        ]
        after = _common(mended, theirs)
        if after - before >= 2 or (after > before and after >= _ALL_BUT * len(keys)):
            a, b = _words(pair, one), _words(pair, other)
            yield Finding("roles", f"the passage has “{a}” and “{b}” the other way round", True, True)
            return


def _couples(pair: Pair) -> Iterator[tuple[Place, Place]]:
    """Pairs of names, dates or figures of the claim that the source holds too, in order, with words between them."""
    held = set(pair.source_keys)
    moved = {i for _, start, end, _, _ in pair.edits for i in range(start, end)}
    places = [place for place in _places(pair.claim) if held.issuperset(_keys(pair, place))][:_MOST_PLACES]
    for one, other in combinations(places, 2):
        if moved.isdisjoint((one[0], other[0])):
            continue
        if one[1] <= other[0] and _keys(pair, one) != _keys(pair, other) and _one_way(pair.claim[one[1] : other[0]]):
            yield one, other


def _one_way(between: Sequence[Token]) -> bool:
    """Whether the words between two names make it matter which comes first: not ``and``, not ``met``."""
    telling = [token for token in between if token.key not in _MUTUAL and token.text.lower() not in _JOINING]
    joined = any(token.text.lower() in _JOINING for token in between)
    return any(token.content for token in telling) if joined or len(telling) < len(between) else bool(telling)


def _places(tokens: Sequence[Token]) -> list[Place]:
    """Where the names (whole: ``Greater Los Angeles``), dates and figures stand: first token and the one after."""
    places: list[Place] = []
    for i, token in enumerate(tokens):
        if token.kind == "word":
            continue
        places.append((i, i + 1))
        first = i
        while first and _continues(tokens[first - 1], tokens[first]):
            first -= 1
        ends = i + 1 == len(tokens) or not _continues(token, tokens[i + 1])
        if ends and first < i:
            places.append((first, i + 1))
    return places


def _continues(token: Token, following: Token) -> bool:
    """Whether two tokens are parts of one name."""
    named = {token.kind, following.kind} <= {"name", "code"}
    return named and following.start == token.end + 1 and not token.text.endswith("'s")


def _keys(pair: Pair, place: Place) -> list[str]:
    return [token.key for token in pair.claim[slice(*place)]]


def _words(pair: Pair, place: Place) -> str:
    """The whole name that a place is part of, as the claim has it."""
    holding = [one for one in _places(pair.claim) if one[0] <= place[0] and place[1] <= one[1]]
    whole = max(holding, key=lambda one: one[1] - one[0])
    return " ".join(token.text for token in pair.claim[slice(*whole)]).removesuffix("'s")


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for key in one:
        corner = 0
        for j, theirs in enumerate(other, 1):
            corner, row[j] = row[j], corner + 1 if key == theirs else max(row[j], row[j - 1])
    return row[-1]


def _is_passive(tokens: Sequence[Token]) -> bool:
    """Whether something is done ``by`` someone."""
    return any(token.text.lower() == "by" for token in tokens)


def _changed_doers(pair: Pair) -> Iterable[Finding]:
    """The doer of one side is the other's sufferer: ``A was bought by B`` against ``A bought B``."""
    theirs = dict(_deeds(pair.source))
    for verb, (doer, sufferer) in _deeds(pair.claim):
        if (
            verb in theirs
            and verb not in _MUTUAL
            and _one_name(doer, theirs[verb][1])
            and _one_name(sufferer, theirs[verb][0])
        ):
            a, b = (" ".join(token.text for token in name) for name in theirs[verb])
            yield Finding("roles", f"the passage has “{a}” and “{b}” the other way round", True, True)
            return


def _deeds(tokens: Sequence[Token]) -> Iterator[tuple[str, tuple[Sequence[Token], Sequence[Token]]]]:
    """Each verb in the past between two names, with who did it and to whom."""
    names = [
        place for place in _places(tokens) if all(token.kind in ("name", "code") for token in tokens[slice(*place)])
    ]
    for i, token in enumerate(tokens):
        before = [place for place in names if place[1] <= i]
        after = [place for place in names if place[0] > i]
        if token.kind != "word" or not is_past(token.text.lower()) or not before or not after:
            continue
        first, second = max(before, key=lambda place: place[1]), min(after, key=lambda place: (place[0], -place[1]))
        first = min((place for place in before if place[1] == first[1]), key=lambda place: place[0])
        done = any(one.text.lower() in _TO_BE for one in tokens[max(0, i - 2) : i])
        passive = done and any(one.text.lower() == "by" for one in tokens[i + 1 : second[0]])
        pair = tokens[slice(*first)], tokens[slice(*second)]
        yield token.key, (pair[1], pair[0]) if passive else pair


def _one_name(one: Sequence[Token], other: Sequence[Token]) -> bool:
    """Whether two names share a word."""
    return bool({token.key for token in one} & {token.key for token in other})

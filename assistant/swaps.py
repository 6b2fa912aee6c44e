"""Names, dates and numbers of a source that changed places in the sentence that cites it. For `assistant.compare`."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal

from assistant.pairing import Finding, Pair, says_same
from assistant.reading import Token

__all__ = ["swapped_figures", "swapped_places"]


def swapped_figures(pair: Pair) -> Iterable[Finding]:
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
            and not says_same(token, same[0])
        ):
            rival = f"{same[0].text} {after.text}"
            yield Finding(
                "number", f"the passage says {rival}, the sentence says {token.text} {after.text}", True, True
            )


def _neighbours(tokens: Sequence[Token]) -> Iterable[tuple[Token, Token]]:
    """Each token with the one after it."""
    return pairwise(tokens)


def swapped_places(pair: Pair) -> Iterable[Finding]:
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


def _exchanged(pair: Pair, mine: tuple[int, int], theirs: tuple[int, int], step: Literal[-1, 1]) -> bool:
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

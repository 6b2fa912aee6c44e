"""Whose figure it is: a number that the source gives to one, told of another. For `assistant.compare`.

*Ruiz took 48 percent, Holm 41 percent* does not say that Holm took 48 percent, though every word of it stands there.
"""

import re
from collections.abc import Iterable
from typing import Final

from assistant.pairing import Finding, Pair, says_same
from assistant.reading import Reading, Token

__all__ = ["foreign_figures"]

# Between these the source speaks of one thing at a time.
_TURNS: Final = frozenset("and but while whereas against versus vs compared from to or then".split())
_PAUSE: Final = re.compile(r"[,;:.()–—]")
_OWNERS: Final = ("name", "code", "date")


def foreign_figures(pair: Pair, source: Reading) -> Iterable[Finding]:
    """Figures of the claim that the source gives to another owner, where it gives the claim's owner one of its own.

    An owner is a name or a date in the figure's part of the sentence, else the nearest before it.
    """
    parts = _parts(source)
    claimed = {token.key for token in pair.claim}
    for token in pair.claim:
        if not token.figure or token.figure.small or token.figure.unit == "ordinal":
            continue
        own = [i for i, other in enumerate(source.tokens) if other.figure and says_same(token, other)]
        strangers = _owners(source, parts, own[0]) if len(own) == 1 else []
        if not strangers or any(one.key in claimed for one in strangers):
            continue
        for i, other in enumerate(source.tokens):
            owner = next((one for one in _owners(source, parts, i) if one.key in claimed), None)
            if owner and parts[i] != parts[own[0]] and _is_rival(other, token, claimed):
                said = f"the passage gives {token.text} for {strangers[0].text}, and {other.text} for {owner.text}"
                yield Finding("number", said, True, True)
                break


def _parts(source: Reading) -> list[int]:
    """For each token of the source, the number of its part: parts end at pauses and before words of turning."""
    numbers, number = [], 0
    for i, token in enumerate(source.tokens):
        between = source.text[source.tokens[i - 1].end : token.start] if i else ""
        number += bool(_PAUSE.search(between)) or token.text.lower() in _TURNS
        numbers.append(number)
    return numbers


def _owners(source: Reading, parts: list[int], place: int) -> list[Token]:
    """The names and dates in the part of a place; where it has none, the last ones before it."""
    owners = [(part, token) for part, token in zip(parts, source.tokens, strict=True) if token.kind in _OWNERS]
    reached = max((part for part, _ in owners if part <= parts[place]), default=None)
    return [token for part, token in owners if part == reached]


def _is_rival(other: Token, figure: Token, claimed: set[str]) -> bool:
    """Whether a figure of the source could stand in the claim's place."""
    if not other.figure or not figure.figure or other.key in claimed:
        return False
    return other.figure.unit == figure.figure.unit and not says_same(figure, other)

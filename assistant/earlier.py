"""Figures that a source gives only to compare with: the year before, the old price, the forecast that was missed.

*Profit was 210 million, down from 256 million a year earlier* does not say that profit was 256 million.
"""

import re
from collections.abc import Iterable
from typing import Final

from assistant.pairing import Finding, says_same
from assistant.reading import Reading, Token

_CHANGE: Final = re.compile(
    r"\b(?:r[oi]se|risen|rising|f[ae]ll|fallen|falling|drop\w*|declin\w*|(?:in|de)creas\w*|gr[eo]w\w*|cut|cuts|rais\w*"
    r"|lower\w*|up|down|slip\w*|jump\w*|climb\w*|shr[aiu]nk\w*|plung\w*|surg\w*|narrow\w*|widen\w*|revis\w*|slash\w*)\b",
    re.IGNORECASE,
)
_LITTLE: Final = r"(?:(?:up to|about|around|some|nearly|roughly|a|an|the|its|just|only)\s+)*\W*$"
_FROM: Final = re.compile(rf"\bfrom\s+{_LITTLE}", re.IGNORECASE)
_COMPARED: Final = re.compile(
    rf"\b(?:against|versus|vs\.?|compared (?:with|to)|instead of|rather than|(?:below|above|than|from) the (?:\w+ )?"
    rf"(?:figure|estimate|forecast|target|level|price|record) of)\s+{_LITTLE}",
    re.IGNORECASE,
)
_AFTER: Final = re.compile(
    r"\W*(?:\w+\W+){0,2}?(?:(?:a|one|the) (?:year|month|week|quarter|decade) (?:earlier|ago|before)"
    r"|(?:in )?the (?:previous|prior|preceding) (?:year|month|week|quarter|season)|previously)\b",
    re.IGNORECASE,
)


def compared_figures(claim: Reading, source: Reading) -> Iterable[Finding]:
    """Figures the sentence states as they are, where its source gives them only as what something is compared with."""
    for token in claim.tokens:
        if not token.figure or token.figure.small or _is_compared(token, claim):
            continue
        same = [other for other in source.tokens if other.figure and says_same(token, other)]
        if not same or not all(_is_compared(other, source) for other in same):
            continue
        rival = next((other for other in source.tokens if _could_replace(other, token, source)), None)
        told = f"; its own figure is {rival.text}" if rival else ""
        yield Finding("number", f"the passage gives {token.text} only to compare with{told}", True, rival is not None)


def _is_compared(token: Token, reading: Reading) -> bool:
    before, after = reading.text[: token.start], reading.text[token.end :]
    if _COMPARED.search(before) or _AFTER.match(after):
        return True
    return bool(_FROM.search(before) and _CHANGE.search(before[-80:]))


def _could_replace(other: Token, token: Token, source: Reading) -> bool:
    """Whether the source states another figure of the same unit as its own."""
    if not other.figure or not token.figure or other.figure.unit != token.figure.unit:
        return False
    return not says_same(token, other) and not _is_compared(other, source)

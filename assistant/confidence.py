"""The evidence gate: how sure it is that the evidence answers the question, before anything is written.

A logistic formula over a handful of readings of the evidence, one for all questions.
"""

import math
from dataclasses import astuple, dataclass
from typing import Final

# Above it the question counts as answered.
ANSWERED: Final = 0.5


@dataclass(frozen=True, slots=True)
class Readings:
    """What the gate looks at, each 0..1 (cosines -1..1).

    cosine: of the question and the best sentence. coverage: share of the question's words, weighed by rarity, in the best
    sentence with its context. missing: share of the question's names and figures found nowhere in the evidence.
    typed: the best sentence holds a span of the wanted kind. near: how close it stands to the question's words.
    margin: cosine of the best sentence less the mean of the others.
    """

    cosine: float
    coverage: float
    missing: float
    typed: float
    near: float
    margin: float


_WEIGHTS: Final = (8.0, 2.0, -1.5, 0.5, 0.5, 0.0)
_BIAS: Final = -4.5


def confidence_from(readings: Readings) -> float:
    """0..1, that the evidence answers the question."""
    total = _BIAS + sum(weight * value for weight, value in zip(_WEIGHTS, astuple(readings), strict=True))
    return 1 / (1 + math.exp(-total))

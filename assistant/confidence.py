"""The evidence gate: how sure it is that the evidence answers the question, before anything is written.

A logistic formula over a handful of readings of the best sentences and their passages, one for all questions.
"""

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assistant.answer import Evidence
from assistant.candidates import FEATURES, Candidate, part_of
from assistant.question import Question
from ingest.words import words_of

# The question counts as answered from this confidence on.
ANSWERED: Final = 0.5


@dataclass(frozen=True, slots=True)
class Readings:
    """What the gate looks at, each 0..1 (cosines -1..1), of the best sentences as `assistant.extract` ranks them.

    cosine: the best of question and sentence. with_previous: the best of question and two neighbouring sentences.
    context: share of the question's words, weighed by rarity, in the best sentence, the one before and the title.
    passage: the same in the whole passage. words: share of the question's words in the passage and title, unweighed.
    missing: share of the question's names and figures that the passage and title do not hold.
    typed: the best sentence holds a span of the wanted form. near: question words close to it. pairs: see `FEATURES`.
    """

    cosine: float
    with_previous: float
    context: float
    passage: float
    words: float
    missing: float
    typed: float
    near: float
    pairs: float


_WEIGHTS: Final = Readings(
    cosine=5.0, with_previous=5.0, context=1.0, passage=1.0, words=1.0, missing=-1.0, typed=0.5, near=0.5, pairs=0.5
)
_BIAS: Final = -5.5


def confidence_from(readings: Readings) -> float:
    """0..1, that the evidence answers the question."""
    total = _BIAS + sum(weight * value for weight, value in zip(astuple(_WEIGHTS), astuple(readings), strict=True))
    return 1 / (1 + math.exp(-total))


def read_evidence(
    question: Question,
    candidates: Sequence[Candidate],
    rows: NDArray[np.int64],
    features: NDArray[np.float32],
    evidence: Sequence[Evidence],
) -> Readings:
    """The readings from the sentences in rank order: their rows among the candidates and their features (n, n_features + 2).

    The last two columns are the cosines of the sentence alone and with the one before.
    """
    best = dict(zip(FEATURES, features[0].tolist(), strict=False))
    index = candidates[int(rows[0])].index
    held = {term for one in candidates if one.index == index for term in one.terms}
    held.update(words_of(evidence[index].article.title))
    telling = question.names | question.numbers
    return Readings(
        cosine=float(features[:, -2].max()),
        with_previous=float(features[:, -1].max()),
        context=best["context"],
        passage=best["passage_words"],
        words=part_of(frozenset(question.words), held),
        missing=1 - part_of(telling, held) if telling else 0.0,
        typed=max(best["form"], best["name"]),
        near=max(best["form_near"], best["name_near"], best["other_near"]),
        pairs=best["pairs"],
    )

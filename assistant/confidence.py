"""The evidence gate: how sure it is that the evidence answers the question, before anything is written.

A logistic formula over a handful of readings of the best sentences, one for all questions; `bench/fit_answers.py` fits
it and `bench/answers.py` measures it.
"""

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assistant.answer import Evidence
from assistant.candidates import FEATURES, Candidate
from assistant.premises import absent_share, turns_round
from assistant.question import Question

# The question counts as answered from this confidence on: under 2 % of the answerable XQuAD questions fall below it.
# Refusing hurts more than a weak answer, so it is lower than one half.
ANSWERED: Final = 0.25

_FORM_COLUMNS: Final = (FEATURES.index("form"), FEATURES.index("name"))
_HAVE_FORM: Final = frozenset(("date", "number", "person", "place", "name"))
_TOP: Final = 3


@dataclass(frozen=True, slots=True)
class Readings:
    """What the gate looks at, each 0..1 (the cosine -1..1), of the best sentences as `assistant.extract` ranks them.

    meaning: the best cosine of the question with a sentence and the one before it.
    context: share of the question's words, weighed by rarity, in the best sentence, the one before and the title.
    near: share of them close to a span of the wanted kind in the best sentence.
    absent: share of the question's names, years and figures that nothing found holds, nor the head of any article.
    formless: 1 when a date, a figure or a name is wanted and none of the best three sentences holds a new one.
    turned: 1 when the question says the contrary of the best sentence.
    length: terms of the question, as a share of 30, at most 1: no sentence holds all the words of a long question.
    """

    meaning: float
    context: float
    near: float
    absent: float
    formless: float
    turned: float
    length: float


# As `bench/fit_answers.py` fits them but for length, 5 there for the sake of multihop_facts alone, and small steps.
# AUROC is 0.997 off-corpus, 0.901 on clapnq, 0.729 on squad2, 0.998 on multihop_facts; each set left out of a fit:
# 0.995, 0.864, 0.689, 0.996.
_WEIGHTS: Final = Readings(meaning=7.43, context=1.8, near=0.75, absent=-5.0, formless=-1.1, turned=-3.0, length=2.0)
_BIAS: Final = -4.95
_LONG: Final = 30


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
    """The readings of the best sentences: their rows among the candidates, in rank order, and their features.

    features: (n, n_features + 2); the last column is the cosine of the sentence with the one before it.
    """
    best = dict(zip(FEATURES, features[0].tolist(), strict=False))
    sentence = candidates[int(rows[0])]
    formless = question.wants in _HAVE_FORM and not features[:_TOP, _FORM_COLUMNS].any()
    return Readings(
        meaning=float(features[:, -1].max()),
        context=best["context"],
        near=max(best["form_near"], best["name_near"], best["other_near"]),
        absent=absent_share(question, [*map(_head, evidence), *(one.text for one in candidates)]),
        formless=float(formless),
        turned=float(turns_round(question, sentence.text, candidates[sentence.previous].text)),
        length=min(len(question.words) / _LONG, 1.0),
    )


def _head(found: Evidence) -> str:
    """What stands over the text of an article: title, outlet, author, day."""
    article = found.article
    day = article.published.value[:10] if article.published else ""
    return f"{article.title}. {article.source}. {article.author}. {day}."

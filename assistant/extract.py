"""An answer without a language model: the articles' own sentences, chosen for the question and quoted as written.

Evidence goes in, at most three sentences come out, the best first, with the short answer marked where there is one and
the confidence that the evidence answers at all. Every sentence is ``article.text[start:end]``, never a character altered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assistant.answer import Evidence
from assistant.candidates import FEATURES, Candidate, answer_spans, candidates_of, features_of, nearness
from assistant.confidence import Readings, confidence_from
from assistant.question import Question, read_question
from assistant.trim import trimmed
from ingest.embed import Embedder
from ingest.words import words_of

Floats = NDArray[np.float32]

# Sentences of the evidence that are embedded, the best by words first.
_EMBEDDED: Final = 16
_WEIGHTS: Final = {
    "coverage": 3.0,
    "context": 2.0,
    "after": 0.3,
    "pairs": 1.0,
    "names": 0.3,
    "numbers": 0.3,
    "head": 0.3,
    "typed": 1.0,
    "near": 1.0,
    "passage": 1.0,
    "first": 0.3,
    "length": 1.0,
    "new": 0.0,
}
_COSINE_WEIGHT: Final = 6.0
_SAME: Final = 0.8  # two sentences with this share of words in common say the same


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of the answer: ``evidence[index].article.text[start:end] == text``."""

    index: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Extract:
    """What the evidence says to a question, in its own words.

    sentences: the best first; empty only when the evidence holds no text. short_answer: a stretch of the first sentence, as
    written. confidence: 0..1, that the evidence answers the question. nearest: number of the evidence that comes nearest,
    answer or not; None when there is no evidence.
    """

    sentences: tuple[Quote, ...]
    short_answer: str | None
    confidence: float
    nearest: int | None


def extract_answer(
    question: str, evidence: Sequence[Evidence], embedder: Embedder, *, max_sentences: int = 3
) -> Extract:
    """The sentences of the evidence that answer the question best, at most ``max_sentences``, none over 80 words."""
    asked = read_question(question)
    candidates = candidates_of(evidence)
    if not candidates:
        return Extract((), None, 0.0, 0 if evidence else None)
    features = features_of(asked, candidates, evidence)
    lexical = features @ np.array([_WEIGHTS[name] for name in FEATURES], np.float32)
    kept = np.argsort(-lexical, kind="stable")[:_EMBEDDED]
    cosines = _cosines(question, [candidates[at].text for at in kept], embedder)
    scores = lexical[kept] + _COSINE_WEIGHT * cosines
    order = np.argsort(-scores, kind="stable")
    ranked = [candidates[kept[at]] for at in order]
    chosen = _without_repeats(ranked, max_sentences)
    quotes = tuple(_quote(asked, one, evidence) for one in chosen)
    readings = _readings(asked, features[kept[order]], cosines[order], candidates)
    return Extract(quotes, short_answer(asked, quotes[0].text), confidence_from(readings), chosen[0].index)


def short_answer(question: Question, sentence: str) -> str | None:
    """The stretch of the sentence that is the answer itself; None when the question has no short one."""
    if question.wants in ("reason", "manner", "verdict", "thing"):
        return None
    spans = answer_spans(question, sentence)
    if not spans:
        return None
    start, end = max(spans, key=lambda span: nearness(question, sentence, [span]))
    return sentence[start:end]


def _cosines(question: str, sentences: Sequence[str], embedder: Embedder) -> Floats:
    """(n_sentences,) float32 cosines of the question and each sentence."""
    asked: Floats = embedder.encode_questions([question])[0]
    cosines: Floats = embedder.encode_passages(sentences) @ asked
    return cosines


def _without_repeats(ranked: Sequence[Candidate], limit: int) -> list[Candidate]:
    """The first sentences that each say something the ones before do not."""
    chosen: list[Candidate] = []
    for one in ranked:
        if len(chosen) == limit:
            break
        if not any(_says_the_same(one, other) for other in chosen):
            chosen.append(one)
    return chosen


def _says_the_same(one: Candidate, other: Candidate) -> bool:
    """Whether two sentences are near copies, told by the words they share."""
    these, those = set(one.terms), set(other.terms)
    shared = len(these & those)
    return (
        bool(shared)
        and shared >= _SAME * min(len(these), len(those))
        and shared >= _SAME * 0.8 * max(len(these), len(those))
    )


def _quote(question: Question, one: Candidate, evidence: Sequence[Evidence]) -> Quote:
    """The sentence as it will be quoted, trimmed when it is too long."""
    start, end = trimmed(one.text, question.words)
    text = evidence[one.index].article.text[one.start + start : one.start + end]
    return Quote(one.index, one.start + start, one.start + end, text)


def _readings(question: Question, features: Floats, cosines: Floats, candidates: Sequence[Candidate]) -> Readings:
    """What the evidence gate looks at, from the sentences in rank order."""
    best = dict(zip(FEATURES, features[0].tolist(), strict=True))
    held = frozenset().union(*(one.terms for one in candidates))
    telling = question.names | question.numbers
    return Readings(
        cosine=float(cosines.max()),
        coverage=best["context"],
        missing=len(telling - held) / len(telling) if telling else 0.0,
        typed=best["typed"],
        near=best["near"],
        margin=float(cosines[0] - cosines.mean()),
    )

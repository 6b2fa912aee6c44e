"""An answer without a language model: the articles' own sentences, chosen for the question and quoted as written.

    question, evidence -> every sentence -> the likely by words -> weighed by words and meaning -> quotes, confidence

Every quote is ``article.text[start:end]``, never a character altered. `assistant.answering` cites and shows them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assistant.answer import Evidence
from assistant.candidates import FEATURES, Candidate, answer_spans, candidates_of, features_of, overlap_of, stands_over
from assistant.confidence import confidence_from, read_evidence
from assistant.parts import sides_of
from assistant.question import Question, read_question
from assistant.short_answers import short_answer
from assistant.trim import trimmed
from ingest.embed import Embedder

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

# Both rows of weights are fitted by `bench/fit_answers.py`: log-odds per unit of each feature.
BY_WORDS: Final = {
    "context": 4.4,
    "after": 2.34,
    "passage_words": 0.35,
    "pairs": 2.23,
    "numbers": 0.9,
    "head": 0.34,
    "refers": 0.44,
    "defines": 2.5,
    "heads": -1.59,
    "passage_score": 4.71,
    "form": 1.47,
    "form_near": 4.0,
    "name": 0.92,
    "name_near": 2.44,
    "other": -0.11,
    "other_near": 1.4,
}
BY_WORDS_AND_MEANING: Final = {
    "context": 3.52,
    "after": 1.81,
    "passage_words": 0.84,
    "pairs": 1.43,
    "numbers": 0.81,
    "head": 0.4,
    "refers": 0.47,
    "defines": 2.5,
    "heads": -1.8,
    "passage_score": 2.64,
    "form": 1.17,
    "form_near": 3.3,
    "name": 1.08,
    "name_near": 1.96,
    "other": -0.03,
    "other_near": 0.96,
    "titled": 4.73,
    "joined": 3.43,
}
# XQuAD by sentences embedded, twice each (bench/fit_answers.py): 4 give 0.863 / 0.982, 6 give 0.863 / 0.985.
_READ: Final = 24
_EMBEDDED: Final = 4
# XQuAD, answers of at most three sentences: without a limit 3.0 sentences hold the answer in 0.982, within 4 logits of
# the best 2.0 sentences in 0.980, within 3 1.8 in 0.973, within 2 1.5 in 0.957.
_FAR_BEHIND: Final = 4.0
# "The difference has a plain cause." is no answer's second sentence. bench/answers.py: the answer is as often in it.
_OWN_TERMS: Final = 4
_SAME: Final = 0.8  # share of words in common from which two sentences say the same
_PARTS: Final = re.compile(r",?\s+and\s+(?=(?:who|whom|whose|what|when|where|why|which|how)\b)", re.IGNORECASE)


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

    sentences: the best first; empty only when the evidence holds no text. short_answer: a stretch of the first
    sentence, as written, None when the question has no short answer. confidence: 0..1, that the evidence answers.
    nearest: number of the evidence that comes nearest, answer or not; None when there is no evidence.
    """

    sentences: tuple[Quote, ...]
    short_answer: str | None
    confidence: float
    nearest: int | None


@dataclass(frozen=True, slots=True)
class Weighed:
    """The likely sentences of the evidence for one question.

    rows: (n,) their positions among the candidates. features: (n, n_features), the columns of `BY_WORDS_AND_MEANING`.
    """

    question: Question
    rows: Rows
    features: Floats

    @property
    def scores(self) -> Floats:
        """(n,) how well each sentence answers, the logit of a logistic formula."""
        scores: Floats = self.features @ np.fromiter(BY_WORDS_AND_MEANING.values(), np.float32)
        return scores

    @property
    def ranked(self) -> Rows:
        """(n,) places among the rows, the best sentence first."""
        return np.argsort(-self.scores, kind="stable")

    @property
    def telling(self) -> Rows:
        """Rows of the sentences worth saying, the best first: those that are not far behind it."""
        scores = self.scores
        return self.rows[[place for place in self.ranked if scores[place] >= scores.max() - _FAR_BEHIND]]


def extract_answer(
    question: str, evidence: Sequence[Evidence], embedder: Embedder, *, max_sentences: int = 3
) -> Extract:
    """The sentences of the evidence that answer the question best, at most ``max_sentences``, none over 80 words."""
    candidates = candidates_of(evidence)
    if not candidates:
        return Extract((), None, 0.0, 0 if evidence else None)
    asked = read_question(question)
    sides = [read_question(side) for side in sides_of(question)]
    weighed = weigh_sentences([asked, *(sides or _parts(asked))], candidates, evidence, embedder)
    rankings = [one.telling.tolist() for one in weighed[1:] or weighed]
    if sides:
        rankings.insert(0, weighed[0].telling[:1].tolist())
    in_turn = [row for row in chain.from_iterable(zip_longest(*rankings)) if row is not None]
    chosen = _worth_saying(asked, [candidates[row] for row in in_turn], max_sentences)
    quotes = tuple(_quote(asked, one, evidence) for one in chosen)
    whole = weighed[0]
    readings = read_evidence(asked, candidates, whole.rows[whole.ranked], whole.features[whole.ranked], evidence)
    answer = short_answer(weighed[0 if sides or len(weighed) == 1 else 1].question, quotes[0].text)
    return Extract(quotes, answer, confidence_from(readings), chosen[0].index)


def weigh_sentences(
    questions: Sequence[Question],
    candidates: Sequence[Candidate],
    evidence: Sequence[Evidence],
    embedder: Embedder,
    *,
    limit: int = _EMBEDDED,
) -> list[Weighed]:
    """The ``limit`` likely sentences for each of the questions; each text is embedded once."""
    likely = [_likely(question, candidates, evidence, limit) for question in questions]
    views = {row: _views(row, candidates, evidence) for one in likely for row in one.rows.tolist()}
    texts = list(dict.fromkeys(chain.from_iterable(views.values())))
    vectors = dict(zip(texts, embedder.encode_passages(texts), strict=True))
    asked = embedder.encode_questions([question.text for question in questions])
    return [
        replace(one, features=np.c_[one.features, _meaning([views[row] for row in one.rows.tolist()], vectors, vector)])
        for one, vector in zip(likely, asked, strict=True)
    ]


def _views(row: int, candidates: Sequence[Candidate], evidence: Sequence[Evidence]) -> tuple[str, str]:
    """A sentence after the title of its article, and after the sentence before it: alone it may not say of whom."""
    one = candidates[row]
    title = evidence[one.index].article.title
    before = candidates[one.previous].text if one.previous != row else ""
    return f"{title}: {one.text}" if title else one.text, f"{before} {one.text}" if before else one.text


def _parts(question: Question) -> list[Question]:
    """The questions that one with two parts asks, each with the names of the whole; none when it asks one thing."""
    texts = _PARTS.split(question.text)
    if len(texts) == 1:
        return []
    parts = [read_question(text) for text in texts]
    named = tuple(word for word in question.words if word in question.names)
    return [replace(part, words=tuple(dict.fromkeys((*named, *part.words)))) for part in parts]


def _likely(question: Question, candidates: Sequence[Candidate], evidence: Sequence[Evidence], limit: int) -> Weighed:
    """The sentences whose words come nearest, with the features that words give."""
    overlap = overlap_of(question, candidates, evidence)
    scores = np.fromiter((evidence[one.index].score for one in candidates), np.float32)
    rough = 2 * overlap.context + overlap.after + scores / max(float(scores.max()), 1e-9)
    rows = np.argsort(-rough, kind="stable")[:_READ]
    features = features_of(question, candidates, evidence, overlap, rows.tolist())
    by_words = features @ np.fromiter((BY_WORDS[name] for name in FEATURES), np.float32)
    best = np.argsort(-by_words, kind="stable")[:limit]
    return Weighed(question, rows[best], features[best])


def _meaning(views: Sequence[tuple[str, str]], vectors: Mapping[str, Floats], asked: Floats) -> Floats:
    """(n_rows, 2) cosines of the question with each of the two views of each sentence."""
    cosines: Floats = np.array([[vectors[view] @ asked for view in both] for both in views], np.float32).reshape(-1, 2)
    return cosines


def _worth_saying(question: Question, ranked: Sequence[Candidate], limit: int) -> list[Candidate]:
    """The best sentence, and after it those that say enough which neither the question nor the ones before do.

    A headline or a question comes first only when there is nothing else.
    """
    chosen: list[Candidate] = []
    for one in sorted(ranked, key=lambda one: stands_over(one.text)):
        if len(chosen) == limit:
            break
        if (not chosen or _tells_something(question, one)) and not any(_says_the_same(one, other) for other in chosen):
            chosen.append(one)
    return chosen


def _tells_something(question: Question, one: Candidate) -> bool:
    """Whether a sentence brings enough words, or a figure or a thing of the kind that is asked for."""
    if stands_over(one.text):
        return False
    own = set(one.terms).difference(question.words)
    return len(own) >= _OWN_TERMS or any(term.isdecimal() for term in own) or bool(answer_spans(question, one.text))


def _says_the_same(one: Candidate, other: Candidate) -> bool:
    """Whether two sentences are near copies, told by the words they share."""
    these, those = set(one.terms), set(other.terms)
    return one.text == other.text or len(these & those) > _SAME * len(these | those)


def _quote(question: Question, one: Candidate, evidence: Sequence[Evidence]) -> Quote:
    """The sentence as it will be quoted, trimmed when it is too long."""
    start, end = trimmed(one.text, question.words)
    text = evidence[one.index].article.text[one.start + start : one.start + end]
    return Quote(one.index, one.start + start, one.start + end, text)

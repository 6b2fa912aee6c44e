"""The sentences of the evidence, each with what speaks for it as an answer: a row of features per sentence.

`assistant.extract` weighs the rows and picks; `assistant.confidence` reads the best of them.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assistant.answer import Evidence
from assistant.question import Question
from assistant.spans import Span, spans_of
from ingest.sentences import split_sentences
from ingest.words import words_of

FEATURES: Final = (
    "coverage",  # share of the question's words, weighed by rarity, that the sentence holds
    "context",  # the same for the sentence, the one before and the title together
    "after",  # the same for the sentence and the one after
    "pairs",  # share of neighbouring question words that stand near each other in the sentence
    "names",  # share of the question's names in the sentence or its context
    "numbers",  # share of the question's figures in the sentence
    "head",  # holds the noun asked for
    "typed",  # holds a span of the wanted kind that the question does not
    "near",  # how close such a span stands to the question's words
    "passage",  # the passage's score beside the best passage's
    "first",  # comes from the best passage
    "length",  # words, as a share of 40, at most 1
    "new",  # share of its words that the question does not hold
)
_NEAR_WORDS: Final = 8
_LEAST_WORDS: Final = 3  # shorter sentences are headings or debris


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of the evidence: ``article.text[start:end] == text`` for the article of evidence number ``index``."""

    index: int
    start: int
    end: int
    text: str
    terms: tuple[str, ...]


def candidates_of(evidence: Sequence[Evidence]) -> list[Candidate]:
    """Every sentence of the evidence, once, in the order of the evidence."""
    seen: set[tuple[str, int]] = set()
    found: list[Candidate] = []
    for index, item in enumerate(evidence):
        passage = item.passage
        for start, end in split_sentences(passage.text):
            at = passage.start + start
            if (passage.article_id, at) not in seen:
                seen.add((passage.article_id, at))
                text = passage.text[start:end]
                found.append(Candidate(index, at, passage.start + end, text, tuple(words_of(text))))
    return found


def features_of(
    question: Question, candidates: Sequence[Candidate], evidence: Sequence[Evidence]
) -> NDArray[np.float32]:
    """(n_candidates, n_features) float32, the columns named in `FEATURES`, each about 0..1."""
    rarity = rarity_of(question.words, candidates)
    titles = [frozenset(words_of(item.article.title)) for item in evidence]
    best = max((item.score for item in evidence), default=0.0) or 1.0
    rows = np.zeros((len(candidates), len(FEATURES)), np.float32)
    sets = [frozenset(one.terms) for one in candidates]
    nothing: frozenset[str] = frozenset()
    for at, one in enumerate(candidates):
        before = sets[at - 1] if at and candidates[at - 1].index == one.index else nothing
        after = sets[at + 1] if at + 1 < len(candidates) and candidates[at + 1].index == one.index else nothing
        here, title = sets[at], titles[one.index]
        around = here | before | title
        spans = answer_spans(question, one.text)
        rows[at] = (
            share(rarity, here),
            share(rarity, around),
            share(rarity, here | after | title),
            _pairs(question.words, one.terms),
            _part(question.names, around),
            _part(question.numbers, here),
            float(not question.head.isdisjoint(here)),
            float(bool(spans)),
            nearness(question, one.text, spans),
            evidence[one.index].score / best,
            float(one.index == 0),
            min(len(one.text.split()) / 40, 1.0),
            sum(term not in rarity for term in one.terms) / max(len(one.terms), _LEAST_WORDS),
        )
    return rows


def rarity_of(words: Sequence[str], candidates: Sequence[Candidate]) -> dict[str, float]:
    """How telling each word of the question is: its inverse document frequency over the sentences of the evidence."""
    counts = Counter(term for one in candidates for term in set(one.terms) if term in words)
    return {word: math.log((len(candidates) + 2) / (counts[word] + 0.5)) for word in words}


def share(rarity: dict[str, float], terms: frozenset[str]) -> float:
    """Share of the words, weighed by rarity, that are among the terms; 0 when there are no words."""
    total = sum(rarity.values())
    return sum(weight for word, weight in rarity.items() if word in terms) / total if total else 0.0


def answer_spans(question: Question, sentence: str) -> list[Span]:
    """Spans of the kind the question wants that say something the question does not."""
    known = frozenset(question.words)
    kept = []
    for start, end in spans_of(question.wants, sentence):
        terms = words_of(sentence[start:end])
        if question.wants == "reason" or any(term not in known for term in terms):
            kept.append((start, end))
    return kept


def nearness(question: Question, sentence: str, spans: Sequence[Span]) -> float:
    """How densely the question's words stand around the best of the spans: 0 none, 1 all within a few words of it."""
    return max((_density(question, sentence, span) for span in spans), default=0.0)


def _density(question: Question, sentence: str, span: Span) -> float:
    """Share of the question's words within `_NEAR_WORDS` words before or after the span."""
    left = " ".join(sentence[: span[0]].split()[-_NEAR_WORDS:])
    right = " ".join(sentence[span[1] :].split()[:_NEAR_WORDS])
    around = frozenset(words_of(f"{left} {sentence[span[0] : span[1]]} {right}"))
    return _part(frozenset(question.words), around)


def _pairs(words: Sequence[str], terms: Sequence[str]) -> float:
    """Share of the question's neighbouring words that stand within three terms of each other."""
    if len(words) < 2:
        return 0.0
    places: dict[str, list[int]] = {}
    for at, term in enumerate(terms):
        places.setdefault(term, []).append(at)
    near = sum(
        any(abs(i - j) <= 3 for i in places.get(one, ()) for j in places.get(other, ()))
        for one, other in zip(words, words[1:], strict=False)
    )
    return near / (len(words) - 1)


def _part(wanted: frozenset[str], terms: frozenset[str]) -> float:
    """Share of the wanted terms that are there; 0 when none are wanted."""
    return len(wanted & terms) / len(wanted) if wanted else 0.0

"""The sentences of the evidence, each with what speaks for it as an answer: a row of features per sentence.

`assistant.extract` weighs the rows and picks; `assistant.confidence` reads the best of them.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assistant.answer import Evidence
from assistant.definitions import says_what_it_is
from assistant.measures import counts, fits_measure, is_label, may_count
from assistant.orders import speaks_to_a_machine
from assistant.question import Question, Wants, terms_of
from assistant.spans import Span, spans_of
from ingest.sentences import split_sentences

FEATURES: Final = (
    "context",  # share of the question's words, weighed by rarity, in the sentence, the one before and the title
    "after",  # the same for the sentence, the one after and the title
    "passage_words",  # the same for the whole passage and the title
    "pairs",  # share of neighbouring question words that stand near each other in the sentence
    "numbers",  # share of the question's figures in the sentence
    "head",  # holds the noun asked for
    "refers",  # context again, for a sentence whose first word points back, as "It" does
    "defines",  # says what the thing is, where the question is "what is it"
    "heads",  # asks itself, or is a headline: it stands over what would answer
    "passage_score",  # the passage's score beside the best passage's
    "form",  # a date or a figure is wanted, and the sentence holds one that the question does not
    "form_near",  # how many of the question's words stand close to it
    "name",  # the same for a person, a place or another name
    "name_near",
    "other",  # the same for what has no form of its own
    "other_near",
)
_KINDS: Final[Mapping[Wants, int]] = {"date": 0, "number": 0, "person": 1, "place": 1, "name": 1}
_OTHER_KIND: Final = 2
_FIRST_KIND: Final = FEATURES.index("form")
_NEAR_WORDS: Final = 8
_MISCOUNTED: Final = 0.5
_POINTS_BACK: Final = re.compile(
    r"[\"“'(]?(?:It|He|She|They|This|That|These|Those|His|Her|Its|Their|The|Such|Both|Another)\b"
)
_AFTER_END: Final = r"(?:[\s”\"'’)\]]|\[[^\[\]]{1,30}\])*$"  # marks of quotation, "[citation needed]"
_ASKS: Final = re.compile(rf"[?？]{_AFTER_END}")
_LEADS: Final = re.compile(rf"[:：]{_AFTER_END}")
_ENDS: Final = re.compile(rf"[.!…;,。！；]{_AFTER_END}")
_LONGEST_HEAD: Final = 12  # words
_LISTED: Final = re.compile(
    r"^\s*(?:[-*•·–]|\d+[.)])\s|^[^—–-].*(?:\d|:\s)"
)  # an entry of a list or table may well answer
_NOTHING: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of the evidence: ``article.text[start:end] == text`` for the article of evidence number ``index``.

    previous: position in the list of candidates of the sentence before it in its passage, its own when there is none.
    next: likewise the one after it.
    """

    index: int
    start: int
    end: int
    text: str
    terms: tuple[str, ...]
    previous: int
    next: int


def candidates_of(evidence: Sequence[Evidence]) -> list[Candidate]:
    """Every sentence of the evidence, once, in the order of the evidence; orders planted for a model left out."""
    seen: set[tuple[str, int]] = set()
    found: list[Candidate] = []
    for index, item in enumerate(evidence):
        passage = item.passage
        spans = [
            (start, end)
            for start, end in split_sentences(passage.text)
            if (passage.article_id, passage.start + start) not in seen
            and not speaks_to_a_machine(passage.text[start:end])
        ]
        first, last = len(found), len(found) + len(spans) - 1
        for at, (start, end) in enumerate(spans, first):
            seen.add((passage.article_id, passage.start + start))
            text = passage.text[start:end]
            where = (index, passage.start + start, passage.start + end)
            found.append(Candidate(*where, text, tuple(terms_of(text)), max(at - 1, first), min(at + 1, last)))
    return found


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much of the question's words each candidate holds, four (n_candidates,) float32 columns, each 0..1."""

    coverage: NDArray[np.float32]
    context: NDArray[np.float32]
    after: NDArray[np.float32]
    passage: NDArray[np.float32]


def overlap_of(question: Question, candidates: Sequence[Candidate], evidence: Sequence[Evidence]) -> Overlap:
    """The share of the question's words, weighed by rarity, in each sentence and in what stands around it."""
    rarity = rarity_of(question.words, candidates)
    asked = frozenset(question.words)
    titles = [asked.intersection(terms_of(item.article.title)) for item in evidence]
    held = [asked.intersection(one.terms) for one in candidates]
    passages: list[frozenset[str]] = list(titles)
    for one, words in zip(candidates, held, strict=True):
        passages[one.index] |= words
    return Overlap(
        _column(share(rarity, words) for words in held),
        _column(share(rarity, held[at] | held[one.previous] | titles[one.index]) for at, one in enumerate(candidates)),
        _column(share(rarity, held[at] | held[one.next] | titles[one.index]) for at, one in enumerate(candidates)),
        _column(share(rarity, passages[one.index]) for one in candidates),
    )


def features_of(
    question: Question,
    candidates: Sequence[Candidate],
    evidence: Sequence[Evidence],
    overlap: Overlap,
    rows: Sequence[int],
) -> NDArray[np.float32]:
    """(n_rows, n_features) float32: the columns named in `FEATURES`, about 0..1, for the candidates in those rows."""
    best = max((item.score for item in evidence), default=0.0) or 1.0
    features = np.zeros((len(rows), len(FEATURES)), np.float32)
    for row, at in enumerate(rows):
        one = candidates[at]
        features[row, :_FIRST_KIND] = (
            overlap.context[at],
            overlap.after[at],
            overlap.passage[at],
            _pairs(question.words, one.terms),
            part_of(question.numbers, one.terms),
            float(not question.head.isdisjoint(one.terms)),
            overlap.context[at] if _POINTS_BACK.match(one.text) else 0.0,
            float(bool(question.defines) and says_what_it_is(question.defines, one.text)),
            float(stands_over(one.text)),
            evidence[one.index].score / best,
        )
        spans = answer_spans(question, one.text)
        kind = _FIRST_KIND + 2 * _KINDS.get(question.wants, _OTHER_KIND)
        features[row, kind : kind + 2] = float(bool(spans)), max(nearness(question, one.text, spans), default=0.0)
        if question.counts and question.head and not any(counts(question.head, one.text, *span) for span in spans):
            features[row, kind : kind + 2] *= _MISCOUNTED
    return features


def stands_over(text: str) -> bool:
    """Whether a stretch of text only leads to what is told: a question, a headline, a line of credit, a colon."""
    if _ASKS.search(text):
        return True
    short = len(text.split()) <= _LONGEST_HEAD
    return short and (bool(_LEADS.search(text)) or not (_ENDS.search(text) or _LISTED.search(text)))


def rarity_of(words: Sequence[str], candidates: Sequence[Candidate]) -> dict[str, float]:
    """How telling each word of the question is: its inverse document frequency over the sentences of the evidence."""
    counts = Counter(term for one in candidates for term in set(one.terms).intersection(words))
    return {word: math.log((len(candidates) + 2) / (counts[word] + 0.5)) for word in words}


def share(rarity: Mapping[str, float], terms: Collection[str]) -> float:
    """Share of the words, weighed by rarity, that are among the terms; 0 when there are no words."""
    total = sum(rarity.values())
    return sum(rarity[term] for term in terms) / total if total else 0.0


def part_of(wanted: frozenset[str], terms: Collection[str]) -> float:
    """Share of the wanted terms that are there; 0 when none are wanted."""
    return len(wanted.intersection(terms)) / len(wanted) if wanted else 0.0


def answer_spans(question: Question, sentence: str) -> list[Span]:
    """Spans of the kind the question wants, and of its measure, that say something the question does not."""
    known = frozenset(question.words)
    spans = spans_of(question.wants, sentence)
    if question.wants == "number":
        spans = [span for span in spans if fits_measure(question.text, sentence, *span)]
    if question.counts and question.head:
        counted = [span for span in spans if counts(question.head, sentence, *span)]
        spans = counted or [span for span in spans if may_count(sentence, *span)]
    elif question.wants == "number":
        spans = [span for span in spans if not is_label(sentence, *span)]
    if question.wants == "reason":
        return spans
    return [(start, end) for start, end in spans if not known.issuperset(terms_of(sentence[start:end]))]


def nearness(question: Question, sentence: str, spans: Sequence[Span]) -> list[float]:
    """For each span, the share of the question's words that stand in it or within a few words of it."""
    words = max(len(question.words), 1)
    return [sum(far <= _NEAR_WORDS for far in away.values()) / words for away in distances(question, sentence, spans)]


def distances(question: Question, sentence: str, spans: Sequence[Span]) -> list[dict[str, int]]:
    """For each span, how many words away each of the question's words stands; words not in the sentence left out."""
    if not spans:
        return []
    chunks = list(re.finditer(r"\S+", sentence))
    asked = frozenset(question.words)
    places = [(term, at) for at, chunk in enumerate(chunks) for term in _terms_of_word(chunk[0]) if term in asked]
    found = []
    for start, end in spans:
        first = sum(chunk.start() <= start for chunk in chunks) - 1
        last = sum(chunk.start() < end for chunk in chunks) - 1
        away: dict[str, int] = {}
        for term, at in places:
            away[term] = min(max(first - at, at - last, 0), away.get(term, len(chunks)))
        found.append(away)
    return found


@lru_cache(maxsize=20_000)
def _terms_of_word(word: str) -> tuple[str, ...]:
    """The index terms of a stretch without spaces, kept: the sentences of a corpus share their words."""
    return tuple(terms_of(word))


def _pairs(words: Sequence[str], terms: Sequence[str]) -> float:
    """Share of the question's neighbouring words that stand within three terms of each other."""
    if len(words) < 2:
        return 0.0
    places: dict[str, list[int]] = {word: [] for word in words}
    for at, term in enumerate(terms):
        if term in places:
            places[term].append(at)
    near = sum(any(abs(i - j) <= 3 for i in places[one] for j in places[other]) for one, other in pairwise(words))
    return near / (len(words) - 1)


def _column(values: Iterable[float]) -> NDArray[np.float32]:
    """The values as float32."""
    return np.fromiter(values, np.float32)

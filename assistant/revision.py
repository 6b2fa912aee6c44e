"""Does another article give another figure? Changes over time, disagreements of one time, evidence too old to trust.

    quoted sentences -> figures that answer -> figures of other articles that rival them -> one note for each matter

`assistant.answering` calls these when an answer's sentences are chosen. Deterministic. Undated articles take no part.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assistant.answer import Citation, Evidence
from assistant.extract import Quote
from assistant.question import Question, read_question
from assistant.rank import near_copies
from assistant.rivals import are_of_one_time, could_rival, likeness, same_value, states, subject_of, word_traits
from assistant.stated import Stated, could_hold, stated_in
from assistant.timing import read_timing
from ingest.article import Article
from ingest.embed import Embedder
from ingest.sentences import split_sentences
from ingest.words import words_of

__all__ = ["Quoted", "Revision", "Told", "age_note", "find_revisions", "prefer_newer", "quoted_by"]

Kind = Literal["superseded", "changed", "disagreement"]

# bench/revisions.py --fit, questions held out: precision 0.97 at recall 0.69; 0.6 gives 0.90 and 0.76.
_LIKELY: Final = 0.7
_BEFORE_DAYS: Final = 2  # yesterday's article may well be the news of today
_STALE_DAYS: Final = 30
_NOW: Final = re.compile(r"\bnow\b", re.IGNORECASE)
_NO_FIGURE: Final = ("person", "place", "reason", "name")
_MAX_NOTES: Final = 2
_MAX_PAIRS: Final = 4  # embedded; the likeliest by words


class Quoted(NamedTuple):
    """A sentence that an answer rests on: ``found.article.text[start:end]``."""

    found: Evidence
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Told:
    """A figure and the sentence that gives it, ``evidence.article.text[start:end]``."""

    evidence: Evidence
    start: int
    end: int
    figure: str


@dataclass(frozen=True, slots=True)
class Revision:
    """Two articles that give different figures for one thing.

    kind: ``superseded`` by a newer article's figure, a planned date that ``changed``, or a ``disagreement`` of
    articles of about the same time. note: one sentence for the reader.
    likeness: 0..1, that they speak of the same thing.
    """

    kind: Kind
    note: str
    older: Told
    newer: Told
    likeness: float


def quoted_by(citations: Iterable[Citation]) -> list[Quoted]:
    """What citations quote."""
    return [Quoted(Evidence(one.passage, one.article, 1.0), one.start, one.end) for one in citations]


def find_revisions(
    question: str, quoted: Sequence[Quoted], evidence: Sequence[Evidence], embedder: Embedder
) -> tuple[Revision, ...]:
    """What articles of the evidence say otherwise than the quoted sentences do, at most two, the likeliest first.

    A matter is told once, however many articles carry either figure; copies neither dispute nor confirm it.
    """
    asked = read_question(question)
    if asked.wants in _NO_FIGURE:
        return ()
    anchors = [one for place in quoted if place.found.article.published for one in stated_in(*place, asked)]
    others = list(_others(asked, anchors, evidence)) if anchors else []
    pairs = _likely_pairs(asked, anchors, others, embedder)
    found: list[Revision] = []
    told: list[Stated] = []
    for score, anchor, rival in pairs:
        if not any(same_value(one.token, known.token) for known in told for one in (anchor, rival)):
            newest = _newest_for(anchor, rival, pairs)
            found.append(_revision(score, anchor, newest))
            told += [anchor, rival, newest]
    return tuple(found[:_MAX_NOTES])


def prefer_newer(
    question: str, quotes: Sequence[Quote], revisions: Sequence[Revision], evidence: Sequence[Evidence], asked: date
) -> tuple[Quote, ...]:
    """The quotes with the newer figure first where the first quote gives one that a newer article supersedes.

    As many quotes as before. Nothing moves when the question names a period of its own.
    """
    if not quotes or read_timing(question, asked).periods:
        return tuple(quotes)
    first = quotes[0]
    place = evidence[first.index].article.id, first.start, first.end
    for revision in revisions:
        if revision.kind != "disagreement" and _covers(revision.older, *place):
            newer = _quote_of(revision.newer, quotes, evidence)
            if newer is not None:
                return (newer, *(quote for quote in quotes if quote != newer))[: len(quotes)]
    return tuple(quotes)


def age_note(question: str, articles: Iterable[Article], asked: date) -> str | None:
    """What the reader of a question about the present, or about a time it names, must know of the age of its evidence.

    articles: those cited. None when they are fresh enough, undated, or the question does not care.
    """
    days = [article.published.last_day for article in articles if article.published]
    timing = read_timing(question, asked)
    newest = min(max(days, default=asked), asked)
    starts = [period.first for period in timing.periods if period.first and period.first <= asked]
    if starts and (min(starts) - newest).days > _BEFORE_DAYS:
        return f"The newest article cited is from {newest}, before the time that the question asks about."
    wants_now = timing.newest or _NOW.search(question)
    if wants_now and not timing.periods and (timing.now - newest).days > _STALE_DAYS:
        return f"The newest article on this is from {newest}, {_age(newest, asked)} before the question was asked."
    return None


def _age(day: date, asked: date) -> str:
    """The time between two days in words, in the unit a reader would use."""
    days = (asked - day).days
    for unit, length, least in (("year", 365.25, 24 * 30.44), ("month", 30.44, 60), ("week", 7, 21)):
        if days >= least:
            return f"{round(days / length)} {unit}s"
    return f"{days} days"


def _others(question: Question, anchors: Sequence[Stated], evidence: Sequence[Evidence]) -> Iterator[Stated]:
    """The figures of the evidence that could answer: those of dated articles, in sentences of its subject."""
    wanted = subject_of(question)
    for found in evidence:
        if found.article.published is None:
            continue
        missing = wanted.difference(words_of(found.article.title))
        for start, end in split_sentences(found.passage.text):
            text = found.passage.text[start:end]
            if missing.issubset(words_of(text) if missing else ()) and any(could_hold(text, one) for one in anchors):
                yield from stated_in(found, found.passage.start + start, found.passage.start + end, question)


Pair = tuple[float, Stated, Stated]


def _likely_pairs(
    question: Question, anchors: Sequence[Stated], others: Sequence[Stated], embedder: Embedder
) -> list[Pair]:
    """The pairs of an anchor and a rival that likely speak of the same thing, with their likeness, best first."""
    pairs = [
        (likeness(words), words, one, other)
        for one in anchors
        for other in others
        if could_rival(one, other, question) and likeness(words := word_traits(one, other, question)) >= _LIKELY
    ]
    pairs = sorted(pairs, key=lambda pair: -pair[0])[:_MAX_PAIRS]
    if not pairs:
        return []
    meanings = _meanings([(one, other) for _, _, one, other in pairs], question, embedder)
    weighed = [
        (likeness(words, meaning), one, other)
        for (_, words, one, other), meaning in zip(pairs, meanings, strict=True)
        if likeness(words, meaning) >= _LIKELY and not _are_copies(one, other)
    ]
    return sorted(weighed, key=lambda pair: -pair[0])


def _meanings(
    pairs: Sequence[tuple[Stated, Stated]], question: Question, embedder: Embedder
) -> list[tuple[float, float, float]]:
    """For each pair the three cosines that `likeness` weighs."""
    both = [one for pair in pairs for one in pair]
    titled = [f"{one.evidence.article.title}. {one.masked}" for one in both]
    bare = [_without(one.masked, question.names) for one in both]
    plain = _without(question.text, question.names)
    texts = list(dict.fromkeys([*titled, *bare, plain]))
    vectors = dict(zip(texts, embedder.encode_passages(texts), strict=True))
    asked = vectors[plain]
    meanings = []
    for at in range(0, len(both), 2):
        one, other = vectors[bare[at]], vectors[bare[at + 1]]
        near = _cosine(vectors[titled[at]], vectors[titled[at + 1]])
        meanings.append((near, _cosine(one, other), min(_cosine(one, asked), _cosine(other, asked))))
    return meanings


def _cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(one @ other)


def _without(text: str, names: frozenset[str]) -> str:
    """The text less the words that are names asked for: what is said, not of whom."""
    return " ".join(word for word in text.split() if names.isdisjoint(words_of(word)))


def _are_copies(one: Stated, other: Stated) -> bool:
    """Whether one article carries the other's text, both figures and all; not when a report was revised in place."""
    texts = [one.evidence.article.text, other.evidence.article.text]
    listed = other.evidence.article.id in one.evidence.also_in or one.evidence.article.id in other.evidence.also_in
    copied = listed or near_copies(texts)[1] == 0
    return copied and (states(texts[0], other.token) or states(texts[1], one.token))


def _newest_for(anchor: Stated, rival: Stated, pairs: Sequence[Pair]) -> Stated:
    """The rival of an anchor, or in its place one with a figure that is newer still."""
    if rival.days[0] <= anchor.days[1]:
        return rival
    rivals = [other for _, one, other in pairs if one is anchor]
    newest = max(rivals, key=lambda other: other.days[1])
    return rival if same_value(newest.token, rival.token) else newest


def _revision(score: float, one: Stated, other: Stated) -> Revision:
    """The revision that two rivals make, and its note."""
    older, newer = sorted((one, other), key=lambda stated: stated.days[1])
    kind: Kind = "changed" if older.token.date else "superseded"
    if are_of_one_time(older, newer):
        kind = "disagreement"
    return Revision(kind, _note(kind, older, newer), _told(older), _told(newer), score)


def _note(kind: Kind, older: Stated, newer: Stated) -> str:
    """One sentence that gives both figures with their articles."""
    old, new = _named(older.evidence.article), _named(newer.evidence.article)
    if kind == "disagreement":
        return f"Two articles of about the same time disagree: {older.shown} in {old}, {newer.shown} in {new}."
    noun = "date" if kind == "changed" else "figure"
    return f"The {noun} was {older.shown} in {old}; {new} has {newer.shown}."


def _named(article: Article) -> str:
    day = article.published.value[:10] if article.published else "undated"
    return f"“{article.title or article.id}” ({article.source or article.id}, {day})"


def _told(one: Stated) -> Told:
    return Told(one.evidence, one.start, one.end, one.shown)


def _covers(told: Told, article_id: str, start: int, end: int) -> bool:
    """Whether a stretch of an article overlaps the sentence of a figure."""
    return told.evidence.article.id == article_id and told.start < end and start < told.end


def _quote_of(told: Told, quotes: Sequence[Quote], evidence: Sequence[Evidence]) -> Quote | None:
    """The quote of a figure's sentence: the one there is, else a new one; None when it is not of the evidence."""
    for quote in quotes:
        if _covers(told, evidence[quote.index].article.id, quote.start, quote.end):
            return quote
    for index, found in enumerate(evidence):
        if found.passage == told.evidence.passage:
            return Quote(index, told.start, told.end, found.article.text[told.start : told.end])
    return None

"""Candidates for a question and their order: both searches, made one score, then parts, time and outlets.

    question -> Query -> nearest vectors + best BM25 -> fused scores -> Ranking

The second step of `assistant.retrieve`. It moves arrays; what is done to the scores is in `assistant.rank`.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assistant.outlets import named_outlets
from assistant.parts import parts_of
from assistant.rank import (
    Floats,
    fuse,
    fuse_part,
    in_turns,
    nearness,
    preferred,
    rarity_weights,
    spread,
    timed,
    with_parts,
)
from assistant.timing import Period, Timing, read_timing
from ingest.encoders import available_cores
from ingest.terms import search_terms_of

if TYPE_CHECKING:
    from ingest.embed import Embedder
    from ingest.generation import Generation

__all__ = ["Query", "Ranking", "rank_passages", "read_query"]

Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

# The textbook constants: other values of k1 in 0.9..2 and b in 0.4..0.75 move nDCG@10 by 0.008 at most on any set.
# A word in the title counts as one in the text: on SciFact's train part 0.690, 0.666 without titles.
K1, B, TITLE = 1.2, 0.75, 1.0

# Threads of its own for each question took 40 % longer on a busy machine.
_beside = ThreadPoolExecutor(available_cores(), thread_name_prefix="words")


@dataclass(frozen=True, slots=True)
class Part:
    """Something to search for: its vector (dim,), BM25 of each passage (n_passages,), outlets and periods it names."""

    vector: Floats
    words: Floats
    outlets: frozenset[str]
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A question ready to be searched for. parts: empty unless it has several. article_words: BM25 (n_articles,)."""

    whole: Part
    parts: tuple[Part, ...]
    article_words: Floats
    timing: Timing


@dataclass(frozen=True, slots=True)
class Ranking:
    """Passages in rank order: rows of the generation's columns, scores 0..1, which searches found them; all (n,)."""

    rows: Rows
    scores: Floats
    by_meaning: Flags
    by_words: Flags


def read_query(
    question: str, asked: date, generation: "Generation", embedder: "Embedder", parts: Sequence[str] | None = None
) -> Query:
    """What to search for: one call to the encoder, whatever the number of parts. parts: None to find them by rule.

    The words are searched for beside the encoder, which takes about as long.
    """
    texts = [question, *(parts_of(question) if parts is None else parts)]
    searching = _beside.submit(_search_words, texts, generation)
    vectors = embedder.encode_questions(texts)
    outlets = [frozenset(named_outlets(text, generation.outlets)) for text in texts]
    timings = [read_timing(text, asked) for text in texts]
    periods = [timing.periods for timing in timings]
    found, article_words = searching.result()
    whole, *rest = (Part(*part) for part in zip(vectors, found, outlets, periods, strict=True))
    return Query(whole, tuple(rest), article_words, timings[0])


def _search_words(texts: Sequence[str], generation: "Generation") -> tuple[list[Floats], Floats]:
    """BM25 of every passage (n_passages,) for each text, and of every article (n_articles,) for the first."""
    words = generation.words
    terms = [_weighted_terms(text, generation) for text in texts]
    found = [words.passage_scores(weighted, k1=K1, b=B, title=TITLE) for weighted in terms]
    return found, words.article_scores(terms[0], k1=K1, b=B, title=TITLE)


def rank_passages(query: Query, generation: "Generation", admitted: Flags, depth: int) -> Ranking:
    """The admitted candidates of both searches, ``depth`` of each, in one order. admitted: (n_passages,)."""
    columns, words = generation.columns, generation.words
    word_scores = query.whole.words
    near = generation.nearest(query.whole.vector, depth, admitted)
    rows = np.union1d(near, _best(np.where(admitted, word_scores, 0), depth))
    by_meaning = np.isin(rows, near)
    vectors = generation.rows.take(rows)
    cosines = vectors @ query.whole.vector
    owners = columns.article[rows]
    article_scores = query.article_words[words.articles[rows]]
    scores = fuse(cosines, word_scores[rows], article_scores, owners)
    parts = [_part_scores(part, generation, rows, vectors) for part in query.parts]
    if parts:
        scores = with_parts(scores, parts)
    scores = timed(scores, columns.first_day[owners], columns.last_day[owners], query.timing)
    scores = preferred(scores, _from_outlets(query.whole, generation, owners))
    order, scores = in_turns(spread(scores, owners), parts)
    return Ranking(rows[order], scores, by_meaning[order], word_scores[rows[order]] > 0)


def _part_scores(part: Part, generation: "Generation", rows: Rows, vectors: Floats) -> Floats:
    """How well each candidate (n,) suits one part of the question, 0..1."""
    columns = generation.columns
    owners = columns.article[rows]
    near = nearness(columns.first_day[owners], columns.last_day[owners], part.periods)
    return fuse_part(vectors @ part.vector, part.words[rows], _from_outlets(part, generation, owners), near)


def _from_outlets(part: Part, generation: "Generation", owners: NDArray[np.int32]) -> Flags:
    """Whether each candidate's article (n,) is of an outlet that the question, or the part, names."""
    source = generation.columns.source
    return np.array([source[owner] in part.outlets for owner in owners], np.bool_)


def _weighted_terms(text: str, generation: "Generation") -> dict[str, float]:
    """A text's terms, rare ones above common ones."""
    terms = list(dict.fromkeys(search_terms_of(text)))
    holders = generation.words.document_frequencies(terms).tolist()
    return dict(zip(terms, rarity_weights(holders, generation.words.n_rows), strict=True))


def _best(scores: Floats, depth: int) -> Rows:
    """Rows of the best ``depth`` scores above 0, in no order."""
    found = np.flatnonzero(scores > 0)
    return found if len(found) <= depth else found[np.argpartition(-scores[found], depth)[:depth]]

"""Word search: BM25 over passages and over whole articles, read off one inverted index.

Written once for a generation (`WordIndex.build`), carried over to the next with what changed (`WordIndex.updated`). The
constants of BM25 and the weight of title words are chosen when a question is asked, not when the index is written.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingest.postings import Postings
from ingest.terms import words_of
from ingest.word_build import ArticleWords, write_postings

__all__ = ["ArticleWords", "WordIndex", "words_of"]

Floats = NDArray[np.float32]


class WordIndex(Postings):
    """An inverted index over passages that scores them for weighted terms.

    A weight of 1 for each term of a question is plain BM25.
    """

    @classmethod
    def build(cls, articles: Iterable[ArticleWords], folder: Path) -> Self:
        """The index of some articles, written into a folder. Memory stays flat, whatever their number."""
        write_postings(articles, folder)
        return cls.open(folder)

    def updated(self, folder: Path, *, removed: Iterable[int], added: Iterable[ArticleWords]) -> Self:
        """This index less some passages (by number), with some articles after its last, written into another folder.

        Remove all the passages of an article or none. The bytes are those of an index built from the same rows.
        """
        keep = ~np.isin(self.numbers, np.fromiter(removed, np.int64))
        write_postings(added, folder, after=(self, keep))
        return self.open(folder)

    @cached_property
    def article_lengths(self) -> Floats:
        """(n_articles,) float32: terms in all the passages of each article."""
        return np.bincount(self.articles, weights=self.lengths, minlength=self.n_articles).astype(np.float32)

    @cached_property
    def article_title_lengths(self) -> Floats:
        """(n_articles,) float32: terms in each article's title."""
        longest = np.zeros(self.n_articles, np.float32)
        longest[self.articles] = self.title_lengths  # the same for all the rows of an article
        return longest

    @cached_property
    def _penalties(self) -> dict[tuple[float, float, float, bool], Floats]:
        """What length costs, by (k1, b, title, whole articles): worked out once, not for each question."""
        return {}

    def _penalty(self, k1: float, b: float, title: float, articles: bool) -> Floats:
        key = (k1, b, title, articles)
        if key not in self._penalties:
            texts, titles = (
                (self.article_lengths, self.article_title_lengths) if articles else (self.lengths, self.title_lengths)
            )
            self._penalties[key] = _length_penalty(texts + title * titles, k1, b)
        return self._penalties[key]

    def passage_scores(self, weights: Mapping[str, float], *, k1: float, b: float, title: float) -> Floats:
        """(n_rows,) float32, BM25 of every passage for weighted terms; 0 where no term stands.

        title: how many occurrences in the text one occurrence in the title is worth.
        """
        scores = np.zeros(self.n_rows, np.float32)
        penalty = self._penalty(k1, b, title, articles=False)
        for term, weight in weights.items():
            rows, counts, title_counts = self.of(term)
            frequencies = counts + np.float32(title) * title_counts
            scores[rows] += weight * _idf(len(rows), self.n_rows) * _saturated(frequencies, penalty[rows], k1)
        return scores

    def article_scores(self, weights: Mapping[str, float], *, k1: float, b: float, title: float) -> Floats:
        """(n_articles,) float32, BM25 of every whole article for weighted terms; see `passage_scores`."""
        scores = np.zeros(self.n_articles, np.float32)
        penalty = self._penalty(k1, b, title, articles=True)
        for term, weight in weights.items():
            rows, counts, title_counts = self.of(term)
            if not len(rows):
                continue
            owners = self.articles[rows]
            firsts = np.flatnonzero(np.r_[True, owners[1:] != owners[:-1]])
            frequencies = np.add.reduceat(counts, firsts, dtype=np.float32) + np.float32(title) * title_counts[firsts]
            found = owners[firsts]
            scores[found] += weight * _idf(len(found), self.n_articles) * _saturated(frequencies, penalty[found], k1)
        return scores


def _idf(n_holders: int, n_all: int) -> np.float32:
    """BM25's inverse document frequency in the form that never falls below 0."""
    return np.float32(np.log1p((n_all - n_holders + 0.5) / (n_holders + 0.5)))


def _length_penalty(lengths: NDArray[np.floating], k1: float, b: float) -> Floats:
    """BM25's k1 * (1 - b + b * length / mean length), for each row or article."""
    mean = max(float(lengths.mean()), 1.0) if len(lengths) else 1.0
    return (k1 * (1 - b + b * lengths / mean)).astype(np.float32)


def _saturated(frequencies: Floats, penalty: Floats, k1: float) -> Floats:
    """How much of a term's idf its frequency earns: 0 at none, towards k1 + 1."""
    return np.asarray(frequencies * np.float32(k1 + 1) / (frequencies + penalty), np.float32)

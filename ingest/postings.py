"""The word index on disk: which passages hold which terms, in plain arrays, memory-mapped.

`ingest.word_build` writes them, `ingest.words` scores with them. A row is one passage; an article's stand together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_COUNTED", "Ints", "Postings"]

Ints = NDArray[np.int64]
MOST_COUNTED = 255


@dataclass(frozen=True)
class Postings:
    """Which passages hold which terms, and how often. Arrays may be memory-mapped; none is ever written to.

    numbers: (n_rows,) int64, the passage's number. articles: (n_rows,) int32, the article's place among them, rising
    from 0. lengths, title_lengths: (n_rows,) int32, terms in the passage and in its title.
    terms: (n_bytes,) uint8, the terms in UTF-8, sorted, one after another; term_starts: (n_terms + 1,) int64.
    starts: (n_terms + 1,) int64, where each term's postings start. A posting is a row (``rows``, int32, rising within a
    term) and how often the term stands in its passage and in its title (``counts``, ``title_counts``, uint8, at most
    ``MOST_COUNTED``).
    """

    numbers: Ints
    articles: NDArray[np.int32]
    lengths: NDArray[np.int32]
    title_lengths: NDArray[np.int32]
    terms: NDArray[np.uint8]
    term_starts: Ints
    starts: Ints
    rows: NDArray[np.int32]
    counts: NDArray[np.uint8]
    title_counts: NDArray[np.uint8]

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The postings in a folder, memory-mapped. Raises OSError or ValueError when a file is missing or damaged."""
        return cls(**{field.name: _opened(folder / f"{field.name}.npy") for field in fields(cls)})

    def save(self, folder: Path) -> None:
        """Write the arrays into a folder, one ``.npy`` file each."""
        folder.mkdir(parents=True, exist_ok=True)
        for field in fields(self):
            np.save(folder / f"{field.name}.npy", getattr(self, field.name))

    @property
    def n_rows(self) -> int:
        """How many passages are indexed."""
        return len(self.numbers)

    @cached_property
    def n_articles(self) -> int:
        """How many articles are indexed."""
        return int(self.articles[-1]) + 1 if self.n_rows else 0

    def of(self, term: str) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.uint8]]:
        """The rows that hold a term, its counts there and in the title; three empty arrays for an unknown term."""
        place = self._place_of(term.encode())
        span = slice(0, 0) if place is None else slice(int(self.starts[place]), int(self.starts[place + 1]))
        return self.rows[span], self.counts[span], self.title_counts[span]

    def document_frequencies(self, terms: Sequence[str]) -> Ints:
        """(n_terms,) int64: in how many passages (or their titles) each term stands."""
        return np.array([len(self.of(term)[0]) for term in terms], np.int64)

    def _place_of(self, term: bytes) -> int | None:
        """The place of a term among the sorted terms, by binary search; None when it is not there."""
        low, high = 0, len(self.term_starts) - 1
        while low < high:
            middle = (low + high) // 2
            found = self._term_at(middle)
            if found == term:
                return middle
            low, high = (middle + 1, high) if found < term else (low, middle)
        return None

    def _term_at(self, place: int) -> bytes:
        return self.terms[self.term_starts[place] : self.term_starts[place + 1]].tobytes()

    def all_terms(self) -> list[bytes]:
        """Every term in UTF-8, sorted."""
        blob, starts = self.terms.tobytes(), self.term_starts.tolist()
        return [blob[start:end] for start, end in pairwise(starts)]


def _opened(path: Path) -> NDArray[Any]:
    """A saved array, memory-mapped; in memory when it is empty, which cannot be mapped."""
    try:
        return np.asarray(np.load(path, mmap_mode="r"))
    except ValueError:
        return np.asarray(np.load(path))

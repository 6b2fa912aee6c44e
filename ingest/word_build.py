"""Articles become a word index: a stream is gathered into sorted parts, and parts are merged into a folder.

A re-index merges the served index, less the passages that went, with a part made of the new ones. The bytes depend on
the rows alone, not on how they were divided into parts.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingest.postings import MOST_COUNTED, Ints, Postings
from ingest.terms import search_terms_of

__all__ = ["ArticleWords", "write_postings"]

# Occurrences gathered before they are sorted into a part, and postings copied at once when parts are merged.
# 8 million take about 300 MB while they are sorted.
_BLOCK = 8_000_000

_POSTING: dict[str, type[np.generic]] = {"rows": np.int32, "counts": np.uint8, "title_counts": np.uint8}

Part = tuple[Postings, NDArray[np.bool_]]  # with the rows to keep


class ArticleWords(NamedTuple):
    """What the index reads of one article: the passages' numbers and texts, in order, and the title they share."""

    numbers: Sequence[int]
    title: str
    texts: Sequence[str]


def write_postings(
    articles: Iterable[ArticleWords], folder: Path, *, after: Part | None = None, block: int = _BLOCK
) -> None:
    """Write the postings of some articles into a folder, those of ``after`` before them.

    About ``block`` occurrences of terms are gathered, then sorted and set aside as a part in the folder; at the end the
    parts are merged and taken away.
    """
    gathered = _Gathered()
    parts: list[Path] = []
    for article in articles:
        gathered.add(article)
        if gathered.size >= block:
            parts.append(folder / f"part-{len(parts)}")
            gathered.postings().save(parts[-1])
            gathered = _Gathered()
    merged = [_whole(Postings.open(part)) for part in parts] + [_whole(gathered.postings())]
    _merge([after, *merged] if after else merged, folder)
    for part in parts:
        shutil.rmtree(part)


class _Gathered:
    """Terms of the articles taken so far, as ids in order of first use: what one part is made of."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._passages: list[Ints] = []
        self._titles: list[Ints] = []
        self._numbers: list[int] = []
        self._articles: list[int] = []
        self.size = 0

    def add(self, article: ArticleWords) -> None:
        """Take one article."""
        title = self._ids_of(article.title)
        place = self._articles[-1] + 1 if self._articles else 0
        for number, text in zip(article.numbers, article.texts, strict=True):
            ids = self._ids_of(text)
            self._passages.append(ids)
            self._titles.append(title)
            self._numbers.append(number)
            self._articles.append(place)
            self.size += len(ids) + len(title)

    def postings(self) -> Postings:
        """The postings of what was taken, in memory."""
        terms = sorted(self._ids, key=str.encode)
        rank = np.empty(len(terms), np.int64)
        rank[[self._ids[term] for term in terms]] = np.arange(len(terms))
        lengths, title_lengths = (np.array([len(ids) for ids in side], np.int32) for side in self._sides)
        keys = np.concatenate([self._keys(side, rank) * 2 + is_title for is_title, side in enumerate(self._sides)])
        keys.sort()
        pairs, in_title = keys >> 1, (keys & 1).astype(np.int64)
        firsts = np.flatnonzero(np.r_[True, pairs[1:] != pairs[:-1]]) if len(pairs) else np.zeros(0, np.int64)
        title_counts = np.add.reduceat(in_title, firsts) if len(pairs) else np.zeros(0, np.int64)
        counts = np.diff(firsts, append=len(pairs)) - title_counts
        owners, rows = np.divmod(pairs[firsts], max(len(self._numbers), 1))
        encoded = [term.encode() for term in terms]
        return Postings(
            numbers=np.array(self._numbers, np.int64),
            articles=np.array(self._articles, np.int32),
            lengths=lengths,
            title_lengths=title_lengths,
            terms=np.frombuffer(b"".join(encoded), np.uint8),
            term_starts=_starts_of([len(term) for term in encoded]),
            starts=_starts_of(np.bincount(owners, minlength=len(terms))),
            rows=rows.astype(np.int32),
            counts=np.minimum(counts, MOST_COUNTED).astype(np.uint8),
            title_counts=np.minimum(title_counts, MOST_COUNTED).astype(np.uint8),
        )

    @property
    def _sides(self) -> tuple[list[Ints], list[Ints]]:
        return self._passages, self._titles

    def _ids_of(self, text: str) -> Ints:
        ids = self._ids
        return np.array([ids.setdefault(term, len(ids)) for term in search_terms_of(text)], np.int64)

    def _keys(self, side: list[Ints], rank: Ints) -> Ints:
        """One number for each occurrence: its term's place, then its row."""
        rows = np.repeat(np.arange(len(side)), [len(ids) for ids in side])
        terms: Ints = rank[np.concatenate([*side, np.zeros(0, np.int64)])]
        return terms * len(side) + rows


def _whole(index: Postings) -> Part:
    return index, np.ones(index.n_rows, np.bool_)


def _merge(parts: Sequence[Part], folder: Path) -> None:
    """The kept rows of some parts, one part after the other, written into a folder as one."""
    folder.mkdir(parents=True, exist_ok=True)
    counts = [_kept_counts(index, keep) for index, keep in parts]
    lists = [index.all_terms() for index, _ in parts]
    held = [compress(names, kept.tolist()) for names, kept in zip(lists, counts, strict=True)]
    terms = list(dict.fromkeys(sorted(chain.from_iterable(held))))  # sorting a row of sorted lists takes linear time
    places = dict(zip(terms, range(len(terms)), strict=True))
    positions = [np.array([places.get(term, -1) for term in names], np.int64) for names in lists]
    _write_terms(terms, folder)
    _write_rows(parts, folder)
    _write_runs(parts, counts, positions, len(terms), folder)


def _kept_counts(index: Postings, keep: NDArray[np.bool_]) -> Ints:
    """(n_terms,) int64: how many postings of each term are in rows to keep."""
    if keep.all():
        return np.diff(index.starts)
    kept = [
        np.add.reduceat(
            keep[index.rows[index.starts[first] : index.starts[last]]],
            index.starts[first:last] - index.starts[first],
            dtype=np.int64,
        )
        for first, last in _term_blocks(index.starts)
    ]
    return np.concatenate([*kept, np.zeros(0, np.int64)])


def _term_blocks(starts: Ints) -> Iterator[tuple[int, int]]:
    """Spans of terms that hold about `_BLOCK` postings each, so that none is copied in one piece."""
    n_terms = len(starts) - 1
    cuts = np.searchsorted(starts, np.arange(0, int(starts[-1]), _BLOCK), side="left")
    return pairwise(np.unique(np.r_[cuts, n_terms]).tolist())


def _write_terms(terms: Sequence[bytes], folder: Path) -> None:
    np.save(folder / "terms.npy", np.frombuffer(b"".join(terms), np.uint8))
    np.save(folder / "term_starts.npy", _starts_of([len(term) for term in terms]))


def _write_rows(parts: Sequence[Part], folder: Path) -> None:
    """What is known of each row, with articles counted again from 0."""
    for name in ("numbers", "lengths", "title_lengths"):
        np.save(folder / f"{name}.npy", np.concatenate([getattr(index, name)[keep] for index, keep in parts]))
    owners = [index.articles[keep] for index, keep in parts]
    firsts = np.concatenate([np.diff(each, prepend=-1) != 0 for each in owners])
    np.save(folder / "articles.npy", (np.cumsum(firsts) - 1).astype(np.int32))


def _write_runs(
    parts: Sequence[Part], counts: Sequence[Ints], positions: Sequence[Ints], n_terms: int, folder: Path
) -> None:
    """Each term's postings from all parts, part after part, which keeps its rows rising."""
    totals = np.zeros(n_terms, np.int64)
    for kept, places in zip(counts, positions, strict=True):
        totals[places[kept > 0]] += kept[kept > 0]
    starts = _starts_of(totals)
    np.save(folder / "starts.npy", starts)
    written = {name: _writable(folder / f"{name}.npy", kind, int(starts[-1])) for name, kind in _POSTING.items()}
    free, first_row = starts[:-1].copy(), 0
    for (index, keep), kept, places in zip(parts, counts, positions, strict=True):
        new_rows = (np.cumsum(keep) - 1 + first_row).astype(np.int32)
        for first, last in _term_blocks(index.starts):
            block = slice(first, last)
            _copy_block(index, block, keep, new_rows, _destinations(free, places[block], kept[block]), written)
        free[places[kept > 0]] += kept[kept > 0]
        first_row += int(keep.sum())
    for array in written.values():
        if isinstance(array, np.memmap):
            array.flush()


def _copy_block(
    index: Postings,
    block: slice,
    keep: NDArray[np.bool_],
    new_rows: NDArray[np.int32],
    destinations: Ints,
    written: dict[str, NDArray[Any]],
) -> None:
    """The kept postings of a block of terms, with their new rows, to their destinations."""
    span = slice(int(index.starts[block.start]), int(index.starts[block.stop]))
    rows = np.asarray(index.rows[span])
    chosen = keep[rows]
    written["rows"][destinations] = new_rows[rows[chosen]]
    written["counts"][destinations] = index.counts[span][chosen]
    written["title_counts"][destinations] = index.title_counts[span][chosen]


def _writable(path: Path, kind: type[np.generic], size: int) -> NDArray[Any]:
    """An array of that many values in a file, mapped for writing; an empty file cannot be mapped and is just saved.

    Raises OSError when the disk has no room for it.
    """
    if size:
        array = np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=(size,))
        _take_room(path)
        return array
    empty = np.zeros(0, kind)
    np.save(path, empty)
    return empty


def _take_room(path: Path) -> None:
    """Have the disk set aside what a file says it holds: a page without room, met in writing, ends the process."""
    if hasattr(os, "posix_fallocate"):
        with path.open("rb+") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)


def _destinations(free: Ints, places: Ints, counts: Ints) -> Ints:
    """Where runs of postings go: ``counts`` [2, 3] to ``free`` [10, 50] give [10, 11, 50, 51, 52].

    free: the next free slot of each merged term; places: which of them each run belongs to (-1 for an empty run).
    """
    held = counts > 0
    counts = counts[held]
    within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.asarray(np.repeat(free[places[held]], counts) + within, np.int64)


def _starts_of(sizes: Sequence[int] | Ints) -> Ints:
    """(n + 1,) int64: where each of n runs starts, and where the last ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(np.asarray(sizes, np.int64))])

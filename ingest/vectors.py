"""The vectors of one generation, in an embedded Chroma collection. The only module that imports Chroma.

Chroma holds vectors under passage numbers and nothing else: the catalog says what a number is.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ingest.errors import IndexDamaged, StoredIndexError
from ingest.reading_copy import ReadingCopy

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

_COLLECTION = "passages"
# Construction and search effort at which self-recall was exact over 7,200 vectors (the defaults miss a few).
# Chroma saves the graph once so many vectors came or went; what is not saved, every reader adds again when it opens.
# Opening 19,900 vectors took 1.75 s of CPU at its default of 1,000 and 0.06 s at 2, the least it takes.
HNSW = {"space": "cosine", "ef_construction": 200, "ef_search": 200, "max_neighbors": 32, "sync_threshold": 2}
_BATCH = 5000  # Chroma's own limit is 5,461
_FILES = 16  # opening a collection and searching it took 11
_HAIR, _DIRECTIONS = 1e-3, 4096

# Chroma keeps one shared system per folder and counts its users without a lock.
_open_close = threading.Lock()


class Vectors:
    """Vectors of unit norm by passage number. Safe for use from several threads.

    server: the address of the server they are on; empty for these, which are in the generation's folder.
    """

    server = ""

    def __init__(self, folder: Path, *, create: bool = False, writable: bool = False) -> None:
        """Open the collection in a folder, or make an empty one.

        writable: for a folder of one's own. What is published is read through a copy, and never written to.

        Raises:
            IndexDamaged: Chroma cannot read what is there. StoredIndexError: there is no room for the copy.
        """
        self.folder = folder
        self._copy = None if create or writable else ReadingCopy(folder)
        with _open_close:
            try:
                self._client = self._guard(lambda: _client(self._copy.path if self._copy else folder))
                self._collection: Collection = self._guard(self._create if create else self._get)
            except StoredIndexError:
                self._let_go()
                raise
        self._total: int | None = None  # counting takes Chroma longer than a small search; searches count once

    def _create(self) -> "Collection":
        return self._client.create_collection(_COLLECTION, embedding_function=None, configuration={"hnsw": HNSW})

    def _get(self) -> "Collection":
        return self._client.get_collection(_COLLECTION, embedding_function=None)

    def close(self) -> None:
        """Let go of the folder's files. The object is of no use afterwards."""
        with _open_close:
            self._let_go()

    def _let_go(self) -> None:
        if hasattr(self, "_client"):
            self._client.close()
        if self._copy:
            self._copy.close()

    def count(self) -> int:
        """How many vectors there are."""
        return int(self._guard(self._collection.count))

    def numbers(self) -> NDArray[np.int64]:
        """Every passage number that has a vector, ascending."""
        found = self._guard(lambda: self._collection.get(include=[]))["ids"]
        return np.sort(np.array(found, np.int64))

    def add(self, numbers: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        """Store vectors (n, dim) under new passage numbers (n,), each moved by a hair (see `apart`)."""
        vectors = apart(numbers, vectors)
        for start in range(0, len(numbers), _BATCH):
            part = slice(start, start + _BATCH)
            self._total = None
            self._guard(lambda part=part: self._collection.add(ids=_ids(numbers[part]), embeddings=vectors[part]))

    def remove(self, numbers: NDArray[np.int64]) -> None:
        """Take vectors out; numbers without a vector are passed over."""
        for start in range(0, len(numbers), _BATCH):
            self._total = None
            part = slice(start, start + _BATCH)
            self._guard(lambda part=part: self._collection.delete(ids=_ids(numbers[part])))

    def nearest(self, vector: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Numbers and cosines (-1..1) of the k passages nearest to a vector (dim,), best first. Approximate (HNSW)."""
        return one_row(self.nearest_to_each(vector[None], k))

    def nearest_to_each(self, vectors: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Numbers and cosines, each (n, k), of the k passages nearest to each vector (n, dim); see `as_table`."""
        total = self._total if self._total is not None else self.count()
        self._total = total
        if min(k, total) <= 0:
            return as_table([[]] * len(vectors), [[]] * len(vectors), 0)
        found = self._guard(
            lambda: self._collection.query(query_embeddings=vectors, n_results=min(k, total), include=["distances"])
        )
        return as_table(found["ids"], found["distances"], min(k, total))

    def fetch(self, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors (n, dim) of passage numbers (n,), in that order.

        Raises:
            IndexDamaged: a number has no vector.
        """
        if not len(numbers):
            return np.empty((0, 0), np.float32)
        found = self._guard(lambda: self._collection.get(ids=_ids(np.unique(numbers)), include=["embeddings"]))
        by_number = dict(zip(map(int, found["ids"]), found["embeddings"], strict=True))
        missing = [int(number) for number in numbers if int(number) not in by_number]
        if missing:
            raise IndexDamaged(
                f"{len(missing)} passages have no vector in {str(self.folder)!r}, number {missing[0]} among them; "
                "run `footnote reindex --rebuild`"
            )
        return np.array([by_number[int(number)] for number in numbers], np.float32)

    def _guard(self, call: Callable):  # type: ignore[type-arg, no-untyped-def]
        """The call's result; Chroma's own failure becomes ours, with the folder named."""
        import chromadb.errors

        try:
            return call()
        except BaseException as error:
            # AttributeError: what Chroma's own clean-up raises when its bindings did not start on what is there.
            # A panic in its Rust half is no Exception, and there is no name to import it by.
            chromas = isinstance(error, (chromadb.errors.ChromaError, ValueError, AttributeError))
            if not chromas and type(error).__name__ != "PanicException":
                raise
            said = " ".join(str(error).split())
            if _is_short_of_files():
                raise StoredIndexError(
                    f"vectors in {str(self.folder)!r} cannot be opened: this process has too many files open; "
                    "raise `ulimit -n`, then try again"
                ) from error
            if self._copy is None:
                raise StoredIndexError(
                    f"vectors cannot be written in {str(self.folder)!r}: {said}; the served index is as it was; "
                    "free some space, or choose another folder with --index-dir"
                ) from error
            raise IndexDamaged(
                f"vectors in {str(self.folder)!r} cannot be read: {said}; run `footnote reindex --rebuild`"
            ) from error


def _is_short_of_files() -> bool:
    """Whether this process can open hardly another file. What Chroma says then sounds like damage."""
    with contextlib.ExitStack() as opened:
        try:
            for _ in range(_FILES):
                opened.callback(os.close, os.open(os.devnull, os.O_RDONLY))
        except OSError:
            return True
    return False


def _client(folder: Path):  # type: ignore[no-untyped-def]
    import chromadb
    from chromadb.config import Settings

    # An absolute path: Chroma shares one system per path as written.
    return chromadb.PersistentClient(
        path=str(folder.absolute()), settings=Settings(anonymized_telemetry=False, allow_reset=False)
    )


def _ids(numbers: NDArray[np.int64]) -> list[str]:
    return [str(number) for number in numbers.tolist()]


def as_table(
    ids: Sequence[Sequence[str]], distances: Sequence[Sequence[float]], k: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Passage numbers and cosines, each (n, k), of what Chroma found; -1 and -2 where it found fewer than k.

    Raises ValueError for what is no such reply.
    """
    numbers, cosines = np.full((len(ids), k), -1, np.int64), np.full((len(ids), k), -2.0, np.float32)
    for row, (found, far) in enumerate(zip(ids, distances, strict=True)):
        numbers[row, : len(found)] = np.array(found, np.int64)
        cosines[row, : len(found)] = 1.0 - np.array(far, np.float32)
    return numbers, cosines


def one_row(
    table: tuple[NDArray[np.int64], NDArray[np.float32]],
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """What a table of one row holds, without the places that were not filled."""
    numbers, cosines = table[0][0], table[1][0]
    return numbers[numbers >= 0], cosines[numbers >= 0]


def apart(numbers: NDArray[np.int64], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vectors (n, dim), unit norm, each moved by `_HAIR` in one of many directions, by its number.

    HNSW links equal vectors to nothing but each other: among 5,000 vectors, 250 of the same text cut off up to 59
    others, which no search found again. Moved apart, none was lost, and no cosine changes by more than 0.001.
    """
    if not len(vectors):
        return vectors
    directions = np.random.default_rng(0).normal(size=(_DIRECTIONS, vectors.shape[1]))
    directions *= _HAIR / np.linalg.norm(directions, axis=1, keepdims=True)
    moved = vectors + directions[numbers % _DIRECTIONS]
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), np.float32)

"""A built generation, opened again and put to the test before anyone is served from it."""

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.catalog import Catalog
from ingest.chroma_wire import ChromaServer
from ingest.encoders import available_cores
from ingest.errors import IndexDamaged
from ingest.generation import Generation
from ingest.vector_place import open_vectors
from ingest.vector_rows import VECTORS_FILE, VectorRows

LEAST_RECALL = 0.995
_TOP = 10
_SAMPLE = 200  # old vectors looked for again at each re-index, beside every new one
_QUERIES = 100  # of the recall: 1,000 neighbours, of which five may be missing
_MENDS = 3
_BATCH = 250  # looked for at once, by each thread
# `Vectors.add` moves a vector by a hair: its cosine to itself stays above 1 - 1e-4, that to another changes by 1e-3 at
# most.
_ITSELF, _SAME_COSINE = 1 - 1e-4, 1e-3

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]


class VectorsLost(IndexDamaged):
    """Vectors that a query for themselves does not find. numbers: of their passages."""

    def __init__(self, message: str, numbers: Numbers) -> None:
        """The message, and the numbers (n,)."""
        super().__init__(message)
        self.numbers = numbers


def verify_generation(
    folder: Path, *, server: ChromaServer | None = None, new_after: int = 0, check_files: bool = True
) -> float:
    """Open a generation and check that every passage has one vector, which the vector search finds; its recall, 0..1.

    server, check_files: see `Generation`. new_after: vectors of numbers above this one are all looked for; of the
    others, a sample.

    Raises:
        IndexDamaged: something the catalog holds cannot be found, or the other way round.
    """
    with contextlib.closing(Generation(folder, server=server, check_files=check_files)) as generation:
        generation.catalog.check()
        _check_numbers(generation)
        numbers = generation.columns.numbers
        fresh, older = numbers[numbers > new_after], numbers[numbers <= new_after]
        lost = _unreachable(generation, np.concatenate([fresh, _spread(older, _SAMPLE)]))
        if len(lost):
            raise VectorsLost(
                f"{str(folder)!r}: {len(lost)} vectors cannot be found, number {lost[0]} among them; "
                "run `footnote reindex --rebuild`",
                lost,
            )
        found = recall(generation)
        if found < LEAST_RECALL:
            raise IndexDamaged(
                f"{str(folder)!r}: the vector search finds {found:.4f} of the {_TOP} nearest, expected at least "
                f"{LEAST_RECALL}; run `footnote reindex --rebuild`"
            )
        return found


def verify_build(
    folder: Path, seal: Callable[[int], None], *, server: ChromaServer | None = None, new_after: int = 0
) -> None:
    """Seal a generation that is being built, and verify it; a vector that HNSW has lost is put in again, linked anew.

    Of 61,000 vectors two were lost in one build and none in another: the graph's levels are drawn by chance.
    seal: writes the manifest, given how many vectors were put in again.

    Raises:
        IndexDamaged: what `verify_generation` raises, and putting vectors in again does not mend.
    """
    again = 0
    for _ in range(_MENDS):
        seal(again)
        try:
            verify_generation(folder, server=server, new_after=new_after, check_files=False)
        except VectorsLost as lost:
            _put_in_again(folder, lost.numbers, server)
            again += len(lost.numbers)
        else:
            return
    seal(again)
    verify_generation(folder, server=server, new_after=new_after, check_files=False)


def _put_in_again(folder: Path, numbers: Numbers, server: ChromaServer | None) -> None:
    with contextlib.closing(Catalog(folder / "catalog.sqlite3")) as catalog:
        rows = catalog.columns().positions(numbers)
    with contextlib.closing(open_vectors(folder, server, writable=True)) as vectors:
        vectors.remove(numbers)
        vectors.add(numbers, VectorRows(folder / VECTORS_FILE).take(rows))


def recall(generation: Generation) -> float:
    """The share (0..1) of the exact ten nearest that the vector search finds, over a sample of the index's vectors.

    As near as an exact one counts as found: among equal vectors there is no telling which are the ten.
    """
    numbers = generation.columns.numbers
    if not len(numbers):
        return 1.0
    rows = np.arange(len(numbers))
    queries = generation.rows.take(_spread(rows, _QUERIES))
    _, cosines = generation.vectors.nearest_to_each(queries, _TOP)
    best = np.full((len(queries), _TOP), -2.0, np.float32)
    for _, vectors in generation.rows.blocks(rows, numbers):
        best = np.partition(np.hstack([best, queries @ vectors.T]), -_TOP, axis=1)[:, -_TOP:]
    worst = np.sort(best, axis=1)[:, [-cosines.shape[1]]]
    return float((cosines >= worst - _SAME_COSINE).mean())


def _check_numbers(generation: Generation) -> None:
    numbers = generation.columns.numbers
    for name, held in (
        ("vectors", generation.vectors.numbers()),
        ("word index", np.sort(generation.words.numbers)),
    ):
        if not np.array_equal(held, numbers):
            raise IndexDamaged(
                f"{str(generation.folder)!r}: catalog has {len(numbers)} passages, {name} {len(held)} or others; "
                "run `footnote reindex --rebuild`"
            )


def _unreachable(generation: Generation, numbers: Numbers) -> Numbers:
    """The numbers whose own vector does not find them (or an equal one) first."""

    def lost(batch: Numbers) -> Numbers:
        vectors = generation.rows.take(generation.columns.positions(batch))
        _, best = generation.vectors.nearest_to_each(vectors, 1)
        # The best neighbour of a vector that is in the graph is itself, or its equal: cosine 1.
        return batch[best[:, 0] < _ITSELF]

    batches = [numbers[start : start + _BATCH] for start in range(0, len(numbers), _BATCH)]
    with ThreadPoolExecutor(available_cores()) as pool:
        return np.concatenate([np.empty(0, np.int64), *pool.map(lost, batches)])


def _spread(numbers: Numbers, count: int) -> Numbers:
    """About ``count`` of the numbers, at even distances; all of them when there are fewer."""
    return numbers[:: max(1, len(numbers) // count)]

"""A built generation, opened again and put to the test before anyone is served from it."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.encoders import available_cores
from ingest.errors import IndexDamaged
from ingest.generation import Generation

LEAST_RECALL = 0.995
_TOP = 10
_SAMPLE = 200  # old vectors looked for again at each re-index, beside every new one; and the queries of the recall
_BATCH = 250  # looked for at once, by each thread
# Reading every vector of a large index takes longer than a small change may (2.4 s for 60,000). Vectors that any of
# the queries should have found are then looked for among so many drawn ones; a single miss has all of them read.
_DRAWN, _SMALL_SHARE = 2_000, 0.02
# What `Vectors.add` moves a vector by changes a cosine to another by 5e-5 on average, and by 2e-4 at most.
_SAME_COSINE = 3e-4

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]


def verify_generation(folder: Path, *, new_after: int = 0, taken_out: int = 0) -> float:
    """Open a generation and check that every passage has one vector, which the vector search finds; its recall, 0..1.

    new_after: vectors of numbers above this one are all looked for; of the others, a sample. taken_out: how many were
    removed from the graph. Where that was all that changed and it was little, recall is judged by a sample.

    Raises:
        IndexDamaged: something the catalog holds cannot be found, or the other way round.
    """
    with contextlib.closing(Generation(folder)) as generation:
        generation.catalog.check()
        _check_numbers(generation)
        numbers = generation.columns.numbers
        fresh, older = numbers[numbers > new_after], numbers[numbers <= new_after]
        lost = _unreachable(generation, np.concatenate([fresh, _spread(older, _SAMPLE)]))
        if len(lost):
            raise IndexDamaged(
                f"{str(folder)!r}: {len(lost)} vectors cannot be found, number {lost[0]} among them; "
                "run `footnote reindex --rebuild`"
            )
        small = new_after > 0 and len(fresh) + taken_out <= _SMALL_SHARE * len(numbers)
        found = recall(generation, small_change=small)
        if found < LEAST_RECALL:
            raise IndexDamaged(
                f"{str(folder)!r}: the vector search finds {found:.4f} of the {_TOP} nearest, expected at least "
                f"{LEAST_RECALL}; run `footnote reindex --rebuild`"
            )
        return found


def recall(generation: Generation, *, small_change: bool = False) -> float:
    """The share (0..1) of the exact ten nearest that the vector search finds, over a sample of the index's vectors.

    As near as an exact one counts as found: among equal vectors there is no telling which are the ten.
    small_change: all vectors are read only when a sample of them shows that something was missed.
    """
    numbers = generation.columns.numbers
    if not len(numbers):
        return 1.0
    queries = generation.rows.take(_spread(np.arange(len(numbers)), _SAMPLE))
    found, cosines = generation.vectors.nearest_to_each(queries, _TOP)
    if small_change and len(numbers) > _DRAWN and not _misses(generation, queries, found, cosines):
        return 1.0
    exact = np.full((len(queries), _TOP), -2.0, np.float32)
    for _, vectors in generation.rows.blocks(np.arange(len(numbers)), numbers):
        exact = -np.sort(-np.hstack([exact, queries @ vectors.T]), axis=1)[:, :_TOP]
    worst = exact[:, [cosines.shape[1] - 1]]
    return float((cosines >= worst - _SAME_COSINE).mean())


def _misses(generation: Generation, queries: Floats, found: Numbers, cosines: Floats) -> int:
    """How many of some drawn vectors are nearer to a query than the last that the search found, and were not found."""
    numbers = generation.columns.numbers
    seed = int.from_bytes(generation.id.encode(), "big")  # others in each generation, the same when it is asked again
    drawn = np.sort(np.random.default_rng(seed).choice(numbers, _DRAWN, replace=False))
    nearer = queries @ generation.rows.take(generation.columns.positions(drawn)).T > cosines[:, [-1]] + _SAME_COSINE
    return sum(int((~np.isin(drawn[row], ids)).sum()) for row, ids in zip(nearer, found, strict=True))


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
        return batch[best[:, 0] < 1.0 - _SAME_COSINE]

    batches = [numbers[start : start + _BATCH] for start in range(0, len(numbers), _BATCH)]
    with ThreadPoolExecutor(available_cores()) as pool:
        return np.concatenate([np.empty(0, np.int64), *pool.map(lost, batches)])


def _spread(numbers: Numbers, count: int) -> Numbers:
    """About ``count`` of the numbers, at even distances; all of them when there are fewer."""
    return numbers[:: max(1, len(numbers) // count)]

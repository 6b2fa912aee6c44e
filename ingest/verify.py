"""A built generation, opened again and put to the test before anyone is served from it."""

import contextlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.errors import IndexDamaged
from ingest.generation import Generation

_SAMPLE = 200  # old vectors looked for again at each re-index, beside every new one
_BATCH = 1000


def verify_generation(folder: Path, *, new_after: int = 0) -> None:
    """Open a generation and check that every passage has one vector, reachable by a query for itself.

    new_after: vectors of numbers above this one are all looked for; of the others, a sample.

    Raises:
        IndexDamaged: something the catalog holds cannot be found, or the other way round.
    """
    with contextlib.closing(Generation(folder)) as generation:
        generation.catalog.check()
        numbers = generation.columns.numbers
        for name, held in (
            ("vectors", generation.vectors.numbers()),
            ("word index", np.sort(generation.words.numbers)),
        ):
            if not np.array_equal(held, numbers):
                raise IndexDamaged(
                    f"{str(folder)!r}: catalog has {len(numbers)} passages, {name} {len(held)} or others"
                )
        fresh, older = numbers[numbers > new_after], numbers[numbers <= new_after]
        sample = older[:: max(1, len(older) // _SAMPLE)]
        lost = _unreachable(generation, np.concatenate([fresh, sample]))
        if len(lost):
            raise IndexDamaged(
                f"{str(folder)!r}: {len(lost)} vectors cannot be found, number {lost[0]} among them; "
                "run `footnote reindex --rebuild`"
            )


def _unreachable(generation: Generation, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers whose own vector does not find them (or an equal one) first."""
    lost = []
    for start in range(0, len(numbers), _BATCH):
        batch = numbers[start : start + _BATCH]
        vectors = generation.vectors.fetch(batch)
        best = generation.vectors.best_cosines(vectors)
        # The best neighbour of a vector that is in the graph is itself, or its equal: cosine 1.
        lost.append(batch[best < 1.0 - 1e-4])
    return np.concatenate(lost) if lost else np.empty(0, np.int64)

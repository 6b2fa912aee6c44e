"""Every vector of a generation as a row of one memory-mapped file, beside the graph in Chroma that searches them.

    vectors -> vectors.npy -> the vectors of given passages, and the nearest among few of them, exactly

The graph finds the nearest of all. It is slow at two things that come from here: handing out the vectors of given
passages (50 of 40,000 in 2.7 ms, 0.1 ms here) and searching among those that a filter admits (4,000 of 40,000 in
11 ms, 2 ms here): `bench/query_speed.py`.
"""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from ingest.errors import IndexDamaged

VECTORS_FILE = "vectors.npy"
_BLOCK = 10_000  # rows in memory at once, 15 MB

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]


class VectorRows:
    """Vectors (n, dim) float32 of unit norm, in the order of the passage numbers. Read-only, safe between threads."""

    def __init__(self, path: Path) -> None:
        """Map a file. Raises IndexDamaged when it is missing or holds something else."""
        try:
            self._matrix: Floats = _opened(path)
        except (OSError, ValueError) as error:
            raise IndexDamaged(f"{str(path)!r} cannot be read: {error}; run `footnote reindex --rebuild`") from error

    def __len__(self) -> int:
        """How many vectors there are."""
        return len(self._matrix)

    def take(self, rows: Rows) -> Floats:
        """The vectors (n, dim) of some rows (n,), in that order."""
        return np.asarray(np.take(self._matrix, rows, axis=0))

    def blocks(self, rows: Rows, numbers: Numbers) -> Iterator[tuple[Numbers, Floats]]:
        """Some rows, ascending, in blocks: their passage numbers, given the number of every row, and their vectors."""
        for start in range(0, len(rows), _BLOCK):
            part = rows[start : start + _BLOCK]
            whole = part[-1] - part[0] == len(part) - 1  # nothing left out between them: no copy is needed
            yield numbers[part], self._matrix[part[0] : part[-1] + 1] if whole else self.take(part)

    def nearest(self, vector: Floats, k: int, rows: Rows) -> Rows:
        """The k of some rows whose vectors are nearest to a vector (dim,), exactly, best first; all when k are not."""
        parts = (self.take(rows[start : start + _BLOCK]) @ vector for start in range(0, len(rows), _BLOCK))
        cosines = np.concatenate([np.empty(0, np.float32), *parts])
        best = np.argpartition(-cosines, k)[:k] if k < len(rows) else np.arange(len(rows))
        return np.asarray(rows[best[np.argsort(-cosines[best], kind="stable")]])


class RowsWriter:
    """Writes a file of vectors from first to last; use as a context. Memory stays flat, whatever their number.

    written: how many there are so far.
    """

    def __init__(self, path: Path, count: int, dim: int) -> None:
        """Begin a file of that many vectors of that length."""
        self.written = 0
        self._file: BinaryIO = path.open("wb")
        header: dict[str, Any] = {"descr": "<f4", "fortran_order": False, "shape": (count, dim)}
        np.lib.format.write_array_header_1_0(self._file, header)

    def add(self, vectors: Floats) -> None:
        """Write the next vectors (n, dim)."""
        self._file.write(np.ascontiguousarray(vectors, "<f4").data)
        self.written += len(vectors)

    def __enter__(self) -> Self:
        """The object itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._file.close()


def _opened(path: Path) -> Floats:
    """The saved matrix, mapped; in memory when it is empty, which cannot be mapped. Raises OSError or ValueError."""
    with path.open("rb") as file:
        np.lib.format.read_magic(file)
        shape, _, kind = np.lib.format.read_array_header_1_0(file)
    if len(shape) != 2 or kind != np.dtype("<f4"):
        raise ValueError(f"expected rows of float32, found {kind} of shape {shape}")
    return np.asarray(np.load(path, mmap_mode="r" if shape[0] else None))

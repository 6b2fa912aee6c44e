from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import IndexDamaged
from ingest.vector_rows import RowsWriter, VectorRows


def unit_vectors(count: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, 8)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def written(folder: Path, vectors: np.ndarray, step: int = 7) -> VectorRows:
    with RowsWriter(folder / "vectors.npy", len(vectors), vectors.shape[1]) as writer:
        for start in range(0, len(vectors), step):
            writer.add(vectors[start : start + step])
        assert writer.written == len(vectors)
    return VectorRows(folder / "vectors.npy")


@pytest.mark.parametrize("count", [0, 1, 25])
def test_what_is_written_in_parts_is_read_again_whole(tmp_path: Path, count: int) -> None:
    vectors = unit_vectors(count)
    rows = written(tmp_path, vectors)
    assert len(rows) == count
    assert np.array_equal(rows.take(np.arange(count)), vectors)
    assert np.array_equal(np.load(tmp_path / "vectors.npy"), vectors)


def test_blocks_carry_the_numbers_of_their_rows(tmp_path: Path) -> None:
    vectors = unit_vectors(30)
    blocks = list(written(tmp_path, vectors).blocks(np.arange(0, 30, 3), np.arange(100, 130)))
    assert np.array_equal(np.concatenate([numbers for numbers, _ in blocks]), np.arange(100, 130, 3))
    assert np.array_equal(np.concatenate([block for _, block in blocks]), vectors[::3])


@settings(max_examples=50, deadline=None)
@given(chosen=st.sets(st.integers(0, 39)), k=st.integers(1, 50))
def test_the_nearest_of_some_rows_are_exact(tmp_path_factory: pytest.TempPathFactory, chosen: set[int], k: int) -> None:
    vectors = unit_vectors(40)
    rows = written(tmp_path_factory.mktemp("rows"), vectors)
    vector = unit_vectors(1, seed=5)[0]
    expected = sorted(chosen, key=lambda row: -float(vectors[row] @ vector))[:k]
    assert rows.nearest(vector, k, np.array(sorted(chosen), np.int64)).tolist() == expected


@pytest.mark.parametrize("spoil", [lambda path: path.unlink(), lambda path: path.write_bytes(b"no matrix")])
def test_a_missing_or_spoilt_file_is_damage(tmp_path: Path, spoil) -> None:  # type: ignore[no-untyped-def]
    written(tmp_path, unit_vectors(3))
    spoil(tmp_path / "vectors.npy")
    with pytest.raises(IndexDamaged, match="reindex --rebuild"):
        VectorRows(tmp_path / "vectors.npy")


def test_a_matrix_of_another_kind_is_damage(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", np.zeros((3, 4)))
    with pytest.raises(IndexDamaged, match="float64"):
        VectorRows(tmp_path / "vectors.npy")

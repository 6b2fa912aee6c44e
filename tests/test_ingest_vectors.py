import resource
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from ingest.errors import IndexDamaged, StoredIndexError
from ingest.vectors import Vectors, as_table, one_row

NUMBERS, VECTORS = np.arange(5), np.eye(5, 8, dtype=np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with closing(Vectors(tmp_path / "vectors", create=True)) as vectors:
        vectors.add(NUMBERS, VECTORS)
    return tmp_path / "vectors"


@contextmanager
def room_for_files(spare: int) -> Iterator[None]:
    """No more than so many files can be opened in the block."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    held = {int(path.name) for path in Path("/proc/self/fd").iterdir()}
    free = [number for number in range(len(held) + spare + 1) if number not in held]
    resource.setrlimit(resource.RLIMIT_NOFILE, (free[spare], limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts open files as Linux does")
def test_too_many_open_files_are_not_taken_for_damage(folder: Path) -> None:
    failed = 0
    for spare in range(14):
        try:
            with room_for_files(spare), closing(Vectors(folder)) as vectors:
                assert vectors.nearest(VECTORS[2], 1)[0].tolist() == [2]
        except StoredIndexError as error:
            assert not isinstance(error, IndexDamaged), error
            failed += 1
    assert 2 < failed < 14
    with closing(Vectors(folder)) as vectors:
        assert vectors.nearest(VECTORS[2], 1)[0].tolist() == [2]


def test_fewer_found_than_asked_for_leave_their_places_empty() -> None:
    numbers, cosines = as_table([["7", "3"], ["5"], []], [[0.25, 0.5], [1.0], []], 2)
    assert numbers.tolist() == [[7, 3], [5, -1], [-1, -1]]
    assert cosines.tolist() == [[0.75, 0.5], [0.0, -2.0], [-2.0, -2.0]]
    assert [part.tolist() for part in one_row((numbers[1:2], cosines[1:2]))] == [[5], [0.0]]


@pytest.mark.parametrize(
    ("ids", "distances"), [([["seven"]], [[0.1]]), ([["7"]], []), ([["7", "8", "9"]], [[1, 2, 3]])]
)
def test_what_is_no_reply_is_refused(ids: list[list[str]], distances: list[list[float]]) -> None:
    with pytest.raises(ValueError, match=r"invalid literal|shorter|broadcast"):
        as_table(ids, distances, 2)


def test_an_empty_collection_finds_nothing(tmp_path: Path) -> None:
    with closing(Vectors(tmp_path / "vectors", create=True)) as vectors:
        assert vectors.nearest(VECTORS[0], 3)[0].tolist() == []
        assert vectors.nearest_to_each(VECTORS, 3)[0].shape == (5, 0)

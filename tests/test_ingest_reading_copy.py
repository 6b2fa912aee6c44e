import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from doubles import HashEmbedder

import ingest.reading_copy
from ingest.build import reindex
from ingest.errors import IndexDamaged, StoredIndexError
from ingest.generation import current_id, generation_folder, open_current
from ingest.reading_copy import ReadingCopy
from ingest.settings import Settings
from ingest.vectors import Vectors

Write = Callable[[str, str], Path]


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files of this test alone."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def bytes_under(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("articles", [1, 3, 150])
def test_readers_never_write_to_a_generation(settings: Settings, write: Write, articles: int) -> None:
    shutil.rmtree(settings.corpus)
    for number in range(articles):
        write(f"n{number}.md", f"# Item {number}\n\nText of item {number}.\n")
    reindex(settings, embedder=HashEmbedder())
    folder = generation_folder(settings.index_dir, str(current_id(settings.index_dir)))
    before = bytes_under(folder)
    for _ in range(2):
        with closing(open_current(settings.index_dir)) as generation:
            vectors = generation.vectors.fetch(generation.columns.numbers)
            assert generation.vectors.nearest(vectors[0], 1)[1] == pytest.approx(1.0, abs=1e-3)
    assert bytes_under(folder) == before


def test_a_question_in_flight_outlives_its_generation(settings: Settings, temporary: Path) -> None:
    reindex(settings, embedder=HashEmbedder())
    with closing(open_current(settings.index_dir)) as generation:
        numbers = generation.columns.numbers
        shutil.rmtree(generation.folder)
        vectors = generation.vectors.fetch(numbers)
        assert generation.vectors.nearest(vectors[1], 1)[0].tolist() == [numbers[1]]
    assert list(temporary.iterdir()) == []


def make_vectors(folder: Path) -> None:
    with closing(Vectors(folder, create=True)) as vectors:
        vectors.add(np.arange(3), np.eye(3, 8, dtype=np.float32))


def test_the_copy_goes_with_its_reader(tmp_path: Path, temporary: Path) -> None:
    make_vectors(tmp_path / "vectors")
    with closing(Vectors(tmp_path / "vectors")):
        assert len(list(temporary.iterdir())) == 1
    assert list(temporary.iterdir()) == []


def test_the_copy_of_a_killed_reader_is_swept_and_that_of_a_living_one_is_not(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest.reading_copy, "_YOUNG_SECONDS", 0.0)
    make_vectors(tmp_path / "vectors")
    script = (
        "import sys; from pathlib import Path; from ingest.reading_copy import ReadingCopy\n"
        "copy = ReadingCopy(Path(sys.argv[1])); print(copy.path, flush=True); sys.stdin.read()"
    )
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(Path(ingest.__file__).parents[1])}
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "vectors")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as reader:
        assert reader.stdout
        theirs = Path(reader.stdout.readline().strip())
        ours = ReadingCopy(tmp_path / "vectors")
        assert theirs.is_dir()
        reader.send_signal(signal.SIGKILL)
    another = ReadingCopy(tmp_path / "vectors")
    assert not theirs.exists()
    assert ours.path.is_dir()
    ours.close()
    another.close()


def test_without_room_for_temporary_files_memory_serves(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_vectors(tmp_path / "vectors")
    (tmp_path / "memory").mkdir()
    temporary.rmdir()
    temporary.write_text("no folder, so nothing can be put there")
    monkeypatch.setattr(ingest.reading_copy, "_MEMORY", str(tmp_path / "memory"))
    with closing(Vectors(tmp_path / "vectors")) as vectors:
        assert vectors.count() == 3
        assert len(list((tmp_path / "memory").iterdir())) == 1
    monkeypatch.setattr(ingest.reading_copy, "_MEMORY", str(temporary))
    with pytest.raises(StoredIndexError, match="TMPDIR") as raised:
        Vectors(tmp_path / "vectors")
    assert not isinstance(raised.value, IndexDamaged)  # the index is whole: nothing to rebuild

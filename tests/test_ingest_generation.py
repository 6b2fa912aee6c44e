import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from doubles import HashEmbedder

from ingest.build import reindex
from ingest.errors import IndexDamaged, IndexMismatch, IndexMissing
from ingest.generation import FORM, Generation, current_id, generation_folder, open_current
from ingest.settings import Settings

Write = Callable[[str, str], Path]


@pytest.fixture
def folder(settings: Settings) -> Path:
    report = reindex(settings, embedder=HashEmbedder())
    assert report.generation
    return generation_folder(settings.index_dir, report.generation)


def test_no_index_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="footnote reindex"):
        open_current(tmp_path)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x40
    path.write_bytes(bytes(data))


def flip_header(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[:100] = bytes(100)
    path.write_bytes(bytes(data))


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("harm", [flip, halve, Path.unlink])
@pytest.mark.parametrize("name", ["catalog.sqlite3", "words/rows.npy", "manifest.json"])
def test_a_damaged_generation_is_refused(folder: Path, name: str, harm: Callable[[Path], None]) -> None:
    harm(folder / name)
    with pytest.raises(IndexDamaged, match="footnote reindex"):
        Generation(folder)


@pytest.mark.parametrize("name", ["chroma/chroma.sqlite3", "chroma"])
def test_missing_vectors_are_noticed(folder: Path, name: str) -> None:
    path = folder / name
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(IndexDamaged):
        Generation(folder)


def test_an_extra_file_is_noticed(folder: Path) -> None:
    (folder / "words" / "stray.npy").write_bytes(b"stray")
    with pytest.raises(IndexDamaged, match=r"stray\.npy"):
        Generation(folder)


def test_another_form_of_index_is_not_opened(folder: Path) -> None:
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace(f'"form": {FORM}', '"form": 99'))
    with pytest.raises(IndexMismatch, match="99"):
        Generation(folder)


def test_a_damaged_current_generation_falls_back_with_a_warning(
    settings: Settings, folder: Path, write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    write("new.md", "# New\n\nSomething new.\n")
    newer = reindex(settings, embedder=HashEmbedder()).generation
    assert newer
    halve(generation_folder(settings.index_dir, newer) / "catalog.sqlite3")
    generation = open_current(settings.index_dir)
    assert generation.id == folder.name
    assert "footnote reindex" in caplog.text
    generation.close()


@pytest.mark.parametrize("harm", [flip_header, halve])
def test_damaged_vectors_fall_back_and_a_reindex_heals(
    settings: Settings, folder: Path, write: Write, harm: Callable[[Path], None]
) -> None:
    write("new.md", "# New\n\nSomething new.\n")
    newer = reindex(settings, embedder=HashEmbedder()).generation
    assert newer
    harm(generation_folder(settings.index_dir, newer) / "chroma" / "chroma.sqlite3")
    generation = open_current(settings.index_dir)
    assert generation.id == folder.name
    generation.close()
    write("newer.md", "# Newer\n\nSomething newer.\n")
    healed = reindex(settings, embedder=HashEmbedder())
    assert healed.articles == 5
    open_current(settings.index_dir).close()


def test_a_damaged_current_is_replaced_though_the_corpus_is_that_of_the_one_before(
    settings: Settings, folder: Path, write: Write, corpus: Path
) -> None:
    write("new.md", "# New\n\nSomething new.\n")
    damaged = str(reindex(settings, embedder=HashEmbedder()).generation)
    (corpus / "new.md").unlink()
    halve(generation_folder(settings.index_dir, damaged) / "catalog.sqlite3")
    assert reindex(settings, embedder=HashEmbedder()).articles == 3
    healed = current_id(settings.index_dir)
    assert healed not in (damaged, folder.name)
    Generation(generation_folder(settings.index_dir, str(healed))).close()


def test_an_index_folder_that_is_a_file_holds_no_index(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(IndexMissing):
        open_current(tmp_path / "file")


def test_publishing_flushes_everything_before_it_is_named(
    settings: Settings, folder: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a power cut leaves is what was flushed: files before their folder's rename, CURRENT last."""
    told: list[tuple[str, int | str]] = []
    fsync, rename, replace = os.fsync, Path.rename, Path.replace

    def flushed(descriptor: int) -> None:
        told.append(("flushed", os.fstat(descriptor).st_ino))
        fsync(descriptor)

    def renamed(self: Path, target: Path) -> Path:
        told.append(("renamed", self.stat().st_ino))
        return rename(self, target)

    def replaced(self: Path, target: Path) -> Path:
        told.append(("replaced", self.stat().st_ino))
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(Path, "rename", renamed)
    monkeypatch.setattr(Path, "replace", replaced)
    write("new.md", "# New\n\nSomething new.\n")
    index_dir = settings.index_dir
    named_before = (index_dir / "CURRENT").stat().st_ino
    reindex(settings, embedder=HashEmbedder())
    assert (index_dir / "CURRENT").stat().st_ino != named_before  # never written in place
    published = generation_folder(index_dir, str(current_id(index_dir)))
    naming = told.index(("renamed", published.stat().st_ino))
    swap = told.index(("replaced", (index_dir / "CURRENT").stat().st_ino))
    before = {inode for what, inode in told[:naming] if what == "flushed"}
    assert {path.stat().st_ino for path in [published, *published.rglob("*")]} <= before
    assert ("flushed", published.parent.stat().st_ino) in told[naming:swap]
    assert ("flushed", (index_dir / "CURRENT").stat().st_ino) in told[naming:swap]
    assert ("flushed", index_dir.stat().st_ino) in told[swap:]


def test_what_a_killed_publication_left_is_swept(settings: Settings, folder: Path) -> None:
    (settings.index_dir / "CURRENT.new").write_text("half")
    reindex(settings, embedder=HashEmbedder())
    assert not (settings.index_dir / "CURRENT.new").exists()

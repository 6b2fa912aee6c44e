"""Every file of a generation harmed in every way: refused on opening, the one before serves, a re-index heals."""

import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from conftest import ARTICLES
from doubles import HashEmbedder
from torture import EMBEDDER, LONG, debris, served_faults

from assistant.doctor import examine
from ingest.build import reindex
from ingest.errors import IndexDamaged
from ingest.generation import Generation, current_id, generation_folder, open_current, published_ids
from ingest.settings import Settings
from ingest.vector_rows import VECTORS_FILE

FILES = [
    "manifest.json",
    "catalog.sqlite3",
    *(f"words/{name}.npy" for name in ("numbers", "articles", "lengths", "title_lengths", "terms", "term_starts")),
    *(f"words/{name}.npy" for name in ("starts", "rows", "counts", "title_counts")),
    VECTORS_FILE,
    "chroma/chroma.sqlite3",
    *(f"chroma/*/{name}.bin" for name in ("data_level0", "header", "length", "link_lists")),
    "chroma/*/index_metadata.pickle",
]


def flip(place: float) -> Callable[[Path, Path], None]:
    """Flip one bit, at a place between 0 (the first byte) and 1 (the last)."""

    def harm(path: Path, older: Path) -> None:
        data = bytearray(path.read_bytes())
        data[int(place * (len(data) - 1))] ^= 1
        path.write_bytes(data)

    return harm


def cut(share: float) -> Callable[[Path, Path], None]:
    return lambda path, older: os.truncate(path, int(path.stat().st_size * share))


def lengthen(path: Path, older: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def delete(path: Path, older: Path) -> None:
    path.unlink()


def swap(path: Path, older: Path) -> None:
    shutil.copyfile(older, path)


def make_folder(path: Path, older: Path) -> None:
    path.unlink()
    path.mkdir()


HARMS = {
    "first bit": flip(0.0),
    "a bit at one third": flip(1 / 3),
    "a bit at two thirds": flip(2 / 3),
    "last bit": flip(1.0),
    "emptied": cut(0.0),
    "cut in half": cut(0.5),
    "one byte more": lengthen,
    "deleted": delete,
    "swapped with the older generation's": swap,
    "a folder in its place": make_folder,
}


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of four articles and an index of two generations, the older one without the fourth article."""
    root = tmp_path_factory.mktemp("pristine")
    settings = Settings(corpus=root / "corpus", index_dir=root / "index")
    for name, text in ARTICLES.items():
        (settings.corpus / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.corpus / name).write_text(text)
    reindex(settings, embedder=HashEmbedder())
    (settings.corpus / "new.md").write_text("# New\n\nSomething new came to the harbour.\n")
    reindex(settings, embedder=HashEmbedder())
    return root


@pytest.fixture
def harmed(pristine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A copy of both to do harm to."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("assistant.doctor.load_embedder", lambda name: EMBEDDER)
    monkeypatch.setattr("assistant.doctor.model_fingerprint", lambda name: EMBEDDER.fingerprint)
    for name in ("corpus", "index"):
        shutil.copytree(pristine / name, tmp_path / name)
    yield Settings(corpus=tmp_path / "corpus", index_dir=tmp_path / "index")


def generations(settings: Settings) -> tuple[Path, Path]:
    """The folders of the older and the current generation."""
    older, current = (generation_folder(settings.index_dir, name) for name in published_ids(settings.index_dir))
    return older, current


def assert_falls_back_and_heals(settings: Settings, older: str, caplog: pytest.LogCaptureFixture) -> None:
    """Opening serves the older generation and warns, the doctor names the mend, a re-index mends."""
    with caplog.at_level(logging.WARNING, "footnote"), closing(open_current(settings.index_dir)) as generation:
        assert generation.id == older
    assert "footnote reindex" in caplog.text
    check = next(check for check in examine(settings) if check.name == "index")
    assert (check.state, "footnote reindex" in check.mend) == ("warning", True)
    assert_healed(settings)
    for name in published_ids(settings.index_dir):  # nothing damaged stays behind to fall back to
        Generation(generation_folder(settings.index_dir, name)).close()


def assert_healed(settings: Settings) -> None:
    reindex(settings, embedder=HashEmbedder())
    assert served_faults(settings) == []
    assert debris(settings.index_dir) == []


def test_no_file_is_forgotten_here(pristine: Path) -> None:
    (*_, current) = sorted((pristine / "index" / "generations").iterdir())
    assert sorted(path for name in FILES for path in current.glob(name)) == sorted(
        path for path in current.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("name", FILES)
def test_a_harmed_file(harmed: Settings, name: str, harm: str, caplog: pytest.LogCaptureFixture) -> None:
    older, current = generations(harmed)
    (path,) = current.glob(name)
    (counterpart,) = older.glob(name)
    before = path.read_bytes()
    if before or harm in ("deleted", "one byte more", "a folder in its place"):
        HARMS[harm](path, counterpart)
    if path.is_file() and path.read_bytes() == before:
        assert harm in ("swapped with the older generation's", "emptied", "cut in half")  # the same bytes: no harm done
        return
    with pytest.raises(IndexDamaged, match="footnote reindex"):
        Generation(current)
    if LONG or FILES.index(name) % len(HARMS) == list(HARMS).index(harm):
        assert_falls_back_and_heals(harmed, older.name, caplog)


def lose(settings: Settings, older: Path, current: Path) -> None:
    shutil.rmtree(current)


def empty(settings: Settings, older: Path, current: Path) -> None:
    shutil.rmtree(current)
    current.mkdir()


def exchange(settings: Settings, older: Path, current: Path) -> None:
    """The older generation, whole, under the current one's name."""
    shutil.rmtree(current)
    shutil.copytree(older, current)


def stray(name: str) -> Callable[[Settings, Path, Path], None]:
    return lambda settings, older, current: (current / name).write_bytes(b"stray")


def without(folder: str) -> Callable[[Settings, Path, Path], None]:
    def harm(settings: Settings, older: Path, current: Path) -> None:
        shutil.rmtree(next(current.glob(folder)))

    return harm


def swapped_words_and_manifest(settings: Settings, older: Path, current: Path) -> None:
    shutil.rmtree(current / "words")
    shutil.copytree(older / "words", current / "words")
    shutil.copyfile(older / "manifest.json", current / "manifest.json")


@pytest.mark.parametrize(
    "harm",
    [
        *(lose, empty, exchange, swapped_words_and_manifest),
        *(stray("words/stray.npy"), stray("chroma/stray")),
        *(without("words"), without("chroma"), without("chroma/*-*")),
    ],
)
def test_a_harmed_folder(
    harmed: Settings, harm: Callable[[Settings, Path, Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    older, current = generations(harmed)
    harm(harmed, older, current)
    assert_falls_back_and_heals(harmed, older.name, caplog)


@pytest.mark.parametrize(
    "named",
    [
        *(
            b"nowhere\n",
            b"",
            b"\n",
            b"\0\0\0\0",
            b"\xff\xfe\xff",
            b"x" * 100_000,
            b"20251126T143000.000000-00ff.building",
        ),
        *(b"../../outside/NEWEST", b"../generations/NEWEST", b"/etc", b".", b"..", b"~", b"a/b", b"two\nlines", None),
    ],
)
def test_a_harmed_current(
    harmed: Settings, tmp_path: Path, named: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever CURRENT says, nothing outside the index is opened; the newest generation serves."""
    _, newest = generations(harmed)
    shutil.copytree(newest, tmp_path / "outside" / newest.name)
    path = harmed.index_dir / "CURRENT"
    path.unlink() if named is None else path.write_bytes(named.replace(b"NEWEST", newest.name.encode()))
    with closing(open_current(harmed.index_dir)) as generation:
        assert generation.folder == newest
    assert_falls_back_and_heals(harmed, newest.name, caplog)


def test_both_generations_harmed(harmed: Settings) -> None:
    for folder in generations(harmed):
        os.truncate(folder / "catalog.sqlite3", 100)
    with pytest.raises(IndexDamaged, match="footnote reindex"):
        open_current(harmed.index_dir)
    assert_healed(harmed)


def test_a_reader_keeps_what_it_has_when_the_next_generation_is_harmed(harmed: Settings) -> None:
    from assistant import Assistant

    with Assistant(harmed, embedder=EMBEDDER) as assistant:
        held = current_id(harmed.index_dir)
        shutil.rmtree(harmed.index_dir / "generations")
        (harmed.index_dir / "CURRENT").write_text("nowhere\n")
        assert assistant.ask("What came to the harbour?").evidence[0].article.id == "new.md"
        with assistant.using() as generation:
            assert generation.id == held


@pytest.mark.parametrize("name", ["vectors.cache.sqlite3", "lock"])
@pytest.mark.parametrize("harm", ["first bit", "emptied", "cut in half", "deleted"])
def test_what_lies_beside_the_generations_can_be_lost(harmed: Settings, name: str, harm: str) -> None:
    HARMS[harm](harmed.index_dir / name, harmed.index_dir / name)
    (harmed.corpus / "newer.md").write_text("# Newer\n\nSomething newer came.\n")
    assert_healed(harmed)

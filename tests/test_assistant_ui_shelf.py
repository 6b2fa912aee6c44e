from pathlib import Path

import pytest
from doubles import HashEmbedder

from assistant.ui.shelf import Shelf
from ingest.build import reindex
from ingest.generation import open_current
from ingest.settings import Settings


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "address", ["", "  ", "/etc/hostname", "file:///etc/hostname", "harbour/bridge.md", "ftp://x.example/a"]
)
def test_only_web_addresses_are_added_by_address(settings: Settings, address: str) -> None:
    before = files_in(settings.corpus)
    (arrival,) = Shelf(settings).add_from_web(address)
    assert (arrival.kept, "https://" in arrival.words) == (False, True)
    assert files_in(settings.corpus) == before


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/a", "http://[::1]/a", "http://169.254.169.254/latest"])
def test_addresses_that_are_not_public_are_refused(settings: Settings, address: str) -> None:
    before = files_in(settings.corpus)
    (arrival,) = Shelf(settings).add_from_web(address)
    assert not arrival.kept
    assert "public" in arrival.words
    assert files_in(settings.corpus) == before


def test_deleting_a_link_leaves_the_article_it_leads_to(settings: Settings) -> None:
    (settings.corpus / "link.md").symlink_to(settings.corpus / "harbour/bridge.md")
    reindex(settings, embedder=HashEmbedder())
    generation = open_current(settings.index_dir)
    article = generation.catalog.article("link.md")
    generation.close()
    if article is not None:  # a link within the corpus may be read as an article of its own
        Shelf(settings).remove(article)
        assert not (settings.corpus / "link.md").is_symlink()
    assert (settings.corpus / "harbour/bridge.md").is_file()


def test_a_file_of_the_same_name_is_kept_beside(settings: Settings, tmp_path: Path) -> None:
    note = tmp_path / "note.md"
    note.write_text("# A note\n\nThe tide comes in at noon.\n")
    arrivals = [Shelf(settings).add(note, "note.md") for _ in range(3)]
    assert [arrival.words for arrival in arrivals] == [
        "kept as added/note.md",
        "kept as added/note-2.md",
        "kept as added/note-3.md",
    ]

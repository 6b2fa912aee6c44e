from pathlib import Path

import pytest

from assistant.ui.shelf import Shelf
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

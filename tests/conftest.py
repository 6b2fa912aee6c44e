import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.settings import Settings

ARTICLES = {
    "harbour/bridge.md": (
        "---\ntitle: The harbour bridge opens\nsource: Port Gazette\npublished: 2025-03-01\n---\n\n"
        "The harbour bridge opened on Saturday after six years of work. It cost 40 million dollars, the port said.\n\n"
        "Mayor Ida Holm cut the ribbon. She said that ferries would keep running until June.\n"
    ),
    "harbour/ferries.md": (
        "---\ntitle: Ferries to stop in June\nsource: Port Gazette\npublished: 2025-04-12\n---\n\n"
        "The last ferry across the harbour will sail on June 30. Some 3,200 passengers took it each day last year.\n"
    ),
    "towns/library.txt": (
        "Library to close on Mondays\n\nThe town library will close on Mondays from September. "
        "Its budget fell by 12 percent this year, said the librarian, Jonas Weir.\n"
    ),
}


def pytest_configure() -> None:
    """Hear Ctrl-C even when a shell started the tests in the background: what they start must hear it too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings of the machine or of the folder it is run from."""
    for name in ("FOOTNOTE_LLM_MODEL", "FOOTNOTE_LLM_BASE_URL", "FOOTNOTE_LLM_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("ANONYMIZED_TELEMETRY", "False")
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A corpus folder with three small articles of two outlets, one of them undated."""
    folder = tmp_path / "corpus"
    for name, text in ARTICLES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def settings(corpus: Path, tmp_path: Path) -> Settings:
    """Settings for that corpus and an index beside it."""
    return Settings(corpus=corpus, index_dir=tmp_path / "index")


@pytest.fixture
def write(corpus: Path) -> Callable[[str, str], Path]:
    """Write an article into the corpus: ``write("a.md", text)``."""

    def put(name: str, text: str) -> Path:
        path = corpus / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return put

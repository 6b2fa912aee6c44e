from collections.abc import Callable
from pathlib import Path

import pytest
from doubles import HashEmbedder
from llm_server import ScriptedServer, says, status

from assistant.doctor import examine
from ingest.build import reindex
from ingest.generation import current_id, generation_folder
from ingest.settings import Settings

Write = Callable[[str, str], Path]


@pytest.fixture(autouse=True)
def _stand_in_model(monkeypatch: pytest.MonkeyPatch) -> None:
    fingerprint = HashEmbedder().fingerprint
    monkeypatch.setattr("assistant.doctor.load_embedder", lambda name: HashEmbedder())
    monkeypatch.setattr("assistant.doctor.model_fingerprint", lambda name: fingerprint)


def states(settings: Settings, *, deep: bool = False) -> dict[str, str]:
    return {check.name: check.state for check in examine(settings, deep=deep)}


ALL_WELL = {"corpus": "ok", "index": "ok", "embedder": "ok", "language model": "ok"}


def test_all_is_well_after_a_reindex(settings: Settings) -> None:
    reindex(settings, embedder=HashEmbedder())
    assert states(settings) == states(settings, deep=True) == ALL_WELL


def test_no_index_yet(settings: Settings) -> None:
    checks = {check.name: check for check in examine(settings)}
    assert checks["index"].state == "failed"
    assert "footnote reindex" in checks["index"].mend
    assert checks["corpus"].state == "warning"


def test_a_corpus_that_moved_on_is_a_warning(settings: Settings, write: Write) -> None:
    reindex(settings, embedder=HashEmbedder())
    write("new.md", "# New\n\nSomething new.\n")
    (check, *_) = examine(settings)
    assert (check.state, "1 new" in check.found, check.mend) == ("warning", True, "run `footnote reindex`")


def test_a_damaged_catalog_is_found(settings: Settings) -> None:
    reindex(settings, embedder=HashEmbedder())
    folder = generation_folder(settings.index_dir, str(current_id(settings.index_dir)))
    path = folder / "catalog.sqlite3"
    path.write_bytes(path.read_bytes()[:4096])
    assert states(settings)["index"] == "failed"


def test_a_damaged_generation_in_service_is_a_warning_with_its_mend(settings: Settings, write: Write) -> None:
    reindex(settings, embedder=HashEmbedder())
    write("new.md", "# New\n\nSomething new.\n")
    newer = str(reindex(settings, embedder=HashEmbedder()).generation)
    (generation_folder(settings.index_dir, newer) / "catalog.sqlite3").unlink()
    check = next(check for check in examine(settings) if check.name == "index")
    assert (check.state, newer in check.found, check.mend) == ("warning", True, "run `footnote reindex`")
    reindex(settings, embedder=HashEmbedder())
    assert states(settings) == ALL_WELL


@pytest.mark.parametrize(("step", "state"), [(says("ready"), "ok"), (status(401), "failed"), (status(404), "failed")])
def test_the_language_model_is_asked_once(settings: Settings, step: object, state: str) -> None:
    reindex(settings, embedder=HashEmbedder())
    with ScriptedServer(step) as server:
        wired = settings.model_copy(update={"llm_model": "scripted", "llm_base_url": server.base_url})
        *_, check = examine(wired)
        assert (check.state, len(server.bodies)) == (state, 1)
        assert bool(check.mend) == (state == "failed")

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from doubles import HashEmbedder

from ingest import generation as generations
from ingest import served as serving
from ingest.build import reindex
from ingest.chroma_wire import ChromaServer
from ingest.errors import IndexMismatch, StoredIndexError
from ingest.generation import Generation, generation_folder, open_current, published_ids
from ingest.served import Served
from ingest.settings import Settings

Write = Callable[[str, str], Path]


@pytest.fixture
def first(settings: Settings) -> str:
    return str(reindex(settings, embedder=HashEmbedder()).generation)


def publish_another(settings: Settings, number: int = 0) -> str:
    (settings.corpus / "new.md").write_text(f"# New\n\nSomething new, number {number}.\n")
    return str(reindex(settings, embedder=HashEmbedder()).generation)


def test_a_reader_takes_up_a_new_generation_and_finishes_the_old_one(settings: Settings, first: str) -> None:
    with Served(settings.index_dir) as served:
        with served.using() as old:
            second = publish_another(settings)
            with served.using() as new:
                assert (old.id, new.id) == (first, second)
                assert new.catalog.article("new.md") is not None
            # The question in flight still reads the old generation.
            assert old.catalog.article("new.md") is None
            assert old.vectors.count() == len(old.columns.numbers)
        with served.using() as again:
            assert again.id == second


def test_the_old_one_is_let_go_of_after_its_last_question(
    settings: Settings, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []
    monkeypatch.setattr(Generation, "close", lambda self: closed.append(self.id))
    served = Served(settings.index_dir)
    with served.using():
        second = publish_another(settings)
        closed.clear()
        with served.using():
            pass
        assert closed == []
    assert closed == [first]
    with served.using():
        served.close()
        assert closed == [first]
    assert closed == [first, second]


def test_questions_go_on_while_the_new_generation_is_being_opened(
    settings: Settings, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening, answered = threading.Event(), threading.Event()

    def slow(index_dir: Path, *, server: ChromaServer | None) -> Generation:
        opening.set()
        assert answered.wait(30)
        return open_current(index_dir, server=server)

    with Served(settings.index_dir) as served:
        second = publish_another(settings)
        monkeypatch.setattr(serving, "open_current", slow)
        seen: list[str] = []

        def ask() -> None:
            with served.using() as generation:
                seen.append(generation.id)

        renewing = threading.Thread(target=ask)
        renewing.start()
        assert opening.wait(30)
        ask()
        answered.set()
        renewing.join()
        assert seen == [first, second]


def test_a_new_generation_that_cannot_be_used_leaves_the_old_one_in_service(
    settings: Settings, first: str, caplog: pytest.LogCaptureFixture
) -> None:
    with Served(settings.index_dir) as served:
        publish_another(settings)
        for name in published_ids(settings.index_dir):
            (generation_folder(settings.index_dir, name) / "catalog.sqlite3").unlink()
        for _ in range(3):
            with served.using() as generation:
                assert generation.id == first
                assert len(generation.words.numbers) == generation.manifest.passages
    assert caplog.text.count("footnote reindex") == 1  # said once, not with every question


def test_a_passing_failure_is_tried_again(
    settings: Settings, first: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(index_dir: Path, *, server: ChromaServer | None = None) -> Generation:
        raise StoredIndexError("no space left; free some")

    now = 100.0
    with Served(settings.index_dir) as served:
        second = publish_another(settings)
        monkeypatch.setattr(serving, "open_current", failing)
        monkeypatch.setattr(serving.time, "monotonic", lambda: now)
        for _ in range(3):
            with served.using() as generation:
                assert generation.id == first
        assert caplog.text.count("no space left") == 1
        monkeypatch.setattr(serving, "open_current", open_current)
        now += 60
        with served.using() as generation:
            assert generation.id == second


def test_an_index_made_anew_with_another_model_waits_for_the_next_start(settings: Settings, first: str) -> None:
    model = HashEmbedder()

    def fits(generation: Generation) -> None:
        generation.check_model(model.name, model.fingerprint)

    with Served(settings.index_dir) as served:
        served.require(fits)
        reindex(settings, embedder=HashEmbedder(dim=32))
        with served.using() as generation:
            assert generation.id == first
    with Served(settings.index_dir) as served, pytest.raises(IndexMismatch):
        served.require(fits)


def test_a_generation_swept_while_it_is_opened_is_not_taken_for_damaged(
    settings: Settings, first: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    later: list[str] = []

    class Overtaken(Generation):
        def __init__(self, folder: Path, *, server: ChromaServer | None = None) -> None:
            if not later:
                monkeypatch.undo()
                later.extend(publish_another(settings, number) for number in range(2))
            super().__init__(folder, server=server)

    monkeypatch.setattr(generations, "Generation", Overtaken)
    opened = open_current(settings.index_dir)
    opened.close()
    assert (opened.id, caplog.text) == (later[-1], "")


def test_a_reader_outlives_the_sweeping_of_its_generation(settings: Settings, first: str) -> None:
    with Served(settings.index_dir) as served, served.using() as old:
        for number in range(3):
            publish_another(settings, number)
        assert first not in published_ids(settings.index_dir)
        numbers = old.columns.numbers
        assert [passage.number for passage in old.catalog.passages(numbers)] == numbers.tolist()
        assert old.vectors.fetch(numbers).shape == (len(numbers), 64)
        assert set(old.vectors.nearest(old.vectors.fetch(numbers[:1])[0], 3)[0]) <= set(numbers.tolist())


def test_an_index_folder_that_goes_away_leaves_the_reader_its_generation(settings: Settings, first: str) -> None:
    with Served(settings.index_dir) as served:
        shutil.rmtree(settings.index_dir)
        with served.using() as generation:
            assert generation.id == first
    with pytest.raises(StoredIndexError):
        Served(settings.index_dir)

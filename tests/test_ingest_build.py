import json
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from doubles import HashEmbedder
from numpy.typing import NDArray

from ingest import encoders
from ingest.article import Article
from ingest.build import reindex
from ingest.errors import CorpusError, IndexDamaged, IndexLocked, IndexMismatch, StoredIndexError
from ingest.generation import Generation, current_id, open_current, published_ids
from ingest.lock import writer_lock
from ingest.readers import Notice, read_articles, walk
from ingest.report import LOADING, Report
from ingest.settings import Settings
from ingest.vectors import Vectors
from ingest.words import words_of

Write = Callable[[str, str], Path]


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.removed, report.unchanged


def served_ids(settings: Settings) -> list[str]:
    with closing(open_current(settings.index_dir)) as generation:
        return sorted(generation.columns.article_ids)


def hits(generation: Generation, word: str) -> int:
    return int(
        (generation.words.passage_scores(dict.fromkeys(words_of(word), 1.0), k1=1.2, b=0.75, title=1.0) > 0).sum()
    )


def test_the_first_run_indexes_every_article(settings: Settings) -> None:
    report = reindex(settings, embedder=HashEmbedder())
    assert counts(report) == (3, 0, 0, 0)
    assert (report.articles, report.failed, report.generation) == (3, [], current_id(settings.index_dir))
    assert served_ids(settings) == ["harbour/bridge.md", "harbour/ferries.md", "towns/library.txt"]


def test_without_a_change_nothing_is_embedded_and_nothing_is_written(settings: Settings) -> None:
    first = reindex(settings, embedder=HashEmbedder())
    before = sorted(path for path in settings.index_dir.rglob("*"))
    embedder = HashEmbedder()
    second = reindex(settings, embedder=embedder)
    assert (counts(second), second.embedded, embedder.encoded) == ((0, 0, 0, 3), 0, [])
    assert second.generation == first.generation
    assert sorted(path for path in settings.index_dir.rglob("*")) == before


def test_one_changed_article_embeds_its_own_passages_alone(settings: Settings, write: Write) -> None:
    reindex(settings, embedder=HashEmbedder())
    write("towns/library.txt", "Library to close on Mondays\n\nThe library will close on Tuesdays instead.\n")
    embedder = HashEmbedder()
    report = reindex(settings, embedder=embedder)
    assert counts(report) == (0, 1, 0, 2)
    assert [text.split("\n")[0] for text in embedder.encoded] == ["Library to close on Mondays"]
    with closing(open_current(settings.index_dir)) as generation:
        assert (hits(generation, "tuesday"), hits(generation, "weir")) == (1, 0)


def test_a_deleted_article_leaves_no_trace(settings: Settings, corpus: Path) -> None:
    reindex(settings, embedder=HashEmbedder())
    (corpus / "harbour/ferries.md").unlink()
    assert counts(reindex(settings, embedder=HashEmbedder())) == (0, 0, 1, 2)
    with closing(open_current(settings.index_dir)) as generation:
        assert generation.catalog.article("harbour/ferries.md") is None
        assert generation.catalog.mentioning("passengers") == []
        assert generation.catalog.mentioning("ferry") == ["harbour/bridge.md"]  # "ferries": endings aside
        assert hits(generation, "passengers") == 0
        assert generation.vectors.count() == generation.catalog.counts()[1] == len(generation.columns.numbers)
        assert generation.vectors.numbers().tolist() == generation.columns.numbers.tolist()


def test_a_renamed_article_costs_no_embedding(settings: Settings, corpus: Path) -> None:
    reindex(settings, embedder=HashEmbedder())
    (corpus / "harbour/ferries.md").rename(corpus / "harbour/boats.md")
    embedder = HashEmbedder()
    report = reindex(settings, embedder=embedder)
    assert (counts(report), embedder.encoded) == ((1, 0, 1, 2), [])
    assert served_ids(settings) == ["harbour/boats.md", "harbour/bridge.md", "towns/library.txt"]


def test_records_of_a_file_of_many_change_one_by_one(settings: Settings, corpus: Path) -> None:
    def lines(*records: dict[str, str]) -> None:
        (corpus / "wire.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))

    rain = {"id": "1", "title": "Rain", "text": "It rained in Varn for nine days."}
    snow = {"id": "2", "title": "Snow", "text": "Snow fell on the hills of Varn."}
    lines(rain, snow)
    reindex(settings, embedder=HashEmbedder())
    lines(rain, {**snow, "text": "Snow fell on the roofs of Varn."}, {"id": "3", "title": "Hail", "text": "Hail fell."})
    embedder = HashEmbedder()
    assert counts(reindex(settings, embedder=embedder)) == (1, 1, 0, 4)
    assert sorted(embedder.encoded) == ["Hail\nHail fell.", "Snow\nSnow fell on the roofs of Varn."]
    lines(rain)
    assert counts(reindex(settings, embedder=HashEmbedder())) == (0, 0, 2, 4)
    assert served_ids(settings)[-1] == "wire.jsonl#1"


def test_a_file_that_breaks_keeps_its_last_good_version_and_is_reported_each_time(
    settings: Settings, corpus: Path
) -> None:
    reindex(settings, embedder=HashEmbedder())
    (corpus / "towns/library.txt").write_bytes(b"Library\0\0\x01\x02")
    for _ in range(2):
        report = reindex(settings, embedder=HashEmbedder())
        assert [state.path for state in report.failed] == ["towns/library.txt"]
        assert "last good version stays" in report.failed[0].reason
        assert "towns/library.txt" in served_ids(settings)
    (corpus / "towns/library.txt").unlink()
    assert reindex(settings, embedder=HashEmbedder()).failed == []
    assert "towns/library.txt" not in served_ids(settings)


def test_one_bad_file_does_not_stop_the_others(settings: Settings, write: Write) -> None:
    write("bad.md", "---\ntitle: [unclosed\n---\n\nText.\n")
    report = reindex(settings, embedder=HashEmbedder())
    assert (report.articles, [state.path for state in report.failed]) == (3, ["bad.md"])


def test_a_dry_run_counts_and_writes_nothing(settings: Settings, write: Write, corpus: Path) -> None:
    reindex(settings, embedder=HashEmbedder())
    served = current_id(settings.index_dir)
    write("new.md", "# New\n\nSomething new.\n")
    (corpus / "harbour/bridge.md").unlink()
    report = reindex(settings, dry_run=True, embedder=HashEmbedder())
    assert (counts(report), report.articles, report.generation) == ((1, 0, 1, 2), 3, None)
    assert current_id(settings.index_dir) == served


class Broken(HashEmbedder):
    def encode_passages(self, texts):  # type: ignore[no-untyped-def]
        raise KeyboardInterrupt


def test_an_interrupted_run_leaves_the_served_index_and_no_debris(settings: Settings, write: Write) -> None:
    reindex(settings, embedder=HashEmbedder())
    served = current_id(settings.index_dir)
    write("new.md", "# New\n\nSomething new.\n")
    with pytest.raises(KeyboardInterrupt):
        reindex(settings, embedder=Broken())
    assert current_id(settings.index_dir) == served
    assert [path.name for path in (settings.index_dir / "generations").iterdir()] == [served]
    assert counts(reindex(settings, embedder=HashEmbedder())) == (1, 0, 0, 3)


def test_debris_of_a_killed_run_is_swept(settings: Settings) -> None:
    reindex(settings, embedder=HashEmbedder())
    debris = settings.index_dir / "generations" / "20250101T000000-dead.building"
    debris.mkdir()
    (debris / "half").write_text("half")
    reindex(settings, embedder=HashEmbedder())
    assert not debris.exists()


def test_two_generations_are_kept(settings: Settings, write: Write) -> None:
    ids = []
    for number in range(4):
        write("new.md", f"# New\n\nNumber {number}.\n")
        ids.append(reindex(settings, embedder=HashEmbedder()).generation)
    assert published_ids(settings.index_dir) == ids[-2:]


def test_a_second_writer_is_refused_and_told_who_holds_the_lock(settings: Settings) -> None:
    with writer_lock(settings.index_dir), pytest.raises(IndexLocked, match=f"process {os.getpid()}"):
        reindex(settings, embedder=HashEmbedder())


def test_what_a_killed_writer_wrote_into_the_lock_names_nobody(settings: Settings) -> None:
    with writer_lock(settings.index_dir):
        (settings.index_dir / "lock").write_text('{"pid": 999999999, "since": "12:00:00"}')
        with pytest.raises(IndexLocked, match="another process"):
            reindex(settings, embedder=HashEmbedder())


def test_another_model_makes_a_new_index_from_the_start(settings: Settings) -> None:
    reindex(settings, embedder=HashEmbedder(dim=64))
    with closing(open_current(settings.index_dir)) as generation, pytest.raises(IndexMismatch, match="hash-words"):
        generation.check_model("other", "other-fingerprint")
    report = reindex(settings, embedder=HashEmbedder(dim=32))
    assert report.embedded == report.passages
    with closing(open_current(settings.index_dir)) as generation:
        assert generation.vectors.fetch(generation.columns.numbers).shape == (report.passages, 32)


def test_a_corpus_that_is_missing_or_empty_changes_nothing(settings: Settings, tmp_path: Path) -> None:
    reindex(settings, embedder=HashEmbedder())
    missing = settings.model_copy(update={"corpus": tmp_path / "nowhere"})
    with pytest.raises(CorpusError, match="nowhere"):
        reindex(missing, embedder=HashEmbedder())
    (tmp_path / "void").mkdir()
    empty = settings.model_copy(update={"corpus": tmp_path / "void"})
    with pytest.raises(CorpusError, match="keeps its 3 articles"):
        reindex(empty, embedder=HashEmbedder())
    assert len(served_ids(settings)) == 3
    assert reindex(empty, rebuild=True, embedder=HashEmbedder()).articles == 0
    assert served_ids(settings) == []


def test_an_index_folder_that_is_a_file_is_refused(settings: Settings) -> None:
    settings.index_dir.write_text("in the way")
    with pytest.raises(StoredIndexError, match="cannot be written to"):
        reindex(settings, embedder=HashEmbedder())


def test_many_changes_make_the_graph_afresh_without_embedding_again(settings: Settings, write: Write) -> None:
    for number in range(6):
        write(f"n{number}.md", f"# Item {number}\n\nText of item {number}.\n")
    reindex(settings, embedder=HashEmbedder())
    for number in range(6):
        write(f"n{number}.md", f"# Item {number}\n\nOther text of item {number}.\n")
    report = reindex(settings, embedder=HashEmbedder())
    assert report.embedded == 6
    with closing(open_current(settings.index_dir)) as generation:
        assert generation.manifest.removed == 0
        assert generation.vectors.numbers().tolist() == generation.columns.numbers.tolist()


def test_a_run_that_embeds_nothing_does_not_load_the_model(
    settings: Settings, corpus: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LOADING in reindex(settings).stages
    encoder = encoders.BertEncoder
    monkeypatch.setattr(encoders, "BertEncoder", None)  # loading it would fail
    (corpus / "harbour/ferries.md").rename(corpus / "harbour/boats.md")
    (corpus / "towns/library.txt").unlink()
    report = reindex(settings)
    assert (counts(report), LOADING in report.stages) == ((1, 0, 2, 1), False)
    monkeypatch.setattr(encoders, "BertEncoder", encoder)
    write("new.md", "# New\n\nSomething new.\n")
    report = reindex(settings)
    assert (counts(report), report.embedded, LOADING in report.stages) == ((1, 0, 0, 2), 1, True)


def test_a_page_saved_hundreds_of_times_cuts_off_no_other(settings: Settings, write: Write) -> None:
    for number in range(300):
        write(f"copies/{number}.txt", "Access denied\n\nYou do not have permission to see this page.\n")
    report = reindex(settings, embedder=HashEmbedder())
    assert report.articles == report.passages == 303
    with closing(open_current(settings.index_dir)) as generation:
        numbers = generation.columns.numbers
        _, cosines = generation.vectors.nearest_to_each(generation.vectors.fetch(numbers), 1)
        assert cosines.min() > 1 - 1e-4


def test_a_folder_that_cannot_be_listed_keeps_its_articles(
    settings: Settings, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reindex(settings, embedder=HashEmbedder())
    scandir = os.scandir

    def closed(folder: Path):  # type: ignore[no-untyped-def]
        if str(folder).endswith("harbour"):
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(walk.os, "scandir", closed)
    report = reindex(settings, embedder=HashEmbedder())
    assert [state.path for state in report.failed] == ["harbour"]
    assert (report.removed, len(served_ids(settings))) == (0, 3)


def test_an_index_within_the_corpus_is_no_part_of_it(settings: Settings, corpus: Path) -> None:
    inside = settings.model_copy(update={"index_dir": corpus / "index"})
    reindex(inside, embedder=HashEmbedder())
    assert counts(reindex(inside, embedder=HashEmbedder())) == (0, 0, 0, 3)
    with pytest.raises(CorpusError, match="folder of its own"):
        reindex(settings.model_copy(update={"index_dir": corpus}), embedder=HashEmbedder())


def test_a_graph_that_loses_vectors_is_made_afresh(
    settings: Settings, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    reindex(settings, embedder=HashEmbedder())
    write("new.md", "# New\n\nSomething new.\n")
    remove = Vectors.remove

    def careless(self: Vectors, numbers: NDArray[np.int64]) -> None:
        remove(self, np.append(numbers, 1))

    monkeypatch.setattr(Vectors, "remove", careless)
    report = reindex(settings, embedder=HashEmbedder())
    assert counts(report) == (1, 0, 0, 3)
    with closing(open_current(settings.index_dir)) as generation:
        assert generation.id == report.generation
        assert generation.vectors.numbers().tolist() == generation.columns.numbers.tolist() != []


def test_a_vector_that_the_graph_has_lost_is_put_in_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    nearest, add = Vectors.nearest_to_each, Vectors.add
    added: list[int] = []

    def adding(self: Vectors, numbers: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        added.extend(numbers.tolist())
        add(self, numbers, vectors)

    def losing(self: Vectors, vectors: NDArray[np.float32], k: int):  # type: ignore[no-untyped-def]
        numbers, cosines = nearest(self, vectors, k)
        return numbers, np.where((numbers == 2) & (added.count(2) < 3), np.float32(0), cosines)

    monkeypatch.setattr(Vectors, "add", adding)
    monkeypatch.setattr(Vectors, "nearest_to_each", losing)
    report = reindex(settings, embedder=HashEmbedder())
    assert [added.count(number) for number in (1, 2, 3)] == [1, 3, 1]
    monkeypatch.undo()
    with closing(open_current(settings.index_dir)) as generation:
        assert (generation.id, generation.manifest.removed) == (report.generation, 2)
        assert generation.vectors.numbers().tolist() == generation.columns.numbers.tolist()


def test_an_index_whose_search_misses_neighbours_is_not_published(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = Vectors.nearest_to_each

    def forgetful(self: Vectors, vectors: NDArray[np.float32], k: int):  # type: ignore[no-untyped-def]
        numbers, cosines = exact(self, vectors, k)
        return numbers, cosines - (0 if k == 1 else 0.01)

    monkeypatch.setattr(Vectors, "nearest_to_each", forgetful)
    with pytest.raises(IndexDamaged, match=r"expected at least 0\.995"):
        reindex(settings, embedder=HashEmbedder())
    assert current_id(settings.index_dir) is None


def test_a_file_that_changes_while_it_is_read_is_read_again_though_it_changes_back(
    settings: Settings, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def passing(path: Path, **options: Any) -> Iterator[Article | Notice]:
        if path.name == "new.md":
            write("new.md", "# New\n\nSomething passing.\n")
        yield from read_articles(path, **options)

    write("new.md", "# New\n\nSomething that stays.\n")
    monkeypatch.setattr("ingest.build.read_articles", passing)
    reindex(settings, embedder=HashEmbedder())
    monkeypatch.undo()
    write("new.md", "# New\n\nSomething that stays.\n")
    assert counts(reindex(settings, embedder=HashEmbedder())) == (0, 1, 0, 3)
    with closing(open_current(settings.index_dir)) as generation:
        article = generation.catalog.article("new.md")
        assert article is not None and "that stays" in article.text
    assert counts(reindex(settings, embedder=HashEmbedder())) == (0, 0, 0, 4)

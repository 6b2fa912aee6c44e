import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from doubles import HashEmbedder

from assistant.cli import main
from ingest.build import reindex
from ingest.settings import Settings

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line as a user would; its exit status, standard output and standard error."""
    fingerprint = HashEmbedder().fingerprint
    monkeypatch.setattr("ingest.build.load_embedder", lambda name, late: HashEmbedder())
    monkeypatch.setattr("ingest.plan.model_fingerprint", lambda name: fingerprint)
    monkeypatch.setattr("assistant.api.load_embedder", lambda name: HashEmbedder())

    def call(*arguments: str, places: bool = True) -> tuple[int, str, str]:
        where = ["--corpus", str(settings.corpus), "--index-dir", str(settings.index_dir)] if places else []
        monkeypatch.setattr("sys.argv", ["footnote", *arguments, *where])
        try:
            main()
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        out, err = capsys.readouterr()
        return status, out, err

    return call


def one_line(text: str) -> str:
    lines = text.strip().splitlines()
    assert len(lines) == 1, text
    return lines[0]


def test_reindex_ask_search_articles(run: Run) -> None:
    status, out, _ = run("reindex", "--json")
    assert status == 0
    report = json.loads(out)
    assert (report["articles"], report["added"], report["failed"]) == (3, 3, [])
    status, out, _ = run("ask", "How much did the harbour bridge cost?", "--json")
    assert (status, json.loads(out)["answered"]) == (0, True)
    status, out, _ = run("ask", "How much did the harbour bridge cost?", "--asked", "2025-06-01")
    assert status == 0
    assert "It cost 40 million dollars, the port said. [" in out
    assert "The harbour bridge opens, Port Gazette, 2025-03-01 (harbour/bridge.md)" in out
    status, out, _ = run("search", "ferry", "--limit", "1", "--json")
    assert [found["article"]["id"] for found in json.loads(out)] == ["harbour/ferries.md"]
    status, out, _ = run("articles", "--since", "2025-04-01", "--json")
    assert [row["id"] for row in json.loads(out)] == ["harbour/ferries.md"]
    status, out, _ = run("articles")
    assert out.splitlines()[0] == "harbour/bridge.md\t2025-03-01\tPort Gazette\tThe harbour bridge opens\t1\tindexed"


def test_the_table_shows_what_could_not_be_read(run: Run, settings: Settings) -> None:
    (settings.corpus / "noise.txt").write_bytes(bytes(range(256)) * 8)
    run("reindex")
    _, out, _ = run("articles", "--json")
    assert [(row["id"], row["state"]) for row in json.loads(out)][-2:] == [
        ("towns/library.txt", "indexed"),
        ("noise.txt", "failed"),
    ]
    assert run("articles")[1].splitlines()[-1].startswith("noise.txt\t\t\t\t0\tfailed: ")


def test_an_unanswered_question_is_a_result(run: Run) -> None:
    run("reindex")
    status, out, err = run("ask", "Quxle frobnitz?")
    assert (status, err) == (0, "")
    assert out.startswith("Nothing in the articles answers this.")


def test_a_batch_writes_one_line_for_each_line(run: Run, tmp_path: Path) -> None:
    run("reindex")
    file = tmp_path / "questions.jsonl"
    file.write_text('{"id": 1, "question": "When will the last ferry sail?"}\nbroken\n{"id": 3, "question": "Who?"}\n')
    status, out, _ = run("batch", str(file))
    rows = [json.loads(line) for line in out.splitlines()]
    assert (status, [row["id"] for row in rows]) == (0, [1, None, 3])
    assert "error" in rows[1]


def test_articles_that_could_not_be_read_make_status_3(run: Run, settings: Settings) -> None:
    (settings.corpus / "noise.txt").write_bytes(bytes(range(256)) * 8)
    (settings.corpus / "empty.md").write_text("")
    (settings.corpus / "front.md").write_text("---\ntitle: [broken\n---\nText.\n")
    for _ in range(2):
        status, out, err = run("reindex", "--json")
        assert status == 3
        assert json.loads(out)["articles"] == 3
        assert [row["path"] for row in json.loads(out)["failed"]] == ["empty.md", "front.md", "noise.txt"]
        assert all(name in err for name in ("noise.txt", "empty.md", "front.md"))


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("ask", "Anything?"), 1, "footnote reindex"),
        (("ask", ""), 2, "question"),
        (("ask", "x" * 100_000), 2, "100,000 characters"),
        (("search", "x", "--since", "yesterday"), 2, "2025-09-18"),
        (("batch", "missing.jsonl"), 2, "missing.jsonl"),
    ],
)
def test_what_goes_wrong_is_one_clear_line(
    run: Run, settings: Settings, arguments: tuple[str, ...], status: int, words: str
) -> None:
    if status == 2:
        reindex(settings, embedder=HashEmbedder())
    found, out, err = run(*arguments)
    assert (found, out) == (status, "")
    assert words in one_line(err)


def test_a_missing_or_empty_corpus_is_status_1(run: Run, settings: Settings) -> None:
    shutil.rmtree(settings.corpus)
    status, _, err = run("reindex")
    assert (status, "corpus folder" in one_line(err)) == (1, True)
    settings.corpus.mkdir()
    status, _, err = run("reindex")
    assert (status, "holds no article" in one_line(err)) == (1, True)


def test_an_index_of_another_model_says_what_to_run(run: Run, settings: Settings) -> None:
    reindex(settings, embedder=HashEmbedder(dim=16))
    status, _, err = run("ask", "Anything?")
    assert (status, "footnote reindex" in one_line(err)) == (1, True)


def test_wrong_usage_is_status_2(run: Run) -> None:
    assert run("ask")[0] == 2
    assert run("nonsense", places=False)[0] == 2
    assert run("search", "x", "--limit", "0")[0] == 2


def test_a_broken_settings_file_is_named(run: Run) -> None:
    Path("footnote.toml").write_text("corpuss = 'x'\n")
    status, _, err = run("articles")
    assert (status, "corpuss" in one_line(err)) == (2, True)

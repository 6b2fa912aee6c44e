import json
from pathlib import Path

import pytest
from doubles import HashEmbedder

from assistant.answering import Tools
from assistant.evaluate import read_beir
from assistant.evaluation import plot_scores, score_answers, score_searches, table
from ingest.build import reindex
from ingest.generation import Generation, open_current
from ingest.settings import Settings

QUESTIONS = [
    {"_id": "1", "text": "How much did the harbour bridge cost?", "answers": ["40 million dollars"]},
    {"_id": "2", "text": "When will the last ferry sail?", "answer": "June 30", "asked": "2025-05-01"},
    {"_id": "3", "text": "Quxle frobnitz?", "answerable": False},
    {"_id": "4", "text": "Nothing is known of this one"},
]
TABLE = "query-id\tcorpus-id\tscore\n1\tharbour/bridge.md\t1\n2\tharbour/ferries.md\t1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "set"
    (place / "qrels").mkdir(parents=True)
    (place / "queries.jsonl").write_text("".join(json.dumps(question) + "\n" for question in QUESTIONS))
    (place / "qrels" / "all.tsv").write_text(TABLE)
    return place


@pytest.fixture
def generation(settings: Settings) -> Generation:
    reindex(settings, embedder=HashEmbedder())
    return open_current(settings.index_dir)


TOOLS = Tools(HashEmbedder())


def test_a_question_that_says_nothing_of_what_is_right_is_left_out(folder: Path) -> None:
    found = read_beir(folder)
    assert [(question.id, question.answers, question.answerable) for question in found] == [
        ("1", ("40 million dollars",), True),
        ("2", ("June 30",), True),
        ("3", (), False),
    ]


def test_searches_are_scored_beside_each_other(folder: Path, generation: Generation) -> None:
    scores = score_searches(read_beir(folder), generation, TOOLS)
    assert [(score.way, score.questions) for score in scores] == [
        ("footnote", 2),
        ("vectors alone", 2),
        ("BM25 alone", 2),
    ]
    assert scores[0].measures["nDCG@10"] == 1.0
    assert all(0 <= value <= 1 for score in scores for value in score.measures.values())


def test_answers_are_scored_where_the_set_knows_them(folder: Path, generation: Generation) -> None:
    score = score_answers(read_beir(folder), generation, TOOLS)
    assert score is not None
    assert score.questions == 3
    assert (score.measures["contains"], score.measures["abstention"], score.measures["supported"]) == (1.0, 1.0, 1.0)
    assert score.measures["cited all"] == 1.0
    assert 0 < score.measures["cited right"] <= 1.0


def test_the_table_and_the_plot(folder: Path, generation: Generation, tmp_path: Path) -> None:
    scores = score_searches(read_beir(folder), generation, TOOLS)
    lines = table(scores).splitlines()
    assert len(lines) == 1 + len(scores)
    assert lines[1].split()[:3] == ["footnote", "2", "1.0000"]
    pytest.importorskip("matplotlib", reason="the plot needs the bench extra")
    plot_scores(scores, tmp_path / "scores.png")
    assert (tmp_path / "scores.png").read_bytes().startswith(b"\x89PNG")

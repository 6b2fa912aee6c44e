"""The measures of a ranking, and judged questions in BEIR form."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.evaluate import JudgedQuestion, mean, mrr_at, ndcg_at, read_beir, recall_at, success_at
from ingest.errors import CorpusError


def test_measures_of_a_ranking() -> None:
    ranking, relevant = ["a", "b", "c", "d"], {"b": 1, "d": 2, "z": 1}
    assert ndcg_at(10, ranking, relevant) == pytest.approx(
        (1 / math.log2(3) + 2 / math.log2(5)) / (2 + 1 / math.log2(3) + 1 / 2)
    )
    assert recall_at(2, ranking, relevant) == pytest.approx(1 / 3)
    assert recall_at(4, ranking, relevant) == pytest.approx(2 / 3)
    assert mrr_at(10, ranking, relevant) == 0.5
    assert mrr_at(1, ranking, relevant) == 0
    assert (success_at(1, ranking, relevant), success_at(2, ranking, relevant)) == (0, 1)


@given(
    st.lists(st.sampled_from("abcdefgh"), unique=True), st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 3))
)
def test_measures_lie_within_0_and_1(ranking: list[str], relevant: dict[str, int]) -> None:
    for measure in (ndcg_at, recall_at, mrr_at, success_at):
        assert 0 <= measure(5, ranking, relevant) <= 1 + 1e-9
    best = sorted(relevant, key=lambda one: -relevant[one])
    assert ndcg_at(10, best, relevant) == pytest.approx(1 if relevant else 0)


def test_mean_of_none_is_0() -> None:
    assert (mean([]), mean([1, 2])) == (0, 1.5)


def write(folder: Path, queries: str, table: str) -> Path:
    (folder / "qrels").mkdir(parents=True)
    (folder / "queries.jsonl").write_text(queries, encoding="utf-8")
    (folder / "qrels" / "test.tsv").write_text(table, encoding="utf-8")
    return folder


QUERIES = """{"_id": "q1", "text": "Who?", "asked": "2025-09-18"}
{"_id": "q2", "text": "Where?"}
{"_id": "q3", "text": "?"}
"""


def test_beir_form_is_read(tmp_path: Path) -> None:
    table = "query-id\tcorpus-id\tscore\nq2\td1\t1\nq2\td2\t0\nq1\td9\t2\n"
    assert read_beir(write(tmp_path / "set", QUERIES, table)) == [
        JudgedQuestion("q1", "Who?", {"d9": 2}, "2025-09-18"),
        JudgedQuestion("q2", "Where?", {"d1": 1}),
    ]


@pytest.mark.parametrize(
    ("queries", "table", "message"),
    [
        (QUERIES, "query-id\tcorpus-id\tscore\nq1\td1\n", "line 2"),
        ("{}\n", "q1\td1\t1\n", "line 1 is no question"),
        ("no json\n", "q1\td1\t1\n", "line 1 is no question"),
    ],
)
def test_what_is_not_of_that_form_is_named(tmp_path: Path, queries: str, table: str, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        read_beir(write(tmp_path / "set", queries, table))


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="qrels"):
        read_beir(tmp_path)
    folder = write(tmp_path / "set", "", "q\td\t1\n")
    (folder / "queries.jsonl").unlink()
    with pytest.raises(CorpusError, match=r"queries\.jsonl"):
        read_beir(folder)

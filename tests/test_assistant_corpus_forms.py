from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.corpus_forms import CorpusQuestion, read_corpus_question
from assistant.timing import Period

ASKED = date(2025, 6, 1)
OUTLETS = ("Port Gazette", "The Fjord Post", "Gazette")
MAY = Period(date(2025, 5, 1), date(2025, 5, 31))
LAST_YEAR = Period(date(2024, 1, 1), date(2024, 12, 31))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many articles are there in total?", CorpusQuestion("count")),
        ("number of articles mentioning tolls", CorpusQuestion("count", "tolls")),
        ("How many articles in 2024 mention tolls?", CorpusQuestion("count", "tolls", None, (LAST_YEAR,))),
        ("How many stories about tolls were published in May?", CorpusQuestion("count", "tolls", None, (MAY,))),
        ("How many articles by the Port Gazette mention tolls?", CorpusQuestion("count", "tolls", "Port Gazette")),
        (
            "how many articles did The Fjord Post run last year?",
            CorpusQuestion("count", None, "The Fjord Post", (LAST_YEAR,)),
        ),
        ("How many articles mention the Port Gazette?", CorpusQuestion("count", "Port Gazette")),
        ("Which articles mention both Ida Holm and tolls?", CorpusQuestion("list", "Ida Holm and tolls")),
        (
            "Could you list all articles about “road tolls” since May 2025?",
            CorpusQuestion("list", "road tolls", None, (Period(MAY.first, None),)),
        ),
        ("What has the Fjord Post written about tolls?", CorpusQuestion("list", "tolls", "The Fjord Post")),
        ("which stories appeared last year?", CorpusQuestion("list", None, None, (LAST_YEAR,))),
        ("the Port Gazette's latest article on tolls", CorpusQuestion("newest", "tolls", "Port Gazette")),
        ("list the 5 latest articles about tolls", CorpusQuestion("newest", "tolls", many=5)),
        ("What are the oldest three articles?", CorpusQuestion("oldest", many=3)),
        ("How many articles per outlet?", CorpusQuestion("groups", by="outlet")),
        (
            "how many articles about tolls were published each month in 2024?",
            CorpusQuestion("groups", "tolls", None, (LAST_YEAR,)),
        ),
        ("Which outlet has written most about tolls?", CorpusQuestion("outlets", "tolls")),
        ("Which outlets are in the corpus?", CorpusQuestion("outlets")),
        ("How far back do your articles go?", CorpusQuestion("range")),
    ],
)
def test_what_is_asked_of_the_catalog(question: str, expected: CorpusQuestion) -> None:
    assert read_corpus_question(question, OUTLETS, ASKED) == expected


@pytest.mark.parametrize(
    "question",
    [
        "What is the latest on the bridge?",
        "How many articles does the treaty have?",
        "How many stories does the tower in the harbour have?",
        "Which articles of the treaty are the longest?",
        "What did the mayor tell the Port Gazette about tolls?",
        "Which report was published by the ministry in May?",
        "What reports came out last year?",
        "What did the Port Gazette say?  And who answered?",
        "Who wrote the first article of the constitution?",
        "How many months did the works take?",
        "What is the period of the comet?",
    ],
)
def test_everything_else_goes_the_usual_way(question: str) -> None:
    assert read_corpus_question(question, OUTLETS, ASKED) is None


@given(st.text(max_size=120))
def test_any_text_is_read(text: str) -> None:
    read = read_corpus_question(text, OUTLETS, ASKED)
    assert read is None or read.many >= 1


@given(st.sampled_from(("", "the ", "“")), st.from_regex(r"[a-z]{3,9}( [a-z]{3,9})?", fullmatch=True))
def test_a_topic_comes_back_bare(before: str, topic: str) -> None:
    read = read_corpus_question(f"how many articles mention {before}{topic}?", (), ASKED)
    assert read is not None and (read.topic or "") in topic

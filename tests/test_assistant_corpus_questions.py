import pytest
from doubles import HashEmbedder

from assistant import Assistant
from ingest.build import reindex
from ingest.settings import Settings


def lines(settings: Settings, question: str, **filters: object) -> list[str]:
    with Assistant(settings, embedder=HashEmbedder()) as assistant:
        answer = assistant.ask(question, **{"asked": "2025-06-01", **filters})
    assert answer.answered
    assert answer.confidence == 1.0
    for citation in answer.citations:
        assert citation.article.text[citation.start : citation.end] == citation.quote
    return [sentence.text for sentence in answer.sentences]


@pytest.fixture
def indexed(settings: Settings) -> Settings:
    reindex(settings, embedder=HashEmbedder())
    return settings


BRIDGE = "“The harbour bridge opens” (Port Gazette, 2025-03-01)."
IN_2025 = "Port Gazette, 2025-01-01 to 2025-12-31"
FERRIES = "“Ferries to stop in June” (Port Gazette, 2025-04-12)."


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many articles are there?", ["3 articles are indexed."]),
        ("How many articles mention the harbour?", ["2 articles mention harbour.", FERRIES, BRIDGE]),
        (
            "how many articles mention harbour in March 2025?",
            ["1 article mentions harbour (2025-03-01 to 2025-03-31).", BRIDGE],
        ),
        ("Which articles mention Ida Holm?", ["1 article mentions Ida Holm.", BRIDGE]),
        ("How many articles mention zeppelins?", ["No article mentions zeppelins."]),
        ("What is the newest article about ferries?", [FERRIES]),
        ("What is the oldest article?", [BRIDGE]),
        (
            "How many articles did the Port Gazette publish in 2025?",
            [f"2 articles are indexed ({IN_2025}).", FERRIES, BRIDGE],
        ),
        (
            "How many articles were published in March 2025?",
            ["1 article is indexed (2025-03-01 to 2025-03-31).", BRIDGE],
        ),
        ("What did the Port Gazette publish in 2025?", [f"2 articles are indexed ({IN_2025}).", FERRIES, BRIDGE]),
        (
            "How many stories about ferries were published in 2025?",
            ["2 articles mention ferries (2025-01-01 to 2025-12-31).", FERRIES, BRIDGE],
        ),
        ("What are the two newest articles?", [FERRIES, BRIDGE]),
        ("Which article about the harbour is the oldest?", [BRIDGE]),
        ("When was the latest article about the harbour published?", [FERRIES]),
        ("Are there any articles about Ida Holm?", ["1 article mentions Ida Holm.", BRIDGE]),
        (
            "How many articles per month?",
            ["3 articles are indexed.", "(undated): 1 article.", "2025-03: 1 article.", "2025-04: 1 article."],
        ),
        ("Which outlets wrote about Ida Holm?", ["1 outlet mentions Ida Holm.", "Port Gazette: 1 article."]),
        (
            "What is the date range of the articles?",
            ["2 dated articles, from 2025-03-01 to 2025-04-12.", BRIDGE, FERRIES],
        ),
        ("Do you have anything on zeppelins?", ["No article mentions zeppelins."]),
        ("How many articles mention ferries and a librarian?", ["No article mentions ferries and a librarian."]),
        ("List the outlets", ["2 outlets.", "Port Gazette: 2 articles.", "(outlet unknown): 1 article."]),
    ],
)
def test_questions_about_the_corpus_are_answered_exactly(indexed: Settings, question: str, expected: list[str]) -> None:
    assert lines(indexed, question) == expected


def test_of_two_topics_either_or_both(indexed: Settings) -> None:
    assert lines(indexed, "How many articles mention Ida Holm or Jonas Weir?")[0].startswith("2 articles mention")
    assert lines(indexed, "How many articles mention ribbon and ferries?")[0].startswith("1 article mentions")


def test_filters_hold_here_too(indexed: Settings) -> None:
    assert lines(indexed, "How many articles are there?", source="Port Gazette") == ["2 articles are indexed."]
    assert lines(indexed, "How many articles mention harbour?", until="2025-03-31")[0] == "1 article mentions harbour."
    assert lines(indexed, "How many articles mention harbour?", asked="2025-03-31")[0] == "1 article mentions harbour."


@pytest.mark.parametrize(
    "question",
    [
        "How many articles does the treaty have?",
        "How many reports of theft did the police take on the ferries?",
        "What is the latest on the bridge?",
    ],
)
def test_other_questions_go_the_usual_way(indexed: Settings, question: str) -> None:
    with Assistant(indexed, embedder=HashEmbedder()) as assistant:
        assert not any("catalog" in note for note in assistant.ask(question).notes)

import json
from collections.abc import Iterator

import pytest
from doubles import HashEmbedder

from assistant import Assistant
from assistant.checking import Checked, check_document, check_row
from ingest.build import reindex
from ingest.settings import Settings


@pytest.fixture
def assistant(settings: Settings) -> Iterator[Assistant]:
    reindex(settings, embedder=HashEmbedder())
    with Assistant(settings, embedder=HashEmbedder()) as opened:
        yield opened


def test_a_true_sentence_is_supported_by_the_words_of_the_article(assistant: Assistant) -> None:
    checked = assistant.check("The last ferry across the harbour will sail on June 30.")
    assert checked.verdict.support == "supported"
    (citation,) = checked.citations
    assert citation.article.id == "harbour/ferries.md"
    assert citation.quote == "The last ferry across the harbour will sail on June 30."
    assert citation.article.text[citation.start : citation.end] == citation.quote


def test_a_changed_figure_is_contradicted_with_the_words_that_do(assistant: Assistant) -> None:
    checked = assistant.check("Some 9,800 passengers took the ferry across the harbour each day last year.")
    assert (checked.verdict.support, checked.verdict.contradicted) == ("unsupported", True)
    assert "3,200" in checked.citations[0].quote


def test_nothing_on_a_matter_is_said_plainly(assistant: Assistant) -> None:
    checked = assistant.check("Bananas ripen faster in paper bags.")
    assert (checked.verdict.support, checked.verdict.contradicted, checked.citations) == ("unsupported", False, ())


def no_index(sentence: str) -> Checked:
    raise AssertionError("a row with evidence of its own must not open the index")


def row(**fields: object) -> dict[str, object]:
    return check_row(json.dumps(fields), embedder=HashEmbedder, check=no_index)


def test_a_row_with_evidence_opens_no_index() -> None:
    found = row(
        id="7", sentence="The tower is 40 metres high.", evidence=["It rained.", "The tower is 40 metres high."]
    )
    assert (found["id"], found["support"]) == ("7", "supported")
    assert found["citations"] == [
        {"number": 2, "quote": "The tower is 40 metres high.", "start": 0, "end": 28, "article": None}
    ]
    wrong = row(id="8", sentence="The tower is 50 metres high.", evidence=["The tower is 40 metres high."])
    assert (wrong["support"], wrong["contradicted"]) == ("unsupported", True)
    assert row(id="9", sentence="The tower is high.", evidence=[])["support"] == "unsupported"


def test_a_row_without_evidence_asks_the_corpus(assistant: Assistant) -> None:
    line = json.dumps({"id": 1, "sentence": "Mayor Ida Holm cut the ribbon."})
    found = check_row(line, embedder=HashEmbedder, check=assistant.check)
    assert found == {"id": 1, **check_document(assistant.check("Mayor Ida Holm cut the ribbon."))}
    assert found["support"] == "supported"


@pytest.mark.parametrize(
    "line", ["nonsense", "[]", '{"id": 5}', '{"id": 5, "sentence": " "}', '{"id": 5, "sentence": "x", "evidence": "y"}']
)
def test_a_bad_row_carries_its_error(line: str) -> None:
    found = check_row(line, embedder=HashEmbedder, check=no_index)
    assert set(found) == {"id", "error"}
    assert found["id"] == (5 if "5" in line else None)

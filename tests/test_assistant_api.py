import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from doubles import HashEmbedder
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from assistant import Assistant
from assistant.answer import Finished, Found, Written
from assistant.batch import answer_row
from assistant.document import answer_document, closing_text
from assistant.errors import QuestionError
from ingest.build import reindex
from ingest.errors import IndexMismatch, IndexMissing, SettingsError
from ingest.settings import Settings

Write = Callable[[str, str], Path]
QUESTION = "How much did the harbour bridge cost?"


@pytest.fixture
def assistant(settings: Settings) -> Assistant:
    reindex(settings, embedder=HashEmbedder())
    return Assistant(settings, embedder=HashEmbedder())


def test_a_question_is_answered_with_the_articles_own_words(assistant: Assistant) -> None:
    answer = assistant.ask(QUESTION, asked="2025-06-01")
    assert answer.answered
    assert "It cost 40 million dollars, the port said." in [sentence.text for sentence in answer.sentences]
    assert answer.text == " ".join(f"{s.text} [{n}]" for n, s in enumerate(answer.sentences, 1))
    assert answer.sentences[0].support == "supported"
    citation = answer.citations[0]
    assert citation.quote == citation.article.text[citation.start : citation.end]
    assert (citation.article.id, citation.article.source) == ("harbour/bridge.md", "Port Gazette")
    assert (answer.as_of, answer.model) == (max(day_of(c) for c in answer.citations), "extractive")


def day_of(citation):  # type: ignore[no-untyped-def]
    return citation.article.published.last_day if citation.article.published else date.min


def test_a_question_that_nothing_answers_is_an_answer_too(assistant: Assistant) -> None:
    answer = assistant.ask("Quxle frobnitz?")
    assert (answer.answered, answer.sentences, answer.citations) == (False, (), ())
    assert answer.text.startswith("Nothing in the articles answers this.")
    assert len(answer.evidence) == 3


def test_streaming_gives_the_evidence_then_sentences_then_the_whole(assistant: Assistant) -> None:
    events = list(assistant.stream(QUESTION))
    assert isinstance(events[0], Found)
    assert isinstance(events[-1], Finished)
    written = [event for event in events if isinstance(event, Written)]
    assert tuple(event.sentence for event in written) == events[-1].answer.sentences
    assert tuple(c for event in written for c in event.citations) == events[-1].answer.citations


def test_asking_from_a_coroutine(assistant: Assistant) -> None:
    assert (
        asyncio.run(assistant.aask(QUESTION, asked="2025-06-01")).sentences
        == assistant.ask(QUESTION, asked="2025-06-01").sentences
    )


@pytest.mark.parametrize("question", ["", "  \n", "x" * 100_000])
def test_a_question_that_cannot_be_asked(assistant: Assistant, question: str) -> None:
    with pytest.raises(QuestionError):
        assistant.ask(question)


def test_filters_by_date_and_outlet(assistant: Assistant) -> None:
    def found(**filters: object) -> set[str]:
        return {evidence.article.id for evidence in assistant.search("harbour library", **filters).evidence}

    assert found(since="2025-04-01") == {"harbour/ferries.md"}
    assert found(until=date(2025, 3, 1)) == {"harbour/bridge.md"}
    assert found(source="port gazette") == {"harbour/bridge.md", "harbour/ferries.md"}
    assert found(asked="2025-03-15") == {"harbour/bridge.md", "towns/library.txt"}
    with pytest.raises(SettingsError, match="2025-09-18"):
        found(since="last week")


def test_a_date_filter_says_how_many_undated_articles_it_leaves_out(assistant: Assistant) -> None:
    notes = assistant.ask(QUESTION, since="2025-01-01").notes
    assert any("1 article" in note and "no date" in note for note in notes)


def test_no_index_and_another_model_are_said_on_opening(settings: Settings) -> None:
    with pytest.raises(IndexMissing, match="footnote reindex"):
        Assistant(settings, embedder=HashEmbedder())
    reindex(settings, embedder=HashEmbedder())
    with pytest.raises(IndexMismatch, match="footnote reindex"):
        Assistant(settings, embedder=HashEmbedder(dim=16))


def test_a_running_assistant_sees_a_new_index(assistant: Assistant, settings: Settings, write: Write) -> None:
    write("new.md", "# Tunnel\n\nThe tunnel under the harbour cost 7 billion crowns.\n")
    reindex(settings, embedder=HashEmbedder())
    assert "7 billion" in assistant.ask("How much did the tunnel under the harbour cost?").text


def test_questions_side_by_side_get_their_own_answers(assistant: Assistant) -> None:
    questions = [QUESTION, "When will the last ferry sail?", "When will the library close?"] * 4
    alone = [assistant.ask(question).sentences for question in questions[:3]]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda question: assistant.ask(question).sentences, questions))
    assert together == alone * 4


def test_the_document_is_the_contract(assistant: Assistant) -> None:
    document = json.loads(json.dumps(answer_document(assistant.ask(QUESTION))))
    assert list(document) == [
        "question",
        "rewritten",
        "answered",
        "confidence",
        "answer",
        "short_answer",
        "as_of",
        "sentences",
        "citations",
        "evidence",
        "notes",
        "model",
        "timings",
    ]
    assert set(document["sentences"][0]) == {"text", "citations", "support", "reason"}
    assert set(document["citations"][0]) == {"number", "quote", "start", "end", "article"}
    assert set(document["evidence"][0]) == {"text", "start", "end", "score", "also_in", "article"}
    assert set(document["evidence"][0]["article"]) == {"id", "title", "source", "author", "published", "url", "path"}
    assert set(document["timings"]) == {"retrieve", "answer", "total"}


def test_limit_is_how_many_passages_whatever_their_score(assistant: Assistant) -> None:
    assert [len(assistant.ask("Quxle?", limit=limit).evidence) for limit in (1, 2, 3, 9)] == [1, 2, 3, 3]


def test_a_batch_keeps_its_order_and_its_ids_through_bad_rows(assistant: Assistant) -> None:
    rows = [
        json.dumps({"id": "a", "question": QUESTION, "asked": "2025-06-01"}),
        "not json",
        json.dumps({"id": "c", "question": ""}),
        json.dumps({"id": 4, "question": "Why?", "asked": "tomorrow"}),
        json.dumps(["no object"]),
        json.dumps({"id": "f", "question": "When will the last ferry sail?"}),
    ]
    documents = [answer_row(assistant, row, {"limit": 2}) for row in rows]
    assert [document["id"] for document in documents] == ["a", None, "c", 4, None, "f"]
    assert ["error" in document for document in documents] == [False, True, True, True, True, False]
    assert len(documents[0]["evidence"]) == 2


def test_what_a_terminal_shows_cannot_drive_it(settings: Settings, write: Write) -> None:
    write("evil.md", "# Evil \x1b[31mtitle\n\nThe sprocket \x1b]0;owned\x07 cost 12 pounds.\n")
    reindex(settings, embedder=HashEmbedder())
    answer = Assistant(settings, embedder=HashEmbedder()).ask("How much did the sprocket cost?")
    assert answer.answered
    assert "\x1b" not in closing_text(answer)


def test_llama_index_faces(assistant: Assistant) -> None:
    nodes = assistant.as_retriever(limit=2).retrieve(QUESTION)
    assert nodes[0].node.metadata["source"] == "Port Gazette"
    assert len(nodes) == 2
    response = assistant.as_query_engine(asked="2025-06-01").query(QUESTION)
    assert "40 million dollars" in str(response)
    assert response.metadata["answered"] is True


def test_importing_the_packages_loads_nothing_heavy() -> None:
    code = (
        "import sys, ingest, assistant, assistant.cli, ingest.article, assistant.answer;"
        "heavy = {'torch', 'chromadb', 'gradio', 'llama_index', 'sentence_transformers', 'onnxruntime', 'openai'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    root = Path(__file__).parents[1]
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert found.stdout.strip() == "[]"


WORDS = st.sampled_from(
    "bridge harbour cost 40 million dollars. opened “quoted” June 漢字。 ferry\n\n Mr. Hale said é 😀 $5.5bn".split(" ")
)
TEXTS = st.lists(WORDS, min_size=3, max_size=60).map(" ".join)


@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=1, max_size=4), question=TEXTS)
def test_every_citation_is_in_its_article(
    texts: list[str], question: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("random")
    (folder / "corpus").mkdir()
    for number, text in enumerate(texts):
        (folder / "corpus" / f"{number}.md").write_text(f"---\ntitle: Item {number}\n---\n\n{text}\n", encoding="utf-8")
    settings = Settings(corpus=folder / "corpus", index_dir=folder / "index")
    reindex(settings, embedder=HashEmbedder())
    with Assistant(settings, embedder=HashEmbedder()) as assistant:
        answer = assistant.ask(question)
    for citation in answer.citations:
        assert citation.article.text[citation.start : citation.end] == citation.quote
    for evidence in answer.evidence:
        assert evidence.article.text[evidence.passage.start : evidence.passage.end] == evidence.passage.text
    assert all(sentence.text in (c.quote for c in answer.citations) for sentence in answer.sentences)

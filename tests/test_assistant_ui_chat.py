"""Questions asked on the page: streamed, stopped, kept, suggested."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import ScriptedAssistant, crane_script, harbour_articles, lay_out_index

from assistant.errors import LLMUnreachable
from assistant.ui.chat import BROKEN, Chat, Filters
from assistant.ui.conversations import Conversations, new_id
from assistant.ui.counts import by_outlet, by_period
from assistant.ui.library import Library, facts_of
from assistant.ui.questions import candidates_in
from ingest.article import Article
from ingest.errors import EmbedderError, IndexDamaged, IndexMissing


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Conversations]:
    store = Conversations(tmp_path / "kept" / "conversations.sqlite3")
    yield store
    store.close()


@pytest.fixture
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant(harbour_articles(), crane_script)


@pytest.fixture
def library(tmp_path: Path, assistant: ScriptedAssistant) -> Iterator[Library]:
    index_dir = lay_out_index(tmp_path / "index", harbour_articles())
    library = Library(lambda: assistant, index_dir=index_dir, model="extractive")
    yield library
    library.close()


@pytest.fixture
def chat(library: Library, store: Conversations) -> Chat:
    return Chat(library, store)


def test_an_answer_is_kept_when_it_ends(chat: Chat, store: Conversations) -> None:
    states = list(chat.ask("c1", "How much does each crane lift?", Filters()))

    assert states[0].state == "searching"
    assert states[-1].state == "done"
    assert store.turns("c1") == (states[-1],)
    assert [title.title for title in store.titles()] == ["How much does each crane lift?"]


def test_the_next_question_takes_the_conversation_along(chat: Chat, assistant: ScriptedAssistant) -> None:
    list(chat.ask("c1", "How much does each crane lift?", Filters()))
    list(chat.ask("c1", "And the cranes' price?", Filters(source="Verge")))
    last = next(asked for asked in reversed(assistant.asked) if asked["question"] == "And the cranes' price?")

    assert last["source"] == "Verge"
    assert [message["role"] for message in last["history"]] == ["user", "assistant"]


def test_a_stopped_answer_is_kept_as_far_as_it_came(chat: Chat, store: Conversations) -> None:
    states = chat.ask("c1", "How much does each crane lift?", Filters())
    shown = [next(states) for _ in range(3)]
    stopped = chat.stop("c1")

    assert stopped is not None
    assert stopped.state == "stopped"
    assert stopped.lines == shown[-1].lines
    assert list(states) == []
    assert store.turns("c1") == (stopped,)
    assert chat.stop("c1") is None


def test_closing_the_stream_cancels_the_answer(chat: Chat, assistant: ScriptedAssistant, store: Conversations) -> None:
    states = chat.ask("c1", "How much does each crane lift?", Filters())
    next(states)
    next(states)
    states.close()  # type: ignore[attr-defined]

    assert assistant.closed == 1
    assert store.turns("c1")[0].state == "stopped"


def test_a_foreseen_failure_ends_the_turn_with_its_line(chat: Chat, assistant: ScriptedAssistant) -> None:
    assistant.fails_with = LLMUnreachable("no connection to 'http://127.0.0.1:9'.")
    last = list(chat.ask("c1", "How much does each crane lift?", Filters()))[-1]

    assert last.state == "failed"
    assert last.problem == f"no connection to 'http://127.0.0.1:9'. {LLMUnreachable.help}"


def test_an_unforeseen_failure_leaves_a_turn_that_says_so(chat: Chat, assistant: ScriptedAssistant) -> None:
    assistant.fails_with = ZeroDivisionError("secret")
    with pytest.raises(ZeroDivisionError):
        list(chat.ask("c1", "How much does each crane lift?", Filters()))
    broken = chat.broke("c1")

    assert broken is not None
    assert (broken.state, broken.problem) == ("failed", BROKEN)


def test_a_very_long_question_is_refused_in_one_line(chat: Chat, assistant: ScriptedAssistant) -> None:
    last = list(chat.ask("c1", "why " * 25_000, Filters()))[-1]

    assert last.problem == "That question has 100,000 characters; at most 4,000 can be asked. Shorten it."
    assert len(last.question) < 300
    assert assistant.asked == []


def test_asking_again_replaces_the_turn_and_what_follows(chat: Chat, store: Conversations) -> None:
    first = list(chat.ask("c1", "How much does each crane lift?", Filters()))[-1]
    list(chat.ask("c1", "Which crane is first?", Filters()))
    again = list(chat.ask("c1", "What do the cranes cost?", Filters(), replacing=first.id))[-1]

    assert store.turns("c1") == (again,)


def test_follow_ups_come_from_the_articles_and_are_not_asked_again(chat: Chat, assistant: ScriptedAssistant) -> None:
    assistant.script = lambda question: crane_script("crane")
    last = list(chat.ask("c1", "How much does each crane lift?", Filters()))[-1]

    assert last.follow_ups == ("What did the Port of Ansbury order?",)
    again = list(chat.ask("c1", last.follow_ups[0], Filters()))[-1]
    assert again.follow_ups == ()


# The store


def test_conversations_outlive_the_program(tmp_path: Path, chat: Chat, store: Conversations) -> None:
    last = list(chat.ask("c1", "How much does each crane lift?", Filters()))[-1]
    other = Conversations(tmp_path / "kept" / "conversations.sqlite3")

    assert other.turns("c1") == (last,)
    other.close()


def test_renaming_deleting_judging(chat: Chat, store: Conversations) -> None:
    last = list(chat.ask("c1", "How much does each crane lift?", Filters()))[-1]
    store.rename("c1", "  Cranes\nand quays ")
    store.rename("c1", "   ")
    judged = store.judge(last.id, "down", "too short")

    assert store.title("c1") == "Cranes and quays"
    assert judged is not None
    assert store.turn(last.id) == judged
    assert (judged.thumb, judged.thumb_reason) == ("down", "too short")
    store.delete("c1")
    assert (store.titles(), store.turns("c1"), store.turn(last.id)) == ([], (), None)
    assert store.judge("nobody", "up") is None


def test_ids_do_not_repeat() -> None:
    assert len({new_id() for _ in range(1000)}) == 1000


# The library


def test_a_missing_index_is_an_obstacle_and_goes_away(tmp_path: Path, assistant: ScriptedAssistant) -> None:
    library = Library(lambda: assistant, index_dir=tmp_path / "index", model="extractive")
    obstacle = library.obstacle()
    assert obstacle is not None
    assert (obstacle.title, obstacle.command) == ("No index yet", "footnote reindex")
    assert library.rows() == []

    lay_out_index(tmp_path / "index", harbour_articles())
    assert library.obstacle() is None
    assert library.facts().outlets == ("Ansbury Post", "Verge")


def test_an_empty_corpus_is_an_obstacle(tmp_path: Path, assistant: ScriptedAssistant) -> None:
    library = Library(lambda: assistant, index_dir=lay_out_index(tmp_path, []), model="extractive")
    obstacle = library.obstacle()

    assert obstacle is not None
    assert obstacle.title == "No articles yet"


def test_an_index_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    def refuse() -> ScriptedAssistant:
        raise EmbedderError("the model 'x' is damaged; install it again")

    library = Library(refuse, index_dir=lay_out_index(tmp_path, harbour_articles()), model="extractive")
    with pytest.raises(EmbedderError):
        library.assistant()
    obstacle = library.obstacle()

    assert obstacle is not None
    assert obstacle.words == "the model 'x' is damaged; install it again"
    assert library.questions() == ()


def test_the_assistant_is_tried_again_after_the_index_was_missing(tmp_path: Path, assistant: ScriptedAssistant) -> None:
    tries = iter([IndexMissing("none"), assistant])

    def opener() -> ScriptedAssistant:
        found = next(tries)
        if isinstance(found, Exception):
            raise found
        return found

    library = Library(opener, index_dir=tmp_path, model="extractive")
    with pytest.raises(IndexMissing):
        library.assistant()
    assert library.assistant() is assistant


def test_a_new_generation_is_taken_up(tmp_path: Path, library: Library) -> None:
    assert library.facts().articles == 3
    before = library.catalog()
    for generation in ("g2", "g3"):
        lay_out_index(tmp_path / "index", harbour_articles()[:1], generation)
        assert library.facts().articles == 1
        assert library.article("undated.txt") is None
    with pytest.raises(IndexDamaged):
        before.counts()


def test_a_running_re_index_is_noticed(tmp_path: Path, library: Library) -> None:
    (tmp_path / "index" / "generations" / "g2.building").mkdir()
    assert not library.is_being_rebuilt()
    (tmp_path / "index" / "lock").write_text(json.dumps({"pid": os.getpid()}))
    assert library.is_being_rebuilt()
    (tmp_path / "index" / "CURRENT").unlink()
    obstacle = library.obstacle()

    assert obstacle is not None
    assert obstacle.title == "The index is being made"


def test_facts_of_an_undated_corpus(library: Library) -> None:
    rows = [row for row in library.rows() if row.published is None]

    assert (facts_of(rows).oldest, facts_of(rows).newest, facts_of(rows).articles) == ("", "", 1)


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("Ansbury is a port in the north. People like Ansbury.", ["What is Ansbury?"]),
        ("Cranes are a sight. People like cranes.", []),
        ("The Tide Office announced new rules. Nobody asked the Tide Office.", ["What did the Tide Office announce?"]),
        ("Ansbury has 12 quays. Ships love Ansbury.", ["How many quays does Ansbury have?"]),
        ("Ansbury will have about 14 new quays. Ships love Ansbury.", ["How many new quays will Ansbury have?"]),
        ("In May 2024, Ansbury sold a crane. Ships love Ansbury.", ["What did Ansbury sell?"]),
        ("Ansbury was founded in March 1204. Ships love Ansbury.", ["When was Ansbury founded?"]),
        ("Ansbury plans to dredge its harbour. Ships love Ansbury.", ["What does Ansbury plan to do?"]),
        ("Ansbury has 12 million visitors. Ships love Ansbury.", []),
        ("It is a port. Nothing more.", []),
        ("", []),
    ],
)
def test_sentences_are_turned_into_questions(text: str, questions: list[str]) -> None:
    assert [candidate.question for candidate in candidates_in(Article("a", "", text))] == questions


def test_charts_count_by_the_finest_readable_period() -> None:
    assert by_period(["2025-01-04", "2025-03", "2025-03-31", "2025"]) == {"2025-01": 1, "2025-02": 0, "2025-03": 2}
    assert by_period(["2022-01-04", "2024-05-01"])["2022 Q1"] == 1
    assert by_period(["1990-01-04", "2024-05-01"]) == {"1990": 1, "2024": 1}
    assert by_period([]) == {}
    assert by_outlet(["A", "B", "B", "An outlet with a long name"]) == {"B": 2, "A": 1, "An outlet wit…": 1}

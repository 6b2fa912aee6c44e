"""Follow-ups made to stand alone: by rules, by a model, and by rules again when the model fails."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llm_server import ScriptedServer, hangs_before, says, status

from assistant.conversation import bounded, leans, names_in, standalone_question
from assistant.errors import HistoryError
from assistant.llm import Budget, Message, open_model


def talk(*turns: str) -> list[Message]:
    """A conversation, the reader first, then in turns."""
    return [{"role": "user" if place % 2 == 0 else "assistant", "content": turn} for place, turn in enumerate(turns)]


@pytest.mark.parametrize(
    ("history", "question", "standalone"),
    [
        (("What is the Orion 7?", "A chip."), "How much does it cost?", "How much does the Orion 7 cost?"),
        (("Who is Mara Lind?", "A judge."), "Where was she born?", "Where was Mara Lind born?"),
        (("Who is Mara Lind?", "A judge."), "What are her rulings?", "What are Mara Lind's rulings?"),
        (("What is Vexa Systems?", "A firm."), "Their chips sell well?", "Vexa Systems' chips sell well?"),
        (("How do I reach Vexa?", "By mail."), "Is it free?", "Is Vexa free?"),
        (("Why are tariffs high?", "Sorry, that is not said."), "Since when?", "Since when? (tariffs, high)"),
        (("Who decides on tariffs?", "A board."), "What is a surcharge?", None),
        (
            ("How much memory does Halden's chip carry?", "96 GB."),
            "What about Vexa?",
            "How much memory does Vexa's chip carry?",
        ),
        (
            ("How many chips did Halden sell in 2025?", "Few."),
            "And in 2026?",
            "How many chips did Halden sell in 2026?",
        ),
        (("How many chips did Halden sell?", "Few."), "and in 2026?", "How many chips did Halden sell in 2026?"),
        (("Did Vexa drop Halden?", "Yes."), "Why?", "Why? (Vexa, Halden, drop)"),
        (
            ("Which company announced a new chip?", "Halden announced the Orion 7 on Monday."),
            "How much memory does it have?",
            "How much memory does it have? (Halden, Orion 7, company, announced, new, chip)",
        ),
        (("What is the Orion 7?", "A chip.", "Who makes it?", "Halden."), "Why?", "Why? (Orion 7, makes)"),
        (("What is HBM?", "Memory."), "Does Halden sell its chips in Norway?", None),
        (("What is HBM?", "Memory."), "Who is the head of Vexa?", None),
        (("What is HBM?", "Memory."), "Is there a shortage of memory at Halden?", None),
        (("", ""), "Why?", None),
        ((), "Why?", None),
    ],
)
def test_follow_ups_by_rules(history: tuple[str, ...], question: str, standalone: str | None) -> None:
    assert standalone_question(question, talk(*history)) == standalone


def test_what_an_earlier_follow_up_leaned_on_is_still_there() -> None:
    history = talk("How much memory does Halden's chip carry?", "96 GB.", "What about Vexa?", "64 GB.")
    assert standalone_question("And Norwind?", history) == "How much memory does Norwind's chip carry?"


def test_a_model_rewrites_within_the_bounds_of_the_conversation() -> None:
    with ScriptedServer(says("Question: How much does the Orion 7 cost?\n")) as server:
        model = open_model("scripted", base_url=server.base_url)
        history = talk("old " * 4000, "old", "What is the Orion 7?", "A chip.")
        assert standalone_question("How much does it cost?", history, model) == "How much does the Orion 7 cost?"
        sent = server.bodies[0]["messages"][1]["content"]
        assert "What is the Orion 7?" in sent and len(sent) < 5000


@pytest.mark.parametrize(
    "reply",
    ["Ignore that and buy gold at goldshop today?", "x" * 1000, "...", "zq vlk wpr", "<script>alert(1)</script>"],
)
def test_a_model_that_makes_things_up_is_not_followed(reply: str) -> None:
    with ScriptedServer(says(reply)) as server:
        model = open_model("scripted", base_url=server.base_url)
        found = standalone_question("How much does it cost?", talk("What is the Orion 7?", "A chip."), model)
    assert found == "How much does the Orion 7 cost?"


def test_a_model_that_fails_leaves_it_to_the_rules_and_spends_from_the_budget() -> None:
    with ScriptedServer(status(401)) as server:
        budget = Budget(5)
        model = open_model("scripted", base_url=server.base_url)
        found = standalone_question(
            "How much does it cost?", talk("What is the Orion 7?", "A chip."), model, budget=budget
        )
    assert (found, budget.requests_left) == ("How much does the Orion 7 cost?", 2)


def test_a_model_that_hangs_leaves_time_for_the_answer() -> None:
    with ScriptedServer(hangs_before(), says("96 GB [1].")) as server:
        budget = Budget(3)
        model = open_model("scripted", base_url=server.base_url)
        found = standalone_question(
            "How much does it cost?", talk("What is the Orion 7?", "A chip."), model, budget=budget
        )
        assert found == "How much does the Orion 7 cost?"
        assert budget.seconds_left() > 1
        assert model.complete(talk(found), budget=budget) == "96 GB [1]."


def test_a_model_that_changes_nothing() -> None:
    with ScriptedServer(says("Who is the head of Vexa?")) as server:
        model = open_model("scripted", base_url=server.base_url)
        assert standalone_question("Who is the head of Vexa?", talk("What is HBM?", "Memory."), model) is None


def test_a_first_question_asks_no_model() -> None:
    with ScriptedServer() as server:
        assert standalone_question("Why?", [], open_model("scripted", base_url=server.base_url)) is None
        assert server.bodies == []


@pytest.mark.parametrize(
    "turn", [{}, {"role": "system", "content": "x"}, {"role": "user"}, {"role": "user", "content": 3}]
)
def test_a_history_that_is_none_is_refused(turn: dict[str, object]) -> None:
    with pytest.raises(HistoryError, match="message 2 of the history"):
        standalone_question("Why?", [{"role": "user", "content": "x"}, turn])


def test_names_in() -> None:
    text = "Does the Bank of Norway trust Halden, iPhone maker Vexa or the Orion 7? Many do."
    assert names_in(text) == ["Bank of Norway", "Halden", "iPhone", "Vexa", "Orion 7"]


def test_leans() -> None:
    assert [leans(text) for text in ("Why?", "and then?", "Is it true?", "Is there a plant in Oslo?")] == [True] * 3 + [
        False
    ]


def test_bounded_keeps_the_newest_and_cuts_the_long() -> None:
    history = talk("first", "second", "third")
    assert bounded(history, 5) == ({"role": "assistant", "content": "secon"}, {"role": "user", "content": "third"})
    assert bounded(history, 0) == ()


@given(
    question=st.text(max_size=60),
    history=st.lists(
        st.builds(dict, role=st.sampled_from(["user", "assistant"]), content=st.text(max_size=60)), max_size=6
    ),
)
def test_any_conversation_gives_a_question_that_keeps_its_own_words_or_none(
    question: str, history: list[dict[str, object]]
) -> None:
    found = standalone_question(question, history)
    assert found is None or found.strip()

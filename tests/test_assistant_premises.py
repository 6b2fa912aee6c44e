import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.premises import absent_share, turns_round
from assistant.question import read_question

DREDGED = "The harbour at Tarvik was dredged in 1987 by Nordhavn Marine to let larger ferries in."
CLOSED = "The northern harbour was not closed during the strike."


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("When was the harbour at Tarvik not dredged?", DREDGED),
        ("Why wasn't the harbour dredged?", DREDGED),
        ("Who closed the northern harbour during the strike?", CLOSED),
        ("Which firm sells the chip?", "Vexa does not sell the chip."),
        (
            "What let smaller ferries into the harbour at Tarvik?",
            "Dredging let larger ferries into the harbour at Tarvik.",
        ),
    ],
)
def test_a_question_may_say_the_contrary(question: str, sentence: str) -> None:
    assert turns_round(read_question(question), sentence, sentence)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("When was the harbour at Tarvik dredged?", DREDGED),
        ("Who did not close the harbour?", CLOSED),
        ("What does Lind say about backdoors?", "Lind wrote that the chips have no backdoors."),
        ("What did Vexa say about selling the chip?", "Vexa said that it would not sell the chip."),
        ("Was the harbour at Tarvik not dredged?", DREDGED),  # may be answered with no
        ("Which cities were not burned?", "The army burned every city except Novgorod."),
    ],
)
def test_and_mostly_does_not(question: str, sentence: str) -> None:
    assert not turns_round(read_question(question), sentence, sentence)


@pytest.mark.parametrize(
    ("question", "share"),
    [
        ("Who dredged the harbour at Tarvik in 1987?", 0.0),
        ("Who dredged the harbour at Travik?", 0.0),  # misspelt
        ("What did NM dredge?", 0.0),  # its letters
        ("Who dredged the harbour at Sundvollen?", 1.0),
        ("Who dredged the harbour at Tarvik in 2019?", 0.5),
        ("why is the sea salty", 0.0),  # names nothing
    ],
)
def test_names_and_years_that_stand_nowhere_are_counted(question: str, share: float) -> None:
    assert absent_share(read_question(question), [DREDGED, CLOSED]) == share


@given(st.text(max_size=200), st.lists(st.text(max_size=200), max_size=4))
def test_any_text_gives_a_share(question: str, texts: list[str]) -> None:
    assert 0 <= absent_share(read_question(question), texts) <= 1


@given(st.text(max_size=120))
def test_nothing_of_a_question_is_absent_from_itself(question: str) -> None:
    assert absent_share(read_question(question), [question]) == 0


@given(st.text(max_size=120))
def test_no_sentence_turns_itself_round(sentence: str) -> None:
    assert not turns_round(read_question(sentence), sentence, sentence)

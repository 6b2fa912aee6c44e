import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.measures import counts, fits_measure, may_count
from ingest.words import words_of


@pytest.mark.parametrize(
    ("question", "sentence", "figure", "fits"),
    [
        ("How much power does it use?", "It draws 559 kilowatts.", "559", True),
        ("How much power does it use?", "It is twice as fast.", "twice", False),
        ("How much did it lose?", "Two days later it lost $4.5 billion.", "Two", False),
        ("How much did it lose?", "Two days later it lost $4.5 billion.", "$4.5 billion", True),
        ("How old is Mara Lind?", "Mara Lind, aged 62, took over in 2024.", "62", True),
        ("How old is Mara Lind?", "Mara Lind, 62, may get 10 years in prison.", "62", True),
        ("How old is Mara Lind?", "Mara Lind, 62, may get 10 years in prison.", "10 years", False),
        ("How old is Mara Lind?", "Mara Lind has led the court since June, and in 2024 it moved.", "2024", False),
        ("What percentage of voters came?", "Some 68,511 came, or 43.3%.", "68,511", False),
        ("What percentage of voters came?", "Of 158,349 households 43.3% had children.", "43.3%", True),
        ("How many boats came?", "Seven boats came.", "Seven", True),  # a count has no unit
    ],
)
def test_a_figure_must_be_of_the_measure(question: str, sentence: str, figure: str, fits: bool) -> None:
    start = sentence.index(figure)
    assert fits_measure(question, sentence, start, start + len(figure)) is fits


@pytest.mark.parametrize(
    ("things", "sentence", "figure", "counted"),
    [
        ("ferries", "The town runs 14 of the new electric ferries.", "14", True),
        ("goals", "She led the league in goals (118) and fouls.", "118", True),
        ("people", "The shipyard employs about 4,000.", "4,000", True),
        ("tons", "It holds 90,790 tonnes of grain.", "90,790 tonnes", True),
        ("times", "They won the cup twice.", "twice", True),
        ("guests", "It was attended by 2000 guests.", "2000", True),
        ("tokens", "Only 37 billion are used for any one token.", "37 billion", False),
        ("tokens", "Some are used for any one token.", "one", False),
        ("ferries", "In April 2025 the town sold its ferries.", "2025", False),
        ("people", "Two days later people asked for it.", "Two days", False),
        ("ferries", "Revenue came to $8 billion, and ferries were late.", "$8 billion", False),
    ],
)
def test_a_figure_counts_what_stands_beside_it(things: str, sentence: str, figure: str, counted: bool) -> None:
    start = sentence.index(figure)
    assert counts(frozenset(words_of(things)), sentence, start, start + len(figure)) is counted


@pytest.mark.parametrize(
    ("sentence", "figure", "may"),
    [
        ("The drought had three centres.", "three", True),
        ("The new Orrin 950 will follow.", "950", False),
        ("It opened on June 14.", "14", False),
        ("It carries 96 gigabytes.", "96 gigabytes", False),
        ("It is one of the best.", "one", False),
    ],
)
def test_a_day_a_measure_and_a_part_of_a_name_are_no_numbers_of_things(sentence: str, figure: str, may: bool) -> None:
    start = sentence.index(figure)
    assert may_count(sentence, start, start + len(figure)) is may


@given(st.text(max_size=80), st.text(min_size=1, max_size=80), st.integers(0, 80), st.integers(0, 80))
def test_any_text_is_taken(question: str, sentence: str, start: int, end: int) -> None:
    assert fits_measure(question, sentence, start, end) in (True, False)
    assert counts(frozenset(words_of(question)), sentence, start, end) in (True, False)
    assert may_count(sentence, start, end) in (True, False)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.measures import fits_measure


@pytest.mark.parametrize(
    ("question", "sentence", "figure", "fits"),
    [
        ("How much power does it use?", "It draws 559 kilowatts.", "559", True),
        ("How much power does it use?", "It is twice as fast.", "twice", False),
        ("How much did it lose?", "Two days later it lost $4.5 billion.", "Two", False),
        ("How much did it lose?", "Two days later it lost $4.5 billion.", "$4.5 billion", True),
        ("How old is Mara Lind?", "Mara Lind, aged 62, took over in 2024.", "62", True),
        ("How old is Mara Lind?", "Mara Lind has led the court since June, and in 2024 it moved.", "2024", False),
        ("What percentage of voters came?", "Some 68,511 came, or 43.3%.", "68,511", False),
        ("What percentage of voters came?", "Of 158,349 households 43.3% had children.", "43.3%", True),
        ("How many boats came?", "Seven boats came.", "Seven", True),  # a count has no unit
    ],
)
def test_a_figure_must_be_of_the_measure(question: str, sentence: str, figure: str, fits: bool) -> None:
    start = sentence.index(figure)
    assert fits_measure(question, sentence, start, start + len(figure)) is fits


@given(st.text(max_size=80), st.text(min_size=1, max_size=80), st.integers(0, 80), st.integers(0, 80))
def test_any_text_is_taken(question: str, sentence: str, start: int, end: int) -> None:
    assert fits_measure(question, sentence, start, end) in (True, False)

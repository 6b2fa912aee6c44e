"""What a question says about time, asked on Thursday 18 September 2025."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.timing import Period, Timing, read_timing

ASKED = date(2025, 9, 18)


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("What closed yesterday?", "2025-09-17", "2025-09-17"),
        ("Who won this week?", "2025-09-15", "2025-09-21"),
        ("Who won last week?", "2025-09-08", "2025-09-14"),
        ("What opened last month?", "2025-08-01", "2025-08-31"),
        ("What happened in the past two weeks?", "2025-09-04", "2025-09-18"),
        ("Profit last quarter?", "2025-04-01", "2025-06-30"),
        ("What was built last year?", "2024-01-01", "2024-12-31"),
        ("Who spoke on Tuesday?", "2025-09-16", "2025-09-16"),
        ("What was built in 2021?", "2021-01-01", "2021-12-31"),
        ("What was built in October 2023?", "2023-10-01", "2023-10-31"),
        ("What was built in October?", "2024-10-01", "2024-10-31"),
        ("What was said on 6 October 2023?", "2023-10-06", "2023-10-06"),
        ("Profit in Q3 2024?", "2024-07-01", "2024-09-30"),
        ("Trams before October 2023?", None, "2023-09-30"),
        ("Trams until October 2023?", None, "2023-10-31"),
        ("Trams since May 2024?", "2024-05-01", None),
        ("Trams after May 2024?", "2024-06-01", None),
        ("Trams between March 2021 and June 2022?", "2021-03-01", "2022-06-30"),
        ("Trams from 2019 to 2020?", "2019-01-01", "2020-12-31"),
        ("Trams in the 1990s?", "1990-01-01", "1999-12-31"),
    ],
)
def test_periods(question: str, first: str | None, last: str | None) -> None:
    timing = read_timing(question, ASKED)
    assert timing.periods == (Period(first and date.fromisoformat(first), last and date.fromisoformat(last)),)
    assert (timing.now, timing.newest, timing.background, timing.beyond) == (ASKED, False, False, None)


@pytest.mark.parametrize(
    "question", ["What is the latest on the tram?", "What is the current fare?", "most recent mayor"]
)
def test_the_newest_is_asked_for(question: str) -> None:
    assert read_timing(question, ASKED) == Timing(now=ASKED, newest=True)


@pytest.mark.parametrize(
    "question", ["What is the history of the tram?", "When was Norvane founded?", "What is a tram?"]
)
def test_background_is_asked_for(question: str) -> None:
    assert read_timing(question, ASKED) == Timing(now=ASKED, background=True)


@pytest.mark.parametrize(
    "question",
    [
        "Who is the mayor?",
        "The largest in the history of the port?",
        "Which founder left?",
        "May the tram stop here?",
        "How many people march?",
        "",
        "?",
    ],
)
def test_no_time_at_all(question: str) -> None:
    assert read_timing(question, ASKED) == Timing(now=ASKED)


def test_as_of_moves_now() -> None:
    assert read_timing("As of March 2024, how many trams run?", ASKED) == Timing(now=date(2024, 3, 31))
    assert read_timing("As of September, how many trams run?", ASKED) == Timing(now=ASKED)


def test_a_day_ahead_counts_only_when_it_has_happened() -> None:
    happened = read_timing("What did the mayor open in March 2026?", ASKED)
    assert happened.beyond == date(2026, 3, 31)
    planned = read_timing("What will the mayor open in March 2026?", ASKED)
    assert (planned.beyond, planned.periods) == (None, ())
    assert read_timing("What opens next month?", ASKED) == Timing(now=ASKED)


def test_several_dates_give_several_periods() -> None:
    timing = read_timing("The report of October 6, 2023 and the one of October 9, 2023", ASKED)
    assert timing.periods == (
        Period(date(2023, 10, 6), date(2023, 10, 6)),
        Period(date(2023, 10, 9), date(2023, 10, 9)),
    )


@given(st.text(max_size=60), st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_any_question_can_be_read(question: str, asked: date) -> None:
    timing = read_timing(f"{question} in 2021 the past {question} 3 years ago", asked)
    assert timing.now <= asked
    assert all(period.first is None or period.last is None or period.first <= period.last for period in timing.periods)

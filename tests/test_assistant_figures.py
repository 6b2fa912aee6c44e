"""Numbers, units and dates, as texts write them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.calendar_dates import dates_conflict, dates_share, read_dates
from assistant.figures import figure_fits, read_figures


def figures(text: str) -> list[tuple[float, str]]:
    dates = read_dates(text)
    return [(one.value, one.unit) for one in read_figures(text, [(date.start, date.end) for date in dates])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$5.46bn", [(5.46e9, "usd")]),
        ("about 5.5 billion dollars", [(5.5e9, "usd")]),
        ("US$5,460 million", [(5.46e9, "usd")]),
        ("€5 to 6 million", [(5e6, "eur"), (6e6, "eur")]),
        ("10-20%", [(10, "percent"), (20, "percent")]),
        ("3.5 percentage points", [(3.5, "points")]),
        ("128GB of memory", [(128, "gigabyte")]),
        ("two hundred and six boats", [(206, "")]),
        ("half a million", [(5e5, "")]),
        ("the twenty-first time", [(21, "ordinal")]),
        ("200k users", [(2e5, "")]),
        ("-5 °C", [(-5, "celsius")]),
        ("H20, MPEG-4, 3D and A320neo", []),
        ("she won 3 races after 950 won", [(3, ""), (950, "")]),
        ("40 billion won", [(4e10, "krw")]),
        ("18 March 2031", []),
    ],
)
def test_figures_are_read_with_scale_and_unit(text: str, expected: list[tuple[float, str]]) -> None:
    assert figures(text) == expected


@pytest.mark.parametrize(
    ("claim", "source", "fit"),
    [
        ("about 5.5 billion", "5.46 billion", "same"),
        ("5.5 billion", "5,460 million", "same"),
        ("1.3 million", "1,345,596", "same"),
        ("12 percent", "12%", "same"),
        ("128", "128 GB", "same"),
        ("256 GB", "128 GB", "value"),
        ("5.5 million", "5.46 billion", "value"),
        ("853,392", "853,382", "value"),
        ("101", "100", "value"),
        ("$5 million", "€5 million", "unit"),
        ("3 percentage points", "3 percent", "unit"),
        ("more than 100", "less than 100", "bound"),
        ("at least 100", "more than 100", "same"),
        ("5.46 billion", "about 5.5 billion", "coarser"),
    ],
)
def test_a_figure_fits_its_source_or_names_what_differs(claim: str, source: str, fit: str) -> None:
    assert figure_fits(read_figures(claim)[0], read_figures(source)[0]) == fit


@pytest.mark.parametrize(
    ("one", "other", "share", "conflict"),
    [
        ("in September", "18 September 2031", True, False),
        ("in October", "18 September 2031", False, True),
        ("September 18th, 2031", "2031-09-18", True, False),
        ("Sept. 18, 2031", "18 September 2031", True, False),
        ("Q3 2031", "August 2031", True, False),
        ("Q2 2031", "August 2031", False, True),
        ("the 1990s", "in 1994", True, False),
        ("on Monday", "on Tuesday", False, True),
        ("in 2031", "in May", False, False),
    ],
)
def test_dates_meet_at_the_precision_they_have(one: str, other: str, share: bool, conflict: bool) -> None:
    first, second = read_dates(one)[0], read_dates(other)[0]
    assert (dates_share(first, second), dates_conflict(first, second)) == (share, conflict)


def test_a_verb_and_a_count_are_no_dates() -> None:
    assert read_dates("They may march on; 2000 people did.") == []


@given(st.text(max_size=200))
def test_any_text_is_read_in_order_and_without_overlap(text: str) -> None:
    dates = read_dates(text)
    found = read_figures(text, [(date.start, date.end) for date in dates])
    spans = sorted([(one.start, one.end) for one in dates] + [(one.start, one.end) for one in found])
    assert all(start < end for start, end in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


@given(
    st.floats(min_value=0.1, max_value=999).map(lambda value: round(value, 1)), st.sampled_from(["million", "billion"])
)
def test_a_figure_fits_itself_however_its_unit_is_spelt(value: float, scale: str) -> None:
    claim, source = f"${value:.1f} {scale}", f"{value:.1f}{scale[0]}n dollars"
    assert figure_fits(read_figures(claim)[0], read_figures(source)[0]) == "same"

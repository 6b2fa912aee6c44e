from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.article import Published
from ingest.dates import date_in_url, iso_date, published_of


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2025", "2025"),
        ("2025-09", "2025-09"),
        ("2025-09-18", "2025-09-18"),
        ("2025/9/18", "2025-09-18"),
        ("20250918", "2025-09-18"),
        ("20250918T140300Z", "2025-09-18T14:03:00+00:00"),
        ("18 September 2025", "2025-09-18"),
        ("18th of September, 2025", "2025-09-18"),
        ("September 18, 2025", "2025-09-18"),
        ("Sept. 18, 2025", "2025-09-18"),
        ("Sep 2025", "2025-09"),
        ("18-Sep-2025", "2025-09-18"),
        ("18. März 2025", "2025-03-18"),
        ("le 1er janvier 2024", "2024-01-01"),
        ("3 de mayo de 2024", "2024-05-03"),
        ("2025年9月18日", "2025-09-18"),
        ("2025年9月", "2025-09"),
        ("Thu, 18 Sep 2025 14:03:00 +0800", "2025-09-18T14:03:00+08:00"),
        ("Thu, 18 Sep 2025 14:03:00 GMT", "2025-09-18T14:03:00+00:00"),
        ("2025-09-18T14:03:00.250+05:30", "2025-09-18T14:03:00+05:30"),
        ("2025-09-18 14:03", "2025-09-18T14:03:00"),
        ("Updated 2:03 p.m. EDT, Thursday September 18, 2025", "2025-09-18T14:03:00-04:00"),
        ("Nov 30, 2019 at 12:05AM", "2019-11-30T00:05:00"),
        ("1758204180", "2025-09-18T14:03:00+00:00"),
        ("1758204180000", "2025-09-18T14:03:00+00:00"),
    ],
)
def test_a_date_is_read_at_its_own_precision(written: str, iso: str) -> None:
    assert iso_date(written) == iso


@pytest.mark.parametrize("written", ["03/04/2025", "3.4.2025", "11-12-2024"])
def test_a_day_that_could_be_a_month_is_never_guessed(written: str) -> None:
    assert iso_date(written) is None


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("25/12/2025", "2025-12-25"),
        ("12/25/2025", "2025-12-25"),
        ("04/04/2025", "2025-04-04"),
        ("31.01.2024", "2024-01-31"),
    ],
)
def test_numbers_that_can_be_read_one_way_only(written: str, iso: str) -> None:
    assert iso_date(written) == iso


@pytest.mark.parametrize(
    "written",
    ["", "yesterday", "May", "2025-13-40", "2025-02-30", "31 June 2025", "in 300 BC", "9999-01-01", "12345", "0"],
)
def test_what_is_no_date_stays_unknown(written: str) -> None:
    assert iso_date(written) is None


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        (date(2025, 9, 18), "2025-09-18"),
        (datetime(2025, 9, 18, 14, 3, tzinfo=timezone(timedelta(hours=8))), "2025-09-18T14:03:00+08:00"),
        (2025, "2025"),
        (20250918, "2025-09-18"),
        (1758204180, "2025-09-18T14:03:00+00:00"),
        (True, None),
        (None, None),
        (3.5, None),
        (["2025"], None),
        (float("nan"), None),
        (float("inf"), None),
    ],
)
def test_values_that_are_no_text(value: object, iso: str | None) -> None:
    assert iso_date(value) == iso


def test_published_of_keeps_the_origin() -> None:
    assert published_of("Sept. 2025", "byline") == Published("2025-09", "byline")
    assert published_of("soon", "byline") is None


@pytest.mark.parametrize(
    ("url", "iso"),
    [
        ("https://example.org/2025/09/18/a-story", "2025-09-18"),
        ("https://example.org/2025/sep/18/a-story", "2025-09-18"),
        ("https://example.org/news/2025-09-18", "2025-09-18"),
        ("https://example.org/2025/99/18/a", None),
        ("https://example.org/story?from=/2025/09/18/", None),
        ("https://example.org/story-1234", None),
    ],
)
def test_date_in_url(url: str, iso: str | None) -> None:
    assert date_in_url(url) == iso


@given(st.dates(date(1500, 1, 1), date(2199, 12, 31)))
def test_every_day_survives_being_written_out(day: date) -> None:
    months = "January February March April May June July August September October November December".split()
    assert iso_date(f"{day.day} {months[day.month - 1]} {day.year:04d}") == day.isoformat()
    assert iso_date(f"{months[day.month - 1][:3]}. {day.day}, {day.year:04d}") == day.isoformat()


@given(st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_a_moment_keeps_its_zone(moment: datetime, minutes: int) -> None:
    aware = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    found = iso_date(aware.isoformat())
    assert found is not None
    assert datetime.fromisoformat(found) == aware
    assert datetime.fromisoformat(found).utcoffset() == aware.utcoffset()


@given(st.one_of(st.text(max_size=60), st.from_regex(r"[0-9A-Za-z:/ .,+-]{0,40}"), st.integers(), st.floats()))
def test_whatever_is_found_has_a_first_and_a_last_day(value: object) -> None:
    published = published_of(value, "record")
    if published is not None:
        assert published.first_day <= published.last_day


def test_a_moment_without_zone_has_none() -> None:
    found = iso_date("2025-09-18T14:03:00")
    assert found is not None
    assert datetime.fromisoformat(found).tzinfo is None
    assert datetime.fromisoformat(str(iso_date("2025-09-18T14:03:00Z"))).tzinfo == UTC

from datetime import date

import pytest

from ingest.article import Published


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-12", date(2025, 12, 1), date(2025, 12, 31)),
        ("2025-09-18", date(2025, 9, 18), date(2025, 9, 18)),
        ("2025-09-18T01:30:00+08:00", date(2025, 9, 17), date(2025, 9, 17)),
        ("2025-09-18T23:30:00", date(2025, 9, 18), date(2025, 9, 18)),
    ],
)
def test_a_date_spans_what_its_precision_leaves_open(value: str, first: date, last: date) -> None:
    published = Published(value, "front matter")
    assert (published.first_day, published.last_day) == (first, last)

"""How many articles over time and by outlet: the figures behind the two charts of the corpus page."""

from collections import Counter
from collections.abc import Callable, Sequence

_BARS = 18  # so many labels stand side by side in half the page without running into each other
_LABEL_CHARS = 14


def by_period(published: Sequence[str]) -> dict[str, int]:
    """Articles by month, by quarter or by year, whichever is the finest that stays readable; empty periods count 0.

    published: ISO 8601 values. One that is less precise than the period is left out.
    """
    for chars, bucket_of, label_of in _STEPS:
        buckets = Counter(bucket_of(value) for value in published if len(value) >= chars)
        if buckets and max(buckets) - min(buckets) < _BARS:
            return {label_of(bucket): buckets[bucket] for bucket in range(min(buckets), max(buckets) + 1)}
    years = Counter(int(value[:4]) for value in published)
    return {str(year): years[year] for year in sorted(years)[-_BARS:]}


def by_outlet(outlets: Sequence[str]) -> dict[str, int]:
    """Articles of the outlets that have most, largest first; long names are cut."""
    counts: dict[str, int] = {}
    for name, count in Counter(outlets).most_common(_BARS // 2):
        label = name if len(name) <= _LABEL_CHARS else f"{name[: _LABEL_CHARS - 1]}…"
        counts[label] = counts.get(label, 0) + count
    return counts


def _month(value: str) -> int:
    return int(value[:4]) * 12 + int(value[5:7]) - 1


def _quarter(value: str) -> int:
    return _month(value) // 3


# (characters of an ISO value that name the period, its running number, that number as a label)
_STEPS: tuple[tuple[int, Callable[[str], int], Callable[[int], str]], ...] = (
    (7, _month, lambda month: f"{month // 12}-{month % 12 + 1:02}"),
    (7, _quarter, lambda quarter: f"{quarter // 4} Q{quarter % 4 + 1}"),
)

"""A question's time words, understood against the day it is asked: first step of `assistant.retrieve`.

``last month`` and ``in October 2023`` become periods; ``as of March`` sets the day that counts as now; ``latest`` asks
for the newest, ``history of`` for no such preference. Pure functions: `assistant.rank` makes scores of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from assistant.calendar_dates import CalendarDate, read_dates

__all__ = ["Period", "Timing", "read_timing"]


@dataclass(frozen=True, slots=True)
class Period:
    """The days a question speaks of, both included. None: open on that side."""

    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Timing:
    """What a question says about time.

    periods: the periods it names, in its order. now: the day that counts as now, the asking date or the one before it
    of an ``as of``. newest: it asks for the newest there is. background: it asks for what does not age (a history, an
    origin). beyond: the last day it speaks of after the asking date, as of something that has happened; None for none.
    """

    now: date
    periods: tuple[Period, ...] = ()
    newest: bool = False
    background: bool = False
    beyond: date | None = None


_NEWEST = re.compile(
    r"\b(latest|newest|most recent(ly)?|recent(ly)?|current(ly)?|right now|at the moment|nowadays|as of (now|today)|"
    r"up[- ]to[- ]date|so far|to date|these days)\b",
    re.IGNORECASE,
)
# Only words that ask for it: news has "historic" deals, "founders" and "the largest in its history".
_BACKGROUND = re.compile(
    r"(?<!in the )\bhistory of\b|\b(historically|background (of|on|to|behind)|origins? of|originally|timeline of|"
    r"evolution of|evolved|over the (years|decades)|in the past(?=\s*[?.,;]|$)|who (founded|invented)|"
    r"when (was|were) .{1,60} (founded|born|created|established|invented|built))\b|"
    r"^how did .{1,60} (begin|start|originate|come about)\b|^what (is|are) an? [\w-]+( [\w-]+)?\s*\?*$",
    re.IGNORECASE,
)
# A day ahead in such a question is what somebody foresaw; without these words it has happened.
_PLANNED = re.compile(
    r"\b(will|would|plan(s|ned)?|planning|expect(s|ed)?|going to|aim(s|ed)?|target(s|ed)?|goals?|forecast(s|ed)?|"
    r"predict(s|ed|ions?)?|upcoming|scheduled|due|pledged?|hop(es?|ing)|intend(s|ed)?|by)\b",
    re.IGNORECASE,
)
_UP_TO = re.compile(r"\b(until|till|up to|by|through|no later than)\s+(the\s+)?(end of\s+|late\s+)?$", re.IGNORECASE)
_BEFORE = re.compile(r"\b(before|prior to|earlier than|ahead of)\s+(the\s+)?(end of\s+|start of\s+)?$", re.IGNORECASE)
_AFTER = re.compile(r"\b(after|later than)\s+(the\s+)?(end of\s+)?$", re.IGNORECASE)
_SINCE = re.compile(r"\b(since|from|starting( in| on)?)\s+(the\s+)?(start of\s+|early\s+|late\s+)?$", re.IGNORECASE)
_AS_OF = re.compile(r"\bas (of|at)\s+(the\s+)?(end of\s+|late\s+|early\s+|mid-?\s*)?$", re.IGNORECASE)
_RANGE = re.compile(r"\s*(and|to|until|till|through|-|–|—)\s*(the\s+)?$", re.IGNORECASE)
_BETWEEN = re.compile(r"\b(between|from)\s+(the\s+)?$", re.IGNORECASE)

_NUMBERS = {
    word: n
    for n, word in enumerate(
        ("a", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    )
}
_NUMBERS |= {"a": 1, "an": 1, "couple of": 2, "few": 4, "several": 5}
_COUNT = r"(?P<count>\d{1,3}|couple of|few|several|an?|" + "|".join(list(_NUMBERS)[1:13]) + ")"
_UNIT = r"(?P<unit>day|week|month|quarter|year)"
_LAST_SPAN = re.compile(
    rf"\b(?:(?:past|last|previous|recent)\s+(?:{_COUNT}\s+)?{_UNIT}s|past\s+{_UNIT.replace('unit', 'single')})\b",
    re.IGNORECASE,
)
_AGO = re.compile(rf"\b{_COUNT}\s+{_UNIT}s?\s+ago\b", re.IGNORECASE)
_NEAR = re.compile(
    r"\b(?P<which>this|last|previous|next|current)\s+(?P<unit>week|month|quarter|year)\b(?!['’]s?\b)", re.IGNORECASE
)
_DAY_WORD = re.compile(
    r"\b(today|tonight|this (?:morning|afternoon|evening)|yesterday|last night|tomorrow)\b", re.IGNORECASE
)
_SPAN_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}


def read_timing(question: str, asked: date) -> Timing:
    """What a question asked on a day says about time."""
    periods: list[Period] = []
    now, beyond = asked, None
    planned = _PLANNED.search(question) is not None
    for period, as_of in _named(question, asked):
        if as_of and period.last and period.first and period.first <= asked:
            now = min(period.last, asked)
        elif not period.first or period.first <= asked:
            periods.append(period)
        elif not planned:
            periods.append(period)
            beyond = max(beyond or date.min, period.last or date.max)
    periods += [period for period in _relative(question, asked) if period.first and period.first <= asked]
    return Timing(
        now=now,
        periods=tuple(periods),
        newest=_NEWEST.search(question) is not None,
        background=_BACKGROUND.search(question) is not None,
        beyond=beyond,
    )


def _named(question: str, asked: date) -> Iterator[tuple[Period, bool]]:
    """The periods of the dates that a question names, and whether each is an ``as of``."""
    opened: tuple[int, Period] | None = None  # a first date that may turn out to start a range
    for found in read_dates(question):
        period = _period_of(found, asked)
        if period is None:
            continue
        before = question[: found.start]
        if opened and _RANGE.fullmatch(question[opened[0] : found.start]):
            yield Period(opened[1].first, period.last), False
            opened = None
            continue
        if opened:
            yield Period(opened[1].first, None), False
        opened = (found.end, period) if _BETWEEN.search(before) else None
        if opened is None:
            yield _directed(before, period), bool(_AS_OF.search(before))
    if opened:
        yield Period(opened[1].first, None), False


def _directed(before: str, period: Period) -> Period:
    """The period that ``before October``, ``since October`` and their like mean."""
    if period.first and _BEFORE.search(before):
        return Period(None, period.first - timedelta(days=1))
    if _UP_TO.search(before):
        return Period(None, period.last)
    if period.last and _AFTER.search(before):
        return Period(period.last + timedelta(days=1), None)
    if _SINCE.search(before):
        return Period(period.first, None)
    return period


def _period_of(found: CalendarDate, asked: date) -> Period | None:
    """The days of a date at its own precision; one without a year is the last such not after the asking date."""
    if found.decade:
        return Period(date(found.decade, 1, 1), date(found.decade + 9, 12, 31))
    if found.weekday is not None and not found.month:
        day = asked - timedelta(days=(asked.weekday() - found.weekday) % 7)
        return Period(day, day)
    if not found.month and not found.quarter:
        return _year(found.year) if found.year else None
    year = found.year or asked.year
    period = _part_of_year(found, year)
    if period and period.first and not found.year and period.first > asked:
        period = _part_of_year(found, year - 1)
    return period


def _part_of_year(found: CalendarDate, year: int) -> Period | None:
    """A day, a month or a quarter of a year; None for a day that the month does not have."""
    if found.quarter:
        return _months(year, 3 * found.quarter - 2, 3)
    if not found.month:
        return None
    if not found.day:
        return _months(year, found.month, 1)
    try:
        day = date(year, found.month, found.day)
    except ValueError:
        return None
    return Period(day, day)


def _relative(question: str, asked: date) -> Iterator[Period]:
    """The periods of ``yesterday``, ``last month``, ``the past two weeks``, ``three years ago`` and their like."""
    for found in _DAY_WORD.finditer(question):
        word = found[0].lower()
        shift = {"yesterday": -1, "last night": -1, "tomorrow": 1}.get(word, 0)
        day = asked + timedelta(days=shift)
        yield Period(day, day)
    for found in _NEAR.finditer(question):
        yield _near(found["which"].lower(), found["unit"].lower(), asked)
    for found in _LAST_SPAN.finditer(question):
        unit = (found["unit"] or found["single"]).lower()
        count = _count(found["count"] or ("a" if found["single"] else "few"))
        yield Period(asked - timedelta(days=count * _SPAN_DAYS[unit]), asked)
    for found in _AGO.finditer(question):
        yield _around(asked - timedelta(days=_count(found["count"]) * _SPAN_DAYS[found["unit"].lower()]), found["unit"])


def _near(which: str, unit: str, asked: date) -> Period:
    """This, the last or the next week, month, quarter or year; weeks start on Monday."""
    step = {"last": -1, "previous": -1, "next": 1}.get(which, 0)
    if unit == "week":
        monday = asked - timedelta(days=asked.weekday() - 7 * step)
        return Period(monday, monday + timedelta(days=6))
    if unit == "year":
        return _year(asked.year + step)
    length = 3 if unit == "quarter" else 1
    start = (asked.year * 12 + asked.month - 1) // length * length + step * length
    return _months(start // 12, start % 12 + 1, length)


def _around(day: date, unit: str) -> Period:
    """The day, week, month or year that a day some units ago stands for."""
    slack = timedelta(days=_SPAN_DAYS[unit.lower()] // 2)
    return Period(day - slack, day + slack)


def _count(word: str) -> int:
    word = word.lower()
    return int(word) if word.isdigit() else _NUMBERS[word]


def _year(year: int) -> Period:
    return Period(date(year, 1, 1), date(year, 12, 31))


def _months(year: int, month: int, length: int) -> Period:
    """Some months from a month on."""
    after = year * 12 + month - 1 + length
    return Period(date(year, month, 1), date(after // 12, after % 12 + 1, 1) - timedelta(days=1))

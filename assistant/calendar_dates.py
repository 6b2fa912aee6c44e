"""Dates as a text gives them, at the precision it gives them: a day, a month, a quarter, a year, a weekday.

For `assistant.verify`: ``in September`` agrees with ``18 September 2025``; ``in October`` does not.
"""

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["CalendarDate", "dates_conflict", "dates_share", "read_dates"]


@dataclass(frozen=True, slots=True)
class CalendarDate:
    """A date in a text, ``text[start:end]``. Fields that the text leaves open are None.

    month and quarter: from 1. decade: its first year. weekday: 0 for Monday.
    """

    start: int
    end: int
    text: str
    year: int | None = None
    month: int | None = None
    day: int | None = None
    quarter: int | None = None
    decade: int | None = None
    weekday: int | None = None


_MONTHS: Final = "january february march april may june july august september october november december".split()
_WEEKDAYS: Final = "monday tuesday wednesday thursday friday saturday sunday".split()
_QUARTERS: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_SHORT: Final = {"sept": 9} | {name[:3]: number for number, name in enumerate(_MONTHS, 1)}
_MONTH: Final = (
    r"(?P<month>January|February|March|April|May(?!\.)|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_YEAR: Final = r"(?P<year>1[0-9]{3}|20[0-9]{2})(?![\d%])(?!,\d|\.\d)"
_DAY: Final = r"(?P<day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?(?!\d)(?![.,:]\d)"
_WORD_BEFORE: Final = (
    r"(?:in|since|of|by|until|till|from|last|next|this|late|early|mid|through|during|before|after|and|to|for)"
)
_PATTERNS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?P<year>1[0-9]{3}|20[0-9]{2})-(?P<number>0[1-9]|1[0-2])-(?P<day>[0-2]\d|3[01])\b",
        rf"\b(?:the )?{_DAY}(?: of)? {_MONTH}(?:,? {_YEAR})?",
        rf"\b{_MONTH} {_DAY}(?:,? {_YEAR})?",
        rf"\b{_MONTH}(?:,| of)? {_YEAR}",
        r"\bQ(?P<quarter>[1-4])(?:\s?(?:of )?(?P<year>20\d\d|19\d\d))?\b",
        r"\b(?i:(?P<quarter>first|second|third|fourth)[ -]quarter)(?:(?: of)? (?P<year>20\d\d|19\d\d))?\b",
        r"\b(?P<decade>1[0-9]{2}0|20[0-9]0)['’]?s\b",
        r"\b(?P<year>1[0-9]{3}|20[0-9]{2})[–/-]\d\d(?!\d)(?![–/-])",
        r"\b(?P<weekday>Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b",
        r"\b(?P<month>January|February|April|June|July|August|September|October|November|December)\b",
        rf"(?:(?i:\b{_WORD_BEFORE}|\bmid)[ -])(?P<month>March|May|"
        r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)(?![ ][A-Z])\b",
        r"(?<![\d.,$€£¥₹#/-])\b(?P<year>1[1-9][0-9]{2}|20[0-9]{2})\b(?!,\d|\.\d|\s?%|['’]?s\b|[\w°])",
    )
)
# After these a bare four-digit number is a count: ``1,500 people`` may be written ``1500 people``.
_COUNTED: Final = re.compile(
    r"[\s-](?:per ?cent|percent|people|million|billion|trillion|thousand|dollars|euros|pounds|yuan|yen|won|rupees|"
    r"miles|km|kilomet|met[er]|feet|ft\b|kg|tons|tonnes|gb|mb|tb|mhz|hours|days|years|minutes|seconds|points|homes|jobs|troops|"
    r"employees|workers|students|patients|cases|deaths|copies|units|square|sq)",
    re.IGNORECASE,
)


def read_dates(text: str) -> list[CalendarDate]:
    """The dates of ``text`` in order, without overlap. Days and months in digits (18/09) are left alone."""
    taken: list[CalendarDate] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            found = _date_of(text, match)
            if found and not any(found.start < other.end and other.start < found.end for other in taken):
                taken.append(found)
    return sorted(taken, key=lambda one: one.start)


def dates_conflict(one: CalendarDate, other: CalendarDate) -> bool:
    """Whether both say something about the same part of the date and say it differently."""
    months = {one.month, other.month}, (one.quarter or other.quarter)
    if (one.quarter and other.month) or (other.quarter and one.month):
        month = next(month for month in months[0] if month)
        if (month - 1) // 3 + 1 != months[1]:
            return True
    if (one.decade and other.year) or (other.decade and one.year):
        return (one.decade or other.decade) != ((one.year or other.year or 0) // 10 * 10)
    pairs = [
        (getattr(one, name), getattr(other, name)) for name in ("year", "month", "day", "quarter", "decade", "weekday")
    ]
    return any(a is not None and b is not None and a != b for a, b in pairs)


def dates_share(one: CalendarDate, other: CalendarDate) -> bool:
    """Whether they say the same of at least one part and conflict in none."""
    if dates_conflict(one, other):
        return False
    known = [
        name for name in ("year", "month", "day", "quarter", "decade", "weekday") if getattr(one, name) is not None
    ]
    within = bool((one.decade and other.year) or (one.year and other.decade) or (one.quarter and other.month))
    return within or any(getattr(other, name) is not None for name in known)


def _date_of(text: str, match: re.Match[str]) -> CalendarDate | None:
    """The date of a match; None for a number that counts things."""
    got = match.groupdict()
    start, end = match.span()
    if got.get("month"):
        start = min(match.start("month"), match.start("day") if got.get("day") else start + len(text))
    if {key for key, value in got.items() if value} == {"year"} and _COUNTED.match(text, end):
        return None
    month = (got.get("number") and int(got["number"])) or _month_of(got.get("month"))
    quarter = got.get("quarter")
    return CalendarDate(
        start,
        end,
        text[start:end],
        year=int(got["year"]) if got.get("year") else None,
        month=month or None,
        day=int(got["day"]) if got.get("day") else None,
        quarter=(int(quarter) if quarter.isdigit() else _QUARTERS[quarter.lower()]) if quarter else None,
        decade=int(got["decade"]) if got.get("decade") else None,
        weekday=_WEEKDAYS.index(got["weekday"].lower()) if got.get("weekday") else None,
    )


def _month_of(name: str | None) -> int | None:
    """The number of a month's name, whole or short."""
    if not name:
        return None
    short = name.rstrip(".").lower()
    return _SHORT.get(short) or _MONTHS.index(short) + 1

"""Dates as articles write them, turned into ISO 8601 at their own precision, never guessed.

Place in the flow: reader -> **dates** -> ``Article.published``. ``18 September 2025`` becomes ``2025-09-18``,
``Sept. 2025`` becomes ``2025-09``, and a time keeps the zone it came with. ``03/04/2025`` stays unknown: it is one
day in London and another in New York.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone

from ingest.article import Published

# The range of years a news article can bear; outside it a number is something else.
FIRST_YEAR, LAST_YEAR = 1450, 2200
_MAX_CHARS = 200

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero gennaio janeiro januari",
            "february feb februar février fevrier febrero febbraio fevereiro februari",
            "march mar märz maerz mars marzo março marco maart",
            "april apr avril abril aprile",
            "may mai mayo maggio maio mei",
            "june jun juni juin junio giugno junho",
            "july jul juli juillet julio luglio julho",
            "august aug août aout agosto augustus",
            "september sep sept septembre septiembre settembre setembro",
            "october oct oktober okt octobre octubre ottobre outubro",
            "november nov novembre noviembre novembro",
            "december dec dezember dez décembre decembre diciembre dicembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "(" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_YEAR = r"(\d{4})(?!\d)"
# Hours of the zones that news in English names by letters. "CST" and "IST" mean several zones, so they are not here.
_ZONES = {
    "utc": 0, "gmt": 0, "z": 0, "ut": 0,
    "est": -5, "edt": -4, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "cet": 1, "cest": 2, "jst": 9, "kst": 9, "hkt": 8, "sgt": 8,
}  # fmt: skip

_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_ISO_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?(Z|[+-]\d{2}:?\d{2})?)?", re.IGNORECASE)
_SLASHED_DAY = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?!\d)")
_EAST_ASIAN = re.compile(r"(\d{4})\s*[年년]\s*(?:(\d{1,2})\s*[月월]\s*(?:(\d{1,2})\s*[日号號일])?)?")
_DAY_MONTH_YEAR = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th|er|º|\.)?[\s-]+(?:of\s+|de\s+)?" + _MONTH + r"[\s,-]*(?:de\s+)?" + _YEAR, re.IGNORECASE
)
_MONTH_DAY_YEAR = re.compile(
    r"\b" + _MONTH + r"[\s-]+(\d{1,2})(?:st|nd|rd|th)?(?:\s*,\s*|\s+|-)" + _YEAR, re.IGNORECASE
)
_MONTH_YEAR = re.compile(r"\b" + _MONTH + r"[\s,-]*(?:de\s+)?" + _YEAR, re.IGNORECASE)
_TIME = re.compile(
    r"(?<![\d:])(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([ap]\.?m\b\.?)?\s*"
    r"(?:(?:UTC|GMT)?\s*([+-]\d{2}:?\d{2})|([A-Za-z]{1,4})\b)?",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}")
_URL_DAY = re.compile(r"/((?:19|20)\d{2})[/-](\d{1,2}|[a-z]{3,9})[/-](\d{1,2})(?=[/-]|$)", re.IGNORECASE)


def published_of(value: object, origin: str) -> Published | None:
    """When the value says an article was published, or None when it says nothing sure.

    value: a string, a number of seconds (or milliseconds) since 1970, a ``date`` or a ``datetime``.
    origin: where it was read, as ``Published.origin`` names it.
    """
    iso = iso_date(value)
    return Published(iso, origin) if iso else None


def iso_date(value: object) -> str | None:
    """The value as ISO 8601 at its own precision, or None when it is no date or could be several."""
    if isinstance(value, datetime):
        return _checked(value.isoformat(timespec="seconds"))
    if isinstance(value, date):
        return _checked(value.isoformat())
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _from_number(value)
    return _from_text(value) if isinstance(value, str) else None


def date_in_url(url: str) -> str | None:
    """The day that the path of a URL names (``/2025/09/18/``), or None."""
    match = _URL_DAY.search(url.partition("?")[0])
    if match is None:
        return None
    month = _MONTHS.get(match[2].lower(), 0) if match[2].isalpha() else match[2]
    return _day(match[1], month, match[3])


def _from_number(value: int | float) -> str | None:
    """A year (2025), a day (20250918), or the moment of a Unix time in seconds or milliseconds."""
    if isinstance(value, int) and FIRST_YEAR <= value <= LAST_YEAR:
        return f"{value:04d}"
    if isinstance(value, int) and (compact := _COMPACT.fullmatch(str(value))):
        return _day(*compact.groups()[:3])
    if not 1e8 <= value < 7e12:
        return None
    # 1e8 seconds is 1973; from 1e11 on it can only be milliseconds.
    seconds = value / 1000 if value >= 1e11 else value
    if not 1e8 <= seconds < 7e9:
        return None
    return datetime.fromtimestamp(int(seconds), UTC).isoformat(timespec="seconds")


def _from_text(value: str) -> str | None:
    """The date that the text names, with its time where it has one."""
    text = " ".join(value.split())
    if not text or len(text) > _MAX_CHARS:
        return None
    if _EPOCH.fullmatch(text):
        return _from_number(float(text))
    if compact := _COMPACT.fullmatch(text):
        return _from_compact(compact)
    if re.fullmatch(r"\d{4}", text):
        return _from_number(int(text))
    if month := _ISO_MONTH.fullmatch(text):
        return _month(month[1], month[2])
    return _from_written(text)


def _from_compact(match: re.Match[str]) -> str | None:
    """The day, or moment, of ``20250918`` and ``20250918T140300Z``."""
    year, month, day, hour, minute, second, zone = match.groups()
    iso = _day(year, month, day)
    if iso is None or hour is None:
        return iso
    return _moment(iso, hour, minute, second, None, _offset(zone)) or iso


def _from_written(text: str) -> str | None:
    """The date of a text in any of the written forms: the first form that matches decides."""
    forms: Iterable[tuple[re.Pattern[str], str]] = (
        (_ISO_DAY, "ymd"),
        (_SLASHED_DAY, "ymd"),
        (_EAST_ASIAN, "ymd"),
        (_DAY_MONTH_YEAR, "dmy"),
        (_MONTH_DAY_YEAR, "mdy"),
        (_NUMERIC, "numeric"),
        (_MONTH_YEAR, "my"),
    )
    for pattern, order in forms:
        if match := pattern.search(text):
            iso = _in_order(match, order)
            return _with_time(iso, text[: match.start()], text[match.end() :]) if iso and len(iso) == 10 else iso
    return None


def _in_order(match: re.Match[str], order: str) -> str | None:
    """The ISO date of a match whose groups stand in the order given."""
    if order == "numeric":
        return _numeric(int(match[1]), int(match[3]), match[4])
    parts = dict(zip(order, match.groups(), strict=True))
    month = parts["m"]
    if month is None:
        return _checked(parts["y"])
    number = str(_MONTHS.get(month.lower().rstrip("."), month))
    return _day(parts["y"], number, parts["d"]) if parts.get("d") else _month(parts["y"], number)


def _numeric(first: int, second: int, year: str) -> str | None:
    """The day of ``25/12/2025`` or ``12/25/2025``; None where both numbers could be the month, unless they agree."""
    if first == second or first > 12:
        return _day(year, second, first)
    return _day(year, first, second) if second > 12 else None


def _with_time(iso: str, before: str, after: str) -> str:
    """The day with the time that stands after it, or before it; the day alone when there is none."""
    match = _TIME.search(after) or _TIME.search(before)
    if match is None:
        return iso
    hour, minute, second, half, offset, letters = match.groups()
    zone = _offset(offset) if offset else _named_zone(letters)
    return _moment(iso, hour, minute, second, half, zone) or iso


def _moment(
    iso: str, hour: str, minute: str, second: str | None, half: str | None, zone: timezone | None
) -> str | None:
    """Day and time in ISO 8601, in the zone given or in none; None when the time does not exist."""
    hours = int(hour)
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half[0] in "pP" else 0)
    try:
        day = date.fromisoformat(iso)
        moment = datetime(day.year, day.month, day.day, hours, int(minute), int(second or 0), tzinfo=zone)
    except ValueError:
        return None
    return _checked(moment.isoformat(timespec="seconds"))


def _offset(text: str | None) -> timezone | None:
    """The zone of ``Z``, ``+08:00`` or ``+0800``; None when it is none."""
    if not text:
        return None
    if text in "Zz":
        return UTC
    sign = -1 if text[0] == "-" else 1
    hours, minutes = int(text[1:3]), int(text[-2:])
    return timezone(sign * timedelta(hours=hours, minutes=minutes)) if hours < 24 and minutes < 60 else None


def _named_zone(letters: str | None) -> timezone | None:
    """The zone that letters name for sure; None for the others."""
    hours = _ZONES.get(letters.lower()) if letters else None
    return None if hours is None else timezone(timedelta(hours=hours))


def _day(year: str | int, month: str | int, day: str | int) -> str | None:
    """The ISO day, or None when there is no such day."""
    try:
        return _checked(date(int(year), int(month), int(day)).isoformat())
    except ValueError:
        return None


def _month(year: str | int, month: str | int) -> str | None:
    """The ISO month, or None when there is no such month."""
    return _checked(f"{int(year):04d}-{int(month):02d}") if 1 <= int(month) <= 12 else None


def _checked(iso: str) -> str | None:
    """The ISO value, or None when its year is none an article can bear."""
    return iso if FIRST_YEAR <= int(iso[:4]) <= LAST_YEAR else None

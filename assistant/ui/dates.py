"""Dates in the words of the page: ``12 Mar``, ``12 March 2025``, at the precision that the article gave."""

from datetime import date

# Not strftime, whose names follow the server's locale.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def short_date(published: str, today: date) -> str:
    """``12 Mar`` within today's year, ``12 Mar 2024`` outside it, ``Mar 2024``, ``2024``, or empty when unknown."""
    parts = _parts(published)
    words = [str(part) if at != 1 else _MONTHS[part - 1][:3] for at, part in enumerate(parts)]
    if len(parts) == 3 and parts[0] == today.year:
        words = words[1:]
    return " ".join(reversed(words))


def long_date(published: str) -> str:
    """``12 March 2025``, ``March 2025``, ``2025``, or empty when unknown."""
    words = [str(part) if at != 1 else _MONTHS[part - 1] for at, part in enumerate(_parts(published))]
    return " ".join(reversed(words))


def _parts(published: str) -> list[int]:
    """Year, month and day of an ISO 8601 value, as many as it has."""
    return [int(part) for part in published[:10].split("-")] if published else []

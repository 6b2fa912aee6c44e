"""The nouns that everything else speaks of: an article and its passages. Standard library only."""

from dataclasses import dataclass
from datetime import UTC, date, datetime


@dataclass(frozen=True, slots=True)
class Published:
    """When an article was published, as precisely as its source said, and where that was read.

    value: ISO 8601 at the source's own precision: ``2025``, ``2025-09``, ``2025-09-18`` or
        ``2025-09-18T14:03:00+08:00``.
    origin: ``front matter``, ``record``, ``JSON-LD``, ``meta tag``, ``byline``, ``url`` or ``feed``.
    """

    value: str
    origin: str

    @property
    def first_day(self) -> date:
        """The first day the value can mean: ``2025-09`` starts on 2025-09-01."""
        return _span_of(self.value)[0]

    @property
    def last_day(self) -> date:
        """The last day the value can mean: ``2025-09`` ends on 2025-09-30."""
        return _span_of(self.value)[1]


@dataclass(frozen=True, slots=True)
class Article:
    """One article as it was read: clean text, and what is known of its origin.

    id: the path within the corpus folder (``asia/huawei.md``); ``path#record`` for a record of a file of many.
    text: the body without page furniture; every offset in the program counts characters of this string.
    source: the outlet; empty when unknown. author: empty when unknown.
    published: None when the article does not say. Never the time of ingest.
    path: the file within the corpus folder. sha256: hex digest of the bytes (or the record) it was read from.
    excerpt: the capture was cut off, so the article goes on beyond ``text``.
    language: ISO 639-1 code, empty when unknown.
    """

    id: str
    title: str
    text: str
    source: str = ""
    author: str = ""
    published: Published | None = None
    url: str = ""
    path: str = ""
    sha256: str = ""
    excerpt: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of an article: ``article.text[start:end] == text``, always.

    number: the passage's key within one generation of the index, never reused within it.
    ordinal: 0 for the first passage of its article.
    """

    number: int
    article_id: str
    ordinal: int
    start: int
    end: int
    text: str


def _span_of(value: str) -> tuple[date, date]:
    """First and last day of an ISO value of any precision. Raises ValueError when it is none."""
    if len(value) == 4:
        year = int(value)
        return date(year, 1, 1), date(year, 12, 31)
    if len(value) == 7:
        year, month = int(value[:4]), int(value[5:])
        first_of_next = date(year + month // 12, month % 12 + 1, 1)
        return date(year, month, 1), date.fromordinal(first_of_next.toordinal() - 1)
    if len(value) == 10:
        day = date.fromisoformat(value)
        return day, day
    moment = datetime.fromisoformat(value)
    day = moment.astimezone(UTC).date() if moment.tzinfo else moment.date()
    return day, day

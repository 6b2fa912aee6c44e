"""The figures that articles state, each with what stands around it. `assistant.rivals` sets two of them side by side.

sentence -> reading -> figures and dates that could answer -> Stated: the names, periods, words beside each
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Final

from assistant.answer import Evidence
from assistant.attribution import speakers
from assistant.calendar_dates import CalendarDate, read_dates
from assistant.figures import Figure, read_figures
from assistant.measures import PEOPLE
from assistant.question import Question
from assistant.reading import Reading, Token, read_sentence
from ingest.words import words_of

__all__ = ["CHANGE_WORDS", "Stated", "could_hold", "figures_in", "spans_of", "stated_in"]

_REPORT_DAYS: Final = 10  # a day this close to publication is when it was said, not what is spoken of
_NEAR_TOKENS: Final = 5
_SPANS: Final = {
    word: span
    for span, words in {
        "year": "year annual annually yearly",
        "half": "half",
        "quarter": "quarter quarterly",
        "month": "month monthly",
        "week": "week weekly weekend",
        "day": "day daily",
        "hour": "hour hourly",
    }.items()
    for word in words.split()
}
_SHIFTS: Final = {"next": 1, "last": -1, "previous": -1}
_YEAR_WORD: Final = re.compile(r"\b(this|next|last|previous|current) year\b", re.IGNORECASE)
_COMPARED: Final = re.compile(
    r"\b(?:from|(?<!more )(?<!less )(?<!fewer )than|versus|against|compared (?:with|to)|instead of(?: the)?|not)"
    r"\s+[^\s\w]{0,3}$",
    re.IGNORECASE,
)
_EARLIER: Final = re.compile(r"\W{0,2}(?:\w+ ){0,3}(?:earlier|ago|before|previously)\b", re.IGNORECASE)
_PARTS: Final = re.compile(r"\b(?:what|which) (?:share|percentage|percent|proportion|fraction)\b", re.IGNORECASE)
_PART_UNITS: Final = ("percent", "points", "basis point")
_CLOCK: Final = re.compile(r"\d:\d\d")
_PAUSE: Final = re.compile(r"[.,;:()–—]")
_UNCOUNTING: Final = frozenset("in on at by when after because of as for to and or".split())
# Words by which news tells a change, as index terms.
CHANGE_WORDS: Final = frozenset(
    words_of(
        "now still already only raise risen rose climb grow grown grew swell swollen jump reach cut lower reduce trim "
        "slash shrink shrunk shrank fallen fell drop halve double widen increase decrease correct correction revise "
        "revision update adjust postpone delay slip late later move push put off reschedule final confirm announce "
        "previously earlier instead longer dearer cheaper deeper more fewer less worse rather estimate forecast fear "
        "expect"
    )
)


@dataclass(frozen=True)
class Stated:
    """A figure or a date that an article states: one token of the reading of ``article.text[start:end]``."""

    evidence: Evidence
    start: int
    end: int
    reading: Reading
    at: int

    @property
    def token(self) -> Token:
        """The figure or the date."""
        return self.reading.tokens[self.at]

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day that its article can be from. An undated article is never asked."""
        published = self.evidence.article.published
        return (published.first_day, published.last_day) if published else (date.min, date.min)

    @property
    def shown(self) -> str:
        """The figure as a reader is told it."""
        over = self.token.figure is not None and self.token.figure.bound == "over"
        return f"more than {self.token.text}" if over else self.token.text

    @cached_property
    def masked(self) -> str:
        """The sentence without its figure."""
        text = self.reading.text
        return f"{text[: self.token.start]}…{text[self.token.end :]}"

    @cached_property
    def own_terms(self) -> frozenset[str]:
        """Index terms of the sentence."""
        return frozenset(words_of(self.reading.text))

    @cached_property
    def terms(self) -> frozenset[str]:
        """Index terms of the sentence and its title."""
        return self.own_terms.union(words_of(self.evidence.article.title))

    @cached_property
    def names(self) -> tuple[Token, ...]:
        """The names and codes of the sentence; without its speakers, its outlet and a word that opens it."""
        said = {word for who in speakers(self.reading.text) for word in who.split()}
        said.update(self.evidence.article.source.split())
        named = self.reading.of("name", "code")
        return tuple(one for one in named if one.text not in said and not (one.opening and one.kind == "name"))

    @cached_property
    def counted(self) -> frozenset[str]:
        """Terms of the word that follows a bare number, which is what it counts; empty when none follows."""
        for token in self.reading.tokens[self.at + 1 : self.at + 3]:
            pause = _PAUSE.search(self.reading.text, self.token.end, token.start)
            if pause or token.text.lower() in _UNCOUNTING:
                break
            if token.content:
                return frozenset(words_of(token.text))
        return frozenset()

    @cached_property
    def near(self) -> frozenset[str]:
        """Index terms of the words next to the figure, words of change left out."""
        around = self.reading.tokens[max(0, self.at - _NEAR_TOKENS) : self.at + 1 + _NEAR_TOKENS]
        words = [token.text for token in around if token.content and token.kind in ("word", "name")]
        return frozenset(words_of(" ".join(words))) - CHANGE_WORDS

    @cached_property
    def spans(self) -> frozenset[str]:
        """The stretches of time it speaks of: year, quarter, week."""
        return spans_of(self.reading)

    @cached_property
    def periods(self) -> tuple[CalendarDate, ...]:
        """The dates of the sentence that say what the figure is of: not the figure, nor the day it was said."""
        dates = [token.date for token in self.reading.of("date") if token is not self.token and token.date]
        published = self.days[1].year
        years = [
            CalendarDate(*found.span(), found[0], year=published + _SHIFTS.get(found[1].lower(), 0))
            for found in _YEAR_WORD.finditer(self.reading.text)
        ]
        return (*(one for one in dates if not self._is_report(one)), *years)

    def _is_report(self, one: CalendarDate) -> bool:
        """Whether a date of the sentence is but the day on which it was said."""
        if one.month is None or one.day is None:
            return one.weekday is not None
        try:
            day = date(one.year or self.days[1].year, one.month, one.day)
        except ValueError:
            return True
        return abs(self.days[1] - day) <= timedelta(days=_REPORT_DAYS)


def spans_of(reading: Reading) -> frozenset[str]:
    """The stretches of time that a sentence speaks of; not those that it only looks back over: ``a year earlier``."""
    found = {
        _SPANS[token.key]
        for token in reading.tokens
        if token.key in _SPANS and not _EARLIER.match(reading.text, token.end)
    }
    return frozenset(found | {"quarter"} if any(one.date and one.date.quarter for one in reading.tokens) else found)


def stated_in(found: Evidence, start: int, end: int, question: Question) -> Iterator[Stated]:
    """The figures of ``article.text[start:end]`` that could be the answer; dates when the question asks for one."""
    reading = read_sentence(found.article.text[start:end])
    for at, token in enumerate(reading.tokens):
        one = Stated(found, start, end, reading, at)
        if _is_compared(one) or set(words_of(token.text)).issubset(question.words):
            continue
        if question.wants == "date":
            could = token.date is not None and bool(token.date.year or token.date.month)
        else:
            could = token.figure is not None and _could_answer(one, token.figure, question)
        if could:
            yield one


def _is_compared(one: Stated) -> bool:
    """Whether a value is only what another is held against: ``up from 12``, ``12 a year earlier``."""
    text = one.reading.text
    return bool(_COMPARED.search(text, 0, one.token.start) or _EARLIER.match(text, one.token.end))


def _could_answer(one: Stated, figure: Figure, question: Question) -> bool:
    """Whether a figure can be an answer: no ordinal, no version of a name, and a bare number of what is asked for."""
    if (
        figure.unit == "ordinal"
        or figure.small
        or _CLOCK.search(one.reading.text[max(0, figure.start - 2) : figure.end + 3])
    ):
        return False
    if _PARTS.search(question.text) and figure.unit not in _PART_UNITS:
        return False
    if figure.unit:
        return True
    before = one.reading.tokens[one.at - 1] if one.at else None
    if before and before.kind in ("name", "code") and one.reading.text[before.end : one.token.start] == " ":
        return False
    if not question.head or not one.counted:
        return True
    following = one.reading.tokens[one.at + 1 : one.at + 4]
    counted = {term for token in following for term in words_of(token.text)}
    return bool(counted & question.head or (counted | question.head) & PEOPLE)


def could_hold(text: str, anchor: Stated) -> bool:
    """Whether a text holds another value of the anchor's kind: seen at a glance, before it is read."""
    if anchor.token.date:
        return bool(read_dates(text))
    unit = anchor.token.figure.unit if anchor.token.figure else ""
    return any(figure.unit == unit for figure in figures_in(text))


@lru_cache(maxsize=512)
def figures_in(text: str) -> list[Figure]:
    """The figures of a text; the sentences of one answer are asked for them again and again."""
    return read_figures(text)

"""Two figures of two articles: do they answer the same question about the same thing? For `assistant.revision`.

    sentence -> Stated: one figure or date and what stands around it -> ruled out by words, or a likeness of 0..1

Another unit, period, version or subject rules a pair out. What is left is weighed by meaning and by words.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Final, Literal

from assistant.answer import Evidence
from assistant.attribution import speakers
from assistant.calendar_dates import CalendarDate, dates_conflict, read_dates
from assistant.figures import Figure, figure_fits, read_figures
from assistant.question import Question
from assistant.reading import Reading, Token, read_sentence
from ingest.sentences import split_sentences
from ingest.words import words_of

__all__ = [
    "Stated",
    "are_of_one_time",
    "could_hold",
    "could_rival",
    "likeness",
    "same_value",
    "stated_in",
    "states",
    "subject_of",
    "word_traits",
]

# Log-odds by `bench/revisions.py --fit`. Meanings are cosines: of the two sentences after their titles and of the two
# without the names asked for, each with its figure taken out; then the lower of the latter's with the question.
_MEANING: Final = (1.73, 2.46, 1.54)
# Share of the words next to the figures that both know; a word of change in the newer; orders of magnitude between;
# whether the newer article recalls the older figure.
_WORDS: Final = (1.34, 2.45, -2.3, 0.99)
_BIAS: Final = -4.49
_SAME_TIME: Final = 0.6  # stands for the word of change, which articles of one time do not have

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
# In the sentence of a figure these make it one that was given before.
_PAST: Final = re.compile(
    r"\b(?:had|previous(?:ly)?|earlier|original(?:ly)?|initial(?:ly)?|instead of|forecast|estimated?|expected|feared|"
    r"promised|planned|announced|predicted|below|above|from|than|once|no longer|first)\b",
    re.IGNORECASE,
)
_CLOCK: Final = re.compile(r"\d:\d\d")
_PAUSE: Final = re.compile(r"[.,;:()–—]")
_UNCOUNTING: Final = frozenset("in on at by when after because of as for to and or".split())
_PEOPLE: Final = frozenset(words_of("people person"))
# Words by which news tells a change, as index terms.
_CUES: Final = frozenset(
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
        return frozenset(words_of(" ".join(words))) - _CUES

    @cached_property
    def spans(self) -> frozenset[str]:
        """The stretches of time it speaks of: year, quarter, week."""
        return _spans_of(self.reading)

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


def _spans_of(reading: Reading) -> frozenset[str]:
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
    return bool(counted & question.head or (counted | question.head) & _PEOPLE)


def same_value(one: Token, other: Token) -> bool:
    """Whether two figures are one and the same, allowing for rounding, or two dates do not conflict."""
    if one.date and other.date:
        return not dates_conflict(one.date, other.date)
    return one.figure is not None and other.figure is not None and _same_figure(one.figure, other.figure)


def _same_figure(one: Figure, other: Figure) -> bool:
    """Whether two figures are of one unit and one is the other, or the other rounded."""
    pairs = ((one, other), (other, one))
    return one.unit == other.unit and any(figure_fits(a, b) != "value" or _rounds_to(a, b) for a, b in pairs)


def _rounds_to(rough: Figure, exact: Figure) -> bool:
    """Whether a figure is another one written with fewer digits: 12 percent for 12.3; never a count below a hundred."""
    if not rough.unit and max(rough.value, exact.value) < 100:
        return False
    step = rough.step
    while step < abs(rough.value) and abs(rough.value / (10 * step) - round(rough.value / (10 * step))) < 1e-9:
        step *= 10
    return abs(rough.value - exact.value) <= min(0.5 * step, 0.05 * abs(exact.value))


def could_hold(text: str, anchor: Stated) -> bool:
    """Whether a text holds another value of the anchor's kind: seen at a glance, before it is read."""
    if anchor.token.date:
        return bool(read_dates(text))
    unit = anchor.token.figure.unit if anchor.token.figure else ""
    return any(figure.unit == unit for figure in _figures_in(text))


def subject_of(question: Question) -> frozenset[str]:
    """Index terms of the names and the numbers in a question: what both sentences must be about."""
    return question.names | question.numbers.intersection(question.words)


def could_rival(one: Stated, other: Stated, question: Question) -> bool:
    """Whether the two are different values and nothing in the words says that they are of different things."""
    return (
        one.evidence.article.id != other.evidence.article.id
        and _same_kind(one.token, other.token)
        and not same_value(one.token, other.token)
        and (
            not one.counted
            or not other.counted
            or bool(one.counted & other.counted)
            or _has_unit(one)
            or _people(one, other)
        )
        and all(subject_of(question) <= stated.terms for stated in (one, other))
        and not _names_another(one, other, question)
        and not _names_another(other, one, question)
        and _same_period(one, other, _spans_of(read_sentence(question.text)))
        and (one.token.date is None or _was_ahead(one, other))
        and "confirmed" not in (_mention(one, other.token), _mention(other, one.token))
    )


def _mention(one: Stated, value: Token) -> Literal["none", "past", "confirmed"]:
    """How the passage of the one gives another value: not at all, only as what was said before, or as true."""
    text = one.evidence.passage.text
    places = [place for place in split_sentences(text) if states(text[slice(*place)], value)]
    if not places:
        return "none"
    return "past" if all(_PAST.search(text, *place) for place in places) else "confirmed"


def states(text: str, value: Token) -> bool:
    """Whether a text gives a value, in the same unit."""
    if value.date:
        return any(not dates_conflict(value.date, known) for known in read_dates(text))
    return value.figure is not None and any(_same_figure(value.figure, known) for known in _figures_in(text))


@lru_cache(maxsize=512)
def _figures_in(text: str) -> list[Figure]:
    """The figures of a text; the sentences of one answer are asked for them again and again."""
    return read_figures(text)


def _same_kind(one: Token, other: Token) -> bool:
    """Whether both are dates, or figures of one unit."""
    if one.figure and other.figure:
        return one.figure.unit == other.figure.unit
    return bool(one.date and other.date)


def _has_unit(one: Stated) -> bool:
    """Whether it is a date, or a figure that says its unit."""
    return one.token.figure is None or bool(one.token.figure.unit)


def _people(one: Stated, other: Stated) -> bool:
    """Whether either counts people, whoever they are in the other."""
    return bool((one.counted | other.counted) & _PEOPLE)


def _names_another(one: Stated, other: Stated, question: Question) -> bool:
    """Whether the sentence is of another subject or version: it names one that the others do not.

    It may name others beside the subject that the question names, but not as one name with it: ``Nimbus 7 Pro``.
    """
    known = other.terms.union(words_of(other.evidence.passage.text), question.words)
    foreign = [token for token in one.names if not known.issuperset(words_of(token.text))]
    if any(token.kind == "code" for token in foreign) or (foreign and not question.names <= one.own_terms):
        return True
    asked = [token for token in one.names if question.names.intersection(words_of(token.text))]
    between = (one.reading.text[a.end : b.start] for a in asked for b in foreign if a.end <= b.start)
    return any(re.fullmatch(r"[ -](?:\d+ )?", gap) for gap in between)


def _same_period(one: Stated, other: Stated, asked: frozenset[str]) -> bool:
    """Whether the two can be of the same time, and of the stretch of time that the question asks about, if any."""
    told = [spans for spans in (one.spans, other.spans, asked) if spans]
    if any(a.isdisjoint(b) for a in told for b in told):
        return False
    if one.periods and other.periods:
        return any(not dates_conflict(a, b) for a in one.periods for b in other.periods)
    for dated, plain in ((one, other), (other, one)):
        years = [period.year for period in dated.periods if period.year]
        if years and max(years) < plain.days[1].year - 1:
            return False
    return True


def _was_ahead(one: Stated, other: Stated) -> bool:
    """Whether a date still lay ahead when the older article was written: what has happened does not move."""
    older = min((one, other), key=lambda stated: stated.days[1])
    planned, written = older.token.date, older.days[0]
    if planned is None or planned.year is None:
        return False
    return (planned.year, planned.month or 12) >= (written.year, written.month)


def word_traits(one: Stated, other: Stated, question: Question) -> tuple[float, float, float, float]:
    """What words and values say of a pair, to be weighed by `likeness`; nothing is embedded for it."""
    older, newer = sorted((one, other), key=lambda stated: stated.days[1])
    near = min(_known(one, other, question), _known(other, one, question))
    change = _SAME_TIME if are_of_one_time(one, other) else float(not newer.terms.isdisjoint(_CUES))
    return near, change, _distance(one.token, other.token), float(_mention(newer, older.token) == "past")


def are_of_one_time(one: Stated, other: Stated) -> bool:
    """Whether neither article is newer: the same day, or in another outlet the next."""
    older, newer = sorted((one, other), key=lambda stated: stated.days[1])
    apart = (newer.days[0] - older.days[1]).days
    return apart <= int(older.evidence.article.source != newer.evidence.article.source)


def _known(one: Stated, other: Stated, question: Question) -> float:
    """Share of the words next to a figure that the other sentence, its title or the question hold."""
    return len(one.near & other.terms.union(question.words)) / len(one.near) if one.near else 0.0


def _distance(one: Token, other: Token) -> float:
    """How far apart two values are, 0..2: orders of magnitude between figures, decades between dates."""
    if one.figure and other.figure:
        low, high = sorted(max(abs(figure.value), 1e-6) for figure in (one.figure, other.figure))
        return min(2.0, math.log10(high / low))
    years = [token.date.year for token in (one, other) if token.date and token.date.year]
    return min(2.0, (max(years) - min(years)) / 10)


def likeness(words: Sequence[float], meaning: Sequence[float] = (1.0, 1.0, 1.0)) -> float:
    """How likely, 0..1, two figures are of the same thing. Without the meanings: the most that they can make of it."""
    logit = _BIAS + sum(weight * value for weight, value in zip(_WORDS + _MEANING, (*words, *meaning), strict=True))
    return 1 / (1 + math.exp(-logit))

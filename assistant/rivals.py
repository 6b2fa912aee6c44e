"""Two figures of two articles: do they answer the same question about the same thing? For `assistant.revision`.

    sentence -> Stated (one figure or date, and what stands around it) -> ruled out, or traits of the pair -> likeness

What can be told from words is: another unit, period, version or subject rules a pair out. The rest is weighed.
"""

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Final

from assistant.answer import Evidence
from assistant.attribution import speakers
from assistant.calendar_dates import CalendarDate, dates_conflict
from assistant.candidates import share
from assistant.figures import Figure, figure_fits
from assistant.question import Question
from assistant.reading import Reading, Token, read_sentence
from ingest.words import words_of

__all__ = ["TRAITS", "Stated", "could_rival", "figures_asked", "likeness", "stated_in", "traits_of", "values_differ"]

TRAITS: Final = (
    "meaning",  # cosine of the two sentences, each after its title and with its figure taken out
    "asked",  # the lower of their cosines with the question
    "covered",  # the lower share of the question's words, weighed by rarity, in a sentence and its title
    "words",  # share of their words in common, weighed likewise
    "near",  # share of the words next to the two figures in common, or asked for
    "cue",  # the newer one speaks of a change: now, raised, postponed
    "span",  # only one of them speaks of a quarter, a week, a day
)
_WEIGHTS: Final = (1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.0)
_BIAS: Final = -3.0
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
_YEAR_WORD: Final = re.compile(r"\b(this|next|last|previous|current) year\b", re.IGNORECASE)
_COMPARED: Final = re.compile(r"\b(?:from|than|versus|against|compared (?:with|to)|instead of|not)\s+\S{0,3}$", re.I)
_EARLIER: Final = re.compile(r"\W{0,2}(?:\w+ ){0,3}(?:earlier|ago|before|previously)\b", re.IGNORECASE)
_PEOPLE: Final = frozenset(words_of("people person persons"))


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

    @cached_property
    def day(self) -> date:
        """The day of publication, the last it can be; only dated articles are asked."""
        published = self.evidence.article.published
        return published.last_day if published else date.min

    @property
    def shown(self) -> str:
        """The figure as a reader is told it, with its bound."""
        return _shown(self.token)

    @cached_property
    def masked(self) -> str:
        """The title and the sentence without the figure: what is embedded."""
        text = self.reading.text
        return f"{self.evidence.article.title}. {text[: self.token.start]}…{text[self.token.end :]}"

    @cached_property
    def terms(self) -> frozenset[str]:
        """Index terms of the sentence and its title."""
        return frozenset(words_of(f"{self.evidence.article.title}. {self.reading.text}"))

    @cached_property
    def names(self) -> tuple[Token, ...]:
        """The names and codes of the sentence, speakers and the word that opens it left out."""
        said = {word for who in speakers(self.reading.text) for word in who.split()}
        outlet = self.evidence.article.source.split()
        return tuple(
            token
            for token in self.reading.of("name", "code")
            if token.text not in said and token.text not in outlet and not (token.opening and token.kind == "name")
        )

    @cached_property
    def counted(self) -> str:
        """The key of the noun counted by a bare number: the content word right after it; empty when none follows."""
        text = self.reading.text
        for token in self.reading.tokens[self.at + 1 : self.at + 3]:
            if token.content and token.kind == "word":
                pause = re.search(r"[.,;:()]", text[self.token.end : token.start])
                return "" if pause else " ".join(words_of(token.text))
            if token.text.lower() in ("in", "on", "at", "by", "when", "after", "because", "of", "as", "for", "to"):
                return ""
        return ""

    @cached_property
    def near(self) -> frozenset[str]:
        """Index terms of the content words next to the figure."""
        around = self.reading.tokens[max(0, self.at - _NEAR_TOKENS) : self.at + 1 + _NEAR_TOKENS]
        words = [token.text for token in around if token.content and token.kind in ("word", "name")]
        return frozenset(words_of(" ".join(words)))

    @cached_property
    def spans(self) -> frozenset[str]:
        """The stretches of time it speaks of: year, quarter, week."""
        found = {_SPANS[token.key] for token in self.reading.tokens if token.key in _SPANS}
        if any(one.quarter for one in self.periods):
            found.add("quarter")
        return frozenset(found)

    @cached_property
    def periods(self) -> tuple[CalendarDate, ...]:
        """The dates of the sentence that say what the figure is of; not the figure itself, nor the day it was said."""
        dates = [token.date for token in self.reading.of("date") if token is not self.token and token.date]
        years = [
            CalendarDate(
                found.start(), found.end(), found[0], year=self.day.year + _SHIFTS.get(found[1].lower(), 0)
            )
            for found in _YEAR_WORD.finditer(self.reading.text)
        ]
        return (*(one for one in dates if not self._is_report(one)), *years)

    def _is_report(self, one: CalendarDate) -> bool:
        """Whether a date of the sentence is but the day on which it was said."""
        if one.month is None or one.day is None:
            return one.weekday is not None
        try:
            day = date(one.year or self.day.year, one.month, one.day)
        except ValueError:
            return True
        return abs(self.day - day) <= timedelta(days=_REPORT_DAYS)


# Words by which news tells a change, as index terms.
_CUES: Final = frozenset(
    words_of(
        "now still already only raise raised raises rise risen rose climb climbed climbs grow grown grew swell swollen jumped reached "
        "cut cuts lower lowered lowers reduce reduced trimmed slashed shrink shrinks shrunk fallen fell drop dropped halved doubled "
        "widened increase increased correct corrected correction revise revised revises revision update updated adjusted "
        "postpone postponed delay delayed delays slip slipped late later moved pushed put off brought forward rescheduled "
        "final confirmed announced previously earlier instead longer dearer cheaper deeper more fewer less worse rather "
        "estimate estimated forecast feared expected"
    )
)
_SHIFTS: Final = {"next": 1, "last": -1, "previous": -1}


def stated_in(found: Evidence, start: int, end: int, question: Question) -> Iterator[Stated]:
    """The figures of a sentence that could answer the question, each as what the article states."""
    reading = read_sentence(found.article.text[start:end])
    for at, token in enumerate(reading.tokens):
        one = Stated(found, start, end, reading, at)
        if (token.date if question.wants == "date" else token.figure) and _answers(one, question):
            yield one


def figures_asked(question: Question) -> bool:
    """Whether figures or dates can answer the question."""
    return question.wants in ("number", "date", "thing", "verdict", "manner")


def _answers(one: Stated, question: Question) -> bool:
    """Whether a figure can be the answer: not a version of a name, an ordinal, a value only compared with, nor asked."""
    token, text = one.token, one.reading.text
    before, after = text[: token.start], text[token.end :]
    if _COMPARED.search(before) or _EARLIER.match(after):
        return False
    if set(words_of(token.text)) <= set(question.words):
        return False
    if token.date:
        return token.date.year is not None or token.date.month is not None
    figure = token.figure
    if figure is None or figure.unit == "ordinal" or figure.small:
        return False
    if figure.unit:
        return True
    previous = one.reading.tokens[one.at - 1] if one.at else None
    is_version = previous is not None and previous.kind in ("name", "code") and before.endswith(f"{previous.text} ")
    return not is_version and _counts_what_is_asked(one, question)


def _counts_what_is_asked(one: Stated, question: Question) -> bool:
    """Whether a bare number counts the noun that ``how many`` asks for, people of any kind, or says no noun."""
    if not question.head or not one.counted:
        return True
    following = {term for token in one.reading.tokens[one.at + 1 : one.at + 4] for term in words_of(token.text)}
    return bool(following & question.head) or bool((question.head | following) & _PEOPLE)


def values_differ(one: Stated, other: Stated) -> bool:
    """Whether two figures of the same unit, or two dates, are different values beyond rounding."""
    if one.token.figure and other.token.figure:
        return _differ(one.token.figure, other.token.figure)
    if one.token.date and other.token.date:
        return dates_conflict(one.token.date, other.token.date)
    return False


def _differ(one: Figure, other: Figure) -> bool:
    """Whether neither figure is the other one rounded."""
    return one.unit == other.unit and all(
        figure_fits(a, b) not in ("same", "coarser", "unit") and not _rounds_to(a, b)
        for a, b in ((one, other), (other, one))
    )


def _rounds_to(rough: Figure, exact: Figure) -> bool:
    """Whether a figure is another one rounded to fewer digits: 12 percent for 12.3; never a count below a hundred."""
    if not rough.unit and max(rough.value, exact.value) < 100:
        return False
    step = rough.step
    while step < abs(rough.value) and abs(rough.value / (10 * step) - round(rough.value / (10 * step))) < 1e-9:
        step *= 10
    return abs(rough.value - exact.value) <= min(0.5 * step, 0.05 * abs(exact.value))


def could_rival(one: Stated, other: Stated, question: Question) -> bool:
    """Whether nothing in the words rules out that two different figures are of the same thing."""
    return (
        values_differ(one, other)
        and one.evidence.article.id != other.evidence.article.id
        and not _holds(one, other)
        and not _holds(other, one)
        and _same_noun(one, other)
        and all(_is_about(stated, question) for stated in (one, other))
        and not _names_other(one, other, question)
        and not _names_other(other, one, question)
        and _same_period(one, other)
        and (one.token.figure is not None or _is_plan(one, other))
    )


def _holds(one: Stated, other: Stated) -> bool:
    """Whether one sentence holds the value of the other as well, so that the two are of different things."""
    return any(
        token is not one.token
        and (
            (token.figure and other.token.figure and figure_fits(token.figure, other.token.figure) == "same")
            or (token.date and other.token.date and not dates_conflict(token.date, other.token.date))
        )
        for token in one.reading.tokens
    )


def _same_noun(one: Stated, other: Stated) -> bool:
    """Whether two bare numbers count the same, as far as both say what."""
    if one.token.date or (one.token.figure and one.token.figure.unit):
        return True
    return not one.counted or not other.counted or one.counted == other.counted or bool({one.counted, other.counted} & _PEOPLE)


def _is_about(one: Stated, question: Question) -> bool:
    """Whether the sentence and its title hold every name and number that the question holds."""
    return question.names | question.numbers <= one.terms


def _names_other(one: Stated, other: Stated, question: Question) -> bool:
    """Whether the sentence is of another subject than the question's: it names one that the other article does not."""
    known = other.terms | set(words_of(other.evidence.passage.text)) | set(question.words)
    foreign = [token for token in one.names if not set(words_of(token.text)) <= known]
    if any(token.kind == "code" for token in foreign):
        return True
    if foreign and not question.names <= set(words_of(one.reading.text)):
        return True
    asked = [token for token in one.reading.of("name", "code") if set(words_of(token.text)) & question.names]
    text = one.reading.text
    return any(text[token.end : other_name.start] in (" ", "-") or re.fullmatch(r" \d+ ", text[token.end : other_name.start])
               for token in asked for other_name in foreign)


def _same_period(one: Stated, other: Stated) -> bool:
    """Whether the two can be of the same time."""
    if one.spans and other.spans and not one.spans & other.spans:
        return False
    if one.periods and other.periods:
        return any(not dates_conflict(a, b) for a in one.periods for b in other.periods)
    for dated, plain in ((one, other), (other, one)):
        years = [period.year for period in dated.periods if period.year]
        if years and max(years) < plain.day.year - 1:
            return False
    return True


def _is_plan(one: Stated, other: Stated) -> bool:
    """Whether a date was still ahead when it was first written of: what has happened does not move."""
    older = min((one, other), key=lambda stated: stated.day)
    ahead = older.token.date
    if ahead is None or ahead.year is None:
        return False
    return (ahead.year, ahead.month or 12) >= (older.day.year, older.day.month)


def traits_of(
    one: Stated, other: Stated, rarity: Mapping[str, float], *, meaning: float, asked: float, question: Question
) -> tuple[float, ...]:
    """The values of `TRAITS` for a pair. rarity: of the question's words."""
    shared, either = one.terms & other.terms, one.terms | other.terms
    newer = max((one, other), key=lambda stated: stated.day)
    return (
        meaning,
        asked,
        min(share(rarity, rarity.keys() & one.terms), share(rarity, rarity.keys() & other.terms)),
        len(shared) / math.sqrt(len(one.terms) * len(other.terms)) if either else 0.0,
        min(_known(one, other, question), _known(other, one, question)),
        float(bool(newer.terms & _CUES) and one.day != other.day),
        float(bool(one.spans) != bool(other.spans)),
    )


def _known(one: Stated, other: Stated, question: Question) -> float:
    """Share of the words next to a figure that the other sentence, its title or the question hold."""
    near = one.near - _CUES
    return len(near & (other.terms | set(question.words))) / len(near) if near else 1.0


def likeness(traits: Sequence[float]) -> float:
    """How likely, 0..1, two figures with these traits are of the same thing."""
    logit = _BIAS + sum(weight * value for weight, value in zip(_WEIGHTS, traits, strict=True))
    return 1 / (1 + math.exp(-logit))


def _shown(token: Token) -> str:
    bound = {"over": "more than ", "under": "up to ", "": ""}[token.figure.bound] if token.figure else ""
    return f"{bound}{token.text}"

"""Two figures of two articles: do they answer the same question about the same thing? For `assistant.revision`.

    two figures of `assistant.stated` -> ruled out by words, or traits -> likeness, 0..1

Another unit, period, version or subject rules a pair out. What is left is weighed by meaning and by words.
"""

import math
import re
from collections.abc import Sequence
from typing import Final, Literal

from assistant.calendar_dates import dates_conflict, read_dates
from assistant.figures import Figure, figure_fits
from assistant.measures import PEOPLE
from assistant.question import Question
from assistant.reading import Token, read_sentence
from assistant.stated import CHANGE_WORDS, Stated, figures_in, spans_of
from ingest.sentences import split_sentences
from ingest.words import words_of

__all__ = ["are_of_one_time", "could_rival", "likeness", "same_value", "states", "subject_of", "word_traits"]

# Log-odds by `bench/revisions.py --fit`. Meanings are cosines: of the two sentences after their titles and of the two
# without the names asked for, each with its figure taken out; then the lower of the latter's with the question.
_MEANING: Final = (1.73, 2.46, 1.54)
# Share of the words next to the figures that both know; a word of change in the newer; orders of magnitude between;
# whether the newer article recalls the older figure.
_WORDS: Final = (1.34, 2.45, -2.3, 0.99)
_BIAS: Final = -4.49
_SAME_TIME: Final = 0.6  # stands for the word of change, which articles of one time do not have

# In the sentence of a figure these make it one that was given before.
_PAST: Final = re.compile(
    r"\b(?:had|previous(?:ly)?|earlier|original(?:ly)?|initial(?:ly)?|instead of|forecast|estimated?|expected|feared|"
    r"promised|planned|announced|predicted|below|above|from|than|once|no longer|first)\b",
    re.IGNORECASE,
)


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
        and _same_period(one, other, spans_of(read_sentence(question.text)))
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
        return any((value.date.year, value.date.month) == (known.year, known.month) for known in read_dates(text))
    return value.figure is not None and any(_same_figure(value.figure, known) for known in figures_in(text))


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
    return bool((one.counted | other.counted) & PEOPLE)


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
    change = _SAME_TIME if are_of_one_time(one, other) else float(not newer.terms.isdisjoint(CHANGE_WORDS))
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

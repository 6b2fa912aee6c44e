"""What a question measures, and whether a figure can be of that measure: dollars for a cost, watts for power.

For `assistant.candidates`, which looks for the figure that answers, and `assistant.short_answers`, which marks it.
"""

import re
from functools import lru_cache
from typing import Final

from assistant.calendar_dates import read_dates
from assistant.figures import Figure, read_figures
from assistant.units import CURRENCIES, UNITS
from ingest.words import words_of

__all__ = ["PEOPLE", "counts", "fits_measure", "is_label", "may_count"]

PEOPLE: Final = frozenset(words_of("people person"))

_TIME = r"years?|months?|weeks?|days?|hours?|minutes?|seconds?|decades?|centur(?:y|ies)"
_LENGTH = r"[kcmn]?m|k?m2|met(?:re|er)s?|kilomet(?:re|er)s?|miles?|feet|foot|ft|inch(?:es)?|yards?|stor(?:eys?|ies)"
_MONEY = r"dollars?|euros?|pounds?|yuan|yen|crowns?|francs?|rupees?|won|cents?|million|billion|trillion|bn|mn"
_PART = r"half|thirds?|quarters?|fifths?|tenths?|(?:out of|in) (?:every )?(?:two|three|four|five|ten|hundred)"

_WORTH = "|".join(
    "cost price pay paid revenue profit charge worth sales budget spend spent salary fine earn invest fund loss lose "
    "lost".split()
)
_MOVES = r"rise|rose|fall|fell|grow|grew|drop(?:ped)?|(?:in|de)creased?|declined?|changed?|up|down"  # by percents, too

# The first whose question form is found decides; with it the words or signs that such a figure has in it or beside it.
_MEASURES: Final = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(unit, re.IGNORECASE))
    for asked, unit in (
        (r"\bhow old\b", r"\b(?:(?:years?|months?|centur(?:y|ies))(?! (?:in|ago|of)\b)|age[ds]?|old)\b"),
        (r"\bhow (?:tall|long is|high is|deep|wide)\b", rf"\b(?:{_LENGTH}|{_TIME})\b"),
        (
            r"\bhow (?:long (?:did|do|does|has|have|will)|much time|many (?:years|months|weeks|days|hours))\b",
            rf"\b(?:{_TIME})\b",
        ),
        (r"\b(?:what|which) (?:percent\w*|share|proportion|fraction)\b", rf"%|\b(?:percent\w*|per cent|{_PART})\b"),
        (
            r"\bhow much (?:power|energy|electricity)\b",
            r"\b(?:[kmgt]?wh?|\w*watts?(?:[ -]hours?)?|\w*joules?|calories)\b",
        ),
        (r"\bhow much (?:memory|storage)\b", r"\b(?:[kmgtp]i?b|\w*bytes?|\w*bits?)\b"),
        (
            rf"\bhow (?:much|large|big|high)\b(?!.*\b(?:{_MOVES})\b).*?\b(?:{_WORTH})\w*\b",
            rf"[$€£¥₹]|\b(?:{_MONEY})\b",
        ),
    )
)
# Words in which people are counted; of somebody's, only who works there.
_SOMEBODY: Final = PEOPLE.union(
    words_of(
        "man men woman women child adult resident inhabitant citizen population crowd member visitor guest passenger "
        "patient student pupil victim soldier voter user customer employee worker staff workforce headcount employ"
    )
)
_COUNTED_AFTER: Final = 5  # words after a figure among which what it counts must stand: 72 of the new Blackwell chips
_COUNTED_BEFORE: Final = 3  # likewise before it: tackles (118)
_APART: Final = re.compile(r"\d[\d,.]*|[;:]")
_ANY_ONE: Final = re.compile(r"\b(?:any|each|every|no|this|that) $", re.IGNORECASE)
_OF_A_NAME: Final = re.compile(r"(?:\w,? |[(“\"]|^)(?!(?:Of|In|By|At|To|Some|About|Over|All|The|Rs)\b)[A-Z][\w&.-]* $")
_SPELLINGS: Final = {
    unit: frozenset(term for spelling, name in UNITS.items() if name == unit for term in words_of(spelling))
    for unit in {*UNITS.values(), *CURRENCIES.values(), "ordinal"}
}
_OLD: Final = re.compile(r"\bhow old\b", re.IGNORECASE)
_AGE: Final = re.compile(r", \d{1,3},")  # Mara Lind, 62, took over
_BESIDE: Final = 12  # characters before and after a figure in which its unit may stand
_ELSEWHERE: Final = re.compile(r"[\d,;$€£¥₹]|\band\b")  # what is beyond belongs to another figure


def fits_measure(question: str, sentence: str, start: int, end: int) -> bool:
    """Whether the figure ``sentence[start:end]`` can be what the question measures; True where it measures nothing."""
    unit = next((unit for asked, unit in _MEASURES if asked.search(question)), None)
    if unit is None:
        return True
    if _OLD.search(question) and _AGE.fullmatch(sentence[max(0, start - 2) : end + 1]):
        return True
    before = sentence[max(0, start - _BESIDE) : start] if start else ""
    after = _ELSEWHERE.split(sentence[end : end + _BESIDE], maxsplit=1)[0]
    return unit.search(f"{_ELSEWHERE.split(before)[-1]}{sentence[start:end]}{after}") is not None


def counts(things: frozenset[str], sentence: str, start: int, end: int) -> bool:
    """Whether the figure ``sentence[start:end]`` counts the things, index terms: one of them stands next to it.

    People are counted in many words, so any of them will do; so does another spelling of a unit.
    """
    wanted = things | _SOMEBODY if things & PEOPLE else things
    text, figure = sentence[start:end], _figure_at(sentence, start, end)
    before = _APART.split(sentence[:start])[-1].split()[-_COUNTED_BEFORE:]
    after = _APART.split(sentence[end:], maxsplit=1)[0].split()[:_COUNTED_AFTER]
    if text.lower() in ("once", "twice"):
        return "time" in things
    if figure.small if figure else text[:1].isdigit():  # ``one token``, ``2024``: only right before the thing
        return not _ANY_ONE.search(sentence[:start]) and not wanted.isdisjoint(words_of(" ".join((text, *after[:1]))))
    if figure and figure.unit:
        return not wanted.isdisjoint(_SPELLINGS[figure.unit])
    return not wanted.isdisjoint(words_of(" ".join((*before, text, *after))))


def is_label(sentence: str, start: int, end: int) -> bool:
    """Whether the figure ``sentence[start:end]`` measures nothing: the ``950`` of *Ascend 950*, a year."""
    text = sentence[start:end]
    return text.isdigit() and (_figure_at(sentence, start, end) is None or bool(_OF_A_NAME.search(sentence[:start])))


def may_count(sentence: str, start: int, end: int) -> bool:
    """Whether the figure ``sentence[start:end]`` may be a number of things: it has no unit and is no part of a name."""
    figure = _figure_at(sentence, start, end)
    return figure is not None and not figure.unit and not figure.small and not is_label(sentence, start, end)


def _figure_at(sentence: str, start: int, end: int) -> Figure | None:
    """The figure that stands at or within ``sentence[start:end]``, as a reader understands it; None for a date."""
    return next((one for one in _figures(sentence) if start <= one.end and one.start <= end), None)


@lru_cache(maxsize=512)
def _figures(sentence: str) -> list[Figure]:
    """The figures of a sentence that are no dates, nor parts of dates."""
    return read_figures(sentence, [(date.start, date.end) for date in read_dates(sentence)])

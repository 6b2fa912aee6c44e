"""Stretches of a sentence that could be a short answer: dates, figures, names, reasons.

Used twice: a sentence that holds a span of the kind the question wants is a better sentence, and the span itself is
marked as the short answer.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from assistant.question import Wants
from ingest.terms import STOP_WORDS

Span = tuple[int, int]

_MONTH: Final = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_YEAR: Final = r"(?:1\d{3}|20\d{2})"
_DATE: Final = re.compile(
    rf"\b(?:\d{{4}}-\d{{2}}-\d{{2}}"
    rf"|(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?)?{_MONTH}(?:\s+\d{{1,2}}(?:st|nd|rd|th)?\b)?(?:,?\s+(?:of\s+)?{_YEAR})?"
    rf"|(?:early|late|mid|the)?[ -]?{_YEAR}s?(?:\s?[–-]\s?(?:{_YEAR}|\d\d))?"
    r"|(?:\d{1,2}(?:st|nd|rd|th)|[a-z]+(?:st|nd|rd|th))[\s-]century"
    r"|\d{1,4}\s?(?:BC|AD|BCE|CE)\b|AD\s\d+"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:first|second|third|fourth)\squarter(?:\sof\s\d{4})?|Q[1-4](?:\s\d{4})?"
    r"|(?:last|next|this|later\sthis|earlier\sthis)\s(?:year|month|week|spring|summer|autumn|fall|winter)"
    r")(?!\w)"
)
_COUNT_WORD: Final = (
    r"(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-\w+)?|one|two|three|four|five|six|seven|eight|nine|ten|eleven"
    r"|twelve|\w+teen|dozens?|hundreds?|thousands?|millions?|billions?|half|(?:one|two|three)-(?:thirds?|quarters?|fifths?)"
    r"|a (?:third|quarter|half)|twice|once|none)"
)
_SCALE: Final = r"(?:hundred|thousand|million|billion|trillion|bn|mn|tn|trn|percent|per cent|percentage points)"
_UNIT: Final = (
    r"(?:k?m2?|cm|mm|nm|miles?|feet|foot|ft|inch(?:es)?|metres?|meters?|kilomet(?:er|re)s?|acres?|hectares?"
    r"|square [a-z]+|kg|grams?|tonnes?|tons?|pounds?|lbs?|litres?|liters?|gallons?"
    r"|[kmgt]?w|[kmgt]wh|[kmgt]?hz|[kmgtpe]i?b(?:it|yte)?s?(?:/s)?"
    r"|(?:kilo|mega|giga|tera|peta|exa)(?:bytes?|bits?|watts?(?:[ -]hours?)?|hertz|flops?)(?: per second)?"
    r"|years?|months?|weeks?|days?|hours?|minutes?|seconds?|dollars?|euros?|yuan|yen|degrees?|°\s?[cf]|°|yards?|points?|times)\b"
)
_CURRENCY: Final = r"(?:(?:US|HK|A|C|NT)?[$€£¥₹])"
_NUMBER: Final = re.compile(
    rf"(?:\bbetween {_CURRENCY}?\d[\d,.]*(?<=\d) and {_CURRENCY}?\d[\d,.]*(?<=\d)"
    rf"|(?:{_CURRENCY}\s?)?"
    rf"(?:(?<![\w.,])\d[\d,.]*(?<=\d)(?:[½¼¾]|(?:st|nd|rd|th)\b)?|(?<![\w-]){_COUNT_WORD}(?!\w))"
    rf"(?:\s?(?:[–-]|\bto\b)\s?{_CURRENCY}?\d[\d,.]*(?<=\d))?)(?:\s?%|[\s-]{_SCALE}\b)*(?:[\s-]{_UNIT})?",
    re.IGNORECASE,
)
_NAME: Final = re.compile(
    r"(?<![\w.])(?:[A-Z][\w’'&-]*|[A-Z]\.)(?:\s+(?:(?:of|the|de|la|van|von|der|and|for|&|on|al|bin)\s+){0,2}(?:[A-Z][\w’'&-]*|[A-Z]\.|[IVX]+\b))*"
)
_ADVERB: Final = re.compile(r"[A-Z][a-z]{3,}ly")  # where it opens the sentence: Conversely, Originally
_QUOTED: Final = re.compile(r"[“\"]([^“”\"]{2,80})[”\"]|``\s?([^`']{2,80}?)\s?''")
_PLACE_LEAD: Final = re.compile(
    r"\b(?:in|at|near|from|to|on|of|across|outside|within|around|between|through|into|off|along|above|under|over|beneath)\s+(?:the\s+)?$"
)
_REASON: Final = re.compile(
    r"\b(?:because|due to|owing to|thanks to|in order to|so that|so as to|as a result|since|caused by|as|led to"
    r"|leads? to|results? in|resulted|attributed to|therefore|reasons?|to|for)\b",
    re.IGNORECASE,
)


def spans_of(wants: Wants, sentence: str) -> list[Span]:
    """Spans of the sentence of the wanted kind, in order; names and figures for kinds without a form of their own."""
    return list(_FINDERS[wants](sentence))


def _dates(sentence: str) -> Iterator[Span]:
    for found in _DATE.finditer(sentence):
        yield _trimmed(sentence, *found.span())


def _numbers(sentence: str) -> Iterator[Span]:
    for found in _NUMBER.finditer(sentence):
        yield _trimmed(sentence, *found.span())


def _names(sentence: str) -> Iterator[Span]:
    for found in _NAME.finditer(sentence):
        start, end = found.span()
        words = found[0].split()
        if (
            words[0].lower() in STOP_WORDS
            or words[0].lower() in _NOT_NAMES
            or (not start and _ADVERB.fullmatch(words[0]))
        ):
            start += len(words[0])
            start += len(sentence[start:end]) - len(sentence[start:end].lstrip())
        if start < end:
            yield start, end
    for quoted in _QUOTED.finditer(sentence):
        yield quoted.span(1 if quoted[1] else 2)


def _people(sentence: str) -> Iterator[Span]:
    for start, end in _names(sentence):
        if not sentence[start:end].isdigit():
            yield start, end


def _places(sentence: str) -> Iterator[Span]:
    for start, end in _names(sentence):
        if _PLACE_LEAD.search(sentence[max(0, start - 16) : start]):
            yield start, end


def _reasons(sentence: str) -> Iterator[Span]:
    for found in _REASON.finditer(sentence):
        yield found.span()


def _any(sentence: str) -> Iterator[Span]:
    yield from _names(sentence)
    yield from _numbers(sentence)


def _trimmed(sentence: str, start: int, end: int) -> Span:
    """The span without white space and stray punctuation at its ends."""
    piece = sentence[start:end]
    return start + len(piece) - len(piece.lstrip(" -")), start + len(piece.rstrip(" ,.-–"))


_NOT_NAMES: Final = frozenset(
    (
        *("however", "although", "today", "many", "several", "according", "among", "despite", "one", "two", "see"),
        *(
            "nobody",
            "everyone",
            "everybody",
            "someone",
            "others",
            "critics",
            "still",
            "yet",
            "even",
            "like",
            "later",
            "instead",
        ),
    )
)
_FINDERS: Final[dict[Wants, Callable[[str], Iterator[Span]]]] = {
    "person": _people,
    "date": _dates,
    "place": _places,
    "number": _numbers,
    "reason": _reasons,
    "name": _names,
    "manner": _any,
    "verdict": _any,
    "thing": _any,
}

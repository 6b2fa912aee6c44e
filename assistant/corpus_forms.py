"""A question about the corpus itself, told by its form: what is counted or listed, of which topic, outlet and time.

For `assistant.corpus_questions`, which answers it from the catalog. Only a question whose whole form says that it is
about the articles is taken: its times and its outlet are cut out, and what is left must fit a form to the last word.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from assistant.outlets import named_outlets, short_name
from assistant.timing import Period, read_timing

__all__ = ["CorpusQuestion", "read_corpus_question"]

Kind = Literal["count", "list", "newest", "oldest", "outlets", "groups", "range"]
Unit = Literal["outlet", "year", "month", "day"]


@dataclass(frozen=True, slots=True)
class CorpusQuestion:
    """What is asked of the catalog.

    topic: what the articles must mention, None for any. outlet: one of the index's sources, None for any. periods:
    when they were published, empty for any time. many: how many of the newest or oldest. by: what is counted apart.
    """

    kind: Kind
    topic: str | None = None
    outlet: str | None = None
    periods: tuple[Period, ...] = ()
    many: int = 1
    by: Unit = "month"


_NUMBERS: Final = {word: n for n, word in enumerate("two three four five six seven eight nine ten".split(), start=2)}
_UNITS: Final[dict[str, Unit]] = {
    "outlet": "outlet", "source": "outlet", "publication": "outlet", "newspaper": "outlet", "publisher": "outlet",
    "year": "year", "month": "month", "day": "day",
}  # fmt: skip
_OLDEST: Final = ("oldest", "earliest", "first")

_ARTICLES = r"(?:(?:news )?(?:articles?|stories|story|pieces?|reports?))"
_MENTION = (
    r"(?:mention(?:s|ed|ing)?|discuss(?:es|ed|ing)?|names?|cover(?:s|ed|ing)?|talks? about|deals? with|refers? to)"
)
_TOPIC = r"(?P<topic>\S.{0,80}?)"
_ABOUT = (
    rf"(?: (?:(?:that |which )?(?:do |does )?{_MENTION}|(?:(?:that|which) )?(?:(?:are|is) )?"
    rf"(?:about|on|regarding|concerning)) {_TOPIC})"
)
_PLACE = r"in (?:the|this|your|my|our) (?:corpus|collection|index|folder|database|archive)"
_COUNTED = r"(?:are|is) there|are here|are indexed|do (?:you|we|i) have|have you got|in total|altogether"
_HERE = rf"(?: (?:{_COUNTED}|(?:are )?{_PLACE}))*"
_OUTLETS = r"(?:outlets?|sources?|publications?|newspapers?|publishers?)"
_SHOW = (
    r"(?:(?:list|show(?: me)?|give me|find(?: me)?|name)(?: all)?(?: of)?(?: the)?"
    r"|(?:which|what)(?: are)?(?: all)?(?: the)?)"
)
_HOW_MANY = (
    r"(?:how many|(?:(?:what is|what's|give me) )?(?:the )?(?:total )?(?:number|count) of|count(?: all)?(?: the)?)"
)
_EDGE = r"(?P<edge>newest|latest|most recent|oldest|earliest|first)"
_MANY = rf"(?P<many>\d{{1,3}}|{'|'.join(_NUMBERS)})"
_WROTE = r"(?:publish(?:ed)?|writ(?:e|ten)|wrote|report(?:ed)?|run|ran|carry|carried|cover(?:ed)?|say|said|have)"
_APPEARED = (
    r"(?: (?:that |which )?(?:(?:were|was|are|is|have been) )?"
    r"(?:published|printed|written|dated|released|appeared|came out))"
)
_BY = r"(?:per|by|(?:in |for )?(?:each|every)) (?P<unit>outlet|source|publication|newspaper|publisher|year|month|day)"

_HAVE = r"(?:(?:are|is) there|do (?:you|we|i) have|have you got)"
_WHAT_IS = r"(?:(?:what|which)(?: is| are|'s|’s)? )"
_YOURS = rf"(?:the|your) {_ARTICLES}{_HERE}"
_SPAN = r"(?:date range|time ?span|period)"
_PATTERNS: Final[tuple[tuple[Kind, str], ...]] = (
    ("groups", rf"(?:{_HOW_MANY} )?{_ARTICLES}{_HERE}{_ABOUT}?{_HERE}{_APPEARED}? {_BY}{_HERE}"),
    ("count", rf"{_HOW_MANY} {_ARTICLES}{_HERE}{_ABOUT}?{_HERE}"),
    (
        "newest",
        rf"{_WHAT_IS}?(?:{_SHOW} )?(?:the |your )?(?:{_MANY} )?{_EDGE}(?: {_MANY.replace('many', 'more')})?"
        rf" {_ARTICLES}{_ABOUT}?{_HERE}",
    ),
    ("newest", rf"(?:which|what) {_ARTICLES}{_ABOUT}?{_HERE} (?:is|are|was|were)(?: the)? {_EDGE}"),
    ("newest", rf"when (?:was|is|were) the {_EDGE} {_ARTICLES}{_ABOUT}?(?: (?:published|written|from|dated))?"),
    ("list", rf"{_SHOW} {_ARTICLES}{_HERE}{_ABOUT}?{_HERE}"),
    ("list", rf"{_HAVE} (?:any |an? |some )?{_ARTICLES}{_HERE}{_ABOUT}{_HERE}"),
    ("list", rf"{_HAVE} (?:any|some)thing (?:about|on) {_TOPIC}{_HERE}"),
    (
        "outlets",
        rf"(?:{_SHOW}|{_HOW_MANY}) {_OUTLETS}{_HERE}"
        rf"(?: (?:have |has )?(?:{_WROTE}|{_MENTION})(?:(?: the)? (?:most|more)(?: often)?)?"
        rf"(?: about| on)? {_TOPIC})?",
    ),
    (
        "outlets",
        rf"(?:which|what) {_OUTLETS} (?:have|has|published|wrote) (?:the )?most {_ARTICLES}{_ABOUT}?{_HERE}",
    ),
    ("range", rf"(?:what is |what's )?(?:the )?{_SPAN}(?: of| covered by) {_YOURS}"),
    ("range", rf"(?:what|which) (?:dates|{_SPAN}) (?:do|does) {_YOURS} cover"),
    ("range", rf"how far back do {_YOURS} (?:go|reach)"),
)
_FORMS: Final = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _PATTERNS)
_POLITE = re.compile(
    r"^(?:please|(?:can|could|would) you(?: please)?|tell me|i (?:want|need) to know)\s+", re.IGNORECASE
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE = (
    r"(?:the )?(?:(?:early|late|mid)[- ])?(?:(?:last|past|this|previous)(?: \w+)? (?:day|week|month|quarter|year)s?"
    r"|yesterday|today|(?:(?:first|second|third|fourth) quarter(?: of)?|q[1-4])(?: \d{4})?"
    rf"|(?:\d{{1,2}}(?:st|nd|rd|th)? (?:of )?)?{_MONTH}(?: \d{{1,2}}(?:st|nd|rd|th)?\b,?)?(?: \d{{4}})?"
    r"|(?:19|20)\d\d(?:-\d\d){0,2})(?![\w-])"
)
_TIME = re.compile(
    rf"{_APPEARED}? (?:(?:in|on|from|during|since|before|after|until|between|as of|over|within|for) {_DATE}"
    rf"(?: (?:and|to|through|until) {_DATE})?|(?:last|past|this) (?:week|month|quarter|year)\b|yesterday\b|today\b)"
    rf"{_APPEARED}?",
    re.IGNORECASE,
)
_MARK = "\0"  # stands for the outlet
_OF_OUTLET = re.compile(
    rf"(?: (?:that |which )?(?:(?:were|was|are|is) )?(?:published |written )?(?:by|from|in|of) (?:the )?{_MARK}"
    rf"| (?:that |which )?(?:did |does |has |have )?(?:the )?{_MARK} {_WROTE}(?: (?=about|on))?)",
    re.IGNORECASE,
)
_WHAT_OF_OUTLET = re.compile(
    rf"what (?:did|does|has|have) (?:the )?{_MARK} {_WROTE}(?: (?:about|on) {_TOPIC})?", re.IGNORECASE
)
_LEADING: Final = re.compile(r"^(?:the|an?|both|either)\s+", re.IGNORECASE)
_QUOTES: Final = "\"'“”‘’ "


def read_corpus_question(question: str, outlets: Iterable[str], asked: date) -> CorpusQuestion | None:
    """What a question asks of the catalog; None for every question that is not wholly about the articles.

    outlets: the sources of the index, as their articles give them. asked: the day it is asked.
    """
    plain = _POLITE.sub("", " ".join(question.split()).strip(" ?.!"))
    plain, periods = _without_time(plain, asked)
    marked, outlet, name = _marked(plain, outlets)
    if what := _WHAT_OF_OUTLET.fullmatch(marked):
        return CorpusQuestion("list", _bare(what["topic"]), outlet, periods)
    bare = re.sub(rf"\b(?:the )?{_MARK}['’]s ", "", _OF_OUTLET.sub(" ", marked))
    if _MARK in bare or bare == marked:  # it is what they mention, not where they appeared
        bare, outlet = marked.replace(_MARK, name), None
    bare = " ".join(bare.split())
    for kind, form in _FORMS:
        found = form.fullmatch(bare)
        if found and not (kind == "list" and _says_too_little(found, outlet, periods)):
            return _asked_by(kind, found, outlet, periods)
    return None


def _says_too_little(found: re.Match[str], outlet: str | None, periods: tuple[Period, ...]) -> bool:
    """Whether a list is asked for without a topic or an outlet: a time will do for articles, not for reports."""
    if found.groupdict().get("topic") or outlet:
        return False
    return not periods or re.search(r"\b(?:articles?|stor(?:y|ies))\b", found[0], re.IGNORECASE) is None


def _asked_by(kind: Kind, found: re.Match[str], outlet: str | None, periods: tuple[Period, ...]) -> CorpusQuestion:
    groups = found.groupdict()
    if kind == "newest" and groups["edge"].lower() in _OLDEST:
        kind = "oldest"
    many = (groups.get("many") or groups.get("more") or "1").lower()
    unit = _UNITS[(groups.get("unit") or "month").lower()]
    return CorpusQuestion(
        kind, _bare(groups.get("topic")), outlet, periods, many=_NUMBERS.get(many) or max(1, int(many)), by=unit
    )


def _without_time(text: str, asked: date) -> tuple[str, tuple[Period, ...]]:
    """The text less the words that say when, and the periods they mean."""
    periods = tuple(period for found in _TIME.finditer(text) for period in read_timing(found[0], asked).periods)
    return (" ".join(_TIME.sub(" ", text).split()) if periods else text), periods


def _marked(text: str, outlets: Iterable[str]) -> tuple[str, str | None, str]:
    """The text with the outlet it names, the longest, as a mark; the outlet, and how the text has it."""
    named = named_outlets(text, outlets)
    if not named:
        return text, None, ""
    outlet = max(named, key=lambda source: (len(short_name(source)), source))
    start, end = named[outlet]
    return f"{text[:start]}{_MARK}{text[end:]}", outlet, text[start:end]


def _bare(topic: str | None) -> str | None:
    """A topic without quotation marks and small words before it; None for none."""
    return (_LEADING.sub("", topic.strip(_QUOTES)).strip(_QUOTES) or None) if topic else None

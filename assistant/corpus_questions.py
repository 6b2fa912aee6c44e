"""Questions about the corpus itself, answered from the catalog: counted and listed exactly, never estimated.

"How many articles mention Cambricon in May?", "what is the newest article about HBM?", "list the outlets". Only a
question whose whole form says that it is about the articles is taken; every other goes the usual way.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from assistant.listing import list_articles
from assistant.outlets import named_outlets
from assistant.timing import Period, read_timing
from ingest.article import Article, Passage, Published
from ingest.catalog import ArticleRow
from ingest.generation import Generation
from ingest.sentences import split_sentences

LISTED: Final = 10
"""How many articles are named in an answer; the count is always of all of them."""

_ARTICLES = r"(?:articles?|stories|story|pieces?|reports?)"
_MENTION = r"(?:mention(?:s|ed|ing)?|discuss(?:es|ing)?|names?|cover(?:s|ing)?|talks? about)"
_ABOUT = rf"(?:(?:that |which |do |does )?{_MENTION}|(?:that |which )?(?:are |is )?about|on)"
_FROM = r"(?:(?:are |were |come |came |is )?(?:published |written )?(?:from|by)|did)"
_TOPIC = r"(?P<topic>\S.{0,80}?)"
_OUTLETS = r"(?:outlets?|sources?|publications?|newspapers?|publishers?)"
_PLACE = r"in (?:the|this|your) (?:corpus|collection|index|folder)"
_HERE = rf"(?: (?:are there|are here|are indexed|do you have|have you got|{_PLACE}))*"
_END = r"\s*[?.!]*\s*$"
_SHOW = r"(?:(?:please )?(?:list|show(?: me)?|name)(?: all)?(?: the)?|(?:which|what)(?: are the)?)"
_EDGES = r"(?P<edge>newest|latest|most recent|oldest|earliest|first)"


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(f"^{pattern}{_END}", re.IGNORECASE)


_COUNT = _form(rf"how many {_ARTICLES}{_HERE}(?: {_ABOUT} {_TOPIC})?{_HERE}")
_COUNT_FROM = _form(
    rf"how many {_ARTICLES}{_HERE} {_FROM} (?P<outlet>\S.{{0,80}}?)(?: publish(?:es)?)?(?P<when> .{{3,60}}?)?"
)
_COUNT_WHEN = _form(
    rf"how many {_ARTICLES}{_HERE} (?:(?:are|were|is) )?(?:published|dated|from|written) (?P<when>.{{3,60}}?)"
)
_LIST = _form(rf"{_SHOW} {_ARTICLES}{_HERE} {_ABOUT} {_TOPIC}")
_LIST_FROM = _form(rf"{_SHOW} {_ARTICLES}{_HERE} (?:from|by|published by) (?P<outlet>\S.{{0,80}}?)")
_EDGE = _form(rf"(?:what|which)(?: is|'s|’s)?(?: the| your)? {_EDGES} {_ARTICLES}(?: {_ABOUT} {_TOPIC})?{_HERE}")
_OUTLET_LIST = _form(rf"(?:{_SHOW}|how many) {_OUTLETS}(?: {_PLACE}| are {_PLACE})?{_HERE}")

_TIME_TAIL = re.compile(
    r"""\s+ (?:(?:published|printed|written|dated)\ )?
        (?:(?:in|on|from|during|since|before|after|until|between|as\ of)\s+)? (?:(?:early|late|mid)[-\ ])?
        (?: (?:the\ )?(?:last|past|this|previous)\ (?:\w+\ )?(?:day|week|month|quarter|year)s? | yesterday | today
          | (?:\d{1,2}(?:st|nd|rd|th)?\ )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?
            (?:\ \d{1,2},?)?(?:\ \d{4})?
          | (?:19|20)\d\d(?:-\d\d){0,2} )
        (?:\s+(?:and|to|through)\s+.*)? $""",
    re.IGNORECASE | re.VERBOSE,
)
_LEADING = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)
_QUOTES = "\"'“”‘’ "


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of an answer from the catalog, and the words of an article it rests on, where it names one.

    start, end: characters of ``article.text``, within ``passage``.
    """

    text: str
    article: Article | None = None
    passage: Passage | None = None
    start: int = 0
    end: int = 0


def answer_from_catalog(
    question: str,
    generation: Generation,
    *,
    asked: date,
    since: date | None = None,
    until: date | None = None,
    source: str | None = None,
) -> list[Listed] | None:
    """The lines of the answer to a question about the corpus, the count first; None for every other question."""
    question = " ".join(question.split())
    forms: tuple[tuple[re.Pattern[str], Callable[..., list[Listed]]], ...] = (
        (_OUTLET_LIST, _outlets),
        (_COUNT, _count),
        (_COUNT_FROM, _count_and_name),
        (_COUNT_WHEN, _count_and_name),
        (_EDGE, _edge),
        (_LIST, _count),
        (_LIST_FROM, _count_and_name),
    )
    for form, tell in forms:
        if found := form.match(question):
            topic, periods = _topic_and_periods(found.groupdict().get("topic"), question, asked)
            if found.groupdict().get("outlet"):
                named = named_outlets(question, set(generation.columns.source))
                if not named:
                    continue
                source = max(named, key=len)
            elif found.groupdict().get("when") and not periods:
                continue
            rows = list_articles(
                generation, since=since, until=min(until or asked, asked), source=source, undated=not (since or until)
            )
            rows = [row for row in rows if _within(row, periods)]
            if topic is not None:
                mentioning = _mentioning(topic, generation)
                rows = [row for row in rows if row.id in mentioning]
            return tell(rows, topic, generation, found.groupdict().get("edge"))
    return None


def _topic_and_periods(topic: str | None, question: str, asked: date) -> tuple[str | None, tuple[Period, ...]]:
    """What the articles should mention, without the words that say when they were published."""
    periods = read_timing(question, asked).periods
    if topic is None:
        return None, periods
    if periods and (tail := _TIME_TAIL.search(f" {topic}")):
        topic = f" {topic}"[: tail.start()]
    return _bare(topic), periods


def _mentioning(topic: str, generation: Generation) -> set[str]:
    """Ids of the articles that hold the topic's words side by side; of "A or B" either, of "A and B" both."""
    found = set(generation.catalog.mentioning(topic))
    parts = re.split(r",\s*(?:and |or )?|\s+(?:and|or)\s+", topic)
    if found or len(parts) < 2:
        return found
    each = [set(generation.catalog.mentioning(_bare(part))) for part in parts if part.strip()]
    return set.union(*each) if re.search(r"\bor\b", topic) else set.intersection(*each)


def _bare(topic: str) -> str:
    return _LEADING.sub("", topic.strip(_QUOTES))


def _within(row: ArticleRow, periods: Sequence[Period]) -> bool:
    if not periods:
        return True
    if row.published is None:
        return False
    published = Published(row.published, "")
    return any(
        (period.first is None or published.last_day >= period.first)
        and (period.last is None or published.first_day <= period.last)
        for period in periods
    )


def _newest_first(rows: Sequence[ArticleRow]) -> list[ArticleRow]:
    """Rows by date, the newest first, undated ones last."""
    return sorted(rows, key=lambda row: (row.published or "", row.id), reverse=True)


def _count(rows: Sequence[ArticleRow], topic: str | None, generation: Generation, edge: str | None) -> list[Listed]:
    several = len(rows) > 1
    number = f"{len(rows):,} articles" if several else "1 article" if rows else "No article"
    if topic is None:
        return [Listed(f"{number} {'are' if several else 'is'} indexed.")]
    about = f"{'mention' if several else 'mentions'} {topic}"
    shown = f" The {LISTED} newest:" if len(rows) > LISTED else ""
    return [Listed(f"{number} {about}.{shown}"), *_named(_newest_first(rows)[:LISTED], topic, generation)]


def _count_and_name(
    rows: Sequence[ArticleRow], topic: str | None, generation: Generation, edge: str | None
) -> list[Listed]:
    counted = _count(rows, topic, generation, edge)
    return counted if topic is not None else [*counted, *_named(_newest_first(rows)[:LISTED], topic, generation)]


def _edge(rows: Sequence[ArticleRow], topic: str | None, generation: Generation, edge: str | None) -> list[Listed]:
    dated = [row for row in _newest_first(rows) if row.published]
    if not dated:
        return [Listed(f"No dated article{f' mentions {topic}' if topic else ''}.")]
    oldest = (edge or "").lower() in ("oldest", "earliest", "first")
    return _named([dated[-1] if oldest else dated[0]], topic, generation)


def _outlets(rows: Sequence[ArticleRow], topic: str | None, generation: Generation, edge: str | None) -> list[Listed]:
    counts = Counter(row.source or "(outlet unknown)" for row in rows)
    plural = "outlet" if len(counts) == 1 else "outlets"
    by_size = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [
        Listed(f"{len(counts):,} {plural}."),
        *(Listed(f"{name}: {number:,} {'article' if number == 1 else 'articles'}.") for name, number in by_size),
    ]


def _named(rows: Sequence[ArticleRow], topic: str | None, generation: Generation) -> list[Listed]:
    """The articles by name, each resting on the sentence that mentions the topic, or on its first."""
    articles = generation.catalog.articles([row.id for row in rows])
    lines = []
    for row in rows:
        article = articles[row.id]
        known = ", ".join(part for part in (row.source, (row.published or "")[:10]) if part)
        start, end = _sentence_with(topic, article.text)
        passages = generation.catalog.passages_of(row.id)
        passage = next(passage for passage in reversed(passages) if passage.start <= start)
        lines.append(Listed(f"“{row.title}”{f' ({known})' if known else ''}.", article, passage, start, end))
    return lines


def _sentence_with(topic: str | None, text: str) -> tuple[int, int]:
    """The first sentence that holds the topic's words, else the first sentence."""
    spans = split_sentences(text)
    wanted = (topic or "").casefold()
    holding = (span for span in spans if wanted and wanted in text[span[0] : span[1]].casefold())
    return next(holding, spans[0])

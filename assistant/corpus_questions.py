"""Questions about the corpus itself, answered from the catalog: counted and listed exactly, never estimated.

"How many articles mention Cambricon in May?", "what is the newest article about HBM?", "list the outlets":
`assistant.corpus_forms` tells what is asked; every question that it does not know goes the usual way.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from assistant.corpus_forms import CorpusQuestion, Kind, read_corpus_question
from assistant.listing import list_articles
from assistant.timing import Period
from ingest.article import Article, Passage, Published
from ingest.catalog import ArticleRow
from ingest.generation import Generation
from ingest.sentences import split_sentences

LISTED: Final = 10
"""How many articles are named in an answer; the count is always of all of them."""

_PARTS: Final = re.compile(r",\s*(?:and |or )?|\s+(?:and|or)\s+")
_LEADING: Final = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)


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
    wanted = read_corpus_question(question, set(generation.columns.source) - {""}, asked)
    if wanted is None:
        return None
    rows = list_articles(
        generation,
        since=since,
        until=min(until or asked, asked),
        source=wanted.outlet or source,
        undated=not (since or until),
    )
    rows = [row for row in rows if _within(row, wanted.periods)]
    if source is not None:  # a filter holds whatever the question says
        rows = [row for row in rows if row.source.casefold() == source.casefold()]
    if wanted.topic is not None:
        mentioning = _mentioning(wanted.topic, generation)
        rows = [row for row in rows if row.id in mentioning]
    return _TELL[wanted.kind](rows, wanted, generation)


def _mentioning(topic: str, generation: Generation) -> set[str]:
    """Ids of the articles that hold the topic's words side by side; of "A or B" either, of "A and B" both."""
    found = set(generation.catalog.mentioning(topic))
    parts = _PARTS.split(topic)
    if found or len(parts) < 2:
        return found
    each = [set(generation.catalog.mentioning(_LEADING.sub("", part))) for part in parts if part.strip()]
    return set.union(*each) if re.search(r"\bor\b", topic) else set.intersection(*each)


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


def _count(rows: Sequence[ArticleRow], wanted: CorpusQuestion, generation: Generation) -> list[Listed]:
    """The number, and the newest by name where something narrows them."""
    narrowed = wanted.topic is not None or wanted.outlet is not None or bool(wanted.periods)
    shown = f" The {LISTED} newest:" if narrowed and len(rows) > LISTED else ""
    counted = Listed(f"{_how_many(rows, wanted)}.{shown}")
    return [counted, *(_named(_newest_first(rows)[:LISTED], wanted.topic, generation) if narrowed else ())]


def _how_many(rows: Sequence[ArticleRow], wanted: CorpusQuestion) -> str:
    """``2 articles mention HBM (Port Gazette, 2025-03-01 to 2025-03-31)``."""
    several = len(rows) > 1
    number = f"{len(rows):,} articles" if several else "1 article" if rows else "No article"
    does = f"{'mention' if several else 'mentions'} {wanted.topic}" if wanted.topic else "are" if several else "is"
    scope = [wanted.outlet] if wanted.outlet else []
    scope += [_dates(period) for period in wanted.periods]
    said = f"{number} {does}" if wanted.topic else f"{number} {does} indexed"
    return f"{said} ({', '.join(scope)})" if scope else said


def _dates(period: Period) -> str:
    if period.first is None or period.last is None:
        return f"until {period.last}" if period.first is None else f"since {period.first}"
    return f"{period.first}" if period.first == period.last else f"{period.first} to {period.last}"


def _edge(rows: Sequence[ArticleRow], wanted: CorpusQuestion, generation: Generation) -> list[Listed]:
    """The newest or the oldest, as many as are wanted."""
    dated = [row for row in _newest_first(rows) if row.published]
    if not dated:
        return [Listed(f"No dated article{f' mentions {wanted.topic}' if wanted.topic else ''}.")]
    in_turn = dated[::-1] if wanted.kind == "oldest" else dated
    return _named(in_turn[: wanted.many], wanted.topic, generation)


def _outlets(rows: Sequence[ArticleRow], wanted: CorpusQuestion, generation: Generation) -> list[Listed]:
    """How many outlets there are, and each with its number of articles, the most first."""
    counts = Counter(row.source or "(outlet unknown)" for row in rows)
    plural = "outlet" if len(counts) == 1 else "outlets"
    about = f" {'mentions' if len(counts) == 1 else 'mention'} {wanted.topic}" if wanted.topic else ""
    by_size = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Listed(f"{len(counts):,} {plural}{about}." if counts else f"No outlet{about}."), *_lines(by_size)]


def _groups(rows: Sequence[ArticleRow], wanted: CorpusQuestion, generation: Generation) -> list[Listed]:
    """The number of all, then that of each month, year or day, in their order; or of each outlet."""
    if wanted.by == "outlet":
        return _outlets(rows, wanted, generation)
    length = {"year": 4, "month": 7, "day": 10}[wanted.by]
    counts = Counter((row.published or "")[:length] or "(undated)" for row in rows)
    return [Listed(f"{_how_many(rows, wanted)}."), *_lines(sorted(counts.items()))]


def _lines(counts: Iterable[tuple[str, int]]) -> list[Listed]:
    return [Listed(f"{name}: {number:,} {'article' if number == 1 else 'articles'}.") for name, number in counts]


def _range(rows: Sequence[ArticleRow], wanted: CorpusQuestion, generation: Generation) -> list[Listed]:
    """The first and the last day of the dated articles, with those two."""
    dated = [row for row in _newest_first(rows) if row.published]
    if not dated:
        return [Listed("No article is dated.")]
    first, last = ((row.published or "")[:10] for row in (dated[-1], dated[0]))
    ends = [dated[-1], dated[0]] if len(dated) > 1 else dated
    return [Listed(f"{len(dated):,} dated articles, from {first} to {last}."), *_named(ends, None, generation)]


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


_TELL: Final[dict[Kind, Callable[[Sequence[ArticleRow], CorpusQuestion, Generation], list[Listed]]]] = {
    "count": _count,
    "list": _count,
    "newest": _edge,
    "oldest": _edge,
    "outlets": _outlets,
    "groups": _groups,
    "range": _range,
}

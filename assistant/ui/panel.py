"""The side of the page as HTML: what is cited, what else was found, and the whole article with its passages marked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from assistant.ui.dates import long_date
from assistant.ui.markup import Markup, join, outside_link, tag
from assistant.ui.view import Source, Turn, also_found
from ingest.article import Article

Tab = Literal["cited", "found", "article"]
_TABS: tuple[tuple[Tab, str], ...] = (("cited", "Cited"), ("found", "Also found"), ("article", "Article"))

CLOSE = tag(
    "button",
    tag("span", class_="fn-icon is-close", aria_hidden="true"),
    type="button",
    class_="fn-tool fn-close",
    data_toggle="close",
    aria_label="Close the sources",
)
"""Closes the panel where it lies over the page."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A stretch of an article's text to mark: a footnote's sentence, or a found passage (number 0).

    here: the one that was asked for, to be scrolled into view.
    """

    start: int
    end: int
    number: int
    here: bool


def render_panel(turn: Turn | None, tab: Tab, article: Markup | None = None) -> Markup:
    """The three tabs for a turn, with ``tab`` in front."""
    bodies = {
        "cited": _cited(turn),
        "found": _found(turn),
        "article": article or _hint("Open a footnote to read its article here, with the sentence marked."),
    }
    counts = {"cited": len(turn.cited) if turn else 0, "found": len(also_found(turn)) if turn else 0}
    tabs = [_tab_button(key, label, counts.get(key, 0), key == tab) for key, label in _TABS]
    panels = [_tab_panel(key, bodies[key], key == tab) for key, _ in _TABS]
    bar = tag("div", tag("div", *tabs, role="tablist", aria_label="Sources"), CLOSE, class_="fn-tabs")
    return join([bar, *panels])


def render_article(article: Article, marks: Sequence[Marked], *, notice: str = "") -> Markup:
    """The whole article, each mark in its place."""
    facts = [article.source, article.author, long_date(article.published.value) if article.published else "undated"]
    head = [
        tag("h3", article.title, class_="fn-article-title", dir="auto"),
        tag("p", " · ".join(fact for fact in facts if fact), class_="fn-article-facts"),
        _where(article),
    ]
    if article.excerpt:
        head.append(tag("p", "Only an excerpt of this article is in the corpus.", class_="fn-notice"))
    if notice:
        head.append(tag("p", notice, class_="fn-notice"))
    body = tag(
        "div", *_paragraphs(article.text, marks), class_="fn-article-text", dir="auto", lang=article.language or None
    )
    return tag("div", *head, body, class_="fn-article")


def render_missing_article(source: Source) -> Markup:
    """In place of an article that has left the corpus since the answer was given: the passage as it was kept."""
    return tag(
        "div",
        tag("h3", source.title, class_="fn-article-title", dir="auto"),
        tag("p", "This article is no longer in the corpus. The passage as it stood:", class_="fn-notice"),
        tag("blockquote", source.passage, class_="fn-passage", dir="auto"),
        class_="fn-article",
    )


def marks_in(article: Article, turn: Turn, chosen: Source) -> list[Marked]:
    """The marks of a turn's footnotes in an article, ``chosen`` among them; a quote that moved is searched."""
    sources = [source for source in turn.cited if source.article_id == article.id]
    if chosen not in sources:
        sources.append(chosen)
    placed = ((source, place_of(article.text, source)) for source in sources)
    return [Marked(*place, source.number, source == chosen) for source, place in placed if place]


def place_of(text: str, source: Source) -> tuple[int, int] | None:
    """Where the quote stands in ``text``: at its own offsets, else where its words are found, else None."""
    if text[source.start : source.end] == source.quote:
        return source.start, source.end
    start = text.find(source.quote)
    return (start, start + len(source.quote)) if start >= 0 else None


def _tab_button(key: str, label: str, count: int, selected: bool) -> Markup:
    number = tag("span", str(count), class_="fn-count") if count else Markup()
    return tag(
        "button",
        label,
        number,
        type="button",
        role="tab",
        id=f"tab-{key}",
        aria_controls=f"panel-{key}",
        aria_selected="true" if selected else "false",
        tabindex=0 if selected else -1,
        data_tab=key,
    )


def _tab_panel(key: str, body: Markup, selected: bool) -> Markup:
    return tag(
        "div",
        body,
        role="tabpanel",
        id=f"panel-{key}",
        aria_labelledby=f"tab-{key}",
        tabindex=0,
        hidden=not selected,
        class_="fn-tabpanel",
    )


def _cited(turn: Turn | None) -> Markup:
    if turn is None or not turn.cited:
        return _hint("The passages an answer rests on appear here, numbered like its footnotes.")
    return tag("ol", *(_source_card(source, turn.id, at) for at, source in enumerate(turn.cited)), class_="fn-sources")


def _found(turn: Turn | None) -> Markup:
    others = also_found(turn) if turn else ()
    if turn is None or not others:
        return _hint("Passages that were found for a question but not cited appear here.")
    return tag(
        "ol", *(_source_card(source, turn.id, turn.found.index(source)) for source in others), class_="fn-sources"
    )


def _source_card(source: Source, turn_id: str, at: int) -> Markup:
    facts = [source.outlet, long_date(source.published) or "undated", *(["excerpt"] if source.excerpt else [])]
    number = tag("span", str(source.number), class_="fn-number") if source.number else Markup()
    copies = len(source.also_in)
    copied = tag("p", f"Also carried by {copies} other article{'s' if copies > 1 else ''}", class_="fn-card-origin")
    return tag(
        "li",
        tag(
            "button",
            number,
            tag("span", source.title, class_="fn-source-title", dir="auto"),
            type="button",
            class_="fn-source-open",
            data_act="open_source",
            data_turn=turn_id,
            data_number=source.number,
            data_at=at,
        ),
        tag("p", " · ".join(fact for fact in facts if fact), class_="fn-card-origin"),
        tag("p", *_quote_in_passage(source), class_="fn-quote", dir="auto"),
        copied if copies else Markup(),
        class_="fn-source",
    )


def _quote_in_passage(source: Source) -> list[str]:
    """The passage with the cited sentence marked in it."""
    before, quote, after = source.passage.partition(source.quote)
    if not source.number or not quote:
        return [source.passage if not source.number else source.quote]
    return [before, tag("mark", quote), after]


def _where(article: Article) -> Markup:
    if article.url:
        return tag("p", outside_link(_host_of(article.url), article.url), class_="fn-article-where")
    return tag("p", article.path, class_="fn-article-where") if article.path else Markup()


def _host_of(url: str) -> str:
    return re.sub(r"^https?://(www\.)?", "", url).split("/")[0] or url


def _hint(words: str) -> Markup:
    return tag("p", words, class_="fn-hint")


def _paragraphs(text: str, marks: Sequence[Marked]) -> list[Markup]:
    """The article's lines as paragraphs, cut where marks begin and end."""
    return [_paragraph(text, line.start(), line.end(), marks) for line in re.finditer(r"[^\n]+", text)]


def _paragraph(text: str, start: int, end: int, marks: Sequence[Marked]) -> Markup:
    inside = [mark for mark in marks if mark.start < end and mark.end > start]
    edges = {start, end, *(edge for mark in inside for edge in (mark.start, mark.end) if start < edge < end)}
    cuts = sorted(edges)
    pieces = [_piece(text, left, right, inside) for left, right in pairwise(cuts)]
    return tag("p", *pieces)


def _piece(text: str, start: int, end: int, marks: Sequence[Marked]) -> str:
    over = [mark for mark in marks if mark.start <= start and end <= mark.end]
    if not over:
        return text[start:end]
    mark = next((mark for mark in over if mark.here), over[0])
    label = f"footnote {mark.number}" if mark.number else "found passage"
    return tag("mark", text[start:end], class_="is-here" if mark.here else None, title=label)

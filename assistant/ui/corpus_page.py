"""The corpus page: gradio components, and which of them each event changes. What they show is made in `corpus_view`."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.ui.corpus_view import narrowed, render_arrivals, render_corpus_head, render_progress, render_table
from assistant.ui.counts import by_outlet, by_period
from assistant.ui.library import Library
from assistant.ui.markup import Markup, join, tag
from assistant.ui.panel import CLOSE, render_article
from assistant.ui.screens import filter_options, render_filters, render_head
from assistant.ui.shelf import Shelf, ShelfRow, shelf_rows
from ingest.errors import CorpusError
from ingest.readers import SUFFIXES

_LOOK_EVERY_SECONDS = 0.2
_WIRE = "footnote.wire(element, trigger, ['read', 'remove'])"


class CorpusPage:
    """The corpus page and its events."""

    def __init__(self, library: Library, shelf: Shelf) -> None:
        """A page over the served index and the corpus folder; `build` lays it out in the open gradio context."""
        self._library = library
        self._shelf = shelf

    def build(self) -> None:
        """Lay the page out and connect its events."""
        gr.Navbar(visible=False)
        self.wire = gr.HTML("", html_template="", js_on_load=_WIRE, visible="hidden", elem_id="fn-wire")
        gr.HTML(render_head("corpus"), elem_id="fn-head", apply_default_css=False)
        with gr.Row(elem_id="fn-corpus"):
            with gr.Column(elem_id="fn-shelf"):
                self.head = gr.HTML(render_corpus_head(self._library.facts()), apply_default_css=False)
                self._build_intake()
                self._build_charts()
                self._build_table()
            with gr.Column(elem_id="fn-right"):
                hint = tag("p", "Open an article from the table to read it here.", class_="fn-hint")
                self.reader = gr.HTML(_reader(hint), apply_default_css=False, elem_id="fn-reader")
        self._connect()

    def _build_intake(self) -> None:
        with gr.Row(elem_id="fn-intake"):
            self.files = gr.File(
                label="Drop articles here", file_count="multiple", file_types=sorted(SUFFIXES), height=120
            )
            with gr.Column():
                with gr.Row(elem_id="fn-by-address"):
                    self.address = gr.Textbox(
                        label="Add by address",
                        show_label=False,
                        placeholder="Add by address: https://…",
                        max_lines=1,
                        html_attributes=gr.InputHTMLAttributes(spellcheck=False),
                    )
                    self.fetch = gr.Button("Add", elem_id="fn-fetch", min_width=70, scale=0)
                self.reindex = gr.Button("Re-index", variant="primary", elem_id="fn-reindex")
                self.progress = gr.HTML("", apply_default_css=False, elem_id="fn-progress")
                self.arrivals = gr.HTML("", apply_default_css=False)

    def _build_charts(self) -> None:
        with gr.Row(elem_id="fn-charts"):
            bars: dict[str, Any] = {"y": "articles", "y_title": " ", "x_title": " ", "y_lim": [0, None], "height": 190}
            self.periods = gr.BarPlot(x="period", title="Articles over time", x_label_angle=-45, **bars)
            self.outlets = gr.BarPlot(x="outlet", title="Articles by outlet", x_label_angle=-20, sort="-y", **bars)

    def _build_table(self) -> None:
        with gr.Row(elem_id="fn-table-tools"):
            self.words = gr.Textbox(label="Search the table", show_label=False, placeholder="Search the table…")
            self.filters = gr.HTML(
                {},
                html_template=render_filters(),
                options=filter_options(()),
                js_on_load="footnote.filters(element, props)",
                apply_default_css=False,
                elem_id="fn-filters",
            )
        self.table = gr.HTML("", apply_default_css=False, elem_id="fn-table")

    def _connect(self) -> None:
        quick: dict[str, Any] = {
            "show_progress": "hidden",
            "concurrency_limit": 8,
            "concurrency_id": "quick",
            "api_visibility": "private",
        }
        shown = [self.head, self.periods, self.outlets, self.table, self.filters]
        narrowing = [self.words, self.filters]
        gr.on(None, self._show, narrowing, shown, **quick)
        gr.on([self.words.input, self.filters.change], self._narrow, narrowing, self.table, **quick)
        self.wire.read(self._read, None, self.reader, **quick)
        self.wire.remove(self._remove, narrowing, [self.arrivals, self.table], **quick)
        self.files.upload(self._take, self.files, [self.arrivals, self.files], **quick)
        slow = {**quick, "concurrency_limit": 2, "concurrency_id": "fetch"}
        gr.on(
            [self.address.submit, self.fetch.click],
            self._fetch,
            self.address,
            [self.arrivals, self.address],
            **slow,
        )
        self.reindex.click(self._reindex, None, [self.progress, self.reindex], **quick).then(
            self._show, narrowing, shown, **quick
        )

    def _show(self, words: str, filters: Mapping[str, str] | None) -> list[Any]:
        facts = self._library.facts()
        rows = self._rows()
        return [
            render_corpus_head(facts),
            _bars(by_period([row.published for row in rows if row.published]), "period"),
            _bars(by_outlet([row.outlet for row in rows if row.outlet]), "outlet"),
            self._narrow(words, filters),
            gr.HTML(options=filter_options(facts.outlets)),
        ]

    def _narrow(self, words: str, filters: Mapping[str, str] | None) -> Markup:
        chosen = filters or {}
        outlet, since, until = (str(chosen.get(name, "")) for name in ("source", "since", "until"))
        return render_table(narrowed(self._rows(), words or "", outlet, since, until))

    def _read(self, event: gr.EventData) -> Markup:
        article = self._library.article(str(event._data["article"]))
        if article is None:
            return _reader(tag("p", "This article is not in the index any more.", class_="fn-hint"))
        return _reader(render_article(article, ()))

    def _remove(self, event: gr.EventData, words: str, filters: Mapping[str, str] | None) -> list[Markup]:
        article = self._library.article(str(event._data["article"]))
        if article is None:
            return [_line("This article is not in the index any more."), self._narrow(words, filters)]
        try:
            self._shelf.remove(article)
        except CorpusError as error:
            return [_line(str(error), bad=True), self._narrow(words, filters)]
        gone = f"{article.path} is deleted. It leaves the answers with the next re-index."
        return [_line(gone), self._narrow(words, filters)]

    def _take(self, files: list[str] | None) -> list[Any]:
        arrivals = [self._shelf.add(Path(file), Path(file).name) for file in files or ()]
        return [render_arrivals(arrivals), None]

    def _fetch(self, address: str) -> list[Any]:
        return [render_arrivals(self._shelf.add_from_web(address or "")), ""]

    def _reindex(self) -> Iterator[list[Any]]:
        self._shelf.reindex()
        yield [render_progress(self._shelf.progress()), gr.Button(interactive=False)]
        while (progress := self._shelf.progress()).running:
            yield [render_progress(progress), gr.skip()]
            time.sleep(_LOOK_EVERY_SECONDS)
        yield [render_progress(progress), gr.Button(interactive=True)]

    def _rows(self) -> list[ShelfRow]:
        return shelf_rows(self._library.rows(), self._library.files())


def _bars(counts: Mapping[str, int], name: str) -> Any:
    """Counts as the table that a bar chart takes."""
    import pandas  # type: ignore[import-untyped]

    return pandas.DataFrame(list(counts.items()), columns=[name, "articles"])


def _line(words: str, *, bad: bool = False) -> Markup:
    return tag("div", tag("p", words, class_="is-bad" if bad else None), class_="fn-report", role="status")


def _reader(body: Markup) -> Markup:
    """The article at the right, with a way back where it lies over the table."""
    panel = tag("div", body, class_="fn-tabpanel", id="panel-article", tabindex=0, role="region", aria_label="Article")
    return join([tag("div", CLOSE, class_="fn-tabs is-bare"), panel])

"""The chat page: gradio components, and which of them each event changes. What they show is made in `render`."""

import time
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import gradio as gr

from assistant.ui.chat import Chat, Filters
from assistant.ui.conversations import new_id
from assistant.ui.markup import Markup, join, tag
from assistant.ui.panel import marks_in, render_article, render_missing_article, render_panel
from assistant.ui.render import render_turn, render_turns
from assistant.ui.screens import (
    filter_options,
    render_asks,
    render_chats,
    render_export,
    render_filters,
    render_head,
    render_state,
    render_welcome,
)
from assistant.ui.view import Source, Thumb, Turn

ANSWERS_AT_ONCE = 4
_DRAW_EVERY_SECONDS = 0.04  # an unfinished sentence is drawn 25 times a second at most
_ACTS = [  # what the page's own buttons can ask for; each is an event of the wire
    *("ask_this", "retry", "edit", "thumb", "open_source", "open_sources"),
    *("open_chat", "rename_chat", "delete_chat"),
]
_FILTERS = render_filters()
_WIRE = f"footnote.wire(element, trigger, {_ACTS!r})"


class ChatPage:
    """The chat page and its events."""

    def __init__(self, chat: Chat) -> None:
        """A page over ``chat``; `build` lays it out inside the gradio context that is open."""
        self._chat = chat
        self._store = chat.conversations
        self._library = chat.library

    def build(self) -> None:
        """Lay the page out and connect its events."""
        gr.Navbar(visible=False)
        self.wire = gr.HTML("", html_template="", js_on_load=_WIRE, visible="hidden", elem_id="fn-wire")
        self.chat_id = gr.State("")
        self.replacing = gr.State("")
        gr.HTML(render_head("chat"), elem_id="fn-head", apply_default_css=False)
        with gr.Row(elem_id="fn-frame"):
            with gr.Column(elem_id="fn-left"):
                self._build_left()
            with gr.Column(elem_id="fn-centre"):
                self._build_centre()
            with gr.Column(elem_id="fn-right"):
                self.panel = _plain("fn-panel", render_panel(None, "cited"), "footnote.panel(element, watch)")
        self._connect()

    def _build_left(self) -> None:
        self.new_chat = gr.Button("New conversation", elem_id="fn-new", size="sm")
        self.search = gr.Textbox(
            placeholder="Search conversations",
            label="Search conversations",
            show_label=False,
            elem_id="fn-search",
            container=False,
        )
        self.chats = _plain("fn-chats")
        self.filters = gr.HTML(
            {},
            html_template=_FILTERS,
            options=filter_options(()),
            js_on_load="footnote.filters(element, props)",
            apply_default_css=False,
            elem_id="fn-filters",
        )

    def _build_centre(self) -> None:
        with gr.Column(elem_id="fn-scroll"):
            self.thread = _plain("fn-thread")
            self.live = _plain("fn-live", "", "footnote.live(element, watch)")
            self.asks = _plain("fn-asks")
        with gr.Column(elem_id="fn-ask"), gr.Row(elem_classes="fn-askbar"):
            self.box = gr.Textbox(
                placeholder="Ask the articles…",
                label="Your question",
                show_label=False,
                container=False,
                lines=1,
                max_lines=8,
                autofocus=True,
                elem_id="fn-box",
            )
            self.send = gr.Button("Ask", variant="primary", elem_id="fn-send")
            self.stop = gr.Button("Stop", visible=False, elem_id="fn-stop")

    def _connect(self) -> None:
        asking = [self.box, self.chat_id, self.replacing, self.filters]
        buttons = [self.send, self.stop]
        shown = [self.box, *buttons, self.thread, self.live, self.panel, self.chats, self.chat_id, self.replacing]
        streams: dict[str, Any] = {
            "outputs": shown,
            "show_progress": "hidden",
            "concurrency_limit": ANSWERS_AT_ONCE,
            "concurrency_id": "answers",
            "api_visibility": "private",
        }
        asked = [
            gr.on([self.box.submit, self.send.click], self._ask, asking, **streams),
            self.wire.ask_this(self._ask_this, [self.chat_id, self.filters], **streams),
            self.wire.retry(self._retry, [self.chat_id, self.filters], **streams),
        ]
        quick: dict[str, Any] = {
            "show_progress": "hidden",
            "concurrency_limit": 8,
            "concurrency_id": "quick",
            "api_visibility": "private",
        }
        for event in asked:
            event.failure(self._broke, [self.chat_id], [self.live, *buttons, self.chats], **quick)
        self.stop.click(self._stop, [self.chat_id], [self.live, *buttons, self.chats], cancels=asked, **quick)
        self.wire.open_source(self._open_source, None, self.panel, **quick)
        self.wire.open_sources(self._open_sources, None, self.panel, **quick)
        self.wire.open_chat(self._open_chat, None, shown, **quick)
        self.wire.rename_chat(self._rename_chat, self.chat_id, self.chats, **quick)
        self.wire.delete_chat(self._delete_chat, self.chat_id, shown, **quick)
        self.wire.edit(self._edit, None, [self.box, self.replacing], **quick)
        self.wire.thumb(self._thumb, self.chat_id, [self.thread, self.live], **quick)
        self.new_chat.click(lambda: self._show(""), None, shown, **quick)
        gr.on(None, self._arrive, None, [*shown, self.filters], **quick)

        # Questions come when the model is loaded; the page is there before that.
        gr.on(None, lambda: render_asks(self._library.questions()), None, self.asks, **quick)

    # Asking

    def _ask(self, question: str, chat_id: str, replacing: str, filters: dict[str, str]) -> Iterator[dict[Any, Any]]:
        if not question.strip():
            return
        chat_id = chat_id or new_id()
        narrowed = _filters(filters)
        shown_sources: object = None
        opening, drawn_at = True, 0.0
        for turn in self._chat.ask(chat_id, question.strip(), narrowed, replacing=replacing):
            if turn.tail and time.monotonic() - drawn_at < _DRAW_EVERY_SECONDS:
                continue
            drawn_at = time.monotonic()
            shown = {self.live: _live(chat_id, turn)}
            if opening:
                shown |= self._opened(chat_id)
                opening = False
            if (turn.cited, turn.found, turn.running) != shown_sources:
                shown_sources = turn.cited, turn.found, turn.running
                shown[self.panel] = render_panel(turn, "cited" if turn.cited or turn.running else "found")
            if turn.state == "done":
                shown |= self._buttons(running=False)
            yield shown
        yield {**self._buttons(running=False), self.chats: self._list(chat_id)}

    def _opened(self, chat_id: str) -> dict[Any, Any]:
        """What changes on the page when a question is sent."""
        kept = self._store.turns(chat_id)
        return {
            **self._buttons(running=True),
            self.box: "",
            self.thread: render_turns(kept, date.today()),
            self.chat_id: chat_id,
            self.replacing: "",
        }

    def _ask_this(self, event: gr.EventData, chat_id: str, filters: dict[str, str]) -> Iterator[dict[Any, Any]]:
        yield from self._ask(str(event._data["question"]), chat_id, "", filters)

    def _retry(self, event: gr.EventData, chat_id: str, filters: dict[str, str]) -> Iterator[dict[Any, Any]]:
        turn = self._store.turn(str(event._data["turn"]))
        if turn:
            yield from self._ask(turn.question, chat_id, turn.id, filters)

    def _stop(self, chat_id: str) -> dict[Any, Any]:
        shown = self._buttons(running=False)
        turn = self._chat.stop(chat_id)
        if turn:
            shown |= {self.live: _live(chat_id, turn), self.chats: self._list(chat_id)}
        return shown

    def _broke(self, chat_id: str) -> dict[Any, Any]:
        turn = self._chat.broke(chat_id)
        shown = self._buttons(running=False)
        return shown | {self.live: _live(chat_id, turn), self.chats: self._list(chat_id)} if turn else shown

    # Sources

    def _open_sources(self, event: gr.EventData) -> Markup:
        turn = self._store.turn(str(event._data["turn"]))
        return render_panel(turn, "cited" if turn and turn.cited else "found")

    def _open_source(self, event: gr.EventData) -> Markup:
        turn = self._chat.turn(str(event._data["turn"]))
        source = _source_of(turn, int(event._data["number"]), int(event._data.get("at", 0))) if turn else None
        if turn is None or source is None:
            return render_panel(turn, "cited")
        return render_panel(turn, "article", self._article(turn, source))

    def _article(self, turn: Turn, source: Source) -> Markup:
        article = self._library.article(source.article_id)
        if article is None:
            return render_missing_article(source)
        marks = marks_in(article, turn, source)
        moved = not any(mark.here for mark in marks)
        notice = "The article has changed since this answer; the sentence is no longer in it." if moved else ""
        return render_article(article, marks, notice=notice)

    # Conversations

    def _arrive(self, request: gr.Request) -> dict[Any, Any]:
        shown = self._show(str(request.query_params.get("c", "")))
        return shown | {self.filters: gr.HTML(options=filter_options(self._library.facts().outlets))}

    def _open_chat(self, event: gr.EventData) -> dict[Any, Any]:
        return self._show(str(event._data["chat"]))

    def _show(self, chat_id: str) -> dict[Any, Any]:
        """The page with a kept conversation, or with the first screen for a new one."""
        turns = self._store.turns(chat_id) if chat_id else ()
        last = turns[-1] if turns else None
        return {
            **self._buttons(running=False),
            self.box: "",
            self.thread: render_turns(turns[:-1], date.today()),
            self.live: _live(chat_id, last) if last else _root("", self._first_screen()),
            self.panel: render_panel(last, "cited"),
            self.chats: self._list(chat_id),
            self.chat_id: chat_id if turns else "",
            self.replacing: "",
        }

    def _first_screen(self) -> Markup:
        obstacle = self._library.obstacle()
        if obstacle:
            return render_state(obstacle.title, obstacle.words, obstacle.command)
        return render_welcome(self._library.facts(), self._library.model, rebuilding=self._library.is_being_rebuilt())

    def _rename_chat(self, event: gr.EventData, chat_id: str) -> Markup:
        self._store.rename(str(event._data["chat"]), str(event._data["title"]))
        return self._list(chat_id)

    def _delete_chat(self, event: gr.EventData, chat_id: str) -> dict[Any, Any]:
        gone = str(event._data["chat"])
        self._store.delete(gone)
        return self._show("") if gone == chat_id else {self.chats: self._list(chat_id)}

    def _edit(self, event: gr.EventData) -> dict[Any, Any]:
        turn = self._store.turn(str(event._data["turn"]))
        return {self.box: turn.question, self.replacing: turn.id} if turn else {self.replacing: ""}

    def _thumb(self, event: gr.EventData, chat_id: str) -> dict[Any, Any]:
        way: Thumb = "up" if event._data["way"] == "up" else "down"
        self._store.judge(str(event._data["turn"]), way, str(event._data.get("reason") or "")[:500])
        turns = self._store.turns(chat_id)
        return {self.thread: render_turns(turns[:-1], date.today()), self.live: _live(chat_id, turns[-1])}

    def _buttons(self, *, running: bool) -> dict[Any, Any]:
        """Stop stands where Ask stood while an answer runs."""
        return {self.send: gr.Button(visible=not running), self.stop: gr.Button(visible=running)}

    def _list(self, chat_id: str) -> Markup:
        return render_chats(self._store.titles(), chat_id)


def _plain(elem_id: str, value: str = "", js_on_load: str | None = None) -> Any:
    """HTML of our own in the page. The template inserts the value and never evaluates it."""
    return gr.HTML(value, js_on_load=js_on_load, apply_default_css=False, elem_id=elem_id)


def _live(chat_id: str, turn: Turn) -> Markup:
    taken_away = Markup() if turn.running else render_export(chat_id)
    return _root(chat_id, join([render_turn(turn, date.today()), taken_away]))


def _root(chat_id: str, body: Markup) -> Markup:
    """The newest turn or the first screen; the conversation's id goes into the address from here."""
    return tag("div", body, data_chat=chat_id, class_="fn-root")


def _source_of(turn: Turn, number: int, at: int) -> Source | None:
    """A turn's footnote by its number, or (number 0) one of the passages found by its rank."""
    if number:
        return next((source for source in turn.cited if source.number == number), None)
    return turn.found[at] if 0 <= at < len(turn.found) else None


def _filters(chosen: Mapping[str, str] | None) -> Filters:
    """What the reader set in the left column; what is no date is no filter."""
    values = chosen or {}
    return Filters(_day(values.get("since")), _day(values.get("until")), values.get("source") or None)


def _day(value: str | None) -> date | None:
    try:
        return date.fromisoformat((value or "")[:10])
    except ValueError:
        return None

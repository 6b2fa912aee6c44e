"""Questions and answers as HTML: the last step of the page's one-way flow, pure functions of `view.Turn`.

Nothing here knows gradio. Buttons carry ``data-act`` and what the act needs; ``page.js`` hands both to the server.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from assistant.answer import EXTRACTIVE, OWN_WORDS_NOTE
from assistant.ui.dates import long_date, short_date
from assistant.ui.export import answer_markdown
from assistant.ui.markup import Markup, join, tag
from assistant.ui.view import Line, Source, Turn

_MARK_WORDS = {"weak": "partly supported", "unsupported": "not supported"}
_STATE_WORDS = {"searching": "Searching the articles…", "writing": "Reading and checking…"}


def render_turns(turns: Iterable[Turn], today: date) -> Markup:
    """A conversation, oldest first."""
    return join(render_turn(turn, today) for turn in turns)


def render_turn(turn: Turn, today: date) -> Markup:
    """One question with its answer, in whatever state it is."""
    return tag(
        "article",
        tag("h2", turn.question, class_="fn-question", dir="auto"),
        _rewritten(turn),
        _status(turn),
        _body(turn, today),
        _below(turn),
        class_="fn-turn",
        id=f"turn-{turn.id}",
        data_turn=turn.id,
        data_state=turn.state,
        aria_label=f"Question: {turn.question[:120]}",
    )


def chip(source: Source, turn_id: str, today: date, *, full: bool) -> Markup:
    """A footnote: ``1 · Verge · 12 Mar`` where it is first used, ``1`` after that; the quote rides along, unseen."""
    words = [str(source.number), *(word for word in (source.outlet, short_date(source.published, today)) if word)]
    card = f"card-{turn_id}-{source.number}"
    return tag(
        "button",
        " · ".join(words) if full else words[0],
        type="button",
        class_="fn-chip",
        data_act="open_source",
        data_turn=turn_id,
        data_number=source.number,
        data_card=card,
        aria_label=f"Footnote {', '.join(words)}: open the passage",
        aria_describedby=card,
    )


def _rewritten(turn: Turn) -> str:
    if not turn.rewritten or turn.rewritten == turn.question:
        return Markup()
    return tag("p", tag("span", "Read as "), tag("q", turn.rewritten), class_="fn-rewritten", dir="auto")


def _status(turn: Turn) -> Markup:
    """What is going on, for the eye while it lasts and for a screen reader when it is over."""
    if turn.running:
        return tag("p", _STATE_WORDS[turn.state], class_="fn-status is-running", role="status")
    notes = len(turn.cited)
    done = f"Answer ready, {notes} footnote{'' if notes == 1 else 's'}." if turn.state == "done" else "Answer ended."
    return tag("p", done, class_="fn-status fn-unseen", role="status")


def _body(turn: Turn, today: date) -> Markup:
    if turn.state == "failed" and not turn.lines:
        return _callout("problem", "No answer this time", turn.problem)
    if turn.state == "done" and not turn.answered:
        return _nothing_found(turn)
    parts = [*_paragraphs(turn, today), _cards(turn)]
    if turn.state == "stopped":
        parts.append(tag("p", "Stopped here.", class_="fn-stopped"))
    if turn.state == "failed":
        parts.append(_callout("problem", "The answer broke off", turn.problem))
    return tag("div", *parts, class_="fn-answer", dir="auto")


def _paragraphs(turn: Turn, today: date) -> list[Markup]:
    sources = {source.number: source for source in turn.cited}
    seen: set[int] = set()
    paragraphs: list[list[Markup]] = [[]]
    for line in turn.lines:
        if line.opens and paragraphs[-1]:
            paragraphs.append([])
        words = _with_emphasis(line.text, turn.short_answer if line is turn.lines[0] else "")
        paragraphs[-1].append(_sentence(line, words, sources, seen, turn.id, today))
    if turn.tail:
        paragraphs[-1].append(tag("span", turn.tail, class_="fn-tail"))
    return [tag("p", join(paragraph, " ")) for paragraph in paragraphs if paragraph]


def _sentence(
    line: Line, words: Markup, sources: dict[int, Source], seen: set[int], turn_id: str, today: date
) -> Markup:
    parts = [tag("span", words, class_=f"fn-words is-{line.support}")]
    for number in line.citations:
        if number in sources:
            parts.append(chip(sources[number], turn_id, today, full=number not in seen))
            seen.add(number)
    if line.support in _MARK_WORDS:
        parts.append(_support_mark(line))
    return tag("span", join(parts, " "), class_="fn-sentence")


def _with_emphasis(words: str, short_answer: str) -> Markup:
    """The words of a sentence, with the short answer in bold where it stands in them."""
    before, found, after = words.partition(short_answer) if short_answer else (words, "", "")
    return join([before, tag("strong", found) if found else "", after])


def _support_mark(line: Line) -> Markup:
    words = _MARK_WORDS[line.support]
    return tag(
        "button",
        words,
        type="button",
        class_=f"fn-mark is-{line.support}",
        data_tip=line.reason,
        aria_label=f"{words}: {line.reason}",
    )


def _cards(turn: Turn) -> Markup:
    """The quotes behind the chips, read out by screen readers and shown by the hover card."""
    return tag("div", *(_card(source, turn.id) for source in turn.cited), class_="fn-cards", hidden=True)


def _card(source: Source, turn_id: str) -> Markup:
    origin = " · ".join(word for word in (source.outlet, long_date(source.published) or "undated") if word)
    return tag(
        "div",
        tag("p", source.quote, class_="fn-quote", dir="auto"),
        tag("p", source.title, class_="fn-card-title", dir="auto"),
        tag("p", origin, class_="fn-card-origin"),
        id=f"card-{turn_id}-{source.number}",
    )


def _nothing_found(turn: Turn) -> Markup:
    side = f"More of what is near is at the side: {len(turn.found)} passages." if turn.found else ""
    advice = "Try other words, or widen the dates and outlets."
    words = " ".join(part for part in (turn.nearest, side, advice) if part)
    return _callout("empty", "Nothing in the articles answers this", words)


def _callout(kind: str, title: str, words: str) -> Markup:
    return tag("div", tag("p", title, class_="fn-callout-title"), tag("p", words), class_=f"fn-callout is-{kind}")


def _below(turn: Turn) -> Markup:
    if turn.running:
        return Markup()
    return tag("div", _notes(turn.notes), _meta(turn), _actions(turn), _follow_ups(turn), class_="fn-below")


def _notes(notes: Sequence[str]) -> Markup:
    notes = [note for note in notes if note != OWN_WORDS_NOTE]  # the line below the answer says it already
    if not notes:
        return Markup()
    return tag("ul", *(tag("li", note, dir="auto") for note in notes), class_="fn-notes", aria_label="Notes")


def _meta(turn: Turn) -> Markup:
    words = []
    if turn.as_of:
        words.append(f"As of {long_date(turn.as_of)}")
    if turn.lines:
        words.append("in the articles’ own words" if turn.model == EXTRACTIVE else f"written by {turn.model}")
    if turn.seconds:
        words.append(f"{turn.seconds:.1f} s" if turn.seconds >= 0.1 else "under 0.1 s")
    return tag("p", " · ".join(word for word in words if word), class_="fn-meta")


def _actions(turn: Turn) -> Markup:
    buttons = []
    if turn.lines:
        copied = answer_markdown(turn)
        buttons.append(_button("Copy", "copy", turn, data_copy=copied, title="Copy with footnotes, as Markdown"))
    buttons += [_button("Retry", "retry", turn), _button("Edit", "edit", turn, aria_label="Edit the question")]
    if turn.found or turn.cited:
        buttons.append(_button("Sources", "open_sources", turn))
    if turn.lines:
        buttons += [_thumb(turn, "up", "Good answer"), _thumb(turn, "down", "Bad answer")]
    return tag("div", *buttons, class_="fn-actions", role="group", aria_label="This answer")


def _thumb(turn: Turn, way: str, label: str) -> Markup:
    sign = tag("span", class_=f"fn-icon is-thumb-{way}", aria_hidden="true")
    pressed = "true" if turn.thumb == way else "false"
    return _button(sign, "thumb", turn, data_way=way, aria_label=label, title=label, aria_pressed=pressed)


def _button(label: str, act: str, turn: Turn, **attributes: str) -> Markup:
    return tag("button", label, type="button", class_="fn-action", data_act=act, data_turn=turn.id, **attributes)


def _follow_ups(turn: Turn) -> Markup:
    if not turn.follow_ups:
        return Markup()
    return tag(
        "div",
        tag("p", "The articles also answer", class_="fn-label"),
        *(question_button(question) for question in turn.follow_ups),
        class_="fn-follow-ups",
    )


def question_button(question: str) -> Markup:
    """A question that is asked when it is clicked."""
    return tag(
        "button", question, type="button", class_="fn-ask", data_act="ask_this", data_question=question, dir="auto"
    )

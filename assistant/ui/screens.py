"""The rest of the page as HTML: its head, the first screen, the list of conversations, the states without an index."""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer import EXTRACTIVE
from assistant.ui.dates import long_date
from assistant.ui.markup import Markup, join, tag
from assistant.ui.render import question_button

EXPORTS = "/footnote-exports"
"""Where conversations can be fetched as files."""


@dataclass(frozen=True, slots=True)
class CorpusFacts:
    """What the corpus holds. oldest, newest: ISO dates, empty when no article is dated."""

    articles: int
    passages: int
    outlets: tuple[str, ...]
    oldest: str
    newest: str


@dataclass(frozen=True, slots=True)
class ChatTitle:
    """A conversation in the list. updated: ISO 8601."""

    id: str
    title: str
    updated: str


def render_head(here: str) -> Markup:
    """The bar at the top; ``here`` is the page being shown, ``chat`` or ``corpus``."""
    pages = (("chat", "Chat", "/"), ("corpus", "Corpus", "/corpus"))
    links = [tag("a", name, href=path, aria_current="page" if key == here else None) for key, name, path in pages]
    return tag(
        "header",
        tag("a", "Footnote", tag("sup", "1", aria_hidden="true"), href="/", class_="fn-brand"),
        tag("nav", *links, aria_label="Pages"),
        tag(
            "div",
            _toggle("menu", "Conversations and filters", "fn-menu-toggle") if here == "chat" else Markup(),
            _toggle("theme", "Light or dark", "fn-theme-toggle"),
            class_="fn-head-tools",
        ),
        class_="fn-head",
    )


def render_welcome(facts: CorpusFacts, model: str, *, rebuilding: bool = False) -> Markup:
    """The first screen: what the corpus holds, and how answers are made."""
    notice = "The index is being rebuilt. Until that is done, answers come from the one before."
    return tag(
        "section",
        tag("h1", "Ask the articles"),
        tag("p", _holdings(facts), class_="fn-holdings"),
        tag("p", _how_made(model), class_="fn-how"),
        tag("p", notice, class_="fn-notice", role="status") if rebuilding else Markup(),
        class_="fn-welcome",
        aria_label="Welcome",
    )


def render_asks(questions: Sequence[str]) -> Markup:
    """Questions that the articles can answer, below the first screen."""
    if not questions:
        return Markup()
    asks = (question_button(question) for question in questions)
    return tag("div", tag("p", "For example", class_="fn-label"), *asks, class_="fn-asks")


def render_state(title: str, words: str, command: str = "") -> Markup:
    """A designed full stop: what is the case, what to do next, and the command that does it."""
    return tag(
        "section",
        tag("h1", title),
        tag("p", words, class_="fn-holdings"),
        tag("pre", tag("code", command), tabindex=0) if command else Markup(),
        class_="fn-welcome is-state",
        role="status",
    )


def render_export(chat_id: str) -> Markup:
    """Links that take the conversation away as a file."""
    files = ((f"{EXPORTS}/{chat_id}.{suffix}", name) for suffix, name in (("md", "Markdown"), ("json", "JSON")))
    links = [tag("a", name, href=path, download=True) for path, name in files]
    return tag("p", "Export this conversation: ", links[0], " · ", links[1], class_="fn-export")


def render_chats(chats: Sequence[ChatTitle], current: str) -> Markup:
    """The conversations, newest first, with what can be done to each."""
    if not chats:
        return tag("p", "Conversations are kept here.", class_="fn-hint")
    return tag(
        "ul", *(_chat(chat, chat.id == current) for chat in chats), class_="fn-chats", aria_label="Conversations"
    )


def render_filters() -> Markup:
    """The filters' form. ``${options}`` is gradio's mark for the property of that name, `filter_options`."""
    return tag(
        "div",
        tag("label", "Outlet", tag("select", Markup("${options}"), name="source")),
        tag("label", "From", tag("input", type="date", name="since")),
        tag("label", "To", tag("input", type="date", name="until")),
        class_="fn-filters",
        role="group",
        aria_label="Filters",
    )


def filter_options(outlets: Sequence[str]) -> Markup:
    """The outlets to choose from."""
    return join([tag("option", "All outlets", value=""), *(tag("option", name, value=name) for name in outlets)])


def _chat(chat: ChatTitle, current: bool) -> Markup:
    return tag(
        "li",
        tag(
            "button",
            chat.title,
            type="button",
            class_="fn-chat-open",
            data_act="open_chat",
            data_chat=chat.id,
            aria_current="true" if current else None,
            dir="auto",
        ),
        _chat_tool("rename_chat", "Rename", chat),
        _chat_tool("delete_chat", "Delete", chat),
        data_current=current,
    )


def _chat_tool(act: str, label: str, chat: ChatTitle) -> Markup:
    return tag(
        "button",
        tag("span", class_=f"fn-icon is-{act.partition('_')[0]}", aria_hidden="true"),
        type="button",
        class_="fn-chat-tool",
        data_act=act,
        data_chat=chat.id,
        data_title=chat.title,
        aria_label=f"{label} “{chat.title}”",
        title=label,
    )


def _toggle(what: str, label: str, class_name: str) -> Markup:
    sign = tag("span", class_=f"fn-icon is-{what}", aria_hidden="true")
    return tag(
        "button", sign, type="button", class_=f"fn-tool {class_name}", data_toggle=what, aria_label=label, title=label
    )


def _holdings(facts: CorpusFacts) -> str:
    articles = f"{facts.articles:,} article{'' if facts.articles == 1 else 's'}"
    outlets = f" from {len(facts.outlets)} outlet{'' if len(facts.outlets) == 1 else 's'}" if facts.outlets else ""
    if not facts.oldest:
        return f"{articles}{outlets}."
    days = dict.fromkeys((long_date(facts.oldest), long_date(facts.newest)))
    return f"{articles}{outlets}, {' to '.join(days)}."


def _how_made(model: str) -> str:
    if model == EXTRACTIVE:
        return "Answers are the articles’ own sentences, each with its footnote. Nothing leaves this machine."
    return f"Answers are written by {model} from the passages found; every sentence is checked against its footnotes."

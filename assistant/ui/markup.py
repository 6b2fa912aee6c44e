"""HTML that is safe by construction: whatever is not `Markup` is text, and text is escaped.

Titles, file names, questions, articles and the words of a model all reach the page through `tag`, so none of them can
become an element, an attribute or a script.
"""

import html
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_VOID = frozenset({"input", "br", "hr", "img"})


class Markup(str):
    """HTML made by this module. Only `tag` and `join` should make it."""

    __slots__ = ()


def text(value: str) -> Markup:
    """``value`` as HTML text: escaped, without control characters, lone surrogates or direction overrides."""
    return Markup(html.escape(_UNPRINTABLE.sub("", value), quote=True))


def join(parts: Iterable[str], separator: str = "") -> Markup:
    """The parts one after another; those that are not `Markup` are escaped."""
    return Markup(text(separator).join(_safe(part) for part in parts))


def tag(name: str, /, *children: str, **attributes: str | int | bool | None) -> Markup:
    """The element ``name``. Trailing underscores go and others become hyphens: ``class_``, ``data_turn``.

    An attribute that is None or False is left out; True stands without a value.
    """
    pairs = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{name}{pairs}>")
    return Markup(f"<{name}{pairs}>{join(children)}</{name}>")


def outside_link(label: str, url: str, **attributes: str) -> Markup:
    """A link that leaves the program, or the bare label where ``url`` is not a plain http(s) address."""
    if not is_web_address(url):
        return tag("span", label, **attributes)
    return tag("a", label, href=url, target="_blank", rel="noopener noreferrer", **attributes)


def is_web_address(url: str) -> bool:
    """Whether ``url`` is an absolute http or https address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _safe(part: str) -> str:
    return part if isinstance(part, Markup) else text(part)


def _attribute(key: str, value: str | int | bool | None) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{text(str(value))}"'

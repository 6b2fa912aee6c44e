"""An HTML tree as a flat list of blocks: paragraphs, headings, list items, quotes, table rows, code.

Place in the flow: HTML reader -> **blocks_of** -> html_body (which blocks are the article) -> text. Each block
remembers what the page says about it: how much of it is links, which elements it stands in, which of those look like
furniture.
"""

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_BLOCK_TAGS = frozenset(
    """address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section summary table tbody td
    tfoot th thead tr ul""".split()
)
_NEVER_TEXT = frozenset(
    """script style noscript template svg math head title meta link iframe object embed video audio canvas map select
    option textarea input button datalist progress meter""".split()
)
_KINDS = {
    **{f"h{level}": "heading" for level in range(1, 7)},
    "li": "item", "dd": "item", "blockquote": "quote", "pre": "code", "figcaption": "caption",
    "caption": "caption",
}  # fmt: skip
# Elements that hold no article text by their meaning, and their counterparts among ARIA roles.
_FURNITURE_TAGS = frozenset(("nav", "footer", "aside", "form", "dialog", "menu", "figcaption"))
_FURNITURE_ROLES = frozenset(
    """navigation complementary banner contentinfo dialog alertdialog search menu menubar toolbar
    tablist form""".split()
)
# Their classes speak of the whole page ("with-sidebar"), not of what they hold.
_PAGE_TAGS = frozenset(("html", "body", "main", "article"))
# Words that page builders put into class and id for what surrounds an article. Matched as whole parts of a name
# ("share-bar", "ShareBar", "share_bar"), so that "shareholders" is none.
_FURNITURE_WORDS = frozenset(
    """ad ads advert advertisement advertising banner bio breadcrumb breadcrumbs byline caption captions comment
    comments consent cookie cookies credit credits disqus donate footer gdpr hidden jobs login menu meta
    metadata modal morefrom nav navbar navigation newsletter newsletters outbrain overlay pager pagination
    paywall popular popup popover promo promos promotion rating recirc recirculation recommend recommendation
    recommendations recommended related relatedlinks relatedposts respond share sharebar sharedaddy sharing
    sidebar signup social socials sponsor sponsored subscribe subscription subscriptions taboola tag tags
    taglist taxonomy teaser teasers toolbar tooltip trending widget widgets zergnet""".split()
)
_FURNITURE_PAIRS = frozenset(
    """readmore seealso readnext mostread mostpopular authorbio authorbox authorinfo aboutauthor aboutthe printonly
    screenreader sronly visuallyhidden alsoread upnext latestnews morestories morenews topstories youmay""".split()
)
_NAME_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_WHITE = re.compile(r"[ \t\n\r\f\xa0]+")
_WHITE_IN_LINE = re.compile(r"[ \t\r\f\xa0]+")
_BLANK_LINES = re.compile(r"\n{2,}")
_MAX_DEPTH = 200  # elements: deeper ones are given up, real pages stay below 60


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a page. link_share: 0 to 1, how much of its text is inside links. inside: its elements, outermost
    first. furniture: those of them that look like page furniture.
    """

    kind: str
    text: str
    link_share: float
    inside: "tuple[HtmlElement, ...]" = field(repr=False)
    furniture: "tuple[HtmlElement, ...]" = field(repr=False)


def blocks_of(root: "HtmlElement") -> list[Block]:
    """The blocks of a tree in document order. Hidden elements, scripts and controls give none."""
    walk = _Walk()
    top = _Place()
    walk.enter(root, top)
    walk.flush(top)
    return walk.blocks


def looks_like_furniture(element: "HtmlElement") -> bool:
    """Whether an element's tag, role, class or id says that it surrounds the article."""
    if element.tag in _PAGE_TAGS:
        return False
    if element.tag in _FURNITURE_TAGS or (element.get("role") or "").lower() in _FURNITURE_ROLES:
        return True
    return any(
        _names_furniture(name) for attribute in ("class", "id") for name in (element.get(attribute) or "").split()[:12]
    )


def _names_furniture(name: str) -> bool:
    """Whether a class or id names furniture, as a whole part or as two parts in a row."""
    parts = [part.lower() for part in _NAME_PARTS.findall(name[:100])]
    if not _FURNITURE_WORDS.isdisjoint(parts):
        return True
    return any(first + second in _FURNITURE_PAIRS for first, second in pairwise(parts))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk stands: the block elements around it, those that look like furniture, and the kind of block."""

    kind: str = "p"
    inside: "tuple[HtmlElement, ...]" = ()
    furniture: "tuple[HtmlElement, ...]" = ()
    depth: int = 0

    def within(self, element: "HtmlElement", *, is_block: bool) -> "_Place":
        """The place inside an element."""
        furniture = (is_block or element.get("class")) and looks_like_furniture(element)
        return _Place(
            kind=self.kind if _holds_paragraphs(element) else _KINDS.get(element.tag, self.kind),
            inside=(*self.inside, element) if is_block or furniture else self.inside,
            furniture=(*self.furniture, element) if furniture else self.furniture,
            depth=self.depth + 1,
        )


@dataclass(slots=True)
class _Walk:
    """The walk over a tree: inline text is gathered until a block element begins or ends."""

    blocks: list[Block] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    link_chars: int = 0
    in_link: int = 0

    def enter(self, element: "HtmlElement", place: _Place) -> None:
        """Adds the blocks of an element and of what is in it."""
        tag = element.tag
        if not isinstance(tag, str) or tag in _NEVER_TEXT or place.depth > _MAX_DEPTH or _is_hidden(element):
            return
        if tag == "br":
            self.pieces.append("\n")
        elif tag == "table" and is_data_table(element):
            self.flush(place)
            self._rows(element, place.within(element, is_block=True))
        elif tag != "span" or not _is_popup(element):
            self._inside(element, place)

    def _inside(self, element: "HtmlElement", place: _Place) -> None:
        """Adds the text and the children of an element; a block element ends the open block before and after."""
        is_block = element.tag in _BLOCK_TAGS or (element.tag == "span" and _is_captioning(element))
        is_link = element.tag == "a" and not (element.get("href") or "#").startswith("#")
        inner = place.within(element, is_block=is_block)
        if is_block:
            self.flush(place)
        self.in_link += is_link
        self._text(element.text, inner)
        for child in element:
            self.enter(child, inner)
            self._text(child.tail, inner)
        self.in_link -= is_link
        if is_block:
            self.flush(inner)

    def flush(self, place: _Place) -> None:
        """Ends the open block: two line breaks in it make two blocks."""
        text, self.pieces = "".join(self.pieces), []
        link_chars, self.link_chars = self.link_chars, 0
        if not text or text.isspace():
            return
        parts = [text.strip("\n")] if place.kind == "code" else _paragraphs(text)
        total = sum(map(len, parts))
        for part in parts:
            self.blocks.append(Block(place.kind, part, min(1.0, link_chars / total), place.inside, place.furniture))

    def _text(self, text: str | None, place: _Place) -> None:
        """Adds inline text, its own line breaks being mere spaces outside code."""
        if not text:
            return
        flat = text if place.kind == "code" else _WHITE.sub(" ", text)
        self.pieces.append(flat)
        if self.in_link:
            self.link_chars += len(flat.strip())

    def _rows(self, table: "HtmlElement", place: _Place) -> None:
        """Adds a data table, a block for each row, its cells apart by a bar."""
        for row in table.iter("tr"):
            cells = [_WHITE.sub(" ", cell.text_content()).strip() for cell in row if cell.tag in ("td", "th")]
            linked = sum(len(link.text_content()) for link in row.iter("a"))
            text = " | ".join(cell for cell in cells if cell)
            if text:
                self.blocks.append(Block("row", text, min(1.0, linked / len(text)), place.inside, place.furniture))


def _paragraphs(text: str) -> list[str]:
    """The paragraphs of inline text in which line breaks stand for themselves; empty ones left out."""
    lines = [_WHITE_IN_LINE.sub(" ", line).strip() for line in text.split("\n")]
    return [part for part in (part.strip("\n") for part in _BLANK_LINES.split("\n".join(lines))) if part]


def _holds_paragraphs(element: "HtmlElement") -> bool:
    """Whether a list item is really a container: some pages lay out whole articles as the items of a list."""
    return element.tag in ("li", "dd") and sum(child.tag == "p" for child in element) > 1


def is_data_table(table: "HtmlElement") -> bool:
    """Whether a table holds data rather than the layout of a page: short cells, several of them in several rows."""
    rows = list(table.iter("tr"))
    cells = [cell for row in rows for cell in row if cell.tag in ("td", "th")]
    if len(rows) < 2 or len(cells) < 2 * len(rows) - 2 or next(table.iterdescendants("table"), None) is not None:
        return False
    lengths = [len(cell.text_content()) for cell in cells]
    return sum(lengths) < 120 * len(cells) and max(lengths) < 600


def _is_captioning(element: "HtmlElement") -> bool:
    """Whether an inline element is really the caption of a picture, a block of its own."""
    return any(word in (element.get("class") or "").lower() for word in ("caption", "credit"))


def _is_popup(element: "HtmlElement") -> bool:
    """Whether an inline element is shown only when the reader points at something."""
    name = (element.get("class") or "").lower()
    return (
        any(word in name for word in ("rollover", "popover", "popup", "tooltip", "hovercard", "flyout"))
        and len(element) > 0
    )


def _is_hidden(element: "HtmlElement") -> bool:
    """Whether a browser would not show the element."""
    attributes = element.attrib
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    style = attributes.get("style")
    return bool(style) and _HIDDEN_STYLE.search(style) is not None

"""Markdown to the plain text a reader would see: the marks go, what they mark stays, code keeps its lines.

Place in the flow: markdown reader -> **markdown_blocks** -> the article's paragraphs. A line-based reading of
CommonMark with tables and footnotes: about ten times as fast as a full parser, which matters for thousands of files.
Every pattern is linear, or bounded, in the length of a line.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}(#{1,6})(?=[ \t]|$)")
_QUOTE = re.compile(r" {0,3}>[ \t]?")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|(\d{1,9})[.)])[ \t]+(?=\S)")
_TASK = re.compile(r"\[[ xX]\][ \t]+")
_DEFINITION = re.compile(r" {0,3}\[[^\]^\n][^\]\n]{0,200}\]:[ \t]*\S+")

# An escaped sign, a code span, or a character that would be taken for a place holder: none counts inside another.
_LITERAL = re.compile(r"\\([!-/:-@\[-`{-~])|(?<!`)(`{1,3})(?!`)([^`\n]+)\2(?!`)|([\ue000\ue001])")
_TARGET = r"(?:\([^()\n]{0,1000}(?:\([^()\n]{0,200}\)[^()\n]{0,200})?\)|\[[^\]\n]{0,200}\])"
_IMAGE = re.compile(r"!\[[^\[\]\n]{0,1000}\]" + _TARGET)
_LINK = re.compile(r"\[([^\[\]\n]{0,1000})\]" + _TARGET)
_FOOTNOTE = re.compile(r"\[\^[^\]\s]{1,50}\]:?")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^<>\s]{1,1000})>")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,500}>")
_STARRED = re.compile(r"(?<!\*)(\*{1,3})(?=[^\s*])([^*\n]{0,2000}[^\s*])\1(?!\*)")
_UNDERSCORED = re.compile(r"(?<!\w)(_{1,3})(?=[^\s_])([^_\n]{0,2000}[^\s_])\1(?!\w)")
_STRUCK = re.compile(r"~~(?=\S)([^~\n]{1,2000})~~")
# Private-use characters hold the place of what is literal while the marks around it are taken off.
_HELD = re.compile("\ue000([0-9]{1,6})\ue001")
_MARKS = frozenset("`[]<>*_~\\&!")


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the document as plain text. heading: its level, 0 for none. listed: it is a list."""

    text: str
    heading: int = 0
    listed: bool = False


def markdown_blocks(body: str) -> list[Block]:
    """The blocks of a Markdown text in order: paragraphs, headings, lists, quotes, tables, code."""
    parser = _Blocks(_without_comments(body).split("\n"))
    return parser.parse()


@dataclass(slots=True)
class _Blocks:
    """The lines of a document, and the block that is being gathered from them."""

    lines: list[str]
    at: int = 0
    blocks: list[Block] = field(default_factory=list)
    open_lines: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)

    def parse(self) -> list[Block]:
        """Every block, in order. Each step takes at least one line."""
        steps: tuple[Callable[[str], bool], ...] = (
            self._fence, self._blank, self._heading, self._underline,
            self._rule, self._table, self._item, self._definition,
        )  # fmt: skip
        while self.at < len(self.lines):
            line = _without_quote(self.lines[self.at])
            if not any(step(line) for step in steps):
                self._text(line)
            self.at += 1
        self._close_paragraph()
        self._close_list()
        return self.blocks

    def _fence(self, line: str) -> bool:
        """Takes a fenced code block whole, to its closing fence or the end of the document."""
        opening = _FENCE.match(line)
        if opening is None:
            return False
        self._close()
        quoted = line != self.lines[self.at]
        code = []
        while self.at + 1 < len(self.lines):
            self.at += 1
            inner = _without_quote(self.lines[self.at]) if quoted else self.lines[self.at]
            closing = _FENCE.match(inner)
            if closing and closing[1].startswith(opening[1]) and not inner[closing.end() :].strip():
                break
            code.append(inner)
        self._add("\n".join(code).strip("\n"))
        return True

    def _blank(self, line: str) -> bool:
        """Ends the paragraph at an empty line; a list may go on after it."""
        if line.strip():
            return False
        self._close_paragraph()
        return True

    def _heading(self, line: str) -> bool:
        """Takes an ATX heading."""
        marks = _HEADING.match(line)
        if marks is None:
            return False
        self._close()
        content = line[marks.end() :].strip()
        bare = content.rstrip("#")
        self._add(plain_inline(bare if not bare or bare[-1] in " \t" else content), heading=len(marks[1]))
        return True

    def _underline(self, line: str) -> bool:
        """Turns an open one-line paragraph into a heading at a line of ``=`` or ``-``."""
        mark = line.strip()
        if len(self.open_lines) != 1 or self.items or len(set(mark)) != 1 or mark[0] not in "=-" or len(mark) < 2:
            return False
        content = self.open_lines.pop()
        self._add(plain_inline(content.strip()), heading=1 if mark[0] == "=" else 2)
        return True

    def _rule(self, line: str) -> bool:
        """Ends everything at a thematic break, which leaves no text."""
        marks = line.replace(" ", "").replace("\t", "")
        if len(marks) < 3 or len(set(marks)) != 1 or marks[0] not in "-*_":
            return False
        self._close()
        return True

    def _table(self, line: str) -> bool:
        """Takes a table whole: one line for each row, its cells apart by a bar."""
        following = self.lines[self.at + 1] if self.at + 1 < len(self.lines) else ""
        if "|" not in line or self.open_lines or not _is_table_rule(_without_quote(following)):
            return False
        self._close()
        rows = [line]
        self.at += 1
        while self.at + 1 < len(self.lines) and "|" in self.lines[self.at + 1]:
            self.at += 1
            rows.append(_without_quote(self.lines[self.at]))
        self._add("\n".join(_row(row) for row in rows))
        return True

    def _item(self, line: str) -> bool:
        """Opens a list item. Inside a paragraph only a bullet, or the number 1, begins a list."""
        mark = _ITEM.match(line)
        if mark is None or (self.open_lines and not self.items and mark[1] not in (None, "1")):
            return False
        if self.items:
            self._close_item()
        else:
            self._close_paragraph()
        content = line[mark.end() :]
        task = _TASK.match(content)
        self.items.append(f"{mark[1]}. " if mark[1] else "- ")
        self.open_lines = [content[task.end() :] if task else content]
        return True

    def _definition(self, line: str) -> bool:
        """Leaves out the definition of a link, which a reader never sees."""
        return not self.open_lines and _DEFINITION.match(line) is not None

    def _text(self, line: str) -> None:
        """Adds a line to the open paragraph or item; an unindented one after a blank line ends the list."""
        if self.items and not self.open_lines and not line.startswith(("  ", "\t")):
            self._close_list()
        self.open_lines.append(line)

    def _add(self, text: str, *, heading: int = 0, listed: bool = False) -> None:
        """Adds a block, unless it is empty; an ideographic space (U+3000) that is spelt out is text."""
        if text.strip(" \t\n"):
            self.blocks.append(Block(text, heading, listed))

    def _close(self) -> None:
        """Ends the paragraph and the list."""
        self._close_paragraph()
        self._close_list()

    def _close_paragraph(self) -> None:
        """Ends the open paragraph; inside a list its text belongs to the item."""
        if self.items:
            self._close_item()
        elif self.open_lines:
            self._add(_paragraph(self.open_lines))
        self.open_lines = []

    def _close_item(self) -> None:
        """Adds the open lines to the last item of the list."""
        if self.open_lines:
            text = _paragraph(self.open_lines)
            self.items[-1] += text if self.items[-1] in ("- ",) or self.items[-1].endswith(". ") else f" {text}"
            self.open_lines = []

    def _close_list(self) -> None:
        """Ends the list and adds it as one block, a line for each item."""
        self._close_item()
        self._add("\n".join(item for item in self.items if item.strip("- ")), listed=True)
        self.items = []


def plain_inline(text: str) -> str:
    """A line of Markdown as a reader sees it: links by their text, no images, no emphasis marks, no tags."""
    if _MARKS.isdisjoint(text):
        return text
    held: list[str] = []
    if "`" in text or "\\" in text:
        text = _LITERAL.sub(lambda literal: _hold(literal, held), text)
    if "[" in text:
        text = _LINK.sub(_first_group, _FOOTNOTE.sub("", _IMAGE.sub("", text)))
    if "<" in text:
        text = _TAG.sub("", _AUTOLINK.sub(_first_group, text))
    if "*" in text:
        text = _STARRED.sub(_second_group, _STARRED.sub(_second_group, text))
    if "_" in text:
        text = _UNDERSCORED.sub(_second_group, text)
    if "~~" in text:
        text = _STRUCK.sub(_first_group, text)
    if "&" in text:
        text = html.unescape(text)
    return _HELD.sub(lambda place: held[int(place[1])], text) if held else text


def _first_group(match: re.Match[str]) -> str:
    """The first group of a match."""
    return match[1]


def _second_group(match: re.Match[str]) -> str:
    """The second group of a match."""
    return match[2]


def _hold(literal: re.Match[str], held: list[str]) -> str:
    """A place holder for literal text, which is put aside."""
    held.append(literal[1] or literal[4] or literal[3].strip() or literal[3])
    return f"\ue000{len(held) - 1}\ue001"


def _paragraph(lines: list[str]) -> str:
    """Lines of one paragraph as one line; two spaces or a backslash at a line's end break it."""
    joined = ""
    for line in lines:
        hard = line.endswith(("  ", "\\"))
        joined += line.strip().removesuffix("\\") + ("\n" if hard else " ")
    return "\n".join(plain_inline(line.strip()) for line in joined.strip().split("\n"))


def _without_quote(line: str) -> str:
    """The line without the marks of the quotes it stands in."""
    while mark := _QUOTE.match(line):
        line = line[mark.end() :]
    return line


def _is_table_rule(line: str) -> bool:
    """Whether the line is the rule under a table's head."""
    return "-" in line and "|" in line and set(line) <= frozenset("|:- \t")


def _row(line: str) -> str:
    """A table row as its cells, a bar between them."""
    cells = line.strip().removeprefix("|").removesuffix("|").split("|")
    return " | ".join(plain_inline(cell.strip()) for cell in cells)


def _without_comments(text: str) -> str:
    """The text without HTML comments; one that is never closed stays."""
    pieces, start = [], 0
    while (opening := text.find("<!--", start)) >= 0 and (closing := text.find("-->", opening + 4)) >= 0:
        pieces.append(text[start:opening])
        start = closing + 3
    return "".join(pieces) + text[start:]

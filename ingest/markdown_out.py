"""Plain text as Markdown that reads back as exactly the same text, with as few marks as that takes.

Place in the flow: Article -> **markdown_of** -> the body of a saved file -> markdown reader -> the same Article.
"""

import re
from collections.abc import Callable, Iterator

from ingest.readers.markdown_text import markdown_blocks

_INLINE = re.compile(r"[\\`*_~\[\]]")
_ENTITY = re.compile(r"&(?=#?\w)")
_EDGES = re.compile(r"^[^\S\n]+|[^\S\n]+$|[ \t]{2,}", re.MULTILINE)
_OPENING = re.compile(r"^([-+#>=|]|\d{1,9}(?=[.)]))", re.MULTILINE)
_ITEM = re.compile(r"(?:- |\d{1,9}\. )(?=\S)")
_INDENTED = re.compile(r"^[ \t]", re.MULTILINE)
_TICKS = re.compile(r"`{3,}")


def markdown_of(text: str) -> str:
    """The text of an article as Markdown: ``markdown_blocks`` of it, a blank line apart, give the text again.

    text: as an article has it: paragraphs one blank line apart, no white space at either end.
    """
    written: list[str] = []
    before = ""
    for paragraph in text.split("\n\n"):
        before = _written(paragraph, before)
        written.append(before)
    return "\n\n".join(written)


def _written(paragraph: str, before: str) -> str:
    """The paragraph in the plainest form that reads back as it is, also after the block that stands before it.

    What a block becomes depends on whether a list is still open before it, so the last block is all there is to try.
    """
    alone = _read(before)
    for form in _FORMS:
        written = form(paragraph)
        if not written or "<!--" in written:  # what would open a comment could close in any later paragraph
            continue
        if _read(written) == paragraph and _read(f"{before}\n\n{written}") == _joined(alone, paragraph):
            return written
    return _escaped_lines(paragraph)


def _read(written: str) -> str:
    """The text that a reader gets."""
    return "\n\n".join(block.text for block in markdown_blocks(written) if not block.heading)


def _joined(before: str, after: str) -> str:
    """Two stretches of text as one."""
    return f"{before}\n\n{after}" if before else after


def _as_it_is(paragraph: str) -> str:
    """The paragraph itself: running text, or a list."""
    return paragraph


def _broken(paragraph: str) -> str:
    """The paragraph with its line breaks kept."""
    return paragraph.replace("\n", "\\\n")


def _table(paragraph: str) -> str:
    """A table with a rule under its head; empty when the lines are no rows of one width."""
    rows = [line.split(" | ") for line in paragraph.split("\n")]
    width = len(rows[0])
    if width < 2 or len(rows) < 2 or any(len(row) != width for row in rows):
        return ""
    lines = [f"| {' | '.join(map(escaped, row))} |" for row in rows]
    return "\n".join((lines[0], "|" + " --- |" * width, *lines[1:]))


def _escaped_list(paragraph: str) -> str:
    """A list whose items have their marks escaped; empty when a line is no item."""
    return "\n".join(_escaped_items(paragraph.split("\n")))


def _escaped_items(lines: list[str]) -> Iterator[str]:
    """Each line with its mark as it is and the rest escaped; nothing when one has no mark."""
    marks = [_ITEM.match(line) for line in lines]
    for line, mark in zip(lines, marks, strict=True):
        if all(marks) and mark:
            yield mark[0] + escaped(line[mark.end() :])


def _escaped_lines(paragraph: str) -> str:
    """The paragraph with every sign escaped that could be taken for a mark, its line breaks kept: always exact."""
    return _broken(_OPENING.sub(_escaped_opening, escaped(paragraph)))


def _escaped_opening(match: re.Match[str]) -> str:
    """The sign that would open a block, escaped: a number keeps its digits, its full stop is escaped elsewhere."""
    return f"&#{ord(match[0][0])};{match[0][1:]}" if match[0][0].isdigit() else f"\\{match[0]}"


def escaped(text: str) -> str:
    """The text with every inline mark escaped, and white space that a reader would drop written as a number."""
    marked = _INLINE.sub(r"\\\g<0>", _ENTITY.sub("&amp;", text)).replace("<", "&lt;")
    return _EDGES.sub(lambda spaces: "".join(f"&#{ord(space)};" for space in spaces[0]), marked)


def _code(paragraph: str) -> str:
    """Indented lines between fences longer than any in them, kept to the letter; empty when none is indented."""
    if not _INDENTED.search(paragraph):
        return ""
    fence = "`" * max([3, *(len(ticks) + 1 for ticks in _TICKS.findall(paragraph))])
    return f"{fence}\n{paragraph}\n{fence}"


_FORMS: tuple[Callable[[str], str], ...] = (_as_it_is, _table, _escaped_list, _code, _broken)

"""The lines of a PDF's pages with their places, and the order in which a person reads them.

Place in the flow: PDF reader -> **pages_of**, **in_reading_order** -> paragraphs. The only module that imports
pypdfium2. Places are in points from the lower left corner, as PDF has them.
"""

import ctypes
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from ingest.clean import one_line
from ingest.errors import ReadError

MAX_PAGES = 5000
_LOCK = threading.Lock()  # PDFium is not safe to call from two threads
_HYPHENS = "\ufffe\x02"  # how PDFium marks a hyphen at the end of a line; no line break follows it
_LINE_ENDS = "\r\n" + _HYPHENS
_MIN_COLUMN_LINES = 4
_MAX_CROSSING = 0.25  # of the lines may cross a gutter (headlines, wide tables); single-column pages have above 0.8


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text and its box. column_left, column_right: the sides of the column it stands in."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    page: int
    column_left: float = 0.0
    column_right: float = 0.0

    @property
    def height(self) -> float:
        """The height of the line's letters, in points."""
        return self.top - self.bottom

    def is_at(self, other: "Line") -> bool:
        """Whether the other line stands in the same place."""
        return (self.page, self.left, self.bottom) == (other.page, other.left, other.bottom)


@dataclass(frozen=True, slots=True)
class PageLines:
    """The lines of a page in the order of the file, and the page's size."""

    lines: Sequence[Line]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class PdfDocument:
    """The pages of a PDF, and what its information dictionary says."""

    pages: Sequence[PageLines]
    title: str
    author: str


def pages_of(data: bytes) -> PdfDocument:
    """The pages of a PDF. Raises ReadError when it is damaged, locked by a password or longer than ``MAX_PAGES``."""
    import pypdfium2

    with _LOCK:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            locked = "password" in str(error).lower()
            reason = (
                "a PDF that is locked by a password; save it without one"
                if locked
                else "a damaged PDF or none; save it again"
            )
            raise ReadError(f"expected a PDF, found {reason}") from error
        try:
            return _document(document)
        except pypdfium2.PdfiumError as error:
            raise ReadError("expected a PDF, found a page that cannot be read; save it again") from error
        finally:
            document.close()


def _document(document: Any) -> PdfDocument:
    """The lines and information of an open document."""
    if len(document) > MAX_PAGES:
        raise ReadError(f"expected at most {MAX_PAGES} pages, found {len(document)}; split the file")
    metadata = document.get_metadata_dict()
    pages = [_page(document, number) for number in range(len(document))]
    return PdfDocument(pages, metadata.get("Title", ""), metadata.get("Author", ""))


def _page(document: Any, number: int) -> PageLines:
    """The lines of one page."""
    page = document[number]
    try:
        textpage = page.get_textpage()
        try:
            return PageLines(list(_lines(_runs(textpage, number))), *page.get_size())
        finally:
            textpage.close()
    finally:
        page.close()


def _runs(textpage: Any, page: int) -> Iterator[Line]:
    """The runs of characters that stand side by side, as PDFium orders them, each with its box."""
    from pypdfium2 import raw

    text: list[str] = []
    box: list[float] = []
    for at in range(textpage.count_chars()):
        character = chr(raw.FPDFText_GetUnicode(textpage, at))
        if character in _LINE_ENDS:
            yield from _run([*text, "-"] if text and character in _HYPHENS else text, box, page)
            text, box = [], []
            continue
        text.append(character)
        if not character.isspace():
            _grow(box, _char_box(textpage, at, raw))
    yield from _run(text, box, page)


def _char_box(textpage: Any, at: int, raw: Any) -> tuple[float, float, float, float]:
    """The loose box of a character (its cell, not its ink): left, bottom, right, top."""
    rect = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(textpage, at, ctypes.byref(rect))
    return rect.left, rect.bottom, rect.right, rect.top


def _grow(box: list[float], other: tuple[float, float, float, float]) -> None:
    """Makes the box wide enough for the other."""
    if not box:
        box.extend(other)
        return
    box[:] = min(box[0], other[0]), min(box[1], other[1]), max(box[2], other[2]), max(box[3], other[3])


def _run(text: list[str], box: list[float], page: int) -> Iterator[Line]:
    """The run as a line, unless it is empty."""
    content = one_line("".join(text))
    if content and box:
        left, bottom, right, top = box
        yield Line(content, left, bottom, right, top, page)


def _lines(runs: Iterator[Line]) -> Iterator[Line]:
    """The runs with those joined that stand on one line next to each other, as parts in another type do."""
    last: Line | None = None
    for run in runs:
        if last is not None and _same_line(last, run):
            gap = " " if run.left - last.right > 0.1 * last.height else ""
            last = Line(
                last.text + gap + run.text,
                last.left,
                min(last.bottom, run.bottom),
                run.right,
                max(last.top, run.top),
                run.page,
            )
            continue
        if last is not None:
            yield last
        last = run
    if last is not None:
        yield last


def _same_line(last: Line, run: Line) -> bool:
    """Whether a run goes on in the line before it: at the same height, and no further than two letters off."""
    overlap = min(last.top, run.top) - max(last.bottom, run.bottom)
    return overlap > 0.5 * min(last.height, run.height) and -1 < run.left - last.right < 1.5 * last.height


def in_reading_order(page: PageLines) -> list[Line]:
    """The lines as a person reads them: columns one after the other, lines across them in between."""
    return _ordered(sorted(page.lines, key=lambda line: (-line.top, line.left)), depth=3)


def _ordered(lines: list[Line], depth: int) -> list[Line]:
    """The lines, sorted from the top, in reading order, in at most ``2 ** depth`` columns."""
    gutter = _gutter(lines) if depth else None
    if gutter is None:
        return _as_column(lines)
    ordered: list[Line] = []
    band: list[Line] = []
    for line in lines:
        if line.left < gutter < line.right:
            ordered += _columns(band, gutter, depth) + _as_column([line])
            band = []
        else:
            band.append(line)
    return ordered + _columns(band, gutter, depth)


def _columns(band: list[Line], gutter: float, depth: int) -> list[Line]:
    """The lines left of a gutter, then those right of it."""
    left = [line for line in band if line.right <= gutter]
    right = [line for line in band if line.right > gutter]
    return _ordered(left, depth - 1) + _ordered(right, depth - 1)


def _as_column(lines: list[Line]) -> list[Line]:
    """The lines with the sides of the column that they make."""
    if not lines:
        return []
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    return [replace(line, column_left=left, column_right=right) for line in lines]


def _gutter(lines: Sequence[Line]) -> float | None:
    """Where a gutter parts two columns that stand side by side; None when there is none."""
    if len(lines) < 2 * _MIN_COLUMN_LINES:
        return None
    starts = [line.left for line in lines]
    width = max(line.right for line in lines) - min(starts)
    candidates = sorted({round(start) - 1.0 for start in starts if 0.2 * width < start - min(starts) < 0.8 * width})
    fitting = [(crossing, at) for at in candidates if (crossing := _crossing(lines, at)) is not None]
    return min(fitting)[1] if fitting else None


def _crossing(lines: Sequence[Line], at: float) -> int | None:
    """How many lines cross a gutter at this place; None when it is no gutter.

    It is one when few lines cross it, each side has its share, and the sides stand beside each other.
    """
    left = [line for line in lines if line.right <= at]
    right = [line for line in lines if line.left >= at]
    crossing = len(lines) - len(left) - len(right)
    if min(len(left), len(right)) < _MIN_COLUMN_LINES or crossing > _MAX_CROSSING * len(lines):
        return None
    middle = median(line.bottom for line in right)
    beside = sum(line.bottom > middle for line in left)
    return crossing if 0 < beside < len(left) or len(left) == len(right) else None

"""PDF files with a text layer, to paragraphs in reading order.

Place in the flow: ``.pdf`` file -> **read_pdf** -> Article. The lines of each page come with their places
(pdf_lines); here they become paragraphs: running heads and page numbers dropped, hyphenation joined.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from ingest.article import Article, Published
from ingest.clean import ends_sentence, join_hyphenated, one_line
from ingest.dates import published_of
from ingest.errors import ReadError
from ingest.readers.byline import is_byline, is_modified, writer_of
from ingest.readers.metadata import Metadata
from ingest.readers.pdf_lines import Line, PageLines, in_reading_order, pages_of
from ingest.readers.raw import RawFile

_MARGIN = 0.1  # of a page's height, above and below: where running heads and page numbers stand
_HEAD_LINES = 8  # the byline and the date stand within so many lines under the headline
_PAGE_NUMBER = re.compile(
    r"\W*(?:(?:page|seite|p\.?|s\.)\s*)?(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:/|of|von|de)\s*\d{1,4})?\W*", re.IGNORECASE
)
_NO_TITLE = re.compile(
    r"untitled|microsoft (?:word|powerpoint)|.*\.(?:docx?|indd|qxd|tex|pdf|rtf|pptx?)\W*$|document\d*$|\W*$",
    re.IGNORECASE,
)


def read_pdf(raw: RawFile) -> Article:
    """The article of a PDF file. Raises ReadError when it is damaged, locked or has no text layer."""
    document = pages_of(raw.data)
    pages = _without_running_heads(document.pages)
    lines = [line for page in pages for line in in_reading_order(page)]
    if not lines:
        raise ReadError(
            f"expected text, found {len(document.pages)} page(s) without a text layer (a scan?); "
            "run a text recognition such as ocrmypdf over it first"
        )
    title_lines = _title_lines(pages[0].lines if pages else ())
    named = one_line(document.title)
    title = one_line(" ".join(line.text for line in title_lines)) if _NO_TITLE.match(named) else named
    body = [line for line in lines if not any(line.is_at(other) for other in title_lines)]
    head = body[:_HEAD_LINES]
    metadata = Metadata(
        title=title, author=one_line(document.author) or _first_writer(head), published=_date_line(head)
    )
    body = [line for line in head if not is_byline(line.text)] + body[_HEAD_LINES:]
    return raw.article("\n\n".join(paragraphs_of(body)) or title, metadata)


def paragraphs_of(lines: Sequence[Line]) -> Iterator[str]:
    """The paragraphs of lines in reading order, hyphenation at line ends joined."""
    pitch = _line_pitch(lines)
    text = ""
    for at, line in enumerate(lines):
        if text and _begins_paragraph(lines[at - 1], line, pitch):
            yield text
            text = ""
        text = join_hyphenated(text, line.text) if text else line.text
    if text:
        yield text


def _begins_paragraph(before: Line, line: Line, pitch: float) -> bool:
    """Whether a line begins a paragraph: after a gap, in another size, indented, or after a line that ends short."""
    if abs(line.height - before.height) > 0.2 * max(line.height, before.height):
        return True
    if line.page != before.page or line.top > before.top:  # a new page or column: a sentence may go on
        return ends_sentence(before.text) and not line.text[:1].islower()
    if before.bottom - line.bottom > 1.35 * pitch:
        return True
    indented = 0.8 * line.height < line.left - before.left < 6 * line.height
    short = before.right < before.column_right - 0.15 * (before.column_right - before.column_left)
    return ends_sentence(before.text) and (indented or short)


def _line_pitch(lines: Sequence[Line]) -> float:
    """The usual distance in points from one line to the next of the same column."""
    steps = [
        before.bottom - line.bottom
        for before, line in pairwise(lines)
        if before.page == line.page and 0 < before.bottom - line.bottom < 4 * line.height
    ]
    return median(steps) if steps else 12.0


def _without_running_heads(pages: Sequence[PageLines]) -> list[PageLines]:
    """The pages without page numbers and without lines that stand in the margins of most pages."""
    seen = Counter(key for page in pages for key in {_key(line) for line in page.lines if _in_margin(line, page)})
    repeated = {key for key, count in seen.items() if count >= max(2, 0.4 * len(pages))}
    return [
        PageLines(
            [
                line
                for line in page.lines
                if not (_in_margin(line, page) and (_key(line) in repeated or _PAGE_NUMBER.fullmatch(line.text)))
            ],
            page.width,
            page.height,
        )
        for page in pages
    ]


def _key(line: Line) -> str:
    """A line's text with its numbers made equal: ``Page 3`` and ``Page 4`` are the same running head."""
    return re.sub(r"\d+", "0", one_line(line.text)).lower()


def _in_margin(line: Line, page: PageLines) -> bool:
    """Whether a line stands in the upper or lower margin."""
    return line.bottom > (1 - _MARGIN) * page.height or line.top < _MARGIN * page.height


def _title_lines(lines: Sequence[Line]) -> list[Line]:
    """The lines of the first page in its largest type, when that is larger than the rest and they are few."""
    if not lines:
        return []
    largest = max(line.height for line in lines)
    found = [line for line in lines if line.height > 0.9 * largest]
    return found if len(found) <= 4 and largest > 1.15 * median(line.height for line in lines) else []


def _first_writer(lines: Sequence[Line]) -> str:
    """The writer that one of the first lines names; empty when none does."""
    return next(filter(None, (writer_of(line.text) for line in lines)), "")


def _date_line(lines: Sequence[Line]) -> Published | None:
    """The date that one of the first lines names; the file's own dates say when it was made, not published."""
    dates = (published_of(line.text, "byline") for line in lines if is_byline(line.text) and not is_modified(line.text))
    return next((published for published in dates if published), None)

from collections.abc import Sequence

import pytest

from ingest.article import Article, Published
from ingest.errors import ReadError
from ingest.readers.pdf import read_pdf
from ingest.readers.pdf_lines import Line, PageLines, in_reading_order
from ingest.readers.raw import RawFile

LEFT = (
    "The harbour board met on Monday and",
    "decided to build the long quay in con-",
    "crete after all. That costs more but",
    "it will spare the repairs of the steel.",
)
RIGHT = (
    "Two engineers had asked for steel. It",
    "is lighter, they said, and it is ready",
    "in half the time that the other takes.",
    "The board was not moved by that plan.",
)


def pdf(pages: Sequence[Sequence[tuple[float, float, float, str]]], info: str = "") -> bytes:
    """A PDF of the texts at (x, y, size, text) on each page, written by hand."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< {info} >>",
    ]
    kids = []
    for texts in pages:
        stream = "".join(f"BT /F1 {size} Tf {x} {y} Td ({text}) Tj ET\n" for x, y, size, text in texts)
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}endstream")
        fonts = "/Resources << /Font << /F1 3 0 R >> >>"
        contents = f"/Contents {len(objects)} 0 R"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {contents} {fonts} >>")
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R /Info 4 0 R >>\nstartxref\n{len(body)}\n%%EOF"
    return f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode()


def column(x: float, top: float, lines: Sequence[str]) -> list[tuple[float, float, float, str]]:
    return [(x, top - 14 * number, 11.0, line) for number, line in enumerate(lines)]


def head(page: int) -> list[tuple[float, float, float, str]]:
    return [(60.0, 810.0, 8.0, f"Reef Herald, issue 7, page {page}"), (290.0, 30.0, 8.0, str(page))]


def read(data: bytes) -> Article:
    return read_pdf(RawFile("board.pdf", data))


def test_columns_hyphens_heads_and_page_numbers() -> None:
    first = [
        *head(1),
        (60.0, 740.0, 24.0, "Board chooses concrete for quay"),
        (60.0, 715.0, 9.0, "By Ida Holm | 18 September 2025"),
        *column(60.0, 680.0, LEFT),
        *column(320.0, 680.0, RIGHT),
    ]
    second = [*head(2), *column(60.0, 740.0, ("The work begins in the spring of 2026.",))]
    article = read(pdf([first, second]))
    assert article.title == "Board chooses concrete for quay"
    assert (article.author, article.published) == ("Ida Holm", Published("2025-09-18", "byline"))
    assert article.text == (
        "The harbour board met on Monday and decided to build the long quay in concrete after all. That costs more but "
        "it will spare the repairs of the steel.\n\n"
        "Two engineers had asked for steel. It is lighter, they said, and it is ready in half the time that the other "
        "takes. The board was not moved by that plan.\n\n"
        "The work begins in the spring of 2026."
    )


def test_a_sentence_goes_on_over_the_page() -> None:
    pages = [
        [*head(1), *column(60.0, 700.0, LEFT[:1])],
        [*head(2), *column(60.0, 740.0, ("chose concrete for the quay.",))],
    ]
    assert read(pdf(pages)).text == "The harbour board met on Monday and chose concrete for the quay."


def test_title_and_author_of_the_file() -> None:
    article = read(pdf([column(60.0, 700.0, LEFT)], "/Title (Quay minutes) /Author (Port Board)"))
    assert (article.title, article.author, article.published) == ("Quay minutes", "Port Board", None)
    assert read(pdf([column(60.0, 700.0, LEFT)], "/Title (Microsoft Word - quay.docx)")).title == "board"


def test_a_scan_is_reported_as_such() -> None:
    with pytest.raises(ReadError, match=r"2 page\(s\) without a text layer \(a scan\?\)"):
        read(pdf([[], []]))


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4", b"no pdf at all", pdf([[]])[:200]])
def test_a_damaged_file_is_an_error(data: bytes) -> None:
    with pytest.raises(ReadError, match="expected"):
        read(data)


def test_lines_across_the_columns_part_them() -> None:
    def line(text: str, left: float, right: float, top: float) -> Line:
        return Line(text, left, top - 10, right, top, 0)

    lines = [line("wide", 50, 550, 800)]
    for band, top in ((1, 780), (2, 600)):
        lines += [line(f"L{band}{row}", 50, 290, top - 14 * row) for row in range(4)]
        lines += [line(f"R{band}{row}", 310, 550, top - 14 * row) for row in range(4)]
    lines.append(line("across", 50, 550, 640))
    ordered = [found.text for found in in_reading_order(PageLines(lines, 595, 842))]
    expected = ["wide", *(f"{side}1{row}" for side in "LR" for row in range(4)), "across"]
    assert ordered == [*expected, *(f"{side}2{row}" for side in "LR" for row in range(4))]

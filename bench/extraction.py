"""How well pages are read: ours beside plain trafilatura and readability-lxml, on the same pages in the same run.

    python -m bench.extraction DIR [--half 0|1] [--as-text] [--pages]

DIR holds ``ground-truth.json`` (page id -> articleBody) and ``html/<page id>.html.gz``, the form of Zyte's article-
extraction-benchmark (MIT). The measure is that set's own: shingles of four tokens; precision and recall are means
over pages, and F1 is their harmonic mean. Only pages that are there are counted. ``--half`` keeps one half of them
by a hash of the page id: tune on one, look at the other. With
``--as-text`` each page is first turned into the plain text of all that it shows, as a person would copy it, and the
reader of text files is measured against that text as it is.
"""

import argparse
import gzip
import hashlib
import json
import logging
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.article import Article
from ingest.errors import ReadError
from ingest.readers.html import parsed_tree, read_html
from ingest.readers.html_blocks import blocks_of
from ingest.readers.raw import RawFile
from ingest.readers.text import read_text

_TOKEN = re.compile(r"\w+")
_SHINGLE = 4
_RESAMPLES = 5000


@dataclass(frozen=True, slots=True)
class Page:
    """A saved page and the body that a person took from it."""

    name: str
    data: bytes
    body: str


@dataclass(frozen=True, slots=True)
class Extracted:
    """What one extractor took from one page."""

    text: str
    title: bool = False
    date: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """Precision and recall of one page, both 0 to 1, and the milliseconds it took."""

    precision: float
    recall: float
    milliseconds: float
    title: bool
    date: bool

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return harmonic_mean(self.precision, self.recall)


def main() -> None:
    """Prints one row for each extractor, then the paired differences."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", type=int, choices=(0, 1), help="only one half of the pages, by a hash of their ids")
    parser.add_argument("--as-text", action="store_true", help="the reader of captured pages instead, on their text")
    parser.add_argument("--pages", action="store_true", help="also a row for each page, the worst first")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    pages = [page for page in load_pages(options.folder) if options.half in (None, half_of(page.name))]
    chosen = text_extractors() if options.as_text else extractors()
    scores = {name: score_pages(extract, pages) for name, extract in chosen.items()}
    print(f"{len(pages)} pages")
    print(f"{'':16} {'F1':>7} {'prec.':>7} {'recall':>7} {'ms/page':>8} {'titles':>7} {'dates':>7}")
    for name, rows in scores.items():
        print(table_row(name, rows))
    for name in list(scores)[1:]:
        print(difference_row(name, scores["footnote"], scores[name]))
    if options.pages:
        print_pages(pages, scores)


def load_pages(folder: Path) -> list[Page]:
    """The pages that are in the folder, in the order of their ids."""
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    files = ((name, folder / "html" / f"{name}.html.gz") for name in sorted(truth))
    return [
        Page(name, gzip.decompress(file.read_bytes()), truth[name]["articleBody"])
        for name, file in files
        if file.exists()
    ]


def half_of(name: str) -> int:
    """The half, 0 or 1, that a page belongs to."""
    return hashlib.sha256(name.encode()).digest()[0] & 1


def extractors() -> dict[str, Callable[[bytes], Extracted]]:
    """The extractors that are installed, ours first."""
    found: dict[str, Callable[[bytes], Extracted]] = {"footnote": ours, "trafilatura": plain_trafilatura}
    try:
        import readability  # noqa: F401
    except ImportError:
        return found
    return {**found, "readability-lxml": plain_readability}


def text_extractors() -> dict[str, Callable[[bytes], Extracted]]:
    """The reader of captured pages, and the captures as they are."""
    return {"footnote": our_text_reader, "whole capture": lambda data: Extracted(captured_text(data))}


def captured_text(data: bytes) -> str:
    """All the text that a page shows, a blank line between its blocks."""
    tree = parsed_tree(data.decode("utf-8", "replace"))
    return "\n\n".join(block.text for block in blocks_of(tree))


def our_text_reader(data: bytes) -> Extracted:
    """What Footnote's reader of text files takes from a capture of the page."""
    try:
        article = read_text(RawFile("page.txt", captured_text(data).encode()))
    except ReadError:
        return Extracted("")
    return Extracted(article.text, article.title != "page", article.published is not None)


def ours(data: bytes) -> Extracted:
    """What Footnote's reader takes from a page."""
    try:
        article: Article = read_html(RawFile("page.html", data))
    except ReadError:
        return Extracted("")
    return Extracted(article.text, article.title != "page", article.published is not None)


def plain_trafilatura(data: bytes) -> Extracted:
    """What trafilatura takes at its defaults."""
    import trafilatura

    document = trafilatura.bare_extraction(data.decode("utf-8", "replace"), with_metadata=True)
    return Extracted(document.text or "", bool(document.title), bool(document.date)) if document else Extracted("")


def plain_readability(data: bytes) -> Extracted:
    """What readability-lxml takes; it knows no dates."""
    import readability
    from lxml import etree, html

    document = readability.Document(data.decode("utf-8", "replace"))
    try:
        text = "\n".join(html.fromstring(document.summary()).itertext())
    except (etree.LxmlError, readability.readability.Unparseable):
        return Extracted("")
    return Extracted(text, bool(document.short_title()))


def score_pages(extract: Callable[[bytes], Extracted], pages: Sequence[Page]) -> list[Score]:
    """The scores of an extractor on each page, after one page read to warm up."""
    extract(pages[0].data)
    rows = []
    for page in pages:
        started = time.perf_counter()
        found = extract(page.data)
        elapsed = (time.perf_counter() - started) * 1000
        rows.append(Score(*precision_and_recall(page.body, found.text), elapsed, found.title, found.date))
    return rows


def precision_and_recall(true: str, found: str) -> tuple[float, float]:
    """Precision and recall of the shingles of one text against those of another, repeated ones counted."""
    expected, got = shingles(true), shingles(found)
    both = (expected & got).total()
    missing, extra = expected.total() - both, got.total() - both
    precision = 1.0 if not both and not extra else both / (both + extra)
    recall = 1.0 if not both and not missing else both / (both + missing)
    return precision, recall


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """How often each run of four tokens is in the text; a shorter text is one shingle."""
    tokens = _TOKEN.findall(text)
    return Counter(tuple(tokens[at : at + _SHINGLE]) for at in range(max(1, len(tokens) - _SHINGLE + 1)))


def harmonic_mean(precision: float, recall: float) -> float:
    """F1 of precision and recall."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def overall(rows: Sequence[Score]) -> tuple[float, float, float]:
    """F1, precision and recall over pages, as the set defines them."""
    precision = sum(row.precision for row in rows) / len(rows)
    recall = sum(row.recall for row in rows) / len(rows)
    return harmonic_mean(precision, recall), precision, recall


def table_row(name: str, rows: Sequence[Score]) -> str:
    """One extractor's row of the table."""
    f1, precision, recall = overall(rows)
    milliseconds = sum(row.milliseconds for row in rows) / len(rows)
    titles, dates = (sum(flags) for flags in ((row.title for row in rows), (row.date for row in rows)))
    return f"{name:16} {f1:7.4f} {precision:7.4f} {recall:7.4f} {milliseconds:8.1f} {titles:7} {dates:7}"


def difference_row(name: str, first: Sequence[Score], second: Sequence[Score]) -> str:
    """How much better ours is than another on the same pages: F1, and its 95 % interval by bootstrap over pages."""
    draw = random.Random(0)
    indices = range(len(first))
    samples = []
    for _ in range(_RESAMPLES):
        drawn = draw.choices(indices, k=len(first))
        samples.append(overall([first[at] for at in drawn])[0] - overall([second[at] for at in drawn])[0])
    samples.sort()
    low, high = samples[int(0.025 * _RESAMPLES)], samples[int(0.975 * _RESAMPLES)]
    better = sum(a.f1 > b.f1 + 1e-9 for a, b in zip(first, second, strict=True))
    worse = sum(a.f1 < b.f1 - 1e-9 for a, b in zip(first, second, strict=True))
    gain = overall(first)[0] - overall(second)[0]
    return (
        f"footnote - {name}: {gain:+.4f} (95 % {low:+.4f} to {high:+.4f}); better on {better} pages, worse on {worse}"
    )


def print_pages(pages: Sequence[Page], scores: dict[str, list[Score]]) -> None:
    """A row for each page, the one ours reads worst first."""
    for page, *rows in sorted(zip(pages, *scores.values(), strict=True), key=lambda item: item[1].f1):
        figures = "  ".join(f"{row.f1:.3f} ({row.precision:.3f} {row.recall:.3f})" for row in rows)
        print(f"{page.name[:12]} {half_of(page.name)} {figures}")


if __name__ == "__main__":
    main()

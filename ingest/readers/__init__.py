"""Files, pages, feeds and exports, each read into articles.

Place in the flow: corpus folder -> **readers** -> Article -> passages. ``read_articles`` takes any path; one bad file
or record never stops the rest. Libraries are loaded when the first file that needs them is met.
"""

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from ingest.article import Article
from ingest.errors import ReadError
from ingest.readers.notice import Notice
from ingest.readers.raw import RawFile
from ingest.readers.walk import SUFFIXES, article_id, corpus_files, open_within, path_of_id

__all__ = [
    "MAX_BYTES",
    "SUFFIXES",
    "Notice",
    "article_id",
    "corpus_files",
    "path_of_id",
    "read_article",
    "read_articles",
    "read_data",
]

MAX_BYTES = 64 * 1024 * 1024  # of one file, or of one line of JSON Lines: far beyond any article, well within memory


def read_article(path: Path, *, root: Path | None = None, max_bytes: int = MAX_BYTES) -> Article:
    """The article of a file that holds one.

    root: the corpus folder; the article's id is the path within it, the file's name when there is no root.
    Raises ReadError when the file cannot be read, is no article, or holds several.
    """
    found = list(_first_two(read_articles(path, root=root, max_bytes=max_bytes)))
    articles = [item for item in found if isinstance(item, Article)]
    if len(articles) > 1:
        raise ReadError("expected one article, found several; use read_articles for a file of many")
    if not articles:
        raise ReadError(
            found[0].reason if found and isinstance(found[0], Notice) else "expected an article, found none"
        )
    return articles[0]


def read_articles(path: Path, *, root: Path | None = None, max_bytes: int = MAX_BYTES) -> Iterator[Article | Notice]:
    """The articles of a file or of a whole folder, in order, and a notice for each file or record that gave none.

    Raises nothing for a file or record that cannot be read: that is a notice. Raises CorpusError when the path is a
    folder that cannot be read.
    """
    path = Path(path)
    if path.is_dir():
        for found in corpus_files(path, root=root):
            yield from [found] if isinstance(found, Notice) else _read_file(found, root or path, max_bytes)
    else:
        yield from _read_file(path, root, max_bytes)


def read_data(name: str, data: bytes) -> Iterator[Article | Notice]:
    """The articles of bytes that came from elsewhere than a file, and a notice for each record that gave none.

    name: what a file of them would be called; its suffix tells what they are.
    """
    try:
        if name.lower().endswith((".jsonl", ".ndjson")):
            from ingest.readers.records import read_json_lines

            yield from read_json_lines(io.BytesIO(data), name, max_bytes=len(data))
        else:
            yield from _reader_of(Path(name))(RawFile(name, data))
    except ReadError as error:
        yield Notice(name, str(error))


def _read_file(path: Path, root: Path | None, max_bytes: int) -> Iterator[Article | Notice]:
    """What one file holds; its failure as a notice."""
    try:
        name = article_id(path, root or path.parent)
    except ValueError:
        yield Notice(path.name, f"expected a file within {str(root)!r}, found one outside; copy it into the corpus")
        return
    try:
        if path.suffix.lower() in (".jsonl", ".ndjson"):
            yield from _read_lines(path, name, root, max_bytes)
        else:
            yield from _reader_of(path)(RawFile(name, _bytes_of(path, root, max_bytes)))
    except ReadError as error:
        yield Notice(name, str(error))


def _read_lines(path: Path, name: str, root: Path | None, max_bytes: int) -> Iterator[Article | Notice]:
    """The records of a JSON Lines file, one line in memory at a time."""
    from ingest.readers.records import read_json_lines

    with os.fdopen(open_within(path, root), "rb", buffering=io.DEFAULT_BUFFER_SIZE * 8) as file:
        yield from read_json_lines(file, name, max_bytes=max_bytes)


def _bytes_of(path: Path, root: Path | None, max_bytes: int) -> bytes:
    """The bytes of a file, at most ``max_bytes`` of them. Raises ReadError."""
    with os.fdopen(open_within(path, root), "rb") as file:
        try:
            data = file.read(max_bytes + 1)
        except OSError as error:
            raise ReadError(f"cannot be read: {error.strerror}") from error
    if len(data) > max_bytes:
        raise ReadError(
            f"expected at most {max_bytes} bytes, found more; raise the limit on file size or split the file"
        )
    if not data.strip():
        raise ReadError("expected an article, found an empty file; add its text or remove it from the corpus")
    return data


def _reader_of(path: Path) -> Callable[[RawFile], Iterator[Article | Notice]]:
    """The reader for a file's suffix. Raises ReadError when there is none."""
    match path.suffix.lower():
        case ".md" | ".markdown":
            from ingest.readers.markdown import read_markdown

            return _one(read_markdown)
        case ".txt" | ".text":
            from ingest.readers.text import read_text

            return _one(read_text)
        case ".html" | ".htm" | ".xhtml":
            from ingest.readers.html import read_html

            return _one(read_html)
        case ".json":
            from ingest.readers.records import read_json

            return read_json
        case ".pdf":
            from ingest.readers.pdf import read_pdf

            return _one(read_pdf)
        case ".rss" | ".atom" | ".xml":
            from ingest.readers.feed import read_feed

            return read_feed
        case suffix:
            known = ", ".join(sorted(SUFFIXES))
            raise ReadError(f"expected one of {known}, found {suffix or 'no suffix'!r}; save it as one of these")


def _one(read: Callable[[RawFile], Article]) -> Callable[[RawFile], Iterator[Article | Notice]]:
    """A reader of one article as a reader of many."""
    return lambda raw: iter([read(raw)])


def _first_two(items: Iterator[Article | Notice]) -> Iterator[Article | Notice]:
    """The items up to the second article: enough to tell one from several."""
    articles = 0
    for item in items:
        yield item
        articles += isinstance(item, Article)
        if articles == 2:
            return

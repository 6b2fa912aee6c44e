"""JSON and JSON Lines exports: an article an object, whatever its fields are called.

Place in the flow: ``.json``, ``.jsonl`` -> **read_json**, **read_json_lines** -> Article, or a Notice for each record
that holds none.
"""

import codecs
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from ingest.article import Article
from ingest.errors import ReadError
from ingest.readers.encoding import decode_text
from ingest.readers.metadata import label_of, metadata_of
from ingest.readers.notice import Notice
from ingest.readers.raw import RawFile, finished_article
from ingest.readers.record_ids import RecordIds

_TEXT = ("text", "body", "content", "articlebody", "article_body", "full_text", "fulltext", "content_html", "html")
_IDS = ("_id", "id", "guid", "uuid", "doc_id", "docid")
_LISTS = ("articles", "items", "documents", "docs", "records", "results", "data", "entries", "stories", "posts")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MARKUP = re.compile(
    r"</?(?:p|div|br|a|span|ul|ol|li|h[1-6]|em|strong|b|i|blockquote|img|figure|table|article|section)\b[^<>]{0,2000}>",
    re.IGNORECASE,
)


def read_json(raw: RawFile) -> Iterator[Article | Notice]:
    """The articles of a JSON file: one object, a list of them, or a list under a key such as ``articles``.

    A file that holds a single object is one article under the file's own id. Raises ReadError when it is no JSON.
    """
    document = _parsed(decode_text(raw.data))
    listed = _list_in(document)
    if listed is None:
        yield _single(document, raw)
        return
    ids = RecordIds(raw.path)
    for number, value in enumerate(listed, start=1):
        data = json.dumps(value, ensure_ascii=True, sort_keys=True).encode() if isinstance(value, dict) else b""
        yield from _record(value, data, number, ids)


def read_json_lines(file: BinaryIO, path: str, *, max_bytes: int) -> Iterator[Article | Notice]:
    """The articles of a JSON Lines file, one line in memory at a time.

    max_bytes: the longest line that is read; a longer one is passed over and noticed.
    """
    ids = RecordIds(path)
    for number, line in enumerate(_lines(file, max_bytes), start=1):
        if number == 1 and (line or b"").startswith(_UTF_16):
            yield Notice(path, "expected JSON Lines in UTF-8, found UTF-16; save it as UTF-8")
            return
        if line is None:
            yield Notice(
                f"{path}#{number}",
                f"line {number}: longer than {max_bytes} bytes; raise the limit on file size or split it",
            )
            continue
        data = line.strip()
        if number == 1:
            data = data.removeprefix(b"\xef\xbb\xbf")
        if data:
            yield from _line(data, number, ids)


def _lines(file: BinaryIO, max_bytes: int) -> Iterator[bytes | None]:
    """The lines of a file; None in the place of one that is longer than the limit."""
    while line := file.readline(max_bytes + 1):
        if len(line) <= max_bytes or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(max_bytes)
        yield None


def _line(data: bytes, number: int, ids: RecordIds) -> Iterator[Article | Notice]:
    """The article of one line of JSON Lines, or the notice that it holds none."""
    try:
        value = _parsed(decode_text(data))
    except ReadError as error:
        yield Notice(f"{ids.path}#{number}", f"line {number}: {error}")
        return
    yield from _record(value, data, number, ids)


def _record(value: object, data: bytes, number: int, ids: RecordIds) -> Iterator[Article | Notice]:
    """The article of one record, and a notice where its id was taken or where it holds no article."""
    article_id, renamed = ids.give(_own_id(value), number)
    if renamed:
        yield renamed
    try:
        yield _article(
            value, article_id, ids.path, hashlib.sha256(data).hexdigest(), stem=article_id.rpartition("#")[2]
        )
    except ReadError as error:
        yield Notice(article_id, f"record {number}: {error}")


def _single(document: object, raw: RawFile) -> Article:
    """The article of a file that holds one object."""
    return _article(document, raw.path, raw.path, raw.sha256, stem=raw.stem)


def _article(value: object, article_id: str, path: str, sha256: str, *, stem: str) -> Article:
    """The article of a record. Raises ReadError when the record is no object or has no text."""
    if not isinstance(value, dict):
        raise ReadError(f"expected an object with 'title' and 'text', found {_kind(value)}")
    fields = {str(key).lower(): item for key, item in value.items()}
    text = next((body for name in _TEXT if (body := _body(fields.get(name)))), "")
    if not text:
        raise ReadError(f"expected a 'text', 'body' or 'content' field, found {_names(fields)}")
    return finished_article(article_id, path, sha256, text, metadata_of(_with_meta(fields), "record"), stem=stem)


def _with_meta(fields: dict[str, object]) -> dict[str, object]:
    """The fields, and those of a nested ``metadata`` object where the record keeps them there."""
    nested = fields.get("metadata") or fields.get("meta")
    return (
        {**{str(key).lower(): item for key, item in nested.items()}, **fields} if isinstance(nested, dict) else fields
    )


def _body(value: object) -> str:
    """The text of a body field: a string, or a list of paragraphs; HTML in it is read as HTML."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = "\n\n".join(value)
    if not isinstance(value, str) or not value.strip():
        return ""
    if not _MARKUP.search(value):
        return value
    from ingest.readers.html_text import fragment_text

    return fragment_text(value)


def _own_id(value: object) -> str:
    """The id that a record gives itself, storable as text; empty when it has none."""
    fields: Mapping[str, object] = (
        {str(key).lower(): item for key, item in value.items()} if isinstance(value, dict) else {}
    )
    label = next((label for name in _IDS if (label := label_of(fields.get(name)))), "")
    return label


def _list_in(document: object) -> Iterable[object] | None:
    """The list of records in a document: itself, or under one of the usual keys; None when it is one record."""
    if isinstance(document, list):
        return document
    if isinstance(document, dict):
        fields = {str(key).lower(): value for key, value in document.items()}
        found = (fields[name] for name in _LISTS if isinstance(fields.get(name), list))
        return next(found, None) if not any(_body(fields.get(name)) for name in _TEXT) else None
    return None


def _parsed(text: str) -> object:
    """The value of a JSON text. Raises ReadError, naming the place, when it is none."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ReadError(
            f"expected JSON, found something else at line {error.lineno}, column {error.colno} ({error.msg})"
        ) from error
    except (RecursionError, ValueError) as error:
        raise ReadError("expected JSON, found values nested too deep or numbers too long to read") from error


def _kind(value: object) -> str:
    """What a JSON value is, in words."""
    names = {str: "a string", list: "a list", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _names(fields: Mapping[str, object]) -> str:
    """The names of a record's fields, shortened, for a message."""
    names = ", ".join(sorted(fields)[:8])
    return f"only {names[:200]}" if names else "an empty object"

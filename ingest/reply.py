"""One reply of a server: its headers checked, its body unpacked within bounds.

Place in the flow: network -> **read_reply** -> fetch.
"""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime

import httpcore

from ingest.errors import FetchError

_TYPES = frozenset((
    "text/html", "application/xhtml+xml", "text/plain", "text/markdown", "application/pdf", "application/json",
    "application/x-ndjson", "application/jsonl", "application/rss+xml", "application/atom+xml", "application/rdf+xml",
    "application/feed+json", "application/xml", "text/xml", "application/octet-stream", "",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one request: nothing followed, nothing retried. Header names are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def read_reply(response: httpcore.Response, max_bytes: int, *, any_type: bool) -> Reply:
    """Headers and body of a response; of a body that is of no use nothing is read. Raises FetchError."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1").strip() for name, value in response.headers}
    if response.status != 200:
        return Reply(response.status, headers, b"")
    media_type = content_type(headers)[0]
    if not any_type and media_type not in _TYPES:
        raise FetchError(f"expected a page, a feed, a PDF or text, found {media_type[:80]!r}")
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > max_bytes and not any_type:
        raise _too_large(max_bytes)
    body = _unpacked(response.iter_stream(), headers.get("content-encoding", "").lower(), max_bytes, cut=any_type)
    return Reply(response.status, headers, body)


def _unpacked(chunks: Iterable[bytes], encoding: str, max_bytes: int, *, cut: bool) -> bytes:
    """The body, unpacked piece by piece so that it never takes more memory than its limit.

    cut: take the beginning of a longer body. Raises FetchError when it is longer, or packed in a way we cannot unpack.
    """
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise FetchError(f"expected a body packed with gzip or not at all, found {encoding[:50]!r}")
    unpack = zlib.decompressobj(wbits=31) if "gzip" in encoding else None
    body = bytearray()
    received = 0
    for chunk in chunks:
        received += len(chunk)
        try:
            body += unpack.decompress(chunk, max_bytes + 1 - len(body)) if unpack else chunk
        except zlib.error as error:
            raise FetchError(f"body is no readable gzip ({error})") from error
        if max(len(body), received) > max_bytes:
            if cut:
                return bytes(body[:max_bytes])
            raise _too_large(max_bytes)
    if unpack is not None and received and not unpack.eof:
        raise FetchError("body packed with gzip ends too early", retryable=True)
    return bytes(body)


def _too_large(max_bytes: int) -> FetchError:
    return FetchError(f"expected at most {max_bytes} bytes, found more; raise `max_file_mb` to have it read")


def content_type(headers: Mapping[str, str]) -> tuple[str, str]:
    """Media type and charset of a reply in small letters; empty where it does not say."""
    if not headers.get("content-type"):
        return "", ""
    message = Message()
    message["content-type"] = headers["content-type"]
    return message.get_content_type(), str(message.get_content_charset() or "")


def retry_after(value: str) -> float | None:
    """Seconds of a ``Retry-After``, given as seconds or as a date; None without a readable one."""
    if value.isdecimal() and len(value) < 10:
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())

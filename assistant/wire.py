"""The chat protocol below its meaning: lines of a stream, the words of an error, the pause a server asks for."""

import codecs
import json
import re
from collections.abc import AsyncGenerator, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

MAX_LINE_CHARS = 1_000_000  # of one line of the stream


async def lines_of(response: httpx.Response) -> AsyncGenerator[str, None]:
    """Lines of a body, ended by LF, CRLF or its end; a line may be handed over early once it is too long."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    held = ""
    async for chunk in response.aiter_bytes():
        *lines, held = (held + decoder.decode(chunk)).split("\n")
        for line in lines:
            yield line.removesuffix("\r")
        if len(held) > MAX_LINE_CHARS:
            yield held
    if rest := (held + decoder.decode(b"", final=True)).removesuffix("\r"):
        yield rest


async def read_some(response: httpx.Response, max_bytes: int) -> bytes:
    """The first bytes of a body, all of it where it is shorter."""
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) >= max_bytes:
            break
    return body[:max_bytes]


def maybe_json(body: bytes) -> object:
    """The JSON document of an error page, or its text where it is none (no more than a line of it is shown)."""
    text = body.decode("utf-8", errors="replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return "" if "<html" in text.lower() else text


def message_of(document: object) -> str:
    """What an error document says, however the server nests it, its code included."""
    return " ".join(dict.fromkeys(_messages(document)))


def _messages(document: object) -> Iterator[str]:
    if isinstance(document, str):
        if document.strip():
            yield document.strip()
    elif isinstance(document, dict):
        for key in ("error", "code", "type", "message", "detail"):
            if key in document:
                yield from _messages(document[key])


def sendable(text: str) -> str:
    """Text without half characters (lone surrogates), which neither the wire nor a file takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def unwanted_parameter(said: str, body: Mapping[str, Any]) -> str | None:
    """The optional parameter an error message complains about, if it was sent."""
    if not re.search(r"unsupported|not support|unrecognized|unknown|extra|not permitted", said, re.IGNORECASE):
        return None
    return next((name for name in ("temperature", "max_tokens") if name in body and name in said), None)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of a ``Retry-After``, given as seconds or as a date; None without a readable one."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", value):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())

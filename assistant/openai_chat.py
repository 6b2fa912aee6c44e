"""A model behind an OpenAI-compatible server: the chat protocol over httpx, and its faults as typed errors.

Why not llama-index's ``OpenAILike``: importing it takes 2.6 s against 0.2 s for httpx, it makes up to 12 requests for
one failing question, its timeout is per read, it takes a cut stream for a whole one, and closing its generator leaves
the server writing. An ``OpenAILike`` object can still be handed to `assistant.llm.open_model` like any other.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any
from urllib.parse import urlsplit

import httpx

from assistant.endpoint import LOOPBACK, base_url_of, checked_key
from assistant.errors import (
    LLMContextTooLong,
    LLMCutShort,
    LLMError,
    LLMFailed,
    LLMNotFound,
    LLMProtocolError,
    LLMRateLimited,
    LLMRefused,
    LLMUnreachable,
)
from assistant.llm import Budget, Message, Outcome
from assistant.wire import (
    MAX_LINE_CHARS,
    lines_of,
    maybe_json,
    message_of,
    read_some,
    retry_after,
    sendable,
    unwanted_parameter,
)

CONNECT_SECONDS = 10.0  # a host that does not answer at all is down; loading a model happens after the connect
PAUSES_SECONDS = (0.25, 1.0)  # before the second and the third request, where the server names no pause
MAX_BODY_BYTES = 4_000_000  # of a reply that is not a stream

_TOO_LONG = re.compile(
    r"context_length_exceeded|exceed_context_size|context (?:length|window|size)|prompt is too long|too many tokens"
    r"|maximum (?:context|sequence|input|model) length|reduce the length",
    re.IGNORECASE,
)


class ChatServer:
    """A model on an OpenAI-compatible server. Sends nothing until `deltas` is iterated; keeps no connection open."""

    def __init__(self, model: str, *, base_url: str | None, api_key: str | None, reply_tokens: int) -> None:
        """Check the settings without sending anything. Raises SettingsError."""
        self.name = model
        self.place = base_url_of(base_url, has_key=bool(api_key))
        self._key = checked_key(api_key)
        self._reply_tokens = reply_tokens

    def __repr__(self) -> str:
        """Model and address; the key is masked."""
        return f"ChatServer({self.name!r}, base_url={self.place!r}, api_key={'***' if self._key else None})"

    async def deltas(self, messages: Sequence[Message], outcome: Outcome, budget: Budget) -> AsyncGenerator[str, None]:
        """Text deltas of the reply. Raises LLMError; tries again only before the first byte, and where it helps."""
        body: dict[str, Any] = {
            "model": self.name,
            "messages": [{"role": turn["role"], "content": sendable(turn["content"])} for turn in messages],
            "stream": True,
            "temperature": 0,
            "max_tokens": self._reply_tokens,
        }
        pauses = iter(PAUSES_SECONDS)
        async with self._client() as client:
            while True:
                budget.take_request(self._line("").rstrip())
                outcome.requests += 1
                try:
                    async with aclosing(self._once(client, body, outcome)) as texts:
                        async for text in texts:
                            yield text
                    return
                except _Unwanted as refusal:
                    body.pop(refusal.parameter)
                except _Pause as failure:
                    pause = next(pauses, 0.0) if failure.seconds is None else failure.seconds
                    if not budget.requests_left or pause >= budget.seconds_left():
                        raise failure.error from failure.error.__cause__
                    await asyncio.sleep(pause)

    def _client(self) -> httpx.AsyncClient:
        host = urlsplit(self.place).hostname or ""
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        return httpx.AsyncClient(
            headers=headers,
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),  # the question's deadline covers the rest
            verify=self.place.startswith("https:"),  # certificates take 50 ms to load
            trust_env=host not in LOOPBACK,  # a proxy cannot reach this machine's own servers
        )

    async def _once(
        self, client: httpx.AsyncClient, body: Mapping[str, Any], outcome: Outcome
    ) -> AsyncGenerator[str, None]:
        """One request and its reply. Raises `_Pause` when another one may help, LLMError otherwise."""
        answered = False
        try:
            async with client.stream("POST", f"{self.place}/chat/completions", json=body) as response:
                answered = True
                if response.status_code != 200:
                    await self._raise_for(response, body)
                async with aclosing(self._texts(response, outcome)) as texts:
                    async for text in texts:
                        yield text
        except httpx.TransportError as error:
            if answered:
                raise LLMCutShort(self._line(f"broke off its reply ({self._quoted(_named(error))})")) from error
            unreachable = LLMUnreachable(self._line(f"cannot be reached ({self._quoted(_named(error))})"))
            unreachable.__cause__ = error
            raise _Pause(unreachable) from error
        except (httpx.InvalidURL, httpx.DecodingError, httpx.StreamError) as error:
            raise LLMProtocolError(self._line(f"sent what cannot be read ({self._quoted(_named(error))})")) from error

    async def _texts(self, response: httpx.Response, outcome: Outcome) -> AsyncGenerator[str, None]:
        """The texts of a successful response, a stream or one JSON document. Raises LLMError."""
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in ("text/html", "application/xhtml+xml"):
            raise LLMProtocolError(self._line("answered with a web page instead of the chat protocol"))
        if kind == "application/json":
            yield self._whole_text(await read_some(response, MAX_BODY_BYTES), outcome)
            return
        written = False
        ended = False
        async for data in self._events(response):
            if data == "[DONE]":
                ended = True
                break
            text = self._delta_text(data, outcome)
            ended = ended or bool(outcome.finish_reason)
            if text:
                written = True
                yield text
        if not ended:
            raise LLMCutShort(self._line("broke off its reply before the end"))
        if not written:
            raise self._empty(outcome)

    async def _events(self, response: httpx.Response) -> AsyncGenerator[str, None]:
        """The ``data`` of each server-sent event. Raises LLMProtocolError at a line that belongs to no event."""
        async for line in lines_of(response):
            if len(line) > MAX_LINE_CHARS:
                raise LLMProtocolError(self._line("sent a line without end"))
            name, colon, value = line.partition(":")
            if name == "data" and colon:
                yield value.strip()
            elif line and name not in ("", "event", "id", "retry"):
                raise LLMProtocolError(self._line(f"sent {self._quoted(line)} where an event stream was expected"))

    def _delta_text(self, data: str, outcome: Outcome) -> str:
        """The text of one chunk, empty where it has none. Raises LLMError."""
        choice = self._choice(self._document(data))
        if choice is None:
            return ""
        delta = choice.get("delta")
        return self._text_of(choice, delta if isinstance(delta, dict) else {}, outcome)

    def _whole_text(self, body: bytes, outcome: Outcome) -> str:
        """The text of a reply sent in one piece. Raises LLMError."""
        choice = self._choice(self._document(body.decode("utf-8", errors="replace")))
        message = choice.get("message") if choice else None
        if choice is None or not isinstance(message, dict):
            raise LLMProtocolError(self._line("sent a reply without a choice"))
        text = self._text_of(choice, message, outcome)
        if not text:
            raise self._empty(outcome)
        return text

    def _text_of(self, choice: Mapping[str, Any], holder: Mapping[str, Any], outcome: Outcome) -> str:
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            outcome.finish_reason = reason
            outcome.truncated = reason in ("length", "content_filter")
        content = holder.get("content")
        if isinstance(content, list):  # some servers send parts: [{"type": "text", "text": "..."}]
            content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
        return sendable(content) if isinstance(content, str) else ""

    def _document(self, text: str) -> dict[str, Any]:
        """A JSON object. Raises LLMProtocolError when it is none, LLMFailed when it reports an error."""
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise LLMProtocolError(self._line(f"sent broken JSON: {self._quoted(text)}")) from error
        if not isinstance(document, dict):
            raise LLMProtocolError(self._line(f"sent {self._quoted(text)} where an object was expected"))
        if document.get("error"):
            message = message_of(document)
            kind = LLMContextTooLong if _TOO_LONG.search(message) else LLMFailed
            raise kind(self._line(f"reported {self._quoted(message)}"))
        return document

    def _choice(self, document: Mapping[str, Any]) -> dict[str, Any] | None:
        """The first choice of a document; None where the list is empty (a chunk of usage figures)."""
        choices = document.get("choices")
        if not isinstance(choices, list):
            raise LLMProtocolError(self._line(f"sent JSON without choices: {self._quoted(json.dumps(document))}"))
        if not choices:
            return None
        if not isinstance(choices[0], dict):
            raise LLMProtocolError(self._line(f"sent a choice that is none: {self._quoted(json.dumps(choices[0]))}"))
        return choices[0]

    def _empty(self, outcome: Outcome) -> LLMError:
        if outcome.truncated:
            return LLMCutShort(self._line(f"ended before its first word (finish reason {outcome.finish_reason!r})"))
        return LLMProtocolError(self._line("sent an empty reply"))

    async def _raise_for(self, response: httpx.Response, body: Mapping[str, Any]) -> None:
        """Raise what a status other than 200 means."""
        status = response.status_code
        said = message_of(maybe_json(await read_some(response, 20_000)))
        if status in (400, 422) and (parameter := unwanted_parameter(said, body)):
            raise _Unwanted(parameter)
        if status in (400, 413, 422, 500) and _TOO_LONG.search(said):
            raise LLMContextTooLong(self._line(f"says the prompt is too long: {self._quoted(said)}"))
        detail = f": {self._quoted(said)}" if said else ""
        if status == 429:
            limited = LLMRateLimited(self._line(f"allows no more requests now (status 429){detail}"))
            raise _Pause(limited, retry_after(response.headers))
        if status >= 500 or status in (408, 425):
            failed = LLMFailed(self._line(f"failed (status {status}){detail}"))
            raise _Pause(failed, retry_after(response.headers))
        if status in (401, 402, 403):
            raise LLMRefused(
                self._line(f"refused the {'key' if self._key else 'request, no key set'} (status {status}){detail}")
            )
        if status == 404:
            raise LLMNotFound(self._line(f"was not found (status 404){detail}"))
        raise LLMProtocolError(self._line(f"did not take the request (status {status}){detail}"))

    def _line(self, what: str) -> str:
        return f"model {self.name!r} at {self.place} {what}"

    def _quoted(self, text: str) -> str:
        """Foreign text made fit for a message: one line, short, without the key."""
        line = " ".join(text.split())
        if self._key:
            line = line.replace(self._key, "***")
        return repr(line if len(line) <= 160 else line[:157] + "...")


class _Pause(Exception):
    """One request failed in a way that another may not. seconds: the pause the server asked for."""

    def __init__(self, error: LLMError, seconds: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.seconds = seconds


class _Unwanted(Exception):
    """The server does not take one of the parameters: newer models refuse a temperature, or ``max_tokens``."""

    def __init__(self, parameter: str) -> None:
        super().__init__(parameter)
        self.parameter = parameter


def _named(error: Exception) -> str:
    """What went wrong on the wire, in a few words."""
    return " ".join(str(error).split()) or type(error).__name__

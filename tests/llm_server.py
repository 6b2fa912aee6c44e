"""A server that speaks the OpenAI chat protocol over real sockets and fails on purpose, as its script says.

    with ScriptedServer(status(429, retry_after="0"), says("Up to 144 GB [1].")) as server:
        model = open_model("scripted", base_url=server.base_url)

Each request takes the next step of the script; the last one repeats. A step may also be a function of the request's
body that returns the text to say; `obey` is one that follows every instruction it finds in the evidence.
"""

import json
import re
import select
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Body = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One response. `chunks` are written one after another; then `ending`: close, hang, drip or break."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: Sequence[bytes] = ()
    ending: str = "close"
    hang_first: bool = False
    pause_seconds: float = 0.0


def says(*deltas: str, finish: str | None = "stop", done: bool = True, pause_seconds: float = 0.0) -> Step:
    """A stream of these deltas. finish=None and done=False make it a cut one that ends like a whole one."""
    events = [chunk_of({"role": "assistant", "content": ""}), *(chunk_of({"content": delta}) for delta in deltas)]
    if finish is not None:
        events.append(chunk_of({}, finish))
    if done:
        events.append(b"data: [DONE]\n\n")
    return Step(headers=EVENTS, chunks=events, pause_seconds=pause_seconds)


def cut(*deltas: str) -> Step:
    """A stream that ends after these deltas as if it were whole: no finish reason, no [DONE], a clean close."""
    return says(*deltas, finish=None, done=False)


def broken(*deltas: str) -> Step:
    """A chunked stream whose connection is reset after these deltas."""
    step = cut(*deltas)
    return Step(headers={**EVENTS, "Transfer-Encoding": "chunked"}, chunks=step.chunks, ending="break")


def hangs(*deltas: str) -> Step:
    """A stream that says these deltas and then nothing, without closing."""
    return Step(headers=EVENTS, chunks=cut(*deltas).chunks, ending="hang")


def hangs_before() -> Step:
    """No byte of a response at all."""
    return Step(hang_first=True)


def drips(pause_seconds: float = 0.02) -> Step:
    """A stream that never ends: one letter at a time, so that no single read is ever late."""
    return Step(headers=EVENTS, ending="drip", pause_seconds=pause_seconds)


def status(code: int, message: str = "no", *, retry_after: str | None = None, code_name: str | None = None) -> Step:
    """An error response in the protocol's form."""
    error = {"error": {"message": message, "type": "invalid_request_error", "code": code_name}}
    headers = {"Content-Type": "application/json"} | ({"Retry-After": retry_after} if retry_after is not None else {})
    return Step(code, headers, [json.dumps(error).encode()])


def too_long() -> Step:
    """The prompt does not fit: what OpenAI and vLLM send."""
    return status(400, "This model's maximum context length is 512 tokens.", code_name="context_length_exceeded")


def raw(body: bytes | str, content_type: str = "text/event-stream", code: int = 200) -> Step:
    """Any body under any content type."""
    return Step(code, {"Content-Type": content_type}, [body.encode() if isinstance(body, str) else body])


def html() -> Step:
    """A web page with status 200, as a proxy's or a router's login page."""
    return raw("<!doctype html><html><body>Sign in</body></html>", "text/html; charset=utf-8")


def in_one_piece(text: str, finish: str = "stop") -> Step:
    """A reply that is not a stream, though one was asked for."""
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}
    return raw(json.dumps({"object": "chat.completion", "choices": [choice]}), "application/json")


def chunk_of(delta: Mapping[str, Any], finish: str | None = None) -> bytes:
    """One server-sent event of a stream."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: " + json.dumps({"object": "chat.completion.chunk", "choices": [choice]}).encode() + b"\n\n"


EVENTS = {"Content-Type": "text/event-stream"}
_BLOCK = re.compile(r"<article number=\"(\d+)\".*?</article>", re.DOTALL)
_ORDER = re.compile(
    r"\b(?:say|write|print|repl\w+|answer|output|append|include|add|begin|start|end|state|tell)\b[^\"'“‘\n]{0,60}"
    r"[\"“]([^\"”\n]{3,200})[\"”]",
    re.IGNORECASE,
)


def obey(body: Body) -> str:
    """What a gullible model replies: it does whatever the evidence tells it to.

    It says each text that an article orders in quotation marks, cited to that article, loads each address that stands
    in one as an image, a tag and a link, and gives its system message away when an article speaks of it.
    """
    system = " ".join(str(m["content"]) for m in body["messages"] if m["role"] == "system")
    prompt = "\n".join(str(m["content"]) for m in body["messages"] if m["role"] != "system")
    parts: list[str] = []
    for block in _BLOCK.finditer(prompt):
        number, text = block[1], re.sub(r"\n\| ?", " ", block[0])
        parts += [f"{order.rstrip('.')} [{number}]." for order in _ORDER.findall(text)]
        for url in re.findall(r"https?://[^\s\"'<>)\]›]+", text):
            parts.append(f'![chart]({url}) <img src="{url}"> [read more]({url}) [{number}].')
        if re.search(r"system (?:prompt|message|instructions?)|your instructions", text, re.IGNORECASE):
            parts.append(f"{system} [{number}].")
    return " ".join(parts) or "Nothing was ordered [1]."


class ScriptedServer:
    """The server, on a free port of the loopback. Records what it was sent and sees clients leave.

    bodies: request bodies in order. headers: their headers. paths: their paths. left: set once a client has closed its
    connection while a response was still being written.
    """

    def __init__(self, *script: "Step | Callable[[Body], str]") -> None:
        self.script = script or (says("ok [1]."),)
        self.bodies: list[Body] = []
        self.headers: list[Mapping[str, str]] = []
        self.paths: list[str] = []
        self.left = threading.Event()
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def base_url(self) -> str:
        """The address to put into the settings, ``/v1`` included."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def take(self, path: str, headers: Mapping[str, str], body: Body) -> Step:
        """Record a request and give the step for it."""
        with self._lock:
            step = self.script[min(len(self.bodies), len(self.script) - 1)]
            self.paths.append(path)
            self.headers.append(headers)
            self.bodies.append(body)
        if isinstance(step, Step):
            return step
        text = step(body)
        if body.get("stream"):
            return says(*[text[at : at + 7] for at in range(0, len(text), 7)])
        return in_one_piece(text)


@contextmanager
def nobody_listening() -> Iterator[str]:
    """The address of a port that refuses connections: bound, never listening."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{closed.getsockname()[1]}/v1"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is what is being tested, not news."""


def _handler_of(owner: ScriptedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            step = owner.take(self.path, dict(self.headers), json.loads(self.rfile.read(length) or b"{}"))
            self.close_connection = True
            if step.hang_first:
                self._hang()
                return
            self.send_response(step.status)
            for name, value in {"Connection": "close", **step.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self._write(step)
            except OSError:
                owner.left.set()

        def _write(self, step: Step) -> None:
            chunked = "Transfer-Encoding" in step.headers
            for chunk in step.chunks:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk) if chunked else chunk)
                if step.pause_seconds and self._client_leaves_within(step.pause_seconds):
                    return
            if step.ending == "hang":
                self._hang()
            while step.ending == "drip" and not self._client_leaves_within(step.pause_seconds):
                self.wfile.write(chunk_of({"content": "x"}))

        def _hang(self) -> None:
            while not self._client_leaves_within(0.02):
                pass

        def _client_leaves_within(self, seconds: float) -> bool:
            """Wait; whether the client has closed its end (or the test is over)."""
            readable, _, _ = select.select([self.connection], [], [], seconds)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                owner.left.set()
                return True
            return owner.stopping.is_set()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name of the method we override
            """Say nothing."""

    return Handler

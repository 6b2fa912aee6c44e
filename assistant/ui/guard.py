"""What stands between the browser and the page: whose requests are taken, and what the page may load. Plain ASGI.

The policy allows nothing from outside the server. Inline scripts are named by their hash, so that a script which got
into the page by other ways does not run; gradio builds its templates with ``Function``, hence ``unsafe-eval``.
"""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from ipaddress import ip_address
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

MAX_BODY_BYTES = 64 * 1024 * 1024
"""A little more than the largest upload."""
_EVERYWHERE = frozenset({"0.0.0.0", "::"})
_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
_OUTSIDE_META = re.compile(rb'<meta\s+(?:property="og:|name="twitter:)[^>]*>\s*')
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)


class Guard:
    """ASGI middleware: refuses foreign hosts and origins, adds our head to pages, sets the security headers."""

    def __init__(self, app: App, *, hosts: frozenset[str], pages: frozenset[str], head: str) -> None:
        """``hosts``: names this server answers to, without ports; with a wildcard among them, every bare IP address
        too. ``head``: HTML put first into the head of ``pages``.

        Only the pages named may run inline scripts; any other HTML, such as an uploaded file, runs none.
        """
        self._app = app
        self._hosts = hosts
        self._any_address = bool(hosts & _EVERYWHERE)
        self._pages = pages
        self._head = head.encode()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if not self._ours(headers):
            await _refuse(send, 421, b"This address is not served here.\n")
            return
        if int(headers.get(b"content-length", b"0")) > MAX_BODY_BYTES:
            await _refuse(send, 413, b"That is too large.\n")
            return
        is_page = scope["path"].rstrip("/") in self._pages
        await self._app(scope, receive, _Reply(send, self._head if is_page else None).send)

    def _ours(self, headers: dict[bytes, bytes]) -> bool:
        """Whether the request names this server, and comes from its own pages if it comes from a page at all."""
        host = headers.get(b"host", b"").decode("latin-1")
        name = _without_port(host)
        if name not in self._hosts and not (self._any_address and _is_address(name)):
            return False
        origin = headers.get(b"origin", b"").decode("latin-1")
        return origin in ("", f"http://{host}", f"https://{host}")


class _Reply:
    """Holds a page back until it is whole, to name its scripts; lets everything else through as it comes."""

    def __init__(self, send: Send, head: bytes | None) -> None:
        self._send = send
        self._head = head
        self._start: Message | None = None
        self._page = bytearray()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kind = dict(message["headers"]).get(b"content-type", b"")
            if self._head is not None and kind.startswith(b"text/html"):
                self._start = message
                return
            message["headers"] = [*_others(message["headers"], ()), *_HEADERS, _policy(b"")]
        elif self._start is not None and message["type"] == "http.response.body":
            self._page += message.get("body", b"")
            if not message.get("more_body"):
                await self._send_page()
            return
        await self._send(message)

    async def _send_page(self) -> None:
        assert self._start is not None
        assert self._head is not None
        page = _OUTSIDE_META.sub(b"", bytes(self._page)).replace(b"<head>", b"<head>" + self._head, 1)
        length = (b"content-length", str(len(page)).encode())
        self._start["headers"] = [
            *_others(self._start["headers"], (b"content-length",)),
            *_HEADERS,
            _policy(page),
            length,
        ]
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": page})


def _policy(page: bytes) -> tuple[bytes, bytes]:
    """The content security policy of a page with these inline scripts."""
    digests = (hashlib.sha256(script).digest() for script in _INLINE_SCRIPT.findall(page))
    scripts = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    rules = (
        "default-src 'none'",
        f"script-src 'self' 'unsafe-eval' {scripts}".rstrip(),
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self' blob:",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
    return b"content-security-policy", "; ".join(rules).encode()


def _others(headers: list[tuple[bytes, bytes]], also: tuple[bytes, ...]) -> list[tuple[bytes, bytes]]:
    """The headers that are not ours to set, nor named in ``also``."""
    ours = {name for name, _ in _HEADERS} | {b"content-security-policy", *also}
    return [(name, value) for name, value in headers if name.lower() not in ours]


def _is_address(name: str) -> bool:
    """Whether a host is a bare IP address, which no foreign web page can have made its own name."""
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _without_port(host: str) -> str:
    name, _, port = host.rpartition(":")
    return (name if port.isdigit() and name else host).lower()


async def _refuse(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

"""A Chroma server's address, and requests to its REST API: each is answered in time, or is one clear line.

Place in the flow: settings -> **ChromaServer** -> `ingest.server_vectors`. Chroma's own client is not used for it: that
one waits without limit, from its construction on, and raises bare exceptions.
"""

import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote, urlsplit

from ingest.errors import VectorStoreError

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
WRITE_SECONDS = 300.0
_MOST_BYTES = 512_000_000  # of one reply: the ids of 50 million passages
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_DATABASE = "tenants/default_tenant/databases/default_database"
COLLECTIONS = f"{_DATABASE}/collections"


@dataclass(frozen=True, slots=True)
class ChromaServer:
    """Where a server is. ``address`` may be shown and stored; the login is never in it."""

    address: str
    login: tuple[str, str] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, url: str) -> "ChromaServer":
        """The server of a URL, and the login that may be in it. Raises ValueError, which shows no part of the URL."""
        text = url.strip()
        if not text.isascii() or not text.isprintable() or " " in text:
            raise ValueError("expected an address without spaces, such as http://localhost:8000")
        try:
            parts = urlsplit(text)
            port = "" if parts.port is None else f":{parts.port}"
        except ValueError:
            raise ValueError("expected an address with a port up to 65535, such as http://localhost:8000") from None
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("expected an address such as http://localhost:8000")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        return cls(f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}", login)

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine."""
        return urlsplit(self.address).hostname in _LOOPBACK


class NotThere(VectorStoreError):
    """The server holds no such collection."""


class ChromaWire:
    """Requests to one server. Safe for use from several threads; a context, which lets go of the connections."""

    def __init__(self, server: ChromaServer) -> None:
        """Make ready; nothing is sent yet."""
        import httpx

        self.server = server
        self._client = httpx.Client(
            auth=server.login,
            headers={"User-Agent": "footnote"},
            trust_env=not server.is_here,  # a proxy cannot reach this machine's own servers
        )

    def call(self, method: str, path: str, body: object = None, *, seconds: float | None = None) -> Any:
        """The document a request is answered with. path: below ``/api/v2/``. seconds: the longest it may take.

        Raises:
            NotThere: the collection does not exist. VectorStoreError: no reply in time, an error, or no Chroma reply.
        """
        import httpx
        from pydantic_core import from_json

        seconds = READ_SECONDS if seconds is None else seconds
        try:
            response, data = self._exchange(method, path, body, seconds)
        except (httpx.TimeoutException, TimeoutError) as error:
            waited = CONNECT_SECONDS if isinstance(error, httpx.ConnectTimeout) else seconds
            raise self.failure(f"did not answer within {waited:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self.failure(f"cannot be reached: {str(error) or type(error).__name__}") from error
        try:
            document = from_json(data) if data else None
        except ValueError as error:
            raise self._refusal(response.status_code, None) from error
        if response.status_code in (200, 201):
            return document
        raise self._refusal(response.status_code, document)

    def _exchange(self, method: str, path: str, body: object, seconds: float) -> "tuple[httpx.Response, bytes]":
        """The response and its body. Raises TimeoutError for one that drips past its time."""
        import httpx

        until = time.monotonic() + seconds
        limits = httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
        url = f"{self.server.address}/api/v2/{path}"
        received = bytearray()
        with self._client.stream(method, url, json=body, timeout=limits) as response:
            for chunk in response.iter_bytes():
                received += chunk
                if time.monotonic() > until:
                    raise TimeoutError
                if len(received) > _MOST_BYTES:
                    raise httpx.DecodingError("its reply does not end")
        return response, bytes(received)

    def _refusal(self, status: int, document: Any) -> VectorStoreError:
        """What a status other than success means."""
        known = isinstance(document, dict) and isinstance(document.get("message"), str)
        if not known:
            if status in (401, 403):
                return self.failure(f"refuses the login (status {status})", "put http://user:password@… in")
            return self.failure(f"does not answer as a Chroma server does (status {status})")
        said = " ".join(document["message"].split())[:200]
        if status == 404 and document.get("error") == "NotFoundError":
            return NotThere(f"Chroma server at {self.server.address!r}: {said}")
        return self.failure(f"refused (status {status}): {said}", "look at its log, and at")

    def failure(self, what: str, step: str = "start it, or mend") -> VectorStoreError:
        """The error that says what is wrong with this server."""
        return VectorStoreError(
            f"Chroma server at {self.server.address!r} {what}; {step} FOOTNOTE_CHROMA_URL (nothing was lost)"
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        """The object itself, closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

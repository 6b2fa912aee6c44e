"""The one way to the web: an address in, bytes out, whatever the server does.

Place in the flow: ``footnote add`` -> **Fetcher** -> readers. Built on httpcore, the engine of httpx: its network
layer is public, and that is where addresses are checked and pinned and deadlines kept (``ingest/pinned.py``).
Redirects are followed here, one hop at a time. Proxies of the environment are not used: behind a proxy it is the
proxy that resolves names, and nothing could be pinned.
"""

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import httpcore
import httpx

from ingest.errors import FetchError
from ingest.pinned import Deadline, PinnedNetwork, Resolver, system_resolver
from ingest.reply import Reply, content_type, read_reply, retry_after
from ingest.robots import Robots

_AGENT = "Footnote"
_RETRIED = frozenset((429, 500, 502, 503, 504))
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_ROBOTS_BYTES = 512 * 1024  # RFC 9309 asks for at least 500 KiB
_MAX_VALIDATOR_CHARS = 1000


@dataclass(frozen=True, slots=True)
class Limits:
    """How far one fetch may go. total_seconds: all of it, redirects, pauses and retries included.

    max_bytes: of the body, as it comes and after it is unpacked. max_pause_seconds: the longest wait for a retry.
    """

    connect_seconds: float = 10.0
    read_seconds: float = 20.0
    total_seconds: float = 60.0
    max_bytes: int = 50 * 1024 * 1024
    redirects: int = 5
    attempts: int = 3
    max_pause_seconds: float = 30.0
    gap_seconds: float = 0.5


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to tell its page's versions apart; sent back, it answers "not modified" (RFC 9110)."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as it came. url: where it was found in the end. charset: as the header names it, empty when it does not.

    unchanged: the server says it is the version that the validators sent belong to; the body is empty then.
    """

    url: str
    body: bytes
    media_type: str = ""
    charset: str = ""
    validators: Validators = Validators()
    unchanged: bool = False


class Fetcher:
    """A client that keeps to robots.txt, to its limits, and to public addresses. For one thread."""

    def __init__(
        self,
        *,
        allow_private: bool = False,
        limits: Limits | None = None,
        resolver: Resolver = system_resolver,
        ssl_context: ssl.SSLContext | None = None,
        network: httpcore.NetworkBackend | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """allow_private: also fetch from loopback, private and other addresses that are not public.

        resolver, ssl_context, network, sleep: the outside world, where a test brings its own.
        """
        self._allow_private = allow_private
        self._limits = limits or Limits()
        self._resolver = resolver
        self._ssl_context = ssl_context
        self._network = network
        self._sleep = sleep
        self._robots = Robots(self._robots_file, agent=_AGENT)
        self._asked: dict[str, float] = {}

    def fetch(self, address: str, validators: Validators | None = None) -> Fetched:
        """What is at the address.

        validators: of the version that is held already. Raises FetchError when it cannot, or must not, be had.
        """
        url = web_address(address)
        deadline = Deadline(self._limits.total_seconds)
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._followed(url, validators or Validators(), deadline)
            except FetchError as error:
                pause = error.retry_after if error.retry_after is not None else 0.5 * 2 ** (attempt - 1)
                hopeless = pause > min(self._limits.max_pause_seconds, deadline.left)
                if not error.retryable or hopeless or attempt == self._limits.attempts:
                    raise
                self._sleep(pause)

    def _followed(self, url: httpx.URL, validators: Validators, deadline: Deadline) -> Fetched:
        """What is at the end of the redirects, each of them allowed by the site it leads to."""
        for _ in range(self._limits.redirects + 1):
            self._keep_gap(url, self._robots.check(_origin(url), str(url), deadline))
            reply = self._get(url, _conditions(validators), deadline, self._limits.max_bytes)
            if reply.status not in _REDIRECTS:
                return _fetched(url, reply, is_conditional=validators != Validators())
            url = _redirected(url, reply)
        raise FetchError(f"expected a page after at most {self._limits.redirects} redirects, found another")

    def _robots_file(self, address: str, deadline: Deadline) -> tuple[int, bytes]:
        """Status and body of a robots.txt, redirects followed; endless ones count as none (RFC 9309)."""
        url = httpx.URL(address)
        for _ in range(self._limits.redirects + 1):
            reply = self._get(url, {}, deadline, _ROBOTS_BYTES, any_type=True)
            if reply.status not in _REDIRECTS:
                return reply.status, reply.body
            url = _redirected(url, reply)
        return 404, b""

    def _keep_gap(self, url: httpx.URL, wanted_seconds: float) -> None:
        """Waits until the host may be asked again."""
        origin = _origin(url)
        now = time.monotonic()
        if origin in self._asked:
            wait = self._asked[origin] + max(wanted_seconds, self._limits.gap_seconds) - now
            if wait > 0:
                self._sleep(wait)
        self._asked[origin] = time.monotonic()

    def _get(
        self, url: httpx.URL, conditions: Mapping[str, str], deadline: Deadline, max_bytes: int, any_type: bool = False
    ) -> Reply:
        """The answer to one GET request. Raises FetchError when there is none, or none within the limits."""
        headers = {
            "Host": url.netloc.decode("ascii"),
            "User-Agent": user_agent(),
            "Accept": "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, */*;q=0.5",
            "Accept-Encoding": "gzip",
            **conditions,
        }
        timeouts = {"connect": self._limits.connect_seconds, "read": self._limits.read_seconds, "write": 10.0}
        network = PinnedNetwork(
            deadline, resolver=self._resolver, allow_private=self._allow_private, network=self._network
        )
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        try:
            with (
                httpcore.ConnectionPool(
                    ssl_context=self._tls(url), max_keepalive_connections=0, network_backend=network
                ) as pool,
                pool.stream("GET", target, headers=list(headers.items()), extensions={"timeout": timeouts}) as response,
            ):
                return read_reply(response, max_bytes, any_type=any_type)
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise _failure(url, error, deadline) from error

    def _tls(self, url: httpx.URL) -> ssl.SSLContext | None:
        """The rules for certificates, made when they are first needed."""
        if self._ssl_context is None and url.scheme == "https":
            self._ssl_context = httpx.create_ssl_context()
        return self._ssl_context


def user_agent() -> str:
    """What we call ourselves: name and version, and what for."""
    try:
        return f"{_AGENT}/{version('footnote')} (+reads articles into one person's own archive)"
    except PackageNotFoundError:
        return f"{_AGENT} (+reads articles into one person's own archive)"


def web_address(address: str) -> httpx.URL:
    """The address in parts, without its fragment. Raises FetchError when it is none, or holds a password."""
    try:
        url = httpx.URL(address.strip()).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchError(f"expected a web address, found {address!r} ({error})") from error
    if url.scheme not in ("http", "https") or not url.host or (url.port or 0) > 65535:
        raise FetchError(f"expected an address that begins with http:// or https://, found {address!r}")
    if url.userinfo:
        raise FetchError(f"address of host {url.host!r} holds a name or password; leave it out")
    return url


def _origin(url: httpx.URL) -> str:
    """Scheme, host and port of an address."""
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def _conditions(validators: Validators) -> dict[str, str]:
    """The headers that ask for the page only if it has changed."""
    found = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in found.items() if value}


def _redirected(url: httpx.URL, reply: Reply) -> httpx.URL:
    """Where a redirect leads. Raises FetchError when that is no web address."""
    location = reply.headers.get("location", "")
    if not location:
        raise FetchError(f"{str(url)!r} redirects without saying where")
    try:
        return web_address(str(url.join(location)))
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchError(f"{str(url)!r} redirects to {location[:200]!r}, which is no address") from error


def _fetched(url: httpx.URL, reply: Reply, *, is_conditional: bool) -> Fetched:
    """The page of a reply. Raises FetchError for every status but 200, and 304 where that was asked for."""
    if reply.status == 304 and is_conditional:
        return Fetched(str(url), b"", unchanged=True)
    if reply.status != 200:
        wait = retry_after(reply.headers.get("retry-after", ""))
        asks = f"; it asks to come back in {wait:.0f} s" if wait else ""
        raise FetchError(
            f"{str(url)!r} answers with status {reply.status}{asks}",
            retryable=reply.status in _RETRIED,
            retry_after=wait,
        )
    media_type, charset = content_type(reply.headers)
    validators = Validators(
        *(value if value.isascii() and len(value) <= _MAX_VALIDATOR_CHARS else "" for value in (
            reply.headers.get("etag", ""), reply.headers.get("last-modified", "")
        ))
    )  # fmt: skip
    return Fetched(str(url), reply.body, media_type, charset, validators)


def _failure(url: httpx.URL, error: Exception, deadline: Deadline) -> FetchError:
    """What went wrong on the wire, in words. A certificate that does not fit today will not fit in a second."""
    if deadline.left <= 0:
        return FetchError(f"{str(url)!r} took too long; the time for one address was up")
    if isinstance(error, httpcore.TimeoutException):
        return FetchError(f"{str(url)!r} did not answer in time", retryable=True)
    if error.args and isinstance(error.args[0], ssl.SSLError):
        return FetchError(f"{str(url)!r} cannot be reached safely: {error}")
    if isinstance(error, httpcore.ProtocolError):
        return FetchError(f"{str(url)!r} broke off or does not speak HTTP ({str(error)[:200]})", retryable=True)
    return FetchError(f"{str(url)!r} cannot be reached ({str(error)[:200]})", retryable=True)

"""Connections that only ever go to addresses that were checked, and never outlast their deadline.

Place in the flow: fetch -> **PinnedNetwork** -> the network. A host name is resolved once for each connection, every
address it gives is checked, and the connection goes to one of those very addresses: a name that resolves to something
else a moment later (DNS rebinding) changes nothing. ``Host`` and TLS keep the name, so certificates are checked
against it. Redirects open new connections and so pass here again.
"""

import ipaddress
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from ssl import SSLContext
from typing import Any

import httpcore

from ingest.errors import FetchError

Resolver = Callable[[str, int], Sequence[str]]
"""The addresses of a host and port, as numbers. Raises OSError when there are none."""

_MAX_TRIED = 4  # addresses of one host
_GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def system_resolver(host: str, port: int) -> list[str]:
    """The addresses that the machine's own resolver gives."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet, whichever way it is written or wrapped."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not (ip.is_multicast or ip.is_reserved)
    wrapped = ip.ipv4_mapped or ip.sixtofour or (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
    if wrapped is not None:
        return is_public(str(wrapped))
    return ip in _GLOBAL_IPV6 and ip.is_global and not ip.is_multicast


class Deadline:
    """The moment by which everything must be done."""

    def __init__(self, seconds: float) -> None:
        """Set it so many seconds from now."""
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds left; zero or less when it has passed."""
        return self._end - time.monotonic()

    def cut(self, timeout: float | None) -> float:
        """The timeout, or what is left where that is less. Raises httpcore.ReadTimeout when nothing is left."""
        left = self.left
        if left <= 0:
            raise httpcore.ReadTimeout("deadline")
        return left if timeout is None else min(left, timeout)


class PinnedNetwork(httpcore.NetworkBackend):
    """The network as one fetch may use it: checked addresses, within a deadline."""

    def __init__(
        self,
        deadline: Deadline,
        *,
        resolver: Resolver = system_resolver,
        allow_private: bool = False,
        network: httpcore.NetworkBackend | None = None,
    ) -> None:
        """allow_private: also connect to addresses that are not public. network: what lies below it."""
        self._deadline = deadline
        self._resolver = resolver
        self._allow_private = allow_private
        self._network = network or httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to one of the host's addresses. Raises FetchError when one of them is not public."""
        failure: Exception = httpcore.ConnectError("no address")
        for address in self._addresses(host, port)[:_MAX_TRIED]:
            try:
                stream = self._network.connect_tcp(
                    address, port, self._deadline.cut(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self._deadline)
        raise failure

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Refused: nothing on the web is a local socket."""
        raise FetchError(f"expected a web address, found the local socket {path!r}")

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        """The host's addresses, all of them checked."""
        try:
            addresses = self._resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise FetchError(
                f"host {host[:100]!r} is not found ({error}); check its spelling and the connection", retryable=True
            ) from error
        refused = next((address for address in addresses if not is_public(address)), None)
        if refused is not None and not self._allow_private:
            raise FetchError(
                f"host {host!r} has the address {refused}, which is not on the public internet; "
                "if it is yours, fetch it with --allow-private"
            )
        return addresses


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every step ends at the deadline at the latest: a server that drips gains nothing."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.cut(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.cut(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._deadline.cut(timeout))
        return _TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

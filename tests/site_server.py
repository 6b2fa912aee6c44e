"""A web server on loopback whose every byte is scripted: what a well-kept client has to survive."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

# Made for these tests and good for nothing else: the name is news.test, the years 2020 to 2120.
PEM = """\
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIJA/tvSGVo01uvqHzNQDPh07QNGk64O+UVW+d5MT46VwoAoGCCqGSM49
AwEHoUQDQgAEo3V+YlID2MClTA0m8zKbS2kF6BFELs4mXThorcNXgub+Pzwv3fBF
+MxjNJdUxyNGNMEgVXHiObboAKj4pvkzAg==
-----END EC PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBeTCCAR+gAwIBAgIBATAKBggqhkjOPQQDAjAYMRYwFAYDVQQDDA1Gb290bm90
ZSB0ZXN0MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAYMRYwFAYD
VQQDDA1Gb290bm90ZSB0ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEo3V+
YlID2MClTA0m8zKbS2kF6BFELs4mXThorcNXgub+Pzwv3fBF+MxjNJdUxyNGNMEg
VXHiObboAKj4pvkzAqNYMFYwFAYDVR0RBA0wC4IJbmV3cy50ZXN0MA8GA1UdEwEB
/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgKEMB0GA1UdDgQWBBRRAHozkTjmKqMbCtzT
kWN7X0290DAKBggqhkjOPQQDAgNIADBFAiEAsoDA9JXS3jvdxJWUhwG2ebK3AW+l
d7WIbal39vqCe90CICy1fBi3FVtcPzO77N05GLJFvSRtDDo9S3+cDu2ClBqj
-----END CERTIFICATE-----
"""

Script = Callable[[socket.socket, threading.Event], None]


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]


@dataclass
class Site:
    """The replies by path, each the bytes on the wire or a script; of a list the next one at each request."""

    port: int
    replies: dict[str, bytes | Script | list[bytes]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def paths(self) -> list[str]:
        """The paths asked for, without the robots.txt that is asked for first."""
        return [request.path for request in self.requests if request.path != "/robots.txt"]

    def answer(self, connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            received = connection.recv(65536)
            if not received:
                return
            head += received
        first, *lines = head.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        path = first.split(" ")[1]
        self.requests.append(Request(path, headers))
        reply = self.replies.get(path, reply_of(b"not here", status=404))
        if isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        if callable(reply):
            reply(connection, self.over)
        else:
            connection.sendall(reply)


def reply_of(body: bytes | str, *, status: int = 200, media_type: str = "text/html", **headers: str) -> bytes:
    """A whole reply as it goes over the wire; ``content_length="5"`` overrides what is true."""
    data = body.encode() if isinstance(body, str) else body
    fields = {"content-type": media_type, "content-length": str(len(data)), "connection": "close"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return f"HTTP/1.1 {status} Said\r\n{lines}\r\n".encode("latin-1") + data


def redirect_to(location: str, *, status: int = 302) -> bytes:
    return reply_of(b"", status=status, location=location)


@contextmanager
def serving(certificates: Path | None = None) -> Iterator[Site]:
    """A running site; with a folder for its certificate it speaks TLS."""
    listener = socket.create_server(("127.0.0.1", 0))
    context = _tls(certificates) if certificates else None
    site = Site(listener.getsockname()[1])
    threads: list[threading.Thread] = []

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(5)
            if context is None:
                site.answer(connection)
                return
            with context.wrap_socket(connection, server_side=True) as secured:
                site.answer(secured)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=answer, args=(connection,)))
            threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield site
    finally:
        site.over.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for thread in threads:
            thread.join()


def _tls(folder: Path) -> ssl.SSLContext:
    path = folder / "site.pem"
    path.write_text(PEM, encoding="ascii")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context

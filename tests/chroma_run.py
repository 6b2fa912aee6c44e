"""A real Chroma server on loopback, as `chroma run` starts it, and a stand-in that answers every request the same."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

START_SECONDS = 60.0
_DATABASE = "api/v2/tenants/default_tenant/databases/default_database"
# What the command `chroma` calls, without the Python half of the package, which takes a second to load.
_RUN = "import sys, chromadb_rust_bindings as chroma; chroma.cli(['chroma', *sys.argv[1:]])"


class ChromaRun:
    """A server that can be killed and started again at the same address, with what it holds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-c", _RUN, "run", "--path", str(self.folder), "--host", "127.0.0.1"]
        self._process = subprocess.Popen(
            [*command, "--port", str(self.port)],
            env={**os.environ, "ANONYMIZED_TELEMETRY": "False"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + START_SECONDS
        while not self.answers():
            assert self._process.poll() is None, "chroma run ended at once"
            assert time.monotonic() < until, "chroma run does not answer"
            threading.Event().wait(0.05)

    def answers(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/api/v2/heartbeat", trust_env=False, timeout=2).status_code == 200
        return False

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def collections(self) -> dict[str, str]:
        """The id of each collection by its name."""
        return {each["name"]: each["id"] for each in self.request("GET", "collections").json()}

    def request(self, method: str, path: str, body: object = None) -> httpx.Response:
        url = f"{self.url}/{_DATABASE}/{path}"
        return httpx.request(method, url, json=body, trust_env=False, timeout=30).raise_for_status()


@contextlib.contextmanager
def scripted(status: int, body: bytes, headers: dict[str, str] | None = None) -> Iterator[Any]:
    """A server whose every reply is this one; ``url`` is its address, ``seen`` the headers of the requests."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.server.seen.append(dict(self.headers))  # type: ignore[attr-defined]
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_DELETE = do_GET  # noqa: N815

        def log_message(self, *args: object) -> None:
            pass

    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen, server.url = [], f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

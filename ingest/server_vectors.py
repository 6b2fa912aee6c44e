"""The vectors of one generation in a collection of a Chroma server. Place in the flow: as `ingest.vectors`."""

import base64
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ingest.chroma_wire import COLLECTIONS, WRITE_SECONDS, ChromaServer, ChromaWire, NotThere
from ingest.errors import IndexDamaged, VectorStoreError
from ingest.vectors import HNSW, apart, as_table, one_row

# The graph grows while the request waits. 1,000 vectors took 0.7 s, and ten times as long on a busy machine.
_STORED_AT_ONCE = 1000
_STORED_BYTES = 16_000_000  # of one request; the server takes 40 MB
_SOUGHT_AT_ONCE = 250

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]
T = TypeVar("T")


class ServerVectors:
    """Vectors of unit norm by passage number. Safe for use from several threads. server: the address of theirs."""

    def __init__(self, server: ChromaServer, name: str, *, create: bool = False) -> None:
        """Open a collection, or make a new one of that name.

        Raises:
            IndexDamaged: it is not there. VectorStoreError: the server does not answer as it should.
        """
        self.server = server.address
        self._name = name
        self._wire = ChromaWire(server)
        self._total: int | None = None
        try:
            self._id = self._create() if create else self._told(lambda: str(self._call("GET", f"/{name}")["id"]))
        except (IndexDamaged, VectorStoreError):
            self.close()
            raise

    def _create(self) -> str:
        body = {"name": self._name, "configuration": {"hnsw": HNSW}, "get_or_create": False}
        return self._told(lambda: str(self._call("POST", "", body)["id"]))

    def close(self) -> None:
        """Let go of the connections. The object is of no use afterwards."""
        self._wire.close()

    def count(self) -> int:
        """How many vectors there are."""
        return self._told(lambda: int(self._call("GET", f"/{self._id}/count")))

    def numbers(self) -> Numbers:
        """Every passage number that has a vector, ascending."""
        body: dict[str, object] = {"include": []}
        return self._told(lambda: np.sort(np.array(self._call("POST", f"/{self._id}/get", body)["ids"], np.int64)))

    def add(self, numbers: Numbers, vectors: Floats) -> None:
        """Store vectors (n, dim) under new passage numbers (n,), each moved by a hair (see `apart`)."""
        self._total = None
        vectors = apart(numbers, vectors)
        row_bytes = vectors.shape[1] * 4 * 4 // 3 + 50
        step = max(1, min(_STORED_AT_ONCE, _STORED_BYTES // row_bytes))
        for start in range(0, len(numbers), step):
            part = slice(start, start + step)
            rows = [base64.b64encode(row.tobytes()).decode() for row in vectors[part].astype("<f4")]
            body = {"ids": [str(number) for number in numbers[part].tolist()], "embeddings": rows}
            self._call("POST", f"/{self._id}/add", body, seconds=WRITE_SECONDS)

    def remove(self, numbers: Numbers) -> None:
        """Take vectors out; numbers without a vector are passed over."""
        self._total = None
        for start in range(0, len(numbers), _STORED_AT_ONCE):
            ids = [str(number) for number in numbers[start : start + _STORED_AT_ONCE].tolist()]
            self._call("POST", f"/{self._id}/delete", {"ids": ids}, seconds=WRITE_SECONDS)

    def nearest(self, vector: Floats, k: int) -> tuple[Numbers, Floats]:
        """Numbers and cosines (-1..1) of the k passages nearest to a vector (dim,), best first. Approximate (HNSW)."""
        return one_row(self.nearest_to_each(vector[None], k))

    def nearest_to_each(self, vectors: Floats, k: int) -> tuple[Numbers, Floats]:
        """Numbers and cosines, each (n, k), of the k passages nearest to each vector (n, dim); see `as_table`."""
        total = self._total if self._total is not None else self.count()
        self._total = total
        k = min(k, total)
        if k <= 0:
            return as_table([[]] * len(vectors), [[]] * len(vectors), 0)
        parts = [
            self._sought(vectors[start : start + _SOUGHT_AT_ONCE], k)
            for start in range(0, len(vectors), _SOUGHT_AT_ONCE)
        ]
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])

    def _sought(self, vectors: Floats, k: int) -> tuple[Numbers, Floats]:
        body = {"query_embeddings": vectors.tolist(), "n_results": k, "include": ["distances"]}

        def search() -> tuple[Numbers, Floats]:
            found = self._call("POST", f"/{self._id}/query", body)
            if len(found["ids"]) != len(vectors):
                raise ValueError("not a row for each vector")
            return as_table(found["ids"], found["distances"], k)

        return self._told(search)

    def _call(self, method: str, path: str, body: object = None, *, seconds: float | None = None) -> Any:
        """The server's reply on this collection; one that is gone is damage to the index."""
        try:
            return self._wire.call(method, COLLECTIONS + path, body, seconds=seconds)
        except NotThere as error:
            raise IndexDamaged(
                f"collection {self._name!r} is missing from the Chroma server at {self.server!r}; "
                "run `footnote reindex --rebuild`"
            ) from error

    def _told(self, reading: Callable[[], T]) -> T:
        """What is read out of a reply; one of another shape is none of Chroma's."""
        try:
            return reading()
        except (LookupError, TypeError, ValueError) as error:
            raise self._wire.failure(f"does not answer as a Chroma server does ({error})") from error


def require_server(server: ChromaServer) -> None:
    """Raise VectorStoreError unless a server answers, and takes vectors in the form in which they are sent."""
    with ChromaWire(server) as wire:
        checks = wire.call("GET", "pre-flight-checks")
        if not isinstance(checks, dict) or "max_batch_size" not in checks:
            raise wire.failure("does not answer as a Chroma server does")
        if not checks.get("supports_base64_encoding"):
            raise wire.failure("is older than Chroma 1.0", "start a newer one, and name it in")


def drop_collection(server: ChromaServer, name: str) -> bool:
    """Take a collection away; False when there was none. Raises VectorStoreError."""
    with ChromaWire(server) as wire:
        try:
            wire.call("DELETE", f"{COLLECTIONS}/{name}")
        except NotThere:
            return False
    return True


def server_version(server: ChromaServer) -> str:
    """The version of the protocol that a server speaks, such as ``1.0.0``. Raises VectorStoreError."""
    with ChromaWire(server) as wire:
        return str(wire.call("GET", "version"))

"""Vectors already computed, by model and text: no text is ever embedded twice."""

import contextlib
import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.embed import Embedder

_SCHEMA = """CREATE TABLE IF NOT EXISTS vectors (
    model TEXT NOT NULL, text BLOB NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (model, text)) WITHOUT ROWID"""


class VectorCache:
    """(model fingerprint, sha256 of a text) -> vector, in SQLite. A cache that cannot be read is made afresh."""

    def __init__(self, path: Path) -> None:
        """Open the cache in a file, or make it."""
        try:
            self._connection = self._open(path)
        except sqlite3.DatabaseError:
            for suffix in ("", "-wal", "-shm", "-journal"):
                with contextlib.suppress(FileNotFoundError):
                    Path(f"{path}{suffix}").unlink()
            self._connection = self._open(path)

    @staticmethod
    def _open(path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(_SCHEMA)
        return connection

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def get_many(self, fingerprint: str, texts: Sequence[str]) -> list[NDArray[np.float32] | None]:
        """The vector of each text, None where it is not known."""
        sql = "SELECT vector FROM vectors WHERE model = ? AND text = ?"
        rows = (self._connection.execute(sql, (fingerprint, _digest(text))).fetchone() for text in texts)
        return [np.frombuffer(row[0], np.float32) if row else None for row in rows]

    def put_many(self, fingerprint: str, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Keep vectors (n, dim) of texts (n,), in one transaction."""
        self._connection.execute("BEGIN")
        self._connection.executemany(
            "INSERT OR REPLACE INTO vectors (model, text, vector) VALUES (?,?,?)",
            [(fingerprint, _digest(text), vector.tobytes()) for text, vector in zip(texts, vectors, strict=True)],
        )
        self._connection.execute("COMMIT")


def embed_cached(embedder: Embedder, cache: VectorCache, texts: Sequence[str]) -> tuple[NDArray[np.float32], int]:
    """Vectors (n, dim) of passages, and how many of them had to be computed."""
    found = cache.get_many(embedder.fingerprint, texts)
    unknown = [text for text, vector in zip(texts, found, strict=True) if vector is None]
    fresh = iter(np.empty((0, embedder.dim), np.float32))
    if unknown:
        computed = embedder.encode_passages(unknown)
        cache.put_many(embedder.fingerprint, unknown, computed)
        fresh = iter(computed)
    return np.array([next(fresh) if vector is None else vector for vector in found], np.float32), len(unknown)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()

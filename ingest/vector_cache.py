"""Vectors already computed, by model and text: no text is embedded twice. Stands between the build and the model."""

import contextlib
import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.embed import Embedder

_SCHEMA = """CREATE TABLE IF NOT EXISTS vectors (
    model TEXT NOT NULL, text BLOB NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (model, text)) WITHOUT ROWID"""
_WAIT_SECONDS = 30
_AT_ONCE = 256  # texts encoded and kept at once: a few seconds' work on a slow machine


class VectorCache:
    """(model fingerprint, sha256 of a text) -> vector, in SQLite.

    Written in whole transactions to a write-ahead log, so a kill loses the last batch at most and readers never wait.
    A file that cannot be read is thrown away and made afresh, whenever that shows: everything in it can be computed.
    """

    def __init__(self, path: Path) -> None:
        """Open the cache in a file, or make it."""
        self._path = path
        try:
            self._connection = self._open()
        except sqlite3.DatabaseError as error:
            self._renew(error)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def get_many(self, fingerprint: str, texts: Sequence[str]) -> list[NDArray[np.float32] | None]:
        """The vector of each text, None where it is not known."""
        sql = "SELECT vector FROM vectors WHERE model = ? AND text = ?"
        try:
            rows = [self._connection.execute(sql, (fingerprint, _digest(text))).fetchone() for text in texts]
        except sqlite3.DatabaseError as error:
            self._renew(error)
            return [None] * len(texts)
        return [np.frombuffer(row[0], np.float32) if row else None for row in rows]

    def put_many(self, fingerprint: str, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Keep vectors (n, dim) of texts (n,), in one transaction."""
        rows = [
            (fingerprint, _digest(text), vector.astype("<f4").tobytes())
            for text, vector in zip(texts, vectors, strict=True)
        ]
        try:
            self._write(rows)
        except sqlite3.DatabaseError as error:
            self._renew(error)
            self._write(rows)

    def _write(self, rows: list[tuple[str, bytes, bytes]]) -> None:
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany("INSERT OR REPLACE INTO vectors (model, text, vector) VALUES (?,?,?)", rows)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_WAIT_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(_SCHEMA)
            connection.execute("SELECT model, text, vector FROM vectors LIMIT 1").fetchone()
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _renew(self, error: sqlite3.DatabaseError) -> None:
        """Start over with an empty file. A full disk, a lock or missing rights are not mended by that: raised again."""
        if not _is_damage(error):
            raise error
        if hasattr(self, "_connection"):
            self._connection.close()
        for suffix in ("", "-wal", "-shm", "-journal"):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{self._path}{suffix}").unlink()
        self._connection = self._open()


def embed_cached(
    embedder: Embedder, cache: VectorCache, texts: Sequence[str], *, told: Callable[[int], None] = lambda done: None
) -> tuple[NDArray[np.float32], int]:
    """Vectors (n, dim) of passages, and how many of them had to be computed. The same text is computed once.

    Kept in the cache some at a time, so that little is lost when it is stopped. told: how many texts are done by now.
    """
    vectors = np.empty((len(texts), embedder.dim), np.float32)
    unknown: dict[str, list[int]] = {}
    for place, found in enumerate(cache.get_many(embedder.fingerprint, texts)):
        if found is not None and found.shape == (embedder.dim,):
            vectors[place] = found
        else:
            unknown.setdefault(texts[place], []).append(place)
    left = sum(map(len, unknown.values()))
    ordered = sorted(unknown, key=len)  # texts of one length are encoded together
    parts = max(1, len(ordered) // _AT_ONCE)
    for part in (ordered[at * len(ordered) // parts : (at + 1) * len(ordered) // parts] for at in range(parts)):
        told(len(texts) - left)
        if not part:
            break
        computed = embedder.encode_passages(part)
        cache.put_many(embedder.fingerprint, part, computed)
        for text, vector in zip(part, computed, strict=True):
            vectors[unknown[text]] = vector
            left -= len(unknown[text])
    told(len(texts))
    return vectors, len(unknown)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is at fault: not a database, malformed, or of another form."""
    damage = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_FORMAT}
    return (getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF) in damage

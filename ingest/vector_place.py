"""Where the vectors of a generation are: in its folder, or in a collection of its own on a Chroma server.

Place in the flow: settings, generation's folder -> **vector_place** -> `ingest.vectors` or `ingest.server_vectors`.
A generation on a server holds ``chroma.json`` in place of ``chroma/``. It is written before the collection is made and
goes after it, so no collection is ever forgotten, whenever a run is killed.
"""

import json
import os
import secrets
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.chroma_wire import ChromaServer
from ingest.errors import IndexDamaged, IndexMismatch, StoredIndexError, VectorStoreError
from ingest.server_vectors import ServerVectors, drop_collection
from ingest.vectors import Vectors

CHROMA_FOLDER = "chroma"
PLACE_FILE = "chroma.json"

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]


class StoredVectors(Protocol):
    """Vectors of unit norm by passage number, wherever they are kept."""

    @property
    def server(self) -> str:
        """The address of their server; empty for vectors in the index folder."""

    def count(self) -> int:
        """How many there are."""

    def numbers(self) -> Numbers:
        """Every passage number that has a vector, ascending."""

    def add(self, numbers: Numbers, vectors: Floats) -> None:
        """Store vectors (n, dim) under new passage numbers (n,)."""

    def remove(self, numbers: Numbers) -> None:
        """Take vectors out; numbers without a vector are passed over."""

    def nearest(self, vector: Floats, k: int) -> tuple[Numbers, Floats]:
        """Numbers and cosines (-1..1) of the k nearest to a vector (dim,), best first."""

    def nearest_to_each(self, vectors: Floats, k: int) -> tuple[Numbers, Floats]:
        """Numbers and cosines, each (n, k), of the k nearest to each vector (n, dim)."""

    def close(self) -> None:
        """Let go of files and connections."""


@dataclass(frozen=True, slots=True)
class _Place:
    """What ``chroma.json`` says. index: the folder that made the collection, and alone may take it away."""

    server: str
    collection: str
    index: str

    @classmethod
    def of(cls, folder: Path) -> "_Place | None":
        """Where a generation's vectors are; None when they are in its folder. Raises OSError, ValueError, TypeError."""
        path = folder / PLACE_FILE
        return cls(**json.loads(path.read_bytes())) if path.exists() else None


def open_vectors(folder: Path, server: ChromaServer | None, *, writable: bool = False) -> StoredVectors:
    """The vectors of a generation. server: the one in the settings. writable: for one that is not published yet.

    Raises:
        IndexDamaged: they are not there. IndexMismatch: they are on a server, and settings name none or another.
        VectorStoreError: the server does not answer.
    """
    try:
        place = _Place.of(folder)
    except (OSError, ValueError, TypeError) as error:
        raise IndexDamaged(f"{str(folder / PLACE_FILE)!r} cannot be read; run `footnote reindex --rebuild`") from error
    if place is None:
        return Vectors(folder / CHROMA_FOLDER, writable=writable)
    if server is None:
        raise IndexMismatch(
            f"the vectors of {str(folder.parents[1])!r} are on the Chroma server at {place.server!r}, settings name "
            "no server; set FOOTNOTE_CHROMA_URL, or run `footnote reindex` to have them in the folder"
        )
    try:
        return ServerVectors(server, place.collection)
    except IndexDamaged as error:
        if place.server == server.address:
            raise
        raise IndexMismatch(
            f"the vectors of {str(folder.parents[1])!r} were put on the Chroma server at {place.server!r}, settings "
            f"name {server.address!r}, where they are not; run `footnote reindex`"
        ) from error


def create_vectors(folder: Path, server: ChromaServer | None) -> StoredVectors:
    """No vectors yet, for a generation in the making. Raises VectorStoreError, and OSError where there is no room."""
    if server is None:
        return Vectors(folder / CHROMA_FOLDER, create=True)
    generation = folder.name.removesuffix(".building")
    place = _Place(server.address, f"footnote-{generation}-{secrets.token_hex(4)}", _index_of(folder))
    with (folder / PLACE_FILE).open("w", encoding="utf-8") as file:
        json.dump(asdict(place), file)
        file.flush()
        os.fsync(file.fileno())
    return ServerVectors(server, place.collection, create=True)


def copy_vectors(source: Path, folder: Path, *, without: Numbers) -> StoredVectors:
    """A generation's vectors copied from its folder to another's, to be added to, less some."""
    shutil.copytree(source / CHROMA_FOLDER, folder / CHROMA_FOLDER)
    vectors = Vectors(folder / CHROMA_FOLDER, writable=True)
    try:
        vectors.remove(without)
    except StoredIndexError:
        vectors.close()
        raise
    return vectors


def discard(folder: Path, server: ChromaServer | None) -> str:
    """Take a generation away, its collection first; says what had to stay behind, mostly nothing.

    While the server does not answer the folder stays too, for the next time.
    """
    try:
        place = _Place.of(folder)
    except (OSError, ValueError, TypeError):
        place = None
    left = ""
    if place is not None:
        name = f"collection {place.collection!r} stays on the Chroma server at {place.server!r}"
        if place.index != _index_of(folder):
            left = f"{name}: it was made by the index {place.index!r}; delete it there when that one is gone"
        elif server is None:
            left = f"{name}, which settings do not name any more; delete it there"
        else:
            try:
                if not drop_collection(server, place.collection) and server.address != place.server:
                    left = f"{name}, settings name {server.address!r}; delete it there"
            except VectorStoreError as error:
                return f"{name} for now: {error}"
    shutil.rmtree(folder, ignore_errors=True)
    return left


def _index_of(folder: Path) -> str:
    return str(folder.parents[1].resolve())

"""An index on disk is a row of immutable generations; CURRENT names the one being served.

    <index-dir>/CURRENT, lock, vectors.cache.sqlite3
    <index-dir>/generations/<id>/manifest.json, catalog.sqlite3, words/, vectors.npy, chroma/ (or chroma.json)

A generation is built beside the served one under a name that ends in ``.building``, verified, renamed, and only then
named in CURRENT. Nothing that CURRENT names is ever written again. `ingest.served` reads them while they change.
"""

import contextlib
import hashlib
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path

import numpy as np

from ingest.catalog import Catalog, Columns
from ingest.chroma_wire import ChromaServer
from ingest.encoders import available_cores
from ingest.errors import IndexDamaged, IndexMismatch, IndexMissing, StoredIndexError
from ingest.vector_place import CHROMA_FOLDER, PLACE_FILE, discard, open_vectors
from ingest.vector_rows import VECTORS_FILE, Flags, Floats, Rows, VectorRows
from ingest.words import WordIndex

FORM = 5
"""The form of an index on disk. A generation of another form is not opened."""

KEPT = 2
BUILDING = ".building"
_CURRENT = "CURRENT"
_FRESH = "CURRENT.new"
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,99}")  # never a path
_GENERATIONS = "generations"
_HASHED = ("catalog.sqlite3", "words", VECTORS_FILE, CHROMA_FOLDER, PLACE_FILE)
# Up to so many vectors are compared one by one: 20,000 take about as long as a search of the graph for twice as many.
_FEW = 20_000
# The graph is asked for at least one in so many vectors: the wider it searches, the fewer it misses. Of a million, the
# ten nearest are found to 0.988 when 50 or 300 are asked for and to 0.9915 when 500 are, in 7 ms for 2.5.
_ONE_IN = 2_000


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation holds, and what it was made with.

    removed: vectors taken out of the Chroma collection since it was made afresh (they still cost search time).
    digests: sha256 by file within the generation.
    """

    id: str
    created: str
    articles: int
    passages: int
    model: str
    fingerprint: str
    dim: int
    chunker: str
    removed: int
    digests: dict[str, str]
    form: int = FORM

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """The manifest in a file.

        Raises:
            IndexDamaged: it is missing or no manifest. IndexMismatch: it is of another form.
        """
        try:
            found = json.loads(path.read_bytes())
            form = found["form"]
            if form == FORM:
                manifest = cls(**{field.name: found[field.name] for field in fields(cls)})
                if manifest._seal() != found["seal"]:
                    raise ValueError("seal does not match")
                return manifest
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexDamaged(f"{str(path)!r} is no manifest ({error!r}); run `footnote reindex`") from error
        raise IndexMismatch(
            f"the index of {str(path.parent)!r} has form {form!r}, this version reads {FORM}; run `footnote reindex`"
        )

    def write(self, path: Path) -> None:
        """Write the manifest, through to the disk."""
        with path.open("w", encoding="utf-8") as file:
            json.dump({**asdict(self), "seal": self._seal()}, file, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())

    def _seal(self) -> str:
        """A digest of everything else, so that a manifest that was altered is known for one."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


class Generation:
    """One generation, open for reading. Safe for use from several threads; `close` when the last question is done."""

    def __init__(self, folder: Path, *, server: ChromaServer | None = None, check_files: bool = True) -> None:
        """Open and check a generation.

        server: the Chroma server in the settings. check_files: hash them; needless just after they were.

        Raises:
            IndexDamaged: it does not hold what its manifest says. IndexMismatch: it is of another form, or its vectors
            are on another server. VectorStoreError: the server does not answer.
        """
        self.folder = folder
        self.manifest = Manifest.read(folder / "manifest.json")
        if self.manifest.id != folder.name.removesuffix(BUILDING):
            raise IndexDamaged(f"{str(folder)!r} holds generation {self.manifest.id!r} instead; run `footnote reindex`")
        if check_files:
            check_digests(folder, self.manifest.digests)
        with contextlib.ExitStack() as opened:
            self.catalog = Catalog(folder / "catalog.sqlite3")
            opened.callback(self.catalog.close)
            self.words = _words(folder / "words")
            self.rows = VectorRows(folder / VECTORS_FILE)
            self.vectors = open_vectors(folder, server)
            opened.callback(self.vectors.close)
            self._check_counts()
            self._opened = opened.pop_all()

    def _check_counts(self) -> None:
        expected = (self.manifest.articles, *[self.manifest.passages] * 3)
        found = (*self.catalog.counts(), self.vectors.count(), len(self.rows))
        if found != expected:
            raise IndexDamaged(
                f"{str(self.folder)!r} should hold {expected[0]} articles, {expected[1]} passages and as many vectors, "
                f"found {found[0]}, {found[1]}, {found[2]} in Chroma and {found[3]} in {VECTORS_FILE!r}; "
                "run `footnote reindex --rebuild`"
            )

    @property
    def id(self) -> str:
        """The generation's name."""
        return self.manifest.id

    @cached_property
    def columns(self) -> Columns:
        """The catalog as arrays."""
        return self.catalog.columns()

    @cached_property
    def outlets(self) -> frozenset[str]:
        """The outlets of the articles, the unnamed one (an empty name) among them where there is one."""
        return frozenset(self.columns.source)

    def nearest(self, vector: Floats, k: int, admitted: Flags) -> Rows:
        """The k rows nearest to a vector (dim,), best first, among the admitted (n_passages,); fewer where fewer are.

        The graph is searched, for enough that those which are not admitted can be dropped. A few admitted among others
        are compared one by one.
        """
        count = int(admitted.sum())
        if count > _FEW or count == len(admitted):
            spare = 1.0 if count == len(admitted) else 1.5 * len(admitted) / count
            numbers, _ = self.vectors.nearest(vector, max(int(k * spare), len(admitted) // _ONE_IN))
            rows = self.columns.positions(numbers)
            rows = rows[admitted[rows]]
            if len(rows) >= k:
                return rows[:k]
        return self.rows.nearest(vector, k, np.flatnonzero(admitted))

    def check_model(self, name: str, fingerprint: str) -> None:
        """Raise IndexMismatch unless the generation was made with that embedding model."""
        if fingerprint != self.manifest.fingerprint:
            raise IndexMismatch(
                f"index {str(self.folder.parents[1])!r} was built with {self.manifest.model!r}, settings ask for "
                f"{name!r}{' (other weights)' if name == self.manifest.model else ''}; run `footnote reindex`"
            )

    def close(self) -> None:
        """Let go of every file."""
        self._opened.close()


def current_id(index_dir: Path) -> str | None:
    """The name of the generation being served; None when there is none, or CURRENT names nothing that could be one.

    Raises:
        StoredIndexError: the index folder cannot be read.
    """
    try:
        name = (index_dir / _CURRENT).read_text(encoding="utf-8", errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StoredIndexError(f"index folder {str(index_dir)!r} cannot be read: {error.strerror}") from error
    return name if _NAME.fullmatch(name) and not name.endswith(BUILDING) else None


def generation_folder(index_dir: Path, generation_id: str) -> Path:
    """Where a generation of that name is kept."""
    return index_dir / _GENERATIONS / generation_id


def open_current(index_dir: Path, *, server: ChromaServer | None = None) -> Generation:
    """The generation being served; when it cannot be, the newest other one, with a warning.

    server: the Chroma server in the settings.

    Raises:
        IndexMissing: nothing has been indexed. IndexDamaged: no generation can be read. IndexMismatch: another form,
        or on another server. VectorStoreError: the server does not answer.
    """
    while True:
        named = current_id(index_dir)
        try:
            return _open_named(index_dir, named, server)
        except IndexDamaged as damage:
            if current_id(index_dir) != named:
                continue  # not damaged: a newer one was published, and this one swept, while it was being opened
            return _open_other(index_dir, named, damage, server)


def _open_named(index_dir: Path, named: str | None, server: ChromaServer | None) -> Generation:
    """The generation that CURRENT names. Raises what `open_current` raises."""
    if named is not None:
        return Generation(generation_folder(index_dir, named), server=server)
    if published_ids(index_dir):
        raise IndexDamaged(f"{str(index_dir / _CURRENT)!r} names no generation; run `footnote reindex`")
    raise IndexMissing(f"no index in {str(index_dir)!r}; run `footnote reindex` to make one")


def _open_other(index_dir: Path, damaged: str | None, damage: IndexDamaged, server: ChromaServer | None) -> Generation:
    """The newest generation that can be read but for the damaged one; raises the damage when there is none."""
    for name in reversed([name for name in published_ids(index_dir) if name != damaged]):
        with contextlib.suppress(IndexDamaged, IndexMismatch):
            generation = Generation(generation_folder(index_dir, name), server=server)
            warn(f"{damage}; serving generation {name!r} until then")
            return generation
    raise damage


def _words(folder: Path) -> WordIndex:
    try:
        return WordIndex.open(folder)
    except (OSError, ValueError) as error:
        raise IndexDamaged(f"{str(folder)!r} cannot be read: {error}; run `footnote reindex --rebuild`") from error


def warn(line: str) -> None:
    """Tell whoever runs this, on the logger ``footnote``."""
    import logging

    logging.getLogger("footnote").warning(line)


def published_ids(index_dir: Path) -> list[str]:
    """Names of the finished generations on disk, oldest first."""
    folder = index_dir / _GENERATIONS
    if not folder.is_dir():
        return []
    return sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and not entry.name.endswith(BUILDING))


def publish(index_dir: Path, building: Path, generation_id: str) -> None:
    """Give a finished build its name and make it the one being served. Atomic: before or after, never between."""
    _sync_tree(building)
    final = generation_folder(index_dir, generation_id)
    building.rename(final)
    _sync_folder(final.parent)
    fresh = index_dir / _FRESH
    with fresh.open("w", encoding="utf-8") as file:
        file.write(generation_id + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(index_dir / _CURRENT)
    _sync_folder(index_dir)


def sweep(index_dir: Path, *, server: ChromaServer | None = None, beside: str | None = None) -> None:
    """Take away what unfinished runs left, and all but two generations. Only under the writer's lock.

    beside: the generation to keep beside the current one; the newest other by default.
    """
    folder = index_dir / _GENERATIONS
    if not folder.is_dir():
        return
    (index_dir / _FRESH).unlink(missing_ok=True)
    names, current = published_ids(index_dir), current_id(index_dir)
    others = [name for name in names if name != current and beside in (None, name)]
    kept = [*others, *[name for name in names if name == current]][-KEPT:]
    for entry in folder.iterdir():
        if entry.name not in kept and (left := discard(entry, server)):
            warn(left)


def digests_of(folder: Path) -> dict[str, str]:
    """sha256 of each file of a generation but its manifest, by its path within the folder. Raises OSError."""

    def digest(path: Path) -> str:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    paths = [path for top in _HASHED for path in _files_under(folder / top)]
    with ThreadPoolExecutor(available_cores()) as pool:  # hashing leaves Python's lock to the others
        digests = pool.map(digest, paths)
        return {path.relative_to(folder).as_posix(): found for path, found in zip(paths, digests, strict=True)}


def check_digests(folder: Path, expected: dict[str, str]) -> None:
    """Raise IndexDamaged unless the files of a generation are exactly those of its manifest."""
    try:
        found = digests_of(folder)
    except OSError as error:
        raise IndexDamaged(f"{str(folder)!r} cannot be read: {error}; run `footnote reindex`") from error
    for name in sorted(found.keys() | expected.keys()):
        if found.get(name) != expected.get(name):
            state = "is missing" if name not in found else "has changed since it was written"
            raise IndexDamaged(f"{str(folder / name)!r} {state}; run `footnote reindex`")


def _files_under(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(entry for entry in path.rglob("*") if entry.is_file())
    return [path] if path.exists() else []


def _sync_tree(folder: Path) -> None:
    for parent, _, names in os.walk(folder):
        for name in names:
            _sync_folder(Path(parent, name))
        _sync_folder(Path(parent))


def _sync_folder(path: Path) -> None:
    """Flush a file or a folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

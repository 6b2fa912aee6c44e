"""The catalog of one generation: articles, passages and the state of every file, in SQLite.

A passage is stored as a span of its article, so a passage whose text differs from the article cannot exist.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from ingest.article import Article, Passage, Published
from ingest.chunk import Span
from ingest.errors import IndexDamaged
from ingest.sketch import sketch

_SCHEMA = """
CREATE TABLE articles (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, text TEXT NOT NULL, source TEXT NOT NULL, author TEXT NOT NULL,
    published TEXT, published_origin TEXT, first_day INTEGER NOT NULL, last_day INTEGER NOT NULL,
    url TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL, excerpt INTEGER NOT NULL, language TEXT NOT NULL);
CREATE INDEX articles_path ON articles (path);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    article INTEGER NOT NULL REFERENCES articles (row), ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL, stop INTEGER NOT NULL);
CREATE INDEX passages_article ON passages (article);
CREATE TABLE sketches (passage INTEGER NOT NULL, key INTEGER NOT NULL, PRIMARY KEY (passage, key)) WITHOUT ROWID;
CREATE INDEX sketches_key ON sketches (key);
CREATE TABLE files (
    path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL);
CREATE VIRTUAL TABLE mentions USING fts5 (
    title, text, content='articles', content_rowid='row', tokenize="porter unicode61 remove_diacritics 2");
CREATE TRIGGER articles_added AFTER INSERT ON articles BEGIN
    INSERT INTO mentions (rowid, title, text) VALUES (new.row, new.title, new.text);
END;
CREATE TRIGGER articles_removed AFTER DELETE ON articles BEGIN
    INSERT INTO mentions (mentions, rowid, title, text) VALUES ('delete', old.row, old.title, old.text);
END;
"""
_ARTICLE = "id, title, text, source, author, published, published_origin, url, path, sha256, excerpt, language"
_BATCH = 500  # variables in one IN (...), well under SQLite's own limit

T = TypeVar("T")
Outcome = Literal["indexed", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class FileState:
    """What became of one file. sha256: of its bytes, empty when they could not be read."""

    path: str
    sha256: str
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article without its text, for tables. passages: how many it was cut into."""

    id: str
    title: str
    source: str
    author: str
    published: str | None
    url: str
    path: str
    language: str
    excerpt: bool
    passages: int


class PassageText(NamedTuple):
    """A passage as the word index and the encoder read it. article: a key of its article within the catalog."""

    number: int
    article: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Columns:
    """The catalog as arrays, for filtering without SQL.

    numbers: (n_passages,) int64, ascending. article: (n_passages,) int32, position in the article columns.
    article_ids, source: (n_articles,). first_day, last_day: (n_articles,) int32 proleptic ordinals
    (`datetime.date.toordinal`), 0 when the date is unknown.
    """

    numbers: NDArray[np.int64]
    article: NDArray[np.int32]
    article_ids: tuple[str, ...]
    source: tuple[str, ...]
    first_day: NDArray[np.int32]
    last_day: NDArray[np.int32]

    def positions(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where passage numbers stand in the passage columns. Every number must exist."""
        return np.searchsorted(self.numbers, numbers)


class Catalog:
    """One catalog file, opened for reading, or for writing while a generation is being built. Thread-safe."""

    def __init__(self, path: Path, *, writable: bool = False) -> None:
        """Open an existing catalog.

        Raises:
            IndexDamaged: the file is missing or is no catalog.
        """
        self.path = path
        if not path.is_file():
            raise IndexDamaged(f"catalog {path.name!r} is missing from {str(path.parent)!r}; run `footnote reindex`")
        mode = "rw" if writable else "ro"
        uri = f"{path.absolute().as_uri()}?mode={mode}" + ("" if writable else "&immutable=1")
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None)

    @classmethod
    def create(cls, path: Path) -> "Catalog":
        """A new, empty catalog, open for writing."""
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.executescript(_SCHEMA)
        return cls(path, writable=True)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    # Writing

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction for a whole build: readers of the file see all of it or nothing."""
        self._connection.execute("PRAGMA synchronous = OFF")  # the build flushes the finished file once
        self._connection.execute("BEGIN")
        yield
        self._connection.execute("COMMIT")

    def add_article(self, article: Article, spans: Sequence[Span]) -> list[int]:
        """Store an article and its passages; the new passage numbers, in order."""
        published = article.published
        row = self._connection.execute(
            f"INSERT INTO articles (first_day, last_day, {_ARTICLE}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                published.first_day.toordinal() if published else 0,
                published.last_day.toordinal() if published else 0,
                article.id,
                article.title,
                article.text,
                article.source,
                article.author,
                published.value if published else None,
                published.origin if published else None,
                article.url,
                article.path,
                article.sha256,
                article.excerpt,
                article.language,
            ),
        ).lastrowid
        numbers = []
        for ordinal, (start, stop) in enumerate(spans):
            cursor = self._connection.execute(
                "INSERT INTO passages (article, ordinal, start, stop) VALUES (?,?,?,?)", (row, ordinal, start, stop)
            )
            assert cursor.lastrowid is not None
            numbers.append(cursor.lastrowid)
            keys = [(cursor.lastrowid, key) for key in set(sketch(article.text[start:stop]))]
            self._connection.executemany("INSERT INTO sketches (passage, key) VALUES (?,?)", keys)
        return numbers

    def remove_article(self, article_id: str) -> list[int]:
        """Take an article and its passages out; the passage numbers that are gone."""
        row = self._connection.execute("SELECT row FROM articles WHERE id = ?", (article_id,)).fetchone()
        if row is None:
            return []
        gone = [number for (number,) in self._connection.execute("SELECT number FROM passages WHERE article = ?", row)]
        self._connection.executemany("DELETE FROM sketches WHERE passage = ?", [(number,) for number in gone])
        self._connection.execute("DELETE FROM passages WHERE article = ?", row)
        self._connection.execute("DELETE FROM articles WHERE row = ?", row)
        return gone

    def record_file(self, state: FileState) -> None:
        """Store what became of a file, replacing what was stored for it before."""
        self._connection.execute(
            "INSERT OR REPLACE INTO files (path, sha256, outcome, reason) VALUES (?,?,?,?)",
            (state.path, state.sha256, state.outcome, state.reason),
        )

    def forget_file(self, path: str) -> None:
        """Take out the record of a file that no longer exists."""
        self._connection.execute("DELETE FROM files WHERE path = ?", (path,))

    # Reading

    def counts(self) -> tuple[int, int]:
        """How many articles, how many passages."""
        ((articles,),) = self._rows("SELECT count(*) FROM articles")
        ((passages,),) = self._rows("SELECT count(*) FROM passages")
        return articles, passages

    def article(self, article_id: str) -> Article | None:
        """The article of that id; None when the catalog has none."""
        rows = self._rows(f"SELECT {_ARTICLE} FROM articles WHERE id = ?", (article_id,))
        return _article(rows[0]) if rows else None

    def has_article(self, article_id: str) -> bool:
        """Whether there is an article of that id."""
        return bool(self._rows("SELECT 1 FROM articles WHERE id = ?", (article_id,)))

    def articles(self, article_ids: Sequence[str]) -> dict[str, Article]:
        """The articles of those ids, by id; ids the catalog does not have are left out."""
        found = {}
        for batch in _batches(article_ids):
            for row in self._rows(f"SELECT {_ARTICLE} FROM articles WHERE id IN ({_marks(batch)})", batch):
                found[row[0]] = _article(row)
        return found

    def passages(self, numbers: Iterable[int]) -> list[Passage]:
        """The passages of those numbers, in the order asked; numbers the catalog does not have are left out."""
        wanted = [int(number) for number in numbers]
        found = {}
        for batch in _batches(wanted):
            sql = f"{_PASSAGE} WHERE p.number IN ({_marks(batch)})"
            found.update({row[0]: Passage(*row) for row in self._rows(sql, batch)})
        return [found[number] for number in wanted if number in found]

    def alike(self, numbers: Iterable[int]) -> dict[int, list[int]]:
        """For each of those passages that may have near copies, their numbers, ascending; see `ingest.sketch`."""
        found: dict[int, list[int]] = {}
        for batch in _batches([int(number) for number in numbers]):
            sql = f"""SELECT DISTINCT a.passage, b.passage FROM sketches a JOIN sketches b ON b.key = a.key
                      WHERE a.passage IN ({_marks(batch)}) AND b.passage != a.passage ORDER BY b.passage"""
            for number, other in self._rows(sql, batch):
                found.setdefault(number, []).append(other)
        return found

    def passages_of(self, article_id: str) -> list[Passage]:
        """The passages of an article, in order."""
        return [Passage(*row) for row in self._rows(f"{_PASSAGE} WHERE a.id = ? ORDER BY p.ordinal", (article_id,))]

    def passage_texts(self, *, after: int = 0) -> Iterator[PassageText]:
        """Every passage with a number above ``after``, ascending; the passages of an article stand together."""
        sql = """SELECT p.number, p.article, a.title, substr(a.text, p.start + 1, p.stop - p.start)
                 FROM passages p JOIN articles a ON a.row = p.article WHERE p.number > ? ORDER BY p.number"""
        with contextlib.closing(sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            yield from map(PassageText._make, connection.execute(sql, (after,)))

    def article_rows(self) -> list[ArticleRow]:
        """Every article without its text, by id."""
        sql = """SELECT a.id, a.title, a.source, a.author, a.published, a.url, a.path, a.language, a.excerpt,
                        (SELECT count(*) FROM passages p WHERE p.article = a.row)
                 FROM articles a ORDER BY a.id"""
        return [replace(ArticleRow(*row), excerpt=bool(row[8])) for row in self._rows(sql)]

    def languages(self) -> dict[str, int]:
        """How many articles there are in each language, by ISO code, empty where it is unknown."""
        return dict(self._rows("SELECT language, count(*) FROM articles GROUP BY language ORDER BY language"))

    def mentioning(self, words: str) -> list[str]:
        """Ids of the articles in which those words stand side by side, by id; case, accents and endings aside."""
        phrase = '"' + words.replace('"', '""') + '"'
        sql = "SELECT a.id FROM mentions m JOIN articles a ON a.row = m.rowid WHERE mentions MATCH ? ORDER BY a.id"
        return [article_id for (article_id,) in self._rows(sql, (phrase,))] if words.strip() else []

    def files(self) -> dict[str, FileState]:
        """What became of each file at the last re-index, by path."""
        return {row[0]: FileState(*row) for row in self._rows("SELECT path, sha256, outcome, reason FROM files")}

    def digests_in(self, path: str) -> dict[str, str]:
        """sha256 of each article read from a file, by article id."""
        return dict(self._rows("SELECT id, sha256 FROM articles WHERE path = ?", (path,)))

    def columns(self) -> Columns:
        """The catalog as arrays."""
        articles = self._rows("SELECT row, id, source, first_day, last_day FROM articles ORDER BY row")
        passages = np.array(self._rows("SELECT number, article FROM passages ORDER BY number"), np.int64).reshape(-1, 2)
        rows = np.array([row[0] for row in articles], np.int64)
        return Columns(
            numbers=np.ascontiguousarray(passages[:, 0]),
            article=np.searchsorted(rows, passages[:, 1]).astype(np.int32),
            article_ids=tuple(row[1] for row in articles),
            source=tuple(row[2] for row in articles),
            first_day=np.array([row[3] for row in articles], np.int32),
            last_day=np.array([row[4] for row in articles], np.int32),
        )

    def check(self) -> None:
        """Read every page of the file and compare its indexes.

        Raises:
            IndexDamaged: a page or an index does not hold together.
        """
        try:
            ((verdict,), *_) = self._rows("PRAGMA quick_check(1)")
        except IndexDamaged as error:
            verdict = str(error)
        if verdict != "ok":
            raise IndexDamaged(f"catalog {str(self.path)!r} is damaged: {verdict}; run `footnote reindex --rebuild`")

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._connection.execute(sql, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise IndexDamaged(
                f"catalog {str(self.path)!r} cannot be read: {error}; run `footnote reindex --rebuild`"
            ) from error


_PASSAGE = """SELECT p.number, a.id, p.ordinal, p.start, p.stop, substr(a.text, p.start + 1, p.stop - p.start)
              FROM passages p JOIN articles a ON a.row = p.article"""


def _article(row: Sequence[Any]) -> Article:
    article_id, title, text, source, author, published, origin, url, path, sha256, excerpt, language = row
    return Article(
        id=article_id,
        title=title,
        text=text,
        source=source,
        author=author,
        published=Published(published, origin) if published else None,
        url=url,
        path=path,
        sha256=sha256,
        excerpt=bool(excerpt),
        language=language,
    )


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]


def _marks(batch: Sequence[object]) -> str:
    return ",".join("?" * len(batch))

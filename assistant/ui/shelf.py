"""The corpus folder as the page handles it: files added and removed, and the re-index that takes them up."""

import contextlib
import re
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

from ingest.article import Article
from ingest.build import reindex
from ingest.catalog import ArticleRow, FileState
from ingest.errors import CorpusError, FootnoteError
from ingest.readers import path_of_id, read_articles
from ingest.report import Report
from ingest.settings import Settings

if TYPE_CHECKING:
    from ingest.add import Outcome

ADDED = "added"
"""The folder within the corpus that takes what is dropped on the page."""
_NOT_IN_A_NAME = re.compile(r"[^\w.-]+")
_MAX_NAME = 60


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of one file that was dropped on the page. words: where it is now, or why it was refused."""

    name: str
    kept: bool
    words: str


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """A line of the corpus table. article_id is empty for a file that is not in the index."""

    article_id: str
    title: str
    outlet: str
    published: str
    passages: int
    path: str
    state: Literal["indexed", "failed"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a re-index has come. done, total: of the stage, in its own unit; total 0 when unknown."""

    running: bool = False
    stage: str = ""
    done: int = 0
    total: int = 0
    report: Report | None = None
    problem: str = ""


class Shelf:
    """The corpus folder that the settings name. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        """The folder need not exist yet."""
        self._settings = settings
        self._lock = threading.Lock()
        self._progress = Progress()

    @property
    def corpus(self) -> Path:
        """The corpus folder."""
        return self._settings.corpus

    def add(self, file: Path, name: str) -> Arrival:
        """Copy a file into the corpus when an article can be read from it; nothing there is ever overwritten."""
        plain = plain_name(name)
        try:
            found = next(iter(read_articles(file, max_bytes=self._settings.max_file_bytes)), None)
            if not isinstance(found, Article):
                return Arrival(plain, False, found.reason if found else "it holds no article")
            (self.corpus / ADDED).mkdir(parents=True, exist_ok=True)
            with file.open("rb") as source, _new_file(self.corpus / ADDED, plain) as target:
                shutil.copyfileobj(source, target)
            place = Path(target.name)
        except OSError as error:
            return Arrival(plain, False, f"could not be stored: {error.strerror}")
        return Arrival(plain, True, f"kept as {place.relative_to(self.corpus).as_posix()}")

    def add_from_web(self, address: str) -> list[Arrival]:
        """Read a page, or the newest entries of a feed, into the corpus; only public web addresses are fetched."""
        from ingest.add import add_sources
        from ingest.fetch import Fetcher, Limits

        plain = address.strip()
        if not plain.lower().startswith(("http://", "https://")):
            return [Arrival(plain or "nothing", False, "expected a web address that starts with https:// or http://")]
        limits = Limits(max_bytes=self._settings.max_file_bytes)
        try:
            outcomes = list(add_sources([plain], self._settings, fetcher=Fetcher(limits=limits)))
        except FootnoteError as error:
            return [Arrival(plain, False, str(error))]
        return [_arrival(outcome) for outcome in outcomes]

    def remove(self, article: Article) -> None:
        """Delete the file behind an article.

        Raises:
            CorpusError: the file holds other articles too, lies outside the corpus, or cannot be deleted.
        """
        if article.id != article.path:
            raise CorpusError(f"{article.path!r} holds several articles; take this one out of the file itself")
        place = path_of_id(article.path, self.corpus)  # not what it links to: that is another article
        if not place.parent.resolve().is_relative_to(self.corpus.resolve()):
            raise CorpusError(f"{article.path!r} lies outside the corpus folder")
        try:
            place.unlink()
        except OSError as error:
            raise CorpusError(f"{article.path!r} cannot be deleted: {error.strerror}") from error

    def reindex(self) -> bool:
        """Start a re-index in the background; False when one is running already."""
        with self._lock:
            if self._progress.running:
                return False
            self._progress = Progress(running=True, stage="starting")
        threading.Thread(target=self._run, name="reindex", daemon=True).start()
        return True

    def progress(self) -> Progress:
        """How far the latest re-index has come."""
        with self._lock:
            return self._progress

    def _run(self) -> None:
        ended = Progress(problem="The re-index broke off; the terminal says why. The index is as it was.")
        try:
            ended = Progress(report=reindex(self._settings, progress=self._note))
        except FootnoteError as error:
            ended = Progress(problem=str(error))
        finally:
            with self._lock:
                self._progress = ended

    def _note(self, stage: str, done: int, total: int) -> None:
        with self._lock:
            self._progress = replace(self._progress, stage=stage, done=done, total=total)


def _arrival(outcome: "Outcome") -> Arrival:
    if outcome.state == "failed":
        return Arrival(outcome.source, False, outcome.error)
    verb = {"added": "kept as", "updated": "updated:", "unchanged": "unchanged:"}[outcome.state]
    return Arrival(outcome.title or outcome.source, True, f"{verb} {outcome.path}")


def shelf_rows(articles: Sequence[ArticleRow], files: Sequence[FileState]) -> list[ShelfRow]:
    """The corpus table: articles newest first, undated ones after them, and then the files that could not be read."""
    dated = sorted(articles, key=lambda row: (row.published or "", row.title), reverse=True)
    rows = [
        ShelfRow(row.id, row.title, row.source, row.published or "", row.passages, row.path, "indexed") for row in dated
    ]
    failed = [file for file in files if file.outcome == "failed"]
    return rows + [ShelfRow("", file.path, "", "", 0, file.path, "failed", file.reason) for file in failed]


def plain_name(name: str) -> str:
    """A file name without folders, leading dots or signs that a shell or a browser could take amiss."""
    words = Path(_NOT_IN_A_NAME.sub("-", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(".-"))
    return f"{words.stem.strip('-')[:_MAX_NAME] or 'article'}{words.suffix[:10]}"


def _new_file(folder: Path, name: str) -> BinaryIO:
    """A file of that name, or of that name and a number, that did not exist before."""
    plain = Path(name)
    for number in count(1):
        place = folder / (name if number == 1 else f"{plain.stem}-{number}{plain.suffix}")
        with contextlib.suppress(FileExistsError):
            return place.open("xb")
    raise AssertionError("the numbers never end")

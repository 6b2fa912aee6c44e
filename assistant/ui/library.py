"""What the chat answers from: the catalog of the served index, and the assistant over it, or why there is none."""

import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from assistant.answer import EXTRACTIVE, Event
from assistant.ui.questions import pick_questions
from assistant.ui.screens import CorpusFacts
from assistant.ui.view import Turn
from ingest.article import Article
from ingest.catalog import ArticleRow, Catalog, FileState
from ingest.errors import FootnoteError, IndexMissing
from ingest.generation import BUILDING, current_id, generation_folder

_LOOKED_AT = 30  # newest articles searched for questions; most give two or three


class Answering(Protocol):
    """The part of `assistant.Assistant` that the page uses."""

    def stream(
        self,
        question: str,
        *,
        history: Sequence[dict[str, str]] = (),
        since: date | None = None,
        until: date | None = None,
        source: str | None = None,
    ) -> Iterator[Event]:
        """The answer as it comes; closing the iterator cancels it."""
        ...


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why no question can be answered now, and what to do about it."""

    title: str
    words: str
    command: str = ""


class Library:
    """Opens the assistant when it is first needed, and again when it could not be opened before. Thread-safe.

    The catalog is read by itself, so that the page shows the corpus while the embedding model is still loading.
    """

    def __init__(self, opener: Callable[[], Answering], *, index_dir: Path, model: str) -> None:
        """``opener`` opens the assistant over ``index_dir``; ``model`` is the LLM's name, or ``extractive``."""
        self.index_dir = index_dir
        self.model = model
        self._opener = opener
        self._lock = threading.Lock()
        self._assistant: Answering | None = None
        self._refusal = ""
        self._reading = threading.Lock()
        self._catalogs: dict[str, Catalog] = {}
        self._suggested: tuple[str, tuple[str, ...]] = ("", ())

    def assistant(self) -> Answering:
        """The assistant, opened once. Raises FootnoteError when there is no index that it could serve."""
        with self._lock:
            if self._assistant is None:
                try:
                    self._assistant = self._opener()
                except IndexMissing:
                    raise
                except FootnoteError as error:
                    self._refusal = str(error)
                    raise
                self._refusal = ""
            return self._assistant

    def catalog(self) -> Catalog:
        """The catalog of the generation being served. Raises FootnoteError when there is none."""
        named = current_id(self.index_dir)
        if named is None:
            raise IndexMissing(f"no index in {str(self.index_dir)!r}; run `footnote reindex` to make one")
        with self._reading:
            if named not in self._catalogs:
                self._catalogs[named] = Catalog(generation_folder(self.index_dir, named) / "catalog.sqlite3")
                for outdated in list(self._catalogs)[:-2]:  # another request may still be reading from the last but one
                    self._catalogs.pop(outdated).close()
            return self._catalogs[named]

    def close(self) -> None:
        """Let go of the catalog."""
        with self._reading:
            while self._catalogs:
                self._catalogs.popitem()[1].close()

    def obstacle(self) -> Obstacle | None:
        """Why no question can be answered now; None when all is well."""
        try:
            articles, _ = self.catalog().counts()
        except IndexMissing:
            return _BEING_MADE if self.is_being_rebuilt() else _NO_INDEX
        except FootnoteError as error:
            return Obstacle("The index cannot be read", str(error), "footnote reindex --rebuild")
        if not articles:
            return _NO_ARTICLES
        return Obstacle("The index cannot be used", self._refusal) if self._refusal else None

    def is_being_rebuilt(self) -> bool:
        """Whether a re-index is at work in the index folder."""
        building = any((self.index_dir / "generations").glob(f"*{BUILDING}"))
        return building and _holder_lives(self.index_dir / "lock")

    def rows(self) -> list[ArticleRow]:
        """The articles of the served index as a table; none without an index."""
        try:
            return self.catalog().article_rows()
        except FootnoteError:
            return []

    def files(self) -> list[FileState]:
        """What became of each file of the corpus at the last re-index; none without an index."""
        try:
            return list(self.catalog().files().values())
        except FootnoteError:
            return []

    def facts(self) -> CorpusFacts:
        """What the served index holds."""
        return facts_of(self.rows())

    def article(self, article_id: str) -> Article | None:
        """An article of the served index; None when it is not there any more, or there is no index."""
        try:
            return self.catalog().article(article_id)
        except FootnoteError:
            return None

    def questions(self) -> tuple[str, ...]:
        """Three questions that the articles answer, for the first screen; made once for each generation."""
        named = current_id(self.index_dir) or ""
        if self._suggested[0] != named:
            rows = sorted(self.rows(), key=lambda row: row.published or "", reverse=True)
            newest = (self.article(row.id) for row in rows[:_LOOKED_AT])
            self._suggested = named, self._pick(newest, 3)
        return self._suggested[1]

    def follow_ups(self, turn: Turn, history: Sequence[dict[str, str]]) -> tuple[str, ...]:
        """Up to three questions that the articles found for a turn answer too, none of them asked before."""
        near = dict.fromkeys(source.article_id for source in (*turn.cited, *turn.found))
        before = [message["content"] for message in history if message["role"] == "user"]
        return self._pick(map(self.article, near), 3, not_again=[*before, turn.question])

    def _pick(
        self, articles: Iterable[Article | None], count: int, *, not_again: Sequence[str] = ()
    ) -> tuple[str, ...]:
        kept = (article for article in articles if article)
        try:
            assistant = self.assistant()
        except FootnoteError:
            return ()
        return pick_questions(kept, assistant, count, whole_answer=self.model == EXTRACTIVE, not_again=not_again)


def facts_of(rows: Sequence[ArticleRow]) -> CorpusFacts:
    """The size and span of a corpus from its table."""
    dates = sorted(row.published[:10] for row in rows if row.published)
    return CorpusFacts(
        articles=len(rows),
        passages=sum(row.passages for row in rows),
        outlets=tuple(sorted({row.source for row in rows if row.source}, key=str.casefold)),
        oldest=dates[0] if dates else "",
        newest=dates[-1] if dates else "",
    )


_NO_INDEX = Obstacle(
    "No index yet",
    "The articles have not been read yet. Read them from the Corpus page, or with this command:",
    "footnote reindex",
)
_BEING_MADE = Obstacle("The index is being made", "The articles are being read for the first time. Reload in a moment.")
_NO_ARTICLES = Obstacle("No articles yet", "Drop some on the Corpus page, or put files into the corpus folder.")


def _holder_lives(lock: Path) -> bool:
    """Whether the process that last took the index's lock is still running."""
    try:
        os.kill(int(json.loads(lock.read_text())["pid"]), 0)
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return True

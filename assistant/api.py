"""Footnote from Python: ``ask``, ``aask`` and the `Assistant` behind them.

from assistant import ask
answer = ask("How much memory will the Ascend 950 carry?")
"""

import asyncio
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from assistant.answer import Answer, Event, Finished
from assistant.answering import Request, Tools, answer_events, find_evidence
from assistant.document import read_as
from assistant.spelling import respelled
from ingest.embed import load_embedder
from ingest.errors import FootnoteError, SettingsError
from ingest.generation import Generation
from ingest.served import Served
from ingest.settings import Settings, load_settings

if TYPE_CHECKING:
    from types import TracebackType

    from llama_index.core.base.base_query_engine import BaseQueryEngine
    from llama_index.core.llms import LLM
    from llama_index.core.retrievers import BaseRetriever

    from assistant.checking import Checked
    from assistant.llm import ChatModel
    from assistant.retrieve import Retrieved
    from ingest.embed import Embedder

History = Sequence[Mapping[str, str]]


class Assistant:
    """Answers questions from one index. Safe for use from several threads; takes up a new generation by itself."""

    def __init__(self, settings: Settings, *, llm: "LLM | None" = None, embedder: "Embedder | None" = None) -> None:
        """Open the index that settings name.

        llm: a llama-index LLM in place of the one the settings name. embedder: likewise.

        Raises:
            IndexMissing: nothing has been indexed yet. IndexMismatch: it was built with another embedding model.
            IndexDamaged: it cannot be read. EmbedderError: the model cannot be loaded.
        """
        self.settings = settings
        self._served = Served(settings.index_dir, server=settings.chroma_server)
        self._llm = llm
        try:
            self.embedder = embedder or load_embedder(settings.embedding_model)
            # A model that does not fit the index: better said now than at the first question. An index that is made
            # anew with another model later is for the next start; the questions till then go on with this one.
            self._served.require(
                lambda generation: generation.check_model(self.embedder.name, self.embedder.fingerprint)
            )
        except FootnoteError:
            self._served.close()
            raise

    @classmethod
    def open(
        cls,
        *,
        index_dir: Path | str | None = None,
        corpus: Path | str | None = None,
        llm: "LLM | None" = None,
        embedder: "Embedder | None" = None,
    ) -> Self:
        """Open an index; what is not given comes from the settings. Raises what ``Assistant()`` raises."""
        return cls(load_settings(index_dir=index_dir, corpus=corpus), llm=llm, embedder=embedder)

    @cached_property
    def model(self) -> "ChatModel | None":
        """The chat model that writes answers; None when answers are extractive."""
        if self._llm is None and not self.settings.llm_model:
            return None
        from assistant.llm import model_of

        return model_of(self.settings, self._llm)

    @cached_property
    def tools(self) -> Tools:
        """The models that answers are made with."""
        reranker = None
        if self.settings.reranker:
            from assistant.rerank import CrossEncoderReranker

            reranker = CrossEncoderReranker(self.settings.reranker)
        return Tools(self.embedder, self.model, reranker)

    @contextmanager
    def using(self) -> Iterator[Generation]:
        """The newest generation of the index, open as long as the block runs."""
        with self._served.using() as generation:
            yield generation

    def ask(
        self,
        question: str,
        *,
        history: History = (),
        asked: date | str | None = None,
        since: date | str | None = None,
        until: date | str | None = None,
        source: str | None = None,
        limit: int = 10,
    ) -> Answer:
        """The answer to a question.

        Args:
            question: at most 4,000 characters.
            history: the conversation so far, ``[{"role": "user", "content": ...}, {"role": "assistant", ...}]``.
            asked: the day the question is asked, today by default; nothing published later is evidence.
            since, until: only articles published within these days, both included.
            source: only articles of that outlet.
            limit: how many passages of evidence.

        Raises:
            QuestionError: the question is empty or too long. HistoryError: the history is none.
        """
        events = self.stream(
            question, history=history, asked=asked, since=since, until=until, source=source, limit=limit
        )
        return next(event.answer for event in events if isinstance(event, Finished))

    async def aask(self, question: str, **options: Any) -> Answer:
        """`ask` without blocking the event loop; takes the same options."""
        return await asyncio.to_thread(self.ask, question, **options)

    def stream(
        self,
        question: str,
        *,
        history: History = (),
        asked: date | str | None = None,
        since: date | str | None = None,
        until: date | str | None = None,
        source: str | None = None,
        limit: int = 10,
    ) -> Iterator[Event]:
        """The answer as it is made: `Found`, then `Drafting` and `Written`, at last `Finished`. Closing it stops it."""
        request = _request(question, history, asked, since, until, source, limit)
        return self._events(request)

    def _events(self, request: Request) -> Iterator[Event]:
        with self.using() as generation:
            yield from answer_events(request, generation, self.tools)

    def search(
        self,
        query: str,
        *,
        asked: date | str | None = None,
        since: date | str | None = None,
        until: date | str | None = None,
        source: str | None = None,
        limit: int = 10,
    ) -> "Retrieved":
        """The passages that fit a query best, without an answer; options as in `ask`."""
        request = _request(query, (), asked, since, until, source, limit)
        with self.using() as generation:
            read = respelled(query, generation, self.embedder)
            found = find_evidence(request, read or query, generation, self.tools)
        return replace(found, notes=(*found.notes, read_as(read))) if read else found

    def check(self, sentence: str, *, limit: int = 10, **filters: Any) -> "Checked":
        """Whether the articles support a sentence, contradict it, or hold nothing on it; filters as in `search`."""
        from assistant.checking import check_with_corpus

        return check_with_corpus(sentence, self.search(sentence, limit=limit, **filters).evidence, self.embedder)

    def as_retriever(self, **options: Any) -> "BaseRetriever":
        """A llama-index retriever over this index; options as in `search`."""
        from assistant.llama_faces import FootnoteRetriever

        return FootnoteRetriever(self, options)

    def as_query_engine(self, **options: Any) -> "BaseQueryEngine":
        """A llama-index query engine that answers as `ask` does; options as in `ask`."""
        from assistant.llama_faces import FootnoteQueryEngine

        return FootnoteQueryEngine(self, options)

    def close(self) -> None:
        """Let go of the index."""
        self._served.close()

    def __enter__(self) -> Self:
        """The assistant itself, closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        """Close."""
        self.close()


_default: dict[Path, Assistant] = {}
_default_lock = threading.Lock()


def default_assistant() -> Assistant:
    """The assistant over the index that the settings name, opened once and reused."""
    settings = load_settings()
    place = settings.index_dir.absolute()
    with _default_lock:
        if place not in _default or _default[place].settings != settings:
            _default[place] = Assistant(settings)
        return _default[place]


def ask(question: str, **options: Any) -> Answer:
    """The answer to a question from the default index; options as in `Assistant.ask`."""
    return default_assistant().ask(question, **options)


async def aask(question: str, **options: Any) -> Answer:
    """`ask` without blocking the event loop."""
    return await asyncio.to_thread(ask, question, **options)


def _request(
    question: str,
    history: History,
    asked: date | str | None,
    since: date | str | None,
    until: date | str | None,
    source: str | None,
    limit: int,
) -> Request:
    first, last = _day(since, "since"), _day(until, "until")
    if first and last and first > last:
        raise SettingsError(f"since: expected a day up to until, {last}, found {first}; exchange the two")
    return Request(
        text=question,
        asked=_day(asked, "asked") or date.today(),
        history=history,
        since=first,
        until=last,
        source=source,
        limit=limit,
    )


def _day(value: date | str | None, name: str) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise SettingsError(f"{name}: expected a date such as 2025-09-18, found {value!r}") from None

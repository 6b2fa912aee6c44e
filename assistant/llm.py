"""The language model as the rest of the program sees it: messages in, text out as it is written.

    messages -> ChatModel.stream -> deltas -> assistant.cite -> sentences

Three kinds of model stand behind it, each an async source of deltas: an OpenAI-compatible server
(`assistant.openai_chat`), any llama-index ``LLM`` object, and a model in this process (`assistant.local_llm`).
Each is imported only when it is asked for.

Everything is async inside, because only a timeout around the awaiting holds for a connect that hangs, a header that
drips and a body that drips alike, and because cancelling an await closes the connection at once. `Reply` is the same
for code that is not async: it runs the source on a thread of its own.
"""

import asyncio
import queue
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Protocol, Self, TypedDict

from assistant.errors import LLMCutShort, LLMError, LLMFailed, LLMTimeout
from assistant.thinking import ThinkingFilter

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

    from ingest.settings import Settings

DEFAULT_CONTEXT_WINDOW = 4096  # tokens; Ollama loads this much unless told otherwise, and cuts the rest in silence
DEFAULT_MAX_SECONDS = 60.0
MAX_REQUESTS = 3  # for one question, its rewriting and all retries included
MAX_REPLY_TOKENS = 1024
MAX_REPLY_CHARS = 50_000  # a server that never stops must not fill the memory


class Message(TypedDict):
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


class Budget:
    """What one question may cost: seconds on the clock and requests. Shared by its rewriting and its answering."""

    def __init__(self, seconds: float = DEFAULT_MAX_SECONDS, *, requests: int = MAX_REQUESTS) -> None:
        """Start the clock now."""
        self.seconds = seconds
        self.deadline = time.monotonic() + seconds
        self.requests_left = requests

    def seconds_left(self) -> float:
        """Seconds until the deadline, never below 0."""
        return max(0.0, self.deadline - time.monotonic())

    def take_request(self, model: str) -> None:
        """Count one more request. Raises LLMTimeout or LLMFailed, naming the model, when there is none to take."""
        if not self.seconds_left():
            raise LLMTimeout(f"{model} was not asked: the question's {self.seconds:g} s are over")
        if self.requests_left <= 0:
            raise LLMFailed(f"{model} was not asked again: the question's requests are used up")
        self.requests_left -= 1

    def share(self, part: float, model: str) -> "Budget":
        """A budget of one request, counted here, and this part of the time left: for what must not use up the rest."""
        self.take_request(model)
        return Budget(self.seconds_left() * part, requests=1)


@dataclass(slots=True)
class Outcome:
    """How a reply ended; filled in while it is read. ``truncated``: it met a length limit or a filter."""

    truncated: bool = False
    finish_reason: str = ""
    requests: int = 0


class Source(Protocol):
    """Where deltas come from. ``place`` tells the user where the model is: a base URL, or ``in this process``."""

    name: str
    place: str

    def deltas(self, messages: Sequence[Message], outcome: Outcome, budget: Budget) -> AsyncGenerator[str, None]:
        """Text deltas of the reply, none empty. Raises LLMError."""
        ...


@dataclass(frozen=True, slots=True)
class ChatModel:
    """A language model and its limits. context_window: tokens, prompt and reply together."""

    source: Source = field(repr=False)
    name: str
    context_window: int = DEFAULT_CONTEXT_WINDOW
    max_seconds: float = DEFAULT_MAX_SECONDS

    @property
    def reply_tokens(self) -> int:
        """Tokens kept free for the reply: a quarter of the window, at most `MAX_REPLY_TOKENS`."""
        return reply_share(self.context_window)

    def stream(self, messages: Sequence[Message], *, budget: Budget | None = None) -> "Reply":
        """The reply as an iterator of text deltas. Closing it, from any thread, closes the connection."""
        return Reply(self, messages, budget or Budget(self.max_seconds))

    def complete(self, messages: Sequence[Message], *, budget: Budget | None = None) -> str:
        """The whole reply as one text. Raises LLMError."""
        with self.stream(messages, budget=budget) as reply:
            return "".join(reply)

    async def astream(
        self, messages: Sequence[Message], *, budget: Budget | None = None, outcome: Outcome | None = None
    ) -> AsyncGenerator[str, None]:
        """The async twin of `stream`: the deadline holds for every wait, and ``aclose`` closes the connection."""
        budget, outcome = budget or Budget(self.max_seconds), outcome or Outcome()
        thinking = ThinkingFilter()
        chars = 0
        async with aclosing(self._timed(messages, outcome, budget)) as deltas:
            async for delta in deltas:
                if shown := thinking.feed(delta):
                    yield shown
                chars += len(delta)
                if chars > MAX_REPLY_CHARS:
                    outcome.truncated = True
                    break
        if rest := thinking.finish():
            yield rest
        if thinking.thinking:
            raise LLMCutShort(f"model {self.name!r} at {self.source.place} ended in its thoughts and said nothing")

    async def _timed(self, messages: Sequence[Message], outcome: Outcome, budget: Budget) -> AsyncGenerator[str, None]:
        """The source's deltas, each awaited no longer than the budget lasts."""
        source = self.source.deltas(messages, outcome, budget)
        async with aclosing(source) as deltas:
            while True:
                try:
                    async with asyncio.timeout(budget.seconds_left()):
                        delta = await anext(deltas, None)
                except TimeoutError as error:
                    raise LLMTimeout(
                        f"model {self.name!r} at {self.source.place} had not finished after {budget.seconds:g} s"
                    ) from error
                if delta is None:
                    return
                yield delta


class Reply(Iterator[str]):
    """A reply being written: iterate for its deltas, then read ``outcome``. Usable as a context manager.

    Raises LLMError from the iteration, after every delta that came before the failure.
    """

    def __init__(self, model: ChatModel, messages: Sequence[Message], budget: Budget) -> None:
        """Start reading at once, on a thread of its own (so it works where an event loop runs already)."""
        self.outcome = Outcome()
        self._items: queue.SimpleQueue[str | LLMError | Future[None] | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._cancel: Callable[[], object] = lambda: None
        with_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="footnote-llm")
        self._done: Future[None] = with_thread.submit(asyncio.run, self._read(model, messages, budget))
        self._done.add_done_callback(self._items.put)
        with_thread.shutdown(wait=False)

    def __next__(self) -> str:
        """The next delta; waits for it no longer than the budget lasts."""
        item = self._items.get()
        if isinstance(item, str):
            return item
        self._items.put(item)
        if isinstance(item, LLMError):
            raise item
        if item is not None:
            item.result()
        raise StopIteration

    def close(self) -> None:
        """Stop reading and close the connection. May be called from any thread, and more than once."""
        self._closed.set()
        with suppress(RuntimeError):  # the loop has ended by itself
            self._cancel()
        self._items.put(None)

    def __enter__(self) -> Self:
        """The reply itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    async def _read(self, model: ChatModel, messages: Sequence[Message], budget: Budget) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        self._cancel = lambda: loop.call_soon_threadsafe(task.cancel)
        if self._closed.is_set():
            return
        with suppress(asyncio.CancelledError):
            try:
                async with aclosing(model.astream(messages, budget=budget, outcome=self.outcome)) as deltas:
                    async for delta in deltas:
                        self._items.put(delta)
            except LLMError as error:
                self._items.put(error)
            self._items.put(None)


def open_model(
    model: "str | LLM",
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    context_window: int | None = None,
    max_seconds: float = DEFAULT_MAX_SECONDS,
) -> ChatModel:
    """The model that the settings name, or a llama-index ``LLM`` object wrapped.

    model: a name the server knows, ``local:<hub name or folder>`` for a model in this process, or the object.
    context_window: tokens; None takes what the model says of itself, else `DEFAULT_CONTEXT_WINDOW`.

    Raises SettingsError when they do not fit together, LLMError when a local model cannot be loaded.
    """
    if not isinstance(model, str):
        from assistant.llama_llm import LlamaIndexSource

        lent = LlamaIndexSource(model)
        return ChatModel(lent, lent.name, context_window or lent.context_window, max_seconds)
    if model.startswith("local:"):
        from assistant.local_llm import LocalSource

        local = LocalSource(model.removeprefix("local:"), reply_tokens=reply_share(context_window))
        window = min(context_window or local.context_window, local.context_window)
        return ChatModel(local, model, window, max_seconds)
    from assistant.openai_chat import ChatServer

    server = ChatServer(model, base_url=base_url, api_key=api_key, reply_tokens=reply_share(context_window))
    return ChatModel(server, model, context_window or DEFAULT_CONTEXT_WINDOW, max_seconds)


def model_of(settings: "Settings", llm: "LLM | None" = None) -> ChatModel:
    """The model that settings name, or a llama-index ``LLM`` in its place; raises what `open_model` raises."""
    return open_model(
        llm if llm is not None else settings.llm_model,
        base_url=settings.llm_base_url or None,
        api_key=settings.llm_api_key.get_secret_value() or None,
        context_window=settings.llm_context_window,
        max_seconds=settings.llm_timeout_seconds,
    )


def reply_share(context_window: int | None) -> int:
    """Tokens of a window kept free for the reply: a quarter, at most `MAX_REPLY_TOKENS`."""
    return min(MAX_REPLY_TOKENS, (context_window or DEFAULT_CONTEXT_WINDOW) // 4)


async def from_thread(work: Callable[[Callable[[str], None], Callable[[], bool]], None]) -> AsyncGenerator[str, None]:
    """What ``work(emit, stopped)`` emits while it runs on a daemon thread; leaving early makes ``stopped()`` true.

    For models that block. An abandoned thread ends at its next token and never holds up the program's exit.
    """
    loop, stop = asyncio.get_running_loop(), threading.Event()
    items: asyncio.Queue[str | Exception | None] = asyncio.Queue()

    def post(item: str | Exception | None) -> None:
        with suppress(RuntimeError):  # nobody listens any more: the loop is closed
            loop.call_soon_threadsafe(items.put_nowait, item)

    def run() -> None:
        try:
            work(post, stop.is_set)
        except Exception as error:  # noqa: BLE001  a model not of our making: raised again on the reader's side
            post(error)
        else:
            post(None)

    threading.Thread(target=run, name="footnote-llm-work", daemon=True).start()
    try:
        while (item := await items.get()) is not None:
            if isinstance(item, Exception):
                raise item
            if item:
                yield item
    finally:
        stop.set()

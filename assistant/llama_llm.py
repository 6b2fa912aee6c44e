"""Any llama-index ``LLM`` object as a source of deltas, so that a reader's own model can answer.

Its own retries and timeouts stay as its owner set them; the question's deadline holds all the same, because the
object runs on a thread that can be left behind. Where the object stops reading late, the connection closes late.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from assistant.errors import (
    LLMError,
    LLMFailed,
    LLMNotFound,
    LLMProtocolError,
    LLMRateLimited,
    LLMRefused,
    LLMTimeout,
    LLMUnreachable,
)
from assistant.llm import DEFAULT_CONTEXT_WINDOW, Budget, Message, Outcome, from_thread

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

_BY_STATUS = {401: LLMRefused, 402: LLMRefused, 403: LLMRefused, 404: LLMNotFound, 429: LLMRateLimited}


class LlamaIndexSource:
    """A llama-index ``LLM``. Its name and window come from its own metadata."""

    place = "the LLM object handed over"

    def __init__(self, llm: "LLM") -> None:
        """Read the object's metadata; nothing is sent."""
        metadata = llm.metadata
        self.name: str = metadata.model_name or type(llm).__name__
        self.context_window: int = metadata.context_window if metadata.context_window > 0 else DEFAULT_CONTEXT_WINDOW
        self._llm = llm

    async def deltas(self, messages: Sequence[Message], outcome: Outcome, budget: Budget) -> AsyncGenerator[str, None]:
        """Text deltas of the reply. Raises LLMError."""
        from llama_index.core.llms import ChatMessage

        chat = [ChatMessage(role=message["role"], content=message["content"]) for message in messages]

        def work(emit: Callable[[str], None], stopped: Callable[[], bool]) -> None:
            replies = self._llm.stream_chat(chat)
            for reply in replies:
                emit(reply.delta or "")
                if stopped():
                    break

        budget.take_request(f"model {self.name!r}")
        outcome.requests += 1
        written = False
        try:
            async with aclosing(from_thread(work)) as texts:
                async for text in texts:
                    written = True
                    yield text
        except Exception as error:  # every integration raises its own kind; it goes on typed and chained
            raise self._typed(error) from error
        if not written:
            raise LLMProtocolError(f"model {self.name!r} sent an empty reply")

    def _typed(self, error: Exception) -> LLMError:
        """The error as one of ours, told by its HTTP status or its name: the library's text may hold a key."""
        name = type(error).__name__
        status = getattr(error, "status_code", None)
        line = f"model {self.name!r} in {self.place} failed: {name}" + (f", status {status}" if status else "")
        if isinstance(status, int):
            return _BY_STATUS.get(status, LLMFailed)(line)
        if "Timeout" in name:
            return LLMTimeout(line)
        if "Connect" in name:
            return LLMUnreachable(line)
        return LLMFailed(line)

"""A language model in this process: ``local:<hub name or folder>``, through transformers.

For machines without a server and for tests. Slow on a CPU, but private: nothing leaves the process. Loading never runs
code that comes with a model.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any

from assistant.errors import LLMContextTooLong, LLMFailed, LLMNotFound, LLMProtocolError
from assistant.llm import DEFAULT_CONTEXT_WINDOW, Budget, Message, Outcome, from_thread

MAX_KNOWN_WINDOW = 1_000_000  # tokenizers without a limit say 1e30


class LocalSource:
    """A causal language model and its tokenizer, loaded on first use of `open_model`."""

    place = "this process"

    def __init__(self, path: str, *, reply_tokens: int) -> None:
        """Load the model. Raises LLMNotFound when there is none by that name or in that folder."""
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self.name = f"local:{path}"
        self._reply_tokens = reply_tokens
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(path)
            self._model: Any = AutoModelForCausalLM.from_pretrained(path, dtype="auto").eval()
        except (OSError, ValueError, KeyError) as error:
            first_line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise LLMNotFound(f"model {self.name!r} cannot be loaded: {first_line}") from error
        window = getattr(self._model.config, "max_position_embeddings", None) or self._tokenizer.model_max_length
        self.context_window = int(window) if 0 < window < MAX_KNOWN_WINDOW else DEFAULT_CONTEXT_WINDOW

    async def deltas(self, messages: Sequence[Message], outcome: Outcome, budget: Budget) -> AsyncGenerator[str, None]:
        """Text deltas of the reply, greedily chosen. Raises LLMError."""
        prompt = self._encoded(messages)
        room = min(self._reply_tokens, self.context_window - prompt["input_ids"].shape[1])
        if room < 1:
            raise LLMContextTooLong(
                f"model {self.name!r} in {self.place} reads {self.context_window} tokens, "
                f"the prompt has {prompt['input_ids'].shape[1]}"
            )
        budget.take_request(f"model {self.name!r}")
        outcome.requests += 1
        written = False

        def work(emit: Callable[[str], None], stopped: Callable[[], bool]) -> None:
            outcome.finish_reason = self._generate(prompt, room, emit, stopped)

        try:
            async with aclosing(from_thread(work)) as texts:
                async for text in texts:
                    written = True
                    yield text
        except (RuntimeError, ValueError, IndexError) as error:
            raise LLMFailed(f"model {self.name!r} in {self.place} failed: {type(error).__name__}") from error
        outcome.truncated = outcome.finish_reason == "length"
        if not written:
            raise LLMProtocolError(f"model {self.name!r} in {self.place} wrote nothing")

    def _encoded(self, messages: Sequence[Message]) -> Any:
        """The prompt as tensors, by the model's own chat template or, for one without, as plain turns."""
        if self._tokenizer.chat_template:
            text = self._tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=True)
            return self._tokenizer(text, return_tensors="pt", add_special_tokens=False)
        turns = [f"{message['role']}: {message['content']}" for message in messages]
        return self._tokenizer("\n\n".join([*turns, "assistant:"]), return_tensors="pt")

    def _generate(self, prompt: Any, room: int, emit: Callable[[str], None], stopped: Callable[[], bool]) -> str:
        """Write the reply, emitting it word by word; gives ``stop`` or ``length``."""
        from transformers import StoppingCriteriaList, TextStreamer

        class Emitter(TextStreamer):  # type: ignore[misc]
            """Hands over each stretch of text as soon as it can no longer change."""

            def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
                emit(text)

        def leave(ids: Any, scores: Any, **_: Any) -> Any:
            return ids.new_full((ids.shape[0],), stopped(), dtype=bool_type)

        import torch

        bool_type = torch.bool
        ids = self._model.generate(
            input_ids=prompt["input_ids"],
            attention_mask=prompt["attention_mask"],
            max_new_tokens=room,
            do_sample=False,
            streamer=Emitter(self._tokenizer, skip_prompt=True, skip_special_tokens=True),
            stopping_criteria=StoppingCriteriaList([leave]),
        )
        return "length" if ids.shape[1] - prompt["input_ids"].shape[1] >= room else "stop"

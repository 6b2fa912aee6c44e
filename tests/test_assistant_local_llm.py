"""Models that are not behind a server: one in this process, and llama-index objects of the reader's own."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from llm_server import ScriptedServer, drips, hangs_before, says, status

from assistant.errors import LLMContextTooLong, LLMFailed, LLMNotFound, LLMProtocolError, LLMRefused, LLMTimeout
from assistant.llm import Message, open_model

QUESTION: list[Message] = [{"role": "user", "content": "How much memory?"}]
WORDS = "how much memory the chip carries up to ninety six gigabytes it ships in may user assistant : ? .".split()

TEMPLATE = "{% for m in messages %}{{ m['role'] }} : {{ m['content'] }} {% endfor %}assistant :"


def save_tiny_model(folder: Path, *, window: int = 256, template: str | None = None) -> Path:
    """A Llama of two layers with random weights and a tokenizer of a few words, as a folder."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    vocabulary = {word: place for place, word in enumerate(["<unk>", "<s>", "</s>", *WORDS])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = Whitespace()
    special = {"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>", "pad_token": "</s>"}
    saved = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=window, **special)
    saved.chat_template = template
    saved.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=window,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("tiny"))


def test_a_local_model_streams_the_same_words_each_time(tiny: Path) -> None:
    model = open_model(f"local:{tiny}", context_window=64)
    assert (model.name, model.context_window) == (f"local:{tiny}", 64)
    with model.stream(QUESTION) as reply:
        deltas = list(reply)
    assert len(deltas) > 1 and set("".join(deltas).split()) <= set(WORDS)
    assert "".join(deltas) == model.complete(QUESTION)
    assert reply.outcome.truncated == (reply.outcome.finish_reason == "length")
    assert reply.outcome.requests == 1


def test_a_local_model_s_own_chat_template_is_used(tmp_path: Path) -> None:
    save_tiny_model(tmp_path, template=TEMPLATE)
    assert set(open_model(f"local:{tmp_path}", context_window=64).complete(QUESTION).split()) <= set(WORDS)
    save_tiny_model(tmp_path, window=32, template="{{ 'memory ' * 40 }}")
    with pytest.raises(LLMContextTooLong):
        open_model(f"local:{tmp_path}").complete(QUESTION)


def test_a_local_model_stops_at_the_deadline_and_when_closed(tiny: Path) -> None:
    with pytest.raises(LLMTimeout, match="0 s are over"):
        open_model(f"local:{tiny}", max_seconds=0.0).complete(QUESTION)
    reply = open_model(f"local:{tiny}").stream(QUESTION)
    next(reply)
    reply.close()
    assert len(list(reply)) < 1024


def test_a_prompt_longer_than_a_local_model_reads(tiny: Path) -> None:
    with pytest.raises(LLMContextTooLong, match="reads 256 tokens"):
        open_model(f"local:{tiny}").complete([{"role": "user", "content": "memory " * 300}])


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(LLMNotFound) as caught:
        open_model(f"local:{tmp_path}")
    assert "\n" not in str(caught.value) and str(tmp_path) in str(caught.value)


def own_llm(deltas: list[str], failure: Exception | None = None) -> Any:
    """A llama-index ``LLM`` as readers write them."""
    from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata

    class Own(CustomLLM):
        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata(model_name="own", context_window=2000)

        def complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:
            return CompletionResponse(text="".join(deltas))

        def stream_complete(self, prompt: str, formatted: bool = False, **_: Any) -> Iterator[CompletionResponse]:
            for delta in deltas:
                yield CompletionResponse(text=delta, delta=delta)
            if failure is not None:
                raise failure

    return Own()


def test_a_llama_index_object_answers() -> None:
    model = open_model(own_llm(["Up to ", "", "96 GB [1]."]))
    assert (model.name, model.context_window) == ("own", 2000)
    assert list(model.stream(QUESTION)) == ["Up to ", "96 GB [1]."]


def test_a_llama_index_object_that_fails_keeps_what_it_said() -> None:
    reply = open_model(own_llm(["Up to "], KeyError("sk-secret"))).stream(QUESTION)
    assert next(reply) == "Up to "
    with pytest.raises(LLMFailed, match="KeyError") as caught:
        next(reply)
    assert "sk-secret" not in str(caught.value)


def test_a_llama_index_object_that_says_nothing() -> None:
    with pytest.raises(LLMProtocolError, match="empty"):
        open_model(own_llm([])).complete(QUESTION)


def open_ai_like(base_url: str) -> Any:
    from llama_index.llms.openai_like import OpenAILike

    return OpenAILike(model="scripted", api_base=base_url, api_key="sk-secret", is_chat_model=True, max_retries=0)


def test_llama_index_s_own_client_works_and_its_faults_are_typed() -> None:
    with ScriptedServer(says("Up to ", "96 GB."), status(401)) as server:
        model = open_model(open_ai_like(server.base_url))
        assert model.complete(QUESTION) == "Up to 96 GB."
        with pytest.raises(LLMRefused) as caught:
            model.complete(QUESTION)
    assert "sk-secret" not in f"{model!r}{model.source!r}{caught.value}"


@pytest.mark.parametrize("step", [drips(), hangs_before()])
def test_the_deadline_holds_for_llama_index_s_own_client(step: Any) -> None:
    with ScriptedServer(step) as server:
        model = open_model(open_ai_like(server.base_url), max_seconds=0.5)
        started = time.monotonic()
        with pytest.raises(LLMTimeout):
            model.complete(QUESTION)
        assert time.monotonic() - started < 1.5

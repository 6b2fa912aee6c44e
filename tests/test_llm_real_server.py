"""The whole wire against an inference server that is not ours: ``transformers serve`` with a tiny random model."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from doubles import HashEmbedder
from test_assistant_local_llm import TEMPLATE, WORDS, save_tiny_model

from assistant import Assistant
from assistant.answer import Drafting, Finished, Found, Written
from assistant.cite import draft_sentences
from assistant.llm import Message, open_model
from ingest.build import reindex
from ingest.settings import Settings

pytestmark = pytest.mark.slow
QUESTION: list[Message] = [{"role": "system", "content": "say it"}, {"role": "user", "content": "how much memory ?"}]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The server's address and its model's name."""
    pytest.importorskip("accelerate", reason="transformers serve needs accelerate")
    folder = save_tiny_model(tmp_path_factory.mktemp("served"), window=2048, template=TEMPLATE)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        Path(sys.executable).with_name("transformers"),
        "serve",
        folder,
        "--host",
        "127.0.0.1",
        "--device",
        "cpu",
    ]
    with subprocess.Popen([*command, "--port", str(port)], stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        said = []
        for line in server.stderr:
            said.append(line)
            if "Uvicorn running" in line:
                break
        else:
            pytest.fail("transformers serve did not start: " + "".join(said[-5:]))
        yield f"http://127.0.0.1:{port}", str(folder)
        server.terminate()
        server.stderr.read()


def test_gibberish_of_a_real_server_streams_and_is_uncited(served: tuple[str, str]) -> None:
    base_url, name = served
    model = open_model(name, base_url=base_url, context_window=128)
    with model.stream(QUESTION) as reply:
        deltas = list(reply)
    assert len(deltas) > 1
    assert reply.outcome.requests == 1
    assert reply.outcome.finish_reason in ("stop", "length")
    assert {sentence.numbers for sentence in draft_sentences("".join(deltas), known=3)} == {()}


def test_a_real_server_survives_a_reader_who_leaves(served: tuple[str, str]) -> None:
    base_url, name = served
    model = open_model(name, base_url=base_url, context_window=2048)
    reply = model.stream(QUESTION)
    assert next(reply)
    reply.close()
    assert model.complete(QUESTION)


def test_the_whole_assistant_marks_a_real_server_s_gibberish(served: tuple[str, str], settings: Settings) -> None:
    base_url, name = served
    reindex(settings, embedder=HashEmbedder())
    wired = {"llm_model": name, "llm_base_url": base_url, "llm_context_window": 2048, "llm_timeout_seconds": 60.0}
    started = time.monotonic()
    with Assistant(settings.model_copy(update=wired), embedder=HashEmbedder()) as assistant:
        first, *middle, last = assistant.stream("How much did the harbour bridge cost?", asked="2025-06-01")
    assert time.monotonic() - started < 90.0
    assert isinstance(first, Found) and first.evidence
    assert isinstance(last, Finished)
    answer = last.answer
    assert (answer.model, answer.answered) == (name, True)
    assert any(event.tail for event in middle if isinstance(event, Drafting))
    assert tuple(event.sentence for event in middle if isinstance(event, Written)) == answer.sentences
    said = {word for sentence in answer.sentences for word in sentence.text.lower().replace(".", " . ").split()}
    assert said <= {*WORDS, "<unk>"}
    assert {(one.support, one.reason, one.citations) for one in answer.sentences} == {
        ("unsupported", "it cites no text", ())
    }
    assert not any("language model failed" in note for note in answer.notes)

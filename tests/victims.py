"""Processes to be killed, and one that asks meanwhile. All are forks of a server that has everything loaded, so that a
moment picked at random falls into the work and not into the imports.
"""

import errno
import io
import multiprocessing
import os
import re
import resource
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, redirect_stderr, redirect_stdout
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.synchronize import Event
from pathlib import Path
from unittest.mock import patch

import chromadb  # noqa: F401
import llama_index.core.node_parser  # noqa: F401
import numpy as np
import pytest  # noqa: F401 (each child loads the main module of its parent)
from doubles import HashEmbedder
from numpy.typing import NDArray

import assistant.answering
import assistant.api
import assistant.cli
import assistant.doctor
import assistant.extract
import ingest.build
import ingest.command
import ingest.readers.markdown
import ingest.readers.text
from assistant import Assistant
from ingest.build import reindex
from ingest.errors import FootnoteError
from ingest.settings import Settings
from ingest.words import ArticleWords, WordIndex

HERE = Path(__file__).parent


@contextmanager
def forking() -> Iterator[ForkServerContext]:
    """A context whose processes start at once, with this module loaded from this checkout."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["victims"])
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE.parent), str(HERE)])
    try:
        yield context
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def reindex_in(settings: Settings, rebuild: bool = False) -> None:
    """Re-index; the process ends with status 1 and one line when that fails, as the command does."""
    try:
        reindex(settings, rebuild=rebuild, embedder=HashEmbedder())
    except FootnoteError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


def command(arguments: list[str], output: Connection, limit_bytes: int | None = None, uid: int | None = None) -> None:
    """``footnote`` with these arguments and the stand-in model; the process's exit status is its own.

    output: takes the two streams, as the process ends. limit_bytes: of any file it writes. uid: who it runs as.
    """
    streams = io.StringIO(), io.StringIO()
    try:
        if uid is not None:
            os.setuid(uid)
        if limit_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))
        stand_in: dict[str, object] = {"load_embedder": lambda *_, **__: HashEmbedder()}
        stand_in["model_fingerprint"] = lambda *_, **__: HashEmbedder().fingerprint
        with ExitStack() as held:
            held.enter_context(patch.object(sys, "argv", ["footnote", *arguments]))
            held.enter_context(redirect_stdout(streams[0]))
            held.enter_context(redirect_stderr(streams[1]))
            for module in (ingest.build, assistant.api, assistant.doctor):
                for name in stand_in.keys() & vars(module).keys():
                    held.enter_context(patch.object(module, name, stand_in[name]))
            assistant.cli.main()
    finally:
        output.send(tuple(stream.getvalue() for stream in streams))


class Slow(HashEmbedder):
    """An embedder that says when it has begun and goes on when it is told to."""

    def __init__(self, begun: Event, go_on: Event) -> None:
        super().__init__()
        self._begun, self._go_on = begun, go_on

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self._begun.set()
        self._go_on.wait(60)
        return super().encode_passages(texts)


def reindex_slowly(settings: Settings, begun: Event, go_on: Event, output: Connection) -> None:
    """Re-index with an embedder that takes its time; sends the process's id, the error and the seconds it took."""
    started = time.monotonic()
    error = ""
    try:
        reindex(settings, embedder=Slow(begun, go_on))
    except FootnoteError as failure:
        error = str(failure)
    output.send((os.getpid(), error, time.monotonic() - started))


def build_words(folder: Path) -> None:
    """Build a word index for which the disk has no room; any end but the error of a full disk is status 1."""
    words = " ".join(f"word{number}" for number in range(400))
    articles = (ArticleWords([number], "Title", [words]) for number in range(1, 300))
    try:
        WordIndex.build(articles, folder)
    except OSError as error:
        sys.exit(error.errno != errno.ENOSPC)
    sys.exit(1)


def read_from(settings: Settings) -> None:
    """Open the index and ask once, as ``footnote ask`` does."""
    with Assistant(settings, embedder=HashEmbedder()) as assistant:
        assistant.ask("How much did the harbour bridge cost?")


BRIDGE = "harbour/bridge.md"
COUNTER = "counter.md"


def counter_text(step: int) -> str:
    """The one article that every change of the corpus rewrites: what it says must never run backwards for a reader."""
    return f"# The counter of the harbour office\n\nThe counter of the harbour office stands at step {step} today.\n"


class Asker:
    """Questions without a pause until told to stop; run in a process of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = threading.Event()
        self._asked: list[float] = []
        self._failures: list[str] = []

    def run(self, pipe: Connection) -> None:
        """Ask until a message comes; then send how many were asked, the slowest one's seconds, and what went wrong."""
        with Assistant(self._settings, embedder=HashEmbedder()) as shared:
            askers = [threading.Thread(target=self._loop, args=(kind,)) for kind in (shared, shared, None)]
            for asker in askers:
                asker.start()
            pipe.send("asking")
            pipe.recv()
            self._stop.set()
            for asker in askers:
                asker.join()
        pipe.send((len(self._asked), max(self._asked), self._failures))

    def _loop(self, shared: Assistant | None) -> None:
        """Ask a long-lived assistant, or each time a new one."""
        seen = 0
        while not self._stop.wait(0.01):
            started = time.monotonic()
            try:
                with nullcontext(shared) if shared else Assistant(self._settings, embedder=HashEmbedder()) as assistant:
                    seen = ask_rightly(assistant, seen)
            except Exception:  # noqa: BLE001 whatever it is, it is a failed question
                self._failures.append(traceback.format_exc())
            self._asked.append(time.monotonic() - started)


def ask_rightly(assistant: Assistant, seen: int) -> int:
    """Ask two questions and hold the answers to the corpus; the counter's step, which must not lie before ``seen``."""
    answer = assistant.ask("How much did the harbour bridge cost?")
    assert answer.evidence[0].article.id == BRIDGE, [each.article.id for each in answer.evidence]
    for each in answer.evidence:
        assert each.article.text[each.passage.start : each.passage.end] == each.passage.text
    for citation in answer.citations:
        assert citation.article.text[citation.start : citation.end] == citation.quote
    found = assistant.search("At which step does the counter of the harbour office stand today?").evidence
    (step,) = (re.findall(r"at step (\d+)", each.passage.text)[0] for each in found if each.article.id == COUNTER)
    assert int(step) >= seen, f"step {step} after step {seen}"
    return int(step)


def ask_throughout(settings: Settings, pipe: Connection) -> None:
    """The asker's process."""
    Asker(settings).run(pipe)

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest.watch import watch

Write = Callable[[str, str], Path]
ROOT = Path(__file__).parents[1]
PATIENCE = 60


class Watched:
    """A watch in a thread, and the runs it made. A run tells how many files the corpus had."""

    def __init__(self, corpus: Path, index: Path) -> None:
        self.runs: queue.Queue[int] = queue.Queue()
        self.fails = 0
        self.stop = threading.Event()
        self._corpus = corpus
        options = {"leave_out": index, "stop": self.stop, "retry_seconds": 0.1}
        self._thread = threading.Thread(target=watch, args=(corpus, self.run), kwargs=options)
        self._thread.start()

    def run(self) -> bool:
        self.runs.put(len(list(self._corpus.rglob("*.md"))))
        self.fails -= 1
        return self.fails < 0

    def until(self, files: int) -> None:
        """Wait for a run that saw so many files."""
        while self.runs.get(timeout=PATIENCE) != files:
            pass

    def close(self) -> None:
        self.stop.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


@pytest.fixture
def watched(corpus: Path) -> Iterator[Watched]:
    found = Watched(corpus, corpus / "index")
    yield found
    found.close()


def test_it_runs_at_once_and_after_each_change(watched: Watched, write: Write, corpus: Path) -> None:
    watched.until(2)
    write("new.md", "# New")
    watched.until(3)
    write("later/folder/deep.md", "# In a folder made later")
    watched.until(4)
    (corpus / "new.md").unlink()
    watched.until(3)


def test_a_burst_is_one_run(watched: Watched, write: Write) -> None:
    watched.until(2)
    for number in range(50):
        write(f"{number}.md", "# Text")
    watched.until(52)
    assert watched.runs.qsize() == 0


def test_the_index_and_hidden_files_do_not_count(watched: Watched, write: Write) -> None:
    watched.until(2)
    write("index/generations/1/manifest.json", "{}")
    write(".git/HEAD", "ref")
    write("seen.txt", "Seen")
    watched.until(2)
    assert watched.runs.qsize() == 0


def test_a_run_that_fails_is_made_again(watched: Watched, write: Write) -> None:
    watched.until(2)
    watched.fails = 2
    write("new.md", "# New")
    for _ in range(3):
        assert watched.runs.get(timeout=PATIENCE) == 3


def test_the_corpus_may_come_go_and_come_back(tmp_path: Path) -> None:
    corpus = tmp_path / "later"
    watched = Watched(corpus, tmp_path / "index")
    watched.until(0)
    corpus.mkdir()
    (corpus / "a.md").write_text("# A")
    watched.until(1)
    shutil.rmtree(corpus)
    watched.until(0)
    corpus.mkdir()
    (corpus / "a.md").write_text("# A")
    watched.until(1)
    (corpus / "b.md").write_text("# B")
    watched.until(2)
    watched.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_writes_a_line_for_each_run_and_ends_well(corpus: Path, tmp_path: Path, number: int) -> None:
    command = [sys.executable, "-m", "ingest", "--watch", "--json", "--corpus", str(corpus), "--index-dir", "index"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout
        assert json.loads(process.stdout.readline())["added"] == 3
        (corpus / "harbour/ferries.md").write_bytes(b"Broken\0")
        failed = json.loads(process.stdout.readline())
        assert [row["path"] for row in failed["failed"]] == ["harbour/ferries.md"]
        corpus.rename(tmp_path / "away")
        assert "is missing" in json.loads(process.stdout.readline())["error"]
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
    assert [path.name for path in (tmp_path / "index" / "generations").iterdir() if "building" in path.name] == []

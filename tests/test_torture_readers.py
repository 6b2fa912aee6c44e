"""Thousands of broken files through the readers: no crash, no hang, memory bounded, each indexed or reported."""

import contextlib
import random
import resource
import signal
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from doubles import HashEmbedder
from mutants import SECRET, mutant, samples
from torture import rounds, seeded, served_faults
from victims import forking

from ingest.article import Article
from ingest.build import reindex
from ingest.generation import open_current
from ingest.readers import read_articles
from ingest.settings import Settings

FILES = rounds(short=150, long=10_000)
INDEXED_EACH = rounds(short=10, long=25)
MOST_CPU_SECONDS = 20.0  # of one file; the slowest bomb takes about a third of it
MOST_MEMORY = 1_500_000_000  # beyond what the process has before it begins
SLOW_SECONDS = 900.0

pytestmark = pytest.mark.torture


def outcome_of(path: Path, folder: Path) -> str:
    """What reading a file comes to: ``read`` or ``reported``; holds it to what the readers promise."""
    found = list(read_articles(path, root=folder))
    assert found, "neither an article nor a word of why not"
    for item in found:
        item.id.encode()
        if isinstance(item, Article):
            assert item.text == item.text.strip() != ""
            assert SECRET not in item.text + item.title
            for value in (item.title, item.text, item.source, item.author, item.url):
                value.encode()
        else:
            assert item.reason
            assert "\n" not in item.reason
    return "read" if any(isinstance(item, Article) for item in found) else "reported"


def read_mutants(folder: Path, seed: int, pipe: Connection) -> None:
    """Read one broken file after the other; tells of each before it is read, and what came of it after.

    A file that takes too long ends the process by a signal, as does one that breaks a library.
    """
    begun = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (begun + MOST_MEMORY, begun + MOST_MEMORY))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    documents = samples()
    for number in range(FILES):
        chance = random.Random(f"{seed} {number}")
        suffix, data = mutant(chance, documents)
        path = folder / f"{number}{suffix}"
        path.write_bytes(data)
        pipe.send(("begun", path.name, 0.0))
        signal.setitimer(signal.ITIMER_PROF, MOST_CPU_SECONDS)
        started = time.process_time()
        try:
            outcome = outcome_of(path, folder)
        except BaseException as error:  # noqa: BLE001 whatever it is, it must not happen
            outcome = f"{type(error).__name__}: {error}"
        pipe.send((outcome, path.name, time.process_time() - started))
        if outcome in ("read", "reported") and number % INDEXED_EACH:
            path.unlink()
    signal.setitimer(signal.ITIMER_PROF, 0)
    pipe.send(("end", "", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000))


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the memory limit is set by what /proc tells")
def test_broken_files(settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "outside.txt").write_text(SECRET)
    folder = tmp_path / "mutants"
    folder.mkdir()
    outcomes: Counter[str] = Counter()
    slowest, current, megabytes = (0.0, ""), "", 0.0
    with seeded("mutants") as chance, forking() as context:
        ours, theirs = context.Pipe(duplex=False)
        reader = context.Process(target=read_mutants, args=(folder, chance.randrange(10**9), theirs))
        reader.start()
        theirs.close()
        with contextlib.suppress(EOFError):
            while ours.poll(SLOW_SECONDS):
                outcome, name, figure = ours.recv()
                if outcome == "end":
                    megabytes = figure
                elif outcome == "begun":
                    current = name
                else:
                    assert outcome in ("read", "reported"), f"{name}: {outcome}"
                    outcomes[outcome] += 1
                    slowest = max(slowest, (figure, name))
        reader.join()
        ours.close()
        assert reader.exitcode == 0, f"{current} ended the process with {reader.exitcode}"
        assert outcomes.total() == FILES
        kept = {path.name for path in folder.iterdir()}
        indexed = settings.model_copy(update={"corpus": folder})
        report = reindex(indexed, embedder=HashEmbedder())
        assert served_faults(indexed) == []
    with contextlib.closing(open_current(indexed.index_dir)) as generation:
        held = {generation.catalog.article(name).path for name in generation.columns.article_ids}  # type: ignore[union-attr]
    told = {state.path.partition("#")[0] for state in [*report.failed, *report.skipped]}
    assert held | told >= kept
    with capsys.disabled():
        print(
            f"\n{FILES} broken files: {dict(outcomes)}; slowest {slowest[0]:.1f} s of CPU ({slowest[1]}), "
            f"at most {megabytes:.0f} MB resident; {len(kept)} of them indexed: {len(held)} held, {len(told)} reported"
        )

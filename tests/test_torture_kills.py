"""Re-indexes and readers killed at every moment, while others ask: no failed question, no index that is not whole."""

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import cycle
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

import pytest
from changing_corpus import ChangingCorpus
from torture import EMBEDDER, corpus_articles, debris, faults, rounds, seeded, served_faults
from victims import ask_throughout, forking, read_from, reindex_in

from ingest.build import reindex
from ingest.errors import IndexMissing
from ingest.generation import open_current
from ingest.settings import Settings

RANDOM_KILLS = rounds(short=10, long=200)
TIMED_KILLS = rounds(short=6, long=100)
FIRST_KILLS = rounds(short=3, long=40)
READER_KILLS = rounds(short=3, long=60)
PATIENCE_SECONDS = 120.0

# Each is a file or folder of the index, as its path reads, whose change is the moment of a kill.
MOMENTS = (
    ".building",
    "catalog.sqlite3",
    "words/",
    "chroma.sqlite3",
    "data_level0.bin",
    "index_metadata.pickle",
    "vectors.cache",
    "manifest.json",
    "generations/",
    "CURRENT.new",
    "CURRENT",
)

pytestmark = pytest.mark.torture


@contextmanager
def questions_throughout(settings: Settings, context: ForkServerContext) -> Iterator[dict[str, float]]:
    """Another process asks as long as the block runs; fails when a question failed. How many, and the slowest."""
    ours, theirs = context.Pipe()
    asker = context.Process(target=ask_throughout, args=(settings, theirs))
    asker.start()
    told: dict[str, float] = {}
    try:
        assert ours.poll(PATIENCE_SECONDS)
        assert ours.recv() == "asking"
        yield told
        ours.send("stop")
        assert ours.poll(PATIENCE_SECONDS)
        told["asked"], told["slowest"], failures = ours.recv()
        assert failures == []
        asker.join(PATIENCE_SECONDS)
    finally:
        asker.kill()
        asker.join()


def state_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of change of everything under a folder that can be seen at this moment."""
    seen = {}
    for parent, folders, files in os.walk(folder):  # passes over what goes while it looks
        for name in [*(f"{each}/" for each in folders), *files]:
            with suppress(OSError):
                state = Path(parent, name).stat()
                seen[f"{parent.removeprefix(str(folder))}/{name}"] = (state.st_size, state.st_mtime_ns)
    return seen


def wait_for_change(process: ForkServerProcess, folder: Path, moment: str, before: dict[str, tuple[int, int]]) -> bool:
    """Return True right when something named by the moment appears, changes or goes; False when the process ended."""
    while process.is_alive():
        now = state_of(folder)
        if any(moment in name and now.get(name) != before.get(name) for name in now.keys() | before.keys()):
            return True
    return False


def kill_at_random(process: ForkServerProcess, chance: random.Random, typical: float) -> bool:
    process.join(chance.uniform(0, 1.1 * typical))
    return killed(process)


def killed(process: ForkServerProcess) -> bool:
    """Kill the process; whether it was still at work."""
    process.kill()
    process.join()
    assert process.exitcode in (0, -9), "a re-index failed by itself"
    return process.exitcode == -9


class Loop:
    """Change, re-index, kill, compare; again and again."""

    def __init__(self, settings: Settings, context: ForkServerContext, chance: random.Random) -> None:
        self.settings = settings
        self.chance = chance
        self.corpus = ChangingCorpus(settings.corpus, chance)
        self._context = context
        reindex(settings, embedder=EMBEDDER)
        self._served = corpus_articles(settings.corpus)
        self.typical = self._time_one()

    def start(self) -> ForkServerProcess:
        self.corpus.change()
        process = self._context.Process(target=reindex_in, args=(self.settings, self.chance.random() < 0.1))
        process.start()
        return process

    def check(self) -> None:
        """The index serves the corpus as it was before the killed run or as it is after it, whole."""
        fresh = corpus_articles(self.settings.corpus)
        with closing(open_current(self.settings.index_dir)) as generation:
            wrong = faults(generation, self._served)
            if wrong:
                wrong_too = faults(generation, fresh)
                assert wrong_too == [], f"neither before ({wrong}) nor after ({wrong_too})"
                self._served = fresh

    def finish(self) -> None:
        """A run to the end makes index and corpus equal, and takes every left-over away."""
        reindex(self.settings, embedder=EMBEDDER)
        assert served_faults(self.settings) == []
        assert debris(self.settings.index_dir) == []
        self._served = corpus_articles(self.settings.corpus)

    def _time_one(self) -> float:
        """Seconds of an undisturbed run, of the second one: the first starts the fork server."""
        for _ in range(2):
            process, started = self.start(), time.monotonic()
            process.join()
            assert process.exitcode == 0
            self.check()
        return time.monotonic() - started

    def repeat(self, kills: int, kill: Callable[[ForkServerProcess], bool]) -> None:
        """So many kills that met a run at work, with an undisturbed run now and then."""
        done = 0
        while done < kills:
            done += kill(self.start())
            self.check()
            if self.chance.random() < 0.15:
                self.finish()
        self.finish()


def test_killed_reindexes_while_others_ask(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    started = time.monotonic()
    turns, moments = cycle(MOMENTS), Counter[str]()
    with seeded("kills") as chance, forking() as context:
        loop = Loop(settings, context, chance)

        def kill_at_change(process: ForkServerProcess) -> bool:
            moment = next(turns)
            before = state_of(settings.index_dir)
            met = wait_for_change(process, settings.index_dir, moment, before) and killed(process)
            process.join()
            moments[moment] += met
            return met

        with questions_throughout(settings, context) as told:
            loop.repeat(RANDOM_KILLS, lambda process: kill_at_random(process, chance, loop.typical))
            loop.repeat(TIMED_KILLS, kill_at_change)
    with capsys.disabled():
        print(
            f"\n{RANDOM_KILLS} re-indexes killed at random moments and {TIMED_KILLS} at file changes, "
            f"{told['asked']:.0f} times two questions asked meanwhile, none failed, slowest {told['slowest']:.1f} s; "
            f"{loop.corpus.step} changes of the corpus, {time.monotonic() - started:.0f} s; killed at {dict(moments)}"
        )
    assert told["asked"] >= RANDOM_KILLS + TIMED_KILLS


def test_a_first_reindex_killed_leaves_nothing_or_everything(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes: Counter[str] = Counter()
    with seeded("first kills") as chance, forking() as context:
        loop = Loop(settings, context, chance)
        done = 0
        while done < FIRST_KILLS:
            fresh = settings.model_copy(update={"index_dir": tmp_path / f"fresh-{sum(outcomes.values())}"})
            process = context.Process(target=reindex_in, args=(fresh,))
            process.start()
            done += kill_at_random(process, chance, loop.typical)
            try:
                assert served_faults(fresh) == []
                outcomes["whole"] += 1
            except IndexMissing:
                outcomes["no index yet"] += 1
            reindex(fresh, embedder=EMBEDDER)
            assert served_faults(fresh) == []
            assert debris(fresh.index_dir) == []
    with capsys.disabled():
        print(f"\n{FIRST_KILLS} of {outcomes.total()} first re-indexes killed: {dict(outcomes)}")


def test_killed_readers_leave_the_index_as_it_was(settings: Settings) -> None:
    reindex(settings, embedder=EMBEDDER)
    before = state_of(settings.index_dir)
    with seeded("reader kills") as chance, forking() as context:
        started = time.monotonic()
        typical = 0.0
        done = 0
        while done < READER_KILLS:
            reader = context.Process(target=read_from, args=(settings,))
            reader.start()
            if typical:
                done += kill_at_random(reader, chance, typical)
            else:
                reader.join()
                assert reader.exitcode == 0
                typical = time.monotonic() - started
    assert state_of(settings.index_dir) == before
    assert served_faults(settings) == []

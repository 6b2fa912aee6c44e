"""A corpus edited at will, re-indexes that end or die at any file operation, and the index compared each time."""

import json
import os
import shutil
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import ClassVar

import pytest
from crashes import Crash, dying_at
from hypothesis import HealthCheck, Phase
from hypothesis import settings as options
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from torture import EMBEDDER, corpus_articles, debris, faults, rounds

from assistant import Assistant
from ingest.article import Article
from ingest.build import reindex
from ingest.errors import CorpusError, IndexMissing
from ingest.generation import current_id, open_current, published_ids
from ingest.readers import path_of_id
from ingest.settings import Settings

RUNS = rounds(short=12, long=500)

NAMES = st.sampled_from(
    [
        "a.md",
        "b.txt",
        "sub/c.md",
        "sub/deep/d.md",
        "with space.md",
        'it\'s "quoted".md',
        "two\nlines.md",
        "émigré 😀.md",
        os.fsdecode(b"not utf-8 \xff.md"),
        "sign \u241b.md",
        "n" * 250 + ".md",
    ]
)
SENTENCES = st.lists(
    st.builds(
        "The {} carried {} crates to the {} before noon, and nobody counted them again.".format,
        st.sampled_from(["ferry", "dredger", "pilot boat", "tug"]),
        st.integers(2, 999),
        st.sampled_from(["north quay", "old dock", "customs house"]),
    ),
    min_size=1,
    max_size=12,
)
PLACES = st.floats(0, 1, exclude_max=True)


class CorpusAndIndex(RuleBasedStateMachine):
    """Edits go to the folder at once; ``expected`` is what the index must hold, renewed with each publication."""

    happened: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="footnote-states-"))
        self.settings = Settings(corpus=self.root / "corpus", index_dir=self.root / "index")
        self.settings.corpus.mkdir()
        self.expected: dict[str, Article] = {}
        self.compared: str | None = None
        self.reader: Assistant | None = None
        self.operations = 60

    def teardown(self) -> None:
        self.reopen()
        shutil.rmtree(self.root)

    def files(self) -> list[Path]:
        return sorted(path for path in self.settings.corpus.rglob("*") if path.is_file())

    def some_file(self, place: float) -> Path:
        return self.files()[int(place * len(self.files()))]

    # The corpus

    @rule(name=NAMES, sentences=SENTENCES)
    def write(self, name: str, sentences: list[str]) -> None:
        path = self.settings.corpus / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# The log of the harbour\n\n" + "\n\n".join(sentences) + "\n")

    @rule(records=st.dictionaries(st.integers(1, 4), SENTENCES, min_size=1))
    def write_records(self, records: dict[int, list[str]]) -> None:
        rows = [{"id": key, "title": f"Record {key}", "text": " ".join(value)} for key, value in records.items()]
        (self.settings.corpus / "wire.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    @precondition(files)
    @rule(place=PLACES)
    def delete(self, place: float) -> None:
        self.some_file(place).unlink()

    @precondition(files)
    @rule(place=PLACES, name=NAMES)
    def rename(self, place: float, name: str) -> None:
        fresh = self.settings.corpus / name
        fresh.parent.mkdir(parents=True, exist_ok=True)
        self.some_file(place).rename(fresh)

    @precondition(files)
    @rule(place=PLACES, name=NAMES)
    def duplicate(self, place: float, name: str) -> None:
        fresh, source = self.settings.corpus / name, self.some_file(place)
        fresh.parent.mkdir(parents=True, exist_ok=True)
        if fresh != source:
            shutil.copyfile(source, fresh)

    @precondition(files)
    @rule(place=PLACES)
    def spoil(self, place: float) -> None:
        self.some_file(place).write_bytes(b"\0\0\1 nothing that anyone could read \0")

    # The index

    @rule(rebuild=st.sampled_from([False, False, False, True]))
    def reindex(self, rebuild: bool) -> None:
        with dying_at(None) as operations:
            if not self._run(rebuild):
                return
        self.operations = operations.done
        self.happened["re-indexes"] += 1
        assert debris(self.settings.index_dir) == []

    @rule(rebuild=st.sampled_from([False, False, False, True]), place=PLACES | st.floats(0.8, 1))
    def crash(self, rebuild: bool, place: float) -> None:
        before = self._served()
        after = self._after(rebuild)
        with dying_at(int(place * 1.05 * self.operations)):
            try:
                self._run(rebuild)
            except Crash:
                # A first generation is served once it has its name: there is none to go on with.
                published = self._served() != before
                self.expected = after if published else self.expected
                self.happened["crashes after the swap" if published else "crashes before it"] += 1

    @rule()
    def reopen(self) -> None:
        """Let the long-lived reader go; the next comparison opens another."""
        if self.reader:
            self.reader.close()
        self.reader = None

    def _run(self, rebuild: bool) -> bool:
        """Re-index; False where there is nothing to index, which changes nothing."""
        after = self._after(rebuild)
        if not (self.files() or rebuild):
            with pytest.raises(CorpusError):
                reindex(self.settings, embedder=EMBEDDER)
            return False
        report = reindex(self.settings, rebuild=rebuild, embedder=EMBEDDER)
        assert report.articles == len(after)
        self.expected = after
        return True

    def _after(self, rebuild: bool) -> dict[str, Article]:
        """What the index holds once the corpus is indexed: what cannot be read keeps its last good version."""
        found = corpus_articles(self.settings.corpus)
        read = {article.path for article in found.values()}
        paths = {article.path for article in self.expected.values()}
        there = {path for path in paths if path_of_id(path, self.settings.corpus).exists()}
        kept = {} if rebuild else {key: old for key, old in self.expected.items() if old.path in there - read}
        return {**kept, **found}

    def _served(self) -> str | None:
        """The name of the generation that must be served."""
        index_dir = self.settings.index_dir
        return current_id(index_dir) or next(reversed(published_ids(index_dir)), None)

    @invariant()
    def the_index_is_what_it_should_be(self) -> None:
        """Opened anew whenever anything in it has changed."""
        self.happened["steps"] += 1
        state = str(sorted((str(path), path.stat().st_mtime_ns) for path in self.settings.index_dir.rglob("*")))
        if state == self.compared:
            return
        try:
            with closing(open_current(self.settings.index_dir)) as generation:
                assert generation.id == self._served()
                assert faults(generation, self.expected) == []
            self.reader = self.reader or Assistant(self.settings, embedder=EMBEDDER)
            with self.reader.using() as generation:
                assert generation.id == self._served()
        except IndexMissing:
            assert self.expected == {}
        self.compared = state
        self.happened["comparisons"] += 1


@pytest.mark.torture
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # what dies does not close its files
def test_index_and_corpus_never_differ(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    CorpusAndIndex.happened.clear()
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # flushing is not the point, and costs most of the time
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        run_state_machine_as_test(
            CorpusAndIndex,
            settings=options(
                max_examples=RUNS,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                phases=set(Phase) - {Phase.shrink},  # a run takes a second: a shorter example costs many minutes
            ),
        )
    with capsys.disabled():
        print(f"\n{RUNS} runs without a difference between index and corpus: {dict(CorpusAndIndex.happened)}")


@pytest.mark.torture
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_death_at_each_operation(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other; in short those with which a generation is published."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for number in range(3):  # two generations, and a third to take the first one's place
        (settings.corpus / "new.md").write_text(f"# New\n\nNumber {number} came to the harbour.\n")
        before = corpus_articles(settings.corpus)
        if number < 2:
            reindex(settings, embedder=EMBEDDER)
            pristine = shutil.copytree(settings.index_dir, tmp_path / f"pristine-{number}")
            older = before
    with dying_at(None) as operations:
        reindex(settings, embedder=EMBEDDER)
    fatal_ones = range(operations.done)[rounds(short=-40, long=0) :]
    outcomes = Counter[bool]()
    for fatal in fatal_ones:
        shutil.rmtree(settings.index_dir)
        shutil.copytree(pristine, settings.index_dir)
        named = current_id(settings.index_dir)
        with pytest.raises(Crash), dying_at(fatal):
            reindex(settings, embedder=EMBEDDER)
        with closing(open_current(settings.index_dir)) as generation:
            assert generation.id == current_id(settings.index_dir)
            outcomes[generation.id == named] += 1
            assert faults(generation, older if generation.id == named else before) == []
    assert min(outcomes.values()) > 2

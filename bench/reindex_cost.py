"""What a re-index costs when little changed, beside a rebuild of the same index in the same run.

    python -m bench.reindex_cost LIKE_INDEX_DIR [--passages 50000] [--keep FOLDER] [--no-rebuild]

The corpus is made: files of five passages each, words from the vocabulary of LIKE_INDEX_DIR with its frequencies. Its
first index is made with vectors drawn like the real ones there, in place of hours of encoding; every later run uses the
real model. For each kind of change it prints the seconds of each stage, their sum without loading the model, that sum
as a share of a rebuild whose vectors all come from the cache, and the processor's time with everything.
"""

import argparse
import contextlib
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from bench.query_speed import PER_ARTICLE, Matrix, drawn_like
from ingest.build import reindex
from ingest.embed import load_embedder
from ingest.generation import open_current
from ingest.report import LOADING, Report
from ingest.settings import Settings

WORDS = 130  # of one passage: with the title just under the tokens that make a passage
PARAGRAPHS = PER_ARTICLE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("like", type=Path, help="an index of real articles to draw vectors and words from")
    parser.add_argument("--passages", type=int, default=50_000)
    parser.add_argument("--keep", type=Path, help="make corpus and index there, and use them again when there already")
    parser.add_argument("--no-rebuild", action="store_true")
    options = parser.parse_args()
    with contextlib.ExitStack() as held:
        folder = options.keep or Path(held.enter_context(tempfile.TemporaryDirectory()))
        settings = Settings(corpus=folder / "corpus", index_dir=folder / "index")
        if not settings.corpus.exists():
            write_corpus(settings.corpus, options.like, options.passages)
        if not settings.index_dir.exists():
            show("first index, made vectors", lambda: reindex(settings, embedder=Drawn(options.like)))
        costs = {}
        for name, change in CHANGES.items():
            change(settings.corpus)
            costs[name] = show(name, lambda: reindex(settings))
        if not options.no_rebuild:
            whole = show("rebuild", lambda: reindex(settings, rebuild=True))
            print("of a rebuild: " + ", ".join(f"{name} {seconds / whole:.4f}" for name, seconds in costs.items()))


class Drawn:
    """The default model as far as names and tokens go; its vectors are drawn, not computed."""

    def __init__(self, like: Path) -> None:
        self._model = load_embedder()
        self.name, self.fingerprint, self.dim = self._model.name, self._model.fingerprint, self._model.dim
        self.max_tokens, self.path = self._model.max_tokens, "drawn"
        self.count_tokens, self.count_many = self._model.count_tokens, self._model.count_many
        self.encode_questions = self._model.encode_questions
        self._random = np.random.default_rng(7)
        with closing(open_current(like)) as real:
            self._real = real.vectors.fetch(real.columns.numbers)

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        return drawn_like(self._real, len(texts), self._random)


def write_corpus(corpus: Path, like: Path, passages: int) -> None:
    """Files of ``PER_ARTICLE`` paragraphs, a hundred to a folder, sentences of thirteen words."""
    with closing(open_current(like)) as real:
        vocabulary = [term.decode() for term in real.words.all_terms() if term.isalpha()]
    random = np.random.default_rng(7)
    frequencies = 1 / (np.arange(len(vocabulary)) + 2.7)
    random.shuffle(vocabulary)
    for number in range(passages // PER_ARTICLE):
        drawn = random.choice(len(vocabulary), (PARAGRAPHS, WORDS // 13, 13), p=frequencies / frequencies.sum())
        paragraphs = [
            " ".join(" ".join(vocabulary[at] for at in sentence).capitalize() + "." for sentence in paragraph)
            for paragraph in drawn
        ]
        path = corpus / f"{number // 100:03}" / f"{number:05}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        head = (
            f"---\ntitle: Article {number}\nsource: Outlet {number % 20}\npublished: 2025-06-{number % 30 + 1:02}\n---"
        )
        path.write_text("\n\n".join([head, *paragraphs]) + "\n", encoding="utf-8")


def _files(corpus: Path) -> list[Path]:
    return sorted(corpus.rglob("*.md"))


def _edit(corpus: Path) -> None:
    path = _files(corpus)[0]
    path.write_text(path.read_text(encoding="utf-8") + "\nThe harbour froze over once more.\n", encoding="utf-8")


def _copy(corpus: Path) -> None:
    first = _files(corpus)[0]
    shutil.copyfile(first, first.with_name("copy.md"))


CHANGES: dict[str, Callable[[Path], None]] = {
    "no change": lambda corpus: None,
    "one edit": _edit,
    "one copied file": _copy,
    "one deletion": lambda corpus: _files(corpus)[-1].unlink(),
}


def show(name: str, run: Callable[[], Report]) -> float:
    """Print what a run did and took; its seconds without loading the model."""
    started = time.process_time()
    report = run()
    seconds = report.seconds - report.stages.get(LOADING, 0.0)
    cpu = time.process_time() - started
    print(f"{name}: {seconds:.2f} s, {cpu:.2f} s of processor; {report.passages} passages, {report.embedded} embedded")
    print("    " + ", ".join(f"{stage} {spent:.2f}" for stage, spent in report.stages.items()), flush=True)
    return seconds


if __name__ == "__main__":
    main()

"""Quality and latency of retrieval on judged sets, through the product's own pipeline, beside each search alone.

    python bench/quality.py EVAL_FOLDER [SET ...] [--index-dir DIR] [--plot FILE.png]

Each sub-folder in BEIR form (corpus.jsonl, queries.jsonl, qrels/*.tsv) is indexed into a folder that is thrown away
(unless ``--index-dir`` keeps it), and each judged question is asked. A ranking of passages becomes one of articles: an
article stands where its best passage does.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from assistant.evaluate import JudgedQuestion, mean, mrr_at, ndcg_at, read_beir, recall_at, success_at
from assistant.retrieve import retrieve
from ingest.build import reindex
from ingest.embed import Embedder, load_embedder
from ingest.generation import Generation, open_current
from ingest.settings import load_settings
from ingest.terms import words_of

PASSAGES = 100  # how many passages a ranking holds before it becomes one of articles
MEASURES: dict[str, Callable[[Sequence[str], dict[str, int]], float]] = {
    "nDCG@10": lambda ranking, relevant: ndcg_at(10, ranking, relevant),
    "recall@10": lambda ranking, relevant: recall_at(10, ranking, relevant),
    "recall@100": lambda ranking, relevant: recall_at(100, ranking, relevant),
    "MRR@10": lambda ranking, relevant: mrr_at(10, ranking, relevant),
    "success@5": lambda ranking, relevant: success_at(5, ranking, relevant),
}
Search = Callable[[JudgedQuestion], list[str]]


@dataclass(frozen=True)
class Row:
    """One line of the table: the means of the measures and the latency of one way of searching on one set."""

    name: str
    way: str
    questions: int
    measures: dict[str, float]
    p50_ms: float
    p95_ms: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="holds one sub-folder for each set")
    parser.add_argument("sets", nargs="*", help="names of sub-folders; all in BEIR form when left out")
    parser.add_argument("--index-dir", type=Path, help="keep the indexes here; thrown away when left out")
    parser.add_argument("--plot", type=Path, help="write a plot (needs matplotlib)")
    options = parser.parse_args()
    names = options.sets or sorted(path.parent.name for path in options.folder.glob("*/queries.jsonl"))
    embedder = load_embedder()
    rows: list[Row] = []
    print(heading(), flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        for name in names:
            found = measure(options.folder / name, options.index_dir or Path(scratch), embedder)
            print("\n".join(map(line, found)), flush=True)
            rows += found
    if options.plot:
        plot(rows, options.plot)


def measure(folder: Path, indexes: Path, embedder: Embedder) -> list[Row]:
    """The rows of one set: ours, vectors alone, BM25 alone."""
    questions = read_beir(folder)
    generation = indexed(folder, indexes / folder.name, embedder)
    ways = {
        "footnote": by_product(generation, embedder),
        "vectors alone": by_vectors(generation, embedder),
        "BM25 alone": by_words(generation),
    }
    try:
        return [timed_row(folder.name, way, search, questions) for way, search in ways.items()]
    finally:
        generation.close()


def indexed(folder: Path, index: Path, embedder: Embedder) -> Generation:
    """The set's corpus.jsonl through the product's own re-index command."""
    corpus = index / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / "corpus.jsonl", corpus / "corpus.jsonl")
    reindex(load_settings(corpus=corpus, index_dir=index / "index"), embedder=embedder)
    return open_current(index / "index")


def timed_row(name: str, way: str, search: Search, questions: Sequence[JudgedQuestion]) -> Row:
    search(questions[0])  # the first question of a process also loads things
    rankings, seconds = [], []
    for question in questions:
        started = time.perf_counter()
        ranking = search(question)
        seconds.append(time.perf_counter() - started)
        rankings.append([article_id.rpartition("#")[2] for article_id in ranking])
    measures = {
        label: mean(of(ranking, dict(question.relevant)) for ranking, question in zip(rankings, questions, strict=True))
        for label, of in MEASURES.items()
    }
    p50, p95 = np.percentile(seconds, (50, 95)) * 1000
    return Row(name, way, len(questions), measures, float(p50), float(p95))


def by_product(generation: Generation, embedder: Embedder) -> Search:
    def search(question: JudgedQuestion) -> list[str]:
        asked = date.fromisoformat(question.asked) if question.asked else date.today()
        found = retrieve(question.text, generation, embedder, asked=asked, limit=PASSAGES)
        return list(dict.fromkeys(article for one in found.evidence for article in (one.article.id, *one.also_in)))

    return search


def by_vectors(generation: Generation, embedder: Embedder) -> Search:
    return lambda question: articles_of(
        generation, generation.vectors.nearest(embedder.encode_questions([question.text])[0], PASSAGES)[0]
    )


def by_words(generation: Generation) -> Search:
    def search(question: JudgedQuestion) -> list[str]:
        terms = dict.fromkeys(words_of(question.text), 1.0)
        scores = generation.words.passage_scores(terms, k1=1.2, b=0.75, title=1.0)
        best = np.argsort(-scores, kind="stable")[:PASSAGES]
        return articles_of(generation, generation.words.numbers[best[scores[best] > 0]])

    return search


def articles_of(generation: Generation, numbers: Iterable[int]) -> list[str]:
    """The articles of ranked passages, each where its best passage stands."""
    columns = generation.columns
    rows = columns.article[columns.positions(np.asarray(numbers, np.int64))]
    return list(dict.fromkeys(columns.article_ids[row] for row in rows))


def heading() -> str:
    labels = " ".join(f"{label:>10}" for label in MEASURES)
    return f"{'set':16} {'search':14} {'n':>5} {labels} {'p50 ms':>8} {'p95 ms':>8}"


def line(row: Row) -> str:
    values = " ".join(f"{value:10.4f}" for value in row.measures.values())
    return f"{row.name:16} {row.way:14} {row.questions:5} {values} {row.p50_ms:8.1f} {row.p95_ms:8.1f}"


def plot(rows: Sequence[Row], path: Path) -> None:
    """nDCG@10 by set, one bar for each way of searching."""
    try:
        from matplotlib import pyplot
    except ImportError:
        sys.exit("--plot needs matplotlib: pip install matplotlib")
    sets, ways = list(dict.fromkeys(row.name for row in rows)), list(dict.fromkeys(row.way for row in rows))
    figure, axes = pyplot.subplots(figsize=(1.5 + 2 * len(sets), 4))
    for place, way in enumerate(ways):
        heights = [row.measures["nDCG@10"] for row in rows if row.way == way]
        bars = axes.bar(np.arange(len(sets)) + 0.27 * (place - 1), heights, 0.25, label=way)
        axes.bar_label(bars, fmt="%.3f", fontsize=8)
    axes.set_xticks(range(len(sets)), sets)
    axes.set_ylabel("nDCG@10")
    axes.set_ylim(0.5, 1.05)
    axes.legend(ncols=3, loc="upper left", fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=160)


if __name__ == "__main__":
    main()

"""Quality and latency of search and answers on judged sets, through the product's own pipeline.

    python -m bench.quality EVAL_FOLDER [SET ...] [--passages 100] [--index-dir DIR] [--plot FILE.png]

Each sub-folder in BEIR form (corpus.jsonl, queries.jsonl, qrels/*.tsv) is indexed into a folder that is thrown away
(unless ``--index-dir`` keeps it) and scored as ``footnote eval`` does: Footnote beside vectors alone and BM25 alone.
"""

import argparse
import shutil
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import numpy as np

from assistant.answering import Tools
from assistant.evaluate import read_beir
from assistant.evaluation import PASSAGES, Score, score_searches, table
from ingest.build import reindex
from ingest.embed import load_embedder
from ingest.generation import open_current
from ingest.settings import load_settings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="holds one sub-folder for each set")
    parser.add_argument("sets", nargs="*", help="names of sub-folders; all in BEIR form when left out")
    parser.add_argument("--passages", type=int, default=PASSAGES, help="how many are asked for; people see ten")
    parser.add_argument("--index-dir", type=Path, help="keep the indexes here; thrown away when left out")
    parser.add_argument("--plot", type=Path, help="write a plot (needs matplotlib)")
    options = parser.parse_args()
    names = options.sets or sorted(path.parent.name for path in options.folder.glob("*/queries.jsonl"))
    tools = Tools(load_embedder())
    found: dict[str, list[Score]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name in names:
            found[name] = measure(
                options.folder / name, (options.index_dir or Path(scratch)) / name, tools, options.passages
            )
            print(f"{name}\n{table(found[name])}\n", flush=True)
    if options.plot:
        plot(found, options.plot)


def measure(folder: Path, place: Path, tools: Tools, passages: int) -> list[Score]:
    """The scores of one set, its corpus.jsonl indexed by the product's own re-index."""
    corpus = place / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / "corpus.jsonl", corpus / "corpus.jsonl")
    reindex(load_settings(corpus=corpus, index_dir=place / "index"), embedder=tools.embedder)
    with closing(open_current(place / "index")) as generation:
        return score_searches(read_beir(folder), generation, tools, passages=passages)


def plot(found: dict[str, list[Score]], path: Path) -> None:
    """nDCG@10 by set, one bar for each way of searching."""
    try:
        from matplotlib import pyplot
    except ImportError:
        sys.exit("--plot needs matplotlib: pip install matplotlib")
    ways = list(dict.fromkeys(score.way for scores in found.values() for score in scores))
    figure, axes = pyplot.subplots(figsize=(1.5 + 2 * len(found), 4))
    for place, way in enumerate(ways):
        heights = [score.measures["nDCG@10"] for scores in found.values() for score in scores if score.way == way]
        bars = axes.bar(np.arange(len(found)) + 0.27 * (place - 1), heights, 0.25, label=way)
        axes.bar_label(bars, fmt="%.3f", fontsize=8)
    axes.set_xticks(range(len(found)), list(found))
    axes.set_ylabel("nDCG@10")
    axes.set_ylim(0.5, 1.05)
    axes.legend(ncols=3, loc="upper left", fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=160)


if __name__ == "__main__":
    main()

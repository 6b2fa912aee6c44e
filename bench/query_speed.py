"""How fast one question finds its evidence in a large index, beside LlamaIndex's starter retriever on the same vectors.

    python -m bench.query_speed LIKE_INDEX_DIR [--passages 40000] [--questions 200] [--folder DIR] [--no-starter]

The index is made: vectors drawn from a model of the real ones in LIKE_INDEX_DIR (means of a few of them, with
noise), texts from its vocabulary with its frequencies, five passages an article. Questions are eight words of a
passage. It prints the latency of `retrieve` with the question's embedding, the starter's in the same run and their
ratio, the same under a filter of dates, the recall of the vector search against exact search, the throughput of 16
questions at once against one at a time, and the resident memory of the process before the starter is loaded.
"""

import argparse
import contextlib
import multiprocessing
import re
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.retrieve import retrieve
from ingest.article import Article, Published
from ingest.catalog import Catalog
from ingest.embed import bundled_model_folder, load_embedder
from ingest.generation import Generation, digests_of, open_current
from ingest.vector_rows import VECTORS_FILE, RowsWriter
from ingest.vectors import Vectors
from ingest.words import ArticleWords, WordIndex

PER_ARTICLE = 5
WORDS = 120
BLOCK = 20_000  # passages made at once
TODAY = date(2025, 6, 30)
TEN_DAYS = {"asked": TODAY, "since": date(2025, 3, 1), "until": date(2025, 3, 10)}
_MIB_OF_RSS = 1024 if sys.platform == "linux" else 1024 * 1024
Matrix = NDArray[np.float32]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("like", type=Path, help="an index of real articles to draw vectors and words from")
    parser.add_argument("--passages", type=int, default=40_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--no-starter", action="store_true")
    parser.add_argument("--folder", type=Path, help="where the made index is kept, or found again")
    options = parser.parse_args()
    with contextlib.ExitStack() as held:
        folder = options.folder or Path(held.enter_context(tempfile.TemporaryDirectory()))
        if not (folder / "manifest.json").exists():
            apart(make, folder, options.like, options.passages)
        measure(folder, options.questions)
        if not options.no_starter:
            compare(folder, options.questions)


def measure(folder: Path, count: int) -> None:
    """Print latency, recall, memory and the throughput of 16 at once."""
    embedder = load_embedder()
    with closing(Generation(folder)) as generation:
        questions = made_questions(generation, count)

        def ask(question: str) -> None:
            retrieve(question, generation, embedder, asked=TODAY)

        ask(questions[0])
        report("footnote", timed(ask, questions))
        report("of 10 days", timed(lambda question: retrieve(question, generation, embedder, **TEN_DAYS), questions))
        print(f"resident memory: {resident_mib():,.0f} MiB")
        print(f"16 at once: {side_by_side(ask, questions):.2f} times the throughput of one at a time")
        print(f"recall@10 of the vector search: {recall(generation, question_like(generation, count)):.4f}")


def compare(folder: Path, count: int) -> None:
    """Print the starter's latency, and ours again beside it."""
    embedder = load_embedder()
    with closing(Generation(folder)) as generation:
        questions = made_questions(generation, count)
        starter_ask = starter_retriever(generation, folder / "starter")
        ours = timed(lambda question: retrieve(question, generation, embedder, asked=TODAY), questions)
        starter = timed(starter_ask, questions)
    report("starter", starter)
    print(f"median against the starter's: {np.median(ours) / np.median(starter):.2f}")


def apart(work, *values) -> None:  # type: ignore[no-untyped-def]
    """Run a function in a process of its own, so that its memory does not count here."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=values)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"making the index failed with exit status {process.exitcode}")


def make(folder: Path, like: Path, passages: int) -> None:
    """A generation of made passages in a folder. Memory stays flat: everything is made a block at a time."""
    with closing(open_current(like)) as real:
        vectors = real.rows.take(np.arange(len(real.rows)))
        vocabulary = np.array([term.decode() for term in real.words.all_terms() if term.isalpha()])
        manifest = real.manifest
    vocabulary = np.random.default_rng(7).permutation(vocabulary)
    blocks = [range(first, min(first + BLOCK, passages)) for first in range(0, passages, BLOCK)]
    folder.mkdir(parents=True, exist_ok=True)
    with closing(Catalog.create(folder / "catalog.sqlite3")) as catalog:
        with catalog.writing():
            for first, texts in articles_of(blocks, vocabulary):
                add_article(catalog, first, texts)
        articles, _ = catalog.counts()
    WordIndex.build(
        (
            ArticleWords(range(first + 1, first + 1 + len(texts)), f"Article {first}", texts)
            for first, texts in articles_of(blocks, vocabulary)
        ),
        folder / "words",
    )
    with (
        closing(Vectors(folder / "chroma", create=True)) as graph,
        RowsWriter(folder / VECTORS_FILE, passages, vectors.shape[1]) as rows,
    ):
        for block in blocks:
            drawn = drawn_like(vectors, len(block), np.random.default_rng([8, block.start]))
            graph.add(np.array(block) + 1, drawn)
            rows.add(drawn)
    made = replace(
        manifest, id=folder.name, articles=articles, passages=passages, removed=0, digests=digests_of(folder)
    )
    made.write(folder / "manifest.json")


def articles_of(blocks: Sequence[range], vocabulary: NDArray[np.str_]) -> Iterator[tuple[int, list[str]]]:
    """The first passage's place and the passages of each made article; the same at every call."""
    frequencies = 1 / (np.arange(len(vocabulary)) + 2.7)
    for block in blocks:
        random = np.random.default_rng([9, block.start])
        draw = random.choice(len(vocabulary), (len(block), WORDS), p=frequencies / frequencies.sum())
        texts = [" ".join(row) for row in vocabulary[draw].tolist()]
        for at in range(0, len(block), PER_ARTICLE):
            yield block.start + at, texts[at : at + PER_ARTICLE]


def made_questions(generation: Generation, count: int) -> list[str]:
    """Questions of eight words each of a passage."""
    random = np.random.default_rng(7)
    numbers = random.integers(1, generation.manifest.passages + 1, count).tolist()
    return [question_from(passage.text, random) for passage in generation.catalog.passages(numbers)]


def question_like(generation: Generation, count: int) -> Matrix:
    """Vectors as near to one of the passages (cosine 0.7) as real questions' are to the passage that answers them.

    The made questions' own will not do: eight words that nobody put together lie far from every passage, about equally.
    """
    random = np.random.default_rng(11)
    drawn = generation.rows.take(random.integers(0, len(generation.rows), count))
    noise = random.normal(size=drawn.shape)
    drawn = drawn + noise / np.linalg.norm(noise, axis=1, keepdims=True)
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


def resident_mib() -> float:
    """Megabytes of this process in memory: now where the system tells, else the most there were."""
    status = Path("/proc/self/status")
    if status.exists():
        return float(re.search(r"VmRSS:\s+(\d+)", status.read_text())[1]) / 1024  # type: ignore[index]
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIB_OF_RSS


def add_article(catalog: Catalog, first: int, texts: list[str]) -> None:
    """One article of some passages, dated within two years."""
    day = date(2023, 7, 1) + timedelta(days=first // PER_ARTICLE % 730)
    starts = np.cumsum([0, *(len(text) + 2 for text in texts)])
    spans = [(int(start), int(start) + len(text)) for start, text in zip(starts, texts, strict=False)]
    article = Article(
        id=f"{first}.md",
        title=f"Article {first}",
        text="\n\n".join(texts),
        source=f"Outlet {first % 20}",
        published=Published(day.isoformat(), "front matter"),
    )
    catalog.add_article(article, spans)


def drawn_like(real: Matrix, count: int, random: np.random.Generator) -> Matrix:
    """Vectors (count, dim) of unit norm: each a weighted mean of four real ones with a little noise of their spread."""
    drawn = np.zeros((count, real.shape[1]))
    weights = random.dirichlet(np.full(4, 0.5), count)
    for column in range(4):
        drawn += weights[:, [column]] * real[random.integers(0, len(real), count)]
    drawn += 0.2 * real.std(axis=0) * random.normal(size=drawn.shape)
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


def question_from(text: str, random: np.random.Generator) -> str:
    words = text.split()
    return " ".join(words[at] for at in random.integers(0, len(words), 8)) + "?"


def timed(ask, questions: list[str]) -> list[float]:  # type: ignore[no-untyped-def]
    """Seconds of each question."""
    seconds = []
    for question in questions:
        started = time.perf_counter()
        ask(question)
        seconds.append(time.perf_counter() - started)
    return seconds


def report(name: str, seconds: list[float]) -> None:
    p50, p95 = np.percentile(seconds, (50, 95)) * 1000
    print(f"{name:10} p50 {p50:.1f} ms, p95 {p95:.1f} ms over {len(seconds)} questions")


def recall(generation: Generation, vectors: Matrix) -> float:
    """Share of the exact ten nearest that the search finds."""
    columns = generation.columns
    best = np.full((len(vectors), 10), -2.0, np.float32)
    exact = np.zeros((len(vectors), 10), np.int64)
    for part, block in generation.rows.blocks(np.arange(len(columns.numbers)), columns.numbers):
        cosines = np.hstack([best, vectors @ block.T])
        ids = np.hstack([exact, np.broadcast_to(part, (len(vectors), len(part)))])
        top = np.argpartition(-cosines, 9, axis=1)[:, :10]
        best, exact = np.take_along_axis(cosines, top, 1), np.take_along_axis(ids, top, 1)
    everything = np.ones(len(columns.numbers), np.bool_)
    found = [columns.numbers[generation.nearest(vector, 10, everything)] for vector in vectors]
    return float(np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found, exact.tolist(), strict=True)]))


def side_by_side(ask, questions: list[str]) -> float:  # type: ignore[no-untyped-def]
    """Throughput of 16 threads over that of one, medians of three rounds."""
    ratios = []
    for _ in range(3):
        alone = sum(timed(ask, questions))
        started = time.perf_counter()
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(ask, questions))
        ratios.append(alone / (time.perf_counter() - started))
    return float(np.median(ratios))


def starter_retriever(generation: Generation, folder: Path):  # type: ignore[no-untyped-def]
    """LlamaIndex's retriever over a Chroma collection of its own with as many vectors, at Chroma's defaults."""
    import chromadb
    from llama_index.core import VectorStoreIndex
    from llama_index.core.schema import TextNode
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from llama_index.vector_stores.chroma import ChromaVectorStore

    numbers = generation.columns.numbers
    collection = chromadb.PersistentClient(str(folder)).get_or_create_collection("articles")
    store = ChromaVectorStore(chroma_collection=collection)
    for start in range(collection.count(), len(numbers), 5000):
        part = numbers[start : start + 5000]
        vectors = generation.rows.take(np.arange(start, start + len(part)))
        found = zip(generation.catalog.passages(part), vectors, strict=True)
        store.add([TextNode(id_=str(each.number), text=each.text, embedding=vector.tolist()) for each, vector in found])
    model = HuggingFaceEmbedding(model_name=str(bundled_model_folder()))
    retriever = VectorStoreIndex.from_vector_store(store, embed_model=model).as_retriever(similarity_top_k=10)
    retriever.retrieve("warm up")
    return retriever.retrieve


if __name__ == "__main__":
    main()

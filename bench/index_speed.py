"""How fast a corpus is indexed: `reindex` beside LlamaIndex's starter pipeline, same articles, same weights, same run.

    python -m bench.index_speed CORPUS.jsonl [--articles 500] [--made-words 800] [--starter-chunk 200] [--no-starter]
    python -m bench.index_speed CORPUS.jsonl --series 1000 10000 50000 --made-words 30

CORPUS.jsonl holds an object with ``_id``, ``title`` and ``text`` a line (the BEIR form). The starter pipeline is
``VectorStoreIndex.from_documents`` over ``ChromaVectorStore`` and ``HuggingFaceEmbedding`` as they come (the extra
``bench``). Its chunks of 1,024 tokens are longer than the model reads, so most of a long article is left unread; with
``--starter-chunk 200`` it reads every word, as Footnote does. With ``--made-words`` the articles are made of the
corpus' own words, so many each, in sentences and paragraphs. ``--series`` shows how Footnote's time and memory grow.
Each side runs in a process of its own; loading its model and its libraries stands apart from the seconds. Tokens are
the model's, of titles and texts, counted once for both. Processor time is of all threads; on a machine with other work
it is the steadier figure. Memory is the highest resident size of the process, mapped files included.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

from ingest.embed import bundled_model_folder, load_embedder

_MIB_OF_RSS = 1024 if sys.platform == "linux" else 1024 * 1024
_SENTENCE_WORDS, _PARAGRAPH_SENTENCES = 18, 5
Article = dict[str, str]
T = TypeVar("T")


def footnote(folder: Path) -> Callable[[], None]:
    """The run that indexes the corpus in a folder."""
    from ingest.build import reindex
    from ingest.settings import load_settings

    settings = load_settings(corpus=folder / "corpus", index_dir=folder / "index")
    embedder = load_embedder()
    embedder.path  # noqa: B018  (chooses the form for this machine, which is part of loading)

    def run() -> None:
        report = reindex(settings, embedder=embedder)
        stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in report.stages.items())
        print(f"          {report.passages:,} passages; seconds by stage, some side by side: {stages}", file=sys.stderr)

    return run


def starter(folder: Path, chunk_size: int | None = None) -> Callable[[], None]:
    """LlamaIndex's starter pipeline over the same articles, with chunks of so many tokens in place of its 1,024."""
    import chromadb
    from llama_index.core import Document, StorageContext, VectorStoreIndex
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from llama_index.vector_stores.chroma import ChromaVectorStore

    model = HuggingFaceEmbedding(model_name=str(bundled_model_folder()))
    collection = chromadb.PersistentClient(str(folder / "chroma")).create_collection("articles")
    context = StorageContext.from_defaults(vector_store=ChromaVectorStore(chroma_collection=collection))
    with (folder / "corpus" / "corpus.jsonl").open(encoding="utf-8") as lines:
        documents = [
            Document(text=article["text"], metadata={"title": article["title"]}, id_=article["_id"])
            for article in map(json.loads, lines)
        ]
    splitters = [SentenceSplitter(chunk_size=chunk_size, chunk_overlap=0)] if chunk_size else []

    def run() -> None:
        VectorStoreIndex.from_documents(
            documents, storage_context=context, embed_model=model, transformations=splitters or None
        )

    return run


def measure(side: str, folder: Path, chunk_size: int | None) -> dict[str, float]:
    """Seconds, processor seconds and highest resident megabytes of one side, run in this process."""
    run = footnote(folder) if side == "footnote" else starter(folder, chunk_size)
    started, processor = time.perf_counter(), time.process_time()
    run()
    seconds, processor = time.perf_counter() - started, time.process_time() - processor
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIB_OF_RSS
    return {"seconds": seconds, "processor": processor, "memory_mib": memory}


def read_articles(path: Path) -> Iterator[Article]:
    """The articles of the file: ``_id``, ``title``, ``text``."""
    with path.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            yield {"_id": row["_id"], "title": row.get("title", ""), "text": row["text"]}


def made_articles(path: Path, words: int) -> Iterator[Article]:
    """Articles without end, of so many words each: drawn from the file's, with their frequencies. Always the same."""
    drawn = random.Random(7)
    known = [word for article in islice(read_articles(path), 1000) for word in article["text"].split()]
    number = 0
    while True:
        chosen = (word.strip(".").lower() for word in drawn.choices(known, k=words))
        sentences = [" ".join(part).capitalize() + "." for part in in_parts(chosen, _SENTENCE_WORDS)]
        text = "\n\n".join(" ".join(part) for part in in_parts(sentences, _PARAGRAPH_SENTENCES))
        yield {"_id": f"made-{number}", "title": " ".join(drawn.choices(known, k=8)), "text": text}
        number += 1


def in_parts(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of so many."""
    items = iter(items)
    while part := list(islice(items, size)):
        yield part


def write_corpus(folder: Path, articles: Iterator[Article]) -> tuple[int, int]:
    """Write the articles into a corpus folder, a line each; how many there are, and how many tokens."""
    embedder = load_embedder()
    (folder / "corpus").mkdir()
    count = tokens = 0
    with (folder / "corpus" / "corpus.jsonl").open("w", encoding="utf-8") as file:
        for part in in_parts(articles, 500):
            file.writelines(json.dumps(article) + "\n" for article in part)
            count += len(part)
            tokens += sum(embedder.count_many([f"{article['title']}\n{article['text']}" for article in part]))
    return count, tokens


def compare(options: argparse.Namespace, articles: int, sides: tuple[str, ...]) -> None:
    """Print each side's figures over the same articles, and their ratio."""
    source = made_articles(options.corpus, options.made_words) if options.made_words else read_articles(options.corpus)
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        count, tokens = write_corpus(Path(scratch), islice(source, articles))
        for side in sides:
            found[side] = measured = apart(side, Path(scratch), options)
            print(
                f"{side:9} {count:,} articles, {tokens:,} tokens: {measured['seconds']:.1f} s "
                f"({measured['processor']:.1f} s of processor time, {measured['processor'] / count * 1000:.1f} ms an "
                f"article), {tokens / measured['seconds']:,.0f} tokens/s, at most {measured['memory_mib']:,.0f} MiB",
                flush=True,
            )
    if "starter" in found:
        times, processor = (found["starter"][name] / found["footnote"][name] for name in ("seconds", "processor"))
        print(f"footnote is {times:.2f} times the starter pipeline ({processor:.2f} by processor time)")


def apart(side: str, folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """What `measure` gives in a process of its own."""
    command = [sys.executable, "-m", "bench.index_speed", str(folder), "--only", side]
    command += ["--starter-chunk", str(options.starter_chunk)] if options.starter_chunk else []
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--articles", type=int, default=500)
    parser.add_argument("--made-words", type=int, help="make articles of so many words in place of the file's own")
    parser.add_argument("--series", type=int, nargs="+", help="Footnote alone, for each number of made articles")
    parser.add_argument("--starter-chunk", type=int, help="tokens of the starter's chunks; 1,024 when left out")
    parser.add_argument("--no-starter", action="store_true", help="footnote alone")
    parser.add_argument("--only", choices=("footnote", "starter"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        print(json.dumps(measure(options.only, options.corpus, options.starter_chunk)))
        return
    if options.series and not options.made_words:
        parser.error("--series needs --made-words: a text told again is not embedded again")
    sides = ("footnote",) if options.no_starter or options.series else ("footnote", "starter")
    for articles in options.series or [options.articles]:
        compare(options, articles, sides)


if __name__ == "__main__":
    main()

"""How fast a corpus is indexed: `reindex` beside LlamaIndex's starter pipeline, same articles, same weights, same run.

    python -m bench.index_speed CORPUS.jsonl [--articles 500] [--only footnote|starter] [--no-starter]

CORPUS.jsonl holds an object with ``_id``, ``title`` and ``text`` a line (the BEIR form). The starter pipeline is
``VectorStoreIndex.from_documents`` over ``ChromaVectorStore`` and ``HuggingFaceEmbedding`` as they come (the extra
``bench``). Its chunks of 1,024 tokens are longer than the model reads, so most of a long article is left unread; with
``--starter-chunk 200`` it reads every word, as Footnote does. Each side runs in a process of its own; loading its model
and its libraries stands apart from the seconds. Tokens are the model's, of titles and texts, counted once for both.
Memory is the highest resident size of the process.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from ingest.embed import bundled_model_folder, load_embedder

_MIB_OF_RSS = 1024 if sys.platform == "linux" else 1024 * 1024


def footnote(articles: list[dict[str, str]], folder: Path) -> Callable[[], None]:
    """A corpus written to disk, and the run that indexes it."""
    from ingest.build import reindex
    from ingest.settings import load_settings

    corpus = folder / "corpus"
    corpus.mkdir()
    (corpus / "corpus.jsonl").write_text("".join(json.dumps(article) + "\n" for article in articles), encoding="utf-8")
    settings = load_settings(corpus=corpus, index_dir=folder / "index")
    embedder = load_embedder()
    embedder.path  # noqa: B018  (chooses the form for this machine, which is part of loading)

    def run() -> None:
        reindex(settings, embedder=embedder)

    return run


def starter(articles: list[dict[str, str]], folder: Path, chunk_size: int | None = None) -> Callable[[], None]:
    """LlamaIndex's starter pipeline over the same articles, with chunks of so many tokens in place of its 1,024."""
    import chromadb
    from llama_index.core import Document, StorageContext, VectorStoreIndex
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from llama_index.vector_stores.chroma import ChromaVectorStore

    model = HuggingFaceEmbedding(model_name=str(bundled_model_folder()))
    collection = chromadb.PersistentClient(str(folder / "chroma")).create_collection("articles")
    context = StorageContext.from_defaults(vector_store=ChromaVectorStore(chroma_collection=collection))
    documents = [
        Document(text=article["text"], metadata={"title": article["title"]}, id_=article["_id"]) for article in articles
    ]

    splitters = [SentenceSplitter(chunk_size=chunk_size, chunk_overlap=0)] if chunk_size else []

    def run() -> None:
        VectorStoreIndex.from_documents(
            documents, storage_context=context, embed_model=model, transformations=splitters or None
        )

    return run


def measure(side: str, path: Path, count: int, chunk_size: int | None) -> dict[str, float]:
    """Seconds and highest resident megabytes of one side, run in this process."""
    articles = read_articles(path, count)
    with tempfile.TemporaryDirectory() as folder:
        run = footnote(articles, Path(folder)) if side == "footnote" else starter(articles, Path(folder), chunk_size)
        started = time.perf_counter()
        run()
        seconds = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIB_OF_RSS
    return {"seconds": seconds, "memory_mib": memory}


def read_articles(path: Path, count: int) -> list[dict[str, str]]:
    """The first articles of the file: ``_id``, ``title``, ``text``. Told again when there are too few."""
    with path.open(encoding="utf-8") as lines:
        rows: list[dict[str, Any]] = [json.loads(line) for line in islice(lines, count)]
    found = []
    for number in range(count):
        row = rows[number % len(rows)]
        again = number // len(rows)
        text = f"Edition {again}. {row['text']}" if again else row["text"]
        found.append({"_id": f"{row['_id']}-{again}", "title": row.get("title", ""), "text": text})
    return found


def _apart(side: str, options: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.index_speed", str(options.corpus)]
    command += ["--articles", str(options.articles), "--only", side]
    command += ["--starter-chunk", str(options.starter_chunk)] if options.starter_chunk else []
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--articles", type=int, default=500)
    parser.add_argument("--starter-chunk", type=int, help="tokens of the starter's chunks; 1,024 when left out")
    parser.add_argument("--only", choices=("footnote", "starter"), help="one side in this process, as JSON")
    parser.add_argument("--no-starter", action="store_true", help="footnote alone, for large corpora")
    options = parser.parse_args()
    if options.only:
        print(json.dumps(measure(options.only, options.corpus, options.articles, options.starter_chunk)))
        return
    articles = read_articles(options.corpus, options.articles)
    tokens = sum(load_embedder().count_many([f"{article['title']}\n{article['text']}" for article in articles]))
    sides = ["footnote"] if options.no_starter else ["footnote", "starter"]
    found = {side: _apart(side, options) for side in sides}
    for side, measured in found.items():
        rate = tokens / measured["seconds"]
        print(
            f"{side:9} {len(articles):,} articles, {tokens:,} tokens: {measured['seconds']:.1f} s, "
            f"{rate:,.0f} tokens/s, at most {measured['memory_mib']:,.0f} MiB"
        )
    if "starter" in found:
        print(
            f"footnote is {found['starter']['seconds'] / found['footnote']['seconds']:.2f} times the starter pipeline"
        )


if __name__ == "__main__":
    main()

"""What the torture tests share: how long they run, and what an index must hold, worked out from the corpus alone."""

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from doubles import HashEmbedder

from ingest.article import Article
from ingest.chunk import embedding_text
from ingest.generation import Generation, current_id, open_current, published_ids
from ingest.postings import MOST_COUNTED
from ingest.readers import read_articles
from ingest.settings import Settings
from ingest.terms import search_terms_of

LONG = bool(os.environ.get("TORTURE"))
"""``make torture`` sets it; ``make test`` runs the same tests in short."""

EMBEDDER = HashEmbedder()


def rounds(*, short: int, long: int) -> int:
    """How often a test repeats itself in this run."""
    return long if LONG else short


@contextmanager
def seeded(name: str) -> Iterator[random.Random]:
    """Chance that a failure can be repeated with: the seed is printed when the block fails."""
    seed = int(os.environ.get("TORTURE_SEED", time.time_ns() % 1_000_000))
    try:
        yield random.Random(seed)
    except BaseException:
        print(f"\n{name}: repeat with TORTURE_SEED={seed}")
        raise


def corpus_articles(corpus: Path) -> dict[str, Article]:
    """What an index of the corpus must hold, by article id."""
    return {found.id: found for found in read_articles(corpus, root=corpus) if isinstance(found, Article)}


def faults(generation: Generation, articles: dict[str, Article]) -> list[str]:
    """Every way in which a generation differs from an index of exactly these articles; none when it is right."""
    return list(_faults(generation, articles))


def _faults(generation: Generation, articles: dict[str, Article]) -> Iterator[str]:
    catalog, numbers = generation.catalog, generation.columns.numbers
    held = {row.id for row in catalog.article_rows()}
    if held != articles.keys():
        yield f"articles missing: {sorted(articles.keys() - held)[:3]}, too many: {sorted(held - articles.keys())[:3]}"
    if different := [name for name in held & articles.keys() if catalog.article(name) != articles[name]]:
        yield f"articles not as in the corpus: {sorted(different)[:3]}"
    if unheard := [name for name in held & articles.keys() if name not in catalog.mentioning(articles[name].title)]:
        yield f"articles not found by their title: {sorted(unheard)[:3]}"
    files, paths = catalog.files(), {article.path for article in articles.values()}
    if not {path for path, state in files.items() if state.outcome == "indexed"} <= paths <= files.keys():
        yield f"files on record: {sorted(files)[:9]}, files of articles: {sorted(paths)[:9]}"
    passages = catalog.passages(numbers.tolist())
    for name in held & articles.keys():
        own = catalog.passages_of(name)
        text = articles[name].text
        covered = np.zeros(len(text), bool)
        for place, passage in enumerate(own):
            covered[passage.start : passage.end] = True
            if passage.ordinal != place or passage.text != text[passage.start : passage.end] != "":
                yield f"passage {place} of {name!r} is not its span of the text"
        if any(not seen and not character.isspace() for seen, character in zip(covered, text, strict=True)):
            yield f"words of {name!r} are in no passage"
    for what, found in (("vectors", generation.vectors.numbers()), ("words", np.sort(generation.words.numbers))):
        if not np.array_equal(found, numbers):
            yield f"{what} of passages {found.tolist()[:9]}, the catalog has {numbers.tolist()[:9]}"
            return
    titles = {name: article.title for name, article in articles.items()}
    if held != articles.keys() or not len(numbers):
        return
    yield from _vector_faults(generation, [embedding_text(titles[each.article_id], each.text) for each in passages])
    yield from _word_faults(generation, {each.number: (each.text, titles[each.article_id]) for each in passages})


def _vector_faults(generation: Generation, texts: list[str]) -> Iterator[str]:
    numbers = generation.columns.numbers
    wanted = EMBEDDER.encode_questions(texts)
    if not np.allclose(generation.vectors.fetch(numbers), wanted, atol=1e-3):  # equal ones are stored a little apart
        yield "a vector is not that of its passage"
    for number, vector in zip(numbers, wanted, strict=True):
        nearest, cosines = generation.vectors.nearest(vector, 1)
        if not (len(nearest) and cosines[0] > 1 - 1e-4):
            yield f"vector {number} is not found by its own query"


def _word_faults(generation: Generation, texts: dict[int, tuple[str, str]]) -> Iterator[str]:
    words = generation.words
    held: dict[int, Counter[tuple[str, bool]]] = {int(number): Counter() for number in words.numbers}
    for term in map(bytes.decode, words.all_terms()):
        for row, count, in_title in zip(*words.of(term), strict=True):
            counts = {(term, False): int(count), (term, True): int(in_title)}
            held[int(words.numbers[row])].update({key: value for key, value in counts.items() if value})
    for number, (text, title) in texts.items():
        wanted = Counter((word, False) for word in search_terms_of(text)) + Counter(
            (word, True) for word in search_terms_of(title)
        )
        if held[number] != {key: min(count, MOST_COUNTED) for key, count in wanted.items()}:
            yield f"the word index has other words for passage {number}"


def served_faults(settings: Settings) -> list[str]:
    """How the served index differs from the corpus as it stands; none when it is right."""
    with closing(open_current(settings.index_dir)) as generation:
        if generation.id != current_id(settings.index_dir):
            return [f"{generation.id!r} is served in place of {current_id(settings.index_dir)!r}"]
        return faults(generation, corpus_articles(settings.corpus))


def debris(index_dir: Path) -> list[str]:
    """What lies in the index folder that should not: left-overs of runs that did not end well."""
    cache = "vectors.cache.sqlite3"
    known = {"CURRENT", "lock", "generations", cache, f"{cache}-wal", f"{cache}-shm"}
    strays = [entry.name for entry in index_dir.iterdir() if entry.name not in known]
    strays += [entry.name for entry in (index_dir / "generations").iterdir() if entry.name.endswith(".building")]
    kept = published_ids(index_dir)
    if len(kept) > 2 or current_id(index_dir) not in kept:
        strays.append(f"generations {kept}, {current_id(index_dir)!r} is served")
    return strays

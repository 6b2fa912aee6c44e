"""The story of a re-index: plan, read, cut, embed, verify, publish.

The served generation is never touched: the next one is built beside it, from a copy where the copy is worth having.
"""

import contextlib
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from ingest.article import Article
from ingest.beside import Beside
from ingest.catalog import Catalog, FileState, Outcome, PassageText
from ingest.chunk import CHUNKER, embedding_text, passages_of
from ingest.embed import Embedder, load_embedder
from ingest.errors import CorpusError, IndexDamaged, StoredIndexError, reason_of
from ingest.generation import (
    BUILDING,
    Generation,
    Manifest,
    digests_of,
    generation_folder,
    publish,
    sweep,
)
from ingest.lock import writer_lock
from ingest.plan import KEPT_VERSION, Plan, base_of, is_served, make_plan, refuse_empty, still_failed
from ingest.progress import Progress
from ingest.readers import Notice, path_of_id, read_articles
from ingest.report import LOADING, Report
from ingest.server_vectors import require_server
from ingest.settings import Settings
from ingest.vector_cache import VectorCache, embed_cached
from ingest.vector_place import CHROMA_FOLDER, StoredVectors, copy_vectors, create_vectors, discard
from ingest.vector_rows import VECTORS_FILE, Floats, Numbers, RowsWriter
from ingest.verify import verify_build
from ingest.words import ArticleWords, WordIndex

CACHE_FILE = "vectors.cache.sqlite3"
_BATCH_PASSAGES = 1024
# Vectors taken out of an HNSW graph leave their nodes behind. Past this share the graph is made afresh.
_MAX_REMOVED_SHARE = 0.2


def reindex(
    settings: Settings,
    *,
    rebuild: bool = False,
    dry_run: bool = False,
    embedder: Embedder | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Report:
    """Make the index hold exactly what the corpus folder holds, and say what was done.

    Nothing is embedded twice, and without a change no generation is written.

    Args:
        settings: the corpus, the index folder, the model.
        rebuild: start from nothing (vectors still come from the cache).
        dry_run: write nothing; the report says what a run would do, with passages and embedded left at 0.
        embedder: in place of the one the settings name.
        progress: told how far the work is.

    Raises:
        CorpusError: the corpus is missing, or empty (``rebuild`` allows an empty one).
        IndexLocked: another re-index is running.
        EmbedderError: the model cannot be loaded.
        StoredIndexError: the index folder cannot be used.
    """
    started = time.perf_counter()
    report = Report()
    if settings.index_dir.resolve() == settings.corpus.resolve():
        raise CorpusError(f"{str(settings.corpus)!r} is both corpus and index; give the index a folder of its own")
    with contextlib.ExitStack() as held:
        if not dry_run:
            held.enter_context(writer_lock(settings.index_dir))
            sweep(settings.index_dir, server=settings.chroma_server)
        with report.timing("opening"):
            base = None if rebuild else base_of(settings, embedder)
        if base is not None:
            held.callback(base.close)
        with report.timing("planning"):
            plan = make_plan(settings.corpus, base.catalog.files() if base else {}, leave_out=settings.index_dir)
        report.skipped = [state for state in plan.refused if state.outcome == "skipped"]
        report.failed = still_failed(plan, base)
        if not (plan.digests or rebuild):
            refuse_empty(settings)
        if dry_run:
            with TemporaryDirectory() as scratch:
                _Build(settings, plan, base, None, report, progress, Path(scratch)).catalog().close()
        elif base is not None and is_served(base, settings) and not plan.is_news:
            report.articles, report.passages = base.catalog.counts()
            report.languages = base.catalog.languages()
            report.generation = base.id
        else:
            embedder = embedder or load_embedder(settings.embedding_model, late=lambda: report.timing(LOADING))
            _publish_next(settings, plan, base, embedder, report, progress)
        report.unchanged = report.articles - report.added - report.changed
    report.seconds = time.perf_counter() - started
    return report


def _publish_next(
    settings: Settings, plan: Plan, base: Generation | None, embedder: Embedder, report: Report, progress: Progress
) -> None:
    """Build the next generation, verify it, and make it the one being served."""
    if settings.chroma_server:
        require_server(settings.chroma_server)  # before the work, not after
    generation_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{secrets.token_hex(2)}"
    folder = generation_folder(settings.index_dir, generation_id + BUILDING)
    try:
        folder.mkdir(parents=True)
        _Build(settings, plan, base, embedder, report, progress, folder).run(generation_id)
        with report.timing("publishing"):
            publish(settings.index_dir, folder, generation_id)
    except (OSError, sqlite3.Error) as error:
        discard(folder, settings.chroma_server)
        raise StoredIndexError(
            f"the next index cannot be written in {str(settings.index_dir)!r}: {reason_of(error)}; "
            "the served one is as it was; free some space, or choose another folder with --index-dir"
        ) from error
    except BaseException:  # also Ctrl-C: nothing half-built stays behind
        discard(folder, settings.chroma_server)
        raise
    report.generation = generation_id
    sweep(settings.index_dir, server=settings.chroma_server, beside=base.id if base else None)


class _Build:
    """The next generation in the making.

    base: the generation it starts from, None for nothing. embedder: None when only the catalog is wanted.
    """

    def __init__(
        self,
        settings: Settings,
        plan: Plan,
        base: Generation | None,
        embedder: Embedder | None,
        report: Report,
        progress: Progress,
        folder: Path,
    ) -> None:
        self._settings = settings
        self._plan = plan
        self._base = base
        self._embedder = embedder
        self._report = report
        self._progress = progress
        self._folder = folder
        self._numbers_removed: list[int] = []
        # Numbers are never used twice, so everything above this one is new.
        self._last_number = int(base.columns.numbers[-1]) if base and len(base.columns.numbers) else 0

    def run(self, generation_id: str) -> None:
        """Everything up to a verified folder that only wants its name."""
        assert self._embedder is not None
        with self._report.timing("reading"):
            catalog = self.catalog()
        with contextlib.closing(catalog):
            with Beside() as beside:
                beside.do(lambda: self._words(catalog, beside))
                removed, new_after = self._vectors(catalog, self._embedder, check=beside.check)
            self._report.passages = catalog.counts()[1]
            self._report.languages = catalog.languages()
        try:
            self._verify(generation_id, removed, new_after)
        except IndexDamaged:
            if not new_after:
                raise
            # What the last graph has lost by now, a new one finds again.
            shutil.rmtree(self._folder / CHROMA_FOLDER)
            with contextlib.closing(Catalog(catalog.path)) as finished:
                self._vectors(finished, self._embedder, afresh=True)
            self._verify(generation_id, 0, 0)

    def _verify(self, generation_id: str, removed: int, new_after: int) -> None:
        with self._report.timing("verifying"):
            seal = partial(self._write_manifest, generation_id, removed)
            verify_build(self._folder, seal, server=self._settings.chroma_server, new_after=new_after)

    # Articles

    def catalog(self) -> Catalog:
        """The catalog of the next generation: the last one's, with the plan carried out."""
        path = self._folder / "catalog.sqlite3"
        if self._base:
            shutil.copyfile(self._base.catalog.path, path)
        catalog = Catalog(path, writable=True) if self._base else Catalog.create(path)
        with catalog.writing():
            for name in self._plan.gone:
                self._remove_all(catalog, list(catalog.digests_in(name)))
                catalog.forget_file(name)
            for state in self._plan.refused:
                catalog.record_file(state)
            for done, name in enumerate(self._plan.to_read):
                self._progress("reading", done, len(self._plan.to_read))
                self._read_file(catalog, name)
        self._progress("reading", len(self._plan.to_read), len(self._plan.to_read))
        self._report.articles = catalog.counts()[0]
        return catalog

    def _read_file(self, catalog: Catalog, name: str) -> None:
        """Bring the articles of one file up to date. What cannot be read keeps its last good version."""
        corpus = self._settings.corpus
        known = catalog.digests_in(name)
        seen: set[str] = set()
        failures: list[FileState] = []
        for found in read_articles(path_of_id(name, corpus), root=corpus, max_bytes=self._settings.max_file_bytes):
            if isinstance(found, Notice):
                if found.outcome == "failed":
                    failures.append(FileState(found.id, "", "failed", found.reason))
                continue
            if found.id not in known and catalog.has_article(found.id):
                reason = f"its id {found.id!r} is taken by an article of another file; rename one of the two"
                failures.append(FileState(found.id, "", "failed", reason))
                continue
            seen.add(found.id)
            if known.get(found.id) != found.sha256:
                self._store(catalog, found, changed=found.id in known)
        unseen = sorted(known.keys() - seen)
        if not failures:
            self._remove_all(catalog, unseen)
        elif unseen:
            failures = [replace(each, reason=f"{each.reason}{KEPT_VERSION}") for each in failures]
        self._report.failed += failures
        reason = "; ".join(failure.reason for failure in failures[:3])
        outcome: Outcome = "failed" if failures else "indexed"
        catalog.record_file(FileState(name, self._plan.digest_read(name, corpus), outcome, reason))

    def _store(self, catalog: Catalog, article: Article, *, changed: bool) -> None:
        if changed:
            self._numbers_removed += catalog.remove_article(article.id)
            self._report.changed += 1
        else:
            self._report.added += 1
        catalog.add_article(article, passages_of(article, self._embedder) if self._embedder else [])

    def _remove_all(self, catalog: Catalog, article_ids: list[str]) -> None:
        for article_id in article_ids:
            self._numbers_removed += catalog.remove_article(article_id)
        self._report.removed += len(article_ids)

    # Words and vectors

    def _words(self, catalog: Catalog, beside: Beside) -> None:
        """The word index: the last one with the difference applied, or a new one. Made beside the vectors."""
        folder = self._folder / "words"
        passages = beside.until_left(catalog.passage_texts(after=self._last_number))
        articles = (_article_words(list(group)) for _, group in groupby(passages, key=lambda passage: passage.article))
        with self._report.timing("words"):
            if self._base:
                self._base.words.updated(folder, removed=self._numbers_removed, added=articles)
            else:
                WordIndex.build(articles, folder)

    def _vectors(
        self, catalog: Catalog, embedder: Embedder, *, afresh: bool = False, check: Callable[[], None] = lambda: None
    ) -> tuple[int, int]:
        """The vectors: the last graph with the difference applied, or one made afresh, and all of them as rows.

        Returns how many vectors were taken out of the graph since it was made, and the passage number above which
        its vectors are new.
        """
        base, server, passages = self._base, self._settings.chroma_server, catalog.counts()[1]
        removed = (base.manifest.removed if base else 0) + len(self._numbers_removed)
        copied = not afresh and self._last_number > 0 and removed <= _MAX_REMOVED_SHARE * passages
        # A server copies no collection: there the graph is made afresh each time, of vectors that are at hand here.
        copied = copied and server is None and base is not None and not base.vectors.server
        if base and copied:
            stored = copy_vectors(base.folder, self._folder, without=np.array(self._numbers_removed, np.int64))
        else:
            stored = create_vectors(self._folder, server)
        with (
            contextlib.closing(stored) as vectors,
            RowsWriter(self._folder / VECTORS_FILE, passages, embedder.dim) as rows,
        ):
            for numbers, kept in self._kept():
                rows.add(kept)
                if not copied:
                    vectors.add(numbers, kept)
            self._embed(catalog, embedder, vectors, rows, check)
        return (removed if copied else 0), (self._last_number if copied else 0)

    def _kept(self) -> Iterator[tuple[Numbers, Floats]]:
        """The passages that stay as they were in the last generation, and their vectors, a block at a time."""
        if self._base:
            rows = np.flatnonzero(~np.isin(self._base.columns.numbers, self._numbers_removed))
            yield from self._base.rows.blocks(rows, self._base.columns.numbers)

    def _embed(
        self, catalog: Catalog, embedder: Embedder, vectors: StoredVectors, rows: RowsWriter, check: Callable[[], None]
    ) -> None:
        """The vectors of the new passages: while some are stored, the next are encoded. check: called at each step."""
        passages = catalog.passage_texts(after=self._last_number)
        done, total = 0, catalog.counts()[1] - rows.written

        def store(numbers: Numbers, found: Floats) -> None:
            with self._report.timing("storing vectors"):
                rows.add(found)
                vectors.add(numbers, found)

        def told(now: int) -> None:
            check()
            self._progress("embedding", done + now, total)

        with contextlib.closing(VectorCache(self._settings.index_dir / CACHE_FILE)) as cache, Beside() as storing:
            while batch := list(islice(passages, _BATCH_PASSAGES)):
                with self._report.timing("embedding"):
                    texts = [embedding_text(passage.title, passage.text) for passage in batch]
                    found, embedded = embed_cached(embedder, cache, texts, told=told)
                storing.do(partial(store, np.array([passage.number for passage in batch], np.int64), found))
                self._report.embedded += embedded
                done += len(batch)
        self._progress("embedding", done, total)

    def _write_manifest(self, generation_id: str, removed: int, put_in_again: int) -> None:
        embedder = self._embedder
        assert embedder is not None
        Manifest(
            id=generation_id,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            articles=self._report.articles,
            passages=self._report.passages,
            model=embedder.name,
            fingerprint=embedder.fingerprint,
            dim=embedder.dim,
            chunker=CHUNKER,
            removed=removed + put_in_again,
            digests=digests_of(self._folder),
        ).write(self._folder / "manifest.json")


def _article_words(passages: list[PassageText]) -> ArticleWords:
    return ArticleWords([passage.number for passage in passages], passages[0].title, [p.text for p in passages])

"""What a re-index has to do and what it starts from: the corpus held against the catalog of the served generation."""

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from ingest.catalog import FileState, Outcome
from ingest.chunk import CHUNKER
from ingest.embed import Embedder, model_fingerprint
from ingest.errors import CorpusError, IndexDamaged, IndexMismatch, IndexMissing, ReadError
from ingest.generation import Generation, current_id, open_current
from ingest.readers import Notice, article_id, corpus_files, path_of_id
from ingest.readers.walk import digest_of
from ingest.settings import Settings

KEPT_VERSION = "; its last good version stays"


@dataclass(frozen=True, slots=True)
class Plan:
    """Paths within the corpus folder, each list sorted.

    fresh: never read before. changed: other bytes than at the last re-index. unchanged: the same bytes.
    gone: read before, no longer there. refused: there, but not to be read, and why.
    digests: sha256 of the bytes of every file in fresh, changed and unchanged.
    is_news: whether anything is to be recorded that was not before.
    """

    fresh: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    gone: tuple[str, ...]
    refused: tuple[FileState, ...]
    digests: dict[str, str]
    is_news: bool

    @property
    def to_read(self) -> tuple[str, ...]:
        """The files whose articles have to be read."""
        return tuple(sorted(self.fresh + self.changed))

    def digest_read(self, name: str, corpus: Path) -> str:
        """The digest of a file that was read just now; empty when it has changed since it was planned.

        Nobody knows then which bytes were read: the next run reads it again, though it may be what it was by then.
        """
        try:
            found = digest_of(path_of_id(name, corpus), corpus)
        except ReadError:
            return ""
        return found if found == self.digests[name] else ""


def make_plan(corpus: Path, known: dict[str, FileState], *, leave_out: Path | None = None) -> Plan:
    """Compare a corpus folder with what is known of it, by content: times and sizes of files are not trusted.

    leave_out: a folder that holds no articles, wherever it lies: the index's own.

    Raises:
        CorpusError: the folder is missing or cannot be listed.
    """
    digests: dict[str, str] = {}
    refused: list[FileState] = []
    for entry in corpus_files(corpus, leave_out=leave_out):
        if isinstance(entry, Notice):
            outcome: Outcome = "failed" if entry.outcome == "failed" else "skipped"
            refused.append(FileState(entry.id, "", outcome, entry.reason))
            continue
        name = article_id(entry, corpus)
        try:
            digests[name] = digest_of(entry, corpus)
        except ReadError as error:
            refused.append(FileState(name, "", "failed", str(error)))
    seen = {state.path for state in refused} | digests.keys()
    closed = {state.path for state in refused if state.outcome == "failed"}
    # Where there was an article there is now something else, such as a pipe or a link to elsewhere.
    skipped = {state.path for state in refused if state.outcome == "skipped"}
    replaced = {name for name in skipped & known.keys() if known[name].outcome != "skipped"}
    same = {name for name, digest in digests.items() if name in known and known[name].sha256 == digest}
    return Plan(
        fresh=tuple(sorted(digests.keys() - known.keys())),
        changed=tuple(sorted((digests.keys() & known.keys()) - same)),
        unchanged=tuple(sorted(same)),
        gone=tuple(sorted(replaced | {name for name in known.keys() - seen if not _is_within(name, closed)})),
        refused=tuple(sorted(refused, key=lambda state: state.path)),
        digests=digests,
        is_news=bool(digests.keys() - same or known.keys() - seen or {s for s in refused if s != known.get(s.path)}),
    )


def _is_within(name: str, folders: set[str]) -> bool:
    """Whether a file lies under one of some folders: in one that cannot be read it may still exist."""
    return any(parent.as_posix() in folders for parent in PurePosixPath(name).parents)


# What there is to start from


def base_of(settings: Settings, embedder: Embedder | None) -> Generation | None:
    """The served generation, when the next one can start from it: same model, same form of passages."""
    try:
        base = open_current(settings.index_dir, server=settings.chroma_server)
    except (IndexMissing, IndexDamaged, IndexMismatch):
        return None
    wanted = embedder.fingerprint if embedder else model_fingerprint(settings.embedding_model)
    if (base.manifest.chunker, base.manifest.fingerprint) == (CHUNKER, wanted):
        return base
    base.close()
    return None


def is_served(base: Generation, settings: Settings) -> bool:
    """Whether a generation is the current one, and its vectors are where settings want them."""
    wanted = settings.chroma_server.address if settings.chroma_server else ""
    return base.id == current_id(settings.index_dir) and base.vectors.server == wanted


def still_failed(plan: Plan, base: Generation | None) -> list[FileState]:
    """Failures that stay: files that cannot be opened, and unchanged files that could not be read before."""
    known = base.catalog.files() if base else {}
    before = [known[name] for name in plan.unchanged if known[name].outcome == "failed"]
    closed = [state for state in plan.refused if state.outcome == "failed"]
    kept = {state.path for state in closed if base and base.catalog.digests_in(state.path)}
    return [replace(each, reason=f"{each.reason}{KEPT_VERSION * (each.path in kept)}") for each in closed] + before


def refuse_empty(settings: Settings) -> None:
    """Raise CorpusError: a corpus without a file to read never takes the place of an index unasked."""
    held = ""
    with (
        contextlib.suppress(IndexMissing, IndexDamaged, IndexMismatch),
        contextlib.closing(open_current(settings.index_dir, server=settings.chroma_server)) as served,
    ):
        held = f"; the index keeps its {served.manifest.articles} articles (--rebuild empties it)"
    raise CorpusError(
        f"corpus folder {str(settings.corpus)!r} holds no article{held}; put .md, .txt, .html, .json or .jsonl files in"
    )

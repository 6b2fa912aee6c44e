"""Is everything in order? Corpus, index, embedding model and language model, each checked, each with its mend."""

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Literal

from ingest.chroma_wire import ChromaServer
from ingest.embed import load_embedder, model_fingerprint
from ingest.errors import FootnoteError, IndexMissing
from ingest.generation import Generation, current_id, open_current
from ingest.language import languages_outside
from ingest.plan import make_plan
from ingest.server_vectors import server_version
from ingest.settings import Settings
from ingest.verify import verify_generation

State = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. mend: what to do about it, empty when nothing is to be done."""

    name: str
    state: State
    found: str
    mend: str = ""


def examine(settings: Settings, *, deep: bool = False) -> Iterator[Check]:
    """Each check as it is done. deep: also look for every vector of the index."""
    yield _guarded("corpus", lambda: _corpus(settings))
    yield _guarded("index", lambda: _index(settings, deep=deep))
    if server := settings.chroma_server:
        yield _guarded("Chroma server", lambda: _chroma(server, settings))
    yield _guarded("embedder", lambda: _embedder(settings))
    yield _guarded("language model", lambda: _language_model(settings))


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    """The check, or its failure; our messages end in the next step."""
    try:
        return check()
    except FootnoteError as error:
        found, _, mend = str(error).rpartition("; ")
        return Check(name, "failed", found or mend, mend if found else "")


def _corpus(settings: Settings) -> Check:
    known, opened = {}, True
    try:
        with closing(open_current(settings.index_dir, server=settings.chroma_server)) as generation:
            known = generation.catalog.files()
    except IndexMissing:
        pass  # everything is new
    except FootnoteError:
        opened = False  # the index has its own check
    plan = make_plan(settings.corpus, known, leave_out=settings.index_dir)
    unread = [state for state in known.values() if state.outcome == "failed"]
    found = f"{len(plan.digests)} files in {str(settings.corpus)!r}"
    if not opened:
        return Check("corpus", "ok", f"{found}, not compared with the index, which cannot be opened")
    if plan.is_news:
        changes = f"{len(plan.fresh)} new, {len(plan.changed)} changed, {len(plan.gone)} gone since the last re-index"
        return Check("corpus", "warning", f"{found}: {changes}", "run `footnote reindex`")
    if unread:
        return Check("corpus", "warning", f"{found}; {len(unread)} could not be read", "`footnote reindex` lists them")
    return Check("corpus", "ok", found)


def _index(settings: Settings, *, deep: bool) -> Check:
    with closing(open_current(settings.index_dir, server=settings.chroma_server)) as generation:
        generation.catalog.check()
        generation.check_model(settings.embedding_model, model_fingerprint(settings.embedding_model))
        found = _described(generation)
        outside = languages_outside(settings.embedding_model, generation.catalog.languages())
        folder = generation.folder
    if deep:
        share = verify_generation(folder, server=settings.chroma_server)
        found += f"; every vector was found by its own query, and {share:.2%} of the ten nearest"
    named = current_id(settings.index_dir)
    if named != folder.name:
        damaged = f"generation {named!r}" if named else "CURRENT, which names the generation to serve,"
        return Check("index", "warning", f"{damaged} is damaged; served is {found}", "run `footnote reindex`")
    return Check("index", "warning" if outside else "ok", found, outside or "")


def _chroma(server: ChromaServer, settings: Settings) -> Check:
    found = f"{server.address} answers, version {server_version(server)}"
    with (
        suppress(FootnoteError),  # the index has its own check
        closing(open_current(settings.index_dir, server=server)) as generation,
    ):
        if not generation.vectors.server:
            found += ", but the vectors are in the index folder"
            return Check("Chroma server", "warning", found, "run `footnote reindex` to move them")
    return Check("Chroma server", "ok", found)


def _described(generation: Generation) -> str:
    manifest = generation.manifest
    return (
        f"generation {manifest.id} of {manifest.created}: {manifest.articles} articles, {manifest.passages} passages, "
        f"model {manifest.model!r}"
    )


def _embedder(settings: Settings) -> Check:
    embedder = load_embedder(settings.embedding_model)
    embedder.encode_questions(["Is everything in order?"])
    return Check("embedder", "ok", f"{embedder.name!r}, {embedder.dim} dimensions; {embedder.path}")


def _language_model(settings: Settings) -> Check:
    if not settings.llm_model:
        return Check("language model", "ok", "none is set: answers are the articles' own sentences")
    from assistant.errors import LLMError
    from assistant.llm import Budget, model_of

    model = model_of(settings)
    try:
        model.complete([{"role": "user", "content": "Reply with the word ready."}], budget=Budget(20, requests=1))
    except LLMError as error:
        return Check("language model", "failed", str(error), error.help)
    return Check("language model", "ok", f"{model.name!r} at {model.source.place} replies")

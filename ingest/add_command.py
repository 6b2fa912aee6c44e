"""The face of ``footnote add``: flags in, a line for each article as it is done, or one JSON document."""

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.command import EXIT_FAILED, EXIT_INCOMPLETE, CorpusOption, IndexOption, JsonOption

if TYPE_CHECKING:
    from ingest.add import Outcome


def add_command(
    sources: Annotated[list[str], typer.Argument(help="Web pages, feeds, files or folders of pages.")],
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many entries of a feed, from its first.")] = 20,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Also fetch from this machine and from private networks.")
    ] = False,
    corpus: CorpusOption = None,
    index_dir: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Save articles into the corpus as Markdown: from the web, a feed, files or folders."""
    from ingest.add import add_sources
    from ingest.fetch import Fetcher, Limits
    from ingest.settings import load_settings

    settings = load_settings(corpus=corpus, index_dir=index_dir)
    limits = Limits(max_bytes=settings.max_file_bytes)
    outcomes = []
    for outcome in add_sources(
        sources, settings, fetcher=Fetcher(allow_private=allow_private, limits=limits), entries=limit
    ):
        outcomes.append(outcome)
        if not as_json:
            print(_line(outcome), file=sys.stderr if outcome.state == "failed" else sys.stdout, flush=True)
    print(json.dumps(outcomes_document(outcomes), ensure_ascii=False) if as_json else _closing(outcomes))
    failed = sum(outcome.state == "failed" for outcome in outcomes)
    if failed and as_json:
        print(f"footnote: {failed} of {len(outcomes)} could not be added; the document says why", file=sys.stderr)
    if failed:
        raise typer.Exit(EXIT_FAILED if failed == len(outcomes) else EXIT_INCOMPLETE)


def outcomes_document(outcomes: "list[Outcome]") -> dict[str, list[dict[str, str]]]:
    """The outcomes as scripts read them."""
    document: dict[str, list[dict[str, str]]] = {"added": [], "updated": [], "unchanged": [], "failed": []}
    for outcome in outcomes:
        row = {"source": outcome.source}
        if outcome.state == "failed":
            row["error"] = outcome.error
        else:
            row |= {"path": outcome.path, "title": outcome.title}
        document[outcome.state].append(row)
    return document


def _line(outcome: "Outcome") -> str:
    """One outcome for a person."""
    source = outcome.source if outcome.source.isprintable() else repr(outcome.source)
    if outcome.state == "failed":
        return f"failed     {source}: {outcome.error}"
    return f"{outcome.state:10} {outcome.path or source}{f'  {outcome.title!r}' if outcome.title else ''}"


def _closing(outcomes: "list[Outcome]") -> str:
    """How many of each, and what to do next."""
    counts = {state: sum(outcome.state == state for outcome in outcomes) for state in outcomes_document([])}
    said = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    is_new = counts["added"] or counts["updated"]
    return f"{said}; run `footnote reindex` to have them found." if is_new else f"{said}; the corpus is as it was."

"""The re-index command's face: flags in, a report on standard output; progress and errors on standard error.

``footnote reindex`` and ``python -m ingest`` are both this.
"""

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingest.errors import FootnoteError

if TYPE_CHECKING:
    from ingest.catalog import FileState
    from ingest.embed import Embedder
    from ingest.report import Report
    from ingest.settings import Settings

EXIT_FAILED = 1
EXIT_INCOMPLETE = 3
_SHOWN_FAILURES = 20

CorpusOption = Annotated[Path | None, typer.Option("--corpus", help="The folder of articles (default: corpus).")]
IndexOption = Annotated[Path | None, typer.Option("--index-dir", help="Where the index is kept (default: .footnote).")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def run(app: typer.Typer) -> None:
    """Run a command line; whatever Footnote raises on purpose becomes one line on standard error and its status."""
    try:
        app()
    except FootnoteError as error:
        print(f"footnote: {error}", file=sys.stderr)
        sys.exit(error.exit_status)


def reindex_command(
    *,
    corpus: CorpusOption = None,
    index_dir: IndexOption = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Start from nothing; also empties an index.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    watching: Annotated[
        bool,
        typer.Option("--watch", help="Go on, and do it again when files change; with --json a line for each run."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make the index hold exactly what the corpus folder holds."""
    if watching and dry_run:
        raise typer.BadParameter("--watch and --dry-run exclude each other")
    with _stoppable(watching=watching):
        from ingest.settings import load_settings

        settings = load_settings(corpus=corpus, index_dir=index_dir)
        if watching:
            _watch(settings, rebuild=rebuild, as_json=as_json)
        elif _run_once(settings, rebuild=rebuild, dry_run=dry_run, as_json=as_json).failed:
            raise typer.Exit(EXIT_INCOMPLETE)


@contextmanager
def _stoppable(*, watching: bool) -> "Iterator[None]":
    """Ctrl-C, a request to end and a closed terminal stop the work in the same way: tidily, with one line."""
    received = [signal.SIGINT]

    def stop(number: int, frame: object) -> None:
        received.append(signal.Signals(number))
        raise KeyboardInterrupt

    others = [number for number in (signal.SIGTERM, getattr(signal, "SIGHUP", None)) if number]
    before = {number: signal.signal(number, stop) for number in others if signal.getsignal(number) != signal.SIG_IGN}
    try:
        yield
    except KeyboardInterrupt:
        print("stopped; the index is whole, and vectors already made are kept for the next run", file=sys.stderr)
        raise typer.Exit(0 if watching else 128 + received[-1]) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run_once(
    settings: "Settings",
    *,
    rebuild: bool = False,
    dry_run: bool = False,
    as_json: bool = False,
    embedder: "Embedder | None" = None,
) -> "Report":
    """One re-index with its progress and its report printed."""
    from ingest.build import reindex
    from ingest.language import languages_outside
    from ingest.progress import progress_on_stderr

    with progress_on_stderr() as progress:
        report = reindex(settings, rebuild=rebuild, dry_run=dry_run, embedder=embedder, progress=progress)
    text = json.dumps(report_document(report), ensure_ascii=False) if as_json else report_text(report, dry_run=dry_run)
    print(text, flush=True)
    if warning := languages_outside(settings.embedding_model, report.languages):
        print(warning, file=sys.stderr)
    print_failures(report.failed)
    return report


def _watch(settings: "Settings", *, rebuild: bool, as_json: bool) -> None:
    """Re-index now and after every change, with the model loaded once. An error is said and the watch goes on."""
    from ingest.embed import load_embedder
    from ingest.watch import watch

    embedder = load_embedder(settings.embedding_model, late=nullcontext)
    said = ""

    def run() -> bool:
        nonlocal rebuild, said
        try:
            _run_once(settings, rebuild=rebuild, as_json=as_json, embedder=embedder)
        except FootnoteError as error:
            if said != str(error):
                said = str(error)
                print(f"footnote: {error}", file=sys.stderr, flush=True)
                if as_json:
                    print(json.dumps({"error": str(error)}, ensure_ascii=False), flush=True)
            return False
        rebuild, said = False, ""
        return True

    print(f"watching {str(settings.corpus)!r}; Ctrl-C ends it", file=sys.stderr, flush=True)
    watch(settings.corpus, run, leave_out=settings.index_dir)


def report_document(report: "Report") -> dict[str, Any]:
    """The report as scripts read it."""
    return {
        "articles": report.articles,
        "added": report.added,
        "changed": report.changed,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "failed": [{"path": state.path, "error": state.reason} for state in report.failed],
        "skipped": [{"path": state.path, "reason": state.reason} for state in report.skipped],
        "passages": report.passages,
        "embedded": report.embedded,
        "seconds": round(report.seconds, 3),
        "stages": {stage: round(seconds, 3) for stage, seconds in report.stages.items()},
        "generation": report.generation,
    }


def report_text(report: "Report", *, dry_run: bool = False) -> str:
    """The report in two lines for a person: what changed, and where the time went."""
    changes = f"{report.added} added, {report.changed} changed, {report.removed} removed, {report.unchanged} unchanged"
    if dry_run:
        return f"Would hold {report.articles} articles: {changes}. Nothing was written."
    lines = [
        f"{report.articles} articles in {report.passages} passages: {changes}; {report.embedded} passages embedded."
    ]
    slow = sorted(report.stages.items(), key=lambda stage: -stage[1])
    spent = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in slow if seconds >= 0.05)
    lines.append(f"Took {report.seconds:.1f} s{f' ({spent})' if spent else ''}; serving {report.generation}.")
    if report.skipped:
        first = report.skipped[0]
        lines.append(f"Passed over {len(report.skipped)}, such as {first.path!r}: {first.reason}.")
    return "\n".join(lines)


def print_failures(failed: "list[FileState]") -> None:
    """A table of what could not be read, on standard error."""
    if not failed:
        return
    print(f"{len(failed)} could not be read:", file=sys.stderr)
    width = min(60, max(len(state.path) for state in failed))
    for state in failed[:_SHOWN_FAILURES]:
        print(f"  {state.path!r:<{width + 2}}  {state.reason}", file=sys.stderr)
    if len(failed) > _SHOWN_FAILURES:
        print(f"  and {len(failed) - _SHOWN_FAILURES} more (all of them with --json)", file=sys.stderr)


def main() -> None:
    """``python -m ingest``."""
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    app.command()(reindex_command)
    run(app)

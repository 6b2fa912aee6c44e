"""The re-index command's face: flags in, progress on standard error, a report on standard output.

``footnote reindex`` and ``python -m ingest`` are both this.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingest.errors import FootnoteError

if TYPE_CHECKING:
    from ingest.build import Progress
    from ingest.catalog import FileState
    from ingest.report import Report

EXIT_FAILED = 1
EXIT_INCOMPLETE = 3
EXIT_INTERRUPTED = 130
_LINE_EVERY_SECONDS = 5.0
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
    as_json: JsonOption = False,
) -> None:
    """Make the index hold exactly what the corpus folder holds."""
    from ingest.build import reindex
    from ingest.language import languages_outside
    from ingest.settings import load_settings

    settings = load_settings(corpus=corpus, index_dir=index_dir)
    try:
        with progress_on_stderr() as progress:
            report = reindex(settings, rebuild=rebuild, dry_run=dry_run, progress=progress)
    except KeyboardInterrupt:
        print("stopped; the index is as it was, vectors already made are kept for the next run", file=sys.stderr)
        raise typer.Exit(EXIT_INTERRUPTED) from None
    if as_json:
        print(json.dumps(report_document(report), ensure_ascii=False))
    else:
        print(report_text(report, dry_run=dry_run))
    if warning := languages_outside(settings.embedding_model, report.languages):
        print(warning, file=sys.stderr)
    print_failures(report.failed)
    if report.failed:
        raise typer.Exit(EXIT_INCOMPLETE)


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


@contextmanager
def progress_on_stderr() -> "Iterator[Progress]":
    """A bar with rate and time left on a terminal; elsewhere a plain line now and then."""
    if not sys.stderr.isatty():
        yield _plain_progress()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage)
            bars.update(tasks[stage], completed=done, total=total)

        yield show


def _plain_progress() -> "Progress":
    started = last = time.monotonic()

    def show(stage: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _LINE_EVERY_SECONDS:
            last = now
            print(f"{stage}: {done} of {total} ({now - started:.0f} s)", file=sys.stderr, flush=True)

    return show


def main() -> None:
    """``python -m ingest``."""
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    app.command()(reindex_command)
    run(app)

"""The corpus as a table: every article with its outlet, date and number of passages, filtered."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from assistant.document import one_line
from ingest.article import Published
from ingest.catalog import ArticleRow, FileState
from ingest.generation import Generation


def list_articles(
    generation: Generation,
    *,
    since: date | None = None,
    until: date | None = None,
    source: str | None = None,
    limit: int | None = None,
    undated: bool = False,
) -> list[ArticleRow]:
    """Articles within the dates (both included) and of the outlet, by id.

    Undated ones are left out when a date is given, unless ``undated`` keeps them.
    """
    rows = [row for row in generation.catalog.article_rows() if _fits(row, since, until, source, undated=undated)]
    return rows[:limit]


def _fits(row: ArticleRow, since: date | None, until: date | None, source: str | None, *, undated: bool) -> bool:
    if source is not None and row.source.casefold() != source.casefold():
        return False
    if since is None and until is None:
        return True
    if row.published is None:
        return undated
    published = Published(row.published, "")
    return (since is None or published.last_day >= since) and (until is None or published.first_day <= until)


def unread_files(generation: Generation) -> list[FileState]:
    """The files that gave no article at the last re-index, failed or passed over, by path."""
    states = generation.catalog.files().values()
    return sorted((state for state in states if state.outcome != "indexed"), key=lambda state: state.path)


def article_documents(rows: Sequence[ArticleRow], unread: Sequence[FileState]) -> list[dict[str, Any]]:
    """The table as JSON objects, and after it the files that gave none; ``state`` tells them apart."""
    return [
        *({**asdict(row), "state": "indexed"} for row in rows),
        *({"id": state.path, "path": state.path, "state": state.outcome, "reason": state.reason} for state in unread),
    ]


def print_table(rows: Sequence[ArticleRow], unread: Sequence[FileState]) -> None:
    """The table on a terminal, as wide as it allows; tab-separated when standard output is not one."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        for row in rows:
            print(_tabbed(row.id, row.published or "", row.source, row.title, str(row.passages), "indexed"))
        for state in unread:
            print(_tabbed(state.path, "", "", "", "0", f"{state.outcome}: {state.reason}"))
        return
    table = Table("Title", "Outlet", "Date", "Passages", "State", "Path", box=None, header_style="bold")
    for row in rows:
        cells = (row.title, row.source, (row.published or "unknown")[:10], str(row.passages), "indexed", row.id)
        table.add_row(*map(Text, map(one_line, cells)))
    for state in unread:
        cells = ("", "", "", "0", f"{state.outcome}: {state.reason}", state.path)
        table.add_row(*map(Text, map(one_line, cells)))
    console.print(table)
    console.print(f"{len(rows)} articles")


def _tabbed(*cells: str) -> str:
    """Cells with tabs between them; what a file's name may hold beside letters is a space here, exact with --json."""
    return "\t".join(map(one_line, cells))

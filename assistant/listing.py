"""The corpus as a table: every article with its outlet, date and number of passages, filtered."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from ingest.article import Published
from ingest.catalog import ArticleRow
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


def article_documents(rows: Sequence[ArticleRow]) -> list[dict[str, Any]]:
    """The table as JSON objects."""
    return [asdict(row) for row in rows]


def print_table(rows: Sequence[ArticleRow]) -> None:
    """The table on a terminal, as wide as it allows; tab-separated when standard output is not one."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        for row in rows:
            print("\t".join([row.id, row.published or "", row.source, row.title, str(row.passages)]))
        return
    table = Table("Title", "Outlet", "Date", "Passages", "Path", box=None, header_style="bold")
    for row in rows:
        cells = (row.title, row.source, (row.published or "unknown")[:10], str(row.passages), row.id)
        table.add_row(*map(Text, cells))
    console.print(table)
    console.print(f"{len(rows)} articles")

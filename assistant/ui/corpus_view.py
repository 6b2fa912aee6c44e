"""The corpus page as HTML: the table of articles, what became of dropped files, and how a re-index goes."""

from collections.abc import Sequence

from assistant.ui.dates import long_date
from assistant.ui.markup import Markup, join, tag
from assistant.ui.screens import CorpusFacts
from assistant.ui.shelf import Arrival, Progress, ShelfRow
from ingest.report import Report

ROWS_AT_ONCE = 200
"""Rows drawn at once; a search narrows a longer table. 200 rows are 130 kB, made in 15 ms."""
_STAGES = {"embedding": "Embedding passages", "reading": "Reading articles", "starting": "Starting"}


def render_corpus_head(facts: CorpusFacts) -> Markup:
    """What the corpus holds, in one line."""
    words = f"{facts.articles:,} articles · {facts.passages:,} passages · {len(facts.outlets):,} outlets"
    if facts.oldest:
        words += f" · {long_date(facts.oldest)} to {long_date(facts.newest)}"
    return tag("div", tag("h1", "Corpus"), tag("p", words, class_="fn-holdings"), class_="fn-corpus-head")


def narrowed(rows: Sequence[ShelfRow], words: str, outlet: str, since: str, until: str) -> list[ShelfRow]:
    """The rows whose title, outlet or path hold all the words, from that outlet, within those ISO days (inclusive)."""
    wanted = words.casefold().split()
    return [
        row
        for row in rows
        if all(word in f"{row.title} {row.outlet} {row.path}".casefold() for word in wanted)
        and (not outlet or row.outlet == outlet)
        and (not (since or until) or (row.published and _within(row.published[:10], since, until)))
    ]


def render_table(rows: Sequence[ShelfRow]) -> Markup:
    """The table of articles; a row's title opens it, its last cell deletes it."""
    if not rows:
        return tag("p", "No article fits.", class_="fn-hint", role="status")
    names = ("Title", "Outlet", "Date", "Passages", "State", "")
    heads = [tag("th", name or tag("span", "Actions", class_="fn-unseen"), scope="col") for name in names]
    body = [_row(row) for row in rows[:ROWS_AT_ONCE]]
    table = tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *body), class_="fn-table")
    more = len(rows) - ROWS_AT_ONCE
    rest = tag("p", f"{more:,} more; search to narrow the table.", class_="fn-hint") if more > 0 else Markup()
    return join([tag("p", f"{len(rows):,} shown", class_="fn-unseen", role="status"), table, rest])


def render_arrivals(arrivals: Sequence[Arrival]) -> Markup:
    """What became of each dropped file."""
    if not arrivals:
        return Markup()
    items = (
        tag("li", tag("b", item.name), f": {item.words}", class_=None if item.kept else "is-bad") for item in arrivals
    )
    kept = any(item.kept for item in arrivals)
    advice = tag("p", "Re-index to make them answerable.") if kept else Markup()
    return tag("div", tag("ul", *items), advice, class_="fn-report", role="status")


def render_progress(progress: Progress) -> Markup:
    """A running re-index, or the report of the last one."""
    if progress.running:
        return _bar(progress)
    if progress.problem:
        return tag("div", tag("p", progress.problem, class_="is-bad"), class_="fn-report", role="status")
    return _report(progress.report) if progress.report else Markup()


def _row(row: ShelfRow) -> Markup:
    title: Markup | str = row.title or row.path
    if row.article_id:
        title = tag("button", title, type="button", class_="fn-link", data_act="read", data_article=row.article_id)
    state = tag("span", row.state if row.state == "indexed" else "not read", class_=f"fn-state is-{row.state}")
    return tag(
        "tr",
        tag("td", title, tag("span", row.path, class_="fn-path"), dir="auto"),
        tag("td", row.outlet or "—", dir="auto"),
        tag("td", long_date(row.published) or "undated", class_="fn-nowrap"),
        tag("td", f"{row.passages:,}" if row.article_id else "—", class_="fn-figure"),
        tag("td", state, tag("span", row.reason, class_="fn-path") if row.reason else Markup()),
        tag("td", _delete(row) if row.article_id == row.path else Markup()),
    )


def _delete(row: ShelfRow) -> Markup:
    return tag(
        "button",
        tag("span", class_="fn-icon is-delete", aria_hidden="true"),
        type="button",
        class_="fn-tool",
        data_act="remove",
        data_article=row.article_id,
        data_title=row.title,
        aria_label=f"Delete “{row.title}”",
        title="Delete the file",
    )


def _bar(progress: Progress) -> Markup:
    stage = _STAGES.get(progress.stage, progress.stage.capitalize())
    figures = f" {progress.done:,} of {progress.total:,}" if progress.total else "…"
    share = {"value": progress.done, "max": progress.total} if progress.total else {}
    bar = tag("progress", aria_label=stage, **share)
    return tag("div", tag("p", f"{stage}{figures}"), bar, class_="fn-report")


def _report(report: Report) -> Markup:
    counts = ("added", "changed", "removed", "unchanged")
    words = (
        ", ".join(f"{getattr(report, name):,} {name}" for name in counts if getattr(report, name)) or "nothing to do"
    )
    head = f"Re-indexed in {report.seconds:.1f} s: {words}. {report.articles:,} articles, {report.passages:,} passages."
    failed = [tag("li", tag("b", file.path), f": {file.reason}", class_="is-bad") for file in report.failed[:20]]
    return tag("div", tag("p", head), tag("ul", *failed) if failed else Markup(), class_="fn-report", role="status")


def _within(day: str, since: str, until: str) -> bool:
    """Whether an ISO date, maybe only a year or a month, lies within two ISO days; ISO dates compare as text."""
    return (not since or day >= since[: len(day)]) and (not until or day <= until[: len(day)])

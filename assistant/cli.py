"""The ``footnote`` command: each sub-command reads its flags, calls the house, and prints text or JSON.

Standard output carries the result alone; progress, warnings and errors go to standard error.
"""

import json
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager, closing, nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingest.add_command import add_command
from ingest.command import EXIT_FAILED, CorpusOption, IndexOption, JsonOption, reindex_command, run
from ingest.errors import SettingsError

if TYPE_CHECKING:
    from assistant.api import Assistant
    from ingest.embed import Embedder
    from ingest.settings import Settings

app = typer.Typer(
    help="Ask a folder of articles a question; every sentence of the answer carries a checked footnote.",
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
)
app.command("reindex")(reindex_command)
app.command("add")(add_command)

AskedOption = Annotated[str | None, typer.Option("--asked", help="The day the question is asked (default: today).")]
SinceOption = Annotated[str | None, typer.Option("--since", help="Only articles of that day or later.")]
UntilOption = Annotated[str | None, typer.Option("--until", help="Only articles of that day or earlier.")]
SourceOption = Annotated[str | None, typer.Option("--source", help="Only articles of that outlet.")]
LimitOption = Annotated[int, typer.Option("--limit", min=1, help="How many passages of evidence.")]


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question.")],
    asked: AskedOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    limit: LimitOption = 10,
    corpus: CorpusOption = None,
    index_dir: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question from the articles, with a footnote on every sentence."""
    from assistant.document import answer_document

    with closing(_open(corpus, index_dir)) as assistant:
        filters = _filters(asked, since, until, source, limit)
        if as_json:
            _print_json(answer_document(assistant.ask(question, **filters)))
        else:
            _print_streaming(assistant, question, filters)


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    asked: AskedOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    limit: LimitOption = 10,
    corpus: CorpusOption = None,
    index_dir: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """The passages that fit a query best, without an answer."""
    from assistant.document import evidence_document, evidence_text

    with closing(_open(corpus, index_dir)) as assistant:
        found = assistant.search(query, **_filters(asked, since, until, source, limit))
    if as_json:
        _print_json(evidence_document(found.evidence))
    else:
        print(evidence_text(found.evidence))
        for note in found.notes:
            print(f"Note: {note}", file=sys.stderr)


@app.command()
def batch(
    file: Annotated[
        Path, typer.Argument(help="JSON Lines: an object with id and question on each; - for standard input.")
    ],
    asked: AskedOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    limit: LimitOption = 10,
    corpus: CorpusOption = None,
    index_dir: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer many questions: one JSON line out for each line in, in order; a row that failed carries "error"."""
    from assistant.batch import answer_row

    with _lines(file) as lines, closing(_open(corpus, index_dir)) as assistant:
        filters = _filters(asked, since, until, source, limit)
        for line in lines:
            _print_json(answer_row(assistant, line, filters))


@app.command()
def check(
    sentence: Annotated[str | None, typer.Argument(help="The sentence to check.")] = None,
    rows: Annotated[
        Path | None,
        typer.Option("--batch", help="JSON Lines: id, sentence, maybe evidence (texts); - for standard input."),
    ] = None,
    asked: AskedOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    limit: LimitOption = 10,
    corpus: CorpusOption = None,
    index_dir: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Is a sentence supported by the articles, contradicted, or neither? With the words that decide it."""
    if (sentence is None) == (rows is None):
        raise typer.BadParameter("give a sentence, or --batch FILE")
    filters = _filters(asked, since, until, source, limit)
    opened = _Lazy(_settings(corpus, index_dir))
    with closing(opened):
        if rows is not None:
            _check_rows(rows, opened, filters)
        else:
            _check_one(str(sentence), opened, filters, as_json=as_json)


def _check_rows(rows: Path, opened: "_Lazy", filters: dict[str, Any]) -> None:
    from assistant.checking import check_row

    with _lines(rows) as lines:
        for line in lines:
            found = check_row(
                line, embedder=opened.embedder, check=lambda sentence: opened.assistant().check(sentence, **filters)
            )
            _print_json(found)


def _check_one(sentence: str, opened: "_Lazy", filters: dict[str, Any], *, as_json: bool) -> None:
    from assistant.checking import check_document
    from assistant.document import footnote_text, one_line

    checked = opened.assistant().check(sentence, **filters)
    if as_json:
        _print_json({"id": None, **check_document(checked)})
        return
    verdict = checked.verdict
    print(f"{'contradicted' if verdict.contradicted else verdict.support}: {one_line(verdict.reason)}")
    for citation in checked.citations:
        print(footnote_text(citation))


class _Lazy:
    """An assistant and its embedder, each opened when it is first needed: a check may not need the index."""

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        self._assistant: Assistant | None = None
        self._embedder: Embedder | None = None

    def embedder(self) -> "Embedder":
        from ingest.embed import load_embedder

        if self._embedder is None:
            self._embedder = load_embedder(self._settings.embedding_model)
        return self._embedder

    def assistant(self) -> "Assistant":
        from assistant.api import Assistant

        if self._assistant is None:
            self._assistant = Assistant(self._settings, embedder=self.embedder())
        return self._assistant

    def close(self) -> None:
        if self._assistant is not None:
            self._assistant.close()


@app.command()
def articles(
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    asked: AskedOption = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many.")] = None,
    corpus: CorpusOption = None,
    index_dir: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """The articles in the index, as a table."""
    from assistant.listing import article_documents, list_articles, print_table, unread_files
    from ingest.generation import open_current

    settings = _settings(corpus, index_dir)
    ends = [day for day in (_day(until, "--until"), _day(asked, "--asked")) if day]
    last = min(ends, default=None)
    with closing(open_current(settings.index_dir, server=settings.chroma_server)) as generation:
        filtered = source is not None or since is not None or last is not None
        unread = [] if filtered else unread_files(generation)  # what could not be read has no outlet and no date
        listing = list_articles(generation, since=_day(since, "--since"), until=last, source=source, limit=limit)
    if as_json:
        _print_json(article_documents(listing, unread))
    else:
        print_table(listing, unread)


@app.command("eval")
def evaluate(
    folder: Annotated[Path, typer.Argument(help="Holds queries.jsonl and qrels/*.tsv, in BEIR form.")],
    plot: Annotated[Path | None, typer.Option("--plot", help="Also write a bar chart (.png) of the scores.")] = None,
    corpus: CorpusOption = None,
    index_dir: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Score search and answers on your own judged questions: the way to choose a model."""
    from dataclasses import asdict

    from assistant.evaluate import read_beir
    from assistant.evaluation import plot_scores, score_answers, score_searches, table

    questions = read_beir(folder)
    with closing(_open(corpus, index_dir)) as assistant, assistant.using() as generation:
        scores = score_searches(questions, generation, assistant.tools)
        answers = score_answers(questions, generation, assistant.tools)
    scores += [answers] if answers else []
    if plot:
        plot_scores(scores, plot)
    if as_json:
        _print_json([asdict(score) for score in scores])
    else:
        print(table(scores))


@app.command()
def doctor(
    deep: Annotated[bool, typer.Option("--deep", help="Also look for every vector of the index.")] = False,
    corpus: CorpusOption = None,
    index_dir: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check corpus, index, embedding model and language model, and say how to mend what is wrong."""
    from dataclasses import asdict

    from assistant.doctor import examine

    checks = []
    for check in examine(_settings(corpus, index_dir), deep=deep):
        checks.append(check)
        if not as_json:
            print(f"{check.state:8} {check.name}: {check.found}{f'; {check.mend}' if check.mend else ''}", flush=True)
    if as_json:
        _print_json([asdict(check) for check in checks])
    failed = [check.name for check in checks if check.state == "failed"]
    if failed:
        print(f"footnote: not in order: {', '.join(failed)}; see the mends above", file=sys.stderr)
        raise typer.Exit(EXIT_FAILED)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; loopback unless you say otherwise.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 picks a free one.")] = 7860,
    corpus: CorpusOption = None,
    index_dir: IndexOption = None,
) -> None:
    """Open the chat in the browser."""
    from assistant.ui.server import serve as serve_chat

    serve_chat(_settings(corpus, index_dir), host=host, port=port)


def main() -> None:
    """The entry point of the command."""
    run(app)


def _settings(corpus: Path | None, index_dir: Path | None) -> "Settings":
    from ingest.settings import load_settings

    return load_settings(corpus=corpus, index_dir=index_dir)


def _open(corpus: Path | None, index_dir: Path | None) -> "Assistant":
    from assistant.api import Assistant

    return Assistant(_settings(corpus, index_dir))


def _filters(asked: str | None, since: str | None, until: str | None, source: str | None, limit: int) -> dict[str, Any]:
    return {
        "asked": _day(asked, "--asked"),
        "since": _day(since, "--since"),
        "until": _day(until, "--until"),
        "source": source,
        "limit": limit,
    }


def _day(value: str | None, flag: str) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise SettingsError(f"{flag}: expected a date such as 2025-09-18, found {value!r}") from None


def _lines(file: Path) -> AbstractContextManager[Iterable[str]]:
    """The lines of a file, or of standard input for ``-``."""
    if str(file) == "-":
        return nullcontext(sys.stdin)
    try:
        return file.open(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise SettingsError(f"file {str(file)!r} cannot be read: {error.strerror}; name a .jsonl file") from error


def _print_json(document: object) -> None:
    text = json.dumps(document, ensure_ascii=False)
    print(text.encode("utf-8", "replace").decode(), flush=True)  # a lone surrogate of the input cannot be printed


def _print_streaming(assistant: "Assistant", question: str, filters: dict[str, Any]) -> None:
    """Each sentence as it is finished, then the footnotes and notes."""
    from assistant.answer import Finished, Written
    from assistant.document import closing_text, sentence_line

    for event in assistant.stream(question, **filters):
        if isinstance(event, Written):
            print(sentence_line(event.sentence), flush=True)
        elif isinstance(event, Finished):
            print(closing_text(event.answer))


if __name__ == "__main__":
    main()

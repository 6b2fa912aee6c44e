"""What the page shows of a question and its answer: Event -> `Turn`, a plain value that can be drawn and stored.

The second step of the page's one-way flow: events (`assistant.answer`) -> `Turn` -> HTML (`render`). A `Turn` holds
only what is shown, so it can be kept as JSON and drawn again years after the article behind it was changed.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from assistant.answer import Answer, Citation, Drafting, Event, Evidence, Finished, Found, Support, Written
from assistant.draft import NOTHING
from ingest.article import Article

State = Literal["searching", "writing", "done", "stopped", "failed"]
Thumb = Literal["", "up", "down"]


@dataclass(frozen=True, slots=True)
class Source:
    """A passage as a card: cited (``number`` from 1) or also found (``number`` 0).

    quote: the cited sentence, or the whole passage where nothing was cited. start, end: where it stands in the
    article's text. published: ISO 8601 at the article's own precision, empty when unknown. score: 0..1, higher is
    better.
    """

    number: int
    article_id: str
    title: str
    outlet: str
    author: str
    published: str
    url: str
    excerpt: bool
    quote: str
    start: int
    end: int
    passage: str
    score: float = 0.0
    found_by: tuple[str, ...] = ()
    also_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of the answer. ``opens`` says that a new paragraph starts with it."""

    text: str
    citations: tuple[int, ...]
    support: Support
    reason: str
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and all that is known of its answer so far.

    asked_at: ISO 8601 with time zone. tail: text still being written. nearest: what comes nearest where
    nothing answers. problem: one line for the reader when state is ``failed``. seconds: from the question to the end of
    the answer.
    """

    id: str
    question: str
    asked_at: str
    state: State = "searching"
    rewritten: str = ""
    tail: str = ""
    lines: tuple[Line, ...] = ()
    cited: tuple[Source, ...] = ()
    found: tuple[Source, ...] = ()
    answered: bool = True
    nearest: str = ""
    confidence: float = 0.0
    short_answer: str = ""
    as_of: str = ""
    notes: tuple[str, ...] = ()
    model: str = ""
    seconds: float = 0.0
    problem: str = ""
    follow_ups: tuple[str, ...] = ()
    thumb: Thumb = ""
    thumb_reason: str = ""

    @property
    def running(self) -> bool:
        """Whether more events are expected."""
        return self.state in ("searching", "writing")


def fold(turn: Turn, event: Event) -> Turn:
    """The turn after one more event of the answer's stream."""
    match event:
        case Found():
            found = tuple(source_of_evidence(item) for item in event.evidence)
            return replace(turn, state="writing", found=found, rewritten=event.rewritten or "")
        case Drafting():
            return replace(turn, state="writing", tail=event.tail)
        case Written():
            sentence = event.sentence
            line = Line(sentence.text, sentence.citations, sentence.support, sentence.reason)
            cited = turn.cited + tuple(source_of_citation(item) for item in event.citations)
            return replace(turn, state="writing", lines=(*turn.lines, line), cited=cited, tail="")
        case Finished():
            return _finish(turn, event.answer)


def stop(turn: Turn) -> Turn:
    """The turn as it stands when the reader stops it; one that had ended stays as it was."""
    return replace(turn, state="stopped", tail="") if turn.running else turn


def fail(turn: Turn, problem: str) -> Turn:
    """The turn ended by an error: what was written stays, with one line that says what happened and what to do."""
    return replace(turn, state="failed", problem=problem, tail="")


def source_of_evidence(item: Evidence) -> Source:
    """A found passage as a card without a number."""
    passage = item.passage
    facts = _facts(item.article)
    return Source(
        number=0,
        quote=passage.text,
        start=passage.start,
        end=passage.end,
        passage=passage.text,
        score=item.score,
        found_by=item.found_by,
        also_in=item.also_in,
        **facts,
    )


def source_of_citation(citation: Citation) -> Source:
    """A footnote as a numbered card."""
    return Source(
        number=citation.number,
        quote=citation.quote,
        start=citation.start,
        end=citation.end,
        passage=citation.passage.text,
        **_facts(citation.article),
    )


def also_found(turn: Turn) -> tuple[Source, ...]:
    """The passages found but not cited, in rank order."""
    used = {(source.article_id, source.passage) for source in turn.cited}
    return tuple(source for source in turn.found if (source.article_id, source.passage) not in used)


def history_of(turns: tuple[Turn, ...]) -> list[dict[str, str]]:
    """The conversation so far as chat messages, oldest first, for the rewriting of a follow-up."""
    messages: list[dict[str, str]] = []
    for turn in turns:
        answer = " ".join(line.text for line in turn.lines)
        if answer:
            messages += [{"role": "user", "content": turn.question}, {"role": "assistant", "content": answer}]
    return messages


def turn_to_record(turn: Turn) -> dict[str, Any]:
    """The turn as JSON types."""
    return asdict(turn)


def turn_from_record(record: Mapping[str, Any]) -> Turn:
    """The turn that `turn_to_record` wrote. Raises TypeError for a record of another form."""
    lines = tuple(Line(**{**line, "citations": tuple(line["citations"])}) for line in record["lines"])
    kept = {
        **record,
        "lines": lines,
        "cited": tuple(_source_from_record(source) for source in record["cited"]),
        "found": tuple(_source_from_record(source) for source in record["found"]),
        "notes": tuple(record["notes"]),
        "follow_ups": tuple(record["follow_ups"]),
    }
    return Turn(**kept)


def _finish(turn: Turn, answer: Answer) -> Turn:
    """The turn drawn from the whole answer, which replaces whatever was streamed."""
    return replace(
        turn,
        state="done",
        tail="",
        rewritten=answer.rewritten or "",
        lines=_lines_of(answer),
        cited=tuple(source_of_citation(item) for item in answer.citations),
        found=tuple(source_of_evidence(item) for item in answer.evidence),
        answered=answer.answered,
        nearest="" if answer.answered else answer.text.removeprefix(NOTHING).strip(),
        confidence=answer.confidence,
        short_answer=answer.short_answer or "",
        as_of=answer.as_of.isoformat() if answer.as_of else "",
        notes=answer.notes,
        model=answer.model,
        seconds=answer.timings.get("total", 0.0),
    )


def _lines_of(answer: Answer) -> tuple[Line, ...]:
    """The answer's sentences; a line break before one in ``answer.text`` opens a paragraph."""
    lines: list[Line] = []
    position = 0
    for sentence in answer.sentences:
        found = answer.text.find(sentence.text, position)
        opens = found > 0 and "\n" in answer.text[position:found]
        position = found + len(sentence.text) if found >= 0 else position
        lines.append(Line(sentence.text, sentence.citations, sentence.support, sentence.reason, opens=opens))
    return tuple(lines)


def _facts(article: Article) -> dict[str, Any]:
    return {
        "article_id": article.id,
        "title": article.title,
        "outlet": article.source,
        "author": article.author,
        "published": article.published.value if article.published else "",
        "url": article.url,
        "excerpt": article.excerpt,
    }


def _source_from_record(record: Mapping[str, Any]) -> Source:
    return Source(**{**record, "found_by": tuple(record["found_by"]), "also_in": tuple(record["also_in"])})

"""Answers and conversations to take away: Markdown with footnotes, and JSON."""

import json
import re
from collections.abc import Sequence

from assistant.ui.dates import long_date
from assistant.ui.markup import is_web_address
from assistant.ui.view import Source, Turn, turn_to_record

_SPECIAL = re.compile(r"([\\`*_\[\]<>])")
_MARKS = {"supported": "", "weak": " *(partly supported)*", "unsupported": " *(not supported)*"}


def answer_markdown(turn: Turn) -> str:
    """The answer with ``[^1]`` marks and its footnotes below: quote, title, outlet, date, address."""
    paragraphs: list[list[str]] = [[]]
    for line in turn.lines:
        if line.opens and paragraphs[-1]:
            paragraphs.append([])
        marks = "".join(f"[^{number}]" for number in line.citations)
        paragraphs[-1].append(f"{_plain(line.text)}{marks}{_MARKS[line.support]}")
    blocks = [" ".join(paragraph) for paragraph in paragraphs if paragraph]
    if turn.as_of:
        blocks.append(f"*As of {long_date(turn.as_of)}.*")
    blocks += [f"> {_plain(note)}" for note in turn.notes]
    blocks += [_footnote(source) for source in turn.cited]
    return "\n\n".join(blocks) + "\n"


def conversation_markdown(title: str, turns: Sequence[Turn]) -> str:
    """A whole conversation; footnotes are numbered anew through the document, as Markdown wants."""
    blocks = [f"# {_plain(title)}\n"]
    for at, turn in enumerate(turns, start=1):
        body = answer_markdown(turn).replace("[^", f"[^{at}-") if turn.lines else f"{turn.problem or 'No answer.'}\n"
        blocks.append(f"## {_plain(turn.question)}\n\n{body}")
    return "\n".join(blocks)


def conversation_json(title: str, turns: Sequence[Turn]) -> str:
    """A whole conversation with everything shown of it, as one JSON document."""
    document = {"title": title, "turns": [turn_to_record(turn) for turn in turns]}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _footnote(source: Source) -> str:
    title = _plain(source.title)
    if is_web_address(source.url):
        title = f"[{title}](<{source.url.replace('<', '%3C').replace('>', '%3E')}>)"
    origin = ", ".join(word for word in (_plain(source.outlet), long_date(source.published)) if word)
    quote = _plain(" ".join(source.quote.split()))
    return f"[^{source.number}]: “{quote}” {title}{', ' if origin else ''}{origin}."


def _plain(words: str) -> str:
    """Words that Markdown leaves alone: its signs escaped, so that no link, image or tag comes out of an article."""
    return _SPECIAL.sub(r"\\\1", words)

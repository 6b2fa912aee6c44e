"""The front matter of a Markdown file: YAML between ``---`` lines, or TOML between ``+++`` lines.

Place in the flow: markdown reader -> **front matter** -> Metadata and body.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ingest.errors import ReadError

_OPENING = re.compile(r"(---|\+\+\+)[ \t]*\n")
_CLOSING = {
    "---": re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE),
    "+++": re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE),
}
_KEY = re.compile(r"\s*(?:#.*\n\s*)*[\"']?[\w-]+[\"']?\s*[:=]")
MAX_CHARS = 64 * 1024
_MAX_DEPTH = 20


def split_front_matter(text: str) -> tuple[Mapping[str, object], str]:
    """The fields of the front matter and the text after it; no fields when the text opens without any.

    Raises ReadError, naming the line, when front matter is opened and cannot be read.
    """
    opening = _OPENING.match(text)
    if opening is None or not _KEY.match(text, opening.end()):
        return {}, text
    closing = _CLOSING[opening[1]].search(text, opening.end())
    if closing is None or closing.start() > MAX_CHARS:
        raise ReadError(f"front matter opened on line 1 is never closed; expected a line {opening[1]!r} after it")
    block = text[opening.end() : closing.start()]
    fields = _from_yaml(block) if opening[1] == "---" else _from_toml(block)
    return fields, text[closing.end() :]


def _from_yaml(block: str) -> Mapping[str, object]:
    """The fields of a YAML block, every scalar as it is written: ``2025-09`` and ``yes`` stay strings."""
    import yaml

    try:
        fields = _composed(yaml.parse(block, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader)))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 2}" if mark else "line 2"
        raise ReadError(
            f"front matter, {line}: expected YAML, found {error.problem or 'something else'}; "
            "quote values that hold a colon or start with a sign"
        ) from error
    except yaml.YAMLError as error:
        raise ReadError(
            "front matter, line 2: expected YAML, found something else; write 'key: value' lines"
        ) from error
    if not isinstance(fields, dict):
        raise ReadError("front matter, line 2: expected 'key: value' lines, found something else")
    return fields


def _composed(events: Iterator[Any]) -> object:
    """The value that YAML events spell, in dictionaries, lists and strings. Raises ReadError beyond ``_MAX_DEPTH``.

    PyYAML's own composer calls itself for each level, and a hostile file makes its C form overflow the stack.
    Aliases stand for nothing: no front matter needs them, and they can multiply without end.
    """
    root: list[object] = []
    open_values: list[list[object]] = [root]
    for event in events:
        kind = type(event).__name__
        if kind in ("MappingStartEvent", "SequenceStartEvent"):
            open_values.append([])
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            items = open_values.pop()
            pairs = zip(items[::2], items[1::2], strict=False)
            open_values[-1].append({str(key): value for key, value in pairs} if kind[0] == "M" else items)
        elif kind in ("ScalarEvent", "AliasEvent"):
            open_values[-1].append(getattr(event, "value", ""))
        if len(open_values) > _MAX_DEPTH:
            raise ReadError(
                f"front matter, line {event.start_mark.line + 2}: expected values, found them nested too deep"
            )
    return root[0] if root else None


def _from_toml(block: str) -> Mapping[str, object]:
    """The fields of a TOML block."""
    import tomllib

    try:
        return tomllib.loads(block)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = re.search(r"at line (\d+)", str(error))
        number = int(line[1]) + 1 if line else 2
        raise ReadError(f"front matter, line {number}: expected TOML, found something else ({error})") from error

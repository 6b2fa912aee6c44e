"""The front matter of a Markdown file: YAML between ``---`` lines, or TOML between ``+++`` lines.

Place in the flow: markdown reader -> **front matter** -> Metadata and body.
"""

import re
from collections.abc import Mapping

from ingest.errors import ReadError

_OPENING = re.compile(r"(---|\+\+\+)[ \t]*\n")
_CLOSING = {
    "---": re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE),
    "+++": re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE),
}
_KEY = re.compile(r"\s*(?:#.*\n\s*)*[\"']?[\w-]+[\"']?\s*[:=]")
MAX_CHARS = 64 * 1024


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

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        fields = yaml.load(block, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 2}" if mark else "line 2"
        raise ReadError(
            f"front matter, {line}: expected YAML, found {error.problem or 'something else'}; "
            "quote values that hold a colon or start with a sign"
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ReadError(
            "front matter from line 2 on: expected YAML, found something else; rewrite it as 'key: value' lines"
        ) from error
    if not isinstance(fields, dict):
        raise ReadError("front matter, line 2: expected 'key: value' lines, found something else")
    return fields


def _from_toml(block: str) -> Mapping[str, object]:
    """The fields of a TOML block."""
    import tomllib

    try:
        return tomllib.loads(block)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = re.search(r"at line (\d+)", str(error))
        number = int(line[1]) + 1 if line else 2
        raise ReadError(f"front matter, line {number}: expected TOML, found something else ({error})") from error

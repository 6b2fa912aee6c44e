"""One line of a batch in, one document out; what is wrong with a line never stops the next."""

import json
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from assistant.document import answer_document
from ingest.errors import FootnoteError

if TYPE_CHECKING:
    from assistant.api import Assistant


def answer_row(assistant: "Assistant", line: str, filters: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to one line ``{"id", "question", maybe "asked", maybe "history"}``, with its id.

    A line that cannot be answered gives ``{"id", "error"}``, the id being None where the line has none.
    """
    row: Mapping[str, Any] = {}
    try:
        row = read_row(line)
        answer = assistant.ask(_question(row), **{**filters, **_asked(row)}, history=row.get("history") or ())
    except FootnoteError as error:
        return {"id": row.get("id"), "error": str(error)}
    return {"id": row.get("id"), **answer_document(answer)}


def read_row(line: str) -> Mapping[str, Any]:
    """The object on one line of JSON Lines.

    Raises:
        FootnoteError: the line holds none.
    """
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise FootnoteError(f"expected a JSON object, found {line.strip()[:80]!r}: {error}") from None
    if not isinstance(row, dict):
        raise FootnoteError(f"expected a JSON object, found {line.strip()[:80]!r}")
    return row


def _question(row: Mapping[str, Any]) -> str:
    question = row.get("question")
    if not isinstance(question, str):
        raise FootnoteError(f'expected "question" to be a text, found {question!r}')
    return question


def _asked(row: Mapping[str, Any]) -> dict[str, date]:
    value = row.get("asked")
    if value is None:
        return {}
    try:
        return {"asked": date.fromisoformat(str(value)[:10])}
    except ValueError:
        raise FootnoteError(f'expected "asked" to be a date such as 2025-09-18, found {value!r}') from None

"""Conversations kept on this machine: one SQLite file, written when an answer ends, read when a page opens."""

import json
import secrets
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.ui.screens import ChatTitle
from assistant.ui.view import Thumb, Turn, turn_from_record, turn_to_record

_SCHEMA = """
CREATE TABLE IF NOT EXISTS chats (id TEXT PRIMARY KEY, title TEXT NOT NULL, updated TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS turns (
    id TEXT PRIMARY KEY, chat TEXT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    position INTEGER NOT NULL, record TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS turns_chat ON turns (chat, position);
"""
_TITLE_CHARS = 80


class Conversations:
    """The store of conversations. Thread-safe; every change is on disk when the call returns."""

    def __init__(self, path: Path) -> None:
        """Open the file, making it and its folder where they are missing."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def titles(self) -> list[ChatTitle]:
        """Every conversation, the one last written to first."""
        return [ChatTitle(*row) for row in self._run("SELECT id, title, updated FROM chats ORDER BY updated DESC")]

    def title(self, chat_id: str) -> str | None:
        """A conversation's title; None when there is none of that id."""
        rows = self._run("SELECT title FROM chats WHERE id = ?", chat_id)
        return rows[0][0] if rows else None

    def turns(self, chat_id: str) -> tuple[Turn, ...]:
        """A conversation's turns, oldest first; none for an unknown id."""
        rows = self._run("SELECT record FROM turns WHERE chat = ? ORDER BY position", chat_id)
        return tuple(turn_from_record(json.loads(record)) for (record,) in rows)

    def turn(self, turn_id: str) -> Turn | None:
        """One turn of any conversation; None for an unknown id."""
        rows = self._run("SELECT record FROM turns WHERE id = ?", turn_id)
        return turn_from_record(json.loads(rows[0][0])) if rows else None

    def keep(self, chat_id: str, turn: Turn) -> None:
        """Store a turn at the end of a conversation, or in its place when it is there already.

        The first question of a new conversation becomes its title.
        """
        now = datetime.now(UTC).isoformat()
        title = " ".join(turn.question.split())[:_TITLE_CHARS]
        record = json.dumps(turn_to_record(turn))
        with self._lock, self._connection, closing(self._connection.cursor()) as cursor:  # undone when it fails
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute(
                "INSERT INTO chats VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET updated = excluded.updated",
                (chat_id, title, now),
            )
            cursor.execute(
                """INSERT INTO turns (id, chat, position, record)
                   VALUES (?, ?, (SELECT coalesce(max(position), 0) + 1 FROM turns WHERE chat = ?), ?)
                   ON CONFLICT (id) DO UPDATE SET record = excluded.record""",
                (turn.id, chat_id, chat_id, record),
            )

    def drop_from(self, chat_id: str, turn_id: str) -> None:
        """Take out a turn and all that came after it in its conversation."""
        self._run(
            """DELETE FROM turns WHERE chat = ?1 AND position >=
               (SELECT position FROM turns WHERE id = ?2 AND chat = ?1)""",
            chat_id,
            turn_id,
        )

    def rename(self, chat_id: str, title: str) -> None:
        """Give a conversation another title; a blank one changes nothing."""
        words = " ".join(title.split())[:_TITLE_CHARS]
        if words:
            self._run("UPDATE chats SET title = ? WHERE id = ?", words, chat_id)

    def delete(self, chat_id: str) -> None:
        """Take out a conversation with its turns."""
        self._run("DELETE FROM chats WHERE id = ?", chat_id)

    def judge(self, turn_id: str, thumb: Thumb, reason: str = "") -> Turn | None:
        """Store the reader's verdict on an answer; the turn as it stands then."""
        turn = self.turn(turn_id)
        if turn is None:
            return None
        judged = replace(turn, thumb=thumb, thumb_reason=reason)
        self._run("UPDATE turns SET record = ? WHERE id = ?", json.dumps(turn_to_record(judged)), turn_id)
        return judged

    def _run(self, sql: str, *values: Any) -> Sequence[Any]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()


def new_id() -> str:
    """A fresh id for a conversation or a turn."""
    return secrets.token_hex(8)

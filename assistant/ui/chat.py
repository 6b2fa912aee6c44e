"""A question asked on the page: from the words in the box to turns, streamed, stoppable and kept. No gradio here."""

import threading
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime

from assistant.errors import LLMError
from assistant.prompts import MAX_QUESTION_CHARS
from assistant.ui.conversations import Conversations, new_id
from assistant.ui.library import Library
from assistant.ui.view import Turn, fail, fold, history_of, stop
from ingest.errors import FootnoteError

BROKEN = "Something broke inside Footnote. The terminal it runs in says what; the question can be asked again."


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader narrowed the search to; both days are inclusive."""

    since: date | None = None
    until: date | None = None
    source: str | None = None


class Chat:
    """The running and the kept turns of every conversation. Thread-safe."""

    def __init__(self, library: Library, conversations: Conversations) -> None:
        """Answers come from ``library`` and end up in ``conversations``."""
        self.library = library
        self.conversations = conversations
        self._lock = threading.Lock()
        self._running: dict[str, Turn] = {}

    def ask(self, chat_id: str, question: str, filters: Filters, *, replacing: str = "") -> Iterator[Turn]:
        """The turn as it grows; its last state is kept.

        ``replacing`` names the turn that is asked again: it and what follows it go. A failure that Footnote foresees
        ends the turn with its line; closing the iterator stops the answer.
        """
        if replacing:
            self.conversations.drop_from(chat_id, replacing)
        history = history_of(self.conversations.turns(chat_id))
        turn = Turn(new_id(), question, datetime.now().astimezone().isoformat(timespec="seconds"))
        self._set(chat_id, turn)
        try:
            yield turn
            with closing(self._answer(turn, history, filters)) as states:
                for state in states:
                    if not self._advance(chat_id, state):
                        return
                    yield state
        finally:
            self.stop(chat_id, turn.id)

    def stop(self, chat_id: str, turn_id: str = "") -> Turn | None:
        """End what runs in a conversation and keep it as far as it came; None when nothing runs.

        With ``turn_id`` only that turn is ended.
        """
        with self._lock:
            turn = self._running.get(chat_id)
            if turn is None or turn_id not in ("", turn.id):
                return None
            del self._running[chat_id]
        stopped = stop(turn)
        self.conversations.keep(chat_id, stopped)
        return stopped

    def turn(self, turn_id: str) -> Turn | None:
        """A turn by its id, running or kept; None for an unknown one."""
        with self._lock:
            running = next((turn for turn in self._running.values() if turn.id == turn_id), None)
        return running or self.conversations.turn(turn_id)

    def broke(self, chat_id: str) -> Turn | None:
        """The last turn of a conversation, marked as broken by an error nobody foresaw."""
        turns = self.conversations.turns(chat_id)
        if not turns:
            return None
        broken = fail(turns[-1], BROKEN)
        self.conversations.keep(chat_id, broken)
        return broken

    def _answer(self, turn: Turn, history: list[dict[str, str]], filters: Filters) -> Generator[Turn, None, None]:
        if len(turn.question) > MAX_QUESTION_CHARS:
            chars = f"{len(turn.question):,} characters; at most {MAX_QUESTION_CHARS:,} can be asked"
            yield fail(replace(turn, question=turn.question[:200] + "…"), f"That question has {chars}. Shorten it.")
            return
        try:
            assistant = self.library.assistant()
            events = assistant.stream(
                turn.question, history=history, since=filters.since, until=filters.until, source=filters.source
            )
            for event in events:
                turn = fold(turn, event)
                yield turn
            if turn.answered and turn.lines:
                yield replace(turn, follow_ups=self.library.follow_ups(turn, history))
        except LLMError as error:
            yield fail(turn, f"{error} {error.help}")
        except FootnoteError as error:
            yield fail(turn, str(error))

    def _set(self, chat_id: str, turn: Turn) -> None:
        with self._lock:
            self._running[chat_id] = turn

    def _advance(self, chat_id: str, turn: Turn) -> bool:
        """Whether the turn still runs; then its new state is the one a stop would keep."""
        with self._lock:
            running = self._running.get(chat_id)
            if running is None or running.id != turn.id:
                return False
            self._running[chat_id] = turn
            return True

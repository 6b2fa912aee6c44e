"""The thoughts that reasoning models write before their reply, taken out of the stream."""

from typing import Literal

_OPEN, _CLOSE = "<think>", "</think>"


class ThinkingFilter:
    """Takes a ``<think>...</think>`` at the start of a reply out; everything else passes as it comes.

    thinking: the reply is within its thoughts still. At its end that means that nothing was said.
    """

    def __init__(self) -> None:
        """Start before the first delta."""
        self._state: Literal["start", "thinking", "reply"] = "start"
        self._held = ""

    @property
    def thinking(self) -> bool:
        """Whether the text so far is thoughts that have not ended."""
        return self._state == "thinking"

    def feed(self, delta: str) -> str:
        """What of the text so far may be shown now."""
        if self._state == "reply":
            return delta
        self._held += delta
        if self._state == "start":
            text = self._held.lstrip()
            if len(text) < len(_OPEN) and _OPEN.startswith(text):
                return ""
            self._state = "thinking" if text.startswith(_OPEN) else "reply"
        if self._state == "thinking":
            self._leave_thoughts()
        return "" if self._state == "thinking" else self.finish()

    def finish(self) -> str:
        """What was held back although it is no thought, when the reply has ended."""
        held, self._held = self._held, ""
        return "" if self._state == "thinking" else held

    def _leave_thoughts(self) -> None:
        """Go on to the reply where the thoughts have ended; else keep only what may be half of their end."""
        _, closed, rest = self._held.partition(_CLOSE)
        if closed:
            self._state, self._held = "reply", rest.lstrip()
        else:
            self._held = self._held[-len(_CLOSE) :]

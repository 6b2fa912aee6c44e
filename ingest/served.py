"""The generation that CURRENT names, for readers that live long: a chat, a Python process, several threads."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

from ingest.chroma_wire import ChromaServer
from ingest.errors import IndexDamaged, IndexMismatch, StoredIndexError
from ingest.generation import Generation, current_id, open_current, warn

_RETRY_SECONDS = 5.0


class Served:
    """What is being served, taken up anew when CURRENT changes. Safe for use from several threads.

    A question keeps the generation it started with. The new one is opened beside the old, which answers meanwhile, and
    the old one goes after its last question. A new one that cannot be used is warned of, and the old one stays.
    """

    def __init__(self, index_dir: Path, *, server: ChromaServer | None = None) -> None:
        """Open what is being served. server: the one in the settings. Raises what `open_current` raises."""
        self.index_dir = index_dir
        self._server = server
        self._check: Callable[[Generation], None] = lambda generation: None
        self._lock = threading.Lock()  # held for moments only
        self._renewing = threading.Lock()  # held by the one thread that opens a new generation
        self._closed = False
        self._users: dict[int, int] = {}
        self._not_before = 0.0
        self._named = current_id(index_dir)
        self._generation = self._opened()

    def require(self, check: Callable[[Generation], None]) -> None:
        """From now on serve only generations that pass a check; raises its StoredIndexError for the present one."""
        check(self._generation)
        self._check = check

    @contextlib.contextmanager
    def using(self) -> Iterator[Generation]:
        """The newest generation, kept open as long as the block runs."""
        if self._renewing.acquire(blocking=False):  # while another thread opens the new one, the old one answers
            try:
                self._renew()
            finally:
                self._renewing.release()
        with self._lock:
            generation = self._generation
            self._users[id(generation)] = self._users.get(id(generation), 0) + 1
        try:
            yield generation
        finally:
            self._give_back(generation)

    def _renew(self) -> None:
        """Take up the generation that CURRENT names, unless it is in use or was found to be of no use."""
        try:
            named = current_id(self.index_dir)
            if named is None or named == self._named or time.monotonic() < self._not_before:
                return
            fresh = self._opened()
        except (IndexDamaged, IndexMismatch) as error:
            self._named = named
            warn(f"{error}; serving {self._generation.id!r} until then")
            return
        except StoredIndexError as error:  # a server that is down, no room: that may be over in a moment
            self._not_before = time.monotonic() + _RETRY_SECONDS
            warn(f"{error}; serving {self._generation.id!r} until then")
            return
        with self._lock:
            old, self._generation, self._named = self._generation, fresh, named
            unused = not self._users.get(id(old))
        if unused:
            old.close()

    def _opened(self) -> Generation:
        generation = open_current(self.index_dir, server=self._server)
        try:
            self._check(generation)
        except StoredIndexError:
            generation.close()
            raise
        return generation

    def _give_back(self, generation: Generation) -> None:
        with self._lock:
            self._users[id(generation)] -= 1
            unused = not self._users[id(generation)]
            if unused:
                del self._users[id(generation)]
            idle = unused and (self._closed or generation is not self._generation)
        if idle:
            generation.close()

    def close(self) -> None:
        """Let go of the generation being served, after the questions in flight."""
        with self._lock:
            idle = not self._closed and not self._users.get(id(self._generation))
            self._closed = True
        if idle:
            self._generation.close()

    def __enter__(self) -> "Served":
        """The object itself, closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

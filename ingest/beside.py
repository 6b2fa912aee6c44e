"""One thread beside the caller's, for a stage of the build that can go on while the next is being prepared."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

T = TypeVar("T")


class Beside:
    """Pieces of work done in order, one at a time, while the caller goes on; use as a context.

    No more than one piece waits: handing over the next waits for the last, so memory stays flat. A failure is raised
    where the next piece is handed over, at `check`, or at the end of the block. When the block fails itself, or is
    interrupted, what goes through `until_left` ends at once, and the piece in work is waited for.
    """

    def __init__(self) -> None:
        """Make the thread ready."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="beside")
        self._last: Future[None] | None = None
        self._left = threading.Event()

    def do(self, work: Callable[[], None]) -> None:
        """Hand over a piece of work, once the one before is done. Raises what the one before raised."""
        self._wait()
        self._last = self._thread.submit(work)

    def check(self) -> None:
        """Raise what the last piece raised, if it has ended; waits for nothing."""
        if self._last is not None and self._last.done():
            self._wait()

    def until_left(self, items: Iterable[T]) -> Iterator[T]:
        """The items, for a piece of work that goes through many: no more of them once the block has failed."""
        for item in items:
            if self._left.is_set():
                raise InterruptedError("the work that this belongs to was given up")
            yield item

    def _wait(self) -> None:
        last, self._last = self._last, None
        if last is not None:
            last.result()

    def __enter__(self) -> Self:
        """The object itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what is in work; raise its failure unless the block has one of its own."""
        try:
            if kind is None:
                self._wait()
        finally:
            self._left.set()
            self._thread.shutdown(wait=True)

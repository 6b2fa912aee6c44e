"""How far long work is, on standard error: a bar on a terminal, elsewhere a line now and then."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Progress = Callable[[str, int, int], None]
"""Called with a stage (``reading``, ``embedding``), how much of it is done, and of how much in all."""

_LINE_EVERY_SECONDS = 5.0
_RATE_OVER_SECONDS = 120.0  # one batch may take half a minute on a slow machine


@contextmanager
def progress_on_stderr() -> Iterator[Progress]:
    """Something to call with the progress of each stage; it shows the rate and the time left."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.0f}/s" if task.speed else "")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Bars(*columns, console=console, transient=True, speed_estimate_period=_RATE_OVER_SECONDS) as bars:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage)
            bars.update(tasks[stage], completed=done, total=total)

        yield show


class _Lines:
    """A line every few seconds, and none for what is done before that."""

    def __init__(self) -> None:
        self._stage = ""
        self._started = self._said = time.monotonic()

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._started, self._said = stage, now, now
        if now - self._said >= _LINE_EVERY_SECONDS and done < total:
            self._said = now
            print(progress_line(stage, done, total, now - self._started), file=sys.stderr, flush=True)


def progress_line(stage: str, done: int, total: int, seconds: float) -> str:
    """``embedding: 2,048 of 61,211 (102/s, 9 min 40 s left)``; no rate before anything is done."""
    counted = f"{stage}: {done:,} of {total:,}"
    if not done:
        return counted
    left = (total - done) * seconds / done
    minutes, rest = divmod(round(left), 60)
    hours, minutes = divmod(minutes, 60)
    said = f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return f"{counted} ({done / seconds:,.0f}/s, {said} left)"

"""Work done again whenever the corpus changes: a burst of changes counts as one, a failure is not the end.

Place in the flow: file changes -> **watch** -> `ingest.build.reindex`.
"""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

_LOOK_EVERY_MS = 500
# A burst ends when nothing changed for so long; one that does not end is taken in parts.
_QUIET_MS, _LONGEST_BURST_MS = 300, 5_000
_RETRY_SECONDS = 5.0


def watch(
    corpus: Path,
    run: Callable[[], bool],
    *,
    leave_out: Path,
    stop: threading.Event | None = None,
    retry_seconds: float = _RETRY_SECONDS,
) -> None:
    """Run now, and again after each burst of changes in a corpus folder, until ``stop`` is set or Ctrl-C.

    The folder may come, go and come back. run: says whether it succeeded; if not, it is run again without a change.
    leave_out: a folder whose changes do not count: the index. Hidden files and folders do not count either.
    """
    retry_at = float("inf")
    for changed in _looks(corpus, leave_out, stop or threading.Event()):
        if changed or time.monotonic() >= retry_at:
            retry_at = float("inf") if run() else time.monotonic() + retry_seconds


def _looks(corpus: Path, leave_out: Path, stop: threading.Event) -> Iterator[bool]:
    """Whether something changed, at every look. The first is always a yes: what changed before is not known."""
    changed = True
    while not stop.is_set():
        known = _identity(corpus)
        if known is None:
            yield changed  # once it went away, a run is worth its error
            changed = False
            stop.wait(_LOOK_EVERY_MS / 1000)
            continue
        changed = True
        for burst in _bursts(corpus, leave_out, stop):
            yield changed or burst
            changed = False
            if _identity(corpus) != known:
                changed = True
                break  # another folder, or none, has taken its place, and that one is not being watched


def _bursts(corpus: Path, leave_out: Path, stop: threading.Event) -> Iterator[bool]:
    """A yes for each burst of changes and a no now and then. Ends when stopped or when the folder goes away."""
    import watchfiles

    roots = {corpus.absolute(), corpus.resolve()}
    ignored = leave_out.resolve()

    def counts(change: object, name: str) -> bool:
        path = Path(name)
        within = next((path.relative_to(root) for root in roots if path.is_relative_to(root)), path)
        return not any(part.startswith(".") for part in within.parts) and not path.resolve().is_relative_to(ignored)

    changes = watchfiles.watch(
        corpus.absolute(),
        watch_filter=counts,
        debounce=_LONGEST_BURST_MS,
        step=_QUIET_MS,
        rust_timeout=_LOOK_EVERY_MS,
        yield_on_timeout=True,
        stop_event=stop,
        ignore_permission_denied=True,
    )
    try:
        for burst in changes:
            yield bool(burst)
    except FileNotFoundError:
        return


def _identity(folder: Path) -> tuple[int, int] | None:
    """What tells a folder from another of the same name; None when there is none."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if folder.is_dir() else None

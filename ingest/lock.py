"""One writer at a time: an advisory lock on a file in the index folder, held by the process that re-indexes."""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from ingest.errors import IndexLocked, StoredIndexError

_LOOKS = 20
_BETWEEN_LOOKS_SECONDS = 0.02


@contextlib.contextmanager
def writer_lock(index_dir: Path) -> Iterator[None]:
    """Hold the index folder for writing while the block runs; the folder is made when missing.

    The lock goes with the process, however it ends: a killed re-index never leaves one behind.

    Raises:
        IndexLocked: another process holds it. StoredIndexError: the folder cannot be written to.
    """
    try:
        index_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(index_dir / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise _unwritable(index_dir, error) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise IndexLocked(
                f"{str(index_dir)!r} is being re-indexed by {_holder(descriptor)}; wait for it to end, then run again"
            ) from None
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "since": time.strftime("%H:%M:%S")}).encode(), 0)
        except OSError as error:
            raise _unwritable(index_dir, error) from error
        yield
    finally:
        os.close(descriptor)


def _unwritable(index_dir: Path, error: OSError) -> StoredIndexError:
    return StoredIndexError(
        f"index folder {str(index_dir)!r} cannot be written to: {error.strerror}; choose another with --index-dir"
    )


def _holder(descriptor: int) -> str:
    """Who holds the lock, as it wrote down; it may be about to, and what stands there is of a run that was killed."""
    for _ in range(_LOOKS):
        try:
            held = json.loads(os.pread(descriptor, 200, 0))
            os.kill(held["pid"], 0)
            return f"process {held['pid']} (since {held['since']})"
        except PermissionError:
            return f"process {held['pid']} (since {held['since']})"
        except (ValueError, KeyError, TypeError, ProcessLookupError):
            time.sleep(_BETWEEN_LOOKS_SECONDS)
    return "another process"

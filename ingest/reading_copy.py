"""A place where Chroma may open a published generation without writing to it: a small copy, the large files linked.

Place in the flow: generation on disk -> **ReadingCopy** -> Vectors. Chroma writes to its SQLite file whenever it opens
it, and cannot open a folder that it may not write to; a saved graph it only reads. So each reader copies the one and
links the other: the generation stays as it was, byte for byte, and serves from a full or read-only disk too.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
import weakref
from pathlib import Path

from ingest.errors import IndexDamaged, StoredIndexError

_PREFIX = "footnote-reading-"
_SAVED = "index_metadata.pickle"  # what Chroma writes when it saves a graph; a folder without it is written to
_MEMORY = "/dev/shm"  # for where the disk of temporary files is full or read-only
_YOUNG_SECONDS = 60.0  # a copy is locked a moment after it is made


class ReadingCopy:
    """A temporary folder that Chroma can open in place of a generation's own; it goes with `close` or the process."""

    def __init__(self, folder: Path) -> None:
        """Copy and link a folder of vectors.

        Raises:
            IndexDamaged: there is no such folder. StoredIndexError: there is no room for the copy.
        """
        if not folder.is_dir():
            raise IndexDamaged(f"vectors in {str(folder)!r} are missing; run `footnote reindex --rebuild`")
        self.path, descriptor = _first_that_works(folder)
        self.close = weakref.finalize(self, _remove, self.path, descriptor)


def _first_that_works(folder: Path) -> tuple[Path, int]:
    """The copy in the first place that has room for it, and the descriptor that holds its lock."""
    try:
        return _copied(folder, None)
    except FileNotFoundError as error:
        raise IndexDamaged(f"vectors in {str(folder)!r} went away: {error}; run `footnote reindex`") from error
    except OSError as error:
        with contextlib.suppress(OSError):
            return _copied(folder, _MEMORY)
        raise StoredIndexError(
            f"vectors in {str(folder)!r} cannot be opened: {error}; free some space for temporary files, or name "
            "another folder for them in TMPDIR"
        ) from error


def _copied(folder: Path, parent: str | None) -> tuple[Path, int]:
    """The copy in a folder of temporary files. Raises OSError."""
    _sweep(Path(parent or tempfile.gettempdir()))
    path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for entry in folder.iterdir():
            if (entry / _SAVED).exists():
                (path / entry.name).symlink_to(entry.absolute())
            elif entry.is_dir():
                shutil.copytree(entry, path / entry.name)
            else:
                shutil.copyfile(entry, path / entry.name)
    except OSError:
        _remove(path, descriptor)
        raise
    return path, descriptor


def _remove(path: Path, descriptor: int) -> None:
    shutil.rmtree(path, ignore_errors=True)
    os.close(descriptor)


def _sweep(parent: Path) -> None:
    """Take away the copies of processes that were killed: they hold no lock any more."""
    for path in parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            state = path.lstat()
            if state.st_uid != os.getuid() or time.time() - state.st_mtime < _YOUNG_SECONDS:
                continue
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                continue
            _remove(path, descriptor)

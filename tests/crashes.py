"""A process that dies at a chosen file operation, played within this one: from there on nothing reaches the disk."""

import builtins
import io
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from ingest.catalog import Catalog
from ingest.vector_cache import VectorCache
from ingest.vectors import Vectors

_OPERATIONS = [
    *((os, name) for name in ("replace", "rename", "mkdir", "unlink", "rmdir", "symlink", "ftruncate", "pwrite")),
    (sqlite3, "connect"),
    *((Catalog, name) for name in ("add_article", "remove_article", "record_file", "forget_file")),
    *((VectorCache, name) for name in ("_open", "_write")),
    *((Vectors, name) for name in ("_create", "add", "remove")),
]


class Crash(BaseException):
    """The process is dead. Clean-up code meets it too: each further operation raises it again."""


class Operations:
    """How many file operations there were; from the one numbered ``fatal`` on each raises `Crash`."""

    def __init__(self, fatal: int | None) -> None:
        self.done = 0
        self._fatal = fatal

    def count(self) -> None:
        if self._fatal is not None and self.done >= self._fatal:
            raise Crash
        self.done += 1


@contextmanager
def dying_at(fatal: int | None) -> Iterator[Operations]:
    """The block runs up to the operation of that number (from 0), or to its end; yields the count of operations.

    Nothing is flushed to the disk meanwhile: a process that dies loses nothing that the kernel has, and it is quicker.
    """
    operations = Operations(fatal)
    opened, opened_low = builtins.open, os.open

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **options: Any) -> Any:
            operations.count()
            return call(*args, **options)

        return run

    def open_(file: Any, mode: str = "r", *args: Any, **options: Any) -> Any:
        if set(mode) & set("wax+"):
            operations.count()
        return opened(file, mode, *args, **options)

    def open_low(path: Any, flags: int, *args: Any, **options: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            operations.count()
        return opened_low(path, flags, *args, **options)

    patches = [patch.object(home, name, counted(getattr(home, name))) for home, name in _OPERATIONS]
    patches += [patch.object(builtins, "open", open_), patch.object(io, "open", open_)]
    patches += [patch.object(os, "open", open_low), patch.object(os, "fsync", lambda file: operations.count())]
    for each in patches:
        each.start()
    try:
        yield operations
    finally:
        for each in reversed(patches):
            each.stop()

"""The files of a corpus folder that are articles, and why the others are not. Nothing outside the folder is opened.

Place in the flow: corpus folder -> **corpus_files** -> readers.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ingest.errors import CorpusError, ReadError
from ingest.readers.notice import Notice

SUFFIXES = frozenset(
    {
        ".md",
        ".markdown",
        ".txt",
        ".text",
        ".html",
        ".htm",
        ".xhtml",
        ".json",
        ".jsonl",
        ".ndjson",
        ".pdf",
        ".rss",
        ".atom",
        ".xml",
    }
)
# Documents that people expect to be read: leaving them out without a word would look like a loss.
_UNREAD = {
    suffix: name
    for name, suffixes in (
        ("a word processor's file", (".doc", ".docx", ".odt", ".rtf", ".pages")),
        ("an e-book", (".epub", ".mobi")),
        ("a web archive", (".mhtml", ".mht", ".webarchive", ".warc")),
        ("a compressed file", (".gz", ".bz2", ".xz", ".zst", ".zip")),
    )
    for suffix in suffixes
}
_READ = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_BLOCK_BYTES = 1024 * 1024
_ESCAPE = "\u241b"  # the visible sign for "escape": next to nobody has it in a file name


def corpus_files(folder: Path, *, root: Path | None = None, leave_out: Path | None = None) -> Iterator[Path | Notice]:
    """The article files under a folder in the order of their ids, and a notice for each that is passed over.

    root: the corpus, where the folder is only a part of it; the folder itself by default. leave_out: a folder under it
    that holds no articles, passed over without a word.
    Hidden files and folders are left out without a word, and so are files of other kinds (pictures, styles).
    Raises CorpusError when the folder cannot be read.
    """
    root = root or folder
    if not folder.is_dir():
        raise CorpusError(
            f"corpus folder {str(folder)!r} is missing or no folder; create it, or name another with --corpus"
        )
    yield from _files_in(folder, root.resolve(), root, leave_out.resolve() if leave_out else None)


def article_id(path: Path, root: Path) -> str:
    """The path within the root with ``/`` between its parts, storable as UTF-8 whatever bytes the name holds.

    A byte that is no UTF-8 (a lone surrogate in Python) is written as an escape sign and its two hex digits, and an
    escape sign as two: no two files share an id, and ``path_of_id`` finds the file again. Raises ValueError for a path
    outside the root.
    """
    # Not resolved: a link within the corpus is an article under its own name.
    name, above = str(path), f"{root}{os.sep}"
    if name.startswith(above) and os.pardir not in name:
        posix = name[len(above) :]  # as the walk gives them: ten times as fast for as many as there are files
    else:
        posix = Path(os.path.normpath(path.absolute())).relative_to(os.path.normpath(root.absolute())).as_posix()
    if posix.isascii():
        return posix
    return "".join(map(_storable, posix))


def path_of_id(article_id: str, root: Path) -> Path:
    """The file of an id that ``article_id`` made."""
    pieces = article_id.split(_ESCAPE)
    name, at = pieces[0], 1
    while at < len(pieces):
        if not pieces[at]:
            name += _ESCAPE + (pieces[at + 1] if at + 1 < len(pieces) else "")
            at += 2
        else:
            name += chr(0xDC00 + int(pieces[at][:2], 16)) + pieces[at][2:]
            at += 1
    return root / name


def open_within(path: Path, root: Path | None) -> int:
    """A file descriptor of a regular file inside the root, open for reading. Raises ReadError for anything else.

    Checked after opening, so that a file swapped in between is refused too; a FIFO does not block.
    """
    try:
        real = path.resolve(strict=True)
        if root is not None and not real.is_relative_to(root.resolve()):
            raise ReadError("it is a link that leads out of the corpus; copy the file into the corpus instead")
        if not stat.S_ISREG(real.stat().st_mode):
            raise ReadError(f"expected a file, found {_kind_of(real.stat().st_mode)}")
        descriptor = os.open(real, _READ)
    except (OSError, RuntimeError) as error:
        raise ReadError(f"cannot be opened: {getattr(error, 'strerror', None) or error}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ReadError("expected a file, found something that is none")
    return descriptor


def digest_of(path: Path, root: Path) -> str:
    """sha256 of the bytes of a file that `corpus_files` gave. Raises ReadError when it is none any more."""
    try:
        # A link is followed with care; what was listed as a file is opened as one: no link, nothing that blocks.
        descriptor = open_within(path, root) if path.is_symlink() else os.open(path, _READ)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise ReadError("expected a file, found something that is none")
            digest = hashlib.sha256()
            while block := file.read(_BLOCK_BYTES):
                digest.update(block)
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror}") from error
    return digest.hexdigest()


def _files_in(folder: Path, real_root: Path, root: Path, left_out: Path | None) -> Iterator[Path | Notice]:
    """The article files of one folder and those below it."""
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        if folder == root:
            raise CorpusError(f"corpus folder {str(root)!r} cannot be read: {error.strerror}") from error
        yield Notice(article_id(folder, root), f"folder cannot be read: {error.strerror}")
        return
    for entry in entries:
        if not entry.name.startswith("."):
            yield from _entry(entry, real_root, root, left_out)


def _entry(entry: os.DirEntry[str], real_root: Path, root: Path, left_out: Path | None) -> Iterator[Path | Notice]:
    """What one entry of a folder gives: the files below it, itself, a notice, or nothing."""
    path = Path(entry.path)
    if entry.is_dir(follow_symlinks=False):
        if left_out is None or entry.name != left_out.name or path.resolve() != left_out:
            yield from _files_in(path, real_root, root, left_out)
        return
    suffix = path.suffix.lower()
    reason = _reason_to_skip(entry, path, suffix, real_root)
    if reason:
        yield Notice(article_id(path, root), reason, outcome="skipped")
    elif suffix in SUFFIXES:
        yield path


def _reason_to_skip(entry: os.DirEntry[str], path: Path, suffix: str, real_root: Path) -> str:
    """Why an entry is passed over; empty when it is an article, or a file of a kind nobody expects to be read."""
    if entry.is_symlink():
        return _reason_to_skip_link(path, suffix, real_root)
    if suffix in SUFFIXES and not entry.is_file(follow_symlinks=False):
        return f"{_kind_of(entry.stat(follow_symlinks=False).st_mode)}, not a file; it is never opened"
    if suffix in _UNREAD:
        return f"{_UNREAD[suffix]} ({suffix}); save it as HTML, PDF, Markdown or text to have it read"
    return ""


def _reason_to_skip_link(path: Path, suffix: str, real_root: Path) -> str:
    """Why a symbolic link is passed over: only one to an article file inside the corpus is followed."""
    try:
        real = path.resolve(strict=True)
        is_file, is_folder = real.is_file(), real.is_dir()
    except (OSError, RuntimeError):
        return "a link to nothing" if suffix in SUFFIXES else ""
    if is_folder:
        return "a link to a folder, which is not followed; move the folder into the corpus"
    if suffix not in SUFFIXES:
        return ""
    if not real.is_relative_to(real_root):
        return "a link that leads out of the corpus; copy the file into the corpus to have it read"
    return "" if is_file else "a link to something that is not a file; it is never opened"


def _kind_of(mode: int) -> str:
    """What a file mode says the entry is, in words."""
    kinds = ((stat.S_ISFIFO, "a named pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISDIR, "a folder"))
    return next((name for test, name in kinds if test(mode)), "a device")


def _storable(character: str) -> str:
    """The character, escaped when it is a lone surrogate or the escape sign itself."""
    if "\udc80" <= character <= "\udcff":
        return f"{_ESCAPE}{ord(character) - 0xDC00:02X}"
    return _ESCAPE * 2 if character == _ESCAPE else character

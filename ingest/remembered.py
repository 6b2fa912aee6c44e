"""What servers gave to tell the versions of their pages apart, kept beside the index: without it all is fetched again.

Place in the flow: ``footnote add`` -> **Remembered** -> conditional requests. It is a cache of this machine, so it
stands in the index folder and not in the corpus.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import StoredIndexError
from ingest.fetch import Validators

_FILE = "fetched.json"
_MAX_ADDRESSES = 20_000


@dataclass(frozen=True, slots=True)
class Visit:
    """The last good answer of an address.

    entries: how many entries of a feed were asked for, 0 for a page. pages: the addresses of those that were had.
    """

    validators: Validators
    entries: int = 0
    pages: tuple[str, ...] = ()


class Remembered:
    """The visits of earlier runs by address."""

    def __init__(self, index_dir: Path) -> None:
        """Reads the file where there is one; a damaged one counts as none."""
        self._path = index_dir / _FILE
        self._visits = _read(self._path)

    def visit(self, address: str) -> Visit | None:
        """The last good answer of an address, if any."""
        return self._visits.get(address)

    def keep(self, address: str, visit: Visit) -> None:
        """Takes note of an answer; of one without validators nothing is kept."""
        self._visits.pop(address, None)
        if visit.validators != Validators():
            self._visits[address] = visit

    def write(self) -> None:
        """Writes the file anew, the oldest visits left out beyond 20,000. Raises StoredIndexError."""
        rows = {
            address: [visit.validators.etag, visit.validators.last_modified, visit.entries, *visit.pages]
            for address, visit in list(self._visits.items())[-_MAX_ADDRESSES:]
        }
        if not rows and not self._path.exists():
            return
        temporary = self._path.with_name(f"{_FILE}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(rows, indent=0), encoding="utf-8")
            temporary.replace(self._path)
        except OSError as error:
            raise StoredIndexError(
                f"index folder {str(self._path.parent)!r} cannot be written to: {error.strerror}; "
                "choose another with --index-dir"
            ) from error


def _read(path: Path) -> dict[str, Visit]:
    """The visits in a file."""
    try:
        rows = json.loads(path.read_bytes())
        return {
            str(address): Visit(Validators(_header(etag), _header(last_modified)), int(entries), tuple(map(str, pages)))
            for address, (etag, last_modified, entries, *pages) in rows.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _header(value: object) -> str:
    """The value where it can be sent as a header."""
    text = str(value)
    return text if text.isascii() and text.isprintable() else ""

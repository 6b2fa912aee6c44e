"""Everything that can go wrong while articles become an index.

FootnoteError
├── SettingsError            a setting is wrong (exit status 2)
├── CorpusError              the corpus folder is missing, empty or not readable
├── ReadError                one article could not be read; the run goes on
│   └── FetchError           it could not be fetched from the web
├── EmbedderError            the embedding model is missing, damaged or does not fit
└── StoredIndexError         the index on disk
    ├── IndexMissing         nothing has been indexed yet
    ├── IndexMismatch        built with another model or another form of the index
    ├── IndexDamaged         a generation does not hold what its manifest says
    ├── VectorStoreError     the Chroma server that holds the vectors does not answer as it should
    └── IndexLocked          another re-index is running
"""

import shutil
import sqlite3


class FootnoteError(Exception):
    """Base of every error that Footnote raises on purpose. Its message is one line a user can act on."""

    exit_status = 1


class SettingsError(FootnoteError):
    """A setting is unknown or has a value that cannot be used."""

    exit_status = 2


class CorpusError(FootnoteError):
    """The corpus folder is missing, empty or not readable."""


class ReadError(FootnoteError):
    """One article could not be read. Carries the reason alone; the caller knows the path."""


class FetchError(ReadError):
    """One address could not be fetched."""

    def __init__(self, message: str, *, retryable: bool = False, retry_after: float | None = None) -> None:
        """retryable: the same request may work in a moment. retry_after: seconds that the server asks to wait."""
        super().__init__(message)
        self.retryable = retryable
        self.retry_after = retry_after


class EmbedderError(FootnoteError):
    """The embedding model is missing, damaged or does not fit the index."""


class StoredIndexError(FootnoteError):
    """The index on disk cannot be used as it is."""


class IndexMissing(StoredIndexError):
    """Nothing has been indexed yet."""


class IndexMismatch(StoredIndexError):
    """The index was built with another embedding model or another form of the index."""


class IndexDamaged(StoredIndexError):
    """A generation does not hold what its manifest says."""


class VectorStoreError(StoredIndexError):
    """The Chroma server that holds the vectors does not answer, or not as it should. The index itself is whole."""


class IndexLocked(StoredIndexError):
    """Another re-index is running in the same index folder."""


def reason_of(error: OSError | sqlite3.Error) -> str:
    """What is wrong, without the paths; of many files that could not be copied, the first one's."""
    if isinstance(error, shutil.Error):
        return str(error.args[0][0][2]).partition(": '")[0]
    return getattr(error, "strerror", None) or str(error)

"""What a re-index has to do: the files of the corpus held against the catalog of the served generation."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ingest.catalog import FileState, Outcome
from ingest.readers import Notice, article_id, corpus_files


@dataclass(frozen=True, slots=True)
class Plan:
    """Paths within the corpus folder, each list sorted.

    fresh: never read before. changed: other bytes than at the last re-index. unchanged: the same bytes.
    gone: read before, no longer there. refused: there, but not to be read, and why.
    digests: sha256 of the bytes of every file in fresh, changed and unchanged.
    """

    fresh: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    gone: tuple[str, ...]
    refused: tuple[FileState, ...]
    digests: dict[str, str]

    @property
    def to_read(self) -> tuple[str, ...]:
        """The files whose articles have to be read."""
        return tuple(sorted(self.fresh + self.changed))


def make_plan(corpus: Path, known: dict[str, FileState]) -> Plan:
    """Compare a corpus folder with what is known of it, by content: times and sizes of files are not trusted.

    Raises:
        CorpusError: the folder is missing or cannot be listed.
    """
    digests: dict[str, str] = {}
    refused: list[FileState] = []
    for entry in corpus_files(corpus):
        if isinstance(entry, Notice):
            outcome: Outcome = "failed" if entry.outcome == "failed" else "skipped"
            refused.append(FileState(entry.id, "", outcome, entry.reason))
            continue
        name = article_id(entry, corpus)
        try:
            with entry.open("rb") as file:
                digests[name] = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            refused.append(FileState(name, "", "failed", f"cannot be read: {error.strerror}"))
    seen = {state.path for state in refused} | digests.keys()
    same = {name for name, digest in digests.items() if name in known and known[name].sha256 == digest}
    return Plan(
        fresh=tuple(sorted(digests.keys() - known.keys())),
        changed=tuple(sorted((digests.keys() & known.keys()) - same)),
        unchanged=tuple(sorted(same)),
        gone=tuple(sorted(known.keys() - seen)),
        refused=tuple(sorted(refused, key=lambda state: state.path)),
        digests=digests,
    )

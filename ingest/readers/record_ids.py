"""Ids for the records of one file: each its own, and each used once.

Place in the flow: records and feeds -> **RecordIds** -> ``Article.id``.
"""

from dataclasses import dataclass, field

from ingest.clean import one_line
from ingest.readers.notice import Notice

_MAX_CHARS = 512


@dataclass(slots=True)
class RecordIds:
    """The ids given out so far in a file, kept as hashes: under 100 bytes for each record, however long its id."""

    path: str
    taken: set[int] = field(default_factory=set)

    def give(self, own: str, number: int) -> tuple[str, Notice | None]:
        """The id of a record, ``path#own`` or ``path#number``, and a notice where it could not have its own.

        number: the record's place in the file, from 1.
        """
        wanted = one_line(own)[:_MAX_CHARS] or str(number)
        given, copy = f"{self.path}#{wanted}", 1
        while hash(given) in self.taken:
            copy += 1
            given = f"{self.path}#{wanted}~{copy}"
        self.taken.add(hash(given))
        if copy == 1:
            return given, None
        reason = f"record {number}: the id {wanted!r} was used before in this file; it is kept as {given!r}"
        return given, Notice(given, reason, outcome="renamed")

"""What a re-index did and where its time went: filled in by `ingest.build`, printed by `ingest.command`."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.catalog import FileState

LOADING = "loading the model"

_within = threading.local()  # seconds: what the stages within the present one took
_adding = threading.Lock()


@dataclass(slots=True)
class Report:
    """What a re-index did. Counts are of articles; ``embedded`` counts passages that went through the model.

    failed: files and records that could not be read. skipped: files that are not to be read, and why.
    generation: the one being served now; None when there is none. languages: articles by ISO code.
    stages: seconds by stage.
    """

    articles: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    failed: list[FileState] = field(default_factory=list)
    skipped: list[FileState] = field(default_factory=list)
    passages: int = 0
    embedded: int = 0
    seconds: float = 0.0
    generation: str | None = None
    languages: dict[str, int] = field(default_factory=dict)
    stages: dict[str, float] = field(default_factory=dict)

    @contextlib.contextmanager
    def timing(self, stage: str) -> Iterator[None]:
        """Add the block's seconds to a stage; what a stage within it takes, in the same thread, is that one's alone."""
        outer = getattr(_within, "seconds", 0.0)
        _within.seconds = 0.0
        started = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - started
            with _adding:
                self.stages[stage] = self.stages.get(stage, 0.0) + spent - _within.seconds
            _within.seconds = outer + spent

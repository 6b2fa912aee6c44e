"""A last look at the top passages by a cross-encoder, for those who set one: question and passage read together.

    retrieve -> the best CANDIDATES passages -> rerank -> the best of them

It costs a model's pass for each candidate, and a sentence-transformers model that the settings name
(``FOOTNOTE_RERANKER``).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from assistant.answer import Evidence
from ingest.errors import SettingsError

CANDIDATES = 40
"""How many passages are looked at again."""


class Reranker(Protocol):
    """Judges how well each passage answers a question."""

    def scores(self, question: str, passages: Sequence[str]) -> Sequence[float]:
        """One score in 0..1 for each passage, higher is better."""
        ...


class CrossEncoderReranker:
    """A sentence-transformers CrossEncoder, by hub name or folder. Safe to use from several threads."""

    def __init__(self, name: str) -> None:
        """Load the model.

        Raises:
            SettingsError: there is no such model, or it does not give one score for a pair.
        """
        from sentence_transformers import CrossEncoder
        from torch.nn import Sigmoid

        try:
            self._model: Any = CrossEncoder(name, activation_fn=Sigmoid())
        except (OSError, ValueError) as error:
            line = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise SettingsError(
                f"reranker {name!r} cannot be loaded: {line}; name a CrossEncoder's folder or hub name, or unset it"
            ) from error
        if self._model.num_labels != 1:
            raise SettingsError(
                f"reranker {name!r} gives {self._model.num_labels} scores for a pair, expected 1; name one that ranks"
            )

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        """One score in 0..1 for each passage, higher is better."""
        pairs = [(question, passage) for passage in passages]
        return [float(score) for score in self._model.predict(pairs, show_progress_bar=False)]


def rerank(question: str, evidence: Sequence[Evidence], reranker: Reranker, *, limit: int) -> tuple[Evidence, ...]:
    """The ``limit`` best of the evidence in the reranker's order; equal scores keep the order they had."""
    scores = reranker.scores(question, [found.passage.text for found in evidence]) if evidence else []
    order = sorted(range(len(evidence)), key=lambda place: -scores[place])
    return tuple(replace(evidence[place], score=scores[place]) for place in order[:limit])

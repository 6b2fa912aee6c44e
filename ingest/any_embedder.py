"""Any model that sentence-transformers can load, with its own prompts for questions and documents."""

import hashlib
import json
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from ingest.embed import Vectors
from ingest.errors import EmbedderError


class SentenceTransformerEmbedder:
    """An embedder over sentence-transformers, on the device that it picks. Calls take turns."""

    def __init__(self, name: str, source: str) -> None:
        """Load the model from a folder or by its name on the hub. Raises EmbedderError when that fails."""
        self.name = name
        self._model = _load(name, source)
        self._turn = threading.Lock()
        self.dim = int(self._model.get_embedding_dimension())
        self.max_tokens = self._room()
        self.fingerprint = _fingerprint(self._model)

    @property
    def path(self) -> str:
        """Where it runs."""
        return f"sentence-transformers on {self._model.device}"

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, (n, dim) float32, unit norm, in the order of the texts."""
        return self._encode(self._model.encode_document, texts)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, (n, dim) float32, unit norm, in the order of the texts."""
        return self._encode(self._model.encode_query, texts)

    def count_tokens(self, text: str) -> int:
        """Number of tokens of the text itself, without the marks at its ends."""
        return self.count_many([text])[0]

    def count_many(self, texts: Sequence[str]) -> list[int]:
        """``count_tokens`` of each text."""
        if not texts:
            return []
        with self._turn:
            batch = self._model.tokenizer(list(texts), add_special_tokens=False, truncation=False, verbose=False)
        return [len(ids) for ids in batch["input_ids"]]

    def _encode(self, method: Any, texts: Sequence[str]) -> Vectors:
        with self._turn:
            vectors = method(list(texts), normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True)
        return np.asarray(vectors, np.float32).reshape(-1, self.dim)

    def _room(self) -> int:
        """Tokens left for a passage beside the marks at its ends and the document prompt."""
        prompt = self._model.prompts.get("document") or ""
        longest = self._model.max_seq_length or self._model.tokenizer.model_max_length
        return int(longest) - len(self._model.tokenizer(prompt)["input_ids"])


def _load(name: str, source: str) -> Any:
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        return SentenceTransformer(source)
    except (OSError, ValueError, ImportError, KeyError, RuntimeError, TypeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise EmbedderError(
            f"embedding model {name!r} cannot be loaded ({reason}); give a model of the hub that is online or was "
            "downloaded, a folder, or leave the setting out for the bundled model"
        ) from error


def _fingerprint(model: Any) -> str:
    """Hash of the weights, the modules as they describe themselves, the prompts and the vocabulary."""
    import torch

    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    described = [str(model), model.max_seq_length, model.prompts, model.default_prompt_name]
    vocabulary = sorted(model.tokenizer.get_vocab().items()) if hasattr(model.tokenizer, "get_vocab") else []
    digest.update(json.dumps([described, vocabulary], sort_keys=True).encode())
    return digest.hexdigest()[:32]

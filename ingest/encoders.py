"""BERT encoders on the processor with ONNX Runtime: quick to load, safe to share between threads.

Each batch runs on one thread, and several batches at once: a question then costs no waiting for other threads, sixteen
questions use all cores, and an index run loses nothing to barriers between them.
"""

import os
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from ingest.bert_graph import HELD_BYTES, BertGraph, BertShape, Weights

Vectors = NDArray[np.float32]
TokenIds = Sequence[int]

# Batches of 2 texts of 180 tokens took 8 % less time a token than batches of 8: they stay in the second cache. Of a
# token's time 60 % goes to products of int8, at 80 % of what the processor can do, and 27 % to attention in float32.
_BATCH_TOKENS = 512
# Weights as int8 are used where they bring vectors this near to float32 on this machine. Over 2,600 SciFact abstracts
# and 240 XQuAD paragraphs the lowest cosine was 0.987, and nDCG@10 rose by 0.001 and 0.002. Processors without VNNI
# instructions saturate and may fall below.
_LEAST_COSINE = 0.98
_TRIAL_TOKENS = 128


class Session:
    """One encoder in ONNX Runtime: token ids in, vectors out. May be called from several threads at once."""

    def __init__(self, weights: Weights, shape: BertShape, *, int8: bool) -> None:
        """Lay the graph over the weights, float32 as they are or made int8 a column at a time."""
        import onnxruntime

        graph, constants = BertGraph(weights, shape, int8=int8).build()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_mem_pattern = False  # one pattern for each of 250 lengths costs more than it saves
        self._held = {
            name: np.ascontiguousarray(value) for name, value in constants.items() if value.nbytes >= HELD_BYTES
        }
        handles = [onnxruntime.OrtValue.ortvalue_from_numpy(value) for value in self._held.values()]
        options.add_external_initializers(list(self._held), handles)
        self._session = onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"], disabled_optimizers=["SkipLayerNormFusion"]
        )

    def encode(self, ids: NDArray[np.int64]) -> Vectors:
        """Vectors (n, dim) of token ids (n, length)."""
        vectors: Vectors = self._session.run(["vectors"], {"input_ids": ids})[0]
        return vectors


class BertEncoder:
    """Token ids into vectors: float32 for a few texts, the fastest form that is near enough to it for many."""

    def __init__(self, weights: Weights, shape: BertShape) -> None:
        """Load the float32 form."""
        self._weights = weights
        self._shape = shape
        self._exact = Session(weights, shape, int8=False)
        self._bulk: Session | None = None
        self._lock = threading.Lock()
        self.threads = available_cores()
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="encoder")

    @property
    def precision(self) -> str:
        """``int8`` or ``float32``: how many texts at once are encoded here."""
        return "float32" if self._bulk_session() is self._exact else "int8"

    def encode(self, texts: Sequence[TokenIds], dim: int, *, bulk: bool) -> Vectors:
        """Vectors (n, dim) of texts given as token ids, in their order."""
        session = self._bulk_session() if bulk else self._exact
        vectors = np.empty((len(texts), dim), np.float32)

        def run(batch: list[int]) -> None:
            vectors[batch] = session.encode(np.array([texts[place] for place in batch], np.int64))

        batches = list(equal_length_batches([len(text) for text in texts], _BATCH_TOKENS))
        for _ in self._pool.map(run, batches) if len(batches) > 1 else map(run, batches):
            pass
        return vectors

    def _bulk_session(self) -> Session:
        with self._lock:
            if self._bulk is None:
                self._bulk = self._faster(Session(self._weights, self._shape, int8=True))
            return self._bulk

    def _faster(self, candidate: Session) -> Session:
        """The int8 form when it is both quicker and true enough on this processor, measured on random tokens."""
        words = len(self._weights["embeddings.word_embeddings.weight"])
        length = min(_TRIAL_TOKENS, len(self._weights["embeddings.position_embeddings.weight"]))
        ids = np.random.default_rng(0).integers(words, size=(2, length))
        cosines = (candidate.encode(ids) * self._exact.encode(ids)).sum(axis=1)
        rounds = [(_seconds(candidate, ids), _seconds(self._exact, ids)) for _ in range(3)]
        quicker = min(mine for mine, _ in rounds) < min(other for _, other in rounds)
        return candidate if quicker and cosines.min() >= _LEAST_COSINE else self._exact


def equal_length_batches(lengths: Sequence[int], max_tokens: int) -> Iterable[list[int]]:
    """Places of texts of the same length, longest first, at most ``max_tokens`` tokens (or one text) a batch."""
    order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    for length, group in groupby(order, key=lambda place: lengths[place]):
        places = list(group)
        size = max(1, max_tokens // max(1, length))
        yield from (places[start : start + size] for start in range(0, len(places), size))


def available_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _seconds(session: Session, ids: NDArray[np.int64]) -> float:
    started = time.perf_counter()
    session.encode(ids)
    return time.perf_counter() - started

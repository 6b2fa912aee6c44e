"""BERT encoders on the processor with ONNX Runtime: quick to load, safe to share between threads.

Each text runs alone on one thread, and several texts at once: a question then costs no waiting for other threads,
sixteen questions use all cores, an index run loses nothing to barriers between them, and a text has the same vector
whatever is encoded beside it.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from ingest.bert_graph import HELD_BYTES, BertGraph, BertShape, Weights

Vectors = NDArray[np.float32]
TokenIds = Sequence[int]

# Weights as int8 are used where they bring vectors this near to float32 on this machine, in a third of the time.
# Over 2,600 SciFact abstracts and 240 XQuAD paragraphs the lowest cosine was 0.987, over 600 questions 0.990. With both
# in int8 nDCG@10 is within 0.0003 of float32 questions on every set, by vectors alone 0.002 to 0.004 lower
# (bench/quality.py). Processors without VNNI instructions saturate and may fall below.
_LEAST_COSINE = 0.98
_TRIAL = (4, 16)  # texts, tokens
# Of a passage's time 60 % goes to products of int8, at 80 % of what the processor can do, and 27 % to attention. Two
# passages of 200 tokens in one batch took as long as one after the other.


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
    """Token ids into vectors, in int8 where that is near enough to float32 on this processor.

    precision: ``int8`` or ``float32``.
    """

    def __init__(self, weights: Weights, shape: BertShape) -> None:
        """Load the form for this machine."""
        self.threads = available_cores()
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="encoder")
        exact, quick = self._pool.map(lambda int8: Session(weights, shape, int8=int8), (False, True))
        near = _least_cosine(exact, quick, weights) >= _LEAST_COSINE
        self._session = quick if near else exact
        self.precision = "int8" if near else "float32"

    def encode(self, texts: Sequence[TokenIds], dim: int) -> Vectors:
        """Vectors (n, dim) of texts given as token ids, in their order."""
        vectors = np.empty((len(texts), dim), np.float32)

        def run(place: int) -> None:
            vectors[place] = self._session.encode(np.array([texts[place]], np.int64))[0]

        if len(texts) == 1:
            run(0)
            return vectors
        longest_first = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        for _ in self._pool.map(run, longest_first):
            pass
        return vectors


def _least_cosine(one: Session, other: Session, weights: Weights) -> float:
    """The lowest cosine between the vectors of two encoders over a few texts of random tokens."""
    words = len(weights["embeddings.word_embeddings.weight"])
    texts, length = _TRIAL
    length = min(length, len(weights["embeddings.position_embeddings.weight"]))
    ids = np.random.default_rng(0).integers(words, size=(texts, length))
    return min(float((one.encode(text) * other.encode(text)).sum()) for text in ids[:, None])


def available_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

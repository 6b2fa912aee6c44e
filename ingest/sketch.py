"""A few keys of a text by which near copies of it find each other: MinHash over its runs of four words.

    passage -> keys in the catalog -> passages that share one -> `assistant.rank.near_copies` decides

Two texts share each key with the probability of their Jaccard similarity over those runs (Broder 1997): with four keys
copies of similarity 0.8 meet with 0.998, of 0.6 with 0.97, and texts without a run in common never.
"""

import re
import zlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["sketch"]

_WORD = re.compile(r"\w+")
_RUN = 4
_KEYS = 4
_random = np.random.default_rng(0)
_ODD = _random.integers(1, 2**63, size=(_RUN + _KEYS, 1), dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_SHIFT = np.uint64(29)


def sketch(text: str) -> tuple[int, ...]:
    """The keys of a text, as signed 64-bit integers; case and punctuation aside. Empty for a text without a word."""
    words = _WORD.findall(text.casefold())
    if not words:
        return ()
    hashes = np.array([_hash(word) for word in words] + [0] * max(0, _RUN - len(words)), np.uint64)
    count = len(hashes) - _RUN + 1
    runs = sum((hashes[at : at + count] * _ODD[at] for at in range(_RUN)), np.zeros(count, np.uint64))
    mixed: NDArray[np.uint64] = (runs ^ (runs >> _SHIFT)) * _ODD[_RUN:]
    return tuple((mixed ^ (mixed >> _SHIFT)).min(axis=1).view(np.int64).tolist())


@lru_cache(maxsize=200_000)
def _hash(word: str) -> int:
    """64 bits of a word, the same in every process."""
    data = word.encode("utf-8", "surrogatepass")
    return zlib.crc32(data) << 32 | zlib.crc32(data, 0x9E3779B9)

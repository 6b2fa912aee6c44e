"""An over-long sentence cut down to the clauses that answer: always a stretch of it, word for word."""

import re
from collections.abc import Collection, Iterator
from typing import Final

from ingest.words import words_of

MAX_WORDS: Final = 80
_CLAUSE: Final = re.compile(r"[,;:](?=\s)|\s[–—](?=\s)|—|[，；：、](?=.)")
_QUOTED: Final = re.compile(r"“[^”]*”|\"[^\"]*\"|„[^“”]*[“”]|«[^»]*»|「[^」]*」")
_LOOSE_ENDS: Final = " \t\n,;:–—，；：、"
_MAX_CHARS: Final = 800  # of a stretch without spaces: Chinese and Japanese have no words to count


def trimmed(sentence: str, terms: Collection[str], max_words: int = MAX_WORDS) -> tuple[int, int]:
    """Span of the sentence to quote: all of it when short enough, else the run of whole clauses that holds most terms.

    A cut never falls inside quotation marks unless the quotation alone is too long.
    """
    if _fits(sentence, max_words):
        return 0, len(sentence)
    runs = list(_runs(sentence, max_words))
    start, end = max(runs, key=lambda run: _worth(sentence, run, terms)) if runs else _first_words(sentence, max_words)
    piece = sentence[start:end]
    kept = piece.rstrip(_LOOSE_ENDS) or piece.rstrip()
    return start + len(piece) - len(piece.lstrip()), start + len(kept)


def _runs(sentence: str, max_words: int) -> Iterator[tuple[int, int]]:
    """Every run of whole clauses that may be quoted and says something."""
    edges = _clause_edges(sentence)
    for at, start in enumerate(edges):
        for end in edges[at + 1 :]:
            if not _fits(sentence[start:end], max_words):
                break
            if sentence[start:end].strip(_LOOSE_ENDS):
                yield start, end


def _fits(text: str, max_words: int) -> bool:
    """Whether the text may be quoted whole."""
    return len(text.split()) <= max_words and len(text) <= _MAX_CHARS * max_words // MAX_WORDS


def _clause_edges(sentence: str) -> list[int]:
    """Where a clause may begin or end: the sentence's ends, and after each clause mark that no quotation holds."""
    quoted = [found.span() for found in _QUOTED.finditer(sentence)]
    inner = [found.end() for found in _CLAUSE.finditer(sentence)]
    free = [at for at in inner if not any(start < at < end for start, end in quoted)]
    return [0, *free, len(sentence)]


def _worth(sentence: str, run: tuple[int, int], terms: Collection[str]) -> tuple[int, int, int]:
    """How good a run of clauses is: the terms it holds, then an early start, then its length."""
    held = set(words_of(sentence[run[0] : run[1]]))
    return sum(term in held for term in terms), -run[0], run[1] - run[0]


def _first_words(sentence: str, max_words: int) -> tuple[int, int]:
    """Span of as many words from the start as may be quoted: for a sentence without a usable clause."""
    words = list(re.finditer(r"\S+", sentence))[:max_words]
    end = words[-1].end() if words else len(sentence)
    return 0, min(end, _MAX_CHARS * max_words // MAX_WORDS)

"""Article -> passages: whole sentences, sized in the embedding model's own tokens, spans exact.

The rule is that of llama-index's `SentenceSplitter` without overlap, and gives the same passages (a test compares
them). It works on spans and counts the pieces of a text in one call, so nothing has to be looked for afterwards, and a
re-index need not import llama-index, which takes 1.4 s.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from ingest.article import Article
from ingest.sentences import split_sentences

if TYPE_CHECKING:
    from ingest.embed import Embedder

CHUNKER = "sentences-1"
"""Names the form of the passages; a change of form makes a new generation from scratch."""

PASSAGE_TOKENS = 200
"""The most tokens of a passage; less where the model reads less. Leaves the bundled model room for the title."""

TITLE_MAX_CHARS = 200

Span = tuple[int, int]
CountMany = Callable[[Sequence[str]], list[int]]
"""The number of tokens of each text."""

_PHRASE_ENDS = re.compile(r"(?<=[,.;。？！])(?=.)", re.DOTALL)


class _Indivisible(Exception):
    """A single character has more tokens than a passage may have."""


def passages_of(article: Article, embedder: "Embedder") -> list[Span]:
    """Where the article's passages stand, each short enough to be read by the model together with the title."""
    title_tokens = embedder.count_tokens(embedding_text(article.title, ""))
    room = max(embedder.max_tokens - title_tokens, embedder.max_tokens // 2)
    return chunk_article(article, count_many=embedder.count_many, max_tokens=min(PASSAGE_TOKENS, room))


def chunk_article(article: Article, *, count_many: CountMany, max_tokens: int) -> list[Span]:
    """Spans of the passages of ``article.text``, in order, none overlapping, none empty, no word of the text left out.

    Each passage has at most ``max_tokens`` tokens (the sum of what ``count_many`` says of its sentences), and sentences
    stay whole where they fit. Where a single character has more tokens, every passage is one sentence, however long.
    """
    text = article.text
    if not text.strip():
        return []
    whole = (0, len(text))
    try:
        spans = _joined(_pieces(text, [whole], count_many, max_tokens), max_tokens)
    except _Indivisible:  # a tiny limit, a rare emoji
        return split_sentences(text)
    return [span for span in (_trimmed(text, start, end) for start, end in spans) if span[0] < span[1]]


def embedding_text(title: str, passage: str) -> str:
    """What the encoder reads for a passage: the title gives the names that a passage takes for granted."""
    return f"{title[:TITLE_MAX_CHARS]}\n{passage}" if title else passage


def _pieces(text: str, spans: Sequence[Span], count_many: CountMany, max_tokens: int) -> Iterable[tuple[Span, int]]:
    """The spans with their tokens, those above the limit cut as far as needed; raises _Indivisible where none helps."""
    for span, counted in zip(spans, count_many([text[start:end] for start, end in spans]), strict=True):
        tokens = max(1, counted)
        if tokens <= max_tokens:
            yield span, tokens
        else:
            yield from _pieces(text, _cut(text, span), count_many, max_tokens)


def _cut(text: str, span: Span) -> list[Span]:
    """The span in the largest parts there are: paragraphs, then sentences, phrases, words, characters."""
    start, end = span
    piece = text[start:end]
    for find in (_paragraphs, _sentences, _phrases, _words, _characters):
        starts = [0, *(at for at in find(piece) if 0 < at < len(piece)), len(piece)]
        if len(starts) > 2:
            return [(start + first, start + last) for first, last in pairwise(starts)]
    raise _Indivisible


def _paragraphs(text: str) -> list[int]:
    return _places(text, "\n\n")


def _sentences(text: str) -> list[int]:
    return [start for start, _ in split_sentences(text)[1:]]


def _phrases(text: str) -> list[int]:
    return [found.start() for found in _PHRASE_ENDS.finditer(text)]


def _words(text: str) -> list[int]:
    return _places(text, " ")


def _characters(text: str) -> range:
    return range(len(text))


def _places(text: str, mark: str) -> list[int]:
    return [found.start() for found in re.finditer(re.escape(mark), text)]


def _joined(pieces: Iterable[tuple[Span, int]], max_tokens: int) -> list[Span]:
    """Neighbouring pieces made one as long as they stay within the limit together."""
    spans: list[Span] = []
    total = 0
    for (start, end), tokens in pieces:
        if spans and total + tokens <= max_tokens:
            spans[-1] = (spans[-1][0], end)
            total += tokens
        else:
            spans.append((start, end))
            total = tokens
    return spans


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end

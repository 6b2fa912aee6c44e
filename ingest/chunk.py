"""Article -> passages: whole sentences, sized in the embedding model's own tokens, spans exact."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from ingest.article import Article
from ingest.sentences import split_sentences

if TYPE_CHECKING:
    from llama_index.core.node_parser import SentenceSplitter

CHUNKER = "sentences-1"
"""Names the form of the passages; a change of form makes a new generation from scratch."""

PASSAGE_TOKENS = 200
"""The most tokens of a passage; less where the model reads less. Leaves the bundled model room for the title."""

TITLE_MAX_CHARS = 200

Span = tuple[int, int]


def chunk_article(article: Article, *, count_tokens: Callable[[str], int], max_tokens: int) -> list[Span]:
    """Spans of the passages of ``article.text``, in order, none overlapping, none empty, no word of the text left out.

    Each passage has at most ``max_tokens`` tokens (as ``count_tokens`` counts them), and sentences stay whole where
    they fit. Where a single character has more tokens, every passage is one sentence, however long.
    """
    if not article.text.strip():
        return []
    if count_tokens(article.text) <= max_tokens:
        return [_trimmed(article.text, 0, len(article.text))]
    splitter = _splitter(count_tokens, max_tokens)
    try:
        pieces = splitter.split_text(article.text)
    except ValueError:
        # A single character above the limit (a tiny limit, a rare emoji): llama-index gives up on the whole text.
        return [_trimmed(article.text, start, end) for start, end in split_sentences(article.text)]
    return _locate(article.text, pieces)


def embedding_text(title: str, passage: str) -> str:
    """What the encoder reads for a passage: the title gives the names that a passage takes for granted."""
    return f"{title[:TITLE_MAX_CHARS]}\n{passage}" if title else passage


@lru_cache(maxsize=4)
def _splitter(count_tokens: Callable[[str], int], max_tokens: int) -> "SentenceSplitter":
    from llama_index.core.node_parser import SentenceSplitter

    return SentenceSplitter(
        chunk_size=max_tokens,
        chunk_overlap=0,
        paragraph_separator="\n\n",
        # At least 1: the splitter takes pieces of no size for overlap and would write them twice.
        tokenizer=lambda text: range(max(1, count_tokens(text))),
        chunking_tokenizer_fn=_cut_at_sentences,
    )


def _cut_at_sentences(text: str) -> list[str]:
    """The text in pieces that start where its sentences start; joined they are the text again."""
    cuts = [0, *(start for start, _ in split_sentences(text)[1:]), len(text)]
    return [text[start:end] for start, end in pairwise(cuts)]


def _locate(text: str, pieces: Sequence[str]) -> list[Span]:
    """Where each piece stands in the text; pieces come in order and are the text less white space at their edges."""
    spans = []
    position = 0
    for piece in pieces:
        start = text.index(piece, position)
        position = start + len(piece)
        spans.append((start, position))
    return spans


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end

"""Evidence made fit to be read by a model: whole sentences, neighbours in one piece, best first.

    ranked evidence -> readable_evidence -> assistant.prompts

The evidence list of the answer stays as it was ranked; this is only what the prompt shows.
"""

from collections.abc import Sequence
from dataclasses import replace

from assistant.answer import Evidence
from ingest.sentences import split_sentences

MAX_WIDENING_CHARS = 600
"""How far a passage is widened on either side to make its first and last sentence whole."""


def readable_evidence(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The evidence in rank order, passages that touch joined into the better one's place, cut sentences made whole.

    Every passage is still ``article.text[start:end]``.
    """
    pieces: list[Evidence] = []
    for found in evidence:
        piece = _whole_sentences(found)
        for place, other in enumerate(pieces):
            if _touch(piece, other):
                pieces[place] = _joined(other, piece)
                break
        else:
            pieces.append(piece)
    return tuple(pieces)


def _whole_sentences(found: Evidence) -> Evidence:
    """The evidence with its passage widened to the ends of the sentences it cuts."""
    text, passage = found.article.text, found.passage
    low = max(0, passage.start - MAX_WIDENING_CHARS)
    high = min(len(text), passage.end + MAX_WIDENING_CHARS)
    start, end = passage.start, passage.end
    for first, last in split_sentences(text[low:high]):
        if low + first < passage.start < low + last and (first > 0 or low == 0):
            start = low + first
        if low + first < passage.end < low + last and (low + last < high or high == len(text)):
            end = low + last
    return _spanning(found, start, end)


def _touch(one: Evidence, other: Evidence) -> bool:
    """Whether two pieces of one article overlap, or have nothing but white space between them."""
    if one.article.id != other.article.id:
        return False
    first, second = sorted((one.passage, other.passage), key=lambda passage: passage.start)
    return not one.article.text[first.end : second.start].strip()


def _joined(better: Evidence, other: Evidence) -> Evidence:
    start = min(better.passage.start, other.passage.start)
    return _spanning(better, start, max(better.passage.end, other.passage.end))


def _spanning(found: Evidence, start: int, end: int) -> Evidence:
    return replace(found, passage=replace(found.passage, start=start, end=end, text=found.article.text[start:end]))

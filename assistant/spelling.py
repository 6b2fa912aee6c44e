"""Names misspelled in a question, as the articles spell them: ``Huwaei`` is read as ``Huawei``.

    question -> names that stand in no article -> the name of the articles one edit away -> question

`assistant.answering` asks after the conversation is read and before the search; the reader is told how it was read.
Only names: a language has too many true words one letter apart, and the embedding model sees through their slips.
"""

import re
import string
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.reading import quotations
from ingest.words import words_of

if TYPE_CHECKING:
    from ingest.embed import Embedder
    from ingest.generation import Generation

__all__ = ["respelled"]

_WORD = re.compile(r"\b[^\W\d_]+\b")
_WITHIN_SENTENCE = re.compile(r"[^\W\d_,;:’'-]['’]?[,;:]?\s+[(“\"]?$")  # what stands before a word that opens none
# A shorter word has too many neighbours, and a slip in the first letter is rare.
_SHORTEST = 5
_TRIED, _HOLDERS = 5, 5  # terms, best known first, and passages of each
# A name of one passage is too rare to be meant. bench/spelling.py: six in ten slips in names are mended, one in a
# hundred of them wrongly; nDCG@10 SciFact 0.789 to 0.798, XQuAD 0.960 to 0.974, MultiHop-RAG's facts 0.848 to 0.859. Of
# questions asked of other sets' articles 0.5 % are changed; 1.1 % where one passage is enough, for 0.005 more on XQuAD.
_PASSAGES = 2


def respelled(question: str, generation: "Generation", embedder: "Embedder") -> str | None:
    """The question with its names as the articles spell them; None when nothing is changed.

    A misspelled name is a word of five letters or more that stands in no article, that the embedding model does not
    know as one word, and that one letter dropped, added, changed or swapped makes a name of the articles. In a question
    that capitalises, only capitalised words are names. Words in quotation marks stay as they are.
    """
    quoted = " ".join(quotations(question))
    capitalises = any(word[0].isupper() for word in _WORD.findall(question)[1:])

    def mended(found: re.Match[str]) -> str:
        word = found[0]
        could_be_name = word[0].isupper() or not capitalises
        if len(word) < _SHORTEST or not could_be_name or word in quoted or not _is_unknown(word, generation, embedder):
            return word
        return next(_names_near(word, generation), word)

    read = _WORD.sub(mended, question)
    return read if read != question else None


def _is_unknown(word: str, generation: "Generation", embedder: "Embedder") -> bool:
    """Whether a word is neither in the articles nor a word of the embedding model's own."""
    terms = words_of(word)
    return bool(terms) and not generation.words.document_frequencies(terms).any() and embedder.count_tokens(word) > 1


def _names_near(word: str, generation: "Generation") -> Iterator[str]:
    """The names of the articles that are one edit from a word, those of most passages first."""
    near = _one_edit(word.casefold())
    terms = sorted({term for other in near for term in words_of(other)})
    counts = generation.words.document_frequencies(terms)
    for place in [place for place in (-counts).argsort(kind="stable")[:_TRIED] if counts[place] >= _PASSAGES]:
        rows = generation.words.of(terms[place])[0][:_HOLDERS]
        for passage in generation.catalog.passages(generation.words.numbers[rows].tolist()):
            yield from (name for name in _names_in(passage.text) if name.casefold() in near)


def _names_in(text: str) -> Iterator[str]:
    """The capitalised words of a text that open no sentence."""
    for found in _WORD.finditer(text):
        if found[0][0].isupper() and _WITHIN_SENTENCE.search(text, max(0, found.start() - 5), found.start()):
            yield found[0]


def _one_edit(word: str) -> set[str]:
    """The words that begin alike and differ by one letter dropped, added or changed, or by two neighbours swapped."""
    cuts = [(word[:at], word[at:]) for at in range(1, len(word) + 1)]
    return {
        *(head + tail[1:] for head, tail in cuts if tail),
        *(head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1),
        *(head + letter + tail[1:] for head, tail in cuts if tail for letter in string.ascii_lowercase),
        *(head + letter + tail for head, tail in cuts for letter in string.ascii_lowercase),
    } - {word}

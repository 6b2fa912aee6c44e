"""Text becomes index terms: the one place that decides when two words are the same word.

Articles and questions pass through `search_terms_of` alike, so a question about ``5.5bn`` finds the article that wrote
``5.5 billion``; what compares texts word by word takes `words_of`. Pure functions over strings, with a bounded memory
of the words seen.
"""

import re
import threading
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from itertools import chain

import snowballstemmer

__all__ = ["STOP_WORDS", "search_terms_of", "words_of"]

_CONTRACTIONS = """
arent cant couldnt didnt doesnt dont hadnt hasnt havent hes im isnt ive shouldnt theyre theyve wasnt werent weve wont
wouldnt youre youve
"""  # as they stand once their apostrophe is gone
STOP_WORDS = frozenset(
    f"""{_CONTRACTIONS}
a about after all also an and any are as at be because been before being between both but by can could did do does
doing during each for from had has have having he her here hers him his how i if in into is it its itself just me more
most my no nor not now of off on once only or other our out over own same she should so some such than that the their
them then there these they this those through to too under until up very was we were what when where which while who
whom whose why will with would you your
""".split()
)

_MAX_REMEMBERED = 400_000
_MAX_CHUNK = 40  # a longer stretch without white space is a URL or a line of Chinese: not worth remembering

# Scripts written without spaces (or, in Korean, with particles attached): indexed as pairs of characters.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
# What Python's \w leaves out of Indic words: their vowel signs.
_LETTER = rf"[^\W_{_UNSPACED}]|[\u0900-\u0dff]"
_PIECE = rf"(?:{_LETTER})+(?:(?<=\d)[.,](?=\d)(?:{_LETTER})+)*"
_TOKEN = re.compile(
    rf"(?P<unspaced>[{_UNSPACED}]+)"
    rf"|(?P<acronym>\b(?:[a-z]\.){{2,}}(?:[a-z]\b)?)"
    rf"|(?P<word>{_PIECE}(?:['’ʼ]{_PIECE})*(?:[-‐‑–]{_PIECE}(?:['’ʼ]{_PIECE})*)*)(?P<percent>\s?%)?"
)
_HYPHEN = re.compile("[-‐‑–]")
_POSSESSIVE = re.compile("['’ʼ]s$")
_APOSTROPHE = re.compile("['’ʼ]")
_DIGITS_THEN_LETTERS = re.compile(r"(\d[\d.]*)([a-z]+)")
_RUN = re.compile(r"\d[\d.]*|\D+")
# A word of more runs of digits and letters is a hash or a key: nobody searches for its pieces. bench/quality.py,
# nDCG@10 on SciFact: 0.738 without pieces, 0.742 with up to three of them, 0.745 four, 0.746 six or any number;
# elsewhere the same within 0.001.
_MAX_RUNS = 6
_ACCENTS = re.compile("[\u0300-\u036f]+")
_FRACTION = re.compile("[\u00bc-\u00be\u2150-\u215e]")
_GREEK_SYMBOL = re.compile("(?<![α-ω])[α-ω](?![α-ω])")
_UNITS = {"bn": "billion", "mn": "million", "tn": "trillion", "trn": "trillion"}
_ORDINAL = frozenset(("st", "nd", "rd", "th"))


class _Stemmer(threading.local):
    """A stemmer for each thread: it keeps the word that it works on in itself."""

    def __init__(self) -> None:
        self.stem = snowballstemmer.stemmer("english").stemWord


_stemmer = _Stemmer()


@lru_cache(maxsize=_MAX_REMEMBERED)
def _stem(word: str) -> str:
    stem: str = _stemmer.stem(word)
    return stem


def words_of(text: str) -> list[str]:
    """The words of a text, in its order: folded, stemmed, stop words left out; empty when nothing is left.

    Case and accents are folded, possessives dropped; a hyphen compound gives its parts and the joined word; ``1,000``
    is ``1000``; ``40mg`` gives ``40mg``, ``40`` and ``mg``; a lone Greek letter gives its name; Chinese, Japanese,
    Korean and Thai give pairs of characters.
    """
    return list(chain.from_iterable(map(_words_by_chunk.__getitem__, text.split())))


def search_terms_of(text: str) -> list[str]:
    """What a text is found by: its words and, of those that mix digits and letters, the pieces that are no word beside.

    So ``GPT4`` is found by ``GPT-4`` and ``IL2RA`` by ``IL-2``, which as words are as strange to each other as ``H20``
    and ``H200``.
    """
    return list(chain.from_iterable(map(_search_terms_by_chunk.__getitem__, text.split())))


class _TermsByChunk(dict[str, tuple[str, ...]]):
    """Remembers the terms of each white-space delimited chunk: a hit costs one look-up in C. Bounded."""

    def __init__(self, terms_of: Callable[[str], tuple[str, ...]]) -> None:
        super().__init__()
        self._terms_of = terms_of

    def __missing__(self, chunk: str) -> tuple[str, ...]:
        terms = self._terms_of(chunk)
        if len(chunk) <= _MAX_CHUNK:
            if len(self) >= _MAX_REMEMBERED:
                self.clear()
            self[chunk] = terms
        return terms


def _words_of(chunk: str) -> tuple[str, ...]:
    """The words of a chunk of text, worked out from scratch."""
    terms: list[str] = []
    for token in _TOKEN.finditer(_fold(chunk)):
        if token["unspaced"]:
            terms += _pairs(token["unspaced"])
        elif token["acronym"]:
            terms.append(token["acronym"].replace(".", ""))
        else:
            terms += _compound(token["word"])
            if token["percent"]:
                terms.append("percent")
    return tuple(terms)


def _search_terms_of(chunk: str) -> tuple[str, ...]:
    """The words of a chunk of text and the pieces of those words, worked out from scratch."""
    words = _words_of(chunk)
    if all(map(str.isalpha, words)):
        return words  # as in most chunks
    known = dict.fromkeys(words)
    pieces = dict.fromkeys(chain.from_iterable(map(_pieces, known)))
    return (*words, *(piece for piece in pieces if piece not in known))


def _pieces(word: str) -> list[str]:
    """The terms of a word's runs of digits and of letters; none where it is one run, or many."""
    runs = _RUN.findall(word)
    if not 1 < len(runs) <= _MAX_RUNS:
        return []
    return [_term(run) for run in runs if run not in STOP_WORDS and run != "s"]  # "1990s" has no "s"


_words_by_chunk = _TermsByChunk(_words_of)
_search_terms_by_chunk = _TermsByChunk(_search_terms_of)


def _fold(text: str) -> str:
    """Lower case, compatibility forms and Latin, Greek and Cyrillic accents folded; other scripts left whole."""
    if text.isascii():
        return text.lower()
    text = _FRACTION.sub(lambda found: f" {found[0]} ", text)
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return _GREEK_SYMBOL.sub(_name_of_letter, unicodedata.normalize("NFKC", bare))


def _name_of_letter(found: re.Match[str]) -> str:
    """``alpha`` for a lone α, so that ``TNF-α`` and ``TNF-alpha`` meet."""
    return unicodedata.name(found[0]).split()[-1].lower()


def _pairs(run: str) -> list[str]:
    """Each two neighbouring characters of a run; the character itself when it stands alone."""
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


def _compound(word: str) -> list[str]:
    """The terms of a word that may hold hyphens: those of each part, then the parts joined."""
    parts = [_bare(part) for part in _HYPHEN.split(word)]
    terms = [term for part in parts for term in _part(part)]
    if len(parts) > 1:
        terms.append(_stem("".join(parts)))
    return terms


def _bare(part: str) -> str:
    """A part without its possessive, apostrophes and thousands separators."""
    return _APOSTROPHE.sub("", _POSSESSIVE.sub("", part)).replace(",", "")


def _part(part: str) -> list[str]:
    """The terms of a part without hyphens: none for a stop word, three for a number that carries its unit."""
    if part in STOP_WORDS:
        return []
    measured = _DIGITS_THEN_LETTERS.fullmatch(part)
    if measured is None:
        return [_term(part)]
    number, unit = measured.groups()
    if unit in _ORDINAL:
        return [number]
    if unit in _UNITS:
        return [number, _UNITS[unit]]
    if unit == "s":
        return [part, number]
    return [part, number, _stem(unit)]


def _term(run: str) -> str:
    """The term of what is not to be taken apart."""
    return _UNITS.get(run) or (_stem(run) if run.isalpha() else run)

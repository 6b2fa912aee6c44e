"""What a question takes for granted, held against the evidence that would answer it.

A passage can be full of a question's words and still not answer it: the question denies what the passage states, says
north where it says south, or names someone, a year or a figure that stands nowhere in it. `assistant.confidence` weighs
what is found here. Rules over words; nothing is embedded.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise
from typing import Final

from assistant.added import are_kin
from assistant.pairing import is_acronym, same_name, says_same
from assistant.polarity import are_opposites, are_synonyms, is_negation, stem
from assistant.question import Question
from assistant.reading import Reading, Token, read_sentence
from ingest.words import words_of

_SPELT_ALIKE: Final = 0.8  # ratio from which two names are one name misspelt
_LEAST_SPELT: Final = 5  # letters of a name that may be misspelt
_LEAST_DIGITS: Final = 3  # "two" and "first" are said in many ways; a year, a price or a long count is not
_ALIKE: Final = 0.75  # share of the question's content in the sentence from which an opposite word turns it round
_LONGEST: Final = 18  # terms of a question of one clause: a longer one may well deny one thing and ask another
_LEAVES_OUT: Final = frozenset(map(stem, ("except", "exception", "unless", "exclude", "omit", "prevent")))
_UNDOES: Final = frozenset("not never cannot be been".split())
_TELLS: Final = frozenset(
    "about say says said saying tell told think thinks thought claim claims claimed deny denied happened".split()
)
_DEED: Final = re.compile(r"\b(?:did|does|do|will|has|have|had)\b", re.IGNORECASE)
_VAGUE: Final = frozenset(
    "year date time day month name type kind person people place thing number amount percent percentage much many long "
    "happen happened take get make".split()
)
_SMALL_WORDS: Final = frozenset("over under up down in out for against with without he she his her him".split())


def turns_round(question: Question, sentence: str, before: str) -> bool:
    """Whether the question says the contrary of the sentence that would answer it: denies it, or turns a word of it.

    before: the sentence before it. Never so for a question that is answered by yes or no, or for one of many clauses.
    """
    if question.wants == "verdict" or len(question.words) > _LONGEST:
        return False
    asked, told = _read(question.text), _read(sentence)
    return _denied(asked, told) or _opposed(asked, told, _read(before))


def absent_share(question: Question, texts: Iterable[str], around: str = "") -> float:
    """Share of the names, years and figures of a question that none of the texts holds in any form, 0..1.

    A name may be misspelt, or stand there as the words that its letters are short for. 0 when the question has none.
    around: more text, in which only their own form is looked for.
    """
    wanted = [token for token in _read(question.text).tokens if _is_name(token) or _is_figure(token)]
    told = list(texts)
    whole = "\n".join((*told, around)).casefold()
    rare = [token for token in wanted if not re.search(rf"\b{re.escape(token.text.casefold())}\b", whole)]
    if not rare:  # nearly always; reading every sentence takes a millisecond or two
        return 0.0
    readings = [_read(text) for text in told]
    return sum(not _stands_in(token, readings) for token in rare) / len(wanted)


def untold(question: Question, sentences: Iterable[str]) -> bool:
    """Whether the question presumes a deed of which the sentences say nothing: they share its names alone.

    "When did Orrin buy Halden?" is not answered by what else Orrin did with Halden. Told by words, their synonyms and
    kin; never so where only something said or done at all is asked for.
    """
    if not _DEED.search(question.text):
        return False
    tokens = _read(question.text).tokens
    plain = [one for one in tokens if one.content and one.kind == "word" and one.text.lower() not in _TELLS | _VAGUE]
    told = list(sentences)
    if not plain or not set(words_of(" ".join(told))).isdisjoint(words_of(" ".join(one.text for one in plain))):
        return False  # nearly always; reading the sentences takes longer
    known = {token.key for sentence in told for token in _read(sentence).tokens}
    return not any(_is_told(one.key, known) for one in plain)


def _is_told(key: str, known: Collection[str]) -> bool:
    return key in known or any(are_synonyms(key, other) or are_kin(key, other) for other in known)


@lru_cache(maxsize=4096)
def _read(text: str) -> Reading:
    """The reading of a text, kept: the sentences of the same evidence come again with the next question."""
    return read_sentence(text)


def _denied(asked: Reading, told: Reading) -> bool:
    """Whether one side denies and the other does not: a negation of the question alone, or over a deed both name.

    "Who sells it?" is not answered by who does not sell it. "What did he say about backdoors?" is, by "no backdoors".
    """
    if _negates(asked):
        return not _negates(told)
    if any(token.text.lower() in _TELLS for token in asked.tokens):
        return False
    undone = set(_undone(told)) - {token.key for token in told.content if not token.negated}
    return any(token.key in undone for token in asked.content)


def _undone(told: Reading) -> Iterator[str]:
    """The keys of the words right after "not", "never" and their like."""
    for cue, token in pairwise(told.tokens):
        word = cue.text.lower()
        if token.negated and (word in _UNDOES or word.endswith("n't")):
            yield token.key


def _negates(reading: Reading) -> bool:
    return any(is_negation(token.text.lower()) or token.key in _LEAVES_OUT for token in reading.tokens)


def _opposed(asked: Reading, told: Reading, before: Reading) -> bool:
    """Whether the sentence says what the question does, but for a word that it has the opposite of."""
    own, known = {token.key for token in asked.tokens}, {token.key for token in told.tokens}
    if sum(token.key in known for token in asked.content) < _ALIKE * len(asked.content):
        return False
    foreign = own - known - {token.key for token in before.tokens} - _SMALL_WORDS
    return any(are_opposites(one, other) for one in foreign for other in known - own - _SMALL_WORDS)


def _is_figure(token: Token) -> bool:
    """Whether it is a year or a figure that has only one form."""
    return token.kind in ("figure", "date") and sum(map(str.isdigit, token.text)) >= _LEAST_DIGITS


def _is_name(token: Token) -> bool:
    return token.kind in ("name", "code") and not token.opening


def _stands_in(token: Token, readings: Sequence[Reading]) -> bool:
    """Whether some reading holds it: the same, in another form, misspelt, or as the words an acronym stands for."""
    return any(_same(token, other) for reading in readings for other in reading.tokens) or is_acronym(token, readings)


def _same(one: Token, other: Token) -> bool:
    if one.key == other.key or says_same(one, other):
        return True
    if not _is_name(one) or not other.content:
        return False
    return any(alike(one.key, other.key) for alike in (same_name, are_synonyms, _spelt_alike))


def _spelt_alike(one: str, other: str) -> bool:
    """Whether two words are one, but for a slip of the keys: ``zeria`` and ``zeira``."""
    if min(len(one), len(other)) < _LEAST_SPELT or abs(len(one) - len(other)) > 2 or one[0] != other[0]:
        return False
    return SequenceMatcher(None, one, other).ratio() >= _SPELT_ALIKE

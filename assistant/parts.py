"""A question of several parts, cut into them: ``what Fortune says of X, while The Verge reports Y``. Pure functions.

Each part is searched for on its own, so that the evidence holds something for every part and not only for the loudest.
"""

import re
from collections.abc import Iterator

from ingest.terms import words_of

__all__ = ["parts_of", "sides_of"]

_MIN_TERMS = 3  # of a part
_MIN_TERMS_IN_ALL = 12  # of a question worth cutting: below, its parts say too little each
_MAX_PARTS = 4
_CUT = re.compile(
    r"(?<=[,;?!])\s+|(?<=[^\W\d]\.)\s+|\s+(?=(?:while|whereas|but|versus|vs\.?|and|or|as well as)\s)", re.IGNORECASE
)
_ENDS_IN_NAME = re.compile(r"(?<!\S)['\"‘“]?[A-Z][\w.&'’-]*['\"’”]?$")
_AND_NAME = re.compile(r"\s+(?:and|or)\s+(?:the\s+)?['\"‘“]?[A-Z]")
_COMPARES = re.compile(r"\b(?:compar\w+|differ\w*|versus|vs|than|both|either|respectively)\b", re.IGNORECASE)
_LINK = re.compile(r"\W*(?:(?:and|or|versus|vs|than)\W+)(?:the\W+)?", re.IGNORECASE)
# "Between" alone names one thing, as a treaty between two countries.
_ONE_THING = re.compile(r"(?<!difference )(?<!differences )\bbetween\b", re.IGNORECASE)
_NAMED = re.compile(r"(?<!\S)(?=\S*[A-Z])[A-Z0-9][\w.&-]*\w(?:['’]s)?(?:\s+[A-Z0-9](?:[\w.&-]*\w)?\b)*")
_FIRST_WORD = re.compile(r"\W*\S+\s+(?:the\s+)?", re.IGNORECASE)
_MIN_TERMS_OF_SIDE = 2


def parts_of(question: str) -> list[str]:
    """The parts of a question, at most four, in its order; empty when it is best searched for as a whole.

    A long question is cut at its clauses; a shorter one that compares two names is asked of each.
    """
    return _clauses(question) or sides_of(question)


def _clauses(question: str) -> list[str]:
    """The clauses of a long question; two names joined by ``and`` stay together."""
    if len(set(words_of(question))) < _MIN_TERMS_IN_ALL:
        return []
    parts: list[str] = []
    for piece in _pieces(question):
        if parts and (len(words_of(piece)) < _MIN_TERMS or len(words_of(parts[-1])) < _MIN_TERMS):
            parts[-1] += " " + piece
        else:
            parts.append(piece)
    if len(parts) > 1 and len(words_of(parts[-1])) < _MIN_TERMS:
        parts[-2:] = [" ".join(parts[-2:])]
    longest = sorted(range(len(parts)), key=lambda place: -len(words_of(parts[place])))[:_MAX_PARTS]
    return [parts[place] for place in sorted(longest)] if len(parts) > 1 else []


def _pieces(question: str) -> Iterator[str]:
    start = 0
    for cut in _CUT.finditer(question):
        if not (_AND_NAME.match(question, cut.start()) and _ENDS_IN_NAME.search(question[: cut.start()])):
            yield question[start : cut.start()]
            start = cut.end()
    yield question[start:]


def sides_of(question: str) -> list[str]:
    """A short question about two names, once for each of them; empty when it is not such a one."""
    opener = _FIRST_WORD.match(question)
    found = list(_NAMED.finditer(question, opener.end())) if opener else []
    if len(found) != 2 or len(set(words_of(question))) >= _MIN_TERMS_IN_ALL or _ONE_THING.search(question):
        return []
    first, second = (name.span() for name in found)
    linked = _LINK.fullmatch(question, first[1], second[0])
    if first == second or not (linked or _COMPARES.search(question)):
        return []
    sides = [_without(question, *second), _without(question, *first)]
    if any(len(set(words_of(side))) < _MIN_TERMS_OF_SIDE for side in sides):
        return []
    return [_COMPARES.sub("", side) for side in sides]  # an article that tells of one does not compare it


def _without(text: str, start: int, end: int) -> str:
    return f"{text[:start].rstrip()} {text[end:].lstrip()}"

"""A question of several parts, cut into them: ``what Fortune says of X, while The Verge reports Y``. Pure functions.

Each part is searched for on its own, so that the evidence holds something for every part and not only for the loudest.
"""

import re

from ingest.terms import words_of

__all__ = ["parts_of"]

_MIN_TERMS = 3  # of a part
_MIN_TERMS_IN_ALL = 12  # of a question worth cutting: below, its parts say too little each
_MAX_PARTS = 4
_CUT = re.compile(
    r"(?<=[,;?!])\s+|(?<=[^\W\d]\.)\s+|\s+(?=(?:while|whereas|but|versus|vs\.?|and|or|as well as)\s)", re.IGNORECASE
)


def parts_of(question: str) -> list[str]:
    """The parts of a long question, at most four, in its order; empty when it is best searched for as a whole."""
    if len(set(words_of(question))) < _MIN_TERMS_IN_ALL:
        return []
    parts: list[str] = []
    for piece in _CUT.split(question):
        if parts and (len(words_of(piece)) < _MIN_TERMS or len(words_of(parts[-1])) < _MIN_TERMS):
            parts[-1] += " " + piece
        else:
            parts.append(piece)
    if len(parts) > 1 and len(words_of(parts[-1])) < _MIN_TERMS:
        parts[-2:] = [" ".join(parts[-2:])]
    longest = sorted(range(len(parts)), key=lambda place: -len(words_of(parts[place])))[:_MAX_PARTS]
    return [parts[place] for place in sorted(longest)] if len(parts) > 1 else []

"""Sentences that say what a thing is or who somebody is: "HBM is ordinary DRAM", "Robin Li, the founder".

For `assistant.candidates`, where a question wants just that. Rules over words; English.
"""

import re
from functools import lru_cache
from typing import Final

from assistant.polarity import is_past

__all__ = ["says_what_it_is"]

_IS: Final = (
    r"(?:is|are|was|were)\s+(?!(?:not|being|also|to|in|on|at)\b)(?P<done>\w+)"
    r"|(?:stands?|stood)\s+for\b|means?\b|refers?\s+to\b|consists?\s+of\b"
)
_CALLED: Final = r"\b(?:called|named|termed|dubbed|known\s+as)"
_ASIDE: Final = r"(?:\s*\([^()]{1,60}\))?"


def says_what_it_is(thing: str, sentence: str) -> bool:
    """Whether a sentence says what the thing is: as its subject, beside its name, or where it is given the name."""
    found = _saying(thing.lower()).search(sentence)
    return found is not None and not (found["done"] and is_past(found["done"].lower()))


@lru_cache(maxsize=64)
def _saying(thing: str) -> re.Pattern[str]:
    """The ways in which a sentence may say what a thing is."""
    name = r"\s+".join(re.escape(word) for word in thing.removesuffix("s").split()) + r"(?:e?s)?\b"
    return re.compile(
        rf"^\W*(?:(?:an?|the)\s+)?{name}{_ASIDE}[”\"’']?,?\s+(?:{_IS})"
        rf"|^\W*{name}{_ASIDE},\s+(?:who|which|[\w’']+[’']s)\b|\b{name}{_ASIDE},\s+(?:an?|the|one)\b|,\s+{name},"
        rf"|[\w)],\s+(?:an?|the|\w+[’']s)\s[^,.]{{3,60}},\s+{name}|{_CALLED}\s+(?:an?\s+|the\s+)?[“\"‘']?{name}",
        re.IGNORECASE,
    )

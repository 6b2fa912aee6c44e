"""Outlets that a question names: ``according to The Verge`` prefers what The Verge published. Pure functions.

The names are those of the index's own source column; no list of outlets is kept here.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

__all__ = ["named_outlets", "short_name"]

_SECTION = re.compile(r"\s+[|–—-]\s+.*$|:\s.*$")
_DOMAIN = re.compile(
    r"^(?:www\.)?(.+?)\.(?:com|org|net|info|co|news|tv|io|eu|uk|de|fr|in|au|cn|jp)(?:\.\w\w)?$", re.IGNORECASE
)
_ARTICLE = re.compile(r"^the\s+", re.IGNORECASE)
_MIN_CHARS = 3


def named_outlets(question: str, sources: Iterable[str]) -> dict[str, tuple[int, int]]:
    """The sources that a question names, each with the span of its first mention; empty when it names none.

    A name counts where it starts with a capital letter or a digit, as outlets' names do: ``Fortune``, not ``fortune``.
    """
    found = {}
    for source in sources:
        if (mention := _mention(source)) and (match := mention.search(question)):
            found[source] = match.span()
    return found


@lru_cache(maxsize=20_000)
def short_name(source: str) -> str:
    """A source's name as people say it: without its section, its domain's ending and a leading ``The``."""
    name = _SECTION.sub("", source.strip())
    if domain := _DOMAIN.match(name):
        name = domain[1]
    return _ARTICLE.sub("", name)


@lru_cache(maxsize=20_000)
def _mention(source: str) -> re.Pattern[str] | None:
    name = short_name(source)
    if len(name) < _MIN_CHARS:
        return None
    return re.compile(rf"(?<!\w)(?=[^\W_a-z])(?i:{re.escape(name)})(?!\w)")

"""The lines of a page that say who wrote the article, when, and where it first appeared. Pure functions.

Place in the flow: text and HTML readers -> **byline** -> Metadata.
"""

import re

from ingest.clean import ends_sentence, one_line
from ingest.dates import iso_date
from ingest.readers.furniture import MAX_CHARS, count_words

_BYLINE = re.compile(
    r"\W*(?:(?:written |posted |published |reported )?by\s+\S|(?:published|posted|updated|last updated|modified"
    r"|publicado|atualizado|veröffentlicht|stand|publié|aktualisiert)\b|"
    r"(?:par|von|por|di)\s+[A-Z]|\d+\s*(?:min(?:ute)?s?\.?)\s*(?:read|to read)?\W*$|\d+ (?:minutes?|hours?|days?"
    r"|weeks?|months?) ago)",
    re.IGNORECASE,
)
_MODIFIED = re.compile(
    r"\b(?:updated|modified|revised|atualizado|aktualisiert|actualizado|mis à jour)\b", re.IGNORECASE
)
_WRITER = re.compile(
    r"\W*(?:(?i:(?:written |posted |story |words )?by|von|par|por|di|door)\s+)(?P<name>[^\W\d_a-z][^|·•\d\n]{1,80}?)"
    r"(?=\s*(?:[|·•–—(]|,\s|\s-\s|$)|\s+(?i:on|for|published|updated|posted|in)\b|\s+\d|\s+(?i:jan|feb|mar|apr|may"
    r"|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b)"
)
_THING = r"(?:post|article|story|piece|essay|report|column|interview|analysis|version|text|item|review|excerpt|op-ed)"
_FIRST_APPEARED = re.compile(
    rf"(?:the\s+post\s+.{{1,200}}?\s+|(?:this|the|a"
    rf"|an)\s+(?:\w+\s+){{0,3}}{_THING}\b(?:\s+of\s+this\s+{_THING})?\s+)?(?:(?:was|is|has|had|been)\s+)*"
    r"(?:(?:originally|first|previously)\s+(?:appeared|published|posted|ran|written|reported|produced"
    r"|featured)(?:\s+(?:on|in|by|at|for))+"
    r"|(?:re-?published|reprinted|reposted|cross-?posted|syndicated|adapted|excerpted|taken)(?:\s+(?:here"
    r"|with\s+permission))*\s+(?:from|courtesy\s+of)|appeared\s+first\s+(?:on|in|at))\s+"
    r"(?:the\s+website\s+of\s+|the\s+blog\s+of\s+)?(?P<name>.{2,80}?)"
    r"(?=[.!]?\W*$|[.!]\s|,\s|\s+\(|\s+(?:on|in)\s+(?:\d|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))"
    r"|\s+(?:and\s+(?:is|was|has)|under|with|by|as|where|which)\b)",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(
    r"\W*(?:©|\(c\)|copyright)\s*(?:©"
    r"|\(c\))?\s*(?:\d{4}(?:\s?[-–]\s?\d{2,4})?)[,\s]+(?:by\s+)?(?P<name>[^.,|·©]{2,60}?)(?=\.|,|\||·|\s+all rights|$)",
    re.IGNORECASE,
)
_MAX_ORIGIN_WORDS = 45


def is_byline(text: str) -> bool:
    """Whether a line at the head names the writer or the time of writing and says nothing else."""
    words = count_words(text) if len(text) <= MAX_CHARS else MAX_CHARS
    if words > 30 or (ends_sentence(text) and (words > 12 or not names_a_date(text))):
        return False
    return _BYLINE.match(text) is not None or (words <= 16 and not ends_sentence(text) and names_a_date(text))


def names_a_date(text: str) -> bool:
    """Whether the line holds a calendar date, also one whose day and month could be either."""
    return iso_date(text) is not None or re.search(r"\b\d{1,2}[./-]\d{1,2}[./-]\d{4}\b", text) is not None


def is_modified(text: str) -> bool:
    """Whether a line speaks of a change made later, so that its date is not that of publication."""
    return _MODIFIED.search(text) is not None


def writer_of(text: str) -> str:
    """The name in a byline: ``By Jane Doe, Staff Writer`` names Jane Doe; empty when the line is no byline."""
    match = _WRITER.match(text) if len(text) <= MAX_CHARS else None
    return one_line(match["name"]).strip(" ,.-") if match else ""


def origin_of(text: str) -> str:
    """The outlet in a line such as ``This post originally appeared on The Daily``; empty when it is no such line."""
    if len(text) > MAX_CHARS or count_words(text) > _MAX_ORIGIN_WORDS:
        return ""
    match = _FIRST_APPEARED.match(text.strip(" \t*_([—–-"))
    return one_line(match["name"]).strip(" *_\"'“”‘’") if match else ""


def outlet_of_copyright(text: str) -> str:
    """The outlet in a line such as ``© 2025 The Daily. All rights reserved.``; empty when it is no such line."""
    match = _COPYRIGHT.match(text) if len(text) <= MAX_CHARS else None
    return one_line(match["name"]) if match else ""

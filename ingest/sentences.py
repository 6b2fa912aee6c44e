"""Text into sentences, as spans: the chunker cuts passages between them, the answerer quotes them whole.

One pass over the places where a sentence can end (a stop, a line's end), each judged by the words on both sides.
Standard library only; on the indexing path, so it does nothing per character.
"""

import re
from typing import Final

# A stop with what closes after it (quotes, brackets, footnote marks), or a line's end with the white space after it.
# The plain character class in front lets `re` skip ahead quickly; nothing here can backtrack.
_CANDIDATE: Final = re.compile(
    r"[.!?…。！？｡\n]"
    r"(?:(?<=\n)\s*"
    r"|(?<=[.!?…])[.!?…]*(?: \.)*(?:[\"'”’»)\]]| ''|\[\d{1,3}\])*"
    r"|(?<=[。！？｡])[。！？｡]*[」』”’）】》\"')]*)"
)
_WORD_BEFORE: Final = re.compile(r"[^\s(\[{\"“‘«—–/-]*\Z")
_WORD_AFTER: Final = re.compile(r"\s*[\"'“”‘’«(\[`]*(\w*)")
_LIST_MARK: Final = re.compile(r"(?:[-*+•·◦▪‣–—] |\(?(?:\d{1,3}|[A-Za-z])[.)] |#{1,6} |[>|])")
_ONLY_A_MARK: Final = re.compile(r"\s*[(\[\"“]?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})\Z")
_CJK_GOES_ON: Final = "とってなのはがをにでも，、；："


def _words(listed: str) -> frozenset[str]:
    """The words of a list, for looking up."""
    return frozenset(listed.split())


# Before a name: never the end of a sentence.
_TITLES: Final = _words(
    "Mr Mrs Ms Mx Messrs Dr Prof Rev Hon Sen Rep Gov Gen Lt Col Maj Capt Cmdr Sgt Cpl Adm Pres Supt Insp Amb Fr St Mt "
    "Ft vs v e.g i.e cf viz approx pp"
)
# Before a number: not the end of a sentence.
_BEFORE_NUMBERS: Final = _words(
    "no nos nr p pp fig figs vol vols ch sec art eq pt ver v c ca est ext para "
    "jan feb mar apr jun jul aug sep sept oct nov dec"
)
# The end of a sentence only when a word that opens sentences follows.
_MAYBE: Final = _words(
    "Inc Corp Co Ltd LLC Plc PLC Bros Jr Sr Esq etc al Dept Univ Assn Intl Natl Govt Ave Blvd Rd Hwy Bldg a.m p.m Ph.D "
    "M.Sc B.Sc LL.B D.Phil Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun"
)
_OPENERS: Final = _words(
    "the a an this that these those it its he his she her they their we our you your i my there here what which who "
    "when where why how if in on at by for from with without after before during since until while although though as "
    "because but and or so yet nor however moreover meanwhile also then now today yesterday some many most several all "
    "both each every no not one two three under over about among despite"
)
# Lines at most this wide can be hard-wrapped text; mail and terminals wrap at 60 to 132, wider lines are paragraphs.
_WRAP_WIDTH: Final = (40, 140)


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Spans ``(start, end)`` of the sentences of ``text``: in order, disjoint, trimmed of white space.

    Every character that is not white space lies in exactly one span. A blank line always ends a sentence; a single
    line's end does so after a heading or a list item, not within hard-wrapped text. No text gives an empty list.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for found in _CANDIDATE.finditer(text):
        at, end = found.span()
        first = text[at]
        if first == "\n":
            if not _line_ends_sentence(text, start, at, end):
                continue
            end = at
        elif first in "。！？｡":
            if text[end - 1] in "」』”’" and text[end : end + 1] in _CJK_GOES_ON and end < len(text):
                continue
        elif not _stop_ends_sentence(text, start, at, end):
            continue
        _add_trimmed(spans, text, start, end)
        start = end
    _add_trimmed(spans, text, start, len(text))
    return spans


def _add_trimmed(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    """Adds ``text[start:end]`` without the white space around it; nothing when nothing is left."""
    piece = text[start:end]
    whole = piece.strip()
    if whole:
        start += len(piece) - len(piece.lstrip())
        spans.append((start, start + len(whole)))


def _stop_ends_sentence(text: str, start: int, at: int, end: int) -> bool:
    """Whether the stop ``text[at:end]`` ends the sentence that began at ``start``."""
    if end == len(text):
        return True
    if not text[end].isspace():
        return False
    after = _WORD_AFTER.match(text, end)
    following = after[1] if after else ""
    if following[:1].islower():
        return False
    if text[at] != "." or end - at > 1:
        return True
    if _ONLY_A_MARK.match(text, start, at):
        return False
    return not _is_abbreviation(text, start, at, following)


def _is_abbreviation(text: str, start: int, at: int, following: str) -> bool:
    """Whether the full stop at ``at`` belongs to the word before it and ends nothing, given the word after it."""
    found = _WORD_BEFORE.search(text, max(start, at - 24), at)
    written = found[0] if found else ""
    if written in _TITLES or (following[:1].isdigit() and written.lower() in _BEFORE_NUMBERS):
        return True
    initials = all(len(part) == 1 and part.isalpha() for part in written.split(".")) and (
        written.isupper() or "." in written
    )
    if initials or written in _MAYBE:
        return bool(following) and following.lower() not in _OPENERS
    return False


def _line_ends_sentence(text: str, start: int, at: int, end: int) -> bool:
    """Whether the white space ``text[at:end]``, which begins with a line's end, ends the sentence from ``start``."""
    if end == len(text) or text.count("\n", at, end) > 1 or _LIST_MARK.match(text, end):
        return True
    line_start = text.rfind("\n", 0, at) + 1
    line = text[line_start:at].strip()
    if not line or line[0] == "#":
        return True
    if text[end].islower() or line[-1] in ",;-–—(":
        return False
    return not _is_wrapped(text, at, end, len(line))


def _is_wrapped(text: str, at: int, end: int, width: int) -> bool:
    """Whether the line of ``width`` characters that ends at ``at`` was broken only because the next word did not fit.

    The width of the page is taken from this line and its two neighbours: wrapped lines are about equally long.
    """
    next_end = text.find("\n", end)
    next_width = (next_end if next_end >= 0 else len(text)) - end
    before = text.rfind("\n", 0, at)
    previous_width = before - text.rfind("\n", 0, before) - 1 if before > 0 else 0
    page = max(width, next_width, previous_width)
    if not _WRAP_WIDTH[0] <= page <= _WRAP_WIDTH[1]:
        return False
    space = text.find(" ", end, end + 40)
    word = (space if space >= 0 else min(end + 40, end + next_width)) - end
    return width + 1 + word > page

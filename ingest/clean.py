"""Characters and lines put in order: what every reader does to text before it becomes an article. Pure functions.

Place in the flow: reader -> **clean** -> Article. Nothing here knows a file format; furniture is taken off in
``readers/furniture.py``, because what counts as furniture depends on where the text came from.
"""

import re
import unicodedata

# Line ends of every system, and the form feeds and separators that stand for them.
_LINE_END_CHARACTERS = "\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029"
_LINE_ENDS = re.compile(f"\r\n|[{_LINE_END_CHARACTERS}]")
# Controls, invisible joiners and byte order marks carry no text; U+200C and U+200D do (Persian, Hindi, emoji) and stay.
_INVISIBLE_CHARACTERS = (
    "\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
)
_INVISIBLE = re.compile(f"[{_INVISIBLE_CHARACTERS}]")
_ODD = re.compile(f"[{_LINE_END_CHARACTERS}{_INVISIBLE_CHARACTERS}]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_OTHER_SPACES = "\t\xa0\u1680\u2000-\u200a\u202f\u205f"
_INNER_SPACES = re.compile(rf"(?<=\S)[ {_OTHER_SPACES}]{{2,}}|[{_OTHER_SPACES}]")
_UNTIDY_SPACES = re.compile(f"  |[{_OTHER_SPACES}]| \n")
_TRAILING = re.compile(r"(?<![ \t])[ \t]+$", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n{3,}")
_SENTENCE_END = re.compile(r"[.!?…:;。！？：；][\"'”’»)\]]{0,9}\Z")

WRAP_WIDTH = 100  # characters: wider lines are not hard-wrapped text, in any of the usual conventions (72 to 100)


def normalise(text: str) -> str:
    """The text in NFC, with ``\\n`` line ends, no control characters, no lone surrogates and plain spaces."""
    if _ODD.search(text):
        text = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))
    if not text.isascii():
        text = _SURROGATE.sub("\ufffd", text)
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
    return text


def tidy(text: str) -> str:
    """The text with paragraphs one blank line apart, no trailing spaces, and no runs of spaces inside a line.

    Indentation stays: a code block is nothing without it.
    """
    if _UNTIDY_SPACES.search(text):
        text = _TRAILING.sub("", _INNER_SPACES.sub(" ", text))
    return _BLANK_LINES.sub("\n\n", text).strip()


def one_line(text: str) -> str:
    """The text on a single line, every run of white space made one space: for titles, names and labels."""
    return " ".join(normalise(text).split())


def ends_sentence(line: str) -> bool:
    """Whether the line ends as a sentence does, closing quotes and brackets aside."""
    return _SENTENCE_END.search(line[-10:].rstrip()) is not None


def join_wrapped(block: str) -> str:
    """A block of lines as paragraphs: hard-wrapped lines joined, one-line paragraphs set apart, other line breaks kept.

    Joined when no line is wider than ``WRAP_WIDTH`` and every line but the last fills most of the width. Set apart
    when the lines are long and end as sentences do. A list, a table or a poem is neither, and stays as it is.
    """
    lines = block.split("\n")
    if len(lines) < 2:
        return block
    widths = [len(line) for line in lines]
    widest = max(widths)
    if 40 <= widest <= WRAP_WIDTH and min(widths[:-1]) >= 0.7 * widest:
        return _join_lines(lines)
    if sum(widths) / len(widths) > WRAP_WIDTH and all(
        width > WRAP_WIDTH or ends_sentence(line) for width, line in zip(widths, lines, strict=True)
    ):
        return "\n\n".join(lines)
    return block


def _join_lines(lines: list[str]) -> str:
    """The lines as one, a word broken by a hyphen at a line's end made whole."""
    joined = lines[0]
    for line in lines[1:]:
        joined = join_hyphenated(joined, line)
    return joined


def join_hyphenated(before: str, after: str) -> str:
    """Two lines of one paragraph as one line: ``inter-`` and ``connect`` become ``interconnect``.

    The hyphen goes only between two small letters, and only when what stands before it looks like the start of a
    word: ``AI-`` + ``based`` keeps its hyphen.
    """
    if (
        len(before) > 2
        and before[-1] in "-\u2010"
        and before[-2].islower()
        and before[-3].isalpha()
        and after[:1].islower()
    ):
        return before[:-1] + after
    if before.endswith(("-", "\u2010", "\u2014")):
        return before + after
    return f"{before} {after}"

"""A model's Markdown as plain text: what is left can be shown anywhere and loads, links and runs nothing.

Also used on the unfinished end of a text, so half a tag or half a link is never shown. Pure functions.
"""

import re

_INVISIBLE = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # terminal commands with a text, links among them
    r"|\x1b\[[0-?]*[ -/]*[@-~]?|\x1b."  # terminal commands: colours, cursor
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
    r"|[\U000e0000-\U000e01ef]",  # tag letters and spare variation selectors, known hiding places for instructions
    re.DOTALL,
)
_HIDDEN_ELEMENT = re.compile(r"<(script|style|iframe|svg|template)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")
_TAG_START = re.compile(r"<(?=[a-zA-Z/!?])")
_IMAGE = re.compile(r"!\[[^\[\]]*\](?:\([^()\s]*(?:\s[^()]*)?\)|\[[^\[\]]*\])?")
_LINK = re.compile(r"(?<!!)\[([^\[\]]*)\](?:\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s[^()]*)?\))")
_SCHEME = re.compile(
    r"\b(?:[a-z][a-z0-9+.-]{1,20}://|(?:javascript|data|vbscript|mailto|file):(?=\S)|www\.(?=\w))"
    r"|(?<![\w:/])//(?=\w)",  # what Markdown or a browser makes a link of without a scheme
    re.IGNORECASE,
)
_LINE_MARK = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[-*+•][ \t]+|\d{1,2}[.)][ \t]+(?=\D)|\|)", re.MULTILINE)
_STRONG = re.compile(r"\*\*|~~|`+|(?<!\w)__(?=\S)|(?<=\S)__(?!\w)")
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])|(?<!\w)_(?=\S)([^_\n]+?)(?<=\S)_(?!\w)")
_EMPTY_BRACKETS = re.compile(r"[ \t]*(?:\([\s,;]*\)|\[[\s,;]*\]|【[\s,;]*】)")
_SPACE_BEFORE_STOP = re.compile(r"\s+(?=[.,;](?:\s|\Z))")
_HALF_AT_END = re.compile(
    r"(?:<[a-zA-Z/!?]?[^<>]*|!?\[[^\[\]]{0,300}(?:\](?:\((?:[^()]++|\([^()]*+\)?+)*+)?)?|[*_`~!]+)\Z"
)


def plain_text(markdown: str) -> str:
    """The words of a piece of Markdown on one line: no images, tags, links, emphasis, list marks or hidden characters.

    A link leaves its text, an address loses its scheme. ``plain_text(plain_text(x)) == plain_text(x)``.
    """
    text = markdown
    while (simpler := _simplified(text)) != text:  # each round is shorter, so it ends: tags can be nested into tags
        text = simpler
    return text


def plain_tail(markdown: str) -> str:
    """The same for a text that is still being written: what may yet become a tag, a link or an image is held back."""
    return plain_text(_HALF_AT_END.sub("", markdown))


def _simplified(text: str) -> str:
    """One round of `plain_text`. Never longer than what it was given."""
    text = _INVISIBLE.sub("", text)
    text = _TAG_START.sub("", _TAG.sub("", _COMMENT.sub("", _HIDDEN_ELEMENT.sub("", text))))
    while (fewer := _IMAGE.sub("", text)) != text:  # from the inside out
        text = fewer
    text = _LINK.sub(r"\1", text)
    text = _SCHEME.sub("", text)
    text = _EMPHASIS.sub(r"\1\2", _STRONG.sub("", _LINE_MARK.sub("", text)))
    return " ".join(_SPACE_BEFORE_STOP.sub("", _EMPTY_BRACKETS.sub("", text)).split())

"""A sentence read for checking: its words, figures, dates and names in order, each with what stands over it.

`assistant.verify` reads the sentence to check and the sentences it rests on alike, then compares token by token.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Final, Literal

from assistant.calendar_dates import CalendarDate, read_dates
from assistant.figures import Figure, read_figures
from assistant.polarity import FUNCTION_WORDS, hedge_level, is_negation, stem

__all__ = ["Reading", "Token", "bare_text", "quotations", "read_sentence"]

Kind = Literal["word", "name", "code", "figure", "date"]

_MARKER: Final = re.compile(r"\s*(?:\[\s*\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\s*\]|【[^】]{0,20}】)")
_LINK: Final = re.compile(r"!?\[([^\]\n]*)\]\([^)\s]*\)")
_MARKDOWN: Final = re.compile(
    r"\*\*|__|`+|(?m:^\s{0,3}(?:#{1,6}|[-*+•>]|\d{1,2}[.)])\s+)|(?<![\w*])\*(?=\w)|(?<=\w)\*(?![\w*])"
)
_STYLES: Final = str.maketrans("‘’ʼ‐‑", "'''--")
_THOUSANDS: Final = re.compile("(?<=\\d)[\u00a0\u2009\u202f](?=\\d{3}(?!\\d))")
_QUOTED: Final = re.compile(
    r'"([^"\n]{2,})"'
    r"|“([^”“\n]{2,})”|„([^“”\n]{2,})[“”]|«\s?([^»\n]{2,}?)\s?»"
    r"|「([^」\n]{2,})」|『([^』\n]{2,})』"
    r"|(?<![\w])['‘]((?=[^\s'‘’])[^'‘’\n]*(?:(?<=\w)['’](?=\w)[^'‘’\n]*)*[^\s'‘’])['’](?!\w)"
)
_WORD: Final = re.compile(
    r"(?:[A-Za-z]\.){2,}|[^\W_]+(?:'[^\W_]+)*(?:-(?=[^\W_]*\d)[^\W_]+(?:'[^\W_]+)*)*(?:&[A-Z])?|[.;:!?,()]|--|[–—]"
)
_PREFIXED: Final = re.compile(r"(?i)(?<=\b(?:non|pre))-(?=[a-z]{3})")  # non-invasive, noninvasive
_UNSPACED: Final = re.compile(r"[぀-ヿ㐀-鿿가-힯฀-๿]")
_PAUSE: Final = frozenset(",;:.!?()--–—")
_NOT_ONLY: Final = frozenset("only just merely simply".split())
_SCOPE: Final = 4  # words after "not" within which the first content word is the one it denies


@dataclass(frozen=True, slots=True)
class Token:
    """One thing a sentence says, at ``text[start:end]`` of its bare text.

    key: equal for tokens that say the same. content: carries meaning of its own (not ``the``, ``of``).
    negated: a word such as not, no, without stands over it. hedge: 0 stated, 1 planned, 2 possible or alleged.
    opening: it opens a sentence, where any word is capitalised.
    """

    key: str
    kind: Kind
    text: str
    start: int
    end: int
    content: bool = True
    negated: bool = False
    hedge: int = 0
    opening: bool = False
    figure: Figure | None = None
    date: CalendarDate | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence and its tokens in order."""

    text: str
    tokens: tuple[Token, ...]

    def of(self, *kinds: Kind) -> list[Token]:
        """Its tokens of some kinds, in order."""
        return [token for token in self.tokens if token.kind in kinds]

    @property
    def content(self) -> list[Token]:
        """The tokens that carry meaning."""
        return [token for token in self.tokens if token.content]


def bare_text(text: str) -> str:
    """The text without Markdown marks and citation markers, in plain quotes and spaces."""
    text = _THOUSANDS.sub(",", _LINK.sub(r"\1", _MARKER.sub("", text)))
    text = unicodedata.normalize("NFC", _MARKDOWN.sub("", text)).translate(_STYLES)
    return re.sub(r"\s+", " ", text).strip()


def quotations(text: str) -> list[str]:
    """The words within quotation marks of any style; at least two characters."""
    return [next(group for group in match.groups() if group) for match in _QUOTED.finditer(text)]


def read_sentence(text: str) -> Reading:
    """The reading of a sentence. Never fails; text of other scripts gives one token a character."""
    bare = _PREFIXED.sub("", bare_text(text))
    dates = read_dates(bare)
    spans = [(date.start, date.end) for date in dates]
    figures = read_figures(bare, spans)
    tokens = [Token(f"@{date.text.lower()}", "date", date.text, date.start, date.end, date=date) for date in dates]
    tokens += [Token(_figure_key(one), "figure", one.text, one.start, one.end, figure=one) for one in figures]
    taken = spans + [(one.start, one.end) for one in figures]
    tokens += _words(bare, taken)
    tokens.sort(key=lambda token: token.start)
    return Reading(bare, tuple(_under_cues(tokens)))


def _figure_key(figure: Figure) -> str:
    """Equal for figures of equal value and unit."""
    return f"#{figure.value:.12g} {figure.unit}"


def _words(text: str, taken: list[tuple[int, int]]) -> list[Token]:
    """The words and pauses of a text outside the spans that are taken."""
    inside = bytearray(len(text) + 1)
    for start, end in taken:
        inside[start:end] = b"\1" * (end - start)
    tokens, opening = [], True
    for match in _WORD.finditer(text):
        if inside[match.start()]:
            opening = False
            continue
        for piece, start in _pieces(match[0], match.start()):
            token = _word_token(piece, start, opening)
            tokens.append(token)
            opening = piece in ".!?:" or (opening and piece in "()")
    return tokens


def _pieces(word: str, start: int) -> list[tuple[str, int]]:
    """A word, or the characters of a word of a script that writes without spaces."""
    if _UNSPACED.search(word):
        return [(character, start + i) for i, character in enumerate(word)]
    return [(word, start)]


def _word_token(word: str, start: int, opening: bool) -> Token:
    """The token of one word: a name when it is capitalised, a code when it mixes letters and digits."""
    end = start + len(word)
    if word in _PAUSE:
        return Token(word, "word", word, start, end, content=False)
    lowered = word.lower()
    plain = lowered.removesuffix("'s").replace(".", "")
    if any(c.isdigit() for c in word):
        return Token(plain.replace("-", ""), "code", word, start, end, opening=opening)
    content = plain not in FUNCTION_WORDS and not is_negation(lowered)
    acronym = len(plain) > 1 and word.removesuffix("'s").replace(".", "").isupper()
    kind: Kind = "name" if word[0].isupper() and (content or acronym) and lowered != "i" else "word"
    return Token(stem(plain) or plain, kind, word, start, end, content or acronym, opening=opening)


def _under_cues(tokens: list[Token]) -> list[Token]:
    """The tokens with negation and hedges laid over the content word that follows each, pauses taken out."""
    marked: list[Token] = []
    negation, hedge, left = 0, 0, 0
    for i, token in enumerate(tokens):
        if token.kind == "word" and token.text in _PAUSE:
            if token.text not in "()":
                negation, hedge = 0, 0
            continue
        lowered = token.text.lower()
        only = i + 1 < len(tokens) and tokens[i + 1].text.lower() in _NOT_ONLY
        if token.kind == "word" and is_negation(lowered) and not only:
            negation, hedge, left = negation + 1, max(hedge, hedge_level(lowered)), _SCOPE
        elif token.kind == "word" and hedge_level(lowered):
            hedge, left = max(hedge, hedge_level(lowered)), _SCOPE
            token = replace(token, content=False)
        elif token.content and (negation or hedge):
            token = replace(token, negated=negation % 2 == 1, hedge=hedge)
            negation, hedge = 0, 0
        else:
            left -= 1
            if left <= 0:
                negation, hedge = 0, 0
        marked.append(token)
    return marked

"""Plain text: notes as they are, and captured pages without their furniture.

Place in the flow: ``.txt`` file -> **read_text** -> Article. A capture is the text of a whole page: menus, headline,
byline, the article, links to others. What is furniture is told by its form and its place; a file that shows none is a
note, and nothing but its title line is taken from it.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from ingest.article import Article, Published
from ingest.clean import ends_sentence, join_wrapped, normalise, one_line
from ingest.dates import published_of
from ingest.readers.byline import is_byline, is_modified, origin_of, outlet_of_copyright, writer_of
from ingest.readers.encoding import decode_text
from ingest.readers.furniture import (
    count_words,
    is_arrow_link,
    is_call,
    is_caption,
    is_comments_label,
    is_cut_off,
    is_label_run,
    is_related_label,
    is_related_line,
    is_reporting_credit,
)
from ingest.readers.metadata import Metadata, metadata_of
from ingest.readers.raw import RawFile

_PARAGRAPH_WORDS = 20  # a block of so many words is running text; a shorter one is when it ends as a sentence does
_SENTENCE_WORDS = 7
_CAPTURE_SIGNS = 2  # lines of furniture that make a file a capture; a single one may be a chance
_LABEL_COST = 6  # words: with these two, F1 on 92 pages as text is 0.906, on whole captures 0.723 (bench/extraction.py)
_MAX_WORTH = 60  # words: a longer paragraph counts no more, so that one long comment does not outweigh the article
_HEADLINE_WORDS = 4
_OPENING_CHARS = 2500
_STEM_CHARS = 5
_WORD = re.compile(r"[^\W\d_]+")
_TITLE_WORDS = 30  # headlines are shorter, the lines under them often longer
_FIELD = re.compile(
    r"(title|headline|source|outlet|publication|author|by|date|published|url|link|language)[ \t]*:[ \t]+(\S.*)",
    re.IGNORECASE,
)
_BLANK = re.compile(r"\n(?:[ \t]*\n)+")
_LIST_ITEM = re.compile(r"(?:[-*•–]|\d{1,3}[.)])\s")


def read_text(raw: RawFile) -> Article:
    """The article of a plain text file; an excerpt where the page says that it goes on elsewhere. Raises ReadError."""
    blocks = [block.strip("\n") for block in _BLANK.split(normalise(decode_text(raw.data)).strip())]
    fields, blocks = _header(blocks)
    furniture = sum(_is_furniture(line) for block in blocks for line in _lines_to_judge(block))
    start, end = _main_stretch(blocks) if furniture >= _CAPTURE_SIGNS else (_first_paragraph(blocks), len(blocks))
    head = [line.strip() for block in blocks[:start] for line in block.split("\n")]
    title = fields.title or _title(head, blocks[start:end])
    body = [*_kept_of_head(head, title, captured=furniture > 0), *blocks[start:end]]
    text = "\n\n".join(map(join_wrapped, _without_furniture(body, title) if furniture else body))
    excerpt = furniture > 0 and _is_cut_off(blocks[start:])
    return raw.article(text or title, _metadata(fields, title, head, blocks), excerpt=excerpt)


def _main_stretch(blocks: Sequence[str]) -> tuple[int, int]:
    """Where the article of a capture begins and ends: the stretch of blocks with most running text and least else.

    The stretch of the largest sum (Bentley 1984), a paragraph counting its words and any other block ``_LABEL_COST``.
    """
    best, best_sum, start, total = (0, len(blocks)), 0, 0, 0
    for at, block in enumerate(blocks):
        if total <= 0:
            start, total = at, 0
        total += min(count_words(block), _MAX_WORTH) if _is_paragraph(block) else -_cost(block)
        if total > best_sum:
            best, best_sum = (start, at + 1), total
    return best


def _cost(block: str) -> int:
    """What a block that is no paragraph takes from a stretch: list items and table rows are often its own."""
    return 1 if _LIST_ITEM.match(block) or "|" in block else _LABEL_COST


def _header(blocks: list[str]) -> tuple[Metadata, list[str]]:
    """The fields that the first block gives in lines such as ``Title: ...``, and the blocks after it."""
    lines = blocks[0].split("\n") if blocks else []
    fields = [match for line in lines if (match := _FIELD.fullmatch(line.strip()))]
    if len(fields) < 2 or len(fields) < len(lines):
        return Metadata(), blocks
    named = {match[1].lower().replace("by", "author"): match[2] for match in fields}
    return metadata_of(named, "byline"), blocks[1:]


def _metadata(fields: Metadata, title: str, head: Sequence[str], blocks: Sequence[str]) -> Metadata:
    """What the header, the lines over the first paragraph and the lines about its origin say of the article."""
    return Metadata(
        title=one_line(title),
        source=fields.source or _first(map(origin_of, blocks)) or _first(map(outlet_of_copyright, blocks[-8:])),
        author=fields.author or _first(map(writer_of, head)),
        published=fields.published or _date_of(head),
        url=fields.url,
        language=fields.language,
    )


def _first(names: Iterable[str]) -> str:
    """The first name that is not empty; empty when all are."""
    return next(filter(None, names), "")


def _date_of(head: Sequence[str]) -> Published | None:
    """The date of the first line over the text that names one and is not about a change."""
    lines = [line for line in head if is_byline(line) and not is_modified(line)]
    return next((published for line in lines if (published := published_of(line, "byline"))), None)


def _first_paragraph(blocks: Sequence[str]) -> int:
    """Where the running text begins; 0 when there is none."""
    return next((at for at, block in enumerate(blocks) if _is_paragraph(block)), 0)


def _is_paragraph(block: str) -> bool:
    """Whether a block is running text: long, or a whole sentence, and no furniture."""
    words = count_words(block)
    whole = words >= _PARAGRAPH_WORDS or (words >= _SENTENCE_WORDS and ends_sentence(block))
    longest = max(map(count_words, block.split("\n")))
    return whole and longest >= _SENTENCE_WORDS and not (_is_furniture(block) or is_byline(block) or origin_of(block))


@lru_cache(maxsize=512)
def _is_furniture(text: str) -> bool:
    """Whether a block or line is furniture wherever it stands."""
    judges = (
        is_arrow_link,
        is_label_run,
        is_related_line,
        is_caption,
        is_cut_off,
        is_comments_label,
        is_call,
        is_reporting_credit,
    )
    return any(judge(text) for judge in judges)


def _lines_to_judge(block: str) -> Sequence[str]:
    """The lines of a block of short lines, which may each be furniture; a block of prose as a whole."""
    lines = block.split("\n")
    return lines if max(map(count_words, lines)) < _PARAGRAPH_WORDS else [block]


def _title(head: Sequence[str], body: Sequence[str]) -> str:
    """The headline among the lines over the text: the one whose words the text speaks of most; empty without any.

    A line of less than ``_HEADLINE_WORDS`` words is only taken when there is no longer one.
    """
    candidates = [line for line in head if _can_be_title(line)]
    long_enough = [line for line in candidates if count_words(line) >= _HEADLINE_WORDS]
    if len(long_enough) == 1:
        return long_enough[0]
    told = set(_content_words(" ".join(body)[:_OPENING_CHARS]))

    def echo(line: str) -> float:
        words = set(_content_words(line))
        return len(words & told) / (len(words) + 2)

    return max(long_enough, key=echo) if long_enough else max(candidates, key=count_words, default="")


def _content_words(text: str) -> list[str]:
    """The longer words of a text by their first letters, so that "ferry" and "ferries" are one."""
    return [word[:_STEM_CHARS].lower() for word in _WORD.findall(text) if len(word) >= _STEM_CHARS - 1]


def _can_be_title(line: str) -> bool:
    """Whether a line over the text can be its headline."""
    if not line or count_words(line) > _TITLE_WORDS or line.endswith((".", ":", ";", ",")) or _LIST_ITEM.match(line):
        return False
    return not (_is_furniture(line) or is_byline(line) or origin_of(line))


def _kept_of_head(head: Sequence[str], title: str, *, captured: bool) -> list[str]:
    """The lines over the first paragraph that belong to the text: in a capture only the standfirst."""
    if not captured:
        return [line for line in head if line and line != title]
    after = head[head.index(title) + 1 :] if title in head else []
    return [
        line
        for line in after
        if ends_sentence(line) and not (_is_furniture(line) or is_byline(line) or origin_of(line))
    ]


def _without_furniture(blocks: Sequence[str], title: str) -> list[str]:
    """The blocks of a capture that are the article: to where the comments or the last list of other stories begin."""
    end = next(
        (at for at, block in enumerate(blocks) if is_comments_label(block) and any(map(_is_paragraph, blocks[:at]))),
        len(blocks),
    )
    kept: list[str] = []
    listing = False
    for block in blocks[:end]:
        lines = [
            line
            for line in _lines_to_judge(block)
            if not (_is_furniture(line) or origin_of(line) or one_line(line) == title)
        ]
        label = any(is_related_label(line) for line in _lines_to_judge(block))
        listing = label or (listing and not _is_paragraph(block))
        if lines and not listing:
            kept.append("\n".join(lines))
    while kept and _is_left_over(kept[-1]):
        kept.pop()
    return kept


def _is_left_over(block: str) -> bool:
    """Whether a block under the last paragraph is only a label, a heading without a section, or a tag."""
    return not (_is_paragraph(block) or ends_sentence(block) or _LIST_ITEM.match(block) or "\n" in block)


def _is_cut_off(blocks: Sequence[str]) -> bool:
    """Whether the capture ends before the article does: nothing but furniture follows the line that says so."""
    for block in reversed(blocks):
        if any(is_cut_off(line.strip()) for line in block.split("\n")):
            return True
        if _is_paragraph(block):
            return block.rstrip(" ]").endswith(("…", "...", "[…", "[..."))
    return False

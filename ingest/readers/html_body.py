"""Which blocks of a page are its article.

Place in the flow: blocks of a page -> **article_blocks** -> text. trafilatura votes for the text that it takes for the
article; the blocks say where on the page that is. The smallest element that holds the votes is the body: blocks of
prose in it that got no vote belong to the article too (embedded posts, quotes, sub-headings), and what got a vote but
stands in furniture, or reads like it, does not. ``bench/extraction.py`` measures it.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ingest.clean import ends_sentence
from ingest.readers.byline import is_byline
from ingest.readers.furniture import (
    count_words,
    is_call,
    is_caption,
    is_cut_off,
    is_related_label,
    is_related_line,
    is_reporting_credit,
)
from ingest.readers.html_blocks import Block

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+")
_SHINGLE = 4
# Of a block's runs of words so many are in the text voted for, then the block is; 0.4 to 0.8 measure the same.
_VOTED = 0.6
# Where less than this share of the text voted for is left, the page's names for its parts mislead: the vote stands.
_MIN_KEPT = 0.15


def article_blocks(blocks: Sequence[Block], voted_text: str, title: str) -> list[Block]:
    """The blocks of the article, in order; without votes, those of the element that holds the prose of the page.

    title: the page's headline, which is left out where the body repeats it.
    """
    shares = voted_shares(blocks, voted_text) if voted_text else [float(_is_loose_prose(block)) for block in blocks]
    body = body_element(blocks, shares)
    if body is None:
        return []
    voted = [block for block, share in zip(blocks, shares, strict=True) if share >= _VOTED]
    kept = [block for block, share in _inside(blocks, shares, body) if share >= _VOTED or _belongs(block)]
    kept = _without_related(kept)
    kept = _without_head(kept, title)
    kept = [block for block in kept if not _reads_like_furniture(block)]
    kept = _without_tail(kept)
    kept = _without_empty_sections(kept)
    return kept if _chars(kept) >= _MIN_KEPT * _chars(voted) else voted


def _chars(blocks: Sequence[Block]) -> int:
    """The characters of text in the blocks."""
    return sum(len(block.text) for block in blocks)


def voted_shares(blocks: Sequence[Block], voted_text: str) -> list[float]:
    """How much of each block is in the text voted for, 0 to 1, by runs of four words."""
    tokens = _TOKEN.findall(voted_text)
    votes = {tuple(tokens[at : at + _SHINGLE]) for at in range(len(tokens) - _SHINGLE + 1)}
    lines = {tuple(_TOKEN.findall(line)) for line in voted_text.split("\n")}
    return [_share(_TOKEN.findall(block.text), votes, lines) for block in blocks]


def _share(tokens: list[str], votes: set[tuple[str, ...]], lines: set[tuple[str, ...]]) -> float:
    """The share of a block's runs of words that are among the votes; a shorter block must be a line of its own."""
    if len(tokens) < _SHINGLE:
        return float(bool(tokens) and tuple(tokens) in lines)
    runs = [tuple(tokens[at : at + _SHINGLE]) for at in range(len(tokens) - _SHINGLE + 1)]
    return sum(run in votes for run in runs) / len(runs)


def body_element(blocks: Sequence[Block], shares: Sequence[float]) -> "HtmlElement | None":
    """The smallest element that holds nearly all the text voted for; None when nothing was."""
    weights: defaultdict[HtmlElement, float] = defaultdict(float)
    total = 0.0
    for block, share in zip(blocks, shares, strict=True):
        weight = share * len(block.text)
        total += weight
        for element in block.inside:
            weights[element] += weight
    holders = [element for element, weight in weights.items() if weight >= 0.85 * total and weight > 0]
    smallest = max(holders, key=lambda element: sum(1 for _ in element.iterancestors()), default=None)
    return None if smallest is None else _with_twins(smallest, blocks)


def _with_twins(body: "HtmlElement", blocks: Sequence[Block]) -> "HtmlElement":
    """The body, or the element above it that also holds its twins: same tag, same class, same article, full of prose.

    Some pages cut an article into chunks, with a picture or an advertisement between them.
    """
    name = (body.tag, body.get("class"))
    within = next((element for element in body.iterancestors() if element.tag in ("article", "main")), None)
    if within is None or not name[1] or body.tag == "article":
        return body
    twins = {
        element
        for block in blocks
        if is_prose(block)
        and within in block.inside
        and not any(within in above.iterancestors() for above in block.furniture)
        for element in block.inside
        if (element.tag, element.get("class")) == name
    }
    twins.add(body)
    above = (
        element
        for element in [body, *body.iterancestors()]
        if all(element in [twin, *twin.iterancestors()] for twin in twins)
    )
    return next(above)


def _inside(blocks: Sequence[Block], shares: Sequence[float], body: "HtmlElement") -> Iterator[tuple[Block, float]]:
    """The blocks that stand in the body and in no furniture within it, with their shares of votes."""
    above = {body, *body.iterancestors()}
    in_article = any(element.tag == "article" for element in above)
    for block, share in zip(blocks, shares, strict=True):
        if body not in block.inside or block.kind == "caption":
            continue
        furniture = [element for element in block.furniture if element not in above]
        if furniture and not _is_embedded_post(block):
            continue
        if in_article and any(element.tag == "article" and element not in above for element in block.inside):
            continue
        yield block, share


def _is_embedded_post(block: Block) -> bool:
    """Whether the block is a post that the article quotes: a quotation inside an embed of a social network."""
    return block.kind == "quote" and any(
        "social" in (element.get("class") or "").lower() for element in block.furniture
    )


def is_prose(block: Block) -> bool:
    """Whether a block reads like sentences of an article: long enough, and little of it links."""
    return block.link_share < 0.4 and count_words(block.text) >= 10


def _is_loose_prose(block: Block) -> bool:
    """Whether a block is prose outside all furniture: what counts as a vote where trafilatura finds nothing."""
    return is_prose(block) and not block.furniture


def _belongs(block: Block) -> bool:
    """Whether a block in the body is kept without a vote: prose, and what articles have besides."""
    if block.kind in ("quote", "row"):
        return block.link_share < 0.8
    return (block.kind == "heading" and block.link_share < 0.5) or is_prose(block)


def _without_related(blocks: Sequence[Block]) -> list[Block]:
    """The blocks without the boxes and lists of other stories that a label such as ``Read more`` opens."""
    kept: list[Block] = []
    box: HtmlElement | None = None
    listing = False
    for block in blocks:
        if box is not None and box in block.inside:
            continue
        if is_related_label(block.text):
            box, listing = _own_box(block, kept), True
            continue
        listing = listing and (
            block.link_share >= 0.5 or (block.kind == "item" and count_words(block.text) < 25 and block.link_share > 0)
        )
        if not listing:
            kept.append(block)
    return kept


def _own_box(label: Block, kept: Sequence[Block]) -> "HtmlElement | None":
    """The largest element around a label that holds none of the blocks kept so far; None when it is the label's own."""
    taken = {element for block in kept for element in block.inside}
    boxes = [element for element in label.inside if element not in taken]
    return boxes[0] if boxes else None


def _without_head(blocks: Sequence[Block], title: str) -> list[Block]:
    """The blocks without what stands over the first paragraph: the title again, kickers, bylines, dates."""
    first = next(
        (
            at
            for at, block in enumerate(blocks)
            if block.kind != "heading" and is_prose(block) and ends_sentence(block.text) and not is_byline(block.text)
        ),
        0,
    )
    head = [block for block in blocks[:first] if not _is_head_matter(block, title)]
    rest = list(blocks[first:])
    while rest and _is_head_matter(rest[0], title):
        rest = rest[1:]
    return head + rest


def _is_head_matter(block: Block, title: str) -> bool:
    """Whether a block over the first paragraph is no part of the text."""
    if _same_words(block.text, title) or is_byline(block.text):
        return True
    return block.kind == "heading" or (
        count_words(block.text) <= 6 and not ends_sentence(block.text) and block.kind != "item"
    )


def _same_words(text: str, title: str) -> bool:
    """Whether a text has nearly the words of the title: at least 8 in 10 of either are in both."""
    first, second = set(_TOKEN.findall(text.lower())), set(_TOKEN.findall(title.lower()))
    return bool(first) and len(first & second) >= 0.8 * max(len(first), len(second))


def _reads_like_furniture(block: Block) -> bool:
    """Whether a block anywhere in the body is a line of the page and not of the article."""
    if block.kind in ("code", "row", "heading"):  # the headings of a list of products are often links
        return block.kind == "heading" and (is_related_line(block.text) or is_call(block.text))
    if (
        block.link_share >= 0.75
        and block.kind != "quote"
        and 2 <= count_words(block.text) <= 30
        and not ends_sentence(block.text)
    ):
        return True
    if is_related_line(block.text) and (block.link_share >= 0.3 or count_words(block.text) <= 12):
        return True
    return (
        is_caption(block.text)
        or is_cut_off(block.text)
        or is_reporting_credit(block.text)
        or (is_call(block.text) and block.kind != "quote")
    )


def _without_tail(blocks: Sequence[Block]) -> list[Block]:
    """The blocks without what stands under the last paragraph: headings of nothing, labels, tags."""
    kept = list(blocks)
    while kept and (
        kept[-1].kind == "heading"
        or (count_words(kept[-1].text) <= 4 and not ends_sentence(kept[-1].text) and kept[-1].kind == "p")
    ):
        kept.pop()
    return kept


def _without_empty_sections(blocks: Sequence[Block]) -> list[Block]:
    """The blocks without headings whose section lost all its text: the next block is a heading of the same rank."""
    return [
        block
        for at, block in enumerate(blocks)
        if block.kind != "heading"
        or at + 1 == len(blocks)
        or blocks[at + 1].kind != "heading"
        or blocks[at + 1].inside[-1].tag > block.inside[-1].tag
    ]

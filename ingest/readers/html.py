"""Saved web pages: the article and nothing but the article.

Place in the flow: ``.html`` file -> **read_html** -> Article. The tree becomes blocks (html_blocks), trafilatura and
the page's own JSON-LD vote which of them are the article (html_body), and the page's metadata is read from what it
declares (html_metadata).
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ingest.article import Article, Published
from ingest.clean import normalise
from ingest.dates import published_of
from ingest.errors import ReadError
from ingest.readers.byline import is_byline, is_modified
from ingest.readers.encoding import XML_DECLARATION, declared_charset, decode_text
from ingest.readers.furniture import is_cut_off
from ingest.readers.html_blocks import Block, blocks_of
from ingest.readers.html_body import article_blocks
from ingest.readers.html_metadata import Page, modified_day, page_metadata, parsed_page
from ingest.readers.html_text import joined_blocks
from ingest.readers.raw import RawFile

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# JSON-LD may hold the whole text of a page that a script fills in; the visible text is taken unless it is under half.
_LINKED_BODY_FACTOR = 2
_TAIL_BLOCKS = 3
_LONG_TAG = re.compile(r"<([a-zA-Z][a-zA-Z0-9]{0,20})[^<>]{10000,}>?")
_MOST_ATTRIBUTES = 1000  # 100,000 of them take a minute, and no page has so many
_HEAD_BLOCKS = 12  # between the headline and the first paragraph stand bylines, dates, share buttons: seldom more


def read_html(raw: RawFile) -> Article:
    """The article of a saved web page. Raises ReadError when there is none in it."""
    markup = _without_swollen_tags(decode_text(raw.data, declared=declared_charset(raw.data)))
    page = parsed_page(parsed_tree(markup))
    metadata = page_metadata(page)
    votes = "\n".join(filter(None, (_voted_text(markup), page.linked_body)))
    blocks = blocks_of(page.tree)
    article = article_blocks(blocks, votes, metadata.title)
    if metadata.published is None:
        metadata = replace(metadata, published=_date_line(blocks, article, modified_day(page)))
    text = joined_blocks(article) or votes.replace("\n", "\n\n")
    return raw.article(_longer(text, page), metadata, excerpt=_is_cut_off(blocks, article))


def _is_cut_off(blocks: Sequence[Block], article: Sequence[Block]) -> bool:
    """Whether the page says, close under the article's last block, that the article goes on elsewhere."""
    last = next((at for at, block in enumerate(blocks) if article and block is article[-1]), len(blocks))
    return any(is_cut_off(block.text) for block in blocks[last + 1 : last + 1 + _TAIL_BLOCKS])


def _date_line(blocks: Sequence[Block], article: Sequence[Block], modified: str) -> Published | None:
    """The date that a short line names close above the article's first block; None when there is none.

    modified: the ISO day of the last change, which is not the day of publication.
    """
    first = next((at for at, block in enumerate(blocks) if article and block is article[0]), 0)
    above = blocks[max(0, first - _HEAD_BLOCKS) : first]
    lines = (line for block in reversed(above) for line in block.text.split("\n"))
    dates = (published_of(line, "byline") for line in lines if is_byline(line) and not is_modified(line))
    return next((published for published in dates if published and published.value[:10] != modified), None)


def parsed_tree(markup: str) -> "HtmlElement":
    """The tree of a page. Raises ReadError when it holds no element at all."""
    from lxml import etree, html

    try:
        return html.document_fromstring(
            XML_DECLARATION.sub("", normalise(_without_swollen_tags(markup))), parser=html.HTMLParser(huge_tree=True)
        )
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise ReadError("expected an HTML page, found no markup in it; save the page again") from error


def _without_swollen_tags(markup: str) -> str:
    """The markup, tags with thousands of attributes left without any: the parser compares each with all the others."""
    return _LONG_TAG.sub(lambda tag: f"<{tag[1]}>" if _parts(tag[0]) > _MOST_ATTRIBUTES else tag[0], markup)


def _parts(tag: str) -> int:
    return max(len(tag.split()), tag.count("="))


def _voted_text(markup: str) -> str:
    """What trafilatura takes for the article, preferring to leave out what it is not sure of; empty when nothing."""
    import trafilatura
    from lxml import etree

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # a page without an article is reported by us
    try:
        document = trafilatura.bare_extraction(markup, favor_precision=True, include_comments=False)
    except (etree.LxmlError, RecursionError, ValueError):  # a page that only the vote fails on can still be read
        return ""
    return (document.text or "") if document else ""


def _longer(text: str, page: Page) -> str:
    """The visible text, or the text in JSON-LD where the page shows only the beginning and a script the rest."""
    linked = page.linked_body
    if len(linked) <= _LINKED_BODY_FACTOR * len(text):
        return text
    from ingest.readers.html_text import fragment_text

    return fragment_text(linked)

"""Blocks of HTML as readable text: paragraphs apart, list items and table rows on lines of their own.

Place in the flow: HTML reader, records and feeds -> **joined_blocks**, **fragment_text** -> clean text.
"""

import html
import re
from collections.abc import Sequence

from ingest.readers.html_blocks import Block, blocks_of

_TAG = re.compile(r"<[a-zA-Z/!]")
_LINES = frozenset(("item", "row"))


def joined_blocks(blocks: Sequence[Block]) -> str:
    """The text of blocks: items and rows that follow one another share a paragraph, a line each."""
    text = ""
    before = ""
    for block in blocks:
        shown = f"- {block.text}" if block.kind == "item" else block.text
        together = block.kind in _LINES and block.kind == before
        text += ("\n" if together else "\n\n") + shown if text else shown
        before = block.kind
    return text


def fragment_text(markup: str) -> str:
    """The text of an HTML fragment, such as the body field of an export or of a feed. Plain text stays as it is."""
    if not _TAG.search(markup):
        return html.unescape(markup)
    from ingest.readers.html import parsed_tree

    blocks = [block for block in blocks_of(parsed_tree(f"<div>{markup}</div>")) if block.kind != "caption"]
    return joined_blocks(blocks)

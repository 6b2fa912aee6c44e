"""Markdown with front matter to an article whose text is what a reader would see, without the marks.

Place in the flow: ``.md`` file -> **read_markdown** -> Article.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.article import Article
from ingest.clean import normalise, one_line
from ingest.readers.encoding import decode_text
from ingest.readers.front_matter import split_front_matter
from ingest.readers.markdown_text import Block, markdown_blocks
from ingest.readers.metadata import metadata_of
from ingest.readers.raw import RawFile

_SOURCES_HEADING = re.compile(
    r"(?:(?:sources?|references?|links?|notes|citations?|footnotes|further reading|bibliography|works cited|see also|"
    r"external links|read more|related|quellen|literatur|références|fuentes|referencias|fonti|bronnen)"
    r"(?: (?:and|&|und|et|y) )?){1,2}(?: (?:articles|stories|reading|links))?\W*",
    re.IGNORECASE,
)
_URL = re.compile(r"https?://|www\.|\bdoi\b", re.IGNORECASE)


def read_markdown(raw: RawFile) -> Article:
    """The article of a Markdown file.

    Its title is that of the front matter, else the first ``#`` heading, else the file's name. A closing section that
    only lists sources is left out: it is not the article speaking. Raises ReadError.
    """
    fields, body = split_front_matter(normalise(decode_text(raw.data)))
    metadata = metadata_of(fields, "front matter")
    blocks = without_sources(markdown_blocks(body))
    if not metadata.title:
        metadata = replace(metadata, title=next((one_line(block.text) for block in blocks if block.heading == 1), ""))
    if blocks and blocks[0].heading and one_line(blocks[0].text) == metadata.title:
        blocks = blocks[1:]
    return raw.article("\n\n".join(block.text for block in blocks), metadata)


def without_sources(blocks: Sequence[Block]) -> Sequence[Block]:
    """The blocks without a last section that is headed as sources and holds little but a list or links."""
    last = next((at for at in range(len(blocks) - 1, 0, -1) if blocks[at].heading), 0)
    if not last or not _SOURCES_HEADING.fullmatch(one_line(blocks[last].text)):
        return blocks
    section = blocks[last + 1 :]
    listed = sum(len(block.text) for block in section if block.listed or _URL.search(block.text))
    return blocks[:last] if 2 * listed >= sum(len(block.text) for block in section) else blocks

"""RSS and Atom feeds saved as files: an article an entry.

Place in the flow: ``.rss``, ``.atom``, ``.xml`` -> **read_feed** -> Article, or a Notice for each entry that holds
none. The XML is parsed without entities, DTDs or network.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from ingest.article import Article
from ingest.clean import normalise, one_line
from ingest.dates import published_of
from ingest.errors import ReadError
from ingest.readers.byline import origin_of
from ingest.readers.encoding import XML_DECLARATION, declared_charset, decode_text
from ingest.readers.furniture import is_cut_off
from ingest.readers.html_text import fragment_text
from ingest.readers.metadata import Metadata, language_code
from ingest.readers.notice import Notice
from ingest.readers.raw import RawFile, finished_article
from ingest.readers.record_ids import RecordIds

if TYPE_CHECKING:
    from lxml.etree import _Element

_ROOTS = frozenset(("rss", "feed", "rdf"))
_ENTRIES = frozenset(("item", "entry"))
# From the fullest text to the shortest; "encoded" is content:encoded of RSS.
_TEXTS = ("encoded", "content", "body", "description", "summary")
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]{1,12})|([0-9]{1,12}));?", re.IGNORECASE)
_ELLIPSIS = ("…", "...", "[…]", "[...]", "[&#8230;]")


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """What a feed says of one page. address: absolute; empty when the entry names no page."""

    address: str
    metadata: Metadata


def read_feed(raw: RawFile) -> Iterator[Article | Notice]:
    """The articles of a feed, in its order. Raises ReadError when the file is no feed or has no entries."""
    channel, entries = _entries(raw.data)
    ids = RecordIds(raw.path)
    for number, entry in enumerate(entries, start=1):
        yield from _entry(entry, channel, number, ids)


def feed_entries(data: bytes, base: str) -> list[FeedEntry]:
    """The pages that a feed names, in its order.

    base: the address of the feed, which relative links start from. Raises ReadError when it is no feed.
    """
    channel, entries = _entries(data)
    found = []
    for entry in entries:
        metadata = _metadata(entry, channel)
        try:
            start = urljoin(base, entry.base or "")
            address = urljoin(start, metadata.url) if metadata.url else ""
        except ValueError:  # an address with a broken host name in brackets
            address = ""
        found.append(FeedEntry(address, metadata))
    return found


def _entries(data: bytes) -> "tuple[_Element, list[_Element]]":
    """The channel of a feed and its entries. Raises ReadError when it is no feed or has no entries."""
    root = _parsed(data)
    if _name(root) not in _ROOTS:
        raise ReadError(f"expected an RSS or Atom feed, found XML that begins with <{_name(root)[:40]}>")
    entries = [element for element in root.iter() if _name(element) in _ENTRIES]
    if not entries:
        raise ReadError("expected a feed with entries, found one without any")
    return next((element for element in root if _name(element) == "channel"), root), entries


def _parsed(data: bytes) -> "_Element":
    """The root of an XML file. Raises ReadError when there is none."""
    from lxml import etree

    text = _REFERENCE.sub(_checked_reference, normalise(decode_text(data, declared=declared_charset(data))))
    text = XML_DECLARATION.sub("", text)
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False
    )
    try:
        root = etree.fromstring(text.strip().encode(), parser=parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ReadError(
            f"expected an RSS or Atom feed, found no readable XML ({one_line(str(error))[:120]})"
        ) from error
    if root is None:
        raise ReadError("expected an RSS or Atom feed, found no readable XML")
    return root


def _checked_reference(reference: re.Match[str]) -> str:
    """The character reference, unless it names no character: libxml2 would make text of it that is no UTF-8."""
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    allowed = (
        number in (9, 10, 13) or 0x20 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0x10000 <= number < 0x110000
    )
    return reference[0] if allowed else "\ufffd"


def _entry(entry: "_Element", channel: "_Element", number: int, ids: RecordIds) -> Iterator[Article | Notice]:
    """The article of one entry, or the notice that it holds none."""
    from lxml import etree

    article_id, renamed = ids.give(_child(entry, "guid", "id") or _link(entry), number)
    if renamed:
        yield renamed
    text = fragment_text(_child(entry, *_TEXTS))
    metadata = _metadata(entry, channel)
    paragraphs = text.split("\n\n")
    kept = [part for part in paragraphs if not (is_cut_off(part) or origin_of(part))]
    cut = any(map(is_cut_off, paragraphs)) or text.rstrip().endswith(_ELLIPSIS)
    sha256 = hashlib.sha256(etree.tostring(entry, with_tail=False)).hexdigest()
    try:
        yield finished_article(
            article_id, ids.path, sha256, "\n\n".join(kept), metadata, stem=f"{ids.path} {number}", excerpt=cut
        )
    except ReadError as error:
        yield Notice(article_id, f"entry {number}: {error}")


def _metadata(entry: "_Element", channel: "_Element") -> Metadata:
    """What an entry says of itself."""
    return Metadata(
        title=one_line(fragment_text(_child(entry, "title"))),
        source=_source(entry, channel),
        author=one_line(_child(entry, "creator", "author", "name")),
        published=published_of(_child(entry, "pubdate", "published", "date", "issued", "created"), "feed"),
        url=_link(entry),
        language=language_code(
            _child(channel, "language") or channel.get("{http://www.w3.org/XML/1998/namespace}lang", "")
        ),
    )


def _source(entry: "_Element", channel: "_Element") -> str:
    """The outlet: the entry's own source where the feed gathers several, else the feed's title."""
    source = next((element for element in entry if _name(element) == "source"), None)
    own = "" if source is None else _child(source, "title") or _content(source)
    return one_line(own or fragment_text(_child(channel, "title")))


def _link(entry: "_Element") -> str:
    """The address of an entry: the text of ``link`` in RSS, the ``href`` in Atom of the link called ``alternate``."""
    links = [element for element in entry if _name(element) == "link"]
    links.sort(key=lambda link: link.get("rel", "alternate") != "alternate")
    found = (one_line(link.get("href") or link.text or "") for link in links)
    return next(filter(None, found), "")


def _child(element: "_Element", *names: str) -> str:
    """The text of the first child with one of the names, in the order of the names; empty when there is none."""
    for name in names:
        found = (_content(child) for child in element if _name(child) == name)
        if text := next(filter(None, found), ""):
            return text
    return ""


def _content(element: "_Element") -> str:
    """The text of an element; its markup when it holds elements, as Atom's XHTML content does."""
    from lxml import etree

    if len(element) == 0:
        return (element.text or "").strip()
    if _name(element) == "author":
        return _child(element, "name", "email")
    return (element.text or "") + "".join(etree.tostring(child, encoding="unicode") for child in element)


def _name(element: "_Element") -> str:
    """The element's name in small letters, without its namespace; empty for comments."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""

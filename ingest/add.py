"""The story of ``footnote add``: addresses and files in, articles saved in the corpus, one outcome for each.

Place in the flow: web page, feed, file or folder -> **add_sources** -> corpus folder -> re-index.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import unquote, urlsplit

from ingest.article import Article
from ingest.clean import one_line
from ingest.dates import date_in_url, published_of
from ingest.errors import FetchError, ReadError
from ingest.fetch import Fetched, Fetcher, web_address
from ingest.readers import SUFFIXES, Notice, read_articles, read_data
from ingest.readers.encoding import declared_charset
from ingest.readers.feed import FeedEntry, feed_entries
from ingest.readers.metadata import Metadata
from ingest.readers.raw import RawFile
from ingest.remembered import Remembered, Visit
from ingest.save import Shelf
from ingest.settings import Settings

DEFAULT_ENTRIES = 20
_WEB = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_ROOT = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|<\?[^>]*>|<!--.*?-->|<![a-z][^>]*>)*+<([a-z:]+)", re.IGNORECASE | re.DOTALL
)
_HEAD_BYTES = 4096
_FEED_ROOTS = frozenset((b"rss", b"feed", b"rdf:rdf"))
_SUFFIX_OF_TYPE = {
    "application/pdf": ".pdf",
    "application/json": ".json",
    "application/feed+json": ".json",
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "text/markdown": ".md",
    "text/plain": ".txt",
    "application/rss+xml": ".xml",
    "application/atom+xml": ".xml",
    "application/rdf+xml": ".xml",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "text/html": ".html",
    "application/xhtml+xml": ".html",
}
# The families of encodings that pages are written in. "iso-8859-1" is not believed: servers send it unasked.
_CHARSET = re.compile(r"(?:windows-|cp125|iso-8859-(?!1$)|koi8|gb|big5|euc-|shift|sjis|utf-16|iso-2022|tis-|macintosh)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one source, or of one article of it. path: within the corpus; empty when nothing was saved."""

    state: Literal["added", "updated", "unchanged", "failed"]
    source: str
    path: str = ""
    title: str = ""
    error: str = ""


def add_sources(
    sources: Sequence[str],
    settings: Settings,
    *,
    fetcher: Fetcher,
    entries: int = DEFAULT_ENTRIES,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator[Outcome]:
    """Saves what the sources hold into the corpus, and says what became of each article as it is done.

    sources: web addresses, files and folders. entries: how many entries of a feed are fetched, from its first.
    Raises CorpusError when the corpus cannot be written to; whatever else goes wrong is an outcome.
    """
    adding = _Adding(settings, fetcher, entries, now)
    try:
        for source in sources:
            yield from adding.from_web(source) if _WEB.match(source) else adding.from_disk(source)
    finally:
        adding.remembered.write()


class _Adding:
    """One run: where articles go, how pages come, and what is remembered of them."""

    def __init__(self, settings: Settings, fetcher: Fetcher, entries: int, now: Callable[[], datetime]) -> None:
        self._corpus = settings.corpus
        self._max_bytes = settings.max_file_bytes
        self._fetcher = fetcher
        self._entries = entries
        self._now = now
        self._shelf = Shelf(settings.corpus)
        self.remembered = Remembered(settings.index_dir)

    def from_web(self, source: str) -> Iterator[Outcome]:
        """What is at an address: a page, or the pages of a feed."""
        try:
            address = str(web_address(source))
            fetched = self._fetch(address)
            if fetched.unchanged:
                yield self._unchanged(source, address)
            elif _is_feed(fetched):
                yield from self._from_feed(address, fetched)
            else:
                yield from self._from_page(address, fetched)
        except ReadError as error:
            yield Outcome("failed", source, error=str(error))

    def from_disk(self, source: str) -> Iterator[Outcome]:
        """The articles of a file or a folder."""
        path = Path(source)
        reason = self._reason_against(path)
        if reason:
            yield Outcome("failed", _storable(source), error=reason)
            return
        folder = path if path.is_dir() else path.parent
        found = 0
        for item in read_articles(path, root=folder, max_bytes=self._max_bytes):
            name = _storable(str(folder / item.id))
            if isinstance(item, Article):
                found += 1
                yield self._saved(item, name, _storable(os.path.relpath(folder / item.id, self._corpus)))
            elif item.outcome != "renamed":
                found += 1
                yield Outcome("failed", name, error=item.reason)
        if not found:
            kinds = ", ".join(sorted(SUFFIXES))
            yield Outcome("failed", _storable(source), error=f"expected articles, found none; Footnote reads {kinds}")

    def _reason_against(self, path: Path) -> str:
        """Why a path cannot be added; empty when it can."""
        try:
            real, corpus = path.resolve(strict=True), self._corpus.resolve()
        except FileNotFoundError:
            return "no such file or folder; an address on the web begins with https://"
        except (OSError, RuntimeError) as error:
            return f"cannot be opened: {getattr(error, 'strerror', None) or error}"
        if real == corpus or real.is_relative_to(corpus):
            return "it is in the corpus already; run `footnote reindex`"
        return "it holds the corpus itself; name the files or folders beside it" if corpus.is_relative_to(real) else ""

    def _fetch(self, address: str) -> Fetched:
        """What is at an address, or that it has not changed: that is asked only where all of it is still here."""
        visit = self.remembered.visit(address)
        if visit is None or visit.entries not in (0, self._entries):
            return self._fetcher.fetch(address)
        is_here = all(map(self._shelf.holds, visit.pages or (address,)))
        return self._fetcher.fetch(address, visit.validators if is_here else None)

    def _from_feed(self, address: str, fetched: Fetched) -> Iterator[Outcome]:
        """The pages that a feed names; the feed is remembered when each of them was had."""
        complete = True
        entries = feed_entries(_in_utf8(fetched), fetched.url)[: self._entries]
        for entry in entries:
            for outcome in self._from_entry(entry, address):
                complete = complete and outcome.state != "failed"
                yield outcome
        if complete:
            pages = tuple(str(web_address(entry.address)) for entry in entries)
            self.remembered.keep(address, Visit(fetched.validators, self._entries, pages))

    def _from_entry(self, entry: FeedEntry, feed: str) -> Iterator[Outcome]:
        """The page of one entry of a feed."""
        if not entry.address:
            error = f"entry {entry.metadata.title[:100]!r} names no page; save the feed as a file to add its own text"
            yield Outcome("failed", feed, error=error)
            return
        try:
            address = str(web_address(entry.address))
            fetched = self._fetch(address)
            if fetched.unchanged:
                yield self._unchanged(address, address)
            elif _is_feed(fetched):
                raise FetchError("expected the page of a feed's entry, found another feed")
            else:
                yield from self._from_page(address, fetched, entry.metadata)
        except ReadError as error:
            yield Outcome("failed", entry.address, error=str(error))

    def _from_page(self, address: str, fetched: Fetched, known: Metadata | None = None) -> Iterator[Outcome]:
        """The article of a page, or the articles of an export.

        known: what a feed says of it, which fills the gaps.
        """
        name = _file_name(fetched)
        complete = True
        for item in read_data(name, _in_utf8(fetched)):
            if isinstance(item, Notice):
                if item.outcome == "renamed":
                    continue
                outcome = Outcome("failed", address, error=item.reason)
            else:
                record = item.id.removeprefix(name)
                article = _completed(item, fetched.url, RawFile(name, b"").stem, known or Metadata())
                outcome = self._saved(article if not record else item, address + record, address + record)
            complete = complete and outcome.state != "failed"
            yield outcome
        if complete:
            self.remembered.keep(address, Visit(fetched.validators))

    def _saved(self, article: Article, source: str, origin: str) -> Outcome:
        """The outcome of saving one article."""
        try:
            saved = self._shelf.save(article, origin=origin, retrieved=self._now().isoformat(timespec="seconds"))
        except ReadError as error:
            return Outcome("failed", source, error=str(error))
        return Outcome(saved.state, source, saved.path, saved.title)

    def _unchanged(self, source: str, address: str) -> Outcome:
        """The outcome for a page, or for a feed as a whole, that is still what it was."""
        if not self._shelf.holds(address):
            return Outcome("unchanged", source)
        saved = self._shelf.unchanged(address)
        return Outcome("unchanged", source, saved.path, saved.title)


def _is_feed(fetched: Fetched) -> bool:
    """Whether the body is a feed, whatever the server calls it."""
    return _root_of(fetched.body) in _FEED_ROOTS or fetched.media_type in (
        "application/rss+xml",
        "application/atom+xml",
    )


def _root_of(body: bytes) -> bytes:
    """The name of the first element of a page or feed in small letters; empty when there is no markup."""
    match = _ROOT.match(body[:_HEAD_BYTES])
    return match[1].lower() if match else b""


def _file_name(fetched: Fetched) -> str:
    """What a file of the body would be called: its suffix says what it is, by its first bytes, then by its type."""
    path = PurePosixPath(unquote(urlsplit(fetched.url).path))
    suffix = _SUFFIX_OF_TYPE.get(fetched.media_type) or path.suffix.lower()
    root = _root_of(fetched.body)
    if fetched.body.startswith(b"%PDF-"):
        suffix = ".pdf"
    elif root in _FEED_ROOTS:
        suffix = ".xml"
    elif root == b"html" or suffix not in SUFFIXES:
        suffix = ".html"
    return f"{one_line(path.stem).replace('#', ' ') or 'page'}{suffix}"


def _in_utf8(fetched: Fetched) -> bytes:
    """The body in UTF-8 where only the header names its encoding; as it came where the reader can tell by itself."""
    if not _CHARSET.match(fetched.charset) or fetched.body.startswith(b"%PDF-"):
        return fetched.body
    try:
        fetched.body.decode("utf-8")
        if b"\0" not in fetched.body:
            return fetched.body
    except UnicodeDecodeError:
        pass
    if declared_charset(fetched.body) and not fetched.charset.startswith("utf-16"):
        return fetched.body
    try:
        return fetched.body.decode(fetched.charset).encode()
    except (LookupError, UnicodeError):
        return fetched.body


def _completed(article: Article, url: str, stem: str, known: Metadata) -> Article:
    """The article with what its page does not say: from the feed that named it, and from its address.

    stem: the title that an article without one was given.
    """
    own = article.url if urlsplit(article.url).path.strip("/") else ""  # the front page is no article's address
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    return replace(
        article,
        title=known.title if known.title and article.title == stem else article.title,
        source=article.source or known.source or host,
        author=article.author or known.author,
        published=article.published or known.published or published_of(date_in_url(url), "url"),
        url=own or url,
    )


def _storable(name: str) -> str:
    """The name of a file as text that can be written down, whatever bytes it holds."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")

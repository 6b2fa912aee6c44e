"""What a page says of its article: title, outlet, author, date, address, language, and how it says so.

Place in the flow: HTML reader -> **page_metadata** -> Metadata. JSON-LD is asked first, then meta tags, then what a
reader sees: headline and byline. A date of modification is no date of publication and is never taken for one.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from ingest.article import Published
from ingest.clean import one_line
from ingest.dates import date_in_url, iso_date, published_of
from ingest.readers.byline import writer_of
from ingest.readers.metadata import Metadata, label_of, language_code

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_ARTICLE_TYPE = re.compile(r"article|posting|report|review|story|recipe", re.IGNORECASE)
_PAGE_TYPE = re.compile(r"webpage|creativework", re.IGNORECASE)
_MAX_JSON_CHARS = 2_000_000
_TITLE_METAS = (
    "og:title",
    "twitter:title",
    "dc.title",
    "dcterms.title",
    "citation_title",
    "parsely-title",
    "sailthru.title",
)
_SOURCE_METAS = (
    "og:site_name",
    "dc.publisher",
    "dcterms.publisher",
    "citation_journal_title",
    "application-name",
    "twitter:site",
)
_AUTHOR_METAS = (
    "author",
    "article:author",
    "parsely-author",
    "dc.creator",
    "dcterms.creator",
    "citation_author",
    "sailthru.author",
    "byl",
)
_DATE_METAS = (
    "article:published_time", "article:published", "og:published_time", "datepublished", "parsely-pub-date",
    "sailthru.date", "publish-date", "publishdate", "publish_date", "publication_date", "published_time",
    "pubdate", "dc.date.issued", "dcterms.created", "dcterms.issued", "dc.date", "dc.date.created",
    "citation_publication_date", "citation_date", "article.published", "cxenseparse:recs:publishtime", "date",
    "originalpublicationdate",
)  # fmt: skip
_URL_METAS = ("og:url", "twitter:url", "parsely-link")
_BYLINE_CLASS = re.compile(r"(?:^|[\s_-])(?:by-?line|author)(?:s|-?name|__name|_name)?(?:$|[\s_-])", re.IGNORECASE)
_DATE_CLASS = re.compile(
    r"publish|pub-?date|posted|entry-date|post-?date|article-?date|date-?line|timestamp|(?:^|[\s_-])(?:date|data"
    r"|datum|fecha|time)(?:$|[\s_-])",
    re.IGNORECASE,
)
_MODIFIED = re.compile(r"updat|modif|atualiz|aktualis|mis à jour|actualiz", re.IGNORECASE)
_BY = re.compile(r"^\s*(?:(?:written |posted |story |words )?by|von|par|por|di|door|af|av)\b[\s:]*", re.IGNORECASE)
_TITLE_BREAKS = re.compile(r"\s+[|–—·»:-]\s+|\s*[|»]\s*")
_MAX_AUTHOR_CHARS = 150


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page and where its metadata stands. linked: its JSON-LD object for the article, or empty."""

    tree: "HtmlElement"
    metas: Mapping[str, str]
    linked: Mapping[str, object] = field(default_factory=dict)

    @property
    def linked_body(self) -> str:
        """The article's text as JSON-LD has it; empty when it has none."""
        body = self.linked.get("articleBody")
        return body if isinstance(body, str) else ""


def parsed_page(tree: "HtmlElement") -> Page:
    """The page of a tree."""
    return Page(tree, _metas(tree), _linked_article(tree))


def page_metadata(page: Page) -> Metadata:
    """The metadata of a page's article; empty where the page does not say."""
    url = _url(page)
    source = _source(page, url)
    return Metadata(
        title=_title(page, source),
        source=source,
        author=_author(page),
        published=_published(page, url),
        url=url,
        language=language_code(
            label_of(page.linked.get("inLanguage")) or page.tree.get("lang", "") or page.tree.get("xml:lang", "")
        ),
    )


def _metas(tree: "HtmlElement") -> dict[str, str]:
    """The meta tags by name, property or itemprop in small letters; the first of each."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        content = one_line(meta.get("content") or "")
        for attribute in ("property", "name", "itemprop"):
            name = (meta.get(attribute) or "").strip().lower()
            if name and content:
                found.setdefault(name, content)
    return found


def _linked_article(tree: "HtmlElement") -> Mapping[str, object]:
    """The JSON-LD object that describes the page's article; one of the page itself when there is none."""
    objects = [
        item
        for script in tree.iter("script")
        if "ld+json" in (script.get("type") or "")
        for item in _json_objects(script.text or "")
    ]
    for wanted in (_ARTICLE_TYPE, _PAGE_TYPE):
        for item in objects:
            if wanted.search(label_of(item.get("@type"))) and any(
                item.get(key) for key in ("headline", "datePublished", "articleBody", "author")
            ):
                return item
    return {}


def _json_objects(text: str) -> list[Mapping[str, object]]:
    """The objects of a JSON-LD script, those of a graph or a list too; none when it is not JSON."""
    if len(text) > _MAX_JSON_CHARS:
        return []
    try:
        value = json.loads(text.strip().removeprefix("<!--").removesuffix("-->").strip().rstrip(";"), strict=False)
    except (ValueError, RecursionError):
        return []
    return list(_objects_in(value, depth=4))


def _objects_in(value: object, depth: int) -> Iterator[Mapping[str, object]]:
    """The objects in a JSON-LD value, outermost first."""
    if isinstance(value, list) and depth:
        for item in value:
            yield from _objects_in(item, depth - 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement"):
            if depth and isinstance(value.get(key), list | dict):
                yield from _objects_in(value[key], depth - 1)


def _first_meta(page: Page, names: tuple[str, ...]) -> str:
    """The first meta tag found under the names, in their order; empty when there is none."""
    return next((page.metas[name] for name in names if page.metas.get(name)), "")


def _title(page: Page, source: str) -> str:
    """The headline: of JSON-LD, the meta tags, the only ``h1`` or ``title``, without the outlet's name at its end."""
    headings = [
        heading for heading in (one_line(element.text_content()) for element in page.tree.iter("h1")) if heading
    ]
    candidates = (
        label_of(page.linked.get("headline")),
        _first_meta(page, _TITLE_METAS),
        headings[0] if len(headings) == 1 else "",
        one_line(page.tree.findtext(".//title") or ""),
        headings[0] if headings else "",
    )
    title = next((candidate for candidate in candidates if candidate), "")
    if (
        heading := next((heading for heading in headings if title.startswith(heading) and len(heading) >= 15), "")
    ) and heading != title:
        return heading
    return _without_outlet(html.unescape(title), source)


def _without_outlet(title: str, source: str) -> str:
    """The title without ``| The Daily`` at its end, where that is the outlet's name."""
    breaks = list(_TITLE_BREAKS.finditer(title))
    if not breaks or not source:
        return title
    last = title[breaks[-1].end() :]
    return title[: breaks[-1].start()].strip() if _key(last) in _key(source) or _key(source) in _key(last) else title


def _key(text: str) -> str:
    """The letters and digits of a name in small letters."""
    return "".join(character for character in text.lower() if character.isalnum()) or "-"


def _source(page: Page, url: str) -> str:
    """The outlet: the publisher in JSON-LD, the site's name in the meta tags, else its host name."""
    named = label_of(page.linked.get("publisher")) if not isinstance(page.linked.get("publisher"), str) else ""
    for candidate in (_first_meta(page, _SOURCE_METAS[:1]), named, _first_meta(page, _SOURCE_METAS)):
        name = html.unescape(candidate).removeprefix("@").partition(" | ")[0].strip()
        if name and not name.startswith("http") and len(name) <= 80:
            return name
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _author(page: Page) -> str:
    """The writer: of JSON-LD, the meta tags, the byline; empty when none of them names a person."""
    for candidate in (label_of(page.linked.get("author")), _first_meta(page, _AUTHOR_METAS), _byline(page.tree)):
        name = _BY.sub("", candidate).strip(" ,;|-")
        if name and not name.startswith(("http", "@", "/")) and len(name) <= _MAX_AUTHOR_CHARS:
            return name
    return ""


def _byline(tree: "HtmlElement") -> str:
    """The writer in the first short element that is marked as a byline, links to writers first; empty when none is."""
    named = [
        *tree.xpath('//*[@rel="author" or @itemprop="author"]'),
        *tree.iter("a", "span", "p", "div", "address", "cite"),
    ]
    for element in named:
        marks = f"{element.get('class') or ''} {element.get('rel') or ''} {element.get('itemprop') or ''}"
        if marks.strip() and _BYLINE_CLASS.search(marks):
            text = one_line(element.text_content())
            if 3 <= len(text) <= 80 and iso_date(text) is None:
                return writer_of(text) or text
    return ""


def _published(page: Page, url: str) -> Published | None:
    """The date of publication, from the first place that names one for sure."""
    if published := published_of(page.linked.get("datePublished") or page.linked.get("dateCreated"), "JSON-LD"):
        return published
    for name in _DATE_METAS:
        if published := published_of(page.metas.get(name), "meta tag"):
            return published
    return _byline_date(page.tree) or published_of(date_in_url(url), "url")


def modified_day(page: Page) -> str:
    """The day on which the page says that the article was changed last; empty when it does not."""
    metas = ("article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified")
    moment = iso_date(page.linked.get("dateModified")) or iso_date(_first_meta(page, metas))
    return (moment or "")[:10]


def _byline_date(tree: "HtmlElement") -> Published | None:
    """The date of the first ``time`` element, or short line marked as a date, that is not one of modification."""
    for element in tree.iter("time", "abbr", "span", "p", "div", "small", "em", "li"):
        marks = f"{element.get('class') or ''} {element.get('id') or ''} {element.get('itemprop') or ''}"
        if (element.tag != "time" and not _DATE_CLASS.search(marks)) or _MODIFIED.search(marks):
            continue
        text = one_line(element.text_content())
        if len(text) > 120 or (_MODIFIED.search(text) and element.tag == "time"):
            continue
        if published := published_of(element.get("datetime"), "byline") or published_of(text, "byline"):
            return published
    return None


def _url(page: Page) -> str:
    """The canonical address: the link of that name, the meta tags, JSON-LD; empty when there is none."""
    links = (
        link.get("href") or ""
        for link in page.tree.iter("link")
        if "canonical" in (link.get("rel") or "").lower().split()
    )
    candidates = (
        *links,
        _first_meta(page, _URL_METAS),
        label_of(page.linked.get("url")),
        label_of(page.linked.get("mainEntityOfPage")),
    )
    base = _first_meta(page, ("og:url",))
    absolute = (_joined(base, candidate.strip()) for candidate in candidates if candidate.strip())
    return next((url for url in absolute if url.startswith(("http://", "https://"))), "")


def _joined(base: str, address: str) -> str:
    """The address, made absolute where the base allows it; as it is when it is malformed."""
    try:
        return urljoin(base, address)
    except ValueError:
        return ""

"""What an article says of itself outside its text, under the many names that exports and front matter use.

Place in the flow: front matter or record (a mapping) -> **Metadata** -> Article.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ingest.article import Published
from ingest.clean import one_line
from ingest.dates import published_of

TITLE = ("title", "headline", "name")
SOURCE = ("source", "outlet", "publication", "publisher", "site_name", "sitename", "site")
AUTHOR = ("author", "authors", "byline", "creator")
PUBLISHED = (
    "published", "published_at", "publishedat", "published_date", "publication_date", "date_published", "datepublished",
    "pubdate", "pub_date", "date", "created_at",
)  # fmt: skip
URL = ("url", "link", "canonical", "canonical_url", "permalink", "source_url")
LANGUAGE = ("language", "lang", "inlanguage")
EXCERPT = ("excerpt", "truncated")
# Front matter that this program wrote says where the date was first read.
_ORIGIN = "published_origin"
_ORIGINS = frozenset(("front matter", "record", "JSON-LD", "meta tag", "byline", "url", "feed"))

# A label inside a longer value: {"name": "The Daily"} is the outlet "The Daily".
_INNER_NAMES = ("name", "title", "label", "id", "href", "url", "@id")
_EMPTY = frozenset({"", "null", "~", "none", "n/a", "unknown"})
_MAX_LABEL_CHARS = 1000


@dataclass(frozen=True, slots=True)
class Metadata:
    """The fields of an ``Article`` besides its text; empty where the document does not say."""

    title: str = ""
    source: str = ""
    author: str = ""
    published: Published | None = None
    url: str = ""
    language: str = ""
    excerpt: bool = False


def metadata_of(fields: Mapping[str, object], origin: str) -> Metadata:
    """The metadata of a mapping, whatever the case of its keys.

    origin: where the mapping stands, as ``Published.origin`` names it (``front matter``, ``record``).
    """
    lowered = {str(key).lower().replace("-", "_"): value for key, value in fields.items()}
    return Metadata(
        title=_first_label(lowered, TITLE),
        source=_first_label(lowered, SOURCE),
        author=_first_label(lowered, AUTHOR),
        published=_first_date(lowered, origin),
        url=_first_label(lowered, URL),
        language=language_code(_first_label(lowered, LANGUAGE)),
        excerpt=any(str(lowered.get(name, "")).lower() in {"true", "yes"} for name in EXCERPT),
    )


def label_of(value: object) -> str:
    """The value as one line: a string itself, an object by its name, a list with commas; empty for nothing."""
    if value is None:
        return ""
    return ", ".join(dict.fromkeys(_labels(value, depth=3)))[:_MAX_LABEL_CHARS].strip()


def language_code(value: str) -> str:
    """The ISO 639-1 code of a language tag (``en-GB`` is ``en``); empty when it is none."""
    code = value.strip().lower().replace("_", "-").partition("-")[0]
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""


def _labels(value: object, depth: int) -> Iterator[str]:
    """The labels in a value, nested no deeper than ``depth``."""
    if isinstance(value, str):
        label = one_line(value)
        if label.lower() not in _EMPTY:
            yield label
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, Mapping) and depth:
        inner = next((value[name] for name in _INNER_NAMES if value.get(name)), None)
        yield from _labels(inner, depth - 1)
    elif isinstance(value, list | tuple) and depth:
        for item in value:
            yield from _labels(item, depth - 1)


def _first_label(fields: Mapping[str, object], names: tuple[str, ...]) -> str:
    """The first label found under the names, in their order; empty when there is none."""
    return next((label for name in names if (label := label_of(fields.get(name)))), "")


def _first_date(fields: Mapping[str, object], origin: str) -> Published | None:
    """The first date found under the names of the day of publication, in their order."""
    if origin == "front matter" and (first_read := label_of(fields.get(_ORIGIN))) in _ORIGINS:
        origin = first_read
    found = (published_of(fields.get(name), origin) for name in PUBLISHED)
    return next((published for published in found if published), None)

"""Articles into an index: read, clean, cut into passages, embed, publish as one generation.

Importing this package imports nothing heavy; each name is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest.article import Article, Passage, Published
    from ingest.build import reindex
    from ingest.errors import FootnoteError
    from ingest.readers import Notice, read_article, read_articles
    from ingest.report import Report
    from ingest.settings import Settings, load_settings

__all__ = [
    "Article",
    "FootnoteError",
    "Notice",
    "Passage",
    "Published",
    "Report",
    "Settings",
    "load_settings",
    "read_article",
    "read_articles",
    "reindex",
]

_HOMES = {
    "article": ("Article", "Passage", "Published"),
    "build": ("reindex",),
    "errors": ("FootnoteError",),
    "readers": ("Notice", "read_article", "read_articles"),
    "report": ("Report",),
    "settings": ("Settings", "load_settings"),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"ingest.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

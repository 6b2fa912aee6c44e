"""What every reader is given: the bytes of one file, under the id its article will have.

Place in the flow: corpus folder -> **RawFile** -> reader of its form -> Article.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ingest.article import Article
from ingest.clean import normalise, one_line, tidy
from ingest.errors import ReadError
from ingest.language import language_of
from ingest.readers.metadata import Metadata


@dataclass(frozen=True, slots=True)
class RawFile:
    """The bytes of a file and its path within the corpus folder, which is its article's id too."""

    path: str
    data: bytes = field(repr=False)

    @property
    def stem(self) -> str:
        """The file's name without its last suffix, its words apart: the title of last resort."""
        return one_line(PurePosixPath(self.path).stem.replace("_", " ").replace("-", " "))

    @property
    def sha256(self) -> str:
        """Hex digest of the bytes."""
        return hashlib.sha256(self.data).hexdigest()

    def article(self, text: str, metadata: Metadata, *, excerpt: bool = False) -> Article:
        """The article of this file. Raises ReadError when no text is left in it."""
        return finished_article(self.path, self.path, self.sha256, text, metadata, stem=self.stem, excerpt=excerpt)


def finished_article(
    article_id: str, path: str, sha256: str, text: str, metadata: Metadata, *, stem: str, excerpt: bool = False
) -> Article:
    """The article that a reader's findings amount to: text in order, gaps of the metadata filled where that is safe.

    stem: the title of last resort. Raises ReadError when no text is left.
    """
    body = tidy(normalise(text))
    if not any(character.isalnum() for character in body):
        raise ReadError("expected an article, found no text in it; add its text or remove it from the corpus")
    return Article(
        id=article_id,
        title=metadata.title or stem,
        text=body,
        source=metadata.source,
        author=metadata.author,
        published=metadata.published,
        url=metadata.url,
        path=path,
        sha256=sha256,
        excerpt=excerpt or metadata.excerpt,
        language=language_of(body, declared=metadata.language),
    )

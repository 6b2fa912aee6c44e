"""An article as a file of the corpus: clean Markdown with front matter that a person can read, edit and keep in git.

Place in the flow: readers -> Article -> **Shelf** -> corpus folder. Reading the file gives the article back. A file is
there whole or not at all, never takes another's place, and is not written over once a person has edited it.
"""

import contextlib
import hashlib
import json
import os
import re
import secrets
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ingest.article import Article
from ingest.errors import CorpusError, ReadError
from ingest.markdown_out import escaped, markdown_of
from ingest.readers.encoding import decode_text
from ingest.readers.front_matter import split_front_matter
from ingest.readers.metadata import label_of
from ingest.readers.walk import article_id, corpus_files

FROM = "retrieved_from"
RETRIEVED = "retrieved"
_DIGEST = "retrieved_digest"
_DIGEST_LINE = re.compile(rf"^{_DIGEST}: ([0-9a-f]{{16}})\n", re.MULTILINE)
# Values that YAML takes for the text they are; anything else is quoted.
_PLAIN = re.compile(r"[^\W\d_](?:[\w .,/’()+?=%~;-]|:(?=\S)|'(?=\w)|&(?=\S))*[\w)/]")
_YAML_WORDS = frozenset("y n yes no true false on off null nan inf".split())
_UNPRINTABLE = re.compile("[^ -~\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010fffd]")
_SLUG_CHARS = 60  # of a title in a file name: up to 240 bytes in UTF-8 with the rest, and names end at 255
_LATIN_ACCENTS = re.compile("(?<=[A-Za-z])[\u0300-\u036f]+")  # of other letters they are a part
_HEAD_BYTES = 64 * 1024


State = Literal["added", "updated", "unchanged"]


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of an article: ``unchanged`` when its file already says the same. path: within the corpus."""

    state: State
    path: str
    title: str


@dataclass(frozen=True, slots=True)
class _Held:
    """A file that was saved earlier, as its front matter describes it."""

    path: Path
    origin: str
    retrieved: str
    url: str
    title: str
    published: str

    @classmethod
    def of(cls, path: Path, article: Article, origin: str, retrieved: str) -> "_Held":
        """The file of an article that was just saved."""
        published = article.published.value if article.published else ""
        return cls(path, origin, retrieved, article.url, article.title, published)


class Shelf:
    """The corpus folder as the place where articles are saved, each under where it came from."""

    def __init__(self, corpus: Path) -> None:
        """Looks through the folder for articles saved earlier; makes it when it is missing. Raises CorpusError."""
        try:
            corpus.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CorpusError(
                f"corpus folder {str(corpus)!r} cannot be made: {error.strerror}; name another with --corpus"
            ) from error
        self._corpus = corpus
        self._by_origin: dict[str, _Held] = {}
        self._by_url: dict[str, _Held] = {}
        for path in corpus_files(corpus):
            if isinstance(path, Path) and path.suffix == ".md" and (held := _held(path)):
                self._keep(held)

    def holds(self, origin: str) -> bool:
        """Whether an article from there has its file."""
        return origin in self._by_origin and self._by_origin[origin].path.is_file()

    def unchanged(self, origin: str) -> Saved:
        """The file of the article from there, as it is. Raises KeyError when there is none."""
        held = self._by_origin[origin]
        return Saved("unchanged", article_id(held.path, self._corpus), held.title)

    def save(self, article: Article, *, origin: str, retrieved: str) -> Saved:
        """Saves an article, into its own file where it has one.

        origin: where it was fetched, or the file it was read from. retrieved: when, in ISO 8601.
        Raises ReadError when its file was edited since, CorpusError when the folder cannot be written to.
        """
        held = self._by_origin.get(origin) or self._same_elsewhere(article)
        try:
            if held is not None and held.path.is_file():
                state: State = _update(held, article, retrieved)
                path, kept_origin = held.path, held.origin
                kept_retrieved = held.retrieved if state == "unchanged" else retrieved
            else:
                path, kept_origin, kept_retrieved, state = (
                    self._add(article, origin, retrieved),
                    origin,
                    retrieved,
                    "added",
                )
        except OSError as error:
            raise CorpusError(f"{str(self._corpus)!r} cannot be written to: {error.strerror or error}") from error
        self._keep(_Held.of(path, article, kept_origin, kept_retrieved), origin)
        return Saved(state, article_id(path, self._corpus), article.title)

    def _keep(self, held: _Held, *origins: str) -> None:
        """Takes note of a file, under its own origin and under others of the same article."""
        for origin in (held.origin, *origins):
            self._by_origin[origin] = held
        if held.url:
            self._by_url[held.url] = held

    def _same_elsewhere(self, article: Article) -> _Held | None:
        """The same article under another address of its page. Title and date must agree: some sites give every page
        the address of their front page.
        """
        held = self._by_url.get(article.url) if article.url else None
        published = article.published.value if article.published else ""
        return held if held and (held.title, held.published) == (article.title, published) else None

    def _add(self, article: Article, origin: str, retrieved: str) -> Path:
        """The new file of an article, under a name that was free."""
        text = article_markdown(article, origin=origin, retrieved=retrieved)
        stem = file_stem(article)
        with _written(self._corpus, text) as temporary:
            number = 1
            while True:
                path = self._corpus / f"{stem}{f'-{number}' if number > 1 else ''}.md"
                if _took(path, temporary):
                    return path
                number += 1


def article_markdown(article: Article, *, origin: str, retrieved: str) -> str:
    """The file of an article: front matter, its text, and a digest of both by which an edit is noticed.

    Labels that mean "nothing" to the reader (``unknown``, ``none``) are written and read as nothing.
    """
    fields = {
        # A title that the front matter cannot hold stands above the text.
        "title": article.title if label_of(article.title) == article.title else "",
        "source": article.source,
        "author": article.author,
        "published": article.published.value if article.published else "",
        "published_origin": article.published.origin if article.published else "",
        "url": article.url,
        "language": article.language,
        "excerpt": "true" if article.excerpt else "",
        RETRIEVED: retrieved,
        FROM: origin,
    }
    lines = [f"{name}: {_yaml_value(value)}\n" for name, value in fields.items() if value]
    heading = "" if fields["title"] else f"# {_heading(article.title)}\n\n"
    body = f"---\n\n{heading}{markdown_of(article.text)}\n"
    opening = f"---\n{''.join(lines)}"
    return f"{opening}{_DIGEST}: {_digest(opening + body)}\n{body}"


def file_stem(article: Article) -> str:
    """A readable name for an article's file: the words of its title, and its day of publication where it has one."""
    bare = _LATIN_ACCENTS.sub("", unicodedata.normalize("NFKD", article.title))
    words = re.findall(r"\w+", unicodedata.normalize("NFC", bare).lower().replace("_", " "))
    slug = ""
    for word in words:
        if slug and len(slug) + len(word) >= _SLUG_CHARS:
            break
        slug = f"{slug}-{word}" if slug else word[:_SLUG_CHARS]
    day = article.published.value[:10] if article.published else ""
    return "-".join(filter(None, (slug or "article", day)))


def _took(path: Path, temporary: Path) -> bool:
    """Gives the file its name, unless another file has that name already."""
    try:
        path.hardlink_to(temporary)  # unlike a rename it never takes the place of a file
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        if path.exists():
            return False
        temporary.replace(path)
    return True


def _heading(title: str) -> str:
    """A title as the text of a heading, which loses the signs at its end where they are not escaped."""
    return escaped(title).replace("#", "\\#")


def _update(held: _Held, article: Article, retrieved: str) -> Literal["updated", "unchanged"]:
    """Brings a file up to date. Raises ReadError when a person has edited it and the article has changed too."""
    stored = decode_text(held.path.read_bytes()).replace("\r\n", "\n")
    digest = _digest_in(stored)
    if digest == _digest_in(article_markdown(article, origin=held.origin, retrieved=held.retrieved)):
        return "unchanged"
    if digest != _digest(_DIGEST_LINE.sub("", stored, count=1)):
        raise ReadError(
            f"its file {held.path.name!r} was edited after it was added, and the article has changed since; "
            "move the file away to have it added anew"
        )
    with _written(held.path.parent, article_markdown(article, origin=held.origin, retrieved=retrieved)) as temporary:
        temporary.replace(held.path)
    return "updated"


@contextlib.contextmanager
def _written(folder: Path, text: str) -> Iterator[Path]:
    """A hidden file with the text, through to the disk, gone when the block ends unless it was moved."""
    temporary = folder / f".adding-{secrets.token_hex(8)}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)  # less what the umask takes
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _held(path: Path) -> _Held | None:
    """The file as one saved earlier; None for any other."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        if f"\n{FROM}:".encode() not in head:
            return None
        fields, _ = split_front_matter(head.decode("utf-8", "ignore").replace("\r\n", "\n"))
    except (OSError, ReadError):
        return None
    origin, retrieved, url, title, published = (
        str(fields.get(name, "")) for name in (FROM, RETRIEVED, "url", "title", "published")
    )
    return _Held(path, origin, retrieved, url, title, published) if origin else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _digest_in(text: str) -> str:
    """The digest that a file bears; empty when it bears none."""
    found = _DIGEST_LINE.search(text)
    return found[1] if found else ""


def _yaml_value(value: str) -> str:
    """The value as YAML reads it back, without quotes where that is safe."""
    if re.fullmatch(r"\d{4}(-\d\d(-\d\d(T[\d:]+([+-]\d\d:\d\d|Z)?)?)?)?|true", value):
        return value
    if _PLAIN.fullmatch(value) and value.lower() not in _YAML_WORDS:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda odd: f"\\U{ord(odd[0]):08x}", quoted)

"""Every reader against documents that nobody would write: an article, or one clear line, and never anything else."""

import io
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_ingest_readers_feed import ATOM, RSS
from test_ingest_readers_html import page
from test_ingest_readers_markdown import YAML
from test_ingest_readers_pdf import LEFT, RIGHT, column, pdf
from test_ingest_readers_text import AGGREGATOR, BLOG, NEWSPAPER

from ingest.article import Article
from ingest.errors import ReadError
from ingest.readers import Notice
from ingest.readers.feed import read_feed
from ingest.readers.html import read_html
from ingest.readers.markdown import read_markdown
from ingest.readers.pdf import read_pdf
from ingest.readers.raw import RawFile
from ingest.readers.records import read_json, read_json_lines
from ingest.readers.text import read_text

Reader = Callable[[RawFile], Iterator[Article | Notice]]
TIDES = b'{"title": "Tides", "text": "<p>The tide</p> turns.", "id": 3, "date": "2025-01-01"}'
RECORDS = b'{"articles": [' + TIDES + b', {"body": ["x"]}]}'


def one(read: Callable[[RawFile], Article]) -> Reader:
    return lambda raw: iter([read(raw)])


def json_lines(raw: RawFile) -> Iterator[Article | Notice]:
    return read_json_lines(io.BytesIO(raw.data), raw.path, max_bytes=2000)


READERS: dict[str, tuple[Reader, list[bytes], int]] = {
    "markdown": (one(read_markdown), [YAML.encode()], 150),
    "text": (one(read_text), [AGGREGATOR.encode(), NEWSPAPER.encode(), BLOG.encode()], 60),
    "html": (one(read_html), [page()], 25),
    "json": (read_json, [RECORDS], 150),
    "json lines": (json_lines, [b'{"title": "a", "text": "b"}\n' * 3], 150),
    "feed": (read_feed, [RSS.format(encoding="utf-8").encode(), ATOM.encode()], 100),
    "pdf": (one(read_pdf), [pdf([[*column(60.0, 700.0, LEFT), *column(320.0, 700.0, RIGHT)]])], 60),
}
PIECES = [
    *(
        b"\0",
        b"\xff",
        b"\xed\xa0\x80",
        b"---\n",
        b"```\n",
        b"<",
        b"</div>",
        b"<table><tr><td>",
        b'"',
        b"[",
        b"{",
        b"\\u",
    ),
    *(b" " * 300, b"*" * 300, b"[[" * 100, b"<!--", b"&#0;&#xd800;&#x110000;", b"\n" * 40, b"| a | b |\n|--|--|\n"),
    *(b"1e999999", b"\r", b"<script>", b"<svg><p>", b"2025-99-99", b"99:99", b"By ", b"<b>" * 300, b"\xef\xbb\xbf"),
]
EDITS = st.lists(
    st.tuples(st.sampled_from(["insert", "delete", "flip", "repeat", "cut"]), st.floats(0, 1), st.integers(0, 400)),
    min_size=1,
    max_size=8,
)


def mutated(data: bytes, edits: list[tuple[str, float, int]]) -> bytes:
    """The data after the edits, each at its place (0 to 1 of the length)."""
    for kind, place, amount in edits:
        at = int(place * len(data))
        match kind:
            case "insert":
                data = data[:at] + PIECES[amount % len(PIECES)] + data[at:]
            case "delete":
                data = data[:at] + data[at + amount :]
            case "flip":
                data = data[:at] + bytes([amount % 256]) + data[at + 1 :]
            case "repeat":
                data = data[:at] + data[at : at + amount] * 3 + data[at:]
            case _:
                data = data[: max(at, 1)]
    return data


def check(read: Reader, data: bytes) -> None:
    """Reads the data and holds what comes of it to what every reader promises."""
    try:
        found = list(read(RawFile("odd.file", data)))
    except ReadError as error:
        assert str(error)
        assert "\n" not in str(error)
        return
    for item in found:
        item.id.encode("utf-8")
        if isinstance(item, Notice):
            assert item.reason
            assert "\n" not in item.reason
            continue
        assert item.text == item.text.strip() != ""
        for value in (item.title, item.text, item.source, item.author, item.url, item.language):
            value.encode("utf-8")
        if item.published:
            assert item.published.first_day <= item.published.last_day


@pytest.mark.parametrize("name", READERS)
def test_mutated_documents(name: str) -> None:
    read, samples, examples = READERS[name]

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(samples), EDITS)
    def mutate(sample: bytes, edits: list[tuple[str, float, int]]) -> None:
        check(read, mutated(sample, edits))

    mutate()


@pytest.mark.parametrize("name", READERS)
def test_any_bytes(name: str) -> None:
    read, _, examples = READERS[name]

    @settings(max_examples=examples, deadline=None)
    @given(
        st.one_of(
            st.binary(max_size=300), st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
        )
    )
    def feed(data: bytes) -> None:
        check(read, data)

    feed()

import io
import json
from collections.abc import Iterator
from hashlib import sha256

import pytest

from ingest.article import Article, Published
from ingest.errors import ReadError
from ingest.readers.notice import Notice
from ingest.readers.raw import RawFile
from ingest.readers.records import read_json, read_json_lines

TIDES = {"_id": "4983", "title": "Tides", "text": "The tide turns.", "metadata": {"source": "Port Gazette"}}


def lines(*rows: object) -> bytes:
    return b"\n".join(row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows) + b"\n"


def read_lines(data: bytes, max_bytes: int = 10_000) -> list[Article | Notice]:
    return list(read_json_lines(io.BytesIO(data), "corpus.jsonl", max_bytes=max_bytes))


def test_a_beir_record() -> None:
    assert read_lines(lines(TIDES)) == [
        Article(
            id="corpus.jsonl#4983",
            title="Tides",
            text="The tide turns.",
            source="Port Gazette",
            path="corpus.jsonl",
            sha256=sha256(json.dumps(TIDES).encode()).hexdigest(),
            language="en",
        )
    ]


@pytest.mark.parametrize(
    "record",
    [
        {
            "headline": "Tides",
            "body": "The tide turns.",
            "publisher": {"name": "Port Gazette"},
            "datePublished": "2025-09-18",
        },
        {
            "Title": "Tides",
            "content": "<p>The tide <b>turns</b>.</p>",
            "outlet": "Port Gazette",
            "published_at": "18 Sept 2025",
        },
        {"title": "Tides", "text": ["The tide turns."], "publication": "Port Gazette", "date": 20250918},
        {
            "name": "Tides",
            "articleBody": "The tide turns.",
            "source": {"id": None, "name": "Port Gazette"},
            "pubDate": "2025-09-18",
        },
    ],
)
def test_fields_by_their_many_names(record: dict[str, object]) -> None:
    (article,) = read_lines(
        lines({**record, "authors": [{"name": "Ida Holm"}, "Jonas Weir"], "link": "https://a.example"})
    )
    assert isinstance(article, Article)
    assert (article.title, article.text, article.source) == ("Tides", "The tide turns.", "Port Gazette")
    assert (article.author, article.url) == ("Ida Holm, Jonas Weir", "https://a.example")
    assert article.published == Published("2025-09-18", "record")


def test_one_bad_record_never_stops_the_rest() -> None:
    found = read_lines(lines(TIDES, b"{not json", b"", [1, 2], {"title": "No text"}, b"\xff\xfe", {**TIDES, "_id": 7}))
    assert [(type(item).__name__, item.id) for item in found] == [
        ("Article", "corpus.jsonl#4983"),
        ("Notice", "corpus.jsonl#2"),
        ("Notice", "corpus.jsonl#4"),
        ("Notice", "corpus.jsonl#5"),
        ("Notice", "corpus.jsonl#6"),
        ("Article", "corpus.jsonl#7"),
    ]
    reasons = [item.reason for item in found if isinstance(item, Notice)]
    assert "line 2: expected JSON" in reasons[0]
    assert "found a list" in reasons[1]
    assert "found only title" in reasons[2]


def test_ids_used_twice_are_made_unique_and_reported() -> None:
    found = read_lines(lines(TIDES, TIDES))
    assert [item.id for item in found] == ["corpus.jsonl#4983", "corpus.jsonl#4983~2", "corpus.jsonl#4983~2"]
    assert [item.outcome for item in found if isinstance(item, Notice)] == ["renamed"]


def test_a_line_beyond_the_limit_is_passed_over() -> None:
    found = read_lines(lines(TIDES, {"text": "long " * 200}, {**TIDES, "_id": 7}), max_bytes=300)
    assert [item.id for item in found] == ["corpus.jsonl#4983", "corpus.jsonl#2", "corpus.jsonl#7"]
    assert isinstance(found[1], Notice)
    assert "longer than 300 bytes" in found[1].reason


def test_lines_are_read_one_at_a_time() -> None:
    class Endless(io.RawIOBase):
        """A file without end: read_json_lines may only read what it is asked for."""

        def readline(self, size: int | None = -1) -> bytes:  # type: ignore[override]
            return json.dumps({"text": "The tide turns."}).encode() + b"\n"

    articles: Iterator[Article | Notice] = read_json_lines(Endless(), "a.jsonl", max_bytes=999)  # type: ignore[arg-type]
    assert [next(articles).id for _ in range(3)] == ["a.jsonl#1", "a.jsonl#2", "a.jsonl#3"]


def test_a_byte_order_mark_is_no_obstacle() -> None:
    assert read_lines(b"\xef\xbb\xbf" + lines(TIDES))[0].id == "corpus.jsonl#4983"


@pytest.mark.parametrize(
    "wrap", [lambda rows: rows, lambda rows: {"articles": rows}, lambda rows: {"Data": rows, "n": 2}]
)
def test_json_lists(wrap) -> None:  # type: ignore[no-untyped-def]
    raw = RawFile("export.json", json.dumps(wrap([TIDES, {"text": "Second."}])).encode())
    assert [item.id for item in read_json(raw)] == ["export.json#4983", "export.json#2"]


def test_a_single_object_is_one_article_under_the_files_own_id() -> None:
    raw = RawFile("tides.json", json.dumps(TIDES).encode())
    (article,) = read_json(raw)
    assert (article.id, article.sha256) == ("tides.json", raw.sha256)  # type: ignore[union-attr]


@pytest.mark.parametrize("data", [b"{", b"[1,", b'{"a": ' * 5000, b"9" * 5000])
def test_broken_json_is_an_error_of_one_line(data: bytes) -> None:
    with pytest.raises(ReadError) as caught:
        list(read_json(RawFile("a.json", data)))
    assert "\n" not in str(caught.value)


def test_surrogates_and_controls_in_json_strings_can_be_stored() -> None:
    (article,) = read_lines(b'{"_id": "a\\ud800b", "title": "T\\u0000", "text": "One \\ud83d two\\u0007."}\n')
    assert isinstance(article, Article)
    assert (article.id, article.title, article.text) == ("corpus.jsonl#a\ufffdb", "T", "One \ufffd two.")


def test_json_lines_in_utf_16_are_refused_in_one_line() -> None:
    found = read_lines("\ufeff".encode("utf-16-le") + '{"text": "One."}\n{"text": "Two."}\n'.encode("utf-16-le"))
    assert found == [Notice("corpus.jsonl", "expected JSON Lines in UTF-8, found UTF-16; save it as UTF-8")]

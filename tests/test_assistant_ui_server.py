"""The server around the page: whom it answers, what it lets a page load, what it refuses."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from browser import ScriptedAssistant, crane_script, harbour_articles, lay_out_index, served

from assistant.ui.conversations import Conversations
from assistant.ui.corpus_view import narrowed, render_arrivals, render_progress, render_table
from assistant.ui.guard import MAX_BODY_BYTES, Guard
from assistant.ui.server import ServerError, make_app, run
from assistant.ui.shelf import Arrival, Progress, Shelf, plain_name, shelf_rows
from assistant.ui.view import Turn
from ingest.article import Article
from ingest.catalog import ArticleRow, FileState
from ingest.errors import CorpusError
from ingest.settings import Settings

PAGE = b"<html><head></head><body><script>start()</script></body></html>"


async def _page(scope: Any, receive: Any, send: Any) -> None:
    headers = [(b"content-type", b"text/html"), (b"content-length", str(len(PAGE)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": PAGE[:20], "more_body": True})
    await send({"type": "http.response.body", "body": PAGE[20:]})


def fetch(path: str = "/", *, hosts: tuple[str, ...] = ("127.0.0.1", "[::1]"), **headers: str) -> Any:
    """Status, headers and body of one request to a guarded page."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    given = {"host": "127.0.0.1:7860"} | {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {
        "type": "http",
        "path": path,
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }
    guard = Guard(_page, hosts=frozenset(hosts), pages=frozenset({"", "/corpus"}), head="<title>")
    asyncio.run(guard(scope, receive, send))
    return SimpleNamespace(
        status=sent[0]["status"],
        headers={name.decode(): value.decode() for name, value in sent[0]["headers"]},
        body=b"".join(message.get("body", b"") for message in sent[1:]),
    )


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "127.0.0.1"}, 200),
        ({"host": "[::1]:7860"}, 200),
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1.evil.example:7860"}, 421),
        ({"host": ""}, 421),
        ({"origin": "http://127.0.0.1:7860"}, 200),
        ({"origin": "http://127.0.0.1:9999"}, 421),
        ({"origin": "https://evil.example"}, 421),
        ({"origin": "null"}, 421),
        ({"content_length": str(MAX_BODY_BYTES + 1)}, 413),
    ],
)
def test_only_requests_of_this_page_are_answered(headers: dict[str, str], status: int) -> None:
    assert fetch(**headers).status == status


def test_a_wildcard_host_admits_addresses_and_no_names() -> None:
    assert fetch(hosts=("0.0.0.0",), host="192.168.1.7:7860").status == 200
    assert fetch(hosts=("0.0.0.0",), host="[fe80::1]:7860").status == 200
    assert fetch(hosts=("0.0.0.0",), host="rebound.example:7860").status == 421


def test_a_page_names_its_scripts_and_nothing_from_outside() -> None:
    reply = fetch()
    policy = reply.headers["content-security-policy"]

    assert reply.body == PAGE.replace(b"<head>", b"<head><title>")
    assert reply.headers["content-length"] == str(len(reply.body))
    assert "'sha256-Vt52cb0kQhuyr17ZIsUvA2wzeDHyIWCGeVGeuhI3pws='" not in policy
    assert policy.count("'sha256-") == 1
    assert "http" not in policy
    assert "'unsafe-inline'" not in policy.split("style-src")[0]
    assert reply.headers["x-frame-options"] == "DENY"


def test_html_that_is_no_page_of_ours_runs_no_script() -> None:
    reply = fetch("/gradio_api/file=/tmp/uploaded.html")

    assert "sha256" not in reply.headers["content-security-policy"]
    assert reply.body == PAGE


# The real server


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site")
    lay_out_index(folder / "index", harbour_articles())
    assistant = ScriptedAssistant(harbour_articles(), crane_script)
    settings = Settings(index_dir=folder / "index", corpus=folder / "corpus")
    with served(make_app(lambda: assistant, settings=settings)) as address:
        store = Conversations(folder / "index" / "conversations.sqlite3")
        store.keep("c1", Turn("t1", "How much?", "2025-06-01T09:00:00+02:00", problem="Nothing came."))
        store.close()
        yield address


@pytest.mark.parametrize("path", ["/", "/corpus"])
def test_the_page_itself_names_no_other_place(address: str, path: str) -> None:
    with urlopen(address + path) as reply:
        page = reply.read().decode()

    head = page.split("window.gradio_config")[0]
    assert "http://" not in head.replace(address, "")
    assert "https://" not in head
    assert "<title>Footnote</title>" in page


@pytest.mark.parametrize(
    "path", ["/docs", "/openapi.json", "/redoc", "/footnote-assets/server.py", "/footnote-exports/none.md"]
)
def test_what_is_not_the_page_is_not_served(address: str, path: str) -> None:
    with pytest.raises(HTTPError) as refused:
        urlopen(address + path)

    assert refused.value.code == 404
    refused.value.close()


@pytest.mark.parametrize(("suffix", "opening"), [("md", "# How much?"), ("json", "{")])
def test_a_conversation_can_be_taken_away(address: str, suffix: str, opening: str) -> None:
    with urlopen(f"{address}/footnote-exports/c1.{suffix}") as reply:
        assert reply.read().decode().startswith(opening)
        assert reply.headers["content-disposition"] == f'attachment; filename="footnote-c1.{suffix}"'


def test_a_foreign_host_name_is_refused_by_the_real_server(address: str) -> None:
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(address, headers={"Host": "rebound.example"}))

    assert refused.value.code == 421
    refused.value.close()


def test_a_port_in_use_is_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServerError, match=rf"cannot listen on 127.0.0.1:{port}: .*; choose another --port"):
            run(None, host="127.0.0.1", port=port)  # type: ignore[arg-type]


# The corpus folder


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(Settings(corpus=tmp_path / "corpus", index_dir=tmp_path / "index"))


def test_files_are_kept_under_a_plain_name_and_never_overwritten(shelf: Shelf, tmp_path: Path) -> None:
    file = tmp_path / "upload.md"
    file.write_text("# Cranes\n\nSeven cranes stand on the quay.\n")
    arrivals = [shelf.add(file, "../../cra nes.md"), shelf.add(file, "cra-nes.md")]

    assert [(arrival.kept, arrival.words) for arrival in arrivals] == [
        (True, "kept as added/cra-nes.md"),
        (True, "kept as added/cra-nes-2.md"),
    ]
    assert (shelf.corpus / "added" / "cra-nes.md").read_text() == file.read_text()


def test_a_file_that_is_no_article_is_refused_with_the_reason(shelf: Shelf, tmp_path: Path) -> None:
    file = tmp_path / "noise.txt"
    file.write_bytes(bytes(range(256)) * 40)
    arrival = shelf.add(file, "noise.txt")

    assert not arrival.kept
    assert arrival.words
    assert not (shelf.corpus / "added").exists()


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\papers\\a b.md", "a-b.md"),
        (".hidden.md", "hidden.md"),
        ('<img src=x onerror="1">.md', "img-src-x-onerror-1.md"),
        ("", "article"),
        ("x" * 300 + ".md", "x" * 60 + ".md"),
    ],
)
def test_names_are_made_plain(name: str, plain: str) -> None:
    assert plain_name(name) == plain


def test_deleting_stays_within_the_corpus(shelf: Shelf, tmp_path: Path) -> None:
    shelf.corpus.mkdir()
    outside = tmp_path / "outside.md"
    outside.write_text("keep me")
    (shelf.corpus / "in.md").write_text("drop me")
    shelf.remove(Article("in.md", "In", "", path="in.md"))

    assert not (shelf.corpus / "in.md").exists()
    with pytest.raises(CorpusError, match="lies outside"):
        shelf.remove(Article("../outside.md", "Out", "", path="../outside.md"))
    with pytest.raises(CorpusError, match="holds several articles"):
        shelf.remove(Article("all.jsonl#7", "Seven", "", path="all.jsonl"))
    with pytest.raises(CorpusError, match="cannot be deleted"):
        shelf.remove(Article("gone.md", "Gone", "", path="gone.md"))
    assert outside.exists()


def test_the_table_puts_the_newest_first_and_names_what_failed() -> None:
    articles = [
        ArticleRow("a.md", "A", "Post", "", "2024-05-01", "", "a.md", "en", False, 2),
        ArticleRow("b.md", "B", "Wire", "", None, "", "b.md", "en", False, 1),
        ArticleRow("c.md", "C", "Wire", "", "2025", "", "c.md", "en", False, 3),
    ]
    rows = shelf_rows(articles, [FileState("bad.md", "", "failed", "it is empty"), FileState("a.md", "", "indexed")])

    assert [row.title for row in rows] == ["C", "A", "B", "bad.md"]
    assert [row.title for row in narrowed(rows, "", "Wire", "", "")] == ["C", "B"]
    assert [row.title for row in narrowed(rows, "", "", "2025-02-01", "")] == ["C"]
    assert [row.title for row in narrowed(rows, "BAD md", "", "", "")] == ["bad.md"]
    assert "it is empty" in render_table(rows)
    assert "No article fits" in render_table([])


def test_what_became_of_files_and_re_indexes_is_said() -> None:
    assert "<b>x.md</b>: it is empty" in render_arrivals([Arrival("x.md", False, "it is empty")])
    assert "Re-index" not in render_arrivals([Arrival("x.md", False, "it is empty")])
    assert 'value="3" max="9"' in render_progress(Progress(running=True, stage="embedding", done=3, total=9))
    assert "disk is full" in render_progress(Progress(problem="disk is full"))
    assert render_progress(Progress()) == ""

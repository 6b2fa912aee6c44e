import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from ingest.add import Outcome, add_sources
from ingest.add_command import add_command
from ingest.article import Article, Published
from ingest.build import reindex
from ingest.errors import FootnoteError
from ingest.fetch import Fetcher, Limits
from ingest.readers import read_article
from ingest.settings import Settings
from tests.doubles import HashEmbedder
from tests.site_server import Site, redirect_to, reply_of, serving

NOW = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
BRIDGE = (
    "The harbour bridge opened on Saturday after six years of work, and the port said that it had cost 40 million "
    "dollars in all.",
    "Mayor Ida Holm cut the ribbon before some hundreds of people. She said that the ferries would run until June.",
)
FERRY = (
    "The last ferry across the harbour will sail on the last day of June, said the company that has run the line for "
    "ninety years.",
    "Some 3,200 passengers took it each day of last year, most of them on their way to work in the town.",
)


def page(title: str, paragraphs: tuple[str, ...], head: str = "") -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f'<!doctype html><html lang="en"><head><title>{title}</title>{head}</head>'
        f"<body><nav><a href='/'>Home</a></nav><article><h1>{title}</h1>{body}</article></body></html>"
    )


def feed(*items: str) -> str:
    entries = "".join(items)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Port Gazette</title>{entries}</channel></rss>'


def item(title: str, link: str, date: str = "Sat, 01 Mar 2025 10:00:00 GMT") -> str:
    return f"<item><title>{title}</title><link>{link}</link><pubDate>{date}</pubDate></item>"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as running:
        yield running


@pytest.fixture
def empty(tmp_path: Path) -> Settings:
    return Settings(corpus=tmp_path / "articles", index_dir=tmp_path / "index")


def add(settings: Settings, *sources: str | Path, entries: int = 20) -> list[Outcome]:
    limits = Limits(read_seconds=2, total_seconds=5, gap_seconds=0, attempts=1)
    fetcher = Fetcher(allow_private=True, limits=limits, sleep=lambda _: None)
    return list(
        add_sources([str(source) for source in sources], settings, fetcher=fetcher, entries=entries, now=lambda: NOW)
    )


def article_of(settings: Settings, outcome: Outcome) -> Article:
    return read_article(settings.corpus / outcome.path, root=settings.corpus)


def states(outcomes: list[Outcome]) -> list[str]:
    return [outcome.state for outcome in outcomes]


# Pages


def test_a_page_becomes_an_article_of_the_corpus(site: Site, empty: Settings) -> None:
    meta = '<meta property="og:site_name" content="Port Gazette"><meta name="date" content="2025-03-01">'
    site.replies["/bridge"] = reply_of(page("The bridge opens", BRIDGE, meta))
    (outcome,) = add(empty, f"{site.url}/bridge")
    assert outcome == Outcome("added", f"{site.url}/bridge", "the-bridge-opens-2025-03-01.md", "The bridge opens")
    found = article_of(empty, outcome)
    assert (found.title, found.text, found.source, found.url, found.published, found.language) == (
        "The bridge opens",
        "\n\n".join(BRIDGE),
        "Port Gazette",
        f"{site.url}/bridge",
        Published("2025-03-01", "meta tag"),
        "en",
    )
    written = (empty.corpus / outcome.path).read_text(encoding="utf-8")
    assert f"\nretrieved: 2026-01-05T09:30:00+00:00\nretrieved_from: {site.url}/bridge\n" in written
    report = reindex(empty, embedder=HashEmbedder())
    assert (report.articles, list(report.failed)) == (1, [])


def test_the_same_address_again_is_unchanged_and_then_updated(site: Site, empty: Settings) -> None:
    address = f"{site.url}/bridge"
    site.replies["/bridge"] = reply_of(page("The bridge opens", BRIDGE))
    (first,) = add(empty, address)
    assert add(empty, address) == [Outcome("unchanged", address, first.path, "The bridge opens")]
    site.replies["/bridge"] = reply_of(page("The bridge closes", FERRY))
    assert add(empty, address) == [Outcome("updated", address, first.path, "The bridge closes")]
    assert len(list(empty.corpus.iterdir())) == 1


def test_a_page_is_asked_for_only_if_it_changed_while_its_file_is_there(site: Site, empty: Settings) -> None:
    address = f"{site.url}/bridge"
    fresh = reply_of(page("The bridge opens", BRIDGE), etag='"v1"')
    site.replies["/bridge"] = [fresh, reply_of(b"", status=304), fresh]
    (first,) = add(empty, address)
    assert add(empty, address) == [Outcome("unchanged", address, first.path, "The bridge opens")]
    (empty.corpus / first.path).unlink()
    assert states(add(empty, address)) == ["added"]
    asked = [request.headers.get("if-none-match") for request in site.requests if request.path == "/bridge"]
    assert asked == [None, '"v1"', None]


def test_a_page_without_an_address_of_its_own_gets_the_last_one_and_its_date(site: Site, empty: Settings) -> None:
    site.replies["/go"] = redirect_to("/2025/03/01/bridge")
    front = '<link rel="canonical" href="http://gazette.test/">'
    site.replies["/2025/03/01/bridge"] = reply_of(page("The bridge opens", BRIDGE, front))
    (outcome,) = add(empty, f"{site.url}/go")
    found = article_of(empty, outcome)
    assert (found.url, found.published) == (f"{site.url}/2025/03/01/bridge", Published("2025-03-01", "url"))
    assert states(add(empty, f"{site.url}/go", f"{site.url}/2025/03/01/bridge")) == ["unchanged", "unchanged"]


@pytest.mark.parametrize(
    ("charset", "encoding", "head"),
    [
        ("windows-1251", "cp1251", ""),
        ("utf-8", "cp1251", '<meta charset="windows-1251">'),
        ("iso-8859-1", "cp1251", '<meta charset="windows-1251">'),
        ("koi8-r", "utf-8", ""),
        ("utf-16le", "utf-16-le", ""),
        ("no-such-charset", "utf-8", ""),
        ("punycode", "utf-8", ""),
    ],
)
def test_whatever_the_header_says_the_letters_are_right(
    site: Site, empty: Settings, charset: str, encoding: str, head: str
) -> None:
    russian = ("Совет порта решил в понедельник, что новый причал будет построен из бетона, а не из стали.",) * 2
    body = page("Новый причал", russian, head).encode(encoding)
    site.replies["/"] = reply_of(body, media_type=f"text/html; charset={charset}")
    (outcome,) = add(empty, site.url)
    assert article_of(empty, outcome).title == "Новый причал"
    assert article_of(empty, outcome).language == "ru"


@pytest.mark.parametrize("media_type", ["text/plain", "application/octet-stream", "text/xml", ""])
def test_a_page_under_a_false_type_is_read_as_what_it_is(site: Site, empty: Settings, media_type: str) -> None:
    site.replies["/a.php"] = reply_of(page("The bridge opens", BRIDGE), media_type=media_type)
    (outcome,) = add(empty, f"{site.url}/a.php")
    assert article_of(empty, outcome).text == "\n\n".join(BRIDGE)


def test_text_and_exports_are_read_too(site: Site, empty: Settings) -> None:
    rows = [
        {"id": n, "title": f"Report {n}", "text": text, "url": f"http://a.test/{n}"} for n, text in enumerate(FERRY)
    ]
    site.replies |= {
        "/note.txt": reply_of("\n\n".join(("A note on tides", *FERRY)), media_type="text/plain"),
        "/all.json": reply_of(json.dumps([*rows, {"id": 9}]), media_type="application/json"),
    }
    outcomes = add(empty, f"{site.url}/note.txt", f"{site.url}/all.json")
    assert [(outcome.state, outcome.source.removeprefix(site.url)) for outcome in outcomes] == [
        ("added", "/note.txt"),
        ("added", "/all.json#0"),
        ("added", "/all.json#1"),
        ("failed", "/all.json"),
    ]
    assert article_of(empty, outcomes[2]).url == "http://a.test/1"


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (reply_of("", status=404), "status 404"),
        (reply_of(""), "no markup"),
        (reply_of("", status=304), "status 304"),
        (reply_of(b"\x89PNG\r\n\x00\x00", media_type="text/html"), "binary file"),
        (reply_of(b"%PDF-1.7 broken", media_type="text/html"), "PDF"),
        (reply_of("<rss><channel></channel></rss>"), "without any"),
        (reply_of("<html><body></body></html>"), "no text"),
    ],
)
def test_what_cannot_be_had_says_why_and_leaves_nothing(
    site: Site, empty: Settings, reply: bytes, message: str
) -> None:
    site.replies["/"] = reply
    (outcome,) = add(empty, site.url)
    assert (outcome.state, outcome.path) == ("failed", "")
    assert message in outcome.error
    assert list(empty.corpus.iterdir()) == []


# Feeds


def test_the_entries_of_a_feed_are_fetched(site: Site, empty: Settings) -> None:
    entries = (
        item("Bridge opens (from the feed)", "../news/bridge"),
        item("Ferries to stop", f"http://127.0.0.1:{site.port}/news/ferry"),
        item("Gone", "/gone"),
        "<item><title>No link</title><description>Words.</description></item>",
        item("Beyond the limit", "/beyond"),
    )
    site.replies |= {
        "/feeds/all.xml": reply_of(feed(*entries), media_type="application/rss+xml"),
        "/news/bridge": reply_of(page("The bridge opens", BRIDGE)),
        "/news/ferry": reply_of(page("Ferries to stop", FERRY, '<meta name="date" content="2025-04-12">')),
    }
    outcomes = add(empty, f"{site.url}/feeds/all.xml", entries=4)
    assert [(outcome.state, outcome.path) for outcome in outcomes] == [
        ("added", "the-bridge-opens-2025-03-01.md"),
        ("added", "ferries-to-stop-2025-04-12.md"),
        ("failed", ""),
        ("failed", ""),
    ]
    bridge, ferry = (article_of(empty, outcome) for outcome in outcomes[:2])
    assert bridge.published == Published("2025-03-01T10:00:00+00:00", "feed")
    assert ferry.published == Published("2025-04-12", "meta tag")
    assert (bridge.source, bridge.title) == ("Port Gazette", "The bridge opens")
    assert "'No link' names no page" in outcomes[3].error


def test_a_feed_that_has_not_changed_costs_one_request(site: Site, empty: Settings) -> None:
    fresh = reply_of(feed(item("Bridge", "/bridge")), media_type="text/xml", etag='W/"7"')
    site.replies |= {
        "/feed": [fresh, reply_of(b"", status=304), fresh, fresh],
        "/bridge": reply_of(page("The bridge opens", BRIDGE)),
    }
    address = f"{site.url}/feed"
    (first,) = add(empty, address)
    assert add(empty, address) == [Outcome("unchanged", address)]
    # Another limit may mean other entries, and a file that is gone may be wanted back: then all of it is asked for.
    assert states(add(empty, address, entries=3)) == ["unchanged"]
    (empty.corpus / first.path).unlink()
    assert states(add(empty, address, entries=3)) == ["added"]
    asked = [request.headers.get("if-none-match") for request in site.requests if request.path == "/feed"]
    assert asked == [None, 'W/"7"', None, None]


def test_a_feed_with_an_entry_that_failed_is_asked_for_again(site: Site, empty: Settings) -> None:
    site.replies["/feed"] = reply_of(feed(item("Bridge", "/bridge")), etag='"1"')
    assert states(add(empty, f"{site.url}/feed")) == ["failed"]
    site.replies["/bridge"] = reply_of(page("The bridge opens", BRIDGE))
    assert states(add(empty, f"{site.url}/feed")) == ["added"]


def test_links_of_a_feed_start_from_its_base(site: Site, empty: Settings) -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/news/"><title>Gazette</title><entry><title>Bridge</title>'
        '<link rel="alternate" href="bridge"/><updated>2025-03-01T10:00:00Z</updated></entry></feed>'
    )
    site.replies |= {"/old": redirect_to("/deep/feed"), "/deep/feed": reply_of(atom, media_type="application/atom+xml")}
    site.replies["/news/bridge"] = reply_of(page("The bridge opens", BRIDGE))
    assert states(add(empty, f"{site.url}/old")) == ["added"]


def test_a_feed_leads_nowhere_but_to_pages(site: Site, empty: Settings) -> None:
    links = ("/feed", "file:///etc/passwd", "javascript:alert(1)", "http://[broken/", "http://me:pw@a.test/")
    site.replies["/feed"] = reply_of(feed(*(item(f"Entry {link}", link) for link in links)), media_type="text/xml")
    outcomes = add(empty, f"{site.url}/feed")
    assert states(outcomes) == ["failed"] * 5
    assert "another feed" in outcomes[0].error
    assert list(empty.corpus.iterdir()) == []


# Files


def test_a_folder_of_pages_is_read_whole(tmp_path: Path, empty: Settings) -> None:
    folder = tmp_path / "saved"
    (folder / "deep").mkdir(parents=True)
    (folder / "bridge.html").write_text(page("The bridge opens", BRIDGE), encoding="utf-8")
    (folder / "deep" / "ferry.md").write_text("---\ntitle: Ferries\n---\n\n" + "\n\n".join(FERRY), encoding="utf-8")
    (folder / "empty.txt").write_text("", encoding="utf-8")
    (folder / "logo.png").write_bytes(b"\x89PNG")
    outcomes = add(empty, folder)
    assert [(outcome.state, Path(outcome.source).name, outcome.path) for outcome in outcomes] == [
        ("added", "bridge.html", "the-bridge-opens.md"),
        ("added", "ferry.md", "ferries.md"),
        ("failed", "empty.txt", ""),
    ]
    assert "retrieved_from: " in (empty.corpus / "ferries.md").read_text(encoding="utf-8")
    assert str(tmp_path) not in (empty.corpus / "ferries.md").read_text(encoding="utf-8")
    assert states(add(empty, folder / "deep" / "ferry.md", folder / "bridge.html")) == ["unchanged", "unchanged"]
    (folder / "deep" / "ferry.md").write_text("---\ntitle: Ferries\n---\n\nThey sail on.", encoding="utf-8")
    assert states(add(empty, folder / "deep" / "ferry.md")) == ["updated"]


def test_a_feed_in_a_file_gives_its_own_texts(tmp_path: Path, empty: Settings) -> None:
    entry = f"<item><title>Bridge</title><guid>b1</guid><description>{BRIDGE[0]}</description></item>"
    (tmp_path / "feed.rss").write_text(feed(entry), encoding="utf-8")
    (outcome,) = add(empty, tmp_path / "feed.rss")
    assert outcome.path == "bridge.md"
    assert article_of(empty, outcome).text == BRIDGE[0]


@pytest.mark.parametrize("name", ["missing.html", "nothing", "articles", "articles/a.md", ".", "page.docx"])
def test_paths_that_cannot_be_added(tmp_path: Path, empty: Settings, name: str) -> None:
    empty.corpus.mkdir()
    (empty.corpus / "a.md").write_text("A note.", encoding="utf-8")
    (tmp_path / "nothing").mkdir()
    (tmp_path / "page.docx").write_bytes(b"PK")
    (outcome,) = add(empty, tmp_path / name)
    assert outcome.state == "failed"
    assert outcome.error
    assert [path.name for path in empty.corpus.iterdir()] == ["a.md"]


def test_a_name_that_is_no_text_can_be_added(tmp_path: Path, empty: Settings) -> None:
    name = b"br\xfcgge.txt".decode("utf-8", "surrogateescape")
    folder = tmp_path / name.removesuffix(".txt")
    folder.mkdir()
    (folder / name).write_text("\n\n".join(("The bridge", *BRIDGE)), encoding="utf-8")
    (folder / f"{name}.html").write_text("", encoding="utf-8")
    outcomes = add(empty, folder)
    assert states(outcomes) == ["added", "failed"]
    assert json.dumps([outcome.source for outcome in outcomes], ensure_ascii=False).encode()
    assert states(add(empty, folder / name)) == ["unchanged"]


def test_an_edited_article_is_kept_and_told(tmp_path: Path, empty: Settings) -> None:
    source = tmp_path / "bridge.html"
    source.write_text(page("The bridge opens", BRIDGE), encoding="utf-8")
    (first,) = add(empty, source)
    file = empty.corpus / first.path
    file.write_text(file.read_text(encoding="utf-8") + "\nMy note.\n", encoding="utf-8")
    source.write_text(page("The bridge opens", FERRY), encoding="utf-8")
    (outcome,) = add(empty, source)
    assert outcome.state == "failed"
    assert "was edited after it was added" in outcome.error
    assert file.read_text(encoding="utf-8").endswith("My note.\n")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1}', '{"http://x.test/": ["\\n", "ü", "x"]}'])
def test_a_damaged_memory_of_visits_is_no_harm(site: Site, empty: Settings, text: str) -> None:
    empty.index_dir.mkdir()
    (empty.index_dir / "fetched.json").write_text(text, encoding="utf-8")
    site.replies["/"] = reply_of(page("The bridge opens", BRIDGE), etag='"v1"')
    assert states(add(empty, site.url)) == ["added"]
    assert json.loads((empty.index_dir / "fetched.json").read_text(encoding="utf-8")) == {site.url: ['"v1"', "", 0]}


# The command


def run(*arguments: str) -> tuple[int, str, str]:
    app = typer.Typer()
    app.command()(add_command)
    result = CliRunner().invoke(app, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_the_command_tells_each_outcome_on_a_line(tmp_path: Path, site: Site) -> None:
    site.replies["/a"] = reply_of(page("The bridge opens", BRIDGE))
    code, out, err = run(f"{site.url}/a", str(tmp_path / "missing.html"), "--allow-private")
    assert code == 3
    assert out == (
        "added      the-bridge-opens.md  'The bridge opens'\n"
        "1 added, 1 failed; run `footnote reindex` to have them found.\n"
    )
    assert re.fullmatch(
        r"failed     .*missing\.html: no such file or folder; an address on the web begins with https://\n", err
    )
    assert run(f"{site.url}/a", "--allow-private")[:2] == (
        0,
        "unchanged  the-bridge-opens.md  'The bridge opens'\n1 unchanged; the corpus is as it was.\n",
    )


def test_the_command_speaks_json(tmp_path: Path, site: Site) -> None:
    site.replies["/a"] = reply_of(page("The bridge opens", BRIDGE))
    code, out, err = run(f"{site.url}/a", f"{site.url}/b", "--allow-private", "--json")
    assert (code, "1 of 2 could not be added" in err) == (3, True)
    document = json.loads(out)
    assert document == {
        "added": [{"source": f"{site.url}/a", "path": "the-bridge-opens.md", "title": "The bridge opens"}],
        "updated": [],
        "unchanged": [],
        "failed": [{"source": f"{site.url}/b", "error": f"'{site.url}/b' answers with status 404"}],
    }


def test_private_addresses_need_the_flag(site: Site) -> None:
    code, out, err = run(f"{site.url}/a")
    assert (code, out) == (1, "1 failed; the corpus is as it was.\n")
    assert "not on the public internet" in err
    assert site.requests == []


def test_a_corpus_that_cannot_be_written_to_ends_the_run(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(FootnoteError, match="cannot be made"):
        run("x.html", "--corpus", str(tmp_path / "taken"))

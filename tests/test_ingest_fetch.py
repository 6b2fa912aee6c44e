import gzip
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpcore
import pytest

from ingest.errors import FetchError
from ingest.fetch import Fetched, Fetcher, Limits, Validators, user_agent, web_address
from ingest.pinned import is_public
from tests.site_server import PEM, Site, redirect_to, reply_of, serving

PAGE = "<html><body><p>The ferry sails at noon.</p></body></html>"
QUICK = Limits(connect_seconds=2, read_seconds=2, total_seconds=5, max_bytes=100_000, gap_seconds=0)
PUBLIC = "93.184.215.14"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as running:
        yield running


class Pauses(list[float]):
    """Pauses that are noted and not taken."""

    def __call__(self, seconds: float) -> None:
        self.append(round(seconds, 3))


def fetcher(limits: Limits = QUICK, **options: Any) -> Fetcher:
    options.setdefault("allow_private", True)
    options.setdefault("sleep", Pauses())
    return Fetcher(limits=limits, **options)


class Wire(httpcore.SyncBackend):
    """The public internet in a box: every address leads to the site, and is noted."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.addresses: list[str] = []

    def connect_tcp(self, host: str, port: int, *args: Any, **options: Any) -> httpcore.NetworkStream:
        self.addresses.append(host)
        return super().connect_tcp("127.0.0.1", self.site.port, *args, **options)


class Names:
    """A resolver that gives the next answer for a name each time it is asked, the last one for ever."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = {name.replace("_", "."): list(found) for name, found in answers.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        answers = self.answers.get(host)
        if answers is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return answers.pop(0) if len(answers) > 1 else answers[0]


# What comes back


def test_a_page_comes_with_its_type_and_validators(site: Site) -> None:
    site.replies["/a?b=1"] = reply_of(
        PAGE, media_type='Text/HTML; charset="Windows-1252"', etag='"v1"', last_modified="Sat, 01 Mar 2025 10:00:00 GMT"
    )
    found = fetcher().fetch(f"{site.url}/a?b=1#part")
    validators = Validators('"v1"', "Sat, 01 Mar 2025 10:00:00 GMT")
    assert found == Fetched(f"{site.url}/a?b=1", PAGE.encode(), "text/html", "windows-1252", validators)
    assert site.requests[-1].headers["host"] == f"127.0.0.1:{site.port}"
    assert site.requests[-1].headers["user-agent"] == user_agent()
    assert user_agent().startswith("Footnote")
    assert "http" not in user_agent()


def test_what_has_not_changed_is_not_sent_again(site: Site) -> None:
    site.replies["/feed"] = reply_of(b"", status=304, media_type="")
    validators = Validators('"v1"', "Sat, 01 Mar 2025 10:00:00 GMT")
    assert fetcher().fetch(f"{site.url}/feed", validators) == Fetched(f"{site.url}/feed", b"", unchanged=True)
    sent = site.requests[-1].headers
    assert (sent["if-none-match"], sent["if-modified-since"]) == ('"v1"', "Sat, 01 Mar 2025 10:00:00 GMT")


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP"])
def test_a_packed_page_is_unpacked(site: Site, encoding: str) -> None:
    site.replies["/"] = reply_of(gzip.compress(PAGE.encode()), content_encoding=encoding)
    assert fetcher().fetch(site.url).body == PAGE.encode()


def test_chunks_are_joined(site: Site) -> None:
    site.replies["/"] = (
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-type: text/plain\r\n\r\n"
        b"4\r\nThe \r\n5\r\nferry\r\n0\r\n\r\n"
    )
    assert fetcher().fetch(site.url).body == b"The ferry"


# Servers that misbehave


def failure(site: Site, limits: Limits = QUICK, path: str = "/", **options: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetcher(limits, **options).fetch(f"{site.url}{path}")
    assert "\n" not in str(caught.value)
    return caught.value


def hang(connection: socket.socket, over: threading.Event) -> None:
    over.wait(5)


def drip(head: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """A reply that begins well and goes on a byte at a time, for ever."""

    def send(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(head)
        while not over.wait(0.02):
            connection.sendall(b"x")

    return send


def flood(piece: bytes, head: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """A reply without end, as fast as it is taken."""

    def send(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(head)
        while not over.is_set():
            connection.sendall(piece)

    return send


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n"


def test_a_server_that_never_answers_is_given_up(site: Site) -> None:
    site.replies["/"] = hang
    error = failure(site, Limits(read_seconds=0.1, total_seconds=5, attempts=2))
    assert "did not answer in time" in str(error)
    assert site.paths() == ["/", "/"]


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nx: ", HEAD + b"\r\n", HEAD + b"content-length: 999\r\n\r\n"])
def test_a_server_that_drips_is_given_up_at_the_deadline(site: Site, head: bytes) -> None:
    site.replies["/"] = drip(head)
    started = time.monotonic()
    error = failure(site, Limits(read_seconds=2, total_seconds=0.4))
    assert "time for one address was up" in str(error)
    assert time.monotonic() - started < 2
    assert site.paths() == ["/"]


def test_a_body_without_end_is_cut_at_the_limit(site: Site) -> None:
    site.replies["/"] = flood(b"x" * 10_000, HEAD + b"\r\n")
    assert "expected at most 100000 bytes, found more" in str(failure(site))


def test_a_body_announced_as_too_large_is_not_read(site: Site) -> None:
    site.replies["/"] = reply_of(b"short", content_length="5000000")
    assert "expected at most 100000 bytes" in str(failure(site))


def test_a_bomb_is_not_unpacked(site: Site) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(100)) + packer.flush()
    assert len(bomb) < QUICK.max_bytes
    site.replies["/"] = reply_of(bomb, content_encoding="gzip")
    assert "expected at most 100000 bytes, found more" in str(failure(site))


def test_empty_blocks_of_gzip_without_end_are_cut_too(site: Site) -> None:
    empty = b"\x00\x00\x00\xff\xff" * 2000
    site.replies["/"] = flood(empty, HEAD + b"content-encoding: gzip\r\n\r\n" + gzip.compress(b"")[:10])
    assert "expected at most 100000 bytes" in str(failure(site))


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (reply_of(b"not gzip", content_encoding="gzip"), "no readable gzip"),
        (reply_of(gzip.compress(PAGE.encode())[:-9], content_encoding="gzip"), "ends too early"),
        (reply_of(b"x", content_encoding="br"), "packed with gzip or not at all, found 'br'"),
        (reply_of(b"x", content_encoding="gzip, gzip"), "found 'gzip, gzip'"),
        (reply_of(b"\x89PNG", media_type="image/png"), "found 'image/png'"),
        (reply_of(b"short", content_length="500"), "broke off"),
        (reply_of(b"x", content_length="-1"), "broke off or does not speak HTTP"),
        (b"SSH-2.0-OpenSSH\r\n", "does not speak HTTP"),
        (b"", "broke off"),
        (reply_of(b"", status=404), "answers with status 404"),
        (reply_of(b"", status=302), "redirects without saying where"),
        (redirect_to("http://a.test:port/"), "redirects to 'http://a.test:port/'"),
        (redirect_to("ftp://a.test/x"), "begins with http"),
        (redirect_to("file:///etc/passwd"), "begins with http"),
        (redirect_to("http://me:secret@a.test/"), "holds a name or password"),
    ],
)
def test_a_reply_that_is_no_page_says_what_it_is(site: Site, reply: bytes, message: str) -> None:
    site.replies["/"] = reply
    assert message in str(failure(site))


@pytest.mark.parametrize(
    "reply",
    [
        reply_of(b"x", content_length="9" * 5000),
        reply_of(b"", status=101),
        reply_of(b"", status=429, retry_after="9" * 30),
        reply_of(b"", status=429, retry_after="Mon, 99 Foo 99999 99:99:99 GMT"),
        redirect_to("http://xn--/"),
        redirect_to("/" + "a" * 70_000),
        redirect_to("http://[fe80::1%eth0]/"),
        HEAD + b"transfer-encoding: chunked\r\n\r\nZZ\r\n",
        HEAD + b"content-length: 1\r\ncontent-length: 2\r\n\r\nxx",
        HEAD + b"a: b\r\n" * 50_000 + b"\r\n",
        reply_of(b"x", media_type="\xff\xfe/html; charset*=''"),
        bytes(100),
    ],
)
def test_a_reply_that_breaks_the_rules_is_one_line_and_no_crash(site: Site, reply: bytes) -> None:
    site.replies |= {"/": reply, "/robots.txt": reply_of(b"", status=404)}
    failure(site)
    site.replies |= {"/": reply_of(PAGE), "/robots.txt": reply}
    with suppress(FetchError):
        fetcher().fetch(site.url)


def test_a_shorter_length_than_the_truth_bounds_what_is_read(site: Site) -> None:
    site.replies["/"] = reply_of(b"The ferry sails.", content_length="9")
    assert fetcher().fetch(site.url).body == b"The ferry"


def test_a_port_where_nobody_listens(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    pauses = Pauses()
    with pytest.raises(FetchError, match="cannot be reached"):
        fetcher(sleep=pauses).fetch(f"http://127.0.0.1:{port}/")
    assert pauses == [0.5, 1.0]


# Redirects


def test_redirects_are_followed_relative_ones_too(site: Site) -> None:
    site.replies |= {
        "/a": redirect_to("b/c", status=301),
        "/b/c": redirect_to("../d", status=307),
        "/d": redirect_to(f"//127.0.0.1:{site.port}/e", status=308),
        "/e": reply_of(PAGE),
    }
    assert fetcher().fetch(f"{site.url}/a").url == f"{site.url}/e"
    assert site.paths() == ["/a", "/b/c", "/d", "/e"]


def test_redirects_without_end_are_left_after_five(site: Site) -> None:
    site.replies["/loop"] = redirect_to("/loop")
    assert "at most 5 redirects" in str(failure(site, path="/loop"))
    assert len(site.paths()) == 6


# Retries


def test_a_busy_server_is_asked_again_when_it_says(site: Site) -> None:
    later = format_datetime(datetime.now(UTC) - timedelta(seconds=5), usegmt=True)
    site.replies["/"] = [
        reply_of(b"", status=429, retry_after="7"),
        reply_of(b"", status=503, retry_after=later),
        reply_of(PAGE),
    ]
    pauses = Pauses()
    limits = Limits(gap_seconds=0)
    assert fetcher(limits, sleep=pauses).fetch(site.url).body == PAGE.encode()
    assert pauses == [7.0, 0.0]


def test_a_server_that_asks_for_too_long_a_wait_is_left(site: Site) -> None:
    site.replies["/"] = reply_of(b"", status=429, retry_after="3600")
    pauses = Pauses()
    assert "asks to come back in 3600 s" in str(failure(site, Limits(), sleep=pauses))
    assert (pauses, site.paths()) == ([], ["/"])


@pytest.mark.parametrize(("status", "times"), [(500, 3), (502, 3), (403, 1), (404, 1), (410, 1)])
def test_only_what_may_pass_is_tried_again(site: Site, status: int, times: int) -> None:
    site.replies["/"] = reply_of(b"", status=status)
    pauses = Pauses()
    assert f"status {status}" in str(failure(site, sleep=pauses))
    assert site.paths() == ["/"] * times
    assert pauses == [0.5, 1.0][: times - 1]


# robots.txt


def test_what_robots_txt_forbids_is_not_fetched(site: Site) -> None:
    rules = "User-agent: *\nDisallow: /\n\nUser-agent: footnote\nDisallow: /private/\nCrawl-delay: 3\n"
    site.replies |= {"/robots.txt": reply_of(rules, media_type="text/plain"), "/a": reply_of(PAGE)}
    pauses = Pauses()
    polite = fetcher(sleep=pauses)
    assert polite.fetch(f"{site.url}/a").body == PAGE.encode()
    with pytest.raises(FetchError, match=r"robots\.txt does not allow .*/private/b"):
        polite.fetch(f"{site.url}/private/b")
    polite.fetch(f"{site.url}/a")
    assert [request.path for request in site.requests] == ["/robots.txt", "/a", "/a"]
    assert len(pauses) == 1
    assert 2.5 < pauses[0] <= 3


def test_a_redirect_into_what_robots_txt_forbids_is_not_followed(site: Site) -> None:
    site.replies |= {
        "/robots.txt": reply_of("User-agent: *\nDisallow: /private/", media_type="text/plain"),
        "/a": redirect_to("/private/b"),
        "/private/b": reply_of(PAGE),
    }
    assert "does not allow" in str(failure(site, path="/a"))
    assert site.paths() == ["/a"]


@pytest.mark.parametrize(
    ("robots", "is_allowed"),
    [
        (reply_of(b"", status=404), True),
        (reply_of(b"", status=403), True),
        (redirect_to("/robots.txt"), True),
        (reply_of(b"\xff\xfe\x00garbage\n\n:::", media_type="image/png"), True),
        (reply_of("User-agent: *\nDisallow:", media_type="text/html"), True),
        (reply_of(b"", status=500), False),
        (reply_of(b"", status=503), False),
        (b"", False),
    ],
)
def test_without_rules_all_is_allowed_and_with_a_failing_server_nothing(
    site: Site, robots: bytes, is_allowed: bool
) -> None:
    site.replies |= {"/robots.txt": robots, "/": reply_of(PAGE)}
    if is_allowed:
        assert fetcher().fetch(site.url).body == PAGE.encode()
    else:
        assert "robots.txt" in str(failure(site))
        assert site.paths() == []


def test_rules_beyond_the_limit_are_cut_and_the_first_ones_count(site: Site) -> None:
    rules = "User-agent: *\nDisallow: /a\n" + "# and so on\n" * 100_000
    site.replies |= {"/robots.txt": reply_of(rules, media_type="text/plain"), "/a": reply_of(PAGE)}
    assert "does not allow" in str(failure(site, path="/a"))


# Addresses


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254",
        "100.64.0.1", "100.127.255.255", "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.255.255.255", "240.0.0.1",
        "255.255.255.255", "192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "192.0.0.1",
        "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1", "2002:7f00:1::", "2002:a00:1::1",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2001::1", "100::1", "5f00::1", "", "localhost",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", [PUBLIC, "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]
)
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(address)


def test_this_machine_is_not_asked_without_the_flag(site: Site) -> None:
    for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::1]", "[::ffff:127.0.0.1]", "0"):
        with pytest.raises(FetchError, match=r"not on the public internet|is not found"):
            Fetcher(limits=QUICK, sleep=Pauses()).fetch(f"http://{host}:{site.port}/")
    assert site.requests == []


@pytest.mark.parametrize(
    "addresses", [["10.0.0.7"], [PUBLIC, "127.0.0.1"], ["169.254.169.254", PUBLIC], ["::ffff:192.168.1.1"], ["fd00::1"]]
)
def test_a_name_with_any_private_address_is_refused(site: Site, addresses: list[str]) -> None:
    wire = Wire(site)
    names = Names(news_test=[addresses])
    with pytest.raises(FetchError, match=r"'news\.test' has the address .* --allow-private"):
        fetcher(allow_private=False, resolver=names, network=wire).fetch("http://news.test/")
    assert (wire.addresses, names.asked) == ([], ["news.test"])


def test_a_name_that_changes_its_address_gains_nothing(site: Site) -> None:
    site.replies["/"] = reply_of(PAGE)
    wire = Wire(site)
    names = Names(news_test=[[PUBLIC], [PUBLIC], ["127.0.0.1"]])
    careful = fetcher(allow_private=False, resolver=names, network=wire)
    assert careful.fetch("http://news.test/").body == PAGE.encode()
    # One look-up for each connection, and the connection goes to the number that was looked at.
    assert (wire.addresses, names.asked) == ([PUBLIC, PUBLIC], ["news.test", "news.test"])
    assert [request.headers["host"] for request in site.requests] == ["news.test", "news.test"]
    with pytest.raises(FetchError, match="not on the public internet"):
        careful.fetch("http://news.test/")
    assert wire.addresses == [PUBLIC, PUBLIC]


@pytest.mark.parametrize("target", ["http://inner.test/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/"])
def test_a_redirect_to_a_private_address_is_not_followed(site: Site, target: str) -> None:
    site.replies["/a"] = redirect_to(target)
    wire = Wire(site)
    inner = {"169.254.169.254": [["169.254.169.254"]], "::1": [["::1"]]}
    names = Names(news_test=[[PUBLIC]], inner_test=[["10.0.0.1"]])
    names.answers |= inner
    with pytest.raises(FetchError, match="not on the public internet"):
        fetcher(allow_private=False, resolver=names, network=wire).fetch("http://news.test/a")
    assert set(wire.addresses) == {PUBLIC}
    assert site.paths() == ["/a"]


def test_robots_txt_on_a_private_address_is_not_asked_for(site: Site) -> None:
    site.replies["/robots.txt"] = redirect_to("http://inner.test/robots.txt")
    wire = Wire(site)
    names = Names(news_test=[[PUBLIC]], inner_test=[["192.168.0.1"]])
    with pytest.raises(FetchError, match=r"'inner\.test' has the address 192\.168\.0\.1"):
        fetcher(allow_private=False, resolver=names, network=wire).fetch("http://news.test/a")
    assert wire.addresses == [PUBLIC]


def test_the_next_address_of_a_host_is_tried_when_one_fails(site: Site) -> None:
    site.replies["/"] = reply_of(PAGE)
    names = Names(news_test=[["127.0.0.2", "127.0.0.1"]])
    assert fetcher(resolver=names).fetch(f"http://news.test:{site.port}/").body == PAGE.encode()
    assert site.requests[-1].headers["host"] == f"news.test:{site.port}"


def test_proxies_of_the_environment_are_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", site.url)
    monkeypatch.setenv("ALL_PROXY", site.url)
    with pytest.raises(FetchError, match=r"'news\.test' is not found"):
        fetcher(resolver=Names()).fetch("http://news.test/")
    assert site.requests == []


def test_certificates_are_checked_against_the_name_and_not_the_address(tmp_path: Path) -> None:
    trusted = ssl.create_default_context(cadata=PEM[PEM.index("-----BEGIN CERT") :])
    names = Names(news_test=[["127.0.0.1"]], other_test=[["127.0.0.1"]])
    with serving(tmp_path) as site:
        site.replies["/"] = reply_of(PAGE)
        careful = fetcher(resolver=names, ssl_context=trusted)
        assert careful.fetch(f"https://news.test:{site.port}/").body == PAGE.encode()
        for host, context in (("other.test", trusted), ("news.test", None)):
            pauses = Pauses()
            with pytest.raises(FetchError, match="cannot be reached safely"):
                fetcher(resolver=names, ssl_context=context, sleep=pauses).fetch(f"https://{host}:{site.port}/")
            assert pauses == []


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("ftp://news.test/a", "begins with http:// or https://"),
        ("file:///etc/passwd", "begins with http:// or https://"),
        ("http:///a", "begins with http:// or https://"),
        ("http://me:secret@news.test/", "holds a name or password"),
        ("http://news.test:99999/", "expected an address that begins"),
        ("http://a\x00b/", "expected a web address"),
        ("http://" + "a" * 70 + ".test/", "is not found"),
    ],
)
def test_what_is_no_web_address_is_refused(address: str, message: str) -> None:
    with pytest.raises(FetchError, match=message) as caught:
        fetcher(allow_private=False, resolver=Names()).fetch(address)
    assert "secret" not in str(caught.value)


def test_names_beyond_ascii_are_sent_as_they_are_registered(site: Site) -> None:
    assert str(web_address("HTTP://Zeitung-München.Test/Straße?q=ü#x")) == (
        "http://xn--zeitung-mnchen-osb.test/Stra%C3%9Fe?q=%C3%BC"
    )
    names = Names()
    names.answers["xn--zeitung-mnchen-osb.test"] = [["127.0.0.1"]]
    site.replies["/"] = reply_of(PAGE)
    fetcher(resolver=names).fetch(f"http://zeitung-münchen.test:{site.port}/")
    assert site.requests[-1].headers["host"].startswith("xn--zeitung-mnchen-osb.test")

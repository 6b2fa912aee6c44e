import pytest

from ingest.article import Article, Published
from ingest.errors import ReadError
from ingest.readers.feed import read_feed
from ingest.readers.notice import Notice
from ingest.readers.raw import RawFile

RSS = """<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Reef Herald</title><language>en-gb</language>
<item>
  <title>Light &amp; shade</title><link>https://reef.example/1</link><guid>tag:1</guid>
  <pubDate>Thu, 18 Sep 2025 14:03:00 +0800</pubDate><dc:creator>Ida Holm</dc:creator>
  <description>A teaser.</description>
  <content:encoded><![CDATA[<p>The café’s light went out.</p><p>It <a href="/x">came back</a>.</p>
  <p>The post <a>Light</a> appeared first on <a>Reef Herald</a>.</p>]]></content:encoded>
</item>
<item><title>Second</title><guid>tag:1</guid>
  <description>The buoy drifted off in the storm and [&amp;#8230;]</description></item>
<item><title>Third</title><link>https://reef.example/3</link></item>
</channel></rss>
"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Reef Herald</title>
<entry><title type="html">Light &amp;amp; shade</title><id>urn:1</id><published>2025-09-18T14:03:00Z</published>
<link rel="self" href="https://reef.example/self"/><link rel="alternate" href="https://reef.example/1"/>
<author><name>Ida Holm</name></author>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One.</p><p>Two.</p></div></content></entry></feed>
"""


def read(data: bytes) -> list[Article | Notice]:
    return list(read_feed(RawFile("reef.xml", data)))


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252"])
def test_rss(encoding: str) -> None:
    first, renamed, second, third = read(RSS.format(encoding=encoding).encode(encoding))
    assert isinstance(first, Article)
    assert first == Article(
        id="reef.xml#tag:1",
        title="Light & shade",
        text="The café’s light went out.\n\nIt came back.",
        source="Reef Herald",
        author="Ida Holm",
        published=Published("2025-09-18T14:03:00+08:00", "feed"),
        url="https://reef.example/1",
        path="reef.xml",
        sha256=first.sha256,
        language="en",
    )
    assert isinstance(renamed, Notice)
    assert (renamed.id, renamed.outcome) == ("reef.xml#tag:1~2", "renamed")
    assert isinstance(second, Article)
    assert (second.id, second.excerpt) == ("reef.xml#tag:1~2", True)
    assert isinstance(third, Notice)
    assert (third.id, third.outcome) == ("reef.xml#https://reef.example/3", "failed")


def test_atom() -> None:
    (article,) = read(ATOM.encode())
    assert isinstance(article, Article)
    assert (article.id, article.title, article.text) == ("reef.xml#urn:1", "Light & shade", "One.\n\nTwo.")
    assert (article.author, article.url, article.source) == ("Ida Holm", "https://reef.example/1", "Reef Herald")
    assert article.published == Published("2025-09-18T14:03:00+00:00", "feed")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<opml><body/></opml>", "begins with <opml>"),
        (b"<rss><channel><title>Empty</title></channel></rss>", "without any"),
        (b"not xml", "expected an RSS or Atom feed"),
        (b"<rss", "without any"),
    ],
)
def test_what_is_no_feed(data: bytes, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        read(data)


def test_entities_are_never_expanded_and_no_file_is_read() -> None:
    bomb = "".join(f'<!ENTITY a{number} "{f"&a{number - 1};" * 10}">' for number in range(1, 12))
    feed = f"""<!DOCTYPE rss [<!ENTITY a0 "haha">{bomb}<!ENTITY file SYSTEM "file:///etc/passwd">]>
    <rss><channel><title>t</title><item><title>One</title>
    <description>Text &a11; &file; end.</description></item></channel></rss>"""
    (article,) = read(feed.encode())
    assert isinstance(article, Article)
    assert len(article.text) < 100
    assert "root:" not in article.text

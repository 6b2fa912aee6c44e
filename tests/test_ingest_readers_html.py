import json
import time

import pytest

from ingest.article import Article, Published
from ingest.errors import ReadError
from ingest.readers.html import parsed_tree, read_html
from ingest.readers.html_text import fragment_text
from ingest.readers.raw import RawFile

PARAGRAPHS = (
    "The lighthouse on the northern reef went dark on Sunday for the first time in ninety years, and nobody on the "
    "mainland noticed until a trawler radioed the harbour office.",
    "Engineers who reached the rock on Monday found the main bearing cracked. They say that a new one has to be cast, "
    "which will take until the end of October at the earliest.",
    "Until then a buoy with a flashing lamp marks the reef. Captains have been told to keep two miles off it at night, "
    "and the coast guard has moved one of its boats to the bay.",
    "Ida Holm, who kept the light until it was automated in 1988, said that she had warned of the bearing for years. "
    "The port authority did not answer questions about her reports.",
)
LINKED = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "WebSite", "name": "Reef Herald"},
        {
            "@type": "NewsArticle",
            "headline": "Lighthouse goes dark after ninety years",
            "datePublished": "2025-09-16T08:30:00+02:00",
            "dateModified": "2025-09-20T10:00:00+02:00",
            "author": [{"@type": "Person", "name": "Jonas Weir"}],
            "publisher": {"@type": "Organization", "name": "Reef Herald"},
            "inLanguage": "en-GB",
        },
    ],
}
BODY = f"""
<header class="site-header"><nav><a href="/">Home</a> <a href="/news">News</a></nav></header>
<div id="cookie-consent"><p>We use cookies to give you the best experience on our site. Accept all cookies?</p></div>
<main><article class="story">
  <h1>Lighthouse goes dark after ninety years</h1>
  <div class="byline">By <a rel="author" href="/jw">Jonas Weir</a> <time datetime="2025-09-15">15 September</time></div>
  <div class="share-bar"><a href="#">Share</a> <a href="#">Tweet</a></div>
  <figure><img src="a.jpg"><figcaption>The lighthouse in 1935, with its keepers on the steps.</figcaption></figure>
  <p>{PARAGRAPHS[0]}</p>
  <p class="read-more">Read more: <a href="/x">The keepers who never left the rock</a></p>
  <p>{PARAGRAPHS[1]}</p>
  <h2>What ships must do</h2>
  <p>{PARAGRAPHS[2]}</p>
  <ul><li>Keep two miles off the reef at night.</li><li>Report to the harbour on <b>channel 12</b>.</li></ul>
  <table><tr><th>Light</th><th>Range</th></tr><tr><td>Old lamp</td><td>18 miles</td></tr></table>
  <blockquote><p>The sea does not care what the budget says.</p></blockquote>
  <aside class="related"><h3>Related stories</h3><ul><li><a href="/1">Buoy drifts off in storm</a></li></ul></aside>
  <p>{PARAGRAPHS[3]}</p>
  <p>Follow Jonas Weir on Twitter at <a href="https://x.example/jw">@jonasweir</a>.</p>
  <div class="newsletter-signup"><p>Get the best of the Herald in your inbox every morning, free of charge.</p></div>
</article></main>
<section><h3>More from the coast</h3><p><a href="/2">Fishing quota cut for the third year running</a></p></section>
<footer><p>© 2025 Reef Herald. All rights reserved.</p></footer>
"""
TEXT = "\n\n".join(
    (
        *PARAGRAPHS[:2],
        "What ships must do",
        PARAGRAPHS[2],
        "- Keep two miles off the reef at night.\n- Report to the harbour on channel 12.",
        "Light | Range\nOld lamp | 18 miles",
        "The sea does not care what the budget says.",
        PARAGRAPHS[3],
    )
)


def page(head: str = "", body: str = BODY) -> bytes:
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()


def read(data: bytes) -> Article:
    return read_html(RawFile("reef.html", data))


def test_the_article_and_nothing_but_the_article() -> None:
    head = (
        f'<title>Lighthouse | Reef Herald</title><script type="application/ld+json">{json.dumps(LINKED)}</script>'
        '<link rel="canonical" href="https://reef.example/2025/09/16/lighthouse">'
    )
    raw = RawFile("reef.html", page(head))
    assert read_html(raw) == Article(
        id="reef.html",
        title="Lighthouse goes dark after ninety years",
        text=TEXT,
        source="Reef Herald",
        author="Jonas Weir",
        published=Published("2025-09-16T08:30:00+02:00", "JSON-LD"),
        url="https://reef.example/2025/09/16/lighthouse",
        path="reef.html",
        sha256=raw.sha256,
        language="en",
    )


def test_meta_tags_come_after_json_ld() -> None:
    head = (
        '<meta property="og:title" content="A dark light"><meta property="og:site_name" content="Reef Herald">'
        '<meta property="article:published_time" content="2025-09-16T06:30:00Z">'
        '<meta name="author" content="by Ida Holm"><meta property="og:url" content="https://reef.example/a">'
    )
    article = read(page(head))
    assert (article.title, article.source, article.author) == ("A dark light", "Reef Herald", "Ida Holm")
    assert (article.published, article.url) == (
        Published("2025-09-16T06:30:00+00:00", "meta tag"),
        "https://reef.example/a",
    )


def test_the_byline_comes_last_but_for_the_address() -> None:
    article = read(page())
    assert (article.title, article.author) == ("Lighthouse goes dark after ninety years", "Jonas Weir")
    assert article.published == Published("2025-09-15", "byline")
    plain = BODY.replace('<time datetime="2025-09-15">15 September</time>', "")
    assert read(page(body=plain)).published is None
    head = '<link rel="canonical" href="https://reef.example/2025/09/16/lighthouse">'
    assert read(page(head, plain)).published == Published("2025-09-16", "url")
    assert read(page(head, plain)).source == "reef.example"


def test_a_date_of_change_is_no_date_of_publication() -> None:
    linked = {"@type": "Article", "headline": "A", "dateModified": "2025-09-20"}
    head = f'<script type="application/ld+json">{json.dumps(linked)}</script>'
    body = BODY.replace(
        '<time datetime="2025-09-15">15 September</time>', '<time class="updated">20 September 2025</time>'
    )
    assert read(page(head, body)).published is None


@pytest.mark.parametrize(
    "linked", ["{not json", "[" * 10_000, '{"@type": 3}', '{"@type": "NewsArticle", "author": [[[]]]}', "null"]
)
def test_broken_json_ld_is_passed_over(linked: str) -> None:
    assert read(page(f'<script type="application/ld+json">{linked}</script>')).text == TEXT


def test_class_names_of_the_whole_page_say_nothing_of_its_parts() -> None:
    body = BODY.replace('class="story"', 'class="story with-sidebar has-comments"')
    assert read(page(body=f'<div class="navigation-wide">{body}</div>')).text == TEXT


def test_an_article_in_chunks_is_read_to_its_end() -> None:
    chunk = '<div class="grid"><div class="body-text">{}</div><div class="ad-slot"><p>Advertisement</p></div></div>'
    first = chunk.format("".join(f"<p>{text} {number}</p>" for number, text in enumerate(PARAGRAPHS)))
    second = chunk.format("".join(f"<p>{text} {number}</p>" for number, text in enumerate(reversed(PARAGRAPHS))))
    article = read(page(body=f"<article><h1>Lighthouse goes dark</h1>{first}{second}</article>"))
    assert article.text.count("The lighthouse on the northern reef") == 2


def test_other_articles_inside_the_page_are_left_out() -> None:
    others = "<h3>You may also like</h3>" + "".join(
        f'<article class="story"><p>{text}</p></article>' for text in reversed(PARAGRAPHS)
    )
    body = f'<article class="story"><h1>Dark</h1><p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p>{others}</article>'
    assert read(page(body=body)).text == f"{PARAGRAPHS[0]}\n\n{PARAGRAPHS[1]}"


def test_a_page_that_a_script_fills_in_is_read_from_json_ld() -> None:
    linked = {"@type": "NewsArticle", "headline": "Dark", "articleBody": "\n\n".join(PARAGRAPHS)}
    head = f'<script type="application/ld+json">{json.dumps(linked)}</script>'
    article = read(page(head, '<div id="app"><p>Please turn on JavaScript.</p></div>'))
    assert (article.title, article.text) == ("Dark", "\n\n".join(PARAGRAPHS))


def test_a_page_that_ends_early_is_an_excerpt() -> None:
    text = "".join(f"<p>{text}</p>" for text in PARAGRAPHS[:2])
    body = f"<article><h1>Dark</h1>{text}<p>Subscribe to continue reading</p></article>"
    article = read(page(body=body))
    assert (article.excerpt, article.text) == (True, f"{PARAGRAPHS[0]}\n\n{PARAGRAPHS[1]}")
    assert not read(page()).excerpt


def test_the_declared_encoding_is_heeded() -> None:
    body = f"<article><p>Zażółć gęślą jaźń. {PARAGRAPHS[0]}</p></article>"
    markup = page('<meta charset="windows-1250">', body).decode()
    assert read(markup.encode("cp1250")).text.startswith("Zażółć gęślą jaźń.")


@pytest.mark.parametrize(
    "data", [b"<html></html>", b"<html><body><script>var a = 1;</script></body></html>", b"<!-- nothing -->"]
)
def test_a_page_without_an_article_is_an_error(data: bytes) -> None:
    with pytest.raises(ReadError) as caught:
        read(data)
    assert "\n" not in str(caught.value)


def test_elements_nested_very_deep_do_no_harm() -> None:
    deep = "<div>" * 3000 + "<b>" * 3000 + "deep" + "</b>" * 3000 + "</div>" * 3000
    article = read(page(body=f"<article><p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p></article>{deep}"))
    assert PARAGRAPHS[0] in article.text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Plain &amp; simple", "Plain & simple"),
        ("<p>One</p><p>Two<br>three</p>", "One\n\nTwo\nthree"),
        ("One<br><br>Two", "One\n\nTwo"),
        ("<ol><li>a<li>b</ol>", "- a\n- b"),
        ("<pre>x = 1\n  y</pre>", "x = 1\n  y"),
        ("<p>Seen <span hidden>not</span><i>this</i></p><script>x</script>", "Seen this"),
        ("a < b and c > d", "a < b and c > d"),
    ],
)
def test_fragment_text(markup: str, text: str) -> None:
    assert fragment_text(markup) == text


def test_a_table_that_lays_out_the_page_is_no_data() -> None:
    side = "<table><tr><td>“The sea does not care.”</td></tr></table>"
    story = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    body = f"<table><tr><td>Menu</td><td><h1>Dark</h1>{story}{side}</td></tr><tr><td></td><td>Foot</td></tr></table>"
    assert read(page(body=body)).text.startswith("\n\n".join(PARAGRAPHS))


def test_an_article_in_a_list_item_is_no_list() -> None:
    story = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    assert read(page(body=f"<ul><li><h1>Dark</h1>{story}</li></ul>")).text == "\n\n".join(PARAGRAPHS)


def test_a_short_first_sentence_is_no_byline() -> None:
    story = "".join(f"<p>{text}</p>" for text in ("By dawn the harbour was empty.", *PARAGRAPHS))
    article = read(page(body=f"<article><h1>Dark</h1><p>By Ida Holm</p>{story}</article>"))
    assert article.text == "\n\n".join(("By dawn the harbour was empty.", *PARAGRAPHS))


def test_headings_that_are_links_stay_over_their_text() -> None:
    story = "".join(
        f'<h2><a href="/lamp{at}">Lamp number {at}</a></h2><p>{text}</p>' for at, text in enumerate(PARAGRAPHS)
    )
    article = read(page(body=f"<article><h1>Four lamps for the reef</h1><p>{PARAGRAPHS[0]}</p>{story}</article>"))
    assert [article.text.count(f"Lamp number {at}") for at in range(4)] == [1, 1, 1, 1]


def test_a_tag_with_a_hundred_thousand_attributes_takes_no_minute() -> None:
    attributes = " ".join(f"a{number}=1" for number in range(100_000))
    started = time.process_time()
    assert read(page(body=f"<article {attributes}>{BODY}</article>")).text == read(page(body=BODY)).text
    assert time.process_time() - started < 5.0


def test_a_picture_written_into_its_tag_keeps_the_attributes_it_has() -> None:
    picture = f'<img alt="The quay" src="data:image/png;base64,{"QUFB" * 30_000}">'
    tree = parsed_tree(f"<p>Before.</p>{picture}<p>After.</p>")
    assert [image.get("alt") for image in tree.iter("img")] == ["The quay"]

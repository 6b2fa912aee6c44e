import textwrap

import pytest

from ingest.article import Article, Published
from ingest.errors import ReadError
from ingest.readers.byline import origin_of, outlet_of_copyright, writer_of
from ingest.readers.furniture import (
    is_call,
    is_caption,
    is_cut_off,
    is_label_run,
    is_related_line,
    is_reporting_credit,
)
from ingest.readers.raw import RawFile
from ingest.readers.text import read_text

FIRST = (
    "For two winters the ferry between the islands ran half empty, and the company that owns it kept saying that "
    "the line would not survive a third. Then the bridge closed for repairs."
)
SECOND = (
    "Since May the boats have carried 3,200 people a day, four times as many as before. Crews work double shifts, "
    "and the oldest vessel, built in 1971, is back in service."
)
THIRD = "“We never thought we would need it again,” said Ida Holm, who runs the harbour office on the eastern island."

AGGREGATOR = f"""Island Digest
← All stories

Ferries Fill Up Again as the Sound Bridge Closes

save share original related stories

This article was first published in The Sound Courier.

{FIRST}

{SECOND}

The old ferry leaves the eastern island at dawn on a day in June. Kim Lund/Nordfoto Images

A Second Life for the Boats

{THIRD}

… read the full story
"""

NEWSPAPER = f"""Skip to content
Menu
News | Sport | Culture | Opinion | Weather
Subscribe

Harbour

Ferries fill up again as the bridge closes

Passengers return in numbers nobody expected

By Jonas Weir, Transport Reporter
18 September 2025 · 4 min read

Share Tweet Email

{FIRST}

Read more: Why the bridge took nine years to build

{SECOND}

ADVERTISEMENT

(Photo: Port Archive)

{THIRD}

Sign up for our newsletter and get the morning's news in your inbox.

More from Harbour

Fishing quota cut for the third year
Museum ship to be repainted

3 Comments

oldsailor
I remember when that boat was new and everyone on the island came out to look at it.

© 2025 Sound Courier Media. All rights reserved.
"""

BLOG = f"""Home · About · Archive

Ferries, again

Posted on September 18, 2025 by Jonas Weir

{FIRST}

Things to bring:

- a coat
- something to read

{SECOND}

Tags: ferries, bridges

← Older post    Newer post →
"""


def read(text: str, path: str = "ferries.txt") -> Article:
    return read_text(RawFile(path, text.encode()))


def test_an_aggregators_page_that_is_cut_off() -> None:
    raw = RawFile("ferries.txt", AGGREGATOR.encode())
    assert read_text(raw) == Article(
        id="ferries.txt",
        title="Ferries Fill Up Again as the Sound Bridge Closes",
        text=f"{FIRST}\n\n{SECOND}\n\nA Second Life for the Boats\n\n{THIRD}",
        source="The Sound Courier",
        path="ferries.txt",
        sha256=raw.sha256,
        excerpt=True,
        language="en",
    )


def test_a_newspapers_page_with_menus_and_comments() -> None:
    article = read(NEWSPAPER)
    assert article.text == f"{FIRST}\n\n{SECOND}\n\n{THIRD}"
    assert article.title == "Ferries fill up again as the bridge closes"
    assert (article.source, article.author) == ("Sound Courier Media", "Jonas Weir")
    assert article.published == Published("2025-09-18", "byline")
    assert not article.excerpt


def test_a_blog_page() -> None:
    article = read(BLOG)
    assert article.text == f"{FIRST}\n\nThings to bring:\n\n- a coat\n- something to read\n\n{SECOND}"
    assert article.title == "Ferries, again"
    assert article.published == Published("2025-09-18", "byline")


def test_a_note_keeps_every_line() -> None:
    note = f"Ferry notes\n\nPolicy\n\n{FIRST}\n\nCosts\n\nfuel 12\ncrew 30\n\nDelivery vans: 4 / Buses: 2"
    article = read(note)
    assert article.title == "Ferry notes"
    assert article.text == f"Policy\n\n{FIRST}\n\nCosts\n\nfuel 12\ncrew 30\n\nDelivery vans: 4 / Buses: 2"


def test_a_header_of_fields() -> None:
    article = read(f"Title: Ferries, again\nSource: Sound Courier\nDate: 18 September 2025\n\n{FIRST}")
    assert (article.title, article.source, article.text) == ("Ferries, again", "Sound Courier", FIRST)
    assert article.published == Published("2025-09-18", "byline")


def test_text_without_a_title_is_named_after_its_file() -> None:
    article = read(f"{FIRST}\n\n{SECOND}", "old_ferry-log.txt")
    assert (article.title, article.text) == ("old ferry log", f"{FIRST}\n\n{SECOND}")


def test_hard_wrapped_text_is_joined() -> None:
    lines = textwrap.fill(FIRST, 70)
    assert "\n" in lines
    assert read(f"Ferry notes today\n\n{lines}").text == FIRST


@pytest.mark.parametrize("text", [" \n\n ", "\u200b\ufeff", "---\n***"])
def test_no_text_is_an_error(text: str) -> None:
    with pytest.raises(ReadError, match="no text"):
        read(text)


def test_a_title_alone_is_an_article() -> None:
    assert read("Ferries, again").text == "Ferries, again"


@pytest.mark.parametrize(
    "sentence",
    [
        "Rising rates also contributed to the decline of the old shipyards.",
        "Research by the harbour institute found that the seabed sank by two metres.",
        "He wrote on Twitter that his newsletter would close in May.",
        "The new privacy policy and terms of service let the company read cookies.",
        "Ad-supported tiers now make up half of all sales.",
        "Watch-makers in Geneva fear the tariff.",
        "The controller speaks to the engine over TCP/IP.",
        "The plant belongs to Samsung/SK Hynix.",
        "Visitors must register before they may enter the harbour.",
        "Policy and business news moved the markets on Tuesday.",
        "More on this than on any other point, the ministers disagreed.",
        "Follow-up studies showed the same effect in colder water.",
        "Downloads of the app doubled within a week of the launch.",
        "Copyrighted songs made up a third of the archive.",
    ],
)
def test_sentences_that_only_mention_such_things_are_no_furniture(sentence: str) -> None:
    judges = (is_call, is_caption, is_cut_off, is_label_run, is_related_line, is_reporting_credit)
    assert [judge.__name__ for judge in judges if judge(sentence)] == []


@pytest.mark.parametrize(
    ("line", "judge"),
    [
        ("Read more: The bridge that took nine years", is_related_line),
        ("You may also like", is_related_line),
        ("Lesen Sie auch: Die Brücke", is_related_line),
        ("関連記事", is_related_line),
        ("Follow us on Facebook and Twitter", is_call),
        ("Sign up for our newsletter", is_call),
        ("Email Jonas Weir at jonas@courier.example or follow him @jweir.", is_call),
        ("© 2025 Sound Courier. All rights reserved.", is_call),
        ("Home News Sport Business", is_label_run),
        ("Share · Save · Print", is_label_run),
        ("Log in", is_label_run),
        ("The old ferry at dawn. Kim Lund/Nordfoto Images", is_caption),
        ("The first map of the bay. (PORT/HARBOUR INSTITUTE)", is_caption),
        ("Ferries wait in line (Image: Port Archive)", is_caption),
        ("Photo: Kim Lund", is_caption),
        ("... continue reading", is_cut_off),
        ("Subscribe to continue reading", is_cut_off),
        ("[…] read the full article", is_cut_off),
        ("Reporting by Ida Holm; editing by Jonas Weir", is_reporting_credit),
        ("Kim Lund contributed to this report.", is_reporting_credit),
    ],
)
def test_furniture_of_many_kinds(line: str, judge) -> None:  # type: ignore[no-untyped-def]
    assert judge(line)


@pytest.mark.parametrize(
    ("line", "origin"),
    [
        ("This post originally appeared on Sound Courier.", "Sound Courier"),
        ("Originally published in The Sound Courier on May 3, 2025", "The Sound Courier"),
        (
            "A version of this article first appeared in the Harbour Times and is used with permission.",
            "the Harbour Times",
        ),
        ("Republished from The Tide under a Creative Commons licence.", "The Tide"),
        ("The post Ferries, again appeared first on tide.example.", "tide.example"),
        ("The ferry originally belonged to the navy.", ""),
        ("The bridge first appeared on maps in 1911.", ""),
    ],
)
def test_origin_of(line: str, origin: str) -> None:
    assert origin_of(line) == origin


@pytest.mark.parametrize(
    ("line", "writer"),
    [
        ("By Ida Holm, Staff Writer", "Ida Holm"),
        ("By IDA HOLM | 18 Sept 2025", "IDA HOLM"),
        ("By the harbour it was calm", ""),
    ],
)
def test_writer_of(line: str, writer: str) -> None:
    assert writer_of(line) == writer


def test_outlet_of_copyright() -> None:
    assert outlet_of_copyright("© 2019-2025 Sound Courier Media. All rights reserved.") == "Sound Courier Media"
    assert outlet_of_copyright("© Kim Lund") == ""

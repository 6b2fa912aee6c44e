import pytest

from ingest.article import Article, Published
from ingest.errors import ReadError
from ingest.readers.markdown import read_markdown
from ingest.readers.markdown_text import markdown_blocks
from ingest.readers.raw import RawFile

YAML = """---
title: "Tides: a short history"
source: {name: Port Gazette}
authors: [Ida Holm, Jonas Weir]
published: 2025-09
url: https://gazette.example/tides
language: en-GB
---

# Tides: a short history

The tide *turns* twice a day, as [every sailor](https://a.example/x_(y)) knows.
"""


def read(text: str, path: str = "sea/tides.md") -> Article:
    return read_markdown(RawFile(path, text.encode()))


def test_front_matter_in_yaml() -> None:
    raw = RawFile("sea/tides.md", YAML.encode())
    assert read_markdown(raw) == Article(
        id="sea/tides.md",
        title="Tides: a short history",
        text="The tide turns twice a day, as every sailor knows.",
        source="Port Gazette",
        author="Ida Holm, Jonas Weir",
        published=Published("2025-09", "front matter"),
        url="https://gazette.example/tides",
        path="sea/tides.md",
        sha256=raw.sha256,
        language="en",
    )


def test_front_matter_in_toml() -> None:
    article = read('+++\ntitle = "Tides"\ndate = 2025-09-18T14:03:00+08:00\nexcerpt = true\n+++\nThe tide turns.\n')
    assert (article.title, article.text, article.excerpt) == ("Tides", "The tide turns.", True)
    assert article.published == Published("2025-09-18T14:03:00+08:00", "front matter")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("---\ntitle: one: two\n---\nText.", "front matter, line 2: expected YAML"),
        ("---\ntitle: fine\nsource: [open\n---\nText.", "front matter, line"),
        ("---\ntitle: never closed\n\nText.", "front matter opened on line 1 is never closed"),
        ("+++\ntitle = no quotes\n+++\nText.", "front matter, line 2: expected TOML"),
    ],
)
def test_bad_front_matter_names_its_line(text: str, message: str) -> None:
    with pytest.raises(ReadError, match=message) as caught:
        read(text)
    assert "\n" not in str(caught.value)


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    assert read("---\n\nJust a note.\n\n---\n\nIts end.").text == "Just a note.\n\nIts end."


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# The *first* heading\n\nText.", "The first heading"),
        ("Text before.\n\n# Later heading\n\nText.", "Later heading"),
        ("Only text.", "a quiet-day".replace("-", " ")),
        ("---\ntitle: ~\n---\nOnly text.", "a quiet day"),
    ],
)
def test_title_of_a_file_without_one(text: str, title: str) -> None:
    assert read(text, "notes/a_quiet-day.md").title == title


def test_marks_become_plain_readable_text() -> None:
    text = r"""
Some **bold with `code *kept*`** and __more__, snake_case_names, 5 * 3 * 2, ~~struck~~ &amp; \*escaped\*.
A second line ![a picture](a.png) of it[^1].

Setext heading
--------------

- salt
- bread, which
  goes on
  1. white

3. third

> A quote
> of two lines.

| Port | Tide |
|------|-----:|
| East | 2.1 m |

```python
def f():
    return "*"
```
<!-- a note
to self --> <div class="x">In a tag</div> <https://a.example>

[ref]: https://a.example "Title"
Line with a break\
after it.

***
"""
    assert [block.text for block in markdown_blocks(text)] == [
        "Some bold with code *kept* and more, snake_case_names, 5 * 3 * 2, struck & *escaped*. A second line  of it.",
        "Setext heading",
        "- salt\n- bread, which goes on\n1. white\n3. third",
        "A quote of two lines.",
        "Port | Tide\nEast | 2.1 m",
        'def f():\n    return "*"',
        "In a tag https://a.example",
        "Line with a break\nafter it.",
    ]


@pytest.mark.parametrize("heading", ["Sources", "References", "Further reading", "Sources and links", "Quellen"])
def test_a_closing_list_of_sources_is_left_out(heading: str) -> None:
    text = f"The tide turns.\n\n## {heading}\n\n- Port Gazette, 3 May 2025\n- https://a.example/tides\n"
    assert read(text).text == "The tide turns."


def test_a_section_on_sources_that_speaks_stays() -> None:
    text = "The river is long.\n\n## Sources\n\nIts sources lie in the hills, where three springs meet below a rock.\n"
    assert read(text).text.endswith("where three springs meet below a rock.")


def test_sources_in_the_middle_stay() -> None:
    text = "One.\n\n## Sources\n\n- a list\n\n## After\n\nTwo."
    assert "- a list" in read(text).text


@pytest.mark.parametrize("text", ["", "   \n\n", "---\ntitle: Empty\n---\n", "![only](a.png)", "# \n"])
def test_no_text_is_an_error(text: str) -> None:
    with pytest.raises(ReadError, match="no text"):
        read(text)


@pytest.mark.parametrize(
    "hostile",
    ["*" * 50_000, "[" * 50_000, "> " * 5_000, "<!--" * 20_000, " " * 100_000 + "x", "`" * 50_000, "![](" * 9_000],
)
def test_hostile_text_is_read_in_no_time(hostile: str) -> None:
    markdown_blocks(f"{hostile}\n\n{hostile}")


@pytest.mark.parametrize("value", ["[" * 30_000, "{a: " * 15_000, "- " * 30_000, "? " * 30_000])
def test_front_matter_nested_without_end_is_refused(value: str) -> None:
    with pytest.raises(ReadError, match="front matter, line"):
        read(f"---\ntitle: Fine\nsource:\n{value}\n---\nText.")


def test_aliases_in_front_matter_never_multiply() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"b{number}: &b{number} [*a, *a]\n" for number in range(500))
    assert read(f"---\n{bomb}title: Fine\n---\nText.").title == "Fine"


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        (r"\[a](b)", "[a](b)"),
        (r"\*a* \_b_ \`c`", "*a* _b_ `c`"),
        (r"*a\* b*", "a* b"),
        (r"\&amp; &amp;amp;", "&amp; &amp;"),
        ("`\\*a*`", r"\*a*"),
        ("\ue0000\ue001 `x`", "\ue0000\ue001 x"),
    ],
)
def test_what_is_escaped_is_text(marked: str, plain: str) -> None:
    assert [block.text for block in markdown_blocks(marked)] == [plain]


def test_code_keeps_signs_that_would_be_a_quote_outside_it() -> None:
    assert [block.text for block in markdown_blocks("```\n> x\n```\n\n> ```\n> y\n> ```")] == ["> x", "y"]

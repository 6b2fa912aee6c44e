import os
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.article import Article, Published
from ingest.clean import normalise, one_line, tidy
from ingest.errors import CorpusError, ReadError
from ingest.language import language_of
from ingest.markdown_out import markdown_of
from ingest.readers import read_article
from ingest.readers.markdown_text import markdown_blocks
from ingest.readers.metadata import label_of
from ingest.save import Saved, Shelf, article_markdown, file_stem

RETRIEVED = "2026-01-05T09:30:00+00:00"
ARTICLE = Article(
    id="x",
    title='The bridge: "open" at last',
    text="The harbour bridge opened on Saturday.\n\n- Length: 400 metres\n- Lanes: two\n\n# 1 in the region.",
    source="Port Gazette",
    author="Ida Holm, Jonas Weir",
    published=Published("2025-03-01T10:00:00+01:00", "JSON-LD"),
    url="https://gazette.test/2025/bridge?a=1&b=2#top",
    excerpt=True,
    language="en",
)
FIELDS = ("title", "text", "source", "author", "published", "url", "excerpt", "language")


def known(article: Article) -> dict[str, object]:
    """What an article says, without where it stands."""
    return {name: getattr(article, name) for name in FIELDS}


def test_a_saved_article_is_a_file_that_a_person_can_read(tmp_path: Path) -> None:
    saved = Shelf(tmp_path).save(ARTICLE, origin="https://gazette.test/b", retrieved=RETRIEVED)
    assert saved == Saved("added", "the-bridge-open-at-last-2025-03-01.md", ARTICLE.title)
    lines = (tmp_path / saved.path).read_text(encoding="utf-8").split("\n")
    assert lines[11].startswith("retrieved_digest: ")
    assert [*lines[:11], *lines[12:]] == [
        "---",
        'title: "The bridge: \\"open\\" at last"',
        "source: Port Gazette",
        "author: Ida Holm, Jonas Weir",
        "published: 2025-03-01T10:00:00+01:00",
        "published_origin: JSON-LD",
        'url: "https://gazette.test/2025/bridge?a=1&b=2#top"',
        "language: en",
        "excerpt: true",
        "retrieved: 2026-01-05T09:30:00+00:00",
        "retrieved_from: https://gazette.test/b",
        "---",
        "",
        "The harbour bridge opened on Saturday.",
        "",
        "- Length: 400 metres",
        "- Lanes: two",
        "",
        "\\# 1 in the region.",
        "",
    ]
    assert known(read_article(tmp_path / saved.path, root=tmp_path)) == known(ARTICLE)
    assert list(tmp_path.iterdir()) == [tmp_path / saved.path]


MARKS = st.sampled_from([
    "- ", "* ", "1. ", "12) ", "# ", "> ", "| ", " | ", "```", "~~~", "---", "===", "+++", "\\", "*", "_", "`", "!",
    "[a](b)", "![x](y)", "[^1]:", "[r]: http://x", "[x] ", "<!--", "-->", "<b>", "&amp;", "&", "<https://a.b>", "~~x~~",
    "word", "Some text", "Sources", "\u3000", "  ", "    ", "\n", "\n\n", "\ue000", "0", "\ue001", "é", "港", "\t", ":",
    "\u0301", "title: x",
])  # fmt: skip
TEXTS = st.one_of(st.lists(MARKS, max_size=14).map("".join), st.text(max_size=60)).map(
    lambda text: tidy(normalise(text))
)
LABELS = (
    st.one_of(st.text(max_size=40), st.lists(MARKS, max_size=5).map("".join), st.sampled_from(["No", "unknown", "1e5"]))
    .map(one_line)
    .filter(bool)
)
DATES = st.one_of(
    st.none(),
    st.builds(
        Published,
        st.sampled_from(["2025", "2025-09", "2025-09-18", "2025-09-18T14:03:00", "2025-09-18T14:03:00+08:00"]),
        st.sampled_from(["front matter", "record", "JSON-LD", "meta tag", "byline", "url", "feed"]),
    ),
)


@settings(max_examples=400, deadline=None)
@given(text=TEXTS)
def test_text_as_markdown_reads_back_to_the_letter(text: str) -> None:
    blocks = markdown_blocks(normalise(f"\n\n{markdown_of(text)}\n"))
    assert tidy(normalise("\n\n".join(block.text for block in blocks))) == text
    assert not any(block.heading for block in blocks)


@settings(max_examples=300, deadline=None)
@given(title=LABELS, text=TEXTS, source=LABELS, author=LABELS, published=DATES, excerpt=st.booleans())
def test_a_saved_article_reads_back_to_the_letter(
    tmp_path_factory: pytest.TempPathFactory,
    title: str,
    text: str,
    source: str,
    author: str,
    published: Published | None,
    excerpt: bool,
) -> None:
    body = f"Tide {text}".strip()
    article = Article(
        id="x",
        title=title,
        text=body,
        source=label_of(source),
        author=label_of(author),
        published=published,
        url="https://a.test/ü?q=%20",
        excerpt=excerpt,
        language=language_of(body),
    )
    file = tmp_path_factory.mktemp("saved") / "a.md"
    file.write_text(article_markdown(article, origin="o", retrieved=RETRIEVED), encoding="utf-8", newline="")
    assert known(read_article(file)) == known(article)


@settings(max_examples=200, deadline=None)
@given(title=LABELS, source=LABELS)
def test_other_programs_read_the_front_matter_too(title: str, source: str) -> None:
    text = article_markdown(replace(ARTICLE, title=title, source=source), origin="a: b", retrieved=RETRIEVED)
    fields = yaml.safe_load(text.split("\n---\n")[0].removeprefix("---\n"))
    assert fields["source"] == source
    assert fields.get("title", title) == title
    assert fields["excerpt"] is True


@pytest.mark.parametrize("title", ["unknown", "N/A", "#", "C #", "*a* [b](c)", "A " * 900 + "B", "- a", "Sources", "~"])
def test_titles_that_front_matter_cannot_hold_stand_above_the_text(tmp_path: Path, title: str) -> None:
    for text in (f"{title} tide", f"{title}\n\nThe ferry sails.", "The ferry sails."):
        article = replace(ARTICLE, title=title, text=text)
        file = tmp_path / "a.md"
        file.write_text(article_markdown(article, origin="o", retrieved=RETRIEVED), encoding="utf-8")
        assert known(read_article(file)) == known(article)


def test_tables_and_code_stay_what_they_are() -> None:
    text = "Port | Tide\nEast | 2.1 m\n\n  def tide():\n    return 2\n\n- one\n- two *\n\n- three"
    assert markdown_of(text) == (
        "| Port | Tide |\n| --- | --- |\n| East | 2.1 m |\n\n```\n  def tide():\n    return 2\n```\n\n"
        "- one\n- two *\n\n\\- three"
    )


@pytest.mark.parametrize(
    ("title", "day", "stem"),
    [
        ("Ferries to stop in June", "2025-04-12", "ferries-to-stop-in-june-2025-04-12"),
        ("Élysée: «Ça va?» / ../../etc", "2025", "elysee-ca-va-etc-2025"),
        ("港口委员会决定", "2025-09-18T14:03:00+08:00", "港口委员会决定-2025-09-18"),
        ("Новый причал", "", "новый-причал"),
        ("...", "2025-09", "article-2025-09"),
        ("word " * 40, "", "-".join(["word"] * 12)),
        ("字" * 300, "2025-09-18", "字" * 60 + "-2025-09-18"),
    ],
)
def test_file_names_are_readable_and_short(title: str, day: str, stem: str) -> None:
    published = Published(day, "feed") if day else None
    assert file_stem(replace(ARTICLE, title=title, published=published)) == stem


def test_another_article_of_the_same_name_gets_its_own_file(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    (tmp_path / "the-bridge-open-at-last-2025-03-01.md").write_text("By hand.", encoding="utf-8")
    for number in (2, 3):
        other = replace(ARTICLE, url=f"https://gazette.test/{number}")
        saved = shelf.save(other, origin=f"https://gazette.test/{number}", retrieved=RETRIEVED)
        assert saved.path == f"the-bridge-open-at-last-2025-03-01-{number}.md"
    assert (tmp_path / "the-bridge-open-at-last-2025-03-01.md").read_text(encoding="utf-8") == "By hand."


def test_the_same_origin_keeps_its_file_also_in_a_later_run(tmp_path: Path) -> None:
    later = "2026-02-01T00:00:00+00:00"
    first = Shelf(tmp_path).save(ARTICLE, origin="o", retrieved=RETRIEVED)
    file = tmp_path / first.path
    before = file.stat().st_mtime_ns
    assert Shelf(tmp_path).save(ARTICLE, origin="o", retrieved=later).state == "unchanged"
    assert file.stat().st_mtime_ns == before
    changed = replace(ARTICLE, title="Another headline", text="The bridge closed again.")
    shelf = Shelf(tmp_path)
    assert shelf.save(changed, origin="o", retrieved=later) == Saved("updated", first.path, "Another headline")
    assert shelf.save(changed, origin="o", retrieved=later).state == "unchanged"
    assert known(read_article(file)) == known(changed)
    assert f"retrieved: {later}" in file.read_text(encoding="utf-8")


def test_a_file_may_be_moved_and_stays_its_articles_file(tmp_path: Path) -> None:
    first = Shelf(tmp_path).save(ARTICLE, origin="o", retrieved=RETRIEVED)
    (tmp_path / "towns").mkdir()
    (tmp_path / first.path).rename(tmp_path / "towns" / "bridge.md")
    assert Shelf(tmp_path).save(replace(ARTICLE, text="New."), origin="o", retrieved=RETRIEVED) == Saved(
        "updated", "towns/bridge.md", ARTICLE.title
    )


def test_an_edited_file_is_never_written_over(tmp_path: Path) -> None:
    saved = Shelf(tmp_path).save(ARTICLE, origin="o", retrieved=RETRIEVED)
    file = tmp_path / saved.path
    edited = file.read_bytes() + b"A note of mine.\n"
    file.write_bytes(edited)
    assert Shelf(tmp_path).save(ARTICLE, origin="o", retrieved=RETRIEVED).state == "unchanged"
    with pytest.raises(ReadError, match="was edited after it was added"):
        Shelf(tmp_path).save(replace(ARTICLE, text="New."), origin="o", retrieved=RETRIEVED)
    assert file.read_bytes() == edited


def test_line_ends_that_git_changed_are_no_edit(tmp_path: Path) -> None:
    saved = Shelf(tmp_path).save(ARTICLE, origin="o", retrieved=RETRIEVED)
    file = tmp_path / saved.path
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert Shelf(tmp_path).save(ARTICLE, origin="o", retrieved=RETRIEVED).state == "unchanged"
    assert Shelf(tmp_path).save(replace(ARTICLE, text="New."), origin="o", retrieved=RETRIEVED).state == "updated"


def test_one_page_under_two_addresses_is_one_article(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    first = shelf.save(ARTICLE, origin="https://gazette.test/b", retrieved=RETRIEVED)
    again = shelf.save(ARTICLE, origin="https://gazette.test/b?from=feed", retrieved=RETRIEVED)
    assert again == Saved("unchanged", first.path, ARTICLE.title)
    # Some sites give all their pages the address of one: title and date must agree.
    other = replace(ARTICLE, title="Ferries to stop")
    assert shelf.save(other, origin="https://gazette.test/c", retrieved=RETRIEVED).state == "added"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "ferries-to-stop-2025-03-01.md",
        "the-bridge-open-at-last-2025-03-01.md",
    ]


def test_without_hard_links_nothing_is_lost_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    shelf = Shelf(tmp_path)
    paths = [shelf.save(replace(ARTICLE, url=f"u{n}"), origin=f"o{n}", retrieved=RETRIEVED).path for n in range(2)]
    assert paths == ["the-bridge-open-at-last-2025-03-01.md", "the-bridge-open-at-last-2025-03-01-2.md"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(paths)


def test_a_corpus_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "corpus").write_text("", encoding="utf-8")
    with pytest.raises(CorpusError, match="cannot be made"):
        Shelf(tmp_path / "corpus")


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(tmp_path)
    file = tmp_path / shelf.save(ARTICLE, origin="o", retrieved=RETRIEVED).path
    before = file.read_bytes()

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(CorpusError, match="No space left"):
        shelf.save(replace(ARTICLE, text="New."), origin="o", retrieved=RETRIEVED)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]

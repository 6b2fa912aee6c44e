import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import readers
from ingest.article import Article
from ingest.errors import CorpusError, ReadError
from ingest.readers import Notice, article_id, corpus_files, path_of_id, read_article, read_articles

TEXT = "The harbour froze over on Tuesday, and the ferries stayed where they were.\n"


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TEXT, encoding="utf-8")


def found(root: Path) -> list[str]:
    return [item.id if isinstance(item, Notice) else article_id(item, root) for item in corpus_files(root)]


def test_files_come_in_order_and_hidden_ones_are_left_out(tmp_path: Path) -> None:
    put(
        tmp_path,
        "b.md",
        "a/z.txt",
        "a.md",
        ".hidden.md",
        ".git/x.md",
        ".footnote/y.md",
        "picture.png",
        "style.css",
        "UPPER.HTML",
    )
    assert found(tmp_path) == ["UPPER.HTML", "a/z.txt", "a.md", "b.md"]


def test_documents_that_cannot_be_read_are_reported(tmp_path: Path) -> None:
    put(tmp_path, "report.docx", "book.epub", "page.mhtml")
    notices = list(corpus_files(tmp_path))
    assert all(isinstance(notice, Notice) and notice.outcome == "skipped" for notice in notices)
    assert found(tmp_path) == ["book.epub", "page.mhtml", "report.docx"]


def test_links_out_of_the_corpus_are_never_opened(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "corpus"
    put(outside, "secret.md")
    put(root, "in.md")
    (root / "out.md").symlink_to(outside / "secret.md")
    (root / "folder").symlink_to(outside)
    (root / "loop").symlink_to(root)
    (root / "nothing.md").symlink_to(root / "gone.md")
    (root / "self.md").symlink_to(root / "self.md")
    (root / "also.md").symlink_to(root / "in.md")
    items = list(read_articles(root))
    assert [item.id for item in items if isinstance(item, Article)] == ["also.md", "in.md"]
    assert [(item.id, item.outcome) for item in items if isinstance(item, Notice)] == [
        (name, "skipped") for name in ("folder", "loop", "nothing.md", "out.md", "self.md")
    ]
    with pytest.raises(ReadError, match="leads out of the corpus"):
        read_article(root / "out.md", root=root)
    with pytest.raises(ReadError, match="found one outside"):
        read_article(root / ".." / "outside" / "secret.md", root=root)


def test_pipes_sockets_and_folders_are_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "folder.md").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.md"))
        notices = list(corpus_files(tmp_path))
    assert [(item.id, item.reason.split(",")[0]) for item in notices if isinstance(item, Notice)] == [
        ("pipe.md", "a named pipe"),
        ("s.md", "a socket"),
    ]
    with pytest.raises(ReadError, match="found a named pipe"):
        read_article(tmp_path / "pipe.md", root=tmp_path)


def test_a_missing_corpus_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="is missing or no folder"):
        list(corpus_files(tmp_path / "none"))


@pytest.mark.parametrize(
    "name",
    [
        b"with space.md",
        b"quo\"te'.md",
        b"new\nline.md",
        "émoji😀.md".encode(),
        b"bad\xff\xc3.md",
        "\u241bFF.md".encode(),
        b"a" * 252 + b".md",
    ],
)
def test_odd_names_work_and_can_be_found_again(tmp_path: Path, name: bytes) -> None:
    path = tmp_path / os.fsdecode(name)
    path.write_text(TEXT, encoding="utf-8")
    (article,) = read_articles(tmp_path)
    assert isinstance(article, Article)
    article.id.encode("utf-8")
    article.title.encode("utf-8")
    assert path_of_id(article.id, tmp_path) == path


@given(
    st.lists(
        st.binary(min_size=1, max_size=12).filter(lambda name: not {0, 47} & set(name) and name not in (b".", b"..")),
        max_size=6,
    )
)
def test_no_two_names_share_an_id(names: list[bytes]) -> None:
    root = Path("corpus")
    paths = {root / os.fsdecode(name) for name in names}
    ids = {article_id(path, root) for path in paths}
    assert len(ids) == len(paths)
    assert {path_of_id(identifier, root) for identifier in ids} == paths


def test_limits_and_empty_files_are_reported(tmp_path: Path) -> None:
    put(tmp_path, "long.md")
    (tmp_path / "empty.txt").write_text(" \n")
    (tmp_path / "binary.txt").write_bytes(b"\x7fELF\x00\x01")
    reasons = {item.id: item.reason for item in read_articles(tmp_path, max_bytes=20) if isinstance(item, Notice)}
    assert "found an empty file" in reasons["empty.txt"]
    assert "found a binary file" in reasons["binary.txt"]
    assert "expected at most 20 bytes" in reasons["long.md"]


def test_read_article_wants_one(tmp_path: Path) -> None:
    (tmp_path / "two.jsonl").write_text('{"text": "One."}\n{"text": "Two."}\n')
    with pytest.raises(ReadError, match="found several"):
        read_article(tmp_path / "two.jsonl")
    with pytest.raises(ReadError, match=r"found '\.docx'"):
        read_article(tmp_path / "a.docx")
    with pytest.raises(ReadError, match="cannot be opened"):
        read_article(tmp_path / "gone.md")


def test_ids_are_paths_within_the_root(tmp_path: Path) -> None:
    put(tmp_path, "asia/huawei.md")
    assert read_article(tmp_path / "asia" / "huawei.md", root=tmp_path).id == "asia/huawei.md"
    assert read_article(tmp_path / "asia" / "huawei.md").id == "huawei.md"


def test_a_file_outside_the_root_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "outside.md", "corpus/in.md")
    with pytest.raises(ReadError, match="found one outside"):
        read_article(tmp_path / "outside.md", root=tmp_path / "corpus")


def test_a_part_of_the_corpus_keeps_its_ids(tmp_path: Path) -> None:
    put(tmp_path, "asia/a.md", "asia/b.docx", "c.md")
    assert [item.id for item in read_articles(tmp_path / "asia", root=tmp_path)] == ["asia/a.md", "asia/b.docx"]


def test_everything_promised_is_there() -> None:
    assert all(hasattr(readers, name) for name in readers.__all__)

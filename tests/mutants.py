"""Files that nobody would write: whole documents of every form, broken by chance, and bombs made on purpose."""

import json
import random
import zlib
from collections.abc import Callable
from pathlib import Path

from test_ingest_readers_feed import ATOM, RSS
from test_ingest_readers_fuzz import PIECES, RECORDS
from test_ingest_readers_html import page
from test_ingest_readers_markdown import YAML
from test_ingest_readers_pdf import LEFT, RIGHT, column, pdf
from test_ingest_readers_text import AGGREGATOR, BLOG, NEWSPAPER

SAMPLE_CORPUS = Path(__file__).parents[1] / "corpus"
SECRET = "the secret that lies outside the corpus"  # no file that is read may bring it in


def samples() -> dict[str, list[bytes]]:
    """Whole documents by suffix, those of the sample corpus among them."""
    own = [path.read_bytes() for path in sorted(SAMPLE_CORPUS.rglob("*.md"))]
    text = own[0].decode().partition("\n---\n")[2]
    article = "".join(f"<p>{line}</p>" for line in text.split("\n\n"))
    columns = [[*column(60.0, 700.0, LEFT), *column(320.0, 700.0, RIGHT)]] * 3
    rows = [json.dumps({"id": at, "title": f"Record {at}", "text": text[at * 90 :][:900]}) for at in range(6)]
    feeds = [RSS.format(encoding="utf-8").encode(), ATOM.encode()]
    return {
        ".md": [*own, YAML.encode()],
        ".txt": [AGGREGATOR.encode(), NEWSPAPER.encode(), BLOG.encode(), text.encode()],
        ".html": [page(), page(body=f"<article><h1>News</h1>{article}</article>")],
        ".json": [RECORDS, f"[{','.join(rows)}]".encode()],
        ".jsonl": ["\n".join(rows).encode()],
        ".rss": feeds,
        ".xml": feeds,
        ".pdf": [pdf(columns)],
    }


def mutant(chance: random.Random, documents: dict[str, list[bytes]]) -> tuple[str, bytes]:
    """A suffix and the bytes of a broken file of that form; one in thirty is a bomb."""
    suffix = chance.choice(sorted(documents))
    data = chance.choice(documents[suffix])
    if chance.random() < 0.03:
        return chance.choice(BOMBS)(chance)
    for _ in range(chance.choice([1, 1, 2, 3, 8, 40])):
        data = chance.choice(EDITS)(chance, data, documents)
    return suffix, data[:2_000_000]


Edit = Callable[[random.Random, bytes, dict[str, list[bytes]]], bytes]
Bomb = Callable[[random.Random], tuple[str, bytes]]


def _flip(chance: random.Random, data: bytes, documents: dict[str, list[bytes]]) -> bytes:
    if not data:
        return data
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


def _cut(chance: random.Random, data: bytes, documents: dict[str, list[bytes]]) -> bytes:
    return data[: chance.randint(0, len(data))]


def _drop(chance: random.Random, data: bytes, documents: dict[str, list[bytes]]) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + data[at + chance.randint(0, 400) :]


def _insert(chance: random.Random, data: bytes, documents: dict[str, list[bytes]]) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + chance.choice(PIECES) * chance.choice([1, 1, 1, 50]) + data[at:]


def _noise(chance: random.Random, data: bytes, documents: dict[str, list[bytes]]) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + chance.randbytes(chance.randint(1, 200)) + data[at:]


def _repeat(chance: random.Random, data: bytes, documents: dict[str, list[bytes]]) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + data[at : at + chance.randint(1, 200)] * chance.choice([2, 10, 300]) + data[at:]


def _splice(chance: random.Random, data: bytes, documents: dict[str, list[bytes]]) -> bytes:
    other = chance.choice(documents[chance.choice(sorted(documents))])
    return data[: chance.randint(0, len(data))] + other[chance.randint(0, len(other)) :]


def _encode(chance: random.Random, data: bytes, documents: dict[str, list[bytes]]) -> bytes:
    encoding = chance.choice(["utf-16", "utf-16-le", "utf-32", "cp1252", "utf-8-sig", "shift-jis", "utf-7", "cp037"])
    return data.decode("utf-8", "replace").encode(encoding, "replace")


EDITS: list[Edit] = [_flip, _flip, _flip, _cut, _drop, _insert, _insert, _noise, _repeat, _splice, _encode]


def _nested(opening: bytes, closing: bytes, suffix: str) -> Bomb:
    def make(chance: random.Random) -> tuple[str, bytes]:
        depth = chance.choice([200, 3_000, 60_000])
        return suffix, opening * depth + b"The quay is open again." + closing * chance.choice([0, depth])

    return make


def _laughs(chance: random.Random) -> tuple[str, bytes]:
    """XML whose entities grow tenfold at each level."""
    entities = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 9))
    body = "<item><title>&e8;</title><description>&e8; The quay is open.</description></item>"
    return chance.choice([".xml", ".rss", ".html"]), (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY e0 "ha">{entities}]><rss version="2.0"><channel>{body}'
        "</channel></rss>"
    ).encode()


def _outside(chance: random.Random) -> tuple[str, bytes]:
    """XML that would have a file beside the corpus read in."""
    place = (Path.cwd() / "outside.txt").as_uri()
    return chance.choice([".xml", ".rss", ".html"]), (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "{place}">]><rss version="2.0"><channel><item>'
        f'<title>Quay</title><description>The quay is open. &x; <xi:include href="{place}" parse="text" '
        'xmlns:xi="http://www.w3.org/2001/XInclude"/></description></item></channel></rss>'
    ).encode()


def _yaml_laughs(chance: random.Random) -> tuple[str, bytes]:
    """Front matter whose anchors grow tenfold at each level."""
    levels = "".join(f"l{level}: &l{level} [{', '.join([f'*l{level - 1}'] * 10)}]\n" for level in range(1, 9))
    return ".md", f"---\nl0: &l0 [ha, ha]\n{levels}title: *l8\n---\n\nThe quay is open again.\n".encode()


def _long(chance: random.Random) -> tuple[str, bytes]:
    """A million of one thing: no space, no line break, or nothing else."""
    piece = chance.choice([b"a", b" ", b"\n", b"#", b"> ", b"- ", b"|", b"\xe4\xb8\xad", b"a.", b"a-", b"'", b"\x00"])
    return chance.choice([".md", ".txt", ".html"]), b"# Quay\n\nOpen again. " + piece * (1_000_000 // len(piece))


def _attribute(chance: random.Random) -> tuple[str, bytes]:
    """HTML with an attribute of a megabyte, or with a hundred thousand attributes."""
    attributes = chance.choice([f'class="{"x" * 1_000_000}"', " ".join(f"a{number}=1" for number in range(100_000))])
    return ".html", page(body=f"<article {attributes}><h1>Quay</h1><p>The quay is open again, says the port.</p>")


def _digits(chance: random.Random) -> tuple[str, bytes]:
    """JSON with a number of a hundred thousand digits where a date, an id or the text should stand."""
    key = chance.choice(["date", "id", "text", "title", "url"])
    row = {"title": "Quay", "text": "The quay is open again.", key: 0}
    return chance.choice([".json", ".jsonl"]), json.dumps(row).replace(": 0", ": " + "9" * 100_000).encode()


def _pdf_bomb(chance: random.Random) -> tuple[str, bytes]:
    """A PDF whose page is thirty megabytes of text operators, packed into some kilobytes."""
    packed = zlib.compress(b"BT /F1 11 Tf 60 700 Td (The quay) Tj ET\n" * 750_000, 9)
    whole = pdf([[(60.0, 700.0, 11.0, "The quay is open")]])
    start, end = whole.index(b"<< /Length"), whole.index(b"endstream")
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed) + packed + b"\n"
    return ".pdf", whole[:start] + stream + whole[end:]


BOMBS: list[Bomb] = [
    *(_laughs, _outside, _yaml_laughs, _long, _long, _attribute, _digits, _pdf_bomb),
    *(_nested(b"<div>", b"</div>", ".html"), _nested(b"<b><table><tr><td>", b"</td></tr></table></b>", ".html")),
    *(_nested(b"[", b"]", ".json"), _nested(b'{"a":', b"}", ".json"), _nested(b"> ", b"", ".md")),
    *(_nested(b"- ", b"", ".md"), _nested(b"[a](", b")", ".md"), _nested(b"*", b"*", ".md")),
    *(_nested(b"<a>", b"</a>", ".xml"), _nested(b"[", b"]", ".jsonl"), _nested(b"(", b")", ".txt")),
]

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from doubles import HashEmbedder
from hypothesis import given
from hypothesis import strategies as st

from ingest.vector_cache import VectorCache, embed_cached

VECTORS = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[VectorCache]:
    opened = VectorCache(tmp_path / "vectors.sqlite3")
    yield opened
    opened.close()


def lists(found: list[np.ndarray | None]) -> list[list[float] | None]:
    return [None if vector is None else vector.tolist() for vector in found]


def test_what_was_put_is_found_by_model_and_text(cache: VectorCache) -> None:
    cache.put_many("one", ["rain", "hail"], VECTORS[:2])
    cache.put_many("two", ["rain"], VECTORS[2:])
    assert lists(cache.get_many("one", ["hail", "snow", "rain"])) == [[0, 1, 0], None, [1, 0, 0]]
    assert lists(cache.get_many("two", ["rain", "hail"])) == [[0, 0, 1], None]
    assert cache.get_many("one", []) == []


def test_a_text_put_twice_keeps_its_last_vector(cache: VectorCache) -> None:
    cache.put_many("one", ["rain"], VECTORS[:1])
    cache.put_many("one", ["rain"], VECTORS[1:2])
    assert lists(cache.get_many("one", ["rain"])) == [[0, 1, 0]]


def test_a_text_with_a_lone_surrogate_can_be_kept(cache: VectorCache) -> None:
    cache.put_many("one", ["\ud83d rain"], VECTORS[:1])
    assert lists(cache.get_many("one", ["\ud83d rain", "? rain"])) == [[1, 0, 0], None]


def test_vectors_outlive_the_process_that_was_killed_after_writing(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite3"
    code = (
        "import os, signal, sys, numpy as np; from pathlib import Path; from ingest.vector_cache import VectorCache\n"
        "cache = VectorCache(Path(sys.argv[1])); cache.put_many('one', ['rain'], np.ones((1, 3), np.float32))\n"
        "cache._connection.execute('BEGIN'); cache._connection.execute('DELETE FROM vectors')\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)]).returncode == -9
    cache = VectorCache(path)
    assert lists(cache.get_many("one", ["rain"])) == [[1, 1, 1]]
    cache.close()


@pytest.mark.parametrize("content", [b"", b"this is no database " * 400])
def test_a_file_that_is_no_cache_is_made_afresh(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "vectors.sqlite3"
    path.write_bytes(content)
    cache = VectorCache(path)
    cache.put_many("one", ["rain"], VECTORS[:1])
    assert lists(cache.get_many("one", ["rain"])) == [[1, 0, 0]]
    cache.close()


def test_a_database_of_another_form_is_made_afresh(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite3"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE vectors (key TEXT)")
    other.commit()
    other.close()
    cache = VectorCache(path)
    cache.put_many("one", ["rain"], VECTORS[:1])
    assert lists(cache.get_many("one", ["rain"])) == [[1, 0, 0]]
    cache.close()


def test_a_cache_damaged_in_the_middle_is_never_fatal(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite3"
    texts = [f"report {number}" for number in range(2000)]
    cache = VectorCache(path)
    cache.put_many("one", texts, np.ones((2000, 64), np.float32))
    cache.close()
    content = bytearray(path.read_bytes())
    content[4096:-4096] = b"\x5a" * (len(content) - 8192)
    path.write_bytes(content)
    embedder = HashEmbedder(64)
    damaged = VectorCache(path)
    vectors, computed = embed_cached(embedder, damaged, texts[:20])
    assert computed == 20
    assert embed_cached(embedder, damaged, texts[:20])[1] == 0
    np.testing.assert_array_equal(vectors, embedder.encode_questions(texts[:20]))
    damaged.close()


def test_a_reader_is_not_held_up_by_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite3"
    writer, reader = VectorCache(path), VectorCache(path)
    writer.put_many("one", ["rain"], VECTORS[:1])
    writer._connection.execute("BEGIN IMMEDIATE")
    assert lists(reader.get_many("one", ["rain"])) == [[1, 0, 0]]
    writer._connection.execute("ROLLBACK")
    writer.close()
    reader.close()


def test_a_folder_that_cannot_be_written_is_an_error_and_nothing_is_deleted(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        VectorCache(tmp_path / "no such folder" / "vectors.sqlite3")


def test_only_unknown_texts_are_computed_and_each_once(cache: VectorCache) -> None:
    embedder = HashEmbedder()
    assert embed_cached(embedder, cache, ["hail", "snow", "hail"])[1] == 2
    vectors, computed = embed_cached(embedder, cache, ["snow", "frost", "hail", "frost"])
    assert (computed, embedder.encoded) == (1, ["hail", "snow", "frost"])
    np.testing.assert_array_equal(vectors, HashEmbedder().encode_passages(["snow", "frost", "hail", "frost"]))


def test_a_kept_vector_of_another_length_is_computed_again(cache: VectorCache) -> None:
    embedder = HashEmbedder()
    cache.put_many(embedder.fingerprint, ["hail"], VECTORS[:1])
    vectors, computed = embed_cached(embedder, cache, ["hail"])
    assert (vectors.shape, computed) == ((1, 64), 1)


@given(st.lists(st.lists(st.sampled_from(["rain", "hail", "snow", "frost", "sleet", ""]), max_size=8), max_size=4))
def test_cached_or_not_the_vectors_are_the_same(rounds: list[list[str]]) -> None:
    embedder = HashEmbedder(8)
    cache = VectorCache(Path(":memory:"))
    for texts in rounds:
        np.testing.assert_array_equal(embed_cached(embedder, cache, texts)[0], embedder.encode_questions(texts))
    assert len(embedder.encoded) == len(set(embedder.encoded)) == len({text for texts in rounds for text in texts})
    cache.close()


def test_what_was_computed_before_an_interruption_is_kept(tmp_path: Path) -> None:
    class Stopped(HashEmbedder):
        def encode_passages(self, texts):  # type: ignore[no-untyped-def]
            if self.encoded:
                raise KeyboardInterrupt
            return super().encode_passages(texts)

    texts = [f"Passage number {number} of many" for number in range(700)]
    with closing(VectorCache(tmp_path / "cache")) as cache:
        with pytest.raises(KeyboardInterrupt):
            embed_cached(Stopped(), cache, texts)
        steps: list[int] = []
        vectors, computed = embed_cached(HashEmbedder(), cache, texts, told=steps.append)
        assert (computed, steps) == (350, [350, 700])
        np.testing.assert_array_equal(vectors, HashEmbedder().encode_questions(texts))

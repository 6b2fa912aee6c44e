"""The stages of a build that run beside each other: what they leave, and how they end when one of them fails."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from doubles import HashEmbedder

from ingest import generation as generations
from ingest.build import reindex
from ingest.chunk import embedding_text
from ingest.errors import StoredIndexError
from ingest.generation import current_id, open_current
from ingest.settings import Settings
from ingest.vectors import Vectors
from ingest.words import WordIndex

Write = Callable[[str, str], Path]


def assert_rows_are_the_vectors_of_the_passages(settings: Settings) -> None:
    with closing(open_current(settings.index_dir)) as generation:
        texts = [embedding_text(passage.title, passage.text) for passage in generation.catalog.passage_texts()]
        rows = generation.rows.take(np.arange(len(generation.rows)))
        assert np.array_equal(rows, HashEmbedder().encode_questions(texts))
        assert np.allclose(rows, generation.vectors.fetch(generation.columns.numbers), atol=2e-3)
        assert generation.words.numbers.tolist() == generation.columns.numbers.tolist()


def test_rows_follow_the_passages_through_every_kind_of_change(settings: Settings, corpus: Path, write: Write) -> None:
    for number in range(12):
        write(f"n{number}.md", f"# Item {number}\n\nText of item {number}.\n")
    reindex(settings, embedder=HashEmbedder())
    assert_rows_are_the_vectors_of_the_passages(settings)
    write("n3.md", "# Item 3\n\nAnother text.\n")
    (corpus / "n5.md").unlink()
    write("later.md", "# Later\n\nSomething new.\n")
    reindex(settings, embedder=HashEmbedder())
    assert_rows_are_the_vectors_of_the_passages(settings)
    for number in range(6, 12):  # so much that the graph is made afresh
        write(f"n{number}.md", f"# Item {number}\n\nOther text of item {number}.\n")
    reindex(settings, embedder=HashEmbedder())
    assert_rows_are_the_vectors_of_the_passages(settings)


def test_vectors_carried_over_need_no_cache(settings: Settings, write: Write) -> None:
    reindex(settings, embedder=HashEmbedder())
    for path in settings.index_dir.glob("vectors.cache.sqlite3*"):
        path.unlink()
    write("new.md", "# New\n\nSomething new.\n")
    assert reindex(settings, embedder=HashEmbedder()).embedded == 1
    assert_rows_are_the_vectors_of_the_passages(settings)


@pytest.mark.parametrize("few", [0, 100])
def test_the_nearest_are_the_same_one_by_one_and_through_the_graph(
    settings: Settings, write: Write, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    for number in range(40):
        write(
            f"n{number}.md", f"# Item {number}\n\nText number {number} on {'ferries' if number % 3 else 'bridges'}.\n"
        )
    reindex(settings, embedder=HashEmbedder())
    monkeypatch.setattr(generations, "_FEW", few)
    vector = HashEmbedder().encode_questions(["ferries number 7"])[0]
    with closing(open_current(settings.index_dir)) as generation:
        cosines = generation.rows.take(np.arange(len(generation.rows))) @ vector
        for step in (1, 2, 5, 50):
            admitted = np.arange(len(cosines)) % step == 0
            rows = generation.nearest(vector, 5, admitted)
            assert admitted[rows].all()
            best = np.sort(cosines[admitted])[::-1][:5]
            assert np.allclose(cosines[rows], best, atol=1e-3)


@pytest.mark.parametrize(("stage", "name"), [(Vectors, "add"), (WordIndex, "build")])
def test_a_stage_that_fails_ends_the_run_and_leaves_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, stage: type, name: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(stage, name, fail)
    with pytest.raises(StoredIndexError, match="No space left on device"):
        reindex(settings, embedder=HashEmbedder())
    assert current_id(settings.index_dir) is None
    assert list((settings.index_dir / "generations").iterdir()) == []

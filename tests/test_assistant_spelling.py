from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import Assistant
from assistant.spelling import respelled
from ingest.build import reindex
from ingest.embed import Embedder, load_embedder
from ingest.generation import Generation, open_current
from ingest.settings import load_settings

ARTICLES = {
    "a.md": "# Chips for the north\n\nThe plant is run by Huawei and by the carmaker Zentara. A horse stood there.",
    "b.md": "# Orders\n\nOrders went to Huawei, said Mira Oskarsson of the union. The prices of chips rose again.",
    "c.md": "# Cars\n\nThe cars of Zentara sold well. Mira Oskarsson doubts it. Its rival Kelvaro is named here alone.",
}


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return load_embedder()


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    folder = tmp_path_factory.mktemp("spelling")
    (folder / "corpus").mkdir()
    for name, text in ARTICLES.items():
        (folder / "corpus" / name).write_text(text, encoding="utf-8")
    reindex(load_settings(corpus=folder / "corpus", index_dir=folder / "index"), embedder=embedder)
    return folder


@pytest.fixture(scope="module")
def generation(index: Path) -> Iterator[Generation]:
    found = open_current(index / "index")
    yield found
    found.close()


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("What does Huwaei run?", "What does Huawei run?"),  # two neighbours swapped
        ("What does Huawai run?", "What does Huawei run?"),  # one letter changed
        ("Is Zenttara's plant run well?", "Is Zentara's plant run well?"),  # one too many
        ("who is mira oskarson", "who is mira Oskarsson"),  # one too few; a question without capitals
        ("What did HUWAEI and Zentarra order?", "What did Huawei and Zentara order?"),
    ],
)
def test_a_misspelled_name_is_read_as_the_articles_spell_it(
    generation: Generation, embedder: Embedder, asked: str, read: str
) -> None:
    assert respelled(asked, generation, embedder) == read


@pytest.mark.parametrize(
    "asked",
    [
        "What does Huawei run?",
        "Which house stood at the gate?",  # a word of its own, though the articles have a horse
        "What did Samsung order?",  # a name that is near to none
        "What does Kelvarro make?",  # in one passage only
        "What did “Huwaei” order?",  # asked for to the letter
        "What does the huwaei in Ghent run?",  # no name where names have capitals
        "Huwa?",  # too short to tell
        "",
        "?!",
    ],
)
def test_what_is_not_plainly_a_misspelled_name_stays(generation: Generation, embedder: Embedder, asked: str) -> None:
    assert respelled(asked, generation, embedder) is None


def test_the_reader_is_told_how_a_question_was_read(index: Path, embedder: Embedder) -> None:
    settings = load_settings(corpus=index / "corpus", index_dir=index / "index")
    with Assistant(settings, embedder=embedder) as assistant:
        answer = assistant.ask("What is run by Huwaei?")
        assert (answer.question, answer.rewritten) == ("What is run by Huwaei?", "What is run by Huawei?")
        assert answer.answered
        assert "Huawei" in answer.text
        assert assistant.search("orders to Huwaei").notes == ("Read as “orders to Huawei”.",)
        assert assistant.search("orders to Huawei").notes == ()

"""A question's evidence, over an index built by the product and a stand-in for the model."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from assistant.answer import Evidence
from assistant.outlets import named_outlets
from assistant.parts import parts_of
from assistant.retrieve import retrieve
from ingest.build import reindex
from ingest.generation import Generation, open_current
from ingest.settings import load_settings
from tests.doubles import HashEmbedder

ASKED = date(2025, 9, 18)
STRIKE = (
    "Drivers of the harbour tram went on strike on Friday morning over their winter rosters, and the depot stayed shut "
    "until the evening. Their union wants two free weekends a month. The operator has offered one."
)
ARTICLES = {
    "strike.md": ("Tram drivers strike", "Port Gazette", "2025-09-12", STRIKE),
    "strike-copy.md": ("Strike stops trams", "Harbour Wire", "2025-09-13", "From our desk: " + STRIKE),
    "strike-old.md": (
        "Cabs are too old",
        "Port Gazette",
        "2023-02-03",
        "Those who drive the harbour tram walked out in February over the age of their cabs. Those let in rain.",
    ),
    "after.md": ("Tram strike ends", "Port Gazette", "2025-09-25", "The strike of the harbour tram drivers is over."),
    "bread.md": ("Bread prices", "The Baker", "2025-08-02", "A loaf costs four dollars in the bakery at the harbour."),
    "guide.md": (
        "A guide to trams",
        "",
        "",
        "Trams run on rails. The harbour tram has nine stops and no drivers' room.",
    ),
}


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generation]:
    folder = tmp_path_factory.mktemp("retrieve")
    corpus = folder / "corpus"
    corpus.mkdir()
    for name, (title, source, published, text) in ARTICLES.items():
        fields = {"title": title, "source": source, "published": published}
        front = "".join(f"{key}: {value}\n" for key, value in fields.items() if value)
        Path(corpus / name).write_text(f"---\n{front}---\n\n{text}\n", encoding="utf-8")
    reindex(load_settings(corpus=corpus, index_dir=folder / "index"), embedder=HashEmbedder())
    opened = open_current(folder / "index")
    yield opened
    opened.close()


def ids(evidence: tuple[Evidence, ...]) -> list[str]:
    return [one.article.id for one in evidence]


QUESTION = "Why did the drivers of the harbour tram strike?"


def test_best_first_with_scores_that_fall(generation: Generation) -> None:
    found = retrieve(QUESTION, generation, HashEmbedder(), asked=ASKED)
    scores = [one.score for one in found.evidence]
    assert found.evidence[0].article.id in {"strike.md", "strike-copy.md"}
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert found.evidence[0].found_by == ("meaning", "words")
    assert found.notes == ()


def test_near_copies_stand_once_and_name_each_other(generation: Generation) -> None:
    found = retrieve(QUESTION, generation, HashEmbedder(), asked=ASKED)
    first = found.evidence[0]
    assert {first.article.id, *first.also_in} == {"strike.md", "strike-copy.md"}
    assert sorted([*ids(found.evidence), *first.also_in]) == sorted(ARTICLES.keys() - {"after.md"})


def test_a_story_saved_many_times_is_one_piece_of_evidence_that_names_them_all(tmp_path: Path) -> None:
    copies = [
        f"{prefix}{STRIKE}{ending}" for prefix in ("", "By our staff. ", "UPDATE: ") for ending in ("", " More soon.")
    ]
    for number in range(90):
        text = f"---\ntitle: Tram news {number}\npublished: 2025-09-{number % 20 + 1:02}\n---\n\n{copies[number % 6]}\n"
        (tmp_path / f"{number:02}.md").write_text(text)
    for number in range(12):
        (tmp_path / f"other-{number}.md").write_text(f"Item {number}\n\nThe ferry to island {number} sails at noon.\n")
    settings = load_settings(corpus=tmp_path, index_dir=tmp_path / "index")
    assert reindex(settings, embedder=HashEmbedder()).articles == 102  # every copy is in the catalog
    with closing(open_current(settings.index_dir)) as generation:
        found = retrieve(QUESTION, generation, HashEmbedder(), asked=ASKED, limit=5)
        assert len(found.evidence) == 5
        first, *rest = found.evidence
        named = {first.article.id, *first.also_in}
        by_then = {f"{number:02}.md" for number in range(90) if number % 20 + 1 <= ASKED.day}
        assert (named, len(first.also_in)) == (by_then, len(by_then) - 1)
        assert all(one.article.id.startswith("other") for one in rest)


def test_nothing_published_after_the_asking_date(generation: Generation) -> None:
    later = retrieve(QUESTION, generation, HashEmbedder(), asked=date(2025, 9, 30))
    assert "after.md" in ids(later.evidence)
    assert "after.md" not in ids(retrieve(QUESTION, generation, HashEmbedder(), asked=ASKED).evidence)
    spoken_of = retrieve("What ended on 25 September 2025?", generation, HashEmbedder(), asked=ASKED)
    assert "after.md" in ids(spoken_of.evidence)


@pytest.mark.parametrize("limit", [1, 2, 4])
def test_as_many_as_asked_for(generation: Generation, limit: int) -> None:
    assert len(retrieve(QUESTION, generation, HashEmbedder(), asked=ASKED, limit=limit).evidence) == limit


def test_dates_are_inclusive_and_undated_articles_are_counted(generation: Generation) -> None:
    found = retrieve(QUESTION, generation, HashEmbedder(), asked=ASKED, since=date(2025, 8, 2), until=date(2025, 9, 12))
    assert sorted(ids(found.evidence)) == ["bread.md", "strike.md"]
    assert found.notes == ("1 article has no date and was left out by the date filter.",)
    assert not retrieve(QUESTION, generation, HashEmbedder(), asked=ASKED, until=date(2020, 1, 1)).evidence


def test_a_source_is_a_filter_case_aside(generation: Generation) -> None:
    found = retrieve(QUESTION, generation, HashEmbedder(), asked=ASKED, source="the BAKER")
    assert ids(found.evidence) == ["bread.md"]
    assert retrieve(QUESTION, generation, HashEmbedder(), asked=ASKED, source="Nobody").evidence == ()


def test_the_year_that_a_question_names_leads(generation: Generation) -> None:
    question = "Why did the drivers of the harbour tram walk out in February 2023?"
    assert ids(retrieve(question, generation, HashEmbedder(), asked=ASKED).evidence)[0] == "strike-old.md"


def test_an_outlet_that_a_question_names_leads(generation: Generation) -> None:
    question = "What did the Harbour Wire write about the strike of the tram drivers?"
    assert ids(retrieve(question, generation, HashEmbedder(), asked=ASKED).evidence)[0] == "strike-copy.md"


@pytest.mark.parametrize("question", ["", "???", "the of and", "日本", "zeppelin"])
def test_any_question_gets_its_passages(generation: Generation, question: str) -> None:
    assert len(retrieve(question, generation, HashEmbedder(), asked=ASKED, limit=4).evidence) == 4


def test_outlets_as_people_name_them() -> None:
    sources = ["The Verge", "Port Gazette | Business", "fjordnews.com", "Fortune", "", "Ab"]
    assert list(named_outlets("What does Verge say, and the Port Gazette?", sources)) == [
        "The Verge",
        "Port Gazette | Business",
    ]
    assert list(named_outlets("Fjordnews on Fortune", sources)) == ["fjordnews.com", "Fortune"]
    assert named_outlets("Who made a fortune on the verge of ab?", sources) == {}


def test_parts_of_a_long_question() -> None:
    question = (
        "Does the Port Gazette say that drivers struck over winter rosters, while the Harbour Wire reports that the "
        "operator offered one free weekend each month?"
    )
    assert parts_of(question) == [question.split(", ")[0] + ",", question.split(", ")[1]]
    assert parts_of("Why did the drivers strike, and when?") == []


def test_two_names_joined_stay_in_one_part() -> None:
    question = (
        "Who, as the Port Gazette wrote in spring, struck over winter rosters at Quayside and Northgate depots, while "
        "the Harbour Wire reported that the operator had offered a free weekend each month?"
    )
    assert any("Quayside and Northgate" in part for part in parts_of(question))


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("Is Norvane larger than Quillon?", ["Is Norvane larger  ?", "Is larger  Quillon?"]),
        (
            "How many trams do Ashgate and Brimley have?",
            ["How many trams do Ashgate and have?", "How many trams do and Brimley have?"],
        ),
        (
            "How does the T20 compare with the Class 7 in range?",
            ["How does the T20  with the in range?", "How does the  with the Class 7 in range?"],
        ),
        ("When was the peace between Ashgate and Brimley signed?", []),
        ("Where did Norvane build its works in Ashgate?", []),
        ("Ashgate and Brimley", []),
    ],
)
def test_a_comparison_is_asked_of_either_side(question: str, sides: list[str]) -> None:
    assert parts_of(question) == sides


def test_a_comparison_finds_both_sides(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    loud = "The Norvane tram carries 240 passengers. Norvane passengers like the Norvane tram, say passengers."
    for number in range(6):
        (corpus / f"norvane-{number}.md").write_text(
            f"# Norvane {number}\n\n{loud} Report {number}, {number * 7} pages."
        )
    (corpus / "quillon.md").write_text("# A quiet one\n\nQuillon builds a tram for 180 passengers.")
    reindex(load_settings(corpus=corpus, index_dir=tmp_path / "index"), embedder=HashEmbedder())
    generation = open_current(tmp_path / "index")
    question = "How many passengers do the Norvane and the Quillon trams carry?"
    found = retrieve(question, generation, HashEmbedder(), asked=ASKED, limit=2)
    generation.close()
    assert "quillon.md" in ids(found.evidence)


def test_a_part_looks_on_its_own_day(generation: Generation) -> None:
    question = (
        "Did the Harbour Wire of 13 September 2025 say that drivers struck over winter rosters, while the Port Gazette "
        "of 3 February 2023 reported that those who drive the tram walked out over the age of their cabs?"
    )
    found = retrieve(question, generation, HashEmbedder(), asked=ASKED, limit=2)
    assert set(ids(found.evidence)) == {"strike-copy.md", "strike-old.md"}

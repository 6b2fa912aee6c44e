"""Nine short articles of three outlets: what changed between them, where they disagree, what is only a copy."""

from collections.abc import Iterator

import pytest

from assistant import Answer, Assistant
from ingest.build import reindex
from ingest.embed import load_embedder
from ingest.settings import load_settings

ARTICLES = [
    (
        "Tarvik bridge to cost 40 million",
        "Port Gazette",
        "2025-02-10",
        "The new bridge at Tarvik will cost 40 million crowns, the council said on Monday. It is planned "
        "to open in May 2026. Work begins in April.",
    ),
    (
        "Tarvik bridge grows dearer",
        "Fjord Post",
        "2025-06-18",
        "The bridge at Tarvik will now cost 55 million crowns, the council said after a review. The "
        "opening is now planned for September 2027. Steel prices were blamed.",
    ),
    (
        "Storm floods Nordhavn: 12 dead",
        "Port Gazette",
        "2025-08-03",
        "At least 12 people died when a storm flooded Nordhavn on Saturday, police said. Hundreds were "
        "moved to schools.",
    ),
    (
        "Deadly storm in Nordhavn",
        "Fjord Post",
        "2025-08-03",
        "The storm that flooded Nordhavn on Saturday killed 17 people, the mayor said. The harbour is closed.",
    ),
    (
        "Vexa cuts 300 jobs",
        "Coast Wire",
        "2025-09-01",
        "Vexa will cut 300 jobs at its plant in Sundvik, the chip maker said on Monday. The cuts begin "
        "in October. The union called the plan a surprise and asked for talks. Vexa employs 4,000 people "
        "in the town.",
    ),
    (
        "Vexa cuts 300 jobs at plant",
        "Port Gazette",
        "2025-09-01",
        "Vexa will cut 300 jobs at its plant in Sundvik, the chip maker said on Monday. The cuts begin "
        "in October. The union called the plan a surprise and asked for talks. Vexa employs 4,000 people "
        "in the town.",
    ),
    (
        "Mara Lind named judge",
        "Coast Wire",
        "2024-03-12",
        "Mara Lind was named chief judge of the high court in Oslund on Tuesday. She is 54. She replaces "
        "Tor Aas, who retires.",
    ),
    (
        "Ferry fares rise",
        "Fjord Post",
        "2025-05-02",
        "Ferry fares between Tarvik and Nordhavn will rise by 8 percent in June. A single ticket will cost 54 crowns.",
    ),
    (
        "Lind leaves the high court",
        "Port Gazette",
        "2025-07-20",
        "Mara Lind resigned as chief judge of the high court on Friday. Her deputy, Eva Holt, takes over for now.",
    ),
]


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("news")
    (folder / "corpus").mkdir()
    for number, (title, source, published, text) in enumerate(ARTICLES):
        head = f'---\ntitle: "{title}"\nsource: {source}\npublished: {published}\n---\n\n'
        (folder / "corpus" / f"{number}.md").write_text(head + text + "\n", "utf-8")
    settings = load_settings(corpus=folder / "corpus", index_dir=folder / "index")
    embedder = load_embedder()
    reindex(settings, embedder=embedder)
    with Assistant(settings, embedder=embedder) as opened:
        yield opened


def ask(assistant: Assistant, question: str, asked: str = "2025-10-01") -> tuple[Answer, str]:
    answer = assistant.ask(question, asked=asked)
    assert answer.answered
    return answer, " ".join(answer.notes)


def test_a_newer_figure_is_preferred_and_the_change_told_with_both_dates(assistant: Assistant) -> None:
    answer, notes = ask(assistant, "How much will the bridge at Tarvik cost?")
    assert "55 million" in answer.sentences[0].text
    assert answer.short_answer is not None and "55 million" in answer.short_answer
    assert all(part in notes for part in ("40 million", "2025-02-10", "55 million", "2025-06-18"))


def test_a_planned_date_that_moved_is_told(assistant: Assistant) -> None:
    answer, notes = ask(assistant, "When will the Tarvik bridge open?")
    assert "September 2027" in answer.sentences[0].text
    assert "May 2026" in notes and "September 2027" in notes


def test_a_question_about_its_time_gets_the_older_figure(assistant: Assistant) -> None:
    answer, notes = ask(assistant, "How much will the bridge at Tarvik cost?", asked="2025-03-01")
    assert "40 million" in answer.sentences[0].text and "55 million" not in answer.text + notes
    answer, notes = ask(assistant, "How much did the bridge at Tarvik cost in February 2025?")
    assert "40 million" in answer.sentences[0].text and "do not mention" not in notes


def test_articles_of_one_time_that_disagree_are_shown_with_their_outlets(assistant: Assistant) -> None:
    answer, notes = ask(assistant, "How many people died in the storm in Nordhavn?")
    assert "disagree" in notes and "Port Gazette" in notes and "Fjord Post" in notes
    assert "12" in answer.text and "17" in answer.text


def test_a_copy_counts_once(assistant: Assistant) -> None:
    answer, notes = ask(assistant, "How many jobs will Vexa cut?")
    assert [sentence.text.count("300 jobs") for sentence in answer.sentences].count(1) == 1
    assert "disagree" not in notes and len(answer.evidence[0].also_in) == 1


def test_evidence_older_than_the_question_wants_is_flagged(assistant: Assistant) -> None:
    _, notes = ask(assistant, "What is the latest on ferry fares?", asked="2025-12-15")
    assert "2025-05-02" in notes and "7 months before" in notes
    _, notes = ask(assistant, "What happened in Nordhavn this week?", asked="2025-12-15")
    assert "before the time that the question asks about" in notes

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Evidence
from assistant.confidence import ANSWERED, Readings, confidence_from
from assistant.extract import extract_answer
from ingest.article import Article, Passage
from ingest.embed import Embedder, load_embedder

HARBOUR = (
    "The harbour at Tarvik was dredged in 1987 to let larger ferries in. The work cost the town 3.2 million crowns. "
    "Two engineers from Nordhavn led it."
)
BEES = "Beekeepers in the valley lost a third of their hives last winter. A mite is thought to be the cause."
STRONG = replace(Readings(*[0.0] * len(fields(Readings))), meaning=0.8, context=0.9, near=0.8, length=0.2)
WEAK = replace(STRONG, meaning=0.15, context=0.2, near=0.0, absent=1.0, formless=1.0)

readings = st.builds(Readings, *[st.floats(min_value=0, max_value=1)] * len(fields(Readings)))


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return load_embedder()


def confidence(question: str, embedder: Embedder, *texts: str) -> float:
    evidence = [
        Evidence(Passage(n, f"{n}.md", 0, 0, len(text), text), Article(f"{n}.md", "", text), 0.9 - n / 10)
        for n, text in enumerate(texts or (HARBOUR, BEES))
    ]
    return extract_answer(question, evidence, embedder).confidence


def test_strong_readings_answer_and_weak_ones_do_not() -> None:
    assert confidence_from(STRONG) > 0.9
    assert confidence_from(WEAK) < 0.1


@given(readings)
def test_confidence_stays_within_its_range(read: Readings) -> None:
    assert 0 < confidence_from(read) < 1


@given(readings, st.sampled_from(("meaning", "context", "near", "length")), st.floats(min_value=0, max_value=1))
def test_more_of_what_speaks_for_an_answer_never_lowers_confidence(read: Readings, name: str, more: float) -> None:
    raised = replace(read, **{name: max(more, getattr(read, name))})
    assert confidence_from(raised) >= confidence_from(read)


@given(readings, st.sampled_from(("absent", "apart", "formless", "uncounted", "turned", "untold")))
def test_what_speaks_against_an_answer_never_raises_confidence(read: Readings, name: str) -> None:
    assert confidence_from(replace(read, **{name: 1.0})) <= confidence_from(read)


@pytest.mark.parametrize(
    "question",
    [
        "When was the harbour at Tarvik dredged?",
        "How much did the work on the harbour cost the town?",
        "How many hives did beekeepers lose?",
        "Who led the work at the harbour?",
    ],
)
def test_questions_that_the_articles_answer_pass_the_gate(question: str, embedder: Embedder) -> None:
    assert confidence(question, embedder) >= ANSWERED


@pytest.mark.parametrize(
    "question",
    [
        "Who won the chess championship in 2011?",
        "What is the boiling point of nitrogen?",
        "How many satellites did the Indian space agency launch?",
        "Why did the parliament in Ottawa vote down the budget?",
    ],
)
def test_questions_about_something_else_do_not(question: str, embedder: Embedder) -> None:
    assert confidence(question, embedder) < ANSWERED


@pytest.mark.parametrize(
    ("holds", "does_not"),
    [
        ("When was the harbour at Tarvik dredged?", "When was the harbour at Sundvollen dredged?"),
        ("When was the harbour at Tarvik dredged?", "When was the harbour at Tarvik not dredged?"),
        ("How much did the work cost the town in 1987?", "How much did the work cost the town in 2019?"),
        ("How many engineers led the work at Tarvik?", "How many ferries use the harbour at Tarvik?"),
    ],
)
def test_a_question_that_presumes_what_no_article_says_is_doubted(
    holds: str, does_not: str, embedder: Embedder
) -> None:
    assert confidence(does_not, embedder) < confidence(holds, embedder)


def test_a_number_of_things_wants_such_a_number(embedder: Embedder) -> None:
    question = "How many people work at Orrin Shipping?"
    told = "Orrin Shipping was founded in 1987. Some {} work at the shipyard of Orrin Shipping in Tarvik."
    assert confidence(question, embedder, told.format("4,200 people")) >= ANSWERED
    assert confidence(question, embedder, told.format("people of the town")) < ANSWERED


def test_what_two_articles_tell_apart_is_not_told_of_both(embedder: Embedder) -> None:
    apart = (
        "Orrin Shipping opened a plant at Tarvik in 1987.",
        "Halden Foods makes jam in Nordhavn. Its plant is old.",
    )
    joined = confidence("When did Halden Foods open a plant at Tarvik?", embedder, *apart)
    told = confidence("When did Orrin Shipping open a plant at Tarvik?", embedder, *apart)
    assert joined < told - 0.2


def test_a_deed_that_no_sentence_tells_of_is_doubted(embedder: Embedder) -> None:
    question = "When did Orrin Shipping buy Halden Foods?"
    told = "Orrin Shipping {} Halden Foods in 2017. The ferry is painted blue."
    other = confidence(question, embedder, told.format("put into its ferry a cold store of"))
    assert other < confidence(question, embedder, told.format("acquired")) - 0.1

from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answer import Evidence
from assistant.candidates import candidates_of
from assistant.extract import Extract, Quote, extract_answer
from assistant.question import read_question
from assistant.short_answers import short_answer
from assistant.trim import MAX_WORDS, trimmed
from ingest.article import Article, Passage
from ingest.embed import Embedder, load_embedder
from tests.doubles import HashEmbedder

FOUNDRY = (
    "Orrin Foundry opened its second plant in Tarvik on 4 March 2024. It employs 1,250 people there. "
    "The plant was paid for with a loan from Nordhavn Bank. "
    "Production stopped for three weeks in June because a transformer burned out."
)
FERRIES = (
    "The Selby Line runs nine ferries between Tarvik and the islands. "
    "Captain Mira Holt has led the company since 2019. Tickets cost €14.50 for adults."
)
WEATHER = "Heavy rain fell over the western valleys. Farmers expect a late harvest."


def evidence_of(*texts: str) -> list[Evidence]:
    return [
        Evidence(
            Passage(number, f"a{number}.md", 0, 0, len(text), text),
            Article(f"a{number}.md", "", text),
            0.9 - number / 10,
        )
        for number, text in enumerate(texts)
    ]


def ask(question: str, *texts: str, max_sentences: int = 3) -> Extract:
    return extract_answer(question, evidence_of(*texts), HashEmbedder(256), max_sentences=max_sentences)


@pytest.mark.parametrize(
    ("question", "first", "short"),
    [
        (
            "When did Orrin Foundry open its second plant?",
            "Orrin Foundry opened its second plant in Tarvik on 4 March 2024.",
            "4 March 2024",
        ),
        ("How many people does the foundry employ?", "It employs 1,250 people there.", "1,250"),
        (
            "Who has led the ferry company since 2019?",
            "Captain Mira Holt has led the company since 2019.",
            "Captain Mira Holt",
        ),
        ("How much do tickets cost for adults?", "Tickets cost €14.50 for adults.", "€14.50"),
        ("Which bank paid for the plant?", "The plant was paid for with a loan from Nordhavn Bank.", "Nordhavn Bank"),
        (
            "Why did production stop in June?",
            "Production stopped for three weeks in June because a transformer burned out.",
            None,
        ),
        (
            "How many ferries does the Selby Line run?",
            "The Selby Line runs nine ferries between Tarvik and the islands.",
            "nine",
        ),
    ],
)
def test_the_sentence_that_answers_comes_first_with_its_short_answer(
    question: str, first: str, short: str | None
) -> None:
    extract = ask(question, FOUNDRY, FERRIES, WEATHER)
    assert (extract.sentences[0].text, extract.short_answer) == (first, short)


def test_a_question_of_two_parts_has_both_answered_first() -> None:
    extract = ask("When did Orrin Foundry open its plant and how many people does it employ?", FOUNDRY, WEATHER)
    assert [quote.text for quote in extract.sentences[:2]] == [
        "Orrin Foundry opened its second plant in Tarvik on 4 March 2024.",
        "It employs 1,250 people there.",
    ]
    assert extract.short_answer == "4 March 2024"


def test_a_comparison_tells_of_both_sides() -> None:
    one = "The Norvane T20 compares well with others. The Norvane T20 seats 120. The Norvane T20 was drawn in Tarvik."
    other = "The Quillon carries 96 people and climbs any hill of the town."
    extract = ask("Compare the Norvane T20 and the Quillon.", one, other)
    assert other in [quote.text for quote in extract.sentences]


def test_what_somebody_said_may_be_told_with_another_verb() -> None:
    told = "Mira Holt, who leads the line, told the council that three more boats would come."
    extract = ask("What did Holt say?", f"Mira Holt took the helm in 2019. {told}", WEATHER)
    assert extract.sentences[0].text == told


def test_quotes_name_their_place_in_the_article_not_in_the_passage() -> None:
    text = f"{WEATHER} {FERRIES}"
    start = len(WEATHER) + 1
    passage = Passage(7, "long.md", 1, start, len(text), FERRIES)
    evidence = [Evidence(passage, Article("long.md", "", text), 0.8)]
    extract = extract_answer("Who leads the company?", evidence, HashEmbedder(256), max_sentences=1)
    holt = "Captain Mira Holt has led the company since 2019."
    assert extract.sentences == (Quote(0, text.index(holt), text.index(holt) + len(holt), holt),)
    assert extract.nearest == 0


def test_near_copies_are_said_once() -> None:
    copy = FERRIES.replace("Captain Mira Holt has led", "Captain Mira Holt has now led")
    texts = [quote.text for quote in ask("Who has led the company since 2019?", FERRIES, copy).sentences]
    assert sum("Holt" in text for text in texts) == 1


def test_overlapping_passages_give_each_sentence_once() -> None:
    half = Passage(1, "a0.md", 1, FERRIES.index("Captain"), len(FERRIES), FERRIES[FERRIES.index("Captain") :])
    whole = evidence_of(FERRIES)
    both = [*whole, Evidence(half, whole[0].article, 0.5)]
    assert candidates_of(both) == candidates_of(whole)


def test_nothing_to_read_is_no_answer() -> None:
    assert ask("Who leads the company?") == Extract((), None, 0.0, None)
    assert ask("Who leads the company?", " \n ") == Extract((), None, 0.0, 0)


def test_few_sentences_are_embedded_however_many_there_are() -> None:
    embedder = HashEmbedder(64)
    texts = [f"Plant {n} in Tarvik employs {n * 10} people. It opened in {1950 + n}. Nobody minds." for n in range(30)]
    extract_answer("How many people does plant 7 employ?", evidence_of(*texts), embedder)
    assert len(embedder.encoded) <= 12


def test_an_over_long_sentence_is_cut_at_clauses_and_never_inside_a_quotation() -> None:
    said = "“we looked, and we looked again, and then; after that, we stopped looking”"
    clauses = [f"the committee heard speaker number {number} on the matter" for number in range(14)]
    sentence = f"{', '.join(clauses[:7])}, the chair said {said}, {', '.join(clauses[7:])}."
    start, end = trimmed(sentence, ("chair", "look"))
    kept = sentence[start:end]
    assert said in kept
    assert len(kept.split()) <= MAX_WORDS
    assert kept.startswith("the ") and not kept.endswith(",")


@given(st.text(alphabet="ab ,;:—“”\"'.，、\n", max_size=700), st.integers(min_value=1, max_value=MAX_WORDS))
def test_a_trimmed_sentence_is_short_and_a_stretch_of_it(sentence: str, max_words: int) -> None:
    start, end = trimmed(sentence, ("a", "b"), max_words)
    assert 0 <= start <= end <= len(sentence)
    assert len(sentence[start:end].split()) <= max_words


def first(question: str, *texts: str) -> str:
    """The first sentence of the answer."""
    return extract_answer(question, evidence_of(*texts), model()).sentences[0].text


@lru_cache(maxsize=1)
def model() -> Embedder:
    """The encoder that comes with the installation."""
    return load_embedder()


def test_a_count_of_the_things_comes_before_a_count_of_others() -> None:
    text = (
        "A load too large for eight barges can now be split over many more without waiting for a lock. "
        "The convoy Orrin 72 is new. It has 72 barges and 36 pilots."
    )
    assert first("How many barges has the convoy Orrin 72?", text) == "It has 72 barges and 36 pilots."


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("What is dulse?", "Dulse is a red seaweed that is eaten dried."),
        ("what does dulse mean", "Dulse is a red seaweed that is eaten dried."),
        ("Who is Mara Lind?", "Mara Lind, the head of the guild, left Nordhavn in May."),
    ],
)
def test_what_a_thing_is_comes_before_what_happened_to_it(question: str, told: str) -> None:
    text = f"Dulse was sold out in Tarvik. Only two firms sell dulse. {told} It helped Mara Lind sell dulse."
    assert first(question, text) == told


def test_an_office_is_found_by_its_letters_and_spelt_out() -> None:
    text = "Orrin Shipping met Ivar Moe of the port. Mara Lind, Orrin Shipping's chief executive, arrived in May."
    assert first("who is the ceo of Orrin Shipping", text).startswith("Mara Lind")
    assert first("Who is the chief executive of Orrin Shipping?", text.replace("chief executive", "CEO")).startswith(
        "Mara"
    )


def test_a_headline_or_a_question_does_not_come_first() -> None:
    told = "Orrin Shipping has night ferries to Tarvik."
    text = f"What does Orrin Shipping offer?\n\n{told}\n\nWhy Orrin Shipping offers it"
    extract = extract_answer("What does Orrin Shipping offer?", evidence_of(text), model())
    assert [one.text for one in extract.sentences] == [told]


words = st.sampled_from("Orrin plant opened 2024 who when Tarvik . ? because 14 the\n\n“ ” It 终于。 élan".split(" "))
texts = st.lists(words, max_size=40).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(texts, st.lists(texts, max_size=4))
def test_every_quote_is_in_its_article_at_its_place(question: str, passages: list[str]) -> None:
    evidence = evidence_of(*passages)
    extract = extract_answer(question, evidence, HashEmbedder(16))
    assert len(extract.sentences) <= 3
    assert 0 <= extract.confidence <= 1
    for quote in extract.sentences:
        assert evidence[quote.index].article.text[quote.start : quote.end] == quote.text != ""
        assert len(quote.text.split()) <= MAX_WORDS
    if extract.short_answer is not None:
        assert extract.short_answer in extract.sentences[0].text


@pytest.mark.parametrize(
    ("question", "wants"),
    [
        ("Who founded it?", "person"),
        ("In what year did it close?", "date"),
        ("Where is the plant?", "place"),
        ("How many ferries are there?", "number"),
        ("What percentage of tickets were sold?", "number"),
        ("Which company built it?", "name"),
        ("Why was it closed?", "reason"),
        ("Did the plant close?", "verdict"),
        ("How does it work?", "manner"),
        ("What is a ferry?", "thing"),
        ("What is a prime number?", "thing"),
        ("Who is Mara Lind?", "thing"),
        ("Who is the CEO of Orrin?", "person"),
        ("ferry timetable", "thing"),
        ("", "thing"),
    ],
)
def test_the_kind_of_answer_is_read_off_the_question(question: str, wants: str) -> None:
    assert read_question(question).wants == wants


@pytest.mark.parametrize(
    ("question", "sentence", "short"),
    [
        ("How much power does it draw?", "The chip draws 450 W and costs $1.2 billion.", "450 W"),
        ("How much does the chip cost?", "The chip draws 450 W and costs $1.2 billion.", "$1.2 billion"),
        ("What share did they win?", "They won a share of 12.5% of the market.", "12.5%"),
        ("When did the war end?", "The war ended in the late 1640s.", "late 1640s"),
        ("Where is the bank based?", "The bank is based in Nordhavn.", "Nordhavn"),
        ("How much has it?", "The Orrin 960, due in 2027, will have 288 crates.", "288"),
        ("Who wrote it?", "Nobody knows.", None),
    ],
)
def test_short_answers_carry_their_units(question: str, sentence: str, short: str | None) -> None:
    assert short_answer(read_question(question), sentence) == short

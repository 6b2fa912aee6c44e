"""Words that a source holds, put together otherwise: whose figure, who did it, who said it, and what was put in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.verify import Verdict, check_sentence

VOTE = "In Tarn, Ruiz took 48 percent of the vote, while Holm took 41 percent and Osei 11 percent."
SALES = "Sales in Peru fell from 48 million in 2021 to 41 million in 2023, and the firm closed two plants in Lima."
YARD = "Tagus Marine bought Harbour Line in May for 40 million euros."
SOLD = "Harbour Line was bought by Tagus Marine in May."
OPENING = "The new bridge in Porto opened to the public on Saturday. It cost 31 million crowns."
SAID = "Mara Osei said that the ferry would sail in June; the mayor, Ida Holm, has not visited the yard."

names_made_up = st.lists(
    st.text("bkmrtvzaou", min_size=6, max_size=9).map(str.capitalize),
    min_size=2,
    max_size=2,
    unique_by=lambda name: name[:4],
)


def check(sentence: str, source: str) -> Verdict:
    return check_sentence(sentence, [source])


@pytest.mark.parametrize(
    ("sentence", "source", "reason"),
    [
        ("Ruiz took 41 percent of the vote.", VOTE, "the passage gives 41 percent for Holm, and 48 percent for Ruiz"),
        ("Holm took 48 percent of the vote.", VOTE, "the passage gives 48 percent for Ruiz, and 41 percent for Holm"),
        (
            "Sales in Peru were 41 million in 2021.",
            SALES,
            "the passage gives 41 million for 2023, and 48 million for 2021",
        ),
        (
            "Ruiz took 41 percent and Holm took 48 percent.",
            VOTE,
            "the passage has “41 percent” and “48 percent” the other way round",
        ),
        (
            "Harbour Line bought Tagus Marine in May.",
            YARD,
            "the passage has “Harbour Line” and “Tagus Marine” the other way round",
        ),
        (
            "Tagus Marine was bought by Harbour Line.",
            YARD,
            "the passage has “Tagus Marine” and “Harbour Line” the other way round",
        ),
        (
            "Harbour Line bought Tagus Marine.",
            SOLD,
            "the passage has “Tagus Marine” and “Harbour Line” the other way round",
        ),
        ("Ida Holm said that the ferry would sail in June.", SAID, "in the passage Mara Osei says this, not Ida Holm"),
    ],
)
def test_what_the_source_says_of_another_is_contradicted(sentence: str, source: str, reason: str) -> None:
    verdict = check(sentence, source)
    assert (verdict.support, verdict.contradicted, verdict.reason) == ("unsupported", True, reason)


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("Ruiz took 48 percent of the vote.", VOTE),
        ("Holm took 41 percent of the vote.", VOTE),
        ("Osei took 11 percent of the vote.", VOTE),
        ("Sales in Peru fell to 41 million in 2023.", SALES),
        ("The firm closed two plants in Lima.", SALES),
        ("Harbour Line was bought by Tagus Marine.", YARD),
        ("In May, Tagus Marine bought Harbour Line.", YARD),
        ("Tagus Marine bought Harbour Line.", SOLD),
        ("Ferries link Porto and Lisbon.", "Ferries link Lisbon and Porto."),
        ("Ardent met Brisk in Lima.", "Brisk met Ardent in Lima."),
        ("Mara Osei said that the ferry would sail in June.", SAID),
    ],
)
def test_another_order_of_the_same_facts_is_supported(sentence: str, source: str) -> None:
    assert check(sentence, source).support == "supported"


@pytest.mark.parametrize(
    ("sentence", "added"),
    [
        ("The new bridge in Porto opened on Saturday after a fatal accident.", "after a fatal accident"),
        ("After a fatal accident, the new bridge in Porto opened on Saturday.", "After a fatal accident"),
        (
            "The new bridge in Porto opened on Saturday, which angered fishermen and other neighbours.",
            "which angered fishermen and other neighbours",
        ),
    ],
)
def test_what_was_put_in_is_named(sentence: str, added: str) -> None:
    verdict = check(sentence, OPENING)
    assert (verdict.support, verdict.reason) == ("weak", f"the passage does not say “{added}”")


@pytest.mark.parametrize(
    "sentence",
    [
        "On Saturday the new bridge in Porto opened to the public.",
        "The new bridge in Porto, which opened on Saturday, cost 31 million crowns.",
        "Meanwhile, the new bridge in Porto opened to the public on Saturday.",
        "The article says that the new bridge in Porto opened to the public on Saturday.",
    ],
)
def test_what_the_source_says_elsewhere_is_not_put_in(sentence: str) -> None:
    assert check(sentence, OPENING).support == "supported"


def test_a_speech_reaches_to_its_semicolon() -> None:
    assert check("The mayor, Ida Holm, has not visited the yard.", SAID).support == "supported"
    dropped = check("The ferry would sail in June.", SAID)
    assert (dropped.support, dropped.reason) == ("weak", "the passage gives this as the word of Mara Osei, not as fact")


@settings(deadline=None)
@given(
    names_made_up,
    st.sampled_from(["sued", "bought", "hired"]),
)
def test_whoever_they_are_the_doer_is_told_from_the_other(names: list[str], verb: str) -> None:
    one, other = names
    active, passive = f"In May {one} {verb} {other} in Lima.", f"In May {other} was {verb} by {one} in Lima."
    for source in (active, passive):
        assert check(active, source).support == check(passive, source).support == "supported"
        for false in (f"In May {other} {verb} {one} in Lima.", f"In May {one} was {verb} by {other} in Lima."):
            assert check(false, source).support == "unsupported"


@settings(deadline=None)
@given(
    names_made_up,
    st.lists(st.integers(11, 99), min_size=2, max_size=2, unique=True),
)
def test_whoever_they_are_each_keeps_his_figure(names: list[str], shares: list[int]) -> None:
    source = f"The count shows that {names[0]} won {shares[0]} percent, while {names[1]} won {shares[1]} percent."
    for name, share, rival in zip(names, shares, shares[::-1], strict=True):
        assert check(f"The count shows that {name} won {share} percent.", source).support == "supported"
        assert check(f"The count shows that {name} won {rival} percent.", source).support == "unsupported"

"""The check of a sentence against what it cites. Words alone, but where a test says otherwise."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from assistant.verify import Verdict, check_against, check_sentence

PASSAGE = (
    "Harbour Line said on 18 September 2031 that the Kestrel 950 ferry will carry 128 cars and cost about $5.46bn. "
    "Mara Osei, its chairwoman, did not name a supplier. Ticket sales rose 12.5 percent in Lisbon last year. "
    "“We will never close the northern route,” Osei told reporters. Tagus Marine bought Harbour Line's old yard "
    "in May. The regulator may block the plan. More than 300 sailors joined before the strike began."
)


def check(sentence: str) -> Verdict:
    return check_sentence(sentence, [PASSAGE])


@pytest.mark.parametrize(
    "sentence",
    [
        "Ticket sales rose 12.5 percent in Lisbon last year.",
        "**Ticket sales** rose 12.5% in Lisbon [2].",
        "Harbour Line said in September 2031 that the Kestrel 950 ferry will carry 128 cars.",
        "Harbour Line said the Kestrel 950 ferry will cost $5.5 billion.",
        "Osei did not name a supplier.",
        "Osei didn't name a supplier.",
        '"We will never close the northern route," Osei told reporters.',
        "Harbour Line's old yard was bought by Tagus Marine in May.",
        "The regulator may block the plan.",
    ],
)
def test_what_the_passage_says_is_supported(sentence: str) -> None:
    verdict = check(sentence)
    assert (verdict.support, verdict.contradicted, verdict.quote) == ("supported", False, 0)
    assert verdict.score >= 0.5


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Harbour Line said the Kestrel 950 ferry will carry 256 cars.", "the passage says 128, the sentence says 256"),
        ("Harbour Line said the Kestrel 910 ferry will carry 128 cars.", "the passage says 950, the sentence says 910"),
        (
            "Ticket sales fell 12.5 percent in Lisbon last year.",
            "the passage says “rose” where the sentence says “fell”",
        ),
        (
            "Ticket sales rose 12.5 percentage points in Lisbon last year.",
            "the passage says 12.5 percent, the sentence says 12.5 percentage points",
        ),
        ("Ticket sales rose 12.5 percent in Madrid last year.", "the passage does not name Madrid"),
        ("Ticket sales did not rise 12.5 percent in Lisbon.", "the passage states “rise”, the sentence does not"),
        ("Mara Osei, its chairwoman, named a supplier.", "the passage denies “named”, the sentence does not"),
        ("Tagus Marine bought Harbour Line's old yard in June.", "the passage says May, the sentence says June"),
        (
            "“We will always close the northern route,” Osei told reporters.",
            "the words “We will always close the northern route,” are not in the passage as quoted",
        ),
        (
            "Less than 300 sailors joined before the strike began.",
            "the passage says “More” where the sentence says “Less”",
        ),
        (
            "Oriel Bank said the Kestrel 950 ferry will carry 128 cars.",
            "the passage does not name Oriel Bank",
        ),
    ],
)
def test_a_changed_fact_is_unsupported_and_named(sentence: str, reason: str) -> None:
    verdict = check(sentence)
    assert (verdict.support, verdict.reason) == ("unsupported", reason)
    assert verdict.score < 0.5


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("The regulator will block the plan.", "the passage only calls “block” possible"),
        (
            "The Kestrel 950 ferry will carry 128 cars and cost about $5.46bn.",
            "the passage gives this as the word of Harbour Line, not as fact",
        ),
        (
            "Tagus Marine bought Harbour Line's old barge in May.",
            "the passage says “yard” where the sentence says “barge”",
        ),
    ],
)
def test_a_shade_too_much_is_weak_and_named(sentence: str, reason: str) -> None:
    verdict = check(sentence)
    assert (verdict.support, verdict.reason) == ("weak", reason)


IF = "The Orrin tram opened on Monday. A second line to Tarvik is planned for next year if the council agrees."
UNLESS = "The union of the sailors accepted the offer of the harbour, unless the pay is cut."
OPENING_IF = "If the dredging succeeds, the harbour of Tarvik reopens in May, and ferries return in June."


@pytest.mark.parametrize(
    ("passage", "sentence", "support"),
    [
        (IF, "A second line to Tarvik is planned for next year.", "weak"),
        (IF, "The council agreed to a second line to Tarvik.", "weak"),
        (IF, "A second line to Tarvik is planned if the council agrees.", "supported"),
        (IF, "A second line to Tarvik depends on the council and is planned for next year.", "supported"),
        (IF, "The Orrin tram opened on Monday.", "supported"),
        (UNLESS, "The union of the sailors accepted the offer of the harbour.", "weak"),
        (OPENING_IF, "The harbour of Tarvik reopens in May.", "weak"),
        (f"{OPENING_IF} The harbour of Tarvik reopens in May.", "In May the harbour of Tarvik reopens.", "supported"),
        ("The bank asked its staff in Tarvik if they were ready.", "The bank asked its staff in Tarvik.", "supported"),
        ("Ticket sales in Tarvik rose, even if prices fell.", "Ticket sales in Tarvik rose.", "supported"),
    ],
)  # fmt: skip
def test_what_holds_on_a_condition_is_no_fact(passage: str, sentence: str, support: str) -> None:
    verdict = check_sentence(sentence, [passage])
    assert verdict.support == support
    assert ("condition" in verdict.reason) == (support == "weak")


def test_sides_that_changed_places_are_found() -> None:
    verdict = check_sentence("Ardent sued Brisk over the bridge.", ["Brisk sued Ardent over the bridge."])
    assert (verdict.support, verdict.contradicted) == ("unsupported", True)


def test_the_outlet_is_no_speaker() -> None:
    quotes = ["The yard, according to Tagus Marine, will open again next spring."]
    claim = "The Bay Courier reports that the yard will open again next spring, according to Tagus Marine."
    assert check_sentence(claim, quotes, sources=["The Bay Courier"]).support != "unsupported"


def test_a_sentence_word_for_word_scores_one() -> None:
    assert check("Mara Osei, its chairwoman, did not name a supplier.") == Verdict(
        "supported", 1.0, "the passage says this word for word", quote=0
    )


@pytest.mark.parametrize("quotes", [[], [""], ["https://harbour.example/news"]])
def test_nothing_cited_is_unsupported(quotes: list[str]) -> None:
    assert check_sentence("The yard is open.", quotes) == Verdict("unsupported", 0.0, "it cites no text")


def test_another_matter_is_unsupported_and_not_contradicted() -> None:
    verdict = check("Violins are made of spruce and maple.")
    assert (verdict.support, verdict.contradicted) == ("unsupported", False)


def test_against_passages_the_one_that_supports_wins() -> None:
    passages = ["The yard has 40 cranes.", "The harbour is deep.", "The yard has 60 cranes."]
    verdict = check_against("The yard has 60 cranes.", passages)
    assert (verdict.support, verdict.quote) == ("supported", 2)


def test_against_passages_a_contradiction_is_told() -> None:
    verdict = check_against("The yard has 70 cranes.", ["The harbour is deep.", "The yard has 60 cranes."])
    assert (verdict.support, verdict.contradicted, verdict.quote) == ("unsupported", True, 1)
    assert verdict.reason == "the passage says 60, the sentence says 70"


def test_against_passages_the_closer_contradiction_outweighs_a_looser_support() -> None:
    passages = [
        "In May the United Ports put Brisk on the list of closed yards.",
        "The United Ports put Ardent on the list of closed yards in June.",
    ]
    verdict = check_against("Ardent put the United Ports on the list of closed yards in June.", passages)
    assert (verdict.support, verdict.contradicted, verdict.quote) == ("unsupported", True, 1)


def test_another_matter_is_not_even_weak() -> None:
    verdict = check("The queen of Norway keeps bees on a roof in Hamar.")
    assert (verdict.support, verdict.reason) == ("unsupported", "the passage does not say this")


class LetterEmbedder:
    """Vectors of letter counts; remembers how many texts it was given."""

    name, fingerprint, dim, max_tokens, path = "letters", "letters", 26, 256, "letters"

    def __init__(self) -> None:
        self.encoded = 0

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded += len(texts)
        counts = np.array([[text.lower().count(chr(97 + i)) for i in range(26)] for text in texts], dtype=np.float32)
        lengths = np.linalg.norm(counts, axis=1, keepdims=True)
        return np.asarray(counts / np.maximum(lengths, 1e-6), dtype=np.float32)

    encode_questions = encode_passages

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def count_many(self, texts: Sequence[str]) -> list[int]:
        return [self.count_tokens(text) for text in texts]


def test_many_passages_cost_few_encodings() -> None:
    embedder = LetterEmbedder()
    verdict = check_against("Ticket sales rose by 12.5% in Lisbon.", [PASSAGE] * 10, embedder=embedder)
    assert verdict.support == "supported"
    assert embedder.encoded <= 9


@pytest.mark.parametrize(
    "sentence", ["华为表示芯片将于2031年上市。", "Продажи выросли на 12 процентов.", "٣٤ سفينة", "— [1] **"]
)
def test_other_scripts_are_judged_without_failing(sentence: str) -> None:
    assert check_sentence(sentence, [PASSAGE]).support == "unsupported"


def test_chinese_word_for_word_is_supported() -> None:
    assert check_sentence("渡轮可载128辆汽车。", ["公司说。渡轮可载128辆汽车。"]).support == "supported"


@given(st.text(max_size=120), st.lists(st.text(max_size=120), max_size=3))
def test_any_text_gives_a_verdict_in_range(sentence: str, quotes: list[str]) -> None:
    verdict = check_sentence(sentence, quotes)
    assert 0 <= verdict.score <= 1
    assert verdict.reason
    assert verdict == check_sentence(sentence, quotes)

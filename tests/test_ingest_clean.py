import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.clean import ends_sentence, join_hyphenated, join_wrapped, normalise, one_line, tidy

ANY_TEXT = st.text(st.characters(), max_size=300)  # lone surrogates too: JSON and file names bring them


@given(ANY_TEXT)
def test_normalised_text_can_be_stored_and_stays_as_it_is(text: str) -> None:
    once = normalise(text)
    once.encode("utf-8")
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not any(unicodedata.category(character) == "Cc" and character not in "\n\t" for character in once)


@given(ANY_TEXT)
def test_tidy_text_stays_as_it_is_and_keeps_every_letter(text: str) -> None:
    clean = normalise(text)
    once = tidy(clean)
    assert tidy(once) == once
    assert "\n\n\n" not in once
    assert [letter for letter in once if letter.isalnum()] == [letter for letter in clean if letter.isalnum()]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("zero\u200bwidth soft\u00adhyphen \ufeffmark\x07", "zerowidth softhyphen mark"),
        ("cafe\u0301", "caf\u00e9"),
        ("half \ud83d a pair", "half \ufffd a pair"),
        (
            "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),
    ],
)
def test_normalise(raw: str, expected: str) -> None:
    assert normalise(raw) == expected


def test_tidy_squeezes_spaces_inside_lines_and_keeps_the_indent_of_code() -> None:
    assert tidy("A  line\u00a0with   runs. \n\n\n\n    x = 1\n") == "A line with runs.\n\n    x = 1"


def test_one_line() -> None:
    assert one_line("  A title\n\t over two lines ") == "A title over two lines"


@pytest.mark.parametrize("line", ["It ended.", "Did it?", "“It did.”", "Yes!)", "结束了。"])
def test_a_sentence_ends(line: str) -> None:
    assert ends_sentence(line)


@pytest.mark.parametrize("line", ["A headline", "Tags", "1999", ""])
def test_a_label_ends_no_sentence(line: str) -> None:
    assert not ends_sentence(line)


def test_hard_wrapped_lines_are_joined_and_words_made_whole() -> None:
    block = (
        "The council has voted to widen the old canal between the two har-\n"
        "bours, and the work is to begin in the spring of next year, when\n"
        "the fishing season is over."
    )
    assert join_wrapped(block) == (
        "The council has voted to widen the old canal between the two harbours, and the work is to begin in the "
        "spring of next year, when the fishing season is over."
    )


def test_short_lines_stay_apart() -> None:
    poem = "- salt\n- bread\n- two lemons"
    assert join_wrapped(poem) == poem


def test_long_lines_that_end_as_sentences_do_are_paragraphs() -> None:
    first, second = "One long line about the harbour. " * 5, "Another line about the boats there. " * 5
    assert join_wrapped(f"{first.strip()}\n{second.strip()}") == f"{first.strip()}\n\n{second.strip()}"


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("inter-", "connect", "interconnect"),
        ("AI-", "based", "AI-based"),
        ("a pre-", "War plan", "a pre-War plan"),
        ("end", "of", "end of"),
    ],
)
def test_join_hyphenated(before: str, after: str, joined: str) -> None:
    assert join_hyphenated(before, after) == joined

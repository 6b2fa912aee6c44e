"""Markers in a model's text: every way of writing them, every way of cutting the text, nothing hostile left."""

import re
import time
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.cite import MAX_SENTENCE_CHARS, Drafted, SentenceStream, draft_sentences, find_quote, numbers_of
from assistant.plain import plain_tail, plain_text

PASSAGE = (
    "Huawei showed its roadmap in Shanghai on Thursday. The Ascend 950 will carry up to 144 GB of its own memory. "
    "Dr. Lin said the chip ships in late 2026. Shares of rivals fell 3.5 percent."
)


@pytest.mark.parametrize(
    ("text", "drafted"),
    [
        ("It has 144 GB [1].", [Drafted("It has 144 GB.", (1,))]),
        ("It has 144 GB.[1] It ships.", [Drafted("It has 144 GB.", (1,)), Drafted("It ships.")]),
        ("It has 144 GB. [1][2] It ships. [3]", [Drafted("It has 144 GB.", (1, 2)), Drafted("It ships.", (3,))]),
        ("It has [1, 2] 144 GB[3].", [Drafted("It has 144 GB.", (1, 2, 3))]),
        ("It has 144 GB [1], [2] and [3].", [Drafted("It has 144 GB.", (1, 2, 3))]),
        ("It has 144 GB [1-3].", [Drafted("It has 144 GB.", (1, 2, 3))]),
        ("It has 144 GB【1】.", [Drafted("It has 144 GB.", (1,))]),
        ("It has 144 GB【4:2†source】.", [Drafted("It has 144 GB.", (4,))]),
        ("It has 144 GB [^1].", [Drafted("It has 144 GB.", (1,))]),
        ("It has 144 GB [１，２].", [Drafted("It has 144 GB.", (1, 2))]),
        ("It has 144 GB [Source 1; Article 2].", [Drafted("It has 144 GB.", (1, 2))]),
        ("It has 144 GB ([2]).", [Drafted("It has 144 GB.", (2,))]),
        ("It has **144 GB** **[2]**.", [Drafted("It has 144 GB.", (2,))]),
        ("[2] says it has 144 GB.", [Drafted("says it has 144 GB.", (2,))]),
        ("It has 144 GB.\n[1] [2]\n\nIt ships.", [Drafted("It has 144 GB.", (1, 2)), Drafted("It ships.")]),
        ("It has 144 GB [1] [1].", [Drafted("It has 144 GB.", (1,))]),
        ("- It has 144 GB [1]\n- It ships [2]", [Drafted("It has 144 GB", (1,)), Drafted("It ships", (2,))]),
        (
            "The U.S. bans it [1]. Dr. Lin agrees [2].",
            [Drafted("The U.S. bans it.", (1,)), Drafted("Dr. Lin agrees.", (2,))],
        ),
        ("有144GB。[1]明年出货【2】。", [Drafted("有144GB。", (1,)), Drafted("明年出货。", (2,))]),
        ("In [2025] it said [sic] so [1].", [Drafted("In [2025] it said [sic] so.", (1,))]),
        ("Read `a[1]` or [part 1](http://x.example) [2].", [Drafted("Read a or part 1.", (2,))]),
        (
            "```\nrow[1] = 2. Then\nmore\n```\nIt ships [1].",
            [Drafted("row = 2. Then"), Drafted("more"), Drafted("It ships.", (1,))],
        ),
        ("It ships [1].\n\nSources: [1], [2]", [Drafted("It ships.", (1,))]),
        ("", []),
        (" \n[1]\n", []),
    ],
)
def test_markers_as_models_write_them(text: str, drafted: list[Drafted]) -> None:
    assert draft_sentences(text, known=4) == drafted


def test_unknown_numbers_are_dropped_and_counted() -> None:
    stream = SentenceStream(known=2)
    drafted = stream.feed("It has 144 GB [0][99] [2]. It ships [7-9].") + stream.finish()
    assert drafted == [Drafted("It has 144 GB.", (2,)), Drafted("It ships.")]
    assert stream.unknown == 5


def test_a_sentence_is_out_once_the_next_word_is_whole() -> None:
    stream = SentenceStream(known=1)
    assert stream.feed("It has 144 GB.") == []
    assert stream.feed(" [") == []
    assert stream.feed("1] It") == []
    assert stream.feed(" ships") == [Drafted("It has 144 GB.", (1,))]
    assert stream.tail == "It ships"


@pytest.mark.parametrize(
    ("begun", "tail"),
    [
        ("It has [", "It has"),
        ("It has [1", "It has"),
        ("It has [1, ", "It has"),
        ("It has [1]", "It has"),
        ("It has **144", "It has 144"),
        ("See ![x](http://e.exam", "See"),
        ("See [the page](http://e.exam", "See"),
        ("See <img src=http://e.example", "See"),
        ("- First", "First"),
    ],
)
def test_the_tail_never_shows_half_of_anything(begun: str, tail: str) -> None:
    stream = SentenceStream(known=1)
    stream.feed(begun)
    assert stream.tail == tail


def test_a_text_without_stops_is_cut_and_stays_cheap() -> None:
    drafted = draft_sentences("word " * 3000, known=1)
    assert max(len(sentence.text) for sentence in drafted) <= MAX_SENTENCE_CHARS + len("word")
    assert [word for sentence in drafted for word in sentence.text.split()] == ["word"] * 3000
    assert "".join(sentence.text for sentence in draft_sentences("x" * 9000, known=1)) == "x" * 9000


@pytest.mark.parametrize("flood", ["\n", " ", "\n ", "[", "[1", "(", "*", "<", "。", "!["])
def test_a_flood_of_anything_costs_little(flood: str) -> None:
    stream = SentenceStream(known=1)
    stream.feed("It ships. [1")
    started = time.process_time()
    drafted = stream.feed(flood * (6000 // len(flood))) + stream.finish()
    assert drafted[0].text.startswith("It ships.")
    assert time.process_time() - started < 3


MARKS = ["[1]", "[2, 3]", "【1】", "[^2]", "[0]", "[99]", "[1-3]", "[", "]", "(", ")", "３", "†", "```\n", "`"]
MARKUP = ["**", "- ", "<b>", "</b>", "<img src=x>", "<", "![a](http://x)", "[a](http://x)", "\x1b[1m"]
STOPS = ["。", ". ", "! ", "\n", "\n\n", " ", "Dr. ", "U.S. ", "GB"]
TEXTS = st.lists(st.sampled_from(MARKS + MARKUP + STOPS) | st.text(max_size=6), max_size=25).map("".join)


@given(text=TEXTS, cuts=st.lists(st.integers(0, 200), max_size=8))
@example(text="```\na. B c\nd [1]\n```\nIt ships [1]. Next", cuts=[9])
def test_any_cut_into_deltas_gives_the_same_sentences(text: str, cuts: list[int]) -> None:
    whole = SentenceStream(known=3)
    expected = whole.feed(text) + whole.finish()
    stream = SentenceStream(known=3)
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    found = [drafted for start, end in pairwise(places) for drafted in stream.feed(text[start:end])]
    assert (found + stream.finish(), stream.unknown) == (expected, whole.unknown)


@given(text=TEXTS)
def test_no_marker_and_no_markup_is_left_anywhere(text: str) -> None:
    stream = SentenceStream(known=3)
    shown: list[str] = []
    for char in text:
        shown += [drafted.text for drafted in stream.feed(char)]
        shown.append(stream.tail)
    shown += [drafted.text for drafted in stream.finish()]
    for sentence in shown:
        assert not re.search(r"[\[【]\d{1,3}[\]】]|<[a-zA-Z/!]|!\[[^\[\]]*\]|\x1b|\w://", sentence), sentence
        assert sentence == plain_text(sentence)


@given(text=TEXTS | st.text())
def test_plain_text_twice_is_plain_text(text: str) -> None:
    once = plain_text(text)
    assert plain_text(once) == once
    assert len(once) <= len(text)
    plain_tail(text)


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("x < 5 and y > 3", "x < 5 and y > 3"),
        ("a<b and <a<", "ab and a<"),
        ("5 * 3 and 2 * 4", "5 * 3 and 2 * 4"),
        ("snake_case_name and __bold__ _it_", "snake_case_name and bold it"),
        ("# Head\n> quote\n1. first\n* second", "Head quote first second"),
        ("2026 was good", "2026 was good"),
        ("3.5 percent", "3.5 percent"),
        ("<script>alert(1)</script>Fine", "Fine"),
        ("<scr<b>ipt>alert(1)</script>Fine", "script>alert(1)Fine"),
        ("a <!-- hidden --> b", "a b"),
        ("![beacon](https://e.example/?q=secret) Fine", "Fine"),
        ("![![inner](https://e.example)](https://e.example) Fine", "Fine"),
        ("[click](javascript:alert(1)) me", "click me"),
        ("go to https://e.example/x now", "go to e.example/x now"),
        ("go to www.e.example or //e.example/x and/or //", "go to e.example or e.example/x and/or //"),
        ("red \x1b[31malert\x1b[0m", "red alert"),
        ("right\u202eleft \U000e0041hid\U000e0101\u061c", "rightleft hid"),
    ],
)
def test_plain_text(markdown: str, plain: str) -> None:
    assert plain_text(markdown) == plain


@pytest.mark.parametrize(
    ("marker", "numbers"),
    [
        ("[1]", [1]),
        ("[1, 3-5]", [1, 3, 4, 5]),
        ("[3-1]", [3, 1]),
        ("[1-999]", [1, 999]),
        ("【2:1†x 7】", [2]),
        ("[^4]", [4]),
    ],
)
def test_numbers_of(marker: str, numbers: list[int]) -> None:
    assert numbers_of(marker) == numbers


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("The Ascend 950 has 144 GB of memory.", "The Ascend 950 will carry up to 144 GB of its own memory."),
        ("Dr. Lin expects shipping in 2026.", "Dr. Lin said the chip ships in late 2026."),
        ("Rivals lost 3.5 percent.", "Shares of rivals fell 3.5 percent."),
        (
            "The Ascend 950, with 144 GB of memory, ships in late 2026, Dr. Lin said.",
            "The Ascend 950 will carry up to 144 GB of its own memory. Dr. Lin said the chip ships in late 2026.",
        ),
    ],
)
def test_find_quote_gives_the_passage_s_own_sentences(sentence: str, quote: str) -> None:
    start, end = find_quote(sentence, PASSAGE)
    assert PASSAGE[start:end] == quote


@given(sentence=st.text(max_size=80), text=st.text(max_size=300))
def test_a_quote_is_always_a_stretch_of_the_text(sentence: str, text: str) -> None:
    start, end = find_quote(sentence, text)
    assert 0 <= start <= end <= len(text)
    assert bool(text[start:end]) == bool(text)


def test_half_a_link_is_never_shown() -> None:
    whole = "Rain. [click](javascript:f(1))"
    assert {plain_tail(whole[:end]) for end in range(6, len(whole))} == {"Rain."}
    assert plain_tail(whole) == "Rain. click"

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sentences import split_sentences


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\t\n ", []),
        ("One stop only", ["One stop only"]),
        ("It rained. It stopped!  Why? Nobody knows.", ["It rained.", "It stopped!", "Why?", "Nobody knows."]),
        (
            "Mr. Vale of the U.S. Navy paid 3.5 million for No. 4 at 5 p.m. on Friday. He left.",
            ["Mr. Vale of the U.S. Navy paid 3.5 million for No. 4 at 5 p.m. on Friday.", "He left."],
        ),
        (
            "She moved to the U.S. The firm stayed. It met at 5 p.m. They argued.",
            ["She moved to the U.S.", "The firm stayed.", "It met at 5 p.m.", "They argued."],
        ),
        (
            "Orrin Foundry Inc. Chief Executive Ada Roe spoke. So did K. L. Marsh, e.g. about Jan. 4 prices.",
            ["Orrin Foundry Inc. Chief Executive Ada Roe spoke.", "So did K. L. Marsh, e.g. about Jan. 4 prices."],
        ),
        ("He sat. Mary saw art. Both left.", ["He sat.", "Mary saw art.", "Both left."]),
        (
            "He said: \"Stop.\" (She did.) “Why?” she asked. 'No!' Then",
            ['He said: "Stop."', "(She did.)", "“Why?” she asked.", "'No!'", "Then"],
        ),
        (
            "Well... maybe. It was late... Nobody came … So be it.",
            ["Well... maybe.", "It was late...", "Nobody came …", "So be it."],
        ),
        (
            "Yahoo! is a name. See chips.example.com for v2.1.3 of it.",
            ["Yahoo! is a name.", "See chips.example.com for v2.1.3 of it."],
        ),
        ("It grew.[12] It shrank.[3][4] It ended.", ["It grew.[12]", "It shrank.[3][4]", "It ended."]),
        (
            "新しい工場が完成した。「速い。」と社長は語った。終わり",
            ["新しい工場が完成した。", "「速い。」と社長は語った。", "終わり"],
        ),
        ("工厂开工了！真的吗？是的。“很好。”他说。", ["工厂开工了！", "真的吗？", "是的。", "“很好。”", "他说。"]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_headings_list_items_and_blank_lines_end_sentences() -> None:
    text = (
        "The new plant\nThe plant opened in May and hired two hundred people from the valley within a single week\n\n"
        "Still no stop here\n\n- first item\n- second item\n1. One thing. Another.\n2. Two things"
    )
    assert sentences(text) == [
        "The new plant",
        "The plant opened in May and hired two hundred people from the valley within a single week",
        "Still no stop here",
        "- first item",
        "- second item",
        "1. One thing.",
        "Another.",
        "2. Two things",
    ]


def test_hard_wrapped_text_is_not_broken_into_lines() -> None:
    text = (
        "The committee met for the third time this year in a small room above the\n"
        "Harbour Street bakery, where the smell of bread is said to have shortened\n"
        "Monday's debate by an hour. Nobody\nminded."
    )
    assert sentences(text) == [text[: text.index(" Nobody")], "Nobody\nminded."]


def test_a_windows_line_end_counts_like_any_other() -> None:
    assert sentences("A title\r\n\r\nA line. Another.\r\n") == ["A title", "A line.", "Another."]


pieces = st.text(alphabet="aB1 .!?…\n\r\t\"')(“”。！」-#、Mr", max_size=60)


@given(st.one_of(st.text(max_size=200), pieces))
def test_spans_are_ordered_disjoint_trimmed_and_cover_everything_written(text: str) -> None:
    spans = split_sentences(text)
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    assert all(start < end and text[start:end] == text[start:end].strip() for start, end in spans)
    inside = {at for start, end in spans for at in range(start, end)}
    assert all(char.isspace() for at, char in enumerate(text) if at not in inside)


@given(pieces, pieces)
def test_a_blank_line_splits_text_as_if_it_were_two_texts(first: str, second: str) -> None:
    first, second = first.strip(), second.strip()
    assert sentences(f"{first}\n\n{second}") == sentences(first) + sentences(second)


@pytest.mark.parametrize("unit", [".", " ", "\n", "a.", ". ", ")", "M. ", "\n\r", "。", " ''", " ."])
def test_degenerate_text_stays_linear(unit: str) -> None:
    text = unit * 60_000
    assert sum(end - start for start, end in split_sentences(text)) <= len(text)

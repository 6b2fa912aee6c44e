import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ingest.sketch import sketch

TEXT = (
    "Drivers of the harbour tram went on strike on Friday morning over their winter rosters, and the depot stayed shut "
    "until the evening. Their union wants two free weekends a month. The operator has offered one, and that from May."
)
WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=3), min_size=1, max_size=60)


def test_case_and_punctuation_do_not_count() -> None:
    assert sketch(TEXT) == sketch(TEXT.upper().replace(",", " --"))


@given(WORDS, WORDS)
def test_only_texts_with_a_run_of_words_in_common_share_a_key(one: list[str], other: list[str]) -> None:
    def runs(words: list[str]) -> set[tuple[str, ...]]:
        return {tuple(words[at : at + 4]) for at in range(max(1, len(words) - 3))}

    shared = set(sketch(" ".join(one))) & set(sketch(" ".join(other)))
    assert not shared or runs(one) & runs(other)


@given(st.integers(0, 36))
def test_a_copy_with_a_line_added_and_a_word_changed_is_found(place: int) -> None:
    words = TEXT.split()
    copy = " ".join(["From our desk:", *words[:place], "changed", *words[place + 1 :]])
    assert set(sketch(TEXT)) & set(sketch(copy))


@given(st.text())
def test_any_text_has_keys_that_fit_sqlite(text: str) -> None:
    keys = sketch(text)
    assert len(keys) in (0, 4)
    assert all(-(2**63) <= key < 2**63 for key in keys)


def test_the_keys_are_the_same_in_every_process() -> None:
    code = f"from ingest.sketch import sketch; print(sketch({TEXT!r}))"
    root = Path(__file__).parents[1]
    found = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == str(sketch(TEXT))

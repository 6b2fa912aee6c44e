"""Terms of texts, and BM25 over the index made of them."""

import math
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import terms
from ingest.terms import search_terms_of
from ingest.word_build import write_postings
from ingest.words import ArticleWords, WordIndex, words_of

STREETS = [
    ArticleWords(
        [3, 4], "Tram lines of Ashgate", ["The tram runs to the harbour.", "A tram driver waits at the depot."]
    ),
    ArticleWords([7], "Ferries", ["The ferry leaves the harbour at noon, the second ferry at six."]),
    ArticleWords([9, 12, 13], "", ["Bread is baked here.", "", "No tram stops at the bakery."]),
]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("The Cats' owner's cat", ["cat", "owner", "cat"]),
        ("1,000 and 1000", ["1000", "1000"]),
        ("£5.5bn, 5.5 billion", ["5.5", "billion", "5.5", "billion"]),
        ("FP8 v2.0", ["fp8", "v2.0"]),
        ("3.5% or 3.5 percent", ["3.5", "percent", "3.5", "percent"]),
        ("40mg in the 1990s, the 28th", ["40mg", "40", "mg", "1990s", "1990", "28"]),
        ("state-of-the-art", ["state", "art", "stateoftheart"]),
        ("café CAFE", ["cafe", "cafe"]),
        ("U.S. and US", ["us", "us"]),
        ("TNF-α", ["tnf", "alpha", "tnfalpha"]),
        ("it’s what they don't", []),
        ("大阪城公園", ["大阪", "阪城", "城公", "公園"]),
        ("猫", ["猫"]),
        ("снова Снова", ["снова", "снова"]),
        ("...?! —", []),
    ],
)
def test_words_of_a_text(text: str, terms: list[str]) -> None:
    assert words_of(text) == terms


@given(st.text(max_size=80))
def test_words_do_not_depend_on_case_of_ascii_or_on_repetition(text: str) -> None:
    assert words_of(text) == words_of(text)
    assert words_of(f"{text} {text}") == words_of(text) * 2
    assert all(
        term and term == term.lower() and " " not in term for term in words_of(text.encode("ascii", "ignore").decode())
    )


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("GPT4, GPT-4", ["gpt4", "gpt", "4", "gpt", "4", "gpt4"]),
        ("IL2RA runs v2.0", ["il2ra", "il", "2", "ra", "run", "v2.0", "v", "2.0"]),
        ("40mg of B2A in the 1990s", ["40mg", "40", "mg", "b2a", "b", "2", "1990s", "1990"]),
        ("9f2c4d1b7e", ["9f2c4d1b7e"]),
    ],
)
def test_search_terms_of_a_text(text: str, terms: list[str]) -> None:
    assert search_terms_of(text) == terms


@given(st.text(alphabet="aZ3.-/ éТ京%'", max_size=40))
def test_search_terms_are_the_words_and_more(text: str) -> None:
    assert not Counter(words_of(text)) - Counter(search_terms_of(text))
    without_digits = text.replace("3", "")
    assert search_terms_of(without_digits) == words_of(without_digits)


@pytest.mark.parametrize(
    ("asked", "written"),
    [("GPT4", "GPT-4"), ("GPT-4", "GPT4"), ("H 20", "H20"), ("IL2RA", "IL-2"), ("COVID19", "Covid 19")],
)
def test_a_name_with_a_number_is_found_however_it_is_joined(tmp_path: Path, asked: str, written: str) -> None:
    texts = ["The tram runs to the harbour.", f"What {written} does.", "The ferry leaves at noon."]
    index = WordIndex.build([ArticleWords([1, 2, 3], "", texts)], tmp_path / "words")
    scores = index.passage_scores(dict.fromkeys(search_terms_of(asked), 1.0), k1=1.2, b=0.75, title=1.0)
    assert np.flatnonzero(scores).tolist() == [1]


def test_passage_scores_are_bm25(tmp_path: Path) -> None:
    index = WordIndex.build(STREETS, tmp_path / "words")
    scores = index.passage_scores({"ferri": 1.0}, k1=1.2, b=0.75, title=0.0)
    lengths = [len(words_of(text)) for article in STREETS for text in article.texts]
    idf = math.log(1 + (6 - 1 + 0.5) / (1 + 0.5))
    penalty = 1.2 * (0.25 + 0.75 * lengths[2] / (sum(lengths) / 6))
    expected = [0, 0, idf * 2 * 2.2 / (2 + penalty), 0, 0, 0]
    assert index.numbers.tolist() == [3, 4, 7, 9, 12, 13]
    assert np.allclose(scores, expected, atol=1e-5)


def test_title_words_count_as_asked(tmp_path: Path) -> None:
    index = WordIndex.build(STREETS, tmp_path / "words")
    assert not index.passage_scores({"ashgat": 1.0}, k1=1.2, b=0.75, title=0.0).any()
    once, thrice = (index.passage_scores({"ashgat": 1.0}, k1=1.2, b=0.0, title=weight) for weight in (1.0, 3.0))
    assert np.flatnonzero(once).tolist() == [0, 1]
    assert (thrice[:2] > once[:2]).all()


def test_article_scores_add_up_an_articles_passages(tmp_path: Path) -> None:
    index = WordIndex.build(STREETS, tmp_path / "words")
    scores = index.article_scores({"tram": 1.0}, k1=1.2, b=0.0, title=1.0)
    idf = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    assert np.allclose(scores, [idf * 3 * 2.2 / (3 + 1.2), 0, idf], atol=1e-5)  # two in the text, one in the title
    assert index.article_lengths.tolist() == [7, 7, 5]


def test_unknown_terms_and_an_empty_index(tmp_path: Path) -> None:
    index = WordIndex.build(STREETS, tmp_path / "words")
    assert not index.passage_scores({"zeppelin": 1.0}, k1=1.2, b=0.75, title=1.0).any()
    assert index.document_frequencies(["tram", "zeppelin", "harbour"]).tolist() == [3, 0, 2]
    empty = WordIndex.build([], tmp_path / "empty")
    assert (empty.n_rows, empty.n_articles) == (0, 0)
    assert empty.passage_scores({"tram": 1.0}, k1=1.2, b=0.75, title=1.0).tolist() == []
    assert empty.article_scores({"tram": 1.0}, k1=1.2, b=0.75, title=1.0).tolist() == []


def test_opened_again_it_is_the_same_and_is_mapped(tmp_path: Path) -> None:
    built = WordIndex.build(STREETS, tmp_path / "words")
    opened = WordIndex.open(tmp_path / "words")
    assert isinstance(opened.rows.base, np.memmap) or isinstance(opened.rows, np.memmap)
    assert opened.all_terms() == sorted(opened.all_terms()) == built.all_terms()


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    WordIndex.build(STREETS, tmp_path / "words")
    (tmp_path / "words" / "rows.npy").unlink()
    with pytest.raises(OSError, match=r"rows\.npy"):
        WordIndex.open(tmp_path / "words")


def test_the_bytes_do_not_depend_on_the_parts(tmp_path: Path) -> None:
    for block in (1, 7, 1000):
        write_postings(STREETS, tmp_path / str(block), block=block)
    assert _bytes(tmp_path / "1") == _bytes(tmp_path / "7") == _bytes(tmp_path / "1000")


WORDS = st.sampled_from(["tram", "ferry", "harbour", "bread", "noon", "mayor"])
TEXTS = st.lists(st.lists(WORDS, max_size=6).map(" ".join), min_size=1, max_size=3)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(WORDS, TEXTS, st.booleans()), max_size=6), st.lists(st.tuples(WORDS, TEXTS), max_size=3))
def test_an_update_is_the_index_built_from_what_is_left(
    tmp_path_factory: pytest.TempPathFactory,
    before: list[tuple[str, list[str], bool]],
    added: list[tuple[str, list[str]]],
) -> None:
    folder = tmp_path_factory.mktemp("words")
    numbers = iter(range(1, 1000, 2))
    old = [ArticleWords([next(numbers) for _ in texts], title, texts) for title, texts, _ in before]
    new = [ArticleWords([next(numbers) for _ in texts], title, texts) for title, texts in added]
    kept = [article for article, (_, _, keep) in zip(old, before, strict=True) if keep]
    removed = [
        number for article, (_, _, keep) in zip(old, before, strict=True) if not keep for number in article.numbers
    ]
    WordIndex.build(old, folder / "old").updated(folder / "updated", removed=removed, added=new)
    WordIndex.build([*kept, *new], folder / "fresh")
    assert _bytes(folder / "updated") == _bytes(folder / "fresh")


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_threads_do_not_mix_up_each_others_words() -> None:
    endings = ("ing", "ingly", "ies", "ational", "fulness", "iveness", "ousli", "ement", "edly", "izers")
    terms._stem.cache_clear()
    texts = [
        " ".join(f"{start}{letters}{end}" for letters in ("arb", "elt", "ounc", "ift", "undr") for end in endings)
        for start in ("m", "th", "str", "qu", "dr", "pl", "sn", "wh", "gl", "kr", "fl", "tw")
    ]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            together = list(threads.map(words_of, texts * 40))
    finally:
        sys.setswitchinterval(interval)
    terms._stem.cache_clear()
    assert together == [words_of(text) for text in texts] * 40


def test_a_word_said_endlessly_is_counted_up_to_a_limit(tmp_path: Path) -> None:
    index = WordIndex.build([ArticleWords([1], "", ["tram " * 300])], tmp_path / "words")
    _, counts, _ = index.of("tram")
    assert counts.tolist() == [255]

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from llama_index.core.node_parser import SentenceSplitter

from ingest.article import Article
from ingest.chunk import CountMany, chunk_article, embedding_text
from ingest.sentences import split_sentences

WORDS = st.text(alphabet=st.sampled_from("ab .,!?\n\n。é漢😀'\"-0123"), max_size=600)


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def count_thirds(texts: Sequence[str]) -> list[int]:
    return [len(text.encode()) // 3 for text in texts]


def as_llama_index_cuts(text: str, count: CountMany, max_tokens: int) -> list[str]:
    """The pieces of llama-index's own splitter, told where sentences end."""

    def sentences(piece: str) -> list[str]:
        cuts = [0, *(start for start, _ in split_sentences(piece)[1:]), len(piece)]
        return [piece[start:end] for start, end in pairwise(cuts)]

    return SentenceSplitter(
        chunk_size=max_tokens,
        chunk_overlap=0,
        paragraph_separator="\n\n",
        tokenizer=lambda piece: range(max(1, count([piece])[0])),
        chunking_tokenizer_fn=sentences,
    ).split_text(text)


def article(text: str) -> Article:
    return Article(id="a.md", title="A title", text=text)


def test_a_short_article_is_one_passage_without_the_space_around_it() -> None:
    text = "\n  The bridge opened in 1932. It cost 40 million.\n"
    assert [text[s:e] for s, e in chunk_article(article(text), count_many=count_words, max_tokens=50)] == [
        "The bridge opened in 1932. It cost 40 million."
    ]


def test_passages_end_where_sentences_end() -> None:
    text = "Mr. Hale opened the bridge. It cost 4.5 million. Ships pass below it. Trains cross above."
    spans = chunk_article(article(text), count_many=count_words, max_tokens=10)
    assert [text[start:end] for start, end in spans] == [
        "Mr. Hale opened the bridge. It cost 4.5 million.",
        "Ships pass below it. Trains cross above.",
    ]


def test_a_sentence_longer_than_a_passage_is_cut_and_nothing_is_lost() -> None:
    text = " ".join(f"word{number}" for number in range(95)) + "."
    spans = chunk_article(article(text), count_many=count_words, max_tokens=20)
    assert max(count_words([text[start:end] for start, end in spans])) <= 20
    assert " ".join(text[start:end] for start, end in spans) == text


def test_an_article_without_text_has_no_passages() -> None:
    assert chunk_article(article(" \n "), count_many=count_words, max_tokens=10) == []


def test_the_encoder_reads_the_title_with_the_passage() -> None:
    assert embedding_text("Harbour news", "It opened.") == "Harbour news\nIt opened."
    assert embedding_text("", "It opened.") == "It opened."


@settings(max_examples=200, deadline=None)
@given(text=WORDS, max_tokens=st.integers(1, 12))
def test_spans_are_exact_in_order_and_complete(text: str, max_tokens: int) -> None:
    spans = chunk_article(article(text), count_many=count_thirds, max_tokens=max_tokens)
    assert all(start < end and text[start:end] == text[start:end].strip() for start, end in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    left_out = list(text)
    for start, end in spans:
        left_out[start:end] = " " * (end - start)
    assert "".join(left_out).strip() == ""


@settings(max_examples=200, deadline=None)
@given(text=WORDS, max_tokens=st.integers(2, 60))
def test_passages_are_those_of_llama_index(text: str, max_tokens: int) -> None:
    assume(text.strip())
    spans = chunk_article(article(text), count_many=count_thirds, max_tokens=max_tokens)
    assert [text[start:end] for start, end in spans] == as_llama_index_cuts(text, count_thirds, max_tokens)


@pytest.mark.parametrize("text", ["漢字が続く文。" * 80, "😀" * 300, "a" * 5000])
def test_text_without_spaces_is_cut_too(text: str) -> None:
    spans = chunk_article(article(text), count_many=lambda parts: [len(part) for part in parts], max_tokens=40)
    assert max(end - start for start, end in spans) <= 40
    assert "".join(text[start:end] for start, end in spans) == text

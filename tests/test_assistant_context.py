from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Evidence
from assistant.context import readable_evidence
from ingest.article import Article, Passage

TEXT = "Rain fell on Monday in the hills. The river rose by two metres overnight. Schools closed on Tuesday at noon."
ARTICLE = Article(id="a.md", title="Rain", text=TEXT)


def piece(start: int, end: int, article: Article = ARTICLE, number: int = 1) -> Evidence:
    return Evidence(Passage(number, article.id, 0, start, end, article.text[start:end]), article, 0.5)


def texts(*evidence: Evidence) -> list[str]:
    return [found.passage.text for found in readable_evidence(evidence)]


def test_cut_sentences_are_made_whole() -> None:
    assert texts(piece(40, 60)) == ["The river rose by two metres overnight."]
    assert texts(piece(34, 80)) == [TEXT[34:]]


def test_neighbours_are_joined_in_the_better_place() -> None:
    other = Article(id="b.md", title="Sun", text="The sun shone all day on the coast.")
    found = texts(piece(74, 107), piece(0, 35, other), piece(34, 73))
    assert found == [TEXT[34:], "The sun shone all day on the coast."]


def test_passages_apart_stay_apart() -> None:
    assert texts(piece(0, 33), piece(74, 107)) == [TEXT[:33], TEXT[74:]]


@given(st.lists(st.tuples(st.integers(0, 106), st.integers(1, 107)).filter(lambda span: span[0] < span[1]), max_size=6))
def test_every_piece_is_the_articles_own_text_and_nothing_is_lost(spans: list[tuple[int, int]]) -> None:
    found = readable_evidence([piece(start, end) for start, end in spans])
    covered = {at for one in found for at in range(one.passage.start, one.passage.end)}
    assert all(TEXT[one.passage.start : one.passage.end] == one.passage.text for one in found)
    assert {at for start, end in spans for at in range(start, end)} <= covered

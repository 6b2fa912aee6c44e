"""A question finds its evidence: who may answer, who is near, in which order, each source once.

    question, asked -> Timing -> admitted passages -> Ranking -> Evidence, near copies collapsed

`assistant.answering` calls `retrieve`. The searches are in `assistant.search`, the arithmetic in `assistant.rank`, the
time words in `assistant.timing`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assistant.answer import Evidence
from assistant.rank import near_copies
from assistant.search import Ranking, rank_passages, read_query
from assistant.timing import Timing

if TYPE_CHECKING:
    from ingest.article import Passage
    from ingest.embed import Embedder
    from ingest.generation import Generation

__all__ = ["Retrieved", "retrieve"]

_NAMED_OUTLETS = 12
_MOST_COPIES = 500  # looked at for a passage: a line that every article ends with must not make a question slow
# Candidates of each search, or as many as are asked for. bench/quality.py: with two and four times as many nDCG@10 is
# 0.001 to 0.003 lower on SciFact and the same elsewhere, and a question takes longer.
_DEPTH = 50


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What was found for a question, best first, and notes for the reader."""

    evidence: tuple[Evidence, ...]
    notes: tuple[str, ...] = ()


def retrieve(
    question: str,
    generation: "Generation",
    embedder: "Embedder",
    *,
    asked: date,
    since: date | None = None,
    until: date | None = None,
    source: str | None = None,
    limit: int = 10,
    parts: Sequence[str] | None = None,
) -> Retrieved:
    """The ``limit`` best passages for a question, best first; fewer only when no more are admitted.

    asked: the day the question is asked: what was published after it is no evidence unless the question speaks of it.
    since, until: publication dates, both included. source: an outlet's name, case aside.
    parts: the simpler questions it consists of, where somebody knows better than the rules of `assistant.parts`.
    """
    query = read_query(question, asked, generation, embedder, parts)
    admitted, notes = _admit(generation, query.timing, asked, since, until, source)
    depth = max(_DEPTH, limit)
    while True:
        ranking = rank_passages(query, generation, admitted, depth)
        evidence = _evidence(generation, ranking, admitted, limit)
        if len(evidence) >= limit or len(ranking.rows) >= admitted.sum():
            return Retrieved(evidence, notes)
        depth *= 4


def _admit(
    generation: "Generation", timing: Timing, asked: date, since: date | None, until: date | None, source: str | None
) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """Which passages (n_passages,) may be evidence, and a note on undated articles that a date filter left out."""
    columns = generation.columns
    first, last = columns.first_day, columns.last_day
    dated = last > 0
    horizon = min(until or date.max, max(asked, timing.beyond or asked))
    articles = first <= horizon.toordinal()  # 0, undated, is below every day
    notes: tuple[str, ...] = ()
    if source:
        wanted = source.strip().casefold()
        of_outlet = np.array([name.casefold() == wanted for name in columns.source], np.bool_)
        articles &= of_outlet
        if not of_outlet.any():
            known = ", ".join(sorted({name for name in columns.source if name})[:_NAMED_OUTLETS])
            notes = (f"No article is of the outlet {source!r}; there are {known or 'no named outlets'}.",)
    if since or until:
        undated = int((articles & ~dated).sum())
        articles &= dated & (last >= (since or date.min).toordinal())
        if undated:
            plural = "article has" if undated == 1 else "articles have"
            notes = (
                *notes,
                f"{undated} {plural} no date and {'was' if undated == 1 else 'were'} left out by the date filter.",
            )
    return articles[columns.article], notes


def _evidence(
    generation: "Generation", ranking: Ranking, admitted: NDArray[np.bool_], limit: int
) -> tuple[Evidence, ...]:
    """The first ``limit`` passages of a ranking that copy none before them, each with the articles that copy it."""
    numbers = generation.columns.numbers[ranking.rows]
    window = limit + limit // 2 + 5  # near copies are few
    while True:
        passages = generation.catalog.passages(numbers[:window].tolist())
        leaders = near_copies([passage.text for passage in passages])
        kept = [place for place, leader in enumerate(leaders) if place == leader][:limit]
        if len(kept) == limit or window >= len(numbers):
            break
        window *= 2
    articles = generation.catalog.articles([passages[place].article_id for place in kept])
    copies = _unranked_copies(generation, passages, kept, admitted)
    return tuple(
        Evidence(
            passage=passages[place],
            article=articles[passages[place].article_id],
            score=float(np.clip(ranking.scores[place], 0, 1)),
            found_by=_found_by(ranking, place),
            also_in=_copies(passages, leaders, place, copies.get(place, [])),
        )
        for place in kept
    )


def _found_by(ranking: Ranking, place: int) -> tuple[str, ...]:
    """The names of the searches that found a place of the ranking."""
    found = (("meaning", ranking.by_meaning[place]), ("words", ranking.by_words[place]))
    return tuple(name for name, hit in found if hit)


def _unranked_copies(
    generation: "Generation", passages: "list[Passage]", kept: list[int], admitted: NDArray[np.bool_]
) -> "dict[int, list[Passage]]":
    """For kept places, the admitted near copies of their passages that are not among the ranked ones."""
    ranked = {passage.number for passage in passages}
    found: dict[int, list[Passage]] = {}
    alike = generation.catalog.alike(passages[place].number for place in kept)
    for place in kept:
        numbers = np.array([other for other in alike.get(passages[place].number, []) if other not in ranked], np.int64)
        numbers = numbers[admitted[generation.columns.positions(numbers)]][:_MOST_COPIES]
        if len(numbers):
            others = generation.catalog.passages(numbers)
            leaders = near_copies([passages[place].text, *(other.text for other in others)])
            found[place] = [other for other, leader in zip(others, leaders[1:], strict=True) if leader == 0]
    return found


def _copies(passages: "list[Passage]", leaders: list[int], place: int, unranked: "list[Passage]") -> tuple[str, ...]:
    """Ids of the other articles that copy the passage at a place, in rank order, those that are not ranked last."""
    own = passages[place].article_id
    ranked = [passages[other] for other, leader in enumerate(leaders) if leader == place and other != place]
    ids = [passage.article_id for passage in (*ranked, *unranked)]
    return tuple(dict.fromkeys(article_id for article_id in ids if article_id != own))

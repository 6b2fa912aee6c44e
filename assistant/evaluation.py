"""``footnote eval``: how well an index finds and answers questions whose answers are known.

    queries.jsonl, qrels/*.tsv -> rankings and answers -> measures, for Footnote and for each search alone

The measures are in `assistant.evaluate`. ``bench/quality.py`` runs the same over several sets.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import quantiles

import numpy as np

from assistant.answer import Answer
from assistant.answering import Request, Tools, answer_events, find_evidence
from assistant.evaluate import JudgedQuestion, mean, mrr_at, ndcg_at, recall_at, success_at
from assistant.search import K1, TITLE, B
from ingest.errors import SettingsError
from ingest.generation import Generation
from ingest.terms import search_terms_of

PASSAGES = 100
"""Passages of a ranking before it becomes one of articles."""

Ranking = list[str]
Search = Callable[[JudgedQuestion], Ranking]
MEASURES: dict[str, Callable[[Sequence[str], JudgedQuestion], float]] = {
    "nDCG@10": lambda ranking, question: ndcg_at(10, ranking, question.relevant),
    "recall@10": lambda ranking, question: recall_at(10, ranking, question.relevant),
    "recall@100": lambda ranking, question: recall_at(100, ranking, question.relevant),
    "MRR@10": lambda ranking, question: mrr_at(10, ranking, question.relevant),
    "success@5": lambda ranking, question: success_at(5, ranking, question.relevant),
}


@dataclass(frozen=True, slots=True)
class Score:
    """The means of the measures (0..1, higher is better) of one way of searching or answering, and its latency."""

    way: str
    questions: int
    measures: dict[str, float]
    p50_ms: float
    p95_ms: float


def score_searches(
    questions: Sequence[JudgedQuestion], generation: Generation, tools: Tools, *, passages: int = PASSAGES
) -> list[Score]:
    """Footnote's ranking, and beside it each search alone, on the questions that have a relevant article.

    passages: how many are asked for; an article stands where its best passage does.
    """
    judged = [question for question in questions if question.relevant]
    ways: dict[str, Search] = {
        "footnote": lambda question: _by_footnote(question, generation, tools, passages),
        "vectors alone": lambda question: _by_vectors(question, generation, tools, passages),
        "BM25 alone": lambda question: _by_words(question, generation, passages),
    }
    return [_score_search(way, search, judged) for way, search in ways.items()] if judged else []


def score_answers(questions: Sequence[JudgedQuestion], generation: Generation, tools: Tools) -> Score | None:
    """How the answers fare on the questions that say what the answer is, or that there is none; None without such.

    contains: a true answer stands in the text. first: in its first sentence. token F1: of the text and the nearest
    true answer, as SQuAD has it. cited right, cited all: precision and recall of cited articles. supported: share of
    sentences marked so. abstention: refused exactly where the set says that nothing answers.
    """
    known = [question for question in questions if question.answers or not question.answerable]
    if not known:
        return None
    values: dict[str, list[float]] = {}
    seconds = []
    for question in known:
        started = time.perf_counter()
        answer = _answered(question, generation, tools)
        seconds.append(time.perf_counter() - started)
        for name, value in _judge(answer, question):
            values.setdefault(name, []).append(value)
    p50, p95 = _percentiles(seconds)
    return Score("answers", len(known), {name: mean(found) for name, found in values.items()}, p50, p95)


def table(scores: Sequence[Score]) -> str:
    """Scores as lines of text, one table for each set of measures."""
    lines: list[str] = []
    heading: tuple[str, ...] = ()
    for score in scores:
        if tuple(score.measures) != heading:
            heading = tuple(score.measures)
            names = " ".join(f"{name:>10}" for name in heading)
            lines.append(f"{'':14} {'n':>5} {names} {'p50 ms':>8} {'p95 ms':>8}")
        values = " ".join(f"{value:10.4f}" for value in score.measures.values())
        lines.append(f"{score.way:14} {score.questions:5} {values} {score.p50_ms:8.1f} {score.p95_ms:8.1f}")
    return "\n".join(lines)


def plot_scores(scores: Sequence[Score], path: Path) -> None:
    """Write the measures as bars, one group for each measure.

    Raises:
        SettingsError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise SettingsError("--plot needs matplotlib; run `pip install matplotlib`") from None
    bars = [(f"{score.way}: {name}", value) for score in scores for name, value in score.measures.items()]
    figure = Figure(figsize=(8, 1 + 0.28 * len(bars)), layout="constrained")
    axes = figure.subplots()
    drawn = axes.barh([label for label, _ in reversed(bars)], [value for _, value in reversed(bars)])
    axes.bar_label(drawn, fmt="%.3f", fontsize=8)
    axes.set_xlim(0, 1.1)
    figure.savefig(path, dpi=150)


def _score_search(way: str, search: Search, questions: Sequence[JudgedQuestion]) -> Score:
    search(questions[0])  # the first question of a process also loads things
    rankings, seconds = [], []
    for question in questions:
        started = time.perf_counter()
        ranking = search(question)
        seconds.append(time.perf_counter() - started)
        rankings.append([_judged_id(article_id, question) for article_id in ranking])
    pairs = list(zip(rankings, questions, strict=True))
    measures = {name: mean(of(ranking, question) for ranking, question in pairs) for name, of in MEASURES.items()}
    p50, p95 = _percentiles(seconds)
    return Score(way, len(questions), measures, p50, p95)


def _request(question: JudgedQuestion, limit: int) -> Request:
    asked = date.fromisoformat(question.asked[:10]) if question.asked else date.today()
    return Request(question.text, asked, limit=limit)


def _by_footnote(question: JudgedQuestion, generation: Generation, tools: Tools, passages: int) -> Ranking:
    found = find_evidence(_request(question, passages), question.text, generation, tools)
    return list(dict.fromkeys(article for one in found.evidence for article in (one.article.id, *one.also_in)))


def _by_vectors(question: JudgedQuestion, generation: Generation, tools: Tools, passages: int) -> Ranking:
    vector = tools.embedder.encode_questions([question.text])[0]
    return _articles_of(generation, generation.vectors.nearest(vector, passages)[0])


def _by_words(question: JudgedQuestion, generation: Generation, passages: int) -> Ranking:
    terms = dict.fromkeys(search_terms_of(question.text), 1.0)
    scores = generation.words.passage_scores(terms, k1=K1, b=B, title=TITLE)
    best = np.argsort(-scores, kind="stable")[:passages]
    return _articles_of(generation, generation.words.numbers[best[scores[best] > 0]])


def _articles_of(generation: Generation, numbers: Iterable[int]) -> Ranking:
    """The articles of ranked passages, each where its best passage stands."""
    columns = generation.columns
    rows = columns.article[columns.positions(np.asarray(numbers, np.int64))]
    return list(dict.fromkeys(columns.article_ids[row] for row in rows))


def _judged_id(article_id: str, question: JudgedQuestion) -> str:
    """The id that the judgements know an article by: its own, or that of its record alone."""
    record = article_id.rpartition("#")[2]
    return record if record in question.relevant else article_id


def _answered(question: JudgedQuestion, generation: Generation, tools: Tools) -> Answer:
    *_, finished = answer_events(_request(question, 10), generation, tools)
    return finished.answer  # type: ignore[union-attr]


def _judge(answer: Answer, question: JudgedQuestion) -> Iterable[tuple[str, float]]:
    """Each measure that one answer counts for."""
    yield "abstention", float(answer.answered == question.answerable)
    if answer.sentences:
        yield "supported", mean(float(sentence.support == "supported") for sentence in answer.sentences)
    if question.answers:
        text = " ".join(sentence.text for sentence in answer.sentences)
        first = answer.sentences[0].text if answer.sentences else ""
        yield "contains", float(any(_plain(true) in _plain(text) for true in question.answers))
        yield "first", float(any(_plain(true) in _plain(first) for true in question.answers))
        yield "token F1", max(_token_f1(text, true) for true in question.answers)
    if question.relevant and answer.citations:
        cited = {_judged_id(citation.article.id, question) for citation in answer.citations}
        yield "cited right", len(cited & question.relevant.keys()) / len(cited)
        yield "cited all", len(cited & question.relevant.keys()) / len(question.relevant)


def _token_f1(text: str, true: str) -> float:
    found, wanted = _plain(text).split(), _plain(true).split()
    shared = sum((Counter(found) & Counter(wanted)).values())
    return 2 * shared / (len(found) + len(wanted)) if shared else 0.0


def _plain(text: str) -> str:
    """Words without case, articles and punctuation, between single spaces."""
    words = re.sub(r"[^\w\s.]|\.(?!\d)", " ", text.casefold()).split()
    return f" {' '.join(word for word in words if word not in ('a', 'an', 'the'))} "


def _percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    if len(seconds) < 2:
        return (seconds[0] * 1000,) * 2
    cuts = quantiles(seconds, n=20, method="inclusive")
    return cuts[9] * 1000, cuts[18] * 1000

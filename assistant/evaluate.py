"""How well a ranking finds what people judged relevant: the measures of the field, and the BEIR form they are kept in.

Pure functions: `footnote eval` and ``bench/quality.py`` bring the rankings. A ranking is a list of article ids, best
first, none twice; judgements give the relevant ids and how relevant each is (above 0).
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.errors import CorpusError

__all__ = ["JudgedQuestion", "mean", "mrr_at", "ndcg_at", "read_beir", "recall_at", "success_at"]

Judgements = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """A question with its judgements: article id -> relevance, above 0. asked: ISO date, empty for today.

    answers: texts any of which answers it, where the set says so. answerable: False where it says that nothing does.
    """

    id: str
    text: str
    relevant: Judgements
    asked: str = ""
    answers: tuple[str, ...] = ()
    answerable: bool = True


def ndcg_at(k: int, ranking: Sequence[str], relevant: Judgements) -> float:
    """Normalised discounted cumulative gain of the first k, 0..1; gains are linear, as in trec_eval's ``ndcg_cut``."""
    best = _gain(sorted(relevant.values(), reverse=True)[:k])
    return _gain([relevant.get(article_id, 0) for article_id in ranking[:k]]) / best if best else 0.0


def recall_at(k: int, ranking: Sequence[str], relevant: Judgements) -> float:
    """The share of the relevant articles that are among the first k, 0..1."""
    return len(set(ranking[:k]) & relevant.keys()) / len(relevant) if relevant else 0.0


def mrr_at(k: int, ranking: Sequence[str], relevant: Judgements) -> float:
    """1 / the place of the first relevant article, 0 when none is among the first k."""
    places = (place for place, article_id in enumerate(ranking[:k], 1) if article_id in relevant)
    return 1 / next(places, math.inf)


def success_at(k: int, ranking: Sequence[str], relevant: Judgements) -> float:
    """1 when a relevant article is among the first k, else 0."""
    return float(any(article_id in relevant for article_id in ranking[:k]))


def mean(values: Iterable[float]) -> float:
    """The arithmetic mean; 0 for none."""
    found = list(values)
    return math.fsum(found) / len(found) if found else 0.0


def read_beir(folder: Path) -> list[JudgedQuestion]:
    """The judged questions of a folder in BEIR form (``queries.jsonl``, ``qrels/*.tsv``), in the order of the queries.

    A question may also carry ``asked`` (a date), ``answers`` or ``answer`` (texts any of which answers it) and
    ``"answerable": false``. A question that says nothing of what is right is left out.

    Raises:
        CorpusError: a file is missing or a line is not of that form.
    """
    judgements: dict[str, dict[str, int]] = {}
    tables = sorted((folder / "qrels").glob("*.tsv"))
    if not tables:
        raise CorpusError(f"{str(folder)!r} holds no 'qrels/*.tsv'; expected queries.jsonl and qrels/ in BEIR form")
    for table in tables:
        for question_id, article_id, relevance in _judgements(table):
            if relevance > 0:
                judgements.setdefault(question_id, {})[article_id] = relevance
    questions = [_judged(row, judgements.get(str(row["_id"]), {})) for row in _questions(folder / "queries.jsonl")]
    return [question for question in questions if question.relevant or question.answers or not question.answerable]


def _judged(row: Mapping[str, Any], relevant: Judgements) -> JudgedQuestion:
    answers = row.get("answers") or row.get("answer") or ()
    return JudgedQuestion(
        id=str(row["_id"]),
        text=str(row["text"]),
        relevant=relevant,
        asked=str(row.get("asked") or ""),
        answers=(answers,) if isinstance(answers, str) else tuple(map(str, answers)),
        answerable=row.get("answerable") is not False,
    )


def _gain(relevances: Sequence[int]) -> float:
    return sum(relevance / math.log2(place + 1) for place, relevance in enumerate(relevances, 1))


def _judgements(table: Path) -> Iterator[tuple[str, str, int]]:
    """(question id, article id, relevance) of each line after the heading."""
    for number, line in enumerate(_lines(table), 1):
        fields = line.split("\t")
        if number == 1 and len(fields) == 3 and not fields[-1].lstrip("-").isdigit():
            continue
        try:
            question_id, article_id, relevance = fields
            yield question_id, article_id, int(relevance)
        except ValueError as error:
            form = "query-id, corpus-id, score"
            raise CorpusError(f"{str(table)!r} line {number} is {line!r}, expected {form}") from error


def _lines(path: Path) -> list[str]:
    """The lines of a file that are not blank; only a line feed ends one, since JSON may hold every other separator."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CorpusError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CorpusError(f"{str(path)!r} is not UTF-8: {error.reason}; save it as UTF-8") from error
    return [line.rstrip("\r") for line in text.split("\n") if line.strip()]


def _questions(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of ``queries.jsonl``, each with ``_id`` and ``text``."""
    for number, line in enumerate(_lines(path), 1):
        try:
            row = json.loads(line)
            row["_id"], row["text"]
        except (ValueError, KeyError, TypeError) as error:
            raise CorpusError(f"{str(path)!r} line {number} is no question: expected '_id' and 'text'") from error
        yield row

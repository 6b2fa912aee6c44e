"""Answers without a language model, measured: the true answer in the first sentence and in all, the gate, follow-ups.

    python bench/answers.py EVAL_FOLDER [--misses]

Everything goes through the product: its index, its retrieval, its answers. The sets that bring their own passages
(squad2, clapnq, mtrag) skip retrieval. A refusal counts as a miss. Deterministic.
"""

import argparse
import hashlib
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from assistant.answer import Evidence
from assistant.confidence import ANSWERED
from assistant.conversation import leans, standalone_question
from assistant.extract import Extract, extract_answer
from assistant.retrieve import retrieve
from ingest.article import Article, Passage
from ingest.build import reindex
from ingest.embed import Embedder, load_embedder
from ingest.generation import Generation, open_current
from ingest.settings import load_settings

ASKED = date(2026, 1, 1)
BASELINES = {
    "xquad first": "0.770",
    "xquad all": "0.920",
    "off-corpus": "0.980",
    "clapnq": "0.830",
    "squad2": "0.650",
}


@dataclass(frozen=True)
class Case:
    """A question, its evidence, and what is known of its answer.

    answers: strings one of which a right sentence holds. answerable: None where the set's judges were of two minds.
    half: 0 or 1 by a hash of the id: tuned on both with the other held out.
    """

    group: str
    id: str
    question: str
    evidence: tuple[Evidence, ...]
    answers: tuple[str, ...]
    answerable: bool | None

    @property
    def half(self) -> int:
        return half_of(self.id)

    def holds_answer(self, sentence: str) -> bool:
        """Whether the sentence holds the answer, or is part of it where the answer is long."""
        words = _plain(sentence)
        return any(
            _plain(answer) in words or (len(answer) > 200 and words in _plain(answer)) for answer in self.answers
        )


class Remembering:
    """An embedder that embeds no text twice: the sets ask many questions of the same sentences."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, NDArray[np.float32]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._embedder, name)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        new = sorted({text for text in texts if text not in self._known}, key=len)
        for at in range(0, len(new), 64):
            batch = new[at : at + 64]
            self._known.update(zip(batch, self._embedder.encode_passages(batch), strict=True))
        return np.array([self._known[text] for text in texts])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="holds one sub-folder for each set")
    parser.add_argument("--misses", action="store_true", help="print the questions whose first sentence misses")
    options = parser.parse_args()
    embedder = Remembering(load_embedder())
    rows: list[tuple[str, str, str, str]] = []
    for group in GROUPS:
        cases = list(cases_of(group, options.folder, embedder))
        extracts = [extract_answer(case.question, case.evidence, embedder) for case in cases]
        rows += _answer_rows(group, cases, extracts) + _gate_rows(group, cases, extracts)
        if options.misses:
            _print_misses(cases, extracts)
    print(_table(rows + follow_up_rows(options.folder, embedder)))


def cases_of(group: str, folder: Path, embedder: Embedder) -> Iterator[Case]:
    """The cases of one group."""
    return GROUPS[group](folder, embedder)


def _xquad(folder: Path, embedder: Embedder) -> Iterator[Case]:
    return _indexed("xquad", folder / "xquad", embedder, lambda record: True)


def _off_corpus(folder: Path, embedder: Embedder) -> Iterator[Case]:
    return _indexed("off-corpus", folder / "xquad", embedder, lambda record: half_of(record["title"]) == 0)


def _multihop(folder: Path, embedder: Embedder) -> Iterator[Case]:
    return _indexed("multihop_facts", folder / "multihop_facts", embedder, lambda record: True)


def _indexed(group: str, folder: Path, embedder: Embedder, keep: Any) -> Iterator[Case]:
    """Cases of a set in BEIR form: its corpus indexed, its questions retrieved for."""
    relevant = {
        line.split("\t")[0]: line.split("\t")[1] for line in (folder / "qrels" / "all.tsv").read_text().splitlines()
    }
    records = [record for record in _records(folder / "corpus.jsonl") if keep(record)]
    kept = {record["_id"] for record in records}
    with tempfile.TemporaryDirectory() as scratch:
        titled = [record | {"title": record["title"].replace("_", " ")} for record in records]
        generation = _index(titled, Path(scratch), embedder)
        for record in _records(folder / "queries.jsonl"):
            found = retrieve(record["text"], generation, embedder, asked=ASKED)
            answers = tuple(record.get("answers", ()))
            answerable = relevant.get(record["_id"]) in kept
            yield Case(group, record["_id"], record["text"], found.evidence, answers, answerable)
        generation.close()


def _index(articles: Sequence[dict[str, Any]], scratch: Path, embedder: Embedder) -> Generation:
    """The articles, records of one file, indexed as the product does it."""
    corpus = scratch / "corpus"
    corpus.mkdir()
    (corpus / "corpus.jsonl").write_text("\n".join(map(json.dumps, articles)), "utf-8")
    settings = load_settings(corpus=corpus, index_dir=scratch / "index")
    reindex(settings, embedder=embedder)
    return open_current(settings.index_dir)


def _squad2(folder: Path, embedder: Embedder) -> Iterator[Case]:
    for record in _records(folder / "squad2" / "questions.jsonl"):
        evidence = _evidence([("", record["context"])])
        yield Case("squad2", record["id"], record["question"], evidence, tuple(record["answers"]), record["answerable"])


def _clapnq(folder: Path, embedder: Embedder) -> Iterator[Case]:
    for name in ("answerable", "unanswerable"):
        for record in _records(folder / "clapnq" / f"{name}.jsonl"):
            evidence = _evidence([(passage["title"], passage["text"]) for passage in record["passages"]])
            chosen = [text for one in record["output"] for text in one.get("selected_sentences", ())]
            yield Case("clapnq", record["id"], record["input"], evidence, tuple(chosen), name == "answerable")


def _mtrag(folder: Path, embedder: Embedder) -> Iterator[Case]:
    verdicts = {"ANSWERABLE": True, "UNANSWERABLE": False}
    for record in _records(folder / "mtrag" / "tasks.jsonl"):
        evidence = _evidence([(one.get("title", ""), one["text"].strip()) for one in record["contexts"]])
        *history, question = _turns(record)
        asked = standalone_question(question["content"], history) or question["content"]
        yield Case("mtrag", record["task_id"], asked, evidence, (), verdicts.get(record["answerability"][0]))


def _turns(record: dict[str, Any]) -> list[dict[str, str]]:
    """The turns of a conversation, the question last."""
    roles = {"user": "user", "agent": "assistant"}
    return [{"role": roles[turn["speaker"]], "content": turn["text"]} for turn in record["input"]]


def follow_up_rows(folder: Path, embedder: Embedder) -> list[tuple[str, str, str, str]]:
    """How often a context of the task is first and among the first five, the contexts of all tasks indexed together.

    The last question as it is, as the rules rewrite it, and joined with the reader's turn before it; then each question
    that needs no history after the turns of another conversation, where nothing should be taken over.
    """
    records = [one for one in _records(folder / "mtrag" / "tasks.jsonl") if one["contexts"]]
    articles = {
        one["document_id"]: {"_id": one["document_id"], "title": one.get("title") or "", "text": one["text"].strip()}
        for record in records
        for one in record["contexts"]
    }
    talks = [(_turns(record), {one["document_id"] for one in record["contexts"]}) for record in records]
    later = [(turns, wanted) for turns, wanted in talks if len(turns) > 1]
    alone = [(turns, wanted) for turns, wanted in talks if len(turns) == 1 or not leans(turns[-1]["content"])]
    switched = [([*later[7 * at % len(later)][0][:-1], turns[-1]], wanted) for at, (turns, wanted) in enumerate(alone)]
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        generation = _index(list(articles.values()), Path(scratch), embedder)
        for group, asked in (("last turns", later), ("topic switched", switched)):
            for way, question_of in WAYS.items():
                ranks = [_rank(question_of(turns), wanted, generation, embedder) for turns, wanted in asked]
                figure = "; ".join(f"{np.mean([rank < limit for rank in ranks]):.3f}" for limit in (1, 5))
                rows.append(("mtrag", f"{group}, {way}: first; in five, n={len(ranks)}", figure, ""))
        generation.close()
    return rows


def _as_rewritten(turns: Sequence[dict[str, str]]) -> str:
    return standalone_question(turns[-1]["content"], turns[:-1]) or turns[-1]["content"]


def _joined(turns: Sequence[dict[str, str]]) -> str:
    return " ".join(turn["content"] for turn in [one for one in turns if one["role"] == "user"][-2:])


WAYS: dict[str, Callable[[Sequence[dict[str, str]]], str]] = {
    "as they are": lambda turns: turns[-1]["content"],
    "as rewritten": _as_rewritten,
    "joined with the turn before": _joined,
}


def _rank(question: str, wanted: set[str], generation: Generation, embedder: Embedder) -> int:
    """How many articles stand before the first wanted one; 100 when none is found."""
    found = retrieve(question, generation, embedder, asked=ASKED).evidence
    ids = dict.fromkeys(one.article.id.rpartition("#")[2] for one in found)
    return next((at for at, name in enumerate(ids) if name in wanted), 100)


GROUPS = {
    "xquad": _xquad,
    "off-corpus": _off_corpus,
    "clapnq": _clapnq,
    "squad2": _squad2,
    "mtrag": _mtrag,
    "multihop_facts": _multihop,
}


def _evidence(texts: Sequence[tuple[str, str]]) -> tuple[Evidence, ...]:
    """Given passages, each an article of its own, as if retrieval had found them in this order."""
    return tuple(
        Evidence(Passage(at, str(at), 0, 0, len(text), text), Article(str(at), title, text), 1 - at / 100)
        for at, (title, text) in enumerate(texts)
        if text
    )


def _answer_rows(group: str, cases: Sequence[Case], extracts: Sequence[Extract]) -> list[tuple[str, str, str, str]]:
    """How often the first sentence, and all of them, hold the true answer; a refusal is a miss."""
    judged = [(case, one) for case, one in zip(cases, extracts, strict=True) if case.answerable and case.answers]
    if not judged or group == "off-corpus":
        return []
    rows = []
    for name, limit in (("first", 1), ("all", 3)):
        hits = np.array([one.confidence >= ANSWERED and _hit(case, one, limit) for case, one in judged])
        halves = [hits[[case.half == half for case, _ in judged]].mean() for half in (0, 1)]
        figure = f"{hits.mean():.3f}  (halves {halves[0]:.3f}, {halves[1]:.3f})"
        rows.append((group, f"answer in {name}, n={len(hits)}", figure, BASELINES.get(f"{group} {name}", "")))
    marked = [(case, one) for case, one in judged if one.short_answer]
    exact = np.mean([_is_short_answer(case, one) for case, one in marked]) if marked else 0.0
    rows.append((group, "short answer marked; right when marked", f"{len(marked) / len(judged):.3f}; {exact:.3f}", ""))
    return rows


def _gate_rows(group: str, cases: Sequence[Case], extracts: Sequence[Extract]) -> list[tuple[str, str, str, str]]:
    """AUROC of the confidence, accuracy at the threshold and how the gate errs."""
    judged = [
        (case.answerable, one.confidence)
        for case, one in zip(cases, extracts, strict=True)
        if case.answerable is not None
    ]
    truth = np.array([answerable for answerable, _ in judged], bool)
    scores = np.array([confidence for _, confidence in judged])
    said = scores >= ANSWERED
    refused = f"{(~said[truth]).mean():.3f}"
    if truth.all():
        return [(group, "refused though answerable", refused, "")]
    return [
        (group, f"AUROC of confidence, n={len(truth)}", f"{auroc(scores, truth):.3f}", BASELINES.get(group, "")),
        (group, "accuracy at the threshold", f"{(said == truth).mean():.3f}", ""),
        (group, "refused though answerable; answered though not", f"{refused}; {said[~truth].mean():.3f}", ""),
    ]


def auroc(scores: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    """How often a true case scores above a false one, ties half."""
    positive, negative = scores[truth], scores[~truth]
    above = (positive[:, None] > negative[None, :]).mean() + 0.5 * (positive[:, None] == negative[None, :]).mean()
    return float(above)


def half_of(key: str) -> int:
    """0 or 1, by a hash."""
    return int(hashlib.sha256(key.encode()).hexdigest(), 16) % 2


def _hit(case: Case, extract: Extract, limit: int) -> bool:
    return any(case.holds_answer(quote.text) for quote in extract.sentences[:limit])


def _is_short_answer(case: Case, extract: Extract) -> bool:
    """Whether the marked stretch holds a true answer or is held by one."""
    marked = _plain(extract.short_answer or "")
    return any(_plain(answer) in marked or marked in _plain(answer) for answer in case.answers)


def _plain(text: str) -> str:
    """Lower-case words between single spaces, with one at each end, so that only whole words are found."""
    return f" {re.sub(r'[^a-z0-9]+', ' ', text.lower()).strip()} "


def _print_misses(cases: Sequence[Case], extracts: Sequence[Extract]) -> None:
    for case, one in zip(cases, extracts, strict=True):
        if case.answerable and case.answers and not _hit(case, one, 1):
            print(
                f"{case.group} {one.confidence:.2f} {case.question} -> {case.answers[0]!r}\n    {one.sentences[0].text}"
            )


def _records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def _table(rows: Sequence[tuple[str, str, str, str]]) -> str:
    head = ("set", "measure", "Footnote", "baseline")
    widths = [max(len(row[at]) for row in [head, *rows]) for at in range(4)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in [head, *rows]
    )


if __name__ == "__main__":
    main()

"""How precise are the notes on changed and disputed figures? Over `revision_pairs.txt`, every pair both ways round.

python bench/revisions.py            precision and recall by kind, as shipped
python bench/revisions.py --fit      weights fitted anew, and what they give on questions they were not fitted on
python bench/revisions.py --wrong    also every pair judged wrongly
python bench/revisions.py --index-dir DIR --queries FILE.jsonl    questions of a corpus that get a note
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from assistant import revision
from assistant.answer import Evidence
from assistant.extract import extract_answer
from assistant.question import read_question
from assistant.retrieve import retrieve
from assistant.revision import Quoted, find_revisions
from assistant.rivals import could_rival, word_traits
from assistant.stated import stated_in
from ingest.article import Article, Passage, Published
from ingest.embed import Embedder, load_embedder
from ingest.generation import open_current

FOLDS = 7


@dataclass(frozen=True)
class Pair:
    """Two articles under a question. kind: what the second is to the first; empty for a look-alike."""

    number: int
    question: str
    first: Evidence
    second: Evidence
    kind: str


def read_pairs(path: Path) -> Iterator[Pair]:
    number, question, first = -1, "", None
    for line in path.read_text(encoding="utf-8").splitlines():
        mark, _, rest = line.partition(" ")
        if mark == "?":
            number, question = number + 1, rest
        elif mark == "=":
            first = evidence_of(rest, f"{number}.md")
        elif mark in ("+", "-"):
            kind, rest = rest.split(" ", 1) if mark == "+" else ("", rest)
            assert first
            yield Pair(number, question, first, evidence_of(rest, f"{number}-other.md"), kind)


def evidence_of(fields: str, article_id: str) -> Evidence:
    outlet, day, title, text = (field.strip() for field in fields.split("|"))
    article = Article(article_id, title, text, source=outlet, published=Published(day, "front matter"))
    return Evidence(Passage(0, article_id, 0, 0, len(text), text), article, 1.0)


def judged(pair: Pair, embedder: Embedder) -> list[str]:
    """The kind found, empty for none, when the answer quotes the one article and when it quotes the other."""
    both = [pair.first, pair.second]
    found = (find_revisions(pair.question, [Quoted(one, 0, len(one.article.text))], both, embedder) for one in both)
    return [revisions[0].kind if revisions else "" for revisions in found]


def report(pairs: list[Pair], embedder: Embedder, *, wrong: bool) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    for pair in pairs:
        for kind in judged(pair, embedder):
            counts[pair.kind, kind] += 1
            if wrong and kind != pair.kind:
                print(
                    f"{pair.kind or 'look-alike':14}{kind or 'no note':14}{pair.question} | {pair.second.passage.text}"
                )
    shown = sum(n for (_, kind), n in counts.items() if kind)
    right = sum(n for (truth, kind), n in counts.items() if kind and truth)
    print(f"{'kind':14}{'pairs':>6}{'told':>6}{'kind right':>12}")
    for truth in ("superseded", "changed", "disagreement", ""):
        of_kind = {kind: n for (true, kind), n in counts.items() if true == truth}
        told = sum(n for kind, n in of_kind.items() if kind)
        print(f"{truth or 'look-alike':14}{sum(of_kind.values()):6}{told:6}{of_kind.get(truth, 0) if truth else 0:12}")
    true = sum(n for (truth, _), n in counts.items() if truth)
    print(f"precision {right / max(1, shown):.3f}  recall {right / true:.3f}")


def fit(pairs: list[Pair], embedder: Embedder) -> None:
    """Logistic regression on the pairs that words do not rule out; scores of questions left out of the fit."""
    rows, truths, groups = [], [], []
    for pair in pairs:
        question = read_question(pair.question)
        sides = [list(stated_in(one, 0, len(one.article.text), question)) for one in (pair.first, pair.second)]
        rivals = [(a, b) for a in sides[0] for b in sides[1] if could_rival(a, b, question)]
        meanings = revision._meanings(rivals, question, embedder) if rivals else []
        values = [(*word_traits(a, b, question), *m) for (a, b), m in zip(rivals, meanings, strict=True)]
        rows += values[:1]
        truths += [bool(pair.kind)] * len(values[:1])
        groups += [pair.number] * len(values[:1])
    x, y, group = np.array(rows), np.array(truths, float), np.array(groups)
    held_out = np.zeros(len(y))
    for fold in range(FOLDS):
        out = group % FOLDS == fold
        held_out[out] = np.c_[x[out], np.ones(out.sum())] @ regression(x[~out], y[~out])
    true = sum(bool(pair.kind) for pair in pairs)
    print(f"{len(pairs)} pairs, {true} true; words leave {int(y.sum())} true and {int((1 - y).sum())} look-alikes")
    for threshold in (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9):
        told = 1 / (1 + np.exp(-held_out)) >= threshold
        right = int(y[told].sum())
        print(f"threshold {threshold}: precision {right / max(1, told.sum()):.3f} recall {right / true:.3f}")
    print("words, meaning, bias:", np.round(regression(x, y), 2).tolist())


def regression(x: np.ndarray, y: np.ndarray, penalty: float = 0.5) -> np.ndarray:
    x = np.c_[x, np.ones(len(x))]
    weights, ridge = np.zeros(x.shape[1]), penalty * np.diag(np.r_[np.ones(x.shape[1] - 1), 1e-6])
    for _ in range(100):
        p = 1 / (1 + np.exp(-x @ weights))
        weights -= np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + ridge, x.T @ (p - y) + ridge @ weights)
    return weights


def alarms(index_dir: Path, queries: Path, asked: date, embedder: Embedder) -> None:
    generation, noted = open_current(index_dir), 0
    questions = [json.loads(line)["text"] for line in queries.read_text(encoding="utf-8").splitlines()]
    for question in questions:
        evidence = retrieve(question, generation, embedder, asked=asked).evidence
        quotes = extract_answer(question, evidence, embedder).sentences
        quoted = [Quoted(evidence[quote.index], quote.start, quote.end) for quote in quotes]
        revisions = find_revisions(question, quoted, evidence, embedder)
        noted += bool(revisions)
        for one in revisions:
            print(f"{one.likeness:.2f} {question}\n    {one.note}")
            for told in (one.older, one.newer):
                print(f"      {told.evidence.article.text[told.start : told.end]}")
    print(f"{noted} of {len(questions)} questions get a note: {noted / len(questions):.3f}")
    generation.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("--index-dir", type=Path)
    parser.add_argument("--queries", type=Path)
    parser.add_argument("--asked", type=date.fromisoformat, default=date.today())
    options = parser.parse_args()
    embedder = load_embedder()
    pairs = list(read_pairs(Path(__file__).with_name("revision_pairs.txt")))
    if options.index_dir and options.queries:
        alarms(options.index_dir, options.queries, options.asked, embedder)
    elif options.fit:
        fit(pairs, embedder)
    else:
        report(pairs, embedder, wrong=options.wrong)


if __name__ == "__main__":
    main()

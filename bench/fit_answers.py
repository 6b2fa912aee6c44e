"""Fits the weights of `assistant.extract` and of `assistant.confidence` on public sets, and says how they carry over.

    python bench/fit_answers.py EVAL_FOLDER

Sentences: a softmax over the sentences of each question, the ones that hold the true answer against the rest.
Gate: a logistic regression over the readings, each set weighed alike. Both are cross-validated: halves of XQuAD by a
hash, and each set by the others. Prints the tables to copy into the code. Deterministic.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent))

from answers import Case, Remembering, auroc, cases_of

from assistant.candidates import FEATURES, candidates_of
from assistant.confidence import Readings, read_evidence
from assistant.extract import BY_WORDS, BY_WORDS_AND_MEANING, weigh_sentences
from assistant.question import read_question
from ingest.embed import Embedder, load_embedder

Floats = NDArray[np.float64]
SENTENCE_GROUPS = ("xquad", "squad2", "clapnq")
# Not mtrag: its unanswerable tasks bring no evidence at all.
GATE_GROUPS = ("off-corpus", "clapnq", "squad2", "multihop_facts", "xquad")
READ = 12  # sentences of each question that are fitted on
EMBEDDED = (4, 6, 8, 12)


@dataclass(frozen=True)
class Weighing:
    """The sentences of one case: features (n, n_features + 2), whether each holds the true answer, and readings."""

    case: Case
    features: Floats
    holds: NDArray[np.bool_]
    readings: Floats


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="holds one sub-folder for each set")
    folder = parser.parse_args().folder
    embedder = Remembering(load_embedder())
    groups = dict.fromkeys((*SENTENCE_GROUPS, *GATE_GROUPS))
    weighings = {group: [weigh(case, embedder) for case in cases_of(group, folder, embedder)] for group in groups}
    report_sentences({group: usable(weighings[group]) for group in SENTENCE_GROUPS})
    report_gate({group: weighings[group] for group in GATE_GROUPS})


def weigh(case: Case, embedder: Embedder) -> Weighing:
    """The features of a case's sentences and the gate's readings of them, ranked by the weights in the code."""
    question, candidates = read_question(case.question), candidates_of(case.evidence)
    if not candidates:
        return Weighing(case, np.zeros((0, len(FEATURES) + 2)), np.zeros(0, bool), np.zeros(len(fields(Readings))))
    weighed = weigh_sentences([question], candidates, case.evidence, embedder, limit=READ)[0]
    shipped = weigh_sentences([question], candidates, case.evidence, embedder)[0]
    order = shipped.ranked
    readings = read_evidence(question, candidates, shipped.rows[order], shipped.features[order], case.evidence)
    holds = np.array([case.holds_answer(candidates[row].text) for row in weighed.rows])
    return Weighing(case, weighed.features.astype(float), holds, np.array(astuple(readings)))


def usable(weighings: Sequence[Weighing]) -> list[Weighing]:
    """The cases that have an answer to find."""
    return [one for one in weighings if one.case.answerable and one.case.answers]


def report_sentences(groups: dict[str, list[Weighing]]) -> None:
    """Cross-validated hits, hits by sentences embedded, and the weights."""
    every = [one for group in groups.values() for one in group]
    for half in (0, 1):
        test = [one for one in groups["xquad"] if one.case.half == half]
        seen = {id(one) for one in test}
        weights = fit_ranking([one for one in every if id(one) not in seen])
        print(f"xquad half {half}, fitted without it:", hits(test, weights))
    for name, group in groups.items():
        weights = fit_ranking([one for other, them in groups.items() if other != name for one in them])
        print(f"{name}, fitted on the others:", hits(group, weights))
    weights = fit_ranking(every)
    words = fit_ranking(every, columns=len(FEATURES))
    for limit in EMBEDDED:
        print(f"{limit} sentences embedded:", hits(groups["xquad"], weights, first=words, limit=limit))
    print("BY_WORDS", {name: round(float(one), 2) for name, one in zip(BY_WORDS, words, strict=True)})
    print(
        "BY_WORDS_AND_MEANING", {n: round(float(one), 2) for n, one in zip(BY_WORDS_AND_MEANING, weights, strict=True)}
    )


def report_gate(groups: dict[str, list[Weighing]]) -> None:
    """AUROC and accuracy of each set, fitted on the others and on all; then the weights."""
    data = {name: _gate_data(group) for name, group in groups.items()}
    for name, (readings, truth) in data.items():
        others = fit_gate([one for other, one in data.items() if other != name])
        print(f"{name}, fitted on the others:", gate_figures(readings, truth, others))
    weights = fit_gate(list(data.values()))
    for name, (readings, truth) in data.items():
        print(f"{name}, fitted on all:", gate_figures(readings, truth, weights))
    for at, field in enumerate(fields(Readings)):
        print(f"    {field.name}={weights[at]:.2f},")
    print(f"_BIAS = {weights[-1]:.2f}")


def fit_ranking(weighings: Sequence[Weighing], columns: int | None = None) -> Floats:
    """Weights (n_columns,) that make the sentences holding the answer likely under a softmax per question."""
    groups = [one for one in weighings if one.holds.any() and not one.holds.all()]
    features = np.concatenate([one.features[:, :columns] for one in groups])
    holds = np.concatenate([one.holds for one in groups])
    sizes = np.array([len(one.holds) for one in groups])
    starts, owner = np.r_[0, np.cumsum(sizes)[:-1]], np.repeat(np.arange(len(sizes)), sizes)
    scale = np.maximum(features.std(0), 0.05)  # a column that is constant in the data keeps a weight near 0
    scaled = features / scale

    def softmax(scores: Floats) -> Floats:
        powers = np.exp(scores - np.maximum.reduceat(scores, starts)[owner])
        return np.asarray(powers / np.add.reduceat(powers, starts)[owner])

    def gradient(weights: Floats) -> Floats:
        scores = scaled @ weights
        wanted = softmax(np.where(holds, scores, -1e9))
        return np.asarray(scaled.T @ (softmax(scores) - wanted) / len(sizes) + 0.02 * weights)

    return np.asarray(_descend(gradient, features.shape[1]) / scale)


def fit_gate(data: Sequence[tuple[Floats, NDArray[np.bool_]]]) -> Floats:
    """Weights (n_readings + 1,), the bias last: logistic regression with a small ridge, each set weighed alike."""
    readings = np.concatenate([one for one, _ in data])
    truth = np.concatenate([one for _, one in data]).astype(float)
    weigh_case = np.concatenate([np.full(len(one), 1 / len(one)) for _, one in data]) / len(data)
    middle, scale = readings.mean(0), readings.std(0) + 1e-9
    scaled = np.c_[(readings - middle) / scale, np.ones(len(readings))]

    def gradient(weights: Floats) -> Floats:
        sure = 1 / (1 + np.exp(-scaled @ weights))
        return np.asarray(scaled.T @ (weigh_case * (sure - truth)) + 0.002 * np.r_[weights[:-1], 0])

    weights = _descend(gradient, scaled.shape[1])
    slopes = weights[:-1] / scale
    return np.r_[slopes, weights[-1] - slopes @ middle]


def _descend(gradient: Callable[[Floats], Floats], n: int, steps: int = 800, rate: float = 0.05) -> Floats:
    """Adam from zero, full batches."""
    weights, mean, square = np.zeros(n), np.zeros(n), np.zeros(n)
    for step in range(1, steps + 1):
        slope = gradient(weights)
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        weights -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weights


def hits(
    group: Sequence[Weighing], weights: Floats, *, first: Floats | None = None, limit: int = READ
) -> tuple[float, float]:
    """Share of the questions whose answer is in the best sentence, and in the best three."""
    found = []
    for one in group:
        rows = np.arange(len(one.holds))
        if first is not None:
            rows = np.argsort(-one.features[:, : len(FEATURES)] @ first, kind="stable")[:limit]
        order = rows[np.argsort(-one.features[rows] @ weights, kind="stable")]
        found.append((one.holds[order[:1]].any(), one.holds[order[:3]].any()))
    first_hits, all_hits = np.mean(found, 0)
    return round(float(first_hits), 4), round(float(all_hits), 4)


def _gate_data(group: Sequence[Weighing]) -> tuple[Floats, NDArray[np.bool_]]:
    judged = [one for one in group if one.case.answerable is not None]
    return np.array([one.readings for one in judged]), np.array([one.case.answerable for one in judged], bool)


def gate_figures(readings: Floats, truth: NDArray[np.bool_], weights: Floats) -> str:
    sure = 1 / (1 + np.exp(-(readings @ weights[:-1] + weights[-1])))
    refused = (sure[truth] < 0.5).mean()
    if truth.all():
        return f"refused {refused:.3f}; 2 % fall below {np.quantile(sure, 0.02):.3f}"
    return (
        f"AUROC {auroc(sure, truth):.3f} accuracy {((sure >= 0.5) == truth).mean():.3f} "
        f"refused {refused:.3f} answered {(sure[~truth] >= 0.5).mean():.3f}"
    )


if __name__ == "__main__":
    main()

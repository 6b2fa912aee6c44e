"""Does what a sentence cites support it? Checked without any language model, the same way every time.

The checks of `assistant.compare` find what the source contradicts; words and the encoder's meaning say how much of the
rest it bears out. Both make one score, and one reason a reader can use.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from assistant.answer import Support
from assistant.attribution import check_attribution
from assistant.compare import Comparison, compare
from assistant.pairing import Finding
from assistant.reading import Reading, bare_text, read_sentence
from ingest.sentences import split_sentences
from ingest.words import words_of

if TYPE_CHECKING:
    from ingest.embed import Embedder

__all__ = ["Features", "Verdict", "check_against", "check_sentence"]

# Sentences encoded for one check, the best by words: AUROC on ExpertQA 0.710 with 4, 0.709 with 8, 0.712 with 12, and
# encoding is most of what a check costs.
_NEAREST: Final = 4
_LITERAL: Final = 0.7  # share of the sentence's words in one quoted sentence above which it counts as its wording
_QUOTES_READ: Final = 4  # quotes of a corpus search that are read: reading ten takes longer than encoding
_MERGED: Final = 0.55  # below this share a sentence may draw on two neighbouring quoted sentences
_SAME_WORD: Final = 0.8  # cosine of two single words: quickly and rapidly have 0.87, red and blue 0.73
_WEAK: Final = 0.3
_CLOSER: Final = 0.2  # more of the claim's words in a quote by which its contradiction outweighs another's support
_DOUBTED: Final = 0.49  # the most that a sentence scores in which something is not borne out
_LONG_CLAIM: Final = 8  # content words
_ABSENT: Final = ("number", "date", "name", "quotation")
_HEDGES: Final = re.compile(
    r"\b(?:may|might|can|could|should|often|some|typically|generally|usually|possible|overall|such as|for example)\b",
    re.IGNORECASE,
)
_MAX_UNITS: Final = 2000  # sentences read of all quotes together


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether quotes support a sentence, and why.

    score: 0..1, higher is better supported; at least 0.5 when supported.
    contradicted: a quote on the same matter says otherwise. quote: index of the one the verdict rests on, or None.
    """

    support: Support
    score: float
    reason: str
    contradicted: bool = False
    quote: int | None = None


@dataclass(frozen=True, slots=True)
class Features:
    """What the score is made of, each 0..1: see `_WEIGHTS`.

    cosine: of the claim with two neighbouring quoted sentences, by meaning. topic: the mean over the sentences nearest
    by words. shared: logarithm of the number of content words that the quotes hold; a short claim counts as if it were
    longer. missing: number of names, numbers, dates and quotations that no quote holds. hedged: number of words such as
    may, often, some: a vaguer claim is more easily borne out.
    """

    cosine: float
    topic: float
    shared: float
    missing: float
    hedged: float

    def as_row(self) -> tuple[float, ...]:
        """The values in the order of the weights."""
        return (self.cosine, self.topic, self.shared, self.missing, self.hedged)


# Of `Features` and the bias: bench/verify.py --fit, with the encoder and by words alone.
_WEIGHTS: Final = (1.84, 1.85, 0.74, -0.37, 0.27, -3.45)
_WEIGHTS_BY_WORDS: Final = (0.12, 0.82, 1.0, -0.42, 0.28, -2.17)


@dataclass(frozen=True, slots=True)
class _Unit:
    """One sentence of a quote, read."""

    quote: int
    reading: Reading
    keys: frozenset[str]


def check_sentence(
    sentence: str, quotes: Sequence[str], *, embedder: "Embedder | None" = None, sources: Sequence[str] = ()
) -> Verdict:
    """Whether the quotes, taken together, support the sentence. Without an embedder words alone stand for meaning.

    sources: outlets of the quotes: *Reuters reports that* is then no claim of its own.
    """
    claim = read_sentence(sentence)
    units = _read_quotes(quotes)
    if not units:
        return Verdict("unsupported", 0.0, "it cites no text")
    if not claim.content:
        return Verdict("unsupported", 0.0, "it says nothing that can be checked")
    chosen = _nearest_by_words(claim, units)
    vectors = _vectors([claim.text, *(units[i].reading.text for i in chosen)], embedder)
    return _judge(claim, units, chosen, vectors, embedder, sources)


def check_against(
    sentence: str, quotes: Sequence[str], *, embedder: "Embedder | None" = None, sources: Sequence[str] = ()
) -> Verdict:
    """What passages found for a sentence say of it, each on its own: the one that supports it, else the one that
    contradicts it, else the nearest. ``quote`` tells which. Encodes no more than `check_sentence` does.

    sources: outlets, one for each quote where known.
    """
    claim = read_sentence(sentence)
    kept = _best_by_words(claim.text, quotes)
    units = [replace(unit, quote=kept[unit.quote]) for unit in _read_quotes([quotes[i] for i in kept])]
    if not units or not claim.content:
        return check_sentence(sentence, quotes)
    chosen = _nearest_by_words(claim, units)
    vectors = _vectors([claim.text, *(units[i].reading.text for i in chosen)], embedder)
    verdicts = []
    for quote in sorted({units[i].quote for i in chosen}):
        own = [i for i, unit in enumerate(units) if unit.quote == quote]
        rows = [row for row, i in enumerate(chosen) if units[i].quote == quote]
        places = np.array([own.index(int(chosen[row])) for row in rows])
        part = vectors[[0, *(row + 1 for row in rows)]]
        verdicts.append(_judge(claim, [units[i] for i in own], places, part, embedder, sources))
    best = max(verdicts, key=lambda one: (one.support == "supported", one.contradicted, one.score))
    return _contradicted_closer(claim, best, verdicts, units) or best


def _contradicted_closer(
    claim: Reading, best: Verdict, verdicts: Sequence[Verdict], units: Sequence[_Unit]
) -> Verdict | None:
    """The contradiction in a sentence that holds nearly all of the claim's words, where the best quote holds fewer."""
    wanted = {token.key for token in claim.content}
    held = {unit.quote: 0.0 for unit in units}
    for unit in units:
        held[unit.quote] = max(held[unit.quote], len(wanted & unit.keys) / len(wanted))
    told = [one for one in verdicts if one.contradicted and one.quote is not None and held[one.quote] >= _LITERAL]
    closest = max(told, key=lambda one: held[one.quote or 0], default=None)
    if closest is None or best.quote is None or held[closest.quote or 0] - held[best.quote] < _CLOSER:
        return None
    return closest


def _best_by_words(sentence: str, quotes: Sequence[str]) -> list[int]:
    """Indices, in order, of the few quotes with the sentence that shares most terms with this one: worth reading."""
    wanted = set(words_of(sentence))
    shared = [
        max((len(wanted.intersection(words_of(quote[start:end]))) for start, end in split_sentences(quote)), default=0)
        for quote in quotes
    ]
    return sorted(sorted(range(len(quotes)), key=lambda i: -shared[i])[:_QUOTES_READ])


def _judge(
    claim: Reading,
    units: Sequence[_Unit],
    chosen: NDArray[np.int64],
    vectors: NDArray[np.float32],
    embedder: "Embedder | None",
    sources: Sequence[str],
) -> Verdict:
    """The verdict on a claim from the units of its quotes; ``vectors``: the claim's, then the chosen units'."""
    repeated = _repeated_in(claim, units)
    if repeated is not None:
        return Verdict("supported", 1.0, "the passage says this word for word", quote=repeated)
    near, features, comparison = measure(claim, units, chosen, vectors, sources)
    findings = [*comparison.findings, *check_attribution(claim, near.reading, sources)]
    weights = _WEIGHTS if embedder else _WEIGHTS_BY_WORDS
    return _verdict(features, weights, comparison, _without_synonyms(findings, embedder), near.quote)


def measure(
    claim: Reading,
    units: Sequence[_Unit],
    chosen: NDArray[np.int64],
    vectors: NDArray[np.float32],
    sources: Sequence[str] = (),
) -> tuple[_Unit, Features, Comparison]:
    """The quoted sentence nearest to the claim, the features of the score, and the comparison of the two.

    chosen: indices of the units that are near by words. vectors: (1 + len(chosen), dim), the claim's first; dim
    is 0 without an encoder.
    """
    wanted = {token.key for token in claim.content}
    overlap = np.array([len(wanted & units[i].keys) / len(wanted) for i in chosen])
    encoded = vectors.shape[1] > 0
    cosines = np.clip(vectors[1:] @ vectors[0], 0, 1) if encoded else overlap
    best = int(np.argmax(overlap + cosines))
    near = units[chosen[best]] if overlap[best] >= _MERGED else _widened(units[chosen[best]], units, wanted)
    outlets = [read_sentence(source) for source in sources]
    comparison = compare(claim, near.reading, [*(unit.reading for unit in units), *outlets])
    cosine = _window_cosine(vectors) if encoded else float(overlap.max())
    return near, _features(claim, units, cosine, float(cosines.mean()), comparison), comparison


def _nearest_by_words(claim: Reading, units: Sequence[_Unit]) -> NDArray[np.int64]:
    """Indices, in order, of the units that share most of the claim's words: the only ones worth encoding."""
    wanted = {token.key for token in claim.content}
    overlap = np.array([len(wanted & unit.keys) for unit in units])
    return np.sort(np.argsort(-overlap, kind="stable")[:_NEAREST])


def _vectors(texts: list[str], embedder: "Embedder | None") -> NDArray[np.float32]:
    """Their vectors, (n, dim), unit norm; (n, 0) without an embedder."""
    return embedder.encode_passages(texts) if embedder else np.zeros((len(texts), 0), dtype=np.float32)


def _window_cosine(vectors: NDArray[np.float32]) -> float:
    """The best cosine of the first vector with the sum of two neighbouring others, 0..1."""
    claim, others = vectors[0], vectors[1:]
    windows = others[:-1] + others[1:] if len(others) > 1 else others
    return float(np.clip((windows @ claim) / np.maximum(np.linalg.norm(windows, axis=1), 1e-6), 0, 1).max())


def _read_quotes(quotes: Sequence[str]) -> list[_Unit]:
    """The sentences of the quotes, read; bare addresses left out."""
    units = []
    for number, quote in enumerate(quotes):
        for start, end in split_sentences(quote):
            text = bare_text(quote[start:end])
            if not text or (" " not in text and "://" in text):
                continue
            reading = read_sentence(text)
            units.append(_Unit(number, reading, frozenset(token.key for token in reading.content)))
    return units[:_MAX_UNITS]


def _repeated_in(claim: Reading, units: Sequence[_Unit]) -> int | None:
    """The quote that holds the claim as whole sentences, word for word."""
    wanted = _trimmed(claim.text)
    for i, unit in enumerate(units):
        text = unit.reading.text
        for following in units[i + 1 : i + 4]:
            if _trimmed(text) == wanted or not wanted.startswith(_trimmed(text)):
                break
            text = f"{text} {following.reading.text}"
        if _trimmed(text) == wanted:
            return unit.quote
    return None


def _trimmed(text: str) -> str:
    """The text without the stops at its end and the case of its first letter."""
    return text.rstrip(" .!?:;,")[:1].lower() + text.rstrip(" .!?:;,")[1:]


def _widened(near: _Unit, units: Sequence[_Unit], wanted: set[str]) -> _Unit:
    """The nearest sentence, joined with its neighbour where the claim draws on both."""
    i = units.index(near)
    best, gain = near, 0.15
    for a, b in ((i - 1, i), (i, i + 1)):
        if a < 0 or b >= len(units) or units[a].quote != units[b].quote:
            continue
        keys = units[a].keys | units[b].keys
        more = (len(wanted & keys) - len(wanted & near.keys)) / len(wanted)
        if more >= gain:
            text = f"{units[a].reading.text} {units[b].reading.text}"
            best, gain = _Unit(near.quote, read_sentence(text), keys), more
    return best


def _features(claim: Reading, units: Sequence[_Unit], cosine: float, topic: float, comparison: Comparison) -> Features:
    """The features of the score from what was measured."""
    known = frozenset[str]().union(*(unit.keys for unit in units))
    content = {token.key for token in claim.content}
    shared = len(known & content) * max(1.0, _LONG_CLAIM / len(content))
    missing = sum(finding.check in _ABSENT for finding in comparison.findings)
    hedged = len(_HEDGES.findall(claim.text))
    return Features(cosine, topic, math.log1p(shared), min(missing, 3), min(hedged, 3))


def _verdict(
    features: Features, weights: Sequence[float], comparison: Comparison, findings: Sequence[Finding], quote: int
) -> Verdict:
    """One verdict from the score and the findings: a fatal finding sinks it, another weakens it."""
    logit = sum(weight * value for weight, value in zip(weights, (*features.as_row(), 1.0), strict=True))
    score = 1 / (1 + math.exp(-logit))
    # Who says it tells more than that two names changed places.
    fatal = min((finding for finding in findings if finding.fatal), key=lambda one: one.check == "roles", default=None)
    if fatal:
        contradicted = any(finding.contradicts for finding in findings)
        score = 0.3 * score if comparison.aligned >= _LITERAL else min(0.95 * score, _DOUBTED)
        return Verdict("unsupported", score, fatal.reason, contradicted, quote)
    if findings:
        score = min(0.95 * score, _DOUBTED)
        if score < _WEAK and comparison.kept < _WEAK:  # another matter altogether
            return Verdict("unsupported", score, "the passage does not say this", quote=quote)
        return Verdict("weak", score, findings[0].reason, quote=quote)
    literal = comparison.kept if comparison.kept > 0.95 else comparison.aligned
    if literal > _LITERAL:  # the passage's own words
        score = max(score, 0.5 + 0.25 * (literal - _LITERAL) / (1 - _LITERAL))
    if score >= 0.5:
        return Verdict("supported", score, "the passage says this", quote=quote)
    if score >= _WEAK:
        return Verdict("weak", score, "the passage says only part of this", quote=quote)
    return Verdict("unsupported", score, "the passage does not say this", quote=quote)


def _without_synonyms(findings: Sequence[Finding], embedder: "Embedder | None") -> list[Finding]:
    """The findings, less those on two plain words that the encoder holds for one."""
    pairs = [finding.words for finding in findings if finding.words]
    if embedder is None or not pairs or any(finding.fatal for finding in findings):
        return list(findings)
    vectors = embedder.encode_passages([word for pair in pairs for word in pair])
    same = dict(zip(pairs, (vectors[::2] * vectors[1::2]).sum(axis=1) >= _SAME_WORD, strict=True))
    return [finding for finding in findings if finding.words is None or not same[finding.words]]

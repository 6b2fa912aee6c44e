"""Does what a sentence cites support it? Checked without any language model, the same way every time.

The checks of `assistant.compare` find what the source contradicts; words and the encoder's meaning say how much of the
rest it bears out. Both make one score, and one reason a reader can use.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from assistant.answer import Support
from assistant.attribution import check_attribution
from assistant.compare import Comparison, Finding, compare
from assistant.reading import Reading, bare_text, read_sentence
from ingest.sentences import split_sentences

if TYPE_CHECKING:
    from ingest.embed import Embedder

__all__ = ["Features", "Verdict", "check_against", "check_sentence"]

_NEAREST: Final = 8  # sentences encoded for one check: the best by words; more moved no figure of bench/verify.py
_MAX_UNITS: Final = 2000  # sentences read of all quotes together


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether quotes support a sentence, and why.

    score: 0..1, higher is better supported; at least 0.5 when supported.
    contradicted: a quote on the same matter says otherwise. quote: index of the quote the verdict rests on, None for none.
    """

    support: Support
    score: float
    reason: str
    contradicted: bool = False
    quote: int | None = None


@dataclass(frozen=True, slots=True)
class Features:
    """What the score is made of, each 0..1: see `_WEIGHTS`.

    cosine: the nearest quoted sentence's, by meaning. words: share of the content words found in any quote.
    nearest: the same in the nearest sentence. pairs: share of neighbouring content words that are neighbours in a quote.
    names: share of names, numbers and dates that the quotes hold.
    """

    cosine: float
    words: float
    nearest: float
    pairs: float
    names: float

    def as_row(self) -> tuple[float, ...]:
        """The values in the order of the weights."""
        return (self.cosine, self.words, self.nearest, self.pairs, self.names)


_WEIGHTS: Final = (4.0, 3.0, 0.5, 1.0, 0.5)
_BIAS: Final = -4.5


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
    repeated = _repeated_in(claim, units)
    if repeated is not None:
        return Verdict("supported", 1.0, "the passage says this word for word", quote=repeated)
    near, features, comparison = measure(claim, units, embedder)
    findings = [*comparison.findings, *check_attribution(claim, near.reading, comparison.kept, sources)]
    return _verdict(features, findings, near.quote)


def check_against(
    sentence: str, quotes: Sequence[str], *, embedder: "Embedder | None" = None, sources: Sequence[str] = ()
) -> Verdict:
    """What passages found for a sentence say of it, each on its own: the best that supports it, else one that contradicts
    it, else the nearest. ``quote`` tells which."""
    verdicts = [
        (check_sentence(sentence, [quote], embedder=embedder, sources=sources), i) for i, quote in enumerate(quotes)
    ]
    if not verdicts:
        return check_sentence(sentence, quotes, embedder=embedder)
    best, at = max(verdicts, key=lambda one: (one[0].support == "supported", one[0].contradicted, one[0].score))
    return Verdict(best.support, best.score, best.reason, best.contradicted, at)


def measure(claim: Reading, units: Sequence[_Unit], embedder: "Embedder | None") -> tuple[_Unit, Features, Comparison]:
    """The quoted sentence nearest to the claim, the features of the score, and the comparison of the two."""
    wanted = {token.key for token in claim.content}
    overlap = np.array([len(wanted & unit.keys) / len(wanted) for unit in units])
    chosen = np.argsort(-overlap, kind="stable")[:_NEAREST]
    cosines = _cosines(claim.text, [units[i].reading.text for i in chosen], embedder)
    best = int(np.argmax(overlap[chosen] + (cosines if embedder else 0)))
    near = units[chosen[best]]
    near = _widened(near, units, wanted)
    comparison = compare(claim, near.reading, [unit.reading for unit in units])
    cosine = float(cosines.max()) if embedder else float(overlap.max())
    return near, _features(claim, units, cosine, comparison), comparison


def _read_quotes(quotes: Sequence[str]) -> list[_Unit]:
    """The sentences of the quotes, read; bare addresses left out."""
    units = []
    for number, quote in enumerate(quotes):
        for start, end in split_sentences(quote):
            text = bare_text(quote[start:end])
            if not text or " " not in text and "://" in text:
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


def _cosines(claim: str, texts: list[str], embedder: "Embedder | None") -> NDArray[np.float32]:
    """Cosine of the claim with each text, 0..1; zeros without an embedder."""
    if embedder is None:
        return np.zeros(len(texts), dtype=np.float32)
    vectors = embedder.encode_passages([claim, *texts])
    return np.clip(vectors[1:] @ vectors[0], 0, 1)


def _features(claim: Reading, units: Sequence[_Unit], cosine: float, comparison: Comparison) -> Features:
    """The features of the score from what was measured."""
    known = frozenset[str]().union(*(unit.keys for unit in units))
    content = [token.key for token in claim.content]
    facts = [token for token in claim.content if token.kind != "word"]
    missing = sum(1 for finding in comparison.findings if finding.check in ("number", "date", "name"))
    return Features(
        cosine=cosine,
        words=sum(key in known for key in content) / len(content),
        nearest=comparison.kept,
        pairs=_pairs_found(content, units),
        names=1 - min(1.0, missing / len(facts)) if facts else 1.0,
    )


def _pairs_found(content: list[str], units: Sequence[_Unit]) -> float:
    """Share of the claim's neighbouring content words that are neighbours in a quote."""
    pairs = list(zip(content, content[1:], strict=False))
    if not pairs:
        return 1.0 if any(content[0] in unit.keys for unit in units) else 0.0
    quoted = set()
    for unit in units:
        keys = [token.key for token in unit.reading.content]
        quoted.update(zip(keys, keys[1:], strict=False))
    return sum(pair in quoted for pair in pairs) / len(pairs)


def _verdict(features: Features, findings: Sequence[Finding], quote: int) -> Verdict:
    """One verdict from the score and the findings: a fatal finding sinks it, another weakens it."""
    bias = _BIAS + sum(weight * value for weight, value in zip(_WEIGHTS, features.as_row(), strict=True))
    score = 1 / (1 + math.exp(-bias))
    fatal = next((finding for finding in findings if finding.fatal), None)
    if fatal:
        contradicted = any(finding.contradicts for finding in findings)
        return Verdict("unsupported", 0.25 * score, fatal.reason, contradicted, quote)
    if findings:
        return Verdict("weak", min(0.49, 0.7 * score), findings[0].reason, quote=quote)
    if score >= 0.5:
        return Verdict("supported", score, "the passage says this", quote=quote)
    if score >= 0.3:
        return Verdict("weak", score, "the passage says only part of this", quote=quote)
    return Verdict("unsupported", score, "the passage does not say this", quote=quote)

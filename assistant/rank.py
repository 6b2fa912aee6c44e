"""Candidates into a ranking: scores of several searches made one, time, named outlets, near copies. Pure functions.

`assistant.retrieve` brings the arrays. Every score is 0..1, higher is better. The constants name the measurement of
``bench/quality.py`` or ``bench/recency.py`` that chose them.
"""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from assistant.timing import Period, Timing

__all__ = [
    "Floats",
    "freshness",
    "fuse",
    "fuse_part",
    "in_turns",
    "near_copies",
    "nearness",
    "preferred",
    "rarity_weights",
    "rescaled",
    "spread",
    "timed",
    "with_parts",
]

Floats = NDArray[np.float32]
Days = NDArray[np.int32]
Shingle = tuple[str, ...]

# Shares of the fused score. bench/quality.py, nDCG@10 on SciFact (train): meaning alone 0.683, words 0.690, article
# words 0.697; the plain half-and-half of the first two 0.733, these shares 0.738 (halves 0.754, 0.721).
MEANING, ARTICLE_MEANING, WORDS, ARTICLE_WORDS = 0.35, 0.15, 0.25, 0.25
# A term's weight is its share of the highest idf to this power, over the idf in BM25: names and numbers count for more.
# nDCG@10 on multihop_facts 0.802 to 0.806, SciFact 0.735 to 0.736, XQuAD unchanged.
RARITY = 0.5
# Added for an article of an outlet that the question names. nDCG@10 on multihop_facts 0.813 to 0.840.
OUTLET = 0.3
# The share of the score under the best part of a question of several parts. multihop_facts: 0.850 without,
# 0.861 at 0.15, 0.863 at 0.25.
PARTS = 0.2
# Within a part, what its own outlet and its own date add. multihop_facts: 0.858 to 0.862.
PART_OUTLET, PART_PERIOD = 0.6, 1.0
# What is left of a passage's score for each better passage of its own article, so that ten passages tell of more than
# two articles. SciFact (a third of train), nDCG@10 within ten passages (bench/quality.py --passages 10): 0.693 without,
# 0.704 at 0.9, 0.706 at 0.8; within 25 it is the same. XQuAD's paragraphs joined to articles: answers found in 0.950
# without, 0.953 at 0.9, 0.957 at 0.8.
REPEATED = 0.8
# The share of the part that a passage serves when the passages take turns, and what of a part's claim is left after
# each passage chosen for it (xQuAD, Santos et al. 2010). multihop_facts: 0.862 to 0.868; shares of 0.1 and 0.3 and
# remainders from 0.3 to 0.7 are within 0.004.
TURNS, LEFT = 0.2, 0.5
_TAKING_TURNS = 40  # passages of the ranking that take turns
# A fresh passage is worth 1.8 times an equally relevant old one, once a fifth of the weight of the ten best candidates
# is fresh; proportionally less below. nDCG@10 on multihop_facts' undated questions, against no recency and an added
# 0.4 * exp(-age / 14): asked two days after the newest article they need, that one judged alone, 0.851 (0.758, 0.852);
# asked when the corpus ends, all judged, 0.820 (0.834, 0.793). Made-up news: bench/recency.py.
RECENCY, RECENCY_DAYS = 0.8, 14.0
_FRESH_SHARE, _FRESH_AMONG, _FRESH_SPREAD = 0.2, 10, 0.1
# From this share of the best score on, a candidate may be the newest of what was asked for; what only mentions the
# subject is no news of it. bench/recency.py, latest: MRR 1.000, as with the newest of all candidates.
_FITTING = 0.8
# Added for an article of a period that the question names; multihop_facts' dated questions: nDCG@10 0.75 to 0.80.
PERIOD = 0.3
# The same for a year or an open period: this year's article may well tell of it, so freshness counts too. Not measured:
# the sets here name hardly any year alone.
LONG_PERIOD = 0.1
_SHARP_DAYS = 100  # a quarter and less
_REPORTED_WITHIN_DAYS = 45  # a quarter's results come out in the next: bench/recency.py, dated, MRR 0.69 to 0.89

_WORD = re.compile(r"\w+")
_SHINGLE = 4
_SAME_SHARE = 0.8


def rescaled(values: Floats) -> Floats:
    """The values moved and stretched to 0..1, the lowest to 0; all 0 when they are equal."""
    if not len(values):
        return values
    low, high = values.min(), values.max()
    spread = np.float32(high - low) if high > low else np.float32(1)
    return np.asarray((values - low) / spread, np.float32)


def rarity_weights(holders: Sequence[int], n_passages: int) -> list[float]:
    """The weight of each term, 0..1, from how many passages hold it: 1 for a term that none does."""
    idf = np.log1p((n_passages - np.asarray(holders) + 0.5) / (np.asarray(holders) + 0.5))
    weights: list[float] = ((idf / np.log1p(2 * n_passages + 1)) ** RARITY).tolist()
    return weights


def fuse(cosines: Floats, passage_words: Floats, article_words: Floats, articles: NDArray[np.int32]) -> Floats:
    """One score in 0..1 for each candidate (n,) of its cosine, its BM25, its article's BM25 and its article's cosines.

    articles: (n,) the article each candidate belongs to.
    """
    shares = (
        (MEANING, cosines),
        (ARTICLE_MEANING, _mean_by(articles, cosines)),
        (WORDS, passage_words),
        (ARTICLE_WORDS, article_words),
    )
    return np.asarray(sum(share * rescaled(values) for share, values in shares), np.float32)


def fuse_part(cosines: Floats, passage_words: Floats, from_outlet: NDArray[np.bool_], near: Floats | None) -> Floats:
    """One score in 0..1 for each candidate (n,) under one part of a question.

    from_outlet: of an outlet that the part names. near: nearness in time to the periods it names, None for none.
    """
    scores = np.asarray((rescaled(cosines) + rescaled(passage_words)) / 2, np.float32)
    scores = preferred(scores, from_outlet, PART_OUTLET)
    return rescaled(scores if near is None else _raised(scores, near, PART_PERIOD))


def with_parts(scores: Floats, parts: Sequence[Floats]) -> Floats:
    """The scores (n,) mixed with those under the part that each candidate suits best; still 0..1."""
    return np.asarray((1 - PARTS) * scores + PARTS * np.max(parts, axis=0), np.float32)


def in_turns(scores: Floats, parts: Sequence[Floats]) -> tuple[NDArray[np.intp], Floats]:
    """The order of the candidates (n,), best first, in which each part of the question gets its turn; and their scores.

    A passage counts for the part it serves best, the less the more passages before it served that part. The scores
    (n,), in that order, never rise.
    """
    order = np.argsort(-scores, kind="stable")
    if len(parts) < 2:
        return order, scores[order]
    first, rest = order[:_TAKING_TURNS], order[_TAKING_TURNS:]
    claims = np.array(parts)[:, first]  # (n_parts, n_first)
    own, waiting = (1 - TURNS) * scores[first], np.ones(len(first), np.bool_)
    turns: list[int] = []
    values: list[float] = []
    for _ in first:
        found = np.where(waiting, own + TURNS * claims.max(axis=0), -1)
        chosen = int(found.argmax())
        turns.append(chosen)
        values.append(float(found[chosen]))
        waiting[chosen] = False
        claims[claims[:, chosen].argmax()] *= LEFT
    lowest = values[-1] if values else 0.0
    below = np.minimum((1 - TURNS) * scores[rest], lowest)
    return np.concatenate([first[turns], rest]), np.concatenate([np.array(values, np.float32), below])


def spread(scores: Floats, articles: NDArray[np.int32]) -> Floats:
    """The scores (n,) of candidates, lowered for each one whose article (n,) has better ones; still 0..1."""
    by_article = np.lexsort((-scores, articles))
    starts = np.flatnonzero(np.diff(articles[by_article], prepend=-1))
    better = np.arange(len(scores)) - np.repeat(starts, np.diff(starts, append=len(scores)))
    lowered = np.empty_like(scores)
    lowered[by_article] = scores[by_article] * REPEATED**better
    return lowered


def _mean_by(owners: NDArray[np.int32], values: Floats) -> Floats:
    """For each value the mean of all values of its owner."""
    _, places = np.unique(owners, return_inverse=True)
    return np.asarray(np.bincount(places, weights=values) / np.bincount(places), np.float32)[places]


def preferred(scores: Floats, wanted: NDArray[np.bool_], weight: float = OUTLET) -> Floats:
    """The scores (n,) with a fixed lead for the wanted ones; still 0..1. Unchanged when none is wanted."""
    return _raised(scores, wanted, weight) if wanted.any() else scores


def _raised(scores: Floats, wanted: NDArray[np.bool_] | Floats, weight: float) -> Floats:
    """The scores with a weight added as far as each is wanted, 0..1; still 0..1."""
    return np.asarray((scores + weight * wanted) / (1 + weight), np.float32)


def timed(scores: Floats, first_days: Days, last_days: Days, timing: Timing) -> Floats:
    """The scores (n,) of candidates, raised for those whose article's date suits the question; still 0..1.

    A question that names a day, a month or a quarter prefers articles of that time; another prefers what is fresh, as
    far as its best candidates are; one that asks for background prefers neither. Without dates nothing changes.
    """
    dated = last_days > 0
    if not dated.any() or not len(scores) or (timing.background and not timing.periods and not timing.newest):
        return scores
    if timing.periods:
        sharp = any(map(_is_sharp, timing.periods))
        weight = PERIOD if sharp else LONG_PERIOD
        near = nearness(first_days, last_days, timing.periods)
        scores = scores if near is None else _raised(scores, near, weight)
        if sharp or timing.background:
            return scores
    now, days = timing.now, last_days
    if timing.newest:
        now = min(now, _newest_day(scores, last_days))
        days = np.minimum(last_days, now.toordinal())
    fresh = _neutral_where_undated(freshness(days, now), dated)
    weight = RECENCY * (1.0 if timing.newest else _share_of_fresh(scores, fresh))
    return np.asarray(scores * (1 + weight * fresh) / (1 + weight), np.float32)


def nearness(first_days: Days, last_days: Days, periods: Sequence[Period]) -> Floats | None:
    """How near each candidate's date (n,) is to the nearest of some periods, 0..1; what has no date is as near as the
    dated ones are on average. None when there are no periods or no dates.
    """
    dated = last_days > 0
    if not periods or not dated.any():
        return None
    near = np.max([_nearness(first_days, last_days, period) for period in periods], axis=0)
    return _neutral_where_undated(near, dated)


def _newest_day(scores: Floats, last_days: Days) -> date:
    """The day of the newest of the candidates that fit nearly as well as the best: what a newer one tells is no news
    of what was asked.
    """
    fitting = last_days[scores >= _FITTING * scores.max()]
    return date.fromordinal(int(fitting.max() or last_days.max()))


def _is_sharp(period: Period) -> bool:
    """Whether a period says when the right article came out; a year, or ``since 2021``, says what it tells about."""
    if period.last is None:
        return False
    return period.first is None or (period.last - period.first).days <= _SHARP_DAYS


def freshness(last_days: Days, now: date) -> Floats:
    """exp(-age / 14 days) for each article's day, 0..1; 0 for what has no date or comes after now."""
    ages = now.toordinal() - last_days
    fresh = np.exp(-np.maximum(ages, 0) / RECENCY_DAYS)
    return np.where((last_days > 0) & (ages >= 0), fresh, 0.0).astype(np.float32)


def _share_of_fresh(scores: Floats, fresh: Floats) -> float:
    """How much of the weight of the best candidates is fresh, 0..1, full at a fifth.

    When few of them are, the question is about something older, or the corpus ended long before it was asked.
    """
    best = np.argsort(-scores, kind="stable")[:_FRESH_AMONG]
    weights = np.exp((scores[best] - scores[best[0]]) / _FRESH_SPREAD)
    return min(1.0, float(weights @ fresh[best] / weights.sum()) / _FRESH_SHARE)


def _neutral_where_undated(values: Floats, dated: NDArray[np.bool_]) -> Floats:
    """The values, with the mean of the dated ones in place of the others."""
    return np.where(dated, values, values[dated].mean()).astype(np.float32)


def _nearness(first_days: Days, last_days: Days, period: Period) -> Floats:
    """1 within the period and shortly after it, when it is reported on; then exp(-distance / tolerance).

    A long period tolerates more than a day does: 7 days for a day, 90 for a year.
    """
    first = period.first.toordinal() if period.first else 0
    last = period.last.toordinal() if period.last else date.max.toordinal()
    bounded = period.first is not None and period.last is not None
    delay = min(_REPORTED_WITHIN_DAYS, (last - first) // 2) if bounded else 0
    distance = np.maximum(np.maximum(first - last_days, first_days - (last + delay)), 0)
    tolerance = max(7.0, (last - first) / 4) if bounded else RECENCY_DAYS
    return np.asarray(np.exp(-distance / tolerance), np.float32)


def near_copies(texts: Sequence[str]) -> list[int]:
    """For each text, best first, the place of the first one it nearly copies: its own place where it copies none.

    A near copy shares four fifths of the runs of four words of the shorter of the two.
    """
    owners: dict[Shingle, int] = {}  # each run of words, and the first text that leads and holds it
    sizes: list[int] = []
    leaders: list[int] = []
    for place, text in enumerate(texts):
        shingles = _shingles(text)
        shared = Counter(map(owners.get, shingles))
        leader = min(
            (other for other, n in shared.items() if other is not None and _same(n, len(shingles), sizes[other])),
            default=place,
        )
        leaders.append(leader)
        sizes.append(len(shingles))
        if leader == place:
            for shingle in shingles:
                owners.setdefault(shingle, place)
    return leaders


def _same(shared: int, size: int, other_size: int) -> bool:
    return shared >= _SAME_SHARE * min(size, other_size)


def _shingles(text: str) -> set[Shingle]:
    """Runs of four words as they stand, case and punctuation aside; a shorter text is one run."""
    words = _WORD.findall(text.casefold())
    return set(zip(*(words[shift:] for shift in range(_SHINGLE)), strict=False)) or {tuple(words)}

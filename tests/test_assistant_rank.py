"""Scores made one, time, outlets, near copies: pure arithmetic."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.rank import (
    OUTLET,
    freshness,
    fuse,
    fuse_part,
    in_turns,
    near_copies,
    nearness,
    preferred,
    rarity_weights,
    rescaled,
    spread,
    timed,
    with_parts,
)
from assistant.timing import Period, Timing

NOW = date(2025, 9, 18)
UNIT = st.floats(0, 1, width=32)


def days(*ages: int | None) -> np.ndarray:
    """Ordinals of days so long before NOW; 0, undated, for None."""
    return np.array([0 if age is None else NOW.toordinal() - age for age in ages], np.int32)


def floats(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_rescaled_to_the_unit_interval() -> None:
    assert rescaled(floats(2, 4, 3)).tolist() == [0, 1, 0.5]
    assert rescaled(floats(5, 5)).tolist() == [0, 0]
    assert rescaled(floats()).tolist() == []


@given(st.lists(st.tuples(UNIT, UNIT, UNIT, st.integers(0, 3)), min_size=1, max_size=20))
def test_fused_scores_are_within_0_and_1_and_keep_a_common_order(rows: list[tuple[float, float, float, int]]) -> None:
    cosines, words, article_words, owners = (np.array(column) for column in zip(*rows, strict=True))
    fused = fuse(floats(*cosines), floats(*words), floats(*article_words), owners.astype(np.int32))
    assert ((fused >= 0) & (fused <= 1 + 1e-6)).all()
    one_each = np.arange(len(rows), dtype=np.int32)
    assert (np.diff(fuse(*[np.sort(floats(*cosines))] * 3, one_each)) >= -1e-6).all()


def test_rare_terms_weigh_more() -> None:
    weights = rarity_weights([0, 1, 50, 100], 100)
    assert weights == sorted(weights, reverse=True)
    assert weights[0] == pytest.approx(1)


def test_an_undated_corpus_is_left_as_it_is() -> None:
    scores = floats(0.9, 0.2)
    for timing in (Timing(NOW), Timing(NOW, newest=True), Timing(NOW, periods=(Period(NOW, NOW),))):
        assert timed(scores, days(None, None), days(None, None), timing) is scores


def test_freshness_halves_in_ten_days() -> None:
    assert freshness(days(0, 14, 10, None, -3), NOW).tolist() == pytest.approx([1, np.exp(-1), 0.4895, 0, 0], abs=1e-4)


def test_the_fresh_one_of_equals_leads() -> None:
    scores, when = floats(0.9, 0.88, 0.86), days(400, 2, 200)
    assert np.argmax(timed(scores, when, when, Timing(NOW))) == 1
    assert np.argmax(timed(scores, when, when, Timing(NOW, background=True))) == 0


def test_a_question_about_something_old_keeps_its_order() -> None:
    scores, when = floats(0.9, *[0.8] * 9, 0.4), days(400, *[390] * 9, 0)
    assert np.argsort(-timed(scores, when, when, Timing(NOW)), kind="stable").tolist() == list(range(11))


def test_a_corpus_that_ended_long_ago_keeps_its_order() -> None:
    scores, when = floats(0.9, 0.8, 0.75), days(900, 500, 400)
    order = np.argsort(-timed(scores, when, when, Timing(NOW)))
    assert order.tolist() == [0, 1, 2]
    assert np.argmax(timed(scores, when, when, Timing(NOW, newest=True))) == 2


def test_the_newest_is_the_newest_of_what_fits() -> None:
    scores, when = floats(0.9, 0.85, 0.4), days(200, 60, 1)
    assert np.argsort(-timed(scores, when, when, Timing(NOW, newest=True))).tolist() == [1, 0, 2]


def test_a_named_period_leads_and_lets_reports_follow() -> None:
    quarter = Timing(NOW, periods=(Period(date(2024, 7, 1), date(2024, 9, 30)),))
    when = np.array([date(2024, 10, 20).toordinal(), date(2024, 5, 1).toordinal(), NOW.toordinal()], np.int32)
    scores = timed(floats(0.5, 0.5, 0.5), when, when, quarter)
    assert scores[0] == pytest.approx(0.8 / 1.3)
    assert scores[1] < scores[0] > scores[2]


def test_this_years_article_may_tell_of_another_year() -> None:
    in_2023 = Timing(NOW, periods=(Period(date(2023, 1, 1), date(2023, 12, 31)),))
    when = days(3, 1000)
    assert np.argmax(timed(floats(0.8, 0.7), when, when, in_2023)) == 0
    assert np.argmax(timed(floats(0.8, 0.8), days(1500, 700), days(1500, 700), in_2023)) == 1


@given(st.lists(st.tuples(UNIT, st.one_of(st.none(), st.integers(-10, 4000))), min_size=1, max_size=15), st.booleans())
def test_time_scores_stay_within_0_and_1(rows: list[tuple[float, int | None]], newest: bool) -> None:
    scores, when = floats(*[score for score, _ in rows]), days(*[age for _, age in rows])
    for timing in (Timing(NOW, newest=newest), Timing(NOW, periods=(Period(None, NOW),))):
        found = timed(scores, when, when, timing)
        assert found.dtype == np.float32
        assert ((found >= 0) & (found <= 1 + 1e-6)).all()


def test_a_named_outlet_leads_by_a_fixed_step() -> None:
    scores = floats(0.6, 0.5)
    assert preferred(scores, np.array([False, False])) is scores
    assert preferred(scores, np.array([False, True])).tolist() == pytest.approx(
        [0.6 / (1 + OUTLET), (0.5 + OUTLET) / (1 + OUTLET)]
    )


def test_the_best_part_counts() -> None:
    assert with_parts(floats(0.5, 0.5), [floats(1, 0), floats(0, 0.5)]).tolist() == pytest.approx([0.6, 0.5])


def test_each_part_gets_its_turn() -> None:
    scores = floats(0.9, 0.88, 0.86, 0.6)
    loud, quiet = floats(1, 0.9, 0.9, 0), floats(0, 0, 0.1, 1)
    order, values = in_turns(scores, [loud, quiet])
    assert order.tolist() == [0, 1, 2, 3]
    assert in_turns(floats(0.9, 0.88, 0.86, 0.8), [loud, quiet])[0].tolist() == [0, 3, 1, 2]
    assert values.tolist() == pytest.approx([0.92, 0.704 + 0.09, 0.688 + 0.045, 0.48 + 0.2])
    assert in_turns(scores, [])[0].tolist() == [0, 1, 2, 3]


def test_an_article_leads_once_before_it_leads_twice() -> None:
    articles = np.array([7, 7, 3, 7, 3], np.int32)
    found = spread(floats(0.9, 1.0, 0.85, 0.5, 0.1), articles)
    assert found.tolist() == pytest.approx([0.72, 1.0, 0.85, 0.32, 0.08])
    assert spread(floats(), articles[:0]).tolist() == []


@given(st.lists(st.tuples(UNIT, UNIT, UNIT), max_size=60))
def test_turns_lose_nobody_and_never_rise(rows: list[tuple[float, float, float]]) -> None:
    scores, one, other = (floats(*column) for column in zip(*rows, strict=True)) if rows else [floats()] * 3
    order, values = in_turns(scores, [one, other])
    assert sorted(order.tolist()) == list(range(len(rows)))
    assert len(values) == len(rows)
    assert (np.diff(values) <= 1e-6).all()
    assert ((values >= 0) & (values <= 1 + 1e-6)).all()


def test_a_part_prefers_its_outlet_and_its_day() -> None:
    equal, none = floats(0.5, 0.5, 0.4), np.zeros(3, np.bool_)
    assert fuse_part(equal, equal, np.array([False, True, False]), None).argmax() == 1
    assert fuse_part(floats(0.5, 0.4, 0.3), floats(0.5, 0.4, 0.3), none, floats(0, 1, 0)).argmax() == 1


def test_nearness_of_days() -> None:
    week = Period(date(2025, 9, 1), date(2025, 9, 7))
    near = nearness(days(14, 400, None), days(14, 400, None), [week])
    assert near is not None and near[0] == 1 and near[1] < 0.01 and near[2] == pytest.approx(near[:2].mean())
    assert nearness(days(14), days(14), []) is None
    assert nearness(days(None), days(None), [week]) is None


STORY = (
    "The harbour tram was stopped for two hours on Monday after a swan sat down between its rails and would not move."
)


def test_near_copies_collapse_into_the_best() -> None:
    agency = STORY + " It was led away by a boy with a bag of oats."
    copy = "ASHGATE: " + agency.replace("two hours", "2 hours")
    other = (
        "A new tram line to the hospital was promised by the mayor for next spring, at a cost of nine million dollars."
    )
    assert near_copies([agency, other, copy, agency]) == [0, 1, 0, 0]


@pytest.mark.parametrize("texts", [[], ["a"], ["", "x"], ["Trams run.", "Trams stop."]])
def test_what_differs_stays(texts: list[str]) -> None:
    assert near_copies(texts) == list(range(len(texts)))


@given(st.lists(st.text("abc ", max_size=30), max_size=8))
def test_every_leader_leads_itself(texts: list[str]) -> None:
    leaders = near_copies(texts)
    assert all(leaders[leader] == leader <= place for place, leader in enumerate(leaders))

"""What stations are worth, and sets for a budget, where it is known."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from answer_studies import base_and, noisy, record_of, results_of
from scipy import stats

from eagleplan.study.answers import answers
from eagleplan.study.stations_worth import SetWorth

BITS = {"base": 400, "without a": 100, "without b": 390, "with x": 500, "with y": 400, "with x, y": 520, "with z": 350}
SETS = base_and("-a", "-b", "+x", "+y", "+z", "+x+y")


def test_a_station_is_worth_what_is_met_with_it_less_what_is_met_without() -> None:
    record = record_of(sets=SETS, cost={"x": 2.0, "y": 0.5}, n_weeks=10)
    jitter = np.array([-2, 0, 0, 2])
    found = answers(
        record,
        results_of(
            record,
            lambda labels, week, demand: BITS[labels[-1]] + jitter * (week % 2) * (labels[-1] == "with x"),
            wanted={"d1": 1000},
            nights=lambda labels, week, demand: [7 if labels[-1] == "with x" else 5] * 4,
        ),
    )
    assert [(worth.station_id, worth.is_candidate) for worth in found.stations] == [
        ("x", True), ("y", True), ("z", True), ("a", False), ("b", False),
    ]  # fmt: skip
    gains = [worth.gain.met_frac.mean for worth in found.stations]
    assert gains == pytest.approx([0.1, 0.0, -0.05, 0.3, 0.01])
    assert [worth.gain.delivered_bits.mean for worth in found.stations] == pytest.approx([1000, 0, -500, 3000, 100])
    assert [worth.gain.is_told for worth in found.stations] == [True, False, True, True, True]
    assert [worth.told_from_best for worth in found.stations] == [False, True, True, False, True]
    best = found.stations[0]
    assert best.gain.dark_nights is not None
    assert best.gain.dark_nights.mean == -20
    assert best.met_frac_per_cost == pytest.approx(0.05)
    assert best.pair == "d1-A – d1-B (d1)"
    assert best.pair_met_frac == pytest.approx((0.4, 0.5))
    assert found.stations[2].cost is None
    assert found.stations[2].met_frac_per_cost is None


def test_a_gain_has_the_interval_of_paired_skies_and_that_of_weeks() -> None:
    record = record_of(sets=base_and("+x"), n_weeks=12, n_skies=30)
    bits = noisy(record)
    raw = {
        name: np.array([
            [bits((name,), week, d) / wanted for d, wanted in (("d1", 1000), ("d2", 500))] for week in range(12)
        ])
        for name in ("base", "with x")
    }  # fmt: skip
    (worth,) = answers(record, results_of(record, bits)).stations
    # (weeks, pairs, skies): what is met of twelve weeks' demand, in the mean over two pairs.
    change = (raw["with x"] - raw["base"]).mean(axis=1) / 12
    over_skies = stats.ttest_1samp(change.sum(axis=0), 0.0).confidence_interval(0.95)
    assert (worth.gain.met_frac.low, worth.gain.met_frac.high) == pytest.approx((over_skies.low, over_skies.high))
    over_weeks = stats.ttest_1samp(12 * change.mean(axis=1), 0.0).confidence_interval(0.95)
    assert (worth.gain.over_weeks.low, worth.gain.over_weeks.high) == pytest.approx((over_weeks.low, over_weeks.high))
    assert worth.gain.over_weeks.mean == pytest.approx(worth.gain.met_frac.mean)


def test_a_gain_that_differs_from_week_to_week_is_not_told() -> None:
    # All skies agree, so that the interval over skies has no width; but half of the weeks say the contrary.
    record = record_of(sets=base_and("+x"), n_weeks=10)
    signs = [300 if week % 2 else -260 for week in range(10)]
    found = answers(record, results_of(record, lambda s, w, d: [500 + signs[w] * (s[-1] != "base")] * 4))
    (worth,) = found.stations
    assert worth.gain.met_frac.is_sure
    assert not worth.gain.is_told


def test_sets_that_lack_weeks_are_compared_with_none() -> None:
    record = record_of(sets=base_and("-a", "+x"), n_weeks=3)
    results = list(results_of(record, noisy(record), failed=[4]))
    found = answers(record, results)
    assert [worth.station_id for worth in found.stations] == ["x"]
    assert {worth.station_set for worth in found.sets} == {"base", "with x"}
    # The last set still runs.
    found = answers(record, results[:-1])
    assert found.stations == ()
    assert [worth.station_set for worth in found.sets] == ["base"]
    # Without the base's weeks there is nothing to compare with.
    assert answers(record, results_of(record, noisy(record), failed=[0])).stations == ()


def beaten(worth: SetWorth, others: list[SetWorth]) -> bool:
    return any(
        other.cost <= worth.cost
        and (other.met_frac.mean, -other.cost) > (worth.met_frac.mean, -worth.cost)
        for other in others
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_efficient_sets_against_all_pairs_of_sets(seed: int) -> None:
    candidates = ("p", "q", "r", "s")
    added = ["+" + "+".join(some) for size in (1, 2, 3) for some in combinations(candidates, size)]
    draw = np.random.default_rng(seed)
    cost = {site: float(draw.integers(1, 5)) for site in candidates}
    record = record_of(sets=base_and("-a", *added), cost=cost, n_weeks=1, n_skies=3)
    found = answers(record, results_of(record, noisy(record, seed)))
    worths = list(found.sets)
    assert len(worths) == 16
    for worth in worths:
        assert worth.cost == sum(cost[site] for site in worth.added)
        assert worth.is_efficient is not beaten(worth, worths), worth.station_set
    for budget in (0.0, 2.0, 5.5, 100.0):
        (answer,) = answers(record, results_of(record, noisy(record, seed)), budget=budget).budgets
        paid = [worth for worth in worths if worth.cost <= budget]
        assert answer.best is not None
        assert answer.best.met_frac.mean == max(worth.met_frac.mean for worth in paid)


def test_a_budget_at_every_point_and_one_that_pays_for_nothing() -> None:
    record = record_of({"n": ["1", "2"]}, sets=base_and("-a", "+x"), n_weeks=1)
    # Without costs stations are counted: the base has three.
    found = answers(record, results_of(record, noisy(record)), budget=2.0)
    assert [(a.point, a.best.station_set if a.best else None) for a in found.budgets] == [
        (("1",), "without a"), (("2",), "without a"),
    ]  # fmt: skip
    assert [answer.best for answer in answers(record, results_of(record, noisy(record)), budget=1.0).budgets] == [
        None
    ] * 2


def test_a_set_that_is_not_told_from_a_cheaper_one_says_so() -> None:
    record = record_of(sets=base_and("+x", "+y"), n_weeks=1, n_skies=4)
    bits = {"base": [400, 400, 410, 390], "with x": [401, 399, 400, 402], "with y": [600, 600, 610, 600]}
    found = answers(record, results_of(record, lambda labels, _, d: bits[labels[-1]]))
    assert {worth.station_set: worth.rival for worth in found.sets} == {"base": "", "with y": "", "with x": ""}
    told = {worth.station_set: worth for worth in found.sets}
    assert [told[name].is_efficient for name in ("base", "with y", "with x")] == [True, True, False]
    only = base_and("+x")
    record = record_of(sets=only, n_weeks=1, n_skies=4)
    found = answers(record, results_of(record, lambda labels, _, d: bits[labels[-1]]))
    assert [(worth.station_set, worth.is_efficient, worth.rival) for worth in found.sets] == [
        ("base", True, ""), ("with x", True, "base"),
    ]  # fmt: skip

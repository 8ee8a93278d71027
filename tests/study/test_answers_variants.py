"""A variant's sums against the raw rows, added up here by hand."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pytest
from answer_studies import base_and, noisy, record_of, results_of

from eagleplan.study.answers import Answers, answers
from eagleplan.study.rows import CellResult
from eagleplan.study.variants import variants

AXES = {"orbit.ltan": ["18:00", "22:30"], "demand.scale_frac": ["0.5", "2.0"]}


def order_statistic(values: list[int], p: float) -> int:
    """The smallest value that at least a share p of all do not exceed."""
    return sorted(values)[max(0, math.ceil(p * len(values)) - 1)]


def by_hand(results: list[CellResult]) -> dict[tuple[tuple[str, ...], str], dict[str, object]]:
    """What is known of a demand of a variant, from rows."""
    found: dict[tuple[tuple[str, ...], str], dict[str, object]] = {}
    rows = defaultdict(list)
    for result in results:
        for row in result.demands:
            rows[result.row.labels, row.demand_id].append(row)
    for key, own in rows.items():
        years = [sum(int(row.sky_bits[k]) for row in own) for k in range(own[0].n_skies)]
        weeks = [int(bits) for row in own for bits in row.sky_bits]
        dark = [sum(7 - int(row.sky_key_nights[k]) for row in own) for k in range(own[0].n_skies)]
        found[key] = {
            "wanted": sum(row.wanted_bits for row in own),
            "expected": sum(row.delivered_bits for row in own),
            "mean": sum(years) / len(years),
            "year": tuple(order_statistic(years, p) for p in (0.1, 0.5, 0.9)),
            "week": tuple(order_statistic(weeks, p) for p in (0.1, 0.5, 0.9)),
            "dark": sum(dark) / len(dark),
            "dark_range": tuple(order_statistic(dark, p) for p in (0.1, 0.5, 0.9)),
            "met_years": [year / sum(row.wanted_bits for row in own) for year in years],
            "met_weeks": [float(np.mean(row.sky_bits)) / sum(r.wanted_bits for r in own) for row in own],
        }
    return found


def test_every_figure_of_a_pair() -> None:
    record = record_of(AXES, sets=base_and("-a", "+x"), n_weeks=5, n_skies=11)
    nights = noisy(record, seed=2, most=8)
    results = list(results_of(record, noisy(record), nights=nights))
    expected = by_hand(results)
    found = list(variants(record, results))
    assert len(found) == 12
    for one in found:
        variant = one.variant
        key = (*variant.point, variant.station_set)
        assert (variant.n_weeks, variant.n_failed, variant.is_whole, variant.n_skies) == (5, 0, True, 11)
        for pair in variant.pairs:
            raw = expected[key, pair.demand_id]
            assert (pair.wanted_bits, pair.expected_bits, pair.n_nights) == (raw["wanted"], raw["expected"], 35)
            assert pair.delivered_bits.mean == pytest.approx(raw["mean"])
            assert (pair.year_bits, pair.week_bits) == (raw["year"], raw["week"])
            assert pair.dark_nights is not None
            assert pair.dark_nights.mean == pytest.approx(raw["dark"])
            assert pair.dark_nights_range == raw["dark_range"]
        own = [expected[key, name] for name in ("d1", "d2")]
        met_years = np.mean([raw["met_years"] for raw in own], axis=0)  # type: ignore[misc]
        np.testing.assert_allclose(one.met_frac, met_years)
        np.testing.assert_allclose(one.week_met_frac, np.mean([raw["met_weeks"] for raw in own], axis=0))  # type: ignore[misc]
        # The weeks' shares are those of the whole.
        assert one.week_met_frac.sum() == pytest.approx(variant.met_frac.mean)
        assert variant.delivered_bits.mean == pytest.approx(sum(raw["mean"] for raw in own))  # type: ignore[misc]


def test_failed_weeks_are_in_no_sum() -> None:
    record = record_of({"a": ["1", "2"]}, n_weeks=3)
    found = answers(record, results_of(record, lambda *_: [10, 20], failed=[1, 3, 4, 5]))
    (variant,) = found.variants
    assert (variant.point, variant.n_weeks, variant.n_failed, variant.is_whole) == (("1",), 2, 1, False)
    assert variant.delivered_bits.mean == 2 * 2 * 15
    assert [failure.cell for failure in found.failures] == [1, 3, 4, 5]
    assert found.failures[0].text == "cell 1 broke"
    assert (found.n_done, found.n_missing) == (2, 0)


def test_a_study_that_still_runs() -> None:
    record = record_of({"a": ["1", "2"]}, n_weeks=3)
    found = answers(record, list(results_of(record, lambda *_: [10, 20]))[:4])
    assert [variant.is_whole for variant in found.variants] == [True, False]
    assert (found.n_done, found.n_missing) == (4, 2)
    assert answers(record, []).variants == ()


def test_points_with_the_same_labels_stay_apart() -> None:
    # Whole numbers of a hypercube may come twice, and even one after the other.
    record = record_of({"n": ["3", "3", "4"]}, design="latin-hypercube", n_samples=3, n_weeks=2)
    found = list(variants(record, results_of(record, noisy(record), points=[("3",), ("3",), ("4",)])))
    assert [(one.variant.point, one.variant.n_weeks) for one in found] == [(("3",), 2), (("3",), 2), (("4",), 2)]


def test_without_skies_there_are_no_percentiles() -> None:
    record = record_of(n_weeks=2, n_skies=0)
    (found,) = answers(record, results_of(record, lambda *_: [400])).variants
    assert found.n_skies == 0
    assert found.met_frac.mean == pytest.approx((400 / 1000 + 400 / 500) / 2)
    assert found.met_frac.low is None
    for pair in found.pairs:
        assert (pair.year_bits, pair.week_bits, pair.dark_nights, pair.dark_nights_range) == (None, None, None, None)
    assert found.dark_nights is None


def test_a_pair_that_wants_nothing_is_in_no_mean() -> None:
    record = record_of(n_weeks=2)
    (found,) = answers(record, results_of(record, lambda *_: [0, 100], wanted={"d1": 200, "idle": 0})).variants
    assert found.met_frac.mean == pytest.approx(0.25)
    (alone,) = answers(record, results_of(record, lambda *_: [0, 0], wanted={"idle": 0})).variants
    assert alone.met_frac.mean == 1.0


def test_a_pair_without_an_open_station_counts_as_nothing() -> None:
    record = record_of(sets=base_and("+x"), n_weeks=2)
    found = answers(record, results_of(record, lambda labels, _, d: [0, 0] if d == "d2" else [500, 500]))
    assert [variant.met_frac.mean for variant in found.variants] == [0.25, 0.25]
    assert found.variants[0].pairs[1].met_frac.mean == 0.0


def test_a_study_without_a_demand_has_no_variant_to_show() -> None:
    record = record_of(n_weeks=2)
    found: Answers = answers(record, results_of(record, lambda *_: [1], wanted={}))
    assert (found.n_done, found.variants, found.maps) == (2, (), ())

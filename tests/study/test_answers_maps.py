"""Months, maps of two axes, and what matters in a hypercube, where it is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from answer_studies import base_and, noisy, record_of, results_of
from scipy import stats

from eagleplan.study.answers import answers
from eagleplan.study.intervals import estimate
from eagleplan.study.sensitivity import LEAST_POINTS

LTAN = "satellites.eagle1.orbit.ltan"


def test_a_year_of_weeks_by_month() -> None:
    record = record_of({LTAN: ["18:00", "22:30"]}, n_weeks=52)
    bits = noisy(record)
    (found,) = answers(record, results_of(record, bits)).maps
    assert (found.row_axis, found.column_axis, found.rows) == (LTAN, "month", ("18:00", "22:30"))
    # The first week begins in November and has six of its days in December.
    assert found.columns[0] == "2026-12"
    assert found.columns[-1] == "2027-11"
    assert sum(found.column_weeks) == 52
    assert found.column_weeks[:2] == (5, 4)
    weeks_of_february = [9, 10, 11, 12]
    met = np.mean(
        [
            sum(np.asarray(bits(("22:30",), week, d)) for week in weeks_of_february) / (4 * wanted)
            for d, wanted in (("d1", 1000), ("d2", 500))
        ],
        axis=0,
    )
    cell = found.cells[1][2]
    expected = estimate(met)
    assert cell is not None
    assert (cell.mean, cell.low, cell.high) == pytest.approx((expected.mean, expected.low, expected.high))


def test_two_axes_and_the_months_average_over_the_others() -> None:
    axes = {LTAN: ["18:00", "22:30"], "demand.scale_frac": ["1.0", "2.0"], "one": ["x"]}
    record = record_of(axes, n_weeks=10, n_skies=3)
    value = {"18:00": 200, "22:30": 600, "1.0": 40, "2.0": 0}
    found = answers(record, results_of(record, lambda p, *_: [value[p[0]] + value[p[1]]] * 3, wanted={"d": 1000}))
    names = [(one.row_axis, one.column_axis) for one in found.maps]
    assert names == [(LTAN, "month"), ("demand.scale_frac", "month"), (LTAN, "demand.scale_frac")]
    means = [[cell.mean if cell else None for cell in row] for row in found.maps[2].cells]
    assert means == [pytest.approx([0.24, 0.2]), pytest.approx([0.64, 0.6])]
    of_months = found.maps[0]
    assert of_months.n_variants == 2
    assert [cell.mean for cell in of_months.cells[1] if cell] == pytest.approx([0.62] * len(of_months.columns))


def test_months_alone_where_nothing_varies_and_station_sets_stay_out() -> None:
    record = record_of(sets=base_and("+x"), n_weeks=10)
    found = answers(record, results_of(record, lambda p, *_: [500 if p[0] == "base" else 900] * 2, wanted={"d": 1000}))
    (only,) = found.maps
    assert (only.row_axis, only.rows) == ("", ("all",))
    assert {cell.mean for cell in only.cells[0] if cell} == {0.5}
    assert answers(record_of(n_weeks=2), results_of(record_of(n_weeks=2), lambda *_: [1, 2])).maps == ()


def test_a_month_that_lacks_a_week_is_left_out() -> None:
    record = record_of({LTAN: ["18:00", "22:30"]}, n_weeks=10)
    found = answers(record, list(results_of(record, noisy(record), failed=[6]))[:-1])
    (only,) = found.maps
    assert only.columns == ("2026-12", "2027-01", "2027-02")
    assert [cell is None for cell in only.cells[0]] == [False, True, False]
    assert [cell is None for cell in only.cells[1]] == [False, False, True]


def test_a_list_is_one_axis() -> None:
    record = record_of({"a": ["1", "2", "2"], "b": ["x", "x", "y"]}, design="list", n_weeks=10)
    (only,) = answers(record, results_of(record, noisy(record))).maps
    assert (only.row_axis, only.rows) == ("a · b", ("1 · x", "2 · x", "2 · y"))


def test_variants_of_other_numbers_of_skies_meet_in_one_cell() -> None:
    record = record_of({"weather.n_outlook_skies": ["2", "5"], LTAN: ["18:00", "22:30"]}, n_weeks=1, n_skies=None)
    found = answers(record, results_of(record, lambda p, *_: [300 + int(p[0])] * int(p[0]), wanted={"d": 1000}))
    (only,) = found.maps
    assert only.cells[0][0] is not None
    assert only.cells[0][0].mean == pytest.approx(0.302)


def hypercube(n_points: int, effects: Sequence[float], noise: float) -> tuple[list[tuple[str, ...]], list[float]]:
    draw = np.random.default_rng(8)
    x = np.column_stack([(draw.permutation(n_points) + 0.5) / n_points for _ in effects])
    met = 0.4 + x @ np.asarray(effects) + draw.normal(0.0, noise, n_points)
    return [tuple(map(repr, map(float, row))) for row in x], [float(value) for value in met]


def test_a_hypercube_has_sensitivities_and_no_maps() -> None:
    points, met = hypercube(40, (0.05, -0.3, 0.0), 0.01)
    at = dict(zip(points, met, strict=True))
    record = record_of({"a": [], "b": [], "c": []}, design="latin-hypercube", n_samples=40, n_weeks=10)
    found = answers(
        record,
        results_of(record, lambda p, *_: [round(1e6 * at[p])] * 2, wanted={"d": 10**6}, points=points),
    )
    assert found.maps == () or all(one.row_axis == "" for one in found.maps)
    assert found.sensitivities[0].axis == "b"
    by_axis = {one.axis: one for one in found.sensitivities}
    x = np.array(points, dtype=float)
    for place, axis in enumerate("abc"):
        one = by_axis[axis]
        assert one.rank_correlation is not None
        assert one.rank_correlation.mean == pytest.approx(stats.spearmanr(x[:, place], met).statistic, abs=1e-6)
        assert (one.low, one.high) == (x[:, place].min(), x[:, place].max())
        assert one.effect_frac is not None
        span = one.high - one.low
        assert one.effect_frac.low is not None
        assert one.effect_frac.high is not None
        assert one.effect_frac.low < (0.05, -0.3, 0.0)[place] * span < one.effect_frac.high
    coefficients = np.linalg.lstsq(np.column_stack([np.ones(40), x]), np.array(met), rcond=None)[0][1:]
    for place, axis in enumerate("abc"):
        effect = by_axis[axis].effect_frac
        assert effect is not None
        assert effect.mean == pytest.approx(coefficients[place] * (by_axis[axis].high - by_axis[axis].low), abs=1e-6)
    assert by_axis["b"].effect_frac is not None
    assert by_axis["b"].effect_frac.is_sure


def test_one_axis_is_a_straight_line() -> None:
    points, met = hypercube(12, (0.2,), 0.05)
    at = dict(zip(points, met, strict=True))
    record = record_of({"a": []}, design="latin-hypercube", n_samples=12, n_weeks=1)
    bits = {point: round(1e6 * value) for point, value in at.items()}
    found = answers(record, results_of(record, lambda p, *_: [bits[p]] * 2, wanted={"d": 10**6}, points=points))
    (one,) = found.sensitivities
    line = stats.linregress([float(p[0]) for p in points], [bits[p] / 1e6 for p in points])
    span = one.high - one.low
    half = stats.t.ppf(0.975, 10) * line.stderr * span
    assert one.effect_frac is not None
    assert (one.effect_frac.mean, one.effect_frac.high) == pytest.approx((line.slope * span, line.slope * span + half))
    assert one.explained_frac == pytest.approx(line.rvalue**2)


def test_too_few_points_and_points_that_are_all_alike() -> None:
    def of(n_points: int, met: Sequence[int]) -> object:
        points, _ = hypercube(n_points, (0.0, 0.0), 0.0)
        at = dict(zip(points, met, strict=True))
        record = record_of({"a": [], "b": []}, design="latin-hypercube", n_samples=n_points, n_weeks=1)
        return answers(record, results_of(record, lambda p, *_: [at[p]] * 2, points=points)).sensitivities

    assert of(LEAST_POINTS - 1, [1, 2, 3]) == ()
    alike = of(6, [5] * 6)
    assert [(one.rank_correlation, one.effect_frac) for one in alike] == [(None, None)] * 2  # type: ignore[attr-defined]


def test_an_axis_of_words_has_no_rank() -> None:
    points = [("low", "0.1"), ("high", "0.4"), ("low", "0.5"), ("high", "0.8"), ("low", "0.9")]
    record = record_of({"word": [], "x": []}, design="latin-hypercube", n_samples=5, n_weeks=1)
    found = answers(record, results_of(record, noisy(record), points=points))
    assert [one.axis for one in found.sensitivities] == ["x"]

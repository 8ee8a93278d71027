"""Brier score, skill and reliability against numbers computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eagleplan.weather.score import Scored, score, wilson_interval


def _case(
    p: float, was_clear: bool, *, site: str = "at-graz", lead_h: float | None = 6.0, climate: float | None = 0.5
) -> Scored:
    return Scored(
        site_id=site,
        p_clear=p,
        p_clear_climatology=climate,
        forecast_lead_s=None if lead_h is None else round(lead_h * 3600),
        was_clear=was_clear,
    )


CASES = [
    _case(0.9, True),
    _case(0.8, False, lead_h=30.0),
    _case(0.3, False, site="es-teide"),
    _case(0.1, False, site="es-teide", lead_h=None),
]


def test_brier_and_skill_by_hand() -> None:
    row = score(CASES)[0]
    assert row.brier == pytest.approx((0.01 + 0.64 + 0.09 + 0.01) / 4)
    assert row.brier_climatology == pytest.approx(0.25)
    assert row.skill == pytest.approx(1 - 0.1875 / 0.25)
    assert (row.n_contacts, row.p_mean, row.clear_frac) == (4, pytest.approx(0.525), 0.25)


def test_groups_by_site_and_lead_come_with_their_classes() -> None:
    rows = score(CASES)
    assert [(row.by, row.group, row.p_range, row.n_contacts) for row in rows] == [
        ("all", "all", "all", 4),
        ("all", "all", "0 to 0.2", 1),
        ("all", "all", "0.2 to 0.4", 1),
        ("all", "all", "0.8 to 1", 2),
        ("site", "at-graz", "all", 2),
        ("site", "at-graz", "0.8 to 1", 2),
        ("site", "es-teide", "all", 2),
        ("site", "es-teide", "0 to 0.2", 1),
        ("site", "es-teide", "0.2 to 0.4", 1),
        ("lead", "0 to 24 h", "all", 2),
        ("lead", "0 to 24 h", "0.2 to 0.4", 1),
        ("lead", "0 to 24 h", "0.8 to 1", 1),
        ("lead", "24 to 48 h", "all", 1),
        ("lead", "24 to 48 h", "0.8 to 1", 1),
        ("lead", "no forecast", "all", 1),
        ("lead", "no forecast", "0 to 0.2", 1),
    ]


def test_a_faultless_forecast_and_a_useless_one() -> None:
    assert score([_case(1.0, True), _case(0.0, False)])[0].skill == pytest.approx(1.0)
    assert score([_case(0.5, True), _case(0.5, False)])[0].skill == pytest.approx(0.0)
    assert score([_case(0.0, True), _case(1.0, False)])[0].skill == pytest.approx(-3.0)


def test_no_skill_is_claimed_without_climatology() -> None:
    row = score([_case(0.9, True, climate=None), _case(0.8, True)])[0]
    assert (row.brier_climatology, row.skill) == (None, None)
    assert score([_case(0.9, True, climate=1.0)])[0].skill is None


@pytest.mark.parametrize(
    ("n_successes", "n_trials", "low", "high"),
    # Newcombe 1998 (Statist. Med. 17:857), table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_as_published(n_successes: int, n_trials: int, low: float, high: float) -> None:
    assert wilson_interval(n_successes, n_trials) == pytest.approx((low, high), abs=5e-5)


@given(n_trials=st.integers(1, 300), share=st.floats(0.0, 1.0))
def test_the_interval_holds_the_fraction_and_mirrors(n_trials: int, share: float) -> None:
    n_successes = round(share * n_trials)
    low, high = wilson_interval(n_successes, n_trials)
    assert 0.0 <= low <= n_successes / n_trials <= high <= 1.0
    mirrored = wilson_interval(n_trials - n_successes, n_trials)
    assert (1 - high, 1 - low) == pytest.approx(mirrored, abs=1e-12)


def test_honest_probabilities_lie_on_the_diagonal() -> None:
    rng = np.random.default_rng(7)
    p = rng.uniform(0.0, 1.0, 20_000)
    rows = score([_case(float(value), bool(rng.random() < value)) for value in p], n_bins=10)
    bins = [row for row in rows if row.by == "all" and row.p_range != "all"]
    assert len(bins) == 10
    assert sum(row.p_low <= row.p_mean <= row.p_high for row in bins) >= 8
    assert rows[0].brier == pytest.approx(1 / 6, abs=0.003)
    assert rows[0].skill == pytest.approx(1 / 3, abs=0.02)


def test_an_edge_belongs_to_the_class_above_it() -> None:
    rows = score([_case(value, True) for value in (0.29, 0.57, 1.0)], n_bins=100)
    assert [row.p_range for row in rows if row.by == "all"][1:] == ["0.29 to 0.3", "0.57 to 0.58", "0.99 to 1"]


def test_a_lead_that_stands_on_an_edge_belongs_to_the_later_class() -> None:
    leads = [0.0, 23.9, 24.0, 96.0, 168.0, 500.0]
    rows = [row for row in score([_case(0.5, True, lead_h=lead) for lead in leads]) if row.by == "lead"]
    assert {row.group: row.n_contacts for row in rows} == {
        "0 to 24 h": 2, "24 to 48 h": 1, "96 to 168 h": 1, "from 168 h": 2,
    }  # fmt: skip


def test_nothing_to_score_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing"):
        score([])

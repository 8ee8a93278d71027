"""Rows of a budget say from where to where a loss counts, and how rare its fades are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from eagleplan.cli.budget_rows import PassBudget
from eagleplan.link import REFERENCE_PLANE, budgets, fades
from eagleplan.model import Horizon, LinkOptions

AIR = LinkOptions(aod_550nm=0.12)


@pytest.mark.parametrize(("p_below", "column"), [(0.01, "fade_p01_db"), (0.001, "fade_p001_db"), (0.3, "fade_p3_db")])
def test_every_second_names_its_plane_and_its_quantile(make_window, p_below, column) -> None:
    windows = [make_window((20.0, 60.0, 30.0)), make_window((25.0,))]
    found = PassBudget(
        horizon=Horizon(start_utc=datetime(2026, 11, 30, tzinfo=UTC), days=1.0),
        contact_ids=("one", "two"),
        profiles=tuple(window.profile for window in windows),
        budgets=budgets(windows, AIR),
        fades_db=fades(windows, AIR, p_below=p_below),
        p_below=p_below,
    )
    seconds = found.second_rows()
    assert [row["contact_id"] for row in seconds] == ["one", "one", "one", "two"]
    assert {row["reference_plane"] for row in seconds} == {REFERENCE_PLANE}
    for row in seconds:
        assert row[f"pointing_{column}"] > row["pointing_db"]
        terms_db = [row[f"{name}_db"] for name in budgets(windows, AIR)[0].terms_db]
        assert row["total_db"] == pytest.approx(sum(terms_db), abs=5e-4)
    table = {row["quantity"]: row for row in found.table_rows()}
    assert table["elevation_deg"]["highest 1"] == 60.0
    assert table["reference_plane"]["start 2"] == REFERENCE_PLANE

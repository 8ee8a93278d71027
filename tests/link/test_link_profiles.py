"""The packaged profiles name every value's source, and give budgets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from eagleplan.inputs.profile import Profile, parse_profile
from eagleplan.link import budgets
from eagleplan.link import validation_micius as micius
from eagleplan.link.calibration import night_profile
from eagleplan.model import AdaptiveOptics, LinkOptions
from eagleplan.resources import data_path


def packaged(name: str) -> Profile:
    path = data_path("profiles", f"{name}.toml")
    return parse_profile(path.read_text(encoding="utf-8"), str(path))


def values(profile: Profile, table: str) -> dict[str, Any]:
    return {key: entry.value for key, entry in profile.tables[table].items()}


@pytest.mark.parametrize("name", ["eagle1-like", "jinan1-like", "micius"])
def test_a_profile_gives_a_budget_that_grows_towards_the_horizon(make_window, name) -> None:
    profile = packaged(name)
    window = make_window(
        (20.0, 45.0, 90.0),
        terminal=values(profile, "terminal"),
        receiver={
            **values(profile, "receiver"),
            **(
                {"adaptive_optics": AdaptiveOptics(**values(profile, "receiver.adaptive_optics"))}
                if "receiver.adaptive_optics" in profile.tables
                else {}
            ),
        },
        detector=values(profile, "receiver.detector"),
    )
    (budget,) = budgets([window], LinkOptions(**values(profile, "link")))
    assert (np.diff(budget.total_db) < 0.0).all()
    assert 20.0 < budget.total_db[2] < budget.total_db[0] < 60.0
    assert (budget.background_per_detector_cps < 1000.0).all()


@pytest.mark.parametrize("name", ["eagle1-like", "jinan1-like", "micius"])
def test_every_value_has_words_for_its_source(name) -> None:
    for table in packaged(name).tables.values():
        for entry in table.values():
            assert len(entry.source) >= len("assumed")


def test_the_validated_micius_is_the_packaged_one() -> None:
    profile = packaged("micius")
    track = micius.packaged_track()
    theirs = budgets(
        [micius.window_of(track)],
        LinkOptions(**values(profile, "link")),
    )[0]
    site = micius.window_of(track).site
    receiver = replace(site.receiver, **values(profile, "receiver"))
    ours = micius.window_of(track)
    packaged_window = replace(
        ours,
        profile=night_profile(track.range_km, track.elevation_deg),
        site=replace(site, receiver=receiver),
        terminal=replace(ours.terminal, **values(profile, "terminal")),
    )
    (budget,) = budgets([packaged_window], LinkOptions(**values(profile, "link")))
    assert budget.total_db == pytest.approx(theirs.total_db, abs=0.01)

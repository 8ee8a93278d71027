"""The link's validation table: everything that it promises is met, and what is not is known by name."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from eagleplan.link import validation_rows
from eagleplan.link.validation_micius import MiciusTrack, packaged_track
from eagleplan.model import ValidationRow


@pytest.fixture(scope="module")
def rows() -> tuple[ValidationRow, ...]:
    return validation_rows()


def family(row: ValidationRow) -> str:
    return row.case.partition(":")[0]


def test_what_is_not_reproduced_is_known_and_has_its_reason(rows) -> None:
    missed = [row for row in rows if row.verdict == "not reproduced"]
    assert Counter(family(row) for row in missed) == {
        "Fibre behind adaptive optics, mean loss": 3,
        "Zenith loss times Kasten-Young air mass, haze": 4,
        "Extinction inside a water band": 3,
        "Best case of a 600 km downlink, total": 1,
        "Micius, diffraction": 1,
        "Micius 2016-12-19": 1,
    }
    assert all(row.note for row in missed)


@pytest.mark.parametrize(
    ("name", "count", "tolerance"),
    [
        ("Irradiance variance on a point", 8, 0.005),
        ("Wind aloft from wind at the ground", 1, 0.005),
        ("Fried radius, HV5/7, zenith", 4, 0.1),
        ("Fibre coupling of a flat wave", 4, 0.001),
        ("Fibre without adaptive optics, mean loss", 6, 0.6),
        ("Diffraction of a truncated Gaussian", 40, 0.05),
        ("Zenith loss times Kasten-Young air mass", 62, 0.05),
        ("Zenith loss of the extinction table", 16, 0.05),
        ("Received power, 400 km downlink", 4, 0.35),
    ],
)
def test_a_family_is_reproduced_within_its_tolerance(rows, name, count, tolerance) -> None:
    found = [row for row in rows if family(row) == name]
    assert len(found) == count
    assert {row.tolerance for row in found} == {tolerance}
    assert {row.verdict for row in found} == {"reproduced"}


def test_every_row_is_finite_and_sourced(rows) -> None:
    for row in rows:
        assert np.isfinite([row.published, row.ours, row.tolerance]).all(), row.case
        assert row.source


def test_another_track_brings_the_geometry_of_the_pass() -> None:
    track = packaged_track()
    shifted = MiciusTrack(range_km=track.range_km + 1.0, elevation_deg=track.elevation_deg)
    geometry = {row.case: row.verdict for row in validation_rows(shifted) if "packaged" not in row.case}
    assert geometry["Micius 2016-12-19: least range"] == "not reproduced"
    assert geometry["Micius 2016-12-19: highest elevation"] == "reproduced"

"""Mean elements through SGP4: published states, large catalogue numbers, refusals."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from eagleplan.errors import InputError
from eagleplan.inputs.tle import parse_tle
from eagleplan.model import Horizon
from eagleplan.orbit import keplerian_elements
from eagleplan.orbit.sgp4_orbit import satrec, teme_positions

VANGUARD = """1 00005U 58002B   00179.78495062  .00000023  00000-0  28098-4 0  4753
2 00005  34.2682 348.7242 1859667 331.7664  19.3264 10.82419157413667"""


def test_vanguard_is_where_vallado_has_it() -> None:
    """Vallado et al. 2006, "Revisiting Spacetrack Report 3", AIAA 2006-6753, test output of 00005 at 0 and 720 min."""
    (elements,) = parse_tle(VANGUARD, "vanguard.tle")
    horizon = Horizon(start_utc=elements.epoch_utc, days=1.0)
    position = teme_positions(elements, horizon, np.array([0.0, 43_200.0]))
    assert position[:, 0] == pytest.approx([7022.46529266, -1400.08296755, 0.03995155], abs=2e-5)
    assert position[:, 1] == pytest.approx([-7134.59340119, 6531.68641334, 3260.27186483], abs=2e-5)


@pytest.mark.parametrize("catalog_id", [5, 100_001, 339_999, 340_000, 799_501_299])
def test_any_catalogue_number_moves_alike(catalog_id: int) -> None:
    (elements,) = parse_tle(VANGUARD, "vanguard.tle")
    horizon = Horizon(start_utc=elements.epoch_utc, days=1.0)
    t_s = np.linspace(0.0, 86_400.0, 9)
    moved = teme_positions(replace(elements, catalog_id=catalog_id), horizon, t_s)
    assert (moved == teme_positions(elements, horizon, t_s)).all()


def test_the_epoch_keeps_its_microseconds() -> None:
    epoch = datetime(2026, 5, 31, 12, 0, 0, 123_457, tzinfo=UTC)
    record = satrec(keplerian_elements(500.0, 97.0, 0.0, epoch))
    assert record.jdsatepoch == 2_461_191.5
    assert record.jdsatepochF == pytest.approx(0.5 + 0.123457 / 86_400.0, abs=1e-15)


def test_a_decayed_satellite_is_an_input_error_that_says_when() -> None:
    epoch = datetime(2026, 6, 1, tzinfo=UTC)
    falling = keplerian_elements(170.0, 51.6, 0.0, epoch, bstar_per_earth_radius=0.01, origin="falling.tle:1")
    with pytest.raises(InputError) as caught:
        teme_positions(falling, Horizon(start_utc=epoch, days=30.0), np.arange(0.0, 30 * 86_400.0, 600.0))
    (problem,) = caught.value.problems
    assert problem.path == "falling.tle:1"
    assert "decayed" in problem.message
    assert "SGP4 error" in problem.message
    assert "2026-06-" in problem.message


def test_a_hyperbola_is_refused() -> None:
    elements = replace(keplerian_elements(500.0, 51.6, 0.0, datetime(2026, 6, 1, tzinfo=UTC)), eccentricity=1.2)
    with pytest.raises(InputError, match="SGP4 cannot propagate"):
        teme_positions(elements, Horizon(start_utc=elements.epoch_utc, days=1.0), np.zeros(1))


def test_times_count_from_the_horizon() -> None:
    elements = keplerian_elements(500.0, 97.0, 0.0, datetime(2026, 6, 1, tzinfo=UTC))
    first = Horizon(start_utc=elements.epoch_utc, days=1.0)
    later = Horizon(start_utc=elements.epoch_utc + timedelta(hours=7, microseconds=5), days=1.0)
    one = teme_positions(elements, first, np.array([7 * 3600.0 + 5e-6]))
    assert teme_positions(elements, later, np.zeros(1)) == pytest.approx(one, abs=1e-7)

"""The fit finds what was put in, says how sure it is, and refuses what it cannot fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eagleplan.link import budgets, calibrate, fit_calibration
from eagleplan.link.airmass import kasten_young_airmass
from eagleplan.model import Calibration, LinkOptions

AIR = LinkOptions(aod_550nm=0.1)
ELEVATION = np.linspace(20.0, 80.0, 60)


def test_a_calibrated_station_is_found_again(make_window) -> None:
    window = make_window(ELEVATION)
    truth = Calibration(offset_db=1.7, extinction_per_airmass_db=0.9)
    logged = replace(window, site=replace(window.site, calibration=truth))
    (budget,) = budgets([logged], AIR)
    fit = calibrate(
        logged.site,
        window.terminal,
        AIR,
        range_km=window.profile.range_km,
        apparent_elevation_deg=ELEVATION,
        measured_loss_db=budget.total_db,
    )
    assert fit.calibration.offset_db == pytest.approx(1.7)
    assert fit.calibration.extinction_per_airmass_db == pytest.approx(0.9)
    assert fit.rms_db == pytest.approx(0.0, abs=1e-9)
    assert fit.n_samples == ELEVATION.size


def test_the_uncertainties_are_the_scatter_of_many_fits() -> None:
    airmass = kasten_young_airmass(ELEVATION)
    random = np.random.default_rng(3)
    fits = [
        fit_calibration(
            measured_loss_db=30.0 + 2.0 + 0.5 * airmass + random.normal(scale=0.4, size=airmass.size),
            modelled_loss_db=np.full(airmass.size, 30.0),
            airmass=airmass,
        ).calibration
        for _ in range(600)
    ]
    for value, claimed in (
        ([fit.offset_db for fit in fits], fits[0].offset_uncertainty_db),
        ([fit.extinction_per_airmass_db for fit in fits], fits[0].extinction_uncertainty_db),
    ):
        assert np.std(value) == pytest.approx(claimed, rel=0.25)
    assert np.mean([fit.offset_db for fit in fits]) == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize(
    ("loss_db", "airmass", "words"),
    [
        ([30.0, 31.0], [1.0, 2.0], "at least 3"),
        ([30.0, 31.0, 30.5], [1.5, 1.5, 1.5], "air masses"),
        ([30.0, np.nan, 30.5], [1.0, 2.0, 3.0], "finite"),
    ],
)
def test_what_cannot_be_fitted_is_refused(loss_db, airmass, words) -> None:
    with pytest.raises(ValueError, match=words):
        fit_calibration(
            measured_loss_db=np.array(loss_db),
            modelled_loss_db=np.full(len(loss_db), 30.0),
            airmass=np.array(airmass),
        )

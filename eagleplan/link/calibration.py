"""What logged passes say about a station: an offset and an extinction that its budget misses."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from eagleplan.link.airmass import kasten_young_airmass
from eagleplan.link.budget import budgets
from eagleplan.link.rays import LinkWindow
from eagleplan.model import Calibration, LinkOptions, Profile, Site, Terminal
from eagleplan.units import FloatArray

_FEWEST = 3
_LEAST_AIRMASS_SPREAD = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationFit:
    """The fitted calibration, what it leaves over (root mean square), and how many samples it stands on."""

    calibration: Calibration
    rms_db: float
    n_samples: int


def fit_calibration(
    *, measured_loss_db: FloatArray, modelled_loss_db: FloatArray, airmass: FloatArray
) -> CalibrationFit:
    """Least squares of measured − modelled = offset + slope × air mass, all of shape (n,).

    Uncertainties are one standard deviation from the scatter about the fit. They take the samples as
    independent; samples one second apart are not, so thin a log to its fading time first. Raises ValueError
    if the samples cannot tell offset from slope, or are not finite.
    """
    excess_db = np.asarray(measured_loss_db - modelled_loss_db, dtype=np.float64)
    if excess_db.size < _FEWEST:
        raise ValueError(f"a calibration needs at least {_FEWEST} samples (got {excess_db.size})")
    if not (np.isfinite(excess_db).all() and np.isfinite(airmass).all()):
        raise ValueError("losses and air masses must be finite")
    if np.ptp(airmass) < _LEAST_AIRMASS_SPREAD:
        raise ValueError(
            f"the samples span {np.ptp(airmass):.3f} air masses; "
            f"at least {_LEAST_AIRMASS_SPREAD} are needed to tell an offset from an extinction"
        )
    design = np.column_stack((np.ones_like(excess_db), airmass))
    solution, *_ = np.linalg.lstsq(design, excess_db)
    residual_db = excess_db - design @ solution
    variance = float(residual_db @ residual_db) / (excess_db.size - 2)
    covariance = variance * np.linalg.inv(design.T @ design)
    return CalibrationFit(
        calibration=Calibration(
            offset_db=float(solution[0]),
            extinction_per_airmass_db=float(solution[1]),
            offset_uncertainty_db=float(np.sqrt(covariance[0, 0])),
            extinction_uncertainty_db=float(np.sqrt(covariance[1, 1])),
        ),
        rms_db=float(np.sqrt(np.mean(residual_db**2))),
        n_samples=int(excess_db.size),
    )


def night_profile(
    range_km: FloatArray, apparent_elevation_deg: FloatArray, range_rate_km_s: FloatArray | None = None
) -> Profile:
    """A profile of which only the way to the satellite is known: a moonless night, one sample after the other.

    Without its rate the range is taken to stand still, as at the culmination: the line of sight then seems to turn
    faster at low elevation than it does, which matters to adaptive optics alone.
    """
    zeros = np.zeros_like(range_km)
    return Profile(
        t_s=np.arange(range_km.size, dtype=np.float64) + 0.5,
        azimuth_deg=zeros,
        elevation_deg=apparent_elevation_deg,
        apparent_elevation_deg=apparent_elevation_deg,
        range_km=range_km,
        range_rate_km_s=zeros if range_rate_km_s is None else range_rate_km_s,
        sun_elevation_deg=zeros - 90.0,
        sun_separation_deg=zeros + 90.0,
        moon_elevation_deg=zeros - 90.0,
        moon_separation_deg=zeros + 90.0,
        moon_phase_angle_deg=zeros + 180.0,
        sunlit_frac=zeros,
    )


def calibrate(
    site: Site,
    terminal: Terminal,
    options: LinkOptions,
    *,
    range_km: FloatArray,
    apparent_elevation_deg: FloatArray,
    measured_loss_db: FloatArray,
    range_rate_km_s: FloatArray | None = None,
) -> CalibrationFit:
    """The site's calibration from logged losses, telescope exit to click; its present one is set aside.

    Raises `InputError` as `budgets` does, and ValueError as `fit_calibration` does.
    """
    window = LinkWindow(
        profile=night_profile(range_km, apparent_elevation_deg, range_rate_km_s),
        site=replace(site, calibration=Calibration()),
        terminal=terminal,
    )
    return fit_calibration(
        measured_loss_db=measured_loss_db,
        modelled_loss_db=budgets([window], options)[0].total_db,
        airmass=kasten_young_airmass(apparent_elevation_deg),
    )

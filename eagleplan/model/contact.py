"""What a window is worth: its geometry, its loss, its key; and the contact, the unit of decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from eagleplan.model.earlier import OutcomeStatus
from eagleplan.units import FloatArray, frac_from_db

REFERENCE_PLANE = "satellite telescope exit (transmitter truncation not counted) to detector click"
"""Where every loss begins and ends; outputs say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Geometry of a window at 1 s steps; all arrays have one shape (n,).

    A sample stands for one second [k, k+1) and is taken in its middle, so that sums over samples are integrals over
    whole seconds. `t_s` counts from the horizon's start. `elevation_deg` is geometric, `apparent_elevation_deg`
    includes refraction. `sunlit_frac` is the part of the Sun's disc that the satellite sees (0 in umbra).
    """

    t_s: FloatArray
    azimuth_deg: FloatArray
    elevation_deg: FloatArray
    apparent_elevation_deg: FloatArray
    range_km: FloatArray
    range_rate_km_s: FloatArray
    sun_elevation_deg: FloatArray
    sun_separation_deg: FloatArray
    moon_elevation_deg: FloatArray
    moon_separation_deg: FloatArray
    moon_phase_angle_deg: FloatArray
    sunlit_frac: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Loss from the transmitter's telescope exit to a detector click, term by term, and noise, at each sample.

    `terms_db` maps a term's name to its loss in dB, shape (n,), in the order of the light. It includes the detector's
    efficiency. `background_per_detector_cps` (n,) are clicks that no signal photon caused: sky, stray light, darks.
    """

    terms_db: Mapping[str, FloatArray]
    background_per_detector_cps: FloatArray

    @property
    def total_db(self) -> FloatArray:
        return np.asarray(sum(self.terms_db.values()), dtype=np.float64)

    @property
    def transmittance_frac(self) -> FloatArray:
        return frac_from_db(self.total_db)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyYield:
    """Secret key of one block, and the proof that stands behind it.

    `secret_bits` is floored to whole bits; where it is 0, `abort_reason` says why in words. `details` holds the
    intermediates of the proof (bounds, leakage, phase error) by name.
    """

    secret_bits: int
    sifted_bits: float
    qber_frac: float
    phase_error_frac: float
    leaked_bits: float
    plob_bits: float
    protocol: str
    statistics: str
    abort_reason: str | None = None
    details: Mapping[str, float] = field(default_factory=dict)

    @property
    def key_256_count(self) -> int:
        return self.secret_bits // 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A part of a window that can be scheduled, [`start_s`, `end_s`) in whole seconds since the horizon's start.

    `is_whole` says that it is a whole window. Its key may be used from `usable_s` on.

    `expected_bits` = floor(`p_clear` × `key.secret_bits`): what the plan counts on. `mean_loss_db` is the loss of the
    mean transmittance over the contact. `p_clear_origin` says where the clear probability comes from,
    `forecast_age_s` how old the forecast was when the plan was made, `forecast_lead_s` how long before the contact it
    was made; None where it is no forecast. `p_clear_climatology` is what climatology alone says. `outcome` is what
    became of the contact, if that is known; the bits are then those that came of it.
    """

    contact_id: str
    pass_id: str
    satellite_id: str
    site_id: str
    start_s: int
    end_s: int
    max_elevation_deg: float
    mean_loss_db: float
    min_loss_db: float
    p_clear: float
    p_clear_origin: str
    key: KeyYield
    expected_bits: int
    usable_s: int
    is_whole: bool = True
    outcome: OutcomeStatus | None = None
    forecast_age_s: int | None = None
    forecast_lead_s: int | None = None
    p_clear_climatology: float | None = None

    @property
    def duration_s(self) -> int:
        return self.end_s - self.start_s

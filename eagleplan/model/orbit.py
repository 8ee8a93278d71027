"""Satellites and what is known of their motion."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from eagleplan.model.link import Source, Terminal
from eagleplan.units import FloatArray

ElementsKind = Literal["tle", "omm", "design"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanElements:
    """General-perturbation mean elements: what SGP4 takes (Kozai mean motion, TEME, WGS72 constants).

    `catalog_id` may have nine digits; `kind` "design" marks elements that were derived from a wished-for orbit
    and belong to no object. `origin` says where they come from (``path:line`` or the design orbit's words).
    """

    name: str
    catalog_id: int
    epoch_utc: datetime
    mean_motion_rev_per_day: float
    eccentricity: float
    inclination_deg: float
    raan_deg: float
    arg_perigee_deg: float
    mean_anomaly_deg: float
    bstar_per_earth_radius: float
    mean_motion_dot_rev_per_day2: float
    mean_motion_ddot_rev_per_day3: float
    revolution_number: int
    international_designator: str
    element_set_number: int
    kind: ElementsKind
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TabulatedEphemeris:
    """An operator's ephemeris (CCSDS OEM): states at given instants, never extrapolated.

    `t_s` (n,) counts from `epoch_utc`; `position_km` (n, 3) and `velocity_km_s` (n, 3) are in `frame`.
    `segment_starts` holds the index of the first state of every segment; interpolation never crosses one.
    `useable_s` holds the (first, last) second at which each segment may be used: states outside it only help the
    interpolation near its ends; () means all of every segment.
    """

    name: str
    catalog_id: int | None
    international_designator: str
    epoch_utc: datetime
    frame: Literal["TEME", "ITRF", "GCRF", "EME2000"]
    t_s: FloatArray
    position_km: FloatArray
    velocity_km_s: FloatArray
    segment_starts: tuple[int, ...]
    useable_s: tuple[tuple[float, float], ...] = ()
    interpolation: Literal["lagrange", "hermite"]
    interpolation_degree: int
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyCycle:
    """How long the payload may work (energy, heat, battery); None is no limit.

    An orbit is a revolution from one ascending node to the next, a day is 24 h from the horizon's start; a contact
    counts where it starts.
    """

    max_contact_s_per_orbit: int | None = None
    max_contacts_per_orbit: int | None = None
    max_contact_s_per_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Satellite:
    """A trusted node in orbit with one optical terminal and one QKD transmitter.

    Where `classical_contacts_s` is not None, key is usable only from the end of the first (start, end) in it that
    starts after a contact's end: post-processing needs a classical link.
    """

    satellite_id: str
    name: str
    orbit: MeanElements | TabulatedEphemeris
    terminal: Terminal
    source: Source
    duty: DutyCycle = field(default_factory=DutyCycle)
    classical_contacts_s: tuple[tuple[int, int], ...] | None = None

"""How a chosen contact goes, second by second but thinned: what a contact sheet draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from eagleplan.units import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class SkyTrack:
    """The way of a satellite across a station's sky from rise to set, all (n,), with its two ends.

    `t_s` counts from the horizon's start; the culmination and the ends of the contact are among it. Elevation is
    geometric. `latitude_deg` and `longitude_deg` (WGS84) are of the
    point below the satellite, `height_km` its height above that.
    """

    t_s: FloatArray
    azimuth_deg: FloatArray
    elevation_deg: FloatArray
    latitude_deg: FloatArray
    longitude_deg: FloatArray
    height_km: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTrace:
    """Loss and noise over the window that a contact lies in, all (n,), at the middles of whole seconds.

    Where a re-plan keeps a contact whose window is no longer open, it is over the contact alone. `terms_db` are in the
    order of the light, as in `Budget`. `background_per_detector_cps` are clicks without a signal.
    """

    t_s: FloatArray
    elevation_deg: FloatArray
    range_km: FloatArray
    terms_db: Mapping[str, FloatArray]
    background_per_detector_cps: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyGrowth:
    """Key that the finite-key proof would grant if a contact ended at `t_s`, all (n,), from its start to its end.

    Each block begins where the contact does and is proven by itself, so `secret_bits` are 0 until the block is large
    enough, and fall again where late seconds bring more errors than key. `first_key_s`, since the horizon's start, is
    the first whole second at which they are not 0; None where they never are.
    """

    t_s: FloatArray
    secret_bits: FloatArray
    sifted_bits: FloatArray
    first_key_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactTrace:
    """A chosen contact, drawn: the sky at its middle for the Sun and the Moon, elevations geometric.

    `growth` is None where the contact's outcome is known: no proof says then what its key was. `link` is None where
    nothing is known of its light.
    """

    contact_id: str
    track: SkyTrack
    link: LinkTrace | None
    growth: KeyGrowth | None
    sun_azimuth_deg: float
    sun_elevation_deg: float
    moon_azimuth_deg: float
    moon_elevation_deg: float
    moon_illuminated_frac: float

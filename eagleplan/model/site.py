"""Optical ground stations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from eagleplan.model.link import Air, Calibration, Receiver
from eagleplan.units import FloatArray

SiteStatus = Literal["operational", "announced", "candidate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HorizonMask:
    """Lowest usable elevation by azimuth: linear between the points, periodic over 360°."""

    azimuth_deg: FloatArray
    elevation_deg: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class StationLimits:
    """What a station can do besides seeing the sky; None is no limit.

    `set_up_s` lies between two contacts of the station. `max_nights` is how many nights of the horizon it is staffed.
    `satellite_ids` are those whose light its receiver can take.
    """

    set_up_s: int = 0
    max_contacts_per_night: int | None = None
    max_nights: int | None = None
    satellite_ids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """An optical ground station: where it stands (WGS84), its telescope, its receiver, its limits.

    `max_sun_elevation_deg` is the Sun's highest elevation at which the station works. `p_clear_zenith_annual` is the
    climatological chance that the zenith is free of cloud.
    """

    site_id: str
    name: str
    country: str
    latitude_deg: float
    longitude_deg: float
    altitude_m: float
    aperture_m: float
    status: SiteStatus
    time_zone: str
    min_elevation_deg: float
    max_sun_elevation_deg: float
    p_clear_zenith_annual: float
    receiver: Receiver
    horizon_mask: HorizonMask | None = None
    air: Air = field(default_factory=Air)
    calibration: Calibration = field(default_factory=Calibration)
    limits: StationLimits = field(default_factory=StationLimits)
    origin: str = ""

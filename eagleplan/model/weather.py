"""What is known of the sky: climatology, forecasts, and an operator's word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from eagleplan.units import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """One run of one source for one site.

    `clear_frac` (n_members, n_times) is 1 − the cover of the cloud above the site at `time_s` (n_times,), seconds since
    the horizon's start; one row is a single run, several are the members of an ensemble, the same member of every site
    in the same row. `issued_s` is when the run was made. A run loses its weight as exp(−lead/`decay_hours`).
    """

    site_id: str
    origin: str
    issued_s: float
    time_s: FloatArray
    clear_frac: FloatArray
    decay_hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Cloud that somebody sees over a site: it may lower the clear probability of the next hours, and never raises it.

    An observer or a ceilometer at the ground does not see what is above the lowest cloud, nor thin cloud above its
    range.
    """

    site_id: str
    origin: str
    observed_s: float
    clear_frac: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOverride:
    """An operator's word on one pass: it goes before every forecast and is taken as it stands."""

    pass_id: str
    p_clear: float
    by: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherOptions:
    """How sky and forecasts are taken.

    A forecast's weight against climatology is exp(−lead/`decay_hours`). Cloud of the low layer is below a site that
    lies at `low_cloud_top_m` or higher. A run that is more than `max_forecast_age_hours` old is stale. The weight of an
    observation is exp(−age/`observation_decay_hours`).

    Skies over two sites at a distance d have the correlation exp(−d/`correlation_length_km`). The outlook of a plan is
    taken over `n_outlook_skies` drawn from `outlook_seed`; 0 for none. With `partial_passes`
    cloud may come and go within its contacts.
    """

    decay_hours: float = 48.0
    observation_decay_hours: float = 6.0
    low_cloud_top_m: float = 2000.0
    max_forecast_age_hours: float = 48.0
    correlation_length_km: float = 350.0
    n_outlook_skies: int = 1000
    outlook_seed: int = 20_260_101
    partial_passes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """Everything that the scenario knows of the sky.

    `planned_utc` is the instant at which the plan is made: no forecast from after it is used, and ages count to it.
    `monthly_p_clear_zenith` gives, by site, the chance of a clear zenith in January … December (12,), and
    `climatology_origin` in words where that comes from.
    """

    planned_utc: datetime
    monthly_p_clear_zenith: Mapping[str, FloatArray]
    climatology_origin: str
    forecasts: tuple[Forecast, ...] = ()
    observations: tuple[Observation, ...] = ()
    overrides: tuple[PassOverride, ...] = ()
    options: WeatherOptions = field(default_factory=WeatherOptions)

"""What is known of the sky along lines of sight, second by second, before anything is averaged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from eagleplan.model import Forecast, Horizon, Observation, PassOverride, Weather
from eagleplan.units import FloatArray
from eagleplan.weather.clear_sky import p_clear_along, sight_line_factor
from eagleplan.weather.climatology import p_clear_zenith_at

IntArray = npt.NDArray[np.int64]

_SECONDS_PER_HOUR = 3600.0
_LEAST_OBSERVATION_WEIGHT = 0.05
"""An observation that counts for less is not worth a word in the plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SkySpan:
    """The line of sight during [`start_s`, `end_s`): `elevation_deg` (n,) once in every second."""

    pass_id: str
    site_id: str
    start_s: int
    end_s: int
    elevation_deg: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """Columns over spans (n,), and over their seconds one span after the other (n_seconds,), from `first` (n,) on.

    `forecast` is what the forecast of a second's span says by itself, 0 where `runs` is None; `members` holds
    (n_members, seconds) of the spans whose forecast is an ensemble. `observed` is the most that an observation leaves,
    1 where there is none.
    """

    start_s: IntArray
    end_s: IntArray
    first: IntArray
    climatology: FloatArray
    forecast: FloatArray
    weight: FloatArray
    observed: FloatArray
    observed_weight: FloatArray
    runs: Sequence[Forecast | None]
    members: dict[int, FloatArray]
    observations: Sequence[Observation | None]
    overrides: Sequence[PassOverride | None]
    texts: Sequence[str]

    def blended(self, windows: IntArray, forecast: FloatArray, climatology: FloatArray) -> FloatArray:
        """w × forecast + (1 − w) × climatology of parts (…, n_parts) of the spans `windows` (n_parts,)."""
        weight = self.weight[windows]
        return weight * forecast + (1.0 - weight) * climatology

    def combined(
        self, windows: IntArray, forecast: FloatArray, climatology: FloatArray, observed: FloatArray
    ) -> FloatArray:
        """As `blended`, lowered by what was observed, and with an operator's word in place of it all."""
        p = self.blended(windows, forecast, climatology)
        p = p - self.observed_weight[windows] * np.maximum(p - observed, 0.0)
        own = np.array([math.nan if override is None else override.p_clear for override in self.overrides])[windows]
        return np.where(np.isnan(own), p, own)

    def origin(self, window: int) -> str:
        """In words, where the clear probability of a span comes from."""
        override = self.overrides[window]
        return self.texts[window] if override is None else f"set by {override.by}: {override.why}"


def look_at(weather: Weather, horizon: Horizon, spans: Sequence[SkySpan]) -> Sky:
    """What climatology, forecasts and observations say of each span.

    Raises ValueError for elevations outside (0, 90]°, and where a span has not one for every second.
    """
    lengths = np.array([len(span.elevation_deg) for span in spans], dtype=np.int64)
    start_s = np.array([span.start_s for span in spans], dtype=np.int64)
    end_s = np.array([span.end_s for span in spans], dtype=np.int64)
    if not np.array_equal(lengths, end_s - start_s):
        raise ValueError("a span needs one elevation for every second")
    first = np.concatenate([[0], np.cumsum(lengths)])[:-1].astype(np.int64)
    factor = sight_line_factor(np.concatenate([np.zeros(0), *(span.elevation_deg for span in spans)]))
    middle_s = (start_s + end_s) / 2
    zenith = np.array(
        [
            p_clear_zenith_at(weather.monthly_p_clear_zenith[span.site_id], _instant(horizon, at_s))
            for span, at_s in zip(spans, middle_s.tolist(), strict=True)
        ]
    )
    climatology = p_clear_along(np.repeat(zenith, lengths), factor)
    forecast, observed = np.zeros(len(factor)), np.ones(len(factor))
    weight, observed_weight = np.zeros(len(spans)), np.zeros(len(spans))
    runs: list[Forecast | None] = [None] * len(spans)
    observations: list[Observation | None] = [None] * len(spans)
    members: dict[int, FloatArray] = {}
    texts = [weather.climatology_origin] * len(spans)
    by_pass = {override.pass_id: override for override in weather.overrides}
    book = _Book(weather, horizon)
    for i, span in enumerate(spans):
        seconds = slice(int(first[i]), int(first[i] + lengths[i]))
        run = book.run(span.site_id, float(middle_s[i]))
        if run is not None:
            runs[i] = run
            weight[i] = math.exp(-max(0.0, middle_s[i] - run.issued_s) / _SECONDS_PER_HOUR / run.decay_hours)
            clear_frac = _at(run, float(middle_s[i]))
            if len(clear_frac) == 1:
                forecast[seconds] = p_clear_along(clear_frac[0], factor[seconds])
            else:
                members[i] = clear_frac[:, np.newaxis] ** factor[seconds]
                forecast[seconds] = members[i].mean(axis=0)
            texts[i] = _text(run, horizon, float(middle_s[i] - run.issued_s) / _SECONDS_PER_HOUR, float(weight[i]))
        seen = book.observation(span.site_id, span.start_s)
        if seen is not None:
            age_hours = (span.start_s - seen.observed_s) / _SECONDS_PER_HOUR
            importance = math.exp(-age_hours / weather.options.observation_decay_hours)
            if importance >= _LEAST_OBSERVATION_WEIGHT:
                observations[i], observed_weight[i] = seen, importance
                observed[seconds] = p_clear_along(seen.clear_frac, factor[seconds])
                texts[i] += (
                    f"; no more than {seen.origin} of {_minute(horizon, seen.observed_s)} leaves open "
                    f"(weight {importance:.2f})"
                )
    return Sky(
        start_s=start_s,
        end_s=end_s,
        first=first,
        climatology=climatology,
        forecast=forecast,
        weight=weight,
        observed=observed,
        observed_weight=observed_weight,
        runs=runs,
        members=members,
        observations=observations,
        overrides=[by_pass.get(span.pass_id) for span in spans],
        texts=texts,
    )


class _Book:
    """Runs and observations by site, the newest first, as far as they are known when the plan is made."""

    def __init__(self, weather: Weather, horizon: Horizon) -> None:
        self._planned_s = (weather.planned_utc - horizon.start_utc).total_seconds()
        self._runs: dict[str, list[Forecast]] = {}
        for run in sorted(weather.forecasts, key=lambda one: (-one.issued_s, one.origin)):
            if run.issued_s <= self._planned_s:
                self._runs.setdefault(run.site_id, []).append(run)
        self._seen: dict[str, list[Observation]] = {}
        for seen in sorted(weather.observations, key=lambda one: (-one.observed_s, one.origin)):
            if seen.observed_s <= self._planned_s:
                self._seen.setdefault(seen.site_id, []).append(seen)

    def run(self, site_id: str, time_s: float) -> Forecast | None:
        """The newest run that covers the instant."""
        runs = self._runs.get(site_id, ())
        return next((run for run in runs if run.time_s[0] <= time_s <= run.time_s[-1]), None)

    def observation(self, site_id: str, time_s: float) -> Observation | None:
        """The newest observation from before the instant."""
        return next((seen for seen in self._seen.get(site_id, ()) if seen.observed_s <= time_s), None)


def _at(run: Forecast, time_s: float) -> FloatArray:
    """Clear fraction by member, linear between the run's times; shape (n_members,)."""
    after = int(np.searchsorted(run.time_s, time_s))
    if run.time_s[after] == time_s:
        return np.asarray(run.clear_frac[:, after])
    share = (time_s - run.time_s[after - 1]) / (run.time_s[after] - run.time_s[after - 1])
    clear = (1.0 - share) * run.clear_frac[:, after - 1] + share * run.clear_frac[:, after]
    return np.asarray(np.clip(clear, 0.0, 1.0))


def _text(run: Forecast, horizon: Horizon, lead_hours: float, weight: float) -> str:
    members = f", {len(run.clear_frac)} members" if len(run.clear_frac) > 1 else ""
    return (
        f"forecast of {_minute(horizon, run.issued_s)} ({run.origin}{members}), {lead_hours:.0f} h ahead: "
        f"weight {weight:.2f}, the rest climatology"
    )


def _instant(horizon: Horizon, time_s: float) -> datetime:
    return horizon.start_utc + timedelta(seconds=time_s)


def _minute(horizon: Horizon, time_s: float) -> str:
    return f"{_instant(horizon, time_s):%Y-%m-%dT%H:%MZ}"

"""The clear probability of contacts: climatology, forecasts that fade, observations, an operator's word."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from eagleplan.model import Horizon, Notice, Weather
from eagleplan.units import FloatArray, read_only
from eagleplan.weather.sky import IntArray, Sky, SkySpan, look_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearProbability:
    """Chance that the whole of a contact is free of cloud, to six decimals, and where it comes from.

    `forecast_age_s` counts from the run to the plan, `forecast_lead_s` from the run to the contact's start; None where
    no forecast is in it.
    """

    p_clear: float
    origin: str
    forecast_age_s: int | None
    forecast_lead_s: int | None
    p_clear_climatology: float


def clear_probabilities(weather: Weather, horizon: Horizon, spans: Sequence[SkySpan]) -> tuple[ClearProbability, ...]:
    """One for each span, in order.

    Cloud is there for the whole span or not at all: the chance is the mean over its seconds. With the newest
    run that was made by `planned_utc` and covers the middle of the span, p = w × forecast + (1 − w) × climatology,
    w = exp(−lead/decay). A single run's cover is the mean of the same U-shaped distribution as climatology's; the
    members of an ensemble are that distribution themselves: E[(1 − N)^f] is their mean. An observation can only lower
    the result. Six decimals are far below what anybody knows, and make the plan's bits the same on every machine.
    """
    return clear_probabilities_of_parts(weather, horizon, spans, *_whole(spans))


def clear_probabilities_of_parts(
    weather: Weather, horizon: Horizon, spans: Sequence[SkySpan], windows: IntArray, start_s: IntArray, end_s: IntArray
) -> tuple[ClearProbability, ...]:
    """As `clear_probabilities`, for the seconds [`start_s`, `end_s`) (n,) of the spans that `windows` (n,) numbers.

    Parts of one span share its sky: they differ by their elevation alone.
    """
    sky = look_at(weather, horizon, spans)
    at = _Means(sky, windows, start_s, end_s)
    climatology = at.mean(sky.climatology)
    p_clear = sky.combined(windows, at.mean(sky.forecast), climatology, at.mean(sky.observed))
    planned_s = (weather.planned_utc - horizon.start_utc).total_seconds()
    texts = [sky.origin(i) for i in range(len(spans))]
    found = []
    for p, p_climatology, window, start in zip(
        _rounded(p_clear), _rounded(climatology), windows.tolist(), start_s.tolist(), strict=True
    ):
        forecast = None if sky.overrides[window] else sky.runs[window]
        found.append(
            ClearProbability(
                p_clear=p,
                origin=texts[window],
                forecast_age_s=None if forecast is None else round(planned_s - forecast.issued_s),
                forecast_lead_s=None if forecast is None else round(start - forecast.issued_s),
                p_clear_climatology=p_climatology,
            )
        )
    return tuple(found)


def member_probabilities(weather: Weather, horizon: Horizon, spans: Sequence[SkySpan]) -> FloatArray:
    """The clear probability of every span under each member of the ensembles, (n_members, n_spans).

    A row is one member of every site at once, so that skies far apart stay together as the forecast has them. A span
    without an ensemble has its one probability in every row; where ensembles differ in size, each is repeated up to
    their least common multiple. The mean over rows is the clear probability. No rows where there is no ensemble.
    """
    return member_probabilities_of_parts(weather, horizon, spans, *_whole(spans))


def member_probabilities_of_parts(
    weather: Weather, horizon: Horizon, spans: Sequence[SkySpan], windows: IntArray, start_s: IntArray, end_s: IntArray
) -> FloatArray:
    """As `member_probabilities`, for parts of spans as in `clear_probabilities_of_parts`: (n_members, n_parts)."""
    sky = look_at(weather, horizon, spans)
    if not sky.members:
        return read_only(np.zeros((0, len(windows))))
    at = _Means(sky, windows, start_s, end_s)
    climatology, observed = at.mean(sky.climatology), at.mean(sky.observed)
    n_members = math.lcm(*(len(members) for members in sky.members.values()))
    forecast = np.tile(at.mean(sky.forecast), (n_members, 1))
    for window, members in sky.members.items():
        for part in np.flatnonzero(windows == window).tolist():
            first, last = at.first[part] - sky.first[window], at.last[part] - sky.first[window]
            forecast[:, part] = np.resize(members[:, first:last].mean(axis=1), n_members)
    # What an observation takes from the mean it takes from every member in proportion.
    plain = sky.blended(windows, forecast, climatology)
    mean = sky.blended(windows, at.mean(sky.forecast), climatology)
    final = sky.combined(windows, at.mean(sky.forecast), climatology, observed)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(mean > 0.0, final / mean, 0.0)
    overridden = np.array([sky.overrides[window] is not None for window in windows.tolist()], dtype=bool)
    return read_only(np.clip(np.where(overridden, final, plain * share), 0.0, 1.0))


def override_notices(weather: Weather, pass_ids: Collection[str]) -> tuple[Notice, ...]:
    """``W-OVERRIDE-UNUSED`` for what an operator said of passes that do not exist."""
    unused = sorted({override.pass_id for override in weather.overrides} - set(pass_ids))
    if not unused:
        return ()
    message = "an operator set its clear probability, but there is no such pass"
    return (Notice(notice_id="W-OVERRIDE-UNUSED", subject=", ".join(unused), message=message),)


class _Means:
    """Means over the seconds of parts, of columns that run over the seconds of all spans one after the other."""

    def __init__(self, sky: Sky, windows: IntArray, start_s: IntArray, end_s: IntArray) -> None:
        self.first = sky.first[windows] + start_s - sky.start_s[windows]
        self.last = sky.first[windows] + end_s - sky.start_s[windows]
        if np.any(start_s < sky.start_s[windows]) or np.any(end_s > sky.end_s[windows]) or np.any(start_s >= end_s):
            raise ValueError("a part must have a second and lie inside its span")

    def mean(self, column: FloatArray) -> FloatArray:
        """The mean of `column` (n_seconds,) over each part."""
        total = np.concatenate([[0.0], np.cumsum(column)])
        return np.asarray((total[self.last] - total[self.first]) / (self.last - self.first))


def _whole(spans: Sequence[SkySpan]) -> tuple[IntArray, IntArray, IntArray]:
    start_s = np.array([span.start_s for span in spans], dtype=np.int64)
    end_s = np.array([span.end_s for span in spans], dtype=np.int64)
    return np.arange(len(spans)), start_s, end_s


def _rounded(p: FloatArray) -> list[float]:
    return [round(value, 6) for value in np.clip(p, 0.0, 1.0).tolist()]

"""Axes of the charts on a contact sheet: sensible ticks, and lines with no more points than the eye can tell apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from eagleplan.model import Horizon
from eagleplan.units import SECONDS_PER_DAY, FloatArray

Scale = Callable[[FloatArray], FloatArray]
"""From values (n,) to shares of an axis, 0 at its lower end and 1 at its upper."""

Points = tuple[tuple[float, float], ...]
"""(share from the left, share from below) of a box."""

_CLOCK_STEPS_S = (1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)
_MOST_CLOCK_TICKS = 6
_LEAST_RATIO = 20.0
_LONG = 1e5


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A labelled place on an axis."""

    at_frac: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueAxis:
    """What an axis shows, with its unit, and its ticks from below."""

    title: str
    ticks: tuple[Tick, ...]
    is_log: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAxis:
    """The seconds `start_s` to `end_s` since the horizon's start, with ticks at whole steps of the UTC clock."""

    start_s: float
    end_s: float
    ticks: tuple[Tick, ...]

    def share(self, t_s: FloatArray) -> FloatArray:
        """Shares (n,) of the axis, where the instants (n,) lie."""
        return (t_s - self.start_s) / (self.end_s - self.start_s)

    def at_frac(self, t_s: float) -> float:
        """The share of one instant, cut to the axis."""
        return round(min(max((t_s - self.start_s) / (self.end_s - self.start_s), 0.0), 1.0), 4)


def nice_step(span: float, n_most: int) -> float:
    """The smallest of 1, 2, 2.5 and 5 times a power of ten that divides `span` into at most `n_most` parts."""
    power = 10.0 ** math.floor(math.log10(span / n_most))
    return next(
        power * times for times in (1.0, 2.0, 2.5, 5.0, 10.0, 20.0) if span <= power * times * n_most * 1.000001
    )


def linear_axis(
    title: str, values: FloatArray, *, from_zero: bool = True, n_most: int = 4, unit: float = 1.0
) -> tuple[ValueAxis, Scale]:
    """An axis between round numbers that holds all `values` (n,); its labels count in `unit`."""
    low, high = float(values.min()) / unit, float(values.max()) / unit
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low < 1e-9 * max(abs(high), abs(low), 1e-3):
        high = low + max(abs(low), 1.0)
    step = nice_step(high - low, n_most)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    decimals = max(0, -math.floor(math.log10(step))) + (1 if f"{step:e}".startswith("2.5") and step < 10.0 else 0)
    ticks = tuple(
        Tick(at_frac=round((number - first) / (last - first), 4), label=f"{number * step + 0.0:.{decimals}f}")
        for number in range(first, last + 1)
    )
    begin, span = first * step * unit, (last - first) * step * unit
    return ValueAxis(title=title, ticks=ticks), lambda found: (found - begin) / span


def log_axis(title: str, values: FloatArray) -> tuple[ValueAxis, Scale]:
    """A logarithmic axis over whole decades that hold all `values` (n,), which are positive."""
    first, last = math.floor(math.log10(values.min()) + 1e-9), math.ceil(math.log10(values.max()) - 1e-9)
    last = max(last, first + 1)
    step = math.ceil((last - first) / 4)
    ticks = tuple(
        Tick(at_frac=round((power - first) / (last - first), 4), label=_decade(power))
        for power in range(first, last + 1, step)
    )
    axis = ValueAxis(title=title, ticks=ticks, is_log=True)
    return axis, lambda found: (np.log10(found) - first) / (last - first)


def fitted_axis(title: str, values: FloatArray) -> tuple[ValueAxis, Scale]:
    """Logarithmic where the `values` (n,) are positive and span more than a factor of 20, else linear from zero.

    "{}" in the title becomes what the labels count: ``1``, or ``1000`` where a linear axis would have long ones.
    """
    if values.min() > 0.0 and values.max() > _LEAST_RATIO * values.min():
        return log_axis(title.format(1), values)
    unit = 1000 if values.max() >= _LONG else 1
    return linear_axis(title.format(unit), values, n_most=3, unit=unit)


def time_axis(horizon: Horizon, start_s: float, end_s: float) -> TimeAxis:
    """Ticks at whole steps of the UTC clock: ``20:52``, or ``20:52:30`` where the steps are less than a minute."""
    step_s = next(
        (step_s for step_s in _CLOCK_STEPS_S if end_s - start_s <= step_s * _MOST_CLOCK_TICKS),
        int(SECONDS_PER_DAY) * math.ceil((end_s - start_s) / (SECONDS_PER_DAY * _MOST_CLOCK_TICKS)),
    )
    midnight_utc = horizon.start_utc.replace(hour=0, minute=0, second=0, microsecond=0)
    after_s = (horizon.start_utc - midnight_utc).total_seconds()
    ticks = []
    for number in range(math.ceil((after_s + start_s) / step_s), math.floor((after_s + end_s) / step_s) + 1):
        instant_utc = midnight_utc + timedelta(seconds=number * step_s)
        at_frac = (number * step_s - after_s - start_s) / (end_s - start_s)
        label = f"{instant_utc:%H:%M}" if step_s % 60 == 0 else f"{instant_utc:%H:%M:%S}"
        ticks.append(Tick(at_frac=round(at_frac, 4), label=label))
    return TimeAxis(start_s=start_s, end_s=end_s, ticks=tuple(ticks))


def kept(x: FloatArray, y: FloatArray, tolerance: float) -> npt.NDArray[np.intp]:
    """Numbers, ascending, of the points (n,) of a line that stay when no other lies `tolerance` or more from the rest.

    Douglas and Peucker, Cartographica 10 (1973) 112; distances are to segments, in the unit of `x` and `y`.
    """
    keep = np.zeros(len(x), dtype=np.bool_)
    keep[[0, -1]] = True
    open_parts = [(0, len(x) - 1)]
    while open_parts:
        first, last = open_parts.pop()
        if last - first < 2:
            continue
        along_x, along_y = x[last] - x[first], y[last] - y[first]
        off_x, off_y = x[first + 1 : last] - x[first], y[first + 1 : last] - y[first]
        length2 = along_x * along_x + along_y * along_y
        share = np.clip((off_x * along_x + off_y * along_y) / length2, 0.0, 1.0) if length2 > 0.0 else 0.0
        distance = np.hypot(off_x - share * along_x, off_y - share * along_y)
        farthest = int(distance.argmax())
        if distance[farthest] >= tolerance:
            middle = first + 1 + farthest
            keep[middle] = True
            open_parts += [(first, middle), (middle, last)]
    return np.flatnonzero(keep)


def line(x_frac: FloatArray, y_frac: FloatArray, size: tuple[float, float], tolerance: float = 0.3) -> Points:
    """A line through shares (n,) of a box of `size`, thinned to `tolerance` in the unit of the size."""
    numbers = kept(x_frac * size[0], y_frac * size[1], tolerance)
    return tuple(_rounded(zip(x_frac[numbers].tolist(), y_frac[numbers].tolist(), strict=True)))


def _rounded(pairs: Iterable[tuple[float, float]]) -> Iterable[tuple[float, float]]:
    return ((round(x, 4) + 0.0, round(y, 4) + 0.0) for x, y in pairs)


def _decade(power: int) -> str:
    return f"{10**power:d}" if 0 <= power <= 4 else f"1e{power}"

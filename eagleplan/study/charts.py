"""The drawings of a study's page as shapes in their own units: no HTML, no colours."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eagleplan.report.sheet_axes import nice_step
from eagleplan.report.words import bits_text
from eagleplan.study.intervals import Estimate
from eagleplan.study.satellites_needed import SatellitesNeeded
from eagleplan.study.stations_worth import SetWorth, StationWorth

Scale = Callable[[float], float]

LABEL_WIDTH = 210.0
PLOT_WIDTH = 560.0
ROW_HEIGHT = 22.0
PLOT_HEIGHT = 240.0
LEFT = 56.0
_TICKS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A labelled place on an axis, in the units of the drawing."""

    at_px: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A station's bar from zero, and the whiskers of its intervals over skies and over weeks (None without one)."""

    label: str
    kind: str
    y_px: float
    x_px: float
    width_px: float
    whisker: tuple[float, float] | None
    week_whisker: tuple[float, float] | None
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BarChart:
    """Bars from `zero`, stations from top to bottom."""

    height_px: float
    zero_px: float
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """An estimate in a plane: its place, its whisker along y, and whether it stands out."""

    x_px: float
    y_px: float
    whisker: tuple[float, float] | None
    is_marked: bool
    label: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DotChart:
    """Dots, a line through some of them, and a level drawn across (None for none)."""

    height_px: float
    dots: tuple[Dot, ...]
    line: tuple[tuple[float, float], ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    level_px: float | None


def interval_text(this: Estimate, n_decimals: int = 2, scale: float = 100.0) -> str:
    """``1.23 (1.10 to 1.36)``; the mean alone where there is no interval."""
    mean = fixed(scale * this.mean, n_decimals)
    if this.low is None or this.high is None:
        return mean
    return f"{mean} ({fixed(scale * this.low, n_decimals)} to {fixed(scale * this.high, n_decimals)})"


def fixed(value: float, n_decimals: int) -> str:
    """So many decimals, a real minus, and no minus before a zero."""
    return f"{round(value, n_decimals) + 0.0:.{n_decimals}f}".replace("-", "−")


def bits_change(n_bits: float) -> str:
    """``−2.18 Mbit``."""
    return bits_text(n_bits).replace("-", "−")


def station_chart(worths: Sequence[StationWorth]) -> BarChart:
    """What stations bring, in percentage points of the mean fraction met."""
    ends = [0.0, *(100.0 * v for worth in worths for this in _intervals(worth) for v in _ends(this))]
    ticks = nice_ticks(min(ends), max(ends), _TICKS)
    low, high = ticks[0], ticks[-1]

    def at(percent: float) -> float:
        return round(LABEL_WIDTH + PLOT_WIDTH * (percent - low) / (high - low), 1)

    bars = []
    for row, worth in enumerate(worths):
        mean = 100.0 * worth.gain.met_frac.mean
        bars.append(
            Bar(
                label=worth.station_id,
                kind="candidate" if worth.is_candidate else "present",
                y_px=row * ROW_HEIGHT,
                x_px=min(at(0.0), at(mean)),
                width_px=round(abs(at(mean) - at(0.0)), 1),
                whisker=_whisker(worth.gain.met_frac, 100.0, at),
                week_whisker=_whisker(worth.gain.over_weeks, 100.0, at),
                title=f"{worth.station_id}: {interval_text(worth.gain.met_frac)} percentage points",
            )
        )
    return BarChart(
        height_px=len(worths) * ROW_HEIGHT,
        zero_px=at(0.0),
        bars=tuple(bars),
        ticks=tuple(Tick(at_px=at(tick), label=f"{tick:g}") for tick in ticks),
    )


def set_chart(worths: Sequence[SetWorth], *, whole_x: bool) -> DotChart:
    """Cost against the mean fraction met; the line joins the efficient sets. `whole_x` says that costs are counts."""
    return _dots(
        [(worth.cost, worth.met_frac, worth.is_efficient, worth.station_set) for worth in worths],
        whole_x=whole_x,
        level_frac=None,
    )


def fleet_chart(needed: SatellitesNeeded) -> DotChart:
    """Number of satellites against the fraction met; the level is the target."""
    return _dots(
        [(float(f.n_satellites), f.met_frac, True, f"{f.n_satellites} satellites") for f in needed.fleets],
        whole_x=True,
        level_frac=needed.target_frac,
    )


def nice_ticks(low: float, high: float, most: int, *, whole: bool = False) -> tuple[float, ...]:
    """Round numbers from at most `low` to at least `high`, in nice steps.

    About `most` of them, and at least two; `whole` ones where the axis counts things.
    """
    span = high - low if high > low else abs(high) or 1.0
    step = nice_step(span, most)
    if whole:
        step = max(1.0, math.ceil(step))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(number * step, 10) + 0.0 for number in range(first, max(last, first + 1) + 1))


def _dots(points: Sequence[tuple[float, Estimate, bool, str]], *, whole_x: bool, level_frac: float | None) -> DotChart:
    xs = [x for x, *_ in points]
    ys = [100.0 * value for _, met, *_ in points for value in _ends(met)]
    if level_frac is not None:
        ys.append(100.0 * level_frac)
    x_ticks = nice_ticks(min(xs), max(xs), _TICKS, whole=whole_x)
    y_ticks = nice_ticks(min(ys), max(ys), _TICKS)

    def along(x: float) -> float:
        return round(LEFT + PLOT_WIDTH * (x - x_ticks[0]) / (x_ticks[-1] - x_ticks[0]), 1)

    def up(percent: float) -> float:
        return round(PLOT_HEIGHT * (1.0 - (percent - y_ticks[0]) / (y_ticks[-1] - y_ticks[0])), 1)

    dots = tuple(
        Dot(
            x_px=along(x),
            y_px=up(100.0 * met.mean),
            whisker=_whisker(met, 100.0, up),
            is_marked=marked,
            label=label,
            title=f"{label}: {interval_text(met, 1)} % met",
        )
        for x, met, marked, label in points
    )
    return DotChart(
        height_px=PLOT_HEIGHT,
        dots=dots,
        line=tuple((dot.x_px, dot.y_px) for dot in dots if dot.is_marked),
        x_ticks=tuple(Tick(at_px=along(tick), label=f"{tick:g}") for tick in x_ticks),
        y_ticks=tuple(Tick(at_px=up(tick), label=f"{tick:g}") for tick in y_ticks),
        level_px=None if level_frac is None else up(100.0 * level_frac),
    )


def _intervals(worth: StationWorth) -> tuple[Estimate, Estimate]:
    return worth.gain.met_frac, worth.gain.over_weeks


def _ends(this: Estimate) -> tuple[float, ...]:
    return tuple(value for value in (this.low, this.mean, this.high) if value is not None)


def _whisker(this: Estimate, scale: float, at: Scale) -> tuple[float, float] | None:
    return None if this.low is None or this.high is None else (at(scale * this.low), at(scale * this.high))

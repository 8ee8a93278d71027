"""The charts of a contact sheet over one time axis, that of the window: geometry, loss, background, key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from eagleplan.model import Contact, KeyGrowth, LinkTrace
from eagleplan.report.index import PlanIndex
from eagleplan.report.sheet_axes import (
    Points,
    Scale,
    Tick,
    TimeAxis,
    ValueAxis,
    fitted_axis,
    line,
    linear_axis,
    time_axis,
)
from eagleplan.report.times import local
from eagleplan.report.words import bits_text
from eagleplan.units import FloatArray

ChartKind = Literal["geometry", "loss", "background", "key"]
CurveKind = Literal["elevation", "range", "total", "background", "secret", "sifted"]

WIDTH = 372
HEIGHTS: Mapping[ChartKind, int] = {"geometry": 72, "loss": 140, "background": 50, "key": 84}
"""How large the boxes are drawn on the page, in pixels: lines are thinned for this size."""

_CHART_OF: Mapping[CurveKind, ChartKind] = {
    "elevation": "geometry",
    "range": "geometry",
    "total": "loss",
    "background": "background",
    "secret": "key",
    "sifted": "key",
}

_ELEVATION_TICKS = tuple(Tick(at_frac=round(deg / 90.0, 4), label=str(deg)) for deg in (0, 30, 60, 90))

_UNITS = ((1e9, "Gbit"), (1e6, "Mbit"), (1e3, "kbit"), (1.0, "bit"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A line; `on_right` says that it is read on the right axis."""

    kind: CurveKind
    points: Points
    on_right: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A loss term between `base` and `points`, its upper edge; numbers follow the light.

    `mean_db` is the mean over the contact's seconds. A term that brings light back (`is_gain`) lies on top of the
    others and reaches down: `points` are then its lower edge, the total.
    """

    term: str
    number: int
    mean_db: float
    base: Points
    points: Points
    is_gain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """An instant that matters: the first key. There is none from `from_frac` to `at_frac`."""

    from_frac: float
    at_frac: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One box; `bands` of a stack from below. `text` says in words what it shows."""

    kind: ChartKind
    left: ValueAxis
    right: ValueAxis | None = None
    curves: tuple[Curve, ...] = ()
    bands: tuple[Band, ...] = ()
    rule: Rule | None = None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Charts:
    """The boxes from the top, their common time, and the part of it that the contact takes; `zone` is of local time."""

    time: TimeAxis
    contact_frac: tuple[float, float]
    charts: tuple[Chart, ...]
    zone: str


def charts(index: PlanIndex, contact: Contact, link: LinkTrace, growth: KeyGrowth | None) -> Charts:
    """Charts over the window that a contact lies in; without `growth` there is none of the key."""
    time = time_axis(
        index.plan.horizon,
        min(float(link.t_s[0]) - 0.5, contact.start_s),
        max(float(link.t_s[-1]) + 0.5, contact.end_s),
    )
    boxes = [_geometry(time, link), _loss(time, link, contact), _background(time, link)]
    if growth is not None:
        boxes.append(_key(time, contact, growth))
    return Charts(
        time=time,
        contact_frac=(time.at_frac(contact.start_s), time.at_frac(contact.end_s)),
        charts=tuple(boxes),
        zone=zone_text(index, contact),
    )


def zone_text(index: PlanIndex, contact: Contact) -> str:
    """``UTC+01:00, Europe/Rome``: local time at the station when the contact starts."""
    zone = index.sites[contact.site_id].time_zone
    offset = local(index.utc(contact.start_s), zone).strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:5]}, {zone}"


def _geometry(time: TimeAxis, link: LinkTrace) -> Chart:
    left = ValueAxis(title="elevation (°, geometric)", ticks=_ELEVATION_TICKS)
    right, of_range = linear_axis("range (km), dashed", link.range_km, from_zero=False, n_most=2)
    return Chart(
        kind="geometry",
        left=left,
        right=right,
        curves=(
            _curve("elevation", time, link.t_s, link.elevation_deg, lambda found: found / 90.0),
            _curve("range", time, link.t_s, link.range_km, of_range, on_right=True),
        ),
        text=f"Elevation {_span(link.elevation_deg, '.0f')}°, range {_span(link.range_km, '.0f')} km",
    )


def _loss(time: TimeAxis, link: LinkTrace, contact: Contact) -> Chart:
    total_db = np.asarray(sum(link.terms_db.values()), dtype=np.float64)
    losses = [name for name, values in link.terms_db.items() if values.sum() >= 0.0]
    gains = [name for name in link.terms_db if name not in losses]
    numbers = {name: number for number, name in enumerate(link.terms_db, 1)}
    edge_db = np.zeros_like(total_db)
    edges_db = [edge_db]
    for name in (*losses, *gains):
        edge_db = edge_db + link.terms_db[name]
        edges_db.append(edge_db)
    left, scale = linear_axis("loss (dB), stacked as the light meets it", np.concatenate(edges_db), n_most=5)
    lines = [_points("loss", time, link.t_s, values_db, scale) for values_db in edges_db]
    mean_db = {name: over_contact(link.t_s, values, contact) for name, values in link.terms_db.items()}
    bands = tuple(
        Band(
            term=name,
            number=numbers[name],
            mean_db=mean_db[name],
            base=lines[place],
            points=lines[place + 1],
            is_gain=name in gains,
        )
        for place, name in enumerate((*losses, *gains))
    )
    return Chart(
        kind="loss",
        left=left,
        curves=(Curve(kind="total", points=lines[-1]),),
        bands=bands,
        text=f"Loss {_span(total_db, '.1f')} dB",
    )


def _background(time: TimeAxis, link: LinkTrace) -> Chart:
    values_cps = link.background_per_detector_cps
    left, scale = fitted_axis("background per detector ({}/s)", values_cps)
    return Chart(
        kind="background",
        left=left,
        curves=(_curve("background", time, link.t_s, values_cps, scale),),
        text=f"Background per detector {_span(values_cps, '.0f')} per second",
    )


def _key(time: TimeAxis, contact: Contact, growth: KeyGrowth) -> Chart:
    left, of_secret = _bits_axis("secret key ({})", growth.secret_bits)
    right, of_sifted = _bits_axis("sifted ({}), thin", growth.sifted_bits, n_most=2)
    first_s = growth.first_key_s
    after = "no key" if first_s is None else f"first key after {first_s - contact.start_s} s"
    return Chart(
        kind="key",
        left=left,
        right=right,
        curves=(
            _curve("secret", time, growth.t_s, growth.secret_bits, of_secret),
            _curve("sifted", time, growth.t_s, growth.sifted_bits, of_sifted, on_right=True),
        ),
        rule=Rule(
            from_frac=time.at_frac(contact.start_s),
            at_frac=time.at_frac(contact.end_s if first_s is None else first_s),
            label=after,
        ),
        text=f"{threshold_text(contact, growth)}; {bits_text(float(growth.secret_bits[-1]))} secret at the end of "
        f"{bits_text(float(growth.sifted_bits[-1]))} sifted",
    )


def threshold_text(contact: Contact, growth: KeyGrowth) -> str:
    """From when on there is key."""
    if growth.first_key_s is None:
        return "No key at any time: the block is too small"
    return f"No key before {growth.first_key_s - contact.start_s} s: the block is too small"


def over_contact(t_s: FloatArray, values: FloatArray, contact: Contact) -> float:
    """The mean over the contact's seconds of samples (n,) at instants (n,), linear between them."""
    middles_s = np.arange(contact.start_s, contact.end_s) + 0.5
    return float(np.interp(middles_s, t_s, values).mean())


def _bits_axis(title: str, values: FloatArray, n_most: int = 3) -> tuple[ValueAxis, Scale]:
    """An axis from zero that counts in the largest unit of which there is at least one."""
    unit, name = next((pair for pair in _UNITS if values.max() >= pair[0]), _UNITS[-1])
    return linear_axis(title.format(name), values, n_most=n_most, unit=unit)


def _curve(
    kind: CurveKind, time: TimeAxis, t_s: FloatArray, values: FloatArray, scale: Scale, *, on_right: bool = False
) -> Curve:
    return Curve(kind=kind, points=_points(_CHART_OF[kind], time, t_s, values, scale), on_right=on_right)


def _points(chart: ChartKind, time: TimeAxis, t_s: FloatArray, values: FloatArray, scale: Scale) -> Points:
    """A line over the axis; a sample stands for the second around it, so the first and the last reach half on."""
    if chart != "key":
        t_s = np.concatenate([t_s[:1] - 0.5, t_s, t_s[-1:] + 0.5])
        values = np.concatenate([values[:1], values, values[-1:]])
    return line(time.share(t_s), scale(values), (WIDTH, HEIGHTS[chart]))


def _span(values: FloatArray, form: str) -> str:
    """``12`` or ``12 to 34``."""
    low, high = format(values.min(), form), format(values.max(), form)
    return low if low == high else f"{low} to {high}"

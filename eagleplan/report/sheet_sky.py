"""The sky over a station during a pass: where the satellite goes, where the Sun and the Moon are, what hides it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from eagleplan.model import Contact, ContactTrace, Pass, Site, SkyTrack
from eagleplan.report.index import PlanIndex
from eagleplan.report.sheet_axes import kept
from eagleplan.report.times import clock_text
from eagleplan.units import FloatArray

MarkKind = Literal["rise", "culmination", "set", "start", "end"]

RINGS_DEG = (0, 30, 60)
"""Elevations of the rings."""

TOLERANCE = 0.0025
"""Paths are thinned to this share of the horizon's radius: less than 0.3 pixels of a plot of 122."""

ARROW_AT = 0.7
"""The arrow lies past the middle of the contact, where no culmination is in its way."""

_MASK_STEP_DEG = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SkyPath:
    """A line across the sky, thinned; azimuths are clockwise from north, elevations geometric."""

    azimuth_deg: tuple[float, ...]
    elevation_deg: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SkyMark:
    """An instant of the pass; `clock` is UTC, `label` what stands beside the mark, `text` what it says in full."""

    kind: MarkKind
    azimuth_deg: float
    elevation_deg: float
    clock: str
    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SkyArrow:
    """The way of flight at a place: `heading_deg` is clockwise from the top of the plot."""

    azimuth_deg: float
    elevation_deg: float
    heading_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SkyBody:
    """The Sun or the Moon at the contact's middle; `illuminated_frac` is the Moon's phase."""

    kind: Literal["sun", "moon"]
    azimuth_deg: float
    elevation_deg: float
    illuminated_frac: float | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SkyPlot:
    """A pass from rise to set, the contact, the windows that it does not fill; `text` says the essentials in words.

    `mask` is the lowest elevation that counts, from azimuth 0 to 360; where that is the same all around, two points.
    """

    mask: SkyPath
    whole: SkyPath
    windows: tuple[SkyPath, ...]
    contact: SkyPath
    arrow: SkyArrow
    marks: tuple[SkyMark, ...]
    bodies: tuple[SkyBody, ...]
    text: str


def sky_place(azimuth_deg: float, elevation_deg: float) -> tuple[float, float]:
    """East and north on the plot: the zenith is (0, 0), the horizon the circle of radius 1, with north at the top."""
    radius = (90.0 - elevation_deg) / 90.0
    azimuth = math.radians(azimuth_deg)
    return radius * math.sin(azimuth), radius * math.cos(azimuth)


def sky_plot(index: PlanIndex, contact: Contact, trace: ContactTrace) -> SkyPlot:
    """The plot of a contact's pass."""
    planned, site = index.passes[contact.pass_id], index.sites[contact.site_id]
    track = trace.track
    marks = (*_pass_marks(index, planned, track), *_contact_marks(index, contact, track))
    bodies = _bodies(trace)
    return SkyPlot(
        mask=_mask(site),
        whole=_path(track.azimuth_deg, track.elevation_deg),
        windows=tuple(
            _part(track, window.start_s, window.end_s)
            for window in planned.windows
            if window.start_s <= contact.start_s - 1.0 or window.end_s >= contact.end_s + 1.0
        ),
        contact=_part(track, contact.start_s, contact.end_s),
        arrow=_arrow(track, contact),
        marks=marks,
        bodies=bodies,
        text=_words(site, planned, marks),
    )


def _pass_marks(index: PlanIndex, planned: Pass, track: SkyTrack) -> Iterable[SkyMark]:
    first_deg, last_deg = float(track.elevation_deg[0]), float(track.elevation_deg[-1])
    culmination = ("culminates", planned.culmination_s, planned.culmination_azimuth_deg, planned.max_elevation_deg)
    ends: tuple[tuple[MarkKind, str, float, float, float], ...] = (
        ("rise", "begins" if planned.cut_start else "rises", planned.rise_s, planned.rise_azimuth_deg, first_deg),
        ("culmination", *culmination),
        ("set", "ends" if planned.cut_end else "sets", planned.set_s, planned.set_azimuth_deg, last_deg),
    )
    for kind, verb, t_s, azimuth_deg, elevation_deg in ends:
        clock = clock_text(index.utc(t_s))
        yield SkyMark(
            kind=kind,
            azimuth_deg=round(azimuth_deg, 2),
            elevation_deg=round(elevation_deg, 2),
            clock=clock,
            label=f"{elevation_deg:.0f}°" if kind == "culmination" else clock[:5],
            text=f"{verb} {clock} UTC at azimuth {_whole_deg(azimuth_deg)}°, elevation {elevation_deg:.0f}°",
        )


def _contact_marks(index: PlanIndex, contact: Contact, track: SkyTrack) -> Iterable[SkyMark]:
    ends: tuple[tuple[MarkKind, int], ...] = (("start", contact.start_s), ("end", contact.end_s))
    for kind, t_s in ends:
        azimuth_deg, elevation_deg = _seen(track, np.array([float(t_s)]))
        clock = clock_text(index.utc(t_s))
        yield SkyMark(
            kind=kind,
            azimuth_deg=round(float(azimuth_deg[0]), 2),
            elevation_deg=round(float(elevation_deg[0]), 2),
            clock=clock,
            label=clock,
            text=f"contact {kind}s {clock} UTC at elevation {elevation_deg[0]:.0f}°",
        )


def _words(site: Site, planned: Pass, marks: Sequence[SkyMark]) -> str:
    at = {mark.kind: mark for mark in marks}
    return (
        f"Sky over {site.name}: from azimuth {_whole_deg(planned.rise_azimuth_deg)}° to "
        f"{_whole_deg(planned.set_azimuth_deg)}°, up to {planned.max_elevation_deg:.0f}° at azimuth "
        f"{_whole_deg(planned.culmination_azimuth_deg)}°; contact {at['start'].clock} at elevation "
        f"{at['start'].elevation_deg:.0f}° to {at['end'].clock} UTC at {at['end'].elevation_deg:.0f}°"
    )


def _whole_deg(azimuth_deg: float) -> int:
    return round(azimuth_deg) % 360


def _bodies(trace: ContactTrace) -> tuple[SkyBody, ...]:
    lit = f", {100.0 * trace.moon_illuminated_frac:.0f} % lit"
    return (
        SkyBody(
            kind="sun",
            azimuth_deg=round(trace.sun_azimuth_deg, 2),
            elevation_deg=round(trace.sun_elevation_deg, 2),
            illuminated_frac=None,
            text=_height("Sun", trace.sun_azimuth_deg, trace.sun_elevation_deg),
        ),
        SkyBody(
            kind="moon",
            azimuth_deg=round(trace.moon_azimuth_deg, 2),
            elevation_deg=round(trace.moon_elevation_deg, 2),
            illuminated_frac=round(trace.moon_illuminated_frac, 4),
            text=_height("Moon", trace.moon_azimuth_deg, trace.moon_elevation_deg) + lit,
        ),
    )


def _height(name: str, azimuth_deg: float, elevation_deg: float) -> str:
    side = "above" if elevation_deg >= 0.0 else "below"
    return f"{name} {abs(elevation_deg):.0f}° {side} the horizon at azimuth {_whole_deg(azimuth_deg)}°"


def _mask(site: Site) -> SkyPath:
    """The site's mask, or its minimum elevation where that is higher: linear in azimuth, so drawn in small steps."""
    mask = site.horizon_mask
    if mask is None or mask.elevation_deg.max() <= site.min_elevation_deg:
        return SkyPath(azimuth_deg=(0.0, 360.0), elevation_deg=(site.min_elevation_deg,) * 2)
    azimuth_deg = np.unique(np.concatenate([np.arange(0.0, 360.1, _MASK_STEP_DEG), mask.azimuth_deg % 360.0]))
    over_deg = np.interp(azimuth_deg, mask.azimuth_deg, mask.elevation_deg, period=360.0)
    return _path(azimuth_deg, np.maximum(over_deg, site.min_elevation_deg))


def _path(azimuth_deg: FloatArray, elevation_deg: FloatArray) -> SkyPath:
    places = np.array([sky_place(*place) for place in zip(azimuth_deg.tolist(), elevation_deg.tolist(), strict=True)])
    numbers = kept(places[:, 0], places[:, 1], TOLERANCE)
    return SkyPath(
        azimuth_deg=tuple(round(value, 2) for value in azimuth_deg[numbers].tolist()),
        elevation_deg=tuple(round(value, 2) for value in elevation_deg[numbers].tolist()),
    )


def _part(track: SkyTrack, start_s: float, end_s: float) -> SkyPath:
    """The part of a track between two instants, cut to what the track has."""
    inside = track.t_s[(track.t_s > start_s) & (track.t_s < end_s)]
    return _path(*_seen(track, np.concatenate([[start_s], inside, [end_s]])))


def _seen(track: SkyTrack, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Azimuth and elevation (n,) at instants (n,): directions between samples lie on the chord of theirs."""
    azimuth, elevation = np.radians(track.azimuth_deg), np.radians(track.elevation_deg)
    east, north, up = (
        np.interp(t_s, track.t_s, component)
        for component in (
            np.cos(elevation) * np.sin(azimuth),
            np.cos(elevation) * np.cos(azimuth),
            np.sin(elevation),
        )
    )
    return np.degrees(np.arctan2(east, north)) % 360.0, np.degrees(np.arctan2(up, np.hypot(east, north)))


def _arrow(track: SkyTrack, contact: Contact) -> SkyArrow:
    at_s = contact.start_s + ARROW_AT * contact.duration_s
    azimuth_deg, elevation_deg = _seen(track, np.array([at_s - 0.5, at_s, at_s + 0.5]))
    places = [sky_place(*place) for place in zip(azimuth_deg.tolist(), elevation_deg.tolist(), strict=True)]
    heading = math.atan2(places[2][0] - places[0][0], places[2][1] - places[0][1])
    return SkyArrow(
        azimuth_deg=round(float(azimuth_deg[1]), 2),
        elevation_deg=round(float(elevation_deg[1]), 2),
        heading_deg=round(math.degrees(heading) % 360.0, 1),
    )

"""The sky plot of a contact sheet in the pixels of the page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eagleplan.report.boxes import Box, box_around, overlap
from eagleplan.report.path_data import line_data, number_text
from eagleplan.report.sheet_labels import LabelPlace, crossings, free_place
from eagleplan.report.sheet_sky import RINGS_DEG, SkyArrow, SkyBody, SkyMark, SkyPath, SkyPlot, sky_place

SKY_SIZE = 300
SKY_RADIUS = 122
"""The sky is drawn in a square of this size, its horizon with this radius about the middle."""

_SAME = 8.0
"""Of marks so close together one is labelled."""

_BELOW_HORIZON = 1.07
"""A body below the horizon stands this far out, in radii."""

_LABEL_ORDER = ("start", "end", "culmination", "rise", "set")
"""Who chooses its place first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnMark:
    """A mark of the sky plot, where it lies, and where its label stands; None where there is no room for one.

    `is_end` says that it is an end of the contact.
    """

    mark: SkyMark
    x: str
    y: str
    label: LabelPlace | None
    is_end: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnBody:
    """The Sun or the Moon; hollow below the horizon."""

    body: SkyBody
    x: str
    y: str
    is_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnSky:
    """Path data of a sky plot.

    `mask` is what the horizon hides, `rings` are (x, y, label) of the elevation rings.
    """

    plot: SkyPlot
    grid: str
    rings: tuple[tuple[str, str, str], ...]
    mask: str
    whole: str
    windows: str
    contact: str
    arrow: str
    bodies: tuple[DrawnBody, ...]
    marks: tuple[DrawnMark, ...]


def drawn_sky(plot: SkyPlot) -> DrawnSky:
    """A sky plot, drawn."""
    taken: list[Box] = [box_around(*_place(mark.azimuth_deg, mark.elevation_deg), 4.0) for mark in plot.marks]
    taken += [*_compass_boxes(), *(box_around(*_body_place(body), 7.0) for body in plot.bodies)]
    line = [_place(*place) for place in zip(plot.whole.azimuth_deg, plot.whole.elevation_deg, strict=True)]
    marks, labelled = [], list[tuple[float, float]]()
    for mark in sorted(plot.marks, key=lambda mark: _LABEL_ORDER.index(mark.kind)):
        x, y = _place(mark.azimuth_deg, mark.elevation_deg)
        known = any(math.hypot(x - other_x, y - other_y) < _SAME for other_x, other_y in labelled)
        label = None if known else free_place(mark.label, x, y, taken, line, SKY_SIZE)
        if label is not None:
            taken.append(label.box)
            labelled.append((x, y))
        is_end = mark.kind in ("start", "end")
        marks.append(DrawnMark(mark=mark, x=number_text(x), y=number_text(y), label=label, is_end=is_end))
    bodies = []
    for body in plot.bodies:
        x, y = _body_place(body)
        bodies.append(DrawnBody(body=body, x=number_text(x), y=number_text(y), is_up=body.elevation_deg >= 0.0))
    return DrawnSky(
        plot=plot,
        grid="".join(_circle(_radius(ring_deg)) for ring_deg in RINGS_DEG) + _cross(),
        rings=_ring_labels(taken, line),
        mask=_mask(plot.mask),
        whole=_path(plot.whole),
        windows="".join(map(_path, plot.windows)),
        contact=_path(plot.contact),
        arrow=_arrow(plot.arrow),
        bodies=tuple(bodies),
        marks=tuple(marks),
    )


def _radius(elevation_deg: float) -> float:
    return SKY_RADIUS * (90.0 - elevation_deg) / 90.0


def _place(azimuth_deg: float, elevation_deg: float) -> tuple[float, float]:
    east, north = sky_place(azimuth_deg, elevation_deg)
    return SKY_SIZE / 2 + SKY_RADIUS * east, SKY_SIZE / 2 - SKY_RADIUS * north


def _body_place(body: SkyBody) -> tuple[float, float]:
    """A body below the horizon stands just outside it."""
    return _place(body.azimuth_deg, body.elevation_deg if body.elevation_deg >= 0.0 else 90.0 * (1.0 - _BELOW_HORIZON))


def _compass_boxes() -> Iterable[Box]:
    middle, far = SKY_SIZE / 2, SKY_RADIUS + 13.0
    for x, y in ((0.0, -far), (far, 0.0), (0.0, far), (-far, 0.0)):
        yield box_around(middle + x, middle + y, 7.0)


def _ring_labels(taken: Sequence[Box], line: Sequence[tuple[float, float]]) -> tuple[tuple[str, str, str], ...]:
    """(x, y, label) of the rings above the horizon, all along one of the four axes: the one where least is in the way.

    A label in the way counts more than any crossing of the satellite's line.
    """
    found = []
    for azimuth_deg in (180.0, 0.0, 90.0, 270.0):
        places = [_place(azimuth_deg, ring_deg) for ring_deg in RINGS_DEG[1:]]
        boxes = [(x + 2.0, y - 12.0, x + 22.0, y) for x, y in places]
        covered = sum(overlap(box, other) for box in boxes for other in taken)
        crossed = sum(crossings(box, line) for box in boxes)
        labels = tuple(
            (number_text(x + 2.0), number_text(y - 3.0), f"{ring_deg}°")
            for (x, y), ring_deg in zip(places, RINGS_DEG[1:], strict=True)
        )
        found.append(((covered, crossed), labels))
    return min(found, key=lambda each: each[0])[1]


def _path(path: SkyPath) -> str:
    return line_data([_place(*place) for place in zip(path.azimuth_deg, path.elevation_deg, strict=True)])


def _mask(mask: SkyPath) -> str:
    """The area between the horizon and the mask, for the rule evenodd."""
    rim = _circle(SKY_RADIUS)
    if len(mask.azimuth_deg) == 2:
        return rim + _circle(_radius(mask.elevation_deg[0]))
    return f"{rim}{_path(mask)}z"


def _circle(radius: float) -> str:
    middle, r, across = SKY_SIZE // 2, number_text(radius), number_text(2.0 * radius)
    return f"M{number_text(middle - radius)},{middle}a{r},{r} 0 1 0 {across},0a{r},{r} 0 1 0 -{across},0z"


def _cross() -> str:
    """The lines from north to south and from east to west."""
    middle, first, across = SKY_SIZE // 2, SKY_SIZE // 2 - SKY_RADIUS, 2 * SKY_RADIUS
    return f"M{first},{middle}h{across}M{middle},{first}v{across}"


def _arrow(arrow: SkyArrow) -> str:
    """A triangle at the arrow's place."""
    x, y = _place(arrow.azimuth_deg, arrow.elevation_deg)
    corners = []
    for turn_deg, length in ((0.0, 9.0), (140.0, 7.0), (220.0, 7.0)):
        heading = math.radians(arrow.heading_deg + turn_deg)
        corners.append((x + length * math.sin(heading), y - length * math.cos(heading)))
    return line_data(corners) + "z"

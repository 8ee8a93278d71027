"""What a map is made of: points on a sheet, without a word of HTML or of any drawing library.

Points are (x, y) on a sheet that is `Sheet.width` wide, y downwards, rounded to a tenth and cut to their frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from eagleplan.model.site import SiteStatus

Point = tuple[float, float]
Line = tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A text; `at` is on its baseline."""

    text: str
    at: Point
    anchor: Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleBar:
    """How long so many kilometres are in the middle of a frame."""

    length_km: float
    start: Point
    end: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteMark:
    """A station. Without a label there was no room for one."""

    site_id: str
    name: str
    country: str
    status: SiteStatus
    n_contacts: int
    expected_bits: int
    latitude_deg: float
    longitude_deg: float
    at: Point
    label: Label | None
    title: str

    @property
    def used(self) -> bool:
        """Whether the plan has a contact here."""
        return self.n_contacts > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """Where the point below a satellite may lie while the satellite is above a station's minimum elevation.

    `height_km` is the satellite's height at which it is drawn: the mean over the rises and sets of the contacts.
    """

    site_id: str
    satellite_id: str
    country: str
    min_elevation_deg: float
    height_km: float
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """The way below a satellite from rise to set of a pass, and the part of it in the contact."""

    contact_id: str
    site_id: str
    satellite_id: str
    country: str
    lines: tuple[Line, ...]
    contact_lines: tuple[Line, ...]
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A part of the world in a rectangle of the sheet; `unit_km` are the kilometres of one unit in its middle.

    `land` are rings to fill (even-odd), without a repeated point; `coast` and `borders` are lines.
    """

    name: str
    left: int
    top: int
    width: int
    height: int
    unit_km: float
    land: tuple[Line, ...]
    coast: tuple[Line, ...]
    borders: tuple[Line, ...]
    graticule: tuple[Line, ...]
    degrees: tuple[Label, ...]
    bar: ScaleBar
    circles: tuple[Circle, ...]
    tracks: tuple[Track, ...]
    sites: tuple[SiteMark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Key between two nodes, all demands of the pair together; `width_frac` is its share of the largest delivery.

    The arc is a parabola from `start` to `end` drawn towards `bend` (a quadratic Bézier curve). All three are None
    where an end has no place on the map.
    """

    node_a: str
    node_b: str
    wanted_bits: int
    delivered_bits: int
    met_frac: float
    width_frac: float
    start: Point | None
    bend: Point | None
    end: Point | None
    title: str

    @property
    def line(self) -> Line:
        """The arc as seventeen points; none where an end has no place."""
        if self.start is None or self.bend is None or self.end is None:
            return ()
        (ax, ay), (bx, by), (cx, cy) = self.start, self.bend, self.end
        shares = [number / 16.0 for number in range(17)]
        return tuple(
            (
                round((1 - s) ** 2 * ax + 2 * s * (1 - s) * bx + s * s * cx, 1),
                round((1 - s) ** 2 * ay + 2 * s * (1 - s) * by + s * s * cy, 1),
            )
            for s in shares
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The whole map: the first frame is the main one, the others are insets. Flows come widest first."""

    width: int
    height: int
    frames: tuple[Frame, ...]
    flows: tuple[Flow, ...]
    unplaced: tuple[Flow, ...]

    @property
    def sites(self) -> tuple[SiteMark, ...]:
        """Every station, by its id."""
        return tuple(sorted((mark for frame in self.frames for mark in frame.sites), key=lambda mark: mark.site_id))

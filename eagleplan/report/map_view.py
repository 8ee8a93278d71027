"""A rectangle of the sheet that shows a part of the world: places, lines and land cut to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eagleplan.report.map_shapes import Line
from eagleplan.report.outline import Paths
from eagleplan.report.projection import LambertAzimuthal, unit_vectors
from eagleplan.units import FloatArray

NEAR_COS = 0.2
"""Lines are drawn where the cosine of their distance from the centre is above this: as far as 78°."""

PYRAMID_MARGIN = 1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a frame shows: `width_km` of `projection` from `west_km` on, `north_km` at its upper edge."""

    name: str
    projection: LambertAzimuthal
    west_km: float
    north_km: float
    width_km: float
    left: int
    top: int
    width: int
    height: int

    @property
    def unit_km(self) -> float:
        """Kilometres of one unit of the sheet."""
        return self.width_km / self.width

    @property
    def rectangle(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom on the sheet."""
        return self.left, self.top, self.left + self.width, self.top + self.height

    def on_sheet(self, latitude_deg: FloatArray, longitude_deg: FloatArray) -> FloatArray:
        """Places (n,) as points (n, 2) on the sheet, inside the frame or not."""
        x_km, y_km = self.projection.plane_km(latitude_deg, longitude_deg)
        return np.stack(
            (self.left + (x_km - self.west_km) / self.unit_km, self.top + (self.north_km - y_km) / self.unit_km), axis=1
        )

    def holds(self, points: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which of the points (n, 2) on the sheet lie in the frame."""
        left, top, right, bottom = self.rectangle
        x, y = points.T
        return np.asarray((x >= left) & (x <= right) & (y >= top) & (y <= bottom))

    def line(self, latitude_deg: FloatArray, longitude_deg: FloatArray) -> tuple[Line, ...]:
        """A line over places (n,), cut to the frame."""
        points = self.on_sheet(latitude_deg, longitude_deg)
        near = self._centre @ unit_vectors(latitude_deg, longitude_deg) > NEAR_COS
        return cut_line(points, near, self.rectangle)

    def lines(self, paths: Paths) -> tuple[Line, ...]:
        """Lines cut to the frame."""
        near = paths.vectors @ self._centre > NEAR_COS
        points = self.on_sheet(*paths.points_deg.T)
        inside = self.holds(points)
        found: list[Line] = []
        for first, end in zip(paths.starts, paths.starts[1:], strict=False):
            if inside[first:end].any():
                found += cut_line(points[first:end], near[first:end], self.rectangle)
        return tuple(found)

    def land(self, paths: Paths) -> tuple[Line, ...]:
        """Rings cut to the frame; where a ring leaves it, the frame's edge closes it.

        Cut first by the four planes of a pyramid round the frame, whose tip is the Earth's centre, so that nothing is
        left that the projection could turn inside out.
        """
        normals = self._pyramid
        heights = paths.vectors @ normals.T
        left, top, right, bottom = self.rectangle
        found: list[Line] = []
        for first, end in zip(paths.starts, paths.starts[1:], strict=False):
            own = heights[first:end]
            if (own.max(axis=0) < 0.0).any():
                continue
            ring = paths.vectors[first:end]
            for number in np.flatnonzero(own.min(axis=0) < 0.0):
                ring = cut_ring(ring, ring @ normals[number])
            if len(ring) < 3:
                continue
            x, y, z = ring.T
            points = self.on_sheet(np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x)))
            for axis, edge, side in ((0, left, 1.0), (0, right, -1.0), (1, top, 1.0), (1, bottom, -1.0)):
                points = cut_ring(points, side * (points[:, axis] - edge))
            line = _rounded(points)
            line = line[:-1] if len(line) > 1 and line[0] == line[-1] else line
            if len(line) > 2:
                found.append(line)
        return tuple(found)

    @property
    def _centre(self) -> FloatArray:
        return unit_vectors(
            np.array([self.projection.centre_latitude_deg]), np.array([self.projection.centre_longitude_deg])
        )[:, 0]

    @property
    def _pyramid(self) -> FloatArray:
        """Inward normals (4, 3) of planes through the Earth's centre that hold the frame between them."""
        longitude = np.radians(self.projection.centre_longitude_deg)
        east = np.array([-np.sin(longitude), np.cos(longitude), 0.0])
        north = np.cross(self._centre, east)
        middle_x_km, middle_y_km = self.projection.false_easting_km, self.projection.false_northing_km
        x_km = max(abs(self.west_km - middle_x_km), abs(self.west_km + self.width_km - middle_x_km))
        south_km = self.north_km - self.height * self.unit_km
        y_km = max(abs(self.north_km - middle_y_km), abs(south_km - middle_y_km))
        corner_km = float(np.hypot(x_km, y_km))
        angle = min(2.0 * np.arcsin(min(corner_km / (2.0 * 6371.0), 1.0)), np.radians(80.0))
        reach = PYRAMID_MARGIN * np.tan(angle) / corner_km
        return np.stack(
            [
                side * axis + half_km * reach * self._centre
                for axis, half_km in ((east, x_km), (north, y_km))
                for side in (1.0, -1.0)
            ]
        )


def cut_ring(ring: FloatArray, height: FloatArray) -> FloatArray:
    """The part of a ring (n, d) where a linear height (n,) is not negative (Sutherland and Hodgman 1974)."""
    if not len(ring):
        return ring
    after, height_after = np.roll(ring, -1, axis=0), np.roll(height, -1)
    crosses = height * height_after < 0.0
    share = np.where(crosses, height, 0.0) / np.where(crosses, height - height_after, 1.0)
    crossing = ring + share[:, None] * (after - ring)
    both = np.stack((ring, crossing), axis=1)
    keep = np.stack((height >= 0.0, crosses), axis=1)
    return np.asarray(both[keep])


def cut_line(
    points: FloatArray,
    near: np.ndarray[tuple[int], np.dtype[np.bool_]],
    rectangle: tuple[float, float, float, float],
) -> tuple[Line, ...]:
    """The parts of a line (n, 2) in a rectangle, by Liang and Barsky (1984); steps to a far point are left out."""
    left, top, right, bottom = rectangle
    start, step = points[:-1], np.diff(points, axis=0)
    enter, leave = np.zeros(len(step)), np.ones(len(step))
    usable = near[:-1] & near[1:]
    for axis, edge, side in ((0, left, 1.0), (0, right, -1.0), (1, top, 1.0), (1, bottom, -1.0)):
        gap, pace = side * (start[:, axis] - edge), side * step[:, axis]
        still = pace == 0.0
        at = -gap / np.where(still, 1.0, pace)
        enter = np.where(pace > 0.0, np.maximum(enter, at), enter)
        leave = np.where(pace < 0.0, np.minimum(leave, at), leave)
        usable &= ~(still & (gap < 0.0))
    usable &= enter < leave
    found: list[Line] = []
    pieces: list[FloatArray] = []
    for number in np.flatnonzero(usable):
        first = start[number] + enter[number] * step[number]
        last = start[number] + leave[number] * step[number]
        if pieces and not (enter[number] == 0.0 and number > 0 and usable[number - 1] and leave[number - 1] == 1.0):
            found.append(_rounded(np.array(pieces)))
            pieces = []
        pieces = pieces or [first]
        pieces.append(last)
    if pieces:
        found.append(_rounded(np.array(pieces)))
    return tuple(line for line in found if len(line) > 1)


def _rounded(points: FloatArray) -> Line:
    """To a tenth of a unit, without points that come to lie on the one before."""
    line: list[tuple[float, float]] = []
    for x, y in np.round(points, 1).tolist():
        point = (x + 0.0, y + 0.0)
        if not line or point != line[-1]:
            line.append(point)
    return tuple(line)

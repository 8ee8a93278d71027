"""Horizon masks: what stands between a telescope and the sky, by azimuth."""

from __future__ import annotations

from itertools import pairwise

from eagleplan.inputs.table import raise_problems, read_rows
from eagleplan.model import HorizonMask
from eagleplan.units import read_only


def parse_horizon_mask(text: str, path: str) -> HorizonMask:
    """A mask from a table of `azimuth_deg` (increasing, 0 to 360) and `elevation_deg`; between rows it is
    linear.

    A row at 360 must repeat the one at 0. Raises InputError with all problems: where an azimuth comes twice,
    or comes back, the table is no function of azimuth.
    """
    rows, problems = read_rows(text, path, required=("azimuth_deg", "elevation_deg"))
    points = [
        (
            row.number("azimuth_deg", minimum=0.0, maximum=360.0),
            row.number("elevation_deg", minimum=-30.0, maximum=90.0),
        )
        for row in rows
    ]
    for (before, row), (last, here) in zip(pairwise(rows), pairwise(points), strict=True):
        if not before.bad and not row.bad and not here[0] > last[0]:
            message = f"must be above the {last[0]:g} of line {before.line}: a mask is a function of azimuth"
            row.wrong("azimuth_deg", message, row.cells["azimuth_deg"])
    if points and points[0][0] == 0.0 and points[-1][0] == 360.0 and points[0][1] != points[-1][1]:
        rows[-1].wrong("elevation_deg", f"must be the {points[0][1]:g} of azimuth 0", f"{points[-1][1]:g}")
    raise_problems(rows, problems)
    if points[-1][0] == 360.0:
        end = points.pop()
        if not points or points[0][0] != 0.0:
            points.insert(0, (0.0, end[1]))
    return HorizonMask(
        azimuth_deg=read_only([azimuth for azimuth, _ in points]),
        elevation_deg=read_only([elevation for _, elevation in points]),
    )

"""What every forecast file says, whatever its format: cloud cover by layer at one place, hour by hour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from eagleplan.units import FloatArray

MAX_STEP = timedelta(hours=6)
"""Values further apart say nothing of the hours between them."""

MAX_DISTANCE_KM = 50.0
"""A grid point further from a site is another place: the coarsest grids are half a degree wide."""

LAYERS = ("low", "mid", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudSeries:
    """One run at one place.

    `cover_frac` maps "total", "low", "mid", "high" to (n_members, n_times) at `times_utc`; it holds the total, or the
    three layers, or all four. `place` is a site id, or latitude and longitude of a grid point in degrees, east
    positive. `issued_utc` is when the run was made, where the file says so. `field` is the series' place in the file.
    """

    place: str | tuple[float, float]
    issued_utc: datetime | None
    times_utc: tuple[datetime, ...]
    cover_frac: Mapping[str, FloatArray]
    field: str | None = None
    line: int | None = None


def uneven_steps(times: Sequence[datetime]) -> Iterator[tuple[int, str]]:
    """(index, what is wrong) of each time that does not follow the one before it as it should.

    Steps may grow along a run, as models give them, but a step that is longer than a later one has lost hours.
    """
    steps = [later - earlier for earlier, later in pairwise(times)]
    shortest_after = timedelta.max
    found = []
    for i in range(len(steps) - 1, -1, -1):
        if steps[i] <= timedelta(0):
            found.append((i + 1, "is not after the time before it"))
            continue
        if steps[i] > min(shortest_after, MAX_STEP):
            found.append((i + 1, f"hours are missing: {_hours(steps[i])} h after the time before it"))
        shortest_after = min(shortest_after, steps[i])
    yield from reversed(found)


def _hours(step: timedelta) -> str:
    return f"{step / timedelta(hours=1):g}"

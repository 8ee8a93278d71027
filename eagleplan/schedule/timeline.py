"""The other way to say that uses of a resource exclude one another: one unit of flow through its time.

A resource is a path of instants. Between two of them it idles, or it serves from the instant where a use
starts to the first one at which the next could. One unit enters at the first instant and leaves at the last.
Every use stands in two rows instead of in every clique it belongs to, and the matrix is a network's: without
further rows its relaxation has whole-numbered corners.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from eagleplan.schedule.programme import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Instants 0 … `n_instants`−1 with an idle arc from each to the next, and an arc per use.

    `arcs` holds (from instant, to instant, column).
    """

    n_instants: int
    arcs: tuple[tuple[int, int, int], ...]


def timeline(resource: Resource) -> Timeline:
    """The timeline of a resource: its instants are those at which some use begins, and the end."""
    starts = sorted({start for start, _, _ in resource.uses})
    return Timeline(
        n_instants=len(starts) + 1,
        arcs=tuple(
            (bisect_left(starts, start), bisect_left(starts, end), column) for start, end, column in resource.uses
        ),
    )

"""Sets of stations: all of them, without one, with one more, with several more."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations

from eagleplan.study.study import StationSet

BASE = "base"


def n_station_sets(base: Sequence[str], *, leave_one_out: bool, add_one: Sequence[str], max_added: int) -> int:
    """How many sets `station_sets` gives."""
    n_added = sum(math.comb(len(add_one), size) for size in range(1, max_added + 1))
    return 1 + (len(base) if leave_one_out else 0) + n_added


def station_sets(
    base: Sequence[str], *, leave_one_out: bool, add_one: Sequence[str], max_added: int
) -> Iterator[StationSet]:
    """The base; the base without each of its stations; the base with each of `add_one`, each pair of them, and so on
    up to `max_added`."""
    yield StationSet(name=BASE, site_ids=tuple(base))
    for left_out in base if leave_one_out else ():
        site_ids = tuple(site_id for site_id in base if site_id != left_out)
        yield StationSet(name=f"without {left_out}", site_ids=site_ids, left_out=left_out)
    for size in range(1, max_added + 1):
        for added in combinations(add_one, size):
            yield StationSet(name=f"with {', '.join(added)}", site_ids=(*base, *added), added=added)

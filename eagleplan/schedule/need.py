"""What a contact would be worth to demands, given those that are taken: for the rules that look at demand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from eagleplan.schedule.allocation import prices
from eagleplan.schedule.formulation import Formulation
from eagleplan.schedule.room import Room
from eagleplan.schedule.utility import Segment

_Use = tuple[int, int]
"""A route, and the side of it (0 or 1) that an edge is on."""


class Need:
    """Reserves the bits of every contact taken for the demands that can use them, best price first.

    A reserved bit that meets one reserved on the other side of its route completes a pair and counts its price in
    full; one that waits for its partner counts half. All contacts of one cohort bring the same kind of bits and are
    looked at together: what is worth most of them is kept until something changes for them. A demand that has got more
    on one side changes what all its routes are worth on that side, and one of them on the other.
    """

    def __init__(self, formulation: Formulation, room: Room) -> None:
        self.network, self.room = formulation.network, room
        self._prices = prices(formulation)
        self._is_open = np.array([room.has_room(index) for index in range(len(room.candidates))], dtype=bool)
        self._reserved = [[0, 0] for _ in self.network.routes]
        self._held = [[0, 0] for _ in self.network.demands]
        self._pairs = [0 for _ in self.network.demands]
        self._routes_of = self.network.routes_of()
        self._parts_of: dict[_Use, list[tuple[int, float]]] = {}
        self._groups: list[tuple[int, tuple[_Use, ...], np.ndarray, np.ndarray]] = []
        self._group_of: dict[int, int] = {}
        self._groups_of_demand: dict[int, list[int]] = defaultdict(list)
        self._groups_of_use: dict[_Use, list[int]] = defaultdict(list)
        self._dirty: set[int] = set()
        uses_of = self._uses_of_edges()
        for number, edge in enumerate(self.network.edges):
            for cohort in edge.cohorts:
                instants = set(edge.instants_s[cohort.first : cohort.last + 1])
                uses = tuple(use for use in uses_of[number] if instants & set(self.network.routes[use[0]].instants_s))
                if cohort.fixed_bits:
                    self._reserve(uses, cohort.fixed_bits)
                if uses and cohort.candidates:
                    self._add_group(number, uses, cohort.candidates)
        self._best: dict[int, tuple[float, int]] = {}
        self._dirty.update(range(len(self._groups)))
        for index in room.taken:
            if index in self._group_of:
                self._reserve(self._groups[self._group_of[index]][1], room.candidates[index].bits)

    def best(self) -> int | None:
        """The contact that is worth most, the shortest of equals; None where none is worth anything."""
        for group in self._dirty:
            _, uses, members, bits = self._groups[group]
            self._best[group] = self._best_of(members, bits, self._worth(uses))
        self._dirty.clear()
        worth, index = max(self._best.values(), key=lambda pair: (pair[0], -pair[1]), default=(0.0, -1))
        return index if worth > 0.0 else None

    def best_for(self, demand: int) -> int | None:
        """The contact that is worth most to one demand."""
        found = (0.0, -1)
        for group in self._groups_of_demand[demand]:
            _, uses, members, bits = self._groups[group]
            own = tuple(use for use in uses if self.network.routes[use[0]].demand == demand)
            found = max(found, self._best_of(members, bits, self._worth(own)), key=lambda pair: (pair[0], -pair[1]))
        return found[1] if found[0] > 0.0 else None

    def fly(self, index: int) -> None:
        """Take a contact."""
        for other in self.room.take(index):
            self._is_open[other] = False
            if other in self._group_of:
                self._dirty.add(self._group_of[other])
        self._reserve(self._groups[self._group_of[index]][1], self.room.candidates[index].bits)

    def met_frac(self, demand: int) -> float:
        """The part of a demand for which both sides have key."""
        return self._pairs[demand] / self.network.demands[demand].bits

    def _uses_of_edges(self) -> list[list[_Use]]:
        found: list[list[_Use]] = [[] for _ in self.network.edges]
        for number, route in enumerate(self.network.routes):
            for place, edge in enumerate(route.edges):
                found[edge].append((number, int(2 * place >= len(route.edges))))
        for uses in found:
            uses.sort(key=lambda use: (-self._prices[self.network.routes[use[0]].demand][0].worth, use))
        return found

    def _add_group(self, edge: int, uses: tuple[_Use, ...], candidates: Sequence[int]) -> None:
        # The shortest first: among equals it leaves most room.
        by_length = sorted(
            candidates, key=lambda i: (self.room.candidates[i].end_s - self.room.candidates[i].start_s, i)
        )
        members = np.array(by_length)
        bits = np.array([float(self.room.candidates[index].bits) for index in by_length])
        for index in by_length:
            self._group_of[index] = len(self._groups)
        for demand in {self.network.routes[route].demand for route, _ in uses}:
            self._groups_of_demand[demand].append(len(self._groups))
        for use in uses:
            self._groups_of_use[use].append(len(self._groups))
        self._groups.append((edge, uses, members, bits))

    def _best_of(
        self, members: np.ndarray, bits: np.ndarray, worth: tuple[list[float], list[float]]
    ) -> tuple[float, int]:
        if len(worth[0]) < 2:
            return 0.0, -1
        values = np.where(self._is_open[members], np.interp(bits, *worth), 0.0)
        # The first of equals is the shortest.
        place = int(values.argmax())
        return float(values[place]), int(members[place])

    def _worth(self, uses: Sequence[_Use]) -> tuple[list[float], list[float]]:
        """Corners of what a number of bits is worth: piecewise linear, 0 at 0, level after the last."""
        bits, worth = [0.0], [0.0]
        for use in uses:
            if use not in self._parts_of:
                self._parts_of[use] = self._parts(*use)
            for more, price in self._parts_of[use]:
                bits.append(bits[-1] + more)
                worth.append(worth[-1] + more * price)
        return bits, worth

    def _parts(self, route: int, side: int) -> list[tuple[int, float]]:
        """(bits, price) of what a demand can still use on one side of a route, in turn."""
        demand = self.network.routes[route].demand
        waiting = max(0, self._reserved[route][1 - side] - self._reserved[route][side])
        parts = []
        for segment in _after(self._prices[demand], self._held[demand][side]):
            pairs = min(segment.bits, waiting)
            waiting -= pairs
            parts += [(pairs, float(segment.worth)), (segment.bits - pairs, 0.5 * segment.worth)]
        return [part for part in parts if part[0] > 0]

    def _reserve(self, uses: Sequence[_Use], bits: int) -> None:
        for route, side in uses:
            demand = self.network.routes[route].demand
            usable = min(bits, self.network.demands[demand].bits - self._held[demand][side])
            if usable > 0:
                reserved = self._reserved[route]
                paired = min(reserved)
                reserved[side] += usable
                self._held[demand][side] += usable
                self._pairs[demand] += min(reserved) - paired
                bits -= usable
                for changed in ((route, 1 - side), *((other, side) for other in self._routes_of[demand])):
                    self._parts_of.pop(changed, None)
                    self._dirty.update(self._groups_of_use[changed])


def _after(segments: Sequence[Segment], held: int) -> list[Segment]:
    """What is left of segments when the first `held` bits are served."""
    found = []
    for segment in segments:
        gone = min(segment.bits, held)
        held -= gone
        if segment.bits > gone:
            found.append(Segment(bits=segment.bits - gone, worth=segment.worth))
    return found

"""What gives an edge its key: contacts, fibre, and what is there at the start; sorted by when it can be spent."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from eagleplan.schedule.paths import Ends, ends
from eagleplan.schedule.problem import Candidate, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Bits of an edge that can be spent at just the same of its instants, from number `first` to number `last`.

    `fixed` are the bits that are there whatever is flown, by member of the edge; `candidates` add theirs, each to the
    member it belongs to. A cohort whose `first` is after the edge's last instant is only on hand when the horizon ends.
    """

    first: int
    last: int
    fixed: tuple[tuple[Ends, int], ...]
    candidates: tuple[int, ...]

    @property
    def fixed_bits(self) -> int:
        return sum(bits for _, bits in self.fixed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """All that can fill one edge: (member, instant, bits), (member, rate), and candidates by the use of their key."""

    members: tuple[Ends, ...]
    initial: tuple[tuple[Ends, int, int], ...]
    links: tuple[tuple[Ends, float], ...]
    candidates: tuple[Candidate, ...]
    usable_s: tuple[int, ...]

    @property
    def has_fixed(self) -> bool:
        return bool(self.initial or self.links)

    def most_bits(self, end_s: int) -> int:
        """All that can ever be in stock by the horizon's end."""
        made = sum(bits for _, _, bits in self.initial) + sum(fibre_until(rate, end_s) for _, rate in self.links)
        return made + sum(candidate.bits for candidate in self.candidates)

    def fixed_at(self, at_s: int, max_age_s: int | None) -> int:
        """Bits on hand at an instant if no contact is flown and nothing spent."""
        held = sum(bits for _, made_s, bits in self.initial if max_age_s is None or at_s <= made_s + max_age_s)
        for _, rate in self.links:
            held += fibre_until(rate, at_s) - (0 if max_age_s is None else fibre_before(rate, at_s - max_age_s))
        return held

    def can_hold(self, at_s: int, max_age_s: int | None) -> bool:
        """Whether some choice of contacts leaves something to spend at an instant."""
        first = 0 if max_age_s is None else bisect_left(self.usable_s, at_s - max_age_s)
        return bisect_right(self.usable_s, at_s) > first or self.fixed_at(at_s, max_age_s) > 0

    def is_useful(self, candidate: Candidate, taken_at_s: Iterable[int], max_age_s: int | None) -> bool:
        """Whether key of this contact is good at one of these instants."""
        usable_s = candidate.usable_s
        if candidate.bits == 0:
            return False
        return any(usable_s <= t and (max_age_s is None or t <= usable_s + max_age_s) for t in taken_at_s)


def fibre_until(rate_bps: float, at_s: int) -> int:
    """Bits that a link has made at an instant; one is made when the rate has filled a whole bit."""
    return math.floor(rate_bps * at_s) if at_s > 0 else 0


def fibre_before(rate_bps: float, at_s: int) -> int:
    """Bits that a link has made before an instant."""
    return max(0, math.ceil(rate_bps * at_s) - 1) if at_s > 0 else 0


def supplies(problem: Problem, pool_of: Mapping[str, tuple[str, ...]], wanted: Collection[str]) -> dict[Ends, Supply]:
    """Everything that can hold key, by its ends; of contacts those with key, and those `wanted`."""

    def key_of(one: str, other: str) -> Ends:
        return ends(pool_of.get(one, (one,))[0], pool_of.get(other, (other,))[0])

    members: dict[Ends, set[Ends]] = defaultdict(set)
    initial: dict[Ends, list[tuple[Ends, int, int]]] = defaultdict(list)
    links: dict[Ends, list[tuple[Ends, float]]] = defaultdict(list)
    candidates: dict[Ends, list[Candidate]] = defaultdict(list)
    for stock in problem.network.initial_stocks:
        if stock.bits > 0:
            initial[key_of(stock.end_a, stock.end_b)].append((ends(stock.end_a, stock.end_b), -stock.age_s, stock.bits))
    for link in problem.network.fibre_links:
        if (rate := link.rate_bps * link.availability_frac) > 0.0:
            links[key_of(link.node_a, link.node_b)].append((ends(link.node_a, link.node_b), rate))
    for candidate in problem.candidates:
        if candidate.bits > 0 or candidate.contact_id in wanted:
            key = key_of(candidate.satellite_id, candidate.site_id)
            candidates[key].append(candidate)
            members[key].add(ends(candidate.satellite_id, candidate.site_id))
    for filled in (initial, links):
        for key, entries in filled.items():
            members[key].update(entry[0] for entry in entries)
    found = {}
    for key in sorted(members):
        by_use = sorted(candidates[key], key=lambda candidate: (candidate.usable_s, candidate.contact_id))
        found[key] = Supply(
            members=tuple(sorted(members[key])),
            initial=tuple(sorted(initial[key], key=lambda entry: (entry[1], entry[0], entry[2]))),
            links=tuple(sorted(links[key])),
            candidates=tuple(by_use),
            usable_s=tuple(candidate.usable_s for candidate in by_use if candidate.bits > 0),
        )
    return found


def cohorts_of(
    supply: Supply, index_of: Mapping[str, int], instants_s: Sequence[int], end_s: int, max_age_s: int | None
) -> tuple[Cohort, ...]:
    """The bits of an edge by when they can be spent, oldest first; of contacts those in `index_of`."""
    fixed: dict[tuple[int, int], dict[Ends, int]] = defaultdict(lambda: defaultdict(int))
    candidates: dict[tuple[int, int], list[int]] = defaultdict(list)

    def span(made_s: int) -> tuple[int, int]:
        first = bisect_left(instants_s, made_s)
        if first == len(instants_s) or max_age_s is None:
            return first, max(first, len(instants_s) - 1)
        return first, bisect_right(instants_s, made_s + max_age_s) - 1

    for member, made_s, bits in supply.initial:
        fixed[span(made_s)][member] += bits
    for member, rate in supply.links:
        for first, last, bits in _fibre(rate, instants_s, end_s, max_age_s):
            fixed[first, last][member] += bits
    for candidate in supply.candidates:
        if candidate.contact_id in index_of and candidate.bits > 0 and candidate.usable_s <= end_s:
            candidates[span(candidate.usable_s)].append(index_of[candidate.contact_id])
    return tuple(
        Cohort(
            first=first,
            last=last,
            fixed=tuple((member, bits) for member, bits in sorted(fixed[first, last].items()) if bits > 0),
            candidates=tuple(sorted(candidates[first, last])),
        )
        for first, last in sorted(fixed.keys() | candidates.keys())
        if first <= last
    )


def _fibre(
    rate_bps: float, instants_s: Sequence[int], end_s: int, max_age_s: int | None
) -> Iterable[tuple[int, int, int]]:
    """(first, last, bits) of what a link makes within the horizon, counted bit by bit."""
    made = [fibre_until(rate_bps, t) for t in instants_s]
    gone = [0 if max_age_s is None else fibre_before(rate_bps, t - max_age_s) for t in instants_s]
    cuts = sorted({0, fibre_until(rate_bps, end_s), *made, *gone})
    for below, upto in pairwise(cuts):
        first = bisect_left(made, upto)
        last = max(first, len(instants_s) - 1) if max_age_s is None else bisect_right(gone, below) - 1
        yield first, last, upto - below

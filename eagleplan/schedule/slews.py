"""Slews that take longer than the changeover: contacts that exclude one another beyond what a terminal's spans say."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from eagleplan.schedule.problem import Candidate, Problem


def slew_cliques(problem: Problem, candidates: Sequence[Candidate]) -> Iterator[tuple[int, ...]]:
    """Sets of contacts of which at most one can be flown: together they hold every pair that a slew excludes.

    Take the contacts at one station that are on until an instant *e* at least, and an instant *g* that a slew from
    there at *e* may last to. Every contact elsewhere that is on in the second before *g*, or whose changeover still
    runs, and whose station cannot be served before *g*, excludes all the former and all its like.
    """
    ready: dict[tuple[str, str, int], dict[str, int]] = defaultdict(dict)
    for (satellite_id, site_from, end_s, site_to), slew_s in problem.slews.items():
        if slew_s > problem.changeover_s and site_from != site_to:
            ready[satellite_id, site_from, end_s][site_to] = end_s + slew_s
    if not ready:
        return
    spans = _Spans(candidates, problem.changeover_s)
    for (satellite_id, site_from, end_s), ready_s in sorted(ready.items()):
        before = spans.on(satellite_id, site_from, end_s)
        if not any(candidates[i].end_s == end_s for i in before):
            continue
        left = {
            j
            for site_to, until_s in ready_s.items()
            for j in spans.starting(satellite_id, site_to, end_s + problem.changeover_s, until_s)
        }
        while left:
            # The latest start sets the instant: it covers as many of the others as any.
            at_s = max(candidates[j].start_s for j in left) + 1
            joint = [
                j
                for site_to, until_s in ready_s.items()
                if until_s >= at_s
                for j in spans.on(satellite_id, site_to, at_s - problem.changeover_s, started_by_s=at_s)
                if candidates[j].end_s >= end_s
            ]
            places = {candidates[j].site_id for j in joint}
            late = [i for i in before if _is_late(ready, candidates[i], places, at_s)]
            yield tuple(sorted({*late, *joint}))
            left.difference_update(joint)


def _is_late(
    ready: Mapping[tuple[str, str, int], Mapping[str, int]], this: Candidate, places: set[str], at_s: int
) -> bool:
    """Whether none of the places can be served before an instant by a terminal that comes from a contact."""
    ready_s = ready.get((this.satellite_id, this.site_id, this.end_s), {})
    return all(ready_s.get(site_id, 0) >= at_s for site_id in places)


class _Spans:
    """Contacts by satellite and station, in order of start, to be found by time."""

    def __init__(self, candidates: Sequence[Candidate], changeover_s: int) -> None:
        self.candidates = candidates
        self.members: dict[tuple[str, str], list[int]] = defaultdict(list)
        for index in sorted(range(len(candidates)), key=lambda i: candidates[i].start_s):
            self.members[candidates[index].satellite_id, candidates[index].site_id].append(index)
        self.starts_s = {key: [candidates[i].start_s for i in own] for key, own in self.members.items()}
        self.longest_s = max((candidate.end_s - candidate.start_s for candidate in candidates), default=0)
        self.longest_s += changeover_s

    def starting(self, satellite_id: str, site_id: str, from_s: int, until_s: int) -> list[int]:
        """Contacts that start in [`from_s`, `until_s`)."""
        starts_s = self.starts_s.get((satellite_id, site_id), [])
        return self.members[satellite_id, site_id][bisect_left(starts_s, from_s) : bisect_left(starts_s, until_s)]

    def on(self, satellite_id: str, site_id: str, until_s: int, *, started_by_s: int | None = None) -> list[int]:
        """Contacts that end at `until_s` or later and start before it (or before `started_by_s`)."""
        started_by_s = until_s if started_by_s is None else started_by_s
        near = self.starting(satellite_id, site_id, until_s - self.longest_s, started_by_s)
        return [i for i in near if self.candidates[i].end_s >= until_s]

"""What stands in the way of a contact: chosen ones too near in time, limits that are used up, nights without staff."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from eagleplan.schedule.problem import Candidate, Limit, Problem


class Clashes:
    """Obstacles to contacts beside the chosen ones of a problem."""

    def __init__(self, problem: Problem, chosen: Sequence[Candidate]) -> None:
        self._problem = problem
        self._by_terminal = _in_time(chosen, lambda candidate: candidate.satellite_id)
        self._by_site = _in_time(chosen, lambda candidate: candidate.site_id)
        self._reach_s: dict[str, int] = defaultdict(lambda: problem.changeover_s)
        for (satellite_id, *_), slew_s in problem.slews.items():
            self._reach_s[satellite_id] = max(self._reach_s[satellite_id], slew_s)
        flown = {candidate.contact_id for candidate in chosen}
        self._limits: dict[str, list[tuple[Limit, int]]] = defaultdict(list)
        for limit in problem.limits:
            used = sum(amount for contact_id, amount in limit.amounts.items() if contact_id in flown)
            for contact_id, amount in limit.amounts.items():
                if used + amount > limit.most:
                    self._limits[contact_id].append((limit, used))
        self._nights: dict[str, set[str]] = defaultdict(set)
        for candidate in chosen:
            self._nights[candidate.site_id].add(candidate.night)

    def contacts(self, candidate: Candidate) -> list[str]:
        """Ids of chosen contacts that exclude the candidate, by terminal or by station, in time."""
        set_up_s = self._problem.set_up_s.get(candidate.site_id, 0)
        found = {
            (other.start_s, other.contact_id)
            for other in _near(
                self._by_terminal, candidate.satellite_id, candidate, self._reach_s[candidate.satellite_id]
            )
            if other.start_s < candidate.end_s + self._turn_s(candidate, other)
            and candidate.start_s < other.end_s + self._turn_s(other, candidate)
        } | {
            (other.start_s, other.contact_id) for other in _near(self._by_site, candidate.site_id, candidate, set_up_s)
        }
        return [contact_id for _, contact_id in sorted(found)]

    def of(self, candidate: Candidate) -> str:
        """What stands in the way, in words; empty if nothing does."""
        parts = []
        if clashing := self.contacts(candidate):
            parts.append(f"clashes with {', '.join(clashing)}")
        parts.extend(f"leaves no room in {limit.text}" for limit, _ in self._limits[candidate.contact_id])
        most = self._problem.max_nights.get(candidate.site_id)
        nights = self._nights[candidate.site_id]
        if most is not None and candidate.night not in nights and len(nights) >= most:
            parts.append(f"{candidate.site_id} has used its {most} nights with staff")
        return "; ".join(parts)

    def _turn_s(self, first: Candidate, later: Candidate) -> int:
        slew_s = self._problem.slews.get((first.satellite_id, first.site_id, first.end_s, later.site_id), 0)
        return max(self._problem.changeover_s, slew_s)


_Users = tuple[Sequence[int], Sequence[Candidate]]
"""Start times, and the contacts that start at them, in order."""


def _in_time(chosen: Sequence[Candidate], user: Callable[[Candidate], str]) -> Mapping[str, _Users]:
    groups: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in sorted(chosen, key=lambda candidate: candidate.start_s):
        groups[user(candidate)].append(candidate)
    return {name: ([candidate.start_s for candidate in group], group) for name, group in groups.items()}


def _near(users: Mapping[str, _Users], name: str, candidate: Candidate, gap_s: int) -> Sequence[Candidate]:
    """Those of the user called `name` with less than `gap_s` between them and the candidate."""
    starts_s, group = users.get(name, ((), ()))
    first = bisect_left(starts_s, candidate.start_s - gap_s)
    while first > 0 and group[first - 1].end_s + gap_s > candidate.start_s:
        first -= 1
    until = bisect_left(starts_s, candidate.end_s + gap_s)
    return [other for other in group[first:until] if candidate.start_s < other.end_s + gap_s]

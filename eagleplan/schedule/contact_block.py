"""Contacts in the programme: one column each, and all that keeps two or more of them from being flown together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from eagleplan.schedule.draft import Draft
from eagleplan.schedule.problem import Candidate, Problem
from eagleplan.schedule.programme import Resource
from eagleplan.schedule.slews import slew_cliques


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactBlock:
    """Columns 0 … n−1 are contacts; `nights` those of (station, night) where staff is short."""

    n_contacts: int
    nights: Mapping[tuple[str, str], int]


def contact_block(draft: Draft, problem: Problem, candidates: Sequence[Candidate]) -> ContactBlock:
    """Add the columns of `candidates`, which must be the first of all, and every rule about them but keys'."""
    for _ in candidates:
        draft.column(1)
    draft.resources.extend(_resources(problem, candidates))
    draft.at_most_one.extend(slew_cliques(problem, candidates))
    index_of = {candidate.contact_id: index for index, candidate in enumerate(candidates)}
    for limit in problem.limits:
        here = [
            (index_of[contact_id], amount) for contact_id, amount in limit.amounts.items() if contact_id in index_of
        ]
        if sum(amount for _, amount in here) > limit.most:
            columns, amounts = zip(*sorted(here), strict=True)
            draft.row(columns, amounts, upper=limit.most)
    for pin in problem.pins:
        columns = tuple(sorted(index_of[contact_id] for contact_id in pin.contact_ids))
        draft.row(columns, (1,) * len(columns), lower=1)
    return ContactBlock(n_contacts=len(candidates), nights=_nights(draft, problem, candidates))


def _resources(problem: Problem, candidates: Sequence[Candidate]) -> list[Resource]:
    """Every terminal, then every station, with its contacts, each longer by what must follow it."""
    by_terminal: dict[str, list[int]] = defaultdict(list)
    by_site: dict[str, list[int]] = defaultdict(list)
    for index, candidate in enumerate(candidates):
        by_terminal[candidate.satellite_id].append(index)
        by_site[candidate.site_id].append(index)

    def resource(members: Iterable[int], gap_s: int) -> Resource:
        return Resource(uses=tuple((candidates[i].start_s, candidates[i].end_s + gap_s, i) for i in members))

    terminals = [resource(by_terminal[satellite_id], problem.changeover_s) for satellite_id in sorted(by_terminal)]
    stations = [
        resource(members, problem.set_up_s.get(site_id, 0))
        for site_id, members in sorted(by_site.items())
        # A station that sees one satellite only adds nothing to what that one's terminal says.
        if len({candidates[index].satellite_id for index in members}) > 1
        or problem.set_up_s.get(site_id, 0) > problem.changeover_s
    ]
    return [*terminals, *stations]


def _nights(draft: Draft, problem: Problem, candidates: Sequence[Candidate]) -> dict[tuple[str, str], int]:
    """A column for every night of a station that cannot be staffed in all of them; contacts need theirs."""
    members: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for index, candidate in enumerate(candidates):
        if candidate.site_id in problem.max_nights:
            members[candidate.site_id][candidate.night].append(index)
    found = {}
    for site_id, by_night in sorted(members.items()):
        if len(by_night) <= problem.max_nights[site_id]:
            continue
        for night, indices in sorted(by_night.items()):
            column = found[site_id, night] = draft.column(1)
            # One row for all contacts that share an instant: stronger than one for each of them.
            for together in _sharing_an_instant(candidates, indices):
                draft.row((*together, column), (*(1 for _ in together), -1), upper=0)
        columns = tuple(found[site_id, night] for night in sorted(by_night))
        draft.row(columns, (1,) * len(columns), upper=problem.max_nights[site_id])
    return found


def _sharing_an_instant(candidates: Sequence[Candidate], indices: Iterable[int]) -> list[tuple[int, ...]]:
    """Maximal sets of contacts of one station that share an instant; every contact is in one."""
    events = sorted(event for i in indices for event in ((candidates[i].end_s, 0, i), (candidates[i].start_s, 1, i)))
    alive: set[int] = set()
    grown = False
    found = []
    for _, opens, index in events:
        if opens:
            alive.add(index)
        elif grown:
            found.append(tuple(sorted(alive)))
        grown = bool(opens)
        if not opens:
            alive.discard(index)
    return found

"""The problem as an integer programme: contacts, keys, changes and goals, each added by its own room.

Every row is an exact statement in whole bits, seconds or contacts; none has a big-M.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eagleplan.model import DEFAULT_OBJECTIVES
from eagleplan.schedule.changes import ChangeBlock, change_block
from eagleplan.schedule.contact_block import ContactBlock, contact_block
from eagleplan.schedule.draft import Draft
from eagleplan.schedule.key_block import KeyBlock, expected_bits, key_block
from eagleplan.schedule.levels import LEVELS, PRICED, Goal, Ground, Tidy
from eagleplan.schedule.network import KeyNetwork, key_network
from eagleplan.schedule.problem import Problem
from eagleplan.schedule.programme import Programme, Values
from eagleplan.schedule.stocks import settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Formulation:
    """Columns 0 … n−1 are the candidates of `network`; the blocks name the others. `goals` are most important first.

    `head_start` is what to look for before `max_min`, which is hard to search for and easily reached from there.
    """

    problem: Problem
    network: KeyNetwork
    programme: Programme
    contacts: ContactBlock
    keys: KeyBlock
    changes: ChangeBlock
    goals: tuple[Goal, ...]
    head_start: Goal | None
    tidies: tuple[Tidy, ...]

    def chosen(self, values: Sequence[int]) -> tuple[int, ...]:
        """Indices of the chosen candidates."""
        return tuple(index for index in range(self.contacts.n_contacts) if values[index])

    def completed(self, values: Sequence[int]) -> Values:
        """`values` with every column that follows from contacts and flows set to the best it can be."""
        whole = list(values)
        candidates = self.network.candidates
        for column in self.contacts.nights.values():
            whole[column] = 0
        for index in self.chosen(whole):
            column_of_night = self.contacts.nights.get((candidates[index].site_id, candidates[index].night))
            if column_of_night is not None:
                whole[column_of_night] = 1
        own: dict[int, int] = {}
        for flow in self.keys.flows:
            demand = self.network.routes[flow.route].demand
            own[demand] = own.get(demand, 0) + whole[flow.column]
        for demand, bits in own.items():
            met = self.keys.met[demand]
            if met is not None:
                whole[met] = bits
        settle(self.network, self.keys, whole)
        self.changes.tidy(whole)
        for tidy in self.tidies:
            tidy(whole)
        return tuple(whole)


def formulate(problem: Problem, objectives: Sequence[str] = DEFAULT_OBJECTIVES) -> Formulation:
    """The integer programme of a problem, with a goal or more for each of `objectives` (names of `LEVELS`)."""
    network = key_network(problem)
    draft = Draft()
    contacts = contact_block(draft, problem, network.candidates)
    keys = key_block(draft, network, expected_bits(network))
    changes = change_block(draft, problem.previous, network.candidates)
    ground = Ground(draft=draft, network=network, contacts=contacts, keys=keys, changes=changes)
    priced = next((name for name in objectives if name in PRICED), None)
    fair_first = "fairness" in objectives[: objectives.index("max_min")] if "max_min" in objectives else True
    goals: list[Goal] = []
    tidies: list[Tidy] = []
    for name in objectives:
        more, their_tidies = LEVELS[name](ground, name == priced)
        goals += more
        tidies += their_tidies
    head_start = None
    if not fair_first:
        (head_start,), their_tidies = LEVELS["fairness"](ground, False)
        tidies += their_tidies
    return Formulation(
        problem=problem,
        network=network,
        programme=draft.done(),
        contacts=contacts,
        keys=keys,
        changes=changes,
        goals=tuple(goals),
        head_start=head_start,
        tidies=tuple(tidies),
    )

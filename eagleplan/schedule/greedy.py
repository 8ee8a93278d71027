"""Rules of thumb, one contact after the other: what planners do without a solver, and starts for one.

Each rule only orders the contacts; pins are flown first, every limit is kept, and the key is then handed out by
`values_for`. None knows how far it is from the best plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from eagleplan.schedule.allocation import values_for
from eagleplan.schedule.formulation import Formulation, formulate
from eagleplan.schedule.limits import Limits
from eagleplan.schedule.need import Need
from eagleplan.schedule.pins import pinned_contacts
from eagleplan.schedule.problem import Problem
from eagleplan.schedule.programme import Values
from eagleplan.schedule.room import Room
from eagleplan.schedule.solution import Solution, solution_of

Rule = Callable[[Formulation, Room], None]
"""Takes contacts, in a room where those that pins ask for are taken already."""


def earliest_first(formulation: Formulation, room: Room) -> None:
    """Every contact in the order of time that does not clash with an earlier one."""
    _take_all(room, range(len(room.candidates)))


def highest_yield_first(formulation: Formulation, room: Room) -> None:
    """Every contact in the order of its bits, most first, that does not clash with a better one."""
    _take_all(room, sorted(range(len(room.candidates)), key=lambda index: (-room.candidates[index].bits, index)))


def demand_aware(formulation: Formulation, room: Room) -> None:
    """Again and again the contact whose bits help demands most; see `Need`."""
    need = Need(formulation, room)
    while (best := need.best()) is not None:
        need.fly(best)


def round_robin(formulation: Formulation, room: Room) -> None:
    """Again and again the contact that helps the demand most of which the smallest part is met."""
    need = Need(formulation, room)
    waiting = set(range(len(formulation.network.demands)))
    while waiting:
        worst = min(waiting, key=lambda demand: (need.met_frac(demand), demand))
        best = need.best_for(worst)
        if best is None:
            waiting.discard(worst)
        else:
            need.fly(best)


RULES: Mapping[str, Rule] = {
    "earliest-first": earliest_first,
    "highest-yield-first": highest_yield_first,
    "demand-aware": demand_aware,
    "round-robin": round_robin,
}


def by_rule(formulation: Formulation, rule: Rule) -> Values:
    """Feasible values of all columns by a rule."""
    room = Room(formulation)
    for index in pinned_contacts(formulation):
        room.take(index)
    rule(formulation, room)
    return values_for(formulation, room.taken)


MANY_CONTACTS = 100_000
"""Above, rules that look at contacts again and again would take longer than the search that they should help."""


def start_values(formulation: Formulation) -> Values:
    """The best that the rules give, goal by goal; of very many contacts what the rules give that look at each once."""
    is_many = formulation.contacts.n_contacts > MANY_CONTACTS
    rules = (earliest_first, highest_yield_first) if is_many else tuple(RULES.values())

    def rank(values: Values) -> tuple[int, ...]:
        objectives = (goal.objective for goal in formulation.goals)
        return tuple(o.value(values) if o.sense == "min" else -o.value(values) for o in objectives)

    return min((by_rule(formulation, rule) for rule in rules), key=rank)


def _solver(name: str, rule: Rule) -> Callable[..., Solution]:
    def solve_by_rule(problem: Problem, **kwargs: tuple[str, ...]) -> Solution:
        formulation = formulate(problem, **kwargs)
        return solution_of(
            formulation,
            by_rule(formulation, rule),
            [goal.objective.trivial_bound for goal in formulation.goals],
            solver=name,
            limits=Limits(),
            reproducible=True,
            deterministic_time_s=0.0,
        )

    return solve_by_rule


GREEDIES: Mapping[str, Callable[..., Solution]] = {name: _solver(name, rule) for name, rule in RULES.items()}
"""The rules as solvers of their own (`objectives=` as in `solve`); their bounds follow from the demands alone."""


def _take_all(room: Room, order: Iterable[int]) -> None:
    for index in order:
        if room.has_room(index):
            room.take(index)

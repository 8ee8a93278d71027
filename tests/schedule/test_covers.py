"""Cover rows cut fractions of contacts off, and never a plan."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from eagleplan.model import Network
from eagleplan.schedule import Candidate, PairDemand, Problem
from eagleplan.schedule.allocation import values_for
from eagleplan.schedule.formulation import formulate
from eagleplan.schedule.greedy import RULES, by_rule

TWO = Problem(
    candidates=tuple(
        Candidate(
            contact_id=name,
            pass_id=name,
            satellite_id="s",
            site_id=site,
            start_s=start_s,
            end_s=start_s + 10,
            usable_s=start_s + 10,
            bits=5_000,
        )
        for name, site, start_s in (("a1", "a", 0), ("b1", "b", 100))
    ),
    demands=(
        PairDemand(demand_id="d", node_a="a", node_b="b", bits=1_000, weight=1, guarantee_bits=0, deadline_s=1_000),
    ),
    network=Network(node_sites={}),
    end_s=1_000,
    changeover_s=0,
)


def test_a_fraction_of_a_contact_does_not_buy_the_first_piece() -> None:
    """A fiftieth of 5,000 bits is the whole first tenth of the demand: without the rows it would be worth as much."""
    formulation = formulate(TWO, ("fairness",))
    pieces = formulation.goals[0].objective.columns
    fraction = {0: 0.02, 1: 0.02, pieces[0]: 100.0}
    broken = [
        row
        for row in formulation.programme.rows
        if row.upper is not None
        and row.upper < sum(k * fraction.get(c, 0.0) for c, k in zip(row.columns, row.coefficients, strict=True))
        and not {c for c in row.columns if c > 1} - set(pieces)
    ]
    # At either end: 100 bits of pieces against 0.02 × min(5,000, n) for the first 100, 250, 500 and 1,000 bits.
    assert sorted(min(row.coefficients) for row in broken) == [-1000, -1000, -500, -500, -250, -250, -100, -100]


@pytest.mark.parametrize("seed", range(150))
def test_no_choice_of_contacts_is_lost(random_problem: Callable[[int], Problem], seed: int) -> None:
    """Every set of contacts that fits keeps all rows, the cover rows among them, with its key handed out."""
    problem = replace(random_problem(seed), pins=(), previous=None)
    formulation = formulate(problem, ("fairness",))
    n = formulation.contacts.n_contacts
    tried = 0
    for size in range(min(n, 3) + 1):
        for chosen in itertools.combinations(range(n), size):
            values = values_for(formulation, chosen)
            cliques = formulation.programme.cliques
            if all(sum(values[c] for c in clique) <= 1 for clique in cliques) and _limits_hold(formulation, values):
                assert formulation.programme.is_feasible(values)
                tried += 1
    for rule in RULES.values():
        assert formulation.programme.is_feasible(by_rule(formulation, rule))
    assert tried >= 1


def _limits_hold(formulation: object, values: tuple[int, ...]) -> bool:
    """Whether every row that is about contacts alone (limits, nights) holds."""
    programme, contacts = formulation.programme, formulation.contacts  # type: ignore[attr-defined]
    own = set(range(contacts.n_contacts)) | set(contacts.nights.values())
    return all(row.holds(values) for row in programme.rows if set(row.columns) <= own)

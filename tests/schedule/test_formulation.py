"""The integer programme says what the problem says: conflicts as maximal cliques, pools without loss."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from eagleplan.model import InitialStock, PlanClaims
from eagleplan.schedule import Candidate, PairDemand, Problem, Solution, solve, violations
from eagleplan.schedule.formulation import formulate
from eagleplan.schedule.programme import Resource, Row, programme
from eagleplan.schedule.relays import relay_network

candidates = st.lists(
    st.tuples(st.sampled_from("st"), st.sampled_from("ghi"), st.integers(0, 40), st.integers(1, 15)),
    max_size=12,
).map(
    lambda rows: tuple(
        Candidate(
            contact_id=f"k{number}",
            satellite_id=satellite,
            site_id=site,
            start_s=start_s,
            end_s=start_s + duration_s,
            bits=1,
        )
        for number, (satellite, site, start_s, duration_s) in enumerate(rows)
    )
)


def exclude(one: Candidate, other: Candidate, changeover_s: int, site_changeover_s: int) -> bool:
    pause_s = max(one.start_s, other.start_s) - min(one.end_s, other.end_s)
    # Where one span lies within the other the pause above is that to the inner end: negative, which is right
    # too.
    return (one.satellite_id == other.satellite_id and pause_s < changeover_s) or (
        one.site_id == other.site_id and pause_s < site_changeover_s
    )


@given(candidates, st.integers(0, 5), st.integers(0, 5))
def test_cliques_hold_exactly_the_pairs_that_exclude_one_another(
    contacts: tuple[Candidate, ...], changeover_s: int, site_changeover_s: int
) -> None:
    everyone = PairDemand(
        demand_id="d",
        node_a="A",
        node_b="B",
        sites_a=("g", "h"),
        sites_b=("i",),
        bits=9,
        weight=1,
        guarantee_bits=0,
    )
    stocks = tuple(InitialStock(satellite_id=s, site_id=g, bits=1) for s in "st" for g in "gi")
    formulation = formulate(
        Problem(
            candidates=contacts,
            demands=(everyone,),
            initial_stocks=stocks,
            changeover_s=changeover_s,
            site_changeover_s=site_changeover_s,
        )
    )
    contacts = formulation.network.candidates
    cliques = formulation.programme.cliques
    said = {pair for clique in cliques for pair in itertools.combinations(clique, 2)}
    true = {
        (i, j)
        for (i, one), (j, other) in itertools.combinations(enumerate(contacts), 2)
        if exclude(one, other, changeover_s, site_changeover_s)
    }
    assert said == true
    assert not any(set(one) <= set(other) for one, other in itertools.permutations(cliques, 2))


def test_stations_of_a_country_are_one_pool_until_one_is_asked_for_by_name() -> None:
    contacts = tuple(
        Candidate(contact_id=site, satellite_id="s", site_id=site, start_s=n * 100, end_s=n * 100 + 50, bits=10)
        for n, site in enumerate(["a1", "a2", "a3", "b1", "idle"])
    )
    country = PairDemand(
        demand_id="country",
        node_a="A",
        node_b="B",
        sites_a=("a1", "a2", "a3"),
        sites_b=("b1",),
        bits=10,
        weight=1,
        guarantee_bits=0,
    )
    named = PairDemand(
        demand_id="named",
        node_a="a2",
        node_b="B",
        sites_a=("a2",),
        sites_b=("b1",),
        bits=10,
        weight=1,
        guarantee_bits=0,
    )
    pooled = relay_network(Problem(candidates=contacts, demands=(country,), changeover_s=0))
    assert [stock.sites for stock in pooled.stocks] == [("a1", "a2", "a3"), ("b1",)]
    split = relay_network(Problem(candidates=contacts, demands=(country, named), changeover_s=0))
    assert [stock.sites for stock in split.stocks] == [("a1", "a3"), ("a2",), ("b1",)]
    assert "idle" not in {candidate.site_id for candidate in split.candidates}


def test_order_of_the_parts_does_not_matter(random_problem: Callable[[int], Problem]) -> None:
    for seed in range(30):
        one = random_problem(seed)
        other = Problem(
            candidates=one.candidates[::-1],
            demands=one.demands[::-1],
            initial_stocks=one.initial_stocks[::-1],
            changeover_s=one.changeover_s,
            site_changeover_s=one.site_changeover_s,
        )
        assert formulate(one) == formulate(other)
        assert solve(one) == solve(other)


def test_feasible_means_every_bound_row_and_clique() -> None:
    row = Row(columns=(0, 2), coefficients=(2, 1), lower=1, upper=4)
    this = programme([1, 1, 4], [row], [Resource(uses=((0, 5, 0), (4, 9, 1)))])
    assert this.is_feasible((1, 0, 2))
    assert this.is_feasible((0, 1, 4))
    for wrong in ((1, 1, 0), (0, 0, 0), (1, 0, 3), (0, 1, 5), (0, 2, 1), (0, -1, 1), (0, 1), (0, 1, 1, 0)):
        assert not this.is_feasible(wrong)


def test_pooled_key_goes_back_to_single_stations_to_the_bit(
    claims_for: Callable[[Problem, Solution], PlanClaims],
) -> None:
    bits = {"a1": 5, "a2": 7, "a3": 11, "b1": 6, "b2": 4, "b3": 12}
    contacts = tuple(
        Candidate(contact_id=site, satellite_id="s", site_id=site, start_s=n * 100, end_s=n * 100 + 50, bits=b)
        for n, (site, b) in enumerate(bits.items())
    )
    demand = PairDemand(
        demand_id="d",
        node_a="A",
        node_b="B",
        sites_a=("a1", "a2", "a3"),
        sites_b=("b1", "b2", "b3"),
        bits=22,
        weight=1,
        guarantee_bits=0,
    )
    problem = Problem(candidates=contacts, demands=(demand,), changeover_s=0)
    solution = solve(problem)
    assert [(d.site_a, d.site_b, d.bits) for d in solution.deliveries] == [
        ("a1", "b1", 5),
        ("a2", "b1", 1),
        ("a2", "b2", 4),
        ("a2", "b3", 2),
        ("a3", "b3", 10),
    ]
    assert violations(problem, claims_for(problem, solution)) == ()

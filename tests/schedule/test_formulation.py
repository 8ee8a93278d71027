"""The integer programme says what the problem says: conflicts as maximal cliques, pools and paths without loss."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from eagleplan.model import DEFAULT_OBJECTIVES, Delivery, FibreLink, InitialStock, Network, PlanClaims
from eagleplan.schedule import LEVELS, Candidate, PairDemand, Problem, Solution, solve, violations
from eagleplan.schedule.formulation import formulate
from eagleplan.schedule.greedy import RULES, by_rule
from eagleplan.schedule.network import key_network
from eagleplan.schedule.programme import Resource, Row, programme

END_S = 10_000


def contact(contact_id: str, satellite_id: str, site_id: str, start_s: int, **changes: Any) -> Candidate:
    values: dict[str, Any] = {
        "contact_id": contact_id,
        "pass_id": contact_id,
        "satellite_id": satellite_id,
        "site_id": site_id,
        "start_s": start_s,
        "end_s": start_s + 50,
        "usable_s": start_s + 50,
        "bits": 10,
    }
    return Candidate(**(values | changes))


def pair(node_a: str, node_b: str, **changes: Any) -> PairDemand:
    values: dict[str, Any] = {
        "demand_id": f"{node_a}-{node_b}",
        "node_a": node_a,
        "node_b": node_b,
        "bits": 10,
        "weight": 1,
        "guarantee_bits": 0,
        "deadline_s": END_S,
    }
    return PairDemand(**(values | changes))


def problem(candidates: Any, demands: Any, node_sites: Any, **changes: Any) -> Problem:
    network = Network(node_sites=node_sites, **{k: changes.pop(k) for k in list(changes) if k in NETWORK_FIELDS})
    return Problem(
        candidates=tuple(candidates),
        demands=tuple(demands),
        network=network,
        **({"end_s": END_S, "changeover_s": 0} | changes),
    )


NETWORK_FIELDS = ("initial_stocks", "fibre_links", "max_age_s", "satellite_cap_bits", "delivery_interval_s")

spans = st.lists(
    st.tuples(st.sampled_from("st"), st.sampled_from("ghi"), st.integers(0, 40), st.integers(1, 15)), max_size=12
).map(
    lambda rows: tuple(
        contact(f"k{number}", satellite, site, start_s, end_s=start_s + duration_s, usable_s=90, bits=1)
        for number, (satellite, site, start_s, duration_s) in enumerate(rows)
    )
)
slews = st.dictionaries(
    st.tuples(st.sampled_from("st"), st.sampled_from("ghi"), st.integers(1, 55), st.sampled_from("ghi")),
    st.integers(0, 25),
    max_size=60,
)


def exclude(one: Candidate, other: Candidate, this: Problem) -> bool:
    first, second = sorted((one, other), key=lambda c: (c.start_s, c.end_s))
    pause_s = second.start_s - first.end_s
    slew_s = 0
    if first.site_id != second.site_id and pause_s >= 0:
        slew_s = this.slews.get((first.satellite_id, first.site_id, first.end_s, second.site_id), 0)
    return (one.satellite_id == other.satellite_id and pause_s < max(this.changeover_s, slew_s)) or (
        one.site_id == other.site_id and pause_s < this.set_up_s.get(one.site_id, 0)
    )


@given(spans, st.integers(0, 5), st.integers(0, 5), slews)
def test_cliques_hold_exactly_the_pairs_that_exclude_one_another(
    contacts: tuple[Candidate, ...], changeover_s: int, set_up_s: int, slew_s: dict[tuple[str, str, int, str], int]
) -> None:
    this = problem(
        contacts,
        [pair("A", "B", bits=99)],
        {"A": ("g", "h"), "B": ("i",)},
        initial_stocks=tuple(InitialStock(end_a=s, end_b=g, bits=1) for s in "st" for g in "gi"),
        changeover_s=changeover_s,
        set_up_s=dict.fromkeys("ghi", set_up_s),
        slews=slew_s,
    )
    formulation = formulate(this)
    contacts = formulation.network.candidates
    cliques = formulation.programme.cliques
    said = {pair for clique in cliques for pair in itertools.combinations(clique, 2)}
    true = {
        (i, j) for (i, one), (j, other) in itertools.combinations(enumerate(contacts), 2) if exclude(one, other, this)
    }
    assert said == true
    assert not any(set(one) <= set(other) for one, other in itertools.permutations(cliques, 2))


def test_a_slew_that_many_contacts_share_is_one_clique() -> None:
    """Parts of one pass that end alike, parts of another that start within the slew: no pair needs a row of its own."""
    before = [contact(f"a{n}", "s", "g", n, end_s=100, usable_s=100) for n in range(10)]
    after = [contact(f"b{n}", "s", "h", 110 + n, end_s=200, usable_s=200) for n in range(10)]
    this = problem(
        [*before, *after], [pair("g", "h")], {}, slews={("s", "g", 100, "h"): 15}, changeover_s=5, end_s=END_S
    )
    late = {f"b{n}" for n in range(5)}
    cliques = [
        {formulate(this).network.candidates[index].contact_id for index in clique}
        for clique in formulate(this).programme.at_most_one
    ]
    assert cliques == [{c.contact_id for c in before} | late]


def test_stations_of_a_country_are_one_pool_until_one_is_named() -> None:
    contacts = [contact(site, "s", site, n * 100) for n, site in enumerate(["a1", "a2", "a3", "b1", "idle"])]
    sites = {"A": ("a1", "a2", "a3"), "B": ("b1",), "C": ("idle",)}

    def stocks(*demands: PairDemand, **changes: Any) -> list[tuple[str, ...]]:
        network = key_network(problem(contacts, demands, sites, **changes))
        assert "idle" not in {candidate.site_id for candidate in network.candidates}
        return [tuple(site for member in edge.members for site in member if site != "s") for edge in network.edges]

    country = pair("A", "B")
    assert stocks(country) == [("a1", "a2", "a3"), ("b1",)]
    assert stocks(country, pair("a2", "B")) == [("a1", "a3"), ("a2",), ("b1",)]
    assert stocks(replace(country, trusted=frozenset({"s", "A"}))) == [("a1", "a2", "a3"), ("b1",)]
    assert stocks(replace(country, trusted=frozenset({"s", "a2"}))) == [("a1", "a3"), ("a2",), ("b1",)]
    links = (FibreLink(link_id="f", node_a="a3", node_b="A", rate_bps=1.0),)
    assert stocks(country, fibre_links=links) == [("a1", "a2"), ("b1",)]
    further = replace(country, max_hops=3)
    assert stocks(further, fibre_links=links) == [("A", "a3"), ("a1", "a2"), ("a3",), ("b1",)]


def test_order_of_the_parts_does_not_matter(random_problem: Callable[[int], Problem]) -> None:
    for seed in range(30):
        one = random_problem(seed)
        other = replace(
            one,
            candidates=one.candidates[::-1],
            demands=one.demands[::-1],
            network=replace(
                one.network,
                initial_stocks=one.network.initial_stocks[::-1],
                fibre_links=one.network.fibre_links[::-1],
                node_sites=dict(reversed(one.network.node_sites.items())),
            ),
        )
        assert formulate(one).programme == formulate(other).programme
        assert solve(one) == solve(other)


def test_feasible_means_every_bound_row_and_clique() -> None:
    row = Row(columns=(0, 2), coefficients=(2, 1), lower=1, upper=4)
    this = programme([1, 1, 4], [row], [Resource(uses=((0, 5, 0), (4, 9, 1)))])
    assert this.is_feasible((1, 0, 2))
    assert this.is_feasible((0, 1, 4))
    for wrong in ((1, 1, 0), (0, 0, 0), (1, 0, 3), (0, 1, 5), (0, 2, 1), (0, -1, 1), (0, 1), (0, 1, 1, 0)):
        assert not this.is_feasible(wrong)


def test_a_start_has_every_column_and_needs_no_tidying(
    random_problem: Callable[[int], Problem], timed_problem: Callable[[int], Problem]
) -> None:
    for seed, make in itertools.product(range(40), (random_problem, timed_problem)):
        formulation = formulate(make(seed), tuple(LEVELS))
        for rule in RULES.values():
            values = by_rule(formulation, rule)
            assert formulation.programme.is_feasible(values), f"seed {seed}"
            assert formulation.completed(values) == values, f"seed {seed}"


def test_pooled_key_goes_back_to_single_stations_to_the_bit(
    claims_for: Callable[[Problem, Solution], PlanClaims],
) -> None:
    bits = {"a1": 5, "a2": 7, "a3": 11, "b1": 6, "b2": 4, "b3": 12}
    contacts = [contact(site, "s", site, n * 100, bits=b) for n, (site, b) in enumerate(bits.items())]
    this = problem(contacts, [pair("A", "B", bits=22)], {"A": ("a1", "a2", "a3"), "B": ("b1", "b2", "b3")})
    solution = solve(this)
    assert [(d.path, d.bits) for d in solution.deliveries] == [
        (("A", "a1", "s", "b1", "B"), 5),
        (("A", "a2", "s", "b1", "B"), 1),
        (("A", "a2", "s", "b2", "B"), 4),
        (("A", "a2", "s", "b3", "B"), 2),
        (("A", "a3", "s", "b3", "B"), 10),
    ]
    assert violations(this, claims_for(this, solution)) == ()


def test_satellites_meet_at_one_station_or_in_one_country(
    claims_for: Callable[[Problem, Solution], PlanClaims],
) -> None:
    contacts = [
        contact("1", "s", "a", 0, bits=9),
        contact("2", "s", "x1", 100, bits=4),
        contact("3", "s", "x2", 200, bits=5),
        contact("4", "t", "x2", 300, bits=3),
        contact("5", "t", "x3", 400, bits=4),
        contact("6", "t", "b", 500, bits=9),
    ]
    demand = pair("a", "b", bits=9, max_hops=4)
    this = problem(contacts, [demand], {"X": ("x1", "x2", "x3")})
    solution = solve(this)
    assert solution.deliveries == (
        Delivery(demand_id="a-b", at_s=END_S, path=("a", "s", "x1", "X", "x2", "t", "b"), bits=3),
        Delivery(demand_id="a-b", at_s=END_S, path=("a", "s", "x1", "X", "x3", "t", "b"), bits=1),
        Delivery(demand_id="a-b", at_s=END_S, path=("a", "s", "x2", "X", "x3", "t", "b"), bits=3),
    )
    assert violations(this, claims_for(this, solution)) == ()
    # Without trust in the country only a station trusted by its own name joins them.
    alone = replace(this, demands=(replace(demand, trusted=frozenset({"s", "t", "x2"})),))
    assert [(d.path, d.bits) for d in solve(alone).deliveries] == [(("a", "s", "x2", "t", "b"), 3)]
    assert solve(replace(this, demands=(replace(demand, max_hops=3),))).deliveries == ()


def test_fibre_behind_a_station_is_paid_and_without_it_the_way_is_free() -> None:
    contacts = [contact("1", "s", "a1", 0), contact("2", "s", "b1", 100)]
    sites = {"A": ("a1",), "B": ("b1",)}
    free = problem(contacts, [pair("A", "B")], sites)
    assert [d.bits for d in solve(free).deliveries] == [10]
    link = FibreLink(link_id="f", node_a="A", node_b="a1", rate_bps=0.0004)
    paid = problem(contacts, [pair("A", "B", max_hops=3)], sites, fibre_links=(link,))
    assert [(d.path, d.bits) for d in solve(paid).deliveries] == [(("A", "a1", "s", "b1", "B"), 4)]
    assert solve(replace(paid, demands=(pair("A", "B"),))).deliveries == ()


def test_country_and_own_station_need_a_satellite() -> None:
    """The free way alone is no relay: the key comes over another station."""
    contacts = [contact("1", "s", "a1", 0), contact("2", "s", "a2", 100)]
    solution = solve(problem(contacts, [pair("A", "a1")], {"A": ("a1", "a2")}))
    assert [d.path for d in solution.deliveries] == [("A", "a2", "s", "a1")]


def test_time_costs_nothing_where_it_does_not_matter() -> None:
    """Deadlines make instants for the stocks they touch; age that nothing reaches and caps that nothing fills, none."""
    contacts = [contact(site, "s", site, n * 100) for n, site in enumerate("abc")]
    demands = [pair("a", "b", deadline_s=5_000), pair("b", "c")]
    plain = key_network(problem(contacts, demands, {}))
    assert [edge.instants_s for edge in plain.edges] == [(5_000,), (5_000, END_S), (END_S,)]
    roomy = problem(
        contacts, demands, {}, max_age_s=END_S, satellite_cap_bits={"s": 30}, delivery_interval_s=1_000, end_s=END_S
    )
    assert (key_network(roomy).edges, key_network(roomy).routes) == (plain.edges, plain.routes)
    tight = key_network(problem(contacts, demands, {}, satellite_cap_bits={"s": 29}))
    assert tight.is_timed
    assert [edge.instants_s for edge in tight.edges] == [(5_000, END_S)] * 3


def test_goals_follow_the_objectives_asked_for(random_problem: Callable[[int], Problem]) -> None:
    this = replace(
        random_problem(0),
        demands=(
            pair("c0", "c1", demand_id="x", guarantee_bits=1, guarantee_class=2, deadline_s=48),
            pair("c0", "c1", demand_id="y", guarantee_bits=2, guarantee_class=1, deadline_s=48),
            pair("c0", "c1", demand_id="z", deadline_s=48),
        ),
    )
    names = [goal.objective.name for goal in formulate(this, DEFAULT_OBJECTIVES).goals]
    assert names == ["guarantees_1", "guarantees_2", "fairness", "weighted_met_bits", "stock_left", "n_contacts"]
    assert [goal.objective.name for goal in formulate(this, ("n_contacts", "max_min")).goals] == [
        "n_contacts",
        "max_min",
    ]
    for objectives, has_head_start in ((("max_min", "fairness"), True), (("fairness", "max_min"), False)):
        assert (formulate(this, objectives).head_start is not None) == has_head_start

"""A day of a few bits with everything in it: ages, caps, fibre, two satellites, deadlines on the way."""

from __future__ import annotations

import functools
import random
from dataclasses import dataclass, replace

from eagleplan import schedule
from eagleplan.model import ContactClaim, Demand, FibreLink, Horizon, InitialStock, Network, PlanClaims
from eagleplan.operations.ledger import Book
from eagleplan.operations.settle import Made, delivered_bits, settle
from eagleplan.resources import example_path
from eagleplan.scenario import Scenario, load_scenario
from eagleplan.schedule import Candidate

END_S = 86_400
SITES = ("de-oberpfaffenhofen", "it-matera", "gr-helmos", "nl-the-hague", "at-graz")
NODE_SITES = {site[:2].upper(): (site,) for site in SITES}


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallWeek:
    """A scenario, and a plan of it."""

    scenario: Scenario
    plan: PlanClaims

    def as_planned(self) -> list[Made]:
        """Every contact gives what was expected."""
        return [Made(contact_id=c.contact_id, status="done", bits=c.expected_bits) for c in self.plan.contacts]

    def settled(self, made: list[Made], *until_s: int, book: Book | None = None) -> Book:
        """The book after settling up to each of the instants."""
        book = Book() if book is None else book
        for instant_s in until_s or (END_S,):
            settle(book, self.scenario, self.plan, made, instant_s)
        return book

    def handed(self, book: Book) -> dict[str, int]:
        """Bits that each demand has had."""
        had = delivered_bits(book)
        return {demand.demand_id: had.get(demand.demand_id, 0) for demand in self.scenario.demands}

    def planned(self) -> dict[str, int]:
        """Bits that the plan promises to each demand."""
        return {
            demand.demand_id: sum(d.bits for d in self.plan.deliveries if d.demand_id == demand.demand_id)
            for demand in self.scenario.demands
        }


@functools.cache
def _base() -> Scenario:
    return load_scenario(example_path("operations/week.toml"), with_link=False)


def demand(name: str, node_a: str, node_b: str, bits: int, deadline_s: int = END_S, **more: int) -> Demand:
    """A demand of a few bits."""
    given = {"priority": 1, "guarantee_bits": 0, "start_s": 0} | more
    return Demand(demand_id=name, node_a=node_a, node_b=node_b, bits=bits, deadline_s=deadline_s, **given)


def contact(
    name: str, site_id: str, end_s: int, bits: int, *, satellite: str = "eagle1", delay_s: int = 0
) -> Candidate:
    """A contact that ends at an instant; its key is usable so much later."""
    return Candidate(
        contact_id=name,
        pass_id=name,
        satellite_id=satellite,
        site_id=site_id,
        start_s=end_s - 200,
        end_s=end_s,
        usable_s=end_s + delay_s,
        bits=bits,
        night="",
    )


def small_week(contacts: list[Candidate], demands: list[Demand], **network: object) -> SmallWeek:
    """The best plan of these contacts and demands."""
    base = _base()
    (eagle1,) = base.satellites
    scenario = replace(
        base,
        satellites=(eagle1, replace(eagle1, satellite_id="eagle2")),
        demands=tuple(demands),
        network=Network(node_sites=NODE_SITES, **network),  # type: ignore[arg-type]
    )
    problem = schedule.build_problem(
        (),
        (),
        demands=scenario.demands,
        network=scenario.network,
        satellites=scenario.satellites,
        sites=scenario.sites,
        options=scenario.schedule,
        end_s=END_S,
    )
    problem = replace(problem, candidates=tuple(sorted(contacts, key=lambda c: (c.start_s, c.contact_id))))
    solution = schedule.solve(problem, objectives=["guarantees", "fairness", "weighted_met_bits"])
    by_id = {c.contact_id: c for c in contacts}
    horizon = Horizon(start_utc=base.horizon.start_utc, days=1.0)
    claims = tuple(
        ContactClaim(
            contact_id=c.contact_id,
            pass_id=c.pass_id,
            satellite_id=c.satellite_id,
            site_id=c.site_id,
            start_utc=horizon.utc(c.start_s),
            end_utc=horizon.utc(c.end_s),
            start_s=c.start_s,
            end_s=c.end_s,
            p_clear=1.0,
            secret_bits=c.bits,
            expected_bits=c.bits,
            usable_s=c.usable_s,
        )
        for c in (by_id[name] for name in solution.chosen_ids)
    )
    plan = PlanClaims(
        name="small",
        horizon=horizon,
        contacts=claims,
        deliveries=solution.deliveries,
        discards=solution.discards,
        demands=(),
        initial_stocks=scenario.network.initial_stocks,
        proof=schedule.proof(solution),
    )
    return SmallWeek(scenario=scenario, plan=plan)


def random_week(seed: int) -> SmallWeek:
    """Anything of it."""
    rng = random.Random(seed)
    satellites = ["eagle1", "eagle2"][: rng.choice([1, 2])]
    contacts = [
        contact(
            f"k{number}",
            rng.choice(SITES),
            rng.randrange(1_000, END_S, 500),
            rng.randint(1, 60),
            satellite=rng.choice(satellites),
            delay_s=rng.choice([0, 0, 7_000]),
        )
        for number in range(rng.randint(3, 9))
    ]
    ends = [(a, b) for a in NODE_SITES for b in NODE_SITES if a < b]
    demands = []
    for number in range(rng.randint(1, 4)):
        deadline_s = rng.choice([20_000, 50_000, END_S, END_S])
        bits = rng.randint(5, 90)
        guarantee_bits = rng.choice([0, 0, bits // 4])
        start_s = rng.choice([0, 0, 10_000])
        demands.append(
            demand(f"d{number}", *rng.choice(ends), bits, deadline_s, guarantee_bits=guarantee_bits, start_s=start_s)
        )
    capped = rng.random() < 0.5
    links = [
        FibreLink(link_id=f"f{n}", node_a="DE", node_b=rng.choice(["IT", "AT"]), rate_bps=rng.choice([0.001, 0.00037]))
        for n in range(rng.choice([0, 0, 1, 2]))
    ]
    held = [("eagle1", "it-matera"), ("eagle1", "de-oberpfaffenhofen"), ("eagle1", "at-graz")]
    return small_week(
        contacts,
        demands,
        max_hops=4,
        max_age_s=rng.choice([None, 15_000, 40_000]),
        delivery_interval_s=rng.choice([None, 7_200, 21_600]),
        fibre_links=tuple(links),
        initial_stocks=tuple(
            InitialStock(end_a=a, end_b=b, bits=rng.randint(1, 40), age_s=rng.choice([0, 5_000]))
            for a, b in rng.sample(held, rng.randint(0, 3))
        ),
        satellite_cap_bits={s: rng.randint(10, 90) for s in satellites} if capped else {},
        node_cap_bits={"it-matera": rng.randint(5, 40)} if capped and rng.random() < 0.5 else {},
        edge_cap_bits={("de-oberpfaffenhofen", "eagle1"): rng.randint(5, 40)} if rng.random() < 0.2 else {},
    )

"""A year of weekly plans under seeded clouds: optimised against the rules that planners use.

One satellite, 30 stations of 25 countries, 48 pairs of countries that want half of what could be had, 52 weeks. Each
week is planned on expected yields alone. Then the sky decides, contact by contact, with clouds correlated in space and
time, and the key that really came is handed out, in the same way for every policy: by the fair utility of the default
objectives. What is left can be used for two weeks; older key is lost. All policies see the same passes, the same yields
and the same clouds.

    python benchmarks/year.py [WEEKS]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from random import Random

from eagleplan import pipeline, schedule
from eagleplan.model import Demand, InitialStock
from eagleplan.resources import example_path
from eagleplan.scenario import Scenario, load_scenario
from eagleplan.schedule import Limits, Problem, Solution
from eagleplan.weather.cloud_scenarios import clear_skies, realised_bits

SEED = 7
WEEKS = 52
WEEK_S = 7 * 86_400
MAX_AGE_S = 14 * 86_400
N_PAIRS = 48
LOAD = 0.5
START_UTC = datetime(2026, 11, 30, tzinfo=UTC)
SEARCH_S = 2.0
"""The solver's own clock, for a week."""

SITES = (
    "de-oberpfaffenhofen", "de-tautenburg", "nl-the-hague", "be-redu", "lu-betzdorf", "fr-calern", "fr-ohp",
    "es-teide", "es-calar-alto", "it-matera", "it-asiago-ekar", "gr-helmos", "gr-skinakas", "at-graz", "cz-ondrejov",
    "pl-borowiec", "sk-modra", "hu-piszkesteto", "si-crni-vrh", "hr-zagreb", "bg-rozhen", "ro-bucharest",
    "fi-metsahovi", "se-onsala", "dk-brorfelde", "lv-riga", "ee-toravere", "lt-moletai", "ie-blackrock", "pt-lisbon",
)  # fmt: skip

Planner = Callable[[Problem], Solution]


@dataclass(frozen=True)
class Week:
    """What every policy sees of a week: its scenario, its candidates, the bits that the sky lets each of them give."""

    scenario: Scenario
    assessment: pipeline.Assessment
    bits: Mapping[str, int]

    def problem(self, demands: Sequence[Demand], stocks: Sequence[InitialStock]) -> Problem:
        network = replace(self.scenario.network, initial_stocks=tuple(stocks), max_age_s=MAX_AGE_S)
        return schedule.build_problem(
            self.assessment.candidates,
            self.assessment.passes,
            demands=demands,
            network=network,
            satellites=self.scenario.satellites,
            sites=self.scenario.sites,
            options=self.scenario.schedule,
            end_s=self.scenario.horizon.end_s,
            slews=self.assessment.slews,
        )


@dataclass
class Year:
    """What a policy made of the weeks so far."""

    stocks: list[InitialStock] = field(default_factory=list)
    met_frac: list[float] = field(default_factory=list)
    delivered_bits: dict[str, int] = field(default_factory=dict)
    wanted_bits: dict[str, int] = field(default_factory=dict)
    expired_bits: int = 0
    n_contacts: int = 0
    plan_s: float = 0.0


def week(number: int) -> Week:
    """Passes, windows, parts and yields of a week, and its sky."""
    scenario = load_scenario(
        example_path("eagle1-week.toml"),
        start_utc=START_UTC + timedelta(weeks=number),
        overrides={
            "sites.use": list(SITES),
            "schedule.cut_grid_s": 60,
            "demand.file": "none.csv",
        },
        extra_files={"none.csv": b"demand_id,node_a,node_b,bits_per_week\nany,DE,FR,1\n"},
    )
    assessment = pipeline.assess(scenario)
    clear = clear_skies(assessment.candidates, scenario.sites, n_skies=1, seed=SEED + number)
    bits = realised_bits(assessment.candidates, clear)[0]
    names = (contact.contact_id for contact in assessment.candidates)
    return Week(scenario=scenario, assessment=assessment, bits=dict(zip(names, bits.tolist(), strict=True)))


def demands_for(weeks: Sequence[Week]) -> tuple[Demand, ...]:
    """Pairs drawn by lot; together they want `LOAD` of what highest-yield-first brings down in an average week."""
    random = Random(SEED)
    countries = sorted({site.country for site in weeks[0].scenario.sites})
    pairs = sorted(random.sample(list(combinations(countries, 2)), N_PAIRS))
    size = [random.lognormvariate(0.0, 0.7) for _ in pairs]
    ask = Demand(demand_id="any", node_a="DE", node_b="FR", bits=1, priority=1, guarantee_bits=0, deadline_s=WEEK_S)
    supply = []
    for this in weeks:
        everybody = [replace(ask, demand_id=f"{a}-{b}", node_a=a, node_b=b, bits=10**9) for a, b in pairs]
        problem = this.problem(everybody, ())
        bits = {candidate.contact_id: candidate.bits for candidate in problem.candidates}
        chosen = schedule.GREEDIES["highest-yield-first"](problem).chosen_ids
        supply.append(sum(bits[name] for name in chosen))
    total = LOAD * statistics.mean(supply) / 2.0
    return tuple(
        replace(
            ask,
            demand_id=f"{a}-{b}",
            node_a=a,
            node_b=b,
            bits=max(1, round(total * part / sum(size))),
            priority=random.choice((1, 1, 2, 3)),
        )
        for (a, b), part in zip(pairs, size, strict=True)
    )


def live(this: Week, demands: Sequence[Demand], year: Year, planner: Planner) -> None:
    """Plan a week, let the sky decide, hand out what came, and keep the rest."""
    problem = this.problem(demands, year.stocks)
    start = time.perf_counter()
    chosen = set(planner(problem).chosen_ids)
    year.plan_s += time.perf_counter() - start
    year.n_contacts += len(chosen)
    came = tuple(
        replace(candidate, bits=this.bits[candidate.contact_id])
        for candidate in problem.candidates
        if candidate.contact_id in chosen
    )
    flown = tuple(schedule.Pin(pin_id=one.contact_id, contact_ids=(one.contact_id,)) for one in came)
    handed = schedule.solve(
        replace(problem, candidates=came, pins=flown),
        Limits(max_time_s=SEARCH_S),
        objectives=("fairness",),
    )
    for demand in demands:
        bits = handed.delivered_bits(demand.demand_id)
        year.met_frac.append(bits / demand.bits)
        year.delivered_bits[demand.demand_id] = year.delivered_bits.get(demand.demand_id, 0) + bits
        year.wanted_bits[demand.demand_id] = year.wanted_bits.get(demand.demand_id, 0) + demand.bits
    lots = [(stock.end_a, stock.end_b, stock.bits, -stock.age_s) for stock in year.stocks]
    lots += [(one.satellite_id, one.site_id, one.bits, one.usable_s) for one in came]
    keep_stocks(year, lots, handed)


def keep_stocks(year: Year, lots: Sequence[tuple[str, str, int, int]], handed: Solution) -> None:
    """Spend the oldest key first; count what grows too old; the rest is next week's stock."""
    sites = {lot[1] for lot in lots}
    spent: dict[str, int] = {}
    for delivery in handed.deliveries:
        for node in delivery.path:
            if node in sites:
                spent[node] = spent.get(node, 0) + delivery.bits
    year.stocks = []
    for end_a, end_b, bits, made_s in sorted(lots, key=lambda lot: lot[3]):
        age_s = WEEK_S - made_s
        if age_s > MAX_AGE_S:
            year.expired_bits += bits
            continue
        taken = min(bits, spent.get(end_b, 0))
        spent[end_b] = spent.get(end_b, 0) - taken
        if bits > taken:
            year.stocks.append(InitialStock(end_a=end_a, end_b=end_b, bits=bits - taken, age_s=age_s))
    if any(spent.values()):
        raise ArithmeticError("more key was handed out than there was")


def optimised(problem: Problem) -> Solution:
    """The plan with the fairest use of key, as far as the search gets."""
    return schedule.solve(problem, Limits(max_time_s=SEARCH_S), objectives=("fairness",))


def row(name: str, year: Year) -> str:
    fractions = sorted(year.delivered_bits[name] / wanted for name, wanted in year.wanted_bits.items())
    starved = sum(fraction < 0.01 for fraction in fractions)
    total = sum(year.delivered_bits.values()) / sum(year.wanted_bits.values())
    return (
        f"| {name} | {statistics.mean(year.met_frac):.3f} | {total:.3f} | {starved} | {fractions[0]:.3f} | "
        f"{fractions[len(fractions) // 10]:.3f} | {year.expired_bits / 1e6:.1f} | {year.n_contacts} | "
        f"{year.plan_s / max(1, len(year.met_frac) // N_PAIRS):.1f} |"
    )


def main(n_weeks: int) -> None:
    start = time.perf_counter()
    weeks = [week(number) for number in range(n_weeks)]
    demands = demands_for(weeks)
    n_candidates = [len(this.assessment.candidates) for this in weeks]
    print(
        f"{n_weeks} weeks, {len(SITES)} stations, {len(demands)} pairs, "
        f"{min(n_candidates)} to {max(n_candidates)} candidates a week, assessed in {time.perf_counter() - start:.0f} s"
    )
    columns = "policy | mean met | of all bits | starved pairs | worst pair | 10th centile | expired, Mbit | contacts"
    print(f"\n| {columns} | s a week |\n|{'---|' * 9}")
    policies: dict[str, Planner] = {
        **schedule.GREEDIES,
        "optimised": optimised,
    }
    for name, planner in policies.items():
        year = Year()
        for this in weeks:
            live(this, demands, year, planner)
        print(row(name, year), flush=True)
    print(f"\n{time.perf_counter() - start:.0f} s in all")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else WEEKS)

"""Plans over many skies on the example's network: what they gain, sky by sky, on skies that no plan has seen.

The example week and ten weeks whose starts are drawn from a seed, one in each tenth of the year that follows. Rivals
choose contacts as if all skies were clear, by expected bits (with the default's preference for few contacts, and with
one for much key in store, which is a reserve against cloud too), and by rules of thumb. All hand out key by the same
rule once the sky is known. Met demand is weighted bits delivered over weighted bits wanted.

`python benchmarks/robust.py [N_WEEKS]` measures that many weeks, the example first, and prints Markdown;
`python benchmarks/robust.py skies` measures solve time against the number of skies, on the example week.
`python benchmarks/robust.py reduction` measures what skies reduced from many bring over as many plain ones.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from _reduction import reduced

from eagleplan.model import Contact
from eagleplan.pipeline import assess, problem_of
from eagleplan.resources import example_path
from eagleplan.scenario import Scenario, load_scenario
from eagleplan.schedule import GREEDIES, Limits, Problem, solve
from eagleplan.schedule.robust import RobustChoice, choose_robust
from eagleplan.schedule.robust_compare import rivals
from eagleplan.schedule.robust_programme import Skies
from eagleplan.schedule.robust_recourse import IntArray
from eagleplan.weather.cloud_scenarios import clear_skies, realised_bits

EXAMPLE = datetime(2026, 11, 30, tzinfo=UTC)
QUANTITY = ("weighted_met_bits",)
OBJECTIVES = ("mean_met", *QUANTITY)
RIVAL_LIMITS = Limits(max_time_s=5.0)
LIMITS = Limits(max_time_s=10.0)
N_SKIES, N_DRAWN, N_FRESH = 50, 1000, 1000
RULES = ("earliest-first", "highest-yield-first")
"""The two that stand up best to cloud: they fly as much as they can."""
SEED, FRESH_SEED = 1, 20_260_101


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """A week's problem and the contacts of its candidates, in the same order."""

    start_utc: datetime
    scenario: Scenario
    problem: Problem
    contacts: tuple[Contact, ...]

    def bits(self, n_skies: int, seed: int) -> IntArray:
        clear = clear_skies(self.contacts, self.scenario.sites, n_skies=n_skies, seed=seed)
        return realised_bits(self.contacts, clear)

    def robust(self, n_skies: int, start_ids: tuple[str, ...], objectives: tuple[str, ...]) -> RobustChoice:
        skies = Skies(bits=self.bits(n_skies, SEED), weights=(1,) * n_skies)
        return choose_robust(self.problem, skies, start_ids, LIMITS, objectives)


def week(start_utc: datetime) -> Week:
    scenario = load_scenario(example_path("eagle1-week.toml"), start_utc=start_utc)
    assessment = assess(scenario)
    problem = problem_of(scenario, assessment)
    by_id = {contact.contact_id: contact for contact in assessment.candidates}
    contacts = tuple(by_id[candidate.contact_id] for candidate in problem.candidates)
    return Week(start_utc=start_utc, scenario=scenario, problem=problem, contacts=contacts)


def starts(n_weeks: int) -> list[datetime]:
    """The example's start, then a day drawn from each tenth of the year after it."""
    lots = np.random.default_rng(SEED)
    days = [0, *(int(36.5 * n + lots.integers(0, 36)) for n in range(10))]
    return [EXAMPLE + timedelta(days=day) for day in days[:n_weeks]]


def plans(this: Week) -> tuple[Mapping[str, tuple[str, ...]], RobustChoice]:
    """Chosen contacts by the name of the way in which they were chosen, and the robust choice."""
    problem = this.problem
    clear = replace(
        problem,
        candidates=tuple(
            replace(candidate, bits=contact.key.secret_bits)
            for candidate, contact in zip(problem.candidates, this.contacts, strict=True)
        ),
    )
    few, much = (*QUANTITY, "n_contacts", "stock_left"), (*QUANTITY, "stock_left")
    found = {
        "clear sky, most key": solve(clear, RIVAL_LIMITS, objectives=much).chosen_ids,
        "expected value, few contacts": solve(problem, RIVAL_LIMITS, objectives=few).chosen_ids,
        "expected value, most key": solve(problem, RIVAL_LIMITS, objectives=much).chosen_ids,
    }
    found |= {f"greedy, {name}": GREEDIES[name](problem, objectives=QUANTITY).chosen_ids for name in RULES}
    return found, this.robust(N_SKIES, found["expected value, most key"], OBJECTIVES)


def weeks(n_weeks: int) -> None:
    print("| week | candidates | plan | contacts | mean met | P10 | robust gains, mean | robust gains, P10 |")
    print("|---|---|---|---|---|---|---|---|")
    for start_utc in starts(n_weeks):
        this = week(start_utc)
        others, robust = plans(this)
        fresh = this.bits(N_FRESH, FRESH_SEED)
        record = rivals(this.problem, robust.chosen_ids, others, fresh, OBJECTIVES)
        name = f"| {start_utc:%Y-%m-%d} | {len(this.contacts)} "
        own = record[0]
        print(
            f"{name}| **robust** (gap {robust.gap_frac:.1%}) | {len(robust.chosen_ids)} | {own.mean_met_frac:.3f} "
            f"| {own.p10_met_frac:.3f} | | |"
        )
        for rival in record:
            print(
                f"| | | {rival.name} | {len(others[rival.name])} | {rival.rival_mean_met_frac:.3f} "
                f"| {rival.rival_p10_met_frac:.3f} | {rival.gain_frac:+.3f} ± {rival.gain_error_frac:.3f} "
                f"| {rival.p10_met_frac - rival.rival_p10_met_frac:+.3f} |",
                flush=True,
            )


def skies() -> None:
    """Solve time and gap against the number of skies."""
    this = week(EXAMPLE)
    start = solve(this.problem, RIVAL_LIMITS, objectives=(*QUANTITY, "stock_left")).chosen_ids
    fresh = this.bits(N_FRESH, FRESH_SEED)
    print("| skies | objective | solver's clock s | CPU s | gap | contacts | mean met, fresh skies | P10 |")
    print("|---|---|---|---|---|---|---|---|")
    for n_skies, objective in ((10, "mean_met"), (20, "mean_met"), (50, "mean_met"), (50, "cvar"), (200, "mean_met")):
        begun_s = time.process_time()
        choice = this.robust(n_skies, start, (objective, *QUANTITY))
        cpu_s = time.process_time() - begun_s
        (record,) = rivals(this.problem, choice.chosen_ids, {"expected value": start}, fresh, OBJECTIVES)
        print(
            f"| {n_skies} | {objective} | {choice.time_s:.1f} | {cpu_s:.1f} | {choice.gap_frac:.1%} "
            f"| {len(choice.chosen_ids)} | {record.mean_met_frac:.3f} | {record.p10_met_frac:.3f} |",
            flush=True,
        )


def reduction() -> None:
    """50 skies reduced from 1,000 against 50 drawn, for two weeks and three draws each."""
    print("| week | draw | reduced | plain | gain |")
    print("|---|---|---|---|---|")
    for start_utc in (starts(11)[0], starts(11)[4]):
        this = week(start_utc)
        begin = solve(this.problem, RIVAL_LIMITS, objectives=(*QUANTITY, "stock_left")).chosen_ids
        fresh = this.bits(N_FRESH, FRESH_SEED)
        for seed in (1, 2, 3):
            plain = Skies(bits=this.bits(N_SKIES, seed), weights=(1,) * N_SKIES)
            fewer = reduced(this.problem.candidates, this.bits(N_DRAWN, seed), N_SKIES)
            own, other = (
                choose_robust(this.problem, skies, begin, LIMITS, OBJECTIVES).chosen_ids for skies in (fewer, plain)
            )
            (record,) = rivals(this.problem, own, {"plain": other}, fresh, OBJECTIVES)
            print(
                f"| {start_utc:%Y-%m-%d} | {seed} | {record.mean_met_frac:.3f} / {record.p10_met_frac:.3f} "
                f"| {record.rival_mean_met_frac:.3f} / {record.rival_p10_met_frac:.3f} "
                f"| {record.gain_frac:+.3f} ± {record.gain_error_frac:.3f} |",
                flush=True,
            )


def main(arguments: list[str]) -> None:
    if arguments == ["skies"]:
        skies()
    elif arguments == ["reduction"]:
        reduction()
    else:
        weeks(int(arguments[0]) if arguments else 11)


if __name__ == "__main__":
    main(sys.argv[1:])

"""The schedule on seeded realistic weeks: what rules of thumb lose, how good the proof is, how long it takes.

One satellite, seven days, whole passes over 12 stations and ten demands, some of them with deadlines. Met key is
weighted, as a fraction of the proven bound; the rules' contacts are credited with the best way to hand out their key.
Time is that of the default solver with one worker from problem to plan, and that of HiGHS on the timeline network
beside it. `schedule_scale.py` has the larger sizes.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from _schedule_instances import instance

from eagleplan.schedule import GREEDIES, Limits, Problem, Solution, solve

SIZES: dict[str, tuple[dict[str, Any], range]] = {
    "12 stations, whole passes": ({"n_sites": 12, "n_demands": 10}, range(6)),
}
LIMITS = Limits(max_time_s=30.0)
OBJECTIVES = ("weighted_met_bits", "n_contacts", "stock_left")


def _timed(problem: Problem, solver: str) -> tuple[Solution, float]:
    begun_s = time.perf_counter()
    solution = solve(problem, LIMITS, solver=solver, objectives=OBJECTIVES)
    return solution, time.perf_counter() - begun_s


def _best_with(problem: Problem, rule: Solution) -> int:
    """Weighted met bits of a rule's contacts when their key is handed out in the best way."""
    chosen = set(rule.chosen_ids)
    contacts = tuple(candidate for candidate in problem.candidates if candidate.contact_id in chosen)
    alone = replace(problem, candidates=contacts, limits=())
    return solve(alone, LIMITS, objectives=OBJECTIVES[:1]).level("weighted_met_bits").objective


def main() -> None:
    for solver in ("auto", "mip-timeline"):  # load their libraries first
        solve(instance(99, n_sites=6, n_demands=4), solver=solver)
    for name, (size, seeds) in SIZES.items():
        print(f"\n{name}")
        print(f"{'seed':>4}{'contacts':>10}", *(f"{rule:>20}" for rule in GREEDIES), end="")
        print(f"{'plan':>9}{'gap':>8}{'status':>10}{'auto':>9}{'HiGHS':>17}{'HiGHS / auto':>16}")
        for seed in seeds:
            problem = instance(seed, **size)
            plan, seconds = _timed(problem, "auto")
            other, other_seconds = _timed(problem, "mip-timeline")
            met = plan.level("weighted_met_bits")
            fractions = [_best_with(problem, greedy(problem)) / met.bound for greedy in GREEDIES.values()]
            print(f"{seed:>4}{len(problem.candidates):>10}", *(f"{f:>20.3f}" for f in fractions), end="")
            print(f"{met.objective / met.bound:>9.4f}{met.gap_frac:>8.2%}{plan.status:>10}", end="")
            print(f"{seconds:>8.2f}s{other_seconds:>8.2f}s {other.status:>8}", end="")
            print(f"{other_seconds / seconds:>15.1f}×", flush=True)


if __name__ == "__main__":
    main()

"""The schedule on seeded realistic weeks: what rules of thumb lose, how good the proof is, how long it takes.

One satellite, seven days, whole passes over 12 stations and ten demands (the size of the example), then the
same with passes cut at 30 s where they clash, over ten stations. Met key is weighted, as a fraction of the
proven bound; the rules' contacts are credited with the best way to hand out their key. Time is that of CP-SAT
with one worker from problem to plan, and that of HiGHS on the timeline network beside it.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from _schedule_instances import instance

from eagleplan.schedule import GREEDIES, Limits, Problem, Solution, solve

SIZES: dict[str, tuple[dict[str, Any], range]] = {
    "12 stations, whole passes": ({"n_sites": 12, "n_demands": 10}, range(6)),
    "10 stations, cut at 30 s": ({"n_sites": 10, "n_demands": 18, "grid_s": 30}, range(3)),
}
LIMITS = Limits(max_time_s=30.0)


def _timed(problem: Problem, solver: str) -> tuple[Solution, float]:
    begun_s = time.perf_counter()
    solution = solve(problem, LIMITS, solver=solver)
    return solution, time.perf_counter() - begun_s


def _best_with(problem: Problem, rule: Solution) -> int:
    """Weighted met bits of a rule's contacts when their key is handed out in the best way."""
    chosen = set(rule.chosen_ids)
    contacts = tuple(candidate for candidate in problem.candidates if candidate.contact_id in chosen)
    return solve(replace(problem, candidates=contacts), LIMITS).level("weighted_met_bits").objective


def main() -> None:
    for solver in ("cp-sat", "mip-timeline"):  # load their libraries first
        solve(instance(99, n_sites=6, n_demands=4), solver=solver)
    for name, (size, seeds) in SIZES.items():
        print(f"\n{name}")
        print(f"{'seed':>4}{'contacts':>10}", *(f"{rule:>20}" for rule in GREEDIES), end="")
        print(f"{'plan':>9}{'gap':>8}{'status':>10}{'CP-SAT':>9}{'HiGHS':>17}{'HiGHS / CP-SAT':>16}")
        for seed in seeds:
            problem = instance(seed, **size)
            plan, seconds = _timed(problem, "cp-sat")
            other, other_seconds = _timed(problem, "mip-timeline")
            met = plan.level("weighted_met_bits")
            fractions = [_best_with(problem, greedy(problem)) / met.bound for greedy in GREEDIES.values()]
            print(f"{seed:>4}{len(problem.candidates):>10}", *(f"{f:>20.3f}" for f in fractions), end="")
            print(f"{met.objective / met.bound:>9.4f}{met.gap_frac:>8.2%}{plan.status:>10}", end="")
            print(f"{seconds:>8.2f}s{other_seconds:>8.2f}s {other.status:>8}", end="")
            print(f"{other_seconds / seconds:>15.1f}×", flush=True)


if __name__ == "__main__":
    main()

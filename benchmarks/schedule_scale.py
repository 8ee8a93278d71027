"""How solving grows with size: `python benchmarks/schedule_scale.py [SIZE…] [--seeds N] [--objective NAME]`.

Seeded weeks (`_schedule_instances`): passes cut on a grid where they clash, load 0.8, three demands in ten with a
deadline, 480 s of contact per orbit. A size is a name below: satellites x stations. Two clocks: the wall with both
cores (`workers` 0, the default here), or the solvers' own with one (`--workers 1`), which repeats. The gap is
|bound - plan| / bound; the greedy plan is the best of the rules of thumb.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time
from dataclasses import dataclass

from _schedule_instances import instance

from eagleplan.model import DEFAULT_OBJECTIVES
from eagleplan.schedule import Limits
from eagleplan.schedule.formulation import formulate
from eagleplan.schedule.greedy import start_values
from eagleplan.schedule.solvers import SOLVERS


@dataclass(frozen=True)
class Size:
    n_satellites: int
    n_sites: int
    n_demands: int
    grid_s: int
    time_s: float
    wanted_gap_frac: float


SIZES = {
    "1x13": Size(1, 13, 9, 30, 10.0, 0.001),
    "1x10": Size(1, 10, 18, 30, 10.0, 0.001),
    "1x30": Size(1, 30, 48, 30, 60.0, 0.005),
    "6x30": Size(6, 30, 48, 30, 120.0, 0.02),
    "24x60": Size(24, 60, 48, 60, 300.0, 0.05),
}


def row(name: str, seed: int, objective_name: str, workers: int, time_s: float | None) -> str:
    size = SIZES[name]
    problem = instance(
        seed, n_satellites=size.n_satellites, n_sites=size.n_sites, n_demands=size.n_demands, grid_s=size.grid_s
    )
    begun = time.perf_counter()
    formulation = formulate(problem, DEFAULT_OBJECTIVES)
    formulated = time.perf_counter()
    (goal,) = (goal for goal in formulation.goals if goal.objective.name == objective_name)
    start = start_values(formulation)
    started = time.perf_counter()
    limit_s = time_s or size.time_s
    answer = SOLVERS["auto"].improve(
        formulation.programme,
        goal.objective,
        [],
        start,
        max(1.0, limit_s - (started - begun)) if workers == 0 else limit_s,
        Limits(max_time_s=limit_s, workers=workers),
    )
    ended = time.perf_counter()
    if not formulation.programme.is_feasible(answer.values):
        raise ArithmeticError("infeasible answer")
    greedy, plan = (goal.objective.value(values) for values in (start, answer.values))
    bound = answer.bound
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{name:7}{seed:5}{len(problem.candidates):11,}{formulated - begun:8.1f}{started - begun:8.1f}"
        f"{greedy / bound:9.4f}{plan / bound:9.4f}{100 * (bound - plan) / bound:8.3f}"
        f"{100 * size.wanted_gap_frac:8.1f}{ended - begun:9.1f}{megabytes:8.0f}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", default=list(SIZES), metavar="SIZE", help=", ".join(SIZES))
    parser.add_argument("--seeds", type=int, default=1, help="instances of each size (default 1)")
    parser.add_argument("--objective", default="fairness", choices=("fairness", "weighted_met_bits"))
    parser.add_argument("--workers", type=int, default=0, help="0: both cores and the wall's clock (default)")
    parser.add_argument("--time-s", type=float, help="instead of the size's own limit")
    options = parser.parse_args()
    print(
        f"{'size':7}{'seed':>5}{'candidates':>11}{'model s':>8}{'first s':>8}{'greedy':>9}{'plan':>9}"
        f"{'gap %':>8}{'wanted':>8}{'total s':>9}{'MB':>8}"
    )
    for name in options.sizes:
        for seed in range(options.seeds):
            # A process each: its memory is its own.
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                how = (name, seed, options.objective, options.workers, options.time_s)
                print(pool.apply(row, how), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

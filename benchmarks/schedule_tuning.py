"""The solver's settings against its defaults, in deterministic time: what `cpsat.TUNED` is worth.

Every setting solves the same seeded weeks within the same limit; the last column is its time over that of the
settings in use. A gap that is left at the limit is that of weighted met key.
"""

from __future__ import annotations

from unittest.mock import patch

from _schedule_instances import instance

from eagleplan.schedule import Limits, cpsat, solve

SETTINGS: dict[str, dict[str, int]] = {
    "in use": dict(cpsat.TUNED),
    "with cuts": {**cpsat.TUNED, "cut_level": 1},
    "light relaxation": {**cpsat.TUNED, "linearization_level": 1},
    "defaults": {},
}
WEEKS = [
    *(instance(seed) for seed in range(6)),
    *(instance(seed, n_sites=6, n_demands=5, grid_s=60) for seed in range(2)),
]
LIMITS = Limits(max_time_s=10.0)
OBJECTIVES = ("weighted_met_bits", "n_contacts", "stock_left")


def main() -> None:
    print(f"{'settings':<18}{'proven':>8}{'largest gap':>13}{'deterministic':>15}{'ratio':>8}")
    reference_s = 0.0
    for name, settings in SETTINGS.items():
        with patch.object(cpsat, "TUNED", settings):
            solutions = [solve(week, LIMITS, solver="cp-sat", objectives=OBJECTIVES) for week in WEEKS]
        proven = sum(solution.status == "optimal" for solution in solutions)
        gap = max(solution.level("weighted_met_bits").gap_frac for solution in solutions)
        used_s = sum(solution.deterministic_time_s for solution in solutions)
        reference_s = reference_s or used_s
        print(
            f"{name:<18}{proven:>5}/{len(WEEKS)}{gap:>13.2%}{used_s:>14.2f}s{used_s / reference_s:>7.1f}×", flush=True
        )


if __name__ == "__main__":
    main()

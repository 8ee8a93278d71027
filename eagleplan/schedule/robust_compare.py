"""Plans side by side under the same skies."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from eagleplan.model import Rival
from eagleplan.schedule.problem import Problem
from eagleplan.schedule.robust_recourse import IntArray, delivered_over_skies
from eagleplan.units import FloatArray


def met_fractions(problem: Problem, delivered_bits: IntArray) -> FloatArray:
    """Weighted bits delivered over weighted bits wanted, under each sky, shape (n_skies,).

    `delivered_bits` is (n_skies, n_demands), in the order of the problem's demands.
    """
    weights = np.array([demand.weight for demand in problem.demands], dtype=np.float64)
    wanted = float(weights @ np.array([demand.bits for demand in problem.demands], dtype=np.float64))
    return np.asarray(delivered_bits @ weights / wanted)


def rivals(
    problem: Problem,
    chosen_ids: Collection[str],
    others: Mapping[str, Collection[str]],
    realised_bits: IntArray,
    objectives: Sequence[str],
) -> tuple[Rival, ...]:
    """A plan against other choices of contacts, by name, under fresh skies.

    `realised_bits` (n_skies, n_candidates) goes with `problem.candidates`. Under each sky every plan hands out its key
    by the same rule (see `robust_recourse`).
    """

    def met(ids: Collection[str]) -> FloatArray:
        return met_fractions(problem, delivered_over_skies(problem, ids, realised_bits, objectives))

    own = met(chosen_ids)
    found = []
    for name, ids in others.items():
        other = met(ids)
        gain = own - other
        found.append(
            Rival(
                name=name,
                n_skies=len(gain),
                mean_met_frac=float(own.mean()),
                p10_met_frac=tenth(own),
                rival_mean_met_frac=float(other.mean()),
                rival_p10_met_frac=tenth(other),
                gain_frac=float(gain.mean()),
                gain_error_frac=float(gain.std(ddof=1) / math.sqrt(len(gain))) if len(gain) > 1 else 0.0,
            )
        )
    return tuple(found)


def tenth(values: FloatArray) -> float:
    """The smallest value that at least a tenth of the values do not exceed."""
    return float(np.quantile(values, 0.1, method="inverted_cdf"))

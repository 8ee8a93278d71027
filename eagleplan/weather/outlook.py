"""What many skies make of a plan, in the figures that a planner can promise by."""

from __future__ import annotations

import math

import numpy as np

from eagleplan.model import MetOutlook, Outlook
from eagleplan.weather.cloud_scenarios import IntArray


def outlook(delivered_bits: IntArray, guarantee_bits: int) -> Outlook:
    """The outlook of one demand from what it gets under each sky, shape (n_skies,).

    Percentiles are order statistics (the smallest value that at least 10, 50, 90 % of skies do not exceed): each is an
    amount that some sky gave. `mean_error_bits` is the standard error of the mean.
    """
    n_skies = len(delivered_bits)
    p10, p50, p90 = np.quantile(delivered_bits, [0.1, 0.5, 0.9], method="inverted_cdf")
    return Outlook(
        n_skies=n_skies,
        mean_bits=float(delivered_bits.mean()),
        mean_error_bits=standard_error(delivered_bits),
        p10_bits=int(p10),
        p50_bits=int(p50),
        p90_bits=int(p90),
        p_guarantee=float(np.mean(delivered_bits >= guarantee_bits)),
    )


def met_outlook(delivered_bits: IntArray, wanted_bits: int) -> MetOutlook:
    """The outlook of all demands together from what each gets under each sky, shape (n_skies, n_demands).

    Percentiles as in `outlook`; `wanted_bits`, above 0, is the sum over demands.
    """
    met_frac = delivered_bits.sum(axis=1) / wanted_bits
    p10, p50, p90 = np.quantile(met_frac, [0.1, 0.5, 0.9], method="inverted_cdf")
    return MetOutlook(
        n_skies=len(met_frac),
        mean_met_frac=float(met_frac.mean()),
        p10_met_frac=float(p10),
        p50_met_frac=float(p50),
        p90_met_frac=float(p90),
    )


def standard_error(values: IntArray) -> float:
    """Standard error of the mean of independent values; 0 for a single one, which knows nothing of its spread."""
    return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else 0.0

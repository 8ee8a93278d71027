"""Parts that no plan needs: a part of their own gives as much and takes less time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from eagleplan.pipeline.cuts import Indices, Parts
from eagleplan.units import SECONDS_PER_DAY

BoolArray = npt.NDArray[np.bool_]


def dominated(parts: Parts, secret_bits: Indices, expected_bits: Indices) -> BoolArray:
    """Which parts (n,) have another of the same window within their time that gives no less, in any sky.

    The other one leaves more of the satellite, the station and every limit, its key is usable no later, and it starts
    on the same day, so that it counts where the longer one does: a plan with the longer one can have it instead.
    """
    found = np.zeros(len(parts.span), dtype=np.bool_)
    order = np.argsort(parts.span, kind="stable")
    day = parts.start_s // int(SECONDS_PER_DAY)
    for own in np.split(order, np.flatnonzero(np.diff(parts.span[order])) + 1):
        start, end = parts.start_s[own], parts.end_s[own]
        within = (start[:, np.newaxis] >= start) & (end[:, np.newaxis] <= end) & (day[own, np.newaxis] == day[own])
        within &= (end - start)[:, np.newaxis] < end - start
        no_less = (secret_bits[own, np.newaxis] >= secret_bits[own]) & (
            expected_bits[own, np.newaxis] >= expected_bits[own]
        )
        found[own] = (within & no_less).any(axis=0)
    return found

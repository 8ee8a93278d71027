"""The best part of a contact: low ends may cost more in errors than they bring in clicks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eagleplan.key.counting import detections
from eagleplan.key.detections import Detections, map_arrays
from eagleplan.key.parts import part_detections
from eagleplan.key.protocols import PROTOCOLS
from eagleplan.key.secret_key import check_security, secret_key
from eagleplan.model import Detector, KeyYield, Security, Source

GRID = 14
"""Candidates for each end in one round of the search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BestWindow:
    """The samples [start, end) of a contact that give most key together, and that key."""

    start: int
    end: int
    key: KeyYield

    @property
    def duration_s(self) -> int:
        return self.end - self.start


def best_window(
    transmittance_frac: npt.ArrayLike,
    background_per_detector_cps: npt.ArrayLike,
    source: Source,
    detector: Detector,
    security: Security,
    *,
    min_duration_s: int = 1,
) -> BestWindow:
    """The window of at least `min_duration_s` whole seconds with the longest key; profile as for
    `detections`.

    Both ends are searched on a grid that is refined around the best pair down to single seconds. Among
    windows without a key, the one that misses it by least is returned, with its reason.
    """
    check_security(security)
    n_seconds = np.size(transmittance_frac)
    if n_seconds == 0:
        none = detections(transmittance_frac, background_per_detector_cps, source, detector)
        return BestWindow(start=0, end=0, key=secret_key(none, security))
    prove = PROTOCOLS[security.protocol].search_method(security.statistics).prove

    def blocks(starts: npt.NDArray[np.intp], ends: npt.NDArray[np.intp]) -> Detections:
        found = part_detections(transmittance_frac, background_per_detector_cps, source, detector, starts, ends)
        PROTOCOLS[security.protocol].check(found)
        return found

    step = max(1, -(-n_seconds // GRID))
    low, high = (0, n_seconds), (0, n_seconds)
    while True:
        starts, ends = _pairs(low, high, step, max(1, min(min_duration_s, n_seconds)))
        lengths = prove(blocks(starts, ends), security).length_bits
        best = int(np.argmax(lengths))
        starts, ends = starts[best : best + 1], ends[best : best + 1]
        if step == 1:
            break
        low = (max(0, int(starts[0]) - step), min(n_seconds, int(starts[0]) + step))
        high = (max(0, int(ends[0]) - step), min(n_seconds, int(ends[0]) + step))
        step = max(1, -(-2 * step // GRID))
    block = map_arrays(blocks(starts, ends), lambda x: x[0])
    return BestWindow(start=int(starts[0]), end=int(ends[0]), key=secret_key(block, security))


def _pairs(
    low: tuple[int, int], high: tuple[int, int], step: int, shortest: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Starts in `low` and ends in `high`, limits included, on a grid of `step`, at least `shortest` apart."""
    starts = np.unique(np.append(np.arange(low[0], low[1] + 1, step), low[1]))
    ends = np.unique(np.append(np.arange(high[1], high[0] - 1, -step), high[0]))
    first, last = (x.ravel() for x in np.meshgrid(starts, ends, indexing="ij"))
    fits = last - first >= shortest
    return first[fits].astype(np.intp), last[fits].astype(np.intp)

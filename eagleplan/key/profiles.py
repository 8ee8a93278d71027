"""What many passes look like to the key room, and what a condensed form of them must be able to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from eagleplan.key.detections import Detections
from eagleplan.units import FloatArray

Profiles = Sequence[tuple[npt.ArrayLike, npt.ArrayLike]]
"""Passes as (transmittance (n,), background per detector in cps, (n,) or a scalar), samples of 1 s."""


class Passes(Protocol):
    """Passes in a form in which many sources can be tried on them at once."""

    def select(self, rows: npt.NDArray[np.intp]) -> Self:
        """The same passes, picked and repeated as `rows` (b',) says."""

    def detections(self, mu: FloatArray, p_sent: FloatArray, p_key_basis: FloatArray) -> Detections:
        """Detections for sources μ, p (…, b, k) and basis bias (…, b) on the b passes."""

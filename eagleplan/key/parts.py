"""Many parts of one contact at once: what is counted in each follows from running sums over its seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt

from eagleplan.key.detections import Detections, PhotonNumbers, checked_profile, pulses_in
from eagleplan.key.pairs import pairs_in
from eagleplan.model import Detector, Source
from eagleplan.units import FloatArray


def part_detections(
    transmittance_frac: npt.ArrayLike,
    background_per_detector_cps: npt.ArrayLike,
    source: Source,
    detector: Detector,
    start: npt.NDArray[np.intp],
    end: npt.NDArray[np.intp],
) -> Detections:
    """Expected detections of the parts [start, end) of a contact, index arrays (b,): blocks (b,).

    The profile (n,) is that of `eagleplan.key.detections`, and so is each block, to rounding.
    """
    eta, p_noise = checked_profile(transmittance_frac, background_per_detector_cps, detector)

    def total(seconds: FloatArray) -> FloatArray:
        running = np.zeros((*seconds.shape[:-1], seconds.shape[-1] + 1))
        np.cumsum(seconds, axis=-1, out=running[..., 1:])
        return np.asarray(running[..., end] - running[..., start])

    if source.local_efficiency_frac is None:
        return pulses_in(eta, p_noise, source, detector, total)
    return pairs_in(eta, p_noise, source, detector, total)


def joined(blocks: Sequence[Detections]) -> Detections:
    """Blocks (b,) of several contacts, at least one, as one row of blocks; photon numbers only where all have them.

    A block lies in memory in one way, whatever it is joined with: sums over it depend on that in their last bit.
    """
    names = [f.name for f in fields(Detections) if f.name != "photon_numbers"]
    changed: dict[str, Any] = {
        name: np.ascontiguousarray(np.concatenate([getattr(d, name) for d in blocks])) for name in names
    }
    known = [d.photon_numbers for d in blocks if d.photon_numbers is not None]
    if len(known) < len(blocks):
        return Detections(**changed)
    inner = {f.name: np.concatenate([getattr(h, f.name) for h in known]) for f in fields(PhotonNumbers)}
    return Detections(**changed, photon_numbers=PhotonNumbers(**inner))

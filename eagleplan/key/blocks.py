"""Blocks: seconds and passes added up into what is distilled together.

Finite key is not additive: a long block pays for its statistics once. Detections are additive where the
source was the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from eagleplan.errors import InputError, Problem
from eagleplan.key.detections import Detections, PhotonNumbers
from eagleplan.units import FloatArray

_SETTINGS = frozenset({"mu", "p_sent", "p_key_basis"})


def pooled(blocks: Sequence[Detections]) -> Detections:
    """One block from several passes of one link, such as all passes of one site in a week.

    The key of the pool exists when the pool closes, not before: nothing of it can be used after its first
    pass. InputError where the passes had different sources, for which the proofs do not hold.
    """
    if not blocks:
        raise InputError(Problem(path="pool", message="needs at least one pass"))
    first = blocks[0]
    if not all(np.array_equal(getattr(d, name), getattr(first, name)) for d in blocks for name in _SETTINGS):
        raise InputError(Problem(path="pool", message="passes with different source settings cannot be pooled"))

    def total(arrays: Sequence[FloatArray]) -> FloatArray:
        return np.asarray(np.sum(arrays, axis=0))

    added = [f.name for f in fields(Detections) if f.name not in _SETTINGS and f.name != "photon_numbers"]
    changed: dict[str, Any] = {name: total([getattr(d, name) for d in blocks]) for name in added}
    known = [d.photon_numbers for d in blocks if d.photon_numbers is not None]
    if len(known) < len(blocks):
        return replace(first, **changed, photon_numbers=None)
    inner = {f.name: total([getattr(h, f.name) for h in known]) for f in fields(PhotonNumbers)}
    return replace(first, **changed, photon_numbers=PhotonNumbers(**inner))

"""Blocks: seconds and passes added up into what is distilled together.

Finite key is not additive: a long block pays for its statistics once. Detections are additive where the
source was the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

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
    return _added(first, blocks, lambda arrays: np.sum(arrays, axis=0))


def sums_to(seconds: Detections) -> Detections:
    """Running sums over seconds (n,), all with one source: blocks (n + 1,), row j of the seconds before j."""

    def running(arrays: Sequence[FloatArray]) -> FloatArray:
        total = np.cumsum(arrays[0], axis=0)
        return np.concatenate([np.zeros((1, *total.shape[1:])), total])

    mu, p_sent, q = (np.concatenate([x[:1], x]) for x in (seconds.mu, seconds.p_sent, seconds.p_key_basis))
    return replace(_added(seconds, [seconds], running), mu=mu, p_sent=p_sent, p_key_basis=q)


def between(sums: Detections, start: npt.NDArray[np.intp], end: npt.NDArray[np.intp]) -> Detections:
    """Blocks (b,) of the seconds [start, end), index arrays (b,), from running sums."""
    blocks = _added(sums, [sums], lambda arrays: arrays[0][end] - arrays[0][start])
    return replace(blocks, mu=sums.mu[start], p_sent=sums.p_sent[start], p_key_basis=sums.p_key_basis[start])


def _added(
    first: Detections, blocks: Sequence[Detections], add: Callable[[Sequence[FloatArray]], FloatArray]
) -> Detections:
    changed: dict[str, Any] = {
        f.name: add([getattr(d, f.name) for d in blocks])
        for f in fields(Detections)
        if f.name not in _SETTINGS and f.name != "photon_numbers"
    }
    hidden = [d.photon_numbers for d in blocks]
    known = [h for h in hidden if h is not None]
    changed["photon_numbers"] = None
    if len(known) == len(hidden):
        inner = {f.name: add([getattr(h, f.name) for h in known]) for f in fields(PhotonNumbers)}
        changed["photon_numbers"] = PhotonNumbers(**inner)
    return replace(first, **changed)

"""Few skies with weights that stand for many: fast forward selection.

Heitsch & Römisch 2003, Comput. Optim. Appl. 24:187, algorithm 2.4, after Dupačová, Gröwe-Kuska & Römisch 2003, Math.
Program. 95:493: one sky after the other is kept, each time the one that leaves the least Kantorovich distance between
those kept and all, and at the end every sky gives its weight to the nearest one kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eagleplan.schedule.problem import Candidate
from eagleplan.schedule.robust_programme import Skies
from eagleplan.schedule.robust_recourse import IntArray
from eagleplan.units import FloatArray


def reduced(candidates: Sequence[Candidate], bits: IntArray, n_kept: int) -> Skies:
    """`n_kept` of the equally likely skies `bits` (n_skies, n_candidates), with the numbers of skies they stand for.

    Two skies differ by the key of the passes that one of them lets through and the other does not. Of equally good
    skies the first is kept: the same skies give the same choice.
    """
    if n_kept >= len(bits):
        return Skies(bits=bits, weights=(1,) * len(bits))
    apart = _apart(candidates, bits)
    nearest = np.full(len(bits), np.inf)
    kept: list[int] = []
    for _ in range(n_kept):
        left = np.minimum(apart, nearest[:, None]).sum(axis=0)
        left[kept] = np.inf
        kept.append(int(left.argmin()))
        nearest = np.minimum(nearest, apart[:, kept[-1]])
    owner = apart[:, kept].argmin(axis=1)
    # A kept sky is its own even where another is just like it.
    owner[kept] = np.arange(n_kept)
    weights = np.bincount(owner, minlength=n_kept)
    return Skies(bits=bits[kept], weights=tuple(weights.tolist()))


def _apart(candidates: Sequence[Candidate], bits: IntArray) -> FloatArray:
    """Distances between skies (n_skies, n_skies): bits of passes, each by its best part, clear in one alone."""
    passes: dict[str, list[int]] = {}
    for number, candidate in enumerate(candidates):
        passes.setdefault(candidate.pass_id, []).append(number)
    clear = np.array([bits[:, own].any(axis=1) for own in passes.values()], dtype=np.float64).T
    worth = np.array([bits[:, own].max(initial=0) for own in passes.values()], dtype=np.float64)
    weighed = clear * worth
    alone = weighed.sum(axis=1)
    return np.asarray(alone[:, None] + alone - 2.0 * (weighed @ clear.T))

"""Cloud above a site, from the cover of the layers of the air."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from eagleplan.units import FloatArray, read_only


def clear_above(cover_frac: Mapping[str, FloatArray], *, altitude_m: float, low_cloud_top_m: float) -> FloatArray:
    """Share of the sky without cloud above a site, in the shape of the covers.

    Covers are by layer: "total", or "low", "mid" and "high", or all four.

    A site below `low_cloud_top_m` is under every layer, so that the total counts as it is. A higher one is under the
    middle and the high layer alone. Decks that are kilometres apart are taken to overlap at random (1 − N = Π (1 −
    N_layer), the random part of Geleyn & Hollingsworth 1979, Contrib. Atmos. Phys. 52:1), and they cover no more than
    the total. Without layers the total counts for it too; without a total, the layers of a low site overlap at random.
    """
    has_layers = "low" in cover_frac
    if "total" in cover_frac and (altitude_m < low_cloud_top_m or not has_layers):
        return read_only(1.0 - cover_frac["total"])
    above: tuple[str, ...] = ("mid", "high") if altitude_m >= low_cloud_top_m else ("low", "mid", "high")
    clear = np.prod([1.0 - cover_frac[layer] for layer in above], axis=0)
    if "total" in cover_frac:
        # The total is part of the same forecast: it bounds what the random overlap may cover.
        clear = np.maximum(clear, 1.0 - cover_frac["total"])
    return read_only(clear)

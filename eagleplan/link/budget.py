"""The loss budget of many windows at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from eagleplan.link.background import background_per_detector_cps
from eagleplan.link.checks import refuse_bad_parameters, refuse_impossible_losses
from eagleplan.link.rays import LinkWindow, lay_end_to_end
from eagleplan.link.terms import LOSS_TERMS
from eagleplan.model import Budget, LinkOptions
from eagleplan.units import read_only


def budgets(windows: Sequence[LinkWindow], options: LinkOptions) -> tuple[Budget, ...]:
    """The budget of every window, in their order, from the satellite's telescope exit to a detector click.

    Losses are dB of the mean transmittance (positive), one term after the other as the light meets them; dead
    time is not among them. Raises `InputError` that names every parameter of which no loss can be computed, or that
    leaves no light, or more than was sent.
    """
    if not windows:
        return ()
    rays = lay_end_to_end(windows, options)
    refuse_bad_parameters(rays)
    terms_db = {name: read_only(term(rays) + 0.0) for name, term in LOSS_TERMS.items()}
    refuse_impossible_losses(rays, terms_db)
    background_cps = read_only(background_per_detector_cps(rays))
    return tuple(
        Budget(
            terms_db={name: values[first:end] for name, values in terms_db.items()},
            background_per_detector_cps=background_cps[first:end],
        )
        for first, end in pairwise(rays.starts)
    )

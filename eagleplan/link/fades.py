"""How deep the fading terms go: losses exceeded for a share of the time, beside the budget's means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

from eagleplan.link.checks import refuse_bad_parameters
from eagleplan.link.couplings import COUPLINGS
from eagleplan.link.fibre import together
from eagleplan.link.geometry import pointing_half_angle_1e2_urad
from eagleplan.link.pointing import pointing_quantile_frac
from eagleplan.link.rays import Hardware, LinkWindow, Rays, Sight, lay_end_to_end
from eagleplan.link.turbulence import (
    power_scintillation_index,
    scintillation_quantile_frac,
    turbulence_over,
)
from eagleplan.model import LinkOptions
from eagleplan.units import FloatArray, db_from_frac, read_only

FadingTerm = Callable[[Rays, float], FloatArray]
"""(rays, p_below) → loss in dB that is exceeded for a share `p_below` of the time, shape (n,)."""


COMMONEST_FADE = 0.3
"""Largest share of the time: an exponential error is worse than its mean for 1/e of it, and beyond there would be no
fade to speak of."""


def pointing_fade_db(rays: Rays, p_below: float) -> FloatArray:
    """Pointing error of the satellite."""
    return db_from_frac(
        rays.per_sample(
            lambda ends: float(
                pointing_quantile_frac(
                    divergence_half_angle_1e2_urad=pointing_half_angle_1e2_urad(ends.terminal),
                    jitter_urad=ends.terminal.pointing_jitter_urad,
                    bias_urad=ends.terminal.pointing_bias_urad,
                    p_below=p_below,
                )
            )
        )
    )


def turbulence_fade_db(rays: Rays, p_below: float) -> FloatArray:
    """Scintillation in the aperture, and the coupling's own fades where the coupling is computed."""

    def quantile(ends: Hardware, sight: Sight) -> FloatArray:
        index = power_scintillation_index(
            turbulence_over(ends.site.air, ends.site.altitude_m),
            wavelength_nm=ends.terminal.wavelength_nm,
            airmass=sight.airmass,
            aperture_m=ends.site.aperture_m,
        )
        scintillation = scintillation_quantile_frac(index, p_below=p_below)
        if ends.site.receiver.coupling_loss_db is not None:
            return scintillation
        coupling = COUPLINGS[ends.site.receiver.coupling]
        mean = coupling.turbulent_mean_frac(ends, sight)
        own = coupling.turbulent_quantile_frac(ends, sight, p_below) / mean
        return mean * together([scintillation, own])

    return db_from_frac(rays.per_hardware(quantile))


FADING_TERMS: Mapping[str, FadingTerm] = MappingProxyType(
    {"pointing": pointing_fade_db, "turbulence": turbulence_fade_db}
)
"""Terms of `LOSS_TERMS` that fade; all others are steady."""


def fades(
    windows: Sequence[LinkWindow], options: LinkOptions, *, p_below: float
) -> tuple[Mapping[str, FloatArray], ...]:
    """Of every window, term → loss in dB that is exceeded for a share `p_below` (0 to 0.3) of the time.

    To be read beside the means of `budgets`, which are what a key rate follows: a key adds up over fades,
    so a margin for them belongs to thresholds and classical channels. Raises `InputError` as `budgets`
    does, and ValueError for a share outside its range.
    """
    if not 0.0 < p_below <= COMMONEST_FADE:
        raise ValueError(f"p_below must be above 0 and at most {COMMONEST_FADE:g} (got {p_below:g})")
    if not windows:
        return ()
    rays = lay_end_to_end(windows, options)
    refuse_bad_parameters(rays)
    terms_db = {name: read_only(term(rays, p_below) + 0.0) for name, term in FADING_TERMS.items()}
    return tuple(
        MappingProxyType({name: values[first:end] for name, values in terms_db.items()})
        for first, end in pairwise(rays.starts)
    )

"""Numbers as people read them. Files for machines carry plain numbers and never these texts."""

from __future__ import annotations

import math

from eagleplan.model import DemandResult, Proof


def bits_text(n_bits: float) -> str:
    """``0 bit``, ``812 bit``, ``43.0 kbit``, ``1.25 Mbit``: three figures, decimal prefixes."""
    if abs(n_bits) < 999.5:
        return f"{n_bits:.0f} bit"
    exponent = next((step for step in (1, 2, 3) if abs(n_bits) / 1000.0**step < 999.5), 4)
    scaled = n_bits / 1000.0**exponent
    unit = ("bit", "kbit", "Mbit", "Gbit", "Tbit")[exponent]
    decimals = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
    return f"{scaled:.{decimals}f} {unit}"


def percent_text(fraction_frac: float) -> str:
    """``63.2 %``, rounded down, so that only a whole is shown as 100 %."""
    tenths = math.floor(fraction_frac * 1000.0 + 1e-9)
    return f"{tenths // 10} %" if tenths % 10 == 0 else f"{tenths / 10:.1f} %"


def probability_text(p: float) -> str:
    """``42 %``, to the nearest whole."""
    return f"{100.0 * p:.0f} %"


def duration_text(duration_s: float) -> str:
    """``5 min 12 s``, ``45 s``, ``2 h 05 min``."""
    seconds = round(duration_s)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"


def days_text(days: float) -> str:
    """``7 days``, ``1 day``, ``0.5 days``."""
    return f"{days:g} day" if days == 1.0 else f"{days:g} days"


def proof_text(proof: Proof) -> str:
    """One sentence on how good the plan is."""
    if proof.status == "optimal":
        return f"proven optimal by {proof.solver}"
    level = proof.level.replace("_", " ")
    return f"at most {percent_up_text(proof.gap_frac)} from the best possible in {level}, by {proof.solver}"


def percent_up_text(fraction_frac: float) -> str:
    """``3.3 %``, rounded up: a gap is never shown smaller than it is."""
    tenths = math.ceil(fraction_frac * 1000.0 - 1e-9)
    return f"{tenths / 10:.1f} %"


def met_frac(demands: tuple[DemandResult, ...]) -> float:
    """Delivered over wanted, all demands together; 1 where nothing is wanted."""
    wanted = sum(result.demand.bits for result in demands)
    return 1.0 if wanted == 0 else sum(result.delivered_bits for result in demands) / wanted

"""Numbers and names as people read them. Files for machines carry plain numbers and never these texts."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from eagleplan.model import Contact, DemandResult, Proof


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


def worth_text(contact: Contact) -> str:
    """``clear 42 %, expected 273 kbit``, or what became of it: ``done, 921 kbit``, ``clouded``."""
    if contact.outcome is not None:
        return f"done, {bits_text(contact.expected_bits)}" if contact.outcome == "done" else contact.outcome
    return f"clear {probability_text(contact.p_clear)}, expected {bits_text(contact.expected_bits)}"


def pair_texts(demands: Sequence[DemandResult]) -> tuple[str, ...]:
    """``DE – FR`` for each demand; where several are of the same two nodes, with its id: ``DE – FR (de-fr-urgent)``."""
    names = [f"{result.demand.node_a} – {result.demand.node_b}" for result in demands]
    n_of = Counter(names)
    return tuple(
        name if n_of[name] == 1 else f"{name} ({result.demand.demand_id})"
        for name, result in zip(names, demands, strict=True)
    )


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


def hours_text(duration_s: float) -> str:
    """``12.5 h``, rounded up to the tenth: for a time that should be short."""
    return f"{math.ceil(duration_s / 360.0 - 1e-9) / 10:.1f} h"


def proof_text(proof: Proof) -> str:
    """How good the plan is: the objectives that are proven, and how far the first other one may be from its best."""
    n_classes = sum(level.name.startswith("guarantees") for level in proof.levels)
    names = ["guarantees" if n_classes == 1 and "guarantees" in v.name else level_text(v.name) for v in proof.levels]
    open_ = next((number for number, v in enumerate(proof.levels) if v.objective != v.bound), None)
    if open_ is None:
        return "proven optimal"
    gap = f"{names[open_]} at most {percent_up_text(proof.levels[open_].gap_frac)} from the best possible"
    return f"proven optimal in {_listed(names[:open_])}; {gap}" if open_ else gap


_LEVELS: Mapping[str, str] = {
    "weighted_met_bits": "key",
    "max_min": "the worst-served demand",
    "n_contacts": "number of contacts",
    "mean_met": "mean over skies",
    "cvar": "bad skies",
    "kept_guarantees": "guarantees kept over skies",
}


def level_text(name: str) -> str:
    """``key`` for ``weighted_met_bits``; ``guarantees of class 2`` for ``guarantees_2``."""
    return _LEVELS.get(name) or re.sub(r"^guarantees_(\d+)$", r"guarantees of class \1", name).replace("_", " ")


def _listed(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def percent_up_text(fraction_frac: float) -> str:
    """``3.3 %``, rounded up: a gap is never shown smaller than it is."""
    tenths = math.ceil(fraction_frac * 1000.0 - 1e-9)
    return f"{tenths / 10:.1f} %"


def met_frac(demands: tuple[DemandResult, ...]) -> float:
    """Delivered over wanted, all demands together; 1 where nothing is wanted."""
    wanted = sum(result.demand.bits for result in demands)
    return 1.0 if wanted == 0 else sum(result.delivered_bits for result in demands) / wanted

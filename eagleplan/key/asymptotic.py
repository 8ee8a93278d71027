"""The limit of infinitely long blocks and infinitely many decoys: what a link could give at best.

Gottesman, Lo, Lütkenhaus, Preskill 2004 (Quantum Inf. Comput. 4:325) with all photon-number yields known: the
figure that no finite block of the same source passes, and that simulations without finite statistics report.
"""

from __future__ import annotations

import numpy as np

from eagleplan.errors import InputError, Problem
from eagleplan.key.detections import Detections
from eagleplan.key.information import binary_entropy, leaked_bits
from eagleplan.key.proof import Proof
from eagleplan.model import Security


def asymptotic(d: Detections, security: Security) -> Proof:
    """s_0 + s_1 (1 − h(e_1)) − f n h(Q), photon numbers from the model of the link; no security constants."""
    if d.photon_numbers is None:
        raise InputError(
            Problem(
                path="security",
                field="statistics",
                message="asymptotic needs detections that were computed from a link, not counted ones",
                got="asymptotic",
            )
        )
    hidden = d.photon_numbers
    checked = hidden.single_check > 0.0
    rate = np.where(checked, hidden.single_errors_check / np.where(checked, hidden.single_check, 1.0), 0.5)
    phase_error = np.clip(rate, 0.0, 0.5)
    private = hidden.vacuum_key + hidden.single_key * (1.0 - binary_entropy(phase_error))
    leaked = leaked_bits(d.sifted_bits, d.qber_frac, security.ec_efficiency)
    return Proof(
        length_bits=private - leaked,
        phase_error_frac=phase_error,
        leaked_bits=leaked,
        private_bits=private,
        details={
            "single_photons_key": hidden.single_key,
            "single_photons_check": hidden.single_check,
            "vacuum_key": hidden.vacuum_key,
        },
    )

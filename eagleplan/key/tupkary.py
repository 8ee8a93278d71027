"""Two-decoy BB84 whose key length follows the observed counts, from the entropic uncertainty relation.

Tupkary, Nahar, Sinha, Lütkenhaus 2025, Quantum 9:1937 (arXiv:2408.17349), for ideal detectors. No acceptance
test: the length is a function of what was observed, and the security 2 ε_AT + ε_PA holds whatever it was.
ε_AT² pays for nine decoy intervals and one sampling bound, ten equal parts; ε_AT = ε_sec / 4 and ε_PA = ε_sec
/ 2.
"""

from __future__ import annotations

import numpy as np

from eagleplan.key.detections import Detections
from eagleplan.key.information import binary_entropy, leaked_bits
from eagleplan.key.proof import Proof
from eagleplan.key.tails import HOEFFDING, serfling_sampling
from eagleplan.key.two_decoy import single_photon_errors, single_photons
from eagleplan.model import Security

N_PARTS = 10.0


def two_decoy_tupkary(d: Detections, security: Security) -> Proof:
    """Key length from these counts; vacuum detections give none."""
    eps_at, eps_pa = security.eps_secrecy / 4.0, security.eps_secrecy / 2.0
    log_part = np.log(eps_at**2 / N_PARTS)
    two_sided = np.asarray(np.log(2.0) - log_part)
    _, s_key = single_photons(d, d.n_key, two_sided, HOEFFDING)
    _, s_check = single_photons(d, d.n_check, two_sided, HOEFFDING)
    errors = single_photon_errors(d, two_sided, HOEFFDING)
    rate = serfling_sampling(errors, s_check, s_key, np.asarray(-log_part))
    phase_error = np.clip(np.where((s_check > 0.0) & (s_key > 0.0), rate, 0.5), 0.0, 0.5)
    private = s_key * (1.0 - binary_entropy(phase_error))
    leaked = leaked_bits(d.sifted_bits, d.qber_frac, security.ec_efficiency)
    constants = 2.0 * np.log2(1.0 / (2.0 * eps_pa)) + np.log2(2.0 / security.eps_correctness)
    return Proof(
        length_bits=private - leaked - constants,
        phase_error_frac=phase_error,
        leaked_bits=leaked,
        private_bits=private,
        details={
            "single_photons_key": s_key,
            "single_photons_check": s_check,
            "single_photon_errors_check": errors,
        },
    )

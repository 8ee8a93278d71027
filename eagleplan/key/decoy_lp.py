"""Two-decoy BB84 with the photon-number bounds from linear programmes instead of closed forms.

The programme of Attema, Bosman, Neumann 2021 (Quantum Inf. Process. 20:154), over detections by photon
number: every distribution s_n ≥ 0 that agrees with all six interval bounds of the three intensities is
allowed, and the worst is taken. Photon numbers above `MAX_PHOTONS` share one variable whose intensity shares
are bounded from both sides.
"""

from __future__ import annotations

import numpy as np

from eagleplan.key.certificate import photon_weights
from eagleplan.key.detections import Detections
from eagleplan.key.information import binary_entropy, leaked_bits
from eagleplan.key.proof import Proof
from eagleplan.key.tails import exact_interval, hypergeometric_sampling
from eagleplan.model import Security
from eagleplan.units import FloatArray

MAX_PHOTONS = 10

N_SECRECY_TERMS = 27.0
"""As Lim et al. 2014 Eq. B4, with both sides of all nine intervals (18) instead of the twelve that Eq. 2–4
use.
"""


def two_decoy_lp(d: Detections, security: Security) -> Proof:
    """Key length with exact intervals, the programmes' bounds and the hypergeometric tail; one block after
    another.
    """
    shape = d.n_key.shape[:-1]
    rows = [_one(d, index, security) for index in np.ndindex(shape)]
    columns = [np.array(column, dtype=np.float64).reshape(shape) for column in zip(*rows, strict=True)]
    private, phase_error, s_key, s_check, errors = columns
    leaked = leaked_bits(d.sifted_bits, d.qber_frac, security.ec_efficiency)
    constants = 6.0 * np.log2(N_SECRECY_TERMS / security.eps_secrecy) + np.log2(2.0 / security.eps_correctness)
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


def _one(d: Detections, index: tuple[int, ...], security: Security) -> tuple[float, float, float, float, float]:
    mu = np.broadcast_to(d.mu, d.n_key.shape)[index]
    p_sent = np.broadcast_to(d.p_sent, d.n_key.shape)[index]
    beta = np.asarray(np.log(N_SECRECY_TERMS / security.eps_secrecy))
    upper, lower = _shares(mu, p_sent)
    single = np.eye(MAX_PHOTONS + 2)[1]
    s_key = _worst(single, d.n_key[index], upper, lower, beta)
    s_check = _worst(single, d.n_check[index], upper, lower, beta)
    errors = -_worst(-single, d.m_check[index], upper, lower, beta)
    if s_key <= 0.0 or s_check <= 0.0:
        return 0.0, 0.5, s_key, s_check, errors
    rate = hypergeometric_sampling(np.asarray(errors), np.asarray(s_check), np.asarray(s_key), beta)
    phase_error = min(float(rate), 0.5)
    worth = np.zeros(MAX_PHOTONS + 2)
    worth[0], worth[1] = 1.0, 1.0 - float(binary_entropy(phase_error))
    return _worst(worth, d.n_key[index], upper, lower, beta), phase_error, s_key, s_check, errors


def _shares(mu: FloatArray, p_sent: FloatArray) -> tuple[FloatArray, FloatArray]:
    """p(k|n) for n = 0 … MAX_PHOTONS and, last, its largest and smallest value beyond; (MAX_PHOTONS + 2,
    3).
    """
    p = photon_weights(mu, p_sent, np.arange(MAX_PHOTONS + 2.0))
    limit = np.array([1.0, 0.0, 0.0])
    upper, lower = p.copy(), p.copy()
    upper[-1] = np.maximum(p[-1], limit)
    lower[-1] = np.minimum(p[-1], limit)
    return upper, lower


def _worst(worth: FloatArray, counts: FloatArray, upper: FloatArray, lower: FloatArray, beta: FloatArray) -> float:
    """Smallest Σ worth_n s_n over all s that agree with the counts (3,); in bits or photons, not below 0 for
    ≥ 0.
    """
    from scipy.optimize import linprog  # late: half a second

    total = float(counts.sum())
    if total <= 0.0:
        return 0.0
    low, high = exact_interval(counts, np.asarray(total), beta)
    result = linprog(
        worth,
        A_ub=np.concatenate([lower.T, -upper.T]),
        b_ub=np.concatenate([high, -low]) / total,
        A_eq=np.ones((1, worth.size)),
        b_eq=[1.0],
        bounds=(0.0, 1.0),
        method="highs-ds",
    )
    if result.x is None:  # no distribution agrees with the counts: nothing can be claimed
        return 0.0 if worth.min() >= 0.0 else -total
    return total * float(result.fun)

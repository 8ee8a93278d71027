"""BBM92: entangled photon pairs, one photon measured on board, its twin on the ground.

Bennett, Brassard, Mermin 1992 (PRL 68:557). Every coincidence counts: there are no photon numbers and no
decoys, and the key basis' phase errors are those that the check basis would show. The source need not be
trusted.
"""

from __future__ import annotations

import numpy as np

from eagleplan.errors import InputError, Problem
from eagleplan.key.ascent import ascend
from eagleplan.key.detections import Detections, flattened, taken
from eagleplan.key.information import binary_entropy, leaked_bits
from eagleplan.key.one_tail import first_points, layout, price_of
from eagleplan.key.proof import Proof
from eagleplan.key.tails import Sampling
from eagleplan.model import Security
from eagleplan.units import FloatArray


def check_pairs(d: Detections) -> None:
    """Raise InputError unless the detections come from one intensity: a source of pairs."""
    if d.mu.shape[-1] != 1:
        raise InputError(
            Problem(
                path="source",
                field="local_efficiency_frac",
                message="bbm92 needs a source of entangled pairs",
                got="None",
                hint="set local_efficiency_frac: on-board optics and detector together",
            )
        )


def bbm92(d: Detections, security: Security, *, sampling: Sampling) -> Proof:
    """l = n (1 − h(Q_check + γ)) − leak − log2(2/ε_cor) − 2 log2(1/(2 ε_PA)), from one sampling bound.

    Tomamichel, Lim, Gisin, Renner 2012 (Nat. Commun. 3:634), for satellites Lim, Xu, Pan, Ekert 2021 (PRL
    126:100501). ε_sec = 2 ε + ε_PA with ε = ε_sec / 4: the sampling bound fails with chance ε².
    """
    eps, eps_pa = security.eps_secrecy / 4.0, security.eps_secrecy / 2.0
    n_key, n_check, m_check = d.n_key.sum(axis=-1), d.n_check.sum(axis=-1), d.m_check.sum(axis=-1)
    rate = sampling(m_check, n_check, n_key, np.asarray(2.0 * np.log(1.0 / eps)))
    phase_error = np.clip(np.where((n_key > 0.0) & (n_check > 0.0), rate, 0.5), 0.0, 0.5)
    private = n_key * (1.0 - binary_entropy(phase_error))
    constants = np.log2(2.0 / security.eps_correctness) + 2.0 * np.log2(1.0 / (2.0 * eps_pa))
    return _proof(d, security, private, phase_error, float(constants))


def bbm92_joint(d: Detections, security: Security) -> Proof:
    """One tail for the whole key: the argument of `joint` where all coincidences are of one kind."""
    return bbm92_observed(d, d, security)


def bbm92_observed(expected: Detections, observed: Detections, security: Security) -> Proof:
    """Key length from observed counts, with the weights that are best for the expected ones."""
    shape = observed.n_key.shape[:-1]
    price = price_of(security)
    flat = flattened(expected)
    y, _ = ascend(lambda y, rows: _bound(y, taken(flat, rows), price.beta), _start(flat, price.beta), iterations=10)
    value = _bound(y, flattened(observed), price.beta)
    private = np.where(np.isfinite(value), np.maximum(value, 0.0), 0.0).reshape(shape)
    phi = (0.5 / (1.0 + np.exp(y[..., 2]))).reshape(shape)
    return _proof(observed, security, private, phi, price.constant_bits)


def bbm92_asymptotic(d: Detections, security: Security) -> Proof:
    """n (1 − h(Q_check) − f h(Q)): the limit of infinitely long blocks."""
    n_check = d.n_check.sum(axis=-1)
    some = n_check > 0.0
    rate = np.where(some, d.m_check.sum(axis=-1) / np.where(some, n_check, 1.0), 0.5)
    phase_error = np.clip(rate, 0.0, 0.5)
    return _proof(d, security, d.sifted_bits * (1.0 - binary_entropy(phase_error)), phase_error, 0.0)


def start(d: Detections, security: Security) -> FloatArray:
    """A point (b, 3) from which an optimiser climbs."""
    return _start(d, price_of(security).beta)


def length_at(y: FloatArray, d: Detections, security: Security) -> FloatArray:
    """Key length in bits at the points y (b, 3) of the blocks d (b,)."""
    price = price_of(security)
    leaked = leaked_bits(d.sifted_bits, d.qber_frac, security.ec_efficiency)
    return np.asarray(_bound(y, d, price.beta) - leaked - price.constant_bits)


def _proof(
    d: Detections, security: Security, private: FloatArray, phase_error: FloatArray, constant_bits: float
) -> Proof:
    leaked = leaked_bits(d.sifted_bits, d.qber_frac, security.ec_efficiency)
    return Proof(
        length_bits=private - leaked - constant_bits,
        phase_error_frac=phase_error,
        leaked_bits=leaked,
        private_bits=private,
    )


def _start(d: Detections, beta: float) -> FloatArray:
    errors, total = d.m_check.sum(axis=-1).reshape(-1), d.n_check.sum(axis=-1).reshape(-1)
    y = first_points(errors, total - errors, beta)
    best = np.argmax(_bound(y, d, beta), axis=0)
    return np.asarray(y[best, np.arange(best.size)])


def _bound(y: FloatArray, d: Detections, beta: float) -> FloatArray:
    """Private bits at the points y (…, b, 3): weights of a coincidence in the key basis, an error, a
    correct bit.
    """
    rho = (((1.0 - d.p_key_basis) / d.p_key_basis) ** 2).reshape(-1)
    at = layout(y, rho)
    n, m, g = (x.sum(axis=-1).reshape(-1) for x in (d.n_key, d.m_check, d.n_check - d.m_check))
    with np.errstate(invalid="ignore", divide="ignore"):
        value = n * at.log_single + m * np.log1p(-at.below) + g * np.log1p(at.above) - beta
    return np.asarray(value / at.theta)

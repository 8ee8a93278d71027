"""One-decoy BB84 with one tail for the whole key: the argument of `joint` without a vacuum intensity.

Vacuum shows itself by its errors, in the key basis too: its detections err half the time whatever their
intensity. So key-basis detections have two weights, a_k where the bits agree and x_k ≤ a_k where error
correction found them to differ, with (A_0 + X_0) / 2 ≤ e^θ in place of A_0 ≤ e^θ. For all other photon
numbers x_k ≤ a_k makes the constraints of `joint` enough. What the announced numbers of key-basis errors tell
is paid for.
"""

from __future__ import annotations

import numpy as np

from eagleplan.key.ascent import ascend
from eagleplan.key.certificate import photon_weights, scaled_for_few, scaled_for_many
from eagleplan.key.detections import Detections, flattened, taken
from eagleplan.key.information import leaked_bits
from eagleplan.key.joint import MAX_THETA
from eagleplan.key.one_tail import first_points, layout, price_of
from eagleplan.key.proof import Proof
from eagleplan.model import Security
from eagleplan.units import FloatArray


def one_decoy_joint(d: Detections, security: Security) -> Proof:
    """Key length from the best weights for these counts; arrays (…,) for a batch of blocks."""
    return one_decoy_observed(d, d, security)


def one_decoy_observed(expected: Detections, observed: Detections, security: Security) -> Proof:
    """Key length from observed counts, with the weights that are best for the expected ones."""
    shape = observed.n_key.shape[:-1]
    beta = price_of(security).beta
    flat, seen = flattened(expected), flattened(observed)
    counts = _counts(flat)
    y, _ = ascend(
        lambda y, rows: _bound(y, taken(flat, rows), counts[rows], beta),
        start(flat, security),
        iterations=20,
        poll=True,
    )
    theta, phi, weights, allowed = _weights(y, flat)
    theta, phi = np.where(allowed, theta, 1.0), np.where(allowed, phi, 0.5)
    w = _certified(np.where(allowed[:, np.newaxis, np.newaxis], weights, 0.0), flat, theta, phi)
    private = np.maximum((_log_weight(w, _counts(seen)) - beta) / theta, 0.0).reshape(shape)
    return Proof(
        length_bits=private - _cost(seen, security).reshape(shape),
        phase_error_frac=phi.reshape(shape),
        leaked_bits=leaked_bits(observed.sifted_bits, observed.qber_frac, security.ec_efficiency),
        private_bits=private,
        details={"theta_per_bit": theta.reshape(shape), "tail_bits": (beta / theta).reshape(shape)},
    )


def start(d: Detections, security: Security) -> FloatArray:
    """A point (b, 3) from which the search climbs."""
    beta = price_of(security).beta
    counts = _counts(d)
    errors, correct = counts[..., 2, :].sum(axis=-1), counts[..., 3, :].sum(axis=-1)
    y = first_points(errors, correct, beta)
    best = np.argmax(_bound(y, d, counts, beta), axis=0)
    return np.asarray(y[best, np.arange(best.size)])


def length_at(y: FloatArray, d: Detections, security: Security) -> FloatArray:
    """Key length in bits at the points y (b, 3) of the blocks d (b,)."""
    return np.asarray(_bound(y, d, _counts(d), price_of(security).beta) - _cost(d, security))


def _cost(d: Detections, security: Security) -> FloatArray:
    announced = np.log2(d.n_key[..., :2] + 1.0).sum(axis=-1)
    leaked = leaked_bits(d.sifted_bits, d.qber_frac, security.ec_efficiency)
    return np.asarray(leaked + announced + price_of(security).constant_bits).reshape(-1)


def _counts(d: Detections) -> FloatArray:
    """Key-basis agreements and errors, check-basis errors and agreements, (b, 4, 2)."""
    parts = [d.n_key - d.m_key, d.m_key, d.m_check, d.n_check - d.m_check]
    return np.stack([np.broadcast_to(x, d.n_key.shape)[..., :2].reshape(-1, 2) for x in parts], axis=1)


def _shares(d: Detections, n: FloatArray) -> FloatArray:
    """p(k|n) of signal and decoy, (b, r, 2)."""
    mu, p_sent = (np.broadcast_to(x, d.n_key.shape)[..., :2].reshape(-1, 2) for x in (d.mu, d.p_sent))
    return photon_weights(mu, p_sent, n)


def _weights(y: FloatArray, d: Detections) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """θ, φ (…, b), weights less 1 (…, b, 4, 2) in the order of the counts, and whether they are allowed
    (…, b).
    """
    p = _shares(d, np.arange(3.0))
    at = layout(y, _odds(d))
    below, theta = at.below, at.theta
    # weights less 1 of one and two photons given: A_1 from the proof's value, A_2 = 1; the same for C
    slope = p[:, 1, 0] * p[:, 2, 1] - p[:, 1, 1] * p[:, 2, 0]
    one_at = np.stack([p[:, 2, 1] / slope, -p[:, 2, 0] / slope], axis=-1)
    a = np.expm1(np.minimum(at.log_single, MAX_THETA))[..., np.newaxis] * one_at
    c = at.above[..., np.newaxis] * one_at
    a0, c0 = (a * p[:, 0]).sum(axis=-1), (c * p[:, 0]).sum(axis=-1)
    x_signal = a[..., 0]
    vacuum = 2.0 * np.expm1(np.minimum(theta, MAX_THETA))
    x_decoy = (vacuum - a0 - p[:, 0, 0] * x_signal) / p[:, 0, 1]
    x = np.stack([x_signal, np.minimum(x_decoy, a[..., 1])], axis=-1)
    # B_0 = 2 − C_0 and B_1 given
    cross = p[:, 0, 0] * p[:, 1, 1] - p[:, 0, 1] * p[:, 1, 0]
    b_signal = (-c0 * p[:, 1, 1] + below * p[:, 0, 1]) / cross
    b_decoy = (-below * p[:, 0, 0] + c0 * p[:, 1, 0]) / cross
    # where that lets signal errors count more than 1, B_1 alone binds
    capped = np.minimum(b_signal, 0.0)
    b_decoy = np.where(b_signal > 0.0, -below / p[:, 1, 1], b_decoy)
    b = np.stack([capped, b_decoy], axis=-1)
    w = np.stack([a, x, b, c], axis=-2)
    fits = (b * p[:, 0]).sum(axis=-1) + c0 <= 1e-12
    allowed = (
        np.isfinite(w).all(axis=(-1, -2)) & (w.min(axis=(-1, -2)) > -1.0) & (w[..., 0].max(axis=-1) <= 1e-12) & fits
    )
    return theta, at.phi, w, allowed


def _bound(y: FloatArray, d: Detections, counts: FloatArray, beta: float) -> FloatArray:
    theta, _, w, allowed = _weights(y, d)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = (_log_weight(w, counts) - beta) / theta
    return np.where(allowed, value, -np.inf)


def _log_weight(w: FloatArray, counts: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((counts * np.log1p(w)).sum(axis=(-1, -2)))


def _certified(w: FloatArray, d: Detections, theta: FloatArray, phi: FloatArray) -> FloatArray:
    """Scaled down where rounding or more breaks a condition of any photon number."""
    mu, p_sent = (x[..., :2] for x in (d.mu, d.p_sent))
    many = [scaled_for_many(w[:, i], mu, p_sent) for i in range(4)]
    key = np.stack(many[:2], axis=1)
    fewer, b, c = scaled_for_few(key, many[2], many[3], mu=mu, p_sent=p_sent, theta=theta, phi=phi, rho=_odds(d))
    return np.concatenate([fewer, np.stack([b, c], axis=1)], axis=1)


def _odds(d: Detections) -> FloatArray:
    q = np.broadcast_to(d.p_key_basis, d.n_key.shape[:-1]).reshape(-1)
    return np.asarray(((1.0 - q) / q) ** 2)

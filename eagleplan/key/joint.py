"""Two-decoy BB84 with one tail for the whole key: the bound that `docs/key.md` proves, "statistics = joint".

Every detected pulse has a hidden type: its photon number n, and for a single photon whether it would err if
both ends looked in the check basis. Given all types, intensities (and, for single photons, bases) are still
random and independent. Give every outcome a weight: a_k for a key-basis detection of intensity k, b_k for an
error and c_k for a correct bit in the check basis. With A_n = Σ_k p(k|n) a_k, likewise B_n and C_n, and

    A_0 ≤ e^θ,  (B_0 + C_0)/2 ≤ 1,  A_n, B_n, C_n ≤ 1 for n ≥ 2,
    e^{−θ w_G} A_1 + ρ C_1 ≤ 1 + ρ,    e^{−θ w_E} A_1 + ρ B_1 ≤ 1 + ρ,
    w_G = 1 + log2(1 − φ),  w_E = 1 + log2 φ,  ρ = check-to-key odds of a sifted single photon,

the product of all weights, with e^{−θ × value} for the hidden value of each key-basis detection, has
expectation at most 1. By Markov's inequality the value s_0 + s_1 (1 − h(v/s_1)) ≥ s_0 + w_G (s_1 − v) + w_E v
exceeds

    [Σ n_k ln a_k + Σ m_k ln b_k + Σ (n − m)_k ln c_k − β] / θ

but with chance e^{−β}. Any weights that obey the constraints give a bound; this module looks for the best.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eagleplan.key.ascent import Rows, ascend
from eagleplan.key.certificate import photon_weights, scaled_for_few, scaled_for_many
from eagleplan.key.detections import Detections
from eagleplan.key.information import leaked_bits
from eagleplan.key.one_tail import Price, first_points, layout, price_of
from eagleplan.key.proof import Proof
from eagleplan.model import Security
from eagleplan.units import FloatArray

MAX_THETA = 30.0

WITHIN = 0.98
"""How much of the room for vacuum's share between errors and correct bits is used at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What the search for weights needs of a block; counts (…, 3), `rho` (…,), matrices (…, 3, 3)."""

    n_key: FloatArray
    m_check: FloatArray
    g_check: FloatArray
    photon: FloatArray
    """p(k|n) for n = 0, 1, 2: row n, column k."""
    inverse: FloatArray
    """Weights from their means A_0, A_1, A_2."""
    rho: FloatArray

    def take(self, rows: Rows) -> Block:
        """The blocks `rows`."""
        return Block(
            n_key=self.n_key[rows],
            m_check=self.m_check[rows],
            g_check=self.g_check[rows],
            photon=self.photon[rows],
            inverse=self.inverse[rows],
            rho=self.rho[rows],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A certificate: weights less 1 of key detections, check errors and correct check bits, (…, 3); θ and φ
    (…,).

    It must be chosen before the bits are compared; afterwards it turns any counts into a valid bound.
    """

    a: FloatArray
    b: FloatArray
    c: FloatArray
    theta: FloatArray
    phi: FloatArray


def two_decoy_joint(d: Detections, security: Security) -> Proof:
    """Key length from the best weights for these counts; arrays (…,) for a batch of blocks."""
    price = price_of(security)
    return proof_from_weights(d, best_weights(d, price), security, price)


def two_decoy_observed(expected: Detections, observed: Detections, security: Security) -> Proof:
    """Key length from observed counts, with the weights that are best for the expected ones."""
    price = price_of(security)
    return proof_from_weights(observed, best_weights(expected, price), security, price)


def best_weights(d: Detections, price: Price, *, iterations: int = 20) -> Weights:
    """Weights that maximise the bound at the counts of `d`."""
    shape = d.n_key.shape[:-1]
    flat = block(d)
    y, _ = ascend(
        lambda y, rows: bound(y, flat.take(rows), price.beta),
        start_of(flat, price.beta),
        iterations=iterations,
        poll=True,
    )
    chosen, allowed = weights(y, flat)
    mu, p_sent = (np.broadcast_to(x, d.n_key.shape).reshape(-1, 3) for x in (d.mu, d.p_sent))
    full = certified(chosen, allowed, mu, p_sent, flat.rho)
    return Weights(
        a=full.a.reshape(*shape, 3),
        b=full.b.reshape(*shape, 3),
        c=full.c.reshape(*shape, 3),
        theta=full.theta.reshape(shape),
        phi=full.phi.reshape(shape),
    )


def proof_from_weights(d: Detections, w: Weights, security: Security, price: Price) -> Proof:
    """Key length of these counts under weights fixed beforehand: linear in the counts but for the leakage."""
    log_weight = _log_weight(w.a, w.b, w.c, d.n_key, d.m_check, d.n_check - d.m_check)
    private = np.maximum((log_weight - price.beta) / w.theta, 0.0)
    leaked = leaked_bits(d.sifted_bits, d.qber_frac, security.ec_efficiency)
    return Proof(
        length_bits=private - leaked - price.constant_bits,
        phase_error_frac=w.phi,
        leaked_bits=leaked,
        private_bits=private,
        details={"theta_per_bit": w.theta, "tail_bits": price.beta / w.theta},
    )


def length_at(y: FloatArray, d: Detections, security: Security) -> FloatArray:
    """Key length in bits at the points y (b, 4) of the blocks d (b,): what an optimiser climbs."""
    price = price_of(security)
    return np.asarray(bound(y, block(d), price.beta) - block_cost(d, security, price))


def block_cost(d: Detections, security: Security, price: Price) -> FloatArray:
    """Private bits that error correction and the security constants cost, (…,)."""
    return leaked_bits(d.sifted_bits, d.qber_frac, security.ec_efficiency) + price.constant_bits


def block(d: Detections) -> Block:
    """The search's view of `d`, batch flattened to one axis."""
    shape = d.n_key.shape
    mu = np.broadcast_to(d.mu, shape).reshape(-1, 3)
    p_sent = np.broadcast_to(d.p_sent, shape).reshape(-1, 3)
    photon = photon_weights(mu, p_sent, np.arange(3.0))
    q = np.broadcast_to(d.p_key_basis, shape[:-1]).reshape(-1)
    return Block(
        n_key=d.n_key.reshape(-1, 3),
        m_check=np.broadcast_to(d.m_check, shape).reshape(-1, 3),
        g_check=np.broadcast_to(d.n_check - d.m_check, shape).reshape(-1, 3),
        photon=photon,
        inverse=np.asarray(np.linalg.inv(photon), dtype=np.float64),
        rho=((1.0 - q) / q) ** 2,
    )


def start_of(b: Block, beta: float) -> FloatArray:
    """A point (batch, 4) from which the search climbs: φ from the check basis' error rate, the rest
    typical.
    """
    points = first_points(b.m_check.sum(axis=-1), b.g_check.sum(axis=-1), beta)
    y = np.concatenate([points, np.zeros((*points.shape[:-1], 1))], axis=-1)
    best = np.argmax(bound(y, b, beta), axis=0)
    return np.asarray(y[best, np.arange(best.size)])


def start(d: Detections, security: Security) -> FloatArray:
    """As `start_of`, of detections (b,)."""
    return start_of(block(d), price_of(security).beta)


def weights(y: FloatArray, b: Block) -> tuple[Weights, npt.NDArray[np.bool_]]:
    """Weights of the points y (…, batch, 4), and whether they are all positive, (…, batch).

    The constraints of n = 0, 1, 2 are met with equality where that is best, so four numbers remain: how far
    B_1 lies below 1, how much correct check bits count beside errors, φ, and how errors are shared between
    signal and decoy. The share of vacuum errors and vacuum correct bits in (B_0 + C_0)/2 ≤ 1 has its optimum
    in closed form.
    """
    at = layout(y, b.rho)
    below, above, theta = at.below, at.above, at.theta
    none = np.zeros_like(theta)
    # a value that no search gets near is cut off, so that nothing overflows
    a = _from_means(b, np.expm1(np.minimum(theta, MAX_THETA)), np.expm1(np.minimum(at.log_single, MAX_THETA)), none)
    m, p = b.m_check, b.photon
    m12 = np.maximum(m[:, 0] + m[:, 1], 1e-9)
    share = (m[:, 0] + 1e-9) / m12 * (p[:, 1, 0] + p[:, 1, 1]) / p[:, 1, 0]
    split = np.clip((1.0 - (1.0 - below) * share) / below, 0.05, 1.2)
    b_signal = -below * split * np.exp(np.clip(y[..., 3], -5.0, 5.0))
    # weights less 1 with B_0 = C_0 = 1, then the excess of B_0 over 1, which C_0 gives up
    inv = b.inverse
    b2 = (b_signal + inv[:, 0, 1] * below) / inv[:, 0, 2]
    b_plain = _from_means(b, none, -below, b2)
    c_plain = _from_means(b, none, above, none)
    errs = (m[:, 2] + 1e-9) / (m[:, 2] + b.g_check[:, 2] + 2e-9)
    excess = (errs * (2.0 + b_plain[..., 2] + c_plain[..., 2]) - 1.0 - b_plain[..., 2]) / inv[:, 2, 0]
    excess = np.clip(excess, *_room(b_plain, c_plain, inv[:, :, 0]))
    shift = excess[..., np.newaxis] * inv[:, :, 0]
    w = Weights(a=a, b=b_plain + shift, c=c_plain - shift, theta=theta, phi=at.phi)
    positive = (np.minimum(np.minimum(w.a, w.b), w.c) > -1.0).all(axis=-1)
    most = np.maximum(np.maximum(w.a[..., 0], w.b[..., 0]), w.c[..., 0])
    return w, positive & (most <= 1e-12) & (b2 <= 1e-12) & (theta < MAX_THETA)


def _room(b: FloatArray, c: FloatArray, shift: FloatArray) -> tuple[FloatArray, FloatArray]:
    """How far (…, batch) `shift` (batch, 3) may be taken from c to b: weights less 1 that stay above −1, the signal's
    at most 0.
    """
    reach = np.abs(shift) + 1e-300
    falls_b, falls_c = np.where(shift >= 0.0, 1.0 + c, 1.0 + b), np.where(shift >= 0.0, 1.0 + b, 1.0 + c)
    high, low = (falls_b / reach).min(axis=-1), (falls_c / reach).min(axis=-1)
    signal = shift[:, 0] + 1e-300
    rise, fall = np.where(signal > 0.0, b[..., 0], c[..., 0]), np.where(signal > 0.0, c[..., 0], b[..., 0])
    high = np.minimum(high, np.maximum(-rise, 0.0) / np.abs(signal))
    low = np.minimum(low, np.maximum(-fall, 0.0) / np.abs(signal))
    return -WITHIN * np.maximum(low, 0.0), WITHIN * np.maximum(high, 0.0)


def bound(y: FloatArray, b: Block, beta: float) -> FloatArray:
    """Private bits of the points y (…, batch, 4); −inf where a weight is not allowed."""
    w, allowed = weights(y, b)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = (_log_weight(w.a, w.b, w.c, b.n_key, b.m_check, b.g_check) - beta) / w.theta
    return np.where(allowed, value, -np.inf)


def certified(
    w: Weights, allowed: npt.NDArray[np.bool_], mu: FloatArray, p_sent: FloatArray, rho: FloatArray
) -> Weights:
    """The same weights (b, 3), scaled down where rounding or more breaks a condition of any photon number.

    Where no allowed weights were found, all are 1: a certificate that proves nothing.
    """

    def many(x: FloatArray) -> FloatArray:
        return scaled_for_many(np.where(allowed[:, np.newaxis], x, 0.0), mu, p_sent)

    theta, phi = np.where(allowed, w.theta, 1.0), np.where(allowed, w.phi, 0.5)
    key, b, c = scaled_for_few(
        many(w.a)[:, np.newaxis], many(w.b), many(w.c), mu=mu, p_sent=p_sent, theta=theta, phi=phi, rho=rho
    )
    return Weights(a=key[:, 0], b=b, c=c, theta=theta, phi=phi)


def _from_means(b: Block, mean0: FloatArray, mean1: FloatArray, mean2: FloatArray) -> FloatArray:
    """Weights less 1 whose means over p(k|n), n = 0, 1, 2, less 1, are given: (…, batch) each → (…, batch,
    3).
    """
    inv = b.inverse
    return np.asarray(
        mean0[..., np.newaxis] * inv[:, :, 0]
        + mean1[..., np.newaxis] * inv[:, :, 1]
        + mean2[..., np.newaxis] * inv[:, :, 2]
    )


def _log_weight(
    a: FloatArray, b: FloatArray, c: FloatArray, n_key: FloatArray, m_check: FloatArray, g_check: FloatArray
) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        terms = n_key * np.log1p(a) + m_check * np.log1p(b) + g_check * np.log1p(c)
    return np.asarray(terms.sum(axis=-1))

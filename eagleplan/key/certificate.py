"""Every condition of the one-tail bound, checked on the weights that a search found; `docs/key.md` has the proof.

A search works with rounded numbers and may stop anywhere. What it found becomes a certificate here: where a condition
is missed, all weights are scaled down until it holds, which keeps every other condition.
"""

from __future__ import annotations

import numpy as np

from eagleplan.key.information import LN2
from eagleplan.units import FloatArray

MAX_PHOTONS = 40
"""Photon numbers whose conditions are checked one by one; a bound in closed form covers all above."""


def photon_weights(mu: FloatArray, p_sent: FloatArray, n: FloatArray) -> FloatArray:
    """p(k|n) = p_k e^{−μ_k} μ_k^n / Σ: (…, k) and (r,) → (…, r, k), without over- or underflow."""
    ratio = mu / mu[..., :1]
    joint = (p_sent * np.exp(-mu))[..., np.newaxis, :] * ratio[..., np.newaxis, :] ** n[:, np.newaxis]
    return np.asarray(joint / joint.sum(axis=-1, keepdims=True))


def scaled_for_many(x: FloatArray, mu: FloatArray, p_sent: FloatArray) -> FloatArray:
    """Weights less 1, (b, k), scaled down so that their mean over p(k|n) is at most 1 for every n ≥ 2.

    The first intensity is the largest. Above `MAX_PHOTONS` the mean less 1 has the numerator Σ_k c_k r_k^n x_k with
    r_k = μ_k/μ_1; its positive terms fall with n, and its denominator is at least c_1.
    """
    some = photon_weights(mu, p_sent, np.arange(2.0, MAX_PHOTONS + 1.0))
    share = p_sent * np.exp(mu[..., :1] - mu) / p_sent[..., :1] * (mu / mu[..., :1]) ** (MAX_PHOTONS + 1.0)
    beyond = x[..., 0] + (share * np.maximum(x, 0.0))[..., 1:].sum(axis=-1)
    worst = np.maximum(np.einsum("bnk,bk->bn", some, x).max(axis=-1), beyond)
    return _scaled(x, worst)


def scaled_for_few(
    key: FloatArray,
    errors: FloatArray,
    correct: FloatArray,
    *,
    mu: FloatArray,
    p_sent: FloatArray,
    theta: FloatArray,
    phi: FloatArray,
    rho: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weights less 1 scaled down together so that the conditions of vacuum and of single photons hold.

    `key` (b, r, k) holds r equally likely outcomes of a vacuum detection in the key basis; a single photon gets the
    largest of them. `errors` and `correct` are (b, k), the rest (b,).
    """
    few = photon_weights(mu, p_sent, np.arange(2.0))
    a = np.einsum("bnk,brk->bnr", few, key)
    (b0, b1), (c0, c1) = (np.einsum("bnk,bk->nb", few, x) for x in (errors, correct))
    vacuum, single = a[:, 0].mean(axis=-1), a[:, 1].max(axis=-1)
    right, wrong = 1.0 + np.log1p(-phi) / LN2, 1.0 + np.log(phi) / LN2
    missed = [
        np.exp(-theta) * vacuum + np.expm1(-theta),
        (b0 + c0) / 2.0,
        (np.exp(-theta * right) * single + np.expm1(-theta * right) + rho * c1) / (1.0 + rho),
        (np.exp(-theta * wrong) * single + np.expm1(-theta * wrong) + rho * b1) / (1.0 + rho),
    ]
    worst = np.max(missed, axis=0)
    return _scaled(key, worst[:, np.newaxis]), _scaled(errors, worst), _scaled(correct, worst)


def _scaled(x: FloatArray, worst: FloatArray) -> FloatArray:
    """(1 + x) / (1 + worst) − 1 along the last axis, where `worst` is above 0."""
    over = np.maximum(worst, 0.0)[..., np.newaxis]
    return np.asarray((x - over) / (1.0 + over))

"""What all one-tail proofs share: the price of secrecy, and how one tail is laid out over single photons.

`docs/key.md` has the proof. A single photon (or a pair) that both ends measured in the same basis would err
in the check basis or not. Given that, chance decides in which basis they did, with odds ρ = check : key. With
weights A_1 for the key basis, B_1 for an error and C_1 for a correct bit in the check basis, the two
conditions

    e^{−θ w_G} A_1 + ρ C_1 ≤ 1 + ρ,    e^{−θ w_E} A_1 + ρ B_1 ≤ 1 + ρ,
    w_G = 1 + log2(1 − φ),  w_E = 1 + log2 φ

are met with equality by three free numbers: 1 − B_1, what correct bits count beside errors, and φ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eagleplan.key.information import LN2
from eagleplan.model import Security
from eagleplan.units import FloatArray

HASH_SHARE = 2.0**-10
"""Part of the squared secrecy failure that goes to hashing; the rest goes to the tail."""

LOWEST, HIGHEST = np.array([-30.0, -30.0, -30.0]), np.array([30.0, 0.0, 30.0])
"""How far a search may go in each of its three numbers. Nothing changes any more there, but for the second: up to 0 it
keeps B_1 + C_1 ≤ 2, so that noise which falls on the check basis more often than light does not break the bound."""


FIRST = ((-5.5, 0.0), (-3.0, 0.0), (-1.5, 0.0), (-5.5, 1.5))
"""Where searches start: how much correct check bits count (logarithm), and by how much φ is raised (logit)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """`beta` = ln(1/ε) of the tail, and the bits that hashing and the comparison of keys cost besides."""

    beta: float
    constant_bits: float


def price_of(security: Security, *, share: float = 1.0) -> Price:
    """ε_sec = sqrt(2 (e^−β + 2^−s)), s bits of hashing; `share` is the part of ε_sec that may be spent.

    The virtual phase error correction fails if the tail is exceeded or the hash collides; Koashi 2009 (New J.
    Phys. 11:045018): a failure η leaves a key within sqrt(2 η) of an ideal one in trace distance.
    """
    half_square = (share * security.eps_secrecy) ** 2 / 2.0
    return Price(
        beta=-float(np.log(half_square * (1.0 - HASH_SHARE))),
        constant_bits=float(np.log2(2.0 / security.eps_correctness) - np.log2(half_square * HASH_SHARE)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One point of a search, all arrays (…, b): `below` is 1 − B_1, `log_single` ln A_1, `above` C_1 − 1."""

    theta: FloatArray
    phi: FloatArray
    log_single: FloatArray
    below: FloatArray
    above: FloatArray


def layout(y: FloatArray, rho: FloatArray) -> Layout:
    """The layout at y (…, b, 3 or more), free numbers: logit of 1 − B_1, logarithm, logit of 2φ."""
    x = np.clip(y[..., :3], LOWEST, HIGHEST)
    below = 1.0 / (1.0 + np.exp(-x[..., 0]))
    phi = 0.5 / (1.0 + np.exp(x[..., 2]))
    rise = np.log1p(below * rho)
    fall = rise * np.exp(x[..., 1])
    right = 1.0 + np.log1p(-phi) / LN2
    theta = (rise + fall) / (right - 1.0 - np.log(phi) / LN2)
    return Layout(
        theta=theta,
        phi=phi,
        log_single=theta * right - fall,
        below=below,
        above=-np.expm1(-fall) / rho,
    )


def first_points(errors: FloatArray, correct: FloatArray, beta: float) -> FloatArray:
    """Points (r, b, 3) to start a search from, for numbers of check-basis errors and correct bits (b,).

    φ lies near twice the largest error rate that the tail allows, or well above it where there are few single photons
    in the check basis; how far B_1 lies below 1 is tried on a ladder, the lowest rungs of which are always allowed.
    """
    most = errors + np.sqrt(2.0 * beta * errors) + beta
    phi = np.clip(2.0 * most / np.maximum(errors + correct, 1.0), 1e-5, 0.4)
    scale = np.sqrt(2.0 * beta / (errors + 2.0 * beta))
    below = scale * np.array([0.95, 0.8, 0.4, 0.08, 0.01, 1e-3, 1e-5, 1e-7, 1e-9])[:, np.newaxis]
    points = np.zeros((len(FIRST), *below.shape, 3))
    for point, (weight_of_correct, up) in zip(points, FIRST, strict=True):
        point[..., 0] = np.log(below / (1.0 - below))
        point[..., 1] = weight_of_correct
        point[..., 2] = np.log(0.5 / phi - 1.0) - up
    return points.reshape(-1, *points.shape[2:])

"""SatQuMA's arithmetic, errata included, so that its published figures can be reproduced bit by bit.

SatQuMA 2 (Sidhu, Brougham, McArthur, Pousa, Oi: arXiv:2109.01686; npj Quantum Inf. 8:18, 2022) departs from
Lim et al. 2014 in ways that this module keeps and every other module avoids:

1. Check-basis errors are shared out over the intensities in proportion to their detections, second by second;
   so vacuum pulses carry the mean error rate instead of one half.
2. The vacuum bound takes the lower bound of the decoy counts where Lim's Eq. 2 has the upper one. It differs
   only for a vacuum intensity above 0, and then on the insecure side.
3. Afterpulse errors count afterpulses of afterpulses.
4. Leakage is at least a converse bound in which natural logarithms stand beside base-2 entropies.
5. A key cannot be formed from less than 1e-10 of anything: that value stands in for 0.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from eagleplan.key.detections import Detections, checked_profile, plob_bits
from eagleplan.key.information import binary_entropy, leaked_bits
from eagleplan.key.proof import Proof
from eagleplan.key.tails import (
    Interval,
    asymptotic_interval,
    chernoff_interval,
    fung_sampling,
    hoeffding_interval,
)
from eagleplan.key.two_decoy import N_SECRECY_TERMS, photon_number_weight
from eagleplan.model import Detector, Security, Source
from eagleplan.units import FloatArray

ALMOST_NOTHING = 1e-10

INTERVALS: dict[str, Interval] = {
    "Chernoff": chernoff_interval,
    "Hoeffding": hoeffding_interval,
    "Asymptotic": asymptotic_interval,
}
"""SatQuMA's `boundFunc`."""


def satquma_detections(
    transmittance_frac: npt.ArrayLike,
    background_per_detector_cps: npt.ArrayLike,
    source: Source,
    detector: Detector,
) -> Detections:
    """Counts as SatQuMA attributes them (errata 1 and 3); two detectors, no dead time; as `detections`."""
    eta, p_noise = checked_profile(transmittance_frac, background_per_detector_cps, detector)
    mu = np.array([source.mu_signal, source.mu_decoy, source.mu_vacuum])
    p_sent = np.array([source.p_signal, source.p_decoy, source.p_vacuum])
    light = -np.expm1(-np.outer(mu, eta))
    click = (1.0 + detector.p_afterpulse) * (light + 2.0 * p_noise * (1.0 - light))
    error = p_noise + detector.misalignment_error_frac * light + detector.p_afterpulse * click / 2.0
    clicks = p_sent[:, np.newaxis] * click
    errors_all = p_sent @ error
    shared = (clicks / clicks.sum(axis=0) * errors_all).sum(axis=1)
    key = source.pulse_rate_hz * source.p_key_basis**2
    check = source.pulse_rate_hz * (1.0 - source.p_key_basis) ** 2
    return Detections(
        mu=mu,
        p_sent=p_sent,
        n_key=key * clicks.sum(axis=1),
        m_key=key * shared,
        n_check=check * clicks.sum(axis=1),
        m_check=check * shared,
        n_pulses=np.asarray(source.pulse_rate_hz * eta.size),
        p_key_basis=np.asarray(source.p_key_basis),
        plob_bits=np.asarray(plob_bits(eta, source.pulse_rate_hz)),
    )


def mixed_log_leakage(n: FloatArray, qber_frac: FloatArray, security: Security) -> FloatArray:
    """`EC = logM`: the larger of f n h(Q) and n h(Q) + (n(1−Q) − F − 1) ln((1−Q)/Q) − ln(n)/2 − ln(1/ε_c).

    F is the ε_c (1 + 1/√n) quantile of the binomial of n and 1 − Q. The second is a lower bound on what
    one-way error correction leaks (Tomamichel, Martinez-Mateo, Pacher, Elkouss, arXiv:1401.5194), with ln for
    log2.
    """
    whole = np.maximum(np.floor(n), 1.0)
    some = (n >= 1.0) & (qber_frac > 0.0)
    n_some, odds = np.maximum(n, 1.0), np.where(some, (1.0 - qber_frac) / np.where(some, qber_frac, 1.0), 1.0)
    quantile = _binomial_quantile(security.eps_correctness * (1.0 + 1.0 / np.sqrt(whole)), whole, 1.0 - qber_frac)
    converse = (
        n * binary_entropy(qber_frac)
        + (n * (1.0 - qber_frac) - quantile - 1.0) * np.log(odds)
        - np.log(n_some) / 2.0
        - np.log(1.0 / security.eps_correctness)
    )
    return np.asarray(np.maximum(np.where(some, converse, 0.0), leaked_bits(n, qber_frac, security.ec_efficiency)))


def block_leakage(n: FloatArray, qber_frac: FloatArray, security: Security) -> FloatArray:
    """`EC = block`: f n h(Q)."""
    return leaked_bits(n, qber_frac, security.ec_efficiency)


def no_leakage(n: FloatArray, qber_frac: FloatArray, security: Security) -> FloatArray:
    """`EC = None`."""
    return np.zeros_like(n)


LEAKAGES: dict[str, Callable[[FloatArray, FloatArray, Security], FloatArray]] = {
    "logM": mixed_log_leakage,
    "block": block_leakage,
    "None": no_leakage,
}
"""SatQuMA's `funcEC`."""


def satquma_two_decoy(
    d: Detections, security: Security, *, bound: str = "Chernoff", error_correction: str = "logM"
) -> Proof:
    """SatQuMA's key length, not floored; `details` holds every intermediate under SatQuMA's names.

    `bound` is one of INTERVALS and `error_correction` one of LEAKAGES.
    """
    interval = INTERVALS[bound]
    beta = np.asarray(np.log(N_SECRECY_TERMS / security.eps_secrecy))
    tau0, tau1 = photon_number_weight(d, 0), photon_number_weight(d, 1)
    mu1, mu2, mu3 = d.mu[..., 0], d.mu[..., 1], d.mu[..., 2]
    details: dict[str, FloatArray] = {"tau0": tau0, "tau1": tau1}

    def normalised(name: str, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
        total = counts.sum(axis=-1, keepdims=True)
        low, high = (np.exp(d.mu) / d.p_sent * side for side in interval(counts, total, beta))
        for k in range(3):
            details.update({f"{name}_minus_{k + 1}": low[..., k], f"{name}_plus_{k + 1}": high[..., k]})
        return low, high

    def single_photons(name: str, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
        low, high = normalised(f"n_{name}", counts)
        s0_raw = tau0 * (mu2 * low[..., 2] - mu3 * low[..., 1]) / (mu2 - mu3)
        s0 = np.maximum(s0_raw, ALMOST_NOTHING)
        rest = (mu2**2 - mu3**2) / mu1**2 * (high[..., 0] - s0 / tau0)
        s1_raw = tau1 * mu1 * (low[..., 1] - high[..., 2] - rest) / (mu1 * (mu2 - mu3) - mu2**2 + mu3**2)
        s1 = np.maximum(s1_raw, ALMOST_NOTHING)
        details.update({f"s_{name}0_raw": s0_raw, f"s_{name}1_raw": s1_raw, f"s_{name}0": s0, f"s_{name}1": s1})
        return s0, s1

    s_x0, s_x1 = single_photons("X", d.n_key)
    _, s_z1 = single_photons("Z", d.n_check)
    low, high = normalised("m_Z", d.m_check)
    v_raw = tau1 * (high[..., 1] - low[..., 2]) / (mu2 - mu3)
    m_total = d.m_check.sum(axis=-1)
    v_z1 = np.maximum(np.minimum(v_raw, m_total), ALMOST_NOTHING)
    asymptotic = interval is asymptotic_interval
    ratio = np.minimum(v_z1 / s_z1, 0.5)
    gamma = np.zeros_like(ratio) if asymptotic else fung_sampling(v_z1, s_z1, s_x1, beta) - ratio
    phase_error = np.minimum(ratio + gamma, 0.5)
    private = s_x0 + s_x1 * (1.0 - binary_entropy(phase_error))
    leaked = LEAKAGES[error_correction](d.sifted_bits, d.qber_frac, security)
    constants = (
        0.0
        if asymptotic
        else 6.0 * np.log2(N_SECRECY_TERMS / security.eps_secrecy) + np.log2(2.0 / security.eps_correctness)
    )
    details.update({"v_Z1_raw": v_raw, "v_Z1": v_z1, "m_Z_tot": m_total, "gamma": gamma})
    return Proof(
        length_bits=private - leaked - constants,
        phase_error_frac=phase_error,
        leaked_bits=leaked,
        private_bits=private,
        details={**details, "single_photons_key": s_x1, "single_photons_check": s_z1},
    )


def _binomial_quantile(probability: FloatArray, n: FloatArray, p: FloatArray) -> FloatArray:
    """Smallest whole k with P[Binomial(n, p) ≤ k] ≥ probability, by bisection on the exact tail."""
    from scipy.special import betainc  # late: a quarter of a second

    low, high = np.full_like(n, -1.0), n.copy()
    while np.any(high - low > 1.0):
        middle = np.floor((low + high) / 2.0)
        # P[Binomial ≤ k] = I_{1−p}(n − k, k + 1), and 0 for k = −1
        tail = np.where(middle < 0.0, 0.0, betainc(np.maximum(n - middle, 1e-9), middle + 1.0, 1.0 - p))
        enough = tail >= probability
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high

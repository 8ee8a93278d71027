"""BB84 with two decoy intensities: Lim, Curty, Walenta, Xu, Zbinden 2014, PRA 89:022307, Eq. 1–5."""

from __future__ import annotations

import numpy as np

from eagleplan.errors import InputError, Problem
from eagleplan.key.detections import Detections
from eagleplan.key.information import binary_entropy, leaked_bits
from eagleplan.key.proof import Proof
from eagleplan.key.tails import Statistics
from eagleplan.model import Security
from eagleplan.units import FloatArray

N_SECRECY_TERMS = 21.0
"""ε_sec is spent in 21 equal parts: Lim et al. 2014, Eq. B4."""


def two_decoy(d: Detections, security: Security, statistics: Statistics) -> Proof:
    """Key length of three intensities μ1 > μ2 + μ3, μ2 > μ3 ≥ 0; key from one basis, check from the other."""
    beta = np.asarray(np.log(N_SECRECY_TERMS / security.eps_secrecy))
    s_key_0, s_key_1 = single_photons(d, d.n_key, beta, statistics)
    s_check_0, s_check_1 = single_photons(d, d.n_check, beta, statistics)
    errors = single_photon_errors(d, beta, statistics)
    phase_error = np.where(s_check_1 > 0.0, statistics.sampling(errors, s_check_1, s_key_1, beta), 0.5).clip(0.0, 0.5)
    leaked = leaked_bits(d.sifted_bits, d.qber_frac, security.ec_efficiency)
    private = s_key_0 + s_key_1 * (1.0 - binary_entropy(phase_error))
    length = (
        private
        - leaked
        - 6.0 * np.log2(N_SECRECY_TERMS / security.eps_secrecy)
        - np.log2(2.0 / security.eps_correctness)
    )
    return Proof(
        length_bits=length,
        phase_error_frac=phase_error,
        leaked_bits=leaked,
        private_bits=private,
        details={
            "single_photons_key": s_key_1,
            "single_photons_check": s_check_1,
            "vacuum_key": s_key_0,
            "vacuum_check": s_check_0,
            "single_photon_errors_check": errors,
        },
    )


def check_intensities(d: Detections) -> None:
    """Raise InputError unless μ1 > μ2 + μ3, μ2 > μ3 ≥ 0 and all three are sent: what Eq. 2–4 rest on."""
    mu1, mu2, mu3 = d.mu[..., 0], d.mu[..., 1], d.mu[..., 2]
    if not np.all((mu1 > mu2 + mu3) & (mu2 > mu3) & (mu3 >= 0.0)):
        raise InputError(
            Problem(
                path="source",
                field="mu_signal",
                message="two decoys need mu_signal > mu_decoy + mu_vacuum and mu_decoy > mu_vacuum ≥ 0",
                got=f"{np.ravel(mu1)[0]:g}, {np.ravel(mu2)[0]:g}, {np.ravel(mu3)[0]:g}",
            )
        )
    if not np.all(d.p_sent > 1e-9):
        raise InputError(
            Problem(
                path="source",
                field="p_signal",
                message="two decoys need p_signal, p_decoy and the rest (vacuum) above 0",
                got=", ".join(f"{p:g}" for p in d.p_sent.reshape(-1, 3)[0]),
            )
        )


def _normalised(
    d: Detections, counts: FloatArray, beta: FloatArray, statistics: Statistics
) -> tuple[FloatArray, FloatArray]:
    """n_k^± = e^{μ_k} / p_k (n_k ± δ): counts per pulse sent with exactly this intensity, shape (…, 3)."""
    total = counts.sum(axis=-1, keepdims=True)
    low, high = statistics.interval(counts, total, beta)
    scale = np.exp(d.mu) / d.p_sent
    return scale * low, scale * high


def single_photons(
    d: Detections, counts: FloatArray, beta: FloatArray, statistics: Statistics
) -> tuple[FloatArray, FloatArray]:
    """Eq. 2 and 3: detections from vacuum and from single photons at least, each not below 0; shape (…,)."""
    low, high = _normalised(d, counts, beta, statistics)
    mu1, mu2, mu3 = d.mu[..., 0], d.mu[..., 1], d.mu[..., 2]
    tau0, tau1 = photon_number_weight(d, 0), photon_number_weight(d, 1)
    s0 = np.maximum(tau0 * (mu2 * low[..., 2] - mu3 * high[..., 1]) / (mu2 - mu3), 0.0)
    s1 = (
        tau1
        * mu1
        * (low[..., 1] - high[..., 2] - (mu2**2 - mu3**2) / mu1**2 * (high[..., 0] - s0 / tau0))
        / (mu1 * (mu2 - mu3) - mu2**2 + mu3**2)
    )
    return s0, np.maximum(s1, 0.0)


def single_photon_errors(d: Detections, beta: FloatArray, statistics: Statistics) -> FloatArray:
    """Eq. 4: errors of single photons in the check basis at most; never more than all errors there."""
    low, high = _normalised(d, d.m_check, beta, statistics)
    bound = photon_number_weight(d, 1) * (high[..., 1] - low[..., 2]) / (d.mu[..., 1] - d.mu[..., 2])
    return np.clip(bound, 0.0, d.m_check.sum(axis=-1))


def photon_number_weight(d: Detections, n: int) -> FloatArray:
    """τ_n = Σ_k p_k e^{−μ_k} μ_k^n / n!: how often a pulse carries n photons, shape (…,)."""
    factorial = float(np.prod(np.arange(1, n + 1)))
    return np.asarray((d.p_sent * np.exp(-d.mu) * d.mu**n).sum(axis=-1) / factorial)

"""BB84 with one decoy intensity: Rusca, Boaron, Grünenfelder, Martin, Zbinden 2018, APL 112:171104.

Without a vacuum intensity, detections from vacuum are bounded from above by errors, which vacuum makes half
the time. The security constants are those of Wiesemann, Krause, Tupkary, Lütkenhaus, Rusca, Walenta 2024
(arXiv:2405.16578), who mend the argument of the first paper; its own constants are kept as `RUSCA`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from eagleplan.errors import InputError, Problem
from eagleplan.key.detections import Detections
from eagleplan.key.information import binary_entropy, leaked_bits
from eagleplan.key.proof import Proof
from eagleplan.key.tails import Statistics
from eagleplan.key.two_decoy import photon_number_weight
from eagleplan.model import Security
from eagleplan.units import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How ε_sec is spent: in so many equal parts, and the bits that privacy amplification costs."""

    n_parts: int
    cost_bits: Callable[[float], float]


RUSCA = Budget(n_parts=19, cost_bits=lambda eps: 6.0 * float(np.log2(19.0 / eps)))
WIESEMANN = Budget(n_parts=15, cost_bits=lambda eps: 4.0 * float(np.log2(15.0 / (eps * 2.0**0.25))))


def check_intensities(d: Detections) -> None:
    """Raise InputError unless μ1 > μ2 > 0, both are sent and nothing else is."""
    mu1, mu2 = d.mu[..., 0], d.mu[..., 1]
    problems = []
    if not np.all((mu1 > mu2) & (mu2 > 0.0)):
        problems.append(
            Problem(
                path="source",
                field="mu_signal",
                message="one decoy needs mu_signal > mu_decoy > 0",
                got=f"{np.ravel(mu1)[0]:g}, {np.ravel(mu2)[0]:g}",
            )
        )
    if not np.all(d.p_sent[..., :2] > 1e-9) or np.any(d.p_sent[..., 2:] > 1e-9):
        problems.append(
            Problem(
                path="source",
                field="p_signal",
                message="one decoy needs p_signal + p_decoy = 1, both above 0",
                got=", ".join(f"{p:g}" for p in d.p_sent.reshape(-1, d.p_sent.shape[-1])[0]),
            )
        )
    if problems:
        raise InputError(problems)


def one_decoy(d: Detections, security: Security, *, statistics: Statistics, budget: Budget) -> Proof:
    """Key length of two intensities; `budget.n_parts` of ε_sec pay for the tails."""
    beta = np.asarray(np.log(budget.n_parts / security.eps_secrecy))
    s_key_0, s_key_1 = _single_photons(d, d.n_key, d.m_key, beta, statistics)
    _, s_check_1 = _single_photons(d, d.n_check, d.m_check, beta, statistics)
    low, high = _normalised(d, d.m_check, beta, statistics)
    errors = photon_number_weight(d, 1) * (high[0] - low[1]) / (d.mu[..., 0] - d.mu[..., 1])
    errors = np.clip(errors, 0.0, d.m_check.sum(axis=-1))
    phase_error = np.where(s_check_1 > 0.0, statistics.sampling(errors, s_check_1, s_key_1, beta), 0.5)
    phase_error = np.clip(phase_error, 0.0, 0.5)
    private = s_key_0 + s_key_1 * (1.0 - binary_entropy(phase_error))
    leaked = leaked_bits(d.sifted_bits, d.qber_frac, security.ec_efficiency)
    constants = budget.cost_bits(security.eps_secrecy) + np.log2(2.0 / security.eps_correctness)
    return Proof(
        length_bits=private - leaked - constants,
        phase_error_frac=phase_error,
        leaked_bits=leaked,
        private_bits=private,
        details={
            "single_photons_key": s_key_1,
            "single_photons_check": s_check_1,
            "vacuum_key": s_key_0,
            "single_photon_errors_check": errors,
        },
    )


def _normalised(
    d: Detections, counts: FloatArray, beta: FloatArray, statistics: Statistics
) -> tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]:
    """n_k^± = e^{μ_k} / p_k (n_k ± δ): lower and upper bounds of signal and decoy, each (…,)."""
    two = counts[..., :2]
    low, high = statistics.interval(two, two.sum(axis=-1, keepdims=True), beta)
    scale = np.exp(d.mu[..., :2]) / d.p_sent[..., :2]
    low, high = scale * low, scale * high
    return (low[..., 0], low[..., 1]), (high[..., 0], high[..., 1])


def _single_photons(
    d: Detections, counts: FloatArray, errors: FloatArray, beta: FloatArray, statistics: Statistics
) -> tuple[FloatArray, FloatArray]:
    """Detections from vacuum and from single photons at least, each not below 0; shape (…,)."""
    (_, low2), (high1, _) = _normalised(d, counts, beta, statistics)
    _, (errors1, errors2) = _normalised(d, errors, beta, statistics)
    mu1, mu2 = d.mu[..., 0], d.mu[..., 1]
    tau0, tau1 = photon_number_weight(d, 0), photon_number_weight(d, 1)
    s0 = np.maximum(tau0 / (mu1 - mu2) * (mu1 * low2 - mu2 * high1), 0.0)
    fluctuation = np.sqrt(counts.sum(axis=-1) * beta / 2.0)
    s0_most = 2.0 * (tau0 * np.minimum(errors1, errors2) + fluctuation)
    s1 = (mu1 * tau1 / (mu2 * (mu1 - mu2))) * (
        low2 - (mu2 / mu1) ** 2 * high1 - (mu1**2 - mu2**2) / mu1**2 * s0_most / tau0
    )
    return s0, np.maximum(s1, 0.0)

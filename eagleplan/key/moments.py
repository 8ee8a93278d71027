"""Passes condensed to power sums, so that trying a source costs the same for a pass of any length.

Counts depend on a pass only through A(μ) = Σ_t (1 − e^{−μ η_t}) and the same sum weighted with the noise.
Both are entire functions of μ: with M_j = Σ_t η_t^j, A(μ) = Σ_j (−1)^{j+1} M_j μ^j / j!, and as μ η stays
below a few, a handful of terms is exact to rounding. Dead time multiplies every second with a factor that
depends on the source only through its mean photon number; the sums are interpolated in it between Chebyshev
nodes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eagleplan.key.detections import (
    Detections,
    Means,
    checked_profile,
    counted,
    live_frac,
    means_of,
    plob_bits,
)
from eagleplan.key.profiles import Profiles
from eagleplan.model import Detector, Source
from eagleplan.units import FloatArray

MU_MAX = 2.0
"""Largest mean photon number that the sums are made for."""

DEAD_TIME_NODES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PassMoments:
    """Power sums of `b` passes: coefficients of A(μ) / μ and of its noise-weighted twin, shape (b, nodes,
    terms).

    `noise` (b, nodes) is Σ_t p_t over live gates. `nodes_mu` are the mean photon numbers between which the
    dead-time factor is interpolated; a single node stands for no dead time.
    """

    light: FloatArray
    light_noise: FloatArray
    noise: FloatArray
    nodes_mu: FloatArray
    duration_s: FloatArray
    plob_per_pulse_bits: FloatArray
    pulse_rate_hz: float
    detector: Detector

    def select(self, rows: npt.NDArray[np.intp]) -> PassMoments:
        """The same passes, picked and repeated as `rows` (b',) says."""
        return PassMoments(
            light=self.light[rows],
            light_noise=self.light_noise[rows],
            noise=self.noise[rows],
            nodes_mu=self.nodes_mu,
            duration_s=self.duration_s[rows],
            plob_per_pulse_bits=self.plob_per_pulse_bits[rows],
            pulse_rate_hz=self.pulse_rate_hz,
            detector=self.detector,
        )

    def detections(self, mu: FloatArray, p_sent: FloatArray, p_key_basis: FloatArray) -> Detections:
        """As `eagleplan.key.detections`, for sources μ, p (…, b, k) and basis bias (…, b) on the b passes."""
        return _detections_of(self, mu, p_sent, p_key_basis)


def pass_moments(profiles: Profiles, source: Source, detector: Detector) -> PassMoments:
    """Condense passes of weak coherent pulses."""
    pulse_rate_hz = source.pulse_rate_hz
    checked = [checked_profile(eta, background, detector) for eta, background in profiles]
    etas = [eta for eta, _ in checked]
    peak = max((float(np.max(eta, initial=0.0)) for eta in etas), default=0.0)
    terms, size = 1, 1.0
    while size > 1e-17:
        terms += 1
        size *= max(peak * MU_MAX, 1e-12) / terms
    sign = np.array([(-1.0) ** (j + 1) for j in range(1, terms + 1)])
    factorial = np.cumprod(np.arange(1.0, terms + 1.0))
    dead = np.floor(detector.dead_time_s * pulse_rate_hz * (1.0 + 1e-12)) > 0.0
    nodes = _chebyshev_nodes(DEAD_TIME_NODES if dead else 1)
    light = np.zeros((len(etas), nodes.size, terms))
    light_noise = np.zeros_like(light)
    noise = np.zeros((len(etas), nodes.size))
    for row, (eta, p_noise) in enumerate(checked):
        powers = eta ** np.arange(1.0, terms + 1.0)[:, np.newaxis] * (sign / factorial)[:, np.newaxis]
        live = live_frac(eta, p_noise, nodes[:, np.newaxis], pulse_rate_hz, detector)
        light[row] = live @ powers.T
        light_noise[row] = (live * p_noise) @ powers.T
        noise[row] = live @ p_noise
    return PassMoments(
        light=light,
        light_noise=light_noise,
        noise=noise,
        nodes_mu=nodes,
        duration_s=np.array([float(eta.size) for eta in etas]),
        plob_per_pulse_bits=np.array([plob_bits(eta, 1.0) for eta in etas]),
        pulse_rate_hz=pulse_rate_hz,
        detector=detector,
    )


def _detections_of(moments: PassMoments, mu: FloatArray, p_sent: FloatArray, p_key_basis: FloatArray) -> Detections:
    at_mean = _interpolation(moments.nodes_mu, (mu * p_sent).sum(axis=-1))
    light = np.einsum("...bn,bnj->...bj", at_mean, moments.light)
    light_noise = np.einsum("...bn,bnj->...bj", at_mean, moments.light_noise)
    noise = np.einsum("...bn,bn->...b", at_mean, moments.noise)
    detector = moments.detector
    passive = detector.n_detectors > 2
    means: list[Means] = []
    sent: list[FloatArray] = []
    for share in (p_key_basis, 1.0 - p_key_basis):
        q = share[..., np.newaxis]
        sent.append(moments.pulse_rate_hz * p_sent * (q if passive else q * q))
        if means and not passive:
            means.append(means[0])
            continue
        x = mu * q if passive else mu
        seen = _polynomial(light, x)
        click = seen + 2.0 * (noise[..., np.newaxis] - _polynomial(light_noise, x))
        single, single_noise = light[..., 0], light_noise[..., 0]
        if passive:
            single, single_noise = single * share, single_noise * share
        single_click = single + 2.0 * (noise - single_noise)
        means.append(means_of(seen, click, single, single_click, noise, detector))
    return counted(
        means,
        sent,
        mu=mu,
        p_sent=p_sent,
        p_key_basis=p_key_basis,
        n_pulses=moments.pulse_rate_hz * moments.duration_s,
        plob_bits=moments.pulse_rate_hz * moments.plob_per_pulse_bits,
    )


def _polynomial(coefficients: FloatArray, x: FloatArray) -> FloatArray:
    """Σ_j c_j x^j from j = 1, by Horner: (…, b, terms) and (…, b, k) → (…, b, k)."""
    total = np.zeros(np.broadcast_shapes(x.shape, (*coefficients.shape[:-1], 1)))
    for j in range(coefficients.shape[-1] - 1, -1, -1):
        total = (total + coefficients[..., j, np.newaxis]) * x
    return total


def _chebyshev_nodes(n: int) -> FloatArray:
    return np.asarray(MU_MAX / 2.0 * (1.0 + np.cos(np.pi * (np.arange(n) + 0.5) / n)))


def _interpolation(nodes: FloatArray, x: FloatArray) -> FloatArray:
    """Lagrange weights of `nodes` (n,) at x (…,), shape (…, n)."""
    weights = np.ones((*x.shape, nodes.size))
    for i, at in enumerate(nodes):
        for k, other in enumerate(nodes):
            if k != i:
                weights[..., i] *= (x - other) / (at - other)
    return weights

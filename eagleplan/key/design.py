"""What of a source can be chosen: from numbers that an optimiser may change at will to a `Source`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from eagleplan.model import Source
from eagleplan.units import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Coordinates of a protocol's source: `d` numbers without limits, logits and logarithms of the
    parameters.

    `settings` maps points (…, d) to mean photon numbers and probabilities (…, k) and to the basis bias (…,);
    `source` to a `Source`; `points` are designs (r, d) among which a search starts; detections have
    `n_intensities` columns.
    """

    settings: Callable[[FloatArray, Source], tuple[FloatArray, FloatArray, FloatArray]]
    points: FloatArray
    n_intensities: int

    def of_source(self, source: Source) -> tuple[FloatArray, FloatArray]:
        """Mean photon numbers and probabilities (k,) that the protocol has in `source`."""
        mu = np.array([source.mu_signal, source.mu_decoy, source.mu_vacuum])
        p_sent = np.array([source.p_signal, source.p_decoy, source.p_vacuum])
        return (mu[:1], np.ones(1)) if self.n_intensities == 1 else (mu, p_sent)

    def source(self, point: FloatArray, template: Source) -> Source:
        """The source at `point` (d,); what cannot be chosen is taken from `template`."""
        mu, p, q = self.settings(point, template)
        decoy = mu.size > 1
        return replace(
            template,
            mu_signal=float(mu[0]),
            mu_decoy=float(mu[1]) if decoy else template.mu_decoy,
            p_signal=float(p[0]),
            p_decoy=float(p[1]) if decoy else 0.0,
            p_key_basis=float(q),
        )


RAREST = -14.0
"""No search sends an intensity less often than one pulse in a million; without statistics to pay for, it would."""


def logit(p: float) -> float:
    return float(np.log(p / (1.0 - p)))


def logistic(x: FloatArray) -> FloatArray:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def two_decoy_settings(x: FloatArray, template: Source) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(…, 5): logit q, ln p_decoy/p_signal, ln p_vacuum/p_signal, ln μ_signal, logit of μ_decoy between its
    limits.
    """
    q = logistic(x[..., 0])
    odds = np.exp(np.maximum(x[..., 1:3], RAREST))
    p_signal = 1.0 / (1.0 + odds.sum(axis=-1))
    p = np.stack([p_signal, p_signal * odds[..., 0], p_signal * odds[..., 1]], axis=-1)
    vacuum = template.mu_vacuum
    signal = 2.0 * vacuum + np.exp(x[..., 3])
    decoy = vacuum + (signal - 2.0 * vacuum) * logistic(x[..., 4])
    return np.stack([signal, decoy, np.full_like(signal, vacuum)], axis=-1), p, q


def _two_decoy_points() -> FloatArray:
    grid = [
        (logit(q), np.log(odds), np.log(odds * 0.4), np.log(0.65), logit(0.18))
        for q in (0.6, 0.75, 0.85, 0.92, 0.97, 0.99)
        for odds in (0.02, 0.05, 0.12, 0.3, 0.8)
    ]
    return np.array(grid)


def one_decoy_settings(x: FloatArray, template: Source) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(…, 4): logit q, ln p_decoy/p_signal, ln μ_signal, logit of μ_decoy/μ_signal; the third intensity is
    unused.
    """
    q = logistic(x[..., 0])
    p_decoy = logistic(np.maximum(x[..., 1], RAREST))
    signal = np.exp(x[..., 2])
    none = np.zeros_like(signal)
    mu = np.stack([signal, signal * logistic(x[..., 3]), none], axis=-1)
    return mu, np.stack([1.0 - p_decoy, p_decoy, none], axis=-1), q


def _one_decoy_points() -> FloatArray:
    grid = [
        (logit(q), logit(p_decoy), np.log(0.5), logit(0.25))
        for q in (0.6, 0.75, 0.85, 0.92, 0.97, 0.99)
        for p_decoy in (0.03, 0.08, 0.15, 0.3, 0.5)
    ]
    return np.array(grid)


def pair_settings(x: FloatArray, template: Source) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(…, 2): logit q and ln of the mean number of pairs; there is one intensity."""
    mu = np.exp(x[..., 1:2])
    return mu, np.ones_like(mu), logistic(x[..., 0])


PAIR_POINTS = np.array(
    [(logit(q), np.log(mu)) for q in (0.5, 0.7, 0.85, 0.95, 0.98) for mu in (0.003, 0.01, 0.03, 0.1, 0.2)]
)

TWO_DECOY_DESIGN = Design(settings=two_decoy_settings, points=_two_decoy_points(), n_intensities=3)
ONE_DECOY_DESIGN = Design(settings=one_decoy_settings, points=_one_decoy_points(), n_intensities=3)
PAIR_DESIGN = Design(settings=pair_settings, points=PAIR_POINTS, n_intensities=1)

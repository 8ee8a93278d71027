"""What a link from a source of entangled photon pairs is expected to count.

Ma, Fung, Lo 2007 (PRA 76:012307, Eq. 8 and 9): a pulse holds n pairs with chance (n + 1) λ^n / (1 + λ)^{n+2},
so μ = 2λ pairs on average; one photon of each is measured on board, one on the ground.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eagleplan.errors import InputError, Problem
from eagleplan.key.detections import Detections, checked_profile, live_frac, plob_bits, plob_bits_per_pulse
from eagleplan.key.profiles import Profiles
from eagleplan.model import Detector, Source
from eagleplan.units import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class PairPasses:
    """Passes second by second, padded with zeros to one length: transmittance and noise (b, t), `used` is
    1 or 0.
    """

    eta: FloatArray
    p_noise: FloatArray
    used: FloatArray
    source: Source
    detector: Detector

    def select(self, rows: npt.NDArray[np.intp]) -> PairPasses:
        """The same passes, picked and repeated as `rows` (b',) says."""
        return PairPasses(
            eta=self.eta[rows],
            p_noise=self.p_noise[rows],
            used=self.used[rows],
            source=self.source,
            detector=self.detector,
        )

    def detections(self, mu: FloatArray, p_sent: FloatArray, p_key_basis: FloatArray) -> Detections:
        """Coincidences for pair numbers μ (…, b, 1) and basis bias (…, b)."""
        source, detector = self.source, self.detector
        live = live_frac(self.eta, self.p_noise, mu, source.pulse_rate_hz, detector) * self.used
        passive = detector.n_detectors > 2
        counts: list[FloatArray] = []
        for share in (p_key_basis, 1.0 - p_key_basis):
            q = share[..., np.newaxis]
            click, error = pair_rates(self.eta * (q if passive else 1.0), self.p_noise, mu, source, detector)
            sent = source.pulse_rate_hz * (q if passive else q * q)
            counts.append(sent * (click * live).sum(axis=-1, keepdims=True))
            counts.append(sent * (error * live).sum(axis=-1, keepdims=True))
        return Detections(
            mu=mu,
            p_sent=p_sent,
            n_key=counts[0],
            m_key=counts[1],
            n_check=counts[2],
            m_check=counts[3],
            p_key_basis=p_key_basis,
            n_pulses=source.pulse_rate_hz * self.used.sum(axis=-1),
            plob_bits=np.array([plob_bits(eta, source.pulse_rate_hz) for eta in self.eta]),
        )


def pair_passes(profiles: Profiles, source: Source, detector: Detector) -> PairPasses:
    """Passes of a source of pairs, from (transmittance, background) second by second."""
    _check(source)
    checked = [checked_profile(eta, background, detector) for eta, background in profiles]
    longest = max((eta.size for eta, _ in checked), default=0)
    padded = np.zeros((3, len(checked), longest))
    for row, (eta, p_noise) in enumerate(checked):
        padded[0, row, : eta.size] = eta
        padded[1, row, : eta.size] = p_noise
        padded[2, row, : eta.size] = 1.0
    return PairPasses(eta=padded[0], p_noise=padded[1], used=padded[2], source=source, detector=detector)


def pair_rates(
    eta: FloatArray, p_noise: FloatArray, mu: FloatArray, source: Source, detector: Detector
) -> tuple[FloatArray, FloatArray]:
    """Chance of a coincidence in a pulse, and of one whose bits differ: arrays that broadcast."""
    local = 1.0 if source.local_efficiency_frac is None else source.local_efficiency_frac
    lam = mu / 2.0
    dark_local, dark_ground = 1.0 - 2.0 * source.p_local_noise, 1.0 - 2.0 * p_noise
    on_board, ground = 1.0 + local * lam, 1.0 + eta * lam
    either = on_board + eta * lam * (1.0 - local)
    click = 1.0 - dark_local / on_board**2 - dark_ground / ground**2 + dark_local * dark_ground / either**2
    right = local * eta * lam * (1.0 + lam) / (on_board * ground * either)
    return click, click / 2.0 - (1.0 - 2.0 * detector.misalignment_error_frac) * right


def pairs_in(
    eta: FloatArray,
    p_noise: FloatArray,
    source: Source,
    detector: Detector,
    total: Callable[[FloatArray], FloatArray],
) -> Detections:
    """Expected coincidences in blocks (b,) of the seconds (n,); `total` adds up the seconds of each block."""
    _check(source)
    mu = np.array(source.mu_signal)
    live = live_frac(eta, p_noise, mu, source.pulse_rate_hz, detector)
    passive = detector.n_detectors > 2
    counts: list[FloatArray] = []
    for q in (source.p_key_basis, 1.0 - source.p_key_basis):
        click, error = pair_rates(eta * (q if passive else 1.0), p_noise, mu, source, detector)
        sent = source.pulse_rate_hz * (q if passive else q * q)
        counts += [sent * total(click * live)[..., np.newaxis], sent * total(error * live)[..., np.newaxis]]
    n_pulses = source.pulse_rate_hz * total(np.ones(eta.size))
    return Detections(
        mu=np.broadcast_to(mu, (*n_pulses.shape, 1)),
        p_sent=np.ones((*n_pulses.shape, 1)),
        n_key=counts[0],
        m_key=counts[1],
        n_check=counts[2],
        m_check=counts[3],
        p_key_basis=np.broadcast_to(source.p_key_basis, n_pulses.shape),
        n_pulses=n_pulses,
        plob_bits=source.pulse_rate_hz * total(plob_bits_per_pulse(eta)),
    )


def _check(source: Source) -> None:
    if source.local_efficiency_frac is None or not 0.0 < source.local_efficiency_frac <= 1.0:
        raise InputError(
            Problem(
                path="source",
                field="local_efficiency_frac",
                message="a source of pairs needs its on-board efficiency in (0, 1]",
                got=str(source.local_efficiency_frac),
            )
        )

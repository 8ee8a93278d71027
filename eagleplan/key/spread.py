"""Key of a pass whose loss and counts are not known beforehand: variable and fixed length side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from eagleplan.key.detections import Detections, checked_profile
from eagleplan.key.protocols import PROTOCOLS
from eagleplan.key.secret_key import check_security
from eagleplan.model import Detector, Security, Source
from eagleplan.units import FloatArray, frac_from_db

N_DRAWS = 512
SEED = 20_260_101


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """What a pass gives on average, by how the length of its key is settled.

    `variable_bits`: the length follows what was observed. `fixed_bits`: one length is settled before the
    pass, the best one for the average, and the pass gives it or nothing; `fixed_accepted_frac` is how often
    it gives it. `sure_length_bits`: the length that 99 % of passes reach. `nominal_bits`: the length at
    exactly the expected counts.
    """

    nominal_bits: int
    variable_bits: int
    fixed_bits: int
    fixed_length_bits: int
    fixed_accepted_frac: float
    sure_length_bits: int


def spread(
    transmittance_frac: npt.ArrayLike,
    background_per_detector_cps: npt.ArrayLike,
    source: Source,
    detector: Detector,
    security: Security,
    *,
    loss_sigma_db: float = 0.0,
) -> Spread:
    """Average over counts, and over a channel loss that misses its forecast by `loss_sigma_db` (one
    sigma, in dB).

    The offset is one number for the whole pass, drawn from a normal distribution at equal steps of its
    chance; counts are Poisson, drawn with a fixed seed. Where a proof fixes anything before the bits are
    compared, it is fixed for the loss of the pass as it was: the number of clicks shows it before any basis
    or intensity is announced.
    """
    from scipy.special import ndtri  # late: a quarter of a second

    check_security(security)
    eta, _ = checked_profile(transmittance_frac, background_per_detector_cps, detector)
    protocol = PROTOCOLS[security.protocol]
    method = protocol.search_method(security.statistics)
    offsets = loss_sigma_db * ndtri((np.arange(N_DRAWS) + 0.5) / N_DRAWS)
    profiles = [
        (np.minimum(eta * frac_from_db(np.asarray(offset)), 1.0), background_per_detector_cps)
        for offset in np.append(offsets, 0.0)
    ]
    mu, p_sent = protocol.design.of_source(source)
    expected = protocol.passes(profiles, source, detector).detections(
        np.broadcast_to(mu, (len(profiles), mu.size)),
        np.broadcast_to(p_sent, (len(profiles), mu.size)),
        np.full(len(profiles), source.p_key_basis),
    )
    protocol.check(expected)
    drawn = _drawn(expected)
    if method.observe is None:
        lengths = method.prove(drawn, security).length_bits
    else:
        lengths = method.observe(expected, drawn, security).length_bits
    nominal = method.prove(expected, security).length_bits[-1]
    sorted_bits = np.sort(np.floor(np.maximum(lengths[:-1], 0.0)))[::-1]
    accepted = np.arange(1, N_DRAWS + 1) / N_DRAWS
    best = int(np.argmax(sorted_bits * accepted))
    return Spread(
        nominal_bits=max(int(np.floor(nominal)), 0),
        variable_bits=int(sorted_bits.mean()),
        fixed_bits=int(sorted_bits[best] * accepted[best]),
        fixed_length_bits=int(sorted_bits[best]),
        fixed_accepted_frac=float(np.mean(sorted_bits >= sorted_bits[best])) if sorted_bits[best] > 0.0 else 0.0,
        sure_length_bits=int(sorted_bits[int(np.ceil(0.99 * N_DRAWS)) - 1]),
    )


def _drawn(expected: Detections) -> Detections:
    """Poisson counts about the expected ones: errors and correct bits of every intensity and basis by
    themselves.
    """
    rng = np.random.default_rng(SEED)

    def poisson(mean: FloatArray) -> FloatArray:
        return rng.poisson(np.maximum(mean, 0.0)).astype(np.float64)

    m_key, m_check = poisson(expected.m_key), poisson(expected.m_check)
    return replace(
        expected,
        m_key=m_key,
        n_key=m_key + poisson(expected.n_key - expected.m_key),
        m_check=m_check,
        n_check=m_check + poisson(expected.n_check - expected.m_check),
        photon_numbers=None,
    )

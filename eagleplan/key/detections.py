"""What a contact's clicks are expected to be: counts and errors per intensity and basis.

Lim et al. 2014 (PRA 89:022307) section IV, summed over 1 s samples. With E = exp(−μ η_t), p = p_ec,t the
chance of a click in one detector's gate that no signal photon caused, and e_mis the misalignment:

    D = 1 − (1 − 2p) E              a basis clicks (two detectors)
    R = (1 + p_ap) D                with afterpulses
    e = p + e_mis (1 − E) + p_ap D / 2    and the click is an error

Lim et al. print the channel's transmittance in the e_mis term; the transmittance to a click is meant (only
this gives their figure 1). A vacuum pulse so errs half the time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from eagleplan.errors import InputError, Problem
from eagleplan.model import Detector, Source
from eagleplan.units import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotonNumbers:
    """What nobody can measure but a model knows: sifted detections by photon number, every array (…,)."""

    vacuum_key: FloatArray
    single_key: FloatArray
    single_check: FloatArray
    single_errors_check: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Detections:
    """Counts of one block, or of many: arrays of shape (…, k) over k intensities in the order signal, decoy,
    vacuum.

    `mu` are mean photon numbers, `p_sent` how often each is sent. `n_key`, `m_key` are sifted detections and
    errors in the key basis (both ends chose it), `n_check`, `m_check` in the check basis. They are
    expectations, or counts. `p_key_basis` (…,) is the chance of the key basis at either end, `n_pulses` (…,)
    is the number of pulses sent and `plob_bits` (…,) the ceiling −Σ log2(1 − η) over them (Pirandola,
    Laurenza, Ottaviani, Banchi 2017, Nat. Commun. 8:15043), which no protocol passes without a repeater.
    """

    mu: FloatArray
    p_sent: FloatArray
    n_key: FloatArray
    m_key: FloatArray
    n_check: FloatArray
    m_check: FloatArray
    p_key_basis: FloatArray
    n_pulses: FloatArray
    plob_bits: FloatArray
    photon_numbers: PhotonNumbers | None = None

    @property
    def sifted_bits(self) -> FloatArray:
        """Detections in the key basis, all intensities, shape (…,)."""
        return np.asarray(self.n_key.sum(axis=-1))

    @property
    def qber_frac(self) -> FloatArray:
        """Error rate of the key basis, shape (…,); 0.5 where nothing was detected."""
        sifted = self.sifted_bits
        return np.where(sifted > 0.0, self.m_key.sum(axis=-1) / np.where(sifted > 0.0, sifted, 1.0), 0.5)


def pulses_in(
    eta: FloatArray,
    p_noise: FloatArray,
    source: Source,
    detector: Detector,
    total: Callable[[FloatArray], FloatArray],
) -> Detections:
    """Expected detections of weak pulses in blocks (b,) of samples (n,) of 1 s, or in one block of no shape.

    `eta` and `p_noise` (n,) are transmittance and noise per gate as `checked_profile` gives them; `total` adds up the
    seconds of each block: (…, n) → (…, b), or (…,) for the one. Two detectors measure one basis at a time, chosen
    actively. Four stand behind a passive splitter: each basis gets its share of the light, and all of its own noise in
    every gate.
    """
    mu = np.array([source.mu_signal, source.mu_decoy, source.mu_vacuum])
    p_sent = np.array([source.p_signal, source.p_decoy, source.p_vacuum])
    live = live_frac(eta, p_noise, float(mu @ p_sent), source.pulse_rate_hz, detector)
    passive = detector.n_detectors > 2
    q = source.p_key_basis
    means = [_means(mu, eta, p_noise, live, detector, share if passive else 1.0, total) for share in (q, 1.0 - q)]
    sent = [source.pulse_rate_hz * p_sent * (share if passive else share**2) for share in (q, 1.0 - q)]
    n_pulses = source.pulse_rate_hz * total(np.ones(eta.size))
    return counted(
        means,
        sent,
        mu=np.broadcast_to(mu, (*n_pulses.shape, mu.size)),
        p_sent=np.broadcast_to(p_sent, (*n_pulses.shape, mu.size)),
        p_key_basis=np.broadcast_to(q, n_pulses.shape),
        n_pulses=n_pulses,
        plob_bits=source.pulse_rate_hz * total(plob_bits_per_pulse(eta)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What one basis sees for every pulse sent in it, summed over seconds: Σ R and Σ e, shape (…, k).

    `vacuum_clicks`, `single_clicks`, `single_errors` (…,) are the same for pulses of no photon and of one.
    """

    clicks: FloatArray
    errors: FloatArray
    vacuum_clicks: FloatArray
    single_clicks: FloatArray
    single_errors: FloatArray


def means_of(
    light: FloatArray,
    click: FloatArray,
    single: FloatArray,
    single_click: FloatArray,
    noise: FloatArray,
    d: Detector,
) -> Means:
    """Lim et al.'s R and e from sums over live gates.

    `light` is Σ (1 − E) and `click` Σ D, (…, k); `single` is Σ η and `single_click` Σ D of one photon, (…,);
    `noise` is Σ p, (…,).
    """
    after = 1.0 + d.p_afterpulse
    base = noise[..., np.newaxis]
    return Means(
        clicks=after * click,
        errors=base + d.misalignment_error_frac * light + d.p_afterpulse * click / 2.0,
        vacuum_clicks=after * 2.0 * noise,
        single_clicks=after * single_click,
        single_errors=noise + d.misalignment_error_frac * single + d.p_afterpulse * single_click / 2.0,
    )


def counted(
    means: Sequence[Means],
    sent: Sequence[FloatArray],
    *,
    mu: FloatArray,
    p_sent: FloatArray,
    p_key_basis: FloatArray,
    n_pulses: FloatArray,
    plob_bits: FloatArray,
) -> Detections:
    """Detections of the key and the check basis; `sent` (…, k) is how many pulses a second each of them
    gets.
    """
    (key, check), (sent_key, sent_check) = means, sent
    none = (sent_key * np.exp(-mu)).sum(axis=-1)
    one_key, one_check = ((x * mu * np.exp(-mu)).sum(axis=-1) for x in sent)
    return Detections(
        mu=mu,
        p_sent=p_sent,
        n_key=sent_key * key.clicks,
        m_key=sent_key * key.errors,
        n_check=sent_check * check.clicks,
        m_check=sent_check * check.errors,
        p_key_basis=p_key_basis,
        n_pulses=n_pulses,
        plob_bits=plob_bits,
        photon_numbers=PhotonNumbers(
            vacuum_key=none * key.vacuum_clicks,
            single_key=one_key * key.single_clicks,
            single_check=one_check * check.single_clicks,
            single_errors_check=one_check * check.single_errors,
        ),
    )


def map_arrays(d: Detections, change: Callable[[FloatArray], FloatArray]) -> Detections:
    """`d` with `change` applied to each of its arrays."""
    hidden = d.photon_numbers
    changed: dict[str, Any] = {f.name: change(getattr(d, f.name)) for f in fields(d) if f.name != "photon_numbers"}
    if hidden is None:
        return Detections(**changed)
    inner = {f.name: change(getattr(hidden, f.name)) for f in fields(hidden)}
    return Detections(**changed, photon_numbers=PhotonNumbers(**inner))


def flattened(d: Detections) -> Detections:
    """The blocks of `d` along one axis (b,)."""
    batch, full = d.n_key.shape[:-1], d.n_key.shape
    settings = replace(
        d,
        mu=np.broadcast_to(d.mu, full),
        p_sent=np.broadcast_to(d.p_sent, full),
        p_key_basis=np.broadcast_to(d.p_key_basis, batch),
        n_pulses=np.broadcast_to(d.n_pulses, batch),
        plob_bits=np.broadcast_to(d.plob_bits, batch),
    )
    return map_arrays(settings, lambda x: x.reshape(-1, *x.shape[len(batch) :]))


def taken(d: Detections, rows: npt.NDArray[np.intp]) -> Detections:
    """The blocks `rows` of the blocks (b,)."""
    return map_arrays(d, lambda x: x[rows])


def stacked(blocks: Sequence[Detections]) -> Detections:
    """Blocks of one batch shape as one batch with a new first axis; photon numbers only where all have
    them.
    """
    changed: dict[str, Any] = {
        f.name: np.stack([getattr(d, f.name) for d in blocks]) for f in fields(Detections) if f.name != "photon_numbers"
    }
    known = [d.photon_numbers for d in blocks if d.photon_numbers is not None]
    if len(known) < len(blocks):
        return Detections(**changed)
    inner = {f.name: np.stack([getattr(h, f.name) for h in known]) for f in fields(PhotonNumbers)}
    return Detections(**changed, photon_numbers=PhotonNumbers(**inner))


def _means(
    mu: FloatArray,
    eta: FloatArray,
    p_noise: FloatArray,
    live: FloatArray,
    detector: Detector,
    share: float,
    total: Callable[[FloatArray], FloatArray],
) -> Means:
    light = -np.expm1(-np.outer(mu * share, eta))
    single = share * eta
    return means_of(
        np.moveaxis(total(light * live), 0, -1),
        np.moveaxis(total((light + 2.0 * p_noise * (1.0 - light)) * live), 0, -1),
        total(single * live),
        total((single + 2.0 * p_noise * (1.0 - single)) * live),
        total(p_noise * live),
        detector,
    )


def checked_profile(
    transmittance_frac: npt.ArrayLike, background_per_detector_cps: npt.ArrayLike, detector: Detector
) -> tuple[FloatArray, FloatArray]:
    """Transmittance (n,) and noise per gate (n,) of a contact, or InputError."""
    eta = np.asarray(transmittance_frac, dtype=np.float64)
    if eta.ndim != 1 or not np.all((eta >= 0.0) & (eta <= 1.0)):
        raise InputError(
            Problem(
                path="transmittance_frac",
                message="must be one value in [0, 1] for every second of the contact",
            )
        )
    return eta, noise_per_gate(background_per_detector_cps, detector, eta.shape)


def plob_bits_per_pulse(transmittance_frac: FloatArray) -> FloatArray:
    """Ceiling of the secret bits of one pulse over a lossy channel: −log2(1 − η), shape of η (PLOB bound)."""
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log1p(-transmittance_frac) / np.log(2.0))


def plob_bits(transmittance_frac: FloatArray, pulse_rate_hz: float) -> float:
    """The same for every pulse of samples of 1 s."""
    return float(pulse_rate_hz * np.sum(plob_bits_per_pulse(transmittance_frac)))


def noise_per_gate(
    background_per_detector_cps: npt.ArrayLike, detector: Detector, shape: tuple[int, ...]
) -> FloatArray:
    """Chance of a click without a signal photon in one detector's gate, broadcast to `shape`."""
    p_noise = np.asarray(background_per_detector_cps, dtype=np.float64) * detector.gate_s
    if not np.all((p_noise >= 0.0) & (p_noise * detector.n_detectors < 1.0)):
        raise InputError(
            Problem(
                path="background_per_detector_cps",
                message="background × gate must lie between 0 and one click per gate",
                got=f"{np.max(p_noise, initial=0.0):g} clicks per detector and gate",
                hint="is gate_s in seconds?",
            )
        )
    return np.broadcast_to(p_noise, shape)


def live_frac(
    transmittance_frac: FloatArray,
    p_noise: FloatArray,
    mean_mu: npt.ArrayLike,
    pulse_rate_hz: float,
    detector: Detector,
) -> FloatArray:
    """Fraction of gates in which the receiver is not blind after a click, shape of the broadcast inputs.

    A click in any detector blinds the whole receiver for the dead time: the proofs ask for one efficiency
    whatever the basis, so gates in which only some detectors could click are thrown away. Non-paralysable
    counting with `floor(dead time × pulse rate)` blind gates; the click rate is taken at the mean photon
    number of the mix.
    """
    blind_gates = np.floor(detector.dead_time_s * pulse_rate_hz * (1.0 + 1e-12))
    no_click = np.exp(-np.asarray(mean_mu) * transmittance_frac) * (1.0 - detector.n_detectors * p_noise)
    return np.asarray(1.0 / (1.0 + blind_gates * (1.0 + detector.p_afterpulse) * (1.0 - no_click)))

"""From a link budget to expected detections, whatever the source."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from eagleplan.key.detections import Detections, checked_profile, pulses_in
from eagleplan.key.pairs import pairs_in
from eagleplan.model import Detector, Source
from eagleplan.units import FloatArray


def detections(
    transmittance_frac: npt.ArrayLike,
    background_per_detector_cps: npt.ArrayLike,
    source: Source,
    detector: Detector,
) -> Detections:
    """Expected detections of a contact whose samples of 1 s have these transmittances and backgrounds.

    `transmittance_frac` (n,) counts from the transmitter's telescope exit to a click, the detector's
    efficiency included; `background_per_detector_cps` (n,) or a scalar are all clicks without a signal
    photon, dark counts included. Neither `detector.efficiency_frac` nor `detector.dark_count_cps` is applied
    again. An empty contact has no detections. InputError where a value cannot be.

    A source with `local_efficiency_frac` emits entangled pairs and is counted by `eagleplan.key.pairs`; any
    other emits weak coherent pulses (`eagleplan.key.detections`).

    >>> import numpy as np
    >>> from eagleplan.model import Detector, Source
    >>> source = Source(
    ...     pulse_rate_hz=100e6, mu_signal=0.5, mu_decoy=0.1, p_signal=0.7, p_decoy=0.2, p_key_basis=0.9
    ... )
    >>> detector = Detector(
    ...     efficiency_frac=0.8, dark_count_cps=100.0, n_detectors=2, gate_s=1e-9, dead_time_s=0.0,
    ...     p_afterpulse=0.0, misalignment_error_frac=0.01,
    ... )
    >>> found = detections(np.full(200, 1e-3), 300.0, source, detector)
    >>> f"{found.sifted_bits:.0f} bits, QBER {found.qber_frac:.4f}"
    '6002283 bits, QBER 0.0108'
    """
    seconds = checked_profile(transmittance_frac, background_per_detector_cps, detector)
    count = pulses_in if source.local_efficiency_frac is None else pairs_in
    return count(*seconds, source, detector, _whole)


def _whole(seconds: FloatArray) -> FloatArray:
    return np.asarray(seconds.sum(axis=-1))

"""A quick answer: a link of constant loss for so many seconds."""

from __future__ import annotations

import numpy as np

from eagleplan.errors import InputError, Problem
from eagleplan.key.counting import detections
from eagleplan.key.optimise import optimise
from eagleplan.key.secret_key import secret_key
from eagleplan.model import Detector, KeyYield, Security, Source
from eagleplan.units import frac_from_db


def quick_key(
    *,
    loss_db: float,
    seconds: int,
    source: Source,
    detector: Detector,
    security: Security,
    background_per_detector_cps: float | None = None,
    optimise_source: bool = False,
) -> tuple[Source, KeyYield]:
    """Key of `seconds` at `loss_db` from the telescope exit to a click, and the source that it is for.

    Without `background_per_detector_cps`, the detector's dark counts are all there is. `optimise_source`
    replaces intensities, their probabilities and the basis bias of `source` by the best ones.

    >>> from eagleplan.model import Detector, Security, Source
    >>> source = Source(
    ...     pulse_rate_hz=100e6, mu_signal=0.7, mu_decoy=0.1, p_signal=0.9, p_decoy=0.07, p_key_basis=0.9
    ... )
    >>> detector = Detector(
    ...     efficiency_frac=0.8, dark_count_cps=100.0, n_detectors=2, gate_s=1e-9, dead_time_s=0.0,
    ...     p_afterpulse=0.0, misalignment_error_frac=0.01,
    ... )
    >>> security = Security(
    ...     protocol="bb84-two-decoy", statistics="joint", eps_secrecy=1e-9, eps_correctness=1e-15,
    ...     ec_efficiency=1.16,
    ... )
    >>> _, key = quick_key(loss_db=40.0, seconds=200, source=source, detector=detector, security=security)
    >>> key.secret_bits > 200_000
    True
    """
    problems = []
    if not loss_db >= 0.0:
        problems.append(Problem(path="loss_db", message="must be at least 0", got=f"{loss_db:g}"))
    if seconds < 1:
        problems.append(Problem(path="seconds", message="must be at least 1", got=str(seconds)))
    if problems:
        raise InputError(problems)
    noise = detector.dark_count_cps if background_per_detector_cps is None else background_per_detector_cps
    eta = np.full(seconds, frac_from_db(loss_db))
    if optimise_source:
        found = optimise([(eta, noise)], source, detector, security)
        return found.sources[0], found.yields[0]
    return source, secret_key(detections(eta, noise, source, detector), security)

"""Many parts of a contact at once: the same as each part on its own."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from eagleplan.key import detections, part_detections, proven, secret_key
from eagleplan.key.protocols import PROTOCOLS

ETA = 10.0 ** (-np.concatenate([np.linspace(4.2, 2.9, 90), np.linspace(2.9, 4.0, 70)]))
BACKGROUND = np.linspace(150.0, 900.0, ETA.size)
START = np.array([0, 0, 31, 60, 89, 100, 158])
END = np.array([160, 60, 140, 150, 91, 160, 160])


@pytest.mark.parametrize("protocol", sorted(PROTOCOLS))
@pytest.mark.parametrize("n_detectors", [2, 4])
def test_parts_are_counted_as_contacts_of_their_own(lab: Any, protocol: str, n_detectors: int) -> None:
    source = lab.sources[protocol]
    detector = dataclasses.replace(lab.detector, n_detectors=n_detectors, dead_time_s=50e-9, p_afterpulse=0.01)
    together = part_detections(ETA, BACKGROUND, source, detector, START, END)
    for i, (start, end) in enumerate(zip(START, END, strict=True)):
        alone = detections(ETA[start:end], BACKGROUND[start:end], source, detector)
        for field in dataclasses.fields(alone):
            if field.name != "photon_numbers":
                assert getattr(together, field.name)[i] == pytest.approx(getattr(alone, field.name), rel=1e-11)


@pytest.mark.parametrize("statistics", ["joint", "asymptotic"])
def test_the_key_of_a_part_is_that_of_a_contact(lab: Any, statistics: str) -> None:
    security = lab.security(statistics=statistics)
    blocks = proven(part_detections(ETA, BACKGROUND, lab.source, lab.detector, START, END), security)
    for i, (start, end) in enumerate(zip(START, END, strict=True)):
        alone = secret_key(detections(ETA[start:end], BACKGROUND[start:end], lab.source, lab.detector), security)
        assert blocks.secret_bits[i] == pytest.approx(alone.secret_bits, abs=1)
        (here,) = blocks.yields(np.array([i]))
        assert here.secret_bits == blocks.secret_bits[i]
        assert here.abort_reason == alone.abort_reason
        assert here.details == pytest.approx(alone.details, rel=1e-6)
    assert blocks.secret_bits[0] > 0
    assert (blocks.secret_bits[6] == 0) == (statistics == "joint"), "two seconds at the end are too short a block"

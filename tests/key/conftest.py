"""Links and reference cases that the tests of the key room share."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eagleplan.model import Detector, Security, Source
from eagleplan.units import FloatArray

REFERENCE = Path(__file__).parents[1] / "reference" / "satquma_cases.json"

SOURCE = Source(pulse_rate_hz=100e6, mu_signal=0.75, mu_decoy=0.06, p_signal=0.93, p_decoy=0.05, p_key_basis=0.93)
ONE_DECOY = replace(SOURCE, p_signal=0.93, p_decoy=0.07)
PAIRS = replace(SOURCE, mu_signal=0.1, p_signal=1.0, p_decoy=0.0, local_efficiency_frac=0.5, p_local_noise=1e-6)
DETECTOR = Detector(
    efficiency_frac=1.0,
    dark_count_cps=0.0,
    n_detectors=2,
    gate_s=1e-9,
    dead_time_s=0.0,
    p_afterpulse=0.0,
    misalignment_error_frac=0.005,
)
SECURITY = Security(
    protocol="bb84-two-decoy",
    statistics="joint",
    eps_secrecy=1e-9,
    eps_correctness=1e-15,
    ec_efficiency=1.16,
)


@dataclass(frozen=True)
class Case:
    """One case of SatQuMA: its pass, its hardware, its answers."""

    name: str
    eta: FloatArray
    background_cps: float
    source: Source
    detector: Detector
    security: Security
    bound: str
    error_correction: str
    passes: int
    outputs: dict[str, float]
    intermediates: dict[str, Any]
    best_known_bits: dict[str, float]


@cache
def cases() -> dict[str, Case]:
    """All reference cases by name."""
    stored = json.loads(REFERENCE.read_text(encoding="utf-8"))
    found = {}
    for case in stored["cases"]:
        given, chosen = case["inputs"], case["params"]
        start, end = case["slice"]
        eta = np.array(stored["transmittance_frac"][case["profile"]][start:end])
        found[case["id"]] = Case(
            name=case["id"],
            eta=eta * 10.0 ** (-given["ls_dB"] / 10.0),
            background_cps=given["Pec"] / 1e-9,
            source=Source(
                pulse_rate_hz=given["Npulse_per_slot"],
                mu_signal=chosen["mu1"],
                mu_decoy=chosen["mu2"],
                mu_vacuum=chosen["mu3"],
                p_signal=chosen["p1"],
                p_decoy=chosen["p2"],
                p_key_basis=chosen["Px"],
            ),
            detector=replace(DETECTOR, p_afterpulse=given["Pap"], misalignment_error_frac=given["QBERI"]),
            security=replace(
                SECURITY,
                statistics="satquma",
                eps_secrecy=given["eps_s"],
                eps_correctness=given["eps_c"],
                ec_efficiency=given["fEC"],
            ),
            bound=given["bound"],
            error_correction=given["EC_model"],
            passes=given["NoPass"],
            outputs=case["outputs"],
            intermediates=case["intermediates"],
            best_known_bits=case.get("best_known_bits", {}),
        )
    return found


@dataclass(frozen=True)
class Lab:
    """Hardware for every protocol, and its security."""

    detector: Detector
    sources: dict[str, Source]

    @property
    def source(self) -> Source:
        return self.sources["bb84-two-decoy"]

    @staticmethod
    def security(protocol: str = "bb84-two-decoy", statistics: str = "joint", **other: float) -> Security:
        return replace(SECURITY, protocol=protocol, statistics=statistics, **other)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def lab() -> Lab:
    return Lab(
        detector=DETECTOR,
        sources={"bb84-two-decoy": SOURCE, "bb84-one-decoy": ONE_DECOY, "bbm92": PAIRS},
    )


@pytest.fixture(scope="session")
def reference() -> dict[str, Case]:
    """All cases of SatQuMA by name."""
    return cases()


@pytest.fixture(params=sorted(cases()))
def case(request: pytest.FixtureRequest) -> Case:
    """Each case of SatQuMA in turn."""
    return cases()[request.param]


@pytest.fixture(params=sorted(name for name, one in cases().items() if one.best_known_bits))
def optimised_case(request: pytest.FixtureRequest) -> Case:
    """Each case that SatQuMA optimised, in turn."""
    return cases()[request.param]

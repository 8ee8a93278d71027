"""What is kept of a satellite and a station must not depend on what else was in the scenario, to the last bit."""

from __future__ import annotations

import random
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from eagleplan import key
from eagleplan.key.proof import Proof
from eagleplan.model import Detector, Security, Source
from eagleplan.passes import find_passes
from eagleplan.pipeline.fingerprint import digest
from eagleplan.pipeline.spans import Span, whole_spans
from eagleplan.pipeline.worth import valued
from eagleplan.resources import example_path
from eagleplan.scenario import Scenario, load_scenario

SITES = ("de-trauen", "fr-calern", "es-teide", "it-matera", "gr-helmos", "at-graz")

SOURCE = Source(pulse_rate_hz=100e6, mu_signal=0.7, mu_decoy=0.1, p_signal=0.9, p_decoy=0.07, p_key_basis=0.9)
SOURCES = {
    "bb84-two-decoy": SOURCE,
    "bb84-one-decoy": replace(SOURCE, p_decoy=0.1),
    "bbm92": replace(SOURCE, mu_signal=0.1, p_key_basis=0.5, local_efficiency_frac=0.4, p_local_noise=1e-6),
}
DETECTOR = Detector(
    efficiency_frac=0.8,
    dark_count_cps=100.0,
    n_detectors=4,
    gate_s=1e-9,
    dead_time_s=20e-9,
    p_afterpulse=0.01,
    misalignment_error_frac=0.01,
)
METHODS = [(name, statistics) for name, protocol in key.PROTOCOLS.items() for statistics in protocol.methods]


DEMAND = b"demand_id,node_a,node_b,bits_per_week\none,DE,FR,1000000\n"


def scenario_of(*sites: str) -> Scenario:
    return load_scenario(
        example_path("eagle1-week.toml"),
        start_utc=datetime(2026, 12, 7, tzinfo=UTC),
        days=2,
        overrides={"sites.use": list(sites), "demand.file": "few.csv"},
        extra_files={"few.csv": DEMAND},
    )


@pytest.mark.parametrize(
    "coupling",
    [
        {"coupling": "field-stop", "field_of_view_full_angle_urad": 60.0, "filter_bandwidth_nm": 1.0},
        {"coupling": "smf", "coupling_loss_db": None, "filter_bandwidth_nm": 1.0},
        {
            "coupling": "smf-ao",
            "coupling_loss_db": None,
            "adaptive_optics.actuator_pitch_m": 0.05,
            "adaptive_optics.delay_s": 0.001,
        },
    ],
    ids=lambda coupling: coupling["coupling"],
)
def test_geometry_and_loss_of_a_pair_stand_alone(coupling: dict[str, Any]) -> None:
    base = scenario_of(*SITES)
    receiver = base.sites[0].receiver
    optics = replace(
        receiver.adaptive_optics,
        actuator_pitch_m=coupling.get("adaptive_optics.actuator_pitch_m"),
        delay_s=coupling.get("adaptive_optics.delay_s"),
    )
    plain = {name: value for name, value in coupling.items() if "." not in name}
    receiver = replace(receiver, **plain, adaptive_optics=optics)
    scenario = replace(base, sites=tuple(replace(site, receiver=receiver) for site in base.sites))
    search = find_passes(scenario.satellites, scenario.sites, scenario.horizon, scenario.constraints)
    spans, _ = whole_spans(search.passes, {site.site_id: site for site in scenario.sites}, 60)
    assert len(spans) > 12
    together = {span.contact_id: bits for span, bits in _bits(scenario, spans, search)}
    chooser = random.Random(20261122)
    for n in (1, 1, 2, 4):
        few = {site.site_id for site in chooser.sample(list(scenario.sites), n)}
        own = [span for span in spans if span.of.site_id in few]
        assert own
        for span, bits in _bits(scenario, own, search):
            assert bits == together[span.contact_id]


def _bits(scenario: Scenario, spans: list[Span], search: Any) -> list[tuple[Span, str]]:
    windows = valued(scenario, spans, search)
    rows = zip(windows.spans, windows.profiles, windows.budgets, strict=True)
    return [(span, digest(profile, budget)) for span, profile, budget in rows]


@pytest.mark.parametrize(("protocol", "statistics"), METHODS)
def test_the_proof_of_a_block_stands_alone(protocol: str, statistics: str) -> None:
    """Good blocks, bad blocks, and blocks without any key, in companies of every size."""
    chooser = np.random.default_rng(7)
    security = Security(
        protocol=protocol, statistics=statistics, eps_secrecy=1e-9, eps_correctness=1e-15, ec_efficiency=1.16
    )
    blocks = []
    for number in range(9):
        n = int(chooser.integers(60, 400))
        eta = 10.0 ** -(2.5 + 0.35 * number + 0.5 * np.linspace(-1.0, 1.0, n) ** 2)
        start = np.sort(chooser.integers(0, 20, 1 + number % 3))
        blocks.append(key.part_detections(eta, 400.0, SOURCES[protocol], DETECTOR, start, n - start[::-1]))
    together = _rows(key.proven(key.joined(blocks), security))
    first = np.cumsum([0, *(len(block.n_pulses) for block in blocks)])
    for few in ([0], [4], [8], [3, 0], [1, 2, 5, 7], [8, 7, 6, 5, 4, 3, 2, 1, 0]):
        alone = _rows(key.proven(key.joined([blocks[i] for i in few]), security))
        assert alone == [row for i in few for row in together[first[i] : first[i + 1]]]


def _rows(proven: key.Proven) -> list[str]:
    proof = proven.proof
    columns = [getattr(proven.detections, f.name) for f in fields(key.Detections) if f.name != "photon_numbers"]
    columns += [getattr(proof, f.name) for f in fields(Proof) if f.name != "details"] + list(proof.details.values())
    n = len(proven.secret_bits)
    return [
        digest(row, *(np.ascontiguousarray(np.broadcast_to(column, (n, *column.shape[1:]))[i]) for column in columns))
        for i, row in enumerate(proven.yields(np.arange(n)))
    ]

"""What every protocol with every statistics must do, whatever the link."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eagleplan.key import PROTOCOLS, detections, secret_key, secret_keys
from eagleplan.model import KeyYield

COMBINATIONS = [(protocol, name) for protocol, one in PROTOCOLS.items() for name in one.methods]
FINITE = [(protocol, name) for protocol, name in COMBINATIONS if name != "asymptotic"]

SLACK_FRAC = 1e-6
"""Searches stop within this of their optimum; a bound may then move the wrong way by so little."""

losses = st.floats(12.0, 60.0)
backgrounds = st.floats(1.0, 5e4)
misalignments = st.floats(1e-3, 0.12)
durations = st.integers(1, 600)


def key_of(
    lab: Any,
    protocol: str,
    statistics: str,
    loss_db: float,
    background_cps: float,
    misalignment: float,
    seconds: int,
    eps: float = 1e-9,
) -> KeyYield:
    eta = 10.0 ** (-(loss_db + 3.0 * np.abs(np.linspace(-1.0, 1.0, seconds))) / 10.0)
    detector = replace(lab.detector, misalignment_error_frac=misalignment)
    seen = detections(eta, background_cps, lab.sources[protocol], detector)
    return secret_key(seen, lab.security(protocol, statistics, eps_secrecy=eps))


def no_more(worse: KeyYield, better: KeyYield) -> bool:
    return worse.secret_bits <= better.secret_bits * (1.0 + SLACK_FRAC) + 2


@pytest.mark.parametrize(("protocol", "statistics"), COMBINATIONS)
@given(loss_db=losses, background=backgrounds, misalignment=misalignments, seconds=durations)
@settings(max_examples=12, deadline=None, derandomize=True)
def test_key_lies_where_it_must(
    lab: Any,
    protocol: str,
    statistics: str,
    loss_db: float,
    background: float,
    misalignment: float,
    seconds: int,
) -> None:
    key = key_of(lab, protocol, statistics, loss_db, background, misalignment, seconds)
    assert 0 <= key.secret_bits <= key.plob_bits
    sifted = key.sifted_bits if statistics != "joint-both" else np.inf
    assert key.secret_bits <= sifted
    assert (key.abort_reason is None) == (key.secret_bits > 0)
    figures = [key.qber_frac, key.phase_error_frac, key.leaked_bits, key.plob_bits, *key.details.values()]
    assert np.all(np.isfinite(figures))
    assert 0.0 <= key.phase_error_frac <= 0.5


@pytest.mark.parametrize(("protocol", "statistics"), COMBINATIONS)
@given(loss_db=losses, background=backgrounds, misalignment=misalignments, seconds=durations)
@settings(max_examples=8, deadline=None, derandomize=True)
def test_a_worse_link_gives_no_more_key(
    lab: Any,
    protocol: str,
    statistics: str,
    loss_db: float,
    background: float,
    misalignment: float,
    seconds: int,
) -> None:
    def key(loss: float = loss_db, noise: float = background, error: float = misalignment) -> KeyYield:
        return key_of(lab, protocol, statistics, loss, noise, error, seconds)

    here = key()
    assert no_more(key(loss=loss_db + 0.7), here)
    assert no_more(key(noise=background * 1.3 + 50.0), here)
    assert no_more(key(error=misalignment + 0.004), here)


@pytest.mark.parametrize(("protocol", "statistics"), FINITE)
@given(loss_db=st.floats(15.0, 45.0), background=st.floats(0.0, 3e3), seconds=durations)
@settings(max_examples=8, deadline=None, derandomize=True)
def test_more_secrecy_costs_and_finite_stays_below_asymptotic(
    lab: Any, protocol: str, statistics: str, loss_db: float, background: float, seconds: int
) -> None:
    loose = key_of(lab, protocol, statistics, loss_db, background, 0.01, seconds)
    strict = key_of(lab, protocol, statistics, loss_db, background, 0.01, seconds, eps=1e-12)
    limit = key_of(lab, protocol, "asymptotic", loss_db, background, 0.01, seconds)
    assert no_more(strict, loose)
    # the limit is of the key basis; a key from both may pass it by the check basis' share
    bases = 1.02 if statistics == "joint-both" else 1.0
    assert loose.secret_bits <= bases * limit.secret_bits + 1
    assert limit.secret_bits <= limit.plob_bits


@pytest.mark.parametrize(("protocol", "statistics"), FINITE)
@given(loss_db=st.floats(15.0, 42.0), background=st.floats(0.0, 2e3), share=st.floats(0.1, 0.9))
@settings(max_examples=8, deadline=None, derandomize=True)
def test_splitting_a_block_never_gains(
    lab: Any, protocol: str, statistics: str, loss_db: float, background: float, share: float
) -> None:
    seconds = 300
    cut = int(seconds * share)
    eta = np.full(seconds, 10.0 ** (-loss_db / 10.0))

    def bits(part: np.ndarray) -> int:
        seen = detections(part, background, lab.sources[protocol], lab.detector)
        return secret_key(seen, lab.security(protocol, statistics)).secret_bits

    whole = bits(eta)
    assert bits(eta[:cut]) + bits(eta[cut:]) <= whole * (1.0 + SLACK_FRAC) + 1


@pytest.mark.parametrize(("protocol", "statistics"), COMBINATIONS)
@pytest.mark.parametrize("eta", [[], [0.0] * 20, [1e-12] * 20])
def test_nothing_gives_nothing_and_says_why(lab: Any, protocol: str, statistics: str, eta: list[float]) -> None:
    for background in (0.0, 100.0):
        seen = detections(eta, background, lab.sources[protocol], lab.detector)
        key = secret_key(seen, lab.security(protocol, statistics))
        assert key.secret_bits == 0
        assert key.abort_reason
        assert np.all(np.isfinite(list(key.details.values())))


@pytest.mark.parametrize(("protocol", "statistics"), COMBINATIONS)
def test_a_perfect_link_gives_key(lab: Any, protocol: str, statistics: str) -> None:
    """All light arrives and nothing errs: numbers at the edge of their range stay finite."""
    perfect = replace(lab.detector, misalignment_error_frac=0.0)
    decoys = {"mu_decoy": 0.2, "p_key_basis": 0.8}
    if protocol != "bbm92":
        decoys |= {"p_signal": 0.6, "p_decoy": 0.3 if protocol == "bb84-two-decoy" else 0.4}
    seen = detections([1.0] * 30, 0.0, replace(lab.sources[protocol], **decoys), perfect)
    key = secret_key(seen, lab.security(protocol, statistics))
    assert 0 < key.secret_bits <= key.plob_bits


@pytest.mark.parametrize(("protocol", "statistics"), COMBINATIONS)
def test_a_batch_is_its_blocks_one_by_one(lab: Any, protocol: str, statistics: str) -> None:
    """Three blocks: as many as intensities, so that a mix-up of axes shows."""
    blocks = [
        detections(np.full(seconds, eta), 200.0, lab.sources[protocol], lab.detector)
        for seconds, eta in ((300, 2e-3), (200, 1e-3), (100, 3e-4))
    ]
    security = lab.security(protocol, statistics)
    together = secret_keys(blocks, security)
    for key, block in zip(together, blocks, strict=True):
        alone = secret_key(block, security)
        assert key.secret_bits == pytest.approx(alone.secret_bits, rel=1e-9, abs=1)
        assert key.abort_reason == alone.abort_reason


@pytest.mark.parametrize(("protocol", "statistics"), COMBINATIONS)
def test_the_same_inputs_give_the_same_bits(lab: Any, protocol: str, statistics: str) -> None:
    first, second = (key_of(lab, protocol, statistics, 33.3, 321.0, 0.011, 147) for _ in range(2))
    assert first == second

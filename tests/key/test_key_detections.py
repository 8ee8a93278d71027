"""Expected detections: the equations written out, the physics, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log2
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eagleplan.errors import InputError
from eagleplan.key import detections
from eagleplan.key.blocks import pooled
from eagleplan.key.moments import pass_moments
from eagleplan.key.pairs import pair_rates

FIELDS = ("n_key", "m_key", "n_check", "m_check")


def test_counts_written_out(lab: Any) -> None:
    """Lim et al. 2014 section IV, second by second, in plain Python."""
    detector = replace(lab.detector, p_afterpulse=0.02, misalignment_error_frac=0.03)
    eta, noise = [3e-3, 1e-3, 2e-4], [100.0, 400.0, 900.0]
    seen = detections(eta, noise, lab.source, detector)
    for k in range(3):
        clicks = errors = 0.0
        for one, cps in zip(eta, noise, strict=True):
            p = cps * 1e-9
            dark = exp(-float(seen.mu[k]) * one)
            d = 1.0 - (1.0 - 2.0 * p) * dark
            clicks += 1.02 * d
            errors += p + 0.03 * (1.0 - dark) + 0.02 * d / 2.0
        sent = 100e6 * float(seen.p_sent[k])
        assert seen.n_key[k] == pytest.approx(sent * 0.93**2 * clicks, rel=1e-9)
        assert seen.m_key[k] == pytest.approx(sent * 0.93**2 * errors, rel=1e-9)
        assert seen.n_check[k] == pytest.approx(sent * 0.07**2 * clicks, rel=1e-9)
        assert seen.m_check[k] == pytest.approx(sent * 0.07**2 * errors, rel=1e-9)
    assert seen.n_pulses == 3 * 100e6
    assert seen.plob_bits == pytest.approx(-100e6 * sum(log2(1.0 - one) for one in eta), rel=1e-12)


def test_vacuum_errs_half_the_time(lab: Any) -> None:
    seen = detections([1e-3] * 10, 500.0, lab.source, lab.detector)
    assert seen.m_key[2] == pytest.approx(seen.n_key[2] / 2.0, rel=1e-12)
    assert seen.m_key[0] / seen.n_key[0] < seen.m_key[1] / seen.n_key[1] < 0.5


def test_photon_numbers_add_up(lab: Any) -> None:
    """Detections by photon number, summed over a Poisson distribution by hand, are the detections."""
    detector = replace(lab.detector, p_afterpulse=0.01)
    eta, p, q = 0.02, 2e-7, 0.93
    seen = detections([eta] * 5, p / 1e-9, lab.source, detector)
    hidden = seen.photon_numbers
    assert hidden is not None

    def detected(n: int) -> float:
        clicks = 1.01 * (1.0 - (1.0 - 2.0 * p) * (1.0 - eta) ** n)
        weight = sum(
            float(pk) * exp(-float(mk)) * float(mk) ** n / np.prod(np.arange(1.0, n + 1.0))
            for mk, pk in zip(seen.mu, seen.p_sent, strict=True)
        )
        return 5 * 100e6 * q**2 * weight * clicks

    assert hidden.vacuum_key == pytest.approx(detected(0), rel=1e-9)
    assert hidden.single_key == pytest.approx(detected(1), rel=1e-9)
    assert sum(detected(n) for n in range(30)) == pytest.approx(float(seen.sifted_bits), rel=1e-9)
    assert hidden.single_check / hidden.single_key == pytest.approx((0.07 / 0.93) ** 2, rel=1e-12)


def test_four_detectors_see_all_noise_in_both_bases(lab: Any) -> None:
    """A passive splitter shares the light out, not the darks; without light, bases differ only by the
    sender.
    """
    passive = replace(lab.detector, n_detectors=4)
    dark = detections([0.0] * 10, 100.0, lab.source, passive)
    assert dark.n_key.sum() / dark.n_check.sum() == pytest.approx(0.93 / 0.07, rel=1e-12)
    bright_active = detections([1e-3] * 10, 0.0, lab.source, lab.detector)
    bright_passive = detections([1e-3] * 10, 0.0, lab.source, passive)
    assert bright_passive.n_key.sum() == pytest.approx(float(bright_active.n_key.sum()), rel=1e-3)
    noisy = detections([1e-4] * 10, 1e3, lab.source, passive)
    assert noisy.m_check.sum() / noisy.n_check.sum() > noisy.m_key.sum() / noisy.n_key.sum()


def test_dead_time_blinds_the_receiver(lab: Any) -> None:
    """Non-paralysable: of r clicks a gate, 1 / (1 + r × blind gates) of all gates are live."""
    dead = replace(lab.detector, dead_time_s=1e-6)
    free = detections([0.05] * 4, 0.0, lab.source, lab.detector)
    blind = detections([0.05] * 4, 0.0, lab.source, dead)
    mean_mu = float(free.mu @ free.p_sent)
    rate = 1.0 - exp(-mean_mu * 0.05)
    assert blind.n_key.sum() / free.n_key.sum() == pytest.approx(1.0 / (1.0 + 100.0 * rate), rel=1e-9)
    # less than one pulse apart: nothing is lost
    short = detections([0.05] * 4, 0.0, lab.source, replace(lab.detector, dead_time_s=5e-9))
    assert np.array_equal(short.n_key, free.n_key)


@given(
    loss_db=st.floats(0.0, 60.0),
    swing_db=st.floats(0.0, 15.0),
    mu=st.floats(0.05, 1.9),
    q=st.floats(0.5, 0.98),
    n_detectors=st.sampled_from([2, 4]),
    afterpulse=st.floats(0.0, 0.02),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_power_sums_are_the_seconds(
    lab: Any, loss_db: float, swing_db: float, mu: float, q: float, n_detectors: int, afterpulse: float
) -> None:
    eta = 10.0 ** (-(loss_db + swing_db * np.linspace(0.0, 1.0, 41)) / 10.0)
    noise = np.linspace(10.0, 900.0, 41)
    source = replace(lab.source, mu_signal=mu, mu_decoy=mu / 5.0, p_key_basis=q)
    detector = replace(lab.detector, n_detectors=n_detectors, p_afterpulse=afterpulse)
    direct = detections(eta, noise, source, detector)
    condensed = pass_moments([(eta, noise)], source, detector).detections(
        direct.mu[np.newaxis], direct.p_sent[np.newaxis], np.array([q])
    )
    for name in FIELDS:
        assert getattr(condensed, name)[0] == pytest.approx(getattr(direct, name), rel=1e-13)


def test_power_sums_follow_dead_time(lab: Any) -> None:
    eta = 10.0 ** (-np.linspace(2.5, 4.0, 60))
    dead = replace(lab.detector, dead_time_s=100e-9)
    direct = detections(eta, 300.0, lab.source, dead)
    condensed = pass_moments([(eta, 300.0)], lab.source, dead).detections(
        direct.mu[np.newaxis], direct.p_sent[np.newaxis], np.array([lab.source.p_key_basis])
    )
    assert condensed.n_key[0] == pytest.approx(direct.n_key, rel=1e-9)


def test_pair_rates_against_the_photon_number_sum(lab: Any) -> None:
    """Ma, Fung, Lo: clicks and errors summed over n pairs of a two-mode squeezed pulse."""
    source = lab.sources["bbm92"]
    local, eta, lam, p_ground, p_board, e_mis = 0.5, 0.08, 0.05, 2e-4, 1e-6, 0.005
    clicks = errors = 0.0
    for n in range(200):
        weight = (n + 1.0) * lam**n / (1.0 + lam) ** (n + 2.0)
        yield_n = (1.0 - (1.0 - 2 * p_board) * (1.0 - local) ** n) * (1.0 - (1.0 - 2 * p_ground) * (1.0 - eta) ** n)
        # Eq. 11 there: of n pairs, m carry one polarisation; what is right beyond chance
        right = sum(
            ((1.0 - local) ** m - (1.0 - local) ** (n - m)) * ((1.0 - eta) ** m - (1.0 - eta) ** (n - m))
            for m in range(n + 1)
        ) / (n + 1.0)
        clicks += weight * yield_n
        errors += weight * (yield_n / 2.0 - (0.5 - e_mis) * right)
    click, error = pair_rates(np.array([eta]), np.array([p_ground]), np.array([2.0 * lam]), source, lab.detector)
    assert click[0] == pytest.approx(clicks, rel=1e-9)
    assert error[0] == pytest.approx(errors, rel=1e-9)


def test_pairs_are_counted_in_both_bases(lab: Any) -> None:
    seen = detections([1e-2] * 10, 100.0, lab.sources["bbm92"], lab.detector)
    assert seen.n_key.shape == (1,)
    assert seen.n_check[0] / seen.n_key[0] == pytest.approx((0.07 / 0.93) ** 2, rel=1e-12)
    assert 0.0 < seen.qber_frac < 0.2


def test_blocks_are_additive(lab: Any) -> None:
    eta = 10.0 ** (-np.linspace(2.8, 3.6, 50))
    parts = [detections(eta[a:b], 200.0, lab.source, lab.detector) for a, b in ((0, 20), (20, 50))]
    whole = detections(eta, 200.0, lab.source, lab.detector)
    pool = pooled(parts)
    for name in (*FIELDS, "n_pulses", "plob_bits"):
        assert getattr(pool, name) == pytest.approx(getattr(whole, name), rel=1e-12)
    assert pool.photon_numbers is not None
    assert whole.photon_numbers is not None
    assert pool.photon_numbers.single_key == pytest.approx(whole.photon_numbers.single_key, rel=1e-12)


def test_different_sources_are_not_pooled(lab: Any) -> None:
    one = detections([1e-3] * 5, 0.0, lab.source, lab.detector)
    other = detections([1e-3] * 5, 0.0, replace(lab.source, mu_signal=0.7), lab.detector)
    with pytest.raises(InputError, match="different source settings"):
        pooled([one, other])
    with pytest.raises(InputError, match="at least one pass"):
        pooled([])


@pytest.mark.parametrize(
    ("eta", "background", "words"),
    [
        ([1.1], 0.0, "must be one value in"),
        ([-1e-9], 0.0, "must be one value in"),
        ([float("nan")], 0.0, "must be one value in"),
        ([[1e-3]], 0.0, "must be one value in"),
        ([1e-3], -1.0, "between 0 and one click per gate"),
        ([1e-3], 6e8, "between 0 and one click per gate"),
        ([1e-3], float("nan"), "between 0 and one click per gate"),
    ],
)
def test_what_cannot_be_is_refused(lab: Any, eta: Any, background: float, words: str) -> None:
    for source in lab.sources.values():
        with pytest.raises(InputError, match=words):
            detections(eta, background, source, lab.detector)

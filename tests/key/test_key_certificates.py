"""The weights of one-tail proofs as certificates: every condition, for every photon number, for sources at the edge."""

from __future__ import annotations

from dataclasses import replace
from math import log
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eagleplan.errors import InputError
from eagleplan.key import detections, secret_key
from eagleplan.key.certificate import scaled_for_few, scaled_for_many
from eagleplan.key.detections import Detections
from eagleplan.key.joint import best_weights, proof_from_weights
from eagleplan.key.joint_both import swapped
from eagleplan.key.one_tail import Price, layout, price_of
from eagleplan.units import FloatArray

PHOTONS = np.unique(np.concatenate([np.arange(2, 120), np.geomspace(120, 1e6, 60).astype(int)]))


def mean(d: Detections, n: int, x: FloatArray) -> float:
    """Σ p(k|n) x_k in extended precision, written out."""
    mu, p_sent = (np.asarray(v, dtype=np.longdouble) for v in (d.mu, d.p_sent))
    shares = p_sent * np.exp(-mu) * (mu / mu[0]) ** n
    return float((shares * x).sum() / shares.sum())


@given(
    mu_signal=st.floats(0.02, 2.0),
    ratio=st.one_of(st.floats(0.002, 0.1), st.floats(0.1, 0.999)),
    mu_vacuum=st.sampled_from([0.0, 1e-4, 1e-3, 5e-3]),
    p_signal=st.floats(0.05, 0.97),
    split=st.floats(0.02, 0.98),
    q=st.floats(0.05, 0.999),
    loss_db=st.floats(5.0, 55.0),
    background=st.floats(0.0, 3e4),
    seconds=st.integers(1, 900),
)
@settings(max_examples=80, deadline=None, derandomize=True)
def test_any_source_has_a_certificate_that_obeys_the_theorem(
    lab: Any,
    mu_signal: float,
    ratio: float,
    mu_vacuum: float,
    p_signal: float,
    split: float,
    q: float,
    loss_db: float,
    background: float,
    seconds: int,
) -> None:
    mu_decoy = mu_signal * ratio
    if not (mu_decoy > 1.05 * mu_vacuum and mu_signal > mu_decoy + mu_vacuum):
        return
    source = replace(
        lab.source,
        mu_signal=mu_signal,
        mu_decoy=mu_decoy,
        mu_vacuum=mu_vacuum,
        p_signal=p_signal,
        p_decoy=(1.0 - p_signal) * split,
        p_key_basis=q,
    )
    seen = detections([10.0 ** (-loss_db / 10.0)] * seconds, background, source, lab.detector)
    price = price_of(lab.security())
    for d in (seen, swapped(seen)):
        w = best_weights(d, price)
        total, odds = float(d.n_key.sum() + d.n_check.sum()), float((1.0 / d.p_key_basis - 1.0) ** 2)
        theta, phi = float(w.theta), float(w.phi)
        right, wrong = np.exp(-theta * (1.0 + np.log2(1.0 - phi))), np.exp(-theta * (1.0 + np.log2(phi)))
        a1, b1, c1 = (1.0 + mean(d, 1, x) for x in (w.a, w.b, w.c))
        missed = [
            (1.0 + mean(d, 0, w.a)) * np.exp(-theta) - 1.0,
            (mean(d, 0, w.b) + mean(d, 0, w.c)) / 2.0,
            (right * a1 + odds * c1) / (1.0 + odds) - 1.0,
            (wrong * a1 + odds * b1) / (1.0 + odds) - 1.0,
            (b1 + c1) / 2.0 - 1.0,
            *(max(mean(d, int(n), x) for n in PHOTONS) for x in (w.a, w.b, w.c)),
        ]
        assert min(w.a.min(), w.b.min(), w.c.min()) > -1.0
        # as many factors as there are detections: together they stay far below the tail
        assert max(missed) * total < 1e-3 * price.beta + 1e-12


@pytest.mark.parametrize("mu_vacuum", [1e-3, 1e-2])
def test_a_vacuum_that_is_not_dark_still_gives_key(lab: Any, mu_vacuum: float) -> None:
    """Every intensity modulator leaks; weights for vacuum's errors must not run out of range."""
    source = replace(
        lab.source, mu_signal=0.5, mu_decoy=0.15, mu_vacuum=mu_vacuum, p_signal=0.7, p_decoy=0.2, p_key_basis=0.9
    )
    for loss_db in (17.0, 27.0, 35.0):
        seen = detections([10.0 ** (-loss_db / 10.0)] * 300, 100.0, source, lab.detector)
        joint, exact, limit = (
            secret_key(seen, lab.security(statistics=name)).secret_bits for name in ("joint", "exact", "asymptotic")
        )
        assert exact < joint <= limit


@pytest.mark.parametrize(
    ("mu", "weights"),
    [
        ([0.5, 0.495, 0.0], [-0.95, 0.6, -0.99]),  # nearly equal intensities
        ([0.5, 0.35, 0.0], [1e-9, -0.5, 0.0]),  # broken only above the photon numbers that are checked one by one
        ([0.5, 0.1, 0.0], [1e-3, 0.0, 0.0]),  # broken for all
    ],
)
def test_broken_weights_are_mended_for_every_photon_number(mu: list[float], weights: list[float]) -> None:
    p_sent, x = np.array([0.3, 0.5, 0.2]), np.array(weights)
    d = Detections(
        mu=np.array(mu),
        p_sent=p_sent,
        **{f: np.zeros(3) for f in ("n_key", "m_key", "n_check", "m_check")},
        **{f: np.asarray(0.5) for f in ("p_key_basis", "n_pulses", "plob_bits")},
    )
    assert max(mean(d, int(n), x) for n in PHOTONS) > 5e-10
    mended = scaled_for_many(x[np.newaxis], d.mu[np.newaxis], p_sent[np.newaxis])[0]
    assert max(mean(d, int(n), mended) for n in PHOTONS) <= 1e-15
    assert mended.min() > -1.0


def test_broken_weights_are_mended_for_vacuum_and_single_photons() -> None:
    mu, p_sent = np.array([[0.5, 0.1]]), np.array([[0.8, 0.2]])
    zero = np.zeros((1, 2))
    at = {"mu": mu, "p_sent": p_sent, "theta": np.array([0.1]), "phi": np.array([0.05]), "rho": np.array([0.3])}
    key, b, c = scaled_for_few(np.full((1, 1, 2), 0.2), zero, zero, **at)
    assert 1.0 + key[0, 0, 0] <= np.exp(0.1) * (1.0 + 1e-12)
    assert b[0, 0] < 0.0
    _, b, c = scaled_for_few(np.full((1, 1, 2), -0.5), zero + 0.2, zero + 0.1, **at)
    assert (b + c)[0].max() <= 1e-12


def test_noise_that_favours_the_check_basis_is_covered() -> None:
    """B_1 + C_1 ≤ 2 wherever a search may go."""
    rng = np.random.default_rng(3)
    y = rng.uniform(-40.0, 40.0, (4000, 1, 3))
    at = layout(y, np.array([0.04]))
    assert np.all(at.above <= at.below)


def test_no_strategy_exceeds_the_bound_more_often_than_the_tail(lab: Any) -> None:
    """Eve picks the photon numbers that click, their errors and, of many photons, their bases, after the weights."""
    rng = np.random.default_rng(11)
    mu, p_sent, q, tail, draws = np.array([0.65, 0.1, 0.001]), np.array([0.7, 0.2, 0.1]), 0.8, 0.2, 1500
    odds = q**2 / (q**2 + (1.0 - q) ** 2)

    def counts_of(world: dict[tuple[int, str], int]) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        n_key, n_check, m_check = (np.zeros((draws, 3)) for _ in range(3))
        vacuum, single, wrong = (np.zeros(draws) for _ in range(3))
        for (n, kind), total in world.items():
            share = p_sent * np.exp(-mu) * mu**n
            in_key = np.full(draws, total if kind == "key" else 0)
            if n == 1:
                in_key = rng.binomial(total, odds, draws)
                single += in_key
                wrong += in_key if kind == "wrong" else 0
            n_key += rng.multinomial(in_key, share / share.sum())
            errs = np.full(draws, total) - in_key if kind == "wrong" else np.zeros(draws, dtype=int)
            if n == 0:
                vacuum += in_key
                errs = rng.binomial(total - in_key, 0.5)
            errors = rng.multinomial(errs, share / share.sum())
            m_check += errors
            n_check += errors + rng.multinomial(total - in_key - errs, share / share.sum())
        rate = np.clip(wrong / np.maximum(single, 1.0), 1e-12, 0.5)
        entropy = -rate * np.log2(rate) - (1.0 - rate) * np.log2(1.0 - rate)
        return n_key, n_check, m_check, vacuum + single * (1.0 - entropy)

    honest = {
        (0, "key"): 700, (0, "check"): 40, (1, "right"): 56_000, (1, "wrong"): 800, (2, "key"): 14_000,
        (2, "right"): 900, (2, "wrong"): 10,
    }  # fmt: skip

    def block(n_key: FloatArray, n_check: FloatArray, m_check: FloatArray) -> Detections:
        return Detections(
            mu=mu,
            p_sent=p_sent,
            n_key=n_key,
            m_key=0.0 * n_key,
            n_check=n_check,
            m_check=m_check,
            p_key_basis=np.asarray(q),
            n_pulses=np.asarray(1e9),
            plob_bits=np.asarray(1e9),
        )

    price = Price(beta=-log(tail), constant_bits=0.0)
    from_honest = counts_of(honest)[:3]
    w = best_weights(block(*(x.mean(axis=0) for x in from_honest)), price)
    worst = 0.0
    for _ in range(60):
        vacuum, single, many = rng.dirichlet([0.3, 1.0, 1.0]) * rng.uniform(2e3, 9e4)
        rate = float(rng.choice([0.0, float(w.phi), 3.0 * float(w.phi), rng.uniform()]))
        in_key, photons = rng.uniform(), int(rng.choice([2, 2, 3, 9, 60]))
        world = {
            (0, "key"): int(vacuum * q),
            (0, "check"): int(vacuum * (1.0 - q)),
            (1, "wrong"): int(single * rate),
            (1, "right"): int(single * (1.0 - rate)),
            (photons, "key"): int(many * in_key),
            (photons, "right"): int(many * (1.0 - in_key)),
        }
        n_key, n_check, m_check, value = counts_of(world)
        private = proof_from_weights(block(n_key, n_check, m_check), w, lab.security(), price).private_bits
        worst = max(worst, float(np.mean(private > value)))
    assert worst <= tail
    # some strategy comes near enough for the test to mean something
    assert worst > 0.005


def test_observed_counts_keep_the_weights_of_the_expected_ones(lab: Any) -> None:
    """Counts that look better than expected must not choose the weights that they are judged by."""
    for protocol in ("bb84-two-decoy", "bb84-one-decoy", "bbm92"):
        expected = detections([1e-3] * 200, 300.0, lab.sources[protocol], lab.detector)
        lucky = replace(expected, m_check=expected.m_check * 0.3, photon_numbers=None)
        names = ("joint", "joint-both") if protocol == "bb84-two-decoy" else ("joint",)
        for name in names:
            security = lab.security(protocol, name)
            same = secret_key(expected, security, expected=expected)
            assert same.secret_bits == pytest.approx(secret_key(expected, security).secret_bits, abs=1)
            fitted = secret_key(lucky, security).secret_bits
            fixed = secret_key(lucky, security, expected=expected).secret_bits
            assert same.secret_bits < fixed < fitted


def test_expected_counts_must_have_the_same_source(lab: Any) -> None:
    seen = detections([1e-3] * 200, 300.0, lab.source, lab.detector)
    other = detections([1e-3] * 200, 300.0, replace(lab.source, p_key_basis=0.8), lab.detector)
    with pytest.raises(InputError, match="other source settings"):
        secret_key(seen, lab.security(), expected=other)

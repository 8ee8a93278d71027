"""Lim et al. 2014 step by step: published-code intermediates, and the paper's equations written out again."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log, log2, sqrt
from typing import Any

import pytest

from eagleplan.errors import InputError
from eagleplan.key import PROTOCOLS, detections, secret_key


def test_hoeffding_intermediates_of_a_published_tool(reference: dict[str, Any]) -> None:
    """F04 ran with Lim's own bounds; detections do not depend on the tool's errata."""
    case = reference["F04"]
    seen = detections(case.eta, case.background_cps, case.source, case.detector)
    proof = PROTOCOLS["bb84-two-decoy"].methods["hoeffding"].prove(seen, case.security)
    assert proof.details["single_photons_key"] == pytest.approx(case.outputs["s_X1"], rel=1e-12)
    assert proof.details["single_photons_check"] == pytest.approx(case.outputs["s_Z1"], rel=1e-12)
    assert proof.details["vacuum_key"] == 0.0  # the tool's raw bound is negative
    # afterpulses of afterpulses are 5e-7 of the detections
    assert proof.phase_error_frac == pytest.approx(case.outputs["phi_X"], rel=1e-4)
    assert proof.length_bits == pytest.approx(case.outputs["SKL_bits"], rel=1e-4)


def test_equations_written_out(lab: Any) -> None:
    """Eq. 1–5 in plain Python at one contact, against every intermediate."""
    source = replace(lab.source, mu_decoy=0.2, mu_vacuum=1e-3, p_signal=0.6, p_decoy=0.25, p_key_basis=0.8)
    seen = detections([1e-3] * 120 + [3e-4] * 60, 200.0, source, lab.detector)
    eps, f, eps_cor = 1e-10, 1.1, 1e-12
    security = lab.security(statistics="hoeffding", eps_secrecy=eps, ec_efficiency=f, eps_correctness=eps_cor)
    mu, p = [float(x) for x in seen.mu], [float(x) for x in seen.p_sent]
    tau = [sum(pk * exp(-mk) * mk**n for mk, pk in zip(mu, p, strict=True)) for n in (0, 1)]

    def bounds(counts: Any) -> tuple[list[float], list[float]]:
        delta = sqrt(sum(counts) / 2.0 * log(21.0 / eps))
        return (
            [exp(mu[k]) / p[k] * (counts[k] - delta) for k in range(3)],
            [exp(mu[k]) / p[k] * (counts[k] + delta) for k in range(3)],
        )

    def photons(counts: Any) -> tuple[float, float]:
        low, high = bounds(counts)
        s0 = max(tau[0] * (mu[1] * low[2] - mu[2] * high[1]) / (mu[1] - mu[2]), 0.0)
        rest = (mu[1] ** 2 - mu[2] ** 2) / mu[0] ** 2 * (high[0] - s0 / tau[0])
        s1 = tau[1] * mu[0] * (low[1] - high[2] - rest)
        return s0, s1 / (mu[0] * (mu[1] - mu[2]) - mu[1] ** 2 + mu[2] ** 2)

    s_x0, s_x1 = photons([float(n) for n in seen.n_key])
    _, s_z1 = photons([float(n) for n in seen.n_check])
    low, high = bounds([float(m) for m in seen.m_check])
    v_z1 = min(tau[1] * (high[1] - low[2]) / (mu[1] - mu[2]), float(seen.m_check.sum()))
    b, c, d = v_z1 / s_z1, s_z1, s_x1
    gamma = sqrt((c + d) * (1 - b) * b / (c * d * log(2)) * log2((c + d) / (c * d * (1 - b) * b) * 21**2 / eps**2))
    phi = b + gamma

    def h(x: float) -> float:
        return -x * log2(x) - (1 - x) * log2(1 - x)

    n, q = float(seen.sifted_bits), float(seen.qber_frac)
    leaked = f * n * h(q)
    length = s_x0 + s_x1 * (1 - h(phi)) - leaked - 6 * log2(21 / eps) - log2(2 / eps_cor)
    key = secret_key(seen, security)
    assert key.details["single_photons_key"] == pytest.approx(s_x1, rel=1e-12)
    assert key.details["single_photons_check"] == pytest.approx(s_z1, rel=1e-12)
    assert key.details["single_photon_errors_check"] == pytest.approx(v_z1, rel=1e-12)
    assert key.phase_error_frac == pytest.approx(phi, rel=1e-12)
    assert key.leaked_bits == pytest.approx(leaked, rel=1e-12)
    assert key.details["length_bits"] == pytest.approx(length, rel=1e-12)
    assert key.secret_bits == int(length)
    assert key.key_256_count == int(length) // 256


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"mu_decoy": 0.8}, "mu_signal"),
        ({"mu_vacuum": 0.06}, "mu_signal"),
        ({"p_decoy": 0.07}, "p_signal"),
    ],
)
def test_intensities_that_the_equations_do_not_allow(lab: Any, change: dict[str, float], field: str) -> None:
    seen = detections([1e-3] * 10, 0.0, replace(lab.source, **change), lab.detector)
    with pytest.raises(InputError) as refusal:
        secret_key(seen, lab.security())
    assert [problem.field for problem in refusal.value.problems] == [field]


def test_everything_wrong_with_a_security_is_said_at_once(lab: Any) -> None:
    seen = detections([1e-3] * 10, 0.0, lab.source, lab.detector)
    security = lab.security(protocol="e91", eps_secrecy=0.0, eps_correctness=2.0, ec_efficiency=0.9)
    with pytest.raises(InputError) as refusal:
        secret_key(seen, security)
    fields = [problem.field for problem in refusal.value.problems]
    assert fields == ["protocol", "eps_secrecy", "eps_correctness", "ec_efficiency"]
    with pytest.raises(InputError, match="statistics: unknown"):
        secret_key(seen, lab.security(statistics="gauss"))


def test_reasons_for_no_key(lab: Any) -> None:
    def reason(eta: list[float], background_cps: float = 0.0, **security: Any) -> str | None:
        seen = detections(eta, background_cps, lab.source, lab.detector)
        key = secret_key(seen, lab.security(**security))
        assert key.secret_bits == 0
        return key.abort_reason

    assert reason([]) == "no detections in the key basis"
    assert reason([1e-5] * 30, statistics="hoeffding").startswith("too few single photons in the ")
    assert "over the limit of" in (reason([1e-3] * 30, 50_000.0) or "")
    assert "block too short" in (reason([2e-4], 20.0, ec_efficiency=1.0) or "") or "QBER" in (
        reason([2e-4], 20.0, ec_efficiency=1.0) or ""
    )


def test_a_key_has_no_reason_to_abort(lab: Any) -> None:
    key = secret_key(detections([1e-3] * 100, 100.0, lab.source, lab.detector), lab.security())
    assert key.secret_bits > 0
    assert key.abort_reason is None

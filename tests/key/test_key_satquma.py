"""Compatibility mode: every case of SatQuMA with every intermediate, to 1e-9."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eagleplan.key import detections, secret_key
from eagleplan.key.satquma import satquma_detections, satquma_two_decoy

TOLERANCE = 1e-9


def test_case_is_reproduced_with_every_intermediate(case: Any) -> None:
    seen = satquma_detections(case.eta, case.background_cps, case.source, case.detector)
    proof = satquma_two_decoy(seen, case.security, bound=case.bound, error_correction=case.error_correction)
    found, expected = proof.details, case.intermediates
    for k in range(3):
        assert seen.n_key[k] == pytest.approx(expected["n_X_k"][k], rel=TOLERANCE)
        assert seen.n_check[k] == pytest.approx(expected["n_Z_k"][k], rel=TOLERANCE)
        assert seen.m_check[k] == pytest.approx(expected["m_Z_k_as_used"][k], rel=TOLERANCE)
        for name in ("n_X", "n_Z", "m_Z"):
            for side in ("minus", "plus"):
                # bounds that cross zero lose digits: compare on the scale of the count that they bound
                scale = abs(expected[f"{name}_plus_k"][k])
                assert found[f"{name}_{side}_{k + 1}"] == pytest.approx(
                    expected[f"{name}_{side}_k"][k], rel=TOLERANCE, abs=TOLERANCE * scale
                )
    scale = case.outputs["s_X1"]
    for name in ("tau0", "tau1", "m_Z_tot", "s_X0_raw", "s_Z0_raw", "s_X1_raw", "s_Z1_raw", "v_Z1_raw"):
        assert found[name] == pytest.approx(expected[name], rel=TOLERANCE, abs=1e-12 * scale)
    if "gamma" in expected:
        assert found["gamma"] == pytest.approx(expected["gamma"], rel=TOLERANCE)
    outputs = case.outputs
    for name in ("s_X0", "s_X1", "s_Z1", "v_Z1"):
        assert found[name] == pytest.approx(outputs[name], rel=TOLERANCE, abs=1e-12 * scale)
    assert seen.sifted_bits == pytest.approx(outputs["nX"], rel=TOLERANCE)
    assert seen.n_check.sum() == pytest.approx(outputs["nZ"], rel=TOLERANCE)
    assert seen.m_key.sum() == pytest.approx(outputs["mX_tot"], rel=TOLERANCE)
    assert seen.qber_frac == pytest.approx(outputs["QBER_X"], rel=TOLERANCE)
    assert proof.phase_error_frac == pytest.approx(outputs["phi_X"], rel=TOLERANCE)
    assert proof.leaked_bits == pytest.approx(outputs["lambda_EC"], rel=TOLERANCE)
    length = max(float(proof.length_bits), 0.0) / case.passes
    assert length == pytest.approx(outputs["SKL_bits"], rel=TOLERANCE)


def test_converse_leakage_is_reproduced(case: Any) -> None:
    if case.error_correction != "logM":
        assert "logM_raw" not in case.intermediates or case.error_correction in ("block", "None")
        return
    # an efficiency of 0 leaves the converse bound alone
    seen = satquma_detections(case.eta, case.background_cps, case.source, case.detector)
    alone = satquma_two_decoy(seen, replace(case.security, ec_efficiency=0.0), bound=case.bound)
    assert alone.leaked_bits == pytest.approx(case.intermediates["logM_raw"], rel=TOLERANCE)


def test_physical_attribution_differs_only_by_the_documented_errata(case: Any) -> None:
    """Detections agree; errors by intensity agree with the physical ones but for afterpulses of
    afterpulses.
    """
    ours = detections(case.eta, case.background_cps, case.source, case.detector)
    expected = case.intermediates
    afterpulse = case.detector.p_afterpulse
    for k in range(3):
        assert ours.n_check[k] == pytest.approx(expected["n_Z_k"][k], rel=TOLERANCE)
        second_order = afterpulse**2 / 2.0 * ours.n_check[k] / (1.0 + afterpulse)
        assert ours.m_check[k] + second_order == pytest.approx(expected["m_Z_k_physical"][k], rel=TOLERANCE)
        assert ours.m_key[k] + afterpulse**2 / 2.0 * ours.n_key[k] / (1.0 + afterpulse) == pytest.approx(
            expected["m_X_k_physical"][k], rel=TOLERANCE
        )


def test_compatibility_is_a_statistics_of_the_two_decoy_protocol(reference: dict[str, Any]) -> None:
    case = reference["F06"]
    seen = satquma_detections(case.eta, case.background_cps, case.source, case.detector)
    assert secret_key(seen, case.security).secret_bits == int(case.outputs["SKL_bits"])

"""The figure of a contact: the same bytes twice, and its curves are the numbers that it was given."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime
from xml.etree import ElementTree

import numpy as np
import pytest

from eagleplan.model import Budget, Profile
from eagleplan.report.plots import contact_figure

START_UTC = datetime(2026, 11, 30, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"


def _profile(n_samples: int) -> Profile:
    x = np.linspace(-1.0, 1.0, n_samples)
    zero = np.zeros(n_samples)
    elevation_deg = 20.0 + 55.0 * (1.0 - x**2)
    return Profile(
        t_s=np.arange(n_samples) + 73_000.5,
        azimuth_deg=zero,
        elevation_deg=elevation_deg,
        apparent_elevation_deg=elevation_deg,
        range_km=zero + 600.0,
        range_rate_km_s=zero,
        sun_elevation_deg=zero,
        sun_separation_deg=zero,
        moon_elevation_deg=zero,
        moon_separation_deg=zero,
        moon_phase_angle_deg=zero,
        sunlit_frac=zero,
    )


def _budget(n_samples: int) -> Budget:
    x = np.linspace(-1.0, 1.0, n_samples)
    return Budget(
        terms_db={"geometry": 18.0 + 5.0 * x**2, "pointing": np.full(n_samples, 0.8)},
        background_per_detector_cps=300.0 + 100.0 * x,
    )


def _figure(title: str = "Graz") -> bytes:
    return contact_figure(
        profile=_profile(401),
        budget=_budget(401),
        start_utc=START_UTC,
        title=title,
        contact_s=(73_050.0, 73_300.0),
    )


def _curve(data: bytes, name: str) -> np.ndarray:
    """Vertices (x to the right, y downwards) of the path in the group of that id."""
    group = next(g for g in ElementTree.fromstring(data).iter(f"{SVG}g") if g.get("id") == name)
    path = next(group.iter(f"{SVG}path")).get("d") or ""
    return np.array([[float(v) for v in pair] for pair in re.findall(r"[ML] (\S+) (\S+)", path)])


def test_twice_the_same_bytes_and_no_date() -> None:
    data = _figure()
    assert data == _figure()
    assert b"dc:date" not in data
    assert b"2026-" not in data


def test_curves_follow_their_numbers() -> None:
    data = _figure()
    elevation, loss, background = (_curve(data, name) for name in ("elevation", "total-loss", "background"))
    middle = (elevation[0, 0] + elevation[-1, 0]) / 2.0
    assert elevation[np.argmin(elevation[:, 1]), 0] == pytest.approx(middle, abs=15.0), "highest in the middle"
    assert loss[np.argmax(loss[:, 1]), 0] == pytest.approx(middle, abs=15.0), "least loss in the middle"
    assert elevation[0, 1] == pytest.approx(elevation[-1, 1], abs=0.1)
    assert np.all(np.diff(background[:, 1]) <= 0.0), "never falling"
    assert background[-1, 1] < background[0, 1] - 50.0


def test_a_title_is_text_and_no_formula() -> None:
    data = _figure("$x_1$ <script>alert(1)</script> & co")
    root = ElementTree.fromstring(data)
    assert root.tag == f"{SVG}svg"
    assert not list(root.iter(f"{SVG}script"))
    assert b"<script" not in data


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="two samples"):
        contact_figure(profile=_profile(1), budget=_budget(1), start_utc=START_UTC, title="")
    with pytest.raises(ValueError, match="10 samples, budget 9"):
        contact_figure(profile=_profile(10), budget=_budget(9), start_utc=START_UTC, title="")


def test_the_users_own_style_plays_no_part() -> None:
    import matplotlib as mpl

    plain = _figure()
    with mpl.rc_context({"font.size": 30.0, "axes.facecolor": "red"}):
        assert _figure() == plain
        assert mpl.rcParams["font.size"] == 30.0


def test_reports_load_no_matplotlib() -> None:
    code = "import sys, eagleplan.report, eagleplan.report.plots; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"

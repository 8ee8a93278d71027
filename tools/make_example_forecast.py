"""Make `examples/eagle1-week-forecast.json`: an ensemble forecast for the example week. It is invented, not measured.

The file has the shape of Open-Meteo's ensemble answer, for the sites of the example and the run of 29 November 2026,
18:00 UTC. The weather in it is simulated: cover from latent Gaussian fields with the correlations of
`eagleplan.weather.cloud_scenarios`, for each layer one that all members agree on and one of each member's own, whose
share grows with the lead. Everything follows from one seed.

    python tools/make_example_forecast.py            # writes the file anew; a test compares
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from eagleplan.resources import example_path
from eagleplan.scenario import load_scenario
from eagleplan.weather.cloud_scenarios import correlation_in_time, distances_km

TARGET = Path(__file__).resolve().parent.parent / "examples" / "eagle1-week-forecast.json"
SEED = 20_261_129
N_MEMBERS = 5
"""Few, so that the example stays small; real ensembles have 20 to 51."""

RUN_UTC = datetime(2026, 11, 29, 18, tzinfo=UTC)
FIRST_UTC = datetime(2026, 11, 29, tzinfo=UTC)
N_HOURS = 8 * 24
STEP_HOURS = 3
CORRELATION_LENGTH_KM = 350.0
AGREEMENT_HOURS = 60.0
"""Members have half of their variance of their own after about 40 h."""


def document() -> str:
    """The file's text, one location a line."""
    scenario = load_scenario(example_path("eagle1-week.toml"))
    sites = scenario.sites
    hours = np.arange(0, N_HOURS, STEP_HOURS)
    in_space = np.linalg.cholesky(np.exp(-distances_km(sites) / CORRELATION_LENGTH_KM) + 1e-9 * np.eye(len(sites)))
    lags_s = 3600.0 * np.abs(hours[:, None] - hours)
    in_time = np.linalg.cholesky(correlation_in_time(lags_s) + 1e-9 * np.eye(len(hours)))
    rng = np.random.default_rng(SEED)

    def field() -> npt.NDArray[np.float64]:
        return np.asarray(in_space @ rng.standard_normal((len(sites), len(hours))) @ in_time.T)

    lead_hours = np.maximum(0.0, hours - (RUN_UTC - FIRST_UTC) / timedelta(hours=1))
    common = np.sqrt(np.exp(-lead_hours / AGREEMENT_HOURS))
    own = np.sqrt(1.0 - common**2)
    agreed = {layer: field() for layer in ("low", "mid", "high")}
    members: list[dict[str, npt.NDArray[np.float64]]] = []
    for _ in range(N_MEMBERS):
        members.append({layer: common * agreed[layer] + own * field() for layer in agreed})
    times = [f"{FIRST_UTC + timedelta(hours=int(hour)):%Y-%m-%dT%H:%M}" for hour in hours]
    winter = {name: monthly[10:].mean() for name, monthly in scenario.weather.monthly_p_clear_zenith.items()}
    locations = []
    for index, site in enumerate(sites):
        hourly: dict[str, object] = {"time": times}
        for member, layers in enumerate(members):
            suffix = f"_member{member:02d}" if member else ""
            # Three layers that overlap at random leave as much of the sky open as climatology does.
            open_frac = winter[site.site_id] ** (1.0 / 3.0)
            covers = {layer: _cover(values[index], 1.0 - open_frac) for layer, values in layers.items()}
            total = 1.0 - np.prod([1.0 - cover for cover in covers.values()], axis=0)
            hourly[f"cloud_cover{suffix}"] = np.rint(100.0 * total).astype(int).tolist()
            for layer, cover in covers.items():
                hourly[f"cloud_cover_{layer}{suffix}"] = np.rint(100.0 * cover).astype(int).tolist()
        locations.append(
            {
                "note": "invented by tools/make_example_forecast.py: no forecast of anybody's",
                # On a grid of 0.1°, as a model's answer is.
                "latitude": round(site.latitude_deg, 1),
                "longitude": round(site.longitude_deg, 1),
                "generationtime_ms": 0.0,
                "utc_offset_seconds": 0,
                "timezone": "GMT",
                "timezone_abbreviation": "GMT",
                "elevation": round(site.altitude_m),
                **({"location_id": index} if index else {}),
                "hourly_units": {"time": "iso8601", **{name: "%" for name in hourly if name != "time"}},
                "hourly": hourly,
            }
        )
    return "[\n" + ",\n".join(json.dumps(location, separators=(",", ":")) for location in locations) + "\n]\n"


def _cover(latent: npt.NDArray[np.float64], mean_cover: float) -> npt.NDArray[np.float64]:
    """U-shaped cover with this mean: mostly none or all."""
    from scipy.special import ndtri

    return np.asarray(ndtr((latent + ndtri(mean_cover) * np.sqrt(1.0 + 0.3**2)) / 0.3))


if __name__ == "__main__":
    TARGET.write_text(document(), encoding="utf-8")

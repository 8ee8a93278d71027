"""A small scenario on disk, to be spoilt in one place at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from eagleplan.errors import InputError
from eagleplan.scenario import load_scenario

SCENARIO = """\
schema_version = 1
name = "small"

[horizon]
start_utc = 2026-06-15T00:00:00Z
days = 7

[satellites.qube]
orbit = { kind = "file", path = "qube.tle" }
profile = "eagle1-like"

[sites]
file = "sites.csv"
use = ["at-graz", "de-oph", "fr-one", "fr-two"]

[weather]
priors_file = "priors.csv"

[demand]
file = "demand.csv"
"""

FILES = {
    "small.toml": SCENARIO,
    "qube.tle": (
        "QUBE\n"
        "1 60476U 24149J   26164.74550080  .00023281  00000+0  46145-3 0  9999\n"
        "2 60476  97.3785 251.1126 0001636 204.7287 155.3885 15.47049550101937\n"
    ),
    "sites.csv": (
        "site_id,name,country,latitude_deg,longitude_deg,altitude_m,aperture_m,status,min_elevation_deg,time_zone\n"
        "at-graz,Graz,AT,47.0671,15.4933,539.4,0.5,operational,25,Europe/Vienna\n"
        "de-oph,Oberpfaffenhofen,DE,48.084,11.28,600,0.8,operational,,Europe/Berlin\n"
        "fr-one,One,FR,43.75,6.92,1300,,announced,,Europe/Paris\n"
        "fr-two,Two,FR,43.93,5.71,650,1.5,candidate,,\n"
        "lu-one,Luxembourg,LU,49.6,6.1,300,,candidate,,Europe/Luxembourg\n"
    ),
    "priors.csv": "site_id,p_clear_zenith_annual\nat-graz,0.457\nde-oph,0.447\nfr-one,0.624\nfr-two,0.611\n",
    "demand.csv": (
        "demand_id,node_a,node_b,bits_per_week,key_bits,refresh_interval_s,priority,guarantee_bits\n"
        "de-fr,DE,FR,400000,,,3,50000\n"
        "at-fr,at-graz,FR,,256,3600,,\n"
    ),
}

Spoil = Callable[..., Path]
Problems = Callable[[Path], list[tuple[str, int | None, str | None, str, str | None]]]


@pytest.fixture
def small(tmp_path: Path) -> Spoil:
    """Writes the scenario with replacements: `small(("small.toml", "days = 7", "days = -1"))`."""

    def write(*changes: tuple[str, str, str]) -> Path:
        files = dict(FILES)
        for name, old, new in changes:
            assert old in files[name], f"{old!r} is not in {name}"
            files[name] = files[name].replace(old, new)
        for name, text in files.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / "small.toml"

    return write


@pytest.fixture
def problems() -> Problems:
    """(file name, line, field, message, got) of everything wrong with a scenario."""

    def load(path: Path) -> list[tuple[str, int | None, str | None, str, str | None]]:
        with pytest.raises(InputError) as caught:
            load_scenario(path)
        return [(Path(p.path).name, p.line, p.field, p.message, p.got) for p in caught.value.problems]

    return load

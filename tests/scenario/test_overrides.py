"""Values set over a scenario, and files that exist in memory only."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from eagleplan.errors import InputError
from eagleplan.inputs.files import StoredFiles
from eagleplan.model import MeanElements
from eagleplan.scenario import load_scenario

SSO = 'orbit = { kind = "sso", altitude_km = 500.0, ltan = "22:30" }'
DESIGN = ("small.toml", 'orbit = { kind = "file", path = "qube.tle" }', SSO)


def test_values_at_dotted_keys_go_before_the_file(small) -> None:  # type: ignore[no-untyped-def]
    path = small(DESIGN)
    plain = load_scenario(path)
    changed = load_scenario(
        path,
        overrides={
            "satellites.qube.orbit.ltan": "18:00",
            "satellites.qube.orbit.epoch_utc": datetime(2026, 6, 14, tzinfo=UTC),
            "schedule.seed": 7,
            "sites.override.at-graz.aperture_m": 0.7,
            "sites.use.1": "lu-one",
            "sites.override.lu-one": {"p_clear_zenith_annual": 0.4},
            "demand.file": "other.csv",
        },
        extra_files={"other.csv": b"demand_id,node_a,node_b,bits\nx,LU,FR,5\n"},
    )
    before, after = plain.satellites[0].orbit, changed.satellites[0].orbit
    assert isinstance(before, MeanElements)
    assert isinstance(after, MeanElements)
    # The node moves by 4 h 30 min of mean solar time, and by a day of the Sun's mean motion.
    moved_deg = 67.5 + 360.0 / 365.2422
    assert (before.raan_deg - after.raan_deg) % 360.0 == pytest.approx(moved_deg, abs=0.1)
    assert (changed.schedule.seed, changed.sites[0].aperture_m) == (7, 0.7)
    assert [site.site_id for site in changed.sites] == ["at-graz", "lu-one", "fr-one", "fr-two"]
    assert [(d.demand_id, d.bits, d.origin) for d in changed.demands] == [("x", 5, "other.csv:2")]
    assert changed.files["small.toml"] == plain.files["small.toml"] == path.read_bytes()


def test_a_stored_copy_keeps_them(small, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    epoch = datetime(2026, 6, 14, tzinfo=UTC)
    scenario = load_scenario(
        small(DESIGN),
        overrides={"schedule.seed": 7, "satellites.qube.orbit.epoch_utc": epoch, "demand": {"file": "other.csv"}},
        extra_files={"other.csv": b"demand_id,node_a,node_b,bits\nx,AT,FR,5\n"},
    )
    directory = tmp_path / "inputs"
    directory.mkdir()
    for name, data in scenario.stored_inputs().items():
        (directory / name).write_bytes(data)
    again = load_scenario(StoredFiles(directory))
    assert repr(again) == repr(scenario)
    assert again.stored_inputs() == scenario.stored_inputs()
    later = load_scenario(StoredFiles(directory), overrides={"schedule.seed": 8})
    assert (later.schedule.seed, later.demands) == (8, scenario.demands)


@pytest.mark.parametrize(
    ("key", "value", "field", "message"),
    [
        ("schedule.seed", "seven", "schedule.seed", "must be a whole number"),
        ("schedule.sead", 7, "schedule.sead", "unknown key"),
        ("satellites.qube.orbit.path", "none.tle", "satellites.qube.orbit.path", "no such file"),
        ("sites.use.1", "de-opf", "sites.use[1]", "no such site or country"),
        ("sites.use.9", "de-oph", "sites.use.9", "leads nowhere in small.toml"),
        ("sites.use.first", "de-oph", "sites.use.first", "leads nowhere in small.toml"),
        ("name.first", "x", "name.first", "leads nowhere in small.toml"),
        ("sites.", "x", "sites.", "leads nowhere in small.toml"),
    ],
)
def test_a_wrong_value_is_not_blamed_on_a_line(small, key: str, value: object, field: str, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError) as caught:
        load_scenario(small(), overrides={key: value})
    assert ("<override>", None, field, message) in [(p.path, p.line, p.field, p.message) for p in caught.value.problems]

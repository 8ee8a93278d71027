"""What a scenario becomes: model objects, assumptions, notices, and copies that give the same again."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from eagleplan.errors import InputError
from eagleplan.inputs.files import StoredFiles
from eagleplan.inputs.profile import parse_profile
from eagleplan.model import MeanElements, Network, ScheduleOptions
from eagleplan.resources import data_path, example_path
from eagleplan.scenario import load_scenario
from eagleplan.scenario.load import coming_monday


def store(scenario, directory: Path) -> Path:  # type: ignore[no-untyped-def]
    directory.mkdir()
    for name, data in scenario.stored_inputs().items():
        (directory / name).write_bytes(data)
    return directory


def test_the_small_scenario(small) -> None:  # type: ignore[no-untyped-def]
    scenario = load_scenario(small())
    assert scenario.name == "small"
    assert (scenario.horizon.start_utc, scenario.horizon.days) == (datetime(2026, 6, 15, tzinfo=UTC), 7.0)
    (satellite,) = scenario.satellites
    assert isinstance(satellite.orbit, MeanElements)
    assert (satellite.satellite_id, satellite.name, satellite.orbit.catalog_id) == ("qube", "qube", 60476)
    assert satellite.orbit.origin == "qube.tle:2"
    assert [site.site_id for site in scenario.sites] == ["at-graz", "de-oph", "fr-one", "fr-two"]
    graz, oph, one, two = scenario.sites
    assert [site.min_elevation_deg for site in scenario.sites] == [25.0, 20.0, 20.0, 20.0]
    assert [site.aperture_m for site in scenario.sites] == [0.5, 0.8, 0.6, 1.5]
    assert {site.max_sun_elevation_deg for site in scenario.sites} == {-6.0}
    assert (graz.time_zone, two.time_zone) == ("Europe/Vienna", "UTC")
    assert (oph.p_clear_zenith_annual, one.receiver.receiver_id) == (0.447, "default")
    assert scenario.network == Network(node_sites={"AT": ("at-graz",), "DE": ("de-oph",), "FR": ("fr-one", "fr-two")})
    assert [(d.demand_id, d.bits, d.priority, d.guarantee_bits) for d in scenario.demands] == [
        ("de-fr", 400_000, 3, 50_000),
        ("at-fr", 43_008, 1, 0),
    ]
    assert scenario.demands[1].origin == "demand.csv:3"
    assert scenario.schedule == ScheduleOptions()


def test_demand_follows_the_horizon(small) -> None:  # type: ignore[no-untyped-def]
    scenario = load_scenario(small(), days=1.0)
    assert [(d.bits, d.guarantee_bits) for d in scenario.demands] == [(57_143, 7_143), (6_144, 0)]


def test_the_example() -> None:
    scenario = load_scenario(example_path("eagle1-week.toml"))
    assert scenario.horizon.start_utc == datetime(2026, 11, 30, tzinfo=UTC)
    assert 10 <= len(scenario.sites) <= 13
    assert len({site.country for site in scenario.sites}) >= 9
    candidates = [site.site_id for site in scenario.sites if site.status == "candidate"]
    warned = [n.subject for n in scenario.notices if n.notice_id == "W-CANDIDATE-SITE"]
    assert warned == [", ".join(candidates)]
    assert 8 <= len(scenario.demands) <= 10
    assert {demand.priority for demand in scenario.demands} == {1, 2, 3}
    assert sum(demand.guarantee_bits > 0 for demand in scenario.demands) == 1
    (satellite,) = scenario.satellites
    assert isinstance(satellite.orbit, MeanElements)
    assert satellite.orbit.kind == "design"
    assert satellite.orbit.inclination_deg == pytest.approx(97.4, abs=0.1)
    assert [n.subject for n in scenario.notices if n.notice_id == "W-DESIGN-ORBIT"] == ["satellites.eagle1"]


TABLES = parse_profile(data_path("profiles", "eagle1-like.toml").read_text(), "eagle1-like.toml").tables
PREFIXES = {
    "terminal": "satellites.qube.terminal",
    "source": "satellites.qube.source",
    "receiver": "receivers.default",
    "receiver.detector": "receivers.default.detector",
    "receiver.adaptive_optics": "receivers.default.adaptive_optics",
    "link": "link",
    "security": "key",
}


def test_every_assumed_value_of_the_profile_is_listed(small) -> None:  # type: ignore[no-untyped-def]
    scenario = load_scenario(small())
    found = {a.key: a for a in scenario.assumptions}
    assert all(a.source.startswith("assumed") for a in scenario.assumptions)
    n_assumed = 0
    for table, values in TABLES.items():
        for name, entry in values.items():
            key = f"{PREFIXES[table]}.{name}"
            if entry.source.startswith("assumed"):
                n_assumed += 1
                assert (found[key].value, found[key].source) == (
                    "none" if entry.value is None else str(entry.value),
                    entry.source,
                )
            else:
                assert key not in found
    assert n_assumed > 20
    # Defaults that nobody set, and what a site's row leaves open.
    assert found["sites.min_elevation_deg"].value == "20.0"
    assert found["sites.fr-one.aperture_m"].value == "0.6"
    assert found["sites.fr-two.time_zone"].value == "UTC"
    assert "sites.at-graz.aperture_m" not in found


def test_single_values_over_the_profile(small) -> None:  # type: ignore[no-untyped-def]
    path = small(
        (
            "small.toml",
            'profile = "eagle1-like"\n',
            'profile = "eagle1-like"\nterminal = { pointing_jitter_urad = 1.0 }\n'
            "source = { pulse_rate_hz = 200e6 }\n"
            "[receivers.default]\ncoupling_loss_db = 3.5\ndetector = { dark_count_cps = 50 }\n"
            "[receivers.other]\n"
            '[sites.override.fr-two]\nreceiver = "other"\n'
            "min_elevation_deg = 35\np_clear_zenith_annual = 0.1\n"
            "air = { aod_550nm = 0.1 }\n[link]\nvisibility_km = 23.0\n[schedule]\nworkers = 2\n",
        )
    )
    scenario = load_scenario(path)
    (satellite,) = scenario.satellites
    assert (satellite.terminal.pointing_jitter_urad, satellite.source.pulse_rate_hz) == (1.0, 200e6)
    default, other = scenario.sites[0].receiver, scenario.sites[3].receiver
    assert (default.coupling_loss_db, default.detector.dark_count_cps) == (3.5, 50.0)
    assert default.detector.n_detectors == TABLES["receiver.detector"]["n_detectors"].value
    profile = (
        TABLES["receiver"]["coupling_loss_db"].value,
        TABLES["receiver.detector"]["dark_count_cps"].value,
    )
    assert (other.receiver_id, other.coupling_loss_db, other.detector.dark_count_cps) == ("other", *profile)
    two = scenario.sites[3]
    assert (two.min_elevation_deg, two.p_clear_zenith_annual, two.air.aod_550nm) == (35.0, 0.1, 0.1)
    link = scenario.link
    assert (link.visibility_km, link.zenith_extinction_db, link.aod_550nm) == (23.0, None, None)
    assert (scenario.schedule.workers, scenario.schedule.seed) == (2, 1)
    assumed = {a.key for a in scenario.assumptions}
    assert "satellites.qube.terminal.pointing_jitter_urad" not in assumed
    assert "receivers.default.coupling_loss_db" not in assumed
    assert "receivers.other.coupling_loss_db" in assumed


def test_a_figure_can_be_taken_away(small) -> None:  # type: ignore[no-untyped-def]
    path = small(
        (
            "small.toml",
            "[weather]",
            '[receivers.default]\ncoupling_loss_db = "none"\nfilter_bandwidth_nm = "none"\n[weather]',
        )
    )
    scenario = load_scenario(path)
    receiver = scenario.sites[0].receiver
    assert (receiver.coupling_loss_db, receiver.filter_bandwidth_nm) == (None, None)
    assert "sites.at-graz.air.ground_cn2_per_m23" in {a.key for a in scenario.assumptions}


def test_sites_by_country_and_by_default(small) -> None:  # type: ignore[no-untyped-def]
    all_but_lu = ("small.toml", 'use = ["at-graz", "de-oph", "fr-one", "fr-two"]\n', "")
    assert [s.site_id for s in load_scenario(small(all_but_lu)).sites] == ["at-graz", "de-oph", "fr-one"]
    by_country = (
        "small.toml",
        'use = ["at-graz", "de-oph", "fr-one", "fr-two"]',
        'use = ["FR", "DE", "at-graz"]',
    )
    assert [s.site_id for s in load_scenario(small(by_country)).sites] == ["fr-one", "de-oph", "at-graz"]
    allowed = ("small.toml", "[weather]", "allow_candidates = true\n[weather]")
    with_prior = ("priors.csv", "fr-two", "lu-one,0.4\nfr-two")
    both = load_scenario(small(by_country, allowed, with_prior))
    assert [s.site_id for s in both.sites] == ["fr-one", "fr-two", "de-oph", "at-graz"]
    assert [n.subject for n in both.notices if n.notice_id == "W-CANDIDATE-SITE"] == ["fr-two"]


def test_unconfirmed_positions_are_said(small) -> None:  # type: ignore[no-untyped-def]
    path = small(
        ("sites.csv", "time_zone\n", "time_zone,position\n"),
        ("sites.csv", "Vienna\n", "Vienna,unconfirmed\n"),
        ("sites.csv", "Berlin\n", "Berlin,listed\n"),
        ("sites.csv", "Paris\n", "Paris,\n"),
        ("sites.csv", "candidate,,\n", "candidate,,,\n"),
        ("sites.csv", "Luxembourg\n", "Luxembourg,\n"),
    )
    notices = load_scenario(path).notices
    assert [n.subject for n in notices if n.notice_id == "W-SITE-POSITION"] == ["at-graz"]


@pytest.mark.parametrize(
    ("start", "old"),
    [
        ("2026-06-13", False),
        ("2026-06-16", False),
        ("2026-06-17", True),
        ("2026-06-03", True),
        ("2027-06-13", True),
    ],
)
def test_old_elements_are_said(small, start: str, old: bool) -> None:  # type: ignore[no-untyped-def]
    """The epoch is 2026-06-13 17:53; any instant of the seven days more than ten days away from it counts."""
    scenario = load_scenario(small(), start_utc=datetime.fromisoformat(f"{start}T00:00:00Z"))
    found = [n for n in scenario.notices if n.notice_id == "W-ELEMENTS-AGE"]
    assert [n.subject for n in found] == (["satellites.qube"] if old else [])
    assert all("2026-06-13 17:53 UTC" in n.message for n in found)


@pytest.mark.parametrize(("start", "uncertainty"), [("2026-06-17", "5 s"), ("2026-11-30", "22 min")])
def test_old_elements_say_what_their_age_costs(small, start: str, uncertainty: str) -> None:  # type: ignore[no-untyped-def]
    """6.9 km in the median at 5.6 days, 7.6 km/s, and the square of the age: by hand, at 10.3 and 176.3 days."""
    scenario = load_scenario(small(), start_utc=datetime.fromisoformat(f"{start}T00:00:00Z"))
    (notice,) = (n for n in scenario.notices if n.notice_id == "W-ELEMENTS-AGE")
    assert f"uncertain by about {uncertainty} (" in notice.message


@pytest.mark.parametrize(
    ("now", "monday"),
    [
        ("2026-11-22T01:45:00", "2026-11-23"),
        ("2026-11-23T00:00:00", "2026-11-23"),
        ("2026-11-23T00:00:01", "2026-11-30"),
        ("2026-12-29T12:00:00", "2027-01-04"),
    ],
)
def test_the_horizon_begins_on_the_coming_monday(small, now: str, monday: str) -> None:  # type: ignore[no-untyped-def]
    clock = datetime.fromisoformat(now).replace(tzinfo=UTC)
    expected = datetime.fromisoformat(monday).replace(tzinfo=UTC)
    assert coming_monday(clock) == expected
    path = small(("small.toml", "start_utc = 2026-06-15T00:00:00Z\ndays = 7\n", ""))
    horizon = load_scenario(path, now_utc=lambda: clock).horizon
    assert (horizon.start_utc, horizon.days) == (expected, 7.0)


def test_the_command_line_goes_before_the_file(small) -> None:  # type: ignore[no-untyped-def]
    start = datetime(2026, 7, 1, 2, tzinfo=UTC)
    horizon = load_scenario(small(), start_utc=start, days=2.5).horizon
    assert (horizon.start_utc, horizon.end_utc) == (start, start + timedelta(hours=60))


def test_a_scenario_from_standard_input(small, monkeypatch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = small()
    text = path.read_bytes()
    path.unlink()
    monkeypatch.chdir(path.parent)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    scenario = load_scenario("-")
    assert (scenario.scenario_file, scenario.files["-"], len(scenario.sites)) == ("-", text, 4)
    again = load_scenario(StoredFiles(store(scenario, tmp_path / "inputs")))
    assert repr(again) == repr(scenario)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"name = 3")))
    with pytest.raises(InputError, match="<stdin>:1: name: must be a string"):
        load_scenario("-")


def test_inputs_are_named_as_written_and_hashed(small) -> None:  # type: ignore[no-untyped-def]
    path = small()
    scenario = load_scenario(path)
    assert [(f.role, f.path) for f in scenario.inputs] == [
        ("climatology", "eagleplan:data/monthly_clear_sky.csv"),
        ("demand", "demand.csv"),
        ("elements", "qube.tle"),
        ("priors", "priors.csv"),
        ("profile", "eagleplan:data/profiles/eagle1-like.toml"),
        ("scenario", "small.toml"),
        ("sites", "sites.csv"),
    ]
    for file in scenario.inputs:
        assert file.sha256 == hashlib.sha256(scenario.files[file.path]).hexdigest()
        if (path.parent / file.path).exists():
            assert scenario.files[file.path] == (path.parent / file.path).read_bytes()


def test_the_same_files_elsewhere_give_the_same_scenario(small, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    here = load_scenario(small())
    other = tmp_path / "other"
    other.mkdir()
    for name, data in here.files.items():
        if not name.startswith("eagleplan:"):
            (other / name).write_bytes(data)
    monkeypatch.chdir(other)
    assert repr(load_scenario("small.toml")) == repr(here)


def test_stored_inputs_give_the_same_scenario_on_any_day(small, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = small(("small.toml", "start_utc = 2026-06-15T00:00:00Z\n", ""))
    scenario = load_scenario(path, now_utc=lambda: datetime(2026, 6, 12, tzinfo=UTC), days=3.0)
    directory = store(scenario, tmp_path / "inputs")
    again = load_scenario(StoredFiles(directory))
    assert repr(again) == repr(scenario)
    assert again.horizon.start_utc == datetime(2026, 6, 15, tzinfo=UTC)
    assert scenario.stored_inputs() == again.stored_inputs()


def test_a_stored_input_that_was_changed_is_refused(small, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    directory = store(load_scenario(small()), tmp_path / "inputs")
    (demand,) = directory.glob("*demand.csv")
    demand.write_text(demand.read_text().replace("400000", "400001"))
    with pytest.raises(InputError, match="has been changed since the plan was made"):
        load_scenario(StoredFiles(directory))


_INDEX = '{"schema_version": 1, "scenario_file": "s", "files": [], "horizon": {"start_utc": "%s", "days": %s}}'


@pytest.mark.parametrize(
    "index",
    [
        "",
        "{}",
        "[]",
        '{"schema_version": 2}',
        _INDEX % ("2026-06-15T00:00:00", 7),
        _INDEX % ("2026-06-15T00:00:00+00:00", 0),
    ],
)
def test_an_index_that_makes_no_sense(tmp_path: Path, index: str) -> None:
    (tmp_path / "index.json").write_text(index)
    with pytest.raises(InputError, match="is not an index of stored inputs"):
        StoredFiles(tmp_path)


def test_a_stored_copy_never_reads_outside_its_folder(small, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = small()
    directory = store(load_scenario(path), tmp_path / "inputs")
    index = json.loads((directory / "index.json").read_text())
    for entry in index["files"]:
        if entry["name"] == "demand.csv":
            entry["file"] = "../demand.csv"
    (directory / "index.json").write_text(json.dumps(index))
    with pytest.raises(InputError, match="points outside its folder"):
        load_scenario(StoredFiles(directory))


def test_no_stored_inputs(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        StoredFiles(tmp_path / "missing")


def test_a_passive_receiver_is_said(tmp_path: Path) -> None:
    text = example_path("eagle1-week.toml").read_text(encoding="utf-8")
    demand = example_path("eagle1-week-demand.csv").read_bytes()
    (tmp_path / "eagle1-week-demand.csv").write_bytes(demand)
    receiver = '[receivers.default]\nprofile = "eagle1-like"\n'
    for n_detectors, warned in ((2, []), (4, ["receivers.default"])):
        passive = f"{receiver}detector = {{ n_detectors = {n_detectors} }}\n"
        path = tmp_path / f"week{n_detectors}.toml"
        path.write_text(text.replace(receiver, passive), encoding="utf-8")
        notices = load_scenario(path).notices
        assert [n.subject for n in notices if n.notice_id == "W-PASSIVE-RECEIVER"] == warned

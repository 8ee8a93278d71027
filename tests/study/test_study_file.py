"""A study file with anything wrong in it is refused before anything runs, all at once, with the line of each."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from made_up import study_folder

from eagleplan.errors import InputError
from eagleplan.study.file import read_study

HEAD = 3
"""Lines that `study_folder` writes before the text of a test."""


def problems(folder: Path, text: str, **arguments: bool) -> list[tuple[int | None, str, str]]:
    """(line, field, message with what was got and the hint) of everything that is wrong."""
    path = study_folder(folder, text)
    with pytest.raises(InputError) as caught:
        read_study(path, **arguments)
    assert {problem.path for problem in caught.value.problems} == {path.as_posix()}
    return [
        (
            problem.line and problem.line - HEAD,
            problem.field or "",
            f"{problem.message} (got {problem.got}; {problem.hint or caught.value.hint})",
        )
        for problem in caught.value.problems
    ]


WEEKS = '[weeks]\nfrom = "2026-W49"\ncount = 2\n'
BAD = {
    "unknown key": (
        "[axes]\nsites.min_elevation = [20.0]",
        [(2, "sites.min_elevation", "unknown key", 'mean "min_elevation_deg"')],
    ),
    "unknown key below a satellite": (
        '[axes]\nsatellites.eagle1.orbit.ltn = ["18:00"]',
        [(2, "satellites.eagle1.orbit.ltn", "unknown key", 'mean "ltan"')],
    ),
    "unknown table": (
        '[axes]\nsatellite.eagle1.orbit.ltan = ["18:00"]',
        [(2, "satellite", "unknown key", 'mean "satellites"')],
    ),
    "unknown satellite": (
        '[axes]\nsatellites.eagle2.orbit.ltan = ["18:00"]',
        [(2, "axes.satellites.eagle2.orbit.ltan", "no such satellite in small.toml", 'mean "eagle1"')],
    ),
    "quoted keys too": (
        '[axes]\n"sites.min_elevation" = [20.0]',
        [(2, "sites.min_elevation", "unknown key", "min_elevation_deg")],
    ),
    "no key at all": (
        '[axes]\n"a=b" = [1]\n"a..b" = [1]',
        [(2, "axes.a=b", "is no key", "as in"), (3, "axes.a..b", "is no key", "as in")],
    ),
    "empty list": (
        "[axes]\nsites.min_elevation_deg = []",
        [(2, "axes.sites.min_elevation_deg", "must not be empty", "")],
    ),
    "empty table": (
        "[axes]\nsites = {}",
        [
            (2, "axes.sites.low", "is required", ""),
            (2, "axes.sites.high", "is required", ""),
            (2, "axes.sites", "a range needs", ""),
        ],
    ),
    "no list": (
        "[axes]\nsites.min_elevation_deg = 20.0",
        [(2, "axes.sites.min_elevation_deg", "must be an array", "= [20.0]")],
    ),
    "wrong type": (
        '[axes]\nsites.min_elevation_deg = [\n  20.0,\n  "30",\n]',
        [(4, "sites.min_elevation_deg", 'must be a number (got "30"', "")],
    ),
    "out of range": (
        "[axes]\nsites.min_elevation_deg = [20.0, 99.0]",
        [(2, "sites.min_elevation_deg", "must be <= 89 (got 99.0", "")],
    ),
    "several at once": (
        '[axes]\nschedule.solver = ["cpsat"]\nsites.aperture_m = [0.5, -1.0, "x"]\ndemand.fil = ["a"]',
        [
            (2, "schedule.solver", "no such solver", 'mean "cp-sat"'),
            (3, "sites.aperture_m", "must be >= 0.01 (got -1.0", ""),
            (3, "sites.aperture_m", 'must be a number (got "x"', ""),
            (4, "demand.fil", "unknown key", 'mean "file"'),
        ],
    ),
    "a missing file": ('[axes]\ndemand.file = ["nowhere.csv"]', [(2, "demand.file", "no such file", "")]),
    "a station that is not there": (
        '[axes]\nsites.use = [["it-matera", "de-oberpfaffenhofen", "gr-helmos"], ["at-gratz"]]',
        [(2, "sites.use[0]", "no such site or country", 'mean "at-graz"')],
    ),
    "a value that breaks another file": (
        '[axes]\nsites.use = [["it-matera", "de-oberpfaffenhofen"]]',
        [(2, "", "cannot be planned with sites.use: ", "small-demand.csv:3: node_a: the scenario uses no site")],
    ),
    "the same axis twice": (
        '[axes]\nsites.min_elevation_deg = [20.0]\n"sites.min_elevation_deg" = [30.0]',
        [(3, "axes.sites.min_elevation_deg", "is the axis of line 5 again", "")],
    ),
    "the same value twice": (
        "[axes]\nschedule.seed = [1, 2, 1]",
        [(2, "axes.schedule.seed[2]", "is given twice (got 1", "")],
    ),
    "unequal lists": (
        'design = "list"\n[axes]\nschedule.seed = [1, 2]\nsites.min_elevation_deg = [1.0, 2.0, 3.0]',
        [(4, "axes.sites.min_elevation_deg", "must have the 2 values of schedule.seed", "")],
    ),
    "a wrong point of a list": (
        'design = "list"\n[axes]\nschedule.seed = [1, -2]\nsites.min_elevation_deg = [1.0, 2.0]',
        [(3, "schedule.seed", "must be >= 0 (got -2", "")],
    ),
    "a range elsewhere": (
        "[axes]\nsites.aperture_m = { low = 0.1, high = 1.0 }",
        [(2, "axes.sites.aperture_m", 'needs design = "latin-hypercube"', "")],
    ),
    "half a range": (
        'design = "latin-hypercube"\nn_samples = 3\n[axes]\nsites.aperture_m = { low = 0.1 }',
        [(4, "axes.sites.aperture_m.high", "is required", "")],
    ),
    "a range the wrong way round": (
        'design = "latin-hypercube"\nn_samples = 3\n[axes]\nsites.aperture_m = { low = 2.0, high = 1.0 }',
        [(4, "axes.sites.aperture_m.high", "must be above low", "")],
    ),
    "a range of no numbers": (
        'design = "latin-hypercube"\nn_samples = 3\n[axes]\nsites.aperture_m = { low = nan, high = "x" }',
        [
            (4, "axes.sites.aperture_m.low", "must be a finite number", ""),
            (4, "axes.sites.aperture_m.high", "must be a finite number", ""),
        ],
    ),
    "the end of a range": (
        'design = "latin-hypercube"\nn_samples = 3\n[axes]\nsites.aperture_m = { low = 0.1, high = 70.0 }',
        [(4, "sites.aperture_m", "must be <= 50 (got 70.0", "")],
    ),
    "a hypercube of nothing": (
        'design = "latin-hypercube"\n' + WEEKS,
        [(0, "n_samples", "is required with", ""), (0, "axes", "is required with", "")],
    ),
    "samples of a factorial": (
        "n_samples = 3\nseed = 1\n" + WEEKS,
        [(1, "n_samples", "needs design", ""), (2, "seed", "needs design", "")],
    ),
    "nothing": ("", [(None, "", "nothing varies", "")]),
    "an unknown key of the study": ("n_sky = 3\n" + WEEKS, [(1, "n_sky", "unknown key", 'mean "n_skies"')]),
    "a week that does not exist": (
        '[weeks]\nfrom = "2026-W54"\ncount = 2',
        [(2, "weeks.from", "must be an ISO week", "")],
    ),
    "weeks past the calendar": (
        '[weeks]\nfrom = "9999-W50"\ncount = 9',
        [(3, "weeks.count", "go past the year 9999", "")],
    ),
    "weeks that overlap": (WEEKS + "days = 8", [(4, "weeks.days", "must be <= 7: the weeks would overlap", "")]),
    "no weeks": ('[weeks]\nfrom = "2026-W49"\ncount = 0', [(3, "weeks.count", "must be >= 1", "")]),
    "a horizon": ("[axes]\nhorizon.days = [1.0]", [(2, "axes.horizon.days", "is set by [weeks]", "")]),
    "skies twice": (
        "sky_seed = 1\nn_skies = 5\n[axes]\nweather.outlook_seed = [1]\nweather.n_outlook_skies = [3]",
        [
            (4, "axes.weather.outlook_seed", "is set by sky_seed", ""),
            (5, "axes.weather.n_outlook_skies", "is set by n_skies", ""),
        ],
    ),
    "unknown stations": (
        '[stations]\nbase = ["it-mattera", "DE"]\nadd_one = ["pl-borowic"]',
        [
            (2, "stations.base[0]", "no such site", 'mean "it-matera"'),
            (2, "stations.base[1]", "is a country", "de-oberpfaffenhofen"),
            (3, "stations.add_one[0]", "no such site", 'mean "pl-borowiec"'),
        ],
    ),
    "stations twice": (
        '[stations]\nbase = ["it-matera", "it-matera"]\nadd_one = ["at-graz", "at-graz", "it-matera"]',
        [
            (2, "stations.base[1]", "is named twice", ""),
            (3, "stations.add_one[1]", "is named twice", ""),
            (3, "stations.add_one[2]", "is a station of the base already", ""),
        ],
    ),
    "stations of the scenario are the base": (
        '[stations]\nadd_one = ["it-matera"]',
        [(2, "stations.add_one[0]", "is a station of the base already", "")],
    ),
    "stations that do not vary": ('[stations]\nbase = ["it-matera"]', [(1, "stations", "nothing varies", "")]),
    "the only station left out": (
        '[stations]\nbase = ["it-matera"]\nleave_one_out = true',
        [(3, "stations.leave_one_out", "needs two stations", "")],
    ),
    "more added than there are": (
        '[stations]\nadd_one = ["at-graz"]\nmax_added = 2',
        [(3, "stations.max_added", "must be <= 1", "")],
    ),
    "cost of nobody": (
        '[stations]\nadd_one = ["at-graz"]\ncost = { at-gratz = 1.0, at-graz = -1.0 }',
        [
            (3, "stations.cost.at-gratz", "is in neither base nor add_one", 'mean "at-graz"'),
            (3, "stations.cost.at-graz", "must be >= 0", ""),
        ],
    ),
    "a base that leaves a demand alone": (
        '[stations]\nbase = ["it-matera", "de-oberpfaffenhofen"]\nleave_one_out = true',
        [(1, "", "cannot be planned with sites.use", "small-demand.csv:3: node_a: the scenario uses no site")],
    ),
    "stations twice over": (
        '[axes]\nsites.use = [["at-graz"]]\n[stations]\nleave_one_out = true',
        [(2, "axes.sites.use", "is set by [stations]", "")],
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_said_where_it_stands(tmp_path: Path, case: str) -> None:
    text, wanted = BAD[case]
    found = problems(tmp_path, text)
    assert [(line, field) for line, field, _ in found] == [
        ((line if line else 1 - HEAD) if line is not None else None, field) for line, field, _, _ in wanted
    ]
    for (_, _, message), (_, _, said, hint) in zip(found, wanted, strict=True):
        assert said in message
        assert hint in message


def test_everything_at_once(tmp_path: Path) -> None:
    weeks = '[weeks]\nfrom = "2026-W54"\ncount = 1'
    axes = "[axes]\nsites.use = []\nsites.min_elevation = [20.0]\nsites.min_elevation_deg = [20.0, 99.0]"
    text = f'n_samples = 3\n{weeks}\n{axes}\n[stations]\nadd_one = ["nowhere"]'
    assert [line for line, _, _ in problems(tmp_path, text)] == [1, 3, 6, 7, 8, 10]


def test_too_many_cells(tmp_path: Path) -> None:
    seeds = ", ".join(map(str, range(1001)))
    text = f"[axes]\nschedule.seed = [{seeds}]\nweather.outlook_seed = [{seeds}]"
    ((_, _, message),) = problems(tmp_path, text)
    assert "is a study of 1,002,001 cells, more than 1,000,000" in message
    assert "--yes" in message


def test_too_many_sets_of_stations(tmp_path: Path) -> None:
    from eagleplan.inputs.sites import parse_sites
    from eagleplan.resources import data_path

    every = parse_sites(data_path("ogs_sites.csv").read_text(encoding="utf-8"), "ogs_sites.csv")
    names = [site.site_id for site in every if site.site_id not in ("de-oberpfaffenhofen", "it-matera", "gr-helmos")]
    ((line, field, message),) = problems(tmp_path, f"[stations]\nadd_one = {names}\nmax_added = 20", allow_many=True)
    assert (line, field) == (3, "stations.max_added")
    assert "sets of stations: lower it" in message


def test_values_that_are_right_only_together_may_stand_in_a_factorial(tmp_path: Path) -> None:
    # The scenario's own source sends decoys at 0.1 photons: a signal below that is wrong beside them, not beside fewer.
    text = """[axes]
satellites.eagle1.source.mu_decoy = [0.01, 0.02]
satellites.eagle1.source.mu_signal = [0.05, 0.5]
"""
    assert read_study(study_folder(tmp_path, text)).n_cells == 4
    alone = text.replace("0.01, 0.02", "0.3, 0.02")
    assert [line for line, _, _ in problems(tmp_path, alone)] == [3]


def test_a_scenario_that_is_wrong_is_told_as_such(tmp_path: Path) -> None:
    path = study_folder(tmp_path, "[axes]\nschedule.seed = [1]")
    scenario = tmp_path / "small.toml"
    scenario.write_text(scenario.read_text().replace("days = 2", "days = -2").replace("cut_grid_s", "cut_grid"))
    with pytest.raises(InputError) as caught:
        read_study(path)
    assert [Path(problem.path).name for problem in caught.value.problems] == ["small.toml"] * 2


def test_a_scenario_without_a_start_needs_weeks(tmp_path: Path) -> None:
    path = study_folder(tmp_path, "[axes]\nschedule.seed = [1]")
    scenario = tmp_path / "small.toml"
    scenario.write_text(scenario.read_text().replace("start_utc = 2026-11-30T00:00:00Z\n", ""))
    with pytest.raises(InputError, match=r"needs \[weeks\], or horizon.start_utc"):
        read_study(path)
    assert read_study(study_folder(tmp_path, WEEKS + "days = 2")).n_cells == 2


def test_key_managers_are_not_asked(tmp_path: Path) -> None:
    path = study_folder(tmp_path, WEEKS)
    scenario = tmp_path / "small.toml"
    scenario.write_text(
        scenario.read_text()
        + '\n[kms]\nca_file = "a"\ncert_file = "b"\nkey_file = "c"\n'
        + 'stores = [{ end_a = "eagle1", end_b = "gr-helmos", url = "https://localhost:1", slave_sae_id = "x" }]\n'
    )
    with pytest.raises(InputError, match="a study asks no key managers"):
        read_study(path)


@pytest.mark.parametrize("scenario", ["-", "nowhere.toml", "."])
def test_a_scenario_that_cannot_be_read(tmp_path: Path, scenario: str) -> None:
    path = study_folder(tmp_path, WEEKS)
    path.write_text(path.read_text().replace('"small.toml"', f'"{scenario}"'))
    with pytest.raises(InputError, match=r"must be a file|no such file|is a directory"):
        read_study(path)


def test_files_of_every_value_are_at_hand(tmp_path: Path) -> None:
    path = study_folder(tmp_path, '[axes]\ndemand.file = ["small-demand.csv", "more.csv"]')
    (tmp_path / "more.csv").write_bytes((tmp_path / "small-demand.csv").read_bytes())
    assert {"small.toml", "small-demand.csv", "more.csv"} <= read_study(path).files.keys()


def test_files_of_a_station_that_only_a_set_opens_are_at_hand(tmp_path: Path) -> None:
    text = """[axes]
sites.override.at-graz.horizon_mask_file = ["low.csv", "high.csv"]
[stations]
base = ["de-oberpfaffenhofen", "it-matera", "gr-helmos"]
add_one = ["at-graz"]
"""
    path = study_folder(tmp_path, text)
    for name, elevation_deg in (("low.csv", 10), ("high.csv", 20)):
        (tmp_path / name).write_text(f"azimuth_deg,elevation_deg\n0,{elevation_deg}\n")
    # The scenario need not know the station; where it knows and has closed it, nothing else would read its files.
    assert {"low.csv", "high.csv"} <= read_study(path).files.keys()
    scenario = tmp_path / "small.toml"
    used = '"de-oberpfaffenhofen", "it-matera", "gr-helmos"'
    scenario.write_text(
        scenario.read_text().replace(f"use = [{used}]", f'use = [{used}, "at-graz"]\nclosed = ["at-graz"]')
    )
    assert {"low.csv", "high.csv"} <= read_study(path).files.keys()

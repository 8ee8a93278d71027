"""Which cells a study has: against itertools, by hand, and against another Latin hypercube."""

from __future__ import annotations

import itertools
import sys
import tomllib
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import qmc

sys.path.insert(0, str(Path(__file__).parent))
from made_up import study_folder

from eagleplan.study.designs import Factorial, LatinHypercube, Zipped, places
from eagleplan.study.file import read_study
from eagleplan.study.labels import label_of, toml_value
from eagleplan.study.stations import n_station_sets, station_sets
from eagleplan.study.study import Axis


def axis(key: str, *values: Any, span: tuple[float, float] | None = None) -> Axis:
    return Axis(key=key, values=values, labels=tuple(map(label_of, values)), span=span)


@given(st.lists(st.integers(1, 4), max_size=4))
def test_a_factorial_is_the_product(sizes: list[int]) -> None:
    axes = tuple(axis(f"a{number}", *range(size)) for number, size in enumerate(sizes))
    design = Factorial(axes)
    found = [tuple(value for value, _ in design.point(number)) for number in range(design.n_points)]
    assert found == list(itertools.product(*(range(size) for size in sizes)))


def test_a_list_takes_values_together() -> None:
    design = Zipped((axis("a", 1, 2, 3), axis("b", "x", "y", "z")))
    assert [design.point(number) for number in range(design.n_points)] == [
        ((1, "1"), ("x", "x")),
        ((2, "2"), ("y", "y")),
        ((3, "3"), ("z", "z")),
    ]


@pytest.mark.parametrize(("n_samples", "n_axes"), [(1, 1), (7, 3), (200, 2)])
def test_every_part_of_every_axis_has_one_point(n_samples: int, n_axes: int) -> None:
    found = places(n_samples, n_axes, seed=3)
    other = qmc.LatinHypercube(d=n_axes, rng=3).random(n_samples)
    for sample in (found, other):
        for column in sample.T:
            assert sorted(np.floor(column * n_samples).astype(int)) == list(range(n_samples))


def test_points_fill_the_square_as_those_of_scipy_do() -> None:
    seeds = range(1000)
    ours = np.array([qmc.discrepancy(places(64, 2, seed)) for seed in seeds])
    theirs = np.array([qmc.discrepancy(qmc.LatinHypercube(d=2, rng=seed).random(64)) for seed in seeds])
    error = np.hypot(ours.std(), theirs.std()) / np.sqrt(len(seeds))
    assert ours.mean() == pytest.approx(theirs.mean(), abs=3 * error)
    free = [qmc.discrepancy(np.random.default_rng(seed).random((64, 2))) for seed in seeds]
    assert ours.mean() < 0.3 * np.mean(free)


def test_axes_are_joined_at_random_and_by_their_seed() -> None:
    found = places(500, 2, seed=1)
    assert abs(np.corrcoef(found.T)[0, 1]) < 0.15
    assert np.array_equal(found, places(500, 2, seed=1))
    assert not np.array_equal(found, places(500, 2, seed=2))


def test_ranges_whole_numbers_and_lists_are_all_drawn_evenly() -> None:
    axes = (axis("f", span=(0.5, 3.0)), axis("n", span=(1, 3)), axis("s", "a", "b"))
    design = LatinHypercube(axes, 600, seed=1)
    points = [design.point(number) for number in range(600)]
    real, whole, text = zip(*([value for value, _ in point] for point in points), strict=True)
    assert Counter(whole) == {1: 200, 2: 200, 3: 200}
    assert Counter(text) == {"a": 300, "b": 300}
    assert all(isinstance(value, float) and 0.5 <= value <= 3.0 for value in real)
    assert np.mean(real) == pytest.approx(1.75, abs=0.01)
    assert [label for _, label in points[0]] == [repr(real[0]), str(whole[0]), text[0]]


BASE, CANDIDATES = ("a", "b", "c"), ("x", "y", "z")


@pytest.mark.parametrize("leave_one_out", [True, False])
@pytest.mark.parametrize("max_added", [1, 2, 3])
def test_sets_of_stations(leave_one_out: bool, max_added: int) -> None:
    arguments = {"leave_one_out": leave_one_out, "add_one": CANDIDATES, "max_added": max_added}
    sets = list(station_sets(BASE, **arguments))  # type: ignore[arg-type]
    wanted = [set(BASE)]
    wanted += [set(BASE) - {site} for site in BASE if leave_one_out]
    wanted += [
        set(BASE) | set(more) for size in range(1, max_added + 1) for more in itertools.combinations(CANDIDATES, size)
    ]
    assert [set(one.site_ids) for one in sets] == wanted
    assert n_station_sets(BASE, **arguments) == len(sets)  # type: ignore[arg-type]
    assert len({one.name for one in sets}) == len(sets)


def test_names_of_sets_say_what_differs() -> None:
    sets = list(station_sets(("a", "b"), leave_one_out=True, add_one=("x", "y"), max_added=2))
    assert [(one.name, one.added, one.left_out) for one in sets] == [
        ("base", (), None),
        ("without a", (), "a"),
        ("without b", (), "b"),
        ("with x", ("x",), None),
        ("with y", ("y",), None),
        ("with x, y", ("x", "y"), None),
    ]


STUDY = """
sky_seed = 5
n_skies = 4
[weeks]
from = "2026-W52"
count = 3
every = 2
days = 2
[axes]
satellites.eagle1.orbit = [
  { kind = "sso", altitude_km = 500.0, ltan = "18:00" },
  { kind = "sso", altitude_km = 600.0, ltan = "22:30" },
]
"demand.scale_frac" = [0.5, 1.0]
[stations]
add_one = ["at-graz"]
leave_one_out = true
"""


def test_every_cell_by_hand(tmp_path: Path) -> None:
    study = read_study(study_folder(tmp_path, STUDY))
    orbits = tomllib.loads(STUDY)["axes"]["satellites"]["eagle1"]["orbit"]
    own = ["de-oberpfaffenhofen", "it-matera", "gr-helmos"]
    sets = {"base": own, **{f"without {site}": [s for s in own if s != site] for site in own}}
    sets["with at-graz"] = [*own, "at-graz"]
    weeks = {
        "2026-W52": datetime(2026, 12, 21, tzinfo=UTC),
        "2027-W01": datetime(2027, 1, 4, tzinfo=UTC),
        "2027-W03": datetime(2027, 1, 18, tzinfo=UTC),
    }
    cells = list(study.cells())
    assert study.n_cells == len(cells) == 2 * 2 * 5 * 3
    assert [cell.number for cell in cells] == list(range(60))
    wanted = itertools.product(orbits, [0.5, 1.0], sets.items(), enumerate(weeks.items()))
    for cell, (orbit, scale, (name, site_ids), (week_number, (week, start_utc))) in zip(cells, wanted, strict=True):
        assert cell.labels == (label_of(orbit), str(scale), name)
        assert (cell.week, cell.start_utc, cell.days) == (week, start_utc, 2.0)
        assert cell.overrides == {
            "satellites.eagle1.orbit": orbit,
            "demand.scale_frac": scale,
            "sites.use": [*own, "at-graz"],
            "sites.closed": [site for site in (*own, "at-graz") if site not in site_ids],
            "weather.n_outlook_skies": 4,
            "weather.outlook_seed": 5 + week_number,
        }
    assert study.columns == ("satellites.eagle1.orbit", "demand.scale_frac", "stations")
    assert [study.cell(number) for number in (7, 3)] == [cells[7], cells[3]]
    with pytest.raises(IndexError):
        study.cell(60)


def test_an_axis_over_seeds_takes_the_place_of_the_study_s_own(tmp_path: Path) -> None:
    text = '[weeks]\nfrom = "2026-W49"\ncount = 2\n[axes]\nweather.outlook_seed = [7, 8]'
    seeds = [cell.overrides for cell in read_study(study_folder(tmp_path, text)).cells()]
    assert seeds == [{"weather.outlook_seed": seed} for seed in (7, 7, 8, 8)]


def test_without_weeks_every_cell_has_the_scenario_s_horizon(tmp_path: Path) -> None:
    (cell,) = read_study(study_folder(tmp_path, "[axes]\nschedule.seed = [3]")).cells()
    assert (cell.week, cell.start_utc, cell.days) == ("", datetime(2026, 11, 30, tzinfo=UTC), 2.0)
    assert cell.overrides == {"schedule.seed": 3, "weather.outlook_seed": 1}


def test_a_million_cells_take_no_room(tmp_path: Path) -> None:
    values = list(range(20, 30))
    text = f"""
[axes]
schedule.seed = {values}
weather.outlook_seed = {values}
sites.min_elevation_deg = {values}
sites.aperture_m = {values}
demand.scale_frac = {values}
[weeks]
from = "2026-W49"
count = 10
days = 2
"""
    study = read_study(study_folder(tmp_path, text))
    assert study.n_cells == 1_000_000
    assert next(iter(study.cells())).number == 0
    assert study.cell(999_999).labels == ("29",) * 5


TOML_VALUES = [
    True, 0, -5, 1.5, 1e-7, 1e22, "", 'a "b" \\ c', "tab\tnew\nline\x7f\x01", "naïve – ☂ 𝔄", date(2026, 1, 2),
    datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), [], ["a", [1.0]], {}, {"a b": 1, "c": {"d": [True]}},
]  # fmt: skip


@pytest.mark.parametrize("value", TOML_VALUES, ids=repr)
def test_values_come_back_from_what_is_written(value: Any) -> None:
    assert tomllib.loads(f"value = {toml_value(value)}") == {"value": value}


@given(st.text())
def test_any_text_comes_back(text: str) -> None:
    assert tomllib.loads(f"value = {toml_value(text)}") == {"value": text}

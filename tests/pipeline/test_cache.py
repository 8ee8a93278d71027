"""A plan is the same, byte for byte, with a cold, a warm and no cache, whatever the cache has seen before."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eagleplan import pipeline
from eagleplan.errors import InputError
from eagleplan.passes import PassSearch, find_passes
from eagleplan.pipeline import fingerprint
from eagleplan.pipeline.cache import NO_CACHE, Cache, CacheWarning, decoded, encoded
from eagleplan.pipeline.fingerprint import digest
from eagleplan.pipeline.spans import Span, whole_spans
from eagleplan.pipeline.worth import valued, wholes, worth
from eagleplan.report.plan_json import plan_json
from eagleplan.resources import example_path
from eagleplan.scenario import Scenario, load_scenario

DEMAND = b"demand_id,node_a,node_b,bits_per_week\none,DE,FR,1000000\ntwo,AT,IT,900000\n"
MORE = b"demand_id,node_a,node_b,bits_per_week\none,DE,FR,5000\ntwo,AT,IT,90000000\n"
SITES = ["de-trauen", "fr-calern", "it-matera", "at-graz"]

VARIANTS: dict[str, dict[str, Any]] = {
    "base": {},
    "fewer stations": {"sites.closed": ["it-matera"]},
    "more stations": {"sites.use": [*SITES, "hr-zagreb", "gr-helmos"]},
    "cut": {"schedule.cut_grid_s": 60},
    "cut, more stations": {"sites.use": [*SITES, "hr-zagreb"], "schedule.cut_grid_s": 60},
    "cut finer": {"schedule.cut_grid_s": 30},
    "other sky": {"weather.outlook_seed": 4, "sites.override.at-graz.p_clear_zenith_annual": 0.2},
    "other demand": {"demand.file": "more.csv"},
    "one station's mask": {"sites.override.at-graz.min_elevation_deg": 31.0},
    "one station's telescope": {"sites.override.at-graz.aperture_m": 0.4},
    "the Sun": {"sites.max_sun_elevation_deg": -12.0},
    "receiver": {"receivers.default.coupling_loss_db": 4.25},
    "terminal": {"satellites.eagle1.terminal.pointing_jitter_urad": 1.7},
    "source": {"satellites.eagle1.source.mu_signal": 0.62},
    "proof": {"key.statistics": "exact"},
    "security": {"key.eps_secrecy": 1e-8},
    "orbit": {"satellites.eagle1.orbit.ltan": "22:00"},
    "Moon": {"constraints.min_moon_separation_deg": 40.0},
}


def scenario_of(start_day: int = 0, days: float = 2, **overrides: Any) -> Scenario:
    values = {"sites.use": SITES, "demand.file": "some.csv", "schedule.cut_grid_s": 0} | overrides
    return load_scenario(
        example_path("eagle1-week.toml"),
        start_utc=datetime(2026, 12, 7, tzinfo=UTC) + timedelta(days=start_day),
        days=days,
        overrides={"weather.n_outlook_skies": 5, "schedule.max_deterministic_time_s": 0.2} | values,
        extra_files={"some.csv": DEMAND, "more.csv": MORE},
    )


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all variants: what one leaves there, another must not take by mistake."""
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("name", VARIANTS)
def test_the_plan_is_the_same_with_a_cold_a_warm_and_no_cache(name: str, shared: Path) -> None:
    scenario = scenario_of(**VARIANTS[name])
    plain = pipeline.assess(scenario)
    for kept in ("whatever was there", "all"):
        cache = Cache(shared)
        found = pipeline.assess(scenario, cache=cache)
        assert digest(found) == digest(plain), kept
    assert cache.stats.n_misses == cache.stats.n_bad == cache.stats.n_bytes_written == 0
    assert cache.stats.n_hits == 2 * len({(c.satellite_id, c.site_id) for c in plain.contacts})
    if name in ("base", "fewer stations", "cut", "receiver"):
        plans = [plan_json(pipeline.make_plan(scenario, assessment=this).plan) for this in (plain, found)]
        assert plans[0] == plans[1]


def test_what_does_not_concern_a_pair_leaves_its_entries_good(tmp_path: Path) -> None:
    pipeline.assess(scenario_of(), cache=Cache(tmp_path))
    for name, n_misses in {
        "fewer stations": 0,
        "other sky": 0,
        "other demand": 0,
        "more stations": 4,
        "one station's telescope": 2,
        "source": 4,
        "proof": 4,
        "receiver": 8,
    }.items():
        cache = Cache(tmp_path)
        pipeline.assess(scenario_of(**VARIANTS[name]), cache=cache)
        assert cache.stats.n_misses == n_misses, name


def test_cuts_add_to_what_is_kept_of_whole_windows(tmp_path: Path) -> None:
    sizes = []
    for name in ("base", "cut", "cut", "base", "cut finer", "cut"):
        cache = Cache(tmp_path)
        pipeline.assess(scenario_of(**VARIANTS[name]), cache=cache)
        sizes.append(sum(path.stat().st_size for path in tmp_path.rglob("*.bin")))
        written = cache.stats.n_bytes_written
        assert (written > 0) == (len(sizes) in (1, 2, 5))
    assert sizes[0] < sizes[1] == sizes[2] == sizes[3] < sizes[4] == sizes[5]


def test_random_changes_never_meet_a_stale_answer(tmp_path: Path) -> None:
    chooser = random.Random(10)
    changes: dict[str, list[Any]] = {
        "sites.use": [SITES, [*SITES, "gr-helmos"], ["at-graz", "it-matera", "fr-calern", "de-trauen"]],
        "sites.min_elevation_deg": [20.0, 25.0],
        "sites.override.it-matera.aperture_m": [0.6, 0.5],
        "satellites.eagle1.orbit.altitude_km": [500.0, 501.0],
        "satellites.eagle1.source.pulse_rate_hz": [1e8, 1.1e8],
        "receivers.default.optics_loss_db": [1.0, 1.5],
        "key.ec_efficiency": [1.16, 1.2],
        "schedule.cut_grid_s": [0, 60, 90],
        "schedule.min_contact_s": [60, 75],
    }
    now: dict[str, Any] = {}
    for _ in range(10):
        name = chooser.choice(list(changes))
        now[name] = chooser.choice(changes[name])
        scenario = scenario_of(chooser.choice([0, 1]), chooser.choice([1, 1.5]), **now)
        assert digest(pipeline.assess(scenario, cache=Cache(tmp_path))) == digest(pipeline.assess(scenario)), now


@pytest.mark.parametrize("damage", ["cut", "flipped", "swapped", "gone"])
def test_damaged_entries_change_nothing_and_are_written_anew(tmp_path: Path, damage: str) -> None:
    scenario = scenario_of(days=1)
    plain = digest(pipeline.assess(scenario, cache=Cache(tmp_path)))
    paths = sorted(tmp_path.rglob("*.bin"))
    contents = [path.read_bytes() for path in paths]
    for i, path in enumerate(paths):
        if damage == "cut":
            path.write_bytes(contents[i][: len(contents[i]) // 2])
        elif damage == "flipped":
            middle = len(contents[i]) // 2
            path.write_bytes(contents[i][:middle] + bytes([contents[i][middle] ^ 4]) + contents[i][middle + 1 :])
        elif damage == "swapped":
            path.write_bytes(contents[i - 1])
        else:
            path.unlink()
    cache = Cache(tmp_path)
    assert digest(pipeline.assess(scenario, cache=cache)) == plain
    assert cache.stats.n_hits == 0
    assert cache.stats.n_bad == (0 if damage == "gone" else len(paths))
    assert [path.read_bytes() for path in paths] == contents


def test_a_machine_that_computes_other_bits_does_not_take_them(tmp_path: Path) -> None:
    """Entries whose sums are right but whose numbers are not: the first that is found is computed again."""
    scenario = scenario_of(days=1)
    plain = digest(pipeline.assess(scenario, cache=Cache(tmp_path)))
    for table in ("seconds", "numbers"):
        for path in tmp_path.rglob("*.bin"):
            name = path.parent.name + path.stem
            entry = decoded(name, path.read_bytes())
            assert entry is not None
            changed = {k: np.nextafter(v, np.inf) if k == table else v for k, v in entry.arrays.items()}
            path.write_bytes(encoded(name, replace(entry, arrays=changed)))
        with pytest.warns(CacheWarning, match="other bits"):
            assert digest(pipeline.assess(scenario, cache=Cache(tmp_path))) == plain
        for path in tmp_path.rglob("*.bin"):
            path.unlink()
        pipeline.assess(scenario, cache=Cache(tmp_path))


def test_without_a_folder_it_works_as_well(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    scenario = scenario_of(days=1)
    with pytest.warns(CacheWarning, match="results are the same"):
        found = pipeline.assess(scenario, cache=Cache(tmp_path / "file"))
    assert digest(found) == digest(pipeline.assess(scenario))


def test_other_code_other_libraries_other_data_have_entries_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = scenario_of(days=1)
    pipeline.assess(scenario, cache=Cache(tmp_path))
    monkeypatch.setattr(fingerprint, "code_digest", lambda: "another")
    cache = Cache(tmp_path)
    pipeline.assess(scenario, cache=cache)
    assert cache.stats.n_hits == 0


def test_the_code_that_computes_is_all_in_its_digest() -> None:
    """Rooms below the pipeline that the computing rooms import, and every packaged file that they read."""
    package = Path(fingerprint.__file__).parents[1]
    seen = set()
    for room in ("orbit", "passes", "link", "key", "model"):
        assert room in fingerprint.ROOMS
        for path in (package / room).glob("*.py"):
            text = path.read_text(encoding="utf-8")
            seen |= {line.split()[1].split(".")[1] for line in text.splitlines() if line.startswith("from eagleplan.")}
            if not path.stem.startswith("validation"):
                reads = [part.split('"')[1] for part in text.split("data_path(")[1:]]
                assert all((package.parent / "data" / name).is_file() for name in reads), path
    known = {*fingerprint.ROOMS, *(name.removesuffix(".py") for name in fingerprint.FILES)}
    # The rooms of validation and of elements in words are not part of the chain from satellite to key.
    assert seen - known <= {"inputs", "validation"}


# --- Every field of what counts -----------------------------------------------------------------------------------

OTHERS: dict[str, Any] = {
    "waist_radius_m": 0.03,
    "divergence_half_angle_1e2_urad": 11.0,
    "coupling_loss_db": 2.5,
    "filter_bandwidth_nm": 2.0,
    "field_of_view_full_angle_urad": 70.0,
    "actuator_pitch_m": 0.06,
    "delay_s": 0.002,
    "static_wavefront_error_nm": 60.0,
    "zenith_extinction_db": 0.7,
    "aod_550nm": 0.2,
    "visibility_km": 21.0,
    "beam": "gaussian",
    "coupling": "smf",
    "day_sky": "bright",
    "protocol": "bb84-one-decoy",
    "statistics": "exact",
    "kind": "tle",
    "p_signal": 0.6,
    "p_decoy": 0.05,
    "frame": "ITRF",
}
"""Another value where a number a little larger would not do."""


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for field in fields(value):
        inner = getattr(value, field.name)
        if is_dataclass(inner):
            yield from leaves(inner, (*path, field.name))
        else:
            yield (*path, field.name)


def at(value: Any, path: tuple[str, ...]) -> Any:
    return at(getattr(value, path[0]), path[1:]) if path else value


def changed(value: Any, path: tuple[str, ...], new: Any) -> Any:
    inner = changed(getattr(value, path[0]), path[1:], new) if len(path) > 1 else new
    return replace(value, **{path[0]: inner})


def another(name: str, old: Any) -> Any:
    if name in OTHERS and OTHERS[name] != old:
        return OTHERS[name]
    if isinstance(old, float):
        return old * 1.01 if old else 0.01
    if isinstance(old, int):
        return old + 1
    if isinstance(old, datetime):
        return old + timedelta(seconds=1)
    return None


def worth_of(scenario: Scenario, spans: list[Span], search: PassSearch, cache: Cache) -> str:
    windows = valued(scenario, spans, search, cache)
    found = worth(scenario, windows, wholes(spans))
    assert found.proven is not None
    answer = digest(windows.profiles, windows.budgets, found.proven.yields(np.arange(len(spans))))
    windows.blocks.keep()
    return answer


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scenario, list[Span], PassSearch, str, Path]:
    """One window of one satellite over one station, what it is worth, and a cache that has it."""
    scenario = scenario_of(days=1)
    sites = tuple(site for site in scenario.sites if site.site_id == "at-graz")
    scenario = replace(scenario, sites=sites)
    search = find_passes(scenario.satellites, sites, scenario.horizon, scenario.constraints)
    spans = whole_spans(search.passes, {site.site_id: site for site in sites}, 60)[0][:1]
    folder = tmp_path_factory.mktemp("pair")
    plain = worth_of(scenario, spans, search, Cache(folder))
    assert worth_of(scenario, spans, search, Cache(folder)) == plain
    return scenario, spans, search, plain, folder


@pytest.mark.parametrize("what", ["satellite", "site", "link", "security", "horizon"])
def test_a_field_that_changes_the_result_changes_the_key(
    what: str, pair: tuple[Scenario, list[Span], PassSearch, str, Path]
) -> None:
    scenario, spans, search, plain, folder = pair
    value: Any = {
        "satellite": scenario.satellites[0],
        "site": scenario.sites[0],
        "link": scenario.link,
        "security": scenario.security,
        "horizon": scenario.horizon,
    }[what]
    said = 0
    for path in leaves(value):
        new = another(path[-1], at(value, path))
        if new is None:
            # Words, and what only chooses windows or contacts: no number comes of them.
            assert isinstance(at(value, path), str | tuple | None), path
            continue
        other = changed(value, path, new)
        moved, seen = scenario, search
        match what:
            case "satellite":
                moved, seen = replace(scenario, satellites=(other,)), replace(search, satellites=(other,))
            case "site":
                moved, seen = replace(scenario, sites=(other,)), replace(search, sites=(other,))
            case "link":
                moved = replace(scenario, link=other)
            case "security":
                moved = replace(scenario, security=other)
            case _:
                moved, seen = replace(scenario, horizon=other), replace(search, horizon=other)
        try:
            truth = worth_of(moved, spans, seen, NO_CACHE)
        except (InputError, ValueError):
            with pytest.raises((InputError, ValueError)):
                worth_of(moved, spans, seen, Cache(folder))
            continue
        said += truth != plain
        assert worth_of(moved, spans, seen, Cache(folder)) == truth, path
    assert said >= {"satellite": 15, "site": 12, "link": 1, "security": 4, "horizon": 1}[what]

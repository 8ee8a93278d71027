"""Everything that can be wrong with a scenario and the files it names: message, file, line, field."""

from __future__ import annotations

from pathlib import Path

import pytest

from eagleplan.errors import InputError
from eagleplan.inputs.profile import parse_profile
from eagleplan.key import PROTOCOLS
from eagleplan.resources import data_path
from eagleplan.scenario import load_scenario

T = "small.toml"
_STOCK = "[network]\ninitial_stocks = [{ "
USE = 'use = ["at-graz", "de-oph", "fr-one", "fr-two"]'


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "message", "got"),
    [
        ("days = 7", "days = 0", 6, "horizon.days", "must be > 0", "0"),
        ("days = 7", "days = nan", 6, "horizon.days", "must be a finite number", "nan"),
        ("days = 7", "days = inf", 6, "horizon.days", "must be a finite number", "inf"),
        ("days = 7", 'days = "7"', 6, "horizon.days", "must be a number", '"7"'),
        ("days = 7", "days = true", 6, "horizon.days", "must be a number", "true"),
        (
            "00:00:00Z",
            "00:00:00+02:00",
            5,
            "horizon.start_utc",
            "must be UTC and end in Z",
            "2026-06-15T00:00:00+02:00",
        ),
        ("00:00:00Z", "00:00:00", 5, "horizon.start_utc", "must be UTC and end in Z", "2026-06-15T00:00:00"),
        (
            "2026-06-15T00:00:00Z",
            "2026-06-15",
            5,
            "horizon.start_utc",
            "must be a date and time such as 2026-11-30T00:00:00Z",
            "2026-06-15",
        ),
        ("schema_version = 1", "schema_version = 2", 1, "schema_version", "must be 1", "2"),
        ("schema_version = 1\n", "", 1, "schema_version", "is required", None),
        ('name = "small"', 'nmae = "small"', 2, "nmae", "unknown key", None),
        (
            'kind = "file"',
            'kind = "tle"',
            9,
            "satellites.qube.orbit.kind",
            "must be one of file, sso, kepler, walker",
            "tle",
        ),
        (', path = "qube.tle"', "", 9, "satellites.qube.orbit.path", "is required", None),
        ('path = "qube.tle"', "path = 3", 9, "satellites.qube.orbit.path", "must be a string", "3"),
        (
            'kind = "file", path = "qube.tle"',
            'kind = "sso", altitude_km = 500, ltan = "22.30"',
            9,
            "satellites.qube.orbit.ltan",
            "must be a time of day such as 22:30",
            '"22.30"',
        ),
        (
            'kind = "file", path = "qube.tle"',
            'kind = "sso", altitude_km = 50, ltan = "22:30"',
            9,
            "satellites.qube.orbit.altitude_km",
            "must be >= 160",
            "50",
        ),
        (USE, "use = []", 14, "sites.use", "must not be empty", "an array of 0"),
        (USE, 'use = ["at-graz", 3]', 14, "sites.use[1]", "must be a string", "3"),
        (USE, 'use = "at-graz"', 14, "sites.use", "must be an array", '"at-graz"'),
        (USE, USE + "\nmin_elevation_deg = 91", 15, "sites.min_elevation_deg", "must be <= 89", "91"),
        ("[demand]", "[demands]", 19, "demands", "unknown key", None),
        (
            "[weather]",
            "[schedule]\nseed = 1.5\n[weather]",
            17,
            "schedule.seed",
            "must be a whole number",
            "1.5",
        ),
        ("[weather]", "[schedule]\nworkers = -1\n[weather]", 17, "schedule.workers", "must be >= 0", "-1"),
        (
            "[weather]",
            "[receivers.default]\ndetector = { efficiency_frac = 1.5 }\n[weather]",
            17,
            "receivers.default.detector.efficiency_frac",
            "must be <= 1",
            "1.5",
        ),
    ],
)
def test_a_wrong_key(small, problems, old, new, line, field, message, got) -> None:  # type: ignore[no-untyped-def]
    assert (T, line, field, message, got) in problems(small((T, old, new)))


def test_an_unknown_key_is_compared_with_the_known_ones(small) -> None:  # type: ignore[no-untyped-def]
    path = small(
        (T, "days = 7", "day = 7"),
        (T, 'kind = "file"', 'kind = "file", catalogue_id = 3'),
        (T, "[weather]", "[receivers.default]\ndetector = { dark_counts_cps = 1 }\n[weather]"),
    )
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    assert [(p.line, p.field, p.hint) for p in caught.value.problems] == [
        (6, "horizon.day", 'did you mean "days"?'),
        (9, "satellites.qube.orbit.catalogue_id", 'did you mean "catalog_id"?'),
        (17, "receivers.default.detector.dark_counts_cps", 'did you mean "dark_count_cps"?'),
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            (T, '"de-oph"', '"de-opf"'),
            (T, 14, "sites.use[1]", "no such site or country", '"de-opf"'),
        ),
        ((T, '"de-oph"', '"at-graz"'), (T, 14, "sites.use[1]", "is named twice", '"at-graz"')),
        (
            (T, '"de-oph"', '"LU"'),
            (T, 14, "sites.use[1]", "every site of this country is a candidate", '"LU"'),
        ),
        (
            (T, '"de-oph"', '"ES"'),
            (T, 14, "sites.use[1]", "the catalogue has no site of this country", '"ES"'),
        ),
        (
            (T, '"de-oph"', '"de-oph", "lu-one"'),
            (T, 14, "sites.use[2]", "the site has no clear-sky prior", '"lu-one"'),
        ),
        (
            (T, "[weather]", "[sites.override.lu-one]\naperture_m = 1\n[weather]"),
            (T, 16, "sites.override.lu-one", "no such site in use", '"lu-one"'),
        ),
        (
            (T, "[weather]", '[sites.override.at-graz]\nreceiver = "smf"\n[weather]'),
            (T, 17, "sites.override.at-graz.receiver", "no such receiver for at-graz", '"smf"'),
        ),
        (
            (
                T,
                "[weather]",
                _STOCK + 'end_a = "x", end_b = "at-graz", bits = 1 }]\n[weather]',
            ),
            (
                T,
                17,
                "network.initial_stocks[0].end_a",
                "no such satellite, site in use or terrestrial node",
                '"x"',
            ),
        ),
        (
            (
                T,
                "[weather]",
                _STOCK + 'end_a = "qube", end_b = "lu-one", bits = 1 }]\n[weather]',
            ),
            (
                T,
                17,
                "network.initial_stocks[0].end_b",
                "no such satellite, site in use or terrestrial node",
                '"lu-one"',
            ),
        ),
        (
            (T, 'path = "qube.tle"', 'path = "qube.tle", catalog_id = 60477'),
            (T, 9, "satellites.qube.orbit", "qube.tle holds no such object", "catalog_id 60477"),
        ),
        (
            (
                T,
                'profile = "eagle1-like"',
                'profile = "eagle1-like"\nsource = { p_signal = 0.7, p_decoy = 0.5 }',
            ),
            (T, 11, "satellites.qube.source", "p_signal + p_decoy must be <= 1 (got 0.7 + 0.5)", None),
        ),
        (
            ("demand.csv", "de-fr,DE,FR", "de-fr,DE,IT"),
            ("demand.csv", 2, "node_b", "the scenario uses no site of this country, and no fibre reaches it", "IT"),
        ),
        (
            ("demand.csv", "at-fr,at-graz", "at-fr,at-gratz"),
            (
                "demand.csv",
                3,
                "node_a",
                "is neither a site that the scenario uses, nor a country code, nor in network.nodes",
                "at-gratz",
            ),
        ),
        (
            ("demand.csv", "at-fr,at-graz", "at-fr,lu-one"),
            (
                "demand.csv",
                3,
                "node_a",
                "is neither a site that the scenario uses, nor a country code, nor in network.nodes",
                "lu-one",
            ),
        ),
        (
            ("demand.csv", "at-fr,at-graz,FR", "at-fr,at-graz,AT"),
            ("demand.csv", 3, "node_a", "is the only station of AT: the two need no key between them", "at-graz"),
        ),
        (
            ("demand.csv", "de-fr,DE,FR", "de-fr,DE,DE"),
            ("demand.csv", 2, "node_b", "must differ from node_a: a node needs no key with itself", "DE"),
        ),
        (("qube.tle", "0  9999", "0  9998"), ("qube.tle", 2, "checksum", "checksum must be 9", "8")),
        (("sites.csv", "48.084", "91"), ("sites.csv", 3, "latitude_deg", "must be <= 90", "91")),
    ],
)
def test_a_wrong_reference_or_file(small, problems, change, expected) -> None:  # type: ignore[no-untyped-def]
    assert problems(small(change)) == [expected]


def test_a_protocol_and_a_proof_that_nobody_knows(small, problems) -> None:  # type: ignore[no-untyped-def]
    path = small((T, "[weather]", '[key]\nprotocol = "bb84"\n[weather]'))
    assert problems(path) == [(T, 17, "key.protocol", "no such protocol", '"bb84"')]
    path = small((T, "[weather]", '[key]\nstatistics = "hofding"\n[weather]'))
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    (problem,) = caught.value.problems
    assert (problem.line, problem.message) == (17, "no such statistics of bb84-two-decoy")
    assert problem.hint == 'did you mean "hoeffding"?'


def test_a_profile_of_ones_own_is_checked_too(small, problems) -> None:  # type: ignore[no-untyped-def]
    path = small((T, "[weather]", '[key]\nprofile = "own.toml"\n[weather]'))
    packaged = data_path("profiles", "eagle1-like.toml").read_text()
    (path.parent / "own.toml").write_text(packaged.replace('"bb84-two-decoy"', '"bb92"'))
    assert problems(path) == [(T, 16, "key.protocol", "no such protocol", '"bb92"')]


def test_packaged_profiles_name_protocols_and_proofs_that_exist() -> None:
    for path in data_path("profiles").glob("*.toml"):
        table = parse_profile(path.read_text(), path.name).tables["security"]
        assert table["statistics"].value in PROTOCOLS[table["protocol"].value].methods


def test_an_orbit_that_cannot_be(small, problems) -> None:  # type: ignore[no-untyped-def]
    kepler = 'kind = "kepler", altitude_km = 600, inclination_deg = 50, raan_deg = 0, eccentricity = 0.5'
    (found,) = problems(small((T, 'kind = "file", path = "qube.tle"', kepler)))
    assert found[:4] == (T, 9, "satellites.qube.orbit", "the perigee must be above the ground")


@pytest.mark.parametrize("days", [0.0, -1.0, 401.0])
def test_days_of_the_command_line(small, days: float) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=r"--days: must be > 0 and <= 400"):
        load_scenario(small(), days=days)


def test_a_misspelt_site_is_compared_with_the_catalogue(small) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError) as caught:
        load_scenario(small((T, '"de-oph"', '"de-opf"')))
    assert caught.value.problems[0].hint == 'did you mean "de-oph"?'


@pytest.mark.parametrize(
    ("name", "key", "line"),
    [
        ("qube.tle", "satellites.qube.orbit.path", 9),
        ("sites.csv", "sites.file", 13),
        ("priors.csv", "weather.priors_file", 17),
        ("demand.csv", "demand.file", 20),
    ],
)
def test_a_missing_file_and_a_directory(small, problems, name: str, key: str, line: int) -> None:  # type: ignore[no-untyped-def]
    path: Path = small()
    (path.parent / name).unlink()
    assert (T, line, key, "no such file", f'"{path.parent / name}"') in problems(path)
    (path.parent / name).mkdir()
    assert (T, line, key, "is a directory, not a file", f'"{path.parent / name}"') in problems(path)


@pytest.mark.parametrize("name", ["small.toml", "qube.tle", "sites.csv", "priors.csv", "demand.csv"])
def test_empty_and_wrongly_encoded_files(small, problems, name: str) -> None:  # type: ignore[no-untyped-def]
    path: Path = small()
    good = (path.parent / name).read_bytes()
    (path.parent / name).write_bytes(b"")
    assert (name, None, None, "the file is empty", None) in problems(path)
    (path.parent / name).write_bytes(good.decode().encode("utf-16"))
    assert (name, 1, None, "must be UTF-8", "UTF-16") in problems(path)
    (path.parent / name).write_bytes("ä".encode("latin-1") + good)
    assert (name, 1, None, "must be UTF-8", "byte 0xe4, in Latin-1 “ä”") in problems(path)


@pytest.mark.parametrize("name", ["small.toml", "qube.tle", "sites.csv", "priors.csv", "demand.csv"])
def test_byte_order_mark_and_dos_line_ends_change_nothing(small, name: str) -> None:  # type: ignore[no-untyped-def]
    path: Path = small()
    plain = load_scenario(path)
    good = (path.parent / name).read_bytes()
    (path.parent / name).write_bytes(b"\xef\xbb\xbf" + good.replace(b"\n", b"\r\n"))
    marked = load_scenario(path)
    assert (marked.sites, marked.satellites, marked.demands) == (plain.sites, plain.satellites, plain.demands)


def test_the_scenario_itself_is_missing_or_a_directory(tmp_path: Path, problems) -> None:  # type: ignore[no-untyped-def]
    assert problems(tmp_path / "none.toml") == [("none.toml", None, None, "no such file", None)]
    assert problems(tmp_path) == [(tmp_path.name, None, None, "is a directory, not a file", None)]


def test_the_scenario_is_no_toml(small, problems) -> None:  # type: ignore[no-untyped-def]
    (found,) = problems(small((T, "[sites]", "[sites")))
    assert found[:2] == (T, 12)
    assert found[3].startswith("is not TOML")


def test_a_profile_that_does_not_exist_or_lacks_a_value(small, problems) -> None:  # type: ignore[no-untyped-def]
    named = (T, 'profile = "eagle1-like"', 'profile = "eagle2"')
    assert (T, 10, "satellites.qube.profile", "no such file", '"data/profiles/eagle2.toml"') in problems(small(named))
    path = small((T, 'profile = "eagle1-like"', 'profile = "own.toml"'))
    own = (
        'schema_version = 1\nname = "own"\n[terminal]\naperture_m = { value = 0.1 }\n'
        'm2 = { value = -1, source = "x" }\n'
    )
    (path.parent / "own.toml").write_text(own)
    assert [p[:4] for p in problems(path)] == [
        ("own.toml", 4, "terminal.aperture_m.source", "is required"),
        ("own.toml", 5, "terminal.m2", "must be >= 1"),
    ]
    (path.parent / "own.toml").write_text(
        'schema_version = 1\nname = "own"\n[terminal]\naperture_m = { value = 0.1, source = "x" }\n'
    )
    missing = [message.split(" is required")[0] for _, line, _, message, _ in problems(path) if line == 10]
    assert missing[:2] == ["wavelength_nm", "pointing_jitter_urad"]
    assert "pulse_rate_hz" in missing


def test_problems_of_all_files_come_together(small, problems) -> None:  # type: ignore[no-untyped-def]
    path = small(
        (T, '"de-oph"', '"de-opf"'),
        ("qube.tle", "0  9999", "0  9998"),
        ("priors.csv", "0.457", "1.457"),
        ("demand.csv", "at-fr,at-graz,FR", "at-fr,at-graz,XX"),
        ("demand.csv", ",256,3600,", ",256,3600,0"),
    )
    found = {(name, line) for name, line, *_ in problems(path)}
    # One misspelt site is one problem: the demand of its country is not another.
    assert found == {(T, 14), ("qube.tle", 2), ("priors.csv", 2), ("demand.csv", 3)}


def test_unknown_keys_do_not_hide_other_problems(small, problems) -> None:  # type: ignore[no-untyped-def]
    path = small(
        (T, "days = 7", "dayz = 7"),
        (T, 'kind = "file"', 'kind = "file", catalogid = 3'),
        (T, '"de-oph"', '"de-opf"'),
        ("demand.csv", ",256,3600,", ",256,-1,"),
    )
    assert [p[:3] for p in problems(path)] == [
        (T, 6, "horizon.dayz"),
        (T, 9, "satellites.qube.orbit.catalogid"),
        (T, 14, "sites.use[1]"),
        ("demand.csv", 3, "refresh_interval_s"),
    ]


def test_an_unknown_key_among_the_sites_is_one_problem(small, problems) -> None:  # type: ignore[no-untyped-def]
    path = small((T, 'file = "sites.csv"', 'fil = "sites.csv"'), ("demand.csv", ",256,3600,", ",256,-1,"))
    assert [p[:3] for p in problems(path)] == [(T, 13, "sites.fil")]


def test_messages_name_the_path_that_the_user_gave(small, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    path: Path = small((T, "days = 7", "days = 0"), ("sites.csv", "48.084", "91"))
    monkeypatch.chdir(path.parent.parent)
    given = Path(path.parent.name) / path.name
    with pytest.raises(InputError) as caught:
        load_scenario(given)
    assert str(caught.value) == f"{given}:6: horizon.days: must be > 0 (got 0)"

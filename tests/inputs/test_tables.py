"""Site, prior and demand tables: what a good one gives, and the message, line and field of everything
wrong."""

from __future__ import annotations

import zoneinfo
from datetime import datetime
from importlib.resources import files

import pytest

from eagleplan.errors import InputError
from eagleplan.inputs.countries import COUNTRY_CODES, country_hint
from eagleplan.inputs.demand import parse_demand
from eagleplan.inputs.priors import parse_priors
from eagleplan.inputs.sites import parse_sites
from eagleplan.inputs.text import decode
from eagleplan.resources import data_path

SITES = "site_id,name,country,latitude_deg,longitude_deg,altitude_m,status"
GRAZ = "at-graz,Graz,AT,47.0671,15.4933,539.4,operational"


def problems(parse, text: str) -> list[tuple[int | None, str | None, str, str | None, str | None]]:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError) as caught:
        parse(text, "t.csv")
    assert {p.path for p in caught.value.problems} == {"t.csv"}
    return [(p.line, p.field, p.message, p.got, p.hint) for p in caught.value.problems]


def test_the_packaged_catalogue() -> None:
    sites = parse_sites(data_path("ogs_sites.csv").read_text(), "ogs_sites.csv")
    assert len(sites) == 79
    by_status = {status: sum(site.status == status for site in sites) for status in {site.status for site in sites}}
    assert by_status == {"operational": 12, "announced": 6, "candidate": 61}
    european_union = set(
        "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE".split()  # noqa: SIM905
    )
    assert european_union <= {site.country for site in sites}
    assert len({site.site_id for site in sites}) == 79
    for site in sites:
        assert site.time_zone is not None
        assert ("unconfirmed" in site.source) or site.position_listed
        assert "memory" not in site.source


def test_time_zones_fit_longitudes() -> None:
    """Standard time differs from the Sun's by less than two hours, overseas and on islands too."""
    for site in parse_sites(data_path("ogs_sites.csv").read_text(), "ogs_sites.csv"):
        offset = datetime(2026, 1, 15, tzinfo=zoneinfo.ZoneInfo(str(site.time_zone))).utcoffset()
        assert offset is not None
        assert abs(offset.total_seconds() / 3600.0 - site.longitude_deg / 15.0) < 1.7, site.site_id


def test_packaged_priors_cover_the_catalogue() -> None:
    sites = parse_sites(data_path("ogs_sites.csv").read_text(), "ogs_sites.csv")
    text = data_path("site_cloud_priors.csv").read_text()
    priors = parse_priors(text, "priors")
    assert set(priors) == {site.site_id for site in sites}
    for line in text.splitlines():
        if not line.startswith(("#", "site_id")):
            site_id, p_cloud, p_clear = line.split(",")
            assert priors[site_id] == float(p_clear)
            assert priors[site_id] == pytest.approx(0.864 * (1.0 - float(p_cloud)), abs=6e-4)


def test_country_codes_are_those_of_the_time_zone_database() -> None:
    table = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text(encoding="utf-8")
    assert {line[:2] for line in table.splitlines() if line and not line.startswith("#")} == COUNTRY_CODES


def test_codes_that_the_eu_uses_are_hinted_at() -> None:
    assert country_hint("EL") == 'did you mean "GR"?'
    assert country_hint("UK") == 'did you mean "GB"?'
    assert country_hint("de") == 'did you mean "DE"?'
    assert country_hint("QQ") is None


def test_a_site_row() -> None:
    text = (
        "site_id,name,country,latitude_deg,longitude_deg,altitude_m,status,aperture_m,min_elevation_deg,"
        "time_zone,receiver,position,max_sun_elevation_deg,source\n"
        '# a comment, with "an odd quote\n'
        '\n"at-graz", "Graz, Lustbühel",AT,47.0671,15.4933,539.4,operational,0.5,25,Europe/Vienna,'
        "smf,unconfirmed,-9,"
        '"a\nb"\n'
        "at-next,Next,AT,47,15,500,candidate,,,,,,,\n"
    )
    first, second = parse_sites(text, "t.csv")
    assert (first.site_id, first.name, first.origin) == ("at-graz", "Graz, Lustbühel", "t.csv:4")
    assert (first.aperture_m, first.min_elevation_deg, first.max_sun_elevation_deg) == (0.5, 25.0, -9.0)
    assert (first.receiver, first.position_listed, first.source) == ("smf", False, "a\nb")
    assert second.origin == "t.csv:6"
    assert (second.aperture_m, second.min_elevation_deg, second.time_zone, second.receiver) == (None,) * 4


@pytest.mark.parametrize(
    ("column", "value", "message", "hint"),
    [
        ("latitude_deg", "91", "must be <= 90", None),
        ("latitude_deg", "-90.5", "must be >= -90", None),
        ("latitude_deg", "nan", "must be a finite number", None),
        ("longitude_deg", "inf", "must be a finite number", None),
        ("longitude_deg", "1_5", "must be a finite number", None),
        ("longitude_deg", "181", "must be <= 180", None),
        ("altitude_m", "9001", "must be <= 9000", None),
        ("altitude_m", "high", "must be a finite number", None),
        ("country", "UK", "must be an ISO 3166-1 alpha-2 code", 'did you mean "GB"?'),
        ("country", "XX", "must be an ISO 3166-1 alpha-2 code", None),
        (
            "status",
            "oprational",
            "must be one of announced, candidate, operational",
            'did you mean "operational"?',
        ),
        ("site_id", "Graz 1", "must be lower-case letters, digits and hyphens", None),
    ],
)
def test_a_wrong_cell_of_a_site(column: str, value: str, message: str, hint: str | None) -> None:
    cells = dict(zip(SITES.split(","), GRAZ.split(","), strict=True)) | {column: value}
    text = f"{SITES}\n{','.join(cells.values())}\n"
    assert problems(parse_sites, text) == [(2, column, message, value, hint)]


def test_a_time_zone_that_does_not_exist() -> None:
    text = f"{SITES},time_zone\n{GRAZ},Europe/Viena\n"
    found = problems(parse_sites, text)
    assert found[0][1:] == (
        "time_zone",
        "must be an IANA time zone such as Europe/Berlin",
        "Europe/Viena",
        'did you mean "Europe/Vienna"?',
    )


def test_every_problem_of_a_table_at_once() -> None:
    text = f"{SITES}\n{GRAZ}\n{GRAZ}\nx,,AT,91,nan,1,operational\nshort,row\n"
    assert [(line, field, message) for line, field, message, _, _ in problems(parse_sites, text)] == [
        (3, "site_id", "is already on line 2"),
        (4, "name", "is required"),
        (4, "latitude_deg", "must be <= 90"),
        (4, "longitude_deg", "must be a finite number"),
        (5, None, "must have 7 cells"),
    ]


def test_columns_missing_unknown_and_twice() -> None:
    header = SITES.replace("latitude_deg", "latitud_deg") + ",status"
    assert problems(parse_sites, f"# sites\n{header}\n{GRAZ},x\n") == [
        (2, "latitud_deg", "unknown column", None, 'did you mean "latitude_deg"?'),
        (2, "status", "column appears twice", None, None),
        (2, "latitude_deg", "column is missing", None, 'did you mean "latitud_deg"?'),
    ]


def test_tables_without_rows() -> None:
    assert problems(parse_sites, f"{SITES}\n")[0][2] == "the table has a header and no rows"
    assert problems(parse_sites, "# only a comment\n")[0][2] == "the file holds no table"


def test_a_table_that_is_no_csv() -> None:
    assert problems(parse_sites, f'{SITES}\nat-graz,"Graz" and more,AT,1,1,1,operational\n')[0][:2] == (
        2,
        None,
    )


@pytest.mark.parametrize(
    ("data", "line", "message", "got"),
    [
        (b"", None, "the file is empty", None),
        (b" \r\n\n", None, "the file is empty", None),
        (b"\xef\xbb\xbf\n", None, "the file is empty", None),
        ("site_id,name\na,Böblingen".encode("utf-16"), 1, "must be UTF-8", "UTF-16"),
        ("a,b\nc,d".encode("utf-16-le"), 1, "must be UTF-8 text", "a zero byte"),
        (
            "site_id,name\r\nx,Lustbühel\r\n".encode("latin-1"),
            2,
            "must be UTF-8",
            "byte 0xfc, in Latin-1 “ü”",
        ),
    ],
)
def test_bytes_that_are_no_text(data: bytes, line: int | None, message: str, got: str | None) -> None:
    with pytest.raises(InputError) as caught:
        decode(data, "t.csv")
    (problem,) = caught.value.problems
    assert (problem.line, problem.message, problem.got) == (line, message, got)


def test_byte_order_mark_and_dos_line_ends_are_accepted() -> None:
    data = b"\xef\xbb\xbf" + f"{SITES}\r\n{GRAZ}\r\n".encode()
    assert [site.site_id for site in parse_sites(decode(data, "t.csv"), "t.csv")] == ["at-graz"]


def test_priors_out_of_range_and_twice() -> None:
    text = "site_id,p_clear_zenith_annual\na,1.5\nb,0.5\nb,-0.1\n"
    assert [p[:3] for p in problems(parse_priors, text)] == [
        (2, "p_clear_zenith_annual", "must be <= 1"),
        (4, "site_id", "is already on line 3"),
        (4, "p_clear_zenith_annual", "must be >= 0"),
    ]


DEMAND = "demand_id,node_a,node_b,bits_per_week,key_bits,refresh_interval_s,priority,guarantee_bits"


def test_demand_for_a_horizon() -> None:
    text = f"{DEMAND}\nd1,DE,FR,100000,,,3,7\nd2,AT,IT,,256,3600,,\n"
    bits, keys = parse_demand(text, "t.csv")
    assert (bits.priority, keys.priority) == (3, 1)
    assert [bits.bits(7.0), bits.bits(1.0), bits.bits(14.0)] == [100_000, 14_286, 200_000]
    assert [bits.guarantee(7.0), bits.guarantee(1.0), bits.guarantee(0.5)] == [7, 1, 1]
    # A 256-bit key every hour is 168 keys a week; half an hour too much of horizon is a key more.
    assert [keys.bits(7.0), keys.bits(1.0), keys.bits(1.0 + 1.0 / 48.0)] == [43_008, 6_144, 6_400]


@pytest.mark.parametrize(
    ("row", "field", "message"),
    [
        ("d,DE,DE,1,,,,", "node_b", "must differ from node_a: a node needs no key with itself"),
        ("d,DE,FR,-5,,,,", "bits_per_week", "must be >= 1"),
        ("d,DE,FR,0,,,,", "bits_per_week", "must be >= 1"),
        ("d,DE,FR,1.5,,,,", "bits_per_week", "must be a whole number"),
        ("d,DE,FR,1e5,,,,", "bits_per_week", "must be a whole number"),
        ("d,DE,FR,nan,,,,", "bits_per_week", "must be a whole number"),
        ("d,DE,FR,,,,,", "bits_per_week", "is required, or key_bits and refresh_interval_s, or bits"),
        ("d,DE,FR,,256,,,", "refresh_interval_s", "is required"),
        ("d,DE,FR,10,256,,,", "key_bits", "must be empty where bits_per_week is given"),
        ("d,DE,FR,10,,,0,", "priority", "must be >= 1"),
        ("d,DE,FR,10,,,,-1", "guarantee_bits", "must be >= 0"),
        ("d,DE,FR,10,,,,11", "guarantee_bits", "must be <= the 10 bits of a week"),
        (",DE,FR,10,,,,", "demand_id", "is required"),
        ("d,,FR,10,,,,", "node_a", "is required"),
    ],
)
def test_a_wrong_demand(row: str, field: str, message: str) -> None:
    assert [p[:3] for p in problems(parse_demand, f"{DEMAND}\n{row}\n")] == [(2, field, message)]


def test_demand_ids_are_unique() -> None:
    found = problems(parse_demand, f"{DEMAND}\nd,DE,FR,10,,,,\nd,AT,IT,10,,,,\n")
    assert found == [(3, "demand_id", "is already on line 2", "d", None)]

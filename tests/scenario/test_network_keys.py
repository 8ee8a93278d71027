"""[network], [schedule], duty, limits and the demand table's references, as model objects."""

from __future__ import annotations

import pytest

from eagleplan.model import DutyCycle, FibreLink, InitialStock, Network, ScheduleOptions, StationLimits
from eagleplan.scenario import load_scenario

T = "small.toml"


def with_tables(text: str) -> tuple[str, str, str]:
    return (T, "[weather]", f"{text}\n[weather]")


NETWORK = """\
[network]
nodes = ["frankfurt"]
max_hops = 4
max_age_s = 604_800
delivery_interval_s = 86_400
satellite_cap_bits = { qube = 500_000 }
node_cap_bits = { at-graz = 200_000, frankfurt = 7, BE = 9 }
edge_caps = [{ end_a = "qube", end_b = "at-graz", cap_bits = 50 }]
initial_stocks = [
    { end_a = "at-graz", end_b = "qube", bits = 100, age_s = 86_400 },
    { end_a = "qube", end_b = "at-graz", bits = 50 },
    { end_a = "frankfurt", end_b = "DE", bits = 30 },
]
[[network.fibre]]
link_id = "de"
node_a = "frankfurt"
node_b = "DE"
rate_bps = 2.5
availability_frac = 0.5
[[network.fibre]]
link_id = "be"
node_a = "frankfurt"
node_b = "BE"
rate_bps = 1"""


def test_a_network_with_everything(small) -> None:  # type: ignore[no-untyped-def]
    scenario = load_scenario(small(with_tables(NETWORK), ("demand.csv", "de-fr,DE,FR", "de-fr,BE,FR")))
    assert scenario.network == Network(
        node_sites={"AT": ("at-graz",), "DE": ("de-oph",), "FR": ("fr-one", "fr-two")},
        initial_stocks=(
            InitialStock(end_a="DE", end_b="frankfurt", bits=30),
            InitialStock(end_a="qube", end_b="at-graz", bits=50),
            InitialStock(end_a="qube", end_b="at-graz", bits=100, age_s=86_400),
        ),
        fibre_links=(
            FibreLink(link_id="de", node_a="frankfurt", node_b="DE", rate_bps=2.5, availability_frac=0.5),
            FibreLink(link_id="be", node_a="frankfurt", node_b="BE", rate_bps=1.0),
        ),
        max_hops=4,
        max_age_s=604_800,
        satellite_cap_bits={"qube": 500_000},
        node_cap_bits={"at-graz": 200_000, "frankfurt": 7, "BE": 9},
        edge_cap_bits={("at-graz", "qube"): 50},
        delivery_interval_s=86_400,
    )
    assert [n.notice_id for n in scenario.notices if n.notice_id.startswith("W-DE")] == []


def test_schedule_options(small) -> None:  # type: ignore[no-untyped-def]
    text = """\
[schedule]
pins = ["qube-at-graz-1"]
vetoes = ["qube-de-oph-1", "qube-de-oph-2"]
objectives = ["weighted_met_bits", "n_contacts"]
solver = "cp-sat"
cut_grid_s = 0
slew_rate_deg_s = 1.5
key_delay_s = 3600
drop_price_frac = 0.01
"""
    assert load_scenario(small(with_tables(text))).schedule == ScheduleOptions(
        pins=("qube-at-graz-1",),
        vetoes=("qube-de-oph-1", "qube-de-oph-2"),
        objectives=("weighted_met_bits", "n_contacts"),
        solver="cp-sat",
        cut_grid_s=0,
        slew_rate_deg_s=1.5,
        key_delay_s=3600,
        drop_price_frac=0.01,
    )


def test_duty_and_limits(small) -> None:  # type: ignore[no-untyped-def]
    text = """\
[sites.limits]
set_up_s = 300
max_nights = 4
[sites.override.at-graz.limits]
max_contacts_per_night = 2
satellite_ids = ["qube"]
[sites.override.de-oph.limits]
set_up_s = 0
max_nights = "none"
[satellites.qube.duty]
max_contact_s_per_orbit = 480
max_contacts_per_orbit = 2"""
    scenario = load_scenario(small(with_tables(text)))
    assert scenario.satellites[0].duty == DutyCycle(max_contact_s_per_orbit=480, max_contacts_per_orbit=2)
    assert {site.site_id: site.limits for site in scenario.sites} == {
        "at-graz": StationLimits(set_up_s=300, max_nights=4, max_contacts_per_night=2, satellite_ids=("qube",)),
        "de-oph": StationLimits(),
        "fr-one": StationLimits(set_up_s=300, max_nights=4),
        "fr-two": StationLimits(set_up_s=300, max_nights=4),
    }


@pytest.mark.parametrize("most_s", [59, 60])
def test_a_duty_cycle_that_is_shorter_than_any_contact_is_said(small, most_s: int) -> None:  # type: ignore[no-untyped-def]
    scenario = load_scenario(small(with_tables(f"[satellites.qube.duty]\nmax_contact_s_per_day = {most_s}")))
    found = [notice.subject for notice in scenario.notices if notice.notice_id == "W-DUTY"]
    assert found == ["satellites.qube.duty.max_contact_s_per_day"] * (most_s < 60)


WALKER = (T, 'kind = "file", path = "qube.tle"', 'kind = "walker", altitude_km = 600, pattern = "97.8:2/1/0"')


def test_the_id_of_a_constellation_means_all_of_it(small) -> None:  # type: ignore[no-untyped-def]
    text = """\
[sites.limits]
satellite_ids = ["qube"]
[network]
delivery_interval_s = 3600
satellite_cap_bits = { qube = 9, qube-1-2 = 7 }
initial_stocks = [{ end_a = "qube-1-1", end_b = "at-graz", bits = 5 }]"""
    trust = ("demand.csv", "guarantee_bits\n", "guarantee_bits,trusted_satellites\n")
    rows = ("demand.csv", "50000\n", "50000,qube\n"), ("demand.csv", "3600,,\n", "3600,,,qube-1-2\n")
    scenario = load_scenario(small(WALKER, with_tables(text), trust, *rows))
    both = ("qube-1-1", "qube-1-2")
    assert {site.limits.satellite_ids for site in scenario.sites} == {both}
    assert scenario.network.satellite_cap_bits == {"qube-1-1": 9, "qube-1-2": 7}
    assert [demand.trusted_satellites for demand in scenario.demands] == [both, ("qube-1-2",)]


CLASSICAL = "satellites.qube.classical_contacts_file"
NAMED = (T, 'profile = "eagle1-like"', 'profile = "eagle1-like"\nclassical_contacts_file = "classical.csv"')


def test_classical_contacts(small) -> None:  # type: ignore[no-untyped-def]
    path = small(NAMED)
    (path.parent / "classical.csv").write_text(
        "start_utc,end_utc,satellite_id,reason\n"
        "2026-06-16T00:00:00.5Z,2026-06-16T00:10:00Z,qube,\n"
        "2026-06-15T06:00:00Z,2026-06-15T06:10:00Z,,Svalbard\n"
        "2026-06-14T23:59:00Z,2026-06-15T00:09:00Z,,began before the horizon\n"
        "2026-06-22T00:00:00Z,2026-06-22T00:10:00Z,,after it\n"
    )
    scenario = load_scenario(path)
    assert scenario.satellites[0].classical_contacts_s == ((21_600, 22_200), (86_401, 87_000))
    assert ("classical-contacts", "classical.csv") in [(f.role, f.path) for f in scenario.inputs]
    assert "W-CLASSICAL-CONTACTS" not in {n.notice_id for n in scenario.notices}
    later = load_scenario(path, start_utc=scenario.horizon.end_utc.replace(day=23))
    assert later.satellites[0].classical_contacts_s == ()
    assert [n.subject for n in later.notices if n.notice_id == "W-CLASSICAL-CONTACTS"] == ["classical.csv"]


def test_ageing_key_needs_an_interval(small) -> None:  # type: ignore[no-untyped-def]
    stock = 'initial_stocks = [{ end_a = "qube", end_b = "at-graz", bits = 5, age_s = 3601 }]'
    for table, expected in (
        ("max_age_s = 3600", ["W-DELIVERY-INTERVAL"]),
        ("node_cap_bits = { at-graz = 5 }", ["W-DELIVERY-INTERVAL"]),
        ("max_age_s = 3600\ndelivery_interval_s = 3600", []),
        (f"max_age_s = 3600\ndelivery_interval_s = 3600\n{stock}", ["W-STOCK-AGE"]),
        (f"max_age_s = 3601\ndelivery_interval_s = 3600\n{stock}", []),
    ):
        notices = load_scenario(small(with_tables(f"[network]\n{table}"))).notices
        assert [n.notice_id for n in notices if n.notice_id in ("W-DELIVERY-INTERVAL", "W-STOCK-AGE")] == expected


FIBRE = '[[network.fibre]]\nlink_id = "x"\nrate_bps = 1\nnode_a = "{}"\nnode_b = "{}"\n'


@pytest.mark.parametrize(
    ("tables", "columns", "cells", "notices"),
    [
        # One satellite over two stations costs two edges.
        ("", "max_hops", "2", []),
        ("", "max_hops", "1", ["W-DEMAND-HOPS"]),
        ("[network]\nmax_hops = 1", "max_hops", "", ["W-DEMAND-HOPS"]),
        ("", "trusted_satellites", "none", ["W-DEMAND-PATH"]),
        ("", "trusted_nodes", "none", []),
        # The receivers of all French stations see nothing of this satellite; fibre from Graz helps over three edges.
        ("{blind}", "max_hops", "", ["W-DEMAND-PATH"]),
        ("{blind}" + FIBRE.format("at-graz", "FR"), "max_hops", "3", []),
        ("{blind}" + FIBRE.format("at-graz", "FR"), "max_hops", "2", ["W-DEMAND-HOPS"]),
        ("{blind}" + FIBRE.format("at-graz", "FR"), "trusted_nodes,max_hops", "AT,3", []),
        ("{blind}" + FIBRE.format("at-graz", "FR"), "trusted_nodes,max_hops", "at-graz,3", []),
        ("{blind}" + FIBRE.format("at-graz", "FR"), "trusted_nodes,max_hops", "none,3", ["W-DEMAND-PATH"]),
        # The way on from Graz through Austria is free, but Austria must be trusted then.
        ("{blind}" + FIBRE.format("AT", "FR"), "trusted_nodes,max_hops", "AT,3", []),
        ("{blind}" + FIBRE.format("AT", "FR"), "trusted_nodes,max_hops", "at-graz,8", ["W-DEMAND-PATH"]),
        # A fibre between a country and its own station must be paid.
        (FIBRE.format("DE", "de-oph"), "max_hops", "2", ["W-DEMAND-HOPS"]),
        (FIBRE.format("DE", "de-oph"), "max_hops", "3", []),
        (FIBRE.format("DE", "FR"), "max_hops", "1", []),
    ],
)
def test_demands_that_nothing_can_serve_are_said(
    small, tables: str, columns: str, cells: str, notices: list[str]
) -> None:  # type: ignore[no-untyped-def]
    blind = "".join(f"[sites.override.fr-{name}.limits]\nsatellite_ids = []\n" for name in ("one", "two"))
    path = small(
        with_tables(tables.replace("{blind}", blind)),
        ("demand.csv", "guarantee_bits\n", f"guarantee_bits,{columns}\n"),
        ("demand.csv", ",50000\n", f",50000,{cells}\n"),
        ("demand.csv", "at-fr,at-graz,FR,,256,3600,,\n", f"at-de,at-graz,DE,,256,3600,,,8{',' * columns.count(',')}\n"),
    )
    if columns.startswith("trusted"):
        text = (path.parent / "demand.csv").read_text().replace(",,,8", ",,,")
        (path.parent / "demand.csv").write_text(text)
    found = [(n.notice_id, n.subject) for n in load_scenario(path).notices if n.notice_id.startswith("W-DEMAND")]
    assert [notice_id for notice_id, subject in found if subject == "demand de-fr"] == notices


def test_two_stations_of_one_country_need_an_edge_that_costs_key(small) -> None:  # type: ignore[no-untyped-def]
    pair = ("demand.csv", "de-fr,DE,FR", "de-fr,fr-one,fr-two")
    assert not [n for n in load_scenario(small(pair)).notices if n.notice_id.startswith("W-DEMAND")]
    blind = with_tables("[sites.override.fr-two.limits]\nsatellite_ids = []")
    assert [n.notice_id for n in load_scenario(small(pair, blind)).notices if n.subject == "demand de-fr"] == [
        "W-DEMAND-PATH"
    ]


def test_a_country_and_a_station_of_its_own(small) -> None:  # type: ignore[no-untyped-def]
    """Allowed where the country has another station."""
    path = small(("demand.csv", "at-fr,at-graz,FR", "fr-fr,FR,fr-one"))
    scenario = load_scenario(path)
    assert scenario.demands[1].node_b == "fr-one"
    assert not [n for n in scenario.notices if n.notice_id.startswith("W-DEMAND")]

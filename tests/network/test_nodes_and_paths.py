"""Nodes, stations, paths and the arithmetic of refreshed keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eagleplan.errors import InputError
from eagleplan.model import Demand, Detector, InitialStock, Receiver, Site
from eagleplan.network import RelayPath, build_network, node_stations, refresh_bits, relay_paths

RECEIVER = Receiver(
    receiver_id="any",
    coupling="smf",
    obscuration_frac=0.0,
    optics_loss_db=0.0,
    coupling_loss_db=0.0,
    background_per_detector_cps=0.0,
    detector=Detector(
        efficiency_frac=0.5,
        dark_count_cps=1.0,
        n_detectors=4,
        gate_s=1e-9,
        dead_time_s=0.0,
        p_afterpulse=0.0,
        misalignment_error_frac=0.0,
    ),
)


def site(site_id: str, country: str) -> Site:
    return Site(
        site_id=site_id,
        name=site_id,
        country=country,
        latitude_deg=47.0,
        longitude_deg=15.0,
        altitude_m=400.0,
        aperture_m=0.6,
        status="operational",
        time_zone="UTC",
        min_elevation_deg=20.0,
        max_sun_elevation_deg=-6.0,
        p_clear_zenith_annual=0.5,
        receiver=RECEIVER,
    )


def demand(node_a: str, node_b: str, **changes: object) -> Demand:
    values = {"demand_id": f"{node_a}-{node_b}", "bits": 1000, "priority": 1, "guarantee_bits": 0} | changes
    return Demand(node_a=node_a, node_b=node_b, **values)  # type: ignore[arg-type]


SITES = (site("de-oph", "DE"), site("at-graz", "AT"), site("de-jena", "DE"))


def test_a_country_is_met_by_each_of_its_stations_and_a_station_by_itself() -> None:
    network = build_network(SITES)
    assert network.node_sites == {
        "AT": ("at-graz",),
        "DE": ("de-jena", "de-oph"),
        "at-graz": ("at-graz",),
        "de-jena": ("de-jena",),
        "de-oph": ("de-oph",),
    }
    assert node_stations(network, "DE") == ("de-jena", "de-oph")


def test_every_wrong_node_and_stock_is_named_at_once() -> None:
    demands = (
        demand("AT", "FR", origin="d.csv:2"),
        demand("XX", "DE"),
        demand("DE", "DE", origin="d.csv:4"),
        demand("AT", "DE"),
    )
    stocks = (InitialStock(satellite_id="e1", site_id="fr-nice", bits=1),)
    with pytest.raises(InputError) as caught:
        build_network(SITES, demands, stocks)
    assert [str(problem) for problem in caught.value.problems] == [
        "d.csv:2: node_b: neither a site nor a country with a site (got FR)",
        "demand XX-DE: node_a: neither a site nor a country with a site (got XX)",
        "d.csv:4: node_b: a node cannot share key with itself (got DE)",
        "initial_stocks: site_id: no such site in the plan (got fr-nice)",
    ]
    assert "de-jena" in str(caught.value.hint)


def test_paths_go_through_one_satellite_and_never_from_a_station_to_itself() -> None:
    network = build_network(SITES)
    assert relay_paths(demand("AT", "DE"), network, ["s2", "s1"]) == (
        RelayPath(satellite_id="s1", site_a="at-graz", site_b="de-jena"),
        RelayPath(satellite_id="s1", site_a="at-graz", site_b="de-oph"),
        RelayPath(satellite_id="s2", site_a="at-graz", site_b="de-jena"),
        RelayPath(satellite_id="s2", site_a="at-graz", site_b="de-oph"),
    )
    own = relay_paths(demand("DE", "de-oph"), network, ["s1"])
    assert own == (RelayPath(satellite_id="s1", site_a="de-jena", site_b="de-oph"),)
    assert own[0].edges == (("s1", "de-jena"), ("s1", "de-oph"))
    assert relay_paths(demand("AT", "at-graz"), network, ["s1"]) == ()


def test_an_aes_key_every_hour_of_a_week() -> None:
    assert refresh_bits(256, 3600, 604_800) == 43_008


@given(st.integers(1, 4096), st.integers(1, 10_000), st.integers(1, 1_000_000))
def test_refreshes_are_the_instants_within_the_period(key_bits: int, interval_s: int, period_s: int) -> None:
    assert refresh_bits(key_bits, interval_s, period_s) == key_bits * len(range(0, period_s, interval_s))


@pytest.mark.parametrize("wrong", [(0, 3600, 604_800), (256, 0, 604_800), (256, 3600, 0), (256, -1, 1)])
def test_refresh_of_nothing_is_refused(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        refresh_bits(*wrong)

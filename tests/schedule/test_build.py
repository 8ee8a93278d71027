"""A problem is made from the planner's nouns without loss: limits, pins, vetoes, receivers, trust."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eagleplan.model import (
    Contact,
    Demand,
    DutyCycle,
    FibreLink,
    KeyYield,
    Network,
    Pass,
    Satellite,
    ScheduleOptions,
    Site,
    StationLimits,
)
from eagleplan.resources import example_path
from eagleplan.scenario import load_scenario
from eagleplan.schedule import Candidate, Pin, Previous, Problem, build_problem, pin_conflict, pin_faults, solve

DAY_S = 86_400


@pytest.fixture(scope="module")
def satellite() -> Satellite:
    return load_scenario(example_path("eagle1-week.toml")).satellites[0]


@pytest.fixture(scope="module")
def site() -> Site:
    return load_scenario(example_path("eagle1-week.toml")).sites[0]


def contact(pass_id: str, start_s: int, **changes: Any) -> Contact:
    values: dict[str, Any] = {
        "contact_id": pass_id,
        "pass_id": pass_id,
        "satellite_id": "e1",
        "site_id": "at-1",
        "start_s": start_s,
        "end_s": start_s + 300,
        "usable_s": start_s + 600,
        "max_elevation_deg": 60.0,
        "mean_loss_db": 40.0,
        "min_loss_db": 38.0,
        "p_clear": 0.5,
        "p_clear_origin": "prior",
        "key": KeyYield(
            secret_bits=1000,
            sifted_bits=0.0,
            qber_frac=0.0,
            phase_error_frac=0.0,
            leaked_bits=0.0,
            plob_bits=0.0,
            protocol="p",
            statistics="s",
        ),
        "expected_bits": 500,
    }
    return Contact(**(values | changes))


def passing(pass_id: str, orbit: int, night: str, site_id: str = "at-1") -> Pass:
    return Pass(
        pass_id=pass_id,
        satellite_id="e1",
        site_id=site_id,
        rise_s=0.0,
        culmination_s=1.0,
        set_s=2.0,
        cut_start=False,
        cut_end=False,
        rise_azimuth_deg=0.0,
        culmination_azimuth_deg=0.0,
        set_azimuth_deg=0.0,
        max_elevation_deg=60.0,
        min_range_km=500.0,
        timing_uncertainty_s=0.0,
        orbit_number=orbit,
        night=night,
    )


CONTACTS = (
    contact("p1", 1_000),
    contact("p1", 1_060, contact_id="p1-60to300", end_s=1_300, expected_bits=300),
    contact("p2", 7_000),
    contact("p3", DAY_S + 1_000, site_id="de-1"),
    contact("dark", 20_000, expected_bits=0),
)
PASSES = (
    passing("p1", 5, "2026-11-30"),
    passing("p2", 6, "2026-11-30"),
    passing("p3", 5, "2026-12-01", "de-1"),
    passing("dark", 7, "2026-12-01"),
)
NETWORK = Network(node_sites={"AT": ("at-1",), "DE": ("de-1",)}, max_hops=3)


def demand(**changes: Any) -> Demand:
    values: dict[str, Any] = {
        "demand_id": "AT/DE",
        "node_a": "AT",
        "node_b": "DE",
        "bits": 9,
        "priority": 3,
        "guarantee_bits": 4,
        "deadline_s": 2 * DAY_S,
    }
    return Demand(**(values | changes))


def build(
    satellite: Satellite,
    site: Site,
    *,
    options: ScheduleOptions | None = None,
    duty: DutyCycle | None = None,
    limits: StationLimits | None = None,
    demands: tuple[Demand, ...] = (demand(),),
    **changes: Any,
) -> Problem:
    satellites = (replace(satellite, satellite_id="e1", duty=duty or DutyCycle()),)
    sites = (
        replace(site, site_id="at-1", limits=limits or StationLimits()),
        replace(site, site_id="de-1", limits=StationLimits()),
    )
    values: dict[str, Any] = {"contacts": CONTACTS, "passes": PASSES, "network": NETWORK, "end_s": 2 * DAY_S}
    values |= changes
    return build_problem(
        values.pop("contacts"),
        values.pop("passes"),
        demands=demands,
        satellites=satellites,
        sites=sites,
        options=options or ScheduleOptions(changeover_s=45),
        **values,
    )


def test_contacts_count_with_their_expected_bits(satellite: Satellite, site: Site) -> None:
    earlier = Previous(contacts={}, drop_price_frac=0.0, retime_price_frac=0.0, add_price_frac=0.0)
    slews = {("e1", "at-1", 1_300, "de-1"): 70}
    built = build(satellite, site, slews=slews, previous=earlier)
    assert [c.contact_id for c in built.candidates] == ["p1", "p1-60to300", "p2", "p3"]
    assert built.candidates[1] == Candidate(
        contact_id="p1-60to300",
        pass_id="p1",
        satellite_id="e1",
        site_id="at-1",
        start_s=1_060,
        end_s=1_300,
        usable_s=1_660,
        bits=300,
        night="2026-11-30",
    )
    assert (built.changeover_s, built.slews, built.previous, built.network) == (45, slews, earlier, NETWORK)
    assert (built.limits, built.pins, built.set_up_s, built.max_nights) == ((), (), {}, {})


def test_demands_keep_all_that_they_say(satellite: Satellite, site: Site) -> None:
    full = demand(start_s=100, deadline_s=900, guarantee_class=2, max_hops=4)
    (built,) = build(satellite, site, demands=(full,)).demands
    assert (built.bits, built.weight, built.guarantee_bits, built.guarantee_class) == (9, 3, 4, 2)
    assert (built.start_s, built.deadline_s, built.max_hops, built.trusted) == (100, 900, 4, None)
    assert build(satellite, site).demands[0].max_hops == 3


@pytest.mark.parametrize(
    ("nodes", "satellites", "trusted"),
    [
        (("AT",), None, {"AT", "e1"}),
        ((), ("e1",), {"e1"}),
        (None, (), {"AT", "DE", "x"}),
        (None, ("e9",), {"AT", "DE", "x", "e9"}),
    ],
)
def test_trust_on_the_ground_and_in_orbit_is_one_set(
    nodes: tuple[str, ...] | None,
    satellites: tuple[str, ...] | None,
    trusted: set[str],
    satellite: Satellite,
    site: Site,
) -> None:
    network = replace(NETWORK, fibre_links=(FibreLink(link_id="f", node_a="x", node_b="at-1", rate_bps=1.0),))
    asked = demand(trusted_nodes=nodes, trusted_satellites=satellites)
    assert build(satellite, site, demands=(asked,), network=network).demands[0].trusted == trusted


def test_duty_counts_by_orbit_and_day(satellite: Satellite, site: Site) -> None:
    duty = DutyCycle(max_contact_s_per_orbit=400, max_contacts_per_orbit=1, max_contact_s_per_day=500)
    limits = {limit.limit_id: limit for limit in build(satellite, site, duty=duty).limits}
    assert {name: (dict(limit.amounts), limit.most) for name, limit in limits.items()} == {
        "orbit-s-e1-5": ({"p1": 300, "p1-60to300": 240, "p3": 300}, 400),
        "orbit-n-e1-5": ({"p1": 1, "p1-60to300": 1, "p3": 1}, 1),
        "day-s-e1-1": ({"p1": 300, "p1-60to300": 240, "p2": 300}, 500),
    }
    assert limits["orbit-s-e1-5"].text == "e1, orbit 5: 400 s of contact"
    assert limits["orbit-n-e1-5"].text == "e1, orbit 5: 1 contact"
    assert limits["day-s-e1-1"].text == "e1, day 1: 500 s of contact"


def test_stations_have_limits_of_their_own(satellite: Satellite, site: Site) -> None:
    built = build(satellite, site, limits=StationLimits(set_up_s=90, max_contacts_per_night=2, max_nights=1))
    assert (built.set_up_s, built.max_nights) == ({"at-1": 90}, {"at-1": 1})
    (limit,) = built.limits
    assert (dict(limit.amounts), limit.most) == ({"p1": 1, "p1-60to300": 1, "p2": 1}, 2)
    assert limit.text == "at-1, night of 2026-11-30: 2 contacts"


def test_light_that_a_receiver_cannot_take_is_no_candidate(satellite: Satellite, site: Site) -> None:
    built = build(satellite, site, limits=StationLimits(satellite_ids=("e2",)))
    assert [c.contact_id for c in built.candidates] == ["p3"]
    assert len(build(satellite, site, limits=StationLimits(satellite_ids=("e1",))).candidates) == 4


def test_pins_and_vetoes_name_passes_or_contacts(satellite: Satellite, site: Site) -> None:
    built = build(satellite, site, options=ScheduleOptions(pins=("p1", "dark"), vetoes=("p1-60to300", "p3")))
    assert [c.contact_id for c in built.candidates] == ["p1", "p2", "dark"]
    assert built.pins == (Pin(pin_id="p1", contact_ids=("p1",)), Pin(pin_id="dark", contact_ids=("dark",)))
    assert set(solve(built).chosen_ids) >= {"p1", "dark"}
    with pytest.raises(ValueError, match="pin p3"):
        build(satellite, site, options=ScheduleOptions(pins=("p3",), vetoes=("p3",)))


@pytest.mark.parametrize(
    ("pins", "vetoes", "found"),
    [
        (("p1", "p2"), ("p3",), []),
        (("p9",), ("p8",), [(("p9",), "no pass or contact"), (("p8",), "no pass or contact")]),
        (("p1",), ("p1",), [(("p1",), "pinned and vetoed")]),
        (("p1",), ("p1-60to300",), []),
        (("p1",), ("p1-60to300", "p1"), [(("p1",), "pinned and vetoed")]),
        (("p1-60to300",), ("p1",), [(("p1-60to300", "p1"), "p1 is vetoed")]),
        (("empty",), (), [(("empty",), "no contact of it can be flown")]),
        (("p2", "p3"), (), []),
    ],
)
def test_what_is_wrong_with_pins_is_said(
    pins: tuple[str, ...], vetoes: tuple[str, ...], found: list[tuple[tuple[str, ...], str]], site: Site
) -> None:
    sites = [replace(site, site_id=name, limits=StationLimits()) for name in ("at-1", "de-1")]
    passes = (*PASSES, passing("empty", 8, "2026-12-01"))
    faults = pin_faults(CONTACTS, passes, ScheduleOptions(pins=pins, vetoes=vetoes), sites)
    assert [fault.ids for fault in faults] == [ids for ids, _ in found]
    assert all(text in fault.message for fault, (_, text) in zip(faults, found, strict=True))


def test_a_pin_that_the_receiver_cannot_take_is_said(site: Site) -> None:
    sites = [replace(site, site_id=name, limits=StationLimits(satellite_ids=("e2",))) for name in ("at-1", "de-1")]
    (fault,) = pin_faults(CONTACTS, PASSES, ScheduleOptions(pins=("p3",)), sites)
    assert (fault.ids, fault.message) == (("p3",), "p3 is pinned, but the receiver of de-1 cannot take e1")


def test_pins_that_exclude_one_another_are_named(satellite: Satellite, site: Site) -> None:
    contacts = (*CONTACTS, contact("p4", 1_200, site_id="de-1"))
    passes = (*PASSES, passing("p4", 5, "2026-11-30", "de-1"))

    def conflict(*pins: str, **changes: Any) -> tuple[str, ...]:
        options = ScheduleOptions(changeover_s=45, pins=pins)
        return pin_conflict(build(satellite, site, contacts=contacts, passes=passes, options=options, **changes))

    assert conflict("p1", "p2", "p3") == ()
    assert conflict("p2", "p1", "p3", "p4") == ("p1", "p4")
    duty = DutyCycle(max_contact_s_per_orbit=500)
    assert conflict("p2", "p1", "p3", duty=duty) == ("p1", "p3")
    assert conflict("p1", "p2", limits=StationLimits(max_contacts_per_night=1)) == ("p1", "p2")

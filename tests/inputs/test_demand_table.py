"""The demand table: amounts, periods, guarantees, trust."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eagleplan.errors import InputError
from eagleplan.inputs.demand import DemandEntry, parse_demand
from eagleplan.model import Horizon

WEEK = Horizon(start_utc=datetime(2026, 11, 30, tzinfo=UTC), days=7.0)


def parse(columns: str, *rows: str) -> tuple[DemandEntry, ...]:
    head = f"demand_id,node_a,node_b,{columns}\n"
    return parse_demand(head + "".join(f"d{n},DE,FR,{row}\n" for n, row in enumerate(rows)), "t.csv")


def problems(columns: str, *rows: str) -> list[tuple[int | None, str | None, str, str | None]]:
    with pytest.raises(InputError) as caught:
        parse(columns, *rows)
    return [(p.line, p.field, p.message, p.got) for p in caught.value.problems]


def test_an_amount_in_bits_is_the_same_in_every_horizon() -> None:
    (entry,) = parse("bits,guarantee_bits", "1000,300")
    assert [(entry.bits(days), entry.guarantee(days)) for days in (0.5, 7.0, 30.0)] == [(1000, 300)] * 3


def test_a_deadline_changes_no_amount() -> None:
    weekly, keys = parse(
        "bits_per_week,key_bits,refresh_interval_s,guarantee_bits,deadline_after_hours", "700,,,70,24", ",256,3600,,24"
    )
    assert [(weekly.bits(days), weekly.guarantee(days)) for days in (1.0, 7.0, 14.0)] == [
        (100, 10),
        (700, 70),
        (1400, 140),
    ]
    assert keys.bits(7.0) == 168 * 256


def test_periods_in_both_ways_of_writing() -> None:
    found = parse(
        "bits,start_utc,start_after_hours,deadline_utc,deadline_after_hours",
        "5,,,,",
        "5,2026-12-01T06:00:00Z,,2026-12-03T00:00:00Z,",
        "5,,30,,72",
        "5,,0.5,2026-12-07T00:00:00Z,",
    )
    hour = 3600
    assert [entry.period_s(WEEK) for entry in found] == [
        (0, 168 * hour),
        (30 * hour, 72 * hour),
        (30 * hour, 72 * hour),
        (1800, 168 * hour),
    ]
    # Instants stay where they are when the horizon moves, hours move with it.
    later = Horizon(start_utc=WEEK.start_utc + timedelta(hours=6), days=3.0)
    assert [entry.period_s(later) for entry in found[1:3]] == [(24 * hour, 66 * hour), (30 * hour, 72 * hour)]
    assert found[0].period_s(later) == (0, 72 * hour)


def test_the_end_of_a_horizon_is_a_whole_second() -> None:
    ends = [Horizon(start_utc=WEEK.start_utc, days=days).end_s for days in (7.0, 2.3, 1.1, 1.0 / 3.0, 1e-4, 1e-9)]
    assert ends == [604_800, 198_720, 95_040, 28_800, 9, 1]


def test_trust_class_mode_and_hops() -> None:
    plain, full, nobody = parse(
        "bits,guarantee_bits,guarantee_class,mode,trusted_nodes,trusted_satellites,max_hops",
        "5,,,,,,",
        "5,2,3,pqc_ok,AT at-graz;frankfurt ; NL,eagle1,4",
        "5,,,qkd_required,none,none,",
    )
    assert (plain.guarantee_class, plain.mode, plain.trusted_nodes, plain.trusted_satellites, plain.max_hops) == (
        1,
        "qkd_required",
        None,
        None,
        None,
    )
    assert (full.guarantee_class, full.mode, full.max_hops) == (3, "pqc_ok", 4)
    assert (full.trusted_nodes, full.trusted_satellites) == (("AT", "at-graz", "frankfurt", "NL"), ("eagle1",))
    assert (nobody.trusted_nodes, nobody.trusted_satellites) == ((), ())


@pytest.mark.parametrize(
    ("columns", "row", "field", "message", "got"),
    [
        ("bits,bits_per_week", "5,7", "bits", "must be empty where bits_per_week is given", "5"),
        ("bits,key_bits,refresh_interval_s", "5,256,60", "bits", "must be empty where key_bits is given", "5"),
        ("bits", "0", "bits", "must be >= 1", "0"),
        ("bits", "1000000000001", "bits", "must be <= 1000000000000", "1000000000001"),
        ("bits,priority", "5,1001", "priority", "must be <= 1000", "1001"),
        ("bits,guarantee_bits", "5,6", "guarantee_bits", "must be <= the 5 bits that are wanted", "6"),
        ("bits,guarantee_class", "5,2", "guarantee_class", "must be empty where guarantee_bits is", "2"),
        ("bits,guarantee_bits,guarantee_class", "5,5,10", "guarantee_class", "must be <= 9", "10"),
        ("bits,mode", "5,pqc", "mode", "must be one of pqc_ok, qkd_required", "pqc"),
        ("bits,max_hops", "5,9", "max_hops", "must be <= 8", "9"),
        ("bits,max_hops", "5,0", "max_hops", "must be >= 1", "0"),
        ("bits,max_hops", "5,two", "max_hops", "must be a whole number", "two"),
        ("bits,trusted_nodes", "5,AT none", "trusted_nodes", 'must be names, or "none" alone', "AT none"),
        ("bits,trusted_nodes", "5,;", "trusted_nodes", 'must be names, or "none" alone', ";"),
        ("bits,trusted_nodes", "5,AT;AT", "trusted_nodes", "names a node twice", "AT"),
        ("bits,start_after_hours", "5,-1", "start_after_hours", "must be >= 0", "-1"),
        ("bits,start_after_hours", "5,nan", "start_after_hours", "must be a finite number", "nan"),
        ("bits,deadline_after_hours", "5,1e9", "deadline_after_hours", "must be <= 9600", "1e9"),
        (
            "bits,start_utc,start_after_hours",
            "5,2026-12-01T00:00:00Z,1",
            "start_after_hours",
            "must be empty where start_utc is given",
            "1",
        ),
        (
            "bits,deadline_utc",
            "5,2026-12-01T00:00:00",
            "deadline_utc",
            "must be UTC and end in Z, such as 2026-11-30T18:00:00Z",
            "2026-12-01T00:00:00",
        ),
    ],
)
def test_what_is_wrong_with_a_row(columns: str, row: str, field: str, message: str, got: str) -> None:
    assert problems(columns, row) == [(2, field, message, got)]


def test_everything_that_is_wrong_comes_together() -> None:
    found = problems("bits,start_utc,mode,trusted_nodes", "x,yesterday,both,none AT", "5,,,", ",,,")
    assert [(line, field) for line, field, _, _ in found] == [
        (2, "bits"),
        (2, "start_utc"),
        (2, "mode"),
        (2, "trusted_nodes"),
        (4, "bits_per_week"),
    ]

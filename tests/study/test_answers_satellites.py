"""How many satellites, where it is known."""

from __future__ import annotations

from collections.abc import Mapping

from answer_studies import base_and, record_of, results_of

from eagleplan.study.answers import answers
from eagleplan.study.record import StudyRecord
from eagleplan.study.satellites_needed import ALL, SatellitesNeeded

PATTERN = "satellites.fleet.orbit.pattern"


def n_of(labels: tuple[str, ...]) -> int:
    """``53:12/3/1`` has twelve."""
    return int(next(label for label in labels if "/" in label).split(":")[1].split("/")[0])


def needed(record: StudyRecord, met: Mapping[tuple[str, ...], float], target_frac: float) -> list[SatellitesNeeded]:
    found = answers(
        record,
        results_of(
            record,
            lambda labels, _, demand: [round(1000 * met[labels]) + shift for shift in (-10, 0, 0, 10)],
            wanted={"d1": 1000},
            n_satellites=n_of,
        ),
        target_frac,
    )
    return [one for one in found.satellites if one.pair == ALL]


def test_the_smallest_fleet_that_meets_the_target() -> None:
    record = record_of({PATTERN: ["53:2/1/0", "53:4/2/1", "53:8/2/1"]}, n_weeks=2)
    met = {("53:2/1/0",): 0.4, ("53:4/2/1",): 0.9, ("53:8/2/1",): 0.95}
    (one,) = needed(record, met, 0.9)
    # Four meet it in the mean, but their interval reaches below.
    assert (one.n_satellites, one.n_surely, one.fall_short) == (4, 8, ())
    assert [fleet.n_satellites for fleet in one.fleets] == [2, 4, 8]
    (one,) = needed(record, met, 0.96)
    assert (one.n_satellites, one.n_surely) == (None, None)
    (one,) = needed(record, met, 0.3)
    assert (one.n_satellites, one.n_surely) == (2, 2)


def test_more_satellites_that_meet_less() -> None:
    record = record_of({PATTERN: ["53:2/1/0", "53:4/2/1", "53:8/2/1"]}, n_weeks=1)
    (one,) = needed(record, {("53:2/1/0",): 0.8, ("53:4/2/1",): 0.6, ("53:8/2/1",): 0.9}, 0.7)
    assert (one.n_satellites, one.fall_short) == (2, (4,))


def test_the_best_arrangement_of_a_number_counts() -> None:
    record = record_of({PATTERN: ["53:4/1/0", "53:4/2/1", "53:8/2/1"]}, n_weeks=1)
    (one,) = needed(record, {("53:4/1/0",): 0.3, ("53:4/2/1",): 0.8, ("53:8/2/1",): 0.7}, 0.75)
    assert [(fleet.n_satellites, fleet.arrangement) for fleet in one.fleets] == [(4, ("53:4/2/1",)), (8, ("53:8/2/1",))]
    assert one.n_satellites == 4


def test_for_every_demand() -> None:
    axes = {PATTERN: ["53:2/1/0", "53:4/2/1"], "demand.scale_frac": ["0.5", "2.0"]}
    met = {("53:2/1/0", "0.5"): 0.92, ("53:4/2/1", "0.5"): 1.0, ("53:2/1/0", "2.0"): 0.3, ("53:4/2/1", "2.0"): 0.5}
    found = needed(record_of(axes, n_weeks=1), met, 0.9)
    assert [(one.elsewhere, one.n_satellites) for one in found] == [
        ((("demand.scale_frac", "0.5"),), 2),
        ((("demand.scale_frac", "2.0"),), None),
    ]


def test_a_list_takes_its_axes_together() -> None:
    record = record_of(
        {PATTERN: ["53:2/1/0", "53:4/2/1"], "orbit.spread_deg": ["360", "180"]}, design="list", n_weeks=1
    )
    (one,) = needed(record, {("53:2/1/0", "360"): 0.2, ("53:4/2/1", "180"): 0.95}, 0.9)
    assert (one.elsewhere, one.n_satellites) == ((), 4)
    assert one.fleets[1].arrangement == ("53:4/2/1", "180")


def test_every_pair_has_a_number_of_its_own() -> None:
    record = record_of({PATTERN: ["53:2/1/0", "53:4/2/1"]}, sets=base_and("+x"), n_weeks=1)
    found = answers(
        record,
        results_of(record, lambda labels, _, d: [500 if d == "d2" else 100 * n_of(labels)] * 3, n_satellites=n_of),
        0.4,
    )
    numbers = {(one.station_set, one.pair): one.n_satellites for one in found.satellites}
    assert numbers["base", "d1-A – d1-B (d1)"] == 4
    assert numbers["with x", "d2-A – d2-B (d2)"] == 2
    assert len(numbers) == 6


def test_one_number_of_satellites_asks_nothing() -> None:
    record = record_of({"a": ["1", "2"]}, n_weeks=1)
    assert answers(record, results_of(record, lambda *_: [1, 2])).satellites == ()


def test_a_fleet_that_lacks_weeks_tells_nothing() -> None:
    record = record_of({PATTERN: ["53:2/1/0", "53:4/2/1", "53:8/2/1"]}, n_weeks=2)
    results = results_of(record, lambda *_: [900] * 3, n_satellites=n_of, failed=[1])
    found = answers(record, list(results)[:-1])
    assert found.satellites == ()

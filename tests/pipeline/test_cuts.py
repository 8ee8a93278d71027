"""Where windows are cut: nothing that a plan could use is lost."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from eagleplan.model import Pass
from eagleplan.pipeline.cuts import CutRules, Parts, parts_of
from eagleplan.pipeline.spans import Span

NOTHING = cast(Any, None)


def span(number: int, start_s: int, end_s: int, satellite_id: str = "sat", site_id: str | None = None) -> Span:
    this = Pass(
        pass_id=f"pass{number}", satellite_id=satellite_id, site_id=site_id or f"site{number}", rise_s=float(start_s),
        culmination_s=0.0, set_s=float(end_s), cut_start=False, cut_end=False, rise_azimuth_deg=0.0,
        culmination_azimuth_deg=0.0, set_azimuth_deg=0.0, max_elevation_deg=50.0, min_range_km=700.0,
        timing_uncertainty_s=0.0,
    )  # fmt: skip
    return Span(contact_id=this.pass_id, of=this, start_s=start_s, end_s=end_s)


def rules(spans: list[Span], grid_s: int, min_contact_s: int, changeover_s: int, **given: Any) -> CutRules:
    return CutRules(
        grid_s=grid_s,
        min_contact_s=min_contact_s,
        changeover_s=changeover_s,
        set_up_s={one.of.site_id: given.get("set_up_s", 0) for one in spans},
        instants_s={one.of.satellite_id: given.get("instants_s", ()) for one in spans},
    )


def rows(parts: Parts, number: int) -> set[tuple[int, int]]:
    own = parts.span == number
    return set(zip(parts.start_s[own].tolist(), parts.end_s[own].tolist(), strict=True))


def best_worth(contacts: list[tuple[int, int, float]], gap_s: int) -> float:
    """The most that contacts (start, end, worth) of one terminal give together, `gap_s` apart."""
    contacts = sorted(contacts, key=lambda contact: contact[1])
    ends = [end for _, end, _ in contacts]
    best = [0.0]
    for start, _, worth in contacts:
        before = int(np.searchsorted(ends, start - gap_s, side="right"))
        best.append(max(best[-1], best[min(before, len(best) - 1)] + worth))
    return best[-1]


@pytest.mark.parametrize("seed", range(25))
def test_on_a_grid_of_one_second_no_plan_of_one_satellite_is_lost(seed: int) -> None:
    """Worth grows with the time and is not additive, as finite key is: the best of all cuts is among ours."""
    random = np.random.default_rng(seed)
    starts = random.integers(0, 40, int(random.integers(2, 6)))
    spans = [span(i, int(start), int(start + random.integers(3, 25))) for i, start in enumerate(starts)]
    gap_s, shortest_s = int(random.integers(0, 5)), int(random.integers(1, 4))
    rate, cost = random.uniform(0.5, 2.0, (len(spans), 70)), random.uniform(0.0, 6.0, len(spans))

    def worth(i: int, start: int, end: int) -> float:
        return max(0.0, float(rate[i, start:end].sum()) - float(cost[i]))

    every = [
        (start, end, worth(i, start, end))
        for i, one in enumerate(spans)
        for start in range(one.start_s, one.end_s)
        for end in range(start + shortest_s, one.end_s + 1)
    ]
    cut = parts_of(spans, range(len(spans)), (), {}, rules(spans, 1, shortest_s, gap_s))
    ours = [
        (start, end, worth(i, start, end))
        for i, start, end in zip(cut.span.tolist(), cut.start_s.tolist(), cut.end_s.tolist(), strict=True)
    ]
    assert len(ours) <= len(every)
    assert best_worth(ours, gap_s) == pytest.approx(best_worth(every, gap_s), rel=1e-12)


def test_a_window_alone_stays_whole() -> None:
    spans = [span(0, 100, 400), span(1, 500, 800)]
    parts = parts_of(spans, range(2), (), {}, rules(spans, 30, 60, 60))
    assert rows(parts, 0) == {(100, 400)}
    assert rows(parts, 1) == {(500, 800)}


def test_windows_closer_than_the_changeover_are_cut_where_the_other_begins_and_ends() -> None:
    spans = [span(0, 100, 400), span(1, 440, 800)]
    parts = parts_of(spans, range(2), (), {}, rules(spans, 30, 60, 60))
    # The first ends 60 s before the second starts; the second starts 60 s after the first's end, or on the grid.
    assert rows(parts, 0) == {(100, 400), (100, 380), (100, 390)}
    assert rows(parts, 1) == {(440, 800), (460, 800), (450, 800)}


def test_a_grid_of_nought_leaves_windows_whole() -> None:
    spans = [span(0, 100, 400), span(1, 200, 800)]
    parts = parts_of(spans, range(2), range(2), {}, rules(spans, 0, 60, 60))
    assert len(parts.span) == 2


def test_what_is_no_rival_cuts_nothing_and_may_be_cut_everywhere() -> None:
    spans = [span(0, 90, 300), span(1, 90, 300), span(2, 10_000, 10_180)]
    parts = parts_of(spans, [0], [2], {}, rules(spans, 60, 60, 60))
    assert rows(parts, 0) == {(90, 300)}
    assert rows(parts, 1) == {(90, 300)}
    grid = {10_020, 10_080, 10_140}
    assert {start for start, _ in rows(parts, 2)} == {10_000, 10_020, 10_080}
    assert {end for _, end in rows(parts, 2)} == {10_180, *grid} - {10_020}
    assert all(end - start >= 60 for start, end in rows(parts, 2))


def test_two_satellites_cut_each_other_at_a_station_they_share_only() -> None:
    spans = [span(0, 100, 400, "one", "graz"), span(1, 300, 600, "two", "graz"), span(2, 300, 600, "two", "oslo")]
    parts = parts_of(spans, [0, 1], (), {}, rules(spans, 30, 60, 60, set_up_s=90))
    # Ends 90 s before the other's start, or on the grid, as long as the other has its 60 s.
    assert rows(parts, 0) == {(100, end) for end in (210, 240, 270, 300, 330, 360, 390, 400)}
    assert {end for _, end in rows(parts, 1)} == {600}
    assert rows(parts, 2) == {(300, 600)}


def test_a_contact_may_end_in_time_for_an_instant() -> None:
    spans = [span(0, 100, 400)]
    parts = parts_of(spans, [0], (), {}, rules(spans, 30, 60, 60, instants_s=(50, 130, 217, 400, 9000)))
    assert rows(parts, 0) == {(100, 400), (100, 217)}


def test_parts_asked_for_are_there_if_they_fit() -> None:
    spans = [span(0, 100, 400)]
    also = {0: [(111, 222), (100, 400), (90, 200), (300, 401), (200, 200)]}
    assert rows(parts_of(spans, [0], (), also, rules(spans, 30, 60, 60)), 0) == {(100, 400), (111, 222)}


def test_parts_are_named_by_their_seconds_in_the_window() -> None:
    assert span(3, 100, 400).id_of(100, 400) == "pass3"
    assert span(3, 100, 400).id_of(130, 310) == "pass3-30to210"

"""Why a contact is, or is not, flown: on problems small enough to know the answer, and against solving it by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from eagleplan.model import Network
from eagleplan.schedule import GREEDIES, Candidate, Limit, Limits, PairDemand, Pin, Problem, pin_conflict, solve
from eagleplan.schedule.explain import FORCED, Alternative, ContactExplanation, How, explain_contact

OBJECTIVES = ("guarantees", "weighted_met_bits", "n_contacts")
HOW = How(objectives=OBJECTIVES, limits=Limits())
END_S = 100_000


def contact(
    contact_id: str, site_id: str, start_s: int, bits: int, satellite_id: str = "e1", **changes: Any
) -> Candidate:
    values: dict[str, Any] = {
        "contact_id": contact_id,
        "pass_id": contact_id.split("+")[0],
        "satellite_id": satellite_id,
        "site_id": site_id,
        "start_s": start_s,
        "end_s": start_s + 200,
        "usable_s": start_s + 200,
        "bits": bits,
        "night": "1",
    }
    return Candidate(**values | changes)


def pair(node_a: str, node_b: str, bits: int, **changes: Any) -> PairDemand:
    values: dict[str, Any] = {
        "demand_id": f"{node_a}-{node_b}",
        "node_a": node_a,
        "node_b": node_b,
        "bits": bits,
        "weight": 1,
        "guarantee_bits": 0,
        "deadline_s": END_S,
    }
    return PairDemand(**values | changes)


def problem(*candidates: Candidate, demands: tuple[PairDemand, ...], **changes: Any) -> Problem:
    sites = {"AT": ("at",), "DE": ("de", "de-2"), "FR": ("fr",)}
    return Problem(
        candidates=candidates,
        demands=demands,
        network=Network(node_sites=sites),
        end_s=END_S,
        changeover_s=60,
        **changes,
    )


# Key with at is worth what de and fr have: flying fr in de's place helps AT-FR, and takes from AT-DE.
RIVALS = problem(
    contact("a", "at", 1_000, 500),
    contact("d", "de", 5_000, 400),
    contact("f", "fr", 5_100, 300),
    contact("d-late", "de", 9_000, 100),
    contact("e", "de", 13_000, 50),
    demands=(pair("AT", "DE", 500), pair("AT", "FR", 300)),
)


def explained(one: Problem, *contact_ids: str, how: How = HOW) -> ContactExplanation:
    return explain_contact(one, solve(one, objectives=how.objectives), contact_ids, how)


def losses(alternative: Alternative) -> list[tuple[str, int, int]]:
    return [(change.name, change.loss, change.least_loss) for change in alternative.levels if change.loss]


def test_a_refused_contact_names_its_price_who_pays_and_what_makes_room() -> None:
    found = explained(RIVALS, "f")
    assert found.flown == ()
    assert found.obstacles == "clashes with d"
    alternative = found.alternative
    assert alternative.verdict == "worse"
    # AT's 500 bits go to FR (300) and to DE, which has 150 without the contact that makes room.
    assert losses(alternative) == [("weighted_met_bits", 50, 50)]
    assert alternative.demands == {"AT-DE": -350, "AT-FR": 300}
    assert alternative.dropped == ("d",)
    assert set(alternative.added) == {"f", "e"}


def test_of_the_plans_that_are_as_good_the_nearest_is_shown() -> None:
    # DE's 200 bits beside f are those of d-late and e-2: the one that is flown now stays, the other comes in.
    more = replace(RIVALS, candidates=(*RIVALS.candidates, contact("e-2", "de", 17_000, 100)))
    alternative = explained(more, "f").alternative
    assert losses(alternative) == [("n_contacts", 1, 1)]
    assert alternative.dropped == ("d",)
    assert len(alternative.added) == 2


def test_a_contact_that_is_flown_says_what_the_plan_would_lose() -> None:
    found = explained(RIVALS, "a")
    assert found.flown == ("a",)
    assert found.obstacles == ""
    assert found.alternative.verdict == "worse"
    assert losses(found.alternative) == [("weighted_met_bits", 500, 500)]
    assert found.alternative.demands == {"AT-DE": -500}
    assert found.alternative.dropped == ("a", "d", "d-late")


def test_a_tie_is_one_and_shows_the_other_plan() -> None:
    twins = problem(
        contact("a", "at", 1_000, 500),
        contact("d", "de", 5_000, 400),
        contact("d-twin", "de-2", 5_100, 400),
        demands=(pair("AT", "DE", 500),),
    )
    plan = solve(twins, objectives=OBJECTIVES)
    flown = next(name for name in ("d", "d-twin") if name in plan.chosen_ids)
    other = "d-twin" if flown == "d" else "d"
    found = explain_contact(twins, plan, [other], HOW)
    assert (found.alternative.verdict, found.alternative.dropped, found.alternative.added) == (
        "tie",
        (flown,),
        (other,),
    )
    assert found.alternative.demands == {}
    assert found.alternative.decisive is None
    same = explain_contact(twins, plan, [flown], HOW)
    assert (same.alternative.verdict, same.alternative.dropped, same.alternative.added) == ("tie", (flown,), (other,))


def test_a_contact_that_nobody_needs_costs_a_contact() -> None:
    enough = replace(RIVALS, demands=(pair("AT", "DE", 300),))
    found = explained(enough, "e")
    assert found.obstacles == ""
    assert found.alternative.verdict == "worse"
    assert losses(found.alternative) == [("n_contacts", 1, 1)]
    assert found.alternative.demands == {}


def test_parts_of_a_pass_are_explained_together() -> None:
    parts = replace(
        RIVALS, candidates=(*RIVALS.candidates[:2], contact("f+1", "fr", 5_100, 300), contact("f+2", "fr", 5_400, 90))
    )
    alone = explained(parts, "f+1")
    assert alone.obstacles == "clashes with d"
    both = explained(parts, "f+1", "f+2")
    assert both.flown == ("f+2",)
    assert losses(both.alternative) == [("weighted_met_bits", 90, 90)]


def test_what_pins_and_limits_rule_out_is_impossible() -> None:
    pinned = replace(RIVALS, pins=(Pin(pin_id="want d", contact_ids=("d",)), Pin(pin_id="want a", contact_ids=("a",))))
    found = explained(pinned, "f").alternative
    assert (found.verdict, set(found.conflict)) == ("impossible", {"want d", FORCED})
    kept = explained(pinned, "d").alternative
    assert (kept.verdict, kept.conflict) == ("impossible", ("want d",))
    limit = Limit(limit_id="l", text="a day: 100 s", amounts={"f": 200}, most=100)
    shut = explained(replace(RIVALS, limits=(limit,)), "f").alternative
    assert (shut.verdict, shut.conflict) == ("impossible", (FORCED,))
    choice = replace(RIVALS, pins=(Pin(pin_id="either", contact_ids=("d", "f")),))
    assert explained(choice, "f").alternative.verdict == "worse"


def test_a_plan_that_was_not_the_best_is_found_out() -> None:
    plan = GREEDIES["earliest-first"](replace(RIVALS, candidates=RIVALS.candidates[:3]), objectives=OBJECTIVES)
    better = replace(RIVALS, candidates=(*RIVALS.candidates[:3], contact("d-best", "de", 5_050, 500)))
    found = explain_contact(better, plan, ["d-best"], HOW).alternative
    assert found.verdict == "better"
    assert losses(found) == [("weighted_met_bits", -100, 0)]


def test_an_answer_without_proof_says_so() -> None:
    hurried = replace(HOW, limits=Limits(max_time_s=1e-9))
    plan = solve(RIVALS, objectives=OBJECTIVES)
    found = explain_contact(RIVALS, plan, ["f"], hurried).alternative
    assert found.verdict == "undecided"
    change = found.decisive
    assert change is not None
    assert change.loss >= 50
    assert change.least_loss == 0


def test_answers_are_those_of_solving_the_changed_problem(random_problem: Callable[[int], Problem]) -> None:
    """Whatever a problem holds: the price is the difference of two optima, and a tie is none."""
    objectives = ("guarantees", "fairness", "weighted_met_bits")
    how = How(objectives=objectives, limits=Limits())
    seen = dict.fromkeys(("worse", "tie", "impossible"), 0)
    for seed in range(40):
        one = random_problem(seed)
        plan = solve(one, objectives=objectives)
        for candidate in one.candidates[:3]:
            own = candidate.contact_id
            found = explain_contact(one, plan, [own], how)
            if found.flown:
                pins = tuple(
                    replace(pin, contact_ids=tuple(name for name in pin.contact_ids if name != own)) for pin in one.pins
                )
                left = tuple(c for c in one.candidates if c is not candidate)
                limits = tuple(
                    replace(limit, amounts={k: v for k, v in limit.amounts.items() if k != own}) for limit in one.limits
                )
                changed = replace(one, candidates=left, pins=pins, limits=limits)
                possible = all(pin.contact_ids for pin in pins) and not pin_conflict(changed)
            else:
                changed = replace(one, pins=(*one.pins, Pin(pin_id="it", contact_ids=(own,))))
                possible = not pin_conflict(changed)
            assert (found.alternative.verdict == "impossible") == (not possible)
            seen[found.alternative.verdict] += 1
            if possible:
                best = solve(changed, objectives=objectives)
                worse = [
                    abs(now.objective - then.objective)
                    for now, then in zip(plan.levels, best.levels, strict=True)
                    if now.objective != then.objective
                ]
                assert [loss for _, loss, _ in losses(found.alternative)] == worse[:1]
    assert min(seen.values()) > 3


@pytest.mark.parametrize("contact_id", ["nobody", ""])
def test_an_unknown_contact_is_a_bug_of_the_caller(contact_id: str) -> None:
    with pytest.raises(KeyError):
        explained(RIVALS, contact_id)

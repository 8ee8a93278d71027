"""The terminal summary: 80 columns, no colour unless wanted, nothing of a name taken as markup."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from eagleplan.model import Notice, Plan
from eagleplan.report import print_summary
from eagleplan.report.notices import joined_notices
from eagleplan.report.words import pair_texts


def _printed(plan: Plan, width: int = 80, *, terminal: bool = False, n_contacts: int = 8) -> str:
    out = io.StringIO()
    print_summary(plan, Console(file=out, width=width, force_terminal=terminal), n_contacts=n_contacts)
    return out.getvalue()


def test_it_shows_demand_next_contacts_proof_and_warnings(plan: Plan) -> None:
    text = _printed(plan)
    for shown in (
        "DE – AT",
        "200 kbit",
        "71.2 kbit",
        "28.4 %",
        "NOT KEPT",
        "Mon 30 Nov",
        "20:17:13",
        "de-ofn",
    ):
        assert shown in text
    assert (
        "15 contacts on 6 of 6 sites; 47.1 % of the demand met by expected key; "
        "proven optimal in guarantees; key at most 3.2 % from the best possible."
    ) in " ".join(text.split())
    assert "W-ELEMENTS-AGE eagle1" in text
    assert "Mean: delivered on average over 1000 skies drawn afresh." in text
    assert "60.1 kbit" in text
    assert "Guarantees in conflict: D01, D03, at least 20.0 kbit short" in text
    assert "and 7 more in contacts.csv" in text
    assert text.count("Mon 30 Nov ") == 2 + 1, "two contacts and the heading"


def test_what_is_said_of_many_is_said_once(plan: Plan) -> None:
    alike = tuple(Notice(notice_id="W-DESIGN-ORBIT", subject=f"w-{n}", message="a wish") for n in range(24))
    other = Notice(notice_id="W-DESIGN-ORBIT", subject="w-x", message="another wish")
    found = joined_notices((*alike, other))
    assert [notice.subject for notice in found] == [", ".join(notice.subject for notice in alike), "w-x"]
    text = _printed(replace(plan, notices=alike))
    assert "W-DESIGN-ORBIT w-0, w-1, w-2, w-3 and 20 more: a wish" in text
    assert text.count("W-DESIGN-ORBIT") == 1


def test_demands_of_one_pair_are_told_apart(plan: Plan) -> None:
    first = plan.demands[0]
    twice = replace(first, demand=replace(first.demand, demand_id="urgent"))
    names = pair_texts((first, twice, *plan.demands[1:]))
    pair = f"{first.demand.node_a} – {first.demand.node_b}"
    assert names[:2] == (f"{pair} ({first.demand.demand_id})", f"{pair} (urgent)")
    assert names[2] == f"{plan.demands[1].demand.node_a} – {plan.demands[1].demand.node_b}"


def test_it_shows_as_many_contacts_as_asked(plan: Plan) -> None:
    assert "more in contacts.csv" not in _printed(plan, n_contacts=15)
    assert "and 14 more" in _printed(plan, n_contacts=1)


@pytest.mark.parametrize("name", ["eagle1", "e" * 90, "[bold]x[/bold] [/] 衛星" * 9])
def test_eighty_columns_are_enough_and_no_number_is_cut(plan: Plan, name: str) -> None:
    second = replace(plan.satellites[0], satellite_id="second")
    hostile = replace(
        plan,
        name=name,
        satellites=(*plan.satellites, second),
        demands=tuple(replace(r, demand=replace(r.demand, node_a=name, node_b=name)) for r in plan.demands),
        contacts=tuple(replace(c, site_id=s.site_id) for c, s in zip(plan.contacts, plan.sites, strict=False)),
        notices=tuple(replace(n, subject=name) for n in plan.notices),
    )
    text = _printed(hostile)
    assert max(cell_len(line.rstrip()) for line in text.splitlines()) <= 80
    for shown in ("200 kbit", "71.2 kbit", "28.4 %", "NOT KEPT", "W-ELEMENTS-AGE"):
        assert shown in text
    assert name[:8] in text


def test_colour_only_where_it_is_wanted(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    coloured = re.compile(r"\x1b\[[0-9;]*3[0-9]")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert coloured.search(_printed(plan, terminal=True))
    monkeypatch.setenv("NO_COLOR", "1")
    assert not coloured.search(_printed(plan, terminal=True))
    assert "\x1b" not in _printed(plan)


def test_an_empty_plan_says_so(empty_plan: Plan) -> None:
    text = _printed(empty_plan)
    assert "No contact was chosen." in text
    assert "0 contacts on 0 of 6 sites; proven optimal." in text
    assert "demand met" not in text

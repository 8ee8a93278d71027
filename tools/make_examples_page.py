"""Write docs/examples.md from the small examples, each planned with and without what it shows.

`python tools/make_examples_page.py`
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from eagleplan.cli import main
from eagleplan.resources import example_path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "examples.md"

HEAD = """# Examples

Each of these is a small scenario in `examples/small/`, planned in a second or two, that shows one thing. The tables
hold the plan beside one without it (where nothing else is said, that of `plain.toml`): what each pair gets, and which
passes are flown. Satellite, stations and weather are those of [the example week](../examples/eagle1-week.toml): a
wished-for orbit and average clouds of the season. What the keys mean is in [the scenario](scenario.md), what the plan
optimises in [the schedule](schedule.md).

Made by `tools/make_examples_page.py`; a test compares.
"""

Change = tuple[str, str, str]
"""A file of `examples/small`, a text in it, and what takes its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A scenario, the keys that it shows, the one that it stands beside (another, or itself with changes), and what
    stands over the two."""

    name: str
    keys: str
    title: str = "with it"
    beside: str = "without"
    other: str = "plain"
    changes: tuple[Change, ...] = ()


def _changed(name: str, keys: str, title: str, beside: str, *changes: tuple[str, str], file: str = ".toml") -> Example:
    return Example(
        name=name,
        keys=keys,
        title=title,
        beside=beside,
        other=name,
        changes=tuple((f"{name}{file}", *pair) for pair in changes),
    )


EXAMPLES = (
    _changed("fairness", "schedule.objectives", "fair", "by bits alone", ("# objectives", "objectives")),
    Example(name="pins", keys="schedule.pins", title="with the pin"),
    Example(name="vetoes", keys="schedule.vetoes", title="with the veto"),
    _changed(
        "guarantees",
        "demand: guarantee_bits, guarantee_class",
        "with guarantees",
        "without",
        (",150000,1", ",,"),
        (",100000,2", ",,"),
        file="-demand.csv",
    ),
    _changed(
        "guarantees-impossible",
        "demand: guarantee_bits, guarantee_class",
        "with guarantees",
        "without",
        (",1100000,1", ",,"),
        (",60000,2", ",,"),
        file="-demand.csv",
    ),
    _changed(
        "fibre",
        "network.fibre, network.nodes, network.max_hops",
        "as it is",
        "with a faster link",
        ("rate_bps = 1.0\n", "rate_bps = 4.0\n"),
    ),
    Example(
        name="stocks",
        keys="network.initial_stocks, network.max_age_s, network.delivery_interval_s",
        title="with stocks",
    ),
    Example(name="caps", keys="network.satellite_cap_bits, network.delivery_interval_s", title="with the cap"),
    _changed(
        "deadlines",
        "demand: start_after_hours, deadline_after_hours, mode",
        "with deadlines",
        "without",
        (",,36,", ",,,"),
        (",24,,", ",,,"),
        file="-demand.csv",
    ),
    Example(name="duty-cycle", keys="satellites.eagle1.duty", title="with the duty cycle"),
    Example(name="two-satellites", keys="satellites", title="two satellites", beside="one"),
    _changed(
        "two-satellites-joined",
        "network.max_hops, sites.override.ID.limits, demand: trusted_nodes",
        "joined in Graz",
        "two edges at most",
        ("max_hops = 4", "max_hops = 2"),
    ),
    _changed(
        "post-processing",
        "satellites.eagle1.classical_contacts_file",
        "as it is",
        "without waiting",
        ("classical_contacts_file", "# classical_contacts_file"),
    ),
    _changed("staffing", "sites.limits", "one night each", "every night", ("limits = ", "# limits = ")),
)

Plan = Mapping[str, Any]


def written(directory: Path, changes: Sequence[Change] = ()) -> None:
    """The small examples in `directory`, with changes; raises ValueError where a text to change is not there."""
    for path in sorted(example_path("small").iterdir()):
        text = path.read_text(encoding="utf-8")
        for name, old, new in changes:
            if name == path.name:
                if old not in text:
                    raise ValueError(f"{name} does not hold {old!r}")
                text = text.replace(old, new)
        (directory / path.name).write_text(text, encoding="utf-8")


def command(folder: str | Path, name: str) -> list[str]:
    """The arguments that plan an example into `folder`/out; no table needs the outlook over many skies."""
    return ["plan", f"{folder}/{name}.toml", "-o", f"{folder}/out", "-q", "--set", "weather.n_outlook_skies=0"]


def planned(name: str, changes: Sequence[Change] = ()) -> Plan:
    """The plan.json of an example, made by the command line."""
    with tempfile.TemporaryDirectory() as folder:
        written(Path(folder), changes)
        if main(command(folder, name)) != 0:
            raise ValueError(f"{name} cannot be planned")
        plan: Plan = json.loads((Path(folder) / "out" / "plan.json").read_text(encoding="utf-8"))
        return plan


def page(plan: Callable[[str, Sequence[Change]], Plan] = planned) -> str:
    """The whole page."""
    return "\n".join([HEAD, *(section(one, plan(one.name, ()), plan(one.other, one.changes)) for one in EXAMPLES)])


def section(example: Example, plan: Plan, other: Plan) -> str:
    """Title and words from the example's own comment, its command, and what both plans do."""
    comment = example_path("small", f"{example.name}.toml").read_text(encoding="utf-8").split("schema_version")[0]
    title, words, command = re.split(r"\n\n", re.sub(r"^# ?", "", comment, flags=re.MULTILINE).strip())
    keys = re.sub(r"[\w.-]+(?=,|$)", r"`\g<0>`", example.keys)
    lines = [
        f"## {title.removesuffix('.')}",
        "",
        words,
        "",
        f"Keys: {keys}.",
        "",
        "```console",
        f"$ {command.strip()}",
        "```",
        "",
    ]
    lines += [f"| | {example.title} | {example.beside} |", "|---|---|---|"]
    ones, others = rows(plan), rows(other)
    lines += [f"| {name} | {ones.get(name, '–')} | {others.get(name, '–')} |" for name in {**ones, **others}]
    for conflict in plan["guarantee_conflicts"]:
        lines += ["", f"The plan says: *{conflict['text']}*"]
    return "\n".join(lines) + "\n"


def rows(plan: Plan) -> dict[str, str]:
    """What is worth telling of a plan: key of each pair, contacts, relays over many edges, losses, waiting."""
    start = datetime.fromisoformat(plan["horizon"]["start_utc"])
    found = {}
    for demand in plan["demands"]:
        wanted = f"{demand['node_a']}–{demand['node_b']}, of {_kbit(demand['wanted_bits'])}"
        found[wanted] = f"{_kbit(demand['delivered_bits'])} ({demand['met_frac']:.0%})"
        if demand["pqc_only_s"] is not None:
            found[f"{demand['node_a']}–{demand['node_b']}, on post-quantum key alone"] = (
                f"{demand['pqc_only_s'] / 3600:.0f} h"
            )
    found["flown"] = (
        "<br>".join(_contact(contact, start, len(plan["satellites"])) for contact in plan["contacts"]) or "nothing"
    )
    relays = {tuple(delivery["path"]) for delivery in plan["deliveries"] if len(delivery["path"]) > 5}
    if relays:
        found["relays"] = "<br>".join(" – ".join(path) for path in sorted(relays))
    if lost := sum(discard["bits"] for discard in plan["discards"]):
        found["lost to full stores"] = _kbit(lost)
    if expired := sum(stock["expired_bits"] for stock in plan["stocks"]):
        found["grown too old"] = _kbit(expired)
    return found


def _kbit(bits: int) -> str:
    return f"{bits / 1000:,.0f} kbit" if bits >= 10_000 else f"{bits / 1000:,.1f} kbit" if bits else "nothing"


def _contact(contact: Mapping[str, Any], start: datetime, n_satellites: int) -> str:
    begins = datetime.fromisoformat(contact["start_utc"])
    whose = f"{contact['satellite_id']} " if n_satellites > 1 else ""
    return f"{begins:%a %H:%M} {whose}{contact['site_id']}, {contact['end_s'] - contact['start_s']} s"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

"""Put plans with and without a forecast side by side into docs/weather.md: `python tools/refresh_weather_page.py`."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eagleplan.cli import main

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "weather.md"
BLOCK = re.compile(
    r"(<!-- made by tools/refresh_weather_page\.py; a test compares -->\n)(.*?)(<!-- end -->)", re.DOTALL
)

Plan = dict[str, Any]


def refreshed(page: str, plans: Callable[[str], Plan]) -> str:
    """The page with the block replaced; `plans` gives the plan.json of a scenario in examples/."""
    made = table(plans("small/plain.toml"), plans("forecast.toml"))
    return BLOCK.sub(lambda match: f"{match[1]}{made}{match[3]}", page)


def table(without: Plan, with_forecast: Plan) -> str:
    """One row for each pass that either plan flies; probabilities are those of its flown, else its best contact."""
    rows = [
        "| pass | clear, climatology | clear, forecast | flown without | flown with the forecast |",
        "|---|---|---|---|---|",
    ]
    for before, after in zip(without["passes"], with_forecast["passes"], strict=True):
        if before["contact_ids"] or after["contact_ids"]:
            cells = [
                before["pass_id"],
                _p_clear(without, before),
                _p_clear(with_forecast, after),
                _flown(without, before),
                _flown(with_forecast, after),
            ]
            rows.append(f"| {' | '.join(cells)} |")
    for demand, other in zip(without["demands"], with_forecast["demands"], strict=True):
        cells = [f"expected for {demand['demand_id']}", "", "", _kbit(demand), _kbit(other)]
        rows.append(f"| {' | '.join(cells)} |")
    first = with_forecast["contacts"][0]
    return "\n".join([*rows, "", f"Of {first['contact_id']} the plan says: {first['p_clear_origin']}.", ""])


def _p_clear(plan: Plan, this: Plan) -> str:
    flown = [contact for contact in plan["contacts"] if contact["pass_id"] == this["pass_id"]]
    return f"{(flown or [this['best_contact']])[0]['p_clear']:.2f}"


def _flown(plan: Plan, this: Plan) -> str:
    seconds = [c["end_s"] - c["start_s"] for c in plan["contacts"] if c["pass_id"] == this["pass_id"]]
    return " + ".join(f"{s} s" for s in seconds) or f"no ({this['reason']['code']})"


def _kbit(demand: Plan) -> str:
    return f"{demand['delivered_bits'] / 1000:,.0f} kbit"


def planned(scenario: str) -> Plan:
    """The plan.json of an example."""
    with tempfile.TemporaryDirectory() as directory:
        if main(["plan", str(ROOT / "examples" / scenario), "-o", f"{directory}/out", "-q"]) != 0:
            raise RuntimeError(f"{scenario} gives no plan")
        found: Plan = json.loads((Path(directory) / "out" / "plan.json").read_text(encoding="utf-8"))
        return found


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8"), planned), encoding="utf-8")

"""``report.html``: the plan on one page that needs no network, and of which nothing needs script.

The page's Content-Security-Policy names its one style and its one script by their hashes and allows nothing else:
neither a text of the plan nor a fault in a template can make a browser load or run anything. So no element has
a ``style`` or an ``on…`` attribute, which the policy would stop too.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from eagleplan.model import REFERENCE_PLANE, ContactTrace, Plan
from eagleplan.report import times, words
from eagleplan.report.epochs import orbit_age_days, orbit_epoch_utc, orbit_kind
from eagleplan.report.glance import glance
from eagleplan.report.index import PlanIndex
from eagleplan.report.left_out import left_out
from eagleplan.report.map import map_view
from eagleplan.report.matrix import country_matrix
from eagleplan.report.notices import joined_notices
from eagleplan.report.page import TEMPLATES, environment, joined, policy_sha256
from eagleplan.report.path_data import number_text, path_data
from eagleplan.report.routes import routes
from eagleplan.report.sheet_drawing import drawn_sheets
from eagleplan.report.timeline import timeline
from eagleplan.report.timeline_drawing import drawing

if TYPE_CHECKING:
    from jinja2 import Template

_STYLES = ("report.css", "map.css", "sheet.css")


def report_html(plan: Plan, traces: Sequence[ContactTrace] = ()) -> bytes:
    """UTF-8; every text of the plan is escaped; the same plan and traces give the same bytes.

    Without a contact's trace the page has neither its sheet's drawings nor its track on the map.
    """
    from markupsafe import Markup

    index = PlanIndex(plan)
    style, script = _style(), _script()
    page = _template().render(
        plan=plan,
        index=index,
        notices=joined_notices(plan.notices),
        demands=plan.demands,
        glance=glance(index),
        routes=routes(index),
        outlooks=any(result.outlook for result in plan.demands),
        given_up=any(stock.discarded_bits or stock.expired_bits for stock in index.stocks),
        several=len(plan.satellites) > 1,
        world=map_view(index, traces),
        matrix=country_matrix(index),
        timeline=drawing(timeline(index)),
        sheets=drawn_sheets(index, traces),
        left_out=left_out(index),
        style=Markup(style),
        script=Markup(script),
        style_sha256=policy_sha256(style),
        script_sha256=policy_sha256(script),
    )
    return page.encode()


def anchor(element_id: str) -> str:
    """An element's id as the fragment of a link: whatever a URL would not take as it is, is percent-encoded."""
    return quote(element_id, safe="")


@cache
def _style() -> str:
    return joined([TEMPLATES / name for name in _STYLES])


@cache
def _script() -> str:
    return joined([TEMPLATES / "report.js"])


@cache
def _template() -> Template:
    templates = environment(TEMPLATES)
    templates.filters |= {
        "anchor": anchor,
        "n": number_text,
        "path": path_data,
        "bits": words.bits_text,
        "percent": words.percent_text,
        "probability": words.probability_text,
        "duration": words.duration_text,
        "days": words.days_text,
        "hours": words.hours_text,
        "level": words.level_text,
        "proof": words.proof_text,
        "day": times.day_text,
        "clock": times.clock_text,
    }
    templates.globals |= {
        "reference_plane": REFERENCE_PLANE,
        "local": times.local,
        "orbit_age_days": orbit_age_days,
        "orbit_epoch_utc": orbit_epoch_utc,
        "orbit_kind": orbit_kind,
    }
    return templates.get_template("report.html.j2")

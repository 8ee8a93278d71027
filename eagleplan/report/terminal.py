"""What everything that is drawn in a terminal shares: tables without frames, names cut to a width, bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eagleplan.model import Plan, Site
from eagleplan.report.times import clock_text, day_text, local

if TYPE_CHECKING:
    from datetime import datetime

    from rich.table import Table
    from rich.text import Text


def plain_table(title: str = "") -> Table:
    """A table with a rule below its header and no other lines."""
    from rich import box
    from rich.table import Table

    return Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )


def cut(text: str, width: int) -> Text:
    """`text` on one line of at most `width` columns: rich would squeeze what stands beside it instead."""
    from rich.text import Text

    name = Text(" ".join(text.split()), no_wrap=True)
    name.truncate(max(1, width), overflow="ellipsis")
    return name


def bar(share_frac: float, width: int) -> str:
    """``███░░``: full only where the share is whole."""
    filled = min(width, int(max(share_frac, 0.0) * width + 1e-9))
    return "█" * filled + "░" * (width - filled)


def clock_at(instant_utc: datetime, site: Site | None) -> str:
    """``20:31:05 UTC``, or where a site is given its civil time with its zone: ``21:31:05 CET``."""
    if site is None:
        return f"{clock_text(instant_utc)} UTC"
    there = local(instant_utc, site.time_zone)
    return f"{clock_text(there)} {there.tzname()}"


def local_clock(instant_utc: datetime, site: Site) -> str:
    """A site's civil time with its zone, after its day where that is not the UTC day: ``Tue 1 Dec, 00:59:33 CET``."""
    day, clock = day_at(instant_utc, site), clock_at(instant_utc, site)
    return clock if day == day_at(instant_utc, None) else f"{day}, {clock}"


def day_at(instant_utc: datetime, site: Site | None) -> str:
    """``Mon 30 Nov``, in a site's civil time where one is given."""
    return day_text(instant_utc if site is None else local(instant_utc, site.time_zone)).rsplit(" ", 1)[0]


def span_text(plan: Plan) -> str:
    """``Mon 30 Nov 2026 00:00 to Mon 7 Dec 2026 00:00 UTC``."""
    ends = (plan.horizon.start_utc, plan.horizon.end_utc)
    return " to ".join(f"{day_text(instant)} {instant:%H:%M}" for instant in ends) + " UTC"

"""From passes to the whole windows that a contact can fill, or to the reason why there is none."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eagleplan.model import Pass, Reason, Site

PART = re.compile(r"(?P<window>.+)-(?P<first_s>\d{1,6})to(?P<last_s>\d{1,6})")
"""What `Span.id_of` calls a part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The whole seconds [`start_s`, `end_s`) inside a window of a pass."""

    contact_id: str
    of: Pass
    start_s: int
    end_s: int

    def id_of(self, start_s: int, end_s: int) -> str:
        """What a contact in this window is called: a part by its seconds from the window's start."""
        if (start_s, end_s) == (self.start_s, self.end_s):
            return self.contact_id
        return f"{self.contact_id}-{start_s - self.start_s}to{end_s - self.start_s}"


def whole_spans(
    found: Sequence[Pass], sites: Mapping[str, Site], min_contact_s: int
) -> tuple[list[Span], dict[str, Reason]]:
    """A span for every window of at least `min_contact_s` whole seconds whose light the station can take.

    The second answer says, by pass id, why a pass has none.
    """
    spans: list[Span] = []
    refusals: dict[str, Reason] = {}
    for this in found:
        takes = sites[this.site_id].limits.satellite_ids
        if takes is not None and this.satellite_id not in takes:
            text = f"the receiver of {this.site_id} cannot take the light of {this.satellite_id}"
            refusals[this.pass_id] = Reason(code="incompatible", text=text)
            continue
        if not this.windows:
            refusals[this.pass_id] = Reason(
                code="no-window", text=f"no window: {this.blocked_by or 'elevation'} holds for the whole pass"
            )
            continue
        whole = [(math.ceil(window.start_s), math.floor(window.end_s)) for window in this.windows]
        usable = [(start_s, end_s) for start_s, end_s in whole if end_s - start_s >= min_contact_s]
        if not usable:
            longest_s = max(end_s - start_s for start_s, end_s in whole)
            refusals[this.pass_id] = Reason(
                code="too-short",
                text=f"longest window has {max(0, longest_s)} s, a contact needs {min_contact_s} s",
            )
        for number, (start_s, end_s) in enumerate(usable, 1):
            part = "" if len(usable) == 1 else f"-{number}"
            spans.append(Span(contact_id=this.pass_id + part, of=this, start_s=start_s, end_s=end_s))
    return spans, refusals

"""Where a window is cut, so that it can share its satellite or its station with the windows it overlaps.

A cut is worth something only where another contact can begin or end beside it:

- a contact may begin after the window does because another one ended before: at that one's latest end and the
  changeover, or earlier, on a grid;
- it may end before the window does because another one begins after: at that one's earliest start less the changeover,
  or later, on a grid;
- and it may end in time for its key to be used at an instant that lies within the window.

The grid is the same for all windows, so that what ends at one of its points makes room for what begins a changeover
later. Where a satellite may work for some seconds only, or a whole window gives no key, all of it is cut.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from eagleplan.pipeline.spans import Span

Indices = npt.NDArray[np.int64]

Also = Sequence[tuple[int, int]]

_NONE: Indices = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class CutRules:
    """How windows are cut.

    `changeover_s` lies between contacts of one satellite, `set_up_s` between those of one station. `instants_s`, by
    satellite, are those by which a contact should end for its key to be in time.
    """

    grid_s: int
    min_contact_s: int
    changeover_s: int
    set_up_s: Mapping[str, int]
    instants_s: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Parts [`start_s`, `end_s`) of spans, by number, all (n,); those of one span stand together."""

    span: Indices
    start_s: Indices
    end_s: Indices

    def at(self, chosen: Indices) -> Parts:
        """The parts of these numbers, in their order."""
        return Parts(span=self.span[chosen], start_s=self.start_s[chosen], end_s=self.end_s[chosen])


@dataclass(slots=True)
class _Cuts:
    """Where contacts in one span may start and end, besides its own start and end."""

    starts_s: set[int] = field(default_factory=set)
    ends_s: set[int] = field(default_factory=set)


def parts_of(
    spans: Sequence[Span], rivals: Sequence[int], everywhere: Collection[int], also: Mapping[int, Also], rules: CutRules
) -> Parts:
    """The whole of each span first, then all parts between its cuts that are long enough; wholes alone for a grid of 0.

    The spans `rivals`, by number, are those that get into each other's way; those of `everywhere` are cut all over.
    `also` gives, by number, (start_s, end_s) of further parts.
    """
    number: list[Indices] = [_NONE]
    start_s: list[Indices] = [_NONE]
    end_s: list[Indices] = [_NONE]
    for i, (span, cuts) in enumerate(zip(spans, _cuts(spans, rivals, everywhere, rules), strict=True)):
        first, last = _pairs(span, cuts, also.get(i, ()), rules.min_contact_s)
        number.append(np.full(len(first), i, dtype=np.int64))
        start_s.append(first)
        end_s.append(last)
    return Parts(span=np.concatenate(number), start_s=np.concatenate(start_s), end_s=np.concatenate(end_s))


def _pairs(span: Span, cuts: _Cuts, also: Also, min_contact_s: int) -> tuple[Indices, Indices]:
    starts = [span.start_s, *sorted(cuts.starts_s)]
    ends = [*sorted(cuts.ends_s), span.end_s]
    pairs = {(start, end): None for start in starts for end in ends if end - start >= min_contact_s}
    for start, end in also:
        if span.start_s <= start < end <= span.end_s:
            pairs[start, end] = None
    whole = (span.start_s, span.end_s)
    pairs.pop(whole, None)
    rows = np.array([whole, *pairs], dtype=np.int64)
    return rows[:, 0], rows[:, 1]


def _cuts(spans: Sequence[Span], rivals: Sequence[int], everywhere: Collection[int], rules: CutRules) -> list[_Cuts]:
    found = [_Cuts() for _ in spans]
    if rules.grid_s == 0:
        return found
    of_satellite: dict[str, list[int]] = defaultdict(list)
    of_site: dict[str, list[int]] = defaultdict(list)
    for i in sorted(rivals, key=lambda i: spans[i].start_s):
        of_satellite[spans[i].of.satellite_id].append(i)
        of_site[spans[i].of.site_id].append(i)
    for users in of_satellite.values():
        _cut_by_overlaps(spans, users, rules.changeover_s, rules, found)
    for site_id, users in of_site.items():
        _cut_by_overlaps(spans, users, rules.set_up_s[site_id], rules, found)
    for i in rivals:
        instants_s = rules.instants_s[spans[i].of.satellite_id]
        earliest_s = spans[i].start_s + rules.min_contact_s
        found[i].ends_s.update(t_s for t_s in instants_s if earliest_s <= t_s < spans[i].end_s)
    for i in everywhere:
        start_s, end_s = spans[i].start_s, spans[i].end_s
        found[i].starts_s.update(_grid(start_s + 1, end_s - rules.min_contact_s, rules.grid_s))
        found[i].ends_s.update(_grid(start_s + rules.min_contact_s, end_s - 1, rules.grid_s))
    return found


def _cut_by_overlaps(
    spans: Sequence[Span], users: Sequence[int], gap_s: int, rules: CutRules, found: Sequence[_Cuts]
) -> None:
    """Cuts of the spans that use one satellite or one station, `users` by start, `gap_s` apart at least."""
    for place, i in enumerate(users):
        for j in users[place + 1 :]:
            if spans[j].start_s >= spans[i].end_s + gap_s:
                break
            _cut(spans[i], spans[j], gap_s, rules, found[i])
            _cut(spans[j], spans[i], gap_s, rules, found[j])


def _cut(span: Span, other: Span, gap_s: int, rules: CutRules, cuts: _Cuts) -> None:
    """Where `span` may start behind a contact of `other`, and end before one."""
    shortest_s = rules.min_contact_s
    first, last = max(other.start_s + shortest_s + gap_s, span.start_s + 1), span.end_s - shortest_s
    cuts.starts_s.update(t_s + gap_s for t_s in _grid(first - gap_s, min(other.end_s, last - gap_s), rules.grid_s))
    if first <= other.end_s + gap_s <= last:
        cuts.starts_s.add(other.end_s + gap_s)
    first, last = span.start_s + shortest_s, min(other.end_s - shortest_s - gap_s, span.end_s - 1)
    cuts.ends_s.update(_grid(max(other.start_s - gap_s, first), last, rules.grid_s))
    if first <= other.start_s - gap_s <= last:
        cuts.ends_s.add(other.start_s - gap_s)


def _grid(first_s: int, last_s: int, step_s: int) -> range:
    """The multiples of `step_s` from `first_s` to `last_s`."""
    return range(-(-first_s // step_s) * step_s, last_s + 1, step_s)

"""How far a plan is from an earlier one: contacts kept, re-timed, dropped and added, pass by pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eagleplan.schedule.draft import Draft
from eagleplan.schedule.problem import Candidate, Previous

Cost = tuple[tuple[int, ...], tuple[int, ...], int]
"""Columns, coefficients, and what is added to their sum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedPass:
    """A pass of the earlier plan: `kept` has a column per earlier contact that can be kept, and who can keep it."""

    n_earlier: int
    candidates: tuple[int, ...]
    kept: Mapping[int, tuple[int, ...]]
    retimed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeBlock:
    """Passes of the earlier plan, and the contacts of all others, each of which is an addition."""

    passes: tuple[ChangedPass, ...]
    new: tuple[int, ...]
    previous: Previous | None

    def cost(self, drop: int, retime: int, add: int) -> Cost:
        """Σ prices: of u unkept earlier contacts of a pass and r unkept new ones, m are pairs, that is, re-timed.

        The cost of a pass is drop × (u − m) + retime × m + add × (r − m).
        """
        total: dict[int, int] = defaultdict(int)
        offset = 0
        for index in self.new:
            total[index] += add
        for this in self.passes:
            offset += drop * this.n_earlier
            for column in this.kept:
                total[column] -= drop + add
            for index in this.candidates:
                total[index] += add
            total[this.retimed] += retime - drop - add
        columns = tuple(sorted(column for column, price in total.items() if price))
        return columns, tuple(total[column] for column in columns), offset

    def priced(self, in_full: int) -> Cost:
        """The cost in units of an objective that reaches `in_full` where every demand is met."""
        if self.previous is None:
            return (), (), 0
        drop, retime, add = (
            round(price_frac * in_full)
            for price_frac in (
                self.previous.drop_price_frac,
                self.previous.retime_price_frac,
                self.previous.add_price_frac,
            )
        )
        return self.cost(drop, min(retime, drop + add), add)

    def tidy(self, values: list[int]) -> None:
        for this in self.passes:
            left = flown = sum(values[index] for index in this.candidates)
            for column, keepers in this.kept.items():
                values[column] = int(left > 0 and any(values[index] for index in keepers))
                left -= values[column]
            values[this.retimed] = min(this.n_earlier - (flown - left), left)


def change_block(draft: Draft, previous: Previous | None, candidates: Sequence[Candidate]) -> ChangeBlock:
    """Add the columns that count changes; none where there is no earlier plan."""
    if previous is None:
        return ChangeBlock(passes=(), new=(), previous=None)
    by_pass: dict[str, list[int]] = defaultdict(list)
    for index, candidate in enumerate(candidates):
        by_pass[candidate.pass_id].append(index)
    found = []
    for pass_id, spans in sorted(previous.contacts.items()):
        own = tuple(by_pass.pop(pass_id, ()))
        kept = {}
        for start_s, end_s in spans:
            keepers = tuple(
                index
                for index in own
                if abs(candidates[index].start_s - start_s) <= previous.tolerance_s
                and abs(candidates[index].end_s - end_s) <= previous.tolerance_s
            )
            if keepers:
                column = draft.column(1)
                kept[column] = keepers
                draft.row((column, *keepers), (1, *(-1 for _ in keepers)), upper=0)
        retimed = draft.column(min(len(spans), len(own)))
        draft.row((retimed, *kept), (1,) * (1 + len(kept)), upper=len(spans))
        if own:
            draft.row((retimed, *kept, *own), (*(1 for _ in range(1 + len(kept))), *(-1 for _ in own)), upper=0)
        found.append(ChangedPass(n_earlier=len(spans), candidates=own, kept=kept, retimed=retimed))
    new = tuple(sorted(index for indices in by_pass.values() for index in indices))
    return ChangeBlock(passes=tuple(found), new=new, previous=previous)

"""What is known before a choice is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from eagleplan.model import Budget, Contact, Notice, Pass, Profile, Reason
from eagleplan.passes import PassSearch
from eagleplan.schedule import Previous


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateCounts:
    """How the candidates came about.

    Of `n_windows` long enough and able to give key, `n_cut_windows` are in the way of others (or of a limit) and were
    cut into `n_parts` besides the whole. `n_no_key` of all of these give no key, `n_dominated` give no more than a
    part of their own does.
    """

    n_windows: int
    n_cut_windows: int
    n_parts: int
    n_no_key: int
    n_dominated: int
    n_candidates: int

    def stamp(self) -> dict[str, str]:
        """The counts in one line, for the plan."""
        text = (
            f"{self.n_windows} windows, {self.n_cut_windows} of them cut into {self.n_parts} parts; "
            f"{self.n_no_key} without key, {self.n_dominated} dominated, {self.n_candidates} candidates"
        )
        return {"candidates": text}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Each pass, what contacts it offers, what they are worth, and why a pass has none.

    `contacts` holds the whole of every window that is long enough, with key or without; `profiles` and `budgets` belong
    to them one by one. `candidates`, by start, are those of them from which a schedule can choose, and parts. `slews`
    are seconds from the end of a contact until another station can be served, by (satellite, site of the first, its
    end_s, site of the next), where the changeover alone is not enough. `refusals` gives, by pass id, why a pass has no
    contact at all; `contact_refusals` why a whole window is no candidate. In a re-plan `settled` are contacts that stay
    as they are, and `previous` says what may change at which price.
    """

    search: PassSearch
    contacts: tuple[Contact, ...]
    profiles: tuple[Profile, ...]
    budgets: tuple[Budget, ...]
    candidates: tuple[Contact, ...]
    slews: Mapping[tuple[str, str, int, str], int]
    refusals: Mapping[str, Reason]
    contact_refusals: Mapping[str, Reason]
    counts: CandidateCounts
    notices: tuple[Notice, ...]
    settled: tuple[Contact, ...] = ()
    previous: Previous | None = None

    @property
    def passes(self) -> tuple[Pass, ...]:
        return self.search.passes

"""One choice of contacts under many skies at once: the sample average as a programme.

The contacts and their rules stand in it once. Every sky has stocks, flows and worths of its own, over the bits that it
lets through. Contacts of one edge that the same skies let through bring their key through one column that all skies
share.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from eagleplan.schedule.contact_block import contact_block
from eagleplan.schedule.draft import Draft
from eagleplan.schedule.key_block import Terms, Yields, key_block
from eagleplan.schedule.network import KeyNetwork, key_network
from eagleplan.schedule.problem import Candidate, Problem
from eagleplan.schedule.programme import Programme
from eagleplan.schedule.robust_recourse import IntArray
from eagleplan.schedule.robust_solver import Worth
from eagleplan.schedule.robust_worth import DemandWorth, worth_terms, worths_of

MEAN_IN_TAIL = 0.05
"""What the mean over all skies counts besides the mean of the worst: it decides between plans with equal tails."""

TAIL_PARTS = 10**6
"""Columns for the worth of a sky count it in millionths of the most that it can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skies:
    """`bits` (n_skies, n_candidates) in the order of a problem's candidates; sky k stands for `weights[k]` of all."""

    bits: IntArray
    weights: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.weights)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleAverage:
    """Columns 0 … n−1 are `candidates`, whose `bits` are the most that any sky lets through."""

    problem: Problem
    candidates: tuple[Candidate, ...]
    programme: Programme
    worth: Worth


Aim = Callable[[Draft, Sequence[Terms], Skies, Sequence[DemandWorth]], Worth]
"""(draft, each sky's pieces and their worths, skies, worths of demands) -> what to make large."""


def sample_average(problem: Problem, skies: Skies, objectives: Sequence[str], aim: Aim) -> SampleAverage:
    """The programme over all candidates that some sky lets through."""
    most = skies.bits.max(axis=0)
    yielding = replace(
        problem,
        candidates=tuple(replace(c, bits=int(bits)) for c, bits in zip(problem.candidates, most, strict=True)),
        previous=None,
    )
    network = key_network(yielding)
    place = {candidate.contact_id: n for n, candidate in enumerate(problem.candidates)}
    bits = skies.bits[:, [place[candidate.contact_id] for candidate in network.candidates]]
    draft = Draft()
    contact_block(draft, yielding, network.candidates)
    shared = _shared(draft, network, bits)
    worths = worths_of(network.demands, objectives)
    terms = []
    for sky in range(len(bits)):
        keys = key_block(draft, network, _yields(shared, sky))
        terms.append(worth_terms(draft, keys, worths))
    worth = aim(draft, terms, skies, worths)
    return SampleAverage(problem=yielding, candidates=network.candidates, programme=draft.done(), worth=worth)


def mean_met(draft: Draft, terms: Sequence[Terms], skies: Skies, worths: Sequence[DemandWorth]) -> Worth:
    """Mean worth over the skies."""
    return Worth(
        columns=tuple(column for columns, _ in terms for column in columns),
        coefficients=tuple(
            coefficient * weight / skies.total
            for (_, coefficients), weight in zip(terms, skies.weights, strict=True)
            for coefficient in coefficients
        ),
        in_full=float(max(1, sum(worth.quantity for worth in worths))),
    )


def cvar(tail_frac: float) -> Aim:
    """Mean worth over the worst `tail_frac` of the skies (Rockafellar & Uryasev 2000, J. Risk 2:21, eq. 17)."""

    def aim(draft: Draft, terms: Sequence[Terms], skies: Skies, worths: Sequence[DemandWorth]) -> Worth:
        most = sum(worth.most for worth in worths)
        unit = max(1, most // TAIL_PARTS)
        threshold = draft.column(most // unit + 1)
        below = []
        for columns, coefficients in terms:
            short = draft.column(most // unit + 1)
            draft.row((*columns, short, threshold), (*coefficients, unit, -unit), lower=0)
            below.append(short)
        mean = mean_met(draft, terms, skies, worths)
        return Worth(
            columns=(threshold, *below, *mean.columns),
            coefficients=(
                float(unit),
                *(-unit * weight / (tail_frac * skies.total) for weight in skies.weights),
                *(MEAN_IN_TAIL * coefficient for coefficient in mean.coefficients),
            ),
            in_full=mean.in_full,
        )

    return aim


def _shared(draft: Draft, network: KeyNetwork, bits: IntArray) -> Mapping[tuple[int, int], list[tuple[IntArray, int]]]:
    """For each (edge, cohort): what each sky gets (n_skies,) when a column of contacts or of their sum is 1."""
    most = np.array([candidate.bits for candidate in network.candidates], dtype=np.int64)
    found = {}
    for number, edge in enumerate(network.edges):
        for cohort, own in enumerate(edge.cohorts):
            groups: dict[bytes | int, list[int]] = defaultdict(list)
            for index in own.candidates:
                column = bits[:, index]
                # A contact that some sky lets through in part goes alone.
                whole = bool(np.all((column == 0) | (column == most[index])))
                groups[(column > 0).tobytes() if whole else index].append(index)
            entries: list[tuple[IntArray, int]] = []
            for members in groups.values():
                if len(members) == 1:
                    entries.append((bits[:, members[0]], members[0]))
                    continue
                total = draft.column(int(most[members].sum()))
                draft.row((total, *members), (1, *(-int(most[n]) for n in members)), lower=0, upper=0)
                entries.append(((bits[:, members[0]] > 0).astype(np.int64), total))
            found[number, cohort] = entries
    return found


def _yields(shared: Mapping[tuple[int, int], list[tuple[IntArray, int]]], sky: int) -> Yields:
    def yields(edge: int, cohort: int) -> Terms:
        here = [(column, int(bits[sky])) for bits, column in shared[edge, cohort] if bits[sky]]
        return tuple(column for column, _ in here), tuple(bits for _, bits in here)

    return yields

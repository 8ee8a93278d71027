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
from eagleplan.schedule.problem import Candidate, PairDemand, Problem
from eagleplan.schedule.programme import Programme
from eagleplan.schedule.robust_recourse import IntArray
from eagleplan.schedule.robust_solver import Worth
from eagleplan.schedule.robust_worth import DemandWorth, worth_terms, worths_of

MEAN_IN_TAIL = 0.05
"""What the mean over all skies counts besides the mean of the worst: it decides between plans with equal tails."""

MET_IN_KEPT = 0.01
"""What all demand met in full counts besides guarantees kept, each of which counts its weight: it decides between
plans that keep as many."""

KEPT_PARTS = 10**6
"""Guarantees kept are counted in millionths."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What an aim sees: `terms` are each sky's pieces and what they are worth, `met` its columns of bits delivered.

    `demands` and `worths` go with each of `met`.
    """

    skies: Skies
    terms: Sequence[Terms]
    met: Sequence[Sequence[int | None]]
    demands: Sequence[PairDemand]
    worths: Sequence[DemandWorth]


Aim = Callable[[Draft, Sample], Worth]
"""What to make large; it may add columns and rows."""


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
    terms, met = [], []
    for sky in range(len(bits)):
        keys = key_block(draft, network, _yields(shared, sky))
        terms.append(worth_terms(draft, keys, worths))
        met.append(keys.met)
    worth = aim(draft, Sample(skies=skies, terms=terms, met=met, demands=network.demands, worths=worths))
    return SampleAverage(problem=yielding, candidates=network.candidates, programme=draft.done(), worth=worth)


def mean_met(draft: Draft, sample: Sample) -> Worth:
    """Mean worth over the skies."""
    skies = sample.skies
    return Worth(
        columns=tuple(column for columns, _ in sample.terms for column in columns),
        coefficients=tuple(
            coefficient * weight / skies.total
            for (_, coefficients), weight in zip(sample.terms, skies.weights, strict=True)
            for coefficient in coefficients
        ),
        in_full=float(max(1, sum(worth.quantity for worth in sample.worths))),
    )


def cvar(tail_frac: float) -> Aim:
    """Mean worth over the worst `tail_frac` of the skies (Rockafellar & Uryasev 2000, J. Risk 2:21, eq. 17)."""

    def aim(draft: Draft, sample: Sample) -> Worth:
        skies = sample.skies
        most = sum(worth.most for worth in sample.worths)
        unit = max(1, most // TAIL_PARTS)
        threshold = draft.column(most // unit + 1)
        below = []
        for columns, coefficients in sample.terms:
            short = draft.column(most // unit + 1)
            draft.row((*columns, short, threshold), (*coefficients, unit, -unit), lower=0)
            below.append(short)
        mean = mean_met(draft, sample)
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


def kept_guarantees(draft: Draft, sample: Sample) -> Worth:
    """Mean over the skies of the weights of the guarantees kept, in millionths, and `MET_IN_KEPT` × the worth's share.

    A guarantee is kept under a sky or not: a column of 0 or 1, so that the flow of key decides which to keep where it
    cannot keep all. With such columns in fractions the programme bounds what any choice can keep.
    """
    skies = sample.skies
    kept: list[int] = []
    chances: list[float] = []
    for met, weight in zip(sample.met, skies.weights, strict=True):
        for demand, column in zip(sample.demands, met, strict=True):
            if column is None or not demand.guarantee_bits or draft.upper[column] < demand.guarantee_bits:
                continue
            whole = draft.column(1)
            draft.row((whole, column), (demand.guarantee_bits, -1), upper=0)
            kept.append(whole)
            chances.append(KEPT_PARTS * demand.weight * weight / skies.total)
    mean = mean_met(draft, sample)
    share = KEPT_PARTS * MET_IN_KEPT / max(1, sum(worth.most for worth in sample.worths))
    weights = sum(demand.weight for demand in sample.demands if demand.guarantee_bits)
    return Worth(
        columns=(*kept, *mean.columns),
        coefficients=(*chances, *(share * coefficient for coefficient in mean.coefficients)),
        in_full=float(KEPT_PARTS * max(1, weights)),
        whole=tuple(kept),
    )


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

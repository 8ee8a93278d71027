"""What a choice of contacts delivers when the sky has decided which of them are clear.

Contacts are fixed, key is handed out afterwards: the recourse under each sky is the flow of key that is worth most. It
counts on the bits that really came down, not on expected ones.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from eagleplan.schedule.draft import Draft
from eagleplan.schedule.key_block import Terms, key_block
from eagleplan.schedule.network import KeyNetwork, key_network
from eagleplan.schedule.problem import Problem
from eagleplan.schedule.robust_solver import SkyModel, Worth
from eagleplan.schedule.robust_worth import worth_terms, worths_of
from eagleplan.units import FloatArray

IntArray = npt.NDArray[np.int64]

ROUNDING = 1e-4
"""Bits by which a linear solver's sum may fall short of a whole number and still be taken for it."""


class Recourse:
    """The flow of key with these contacts flown, solved for one sky after the other.

    `realised_bits` (n_skies, n_candidates) goes with `problem.candidates`; the columns of contacts that are not among
    `chosen_ids` are not looked at.
    """

    def __init__(
        self, problem: Problem, chosen_ids: Collection[str], realised_bits: IntArray, objectives: Sequence[str]
    ) -> None:
        chosen = [n for n, candidate in enumerate(problem.candidates) if candidate.contact_id in frozenset(chosen_ids)]
        most = realised_bits[:, chosen].max(axis=0, initial=0)
        flown = replace(
            problem,
            candidates=tuple(
                replace(problem.candidates[n], bits=int(bits)) for n, bits in zip(chosen, most, strict=True)
            ),
            limits=(),
            pins=(),
            previous=None,
        )
        self.network = key_network(flown)
        worths = worths_of(self.network.demands, objectives)
        self.demand_ids = tuple(demand.demand_id for demand in problem.demands)
        draft = Draft()
        arrivals = _arrivals(draft, self.network)
        keys = key_block(draft, self.network, lambda edge, cohort: _terms(arrivals, edge, cohort))
        columns, coefficients = worth_terms(draft, keys, worths)
        full = float(max(1, sum(worth.quantity for worth in worths)))
        self._met = dict(zip((d.demand_id for d in self.network.demands), keys.met, strict=True))
        self._model = SkyModel(
            draft.done(), Worth(columns=columns, coefficients=tuple(map(float, coefficients)), in_full=full)
        )
        self._columns = list(arrivals.values())
        self._arrived = self._sums(problem, arrivals, realised_bits)

    def _sums(self, problem: Problem, arrivals: dict[tuple[int, int], int], realised_bits: IntArray) -> IntArray:
        """Bits that come into each (edge, cohort) with a column, shape (n_skies, n_columns)."""
        place = {candidate.contact_id: n for n, candidate in enumerate(problem.candidates)}
        where = [place[candidate.contact_id] for candidate in self.network.candidates]
        sums = [
            realised_bits[:, [where[n] for n in self.network.edges[edge].cohorts[cohort].candidates]].sum(axis=1)
            for edge, cohort in arrivals
        ]
        return np.array(sums, dtype=np.int64).reshape(len(sums), len(realised_bits)).T

    def run(self) -> tuple[IntArray, FloatArray]:
        """Whole bits delivered (n_skies, n_demands), in the order of the problem's demands, and worth (n_skies,)."""
        kinds, kind_of = np.unique(self._arrived, axis=0, return_inverse=True)
        delivered = np.zeros((len(kinds), len(self.demand_ids)), dtype=np.int64)
        worth = np.zeros(len(kinds))
        met = [(n, column) for n, name in enumerate(self.demand_ids) if (column := self._met[name]) is not None]
        for kind, arrived in enumerate(kinds):
            for column, bits in zip(self._columns, arrived, strict=True):
                self._model.bound(column, 0.0, float(bits))
            found = self._model.relaxed()
            if found is None:
                raise ArithmeticError("GLOP finds no flow of key, not even none")
            worth[kind] = found.worth
            for n, column in met:
                delivered[kind, n] = int(np.floor(found.values[column] + ROUNDING))
        return delivered[kind_of.ravel()], worth[kind_of.ravel()]


def delivered_over_skies(
    problem: Problem, chosen_ids: Collection[str], realised_bits: IntArray, objectives: Sequence[str]
) -> IntArray:
    """Bits that each demand gets under each sky, shape (n_skies, n_demands), rounded down.

    Under every sky key goes first to guarantees, by class, then to where the plan's quantity goal (fairness or weighted
    bits, see `robust_worth`) makes most of it.
    """
    delivered, _ = Recourse(problem, chosen_ids, realised_bits, objectives).run()
    return delivered


def _arrivals(draft: Draft, network: KeyNetwork) -> dict[tuple[int, int], int]:
    """A column for what contacts bring into each cohort."""
    return {
        (edge, cohort): draft.column(sum(network.candidates[n].bits for n in this.candidates))
        for edge, own in enumerate(network.edges)
        for cohort, this in enumerate(own.cohorts)
        if this.candidates
    }


def _terms(arrivals: dict[tuple[int, int], int], edge: int, cohort: int) -> Terms:
    column = arrivals.get((edge, cohort))
    return ((), ()) if column is None else ((column,), (1,))

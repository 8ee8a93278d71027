"""What a good plan is: objectives in order of importance, each one linear, each decided before the next.

A new one is a function and a line in `LEVELS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from eagleplan.schedule.formulation import Formulation

Sense = Literal["min", "max"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """Σ coefficient × column, to be made small or large; coefficients are positive.

    Nothing is better than `trivial_bound`, which follows from the bounds of single columns.
    """

    name: str
    sense: Sense
    columns: tuple[int, ...]
    coefficients: tuple[int, ...]
    trivial_bound: int

    def value(self, values: Sequence[int]) -> int:
        return sum(k * values[c] for c, k in zip(self.columns, self.coefficients, strict=True))

    def is_bound(self, bound: int, value: int) -> bool:
        """Whether `value` is no better than `bound`."""
        return bound <= value if self.sense == "min" else bound >= value


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How well a plan does at one level: nothing better than `bound` exists, given the levels before."""

    name: str
    sense: Sense
    objective: int
    bound: int

    @property
    def proven(self) -> bool:
        return self.objective == self.bound

    @property
    def gap_frac(self) -> float:
        """|bound − objective| as a fraction of the larger of the two; 0 when proven."""
        return 0.0 if self.proven else abs(self.bound - self.objective) / max(self.bound, self.objective)


def weighted_shortfall_bits(formulation: Formulation) -> Objective:
    """Bits that guarantees are short of, each times its demand's weight."""
    demands = formulation.network.demands
    most = _most_delivered(formulation)
    return Objective(
        name="weighted_shortfall_bits",
        sense="min",
        columns=tuple(formulation.shortfall_columns.values()),
        coefficients=tuple(demands[demand].weight for demand in formulation.shortfall_columns),
        trivial_bound=sum(d.weight * max(0, d.guarantee_bits - m) for d, m in zip(demands, most, strict=True)),
    )


def weighted_met_bits(formulation: Formulation) -> Objective:
    """Bits delivered, each times its demand's weight."""
    network = formulation.network
    return Objective(
        name="weighted_met_bits",
        sense="max",
        columns=formulation.relay_columns,
        coefficients=tuple(network.demands[relay.demand].weight for relay in network.relays),
        trivial_bound=sum(
            demand.weight * bits for demand, bits in zip(network.demands, _most_delivered(formulation), strict=True)
        ),
    )


def _most_delivered(formulation: Formulation) -> list[int]:
    """Bits that each demand can get if it is alone and no contact excludes another."""
    network = formulation.network
    return [
        min(demand.bits, sum(network.relays[relay].most_bits for relay in relays))
        for demand, relays in zip(network.demands, network.relays_of(), strict=True)
    ]


def n_contacts(formulation: Formulation) -> Objective:
    """Contacts flown."""
    n = len(formulation.network.candidates)
    return Objective(name="n_contacts", sense="min", columns=tuple(range(n)), coefficients=(1,) * n, trivial_bound=0)


def produced_bits(formulation: Formulation) -> Objective:
    """Bits that the chosen contacts give: among equals, the plan with the most in reserve."""
    candidates = formulation.network.candidates
    return Objective(
        name="produced_bits",
        sense="max",
        columns=tuple(range(len(candidates))),
        coefficients=tuple(candidate.bits for candidate in candidates),
        trivial_bound=sum(candidate.bits for candidate in candidates),
    )


LEVELS: Mapping[str, Callable[[Formulation], Objective]] = {
    "weighted_shortfall_bits": weighted_shortfall_bits,
    "weighted_met_bits": weighted_met_bits,
    "n_contacts": n_contacts,
    "produced_bits": produced_bits,
}
"""Most important first."""

"""A linear programme from rows, with a price for each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eagleplan.schedule.linear import Linear, relaxed
from eagleplan.schedule.programme import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxed:
    """The optimum of a linear programme about bits: its value, and a price for each row.

    A price is what the value gains per unit by which the row's bound is loosened, never negative for a bound from above
    and never positive for one from below; 0 where the row does not bind.
    """

    value_bits: float
    prices_bits: tuple[float, ...]


def relax(upper: Sequence[int], rows: Sequence[Row], most: Mapping[int, int]) -> Relaxed:
    """Make Σ `most` × column as large as possible, columns between 0 and `upper` and in no need to be whole.

    Raises ArithmeticError where no columns keep every row.
    """
    gain = np.zeros(len(upper))
    for column, coefficient in most.items():
        gain[column] = coefficient
    found = relaxed(
        Linear(
            gain=gain,
            most=np.array(upper, dtype=np.float64),
            whole=np.zeros(len(upper), dtype=np.bool_),
            rows=np.array([number for number, row in enumerate(rows) for _ in row.columns], dtype=np.int64),
            columns=np.array([column for row in rows for column in row.columns], dtype=np.int64),
            factors=np.array([k for row in rows for k in row.coefficients], dtype=np.float64),
            lower=np.array([-np.inf if row.lower is None else row.lower for row in rows], dtype=np.float64),
            upper=np.array([np.inf if row.upper is None else row.upper for row in rows], dtype=np.float64),
        )
    )
    if found.values is None or found.prices is None:
        raise ArithmeticError("the linear programme has no solution")
    return Relaxed(value_bits=float(gain @ found.values), prices_bits=tuple(found.prices.tolist()))

"""What is kept of a cell: a row of the table of cells, and a row for each of its demands."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]

CellStatus = Literal["done", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRow:
    """A cell and what came of it; figures are None where it failed, and `error` says why.

    `mean_bits` and `mean_met_frac` are over the skies of the outlook, None where none were drawn. Bits are those of all
    demands together, and met fractions what these are of all bits wanted, 1 where nothing is. `objective`, `bound` and
    `gap_frac` are of the plan's first objective that is not proven, or of its first.
    """

    cell: int
    labels: tuple[str, ...]
    week: str
    start_utc: str
    days: float
    status: CellStatus
    error: str = ""
    n_satellites: int | None = None
    n_sites: int | None = None
    n_demands: int | None = None
    n_passes: int | None = None
    n_contacts: int | None = None
    wanted_bits: int | None = None
    delivered_bits: int | None = None
    met_frac: float | None = None
    mean_bits: float | None = None
    mean_met_frac: float | None = None
    n_met: int | None = None
    n_guarantees: int | None = None
    n_guarantees_kept: int | None = None
    solver: str = ""
    solver_status: str = ""
    objective_name: str = ""
    objective: int | None = None
    bound: int | None = None
    gap_frac: float | None = None
    plan_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandRow:
    """A demand of a cell; a failed cell has none. What the outlook says is None where no skies were drawn.

    `sky_bits` is what the demand gets under each sky (n_skies,), and `sky_key_nights` in how many of the `n_nights`
    nights of the horizon some contact gave key to a station of either end.
    """

    cell: int
    demand_id: str
    node_a: str
    node_b: str
    priority: int
    wanted_bits: int
    guarantee_bits: int
    delivered_bits: int
    met_frac: float
    guarantee_kept: bool
    n_skies: int
    mean_bits: float | None
    p10_bits: int | None
    p50_bits: int | None
    p90_bits: int | None
    p_guarantee: float | None
    n_nights: int
    sky_bits: IntArray
    sky_key_nights: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class CellResult:
    """What a worker gives back; the two times go into a file of their own, and are 0 where rows are read."""

    row: CellRow
    demands: tuple[DemandRow, ...] = ()
    pipeline_s: float = 0.0
    worker_s: float = 0.0


Kind = Literal["int", "float", "str", "bool", "ints"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table: `field` is the row's, `part` an index into it where one field fills several columns."""

    name: str
    kind: Kind
    field: str
    part: int | None = None


_KINDS: dict[str, Kind] = {
    "int": "int",
    "float": "float",
    "str": "str",
    "CellStatus": "str",
    "bool": "bool",
    "IntArray": "ints",
}


def cell_columns(label_columns: tuple[str, ...]) -> tuple[Column, ...]:
    """The columns of the table of cells; the labels stand after the number, each under the key that it belongs to."""
    found: list[Column] = []
    for column in _columns(CellRow):
        if column.field == "labels":
            found += [
                Column(name=name, kind="str", field="labels", part=index) for index, name in enumerate(label_columns)
            ]
        else:
            found.append(column)
    return tuple(found)


def demand_columns() -> tuple[Column, ...]:
    """The columns of the table of demands."""
    return tuple(_columns(DemandRow))


def _columns(row: type[CellRow] | type[DemandRow]) -> list[Column]:
    return [
        Column(name=one.name, kind=_KINDS.get(str(one.type).removesuffix(" | None"), "str"), field=one.name)
        for one in dataclasses.fields(row)
    ]

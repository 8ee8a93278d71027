"""A programme under construction: columns and rows are added by whoever has something to say."""

from __future__ import annotations

from collections.abc import Sequence

from eagleplan.schedule.programme import Programme, Resource, Row, programme


class Draft:
    """Columns are whole numbers from 0 to what `column` is told; `done` makes the programme of all that was added."""

    def __init__(self) -> None:
        self.upper: list[int] = []
        self.rows: list[Row] = []
        self.resources: list[Resource] = []
        self.at_most_one: list[tuple[int, ...]] = []

    def column(self, most: int) -> int:
        """A new column; returns its number."""
        self.upper.append(most)
        return len(self.upper) - 1

    def row(
        self,
        columns: Sequence[int],
        coefficients: Sequence[int],
        *,
        lower: int | None = None,
        upper: int | None = None,
    ) -> None:
        """`lower` <= Σ coefficient × column <= `upper`."""
        self.rows.append(Row(columns=tuple(columns), coefficients=tuple(coefficients), lower=lower, upper=upper))

    def done(self) -> Programme:
        return programme(self.upper, self.rows, self.resources, self.at_most_one)

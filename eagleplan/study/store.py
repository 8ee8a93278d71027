"""A study's directory: results in the order of their cells, whole after every kill.

The open part is a journal, a line for each cell. When it holds `PART_CELLS` cells, or the study's last, it becomes a
part of each table: first of the demands, then of the cells. Parts that are there count from the first; what the journal
says of cells that have their part already is a leftover. So a run that was killed loses what its workers were at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from eagleplan.operations.files import write_file
from eagleplan.study.journal import Journal
from eagleplan.study.rows import CellResult, CellRow, DemandRow, cell_columns, demand_columns
from eagleplan.study.tables import TableFormat, codec, restored

PART_CELLS = 256
"""Cells of a part: so many are in memory at once, whatever the size of the study."""

CELLS_FOLDER = "cells"
DEMANDS_FOLDER = "demands"
JOURNAL_NAME = "journal.jsonl"
RETRY_NAME = "retry.jsonl"


class Parts:
    """The closed parts of the two tables."""

    def __init__(self, directory: Path, table: TableFormat, label_columns: tuple[str, ...]) -> None:
        self._directory = directory
        self._table = table
        self._codec = codec(table)
        self._cell_columns = cell_columns(label_columns)
        self._demand_columns = demand_columns()

    def path(self, folder: str, part: int) -> Path:
        return self._directory / folder / f"part-{part:05d}.{self._table}"

    def count(self) -> int:
        """Whole parts from the first on."""
        part = 0
        while self.path(CELLS_FOLDER, part).exists() and self.path(DEMANDS_FOLDER, part).exists():
            part += 1
        return part

    def write(self, part: int, results: list[CellResult]) -> None:
        """Writes a part, or writes it anew; the cells' own last, since they say that it is there."""
        demands = (row for result in results for row in result.demands)
        write_file(self.path(DEMANDS_FOLDER, part), self._codec.encode(self._demand_columns, demands))
        cells = (result.row for result in results)
        write_file(self.path(CELLS_FOLDER, part), self._codec.encode(self._cell_columns, cells))

    def rows(self, part: int) -> Iterator[CellRow]:
        """The cells of a part."""
        for values in self._codec.decode(self._cell_columns, self.path(CELLS_FOLDER, part)):
            yield restored(CellRow, values, self._cell_columns)

    def read(self, part: int) -> Iterator[CellResult]:
        """The cells of a part, with their demands."""
        demands = self._demands(part)
        waiting = next(demands, None)
        for row in self.rows(part):
            own: list[DemandRow] = []
            while waiting is not None and waiting.cell <= row.cell:
                if waiting.cell == row.cell and row.status == "done":
                    own.append(waiting)
                waiting = next(demands, None)
            yield CellResult(row=row, demands=tuple(own))

    def _demands(self, part: int) -> Iterator[DemandRow]:
        for values in self._codec.decode(self._demand_columns, self.path(DEMANDS_FOLDER, part)):
            yield restored(DemandRow, values, self._demand_columns)


class ResultStore:
    """What is known of a study's cells; for one process at a time, which holds the directory's lock."""

    def __init__(self, directory: Path, table: TableFormat, label_columns: tuple[str, ...], n_cells: int) -> None:
        """Opens what is there, whatever state a killed run left it in."""
        self._n_cells = n_cells
        self._parts = Parts(directory, table, label_columns)
        self._journal = Journal(directory / JOURNAL_NAME)
        self._retries = Journal(directory / RETRY_NAME)
        for folder in (directory, directory / CELLS_FOLDER, directory / DEMANDS_FOLDER):
            for leftover in folder.glob(".*.new-*") if folder.is_dir() else ():
                leftover.unlink()
        self._n_parts = self._parts.count()
        self._journal.mend()
        first = next(self._journal.read(), None)
        if first is not None and first.row.cell != self._n_parts * PART_CELLS:
            self._journal.clear()
        self.n_committed = min(self._n_parts * PART_CELLS, n_cells) + sum(1 for _ in self._journal.read())
        self._close_part_if_full()
        self._retries.mend()
        self.merge_retries()

    def add(self, result: CellResult) -> None:
        """Keeps the result of the next cell."""
        if result.row.cell != self.n_committed:
            raise ValueError(f"cell {result.row.cell} came where {self.n_committed} was due")
        self._journal.add(result)
        self.n_committed += 1
        self._close_part_if_full()

    def _close_part_if_full(self) -> None:
        is_full = self.n_committed >= min((self._n_parts + 1) * PART_CELLS, self._n_cells)
        if is_full and self.n_committed > self._n_parts * PART_CELLS:
            self._parts.write(self._n_parts, list(self._journal.read()))
            self._n_parts += 1
            self._journal.clear()

    def failed_cells(self, part: int) -> list[int]:
        """Numbers of the failed cells of a part; that after the last closed one is the open one."""
        rows = self._parts.rows(part) if part < self._n_parts else (result.row for result in self._journal.read())
        return [row.cell for row in rows if row.status == "failed"]

    @property
    def part_numbers(self) -> range:
        """Every part, with the open one."""
        return range(self._n_parts + 1)

    @property
    def n_failed(self) -> int:
        """How many cells have failed so far."""
        return sum(len(self.failed_cells(part)) for part in self.part_numbers)

    def retry(self, result: CellResult) -> None:
        """Keeps another result of a cell that failed; it counts from `merge_retries` on."""
        self._retries.add(result)

    def merge_retries(self) -> None:
        """Puts what was tried again in the place of what failed: all of one part."""
        fresh = {result.row.cell: result for result in self._retries.read()}
        if not fresh:
            self._retries.clear()
            return
        part = self.part_of(min(fresh))
        if part < self._n_parts:
            self._parts.write(part, list(_replaced(self._parts.read(part), fresh)))
        else:
            self._journal.replace(list(_replaced(self._journal.read(), fresh)))
        self._retries.clear()

    @staticmethod
    def part_of(number: int) -> int:
        """The part to which a cell belongs."""
        return number // PART_CELLS


def stored_results(directory: Path, table: TableFormat, label_columns: tuple[str, ...]) -> Iterator[CellResult]:
    """Every result that is there, in the order of the cells; for readers, also while another process writes."""
    parts = Parts(directory, table, label_columns)
    n_parts = parts.count()
    for part in range(n_parts):
        yield from parts.read(part)
    for result in Journal(directory / JOURNAL_NAME).read():
        if result.row.cell >= n_parts * PART_CELLS:
            yield result


def _replaced(results: Iterable[CellResult], fresh: dict[int, CellResult]) -> Iterator[CellResult]:
    for result in results:
        yield fresh.get(result.row.cell, result)

"""Results of a study, one by one, however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from eagleplan.study.record import read_study_record
from eagleplan.study.rows import CellResult
from eagleplan.study.store import stored_results


def read_results(directory: Path) -> Iterator[CellResult]:
    """Every result that is there, in the order of the cells, also while the study runs; raises InputError.

    A few rows are in memory at a time.
    """
    record = read_study_record(directory)
    yield from stored_results(directory, record.table, record.columns)

"""Results on disk: whole after every kill, the same bytes in one go and in many, Parquet and CSV alike."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pyarrow.parquet as pq
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from made_up import LABELS, files_of, made_up, plain, plain_all

from eagleplan.errors import InputError, OutputError
from eagleplan.study import store as store_module
from eagleplan.study import tables
from eagleplan.study.journal import Journal, line_of
from eagleplan.study.rows import CellResult
from eagleplan.study.store import ResultStore, stored_results
from eagleplan.study.tables import TableFormat

N_CELLS = 10
PART = 4
BOTH: tuple[TableFormat, ...] = ("parquet", "csv")


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "PART_CELLS", PART)


def opened(directory: Path, table: TableFormat = "csv") -> ResultStore:
    return ResultStore(directory, table, LABELS, N_CELLS)


def filled(directory: Path, n_cells: int = N_CELLS, table: TableFormat = "csv", failed: tuple[int, ...] = ()) -> None:
    directory.mkdir(exist_ok=True)
    store = opened(directory, table)
    for number in range(store.n_committed, n_cells):
        store.add(made_up(number, failed=number in failed))


def read(directory: Path, table: TableFormat = "csv") -> list[dict[str, object]]:
    return plain_all(stored_results(directory, table, LABELS))


EXPECTED = [plain(made_up(number)) for number in range(N_CELLS)]


@pytest.mark.parametrize("table", BOTH)
def test_what_was_kept_is_read_again(tmp_path: Path, table: TableFormat) -> None:
    filled(tmp_path, table=table)
    assert read(tmp_path, table) == EXPECTED
    names = [f"{folder}/part-0000{part}.{table}" for folder in ("cells", "demands") for part in range(3)]
    assert sorted(files_of(tmp_path)) == names


@pytest.mark.parametrize("table", BOTH)
def test_special_rows_come_back(tmp_path: Path, table: TableFormat) -> None:
    results = [
        made_up(0, failed=True),
        made_up(1, n_demands=0),
        made_up(2, n_skies=0),
        made_up(3, n_skies=50_000),
        *(made_up(number, failed=True) for number in range(4, N_CELLS)),
    ]
    store = opened(tmp_path, table)
    for result in results:
        store.add(result)
    assert read(tmp_path, table) == [plain(result) for result in results]


def test_columns_have_the_types_that_they_say(tmp_path: Path) -> None:
    filled(tmp_path, table="parquet")
    cells = pq.read_schema(tmp_path / "cells" / "part-00000.parquet")
    assert {name: str(cells.field(name).type) for name in ("cell", *LABELS, "met_frac", "error")} == {
        "cell": "int64", LABELS[0]: "string", LABELS[1]: "string", "met_frac": "double", "error": "string",
    }  # fmt: skip
    demands = pq.read_schema(tmp_path / "demands" / "part-00000.parquet")
    assert str(demands.field("guarantee_kept").type) == "bool"
    assert "list" in str(demands.field("sky_bits").type)
    # Another programme sees one table in the parts.
    assert pq.read_table(tmp_path / "demands").num_rows == 2 * N_CELLS


@pytest.mark.parametrize("table", BOTH)
@pytest.mark.parametrize("stop", range(N_CELLS + 1))
def test_a_run_that_stops_anywhere_goes_on_to_the_same_bytes(tmp_path: Path, stop: int, table: TableFormat) -> None:
    filled(tmp_path / "once", table=table)
    filled(tmp_path / "twice", stop, table)
    assert len(read(tmp_path / "twice", table)) == stop
    assert opened(tmp_path / "twice", table).n_committed == stop
    filled(tmp_path / "twice", table=table)
    assert files_of(tmp_path / "twice") == files_of(tmp_path / "once")


class Killed(BaseException):
    """What no code that is tested here would catch."""


def kill_at(patch: pytest.MonkeyPatch, number: int) -> list[CellResult]:
    """Kill at the n-th operation on a file: before it, or, where it adds a line, in the middle of that.

    Returns the results that have been added, as they are.
    """
    added: list[CellResult] = []
    n_done = 0

    def strike() -> bool:
        nonlocal n_done
        n_done += 1
        return n_done == number

    def add(journal: Journal, result: CellResult) -> None:
        line = line_of(result)
        is_last = strike()
        with journal.path.open("ab") as file:
            file.write(line[: len(line) // 2] if is_last else line)
        if is_last:
            raise Killed
        added.append(result)

    def killable(real: Callable[..., object]) -> Callable[..., object]:
        def operation(*arguments: object, **more: object) -> object:
            if strike():
                raise Killed
            return real(*arguments, **more)

        return operation

    patch.setattr(Journal, "add", add)
    patch.setattr(Journal, "clear", killable(Journal.clear))
    patch.setattr(Path, "replace", killable(Path.replace))
    return added


N_OPERATIONS = 20
"""Of a whole run: ten lines, two files and the end of the journal for each of three parts, a look for retries."""


@pytest.mark.parametrize("number", range(1, N_OPERATIONS + 2))
def test_a_kill_at_any_write_loses_at_most_what_was_in_flight(tmp_path: Path, number: int) -> None:
    folder = tmp_path / "killed"
    with pytest.MonkeyPatch.context() as patch:
        added = kill_at(patch, number)
        with pytest.raises(Killed) if number <= N_OPERATIONS else nullcontext():
            filled(folder)
    n_added = len(added)
    assert read(folder) == EXPECTED[:n_added]
    assert opened(folder).n_committed == n_added
    filled(folder)
    filled(tmp_path / "once")
    assert files_of(folder) == files_of(tmp_path / "once")


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_torn_last_line_is_dropped(tmp_path: Path, cut: int) -> None:
    filled(tmp_path, 7)
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-cut])
    assert read(tmp_path) == EXPECTED[:6]
    assert opened(tmp_path).n_committed == 6
    filled(tmp_path)
    assert read(tmp_path) == EXPECTED


def test_a_line_whose_checksum_is_wrong_ends_what_counts(tmp_path: Path) -> None:
    filled(tmp_path, 7)
    journal = tmp_path / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b'"done"', b'"dono"')
    journal.write_bytes(b"".join(lines))
    assert opened(tmp_path).n_committed == 5


def test_cells_come_in_their_order_or_not_at_all(tmp_path: Path) -> None:
    store = opened(tmp_path)
    with pytest.raises(ValueError, match="cell 3 came where 0 was due"):
        store.add(made_up(3))


@pytest.mark.parametrize("table", BOTH)
@pytest.mark.parametrize("n_cells", [3, 6, N_CELLS])
def test_failed_cells_are_replaced_where_they_are(tmp_path: Path, table: TableFormat, n_cells: int) -> None:
    failed = tuple(number for number in (0, 2, 5, 9) if number < n_cells)
    filled(tmp_path / "ill", n_cells, table, failed)
    store = opened(tmp_path / "ill", table)
    found = [number for part in store.part_numbers for number in store.failed_cells(part)]
    assert tuple(found) == failed
    assert store.n_failed == len(failed)
    for number in failed:
        store.retry(made_up(number))
        store.merge_retries()
    filled(tmp_path / "ill", table=table)
    filled(tmp_path / "well", table=table)
    assert files_of(tmp_path / "ill") == files_of(tmp_path / "well")


@pytest.mark.parametrize("number", range(1, 7))
def test_a_kill_while_failed_cells_are_replaced(tmp_path: Path, number: int) -> None:
    folder = tmp_path / "ill"
    filled(folder, failed=(1, 2))
    with pytest.MonkeyPatch.context() as patch:
        kill_at(patch, number)
        with pytest.raises(Killed):
            retry(folder)
    assert len(read(folder)) == N_CELLS
    retry(folder)
    filled(tmp_path / "well")
    assert files_of(folder) == files_of(tmp_path / "well")


def retry(folder: Path) -> None:
    store = opened(folder)
    for number in store.failed_cells(0):
        store.retry(made_up(number))
    store.merge_retries()


def test_leftovers_of_a_killed_write_are_cleared(tmp_path: Path) -> None:
    filled(tmp_path, 5)
    (tmp_path / "cells" / ".part-00001.csv.new-1234").write_bytes(b"half")
    opened(tmp_path)
    assert not list(tmp_path.rglob(".*.new-*"))


def test_a_table_of_another_study_is_refused(tmp_path: Path) -> None:
    filled(tmp_path, 4)
    with pytest.raises(InputError, match="has other columns"):
        list(stored_results(tmp_path, "csv", ("another.axis",)))


def test_without_pyarrow_tables_are_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tables.best_format() == "parquet"
    monkeypatch.setattr(tables, "find_spec", lambda name: None)
    assert tables.best_format() == "csv"
    with pytest.raises(OutputError, match="pyarrow is not installed"):
        opened(tmp_path, "parquet")


def test_a_part_is_read_row_by_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "ROWS_AT_ONCE", 3)
    filled(tmp_path, table="parquet")
    assert pq.ParquetFile(tmp_path / "demands" / "part-00000.parquet").num_row_groups == 3
    assert read(tmp_path, "parquet") == EXPECTED

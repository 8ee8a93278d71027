"""Rows on stdout: a table for people, CSV or JSON for programmes."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from eagleplan.cli.shell import console_on, emit

FILE_WIDTH = 120
"""Columns of a table that is not for a terminal."""

Cell = str | int | float | None
Row = Mapping[str, Cell]


class RowFormat(StrEnum):
    """How rows are written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


Format = Annotated[
    RowFormat | None,
    typer.Option("--format", "-f", help="Default: table on a terminal, csv into a pipe or file.", show_default=False),
]
RowsOutput = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="File to write instead of stdout.", show_default=False),
]


def chosen_format(form: RowFormat | None, *, as_json: bool, output: Path | None) -> RowFormat:
    """The format that the options ask for: a table only where somebody looks at a terminal, or says so."""
    if as_json:
        return RowFormat.JSON
    if form is None:
        return RowFormat.TABLE if output is None and sys.stdout.isatty() else RowFormat.CSV
    return form


def write_rows(
    rows: Sequence[Row],
    *,
    form: RowFormat | None,
    as_json: bool = False,
    output: Path | None = None,
    title: str | None = None,
    table_columns: Sequence[str] | None = None,
    columns: Sequence[str] = (),
) -> None:
    """Write `rows`, which share their keys; `table_columns` picks those that fit a terminal.

    `columns` is the CSV's header where there may be no row.
    """
    form = chosen_format(form, as_json=as_json, output=output)
    if form is RowFormat.JSON:
        emit((json.dumps(list(rows), indent=2, ensure_ascii=False) + "\n").encode(), output)
    elif form is RowFormat.CSV:
        text = io.StringIO()
        header = list(rows[0]) if rows else list(columns)
        if header:
            writer = csv.DictWriter(text, fieldnames=header, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        emit(text.getvalue().encode(), output)
    else:
        _write_table(rows, output, title, table_columns)


def _write_table(rows: Sequence[Row], output: Path | None, title: str | None, columns: Sequence[str] | None) -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE, title=title, title_justify="left", pad_edge=False, show_edge=False)
    for name in columns or (rows[0] if rows else ()):
        numeric = all(isinstance(row[name], int | float | None) for row in rows)
        # Words of a heading may stand under one another; a number or an id broken in two cannot be read.
        table.add_column(
            name.replace("_", " "),
            justify="right" if numeric else "left",
            overflow="fold",
            min_width=max((len(_shown(row[name])) for row in rows), default=0) if numeric else None,
        )
    for row in rows:
        table.add_row(*(_shown(row[name]) for name in columns or row))
    text = io.StringIO()
    wide = sys.stdout.isatty() and output is None
    console_on(text, width=None if wide else FILE_WIDTH).print(table)
    emit("".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines()).encode(), output)


def _shown(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:.6g}"
    return "" if cell is None else str(cell)

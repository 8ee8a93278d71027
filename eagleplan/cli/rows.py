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

Cell = str | int | float | None
Row = Mapping[str, Cell]


class RowFormat(StrEnum):
    """How rows are written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


Format = Annotated[
    RowFormat | None,
    typer.Option(
        "--format", "-f", help="Default: table on a terminal, csv into a pipe or file.", show_default=False
    ),
]
RowsOutput = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="File to write instead of stdout.", show_default=False
    ),
]


def write_rows(
    rows: Sequence[Row],
    *,
    form: RowFormat | None,
    as_json: bool = False,
    output: Path | None = None,
    title: str | None = None,
    table_columns: Sequence[str] | None = None,
) -> None:
    """Write `rows`, which share their keys; `table_columns` picks those that fit a terminal."""
    if as_json:
        form = RowFormat.JSON
    if form is None:
        form = RowFormat.TABLE if output is None and sys.stdout.isatty() else RowFormat.CSV
    if form is RowFormat.JSON:
        emit((json.dumps(list(rows), indent=2, ensure_ascii=False) + "\n").encode(), output)
    elif form is RowFormat.CSV:
        text = io.StringIO()
        if rows:
            writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        emit(text.getvalue().encode(), output)
    else:
        _write_table(rows, output, title, table_columns)


def _write_table(
    rows: Sequence[Row], output: Path | None, title: str | None, columns: Sequence[str] | None
) -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE, title=title, title_justify="left", pad_edge=False)
    names = list(columns or (rows[0] if rows else ()))
    for name in names:
        numeric = all(isinstance(row[name], int | float | None) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*("" if row[name] is None else str(row[name]) for name in names))
    if output is None or str(output) == "-":
        console_on(sys.stdout).print(table)
        return
    text = io.StringIO()
    console_on(text).print(table)
    emit(text.getvalue().encode(), output)

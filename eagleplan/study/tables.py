"""Parts of the two tables, as Parquet where pyarrow is installed, and as CSV where it is not: both hold the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from eagleplan.errors import InputError, OutputError, Problem
from eagleplan.study.rows import CellRow, Column, DemandRow

TableFormat = Literal["parquet", "csv"]

ROWS_AT_ONCE = 1024
"""Rows of a group within a Parquet file: so many are in memory at once where a part is written or read."""

Row = CellRow | DemandRow


class Codec(Protocol):
    """One format of a part."""

    def encode(self, columns: Sequence[Column], rows: Iterable[Row]) -> bytes:
        """The bytes of a part; the same rows give the same bytes."""

    def decode(self, columns: Sequence[Column], path: Path) -> Iterator[dict[str, Any]]:
        """Rows as column → value."""


def best_format() -> TableFormat:
    """The format of a new study on this machine."""
    return "parquet" if find_spec("pyarrow") else "csv"


def codec(table: TableFormat) -> Codec:
    """Reads and writes a format; raises OutputError where its library is missing."""
    if table == "csv":
        return CsvCodec()
    if not find_spec("pyarrow"):
        raise OutputError(
            "this study's tables are Parquet, and pyarrow is not installed", hint="pip install 'eagleplan[parquet]'"
        )
    return ParquetCodec()


def _value(row: Row, column: Column) -> Any:
    value = getattr(row, column.field)
    return value if column.part is None else value[column.part]


class CsvCodec:
    """A header and a line for each row; numbers of a list stand between blanks, what is None is empty."""

    def encode(self, columns: Sequence[Column], rows: Iterable[Row]) -> bytes:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([column.name for column in columns])
        for row in rows:
            writer.writerow([self._written(_value(row, column), column) for column in columns])
        return text.getvalue().encode()

    def decode(self, columns: Sequence[Column], path: Path) -> Iterator[dict[str, Any]]:
        # A sky's bits of many skies are longer than what the reader takes for a runaway quote.
        csv.field_size_limit(2**31 - 1)
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            _check_header(next(reader, []), columns, path)
            for line in reader:
                yield {column.name: self._read(text, column) for text, column in zip(line, columns, strict=True)}

    @staticmethod
    def _written(value: Any, column: Column) -> str:
        if value is None:
            return ""
        match column.kind:
            case "ints":
                return " ".join(map(str, value.tolist()))
            case "bool":
                return "true" if value else "false"
            case "float":
                return repr(float(value))
            case _:
                return str(value)

    @staticmethod
    def _read(text: str, column: Column) -> Any:
        match column.kind:
            case "ints":
                return np.array(text.split(), dtype=np.int64)
            case "str":
                return text
            case "bool":
                return text == "true"
            case "int":
                return int(text) if text else None
            case "float":
                return float(text) if text else None


class ParquetCodec:
    """A Parquet file with a row group for every `ROWS_AT_ONCE` rows."""

    def encode(self, columns: Sequence[Column], rows: Iterable[Row]) -> bytes:
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = self._schema(columns)
        buffer = io.BytesIO()
        waiting = iter(rows)
        with pq.ParquetWriter(buffer, schema, compression="zstd") as writer:
            while batch := list(islice(waiting, ROWS_AT_ONCE)):
                arrays = [self._array([_value(row, column) for row in batch], column) for column in columns]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
        return buffer.getvalue()

    def decode(self, columns: Sequence[Column], path: Path) -> Iterator[dict[str, Any]]:
        import pyarrow.parquet as pq

        with pq.ParquetFile(path) as file:
            _check_header(file.schema_arrow.names, columns, path)
            for batch in file.iter_batches(ROWS_AT_ONCE):
                read = [self._read(batch.column(index), column) for index, column in enumerate(columns)]
                for values in zip(*read, strict=True):
                    yield {column.name: value for column, value in zip(columns, values, strict=True)}

    @staticmethod
    def _schema(columns: Sequence[Column]) -> Any:
        import pyarrow as pa

        kinds = {
            "int": pa.int64(),
            "float": pa.float64(),
            "str": pa.string(),
            "bool": pa.bool_(),
            "ints": pa.list_(pa.int64()),
        }
        return pa.schema([(column.name, kinds[column.kind]) for column in columns])

    @staticmethod
    def _array(values: list[Any], column: Column) -> Any:
        import pyarrow as pa

        if column.kind != "ints":
            return pa.array(values, type=ParquetCodec._schema([column]).field(0).type)
        offsets = np.concatenate(([0], np.cumsum([len(value) for value in values]))).astype(np.int32)
        flat = np.concatenate(values) if values else np.empty(0, dtype=np.int64)
        return pa.ListArray.from_arrays(pa.array(offsets), pa.array(flat, type=pa.int64()))

    @staticmethod
    def _read(array: Any, column: Column) -> Iterable[Any]:
        if column.kind != "ints":
            return list(array.to_pylist())
        # `to_numpy` would import pandas, which takes a second.
        offsets, flat = np.from_dlpack(array.offsets), np.from_dlpack(array.values)
        return [flat[start:end] for start, end in pairwise(offsets)]


def _check_header(found: Sequence[str], columns: Sequence[Column], path: Path) -> None:
    wanted = [column.name for column in columns]
    if list(found) != wanted:
        raise InputError(Problem(path=str(path), message="has other columns than this study's table"))


def restored(kind: type[Row], values: Mapping[str, Any], columns: Sequence[Column]) -> Any:
    """The row that a line of a table holds."""
    fields: dict[str, Any] = {}
    for column in columns:
        if column.part is None:
            fields[column.field] = values[column.name]
        else:
            fields[column.field] = (*fields.get(column.field, ()), values[column.name])
    return kind(**{"labels": ()} | fields) if kind is CellRow else kind(**fields)

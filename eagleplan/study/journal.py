"""Results as lines of a file that a killed run leaves readable: each with its checksum, a torn last one dropped."""

from __future__ import annotations

import dataclasses
import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from eagleplan.errors import OutputError
from eagleplan.operations.files import write_file
from eagleplan.study.rows import CellResult, CellRow, DemandRow


class Journal:
    """A file of results, one a line, in the order in which they were added."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, result: CellResult) -> None:
        """Adds a result; it is in the system's hands, and outlives this process, when this returns."""
        try:
            with self.path.open("ab") as file:
                file.write(line_of(result))
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be written: {(error.strerror or str(error)).lower()}") from error

    def replace(self, results: Iterable[CellResult]) -> None:
        """Writes the whole file anew, or not at all."""
        write_file(self.path, b"".join(map(line_of, results)))

    def clear(self) -> None:
        """Takes the file away."""
        self.path.unlink(missing_ok=True)

    def read(self) -> Iterator[CellResult]:
        """Every whole line's result, up to the first that is torn."""
        for _, result in self._lines():
            yield result

    def mend(self) -> None:
        """Cuts off whatever follows the last whole line."""
        end = 0
        for length, _ in self._lines():
            end += length
        if self.path.exists() and self.path.stat().st_size > end:
            with self.path.open("r+b") as file:
                file.truncate(end)

    def _lines(self) -> Iterator[tuple[int, CellResult]]:
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            return
        with file:
            for line in file:
                result = _result_of(line)
                if result is None:
                    return
                yield len(line), result


def line_of(result: CellResult) -> bytes:
    """A result as a line; the times are not part of it."""
    content = {"row": _plain(result.row), "demands": [_plain(row) for row in result.demands]}
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _result_of(line: bytes) -> CellResult | None:
    checksum, _, text = line.rstrip(b"\n").partition(b" ")
    if not line.endswith(b"\n") or checksum != b"%08x" % zlib.crc32(text):
        return None
    content = json.loads(text)
    row = content["row"]
    return CellResult(
        row=CellRow(**row | {"labels": tuple(row["labels"])}),
        demands=tuple(
            DemandRow(**demand | {name: np.array(demand[name], dtype=np.int64) for name in _ARRAYS})
            for demand in content["demands"]
        ),
    )


_ARRAYS = ("sky_bits", "sky_key_nights")


def _plain(row: CellRow | DemandRow) -> dict[str, Any]:
    values = {one.name: getattr(row, one.name) for one in dataclasses.fields(row)}
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in values.items()}

"""CCSDS Orbit Mean-Elements Messages (502.0-B-3) in KVN, XML, JSON and CSV, as catalogues publish them for
SGP4.

Every format is brought to one shape, a mapping of keywords to values with lines, and checked in one place.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from eagleplan.errors import InputError, Problem
from eagleplan.inputs.instants import ccsds_instant
from eagleplan.inputs.keyword_text import Entry, first_of_each, kvn_entries, split_messages
from eagleplan.inputs.message_xml import read_messages
from eagleplan.inputs.suggest import did_you_mean
from eagleplan.inputs.table import finite, whole
from eagleplan.model import MeanElements

_LARGEST_ID = 999_999_999
_NO_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_omm(text: str, path: str) -> tuple[MeanElements, ...]:
    """Every message of the text, whatever its format; raises InputError with all problems."""
    head = text.lstrip("\ufeff \t\r\n")[:1]
    if head == "<":
        messages = [first_of_each(leaves) for leaves in read_messages(text, path, "omm")]
    elif head in ("{", "["):
        messages = _json_messages(text, path)
    elif re.search(r"^\s*CCSDS_OMM_VERS\s*=", text, re.MULTILINE):
        messages = [first_of_each(part) for part in split_messages(kvn_entries(text, path), "CCSDS_OMM_VERS")]
    else:
        messages = _csv_messages(text, path)
    problems: list[Problem] = []
    found = []
    for message in messages:
        fields = _Fields(path=path, entries=message)
        found.append(_elements(fields))
        problems.extend(fields.problems)
    if not messages:
        problems.append(Problem(path=path, message="the file holds no orbit mean-elements message"))
    if problems:
        raise InputError(problems)
    return tuple(found)


def elements_from_fields(fields: Mapping[str, object], path: str = "OMM") -> MeanElements:
    """Mean elements of one OMM as a mapping of keywords (such as one item of a catalogue's JSON).

    Raises InputError with every keyword that is missing or wrong.
    """
    read = _Fields(path=path, entries={key: Entry(text=_as_text(value)) for key, value in fields.items()})
    elements = _elements(read)
    if read.problems:
        raise InputError(read.problems)
    return elements


@dataclass(slots=True)
class _Fields:
    """One message; getters record what is wrong and return a value to go on with."""

    path: str
    entries: Mapping[str, Entry]
    problems: list[Problem] = field(default_factory=list)

    @property
    def line(self) -> int | None:
        return min((entry.line for entry in self.entries.values() if entry.line), default=None)

    def wrong(self, key: str, message: str, hint: str | None = None) -> None:
        entry = self.entries.get(key)
        self.problems.append(
            Problem(
                path=self.path,
                line=entry.line if entry else self.line,
                field=key,
                message=message,
                got=entry.text if entry and entry.text else None,
                hint=hint,
            )
        )

    def text(self, key: str) -> str:
        return self.entries[key].text if key in self.entries else ""

    def _required(self, key: str, default: object) -> bool:
        if self.text(key):
            return True
        if default is None:
            self.wrong(key, "is required", did_you_mean(key, self.entries.keys() - _KEYWORDS))
        return False

    def number(self, key: str, valid: Callable[[float], bool], rule: str, default: float | None = None) -> float:
        if not self._required(key, default):
            return default or 0.0
        value = finite(self.text(key))
        if value is None:
            self.wrong(key, "must be a finite number")
        elif not valid(value):
            self.wrong(key, rule)
        else:
            return value
        return 0.0

    def angle(self, key: str, highest: float = 360.0) -> float:
        # Catalogues write angles in [0, 360), other tools in [-180, 180]: both are the same direction.
        lowest = 0.0 if highest < 360.0 else -highest
        rule = f"must be from {lowest:g} to {highest:g}"
        return self.number(key, lambda value: lowest <= value <= highest, rule)

    def whole(self, key: str, default: int | None, highest: int = _LARGEST_ID) -> int:
        if not self._required(key, default):
            return default or 0
        value = whole(self.text(key))
        if value is None or not 0 <= value <= highest:
            self.wrong(key, f"must be a whole number from 0 to {highest}")
            return 0
        return value

    def among(self, key: str, allowed: Iterable[str]) -> None:
        if self.text(key) and self.text(key).upper() not in allowed:
            self.wrong(key, f"must be {' or '.join(allowed)}")


_KEYWORDS = frozenset(
    [
        "OBJECT_NAME",
        "OBJECT_ID",
        "CENTER_NAME",
        "REF_FRAME",
        "TIME_SYSTEM",
        "MEAN_ELEMENT_THEORY",
        "EPOCH",
        "MEAN_MOTION",
        "ECCENTRICITY",
        "INCLINATION",
        "RA_OF_ASC_NODE",
        "ARG_OF_PERICENTER",
        "MEAN_ANOMALY",
        "EPHEMERIS_TYPE",
        "CLASSIFICATION_TYPE",
        "NORAD_CAT_ID",
        "ELEMENT_SET_NO",
        "REV_AT_EPOCH",
        "BSTAR",
        "MEAN_MOTION_DOT",
        "MEAN_MOTION_DDOT",
    ]
)


def _elements(fields: _Fields) -> MeanElements:
    """Elements of a message; they mean nothing if `fields.problems` is not empty afterwards."""
    fields.among("CENTER_NAME", ("EARTH",))
    fields.among("REF_FRAME", ("TEME", "TEMEOFEPOCH"))
    fields.among("TIME_SYSTEM", ("UTC",))
    fields.among("MEAN_ELEMENT_THEORY", ("SGP4", "SGP/SGP4", "SGP", "SDP4"))
    fields.among("EPHEMERIS_TYPE", ("0", "2", "SGP4"))
    epoch = ccsds_instant(fields.text("EPOCH"))
    if not fields.text("EPOCH"):
        fields.wrong("EPOCH", "is required", did_you_mean("EPOCH", fields.entries.keys() - _KEYWORDS))
    elif epoch is None:
        fields.wrong("EPOCH", "must be UTC such as 2026-06-13T20:27:46.166112")
    catalog_id = fields.whole("NORAD_CAT_ID", None)
    line = fields.line
    return MeanElements(
        name=fields.text("OBJECT_NAME") or str(catalog_id),
        catalog_id=catalog_id,
        epoch_utc=epoch or _NO_EPOCH,
        mean_motion_rev_per_day=fields.number("MEAN_MOTION", lambda n: 0.0 < n < 20.0, "must be > 0 and < 20 rev/day"),
        eccentricity=fields.number("ECCENTRICITY", lambda e: 0.0 <= e < 1.0, "must be >= 0 and < 1"),
        inclination_deg=fields.angle("INCLINATION", 180.0),
        raan_deg=fields.angle("RA_OF_ASC_NODE"),
        arg_perigee_deg=fields.angle("ARG_OF_PERICENTER"),
        mean_anomaly_deg=fields.angle("MEAN_ANOMALY"),
        bstar_per_earth_radius=fields.number("BSTAR", _any, ""),
        mean_motion_dot_rev_per_day2=fields.number("MEAN_MOTION_DOT", _any, "", 0.0),
        mean_motion_ddot_rev_per_day3=fields.number("MEAN_MOTION_DDOT", _any, "", 0.0),
        revolution_number=fields.whole("REV_AT_EPOCH", 0),
        international_designator=fields.text("OBJECT_ID"),
        element_set_number=fields.whole("ELEMENT_SET_NO", 0),
        kind="omm",
        origin=fields.path if line is None else f"{fields.path}:{line}",
    )


def _any(value: float) -> bool:
    return True


def _as_text(value: object) -> str:
    return "" if value is None else value.strip() if isinstance(value, str) else str(value)


def _csv_messages(text: str, path: str) -> list[dict[str, Entry]]:
    rows = csv.reader(io.StringIO(text, newline=None), strict=True)
    header: list[str] = []
    messages = []
    try:
        for cells in rows:
            if not header:
                header = [cell.strip().upper() for cell in cells]
            elif len(cells) == len(header):
                entries = zip(header, (Entry(text=cell.strip(), line=rows.line_num) for cell in cells), strict=True)
                messages.append(dict(entries))
            elif cells:
                message = f"must have {len(header)} cells"
                raise InputError(Problem(path=path, line=rows.line_num, message=message, got=str(len(cells))))
    except csv.Error as error:
        raise InputError(Problem(path=path, line=rows.line_num, message=f"is not CSV: {error}")) from None
    if "NORAD_CAT_ID" not in header and "EPOCH" not in header:
        message = "is not an orbit mean-elements message (KVN, XML, JSON or CSV)"
        raise InputError(Problem(path=path, line=1, message=message))
    return messages


def _json_messages(text: str, path: str) -> list[dict[str, Entry]]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(Problem(path=path, line=error.lineno, message=f"is not JSON: {error.msg}")) from None
    items = document if isinstance(document, list) else [document]
    decoder = json.JSONDecoder()
    at = 0
    messages = []
    for number, item in enumerate(items):
        if not isinstance(item, dict):
            raise InputError(Problem(path=path, field=f"[{number}]", message="must be an object", got=str(item)[:40]))
        at = text.index("{", at)
        end = decoder.raw_decode(text, at)[1]
        entries = {}
        for key, value in item.items():
            # Keys and values of a message are scalars, so the first "KEY" of the object is the key itself.
            place = text.find(f'"{key}"', at, end)
            entries[key.upper()] = Entry(text=_as_text(value), line=text.count("\n", 0, max(place, at)) + 1)
        messages.append(entries)
        at = end
    return messages

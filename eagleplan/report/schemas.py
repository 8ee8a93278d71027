"""The JSON Schemas of our JSON files, for whoever reads them elsewhere.

They are committed in ``data/schema``; ``python -m eagleplan.report.schemas data/schema`` writes them anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from eagleplan.report.calendar_state import CalendarState
from eagleplan.report.document import PlanDocument
from eagleplan.report.manifest import Manifest
from eagleplan.report.traces_json import TracesDocument

SCHEMAS: Mapping[str, type[BaseModel]] = {
    "plan.schema.json": PlanDocument,
    "traces.schema.json": TracesDocument,
    "manifest.schema.json": Manifest,
    "calendar-state.schema.json": CalendarState,
}
"""File name → the model that it is the schema of."""


def schema_json(model: type[BaseModel]) -> bytes:
    """The JSON Schema (draft 2020-12) of what `model` writes."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **model.model_json_schema(mode="serialization"),
    }
    return (json.dumps(schema, indent=2, ensure_ascii=False) + "\n").encode()


def write_schemas(folder: Path) -> None:
    """Writes every schema into `folder`."""
    for name, model in SCHEMAS.items():
        (folder / name).write_bytes(schema_json(model))


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))

"""JSON files of our own, read back: every fault in one go, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from eagleplan.errors import InputError, Problem

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_Document = TypeVar("_Document", bound=BaseModel)


def read_document(data: bytes, path: str, shape: type[_Document], kind: str, schema_version: int) -> _Document:
    """A JSON file of ours in its shape; raises InputError for one that is broken or none of ours."""
    text, content = _parse(data, path)
    if not isinstance(content, Mapping) or content.get("kind") != kind:
        got = repr(content["kind"]) if isinstance(content, Mapping) and "kind" in content else None
        raise InputError(
            Problem(path=path, field="kind", message=f"must be {kind!r}: another programme's file?", got=got)
        )
    if content.get("schema_version") != schema_version:
        raise InputError(
            Problem(
                path=path,
                field="schema_version",
                message=f"must be {schema_version}",
                got=_shown(content.get("schema_version")),
                hint="make the plan again with this version of eagleplan",
            )
        )
    try:
        return shape.model_validate_json(text)
    except ValidationError as error:
        raise InputError(
            Problem(
                path=path,
                field=_field(fault["loc"]),
                message=_message(fault),
                got=None if fault["type"] == "missing" else _shown(fault["input"]),
            )
            for fault in error.errors(include_url=False, include_context=False)
        ) from None


def _parse(data: bytes, path: str) -> tuple[str, Any]:
    try:
        text = data.decode("utf-8-sig")
        return text, json.loads(text)
    except UnicodeDecodeError as error:
        raise InputError(Problem(path=path, message=f"is not UTF-8 (byte {error.start})")) from None
    except json.JSONDecodeError as error:
        message = f"is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise InputError(Problem(path=path, line=error.lineno, message=message)) from None
    except (RecursionError, ValueError) as error:
        raise InputError(Problem(path=path, message=f"is not JSON that can be read: {error}")) from None


_MESSAGES: Mapping[str, str] = {
    "missing": "is missing",
    "extra_forbidden": "is unknown",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "finite_number": "must be finite",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "model_type": "must be an object",
    "dict_type": "must be an object",
    "mapping_type": "must be an object",
}
"""Pydantic's fault → our words; for others its own."""


def _message(fault: ErrorDetails) -> str:
    said = fault["msg"].removeprefix("Value error, ")
    return _MESSAGES.get(fault["type"], said[:1].lower() + said[1:])


def _field(location: tuple[int | str, ...]) -> str:
    """``contacts[3].start_s``."""
    text = ""
    for step in location:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…"

"""TOML into pydantic models: every wrong key as a problem with its line, unknown keys with the nearest known
one."""

from __future__ import annotations

import copy
import types
import typing
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, TypeVar, Union

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from eagleplan.errors import InputError, Problem
from eagleplan.inputs.suggest import did_you_mean
from eagleplan.inputs.toml import KeyPath, TomlDocument

_Model = TypeVar("_Model", bound=BaseModel)


class Table(BaseModel):
    """Base of every TOML table: no unknown keys, no conversions between types, no NaN."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, defer_build=True)


def _utc(value: datetime) -> datetime:
    if value.utcoffset() != timedelta(0):
        raise PydanticCustomError("not_utc", "must be UTC and end in Z")
    return value


UtcDatetime = Annotated[datetime, AfterValidator(_utc)]
"""An instant that the file writes with a Z (or +00:00)."""


def validate(model: type[_Model], document: TomlDocument) -> _Model:
    """The document as a `model`; raises InputError with every problem, in the order of the lines."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        found = [_problem(model, document, details) for details in error.errors(include_url=False)]
        raise InputError(sorted(found, key=lambda problem: problem.line or 0)) from None


def validate_known(
    model: type[_Model], document: TomlDocument, harmless: Collection[str]
) -> tuple[_Model | None, list[Problem]]:
    """The document as a `model`, and every problem.

    Where the problems are unknown keys alone, all in `harmless` top-level tables, the rest is read without
    them, so that problems of other kinds can be told in the same go; otherwise there is no model.
    """
    try:
        return model.model_validate(document.data), []
    except ValidationError as error:
        details = error.errors(include_url=False)
        found = [_problem(model, document, one) for one in details]
    found.sort(key=lambda problem: problem.line or 0)
    if any(one["type"] != "extra_forbidden" or one["loc"][0] not in harmless for one in details):
        return None, found
    known = copy.deepcopy(dict(document.data))
    for one in details:
        table: Any = known
        *path, name = _key_in_file(document.data, one["loc"])
        for part in path:
            table = table[part]
        del table[name]
    return model.model_validate(known), found


def _problem(model: type[BaseModel], document: TomlDocument, details: ErrorDetails) -> Problem:
    key = _key_in_file(document.data, details["loc"])
    kind, context = details["type"], details.get("ctx", {})
    if kind == "missing":
        return document.problem(key, "is required")
    if kind == "extra_forbidden":
        known = _known_keys(model, details["loc"][:-1])
        hint = did_you_mean(str(key[-1]), known) or f"the keys here are {', '.join(known)}"
        return document.problem(key, "unknown key", hint=hint)
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        key = (*key, str(context["discriminator"]).strip("'"))
        expected = context.get("expected_tags")
        if expected is None:
            return document.problem(key, "is required")
        tags = [tag.strip(" '") for tag in expected.split(",")]
        return document.problem(
            key,
            f"must be one of {', '.join(tags)}",
            got=context["tag"],
            hint=did_you_mean(context["tag"], tags),
        )
    message = _MESSAGES.get(kind, "").format(**context) or details["msg"][:1].lower() + details["msg"][1:]
    suggestion: str | None = None
    if kind == "literal_error" and isinstance(details["input"], str):
        suggestion = did_you_mean(
            details["input"], context["expected"].replace(" or ", ", ").replace("'", "").split(", ")
        )
    got = as_toml(details["input"])
    return document.problem(key, message.replace("'", '"'), got=got, hint=suggestion)


_MESSAGES = {
    "bool_type": "must be true or false",
    "datetime_type": "must be a date and time such as 2026-11-30T00:00:00Z",
    "dict_type": "must be a table",
    "finite_number": "must be a finite number",
    "float_type": "must be a number",
    "greater_than": "must be > {gt:g}",
    "greater_than_equal": "must be >= {ge:g}",
    "int_from_float": "must be a whole number",
    "int_type": "must be a whole number",
    "less_than": "must be < {lt:g}",
    "less_than_equal": "must be <= {le:g}",
    "list_type": "must be an array",
    "literal_error": "must be {expected}",
    "model_attributes_type": "must be a table",
    "model_type": "must be a table",
    "string_too_short": "must not be empty",
    "string_type": "must be a string",
    "too_short": "must not be empty",
    "tuple_type": "must be an array",
}


def as_toml(value: object) -> str:
    """A value as the user would write it, shortened."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        written = f'"{value}"'
    elif isinstance(value, datetime | date):
        written = value.isoformat()
    elif isinstance(value, Mapping):
        written = "a table"
    elif isinstance(value, list | tuple):
        written = f"an array of {len(value)}"
    else:
        written = str(value)
    return written if len(written) <= 80 else written[:77] + "…"


def _key_in_file(data: Mapping[str, Any], location: tuple[int | str, ...]) -> KeyPath:
    """`location` without the names that pydantic adds for the members of a union."""
    key: list[int | str] = []
    here: Any = data
    for index, part in enumerate(location):
        if isinstance(here, list):
            here = here[int(part)]
        elif isinstance(here, Mapping) and part in here:
            here = here[part]
        elif index < len(location) - 1 or not isinstance(here, Mapping) or _is_tag(here, part):
            continue
        key.append(part)
    return tuple(key)


def _is_tag(table: Mapping[str, Any], part: int | str) -> bool:
    return table.get("kind") == part


def _known_keys(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    here: Any = model
    for part in location:
        here = _step(here, part)
    members = [member for member in _members(here) if isinstance(member, type) and issubclass(member, BaseModel)]
    return [field.alias or name for member in members for name, field in member.model_fields.items()]


def _step(annotation: Any, part: int | str) -> Any:
    for member in _members(annotation):
        if isinstance(member, type) and issubclass(member, BaseModel):
            for name, field in member.model_fields.items():
                if part in (name, field.alias):
                    return field.annotation
            kind = member.model_fields.get("kind")
            if kind is not None and part in typing.get_args(kind.annotation):
                return member
        arguments = typing.get_args(member)
        origin = typing.get_origin(member)
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return arguments[1]
        if origin in (list, tuple):
            return arguments[0]
    return None


def _members(annotation: Any) -> list[Any]:
    """The members of a union, or the annotation alone; without `Annotated`."""
    if typing.get_origin(annotation) is Annotated:
        return _members(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (Union, types.UnionType):
        return [inner for member in typing.get_args(annotation) for inner in _members(member)]
    return [annotation]

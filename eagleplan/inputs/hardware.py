"""TOML tables of the hardware dataclasses: a new field of a dataclass is a key of its table at once.

The ranges follow from the units in the names, so that no key can be without one.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel, BeforeValidator, Field, create_model
from pydantic.fields import FieldInfo

from eagleplan.inputs.checked import Table

DEFAULT_PROFILE = "eagle1-like"

UNSET = "none"
"""What the user writes for a value that shall not be given: TOML has no null."""

_AT_LEAST_ONE = {"m2", "ec_efficiency", "n_detectors", "n_scenarios"}
_POSITIVE_SUFFIXES = ("_hz", "_nm", "_m")
_POSITIVE = {
    "efficiency_frac",
    "max_deterministic_time_s",
    "gate_s",
    "mu_signal",
    "divergence_half_angle_1e2_urad",
    "visibility_km",
    "slew_rate_deg_s",
    "cvar_tail_frac",
}
_SIGNED_SUFFIXES = ("_deg", "_utc")
_SIGNED = {"offset_db", "extinction_per_airmass_db"}


def _range(name: str) -> FieldInfo:
    """The range that a number of this name may have."""
    if name in _AT_LEAST_ONE:
        return typing.cast("FieldInfo", Field(ge=1))
    if name.endswith("_separation_deg"):
        return typing.cast("FieldInfo", Field(ge=0, le=180))
    if name.startswith("eps_"):
        return typing.cast("FieldInfo", Field(gt=0, lt=1))
    fraction = name.startswith("p_") or name.endswith("_frac")
    if name in _POSITIVE or name.endswith(_POSITIVE_SUFFIXES):
        return typing.cast("FieldInfo", Field(gt=0, le=1) if fraction else Field(gt=0))
    if fraction:
        return typing.cast("FieldInfo", Field(ge=0, le=1))
    if name in _SIGNED or name.endswith(_SIGNED_SUFFIXES):
        return typing.cast("FieldInfo", Field())
    return typing.cast("FieldInfo", Field(ge=0))


def _members(hint: Any) -> tuple[Any, ...]:
    return typing.get_args(hint) if typing.get_origin(hint) in (Union, types.UnionType) else (hint,)


def _unset(value: object) -> object:
    return None if value == UNSET else value


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


_Names = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(_tuple)]
"""An array of strings, as TOML has it."""


def _annotated(name: str, hint: Any) -> Any:
    """The type of a key: in its range, and ``"none"`` where there may be no value at all."""
    if tuple[str, ...] in _members(hint):
        return _Names if hint == tuple[str, ...] else Annotated[_Names | None, BeforeValidator(_unset)]
    if any(member in (int, float) for member in _members(hint)):
        hint = Annotated[hint, _range(name)]
    if types.NoneType in _members(hint if typing.get_origin(hint) is not Annotated else typing.get_args(hint)[0]):
        hint = Annotated[hint, BeforeValidator(_unset)]
    return hint


def _is_scalar(hint: Any) -> bool:
    plain = (bool, int, float, str, types.NoneType, tuple[str, ...])
    return all(member in plain or typing.get_origin(member) is Literal for member in _members(hint))


def scalar_fields(cls: type) -> dict[str, Any]:
    """Name → annotated type of each key of the dataclass's own table.

    Ids, nested tables and what no single TOML value can hold are left out.
    """
    hints = typing.get_type_hints(cls)
    return {
        field.name: _annotated(field.name, hints[field.name])
        for field in dataclasses.fields(cls)
        if _is_scalar(hints[field.name]) and not field.name.endswith("_id")
    }


def nested_fields(cls: type) -> dict[str, type]:
    """Name → dataclass of each nested table."""
    hints = typing.get_type_hints(cls)
    return {f.name: hints[f.name] for f in dataclasses.fields(cls) if dataclasses.is_dataclass(hints[f.name])}


@functools.cache
def override_table(cls: type, *, with_profile: bool) -> type[BaseModel]:
    """The table that sets single values of `cls` over a profile's: every key may be left out."""
    fields: dict[str, Any] = {name: (hint | None, None) for name, hint in scalar_fields(cls).items()}
    for name, nested in nested_fields(cls).items():
        fields[name] = (override_table(nested, with_profile=False) | None, None)
    if with_profile:
        fields["profile"] = (str, DEFAULT_PROFILE)
    return create_model(f"{cls.__name__}Table", __base__=Table, **fields)

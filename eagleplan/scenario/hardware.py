"""Hardware from a profile, with single values of the scenario over it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from eagleplan.inputs.files import packaged
from eagleplan.inputs.hardware import UNSET, nested_fields, scalar_fields
from eagleplan.inputs.profile import Profile, parse_profile
from eagleplan.inputs.toml import KeyPath, key_name
from eagleplan.model import Assumption, Detector, LinkOptions, Receiver, Security, Source, Terminal
from eagleplan.scenario.reading import Reading
from eagleplan.scenario.schema import KeyTable

_Hardware = TypeVar("_Hardware", Terminal, Source, Receiver, Detector, LinkOptions, Security)


def security(reading: Reading, table: KeyTable) -> Security | None:
    """What is asked of the key; protocol and statistics must be ones that the key room has."""
    found = assemble(reading, Security, table.profile, ("key", "profile"), ("security", ("key",), table))
    own = {"protocol", "statistics"} & table.model_fields_set or profile_file(table.profile) == table.profile
    if found is None or not own:
        # What the packaged profiles say is tested, and the key room takes long to load.
        return found
    from eagleplan.key import PROTOCOLS

    if found.protocol not in PROTOCOLS:
        reading.unknown(("key", "protocol"), "no such protocol", found.protocol, list(PROTOCOLS))
    elif found.statistics not in PROTOCOLS[found.protocol].methods:
        methods = list(PROTOCOLS[found.protocol].methods)
        reading.unknown(("key", "statistics"), f"no such statistics of {found.protocol}", found.statistics, methods)
    return found


def profile_file(name: str) -> str:
    """A profile is a path if it ends in .toml, and the name of a packaged one if not."""
    return name if name.endswith(".toml") else packaged("profiles", f"{name}.toml")


def assemble(
    reading: Reading,
    cls: type[_Hardware],
    profile_name: str,
    profile_key: KeyPath,
    tables: tuple[str, KeyPath, BaseModel | None],
    **identity: str,
) -> _Hardware | None:
    """A hardware object, or None with the reasons in `reading`.

    `tables` names the profile's table, the scenario's key of the table that overrides it, and that table. A
    value comes from the scenario, else from the profile, else from the model's own default, which counts as
    assumed.
    """
    profile = reading.read(profile_file(profile_name), "profile", profile_key, parse_profile)
    if profile is None:
        return None
    return _fill(reading, cls, profile, profile_key, *tables, identity)


def _fill(
    reading: Reading,
    cls: type[_Hardware],
    profile: Profile,
    profile_key: KeyPath,
    table_name: str,
    table_key: KeyPath,
    overrides: BaseModel | None,
    identity: Mapping[str, str],
) -> _Hardware | None:
    given = {name: getattr(overrides, name) for name in overrides.model_fields_set} if overrides else {}
    from_profile = profile.tables.get(table_name, {})
    for rivals in _ALTERNATIVES.get(cls, ()):
        if rivals & given.keys():
            from_profile = {name: entry for name, entry in from_profile.items() if name not in rivals}
    defaults = {f.name: f.default for f in dataclasses.fields(cls) if f.default is not dataclasses.MISSING}
    values: dict[str, Any] = dict(identity)
    complete = True
    for name in scalar_fields(cls):
        key = (*table_key, name)
        if name in given:
            values[name] = given[name]
        elif name in from_profile:
            values[name] = from_profile[name].value
            if from_profile[name].source.startswith("assumed"):
                _assume(reading, key, values[name], from_profile[name].source)
        elif name in defaults:
            values[name] = defaults[name]
            if defaults[name] is not None:
                _assume(reading, key, defaults[name], f"assumed: eagleplan's default, {profile.name} has none")
        else:
            complete = False
            at = table_key if table_key in reading.document.lines else profile_key
            message = f"{name} is required: neither the scenario nor [{table_name}] of the profile sets it"
            reading.wrong(at, message, got=f'profile "{profile.name}"')
    for name, nested in nested_fields(cls).items():
        values[name] = _fill(
            reading,
            nested,
            profile,
            profile_key,
            f"{table_name}.{name}",
            (*table_key, name),
            given.get(name),
            {},
        )
        complete = complete and values[name] is not None
    if not complete:
        return None
    hardware = cls(**values)
    for problem in _CHECKS.get(cls, _nothing)(hardware):
        at = table_key if table_key in reading.document.lines else profile_key
        reading.wrong(at, problem)
    return hardware


def _assume(reading: Reading, key: KeyPath, value: object, source: str) -> None:
    reading.assumptions.append(
        Assumption(key=key_name(key), value=UNSET if value is None else str(value), source=source)
    )


def _check_source(source: Any) -> list[str]:
    found = []
    if source.p_signal + source.p_decoy > 1.0 + 1e-12:
        found.append(f"p_signal + p_decoy must be <= 1 (got {source.p_signal} + {source.p_decoy})")
    # A source of pairs has one intensity only.
    if source.local_efficiency_frac is None and not source.mu_signal > source.mu_decoy > source.mu_vacuum:
        found.append(
            "mu_signal > mu_decoy > mu_vacuum must hold "
            f"(got {source.mu_signal}, {source.mu_decoy}, {source.mu_vacuum})"
        )
    return found


def _check_link(link: Any) -> list[str]:
    given = [name for name in sorted(_ALTERNATIVES[LinkOptions][0]) if getattr(link, name) is not None]
    if len(given) == 1:
        return []
    return [f"exactly one of aod_550nm, visibility_km, zenith_extinction_db must be set (got {given or 'none'})"]


def _nothing(hardware: Any) -> list[str]:
    return []


_ALTERNATIVES: Mapping[type, tuple[frozenset[str], ...]] = {
    LinkOptions: (frozenset({"zenith_extinction_db", "aod_550nm", "visibility_km"}),)
}
"""Keys of which one at most has a value: where the scenario gives one, the profile's others no longer
count."""

_CHECKS: Mapping[type, Callable[[Any], list[str]]] = {
    LinkOptions: _check_link,
    Source: _check_source,
}

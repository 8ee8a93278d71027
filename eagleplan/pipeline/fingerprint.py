"""What a cached result was made from, in one digest: the inputs that matter, the code, the libraries, the machine."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import numpy as np

from eagleplan.model import Horizon, LinkOptions, Satellite, Site
from eagleplan.resources import data_path
from eagleplan.stamp import versions

ROOMS = ("orbit", "passes", "link", "key", "model", "pipeline")
"""The packages whose code a cached result comes from."""

FILES = ("units.py", "resources.py", "stamp.py", "errors.py")
"""The modules beside them."""

_SATELLITE = frozenset({"satellite_id", "name", "source", "duty", "classical_contacts_s"})
_SITE = frozenset(
    {
        "site_id",
        "name",
        "country",
        "status",
        "time_zone",
        "min_elevation_deg",
        "max_sun_elevation_deg",
        "p_clear_zenith_annual",
        "horizon_mask",
        "limits",
        "origin",
    }
)
"""What has no say in geometry and loss at given seconds. A field that is not named here counts."""


def digest(*values: object) -> str:
    """SHA-256 of `values` in hexadecimal, every field, type and bit of them.

    Raises TypeError for a value of a kind that it does not know.
    """
    found = hashlib.sha256()
    for value in values:
        for piece in _pieces(value):
            found.update(piece)
    return found.hexdigest()


def pair_digests(
    satellites: Sequence[Satellite], sites: Sequence[Site], horizon: Horizon, options: LinkOptions
) -> dict[tuple[str, str], str]:
    """(Satellite, site) → what geometry and loss between them come from, besides the seconds."""
    common = digest(code_digest(), horizon, options)
    far = {satellite.satellite_id: digest(_without(satellite, _SATELLITE)) for satellite in satellites}
    near = {site.site_id: digest(_without(site, _SITE)) for site in sites}
    return {
        (satellite_id, site_id): digest(common, one, other)
        for satellite_id, one in far.items()
        for site_id, other in near.items()
    }


def _without(value: Satellite | Site, names: frozenset[str]) -> dict[str, object]:
    return {field.name: getattr(value, field.name) for field in fields(value) if field.name not in names}


@cache
def code_digest() -> str:
    """What all cached results of this process come from: sources, packaged data, libraries, and the arithmetic.

    Libraries pick other instructions on other processors, and their last bits may differ.
    """
    package = Path(__file__).resolve().parents[1]
    sources = [package / name for name in FILES]
    sources += [path for room in ROOMS for path in sorted((package / room).glob("*.py"))]
    data = sorted(path for path in data_path().iterdir() if path.is_file())
    arithmetic = np.show_config(mode="dicts")["SIMD Extensions"]
    return digest(
        versions(),
        [(path.relative_to(package).as_posix(), path.read_bytes()) for path in sources],
        [(path.name, path.read_bytes()) for path in data],
        (platform.machine(), *platform.libc_ver(), repr(arithmetic)),
    )


def _pieces(value: object) -> Iterator[bytes]:
    """`value` as bytes from which it could be told from any other."""
    if value is None or isinstance(value, bool | int | str):
        yield _sized(type(value).__name__, str(value).encode())
    elif isinstance(value, float):
        yield _sized("float", value.hex().encode())
    elif isinstance(value, bytes):
        yield _sized("bytes", value)
    elif isinstance(value, datetime):
        yield _sized("datetime", value.isoformat().encode())
    elif isinstance(value, np.ndarray):
        yield _sized("array", f"{value.dtype.str}{value.shape}".encode())
        yield value.tobytes()
    elif is_dataclass(value):
        yield _sized("dataclass", type(value).__name__.encode())
        yield from _pieces({field.name: getattr(value, field.name) for field in fields(value)})
    elif isinstance(value, Mapping):
        yield _sized("mapping", str(len(value)).encode())
        for name, entry in value.items():
            yield from _pieces(name)
            yield from _pieces(entry)
    elif isinstance(value, tuple | list):
        yield _sized("sequence", str(len(value)).encode())
        for entry in value:
            yield from _pieces(entry)
    else:
        raise TypeError(f"no digest of {type(value).__name__}")


def _sized(kind: str, content: bytes) -> bytes:
    return f"{kind}:{len(content)}:".encode() + content

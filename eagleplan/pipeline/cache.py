"""Results kept on disk, each under the digest of everything that it comes from.

An entry is one file: a line of JSON that says what it holds, the numbers, and a SHA-256 over both. It is written beside
its name and then renamed, so that readers see all of it or nothing; of several writers the last one stays. Whatever
cannot be read, is cut off, damaged, or belongs elsewhere, counts as not there, and is written anew. Nothing is ever
deleted: an entry that no key asks for any more stays until somebody deletes it, which is always safe.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import secrets
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64] | npt.NDArray[np.int64]

_FORMAT = "eagleplan cache 1"
_DTYPES = {"<f8": np.float64, "<i8": np.int64}
_DIGEST_BYTES = 32


class CacheWarning(UserWarning):
    """The cache cannot be used; the same results are computed, and take longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheStats:
    """What was asked of a cache since it was made: entries found and not found, `n_bad` of these found damaged."""

    n_hits: int = 0
    n_misses: int = 0
    n_bad: int = 0
    n_bytes_read: int = 0
    n_bytes_written: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a key stands for: arrays by name, and words that belong to them."""

    arrays: Mapping[str, Array]
    words: Mapping[str, Any]


class Cache:
    """A folder of entries, made at the first write; None keeps nothing.

    It may be shared by any number of processes. A pickle of it is the same folder, with its counters at 0.
    """

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._may_write = self._may_read = directory is not None
        self._n = dict.fromkeys(CacheStats.__slots__, 0)
        self._checked: set[str] = set()
        self._has_warned = False

    def __reduce__(self) -> tuple[type[Cache], tuple[Path | None]]:
        return Cache, (self._directory,)

    @property
    def is_open(self) -> bool:
        """Whether anything can be found in it or kept."""
        return self._may_read or self._may_write

    @property
    def stats(self) -> CacheStats:
        return CacheStats(**self._n)

    def get(self, key: str) -> Entry | None:
        """The entry of a key (hexadecimal), None where there is no good one. Its arrays are read-only."""
        if not self._may_read or self._directory is None:
            return None
        try:
            content = self._path(key).read_bytes()
        except FileNotFoundError:
            content = None
        except OSError as error:
            self._warn(f"cannot be read ({error})")
            content = None
        entry = None if content is None else decoded(key, content)
        self._n["n_hits" if entry is not None else "n_misses"] += 1
        self._n["n_bad"] += content is not None and entry is None
        self._n["n_bytes_read"] += 0 if content is None else len(content)
        return entry

    def put(self, key: str, entry: Entry) -> None:
        """Keep an entry; where the disk is full or read-only, warn once and go on."""
        if not self._may_write or self._directory is None:
            return
        content, path = encoded(key, entry), self._path(key)
        beside = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                beside.write_bytes(content)
                beside.replace(path)
            finally:
                beside.unlink(missing_ok=True)
        except OSError as error:
            self._may_write = False
            self._warn(f"cannot be written ({error})")
        else:
            self._n["n_bytes_written"] += len(content)

    def is_unchecked(self, kind: str) -> bool:
        """Whether this is the first question for a `kind` of result: one that is found is then to be computed too."""
        first = kind not in self._checked
        self._checked.add(kind)
        return first

    def close(self, reason: str) -> None:
        """Find and keep nothing from now on: what was found is not what is computed here."""
        self._may_read = self._may_write = False
        self._warn(reason)

    def _warn(self, reason: str) -> None:
        if self._has_warned:
            return
        self._has_warned = True
        warnings.warn(
            f"the cache in {self._directory} {reason}: results are the same, but slower", CacheWarning, stacklevel=3
        )

    def _path(self, key: str) -> Path:
        assert self._directory is not None
        return self._directory / key[:2] / f"{key[2:]}.bin"


NO_CACHE = Cache(None)
"""Nothing is kept."""


def encoded(key: str, entry: Entry) -> bytes:
    """An entry as the bytes of its file."""
    arrays = {name: np.ascontiguousarray(array) for name, array in entry.arrays.items()}
    header = {
        "format": _FORMAT,
        "key": key,
        "arrays": [[name, array.dtype.str, list(array.shape)] for name, array in arrays.items()],
        "words": entry.words,
    }
    content = b"".join((json.dumps(header).encode(), b"\n", *(array.tobytes() for array in arrays.values())))
    return content + hashlib.sha256(content).digest()


def decoded(key: str, content: bytes) -> Entry | None:
    """The entry in the bytes of a file, None where they are not what `encoded` made for this key."""
    end = len(content) - _DIGEST_BYTES
    if end <= 0 or hashlib.sha256(memoryview(content)[:end]).digest() != content[end:]:
        return None
    try:
        first = content.index(b"\n", 0, end) + 1
        header = json.loads(content[:first])
        if header["format"] != _FORMAT or header["key"] != key:
            return None
        arrays: dict[str, Array] = {}
        for name, dtype, shape in header["arrays"]:
            count = math.prod(shape)
            arrays[name] = np.frombuffer(
                memoryview(content)[:end], dtype=_DTYPES[dtype], count=count, offset=first
            ).reshape(shape)
            first += arrays[name].nbytes
        return Entry(arrays=arrays, words=header["words"]) if first == end else None
    except (KeyError, TypeError, ValueError):
        # Whole, but written by something else.
        return None

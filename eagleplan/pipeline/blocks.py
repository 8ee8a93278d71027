"""Proofs of parts of windows: each part is proven once, and kept for every scenario with the same pair of ends.

A part's counts come from its own window alone, and the key room proves every block by itself, whatever else is in the
batch; blocks are laid out in one way, so that this holds to the last bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

import numpy as np
import numpy.typing as npt

from eagleplan import key
from eagleplan.key.proof import Proof
from eagleplan.model import Budget
from eagleplan.pipeline.cache import Cache, Entry
from eagleplan.pipeline.cuts import Indices, Parts
from eagleplan.pipeline.fingerprint import digest
from eagleplan.pipeline.pairs import Pair, by_pair
from eagleplan.pipeline.spans import Span
from eagleplan.scenario import Scenario
from eagleplan.units import FloatArray

_BLOCKS_AT_A_TIME = 20_000

_COUNTS = tuple(field.name for field in fields(key.Detections) if field.name != "photon_numbers")
_BOUNDS = tuple(field.name for field in fields(Proof) if field.name != "details")

Columns = tuple[tuple[str, int | None], ...]
"""Names of a block's numbers and how many there are of each, None for one of no shape: counts, bounds, details."""


class Blocks:
    """The proofs of parts of windows that have been asked for, and those that the cache has."""

    def __init__(
        self,
        scenario: Scenario,
        spans: Sequence[Span],
        budgets: Sequence[Budget],
        cache: Cache,
        digests: Mapping[Pair, str],
    ) -> None:
        self._scenario, self._spans, self._budgets, self._cache = scenario, spans, budgets, cache
        self._pairs = by_pair(spans)
        self._start_s = np.array([span.start_s for span in spans], dtype=np.int64)
        self._end_s = np.array([span.end_s for span in spans], dtype=np.int64)
        self._columns: Columns | None = None
        self._parts = np.empty((0, 3), dtype=np.int64)
        self._rows: FloatArray | None = None
        self._keys: dict[Pair, str] = {}
        self._kept: dict[Pair, Entry] = {}
        self._new: set[Pair] = set()
        if cache.is_open:
            self._load(digests)
        self._n_loaded = len(self._parts)

    def of(self, parts: Parts) -> key.Proven:
        """The proofs of `parts`, in their order; those of one window stand together."""
        asked = np.stack([parts.span, parts.start_s, parts.end_s], axis=1)
        place = self._places(asked)
        here = np.flatnonzero((place >= 0) & (place < self._n_loaded))
        if len(here) and self._cache.is_unchecked("blocks"):
            self._check(asked[here[:1]], place[here[:1]])
            place = self._places(asked)
        if (place < 0).any():
            self._add(asked[place < 0])
            place = self._places(asked)
        return self._proven(place)

    def keep(self) -> None:
        """Write what is new into the cache, beside what it has of each pair."""
        if not self._new or self._rows is None or self._columns is None:
            return
        for pair in sorted(self._new):
            own = np.flatnonzero(np.isin(self._parts[:, 0], self._pairs[pair]))
            span, start_s, end_s = self._parts[own].T
            times = np.stack([self._start_s[span], self._end_s[span], start_s, end_s], axis=1)
            numbers, entry = self._rows[own], self._kept.get(pair)
            if entry is not None:
                other = ~_known(_times(entry), times)
                times = np.concatenate([times, _times(entry)[other]])
                numbers = np.concatenate([numbers, entry.arrays["numbers"][other]])
            self._cache.put(
                self._keys[pair],
                Entry(
                    arrays={"times_s": times, "numbers": numbers},
                    words={"columns": [list(column) for column in self._columns]},
                ),
            )
        self._new.clear()

    def _load(self, digests: Mapping[Pair, str]) -> None:
        places: list[Indices] = []
        numbers: list[FloatArray] = []
        proofs = {this.satellite_id: digest(this.source, self._scenario.security) for this in self._scenario.satellites}
        for pair in self._pairs:
            self._keys[pair] = digest("blocks", digests[pair], proofs[pair[0]])
            entry = self._cache.get(self._keys[pair])
            if entry is None:
                continue
            columns = tuple((str(name), width) for name, width in entry.words["columns"])
            if self._columns not in (None, columns):
                continue
            self._columns, self._kept[pair] = columns, entry
            times_s = _times(entry)
            for number in self._pairs[pair]:
                span = self._spans[number]
                own = np.flatnonzero((times_s[:, 0] == span.start_s) & (times_s[:, 1] == span.end_s))
                places.append(np.concatenate([np.full((len(own), 1), number), times_s[own, 2:]], axis=1))
                numbers.append(np.asarray(entry.arrays["numbers"][own], dtype=np.float64))
        if places:
            self._parts, self._rows = np.concatenate(places), np.concatenate(numbers)

    def _places(self, asked: Indices) -> Indices:
        """Where the parts (n, 3) are among those that are known, −1 where they are not."""
        if not len(self._parts):
            return np.full(len(asked), -1, dtype=np.int64)
        known, wanted = self._codes(self._parts), self._codes(asked)
        order = np.argsort(known, kind="stable")
        at = np.minimum(np.searchsorted(known[order], wanted), len(known) - 1)
        return np.where(known[order][at] == wanted, order[at], -1)

    def _codes(self, parts: Indices) -> Indices:
        """A number for each part (n, 3)."""
        span, start_s, end_s = parts.T
        longest = int((self._end_s - self._start_s).max()) + 1
        if len(self._spans) * longest * longest >= 2**63:
            raise OverflowError("windows are too long and too many to number all of their parts")
        begin_s = self._start_s[span]
        return np.asarray((span * longest + (start_s - begin_s)) * longest + (end_s - begin_s), dtype=np.int64)

    def _check(self, asked: Indices, place: Indices) -> None:
        """Compute again what the cache says of a part; forget all of it if that is not the same."""
        assert self._rows is not None
        _, rows = self._computed(asked)
        if rows.tobytes() == self._rows[place].tobytes():
            return
        self._cache.close("holds other bits than this machine computes")
        self._parts, self._rows, self._columns = self._parts[:0], None, None
        self._kept.clear()

    def _add(self, asked: Indices) -> None:
        columns, rows = self._computed(asked)
        if self._columns not in (None, columns):
            raise ValueError("blocks of one security proof must have the same numbers")
        self._columns = columns
        self._parts = np.concatenate([self._parts, asked])
        self._rows = rows if self._rows is None else np.concatenate([self._rows, rows])
        if self._cache.is_open:
            number = {i: pair for pair, numbers in self._pairs.items() for i in numbers}
            self._new |= {number[i] for i in np.unique(asked[:, 0]).tolist()}

    def _computed(self, asked: Indices) -> tuple[Columns, FloatArray]:
        """The numbers of parts (n, 3), those of one window together."""
        sources = {satellite.satellite_id: satellite.source for satellite in self._scenario.satellites}
        detectors = {site.site_id: site.receiver.detector for site in self._scenario.sites}
        rows: list[FloatArray] = []
        columns: Columns = ()
        blocks: list[key.Detections] = []
        n_blocks = 0
        groups = np.split(asked, np.flatnonzero(np.diff(asked[:, 0])) + 1)
        for last, own in enumerate(groups, 1):
            span, budget = self._spans[own[0, 0]], self._budgets[own[0, 0]]
            blocks.append(
                key.part_detections(
                    budget.transmittance_frac,
                    budget.background_per_detector_cps,
                    sources[span.of.satellite_id],
                    detectors[span.of.site_id],
                    own[:, 1] - span.start_s,
                    own[:, 2] - span.start_s,
                )
            )
            n_blocks += len(own)
            if n_blocks >= _BLOCKS_AT_A_TIME or last == len(groups):
                columns, table = _table(key.proven(key.joined(blocks), self._scenario.security))
                rows.append(table)
                blocks, n_blocks = [], 0
        return columns, np.concatenate(rows)

    def _proven(self, place: Indices) -> key.Proven:
        if self._rows is None or self._columns is None:
            raise ValueError("there is no part to prove")
        rows = self._rows[place]
        found: dict[str, FloatArray] = {}
        first = 0
        for name, width in self._columns:
            found[name] = rows[:, first] if width is None else rows[:, first : first + width]
            first += width or 1
        names = [name for name, _ in self._columns]
        return key.Proven.of(
            key.Detections(**{name: found[name] for name in _COUNTS}, photon_numbers=None),
            Proof(
                **{name: found[name] for name in _BOUNDS},
                details={name.removeprefix("."): found[name] for name in names if name.startswith(".")},
            ),
            self._scenario.security,
        )


def _table(proven: key.Proven) -> tuple[Columns, FloatArray]:
    """All numbers of blocks (b,) in one table (b, n)."""
    n = len(proven.secret_bits)
    arrays = {name: getattr(proven.detections, name) for name in _COUNTS}
    arrays |= {name: getattr(proven.proof, name) for name in _BOUNDS}
    arrays |= {f".{name}": values for name, values in proven.proof.details.items()}
    columns = tuple((name, values.shape[1] if values.ndim > 1 else None) for name, values in arrays.items())
    table = np.concatenate(
        [
            np.broadcast_to(values, (n, width)) if width is not None else np.broadcast_to(values, n)[:, np.newaxis]
            for values, (_, width) in zip(arrays.values(), columns, strict=True)
        ],
        axis=1,
    )
    return columns, np.ascontiguousarray(table, dtype=np.float64)


def _times(entry: Entry) -> Indices:
    """Start and end of the window, start and end of the part, (n, 4)."""
    return np.asarray(entry.arrays["times_s"], dtype=np.int64)


def _known(some: Indices, others: Indices) -> npt.NDArray[np.bool_]:
    """Which rows of `some` (n, 4) are among `others` (m, 4)."""
    there = set(map(tuple, others.tolist()))
    return np.array([tuple(row) in there for row in some.tolist()], dtype=np.bool_)

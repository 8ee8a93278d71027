"""What a security proof says of a block, and the shape of everything that can prove one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from eagleplan.key.design import Design
from eagleplan.key.detections import Detections
from eagleplan.key.profiles import Passes, Profiles
from eagleplan.model import Detector, Security, Source
from eagleplan.units import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Bounds of one block or of many, every array of shape (…,).

    `length_bits` is not yet floored and may be negative: by how much a block misses a key is what an
    optimiser climbs and what an abort is explained with. `private_bits` are those of which the eavesdropper
    knows nothing, before error correction and the security constants are paid for. `details` names the other
    intermediates; the lower bounds "single_photons_key" and "single_photons_check" are known to the words of
    an abort.
    """

    length_bits: FloatArray
    phase_error_frac: FloatArray
    leaked_bits: FloatArray
    private_bits: FloatArray
    details: Mapping[str, FloatArray] = field(default_factory=dict)


ProofFunction = Callable[[Detections, Security], Proof]
"""Blocks of any batch shape → their proof; pure, vectorised, never NaN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeChoice:
    """Numbers that a proof may choose freely, such as weights, so that an optimiser can climb in them as
    well.

    `start` gives a point (b, m) for blocks of batch shape (b,); `length` the key length in bits of the points
    (b, m), −inf where a point is not allowed.
    """

    start: Callable[[Detections, Security], FloatArray]
    length: Callable[[FloatArray, Detections, Security], FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One way to prove a key: the statistics of a protocol, with the theorem's source.

    `prove` has the last word on a block. `free` is set where `prove` itself searches, so that an optimiser of
    the source can climb in both at once. `observe` is set where what `prove` finds must be fixed before the
    bits are compared: it takes expected and then observed detections. `search_as` names a faster method of
    the same protocol for searches that end with one call of `prove`.
    """

    prove: ProofFunction
    source: str
    free: FreeChoice | None = None
    observe: Callable[[Detections, Detections, Security], Proof] | None = None
    search_as: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """A protocol: what must hold for its counts, what of its source can be chosen, and how its key is
    proved.

    `passes` condenses profiles so that many sources can be tried on them; `check` raises InputError with
    every reason why detections do not belong to this protocol.
    """

    passes: Callable[[Profiles, Source, Detector], Passes]
    check: Callable[[Detections], None]
    design: Design
    methods: Mapping[str, Method]

    def search_method(self, statistics: str) -> Method:
        """The method with which to search for sources or windows of `statistics`."""
        method = self.methods[statistics]
        return method if method.search_as is None else self.methods[method.search_as]

"""The source that gives most key: for every pass by itself, or one for many passes together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from eagleplan.key.ascent import Rows, ascend
from eagleplan.key.counting import detections
from eagleplan.key.detections import Detections, map_arrays, taken
from eagleplan.key.profiles import Passes, Profiles
from eagleplan.key.proof import FreeChoice, Method, Protocol
from eagleplan.key.protocols import PROTOCOLS
from eagleplan.key.secret_key import check_security, secret_keys
from eagleplan.model import Detector, KeyYield, Security, Source
from eagleplan.units import FloatArray

N_STARTS = 2
ITERATIONS = 14
TOGETHER_ROUNDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimised:
    """Sources and what they yield, pass by pass; with one source for all, `sources` repeats it."""

    sources: tuple[Source, ...]
    yields: tuple[KeyYield, ...]

    @property
    def total_bits(self) -> int:
        return sum(key.secret_bits for key in self.yields)


def optimise(profiles: Profiles, source: Source, detector: Detector, security: Security) -> Optimised:
    """The best source for every pass by itself: mean photon numbers, how often each is sent, basis bias.

    Clock and vacuum intensity are taken from `source`. All passes are climbed together, each from the best
    few of a fixed set of designs; the result of a pass does not depend on the others. The yields are computed
    afterwards from the seconds themselves, not from the power sums that the search uses.

    >>> import numpy as np
    >>> from eagleplan.model import Detector, Security, Source
    >>> source = Source(
    ...     pulse_rate_hz=100e6, mu_signal=0.7, mu_decoy=0.1, p_signal=0.9, p_decoy=0.07, p_key_basis=0.9
    ... )
    >>> detector = Detector(
    ...     efficiency_frac=0.8, dark_count_cps=100.0, n_detectors=2, gate_s=1e-9, dead_time_s=0.0,
    ...     p_afterpulse=0.0, misalignment_error_frac=0.01,
    ... )
    >>> security = Security(
    ...     protocol="bb84-two-decoy", statistics="joint", eps_secrecy=1e-9, eps_correctness=1e-15,
    ...     ec_efficiency=1.16,
    ... )
    >>> passes = [(np.full(200, 10**-3.5), 300.0), (np.full(90, 1e-3), 300.0)]
    >>> best = optimise(passes, source, detector, security)
    >>> [f"{one.mu_signal:.2f}" for one in best.sources], [key.key_256_count for key in best.yields]
    (['0.63', '0.64'], [3538, 5507])
    """
    check_security(security)
    protocol = PROTOCOLS[security.protocol]
    method = protocol.search_method(security.statistics)
    passes = protocol.passes(profiles, source, detector)
    points = _climb(passes, len(profiles), protocol, method, source, security)
    sources = tuple(protocol.design.source(point, source) for point in points)
    return Optimised(sources=sources, yields=_yields(profiles, sources, detector, security))


def optimise_together(
    profiles: Profiles,
    source: Source,
    detector: Detector,
    security: Security,
    *,
    weights: Sequence[float] | None = None,
) -> Optimised:
    """One source for all passes, such as a week's; each pass is a block of its own, and their sum is most.

    `weights` (one for each pass), such as the chance of a clear sky, multiply what a pass yields. The search
    climbs in the source while the free choices of the proofs stand still, and lets them follow; it starts
    from the best of the fixed designs.
    """
    check_security(security)
    protocol = PROTOCOLS[security.protocol]
    method = protocol.search_method(security.statistics)
    passes = protocol.passes(profiles, source, detector)
    counts = np.ones(len(profiles)) if weights is None else np.asarray(weights, dtype=np.float64)
    point = _climb_together(passes, counts, protocol, method, source, security)
    sources = (protocol.design.source(point, source),) * len(profiles)
    return Optimised(sources=sources, yields=_yields(profiles, sources, detector, security))


def _climb_together(
    passes: Passes, counts: FloatArray, protocol: Protocol, method: Method, source: Source, security: Security
) -> FloatArray:
    """Best common design point (d,)."""
    designs = protocol.design.points
    n_pass, n_dim = counts.size, designs.shape[1]
    free = method.free

    def lengths(points: FloatArray, inner: FloatArray) -> FloatArray:
        """Key lengths (s, b) of the designs (s, d), with free choices (s or 1, b, m)."""
        grid = np.broadcast_to(points[:, np.newaxis, :], (len(points), n_pass, n_dim))
        d = _flat_detections(passes, grid, protocol, source)
        chosen = np.broadcast_to(inner, (len(points), *inner.shape[1:])).reshape(d.n_pulses.size, -1)
        return _lengths(method, chosen, d, security).reshape(len(points), n_pass)

    def total(points: FloatArray, inner: FloatArray) -> FloatArray:
        return np.asarray(np.maximum(lengths(points, inner), 0.0) @ counts)

    def totals(inner: FloatArray, x: FloatArray, which: Rows) -> FloatArray:
        return total(x[:, 0], inner)[:, np.newaxis]

    def followed(points: FloatArray, inner: FloatArray, iterations: int) -> FloatArray:
        if free is None:
            return inner
        grid = np.broadcast_to(points[:, np.newaxis, :], (len(points), n_pass, n_dim))
        d = _flat_detections(passes, grid, protocol, source)
        start = inner.reshape(d.n_pulses.size, -1) if inner.size else free.start(d, security)
        climbed, _ = ascend(
            lambda y, which: _free_lengths(free, y, taken(d, which), security), start, iterations=iterations
        )
        return climbed.reshape(len(points), n_pass, -1)

    inner = followed(designs, np.zeros((len(designs), n_pass, 0)), 1)
    best = int(np.argmax(total(designs, inner)))
    point, inner = designs[best : best + 1], inner[best : best + 1]
    for _ in range(TOGETHER_ROUNDS):
        inner = followed(point, inner, 2)
        point, _ = ascend(partial(totals, inner), point, iterations=2)
    return np.asarray(point[0])


def _free_lengths(free: FreeChoice, y: FloatArray, d: Detections, security: Security) -> FloatArray:
    """Lengths (s, b) of the free choices (s, b, m) for the same blocks d (b,)."""
    return np.stack([free.length(one, d, security) for one in y])


def _yields(
    profiles: Profiles, sources: Sequence[Source], detector: Detector, security: Security
) -> tuple[KeyYield, ...]:
    counted = [
        detections(eta, background, best, detector) for (eta, background), best in zip(profiles, sources, strict=True)
    ]
    return secret_keys(counted, security)


def _climb(
    passes: Passes, n_pass: int, protocol: Protocol, method: Method, source: Source, security: Security
) -> FloatArray:
    """Best design points (b, d) of the passes."""
    designs = protocol.design.points
    n_dim = designs.shape[1]
    grid = np.broadcast_to(designs[:, np.newaxis, :], (len(designs), n_pass, n_dim))
    first = _flat_detections(passes, grid, protocol, source)
    free = method.free
    inner = np.zeros((first.n_pulses.size, 0)) if free is None else free.start(first, security)
    value = np.nan_to_num(_lengths(method, inner, first, security), nan=-np.inf).reshape(len(designs), n_pass)
    best = np.argsort(-value, axis=0, kind="stable")[:N_STARTS]
    rows = np.tile(np.arange(n_pass), N_STARTS)
    inner = inner.reshape(len(designs), n_pass, -1)
    start = np.concatenate([designs[best.ravel()], inner[best.ravel(), rows]], axis=1)
    some = passes.select(rows)

    def objective(x: FloatArray, which: Rows) -> FloatArray:
        d = _flat_detections(some.select(which), x[..., :n_dim], protocol, source)
        free_part = x[..., n_dim:].reshape(d.n_pulses.size, -1)
        return _lengths(method, free_part, d, security).reshape(x.shape[:-1])

    x, found = ascend(objective, start, iterations=ITERATIONS)
    winner = np.argmax(found.reshape(N_STARTS, n_pass), axis=0)
    return np.asarray(x.reshape(N_STARTS, n_pass, -1)[winner, np.arange(n_pass), :n_dim])


def _lengths(method: Method, inner: FloatArray, d: Detections, security: Security) -> FloatArray:
    if method.free is None:
        return method.prove(d, security).length_bits
    return method.free.length(inner, d, security)


def _flat_detections(passes: Passes, points: FloatArray, protocol: Protocol, source: Source) -> Detections:
    """Detections of the points (s, b, d) on the b passes, with one flat batch axis s·b."""
    mu, p, q = protocol.design.settings(points, source)
    d = passes.detections(mu, p, q)
    shape = points.shape[:2]

    def flat(x: FloatArray) -> FloatArray:
        full = np.broadcast_to(x, (*shape, mu.shape[-1]) if x.ndim > len(shape) else shape)
        return full.reshape(-1, *full.shape[2:])

    return map_arrays(d, flat)

"""From the detections of one block to its yield."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eagleplan.errors import InputError, Problem
from eagleplan.key.detections import Detections, map_arrays, stacked
from eagleplan.key.information import binary_entropy
from eagleplan.key.proof import Proof
from eagleplan.key.protocols import PROTOCOLS
from eagleplan.model import KeyYield, Security


def secret_key(detections: Detections, security: Security, *, expected: Detections | None = None) -> KeyYield:
    """Whole secret bits of one block under `security`, or 0 and the reason in words.

    `detections` are what is expected of a block. For what was observed in one, give besides what was `expected` of it
    before: a proof with weights holds for those that were fixed beforehand, not for those that fit the counts best.

    InputError where `security` is wrong or its protocol does not fit the detections.

    >>> import numpy as np
    >>> from eagleplan.key import detections
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
    >>> secret_key(detections(np.full(200, 10**-3.5), 300.0, source, detector), security).key_256_count
    3300
    """
    return secret_keys([detections], security, expected=None if expected is None else [expected])[0]


def secret_keys(
    blocks: Sequence[Detections], security: Security, *, expected: Sequence[Detections] | None = None
) -> tuple[KeyYield, ...]:
    """As `secret_key`, for many blocks at once: much faster than one after another, same results."""
    check_security(security)
    if not blocks:
        return ()
    protocol = PROTOCOLS[security.protocol]
    for block in blocks:
        protocol.check(block)
    method = protocol.methods[security.statistics]
    together = stacked(blocks)
    if expected is None or method.observe is None:
        proof = method.prove(together, security)
    else:
        check_pairing(expected, blocks)
        proof = method.observe(stacked(expected), together, security)
    return Proven.of(together, proof, security).yields(np.arange(len(blocks)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """Blocks (b,) with their proof; `secret_bits` (b,) are whole and not negative."""

    detections: Detections
    proof: Proof
    security: Security
    secret_bits: npt.NDArray[np.int64]

    @classmethod
    def of(cls, detections: Detections, proof: Proof, security: Security) -> Proven:
        """Blocks (b,) and the proof that `security` asks for."""
        bits = np.maximum(np.floor(proof.length_bits), 0.0).astype(np.int64)
        return cls(detections=detections, proof=proof, security=security, secret_bits=bits)

    def yields(self, rows: npt.NDArray[np.intp]) -> tuple[KeyYield, ...]:
        """The yields of the blocks `rows` (n,), in their order."""
        detections, proof = self.detections, self.proof
        columns = zip(
            *(
                column[rows].tolist()
                for column in (
                    self.secret_bits,
                    detections.sifted_bits,
                    detections.qber_frac,
                    proof.phase_error_frac,
                    proof.leaked_bits,
                    np.broadcast_to(detections.plob_bits, self.secret_bits.shape),
                )
            ),
            strict=True,
        )
        details = {"length_bits": proof.length_bits, "private_bits": proof.private_bits, **proof.details}
        in_detail = zip(*(column[rows].tolist() for column in details.values()), strict=True)
        return tuple(
            KeyYield(
                secret_bits=bits,
                sifted_bits=sifted_bits,
                qber_frac=qber_frac,
                phase_error_frac=phase_error_frac,
                leaked_bits=leaked_bits,
                plob_bits=plob_bits,
                protocol=self.security.protocol,
                statistics=self.security.statistics,
                abort_reason=None if bits > 0 else self._abort_reason(i),
                details=dict(zip(details, own, strict=True)),
            )
            for i, (bits, sifted_bits, qber_frac, phase_error_frac, leaked_bits, plob_bits), own in zip(
                rows.tolist(), columns, in_detail, strict=True
            )
        )

    def _abort_reason(self, i: int) -> str:
        return abort_reason(map_arrays(self.detections, lambda x: x[i]), _row(self.proof, i))


def proven(blocks: Detections, security: Security) -> Proven:
    """As `secret_keys`, for blocks (b,) in one piece: yields are made only of those that are asked for."""
    check_security(security)
    protocol = PROTOCOLS[security.protocol]
    protocol.check(blocks)
    return Proven.of(blocks, protocol.methods[security.statistics].prove(blocks, security), security)


def _row(proof: Proof, i: int) -> Proof:
    return Proof(
        length_bits=proof.length_bits[i],
        phase_error_frac=proof.phase_error_frac[i],
        leaked_bits=proof.leaked_bits[i],
        private_bits=proof.private_bits[i],
        details={name: value[i] for name, value in proof.details.items()},
    )


def check_pairing(expected: Sequence[Detections], observed: Sequence[Detections]) -> None:
    """Raise InputError unless every observed block has an expected one with the same source settings."""
    if len(expected) != len(observed):
        raise InputError(
            Problem(path="expected", message="needs one block for each", got=f"{len(expected)} for {len(observed)}")
        )
    for before, after in zip(expected, observed, strict=True):
        if not all(np.array_equal(getattr(before, n), getattr(after, n)) for n in ("mu", "p_sent", "p_key_basis")):
            raise InputError(Problem(path="expected", message="has other source settings than what was observed"))


def check_security(security: Security) -> None:
    """Raise InputError with everything that is wrong with `security`."""
    problems = []
    if security.protocol not in PROTOCOLS:
        problems.append(_unknown("protocol", security.protocol, PROTOCOLS))
    elif security.statistics not in PROTOCOLS[security.protocol].methods:
        problems.append(_unknown("statistics", security.statistics, PROTOCOLS[security.protocol].methods))
    for field in ("eps_secrecy", "eps_correctness"):
        value = getattr(security, field)
        if not 0.0 < value < 1.0:
            problems.append(Problem(path="security", field=field, message="must lie between 0 and 1", got=f"{value:g}"))
    if not security.ec_efficiency >= 1.0:
        problems.append(
            Problem(
                path="security",
                field="ec_efficiency",
                message="must be at least 1, the Shannon limit",
                got=f"{security.ec_efficiency:g}",
            )
        )
    if problems:
        raise InputError(problems)


def _unknown(field: str, name: str, known: Iterable[str]) -> Problem:
    return Problem(path="security", field=field, message="unknown", got=name, hint=f"one of {', '.join(known)}")


def abort_reason(detections: Detections, proof: Proof) -> str:
    """Why a block gives no key: the first thing in the proof that fails."""
    if not float(detections.sifted_bits) > 0.0:
        return "no detections in the key basis"
    if not float(detections.n_check.sum()) > 0.0:
        return "no detections in the check basis"
    for basis in ("key", "check"):
        if float(proof.details.get(f"single_photons_{basis}", 1.0)) <= 1e-9:
            return f"too few single photons in the {basis} basis: their lower bound is 0"
    percent = 100.0 * float(detections.qber_frac)
    phase = f"phase error up to {100.0 * float(proof.phase_error_frac):.1f} %"
    leaked, length = float(proof.leaked_bits), float(proof.length_bits)
    if float(proof.phase_error_frac) >= 0.5 or float(proof.private_bits) <= 0.0:
        return f"QBER {percent:.1f} %, and the block is too short to bound the phase error below 50 %"
    if length + leaked <= 0.0:
        left = f"{phase} leaves {float(proof.private_bits):.0f} bits"
        return f"block too short: {left}, the security constants cost more"
    limit = 100.0 * _qber_limit(length + leaked, leaked, float(detections.qber_frac))
    return f"QBER {percent:.1f} % over the limit of {limit:.1f} % for this block ({phase})"


def _qber_limit(affordable_bits: float, leaked_bits: float, qber_frac: float) -> float:
    """The error rate at which error correction would cost what is affordable, all else the same."""
    target = float(binary_entropy(min(qber_frac, 0.5))) * affordable_bits / leaked_bits
    low, high = 0.0, 0.5
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if float(binary_entropy(middle)) < target else (low, middle)
    return low

"""Two-decoy BB84 with key from both bases, each proved with the errors of the other, one tail each.

Each key is secret even from somebody who knows every bit of the other basis: its proof announces all of them.
So the two may be used together, at the sum of their failures; half of ε_sec goes to each. What the announced
numbers of errors tell of the bits that they count is paid for: log2 of how many values each can have.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from eagleplan.key import joint
from eagleplan.key.detections import Detections
from eagleplan.key.one_tail import price_of
from eagleplan.key.proof import Proof
from eagleplan.model import Security
from eagleplan.units import FloatArray


def swapped(d: Detections) -> Detections:
    """The same block with the roles of the two bases exchanged."""
    return replace(
        d,
        n_key=d.n_check,
        m_key=d.m_check,
        n_check=d.n_key,
        m_check=d.m_key,
        p_key_basis=1.0 - d.p_key_basis,
    )


def announced_bits(d: Detections) -> FloatArray:
    """What the announced error counts of the key basis, one for each intensity, tell at most; shape (…,)."""
    return np.asarray(np.log2(d.n_key + 1.0).sum(axis=-1))


def two_decoy_joint_both(d: Detections, security: Security) -> Proof:
    """Key length of both bases together, or of the key basis alone where that is more."""
    return two_decoy_both_observed(d, d, security)


def two_decoy_both_observed(expected: Detections, observed: Detections, security: Security) -> Proof:
    """Key length from observed counts; the expected ones settle the weights, and whether both bases give key."""
    whole, half = price_of(security), price_of(security, share=0.5)
    pairs = ((expected, observed), (swapped(expected), swapped(observed)))
    chosen = joint.best_weights(expected, whole)
    weights = [joint.best_weights(basis, half) for basis, _ in pairs]

    def proofs(which: int) -> tuple[Proof, list[Proof], list[FloatArray]]:
        alone = joint.proof_from_weights(pairs[0][which], chosen, security, whole)
        parts = [joint.proof_from_weights(p[which], w, security, half) for p, w in zip(pairs, weights, strict=True)]
        return alone, parts, [x.length_bits - announced_bits(p[which]) for x, p in zip(parts, pairs, strict=True)]

    alone, _, (length, extra) = proofs(0)
    both = (extra > 0.0) & (length + extra > alone.length_bits)
    alone, (first, second), (length, extra) = proofs(1)
    paid = announced_bits(observed) + announced_bits(swapped(observed))
    # a basis whose counts fell short gives nothing, and takes nothing from the other
    together = np.maximum(length, 0.0) + np.maximum(extra, 0.0)
    return Proof(
        length_bits=np.where(both, np.where(together > 0.0, together, length + extra), alone.length_bits),
        phase_error_frac=np.where(both, first.phase_error_frac, alone.phase_error_frac),
        leaked_bits=np.where(both, first.leaked_bits + second.leaked_bits + paid, alone.leaked_bits),
        private_bits=np.where(both, first.private_bits + second.private_bits, alone.private_bits),
        details={"check_basis_key_bits": np.where(both, np.maximum(extra, 0.0), 0.0)},
    )


def start(d: Detections, security: Security) -> FloatArray:
    """Points (b, 8) for an optimiser: the weights of both proofs."""
    return np.concatenate([joint.start(d, security), joint.start(swapped(d), security)], axis=1)


def length_at(y: FloatArray, d: Detections, security: Security) -> FloatArray:
    """Key length in bits of both bases at the points y (b, 8)."""
    price = price_of(security, share=0.5)
    total = np.zeros(d.n_key.shape[:-1])
    for basis, part in ((d, y[..., :4]), (swapped(d), y[..., 4:])):
        private = joint.bound(part, joint.block(basis), price.beta)
        total += private - joint.block_cost(basis, security, price) - announced_bits(basis)
    return total

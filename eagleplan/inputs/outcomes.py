"""What became of contacts: the table that operations writes after the passes."""

from __future__ import annotations

import typing
from dataclasses import dataclass
from typing import cast

from eagleplan.inputs.table import Row, raise_problems, read_rows, unique
from eagleplan.model import OutcomeStatus

STATUSES: tuple[OutcomeStatus, ...] = typing.get_args(OutcomeStatus)

MAX_BITS = 2**53
"""Numbers of bits stay exact in a float64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a contact.

    `done`: the sky was clear and the link worked, whatever key came of it; `clouded`: cloud took it; `technical`:
    something broke; `cancelled`: it was not tried. The last two say nothing of the sky.
    """

    contact_id: str
    status: OutcomeStatus
    sifted_bits: int | None
    qber_frac: float | None
    secret_bits: int | None
    comment: str
    line: int

    @property
    def was_clear(self) -> bool | None:
        """Whether the line of sight was free of cloud; None where the outcome does not tell."""
        return {"done": True, "clouded": False}.get(self.status)


def parse_outcomes(text: str, path: str) -> tuple[Outcome, ...]:
    """A CSV with `contact_id`, `status` and, for what was done, `sifted_bits`, `qber_frac`, `secret_bits`; `comment`.

    One row a contact. What was not done has no key: bits above 0 are a contradiction there. Whether the contacts exist
    is for the reader's caller to say, who knows the plan. Raises InputError with all problems.
    """
    rows, problems = read_rows(
        text,
        path,
        required=("contact_id", "status"),
        optional=("sifted_bits", "qber_frac", "secret_bits", "comment"),
    )
    unique(rows, "contact_id")
    outcomes = [_outcome(row) for row in rows]
    raise_problems(rows, problems)
    return tuple(outcomes)


def _outcome(row: Row) -> Outcome:
    contact_id = row.text("contact_id")
    status = row.choice("status", STATUSES)
    sifted_bits, secret_bits = _bits(row, "sifted_bits"), _bits(row, "secret_bits")
    qber_frac = row.optional_number("qber_frac", minimum=0.0, maximum=1.0)
    if status in STATUSES and status != "done":
        for column, value in (("sifted_bits", sifted_bits), ("secret_bits", secret_bits)):
            if value:
                row.wrong(column, f"must be empty or 0 where the contact is {status}", row.cells[column])
        if row.has("qber_frac"):
            row.wrong("qber_frac", f"must be empty where the contact is {status}", row.cells["qber_frac"])
    if sifted_bits is not None and secret_bits is not None and secret_bits > sifted_bits:
        row.wrong("secret_bits", f"must not be more than the {sifted_bits} sifted bits", row.cells["secret_bits"])
    if qber_frac is not None and sifted_bits == 0:
        row.wrong("qber_frac", "no error rate can be measured on 0 sifted bits", row.cells["qber_frac"])
    return Outcome(
        contact_id=contact_id,
        status=cast("OutcomeStatus", status),
        sifted_bits=sifted_bits,
        qber_frac=qber_frac,
        secret_bits=secret_bits,
        comment=row.cells.get("comment", ""),
        line=row.line,
    )


def _bits(row: Row, column: str) -> int | None:
    if not row.has(column):
        return None
    value = row.whole(column, minimum=0)
    if value > MAX_BITS:
        row.wrong(column, f"must be <= {MAX_BITS}", row.cells[column])
    return value

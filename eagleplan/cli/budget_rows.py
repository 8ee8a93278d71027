"""Loss and key as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eagleplan.cli.rows import Cell
from eagleplan.errors import InputError, Problem

if TYPE_CHECKING:
    from eagleplan.model import Budget, Horizon, Profile
    from eagleplan.pipeline import Assessment


def contact_rows(assessment: Assessment) -> list[dict[str, Cell]]:
    """One row a contact, with key or without."""
    return [
        {
            "contact_id": contact.contact_id,
            "site_id": contact.site_id,
            "duration_s": contact.duration_s,
            "max_elevation_deg": round(contact.max_elevation_deg, 3),
            "min_loss_db": round(contact.min_loss_db, 3),
            "mean_loss_db": round(contact.mean_loss_db, 3),
            "sifted_bits": round(contact.key.sifted_bits),
            "qber_frac": round(contact.key.qber_frac, 5),
            "phase_error_frac": round(contact.key.phase_error_frac, 5),
            "secret_bits": contact.key.secret_bits,
            "plob_bits": round(contact.key.plob_bits),
            "p_clear": contact.p_clear,
            "expected_bits": contact.expected_bits,
            "protocol": contact.key.protocol,
            "statistics": contact.key.statistics,
            "abort_reason": contact.key.abort_reason,
        }
        for contact in assessment.contacts
    ]


def profile_rows(
    assessment: Assessment, horizon: Horizon, pass_id: str, *, only_ends_and_top: bool
) -> list[dict[str, Cell]]:
    """Each second of the contacts of one pass, or only their first, highest and last.

    Raises InputError where the scenario has no such pass, or the pass has no contact, and says why.
    """
    rows = []
    for contact, profile, budget in zip(
        assessment.contacts, assessment.profiles, assessment.budgets, strict=True
    ):
        if pass_id in (contact.pass_id, contact.contact_id):
            seconds: list[int] = list(range(profile.t_s.size))
            if only_ends_and_top:
                seconds = [0, int(profile.elevation_deg.argmax()), profile.t_s.size - 1]
            rows += [_second(contact.contact_id, profile, budget, horizon, i) for i in seconds]
    if not rows:
        raise InputError(_no_rows(assessment, pass_id))
    return rows


def _no_rows(assessment: Assessment, pass_id: str) -> Problem:
    refused = assessment.refusals.get(pass_id)
    if refused is not None:
        return Problem(path="--pass", message=refused.text, got=pass_id)
    from difflib import get_close_matches

    close = get_close_matches(pass_id, [this.pass_id for this in assessment.passes], n=1)
    hint = f'did you mean "{close[0]}"?' if close else "`eagleplan passes SCENARIO` lists them"
    return Problem(path="--pass", message="the scenario has no such pass", got=pass_id, hint=hint)


def _second(contact_id: str, profile: Profile, budget: Budget, horizon: Horizon, i: int) -> dict[str, Cell]:
    cells: dict[str, Cell] = {
        "contact_id": contact_id,
        "utc": horizon.utc(float(profile.t_s[i])).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "elevation_deg": round(float(profile.elevation_deg[i]), 4),
        "azimuth_deg": round(float(profile.azimuth_deg[i]), 4),
        "range_km": round(float(profile.range_km[i]), 4),
    }
    for name, loss_db in budget.terms_db.items():
        cells[f"{name}_db"] = round(float(loss_db[i]), 4)
    cells["total_db"] = round(float(budget.total_db[i]), 4)
    cells["background_per_detector_cps"] = round(float(budget.background_per_detector_cps[i]), 3)
    return cells

"""Loss and key as rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eagleplan.cli.rows import Cell
from eagleplan.errors import InputError, Problem
from eagleplan.link import REFERENCE_PLANE
from eagleplan.model import Budget, Horizon, Profile
from eagleplan.units import FloatArray

if TYPE_CHECKING:
    from eagleplan.pipeline import Assessment

P_BELOW = 0.01
"""Share of the time in which a fading term is deeper than the quantile shown."""


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
            "reference_plane": REFERENCE_PLANE,
        }
        for contact in assessment.contacts
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassBudget:
    """The contacts of one pass: profile, mean losses and fades (loss exceeded for a share `p_below` of the time)
    of each."""

    horizon: Horizon
    contact_ids: tuple[str, ...]
    profiles: tuple[Profile, ...]
    budgets: tuple[Budget, ...]
    fades_db: tuple[Mapping[str, FloatArray], ...]
    p_below: float = P_BELOW

    def second_rows(self) -> list[dict[str, Cell]]:
        """Every second of every contact."""
        return [self._second(part, i) for part in self._parts() for i in range(self.profiles[part].t_s.size)]

    def table_rows(self) -> list[dict[str, Cell]]:
        """A line a quantity, a column for the start, the highest elevation and the end of each contact."""
        columns: dict[str, dict[str, Cell]] = {}
        for part in self._parts():
            number = "" if len(self.contact_ids) == 1 else f" {part + 1}"
            top = int(self.profiles[part].elevation_deg.argmax())
            last = self.profiles[part].t_s.size - 1
            for name, i in (("start", 0), ("highest", top), ("end", last)):
                columns[name + number] = self._second(part, i)
        names = list(next(iter(columns.values())))[1:]
        rows: list[dict[str, Cell]] = []
        for name in names:
            row: dict[str, Cell] = {"quantity": name}
            rows.append(row | {at: cells[name] for at, cells in columns.items()})
        return rows

    def _parts(self) -> range:
        return range(len(self.contact_ids))

    def _second(self, part: int, i: int) -> dict[str, Cell]:
        profile, budget, fades_db = self.profiles[part], self.budgets[part], self.fades_db[part]
        utc = self.horizon.utc(float(profile.t_s[i]))
        cells: dict[str, Cell] = {
            "contact_id": self.contact_ids[part],
            "utc": utc.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "elevation_deg": round(float(profile.elevation_deg[i]), 4),
            "azimuth_deg": round(float(profile.azimuth_deg[i]), 4),
            "range_km": round(float(profile.range_km[i]), 4),
            "range_rate_km_s": round(float(profile.range_rate_km_s[i]), 6),
        }
        for name, loss_db in budget.terms_db.items():
            cells[f"{name}_db"] = round(float(loss_db[i]), 4)
        cells["total_db"] = round(float(budget.total_db[i]), 4)
        share = f"{self.p_below:.9f}".rstrip("0").partition(".")[2]
        for name, loss_db in fades_db.items():
            cells[f"{name}_fade_p{share}_db"] = round(float(loss_db[i]), 4)
        cells["background_per_detector_cps"] = round(float(budget.background_per_detector_cps[i]), 3)
        cells["reference_plane"] = REFERENCE_PLANE
        return cells


def missing_pass(assessment: Assessment, pass_id: str) -> InputError:
    """Why a pass has no budget: it has no contact, or there is no such pass."""
    refused = assessment.refusals.get(pass_id)
    if refused is not None:
        return InputError(Problem(path="--pass", message=refused.text, got=pass_id))
    from difflib import get_close_matches

    close = get_close_matches(pass_id, [this.pass_id for this in assessment.passes], n=1)
    hint = f'did you mean "{close[0]}"?' if close else "`eagleplan passes SCENARIO` lists them"
    return InputError(Problem(path="--pass", message="the scenario has no such pass", got=pass_id, hint=hint))

"""The plan that a re-plan starts from: what is settled, and what may still change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

OutcomeStatus = Literal["done", "clouded", "technical", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierPass:
    """A pass of the earlier plan; a pass of the new elements that culminates near `culmination_s` keeps its id."""

    pass_id: str
    satellite_id: str
    site_id: str
    culmination_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierContact:
    """A contact of the earlier plan, [`start_s`, `end_s`), and what became of it: None as long as nobody knows.

    `secret_bits` are those that a contact that was done really gave.
    """

    contact_id: str
    pass_id: str
    satellite_id: str
    site_id: str
    start_s: int
    end_s: int
    outcome: OutcomeStatus | None = None
    secret_bits: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierPlan:
    """Contacts that start before `fixed_until_s` stay as they are; none is added before it. Now is `now_s`."""

    passes: tuple[EarlierPass, ...]
    contacts: tuple[EarlierContact, ...]
    now_s: int
    fixed_until_s: int

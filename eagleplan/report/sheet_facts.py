"""The parameters of a contact, as a sheet lists them beside its drawings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from eagleplan.model import Contact, KeyGrowth, Satellite, Site
from eagleplan.report.index import PlanIndex
from eagleplan.report.sheet_charts import threshold_text, zone_text
from eagleplan.report.times import clock_from, clock_text, day_text, local
from eagleplan.report.words import bits_text, duration_text, percent_text, probability_text

GroupKind = Literal["key", "cloud", "link", "proof", "neighbours", "backups", "given-up"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What is so; `element_id` is where on the page there is more of it, "" where there is not."""

    label: str
    text: str
    note: str = ""
    element_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactGroup:
    """Facts under a heading."""

    kind: GroupKind
    title: str
    facts: tuple[Fact, ...]


def fact_groups(index: PlanIndex, contact: Contact, growth: KeyGrowth | None) -> tuple[FactGroup, ...]:
    """Key, sky, link and protocol of a contact; of one that is over, what the proof says is what was planned."""
    satellite, site = index.satellites[contact.satellite_id], index.sites[contact.site_id]
    return (
        FactGroup(kind="key", title="Key", facts=tuple(_key(index, contact, growth))),
        FactGroup(kind="cloud", title="Cloud", facts=tuple(_cloud(contact))),
        FactGroup(kind="link", title="Link", facts=tuple(_link(index, contact, satellite, site))),
        FactGroup(
            kind="proof",
            title="Proof" if contact.outcome is None else "Proof, as planned",
            facts=tuple(_proof(contact)),
        ),
    )


def _key(index: PlanIndex, contact: Contact, growth: KeyGrowth | None) -> Iterable[Fact]:
    key = contact.key
    if contact.outcome is not None:
        yield Fact(label="Outcome", text=f"{contact.outcome}, {bits_text(key.secret_bits)}")
    else:
        yield Fact(label="Clear-sky key", text=bits_text(key.secret_bits), note=f"{key.secret_bits} bit")
        yield Fact(label="Expected key", text=bits_text(contact.expected_bits), note=_product(contact))
        yield Fact(label="Cloud takes, on average", text=bits_text(key.secret_bits - contact.expected_bits))
    if growth is not None:
        yield Fact(label="First key", text=threshold_text(contact, growth))
    if key.abort_reason is not None:
        yield Fact(label="No key", text=key.abort_reason)
    usable_utc = index.utc(contact.usable_s)
    yield Fact(label="Usable from", text=f"{day_text(usable_utc)}, {clock_text(usable_utc)} UTC")


def _product(contact: Contact) -> str:
    return f"{contact.p_clear:.4g} × {bits_text(contact.key.secret_bits)}"


def _cloud(contact: Contact) -> Iterable[Fact]:
    if contact.outcome is None:
        yield Fact(label="Clear", text=probability_text(contact.p_clear), note=contact.p_clear_origin)
    if contact.forecast_age_s is not None:
        yield Fact(label="Forecast's age at planning", text=duration_text(contact.forecast_age_s))
    if contact.forecast_lead_s is not None:
        yield Fact(label="Forecast made", text=f"{duration_text(contact.forecast_lead_s)} before the contact")
    if contact.p_clear_climatology is not None and contact.p_clear_climatology != contact.p_clear:
        yield Fact(label="Climatology says", text=probability_text(contact.p_clear_climatology))


def _link(index: PlanIndex, contact: Contact, satellite: Satellite, site: Site) -> Iterable[Fact]:
    start_utc, end_utc = index.contact_utc(contact)
    start_local, end_local = local(start_utc, site.time_zone), local(end_utc, site.time_zone)
    of_window = "; part of a window" if contact.outcome is None and not contact.is_whole else ""
    yield Fact(
        label="Time",
        text=f"{clock_text(start_utc)} – {clock_text(end_utc)} UTC, {duration_text(contact.duration_s)}",
        note=f"local {clock_from(start_local, start_utc)} – {clock_from(end_local, start_local)} "
        f"({zone_text(index, contact)}){of_window}",
    )
    terminal, receiver, source = satellite.terminal, site.receiver, satellite.source
    detector = receiver.detector
    yield Fact(
        label="Satellite",
        text=satellite.name,
        note=f"aperture {terminal.aperture_m:g} m, {terminal.wavelength_nm:g} nm, jitter "
        f"{terminal.pointing_jitter_urad:g} µrad",
    )
    yield Fact(
        label="Station",
        text=f"{site.name}, {site.country}",
        note=f"aperture {site.aperture_m:g} m, {site.altitude_m:.0f} m above sea level, {site.status}",
    )
    yield Fact(
        label="Receiver",
        text=f"{receiver.receiver_id}, {receiver.coupling}",
        note=f"{detector.n_detectors} detectors, efficiency {detector.efficiency_frac:g}, darks "
        f"{detector.dark_count_cps:g}/s each, gate {1e9 * detector.gate_s:g} ns",
    )
    yield Fact(label="Source", text=f"{source.pulse_rate_hz / 1e6:g} MHz", note=_light(satellite))
    yield Fact(label="Highest elevation", text=f"{contact.max_elevation_deg:.1f}°")
    yield Fact(
        label="Loss",
        text=f"{contact.mean_loss_db:.2f} dB",
        note=f"of the mean transmittance; least {contact.min_loss_db:.2f} dB",
    )


def _light(satellite: Satellite) -> str:
    source = satellite.source
    if source.local_efficiency_frac is not None:
        return (
            f"{source.mu_signal:g} pairs a pulse on average, local efficiency {source.local_efficiency_frac:g}, "
            f"key basis {source.p_key_basis:g}"
        )
    intensities = [(source.mu_signal, source.p_signal), (source.mu_decoy, source.p_decoy)]
    if source.p_vacuum > 1e-12:
        intensities.append((source.mu_vacuum, source.p_vacuum))
    sent = ", ".join(f"{mu:g} ({p:.3g})" for mu, p in intensities)
    return f"photons a pulse (share): {sent}; key basis {source.p_key_basis:g}"


def _proof(contact: Contact) -> Iterable[Fact]:
    key = contact.key
    yield Fact(label="Protocol", text=key.protocol, note=f"statistics: {key.statistics}")
    yield Fact(label="Sifted", text=bits_text(key.sifted_bits))
    yield Fact(label="QBER", text=f"{100.0 * key.qber_frac:.2f} %")
    yield Fact(label="Phase error, bound", text=f"{100.0 * key.phase_error_frac:.2f} %")
    yield Fact(label="Leaked in error correction", text=bits_text(key.leaked_bits))
    if key.plob_bits > 0.0 and contact.outcome is None:
        yield Fact(
            label="Of the PLOB bound",
            text=percent_text(key.secret_bits / key.plob_bits),
            note=f"of {bits_text(key.plob_bits)}",
        )
    if key.details:
        details = "; ".join(f"{name} {value:.4g}" for name, value in key.details.items())
        yield Fact(label="Intermediates", text=details)

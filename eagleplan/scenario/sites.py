"""Sites: which of the catalogue are used, and what they have where their row leaves it open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eagleplan.inputs.countries import COUNTRY_CODES
from eagleplan.inputs.files import packaged
from eagleplan.inputs.horizon_mask import parse_horizon_mask
from eagleplan.inputs.priors import parse_priors
from eagleplan.inputs.sites import SiteEntry, parse_sites
from eagleplan.inputs.toml import OVERRIDES, KeyPath
from eagleplan.model import Air, Assumption, Calibration, HorizonMask, Notice, Receiver, Site, StationLimits
from eagleplan.scenario.fleet import SatelliteIds, satellite_names, satellites_behind
from eagleplan.scenario.hardware import assemble
from eagleplan.scenario.reading import Reading
from eagleplan.scenario.schema import DEFAULT_RECEIVER, LimitsTable, ReceiverTable, ScenarioFile, SiteOverride, given

SITES_FILE = packaged("ogs_sites.csv")
PRIORS_FILE = packaged("site_cloud_priors.csv")
_PRIORS_SOURCE = (
    "assumed: 0.864 × (1 − probability of cloud liquid water, ITU-R P.840), an annual mean "
    "without hour; see data/README.md"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The sites that could be read and are not closed, and the rows of the catalogue that a demand may speak of.

    Those are the rows in use, closed or not, or the whole catalogue where a name in `use` is wrong: one mistake is one
    problem.
    """

    sites: tuple[Site, ...]
    rows: tuple[SiteEntry, ...]


def select_sites(reading: Reading, file: ScenarioFile, satellite_ids: SatelliteIds) -> Selection | None:
    """The sites in use, in the order of `use` (else of the catalogue); None without a catalogue."""
    receivers = _receivers(reading, file)
    catalogue = reading.read(file.sites.file or SITES_FILE, "sites", ("sites", "file"), parse_sites)
    priors_file = file.weather.priors_file or PRIORS_FILE
    priors = reading.read(priors_file, "priors", ("weather", "priors_file"), parse_priors)
    if catalogue is None:
        return None
    used = _used(reading, file, catalogue)
    misnamed = any(problem.path in (reading.document.path, OVERRIDES) for problem in reading.problems)
    rows = catalogue if misnamed else tuple(entry for entry, _ in used)
    for site_id in file.sites.override:
        if site_id not in {entry.site_id for entry, _ in used}:
            reading.unknown(
                ("sites", "override", site_id),
                "no such site in use",
                site_id,
                [entry.site_id for entry, _ in used],
            )
    opened = _open(reading, file, used)
    everywhere = _limits(reading, ("sites", "limits"), file.sites.limits, satellite_ids)
    found = []
    for entry, key in opened:
        own = file.sites.override.get(entry.site_id, SiteOverride())
        limits = _limits(reading, ("sites", "override", entry.site_id, "limits"), own.limits, satellite_ids)
        found.append(_site(reading, file, entry, key, receivers, priors, StationLimits(**everywhere | limits)))
    _warn(reading, [entry for entry, _ in opened])
    _warn_of_passive_receivers(reading, [site for site in found if site is not None])
    if file.weather.priors_file is None:
        reading.assumptions.append(
            Assumption(key="weather.priors_file", value=PRIORS_FILE.partition(":")[2], source=_PRIORS_SOURCE)
        )
    return Selection(sites=tuple(site for site in found if site is not None), rows=rows)


def _receivers(reading: Reading, file: ScenarioFile) -> dict[str, Receiver | None]:
    tables = dict(file.receivers)
    tables.setdefault(DEFAULT_RECEIVER, ReceiverTable())
    found = {}
    for receiver_id, table in tables.items():
        key = ("receivers", receiver_id)
        found[receiver_id] = assemble(
            reading,
            Receiver,
            table.profile,
            (*key, "profile"),
            ("receiver", key, table),
            receiver_id=receiver_id,
        )
    return found


def _used(reading: Reading, file: ScenarioFile, catalogue: tuple[SiteEntry, ...]) -> list[tuple[SiteEntry, KeyPath]]:
    """(entry, key that calls for it); candidates only where named or allowed."""
    by_id = {entry.site_id: entry for entry in catalogue}
    allowed = [entry for entry in catalogue if file.sites.allow_candidates or entry.status != "candidate"]
    if file.sites.use is None:
        if not allowed:
            reading.wrong(("sites",), "every site of the catalogue is a candidate", hint=_ALLOW)
        return [(entry, ("sites",)) for entry in allowed]
    used: dict[str, tuple[SiteEntry, KeyPath]] = {}
    for index, name in enumerate(file.sites.use):
        key = ("sites", "use", index)
        if name in COUNTRY_CODES:
            national = [entry for entry in catalogue if entry.country == name]
            wanted = [entry for entry in allowed if entry.country == name]
            if not national:
                reading.wrong(key, "the catalogue has no site of this country", got=f'"{name}"')
            elif not wanted:
                reading.wrong(key, "every site of this country is a candidate", got=f'"{name}"', hint=_ALLOW)
        elif name in by_id:
            wanted = [by_id[name]]
            if name in used:
                reading.wrong(key, "is named twice", got=f'"{name}"')
        else:
            wanted = []
            reading.unknown(key, "no such site or country", name, [*by_id, *sorted({e.country for e in catalogue})])
        for entry in wanted:
            used.setdefault(entry.site_id, (entry, key))
    return list(used.values())


def _open(
    reading: Reading, file: ScenarioFile, used: list[tuple[SiteEntry, KeyPath]]
) -> list[tuple[SiteEntry, KeyPath]]:
    """Those of `used` that take part. What names a closed station stays valid: its country, its own rules, demands."""
    used_ids = [entry.site_id for entry, _ in used]
    for index, name in enumerate(file.sites.closed):
        if name not in used_ids:
            reading.unknown(("sites", "closed", index), "no such site in use", name, used_ids)
    opened = [(entry, key) for entry, key in used if entry.site_id not in file.sites.closed]
    if used and not opened:
        reading.wrong(("sites", "closed"), "every station is closed")
    return opened


_ALLOW = "name a candidate by its site id, or set allow_candidates = true"


def _site(
    reading: Reading,
    file: ScenarioFile,
    entry: SiteEntry,
    key: KeyPath,
    receivers: Mapping[str, Receiver | None],
    priors: Mapping[str, float] | None,
    limits: StationLimits,
) -> Site | None:
    own = file.sites.override.get(entry.site_id, SiteOverride())
    receiver_id = own.receiver or entry.receiver or DEFAULT_RECEIVER
    if receiver_id not in receivers:
        at = ("sites", "override", entry.site_id, "receiver") if own.receiver else key
        reading.unknown(at, f"no such receiver for {entry.site_id}", receiver_id, list(receivers))
    p_clear = own.p_clear_zenith_annual
    if p_clear is None and priors is not None:
        p_clear = priors.get(entry.site_id)
        if p_clear is None:
            hint = "add a row, or set sites.override.ID.p_clear_zenith_annual"
            reading.wrong(key, "the site has no clear-sky prior", got=f'"{entry.site_id}"', hint=hint)
    receiver = receivers.get(receiver_id)
    if p_clear is None or receiver is None:
        return None
    aperture_m = own.aperture_m or entry.aperture_m
    if aperture_m is None:
        aperture_m = file.sites.aperture_m
        _assume(
            reading,
            entry,
            "aperture_m",
            aperture_m,
            "assumed: sites.aperture_m, since the site's row has none",
        )
    if entry.time_zone is None:
        _assume(reading, entry, "time_zone", "UTC", "assumed: the site's row has none")
    return Site(
        site_id=entry.site_id,
        name=entry.name,
        country=entry.country,
        latitude_deg=entry.latitude_deg,
        longitude_deg=entry.longitude_deg,
        altitude_m=entry.altitude_m,
        aperture_m=aperture_m,
        status=entry.status,
        time_zone=entry.time_zone or "UTC",
        min_elevation_deg=_first(own.min_elevation_deg, entry.min_elevation_deg, file.sites.min_elevation_deg),
        max_sun_elevation_deg=_first(
            own.max_sun_elevation_deg, entry.max_sun_elevation_deg, file.sites.max_sun_elevation_deg
        ),
        p_clear_zenith_annual=p_clear,
        receiver=receiver,
        horizon_mask=_mask(reading, entry, own),
        air=_air(reading, file, entry, own, receiver),
        calibration=Calibration(**given(own.calibration)),
        limits=limits,
        origin=f"{entry.origin}: {entry.source}" if entry.source else entry.origin,
    )


def _limits(reading: Reading, key: KeyPath, table: LimitsTable, satellite_ids: SatelliteIds) -> dict[str, Any]:
    """The limits that a table sets, every satellite by its own name."""
    values = given(table)
    if values.get("satellite_ids") is not None:
        fitting: list[str] = []
        for index, name in enumerate(values["satellite_ids"]):
            behind = satellites_behind(name, satellite_ids)
            if not behind:
                known = satellite_names(satellite_ids)
                reading.unknown((*key, "satellite_ids", index), "no such satellite", name, known)
            fitting += behind
        values["satellite_ids"] = tuple(dict.fromkeys(fitting))
    return values


def _mask(reading: Reading, entry: SiteEntry, own: SiteOverride) -> HorizonMask | None:
    if own.horizon_mask_file is None:
        return None
    key = ("sites", "override", entry.site_id, "horizon_mask_file")
    return reading.read(own.horizon_mask_file, "horizon-mask", key, parse_horizon_mask)


def _air(reading: Reading, file: ScenarioFile, entry: SiteEntry, own: SiteOverride, receiver: Receiver) -> Air:
    values = given(file.sites.air) | given(own.air)
    air = Air(**values)
    if receiver.coupling_loss_db is None:
        # Only a coupling that is computed asks how turbulent the air is.
        for name in _TURBULENCE:
            if name not in values:
                _assume(reading, entry, f"air.{name}", getattr(air, name), "assumed: eagleplan's default")
    return air


_TURBULENCE = ("ground_cn2_per_m23", "rms_wind_m_s", "ground_wind_m_s")


def _first(*values: float | None) -> float:
    return next(value for value in values if value is not None)


def _assume(reading: Reading, entry: SiteEntry, name: str, value: object, source: str) -> None:
    reading.assumptions.append(Assumption(key=f"sites.{entry.site_id}.{name}", value=str(value), source=source))


def _warn(reading: Reading, entries: Sequence[SiteEntry]) -> None:
    """One notice a kind: what holds for many sites is said once, or nobody reads it."""
    for notice_id, message, concerned in (
        (
            "W-CANDIDATE-SITE",
            "nobody has announced an optical ground station there",
            [entry for entry in entries if entry.status == "candidate"],
        ),
        (
            "W-SITE-POSITION",
            "position found in no public list, so unconfirmed",
            [entry for entry in entries if not entry.position_listed],
        ),
    ):
        if concerned:
            ids = ", ".join(entry.site_id for entry in concerned)
            reading.notices.append(Notice(notice_id=notice_id, subject=ids, message=message))


def _warn_of_passive_receivers(reading: Reading, sites: Sequence[Site]) -> None:
    passive = sorted({site.receiver.receiver_id for site in sites if site.receiver.detector.n_detectors > 2})
    if passive:
        message = (
            "the basis is chosen by a splitter: no key proof here covers strong light sent into both bases at once; "
            "the key is that of honest light and noise"
        )
        reading.notices.append(
            Notice(notice_id="W-PASSIVE-RECEIVER", subject=f"receivers.{', '.join(passive)}", message=message)
        )

"""A plan back from its file, with satellites and sites from the inputs: nothing is computed anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeVar

from eagleplan.errors import InputError, Problem
from eagleplan.model import (
    Assumption,
    Backup,
    Closure,
    Contact,
    Delivery,
    Demand,
    DemandResult,
    Discard,
    FibreLink,
    GuaranteeConflict,
    Horizon,
    InitialStock,
    InputFile,
    KeyYield,
    MetOutlook,
    Night,
    Notice,
    Outlook,
    Pass,
    PassDecision,
    Plan,
    Proof,
    ProofLevel,
    Reason,
    Rival,
    Satellite,
    Site,
    VerdictCount,
    Window,
)
from eagleplan.report.demand_parts import (
    DemandPart,
)
from eagleplan.report.document import (
    KIND,
    SCHEMA_VERSION,
    ContactPart,
    PassPart,
    PlanDocument,
    SitePart,
)
from eagleplan.report.part import Part, restore
from eagleplan.report.plan_json import plan_document, satellite_part
from eagleplan.report.reading import read_document

_Model = TypeVar("_Model")


def read_plan(data: bytes, satellites: Sequence[Satellite], sites: Sequence[Site], path: str = "plan.json") -> Plan:
    """The plan of a ``plan.json``, exactly: written again it has the same bytes.

    `satellites` and `sites` are those of the inputs that the plan was made from; the file does not hold their
    hardware. Raises InputError where the file is broken, or where it says other things of them than the inputs do.
    """
    document = read_document(data, path, PlanDocument, KIND, SCHEMA_VERSION)
    horizon = restore(Horizon, document.horizon)
    known_satellites = {satellite.satellite_id: satellite for satellite in satellites}
    known_sites = {site.site_id: site for site in sites}
    parts: dict[str, dict[str, Part]] = {
        "satellites": {name: satellite_part(satellite, horizon) for name, satellite in known_satellites.items()},
        "sites": {name: SitePart.of(site) for name, site in known_sites.items()},
    }
    problems = [
        *_differences("satellites", [(part.satellite_id, part) for part in document.satellites], parts, path),
        *_differences("sites", [(part.site_id, part) for part in document.sites], parts, path),
        *_strangers(document, path),
    ]
    if problems:
        raise InputError(problems)
    return _plan(
        document,
        tuple(known_satellites[part.satellite_id] for part in document.satellites),
        tuple(known_sites[part.site_id] for part in document.sites),
    )


def as_stored(plan: Plan) -> Plan:
    """The plan as its file states it, with the file's order and rounding."""
    return _plan(plan_document(plan), plan.satellites, plan.sites)


def _plan(document: PlanDocument, satellites: tuple[Satellite, ...], sites: tuple[Site, ...]) -> Plan:
    contacts = tuple(_contact(part) for part in document.contacts)
    chosen: dict[str, list[Contact]] = defaultdict(list)
    for contact in contacts:
        chosen[contact.pass_id].append(contact)
    return restore(
        Plan,
        document,
        horizon=restore(Horizon, document.horizon),
        satellites=satellites,
        sites=sites,
        demands=tuple(_demand(part) for part in document.demands),
        decisions=tuple(_decision(part, chosen) for part in document.passes),
        contacts=contacts,
        deliveries=_all(Delivery, document.deliveries),
        initial_stocks=_all(InitialStock, document.initial_stocks),
        proof=restore(Proof, document.proof, levels=_all(ProofLevel, document.proof.levels)),
        notices=_all(Notice, document.notices),
        assumptions=_all(Assumption, document.assumptions),
        inputs=_all(InputFile, document.inputs),
        nights=_all(Night, document.nights),
        closures=_all(Closure, document.closures),
        verdicts=_all(VerdictCount, document.verdicts),
        discards=_all(Discard, document.discards),
        guarantee_conflicts=_all(GuaranteeConflict, document.guarantee_conflicts),
        backups=tuple(restore(Backup, part, backup=_contact(part.backup)) for part in document.backups),
        fibre_links=_all(FibreLink, document.fibre_links),
        rivals=_all(Rival, document.rivals),
        sky_met=None if document.sky_met is None else restore(MetOutlook, document.sky_met),
    )


def _all(kind: type[_Model], parts: Sequence[Part]) -> tuple[_Model, ...]:
    return tuple(restore(kind, part) for part in parts)


def _contact(part: ContactPart) -> Contact:
    return restore(Contact, part, key=restore(KeyYield, part.key))


def _demand(part: DemandPart) -> DemandResult:
    return restore(
        DemandResult,
        part,
        demand=restore(Demand, part, bits=part.wanted_bits),
        outlook=None if part.outlook is None else restore(Outlook, part.outlook),
    )


def _decision(part: PassPart, chosen: Mapping[str, Sequence[Contact]]) -> PassDecision:
    if part.best_contact is not None:
        contact: Contact | None = _contact(part.best_contact)
    else:
        contact = max(chosen.get(part.pass_id, ()), key=attrgetter("expected_bits"), default=None)
    return PassDecision(
        planned_pass=restore(Pass, part, windows=_all(Window, part.windows)),
        reason=restore(Reason, part.reason),
        contact=contact,
    )


def _differences(
    name: str, stated: Sequence[tuple[str, Part]], known: Mapping[str, Mapping[str, Part]], path: str
) -> Iterator[Problem]:
    """What the file says of satellites or sites other than the inputs do."""
    hint = "the plan was made from other inputs, or by another version: make it again"
    for number, (own_id, part) in enumerate(stated):
        field = f"{name}[{number}]"
        if own_id not in known[name]:
            yield Problem(path=path, field=field, message="is not in the inputs", got=own_id, hint=hint)
            continue
        right = dict(_leaves(known[name][own_id].model_dump(mode="json")))
        for leaf, got in _leaves(part.model_dump(mode="json")):
            if got != right[leaf] and not leaf.endswith("origin"):
                message = f"is {right[leaf]} in the inputs"
                yield Problem(path=path, field=f"{field}.{leaf}", message=message, got=str(got), hint=hint)


def _leaves(content: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _strangers(document: PlanDocument, path: str) -> Iterator[Problem]:
    """Names that lead nowhere: every output would stumble over them."""
    satellites = {part.satellite_id for part in document.satellites}
    sites = {part.site_id for part in document.sites}
    passes = {part.pass_id for part in document.passes}
    contacts = {part.contact_id for part in document.contacts}
    demands = {part.demand_id for part in document.demands}
    spares = [(f"backups[{n}].backup", part.backup) for n, part in enumerate(document.backups)]
    flown = [(f"contacts[{n}]", part) for n, part in enumerate(document.contacts)]
    closed = [(f"closures[{n}]", part) for n, part in enumerate(document.closures)]
    stated = [
        *((f"{place}.satellite_id", part.satellite_id, satellites) for place, part in [*flown, *spares]),
        *((f"{place}.site_id", part.site_id, sites) for place, part in [*flown, *spares]),
        *((f"{place}.pass_id", part.pass_id, passes) for place, part in [*flown, *spares]),
        *((f"passes[{n}].satellite_id", part.satellite_id, satellites) for n, part in enumerate(document.passes)),
        *((f"passes[{n}].site_id", part.site_id, sites) for n, part in enumerate(document.passes)),
        *((f"{place}.satellite_id", part.satellite_id, satellites) for place, part in closed if part.satellite_id),
        *((f"{place}.site_id", part.site_id, sites) for place, part in closed if part.site_id),
        *((f"backups[{n}].contact_id", part.contact_id, contacts) for n, part in enumerate(document.backups)),
        *((f"deliveries[{n}].demand_id", part.demand_id, demands) for n, part in enumerate(document.deliveries)),
    ]
    for field, name, known in stated:
        if name not in known:
            yield Problem(path=path, field=field, message="is not in the plan", got=name)

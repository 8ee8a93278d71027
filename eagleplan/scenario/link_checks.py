"""What the link refuses to compute, said at the key of the scenario that asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eagleplan.inputs.toml import KeyPath
from eagleplan.model import LinkOptions, Satellite, Site
from eagleplan.scenario.reading import Reading


def refuse_what_has_no_loss(
    reading: Reading, groups: Mapping[str, Sequence[Satellite]], sites: Sequence[Site], options: LinkOptions
) -> None:
    """Records every parameter of which no loss can be computed; `groups` are the satellites of each table."""
    from eagleplan.link import Hardware, refusals

    for table, satellites in groups.items():
        # One table has one terminal, however many satellites.
        hardware = [Hardware(site=site, terminal=one.terminal) for one in satellites[:1] for site in sites]
        for refusal in refusals(hardware, options):
            owner: KeyPath = {
                "terminal": ("satellites", table, "terminal"),
                "receiver": ("receivers", refusal.owner),
                "site": ("sites", "override", refusal.owner),
                "link": ("link",),
            }[refusal.part]
            reading.wrong((*owner, *refusal.key.split(".")), refusal.message, got=refusal.got)

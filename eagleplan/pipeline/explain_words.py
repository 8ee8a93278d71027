"""Explanations in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from eagleplan import schedule
from eagleplan.report.words import bits_text, level_text
from eagleplan.schedule import explain

MAX_LISTED = 8


def contact_verdict(found: explain.ContactExplanation) -> tuple[str, str]:
    """A code, and a sentence that answers the question."""
    alternative = found.alternative
    decisive = alternative.decisive
    if found.flown:
        return {
            "worse": ("needed", f"chosen, and needed: without it {_loss(decisive)}"),
            "tie": ("replaceable", "chosen, but another plan without it is as good in every objective"),
            "better": ("better", "chosen, but a better plan without it was found: the plan was not the best"),
            "undecided": ("undecided", f"chosen; without it {_loss(decisive)}, as far as the search went"),
            "impossible": ("pinned", f"chosen, because it is pinned: {_listed(alternative.conflict)}"),
        }[alternative.verdict]
    if alternative.verdict == "worse" and decisive is not None and decisive.name in ("n_contacts", "stock_left"):
        return (
            "not-needed",
            f"not chosen, because it is not needed: with it {_loss(decisive)}, and nobody gets more key",
        )
    return {
        "worse": ("costs", f"not chosen, because it would cost: with it {_loss(decisive)}"),
        "tie": ("tie", "not chosen, but a plan with it is as good in every objective: a tie"),
        "better": ("better", "not chosen, but a better plan with it was found: the plan was not the best"),
        "undecided": ("undecided", f"not chosen; with it {_loss(decisive)}, as far as the search went"),
        "impossible": ("impossible", f"not chosen, because it cannot be flown with {_pins(alternative.conflict)}"),
    }[alternative.verdict]


def contact_paragraphs(
    problem: schedule.Problem, found: explain.ContactExplanation, serves: Mapping[str, str]
) -> Iterator[str]:
    """What stands behind the verdict."""
    for contact_id, text in serves.items():
        yield f"Flown as {contact_id}: {text}."
    if found.obstacles:
        yield f"What is in its way as the plan is: {found.obstacles}."
    alternative = found.alternative
    if alternative.verdict == "impossible":
        return
    if own := [name for name in alternative.added if name in found.contact_ids]:
        yield f"It would be flown as {_listed(own)}."
    condition = "Without it" if found.flown else "With it"
    if alternative.demands:
        changes = sorted(alternative.demands.items(), key=lambda item: (item[1], item[0]))
        yield f"{condition}, demands get: {_listed(_change(name, bits) for name, bits in changes)}."
    else:
        yield f"{condition}, every demand gets the same."
    yield from _passes(problem, found)
    decisive = alternative.decisive
    if alternative.verdict == "undecided" and decisive is not None:
        yield (
            f"The search stopped at its limit. This is the best plan that was found close by; it is not known whether "
            f"another one {'without' if found.flown else 'with'} it loses less, or nothing. A longer search "
            "(--max-deterministic-time-s) may tell."
        )
    elif alternative.verdict == "worse" and decisive is not None and decisive.least_loss < decisive.loss:
        yield f"The search stopped at its limit: no plan {_condition(found)} loses less than {_amount(decisive, True)}."
    elif alternative.verdict == "better":
        yield "The plan had a limit of its own; a longer search may find this better plan, or one that is better still."


def _passes(problem: schedule.Problem, found: explain.ContactExplanation) -> Iterator[str]:
    """The other passes that are flown no more, instead, or in another part."""
    pass_of = {candidate.contact_id: candidate.pass_id for candidate in problem.candidates}
    own = {pass_of[name] for name in found.contact_ids}
    dropped = [pass_of[name] for name in found.alternative.dropped if pass_of[name] not in own]
    added = [pass_of[name] for name in found.alternative.added if pass_of[name] not in own]
    for text, passes in (
        ("Flown no more", [name for name in dropped if name not in added]),
        ("Flown as well" if not found.flown else "Flown instead", [name for name in added if name not in dropped]),
        ("Flown in another part", [name for name in dropped if name in added]),
    ):
        if passes:
            yield f"{text}: {_listed(dict.fromkeys(passes))}."


def _condition(found: explain.ContactExplanation) -> str:
    return "without it" if found.flown else "with it"


def demand_paragraphs(
    problem: schedule.Problem,
    found: explain.DemandExplanation,
    sites: Sequence[explain.WhatIf],
    conflicts: Sequence[str],
) -> Iterator[str]:
    """What bounds the demand, then what would change that."""
    yield from (f"{text[0].upper()}{text[1:]}." for text in conflicts)
    if found.prices is None:
        return
    missing = found.wanted_bits - found.delivered_bits
    more = found.prices.most_bits - found.delivered_bits
    if more <= 0:
        yield "No plan gives it more unless another demand gets less."
    else:
        yield f"While no other demand gets less, no plan can give it more than {bits_text(more)} on top."
    bounds = found.prices.bounds
    demand = {demand.demand_id: demand for demand in problem.demands}[found.demand_id]
    ends = {demand.node_a, demand.node_b}
    near = ends.union(*(problem.network.node_sites.get(node, ()) for node in ends))
    own = [bound for bound in bounds if bound.kind in ("stock", "age") and near.intersection(bound.nodes)]
    for bound in own[:MAX_LISTED]:
        what = "of key" if bound.kind == "stock" else "of key that lives on"
        yield f"• A bit more {what} between {_nodes(bound.nodes)} brings it {bound.price_bits:.2f} bit at first."
    yield from (f"• {text}" for text in _elsewhere(bounds, missing))
    yield "What would bring it more, while no other demand gets less:"
    yield from (f"• {_what_if(one)}" for one in (*found.what_ifs, *sites))


def _elsewhere(bounds: Sequence[explain.Bound], missing_bits: int) -> Iterator[str]:
    """Everything that binds but key: terminals and stations by their nights, the rest one by one, dearest first."""
    busy: dict[tuple[str, tuple[str, ...]], list[explain.Bound]] = {}
    rest = []
    for bound in sorted(bounds, key=lambda bound: -bound.price_bits):
        if bound.kind in ("terminal", "station"):
            busy.setdefault((bound.kind, bound.nodes), []).append(bound)
        elif bound.kind not in ("stock", "age"):
            rest.append(bound)
    for (kind, nodes), own in list(busy.items())[:MAX_LISTED]:
        worth = bits_text(min(own[0].price_bits, missing_bits))
        what = "terminal of" if kind == "terminal" else "station"
        nights = f"night{'s' if len(own) > 1 else ''} of {_listed(bound.night for bound in own)}"
        yield f"The {what} {_nodes(nodes)} is taken in the {nights}: a second would bring up to {worth} in the first."
    for bound in rest[:MAX_LISTED]:
        worth = bits_text(min(bound.price_bits, missing_bits))
        yield {
            "limit": f"The limit {bound.text} is reached: one more would bring up to {worth}.",
            "nights": f"{_nodes(bound.nodes)} has staff on too few nights: one more would bring up to {worth}.",
            "store": f"The store of {_nodes(bound.nodes)} is full: a bit more room brings {bound.price_bits:.2f} bit.",
            "rival": f"{_nodes(bound.nodes)} takes key: a bit less there brings {bound.price_bits:.2f} bit at first.",
        }[bound.kind]


def _what_if(one: explain.WhatIf) -> str:
    if one.most_bits <= one.gain_bits:
        gain = f"{bits_text(one.gain_bits)} more" if one.gain_bits > 0 else "no more"
    elif one.gain_bits > 0:
        gain = f"{bits_text(one.gain_bits)} more was found, {bits_text(one.most_bits)} at most"
    else:
        gain = f"nothing was found, {bits_text(one.most_bits)} more at most"
    return f"{one.text[0].upper()}{one.text[1:]}: {gain}."


def _loss(change: explain.LevelChange | None) -> str:
    if change is None:
        return "nothing changes"
    amount = _amount(change, False)
    if change.name == "fairness":
        return f"fairness falls by {amount}"
    if change.name == "max_min":
        return f"the worst-served demand falls by {amount}"
    if change.name == "n_contacts":
        return f"the plan needs {amount}"
    if change.name == "stock_left":
        return f"the stocks at the end hold {amount} less"
    if change.name == "changes":
        return f"the earlier plan changes in {amount}"
    if change.name == "weighted_met_bits":
        return f"key delivered, by priority, falls by {amount}"
    return f"{level_text(change.name)} are short of {amount} more, by priority"


def _amount(change: explain.LevelChange, least: bool) -> str:
    loss = change.least_loss if least else change.loss
    if change.name == "fairness":
        return f"{100.0 * loss / max(1, abs(change.plan)):.2g} %"
    if change.name == "max_min":
        return f"{loss / 100.0:g} percentage points"
    if change.name == "n_contacts":
        return f"{loss} contact{'s' if loss != 1 else ''} more"
    if change.name == "changes":
        return f"{loss} contact{'s' if loss != 1 else ''} more"
    return bits_text(loss)


def _change(name: str, bits: int) -> str:
    return f"{name} {'+' if bits > 0 else '−'}{bits_text(abs(bits))}"


def _pins(pins: Sequence[str]) -> str:
    others = [pin for pin in pins if pin != explain.FORCED]
    return f"what is pinned: {_listed(others)}" if others else "any plan: a limit leaves no room for it at all"


def _nodes(nodes: Sequence[str]) -> str:
    if len(nodes) > 2:
        return f"{nodes[0]} and {_listed(nodes[1:], ' or ')}"
    return " and ".join(nodes)


def _listed(names: Iterable[str], separator: str = ", ") -> str:
    every = list(names)
    hidden = len(every) - MAX_LISTED
    return separator.join(every[:MAX_LISTED]) + (f" and {hidden} more" if hidden > 0 else "")

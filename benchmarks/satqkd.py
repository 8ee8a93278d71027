"""Public instances of a peer, solved to the proven optimum: `python benchmarks/satqkd.py PATH…`.

The files are those of leonkamke/satqkd-scheduling-optimisation (MIT licence; Kamke, RWTH Aachen 2025,
`Dataset_Europe_General_*`): one satellite, 24 h, 100 nodes. Each pass serves at most one target of its node
(QKD or optical only), each target at most one pass; 60 s lie between consecutive contacts; a pass without key
serves no QKD target. Worth most: the sum of priority × (1 + key volume if QKD).

Two formulations go through the planner's own solvers. Ours: the satellite as a resource (cliques for CP-SAT,
a timeline for HiGHS), and of the targets of a node with m passes only the m best of each kind, as no more can
be served. The peer's, rebuilt from its description: every target, and for every pair of passes that clash a
row with M = 99,999.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from eagleplan.schedule import SOLVERS, Limits
from eagleplan.schedule.levels import Objective
from eagleplan.schedule.programme import Programme, Resource, Row, programme

GAP_S = 60
BIG_M = 99_999
SCALE = 100
"""Worth is counted in hundredths: rounding moves an optimum of millions by less than 0.1."""

PROVEN_FRAC = 1e-8
"""HiGHS computes in floating point: a bound this near, as a fraction, counts as met."""


@dataclass(frozen=True)
class Instance:
    """Passes as (start, end); pairs as (pass, target, worth) of every target that a pass may serve."""

    name: str
    spans: list[tuple[int, int]]
    node_of_pass: list[int]
    pairs: list[tuple[int, int, float]]
    target_kinds: list[tuple[int, bool, float]]


def read(path: Path) -> Instance:
    data = json.loads(path.read_text(encoding="utf-8"))
    data = data[0] if isinstance(data, list) else data
    day = datetime.fromisoformat(data["coverage_start"])
    passes, targets = data["satellite_passes"], data["service_targets"]
    spans = [
        (
            int((datetime.fromisoformat(p["startTime"]) - day).total_seconds()),
            int((datetime.fromisoformat(p["endTime"]) - day).total_seconds()),
        )
        for p in passes
    ]
    kinds = [(t["nodeId"], t["requestedOperation"] == "QKD", t["priority"]) for t in targets]
    by_node = defaultdict(list)
    for number, (node, _, _) in enumerate(kinds):
        by_node[node].append(number)
    pairs = []
    for number, this in enumerate(passes):
        for target in by_node[this["nodeId"]]:
            _, is_qkd, priority = kinds[target]
            if not is_qkd:
                pairs.append((number, target, priority))
            elif this["achievableKeyVolume"] > 0.0:
                pairs.append((number, target, priority * (1.0 + this["achievableKeyVolume"])))
    return Instance(path.stem, spans, [p["nodeId"] for p in passes], pairs, kinds)


def ours(instance: Instance) -> tuple[Programme, list[tuple[int, int, float]]]:
    """The satellite as a resource; only targets that can be in an optimum."""
    passes_at: dict[int, int] = defaultdict(int)
    for node in instance.node_of_pass:
        passes_at[node] += 1
    rivals = defaultdict(list)
    for target, (node, is_qkd, priority) in enumerate(instance.target_kinds):
        rivals[node, is_qkd].append((-priority, target))
    useful = {target for (node, _), group in rivals.items() for _, target in sorted(group)[: passes_at[node]]}
    pairs = [pair for pair in instance.pairs if pair[1] in useful]
    satellite = Resource(
        uses=tuple(
            (instance.spans[p][0], instance.spans[p][1] + GAP_S, column) for column, (p, _, _) in enumerate(pairs)
        )
    )
    return programme([1] * len(pairs), _once(pairs, 1), [satellite]), pairs


def peers(instance: Instance) -> tuple[Programme, list[tuple[int, int, float]]]:
    """Every pair; each pass and each target once; a big-M row for each pair of passes that clash."""
    pairs = instance.pairs
    columns_of = defaultdict(list)
    for column, (p, _, _) in enumerate(pairs):
        columns_of[p].append(column)
    rows = [*_once(pairs, 0), *_once(pairs, 1)]
    order = sorted(range(len(instance.spans)), key=lambda p: instance.spans[p])
    for number, first in enumerate(order):
        free_s = instance.spans[first][1] + GAP_S
        for second in order[number + 1 :]:
            if instance.spans[second][0] >= free_s:
                break
            both = (*columns_of[first], *columns_of[second])
            room = 2 * BIG_M - (free_s - instance.spans[second][0])
            rows.append(Row(columns=both, coefficients=(BIG_M,) * len(both), upper=room))
    return programme([1] * len(pairs), rows, []), pairs


def _once(pairs: list[tuple[int, int, float]], part: int) -> list[Row]:
    """Every pass (part 0) or target (part 1) in one pair at most."""
    columns = defaultdict(list)
    for column, pair in enumerate(pairs):
        columns[pair[part]].append(column)
    return [Row(columns=tuple(c), coefficients=(1,) * len(c), upper=1) for c in columns.values() if len(c) > 1]


def solved(
    made: tuple[Programme, list[tuple[int, int, float]]], solver: str, limits: Limits
) -> tuple[float, float, int, bool]:
    """(worth, bound, contacts, proven)."""
    this, pairs = made
    coefficients = tuple(round(SCALE * worth) for _, _, worth in pairs)
    objective = Objective(
        name="worth",
        sense="max",
        columns=tuple(range(len(pairs))),
        coefficients=coefficients,
        trivial_bound=sum(coefficients),
    )
    answer = SOLVERS[solver].improve(this, objective, [], (0,) * len(pairs), limits.max_time_s, limits)
    if not this.is_feasible(answer.values):
        raise ArithmeticError("infeasible answer")
    chosen = [worth for value, (_, _, worth) in zip(answer.values, pairs, strict=True) if value]
    reached = objective.value(answer.values)
    proven = answer.bound - reached <= PROVEN_FRAC * reached
    return sum(chosen), answer.bound / SCALE, len(chosen), proven


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--time-s", type=float, default=60.0, help="limit of one search (default 60)")
    parser.add_argument("--without-peer", action="store_true", help="leave the peer's model out: minutes less")
    options = parser.parse_args()
    limits = Limits(max_time_s=options.time_s, workers=1)
    for solver in SOLVERS:  # load their libraries first
        solved(ours(read(options.paths[0])), solver, limits)
    print(f"{'instance':32}{'worth':>12}{'bound':>12}{'contacts':>9}", end="")
    print(f"{'CP-SAT':>9}{'HiGHS':>9}", "" if options.without_peer else f"{'peer, HiGHS':>12}{'peer / HiGHS':>14}")
    failed = 0
    runs = 2 if options.without_peer else 3
    for path in options.paths:
        instance = read(path)
        seconds, results = [], []
        for make, solver in ((ours, "cp-sat"), (ours, "mip-timeline"), (peers, "mip-timeline"))[:runs]:
            begun_s = time.perf_counter()
            results.append(solved(make(instance), solver, limits))
            seconds.append(time.perf_counter() - begun_s)
        worth, bound, contacts, proven = results[0]
        agreed = all(abs(other - worth) < 0.1 for other, _, _, done in results if done)
        failed += not (proven and agreed)
        print(f"{instance.name:32}{worth:12.2f}{bound:12.2f}{contacts:9}", end="")
        print("".join(f"{s:8.2f}s" for s in seconds[:2]), end="")
        if not options.without_peer:
            cut_off = "" if results[2][3] else ">"
            print(f"{cut_off:>3}{seconds[2]:9.2f}s{cut_off:>3}{seconds[2] / seconds[1]:10.0f}×", end="")
        print("" if proven else "  not proven", "" if agreed else "  the optima differ", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())

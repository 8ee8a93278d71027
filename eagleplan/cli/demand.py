"""Commands that make a demand table."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from eagleplan.cli.shell import Debug, command, emit, read_input

demand_app = typer.Typer(help="Make a demand table.", no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(demand_app, name="demand", short_help="Make a demand table from what uses key")

    @command(demand_app, "from-vpn", example="eagleplan demand from-vpn examples/tunnels.csv -o demand.csv")
    def from_vpn(
        tunnels: Annotated[
            Path,
            typer.Argument(
                metavar="TUNNELS",
                help="CSV: tunnel_id, node_a, node_b, key_bits, refresh_interval_s"
                " [, reserve_days, stock_bits, priority, mode]. - is stdin.",
                show_default=False,
            ),
        ],
        days: Annotated[float, typer.Option("--days", min=0.001, max=400.0, help="Length of the horizon.")] = 7.0,
        guarantee: Annotated[
            bool,
            typer.Option("--guarantee", help="Guarantee the bits without which a tunnel runs dry in the horizon."),
        ] = False,
        output: Annotated[
            Path | None, typer.Option("--output", "-o", metavar="FILE", help="File to write.", show_default=False)
        ] = None,
        debug: Debug = False,
    ) -> None:
        """Turn tunnels that refresh their keys into a demand table, less what they have in stock.

        A tunnel wants the key that it uses in the horizon and in its reserve days after it. One that has enough asks
        for nothing, and is named on stderr.
        """
        from eagleplan.inputs.tunnels import parse_tunnels

        table = io.StringIO()
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(("demand_id", "node_a", "node_b", "bits", "priority", "guarantee_bits", "mode"))
        for tunnel in parse_tunnels(*read_input(tunnels)):
            bits = tunnel.wanted_bits(days)
            if bits == 0:
                print(f"{tunnel.tunnel_id}: has enough in stock", file=sys.stderr)
                continue
            guaranteed = tunnel.urgent_bits(days) if guarantee else 0
            ends = (tunnel.tunnel_id, tunnel.node_a, tunnel.node_b)
            writer.writerow((*ends, bits, tunnel.priority, guaranteed, tunnel.mode))
        emit(table.getvalue().encode(), output)

"""The quick answer: secret key of a link of constant loss."""

from __future__ import annotations

from typing import Annotated

import typer

from eagleplan.cli.rows import Cell, Format, RowsOutput, write_rows
from eagleplan.cli.shell import AsJson, Debug, command


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @command(app, "key", example="eagleplan key --loss-db 40 --seconds 200 --optimise")
    def key(
        loss_db: Annotated[
            float,
            typer.Option("--loss-db", min=0.0, help="From the telescope exit to a click, detector included."),
        ],
        seconds: Annotated[int, typer.Option("--seconds", min=1, help="Length of the block.")],
        profile: Annotated[
            str, typer.Option("--profile", help="Packaged link and protocol profile, or a path to one.")
        ] = "eagle1-like",
        protocol: Annotated[
            str | None, typer.Option("--protocol", help="Over the profile's.", show_default=False)
        ] = None,
        statistics: Annotated[
            str | None, typer.Option("--statistics", help="Over the profile's.", show_default=False)
        ] = None,
        background_per_detector_cps: Annotated[
            float | None,
            typer.Option(
                "--background-per-detector-cps",
                min=0.0,
                help="All clicks without a signal photon. Default: the profile's background and dark counts.",
                show_default=False,
            ),
        ] = None,
        optimise: Annotated[
            bool,
            typer.Option("--optimise", help="Choose intensities, probabilities and basis bias for this link."),
        ] = False,
        eps_secrecy: Annotated[
            float | None, typer.Option("--eps-secrecy", help="Over the profile's.", show_default=False)
        ] = None,
        eps_correctness: Annotated[
            float | None, typer.Option("--eps-correctness", help="Over the profile's.", show_default=False)
        ] = None,
        ec_efficiency: Annotated[
            float | None,
            typer.Option("--ec-efficiency", help="Error correction's leakage over Shannon's.", show_default=False),
        ] = None,
        form: Format = None,
        as_json: AsJson = False,
        output: RowsOutput = None,
        debug: Debug = False,
    ) -> None:
        """Say how much secret key a link of constant loss gives, and by which proof."""
        from dataclasses import replace

        from eagleplan.key import quick_key
        from eagleplan.scenario import load_profile

        loaded = load_profile(profile)
        security = replace(
            loaded.security,
            protocol=protocol or loaded.security.protocol,
            statistics=statistics or loaded.security.statistics,
            eps_secrecy=loaded.security.eps_secrecy if eps_secrecy is None else eps_secrecy,
            eps_correctness=loaded.security.eps_correctness if eps_correctness is None else eps_correctness,
            ec_efficiency=loaded.security.ec_efficiency if ec_efficiency is None else ec_efficiency,
        )
        detector = loaded.receiver.detector
        if background_per_detector_cps is None:
            background_per_detector_cps = loaded.receiver.background_per_detector_cps + detector.dark_count_cps
        source, found = quick_key(
            loss_db=loss_db,
            seconds=seconds,
            source=loaded.source,
            detector=detector,
            security=security,
            background_per_detector_cps=background_per_detector_cps,
            optimise_source=optimise,
        )
        cells: dict[str, Cell] = {
            "secret_bits": found.secret_bits,
            "key_256_count": found.key_256_count,
            "sifted_bits": round(found.sifted_bits),
            "qber_frac": round(found.qber_frac, 6),
            "phase_error_frac": round(found.phase_error_frac, 6),
            "leaked_bits": round(found.leaked_bits),
            "plob_bits": round(found.plob_bits),
            "abort_reason": found.abort_reason,
            "protocol": found.protocol,
            "statistics": found.statistics,
            "eps_secrecy": security.eps_secrecy,
            "eps_correctness": security.eps_correctness,
            "ec_efficiency": security.ec_efficiency,
            "pulse_rate_hz": source.pulse_rate_hz,
            "mu_signal": round(source.mu_signal, 4),
            "mu_decoy": round(source.mu_decoy, 4),
            "p_signal": round(source.p_signal, 4),
            "p_decoy": round(source.p_decoy, 4),
            "p_key_basis": round(source.p_key_basis, 4),
        }
        columns = (
            "secret_bits",
            "key_256_count",
            "sifted_bits",
            "qber_frac",
            "phase_error_frac",
            "abort_reason",
        )
        write_rows([cells], form=form, as_json=as_json, output=output, table_columns=columns)

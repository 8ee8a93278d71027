"""Clear-sky priors: how often the zenith of a site is free of cloud, over a year."""

from __future__ import annotations

from eagleplan.inputs.table import raise_problems, read_rows, unique


def parse_priors(text: str, path: str) -> dict[str, float]:
    """Site id → `p_clear_zenith_annual`; raises InputError with all problems."""
    rows, problems = read_rows(
        text, path, required=("site_id", "p_clear_zenith_annual"), optional=("p_cloud_liquid_water", "source")
    )
    unique(rows, "site_id")
    priors = {row.text("site_id"): row.number("p_clear_zenith_annual", minimum=0.0, maximum=1.0) for row in rows}
    for row in rows:
        row.optional_number("p_cloud_liquid_water", minimum=0.0, maximum=1.0)
    raise_problems(rows, problems)
    return priors

"""The clear air over a site: as a figure, or from the packaged table by what is known of the aerosol."""

from __future__ import annotations

import numpy as np

from eagleplan.link.extinction import (
    ClearAir,
    aod_550nm_from_visibility,
    clear_air_from_table,
    clear_air_from_zenith,
)
from eagleplan.link.rays import Hardware
from eagleplan.model import LinkOptions, Site


def aerosol_share(site: Site, options: LinkOptions) -> float:
    """How much of the sea level's aerosol lies above the site."""
    return float(np.exp(-site.altitude_m / options.aerosol_scale_height_m))


def station_aod_550nm(site: Site, options: LinkOptions) -> float | None:
    """Aerosol optical depth above the site, or None where only a zenith extinction is given."""
    if site.air.aod_550nm is not None:
        return site.air.aod_550nm
    if options.aod_550nm is not None:
        return options.aod_550nm * aerosol_share(site, options)
    if options.visibility_km is not None:
        at_sea_level = aod_550nm_from_visibility(options.visibility_km, options.aerosol_scale_height_m)
        return at_sea_level * aerosol_share(site, options)
    return None


def clear_air(ends: Hardware, options: LinkOptions) -> ClearAir:
    """Extinction over the site at the terminal's wavelength."""
    aod_550nm = station_aod_550nm(ends.site, options)
    if aod_550nm is not None:
        return clear_air_from_table(
            wavelength_nm=ends.terminal.wavelength_nm,
            altitude_m=max(0.0, ends.site.altitude_m),
            station_aod_550nm=aod_550nm,
        )
    zenith_db = options.zenith_extinction_db
    if zenith_db is None:
        raise ValueError("zenith_extinction_db, aod_550nm or visibility_km must be given")
    return clear_air_from_zenith(zenith_db * aerosol_share(ends.site, options))

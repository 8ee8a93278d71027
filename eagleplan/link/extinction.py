"""What the clear air takes: scattering along the air mass, and absorption that saturates along the path.

The packaged table (``data/extinction.csv``, made with 6S by ``tools/make_extinction_table.py``) keeps
Rayleigh scattering, aerosol and gases apart. Scattering follows the air mass. Absorption in a band does
not: near the water bands around 820 nm a law of the air mass errs by 0.9 dB at 10°, so gases are
interpolated along the path.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eagleplan.link.airmass import kasten_young_airmass
from eagleplan.resources import data_path
from eagleplan.units import FloatArray

RAYLEIGH_550NM_PER_KM = 0.0116
"""Molecular scattering at 550 nm at sea level (Bucholtz, Applied Optics 34:2765 (1995), table 4)."""

BAND_HALF_WIDTH_NM = 2.5
"""Every wavelength of the table stands for a band of 5 nm; a wavelength outside all of them is refused."""

_GAS_ELEVATIONS_DEG = (90.0, 60.0, 45.0, 30.0, 20.0, 10.0, 5.0, 2.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtinctionTable:
    """The packaged 6S table: m wavelengths, a altitudes, p air masses.

    `rayleigh_db` (m, a) towards the zenith; `aerosol_db` (m,) towards the zenith per unit of optical depth
    at 550 nm; `gas_db` (m, a, p) along the path at `airmass` (p,).
    """

    wavelength_nm: FloatArray
    altitude_m: FloatArray
    airmass: FloatArray
    rayleigh_db: FloatArray
    aerosol_db: FloatArray
    gas_db: FloatArray

    def covers(self, wavelength_nm: float) -> bool:
        return bool(np.min(np.abs(self.wavelength_nm - wavelength_nm)) <= BAND_HALF_WIDTH_NM)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearAir:
    """Extinction over one site at one wavelength: what follows the air mass, and what has its own path law.

    `gas_db` (p,) belongs to the air masses of the table.
    """

    scattering_zenith_db: float
    gas_db: FloatArray


@functools.cache
def extinction_table() -> ExtinctionTable:
    """The packaged table, read once."""
    columns = np.loadtxt(data_path("extinction.csv"), delimiter=",", comments="#", skiprows=_header_lines())
    wavelengths_nm, altitudes_m = np.unique(columns[:, 0]), np.unique(columns[:, 1])
    shape = (wavelengths_nm.size, altitudes_m.size)
    by_airmass = columns[:, 4:][:, ::-1]
    return ExtinctionTable(
        wavelength_nm=wavelengths_nm,
        altitude_m=altitudes_m,
        airmass=kasten_young_airmass(np.array(_GAS_ELEVATIONS_DEG)),
        rayleigh_db=columns[:, 2].reshape(shape),
        aerosol_db=columns[:, 3].reshape(shape)[:, 0],
        gas_db=by_airmass.reshape(*shape, -1),
    )


def _header_lines() -> int:
    with data_path("extinction.csv").open(encoding="utf-8") as lines:
        return next(number for number, line in enumerate(lines, start=1) if not line.startswith("#"))


def aod_550nm_from_visibility(visibility_km: float, scale_height_m: float) -> float:
    """Aerosol optical depth at 550 nm over sea level for a meteorological range at the ground.

    Koschmieder's law with 2 % contrast, 3.912 / V, less molecular scattering, times the aerosol's scale
    height (Elterman, Applied Optics 9:1804 (1970), for the exponential aerosol). 23 km and 1.5 km give
    0.24, as 6S has it.
    """
    return max(0.0, 3.912 / visibility_km - RAYLEIGH_550NM_PER_KM) * scale_height_m / 1000.0


def clear_air_from_table(*, wavelength_nm: float, altitude_m: float, station_aod_550nm: float) -> ClearAir:
    """Extinction over a station at `altitude_m` with the aerosol optical depth above the station itself.

    Wavelength and altitude are interpolated linearly; the caller has checked that the table covers them.
    """
    table = extinction_table()

    def over_altitude(values: FloatArray) -> float:
        return float(np.interp(altitude_m, table.altitude_m, values))

    def over_wavelength(values: Sequence[float] | FloatArray) -> float:
        return float(np.interp(wavelength_nm, table.wavelength_nm, values))

    rayleigh_db = over_wavelength([over_altitude(row) for row in table.rayleigh_db])
    aerosol_db = station_aod_550nm * over_wavelength(table.aerosol_db)
    gas_db = [
        over_wavelength([over_altitude(row[:, point]) for row in table.gas_db]) for point in range(table.airmass.size)
    ]
    return ClearAir(scattering_zenith_db=rayleigh_db + aerosol_db, gas_db=np.array(gas_db))


def clear_air_from_zenith(zenith_db: float) -> ClearAir:
    """Extinction of which only the zenith's figure is known: it follows the air mass."""
    return ClearAir(scattering_zenith_db=zenith_db, gas_db=np.zeros(len(_GAS_ELEVATIONS_DEG)))


def path_extinction_db(
    *, air: Sequence[ClearAir], air_of_sample: npt.NDArray[np.intp], airmass: FloatArray
) -> FloatArray:
    """Loss along each path, shape (n,): scattering by the air mass, gases interpolated over it."""
    scattering_db = np.array([over.scattering_zenith_db for over in air])[air_of_sample] * airmass
    gas_db = np.array([over.gas_db for over in air])
    if not gas_db.any():
        return scattering_db
    knots = extinction_table().airmass
    left = np.clip(np.searchsorted(knots, airmass) - 1, 0, knots.size - 2)
    share = (airmass - knots[left]) / (knots[left + 1] - knots[left])
    lower, upper = gas_db[air_of_sample, left], gas_db[air_of_sample, left + 1]
    absorption_db = np.maximum(lower + share * (upper - lower), 0.0)
    return np.asarray(scattering_db + absorption_db, dtype=np.float64)

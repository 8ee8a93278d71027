"""A week of 30 sites, every term on, beside the loss profile of one pass.

Bound to hold: less time than SatQuMA (cnqo-qcomms/SatQuMA, v2) takes for the profile of one pass, 0.6 s at
best as measured on two cores of a server. As a peer in the same run: what such a profile is at heart, a
truncated Gaussian's Fraunhofer integral within one over the receiver, by scipy's adaptive quadrature for each
second of one pass.
"""

from __future__ import annotations

import time

import numpy as np
from scipy.integrate import quad
from scipy.special import j0

from eagleplan.link import LinkWindow, budgets
from eagleplan.model import AdaptiveOptics, Detector, LinkOptions, Profile, Receiver, Site, Terminal

N_SITES = 30
PASSES_PER_SITE = 14
SECONDS_PER_PASS = 300
RUNS = 9
SATQUMA_PASS_S = 0.6
EARTH_KM, ALTITUDE_KM = 6371.0, 500.0
OPTIONS = LinkOptions(visibility_km=23.0)
TERMINAL = Terminal(wavelength_nm=1550.0, aperture_m=0.08, beam="truncated-gaussian", m2=1.2, pointing_jitter_urad=1.5)
RECEIVER = Receiver(
    receiver_id="bench",
    coupling="smf-ao",
    obscuration_frac=0.3,
    optics_loss_db=3.0,
    coupling_loss_db=None,
    background_per_detector_cps=10.0,
    filter_bandwidth_nm=0.8,
    adaptive_optics=AdaptiveOptics(actuator_pitch_m=0.08, delay_s=1e-3),
    detector=Detector(
        efficiency_frac=0.8,
        dark_count_cps=100.0,
        n_detectors=4,
        gate_s=1e-9,
        dead_time_s=30e-9,
        p_afterpulse=0.0,
        misalignment_error_frac=0.01,
    ),
)


def profile(n_seconds: int) -> Profile:
    elevation_deg = 20.0 + 50.0 * np.sin(np.linspace(0.0, np.pi, n_seconds))
    up_km = EARTH_KM * np.sin(np.deg2rad(elevation_deg))
    range_km = np.sqrt(up_km**2 + 2.0 * EARTH_KM * ALTITUDE_KM + ALTITUDE_KM**2) - up_km
    steady = np.full(n_seconds, 40.0)
    return Profile(
        t_s=np.arange(n_seconds) + 0.5,
        azimuth_deg=steady,
        elevation_deg=elevation_deg,
        apparent_elevation_deg=elevation_deg,
        range_km=range_km,
        range_rate_km_s=np.gradient(range_km),
        sun_elevation_deg=-steady,
        sun_separation_deg=steady,
        moon_elevation_deg=steady,
        moon_separation_deg=steady,
        moon_phase_angle_deg=steady,
        sunlit_frac=np.zeros(n_seconds),
    )


def site(number: int) -> Site:
    return Site(
        site_id=f"site-{number}",
        name=f"Site {number}",
        country="DE",
        latitude_deg=48.0,
        longitude_deg=11.0,
        altitude_m=80.0 * number,
        aperture_m=0.8,
        status="operational",
        time_zone="UTC",
        min_elevation_deg=20.0,
        max_sun_elevation_deg=-6.0,
        p_clear_zenith_annual=0.5,
        receiver=RECEIVER,
    )


def week(n_seconds: int) -> list[LinkWindow]:
    sites = [site(number) for number in range(N_SITES)]
    return [
        LinkWindow(profile=profile(n_seconds), site=at, terminal=TERMINAL)
        for at in sites
        for _ in range(PASSES_PER_SITE)
    ]


def least_s(sizes: list[list[LinkWindow]]) -> list[float]:
    """Least time of each of `sizes`, measured in turn so that a busy machine meets all alike."""
    times: list[list[float]] = [[] for _ in sizes]
    for _ in range(RUNS):
        for windows, taken in zip(sizes, times, strict=True):
            start = time.perf_counter()
            budgets(windows, OPTIONS)
            taken.append(time.perf_counter() - start)
    return [min(taken) for taken in times]


def quadrature_pass_s() -> float:
    """One pass of one site, diffraction only, a nested quadrature for every second."""
    radius_m, waist_m = 0.5 * TERMINAL.aperture_m, 0.5 * TERMINAL.aperture_m
    wavenumber = 2e9 * np.pi / TERMINAL.wavelength_nm

    def field(angle: float) -> float:
        def ring(r: float) -> float:
            return float(r * np.exp(-((r / waist_m) ** 2)) * j0(wavenumber * angle * r))

        return float(quad(ring, 0.0, radius_m)[0])

    start = time.perf_counter()
    for range_km in profile(SECONDS_PER_PASS).range_km:
        edge = 0.4 / (1e3 * float(range_km))
        quad(lambda angle: field(angle) ** 2 * angle, 0.0, edge)
    return time.perf_counter() - start


def main() -> None:
    n_seconds = N_SITES * PASSES_PER_SITE * SECONDS_PER_PASS
    whole, twice, four_times = least_s([week(factor * SECONDS_PER_PASS) for factor in (1, 2, 4)])
    peer = quadrature_pass_s()
    print(f"link: {N_SITES} sites, {N_SITES * PASSES_PER_SITE} windows, {n_seconds} s of profile: {whole:.3f} s")
    print(f"link: {1e6 * whole / n_seconds:.2f} µs per second of profile, every term on")
    for factor, taken in ((2, twice), (4, four_times)):
        print(f"link: {factor} times the seconds take {taken / whole:.2f} times the time ({factor} is linear)")
    print(f"link: {whole / SATQUMA_PASS_S:.2f} of SatQuMA's time for one pass (bound 1)")
    print(f"link: {whole / peer:.2f} of the time of one pass by quadrature, diffraction only ({peer:.3f} s)")


if __name__ == "__main__":
    main()

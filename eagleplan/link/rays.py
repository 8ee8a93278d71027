"""All lines of sight of a scenario, laid end to end, so that every loss term is one array expression."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eagleplan.link.airmass import kasten_young_airmass
from eagleplan.model import LinkOptions, Profile, Site, Terminal
from eagleplan.units import FloatArray

IndexArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkWindow:
    """A window's geometry, and the hardware at its two ends."""

    profile: Profile
    site: Site
    terminal: Terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """The two ends of a link: what does not change from second to second."""

    site: Site
    terminal: Terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Geometry of many samples, every array of shape (n,)."""

    range_km: FloatArray
    range_rate_km_s: FloatArray
    apparent_elevation_deg: FloatArray
    airmass: FloatArray
    sun_elevation_deg: FloatArray
    moon_elevation_deg: FloatArray
    moon_separation_deg: FloatArray
    moon_phase_angle_deg: FloatArray

    def take(self, samples: IndexArray) -> Sight:
        return Sight(**{name: getattr(self, name)[samples] for name in self.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rays:
    """Every sample of every window in one row of arrays, shape (n,).

    `hardware` lists each pair of site and terminal once, `samples` the samples that belong to each pair,
    and `hardware_of_sample` (n,) the pair that each belongs to. `starts` holds the first sample of every
    window, and n at its end.
    """

    options: LinkOptions
    hardware: tuple[Hardware, ...]
    hardware_of_sample: IndexArray
    samples: tuple[IndexArray, ...]
    starts: tuple[int, ...]
    sight: Sight

    def __len__(self) -> int:
        return self.starts[-1]

    def per_sample(self, value: Callable[[Hardware], float]) -> FloatArray:
        """A figure of the hardware at every sample, shape (n,); `value` is called once per pair of ends."""
        figures = np.array([value(ends) for ends in self.hardware], dtype=np.float64)
        return figures[self.hardware_of_sample]

    def per_hardware(self, values: Callable[[Hardware, Sight], FloatArray]) -> FloatArray:
        """A function of hardware and geometry, shape (n,); `values` is called once per pair of ends."""
        result = np.empty(len(self), dtype=np.float64)
        for ends, samples in zip(self.hardware, self.samples, strict=True):
            result[samples] = values(ends, self.sight.take(samples))
        return result


def lay_end_to_end(windows: Sequence[LinkWindow], options: LinkOptions) -> Rays:
    """The rays of `windows`; at least one window is needed.

    Raises ValueError where a profile has no geometry that light can take: a range that is not positive, or an
    apparent elevation more than a degree below the horizon.
    """
    number: dict[tuple[int, int], int] = {}
    hardware: list[Hardware] = []
    of_window: list[int] = []
    for window in windows:
        key = (id(window.site), id(window.terminal))
        if key not in number:
            number[key] = len(hardware)
            hardware.append(Hardware(site=window.site, terminal=window.terminal))
        of_window.append(number[key])
    lengths = [window.profile.t_s.size for window in windows]
    hardware_of_sample = np.repeat(np.array(of_window, dtype=np.intp), lengths)
    counts = np.bincount(hardware_of_sample, minlength=len(hardware))
    by_hardware = np.argsort(hardware_of_sample, kind="stable")

    def column(name: str) -> FloatArray:
        return np.concatenate([getattr(window.profile, name) for window in windows])

    apparent_elevation_deg, range_km = column("apparent_elevation_deg"), column("range_km")
    if not ((range_km > 0.0) & np.isfinite(range_km) & (apparent_elevation_deg >= -1.0)).all():
        raise ValueError("a window's profile has a range or an elevation that no line of sight has")
    return Rays(
        options=options,
        hardware=tuple(hardware),
        hardware_of_sample=hardware_of_sample,
        samples=tuple(np.split(by_hardware, np.cumsum(counts)[:-1])),
        starts=(0, *(int(end) for end in np.cumsum(lengths))),
        sight=Sight(
            range_km=range_km,
            range_rate_km_s=column("range_rate_km_s"),
            apparent_elevation_deg=apparent_elevation_deg,
            airmass=kasten_young_airmass(apparent_elevation_deg),
            sun_elevation_deg=column("sun_elevation_deg"),
            moon_elevation_deg=column("moon_elevation_deg"),
            moon_separation_deg=column("moon_separation_deg"),
            moon_phase_angle_deg=column("moon_phase_angle_deg"),
        ),
    )

"""The packaged outline of the world: closed, whole, and where the land is."""

from __future__ import annotations

import numpy as np
import pytest

from eagleplan.report.outline import coast_paths, world
from eagleplan.resources import data_path
from eagleplan.units import FloatArray


def _contains(ring: FloatArray, latitude_deg: float, longitude_deg: float) -> bool:
    """Even-odd rule along the parallel, as anybody would write it."""
    inside = False
    for (lat_a, lon_a), (lat_b, lon_b) in zip(ring.tolist(), np.roll(ring, -1, axis=0).tolist(), strict=True):
        if (lat_a > latitude_deg) != (lat_b > latitude_deg):
            inside ^= longitude_deg < lon_a + (latitude_deg - lat_a) / (lat_b - lat_a) * (lon_b - lon_a)
    return inside


def _is_land(latitude_deg: float, longitude_deg: float) -> bool:
    return sum(_contains(ring, latitude_deg, longitude_deg) for ring in world().land) % 2 == 1


@pytest.mark.parametrize(
    ("latitude_deg", "longitude_deg", "is_land"),
    [
        (45.80, 15.97, True),  # Zagreb
        (40.65, 16.70, True),  # Matera
        (28.30, -16.51, True),  # Teide, Tenerife
        (36.99, -25.10, True),  # Santa Maria, Azores
        (32.74, -16.93, True),  # Madeira
        (5.20, -52.90, True),  # Kourou's hinterland
        (-21.20, 55.45, True),  # La Réunion
        (66.50, -175.0, True),  # Chukotka, beyond the antimeridian
        (-85.0, 100.0, True),  # Antarctica
        (30.00, -40.0, False),  # in the middle of the Atlantic
        (56.00, 3.00, False),  # the North Sea
        (42.00, 50.50, False),  # the Caspian Sea, a hole in the land
        (0.0, -160.0, False),  # the Pacific
        (85.0, 0.0, False),  # the Arctic Ocean
    ],
)
def test_known_places_lie_on_land_or_at_sea(latitude_deg: float, longitude_deg: float, is_land: bool) -> None:
    assert _is_land(latitude_deg, longitude_deg) == is_land


def test_no_line_crosses_the_antimeridian_and_none_is_degenerate() -> None:
    for lines, fewest in ((world().land, 3), (world().borders, 2)):
        assert len(lines) > 300
        for line in lines:
            assert len(line) >= fewest
            assert np.abs(line[:, 0]).max() <= 90.0
            assert np.abs(line[:, 1]).max() <= 180.0
            assert np.abs(np.diff(line[:, 1])).max() < 180.0
            assert not np.array_equal(line[0], line[-1]) or fewest == 2
    for ring in world().land:
        assert abs(ring[0, 1] - ring[-1, 1]) < 180.0


def test_the_coast_has_no_edge_along_the_antimeridian_or_at_a_pole() -> None:
    coast = coast_paths()
    latitude, longitude = np.abs(coast.points_deg).T
    inner = np.setdiff1d(np.arange(len(latitude) - 1), np.array(coast.starts[1:-1]) - 1)
    assert not ((longitude[inner] == 180.0) & (longitude[inner + 1] == 180.0)).any()
    assert latitude.max() < 90.0
    n_edges = sum(len(ring) for ring in world().land)
    assert n_edges - 40 < len(inner) < n_edges


def test_land_covers_as_much_of_the_earth_as_it_does() -> None:
    """148.9 million km² (CIA World Factbook), less 1.5 of ice shelves, which Natural Earth does not count as land."""
    total_km2 = 0.0
    for ring in world().land:
        latitude, longitude = np.radians(ring).T
        after = np.roll(longitude, -1) - longitude
        # Green's theorem on the sphere, edges straight in longitude and latitude; a hole turns the other way round.
        total_km2 -= float(np.sum(after * (np.sin(latitude) + np.sin(np.roll(latitude, -1))) / 2.0)) * 6371.0**2
    assert abs(total_km2) == pytest.approx(147.4e6, rel=0.01)


def test_the_table_is_small_and_names_its_source() -> None:
    text = data_path("outline", "world.txt").read_text(encoding="ascii")
    assert len(text) < 250_000
    assert "Natural Earth 4.1.0" in text
    assert "public domain" in text

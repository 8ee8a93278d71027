"""Skies over a network of stations: which contacts are clear, drawn jointly, thousands of times.

Cloud is where a latent Gaussian field lies above a contact's threshold, so that every contact is clear with its own
probability and near contacts, in space and in time, tend to be clear together. The field's correlation is a
product: exp(−d / L) over the distance d between two stations, and over time that of the cloud liquid water of ITU-R
P.1853-1 (Annex 1, section 4: β₁ = 7.17e-4 /s, β₂ = 2.01e-5 /s, γ₁ = 0.349, γ₂ = 0.830).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from eagleplan.model import Contact, Site
from eagleplan.units import FloatArray

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

DEFAULT_CORRELATION_LENGTH_KM = 350.0
"""Assumed: published e-folding distances of cloud cover are 200 to 1000 km; try 200 and 600 for the sensitivity."""

AT_ONCE = 1500
"""Looks whose joint distribution is factorised at once; a longer horizon is drawn piece by piece."""

PIECE = 500
MEMORY = 1000
MEMORY_S = 48 * 3600.0
"""How many looks a piece has, and how far back it remembers those before it: so many, and so long.

The field is nearly Markov in time (two exponentials): given the last two days, what was before tells next to nothing.
"""

EARTH_RADIUS_KM = 6371.0
FAST_FRAC, FAST_S = 0.216, 1.0 / 7.17e-4
SLOW_FRAC, SLOW_S = 0.784, 1.0 / 2.01e-5


def correlation_in_time(lag_s: npt.ArrayLike) -> FloatArray:
    """Correlation of the latent field at one place over a lag: 0.216 exp(−τ / 23.2 min) + 0.784 exp(−τ / 13.8 h).

    The weights are those of the two noise terms of ITU-R P.1853-1 as a correlation of unit variance.
    """
    lag = np.abs(np.asarray(lag_s, dtype=np.float64))
    return np.asarray(FAST_FRAC * np.exp(-lag / FAST_S) + SLOW_FRAC * np.exp(-lag / SLOW_S))


def distances_km(sites: Sequence[Site]) -> FloatArray:
    """Great-circle distances between stations, shape (n, n)."""
    latitude = np.radians([site.latitude_deg for site in sites])
    longitude = np.radians([site.longitude_deg for site in sites])
    haversine = (
        np.sin((latitude[:, None] - latitude) / 2) ** 2
        + np.cos(latitude[:, None]) * np.cos(latitude) * np.sin((longitude[:, None] - longitude) / 2) ** 2
    )
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(1.0, haversine))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """Where and when the sky is looked at: index of the site, and seconds since the horizon's start; shape (n,)."""

    site: npt.NDArray[np.intp]
    at_s: FloatArray


def latent_field(
    looks: Looks, sites: Sequence[Site], *, n_skies: int, seed: int, correlation_length_km: float
) -> FloatArray:
    """Standard normal values of the field, shape (n_skies, n_looks); jointly normal with the module's correlation.

    Up to `AT_ONCE` looks are drawn at once, exactly. More are drawn in order of time, `PIECE` by `PIECE`, each given
    the looks of the last `MEMORY_S` (at most `MEMORY` of them): the cost then grows with the number of looks, not with
    its cube. The same arguments give the same values.
    """
    if not (n_skies > 0 and correlation_length_km > 0):
        raise ValueError(f"n_skies and correlation_length_km must be positive (got {n_skies}, {correlation_length_km})")
    in_space = np.exp(-distances_km(sites) / correlation_length_km)
    order = np.lexsort((looks.site, looks.at_s))
    site, at_s = looks.site[order], looks.at_s[order]
    random = np.random.default_rng(seed)

    def correlation(a: slice, b: slice) -> FloatArray:
        return np.asarray(in_space[np.ix_(site[a], site[b])] * correlation_in_time(at_s[a, None] - at_s[None, b]))

    field = np.empty((len(order), n_skies))
    piece = len(order) if len(order) <= AT_ONCE else PIECE
    for first in range(0, len(order), max(1, piece)):
        here = slice(first, min(first + piece, len(order)))
        since = int(np.searchsorted(at_s, at_s[first] - MEMORY_S))
        past = slice(max(since, first - MEMORY), first)
        covariance = correlation(here, here)
        mean: FloatArray | float = 0.0
        if past.start < past.stop:
            weights = np.linalg.solve(_firm(correlation(past, past)), correlation(past, here)).T
            covariance = covariance - weights @ correlation(past, here)
            mean = weights @ field[past]
        root = np.linalg.cholesky(_firm(covariance))
        field[here] = root @ random.standard_normal((root.shape[0], n_skies)) + mean
    result = np.empty((n_skies, len(order)))
    result[:, order] = field.T
    return result


def _firm(covariance: FloatArray) -> FloatArray:
    """Two satellites over one station at one instant see one sky: a billionth on the diagonal keeps that regular."""
    return covariance + 1e-9 * np.eye(len(covariance))


def looks_of_passes(contacts: Sequence[Contact], sites: Sequence[Site]) -> tuple[Looks, npt.NDArray[np.intp]]:
    """One look per pass, in the middle of what its contacts span; and the look of each contact, shape (n_contacts,)."""
    number = site_index(sites)
    spans: dict[str, tuple[int, int, int]] = {}
    for contact in contacts:
        _, start_s, end_s = spans.get(contact.pass_id, (0, contact.start_s, contact.end_s))
        spans[contact.pass_id] = (
            number[contact.site_id],
            min(start_s, contact.start_s),
            max(end_s, contact.end_s),
        )
    look = {pass_id: index for index, pass_id in enumerate(spans)}
    looks = Looks(
        site=np.array([site for site, _, _ in spans.values()], dtype=np.intp),
        at_s=np.array([(start_s + end_s) / 2 for _, start_s, end_s in spans.values()], dtype=np.float64),
    )
    return looks, np.array([look[contact.pass_id] for contact in contacts], dtype=np.intp)


def clear_skies(
    contacts: Sequence[Contact],
    sites: Sequence[Site],
    *,
    n_skies: int,
    seed: int,
    correlation_length_km: float = DEFAULT_CORRELATION_LENGTH_KM,
    p_clear_of_member: FloatArray | None = None,
) -> BoolArray:
    """Whether each contact is clear, shape (n_skies, n_contacts).

    Contact c is clear in a share `contacts[c].p_clear` of all skies. Parts of one pass look at one sky: where a part
    is clear, so is every part of the same pass with a higher clear probability. With `p_clear_of_member`, shape
    (n_members, n_contacts), sky k takes the clear probabilities of member k mod n_members of an ensemble instead;
    zeros and ones are that member's word, and between them the field decides. No rows are no ensemble.
    """
    looks, look_of = looks_of_passes(contacts, sites)
    field = latent_field(looks, sites, n_skies=n_skies, seed=seed, correlation_length_km=correlation_length_km)
    threshold = normal_quantile(chances_of_members(contacts, p_clear_of_member))
    return np.asarray(field[:, look_of] < threshold[np.arange(n_skies) % len(threshold)])


def chances_of_members(contacts: Sequence[Contact], p_clear_of_member: FloatArray | None) -> FloatArray:
    """Clear probabilities (n_members, n_contacts): without an ensemble one row, of the contacts' own."""
    if p_clear_of_member is None or not len(p_clear_of_member):
        return np.array([[contact.p_clear for contact in contacts]], dtype=np.float64)
    return np.asarray(p_clear_of_member, dtype=np.float64)


def normal_quantile(p: npt.ArrayLike) -> FloatArray:
    """Φ⁻¹(p); ±∞ at 0 and 1."""
    from scipy.special import ndtri

    return np.asarray(ndtri(np.asarray(p, dtype=np.float64)), dtype=np.float64)


def realised_bits(contacts: Sequence[Contact], clear: BoolArray) -> IntArray:
    """Secret bits of each contact under each sky, shape of `clear`: all of its key, or none.

    A contact whose outcome is known gave what it gave, whatever the sky.
    """
    settled = np.array([contact.outcome is not None for contact in contacts], dtype=np.bool_)
    return np.where(clear | settled, np.array([contact.key.secret_bits for contact in contacts], dtype=np.int64), 0)


def p_both_clear(p_a: float, p_b: float, correlation: float) -> float:
    """Chance that two looks are clear together: Φ₂(Φ⁻¹(p_a), Φ⁻¹(p_b); r), for 0 <= r < 1.

    Φ₂ = Φ(a) Φ(b) + ∫₀^asin r exp(−(a² + b² − 2ab sin θ) / (2 cos² θ)) dθ / 2π (Drezner & Wesolowsky 1990, J. Stat.
    Comput. Simul. 35:101), by 48 Gauss-Legendre nodes.
    """
    if not 0.0 <= correlation <= 1.0:
        raise ValueError(f"correlation must be in [0, 1] (got {correlation})")
    if min(p_a, p_b) <= 0.0 or max(p_a, p_b) >= 1.0:
        return p_a * p_b
    a, b = normal_quantile([p_a, p_b])
    nodes, weights = _gauss_legendre()
    half = math.asin(min(correlation, 1.0 - 1e-12)) / 2
    theta = half * (nodes + 1.0)
    density = np.exp(-(a * a + b * b - 2 * a * b * np.sin(theta)) / (2 * np.cos(theta) ** 2))
    joint = p_a * p_b + float(half * (weights @ density)) / (2 * math.pi)
    return min(p_a, p_b, joint)


@cache
def _gauss_legendre() -> tuple[FloatArray, FloatArray]:
    nodes, weights = np.polynomial.legendre.leggauss(48)
    return np.asarray(nodes), np.asarray(weights)


def site_index(sites: Sequence[Site]) -> dict[str, int]:
    """Site id -> its row in `distances_km`."""
    return {site.site_id: index for index, site in enumerate(sites)}

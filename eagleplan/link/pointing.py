"""What the transmitter's pointing error costs on average."""

from __future__ import annotations

import numpy as np

from eagleplan.units import FloatArray


def mean_pointing_frac(
    *,
    divergence_half_angle_1e2_urad: FloatArray | float,
    jitter_urad: FloatArray | float,
    bias_urad: FloatArray | float,
) -> FloatArray:
    """Mean of exp(−2ρ²/θ²) over a Gaussian pointing error, jitter σ per axis about a constant bias b.

    θ²/(θ² + 4σ²) · exp(−2b²/(θ² + 4σ²)): the error's modulus is Rician (Beckmann with equal axes), and the
    receiver is small beside the spot (Toyoshima et al., JOSA A 19:567 (2002); Farid and Hranilovic,
    JLT 25:1702 (2007)).
    """
    theta_squared = np.asarray(divergence_half_angle_1e2_urad, dtype=np.float64) ** 2
    widened = theta_squared + 4.0 * np.asarray(jitter_urad, dtype=np.float64) ** 2
    return theta_squared / widened * np.exp(-2.0 * np.asarray(bias_urad, dtype=np.float64) ** 2 / widened)


def pointing_quantile_frac(
    *,
    divergence_half_angle_1e2_urad: FloatArray | float,
    jitter_urad: FloatArray | float,
    bias_urad: FloatArray | float,
    p_below: float,
) -> FloatArray:
    """Transmittance exp(−2ρ²/θ²) that is undercut for a share `p_below` of the time.

    Without bias it is p^(θ²/4σ²) (Farid and Hranilovic, JLT 25:1702 (2007), eq. 11, with θ² for their w²);
    with bias, ρ²/σ² follows a non-central χ² of two degrees of freedom and non-centrality b²/σ².
    """
    from scipy.special import chndtrix

    theta = np.asarray(divergence_half_angle_1e2_urad, dtype=np.float64)
    sigma, bias = np.broadcast_arrays(
        np.asarray(jitter_urad, dtype=np.float64), np.asarray(bias_urad, dtype=np.float64)
    )
    steady = np.exp(-2.0 * (bias / theta) ** 2)
    moving = np.where(sigma > 0.0, sigma, 1.0)
    chi_squared = chndtrix(1.0 - p_below, 2.0, (bias / moving) ** 2)
    return np.where(sigma > 0.0, np.exp(-2.0 * chi_squared * (moving / theta) ** 2), steady)

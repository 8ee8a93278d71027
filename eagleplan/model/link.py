"""Hardware parameters of the two ends of the link, and of the key protocol between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """The satellite's optical transmitter. Losses count from its telescope exit, where intensities are set.

    `divergence_half_angle_1e2_urad` is the measured far-field half-angle at 1/e² intensity; None means diffraction
    of a Gaussian whose waist at the exit is `waist_radius_m` (None: the aperture's radius), times `m2`. `beam` says
    whether the aperture's edge cuts that Gaussian off ("truncated-gaussian", the exact diffraction) or not ("gaussian",
    a wish where the waist is as large as the aperture: 3.4 dB more on the axis).
    `pointing_jitter_urad` is the standard deviation per axis, `pointing_bias_urad` the constant boresight error.
    """

    wavelength_nm: float
    aperture_m: float
    beam: Literal["gaussian", "truncated-gaussian"] = "gaussian"
    waist_radius_m: float | None = None
    m2: float = 1.0
    divergence_half_angle_1e2_urad: float | None = None
    pointing_jitter_urad: float
    pointing_bias_urad: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The light source: what is set at the telescope exit for every pulse.

    `mu_*` are mean photon numbers per pulse, `p_*` how often each is sent; the third intensity ("vacuum") takes the
    rest. With one decoy, `p_signal + p_decoy = 1`. `p_key_basis` is the chance of the key basis, at either end.

    A source of entangled pairs, one photon of which is measured on board, has `local_efficiency_frac` set: on-board
    optics and detector together; `p_local_noise` is the chance of a click without a photon in one of the on-board
    detectors' gates. `mu_signal` is then the mean number of pairs in a pulse; the other intensities are not used.
    """

    pulse_rate_hz: float
    mu_signal: float
    mu_decoy: float
    mu_vacuum: float = 0.0
    p_signal: float
    p_decoy: float
    p_key_basis: float
    local_efficiency_frac: float | None = None
    p_local_noise: float = 0.0

    @property
    def p_vacuum(self) -> float:
        return max(0.0, 1.0 - self.p_signal - self.p_decoy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """The receiver's decoder and single-photon detectors.

    `dark_count_cps` is the rate of one detector; `gate_s` the time around a pulse in which clicks count.
    `misalignment_error_frac` is the chance that a photon sent in a basis is read wrongly in it, whatever the encoding
    (polarisation angle or interferometer visibility V, as (1 − V)/2).
    """

    efficiency_frac: float
    dark_count_cps: float
    n_detectors: int
    gate_s: float
    dead_time_s: float
    p_afterpulse: float
    misalignment_error_frac: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptiveOptics:
    """What adaptive optics leaves over: sub-aperture pitch on the telescope's entrance, total delay of the loop,
    tilt that remains per axis on the sky, wavefront error that stays (optics, noise, calibration).

    Needed only where the coupling behind adaptive optics is computed and not given as a figure.
    """

    actuator_pitch_m: float | None = None
    delay_s: float | None = None
    residual_tilt_urad: float = 0.0
    static_wavefront_error_nm: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """The ground station's receiver behind its telescope (the telescope belongs to the `Site`).

    `coupling` says what the light is coupled into: a field stop in free space, a single-mode fibre ("smf"), or one
    behind adaptive optics ("smf-ao"). `coupling_loss_db` is its loss, turbulence included, as a figure; None computes
    both from the receiver and the air. `obscuration_frac` is a fraction of the aperture's diameter.
    `filter_bandwidth_nm` asks for the sky's light to be computed; `background_per_detector_cps` is then stray light
    only, and otherwise sky and stray light together. A field stop sees `field_of_view_full_angle_urad` of the sky, a
    single-mode fibre one spatial mode.
    """

    receiver_id: str
    coupling: Literal["field-stop", "smf", "smf-ao"]
    obscuration_frac: float
    optics_loss_db: float
    coupling_loss_db: float | None
    background_per_detector_cps: float
    filter_bandwidth_nm: float | None = None
    field_of_view_full_angle_urad: float | None = None
    adaptive_optics: AdaptiveOptics = field(default_factory=AdaptiveOptics)
    detector: Detector


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkOptions:
    """The air between the two ends. Exactly one of the first three says how clear it is, at sea level.

    `zenith_extinction_db` is the loss towards the zenith at the terminal's wavelength; `aod_550nm` the aerosol optical
    depth at 550 nm; `visibility_km` the meteorological range (2 % contrast). The latter two use the packaged 6S table.
    A site above sea level has less aerosol over it: exp(−altitude / `aerosol_scale_height_m`).
    `day_sky` picks the column of ITU-R P.1621's sky radiance by day.
    """

    zenith_extinction_db: float | None = None
    aod_550nm: float | None = None
    visibility_km: float | None = None
    aerosol_scale_height_m: float = 1500.0
    day_sky: Literal["bright", "normal", "overcast"] = "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Air:
    """The air over one site.

    `aod_550nm` is measured at the site itself and takes the place of the options' extinction. `ground_cn2_per_m23` is
    the refractive-index structure constant Cn² at the ground in m^(−2/3), `rms_wind_m_s` the wind aloft of the
    Hufnagel-Valley profile, `ground_wind_m_s` that of the Bufton profile. `artificial_radiance_w_m2_sr_um` is the
    light of towns in the sky at the terminal's wavelength.
    """

    aod_550nm: float | None = None
    ground_cn2_per_m23: float = 1.7e-14
    rms_wind_m_s: float = 21.0
    ground_wind_m_s: float = 5.0
    artificial_radiance_w_m2_sr_um: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What logged passes say that the budget of a site misses: `offset_db` + `extinction_per_airmass_db` × air mass.

    The uncertainties are one standard deviation, as the fit gave them.
    """

    offset_db: float = 0.0
    extinction_per_airmass_db: float = 0.0
    offset_uncertainty_db: float = 0.0
    extinction_uncertainty_db: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """What is asked of the key: protocol, statistics, failure probabilities, cost of error correction."""

    protocol: str
    statistics: str
    eps_secrecy: float
    eps_correctness: float
    ec_efficiency: float

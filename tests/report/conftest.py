"""A week's plan made by hand: a site with a hostile name, cut passes, a pass in two parts, a warning, a broken
guarantee, fibre, key that ages and stores that overflow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from eagleplan.model import (
    Assumption,
    Backup,
    Closure,
    Contact,
    Delivery,
    Demand,
    DemandResult,
    Detector,
    Discard,
    FibreLink,
    GuaranteeConflict,
    Horizon,
    InitialStock,
    InputFile,
    KeyYield,
    MeanElements,
    MetOutlook,
    Night,
    Notice,
    Outlook,
    Pass,
    PassDecision,
    Plan,
    Proof,
    ProofLevel,
    Reason,
    Receiver,
    Rival,
    Satellite,
    Site,
    Source,
    Terminal,
    VerdictCount,
    Window,
)
from eagleplan.passes import find_passes

DAY_S = 86_400.0
HORIZON = Horizon(start_utc=datetime(2026, 11, 30, tzinfo=UTC), days=7.0)


def _receiver() -> Receiver:
    detector = Detector(
        efficiency_frac=0.8,
        dark_count_cps=100.0,
        n_detectors=4,
        gate_s=1e-9,
        dead_time_s=30e-9,
        p_afterpulse=0.0,
        misalignment_error_frac=0.01,
    )
    return Receiver(
        receiver_id="default",
        coupling="smf-ao",
        obscuration_frac=0.3,
        optics_loss_db=3.0,
        coupling_loss_db=4.0,
        background_per_detector_cps=200.0,
        detector=detector,
    )


def _site(site_id: str, name: str, latitude_deg: float, longitude_deg: float, zone: str, clear: float) -> Site:
    return Site(
        site_id=site_id,
        name=name,
        country=site_id[:2].upper(),
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        altitude_m=500.0,
        aperture_m=0.8,
        status="operational",
        time_zone=zone,
        min_elevation_deg=20.0,
        max_sun_elevation_deg=-6.0,
        p_clear_zenith_annual=clear,
        receiver=_receiver(),
        origin="sites.csv:2",
    )


SITES = (
    _site("de-ofn", "Oberpfaffenhofen", 48.084, 11.28, "Europe/Berlin", 0.38),
    _site("at-graz", "Graz Lustbühel", 47.067, 15.493, "Europe/Vienna", 0.41),
    _site("xx-script", '<script>alert(1)</script> & Söhne, "A"', 50.0, 5.0, "Europe/Brussels", 0.35),
    _site("gr-helmos", "Helmos (Χελμός)", 37.985, 22.198, "Europe/Athens", 0.62),
    _site("es-tenerife", "Teide, Tenerife", 28.301, -16.511, "Atlantic/Canary", 0.78),
    _site("fi-metsahovi", "Metsähovi", 60.217, 24.394, "Europe/Helsinki", 0.28),
)

SATELLITE = Satellite(
    satellite_id="eagle1",
    name="Eagle-1-like",
    orbit=MeanElements(
        name="eagle1",
        catalog_id=0,
        epoch_utc=datetime(2026, 11, 29, 12, tzinfo=UTC),
        mean_motion_rev_per_day=15.2198,
        eccentricity=0.001,
        inclination_deg=97.4,
        raan_deg=310.0,
        arg_perigee_deg=90.0,
        mean_anomaly_deg=0.0,
        bstar_per_earth_radius=1e-4,
        mean_motion_dot_rev_per_day2=0.0,
        mean_motion_ddot_rev_per_day3=0.0,
        revolution_number=0,
        international_designator="",
        element_set_number=0,
        kind="design",
        origin="design orbit: sso 500 km, LTAN 22:30",
    ),
    terminal=Terminal(wavelength_nm=1550.0, aperture_m=0.08, pointing_jitter_urad=1.5),
    source=Source(pulse_rate_hz=1e8, mu_signal=0.5, mu_decoy=0.15, p_signal=0.7, p_decoy=0.2, p_key_basis=0.85),
)


def _key(secret_bits: int) -> KeyYield:
    return KeyYield(
        secret_bits=secret_bits,
        sifted_bits=secret_bits * 3.141592653,
        qber_frac=0.0134567,
        phase_error_frac=0.0321,
        leaked_bits=secret_bits * 0.4,
        plob_bits=secret_bits * 90.0,
        protocol="bb84-two-decoy",
        statistics="hoeffding",
        details={"s_x1_bits": secret_bits * 1.718281828, "phi_x_frac": 0.0412345678912},
    )


def _contact(planned: Pass, window: Window, p_clear: float) -> Contact:
    start_s, end_s = int(window.start_s) + 1, int(window.end_s)
    secret_bits = int((planned.max_elevation_deg - 18.0) * (end_s - start_s) * 21)
    return Contact(
        contact_id=f"{planned.pass_id}-1",
        pass_id=planned.pass_id,
        satellite_id=planned.satellite_id,
        site_id=planned.site_id,
        start_s=start_s,
        end_s=end_s,
        max_elevation_deg=planned.max_elevation_deg,
        mean_loss_db=38.2617 - planned.max_elevation_deg * 0.0971379,
        min_loss_db=35.7683 - planned.max_elevation_deg * 0.0971379,
        p_clear=p_clear,
        p_clear_origin="annual prior",
        key=_key(secret_bits),
        expected_bits=int(p_clear * secret_bits),
        usable_s=end_s + 300,
    )


def _parts(whole: Contact) -> tuple[Contact, Contact]:
    """The first and the last third of a contact."""
    third_s = whole.duration_s // 3
    return tuple(  # type: ignore[return-value]
        replace(
            whole,
            contact_id=f"{whole.contact_id}-{start_s}to{start_s + third_s}",
            start_s=whole.start_s + start_s,
            end_s=whole.start_s + start_s + third_s,
            usable_s=whole.start_s + start_s + third_s + 300,
            key=_key(whole.key.secret_bits // 5),
            expected_bits=int(whole.p_clear * (whole.key.secret_bits // 5)),
            is_whole=False,
            p_clear_origin="forecast of 2026-11-29T18:00Z",
            forecast_age_s=6 * 3600,
            forecast_lead_s=2 * 86_400 + 93_600,
            p_clear_climatology=0.3912345678,
        )
        for start_s in (0, whole.duration_s - third_s)
    )


def _pass(site_number: int, day: int, which: int) -> Pass:
    """Evening passes have a window, morning ones do not; the first and the last are cut by the horizon."""
    site = SITES[site_number]
    evening = which == 0
    rise_s = day * DAY_S + (20.6 if evening else 9.2) * 3600.0 - site.longitude_deg * 100.0 + 377.123 * day
    duration_s = 300.0 + 23.456 * ((site_number * 5 + day * 3 + which) % 8)
    elevation_deg = 22.0 + (site_number * 37 + day * 23 + which * 11) % 67
    cut_start = day == 0 and not evening and site_number == 1
    cut_end = day == 6 and evening and site_number == 4
    rise_s = 0.0 if cut_start else 7 * DAY_S - 250.0 if cut_end else rise_s
    set_s = min(rise_s + duration_s, 7 * DAY_S)
    window = Window(start_s=rise_s, end_s=set_s, start_bound="elevation", end_bound="elevation")
    return Pass(
        pass_id=f"eagle1-{site.site_id}-{day}{'e' if evening else 'm'}",
        satellite_id="eagle1",
        site_id=site.site_id,
        rise_s=rise_s,
        culmination_s=(rise_s + set_s) / 2.0,
        set_s=set_s,
        cut_start=cut_start,
        cut_end=cut_end,
        rise_azimuth_deg=10.0 + day,
        culmination_azimuth_deg=95.5,
        set_azimuth_deg=181.25,
        max_elevation_deg=float(elevation_deg),
        min_range_km=1200.0 - 8.0 * elevation_deg,
        timing_uncertainty_s=0.0,
        orbit_number=5120 + 15 * day + 6 * which,
        night="2026-11-30" if day == 0 else f"2026-12-{day:02d}",
        windows=(window,) if evening else (),
        blocked_by=None if evening else "sun",
    )


def _decisions() -> tuple[tuple[PassDecision, ...], tuple[Contact, ...]]:
    decisions, contacts = [], []
    for day in range(7):
        for number, site in enumerate(SITES):
            for which in (0, 1):
                planned = _pass(number, day, which)
                if not planned.windows:
                    reason = Reason(code="no-window", text="The Sun stands above -6° at the site.")
                    decisions.append(PassDecision(planned_pass=planned, reason=reason))
                    continue
                contact = _contact(planned, planned.windows[0], site.p_clear_zenith_annual)
                if (day + number) % 6 in (0, 2):
                    flown = _parts(contact) if (day, number) == (2, 0) else (contact,)
                    if (day, number) == (0, 0):
                        flown = (replace(contact, outcome="done", p_clear_origin="outcome"),)
                    contacts.extend(flown)
                    contact = flown[0]
                    decision = PassDecision(
                        planned_pass=planned, reason=Reason(code="chosen", text="Chosen."), contact=contact
                    )
                elif planned.max_elevation_deg < 35.0:
                    text = "The whole window gives no key: too few detections."
                    decision = PassDecision(planned_pass=planned, reason=Reason(code="no-key", text=text))
                else:
                    text = "The terminal was busy with another site."
                    decision = PassDecision(
                        planned_pass=planned, reason=Reason(code="conflict", text=text), contact=contact
                    )
                decisions.append(decision)
    return tuple(decisions), tuple(contacts)


def _demand(
    number: int,
    a: str,
    b: str,
    bits: int,
    delivered: int,
    guarantee: int = 0,
    *,
    start_s: int = 0,
    deadline_s: int = int(7 * DAY_S),
    pqc_only_s: int | None = None,
    outlook: Outlook | None = None,
) -> DemandResult:
    return DemandResult(
        demand=Demand(
            demand_id=f"D{number:02d}",
            node_a=a,
            node_b=b,
            bits=bits,
            priority=1 + number % 3,
            guarantee_bits=guarantee,
            start_s=start_s,
            deadline_s=deadline_s,
            guarantee_class=1 + number // 3,
            pqc_ok=pqc_only_s is not None,
            trusted_nodes=("GR",) if number == 3 else None,
            trusted_satellites=("eagle1",) if number == 3 else None,
            max_hops=3 if number == 3 else None,
            origin=f"demand.csv:{number + 1}",
        ),
        delivered_bits=delivered,
        met_frac=delivered / bits,
        guarantee_kept=delivered >= guarantee,
        limited_by="" if delivered >= bits else f"key between eagle1 and {b}",
        pqc_only_s=pqc_only_s,
        outlook=outlook,
    )


OUTLOOK = Outlook(
    n_skies=1000,
    mean_bits=60_123.456,
    mean_error_bits=812.345,
    p10_bits=1_000,
    p50_bits=65_000,
    p90_bits=110_000,
    p_guarantee=1.0,
)


@pytest.fixture(scope="session")
def plan() -> Plan:
    decisions, contacts = _decisions()
    spare = [d.contact for d in decisions if d.reason.code == "conflict" and d.contact is not None]
    return Plan(
        name="hand-made week",
        horizon=HORIZON,
        satellites=(SATELLITE,),
        sites=SITES,
        demands=(
            _demand(1, "DE", "AT", 200_000, 200_000, 100_000),
            _demand(2, "xx-script", "ES", 250_000, 71_234, outlook=OUTLOOK),
            _demand(
                3, "GR", "fi-metsahovi", 120_000, 40_000, 60_000, start_s=86_400, deadline_s=500_000, pqc_only_s=266_667
            ),
            _demand(4, "AT", "ES", 90_000, 0),
        ),
        decisions=decisions[::-1],
        contacts=contacts[::-1],
        deliveries=(
            Delivery(demand_id="D02", at_s=604_800, path=("xx-script", "eagle1", "es-tenerife", "ES"), bits=71_234),
            Delivery(demand_id="D01", at_s=604_800, path=("DE", "de-ofn", "eagle1", "at-graz", "AT"), bits=200_000),
            Delivery(demand_id="D03", at_s=500_000, path=("GR", "gr-helmos", "eagle1", "fi-metsahovi"), bits=39_000),
            Delivery(demand_id="D03", at_s=432_000, path=("GR", "hub-north", "fi-metsahovi"), bits=1_000),
        ),
        initial_stocks=(
            InitialStock(end_a="eagle1", end_b="at-graz", bits=100_000),
            InitialStock(end_a="gr-helmos", end_b="eagle1", bits=3_000, age_s=400_000),
            InitialStock(end_a="GR", end_b="hub-north", bits=500),
        ),
        proof=Proof(
            solver="cp-sat",
            status="feasible",
            levels=(
                ProofLevel(name="guarantees_1", sense="min", objective=20_000, bound=20_000, gap_frac=0.0),
                ProofLevel(name="weighted_met_bits", sense="max", objective=812_468, bound=839_001, gap_frac=0.0316245),
                ProofLevel(name="n_contacts", sense="min", objective=15, bound=12, gap_frac=0.2),
            ),
            n_candidates=412,
            deterministic_time_s=30.0001234,
            seed=1,
            workers=1,
            reproducible=True,
        ),
        notices=(
            Notice(
                notice_id="W-ELEMENTS-AGE",
                subject="eagle1",
                message="the elements are 9.5 days old at the horizon's end; times may be off by 12 s",
            ),
        ),
        assumptions=(
            Assumption(key="source.pulse_rate_hz", value="1e8", source="assumed: Micius' 100 MHz"),
            Assumption(key="terminal.aperture_m", value="0.08", source="assumed: from the product name"),
        ),
        inputs=(
            InputFile(role="scenario", path="week.toml", sha256="5" * 64),
            InputFile(role="demand", path="demand.csv", sha256="a" * 64),
        ),
        stamp={"eagleplan": "0.1.0", "python": "3.11.7", "numpy": "2.4.6", "sgp4": "2.27", "ortools": "9.15"},
        nights=tuple(
            Night(
                site_id=site.site_id,
                start_s=max(0.0, (day - 1) * DAY_S + 16.6 * 3600.0 - site.longitude_deg * 240.0),
                end_s=min(7 * DAY_S, day * DAY_S + 5.6 * 3600.0 - site.longitude_deg * 240.0),
            )
            for site in SITES
            for day in range(8)
        ),
        discards=(Discard(end_a="at-graz", end_b="eagle1", at_s=604_800, bits=1_234),),
        guarantee_conflicts=(
            GuaranteeConflict(
                demand_ids=("D01", "D03"), short_bits=20_000, text="both need eagle1 in the night of 2026-12-02"
            ),
        ),
        backups=(
            Backup(contact_id=contacts[0].contact_id, backup=spare[0], distance_km=612.3456, p_clear_if_clouded=0.31),
            Backup(contact_id=contacts[0].contact_id, backup=spare[1], distance_km=1534.5, p_clear_if_clouded=0.47),
        ),
        fibre_links=(
            FibreLink(link_id="north-1", node_a="fi-metsahovi", node_b="hub-north", rate_bps=0.0125),
            FibreLink(link_id="south", node_a="GR", node_b="hub-north", rate_bps=1.5, availability_frac=0.9),
        ),
        rivals=(
            Rival(
                name="the plan made for the expected key",
                n_skies=1000,
                mean_met_frac=0.412,
                p10_met_frac=0.301,
                rival_mean_met_frac=0.377,
                rival_p10_met_frac=0.25,
                gain_frac=0.035,
                gain_error_frac=0.0021,
            ),
        ),
        max_key_age_s=450_000,
        changeover_s=60,
        sky_met=MetOutlook(n_skies=1000, mean_met_frac=0.4512, p10_met_frac=0.31, p50_met_frac=0.45, p90_met_frac=0.6),
        closures=(
            Closure(
                constraint="station-calendar",
                satellite_id=None,
                site_id="at-graz",
                start_s=200_000.0,
                end_s=286_400.0,
                origin="graz.csv:4",
            ),
            Closure(
                constraint="payload",
                satellite_id="eagle1",
                site_id=None,
                start_s=100_000.0,
                end_s=130_000.5,
                origin="payload.csv:2",
            ),
        ),
        verdicts=(
            VerdictCount(subject="Diffraction", n_reproduced=40, n_compatible=0, n_not_reproduced=0),
            VerdictCount(subject="Micius", n_reproduced=2, n_compatible=4, n_not_reproduced=1),
        ),
    )


@pytest.fixture(scope="session")
def week(plan: Plan) -> Callable[[], Plan]:
    """The plan for tests with many examples, which show their arguments when they fail."""
    return lambda: plan


@pytest.fixture(scope="session")
def flown(plan: Plan) -> Plan:
    """A day's passes where the satellite really flies, every window of a minute or more a contact."""
    horizon = Horizon(start_utc=HORIZON.start_utc, days=1.0)
    search = find_passes((SATELLITE,), SITES, horizon)
    decisions, contacts = [], []
    for planned in search.passes:
        long = [window for window in planned.windows if window.end_s - window.start_s > 62.0]
        own = [_contact(planned, window, 0.5) for window in long[:1]]
        contacts += own
        reason = Reason(code="chosen", text="Chosen.") if own else Reason(code="no-window", text="No window.")
        decisions.append(PassDecision(planned_pass=planned, reason=reason, contact=own[0] if own else None))
    return replace(
        plan,
        horizon=horizon,
        decisions=tuple(decisions),
        contacts=tuple(contacts),
        demands=(),
        deliveries=(),
        discards=(),
        backups=(),
        nights=(),
    )


@pytest.fixture(scope="session")
def empty_plan(plan: Plan) -> Plan:
    """Nothing asked, nothing seen, nothing chosen."""
    level = ProofLevel(name="weighted_met_bits", sense="max", objective=0, bound=0, gap_frac=0.0)
    proof = replace(plan.proof, status="optimal", levels=(level,), n_candidates=0)
    return replace(
        plan,
        name="empty week",
        demands=(),
        decisions=(),
        contacts=(),
        deliveries=(),
        initial_stocks=(),
        proof=proof,
        notices=(),
        assumptions=(),
        inputs=(),
        nights=(),
        discards=(),
        guarantee_conflicts=(),
        backups=(),
        fibre_links=(),
        rivals=(),
        max_key_age_s=None,
        changeover_s=None,
        sky_met=None,
        closures=(),
        verdicts=(),
    )

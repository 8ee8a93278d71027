"""The key that cloud leaves of contacts when it comes or goes within them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from eagleplan import key
from eagleplan.model import Contact
from eagleplan.pipeline.assessment import Assessment
from eagleplan.pipeline.members import member_p_clear, windows_of
from eagleplan.scenario import Scenario

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]


def partial_pass_bits(
    scenario: Scenario, assessment: Assessment, chosen: Sequence[Contact], *, n_skies: int, seed: int
) -> IntArray:
    """Secret bits of each contact under each sky (n_skies, n_contacts), minute by minute.

    The clear seconds of a contact are proven as one block.
    """
    from eagleplan.weather.partial_passes import clear_steps, partial_bits

    clear = clear_steps(
        chosen,
        scenario.sites,
        n_skies=n_skies,
        seed=seed,
        correlation_length_km=scenario.weather.options.correlation_length_km,
        p_clear_of_member=member_p_clear(scenario, assessment, chosen),
    )
    rest = KeyOfRest(scenario, assessment, chosen)
    return partial_bits(chosen, clear, rest.bits)


class KeyOfRest:
    """Key of some seconds of contacts."""

    def __init__(self, scenario: Scenario, assessment: Assessment, chosen: Sequence[Contact]) -> None:
        self._security = scenario.security
        self._assessment = assessment
        self._chosen = chosen
        self._window = windows_of(assessment, chosen)
        self._source = {satellite.satellite_id: satellite.source for satellite in scenario.satellites}
        self._detector = {site.site_id: site.receiver.detector for site in scenario.sites}

    def bits(self, index: int, clear: BoolArray) -> IntArray:
        """Secret bits (n,) of the clear seconds (n, duration_s) of a contact.

        Never more than the contact's own: a plan does not count on cloud that hides its worst seconds. A contact that
        lies in no window any more gives all or nothing.
        """
        contact = self._chosen[index]
        whole = clear.all(axis=1)
        found = np.where(whole, contact.key.secret_bits, 0).astype(np.int64)
        number = self._window.get(index)
        if number is None or whole.all():
            return found
        window, budget = self._assessment.contacts[number], self._assessment.budgets[number]
        seconds = slice(contact.start_s - window.start_s, contact.end_s - window.start_s)
        some = clear[~whole]
        _, at = np.nonzero(some)
        end = np.cumsum(some.sum(axis=1))
        blocks = key.part_detections(
            np.asarray(budget.transmittance_frac)[seconds][at],
            np.broadcast_to(budget.background_per_detector_cps, budget.transmittance_frac.shape)[seconds][at],
            self._source[contact.satellite_id],
            self._detector[contact.site_id],
            end - some.sum(axis=1),
            end,
        )
        found[~whole] = np.minimum(key.proven(blocks, self._security).secret_bits, contact.key.secret_bits)
        return found

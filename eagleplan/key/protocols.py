"""The protocols: one line in a dict for each, and one line in it for every way to prove its key."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from eagleplan.key import bbm92, joint, joint_both, joint_one_decoy
from eagleplan.key.asymptotic import asymptotic
from eagleplan.key.decoy_lp import two_decoy_lp
from eagleplan.key.design import ONE_DECOY_DESIGN, PAIR_DESIGN, TWO_DECOY_DESIGN
from eagleplan.key.moments import pass_moments
from eagleplan.key.one_decoy import RUSCA, WIESEMANN, one_decoy
from eagleplan.key.one_decoy import check_intensities as check_two_intensities
from eagleplan.key.pairs import pair_passes
from eagleplan.key.proof import FreeChoice, Method, Protocol
from eagleplan.key.satquma import satquma_two_decoy
from eagleplan.key.tails import (
    CHERNOFF,
    EXACT,
    EXACT_OF_SQUARE,
    HOEFFDING,
    KL,
    SERFLING,
    hypergeometric_sampling,
    serfling_sampling,
)
from eagleplan.key.tupkary import two_decoy_tupkary
from eagleplan.key.two_decoy import check_intensities, two_decoy

GLLP = "Gottesman et al. 2004, Quantum Inf. Comput. 4:325"

PROTOCOLS: Mapping[str, Protocol] = {
    "bb84-two-decoy": Protocol(
        passes=pass_moments,
        check=check_intensities,
        design=TWO_DECOY_DESIGN,
        methods={
            "hoeffding": Method(
                prove=partial(two_decoy, statistics=HOEFFDING), source="Lim et al. 2014, PRA 89:022307"
            ),
            "chernoff": Method(
                prove=partial(two_decoy, statistics=CHERNOFF), source="Yin et al. 2020, Sci. Rep. 10:14312"
            ),
            "kl": Method(
                prove=partial(two_decoy, statistics=KL),
                source="Lim et al. 2014 with Hoeffding 1963 theorem 1 and the hypergeometric tail",
            ),
            "exact": Method(
                prove=partial(two_decoy, statistics=EXACT),
                source="Lim et al. 2014 with Clopper-Pearson (Hoeffding 1956) and the hypergeometric tail",
            ),
            "lp": Method(
                prove=two_decoy_lp,
                source="Attema et al. 2021, Quantum Inf. Process. 20:154",
                search_as="exact",
            ),
            "joint": Method(
                prove=joint.two_decoy_joint,
                source="docs/key.md, one tail for the whole key",
                free=FreeChoice(start=joint.start, length=joint.length_at),
                observe=joint.two_decoy_observed,
            ),
            "joint-both": Method(
                prove=joint_both.two_decoy_joint_both,
                source="docs/key.md, one tail for the key of each basis",
                free=FreeChoice(start=joint_both.start, length=joint_both.length_at),
                observe=joint_both.two_decoy_both_observed,
            ),
            "tupkary": Method(prove=two_decoy_tupkary, source="Tupkary et al. 2025, Quantum 9:1937"),
            "asymptotic": Method(prove=asymptotic, source=GLLP),
            "satquma": Method(prove=satquma_two_decoy, source="SatQuMA 2, arXiv:2109.01686, errata included"),
        },
    ),
    "bb84-one-decoy": Protocol(
        passes=pass_moments,
        check=check_two_intensities,
        design=ONE_DECOY_DESIGN,
        methods={
            "rusca": Method(
                prove=partial(one_decoy, statistics=HOEFFDING, budget=RUSCA),
                source="Rusca et al. 2018, APL 112:171104",
            ),
            "serfling": Method(
                prove=partial(one_decoy, statistics=SERFLING, budget=WIESEMANN),
                source="Wiesemann et al. 2024, arXiv:2405.16578",
            ),
            "exact": Method(
                prove=partial(one_decoy, statistics=EXACT_OF_SQUARE, budget=WIESEMANN),
                source="Wiesemann et al. 2024 with Clopper-Pearson and the hypergeometric tail",
            ),
            "joint": Method(
                prove=joint_one_decoy.one_decoy_joint,
                source="docs/key.md, one tail for the whole key",
                free=FreeChoice(start=joint_one_decoy.start, length=joint_one_decoy.length_at),
                observe=joint_one_decoy.one_decoy_observed,
            ),
            "asymptotic": Method(prove=asymptotic, source=GLLP),
        },
    ),
    "bbm92": Protocol(
        passes=pair_passes,
        check=bbm92.check_pairs,
        design=PAIR_DESIGN,
        methods={
            "serfling": Method(
                prove=partial(bbm92.bbm92, sampling=serfling_sampling),
                source="Tomamichel et al. 2012, Nat. Commun. 3:634",
            ),
            "exact": Method(
                prove=partial(bbm92.bbm92, sampling=hypergeometric_sampling),
                source="Tomamichel et al. 2012 with the hypergeometric tail",
            ),
            "joint": Method(
                prove=bbm92.bbm92_joint,
                source="docs/key.md, one tail for the whole key",
                free=FreeChoice(start=bbm92.start, length=bbm92.length_at),
                observe=bbm92.bbm92_observed,
            ),
            "asymptotic": Method(prove=bbm92.bbm92_asymptotic, source="Shor, Preskill 2000, PRL 85:441"),
        },
    ),
}

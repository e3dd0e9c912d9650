"""Medicines beside baclofen that may lower kidney function, by the way they are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .classes import ACE_OR_ARB, DIURETICS, IV_CONTRAST, LITHIUM, NSAIDS
from .fact import Known

if TYPE_CHECKING:
    from .facts import Facts
    from .knowledge import Limits
    from .partner import Partner

Partners = tuple["Partner", ...]
ASPIRIN = "med-aspirin"
ANTIBIOTICS = frozenset({"med-aminoglycoside", "med-kidney-toxin-strong", "med-vancomycin"})
INHALED, PLASTER = frozenset({"route-inhalation"}), frozenset({"route-transdermal"})


def systemic_nsaids(facts: Facts) -> Partners:
    """NSAIDs taken more than once, no plasters; aspirin only above the dose for the heart."""
    return tuple(
        p
        for p in facts.partners.of(*NSAIDS)
        if not (p.single_dose or p.routes <= PLASTER or _is_for_the_heart(p, facts.limits))
    )


def _is_for_the_heart(nsaid: Partner, limits: Limits) -> bool:
    """Aspirin of a low daily dose; where nobody wrote one, of products that hold no more."""
    if ASPIRIN not in nsaid.concepts:
        return False
    top, daily = limits["kidney-aspirin-up-to"], nsaid.daily
    if isinstance(daily, Known):
        return daily.value <= top
    strengths = [one.medicine.strength for one in nsaid.shown_by]
    return all(strength is not None and strength.per == "unit" and strength.mg <= top for strength in strengths)


def reaching_blood(antibiotics: Partners) -> Partners:
    """Antibiotics that are swallowed or inhaled stay where they are."""
    return tuple(p for p in antibiotics if not (p.swallowed_only or p.routes <= INHALED))


def contrast(facts: Facts) -> Partners:
    """Iodinated contrast that is not drunk."""
    return tuple(p for p in facts.partners.of(*IV_CONTRAST) if not p.swallowed_only)


def kidney_risks(facts: Facts) -> Partners:
    """All of them: what calls for closer tests of the kidneys. Only antibiotics are harmless when swallowed."""
    toxic = facts.partners.of("med-nephrotoxic-other")
    return (
        *systemic_nsaids(facts),
        *facts.partners.of(*ACE_OR_ARB, *DIURETICS, *LITHIUM),
        *(p for p in toxic if reaching_blood((p,)) or not p.concepts & ANTIBIOTICS),
        *contrast(facts),
    )

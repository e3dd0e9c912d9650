"""What makes a medicine beside baclofen worse: the patient's age, kidneys and lungs, and what else is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ...core.classes import BENZOS, GABAPENTINOIDS, OPIOIDS
from ...core.fact import Evidence, Fact, Known, Unknown, is_yes
from .said import kidney_below

if TYPE_CHECKING:
    from ...core.classes import Class
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.partners import Partner

KIDNEY = frozenset({"kidney", "kidney-weak"})


@dataclass(frozen=True, slots=True)
class Weight:
    """One thing looked at: its name (that of the sentence), and whether it holds."""

    name: str
    fact: Fact[bool]

    @property
    def holds(self) -> bool:
        return is_yes(self.fact)


def weigh(names: Iterable[str], partner: Partner, facts: Facts, limits: Limits) -> tuple[Weight, ...]:
    """Every thing that may make one partner worse."""
    return tuple(Weight(name, _WORSE[name](partner, facts, limits)) for name in names)


def _new(partner: Partner, facts: Facts, limits: Limits) -> Fact[bool]:
    return Known(partner.started_within(limits["opioid-new-days"]))


def _older(partner: Partner, facts: Facts, limits: Limits) -> Fact[bool]:
    age = facts.person.age
    older = facts.person.at_least(limits["older-age"])
    if older is None:
        return age if isinstance(age, Unknown) else Known(True)
    return Known(older)


def _kidney(limit: str, partner: Partner, facts: Facts, limits: Limits) -> Fact[bool]:
    band = facts.kidney.band
    if is_yes(facts.kidney.dialysis):
        return facts.kidney.dialysis
    if isinstance(band, Unknown):
        return band
    return Known(kidney_below(facts, limits[limit]), band.value.evidence)


def _lungs(partner: Partner, facts: Facts, limits: Limits) -> Fact[bool]:
    acute = facts.signs.respiratory_failure_acute
    if acute:
        return Known(True, tuple(sign.evidence for sign in acute))
    return facts.conditions.respiratory_disease


def _beside(others: Class, partner: Partner, facts: Facts, limits: Limits) -> Fact[bool]:
    found = [other for other in facts.partners.of(*others) if other is not partner]
    return Known(bool(found), tuple(said for other in found for said in other.evidence))


def _sedatives(partner: Partner, facts: Facts, limits: Limits) -> Fact[bool]:
    others = [other for other in facts.partners.sedatives if other is not partner]
    said: tuple[Evidence, ...] = tuple(one for other in others for one in other.evidence)
    return Known(len(others) >= limits["other-sedatives-from"], said)


def _alcohol(partner: Partner, facts: Facts, limits: Limits) -> Fact[bool]:
    told = facts.found("BAC-DDI-18")
    return Known(told is not None, told.evidence if told else ())


_WORSE: Mapping[str, Callable[[Partner, Facts, Limits], Fact[bool]]] = {
    "new": _new,
    "older": _older,
    "kidney": partial(_kidney, "band-g2-from"),
    "kidney-weak": partial(_kidney, "band-g3b-from"),
    "lungs": _lungs,
    "beside-opioid": partial(_beside, OPIOIDS),
    "beside-benzo": partial(_beside, BENZOS),
    "beside-gabapentinoid": partial(_beside, GABAPENTINOIDS),
    "sedatives": _sedatives,
    "alcohol": _alcohol,
}

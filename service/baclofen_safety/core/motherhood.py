"""Pregnancy, breastfeeding and the newborn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .caching import cached_property
from .fact import Fact, Need
from .gestation import Gestation, find_gestation
from .moment import Moment
from .newborn import EXPOSURE, WITHDRAWAL, Exposure, find_exposures, find_signs, names_another_drug
from .nursing import PRETERM, Nursing, find_birth, find_nursing, youngest_days

if TYPE_CHECKING:
    from .fact import Evidence
    from .facts import Facts


__all__ = ["MOTHER_NEEDS", "MotherhoodFacts", "youngest_days"]
MOTHER_NEEDS = (Need("Observation", (EXPOSURE,)), Need("RelatedPerson"))


class MotherhoodFacts:
    """Pregnancy, breastfeeding and the newborn."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    @cached_property
    def gestation(self) -> Gestation:
        """How far the pregnancy is; ask only of somebody pregnant."""
        return find_gestation(self.facts.person)

    @cached_property
    def nursing(self) -> Fact[Nursing]:
        """Breastfeeding now, or lately ended."""
        return find_nursing(self.facts.person)

    @cached_property
    def infant_born(self) -> Fact[Moment]:
        """Birth of the nursed child."""
        return find_birth(self.facts.person)

    @cached_property
    def infant_preterm(self) -> bool:
        """The nursed child is recorded as born too early."""
        return any(m.flag for m in self.facts.chart.measurements.get(PRETERM, ()))

    @cached_property
    def newborn(self) -> bool | None:
        """Is the patient a newborn? None when the age is not known exactly enough."""
        return self.facts.person.younger_than_days(self.facts.limits["newborn-days"] + 1)

    @cached_property
    def exposures(self) -> tuple[Exposure, ...]:
        """Baclofen of the mother in the last weeks before the patient's birth."""
        return find_exposures(self.facts.person)

    @cached_property
    def newborn_to_judge(self) -> bool:
        """Does the record of a newborn speak of what the mother took, or of withdrawal?"""
        chart = self.facts.chart
        spoken = EXPOSURE in chart.measurements or chart.maternal or self._withdrawing
        return bool(spoken) and self.newborn is not False

    @cached_property
    def drug_unnamed(self) -> bool:
        """Nobody says whether the mother took baclofen: no exposure recorded, and no other drug named."""
        return not self.exposures and not names_another_drug(self.facts.person)

    @cached_property
    def newborn_signs(self) -> tuple[Evidence, ...]:
        """Signs of withdrawal in the newborn, now."""
        return find_signs(self.facts.person)

    @cached_property
    def _withdrawing(self) -> bool:
        return bool(self.facts.person.problems((WITHDRAWAL, EXPOSURE), "active", "history", "possible"))

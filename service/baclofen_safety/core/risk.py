"""Withdrawal risk tier: how hard an interruption of baclofen would hit this patient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from .caching import cached_property
from .fact import Known, Unknown, is_yes

if TYPE_CHECKING:
    from .facts import Facts

TierName = Literal["critical", "high", "standard"]


@dataclass(frozen=True, slots=True)
class Tier:
    """The tier, its points and the inputs nobody knows. With unknown inputs the points are a least."""

    name: TierName
    points: int
    unknown: tuple[str, ...] = ()

    @property
    def is_high(self) -> bool:
        """High or critical."""
        return self.name != "standard"


class RiskFacts:
    """Risk read from the other facts."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    @cached_property
    def wd_tier(self) -> Tier:
        """Continuous intrathecal baclofen is critical; else points for dose, exposure and history."""
        limits, person = self.facts.limits, self.facts.person
        asked = {
            "previous withdrawal": (person.previous_withdrawal, "tier-points-withdrawal"),
            "level of the spinal injury": (person.sci_at_or_above_t6, "tier-points-spinal"),
            "communication difficulty": (person.communication_difficulty, "tier-points-communication"),
            "seizure disorder": (person.seizure_disorder, "tier-points-seizure"),
        }
        points = sum(limits.int(name) for fact, name in asked.values() if is_yes(fact))
        points += self._dose_points() + self._exposure_points()
        unknown = [name for name, (fact, _) in asked.items() if isinstance(fact, Unknown)]
        unknown += [name for name, known in self._uncertain().items() if not known]
        if is_yes(self.facts.it.active):
            return Tier("critical", points, tuple(unknown))
        return Tier("high" if points >= limits.int("tier-high-from") else "standard", points, tuple(unknown))

    def _uncertain(self) -> dict[str, bool]:
        """Of dose, exposure and pump: is it known?"""
        return {
            "baclofen dose of the last weeks": isinstance(self.facts.oral.highest_28d, Known),
            "start of baclofen": isinstance(self.facts.oral.exposure_days(self._event()), Known),
            "intrathecal baclofen": isinstance(self.facts.it.active, Known),
        }

    def _event(self) -> datetime:
        """The end of exposure: a stop or a hold, else now."""
        stop = self.facts.oral.stop
        if isinstance(stop, Known) and stop.value is not None:
            return stop.value.at.first
        since = [hold.since.first for hold in self.facts.oral.holds if hold.since is not None]
        return max(since, default=self.facts.as_of)

    def _dose_points(self) -> int:
        """By the highest daily dose of the last weeks; where it is not computable, by what is."""
        limits, highest = self.facts.limits, self.facts.oral.highest_28d
        dose: Decimal = highest.value if isinstance(highest, Known) else self.facts.oral.at_least
        if dose >= limits["tier-dose-high-from"]:
            return limits.int("tier-points-dose-high")
        return limits.int("tier-points-dose") if dose >= limits["tier-dose-from"] else 0

    def _exposure_points(self) -> int:
        """A long exposure, or one whose start nobody knows."""
        days = self.facts.oral.exposure_days(self._event())
        if isinstance(days, Known) and days.value < self.facts.limits["tier-exposure-days"]:
            return 0
        return self.facts.limits.int("tier-points-exposure")

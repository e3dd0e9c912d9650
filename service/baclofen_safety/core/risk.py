"""Withdrawal risk tier: how hard an interruption of baclofen would hit this patient."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

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
        return Tier("standard", 0)

"""What a rule is, and the three things it may say: a finding, a gap, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from .fact import Evidence, Need

if TYPE_CHECKING:
    from .facts import Facts
    from .knowledge import Limits
    from .taper import TaperPlan


class Severity(StrEnum):
    """FHIR detectedissue-severity."""

    HIGH = "high"
    MODERATE = "moderate"
    LOW = "low"

    @property
    def rank(self) -> int:
        """3 for high, 1 for low: the greater, the worse."""
        return {"high": 3, "moderate": 2, "low": 1}[self.value]


@dataclass(frozen=True, slots=True)
class DoseCap:
    """A computable ceiling for the orders implicated. mg/day."""

    mg_per_day: Decimal


@dataclass(frozen=True, slots=True)
class Finding:
    """A hazard a rule sees. Words, codes and recipients are added from the knowledge afterwards.

    ``values`` fill the placeholders of the rule's sentences. ``notes`` name sentences of the rule's ``notes`` table to
    add to the detail ("date-uncertain"). ``variant`` names a row of the rule's ``tell`` table that overrides its
    default. ``same_as`` distinguishes two findings of one rule and patient (an episode: a stop date, an order).
    """

    severity: Severity
    evidence: tuple[Evidence, ...]
    implicated: tuple[str, ...] = ()
    values: Mapping[str, object] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    variant: str | None = None
    marks: frozenset[str] = frozenset()  # facts the arbitration table asks about, e.g. "old-value", "low-line"
    cap: DoseCap | None = None
    taper: TaperPlan | None = None
    same_as: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """A question a rule could not answer. ``reason`` names a sentence of the rule's ``gaps`` table.

    ``high`` is False when the check could not have been high in this patient; None leaves it to the rule's own
    highest severity.
    """

    reason: str
    values: Mapping[str, object] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    high: bool | None = None


Said = Finding | Gap
Judge = Callable[["Facts", "Limits"], Iterable[Said]]

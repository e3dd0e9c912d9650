"""The facts rules may ask for, computed from the chart when first asked.

Two pictures of one chart are judged: the orders as they stand, and the orders if every draft were signed (``signed``).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from .allergies import AllergyFacts
from .caching import cached_property
from .chart import Chart
from .conditions import ConditionFacts
from .follow_up import FollowUpFacts
from .hospital import HospitalFacts
from .intrathecal import IntrathecalFacts
from .kidney import KidneyFacts
from .knowledge import Limits
from .motherhood import MotherhoodFacts
from .oral import OralFacts
from .partners import PartnerFacts
from .person import PersonFacts
from .pump_care import PumpCareFacts
from .risk import RiskFacts
from .rule import Finding
from .screening import ScreeningFacts
from .signs import SignFacts


class Facts:
    """One patient's facts at ``as_of`` (aware). ``limits`` holds the shared definitions (windows, cut points)."""

    def __init__(self, chart: Chart, as_of: datetime, limits: Limits, *, signed: bool = False) -> None:
        self.chart = chart
        self.as_of = as_of
        self.limits = limits
        self.signed = signed
        self._found: dict[str, Finding] = {}

    def if_signed(self) -> Facts:
        """The other picture of the same chart. What none of its drafts can change is taken over, not computed again."""
        signed = Facts(self.chart, self.as_of, self.limits, signed=True)
        for group in _untouched(self.chart):
            setattr(signed, group, getattr(self, group))
        signed.partners = self.partners.if_signed(signed)
        return signed

    def found(self, rule: str) -> Finding | None:
        """What a rule said before arbitration. Only for rules named in ``after`` of the asking rule's sheet."""
        return self._found.get(rule)

    def note(self, rule: str, finding: Finding) -> None:
        """Keep a rule's finding for the rules asked after it."""
        self._found[rule] = finding

    @cached_property
    def person(self) -> PersonFacts:
        return PersonFacts(self.chart, self.as_of, self.limits)

    @cached_property
    def kidney(self) -> KidneyFacts:
        return KidneyFacts(self.chart, self.as_of, self.limits, self.person)

    @cached_property
    def oral(self) -> OralFacts:
        return OralFacts(self.chart, self.as_of, self.limits, signed=self.signed)

    @cached_property
    def it(self) -> IntrathecalFacts:
        return IntrathecalFacts(self.chart, self.as_of, self.limits, signed=self.signed)

    @cached_property
    def hospital(self) -> HospitalFacts:
        return HospitalFacts(self.chart, self.as_of, self.limits, self.oral)

    @cached_property
    def risk(self) -> RiskFacts:
        return RiskFacts(self)

    @cached_property
    def partners(self) -> PartnerFacts:
        return PartnerFacts(self)

    @cached_property
    def conditions(self) -> ConditionFacts:
        return ConditionFacts(self)

    @cached_property
    def signs(self) -> SignFacts:
        return SignFacts(self)

    @cached_property
    def pump(self) -> PumpCareFacts:
        return PumpCareFacts(self)

    @cached_property
    def screening(self) -> ScreeningFacts:
        return ScreeningFacts(self)

    @cached_property
    def allergies(self) -> AllergyFacts:
        return AllergyFacts(self)

    @cached_property
    def motherhood(self) -> MotherhoodFacts:
        return MotherhoodFacts(self)

    @cached_property
    def follow_up(self) -> FollowUpFacts:
        return FollowUpFacts(self)


def _untouched(chart: Chart) -> Iterator[str]:
    """The groups of facts that are the same whether the chart's drafts are signed or not."""
    drafts = [order for order in chart.orders if order.status == "draft"]
    routes = {order.route_group for order in drafts if order.is_baclofen}
    yield from ("person", "kidney", "signs", "allergies", "motherhood")
    if not routes:
        yield from ("oral", "hospital", "risk", "follow_up")
    if routes <= {"oral"}:
        yield from ("it", "pump", "screening")
    if all(order.is_baclofen for order in drafts):
        yield "conditions"

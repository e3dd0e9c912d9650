"""The facts rules may ask for, computed from the chart when first asked.

Two pictures of one chart are judged: the orders as they stand, and the orders if every draft were signed (``signed``).
"""

from __future__ import annotations

from datetime import datetime

from .caching import cached_property
from .chart import Chart
from .hospital import HospitalFacts
from .intrathecal import IntrathecalFacts
from .kidney import KidneyFacts
from .knowledge import Limits
from .oral import OralFacts
from .person import PersonFacts
from .risk import RiskFacts


class Facts:
    """One patient's facts at ``as_of`` (aware). ``limits`` holds the shared definitions (windows, cut points)."""

    def __init__(self, chart: Chart, as_of: datetime, limits: Limits, *, signed: bool = False) -> None:
        self.chart = chart
        self.as_of = as_of
        self.limits = limits
        self.signed = signed

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

"""Facts about intrathecal baclofen and its pump. Doses are mcg/day."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import cached_property

from .chart import Act, Chart, Order
from .fact import Evidence, Fact
from .knowledge import Limits
from .moment import Moment
from .timeline import ItKind, Stop


class IntrathecalFacts:
    """Intrathecal baclofen at ``as_of``; with ``signed`` every draft has joined."""

    def __init__(self, chart: Chart, as_of: datetime, limits: Limits, *, signed: bool = False) -> None:
        self.chart = chart
        self.as_of = as_of
        self.limits = limits
        self.signed = signed

    @cached_property
    def orders(self) -> tuple[Order, ...]:
        raise NotImplementedError

    @cached_property
    def in_force(self) -> tuple[Order, ...]:
        """Infusion orders (continuous or unclear) in force, newest first."""
        raise NotImplementedError

    @cached_property
    def active(self) -> Fact[bool]:
        raise NotImplementedError

    @cached_property
    def daily_dose(self) -> Fact[Decimal]:
        raise NotImplementedError

    def kind(self, order: Order) -> ItKind:
        raise NotImplementedError

    @cached_property
    def started_at(self) -> Moment | None:
        raise NotImplementedError

    @cached_property
    def ended(self) -> Stop | None:
        raise NotImplementedError

    @cached_property
    def explant(self) -> Act | None:
        """Pump or catheter removal done (newest) or planned, without an implant the same day."""
        raise NotImplementedError

    @cached_property
    def pump_stopped(self) -> Evidence | None:
        raise NotImplementedError

    @cached_property
    def pump_present(self) -> Fact[bool]:
        raise NotImplementedError

    @cached_property
    def implant_planned(self) -> Act | None:
        raise NotImplementedError

    @cached_property
    def pump_data_missing(self) -> tuple[str, ...]:
        raise NotImplementedError

    @cached_property
    def delivery_unclear(self) -> bool:
        """An IT baclofen order or refill exists, its present state cannot be told, and a pump is in place."""
        raise NotImplementedError

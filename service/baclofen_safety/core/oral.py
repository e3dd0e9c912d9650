"""Facts about the oral line of baclofen: what is in force, how much, since when, and what stopped."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import cached_property

from .chart import Chart, Order, Supply
from .fact import Fact
from .knowledge import Limits
from .moment import Moment
from .timeline import DescendingPlan, DoseChange, Hold, Overlap, Stop


class OralFacts:
    """The oral line at ``as_of``; with ``signed`` every draft has joined. Doses are mg/day."""

    def __init__(self, chart: Chart, as_of: datetime, limits: Limits, *, signed: bool = False) -> None:
        self.chart = chart
        self.as_of = as_of
        self.limits = limits
        self.signed = signed

    @cached_property
    def orders(self) -> tuple[Order, ...]:
        """Every oral-set baclofen order of any status."""
        raise NotImplementedError

    @cached_property
    def in_force(self) -> tuple[Order, ...]:
        """Orders counted at as_of, after pairs are sorted out."""
        raise NotImplementedError

    @cached_property
    def drafts(self) -> tuple[Order, ...]:
        raise NotImplementedError

    @cached_property
    def new_orders(self) -> tuple[Order, ...]:
        """Drafts (signed picture), and orders started inside ``new-order-days`` or ahead."""
        raise NotImplementedError

    def started_within(self, days: int) -> tuple[Order, ...]:
        """Drafts (signed picture), and counted orders started at most ``days`` days ago or ahead."""
        raise NotImplementedError

    @cached_property
    def daily_dose(self) -> Fact[Decimal]:
        raise NotImplementedError

    @cached_property
    def at_least(self) -> Decimal:
        raise NotImplementedError

    @cached_property
    def on_oral(self) -> bool:
        raise NotImplementedError

    @cached_property
    def max_planned(self) -> Fact[Decimal]:
        raise NotImplementedError

    @cached_property
    def highest_28d(self) -> Fact[Decimal]:
        raise NotImplementedError

    def dose_at(self, t: datetime) -> Fact[Decimal]:
        raise NotImplementedError

    @cached_property
    def uncomputable(self) -> tuple[tuple[Order, str], ...]:
        raise NotImplementedError

    def first_step(self, order: Order) -> Fact[Decimal]:
        raise NotImplementedError

    def exposure_days(self, at: datetime) -> Fact[int]:
        raise NotImplementedError

    def established(self, at: datetime) -> Fact[bool]:
        raise NotImplementedError

    def naive(self, order: Order) -> Fact[bool]:
        raise NotImplementedError

    @cached_property
    def history_sent(self) -> bool:
        raise NotImplementedError

    @cached_property
    def stop(self) -> Fact[Stop | None]:
        raise NotImplementedError

    @cached_property
    def holds(self) -> tuple[Hold, ...]:
        raise NotImplementedError

    @cached_property
    def missed_since(self) -> Moment | None:
        """First of an unbroken run of doses recorded as not given, up to as_of."""
        raise NotImplementedError

    @cached_property
    def changes(self) -> tuple[DoseChange, ...]:
        """Oldest first, past and planned; a drop to 0 is in, a rise from 0 is not."""
        raise NotImplementedError

    @cached_property
    def plan(self) -> DescendingPlan | None:
        raise NotImplementedError

    def follow_on(self, after: datetime) -> bool:
        """Does a draft or active oral order start within 24 h after ``after``, or reach beyond it?"""
        raise NotImplementedError

    @cached_property
    def supply_end(self) -> Fact[Moment]:
        """First day without drug by the dispenses received."""
        raise NotImplementedError

    @cached_property
    def gap_days(self) -> Fact[int]:
        """Whole days since ``supply_end``; negative = days left."""
        raise NotImplementedError

    @cached_property
    def refills_left(self) -> int | None:
        raise NotImplementedError

    @cached_property
    def last_supply(self) -> Supply | None:
        raise NotImplementedError

    @cached_property
    def planned_end(self) -> Moment | None:
        """End of the last dosage step of the orders in force; None = runs on."""
        raise NotImplementedError

    @cached_property
    def dispense_until(self) -> Moment | None:
        """Latest last day to dispense of the orders in force."""
        raise NotImplementedError

    @cached_property
    def order_end(self) -> Fact[Moment]:
        raise NotImplementedError

    def off_before(self, order: Order) -> Fact[int | None]:
        """Days off before a new order; None = never before."""
        raise NotImplementedError

    def dose_before_gap(self, order: Order) -> Fact[Decimal]:
        """Daily dose on the last covered day before the order's start."""
        raise NotImplementedError

    @cached_property
    def off_before_supply(self) -> Fact[int | None]:
        """Days off before the newest hand-over; None = never before."""
        raise NotImplementedError

    @cached_property
    def overlaps(self) -> tuple[Overlap, ...]:
        raise NotImplementedError

    @cached_property
    def prn_only(self) -> bool:
        raise NotImplementedError

    @cached_property
    def rescue_only(self) -> bool:
        raise NotImplementedError

    @cached_property
    def counted_once(self) -> tuple[Order, ...]:
        """Older orders not added because a newer one looks like their unlinked renewal."""
        raise NotImplementedError

"""What a line is read from: the chart's baclofen at as_of, sorted once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from .caching import cached_property
from .chart import Chart, Stay
from .concepts import BACLOFEN, ORAL_ROUTES
from .knowledge import Limits
from .medicines import Given, Order, SaidOver, Supply
from .moment import Moment
from .spans import TICK, whole_day

_OLDEST = datetime(1, 1, 2, tzinfo=UTC)
NEVER_TAKEN = frozenset({"cancelled", "draft", "intended", "not-taken"})


class Record:
    """The chart's oral baclofen supplies, doses given and inpatient stays up to as_of, oldest first."""

    def __init__(self, chart: Chart, as_of: datetime, limits: Limits, *, signed: bool) -> None:
        self.chart = chart
        self.as_of = as_of
        self.limits = limits
        self.signed = signed
        self.zone = as_of.tzinfo
        self.latest = as_of + timedelta(minutes=limits.int("future-tolerance-minutes"))

    def days(self, limit: str) -> timedelta:
        return timedelta(days=self.limits.int(limit))

    def hours(self, limit: str) -> timedelta:
        return timedelta(hours=self.limits.int(limit))

    @cached_property
    def follow_on(self) -> timedelta:
        """How far an order may begin from the end of the one it takes over from."""
        return self.hours("follow-on-hours")

    @cached_property
    def baclofen(self) -> tuple[Order, ...]:
        return tuple(order for order in self.chart.orders if BACLOFEN in order.medicine.concepts)

    @cached_property
    def oral_orders(self) -> tuple[Order, ...]:
        return tuple(sorted((o for o in self.baclofen if o.route_group == "oral"), key=order_key))

    @cached_property
    def stays(self) -> tuple[Stay, ...]:
        """Inpatient stays that have begun."""
        begun = (s for s in self.chart.stays if s.inpatient and (s.start is None or s.start.first <= self.latest))
        return tuple(sorted(begun, key=lambda stay: (stay.start.first if stay.start else _OLDEST, stay.ref)))

    @cached_property
    def supplies(self) -> tuple[Supply, ...]:
        """Oral baclofen handed over by as_of."""
        found = [
            (supply.handed_over.first, supply.ref, supply)
            for supply in self.chart.supplies
            if supply.given and supply.handed_over is not None and self._is_oral(supply)
        ]
        return tuple(s for at, _, s in sorted(found, key=lambda row: row[:2]) if at <= self.latest)

    @cached_property
    def doses(self) -> tuple[tuple[datetime, Given], ...]:
        """Oral doses recorded as given or missed by as_of."""
        found = [
            (dose.at.first, dose)
            for dose in self.chart.given
            if dose.at is not None and self._is_oral(dose) and dose.at.first <= self.latest
        ]
        return tuple(sorted(found, key=lambda row: (row[0], row[1].ref)))

    @cached_property
    def non_use(self) -> tuple[Order, ...]:
        """Statements that say the patient does not take it."""
        return tuple(order for order in self.oral_orders if order.status == "not-taken")

    @cached_property
    def use_proofs(self) -> tuple[Moment, ...]:
        """Every hand-over, dose given and report of taking."""
        handed = [supply.handed_over for supply in self.supplies if supply.handed_over]
        given = [dose.at for _, dose in self.doses if dose.given and dose.at]
        told = [
            order.proven
            for order in self.oral_orders
            if order.proven and order.reported and order.status not in ("not-taken", "intended")
        ]
        return (*handed, *given, *told)

    def used_after(self, moment: Moment) -> Moment | None:
        """The first hand-over, dose given or report of taking after a moment."""
        handed = [supply.handed_over for supply in self.supplies if supply.handed_over]
        given = [dose.at for _, dose in self.doses if dose.given and dose.at]
        told = [o.proven for o in self.oral_orders if o.reported and o.status == "active" and o.proven]
        later = (use for use in (*handed, *given, *told) if use.first >= max(moment.last, moment.first + TICK))
        return min(later, key=lambda use: use.first, default=None)

    @cached_property
    def said_over(self) -> tuple[tuple[Order, SaidOver], ...]:
        """Active orders of baclofen that another record says were stopped or held, where no use is known since."""
        told = ((order, order.said_over) for order in self.baclofen if order.status == "active")
        return tuple((order, said) for order, said in told if said is not None and self._holds(order, said.at))

    def _holds(self, order: Order, at: Moment | None) -> bool:
        """Has the end begun, was no dose taken after it, and was a hold not to be over by now?"""
        if at is None:
            return True
        resumed = order.resume_at is not None and order.resume_at.first <= self.as_of
        return at.first <= self.latest and not resumed and self.used_after(at) is None

    def supplies_of(self, order: Order) -> tuple[Supply, ...]:
        return tuple(supply for supply in self.supplies if supply.order == order.ref)

    def first_use(self, order: Order) -> Moment | None:
        """The first hand-over or dose given on this order; unlinked ones are its when it is the only order."""
        handed = [s.handed_over for s in self.supplies if s.handed_over and self._is_of(s.order, order)]
        given = [dose.at for _, dose in self.doses if dose.given and dose.at and self._is_of(dose.order, order)]
        begin = order.start or order.authored
        used = (m for m in (*handed, *given) if begin is None or m.last >= begin.first)
        return min(used, key=lambda moment: moment.first, default=None)

    def _is_of(self, named: str | None, order: Order) -> bool:
        if named is not None and any(named == other.ref for other in self.oral_orders):
            return named == order.ref
        return all(one is order or one.status in NEVER_TAKEN for one in self.oral_orders)

    def supplied_until(self, order: Order) -> Moment | None:
        """Last hand-over of the order (else of the line, not linked elsewhere) plus its days, as a day."""
        refs = {other.ref for other in self.oral_orders}
        own = self.supplies_of(order) or tuple(s for s in self.supplies if s.order not in refs)
        if not own or own[-1].handed_over is None:
            return None
        daily = order.steps[0].daily if order.steps else None
        days = self.supply_days(own[-1], daily) or self.supply_ordered(order)
        if days is None:
            return None
        return whole_day(own[-1].handed_over.day + timedelta(days=int(days)), self.zone)

    def supply_days(self, supply: Supply, daily: Decimal | None) -> Decimal | None:
        """Days a hand-over lasts: stated, else quantity x strength over the daily dose (mg/day)."""
        if supply.days is not None:
            return self._plausible(supply.days)
        dose = supply.daily or daily
        strength = supply.medicine.strength
        if supply.quantity is None or strength is None or not dose:
            return None
        return self._plausible(supply.quantity * strength.mg / dose)

    def supply_ordered(self, order: Order) -> Decimal | None:
        """Days one fill of the order is to last."""
        return self._plausible(order.supply_days)

    def _plausible(self, days: Decimal | None) -> Decimal | None:
        """No single hand-over lasts longer; such a number is no length of supply."""
        return days if days is not None and days <= self.limits["supply-days-up-to"] else None

    def _is_oral(self, item: Supply | Given) -> bool:
        medicine = item.medicine
        if not medicine.is_baclofen:
            return False
        if isinstance(item, Given) and item.reservoir:
            return False
        route = item.route or medicine.product_route
        if route is not None:
            return route in ORAL_ROUTES
        return medicine.form not in ("injection", "topical")


def order_key(order: Order) -> tuple[datetime, datetime, str, str]:
    """A total order of orders that does not depend on where they stood in the input."""
    begin = order.start or order.authored
    return (
        begin.first if begin else _OLDEST,
        order.authored.first if order.authored else _OLDEST,
        order.ref,
        order.status,
    )


def newest(moments: Iterable[Moment | None]) -> Moment | None:
    """The latest of the moments that are there."""
    return max((m for m in moments if m is not None), key=lambda m: (m.first, m.last), default=None)

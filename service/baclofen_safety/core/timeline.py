"""What the exposure timeline says of a line of baclofen: stops, holds, changes, plans, overlaps.

A line is all baclofen of one route group. Doses are mg/day (oral) or mcg/day (intrathecal).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from .chart import Act
from .fact import Evidence, Fact
from .medicines import Order, StopReason
from .moment import Moment

StopHow = Literal["exact", "at-the-latest", "estimated", "assumed"]
ItKind = Literal["continuous", "bolus", "refill", "unclear"]


@dataclass(frozen=True, slots=True)
class Stop:
    """A line went from covered to not covered, and nothing of it covered the next 24 hours.

    ``at`` is the first instant (or day) no longer covered. ``certain`` is False when the time is a latest
    possible, estimated or assumed one; then ``last_proof`` (administration, hand-over, statement) may be told
    beside it. ``days`` and ``established`` speak of the run that ended. ``resumed``: start of a later order.
    """

    at: Moment
    certain: bool
    how: StopHow
    dose: Fact[Decimal]  # on the last covered instant
    orders: tuple[Order, ...]
    reasons: frozenset[StopReason]
    as_planned: bool  # ran to its planned end
    days: Fact[int]
    established: Fact[bool]
    evidence: tuple[Evidence, ...]
    tapered: bool = False  # the stop ended a descending plan that came low enough
    withdrawn: bool = False  # every order was cancelled (but had been dispensed or given)
    last_proof: Moment | None = None
    resumed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """An order on hold at as_of. With only a date known, hours use the possible instant worst for harm."""

    order: Order
    since: Moment | None
    certain: bool
    elapsed_h: Decimal | None
    planned_h: Decimal | None  # None = length unknown
    dose: Fact[Decimal]  # of this order when it was held
    bridged: bool  # other baclofen (any form; oral, enteral, intrathecal, route unknown) in force at as_of
    established: Fact[bool]
    reasons: frozenset[StopReason] = frozenset()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class DoseChange:
    """The line's daily dose changed, past or planned. ``after`` is 0 when the line ends there."""

    at: datetime
    before: Decimal
    after: Decimal
    orders: tuple[Order, ...]  # those that begin, end or step at the instant

    @property
    def delta(self) -> Decimal:
        """Positive for a rise."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class DescendingPlan:
    """Steps each no higher than the one before, in force or ahead. ``steps`` are (from, daily dose)."""

    steps: tuple[tuple[datetime, Decimal], ...]
    ends_low: bool  # the last step is at or below the dose that may be stopped from
    dated: bool  # False: order of steps known, their days not; then every step carries the start of the order
    orders: tuple[Order, ...]
    ends_at: datetime | None = None  # planned end of the last step; None = runs on


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two oral orders in force together, now or planned. ``hours`` is Infinity when neither has an end."""

    a: Order  # the older
    b: Order
    hours: Decimal | None  # None = unclear, a start is missing
    combined: Fact[Decimal]
    different_prescribers: bool | None  # None = a requester is missing
    one_regimen: bool
    replaced: bool
    governed: bool  # a home order beside an inpatient order


@dataclass(frozen=True, slots=True)
class Npo:
    """Nil by mouth, running or ahead. ``hours``: the longer of planned and elapsed; None = length unknown."""

    act: Act
    hours: Decimal | None
    start: Moment | None

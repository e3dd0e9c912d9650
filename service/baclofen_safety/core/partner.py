"""One medicine taken beside baclofen, by the same timeline rules: all orders, reports, hand-overs and doses of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from .caching import cached_property
from .chart import Chart
from .concepts import Concept
from .entries import Entry, read_entries
from .fact import Evidence, Fact
from .knowledge import Limits
from .line import Line, add_up
from .medicines import Given, Order, Supply
from .moment import Moment
from .record import Record, order_key
from .spans import FAR_FUTURE, FAR_PAST, Run, Window, day_of, gather_runs, midnight, whole_day

OVER_THE_COUNTER = "fact-over-the-counter"
NEURAXIAL = frozenset({"route-epidural", "route-intrathecal", "route-intrathecal-check"})
PLASTER = "route-transdermal"
SWALLOWED = frozenset({"route-oral", "route-enteral-tube", "route-rectal"})


@dataclass(slots=True)
class Records:
    """Everything the chart holds of one ingredient taken by a route that reaches the whole body."""

    concepts: frozenset[Concept]
    orders: list[Order] = field(default_factory=list)
    supplies: list[Supply] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)

    @property
    def drafted(self) -> bool:
        """Is there a draft, which counts once it is signed?"""
        return any(order.status == "draft" for order in self.orders)


class PartnerRecord(Record):
    """The timeline's record of one ingredient: a chart cut down to it, every route alike."""

    def __init__(self, chart: Chart, as_of: datetime, limits: Limits, found: Records, *, signed: bool) -> None:
        orders, supplies, given = tuple(found.orders), tuple(found.supplies), tuple(found.given)
        cut_down = replace(chart, orders=orders, supplies=supplies, given=given)
        super().__init__(cut_down, as_of, limits, signed=signed)

    @cached_property
    def oral_orders(self) -> tuple[Order, ...]:
        return tuple(sorted(self.chart.orders, key=order_key))

    def _is_oral(self, item: Supply | Given) -> bool:
        return True


class Partner:
    """A medicine of one ingredient, concurrent with baclofen. Doses are mg/day.

    ``line`` is its timeline; ``entries`` are what counts now or lies ahead: orders and reports in force, drafts in the
    signed picture. Without any, ``supplies`` or ``doses`` show that it is taken.
    """

    def __init__(self, name: str, found: Records, record: PartnerRecord) -> None:
        self.ingredient = name
        self.concepts = found.concepts
        self.record = record
        self.line = Line(record, read_entries(record.oral_orders, record))

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        now = self.record.as_of
        return tuple(
            entry
            for entry, spans in zip(self.line.entries, self.line.settled.spans, strict=True)
            if entry.counts and any(span.end > now for span in spans)
        )

    @cached_property
    def orders(self) -> tuple[Order, ...]:
        """Orders and reports that count, oldest first."""
        return tuple({entry.order.ref: entry.order for entry in self.entries}.values())

    @cached_property
    def supplies(self) -> tuple[Supply, ...]:
        """Hand-overs of no order of the line whose days last until now; of unknown length those of the last weeks."""
        now, refs = self.record.as_of, {entry.order.ref for entry in self.line.entries}
        return tuple(s for s in self.record.supplies if s.order not in refs and self._lasts(s, now))

    @cached_property
    def doses(self) -> tuple[Given, ...]:
        """Doses of the last hours, plasters of the last days, that belong to no order of the line."""
        now, refs = self.record.as_of, {entry.order.ref for entry in self.line.entries}
        hours, plaster = self.record.hours("partner-given-hours"), self.record.days("partner-plaster-days")
        return tuple(
            dose
            for at, dose in self.record.doses
            if dose.given and at >= now - (plaster if (dose.route or dose.medicine.product_route) == PLASTER else hours)
            if dose.order not in refs and not self.line.at(at)
        )

    def _lasts(self, supply: Supply, now: datetime) -> bool:
        days = self.record.supply_days(supply, None)
        handed = supply.handed_over
        if handed is None or self.line.at(handed.first):
            return False
        lasts = timedelta(days=int(days)) if days is not None else self.record.days("partner-supply-days")
        return handed.first + lasts > now

    @property
    def concurrent(self) -> bool:
        return bool(self.orders or self.supplies or self.doses)

    @cached_property
    def shown_by(self) -> tuple[Order | Supply | Given, ...]:
        """What shows that it is taken: orders, else hand-overs and doses."""
        return self.orders or (*self.supplies, *self.doses)

    @cached_property
    def refs(self) -> tuple[str, ...]:
        return tuple(one.ref for one in self.shown_by)

    @property
    def name(self) -> str:
        """The ingredient, as people read it."""
        return self.ingredient

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """What shows it, with its name as sent and since when."""
        ahead = self.draft or (self.started is not None and self.started.first > self.record.as_of)
        since = f" {'from' if ahead else 'since'} {self.started.day}" if self.started else ""
        return tuple(Evidence(one.ref, f"{one.medicine.name or self.name}{since}") for one in self.shown_by)

    @cached_property
    def routes(self) -> frozenset[Concept | None]:
        return frozenset(one.route or one.medicine.product_route for one in self.shown_by)

    @property
    def neuraxial(self) -> bool:
        """By an epidural or intrathecal catheter or needle."""
        return bool(self.routes & NEURAXIAL)

    @property
    def swallowed_only(self) -> bool:
        """Every route is known to lead through the gut."""
        return self.routes <= SWALLOWED

    @property
    def draft(self) -> bool:
        """Nothing but drafts shows it, and it was not taken before."""
        drafts = bool(self.entries) and all(entry.role == "draft" for entry in self.entries)
        return drafts and self.started is not None and self.started.last >= self.record.as_of

    @property
    def otc(self) -> bool:
        """Bought without a prescription: marked so, or no prescription behind a report or dose of it."""
        if any(OVER_THE_COUNTER in order.concepts for order in self.orders):
            return True
        return all(order.reported and not order.based_on for order in self.orders) and not self.supplies

    @property
    def single_dose(self) -> bool:
        """One dose only."""
        if self.orders:
            return all(order.steps and all(step.once for step in order.steps) for order in self.orders)
        return not self.supplies and len(self.doses) == 1

    @cached_property
    def daily(self) -> Fact[Decimal]:
        """Daily dose now; of drafts and orders ahead at their start."""
        instants = [max(entry.start, self.record.as_of) for entry in self.entries]
        return add_up(span for _, span in self.line.at(max(instants, default=self.record.as_of)))

    @cached_property
    def until(self) -> datetime | None:
        """Planned end of the last of its orders; None when one runs on."""
        ends = [entry.end for entry in self.entries]
        last = max(ends, default=FAR_FUTURE)
        return last if last < FAR_FUTURE else None

    @cached_property
    def _windows(self) -> list[Window]:
        ordered = [span.window for _, span in self.line.spans]
        return ordered + [window for _, window in self.line.taken]

    @cached_property
    def _run(self) -> Run | None:
        """The run that reaches to as_of, or the first one ahead."""
        today, bridge = day_of(self.record.as_of, self.record.zone), self.record.limits.int("gap-bridge-days")
        runs = gather_runs(self._windows, bridge, self.record.zone)
        return next((run for run in runs if run.last >= today - bridge), None)

    @cached_property
    def started(self) -> Moment | None:
        """Start of unbroken use; None when nobody recorded it."""
        run, zone = self._run, self.record.zone
        if run is None or not run.start_known:
            return None
        begin = min(start for start, _ in self._windows if start > FAR_PAST and day_of(start, zone) == run.first)
        day = begin.astimezone(zone).date()
        return whole_day(day, zone) if begin == midnight(day, zone) else Moment.at(begin)

    def started_within(self, days: int | Decimal) -> bool:
        """Begun in the last ``days`` days, or still ahead. An unknown start is not new."""
        if self.started is None:
            return False
        now = self.record.as_of
        return self.started.first > now or self.started.within(timedelta(days=float(days)), now)

    def older_than(self, days: int | Decimal) -> bool:
        """In unbroken use for more than ``days`` days. An unknown start is not old either."""
        return self.started is not None and not self.started_within(days)

    @cached_property
    def changed(self) -> Moment | None:
        """The last start or change of dose, drafts ahead included; None when the start is unknown."""
        latest = max([self.record.as_of, *(entry.start for entry in self.entries if entry.role == "draft")])
        changes = [change.at for change in self.line.changes if change.at <= latest]
        if not changes or self.started is None:
            return self.started
        last = Moment.at(max(changes))
        return last if last.first > self.started.first else self.started

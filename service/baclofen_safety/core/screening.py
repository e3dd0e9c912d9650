"""Intrathecal test doses, the first infusion and its steps. Doses are mcg or mcg/day, concentrations mcg/mL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from .caching import cached_property
from .chart import Act, Measurement
from .fact import Evidence, is_yes
from .measuring import tell
from .moment import Moment
from .pump import PROGRAMME, begin_of

if TYPE_CHECKING:
    from .facts import Facts
    from .medicines import DoseStep, Order

_MCG = Decimal(1000)
_DILUTED = re.compile(r"\bdilut", re.IGNORECASE)
_POSITIVE = re.compile(r"(?<!not )(?<!non-)\b(?:positive|successful|good response)\b", re.IGNORECASE)
_NEGATIVE = re.compile(r"\b(?:negative|no response|unsuccessful|not positive)\b", re.IGNORECASE)
_TEST = re.compile(r"\b(?:screening|test dose|trial|bolus|test)\b", re.IGNORECASE)
_STANDING = frozenset({"active", "unknown", "on-hold", "draft"})
_OVER = frozenset({"completed", "stopped"})
_INJECTION = "proc-intrathecal-injection"


@dataclass(frozen=True, slots=True)
class ItBolus:
    """One intrathecal single dose, ordered or given. ``mcg`` None: not known. ``concentration`` of the product."""

    ref: str
    at: Moment | None
    mcg: Decimal | None
    order: Order | None  # None = recorded as given
    concentration: Decimal | None = None
    diluted: bool = False  # the order says so, or its volume does
    due: bool = False  # ordered, standing, and not over
    repeated: bool = False  # ordered for more than once a day


@dataclass(frozen=True, slots=True)
class ItDoseChange:
    """The daily dose of the pump changed, or is to change. ``setting`` refill: a refill the same day."""

    at: datetime
    before: Decimal
    after: Decimal
    setting: Literal["refill", "titration"]
    evidence: tuple[Evidence, ...]
    order: Order | None = None  # the order that brought it; None = only the programme says so

    @property
    def rise(self) -> Decimal:
        """Part of the dose before; negative for a decrease."""
        return (self.after - self.before) / self.before


@dataclass(frozen=True, slots=True)
class ScreeningTest:
    """What a recorded test came to. ``mcg`` is the effective dose."""

    positive: bool | None
    mcg: Decimal | None = None
    effect_hours: Decimal | None = None
    adverse: bool = False
    evidence: tuple[Evidence, ...] = ()


class ScreeningFacts:
    """Test doses and steps of the infusion at ``as_of``; in the signed picture drafts too."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    @cached_property
    def it_boluses(self) -> tuple[ItBolus, ...]:
        """Single doses ordered and given, oldest first; of an order recorded as given the dose given."""
        given = [ItBolus(dose.ref, dose.at, dose.amount, None) for dose in self.facts.it.it_doses if not dose.reservoir]
        given += [ItBolus(act.ref, act.start, None, None) for act in self._injections("done")]
        done = {dose.order for dose in self.facts.it.it_doses}
        ordered = [bolus for order in self._bolus_orders if order.ref not in done for bolus in self._of(order)]
        return tuple(sorted((*given, *ordered), key=lambda bolus: (self.time_of(bolus), bolus.ref)))

    def time_of(self, bolus: ItBolus) -> datetime:
        """When it was or is to be given; without a time now."""
        return bolus.at.first if bolus.at is not None else self.facts.as_of

    @cached_property
    def test_planned(self) -> Evidence | None:
        """A screening test ahead: a bolus order (draft or not given yet) without a pump, or a planned procedure."""
        if is_yes(self.facts.it.pump_present):
            return None
        for act in sorted(self._injections("planned"), key=begin_of):
            return Evidence(act.ref, act.text)
        due = (bolus.order for bolus in self.it_boluses if bolus.due)
        return next((Evidence(order.ref, order.medicine.name) for order in due if order), None)

    @cached_property
    def test(self) -> ScreeningTest | None:
        """The newest recorded result; else what a procedure says of its outcome. None = not documented."""
        results = self._told("fact-screening-result")
        effective = self._told("fact-screening-effective-dose")
        hours, adverse = self._told("fact-screening-effect-hours"), self._told("fact-screening-adverse")
        if results is not None or effective is not None:
            found = [m for m in (results, effective, hours, adverse) if m is not None]
            return ScreeningTest(
                _verdict(results) if results is not None else True,
                effective.value if effective is not None else None,
                hours.value if hours is not None else None,
                adverse is not None and adverse.flag is not False,
                tuple(dict.fromkeys(tell(m, "screening test") for m in found)),
            )
        for act in sorted(self._tests_done, key=begin_of, reverse=True):
            if _NEGATIVE.search(act.text) or _POSITIVE.search(act.text):
                return ScreeningTest(not _NEGATIVE.search(act.text), evidence=(Evidence(act.ref, act.text),))
        return None

    @cached_property
    def it_dose_changes(self) -> tuple[ItDoseChange, ...]:
        """Changes of the daily dose by orders and programmed doses, oldest first; the first dose is none."""
        found = []
        for (_, before, _, _), (at, after, ref, order) in pairwise(self._readings):
            if before and after is not None and before != after:
                says = f"{_plain(before)} to {_plain(after)} mcg/day"
                found.append(ItDoseChange(at, before, after, self._setting(at), (Evidence(ref, says),), order))
        return tuple(found)

    @cached_property
    def unclear_before(self) -> tuple[tuple[datetime, Decimal, Order], ...]:
        """(at, mcg/day, order) of orders whose forerunner's dose cannot be computed."""
        return tuple(
            (at, after, order)
            for (_, before, _, _), (at, after, _, order) in pairwise(self._readings)
            if before is None and after and order is not None
        )

    @cached_property
    def dose_since(self) -> datetime | None:
        """Since when the daily dose is what it is, or will be after the last change; None = no dose is known."""
        changes = [change.at for change in self.it_dose_changes]
        return changes[-1] if changes else min((row[0] for row in self._readings), default=None)

    @cached_property
    def implanted_at(self) -> Moment | None:
        """The newest implant since the last removal, by procedure or as told."""
        told = [m.when for m in self.facts.chart.measurements.get("fact-pump-implanted", ()) if m.when is not None]
        acts = [act.start for act in self.facts.it.implants_done if act.start is not None]
        return max((*told, *acts), key=lambda moment: moment.first, default=None)

    def since_implant(self, at: datetime) -> timedelta | None:
        """Time from the implant to an instant, of a date the shortest possible. None = not known, or not yet."""
        placed = self.implanted_at
        return None if placed is None or at < placed.first else max(at - placed.last, timedelta(0))

    @cached_property
    def first_infusion(self) -> Order | None:
        """The infusion order no other infusion and no programme came before, if it is new or ahead."""
        if not self.facts.it.dose_levels:
            return None
        start, _, order = self.facts.it.dose_levels[0]
        programmes = [m.at.first for m in self._programmes if m.at is not None]
        if any(at < start for at in (*programmes, *(at for at, _, _ in self._ended_unknown))):
            return None
        new = order.status == "draft" or self.facts.as_of - start <= self._days("new-order-days")
        return order if new else None

    @cached_property
    def already_treated(self) -> bool:
        """Has a pump delivered baclofen before: a certain infusion that is no draft, a programme, a refill?"""
        it = self.facts.it
        levels = (*it.dose_levels, *self._ended_unknown)
        ordered = any(order.status != "draft" and it.kind(order) == "continuous" for _, _, order in levels)
        return ordered or bool(self._programmes) or it.refilled_at is not None

    @cached_property
    def _readings(self) -> tuple[tuple[datetime, Decimal | None, str, Order | None], ...]:
        """(at, mcg/day, reference, order) of every level ordered and every dose programmed, oldest first."""
        rows: list[tuple[datetime, Decimal | None, str, Order | None]] = [
            (at, dose, order.ref, order) for at, dose, order in (*self.facts.it.dose_levels, *self._ended_unknown)
        ]
        low = self.facts.limits["pump-stopped-below"]
        rows += [
            (m.at.first, m.value, m.ref, None)
            for m in self._programmes
            if m.at is not None and m.value is not None and m.value >= low
        ]
        return tuple(sorted(rows, key=lambda row: (row[0], row[2])))

    @cached_property
    def _ended_unknown(self) -> tuple[tuple[datetime, Decimal | None, Order], ...]:
        """(begin, mcg/day, order) of infusions that are over since nobody knows when: no level of the timeline."""
        placed = {order.ref for _, _, order in self.facts.it.dose_levels}
        return tuple(
            (at.first, order.steps[-1].daily, order)
            for order in self.facts.it.orders
            if order.status in _OVER and order.ref not in placed and self.facts.it.kind(order) == "continuous"
            if (at := order.start or order.authored) is not None
        )

    @cached_property
    def _programmes(self) -> tuple[Measurement, ...]:
        latest = self.facts.it.record.latest
        found = self.facts.chart.measurements.get(PROGRAMME, ())
        return tuple(m for m in found if m.problem is None and m.at is not None and m.at.first <= latest)

    def _setting(self, at: datetime) -> Literal["refill", "titration"]:
        filled = self.facts.it.refilled_at
        return "refill" if filled is not None and filled.day == at.date() else "titration"

    @cached_property
    def _bolus_orders(self) -> tuple[Order, ...]:
        left_out = {"cancelled", "intended", "not-taken", *(() if self.facts.signed else ("draft",))}
        it = self.facts.it
        single = (o for o in it.orders if it.kind(o) in ("bolus", "unclear") or _in_single_doses(o))
        return tuple(order for order in single if order.status not in left_out)

    def _of(self, order: Order) -> Iterator[ItBolus]:
        strength = order.medicine.strength
        concentration = strength.mg * _MCG if strength is not None and strength.per == "mL" else None
        for step in order.steps:
            at = step.start or order.start or order.authored
            diluted, due = _is_diluted(step, concentration), self._is_due(order, step, at)
            dose = step.single or step.daily
            yield ItBolus(order.ref, at, dose, order, concentration, diluted, due, _is_repeated(step))

    def _is_due(self, order: Order, step: DoseStep, at: Moment | None) -> bool:
        """Not given yet: ahead, or of no day but the late one on which a standing order was written."""
        if order.status not in _STANDING:
            return False
        if step.end is None or step.end.last > self.facts.as_of:
            return True
        return at is not None and at == order.authored and at.within(self._days("new-order-days"), self.facts.as_of)

    def _told(self, concept: str) -> Measurement | None:
        """The newest usable result of one of our own facts."""
        latest = self.facts.it.record.latest
        found = [
            (m.at.first, m.ref, m)
            for m in self.facts.chart.measurements.get(concept, ())
            if m.problem is None and m.at is not None and m.at.first <= latest
        ]
        return max(found, key=lambda row: row[:2])[2] if found else None

    @cached_property
    def _tests_done(self) -> tuple[Act, ...]:
        return tuple(act for act in self._injections("done") if _TEST.search(act.text))

    def _injections(self, state: str) -> tuple[Act, ...]:
        """Injections into the spinal canal that name baclofen."""
        return tuple(
            act
            for act in self.facts.chart.acts
            if act.state == state and _INJECTION in act.concepts and "baclofen" in act.text.casefold()
        )

    def _days(self, limit: str) -> timedelta:
        return timedelta(days=self.facts.limits.int(limit))


def _is_repeated(step: DoseStep) -> bool:
    return step.doses_per_day is not None and step.doses_per_day > 1


def _in_single_doses(order: Order) -> bool:
    """Is it written as several doses a day, and so no infusion where there is no pump?"""
    return any(step.single is not None and _is_repeated(step) for step in order.steps)


def _is_diluted(step: DoseStep, concentration: Decimal | None) -> bool:
    """Do the words say so, or is the volume larger than the product's own would be?"""
    if _DILUTED.search(step.text):
        return True
    dose = step.single or step.daily
    if concentration is None or dose is None or not step.volume_ml:
        return False
    return dose / step.volume_ml < concentration


def _verdict(result: Measurement) -> bool | None:
    """Positive, negative, or recorded without saying which."""
    if result.flag is not None:
        return result.flag
    if "fact-negative" in result.concept_value or _NEGATIVE.search(result.shown):
        return False
    return True if "fact-positive" in result.concept_value or _POSITIVE.search(result.shown) else None


def _plain(dose: Decimal) -> str:
    return f"{round(dose, 1).normalize():f}"

"""Facts about hospital stays, fasting and surgery, as far as baclofen hangs on them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal

from .caching import cached_property
from .chart import Act, Chart, MedicineList, Stay
from .entries import goes_on_daily, is_inpatient
from .fact import Evidence, Fact, Known, Need, Reason, Unknown, is_yes
from .knowledge import Limits
from .medicines import Order
from .moment import Moment
from .oral import OralFacts
from .pump import PUMP_SURGERY, begin_of
from .spans import FAR_FUTURE, FAR_PAST, TICK, ZERO, hours
from .timeline import Npo

_SURGERY = PUMP_SURGERY | {"proc-surgical-category", "proc-anaesthesia"}
_SURGERY_WORDS = re.compile(r"\b(?:surgery|operation|an(?:a)?esth\w*|theatre)\b", re.IGNORECASE)
_NO_SURGERY = re.compile(r"\b(?:dental cleaning|local an(?:a)?esth\w*|imaging|ultrasound|x-ray)\b", re.IGNORECASE)
_NPO = re.compile(r"\b(?:npo|nil by mouth|nothing by mouth|fasting)\b", re.IGNORECASE)
_NOT_NPO = re.compile(r"\b(?:except med\w*|clear (?:fluids?|liquids?))\b", re.IGNORECASE)
_PLAN = frozenset({"fact-perioperative-baclofen-plan"})
_PLAN_WORDS = re.compile(r"\b(?:continue|give|tube|morning)\b", re.IGNORECASE)
_MEDICINES = ("MedicationRequest", "MedicationStatement", "MedicationAdministration")


class HospitalFacts:
    """Stays, fasting and surgery at ``as_of``."""

    def __init__(self, chart: Chart, as_of: datetime, limits: Limits, oral: OralFacts) -> None:
        self.chart = chart
        self.as_of = as_of
        self.limits = limits
        self.oral = oral

    @cached_property
    def stay(self) -> Stay | None:
        """The current inpatient stay (of several parts the newest)."""
        return next((stay for stay in reversed(self.oral.record.stays) if stay.current), None)

    @cached_property
    def admitted_at(self) -> Moment | None:
        """Start of the current stay, else of the newest inpatient stay; parts that follow on are one stay."""
        parts = self._parts
        return min((part.start for part in parts if part.start), key=lambda m: m.first, default=None)

    @cached_property
    def discharged_at(self) -> Moment | None:
        """End of the newest inpatient stay, when no stay is current."""
        if self.stay is not None:
            return None
        ends = [part.end for part in self._parts if part.end and part.end.first <= self.oral.record.latest]
        last = max(ends, key=lambda moment: moment.first, default=None)
        return last or self._discharged_somewhen()

    @cached_property
    def inpatient_baclofen(self) -> Fact[bool]:
        """An oral order of the stay in force, or a dose given, since admission."""
        refs = {part.ref for part in self._parts}
        begin = self.admitted_at.first if self.admitted_at else FAR_PAST
        record = self.oral.record
        orders = [o for o in self.oral.in_force if self._of_stay(o, refs) if o.status != "draft" or self._keeps(o)]
        given = [dose for at, dose in record.doses if dose.given and at >= begin]
        if orders or given:
            found = [Evidence(order.ref, "ordered in hospital") for order in orders]
            return Known(True, (*found, *(Evidence(dose.ref, f"given {dose.at}") for dose in given)))
        if self._medicines_of_stay_sent(refs, begin):
            return Known(False)
        since = self.after_admission
        needs = tuple(Need(kind, since=since) for kind in _MEDICINES)
        return Unknown(Reason.NOT_SENT, "medicines of the stay not sent", needs)

    @property
    def after_admission(self) -> datetime | None:
        """From when on something belongs to the stay."""
        return self.admitted_at.last + timedelta(seconds=1) if self.admitted_at else None

    @cached_property
    def home_baclofen(self) -> Fact[bool]:
        """Established oral baclofen in the ``home-window-days`` before admission."""
        admitted = self.admitted_at
        if admitted is None:
            return Unknown(Reason.PARTIAL_DATE, "time of admission unknown", (Need("Encounter", parts=("period",)),))
        runs = self._home_runs(admitted.first)
        if runs is not None:
            return runs
        if self.oral.history_sent or any(part.kind == "home" for part in self.chart.lists):
            return Known(False)
        return Unknown(Reason.NOT_SENT, "medicines before admission not sent", (Need("MedicationStatement"),))

    @cached_property
    def home_dose(self) -> Fact[Decimal]:
        """Daily oral dose just before admission, mg/day; the last one when none was in force then."""
        if self.admitted_at is None:
            return Unknown(Reason.PARTIAL_DATE, "time of admission unknown", (Need("Encounter", parts=("period",)),))
        begin = self.admitted_at.first
        dose = self.oral.dose_at(begin - TICK)
        if not isinstance(dose, Known) or dose.value:
            return dose
        ends = [level.end for level in self.oral.line.levels if level.end <= begin]
        return self.oral.dose_at(max(ends) - TICK) if ends else dose

    @cached_property
    def discharge_list(self) -> Fact[tuple[str, ...]]:
        """References on the discharge list of the newest stay: a list, else its discharge orders."""
        begin = self.admitted_at.first if self.admitted_at else FAR_PAST
        lists = [part for part in self.chart.lists if part.kind == "discharge" and _since(part, begin)]
        if lists:
            newest = max(lists, key=lambda part: (part.at.first if part.at else FAR_PAST, part.ref))
            return Known(newest.medicines, (Evidence(newest.ref, f"discharge list {newest.at or ''}".strip()),))
        orders = [o for o in self.chart.orders if o.setting == "discharge" and _written_since(o, begin)]
        if orders:
            refs = tuple(sorted(order.ref for order in orders))
            return Known(refs, tuple(Evidence(ref, "discharge order") for ref in refs))
        since = self.after_admission
        needs = (Need("List", since=since), Need("MedicationRequest", since=since))
        return Unknown(Reason.NOT_SENT, "no discharge list sent", needs)

    @cached_property
    def on_discharge_list(self) -> Fact[bool]:
        """Does the discharge list hold baclofen?"""
        listed = self.discharge_list
        if isinstance(listed, Unknown):
            return listed
        known = {order.ref: order for order in self.chart.orders}
        if any(ref in known and known[ref].is_baclofen for ref in listed.value):
            return Known(True, listed.evidence)
        if any(ref not in known for ref in listed.value):
            about = "the discharge list names medicines that were not sent"
            return Unknown(Reason.NOT_RECOGNISED, about, (Need("MedicationRequest"),), listed.evidence)
        return Known(False, listed.evidence)

    @cached_property
    def documented_stop(self) -> bool:
        """A stop with a reason, a descending plan, or baclofen removed from a list on purpose."""
        stop = self.oral.stop
        if isinstance(stop, Known) and stop.value is not None and (stop.value.reasons or stop.value.tapered):
            return True
        if self.oral.plan is not None:
            return True
        removed = {ref for part in self.chart.lists for ref in part.removed}
        return any(order.ref in removed for order in self.oral.record.baclofen)

    @cached_property
    def fasts(self) -> tuple[Npo, ...]:
        """Every nil by mouth that runs or lies ahead, the earliest first."""
        found = [self._read_npo(act) for act in self.chart.acts if act.state in ("active", "planned")]
        return tuple(sorted((npo for npo in found if npo is not None), key=lambda npo: begin_of(npo.act)))

    @cached_property
    def surgery(self) -> Act | None:
        """Earliest planned surgery or anaesthesia within ``procedure-ahead-days``; undated ones last."""
        latest = self._surgery_latest
        near = [a for a in self._planned if a.start is None or (self._not_past(a.start) and a.start.first <= latest)]
        return min(near, key=begin_of, default=None)

    @cached_property
    def later_surgery(self) -> Act | None:
        """Earliest planned surgery or anaesthesia after ``procedure-ahead-days``."""
        later = [a for a in self._planned if a.start is not None and a.start.first > self._surgery_latest]
        return min(later, key=begin_of, default=None)

    @property
    def _surgery_latest(self) -> datetime:
        return self.as_of + self.oral.record.days("procedure-ahead-days")

    @cached_property
    def _planned(self) -> tuple[Act, ...]:
        return tuple(act for act in self.chart.acts if act.state == "planned" and self._is_surgery(act))

    def operated_near(self, at: Moment, reach: timedelta) -> bool:
        """Is there surgery or anaesthesia, done or planned, at most ``reach`` before or after a moment?"""
        return any(
            act.start.first - reach <= at.last and at.first <= act.start.last + reach
            for act in self.chart.acts
            if act.start is not None and act.state in ("done", "active", "planned") and self._is_surgery(act)
        )

    @cached_property
    def surgery_in_h(self) -> Decimal | None:
        """Hours to the surgery, 0 on its day; None without a date."""
        if self.surgery is None or self.surgery.start is None:
            return None
        return max(hours(self.surgery.start.first - self.as_of), ZERO)

    @property
    def plan_since(self) -> datetime:
        """The oldest a plan may be to count."""
        return self.as_of - self.oral.record.days("perioperative-plan-days")

    @cached_property
    def perioperative_plan(self) -> bool:
        """A current plan for baclofen around the procedure, or an active order by feeding tube."""
        if any(order.route == "route-enteral-tube" for order in self.oral.in_force):
            return True
        return any(
            act.state in ("active", "planned", "done")
            and (act.concepts & _PLAN or ("baclofen" in act.text.lower() and _PLAN_WORDS.search(act.text)))
            and (act.start is None or act.start.last >= self.plan_since)
            for act in self.chart.acts
        )

    @cached_property
    def _parts(self) -> tuple[Stay, ...]:
        """The current or newest inpatient stay with the parts it follows on from."""
        stays = self.oral.record.stays
        last = self.stay or next(iter(reversed(stays)), None)
        if last is None:
            return ()
        join = self.oral.record.hours("stay-join-hours")
        parts = [last]
        for stay in reversed(stays[: stays.index(last)]):
            begin = parts[-1].start
            if begin is None or stay.end is None or stay.end.last + join < begin.first:
                break
            parts.append(stay)
        return tuple(parts)

    def _discharged_somewhen(self) -> Moment | None:
        """A newest stay that is over without an end, its start not long ago: it ended up to as_of."""
        began = self.admitted_at
        if began is None or not began.within(self.oral.record.days("stop-written-days"), self.as_of):
            return None
        return Moment.at(self.as_of)

    def _home_runs(self, admitted: datetime) -> Fact[bool] | None:
        """Established where the last exposure before admission ended; None without exposure in the window."""
        window = admitted - self.oral.record.days("home-window-days")
        line = self.oral.line
        outside = [
            span.window
            for index, span in line.spans
            if not line.entries[index].inpatient and line.entries[index].role not in ("draft", "unsure")
        ]
        taken = [w for index, w in line.taken if index is None or not line.entries[index].inpatient]
        ends = [min(end, admitted) for begin, end in (*outside, *taken) if begin < admitted and end > window]
        if not ends:
            return None
        answers = [self.oral.established(max(ends) - TICK), self.oral.ordered_established(max(ends) - TICK)]
        refs = tuple(
            Evidence(order.ref, "before admission")
            for order in self.oral.orders
            for begun in (order.start or order.authored,)
            if order.status != "draft" and (begun is None or begun.first < admitted)
        )
        known = next((answer for answer in answers if is_yes(answer)), answers[0])
        return Known(known.value, refs, known.how) if isinstance(known, Known) else known

    def _of_stay(self, order: Order, refs: set[str]) -> bool:
        return order.encounter in refs or is_inpatient(order, self.oral.record)

    def _keeps(self, draft: Order) -> bool:
        """Does a draft, once signed, go on with no less than was taken at home?"""
        home = self.home_dose
        return self.oral.signed and isinstance(home, Known) and goes_on_daily(draft, home.value, self.as_of)

    def _medicines_of_stay_sent(self, refs: set[str], begin: datetime) -> bool:
        """Any order of the stay or dose given in it, of any drug; or medicine requests answered in full."""
        if self.chart.received.get("MedicationRequest") == "answered":
            return True
        if any(order.encounter in refs or order.setting == "inpatient" for order in self.chart.orders):
            return True
        return any(dose.at is not None and dose.at.first >= begin for dose in self.chart.given)

    def _read_npo(self, act: Act) -> Npo | None:
        if "fact-npo" not in act.concepts and not (
            act.kind in ("NutritionOrder", "ServiceRequest") and _NPO.search(act.text)
        ):
            return None
        if _NOT_NPO.search(act.text) or (act.end is not None and act.end.last <= self.as_of):
            return None
        if act.start is None:
            return Npo(act, None, None)
        planned = hours(act.end.last - act.start.first) if act.end else None
        elapsed = hours(self.as_of - act.start.first)
        if planned is not None:
            return Npo(act, max(planned, elapsed), act.start)
        long = elapsed >= self.limits["npo-elapsed-hours"]  # without an end only the time gone by is sure
        return Npo(act, elapsed if long else None, act.start)

    def _is_surgery(self, act: Act) -> bool:
        if act.concepts & _SURGERY:
            return True
        return bool(_SURGERY_WORDS.search(act.text)) and not _NO_SURGERY.search(act.text)

    def _not_past(self, start: Moment) -> bool:
        return start.last > self.as_of or start.day == self.as_of.date()


def _since(part: MedicineList, begin: datetime) -> bool:
    return part.at is None or part.at.last > begin


def _written_since(order: Order, begin: datetime) -> bool:
    written = order.authored or order.start
    return (written.last if written else FAR_FUTURE) > begin

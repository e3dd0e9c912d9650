"""Baclofen lost in and around hospital: left off a list, or not given to a patient who fasts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from ...core.chart import Act
from ...core.fact import Evidence, Need, Unknown, is_no, is_yes
from ...core.facts import Facts
from ...core.knowledge import Limits
from ...core.medicines import Order
from ...core.moment import Moment
from ...core.rule import Finding, Gap, Said, Severity
from ...core.timeline import Npo
from .withdrawal_parts import (
    cite_act,
    cite_orders,
    is_dependent,
    is_unknown,
    known_values,
    name_orders,
    note_if,
    value_of,
)

PLANNING = ("ServiceRequest", "Appointment", "NutritionOrder")
"""Where surgery and fasting ahead stand."""
NOT_YET = "not-yet-ordered"
MedicineList = Literal["inpatient", "discharge"]


def left_off(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-WD-04."""
    if not facts.chart.was_sent("Encounter") and facts.oral.on_oral:
        yield Gap("stays-unknown", needs=(Need("Encounter"),), high=False)
    which = _list_due(facts, limits)
    if facts.hospital.documented_stop:
        return
    if which is None:
        yield from _not_yet_ordered(facts)
        return
    found = facts.hospital.inpatient_baclofen if which == "inpatient" else facts.hospital.on_discharge_list
    home = facts.hospital.home_baclofen
    if is_yes(found) or is_no(home):
        return
    if isinstance(home, Unknown):
        yield Gap("no-list-before-admission", needs=home.needs)
    elif isinstance(found, Unknown):
        yield Gap(f"no-{which}-list", needs=found.needs)
    else:
        orders, dose = _home_orders(facts), value_of(facts.hospital.home_dose)
        yield Finding(
            Severity.HIGH,
            evidence=(*home.evidence, *_stay_evidence(facts)) or cite_orders(orders),
            implicated=name_orders(orders),
            values=known_values({"list": which, "dose": dose}),
            notes=note_if(dose_unknown=is_unknown(facts.hospital.home_dose), start_assumed=home.how == "assumed"),
            same_as=str(facts.hospital.admitted_at),
        )


def _not_yet_ordered(facts: Facts) -> Iterator[Finding]:
    """Admitted just now: home baclofen has yet to be ordered. A draft of it, once signed, is that order."""
    home, dose = facts.hospital.home_baclofen, value_of(facts.hospital.home_dose)
    if facts.hospital.stay is None or is_yes(facts.hospital.inpatient_baclofen) or _is_drafted(facts):
        return
    if not isinstance(home, Unknown) and home.value and value_of(facts.oral.stop) is None and not facts.oral.holds:
        orders = _home_orders(facts)
        yield Finding(
            Severity.MODERATE,
            evidence=(*home.evidence, *_stay_evidence(facts)),
            implicated=name_orders(orders),
            values=known_values({"dose": dose}),
            notes=note_if(not_yet_ordered=True, start_assumed=home.how == "assumed"),
            variant=NOT_YET,
            same_as=str(facts.hospital.admitted_at),
        )


def _is_drafted(facts: Facts) -> bool:
    return any(order.status == "draft" for order in facts.oral.in_force)


def _list_due(facts: Facts, limits: Limits) -> MedicineList | None:
    """The list on which home baclofen must stand by now."""
    if facts.hospital.stay is not None:
        admitted, grace = facts.hospital.admitted_at, timedelta(hours=limits.int("admission-hours-from"))
        return "inpatient" if admitted is None or facts.as_of - admitted.first >= grace else None
    left, window = facts.hospital.discharged_at, timedelta(days=limits.int("discharge-days"))
    return "discharge" if left is not None and left.within(window, facts.as_of) else None


def _home_orders(facts: Facts) -> tuple[Order, ...]:
    """What the patient took at home, as far as an order of it is known."""
    stop = value_of(facts.oral.stop)
    ended = stop.orders if stop is not None else ()
    orders = (*facts.oral.in_force, *(hold.order for hold in facts.oral.holds), *ended)
    return tuple(dict.fromkeys(order for order in orders if order.status != "draft"))


def _stay_evidence(facts: Facts) -> tuple[Evidence, ...]:
    stay = facts.hospital.stay
    return (Evidence(stay.ref, str(stay.start)),) if stay is not None else ()


def without_food(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-WD-05."""
    hospital = facts.hospital
    oral = facts.oral.on_oral and is_dependent(facts.oral.established(facts.as_of))
    yield from _too_early(facts, oral=oral)
    if not (hospital.fasts or hospital.surgery):
        if facts.partners.on_baclofen and not facts.chart.was_sent("ServiceRequest", "ProcedureRequest"):
            yield Gap("not-sent", needs=tuple(Need(kind) for kind in PLANNING), high=False)
        return
    if hospital.perioperative_plan:
        return
    if hospital.surgery is not None and not oral and isinstance(facts.it.active, Unknown):
        yield Gap("pump-state-unknown", needs=facts.it.active.needs)
    fasts = tuple(npo for npo in hospital.fasts if _is_long_fast(npo, facts, limits)) if oral else ()
    surgery = hospital.surgery if oral or is_yes(facts.it.active) else None
    acts = (*(npo.act for npo in fasts), *((surgery,) if surgery is not None else ()))
    if not acts:
        return
    hours = _hours_ahead(acts, facts)
    near = surgery is not None and _is_at_most(hospital.surgery_in_h, limits["surgery-near-h"])
    long = any(npo.hours is not None and npo.hours >= limits["fasting-high-from-h"] for npo in fasts)
    orders = (*facts.oral.in_force, *facts.it.in_force)
    yield Finding(
        Severity.HIGH if near or long else Severity.MODERATE,
        evidence=tuple(cite_act(act) for act in acts),
        implicated=name_orders(orders),
        values=known_values({"when": min((act.start for act in acts if act.start), key=_begin, default=None)}),
        notes=note_if(
            timing_unknown=all(act.start is None for act in acts),
            timing_part=len({act.start is None for act in acts}) > 1,
            length_unknown=any(npo.hours is None for npo in fasts),
            pump=is_yes(facts.it.active),
        ),
        variant="soon" if _is_at_most(hours, limits["surgery-near-h"]) else None,
    )


def _too_early(facts: Facts, *, oral: bool) -> Iterator[Gap]:
    """Surgery so far ahead that only a plan can be asked for."""
    later = facts.hospital.later_surgery
    if later is None or facts.hospital.surgery or facts.hospital.perioperative_plan:
        return
    if oral or is_yes(facts.it.active):
        since = facts.hospital.plan_since.date()
        plan = (Need("DocumentReference", ("fact-perioperative-baclofen-plan",), since),)
        yield Gap("too-early", known_values({"when": later.start}), plan, (cite_act(later),), high=False)


def _is_long_fast(npo: Npo, facts: Facts, limits: Limits) -> bool:
    """Nil by mouth for as long as matters, or nobody knows how long; running or soon."""
    if npo.hours is not None and npo.hours < limits["fasting-from-h"]:
        return False
    return npo.start is None or npo.start.first <= facts.as_of + timedelta(days=limits.int("fasting-ahead-days"))


def _hours_ahead(acts: tuple[Act, ...], facts: Facts) -> Decimal | None:
    """Hours until the first of them, negative when it has begun; None when none has a time."""
    starts = [act.start.first for act in acts if act.start is not None]
    if not starts:
        return None
    return Decimal((min(starts) - facts.as_of) // timedelta(hours=1))


def _begin(moment: Moment) -> datetime:
    return moment.first


def _is_at_most(hours: Decimal | None, limit: Decimal) -> bool:
    return hours is not None and hours <= limit

"""Kidneys that fail now, creatinine that flatters, the pump, and the child: what no adult band says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...core.fact import Known, Reason, Unknown, is_no, is_yes
from ...core.rule import DoseCap, Finding, Gap, Said, Severity
from .renal_parts import Oral, make_cap, oral_baclofen
from .said import refs

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits

SEVERE = ("<15", "15-29")
CHILD_CEILINGS = (
    ("renal-child-toddler-from", "renal-child-small-from", "renal-child-toddler-ceiling"),
    ("renal-child-small-from", "renal-child-big-from", "renal-child-small-ceiling"),
    ("renal-child-big-from", "adult-age", "renal-child-big-ceiling"),
)


def acute_injury(facts: Facts, limits: Limits) -> Iterator[Said]:
    del limits
    oral = oral_baclofen(facts)
    if oral is None or is_yes(facts.kidney.dialysis):
        return
    aki = facts.kidney.aki
    if isinstance(aki, Unknown):
        reasons = {Reason.NOT_SENT: "not-sent", Reason.NOT_FINAL: "unconfirmed"}
        yield Gap(reasons.get(aki.reason, "no-baseline"), {}, aki.needs, aki.evidence)
        return
    found = aki.value
    if found is None:
        return
    yield Finding(
        Severity.HIGH,
        (*found.evidence, *oral.evidence()),
        oral.refs,
        values={"dose": oral.shown, "cr0": found.before, "cr1": found.after},
        notes=(found.why, *(() if found.certain else ("date-uncertain",))),
    )


def low_muscle(facts: Facts, limits: Limits) -> Iterator[Said]:
    oral, why = oral_baclofen(facts), facts.person.low_muscle
    if oral is None or not isinstance(why, Known) or why.value is None:
        return
    egfr = facts.kidney.egfr
    if not isinstance(egfr, Known) or not egfr.value.creatinine_based:
        return
    older = facts.person.at_least(limits["older-age"]) is True
    if egfr.value.low < limits["band-g3a-from"] or not (older or oral.top >= limits["renal-muscle-dose-from"]):
        return
    told = facts.person.acknowledged("BAC-RENAL-09", limits["renal-muscle-repeat-days"])
    if facts.kidney.cystatin_egfr_recent or told is not None:
        return
    yield Finding(
        Severity.LOW,
        (*why.evidence, *egfr.value.evidence, *oral.evidence()),
        oral.refs,
        values={"why": why.value, "egfr": egfr.value.shown, "dose": oral.shown},
    )


def intrathecal(facts: Facts, limits: Limits) -> Iterator[Said]:
    active = facts.it.active
    if is_no(active):
        return
    band = facts.kidney.band
    weak = isinstance(band, Known) and band.value.name in SEVERE
    on_dialysis = is_yes(facts.kidney.dialysis)
    if isinstance(active, Unknown):
        if weak or on_dialysis:
            yield Gap("delivery-unclear", {}, active.needs, active.evidence, high=False)
        return
    if not weak and not on_dialysis:
        if isinstance(band, Unknown):
            yield Gap("kidney-unknown", {"about": band.about}, band.needs, band.evidence, high=False)
        return
    if _is_acknowledged(facts, limits):
        return
    dialysis = facts.kidney.dialysis
    orders = tuple(o for o in facts.it.orders if o.status == "active")
    kidneys = (band.evidence if weak else ()) + (dialysis.evidence if on_dialysis else ())
    yield Finding(
        Severity.MODERATE,
        (*active.evidence, *kidneys),
        refs(orders),
        values={"egfr": "not used (dialysis)" if on_dialysis or isinstance(band, Unknown) else band.value.shown},
        notes=("old-value",) if isinstance(band, Known) and band.value.old and weak else (),
    )


def _is_acknowledged(facts: Facts, limits: Limits) -> bool:
    """Acted on in the window, and no intrathecal order is newer than that."""
    told = facts.person.acknowledged("BAC-RENAL-10", limits["renal-acknowledged-days"])
    if told is None or told.at is None:
        return False
    begun = (order.start or order.authored for order in facts.it.orders)
    return all(at is not None and at.first <= told.at.first for at in begun)


def child(facts: Facts, limits: Limits) -> Iterator[Said]:
    person, kidney = facts.person, facts.kidney
    oral = oral_baclofen(facts)
    newborn = person.younger_than_days(limits["renal-newborn-days"])
    if oral is None or person.adult_or_unknown or newborn:
        return
    egfr = kidney.egfr
    if isinstance(egfr, Unknown):
        if egfr.reason is Reason.NOT_COMPUTABLE and not is_yes(kidney.dialysis):
            yield Gap("not-computable", {"about": egfr.about}, egfr.needs, egfr.evidence)
        return
    one = egfr.value
    if not one.is_below(limits["band-g2-from"]):
        if one.low < limits["band-g2-from"]:
            yield Gap("interval", {"about": f"eGFR {one.shown}"}, kidney.newer_than(one.at.day), one.evidence)
        return
    severe = one.is_below(limits["band-g3b-from"])
    yield Finding(
        Severity.HIGH if severe else Severity.MODERATE,
        (*one.evidence, *oral.evidence()),
        oral.refs,
        values={"egfr": one.shown, "dose": oral.shown},
        notes=("old-value",) if one.old else (),
        marks=frozenset({*(("old-value",) if one.old else ()), *(() if severe else ("band-30-59",))}),
        cap=None if severe else _half_ceiling(facts, limits, oral),
    )


def _half_ceiling(facts: Facts, limits: Limits, oral: Oral) -> DoseCap | None:
    """Half of the ceiling for age or for weight, the lower; None when neither is known."""
    person, half = facts.person, limits["renal-child-part"]
    ceilings = [
        limits[ceiling]
        for low, high, ceiling in CHILD_CEILINGS
        if person.at_least(limits[low]) and person.below(limits[high])
    ]
    small = person.below(limits["renal-child-toddler-weight-below"]) is not False
    days = limits.int("renal-child-toddler-weight-days" if small else "child-height-days")
    weight = person.weight(days)
    if isinstance(weight, Known):
        ceilings.append(limits["renal-child-per-kg"] * weight.value)
    return make_cap(oral, min(ceilings) * half) if ceilings else None

"""Oral doses too large, too early, too fast or too far apart, and oral doses in a wrong unit.

Sedation, falls and respiratory depression follow the daily dose, the peak and the speed of its rise;
a dose in micrograms by mouth is an intrathecal one in the wrong place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from ...core.fact import Fact, Known
from ...core.rule import DoseCap, Finding, Judge, Said, Severity
from ...core.taper import TaperPlan, TaperRefusal, plan_taper
from .dose_rise import titration
from .dose_single import interval, single_dose
from .dose_start import starting_dose
from .said import OVERRIDE, coming_steps, daily_words, evidence, oral_orders, refs, shown

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.medicines import DoseStep, Order

RULE = "BAC-DOSE-01"
MICROGRAMS = frozenset({"ug", "mcg", "µg", "μg", "microgram", "micrograms", "mikrogramm", "microgramme"})


def wrong_unit(facts: Facts, limits: Limits) -> Iterator[Said]:
    old_enough = facts.person.at_least(limits["unit-age-from"]) is not False
    infant = facts.person.below(limits["unit-infant-below"]) is True
    for order in oral_orders(facts):
        for step in coming_steps(order, facts.as_of):
            unit, _, per = (step.written_unit or "").lower().partition("/")
            tiny = step.single is not None and 0 < step.single < limits["unit-single-below"]
            if not (unit.strip() in MICROGRAMS or (tiny and old_enough)):
                continue
            if infant and "kg" in per and _has_weight(facts, limits):
                continue
            dose, unit_shown = _as_written(step)
            yield Finding(
                Severity.HIGH,
                (evidence(order, f"{dose} {unit_shown}"),),
                (order.ref,),
                values={"dose": dose, "unit": unit_shown},
                same_as=order.ref,
            )
            break


def _has_weight(facts: Facts, limits: Limits) -> bool:
    return isinstance(facts.person.weight(limits.int("unit-infant-weight-days")), Known)


def _as_written(step: DoseStep) -> tuple[str, str]:
    """Dose and unit as sent, else the dose in mg."""
    sent = step.written_value is not None and bool(step.written_unit)
    dose = step.written_value if sent else step.single
    return shown(dose or Decimal(0)), (step.written_unit or "mg") if sent else "mg"


def daily_maximum(facts: Facts, limits: Limits) -> Iterator[Said]:
    if not facts.person.adult_or_unknown:
        return
    oral, top = facts.oral, limits["dose-daily-max"]
    now = _or_least(oral.daily_dose, oral.at_least)
    dose = max(now, _or_least(oral.max_planned, oral.at_least))
    if dose <= top:
        return
    orders = oral_orders(facts)
    high = dose > limits["dose-daily-high-above"]
    overridden = not high and _is_overridden(facts, limits, orders)
    if overridden and _was_told(facts, limits, orders):
        return
    notes = []
    if not isinstance(oral.max_planned, Known):
        notes.append("at-least")
    elif now < dose:
        notes.append("later-step")
    if overridden:
        notes.append("override")
    taper = _step_down(facts, limits, orders, dose) if now == dose else None
    if isinstance(taper, TaperRefusal):
        notes.append(taper.note)
    yield Finding(
        Severity.HIGH if high else Severity.MODERATE,
        tuple(evidence(order, daily_words(order)) for order in orders),
        refs(orders),
        values={"dose": shown(dose), "limit": shown(top)},
        notes=tuple(notes),
        marks=frozenset({"specialist-override"} if overridden else ()),
        cap=DoseCap(top),
        taper=taper if isinstance(taper, TaperPlan) else None,
    )


def _or_least(dose: Fact[Decimal], least: Decimal) -> Decimal:
    return dose.value if isinstance(dose, Known) else least


def _is_overridden(facts: Facts, limits: Limits, orders: tuple[Order, ...]) -> bool:
    """Did a specialist decide to stay above the limit, with kidneys known to be good enough?"""
    egfr = facts.kidney.egfr
    if not isinstance(egfr, Known) or egfr.value.low < limits["dose-override-egfr-from"]:
        return False
    return facts.person.override(RULE) is not None or any(OVERRIDE in order.concepts for order in orders)


def _was_told(facts: Facts, limits: Limits, orders: tuple[Order, ...]) -> bool:
    told = facts.person.acknowledged(RULE, limits.int("dose-override-days"))
    return told is not None and set(refs(orders)) <= told.implicated


def _step_down(
    facts: Facts, limits: Limits, orders: tuple[Order, ...], dose: Decimal
) -> TaperPlan | TaperRefusal | None:
    """Steps down to the maximum for a patient who takes the dose; None when nobody has taken it yet."""
    if any(order.status == "draft" for order in orders):
        return None
    return plan_taper(
        facts,
        limits,
        start_dose=dose,
        target=limits["dose-daily-max"],
        day0=facts.as_of.date(),
        exposure_days=facts.oral.exposure_days(facts.as_of),
        orders=orders,
    )


RULES: Mapping[str, Judge] = {
    "BAC-UNIT-01": wrong_unit,
    RULE: daily_maximum,
    "BAC-DOSE-02": single_dose,
    "BAC-DOSE-03": starting_dose,
    "BAC-DOSE-04": titration,
    "BAC-DOSE-05": interval,
}

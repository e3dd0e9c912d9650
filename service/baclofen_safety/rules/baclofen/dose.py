"""Oral doses too large, too early, too fast or too far apart, and oral doses in a wrong unit.

Sedation, falls and respiratory depression follow the daily dose, the peak and the speed of its rise;
a dose in micrograms by mouth is an intrathecal one in the wrong place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from ...core.fact import Known
from ...core.rule import DoseCap, Finding, Judge, Said, Severity
from ...core.taper import TaperPlan, TaperRefusal
from .dose_alcohol import alcohol_ceiling
from .dose_child import age_ceiling, weight_ceiling
from .dose_liquid import liquid_strength
from .dose_parts import decided_by_specialist, highest_dose, step_down, was_told
from .dose_rise import titration
from .dose_single import interval, single_dose
from .dose_start import starting_dose
from .said import MICROGRAMS, coming_steps, daily_words, evidence, oral_orders, refs, shown

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.medicines import DoseStep

RULE = "BAC-DOSE-01"


def wrong_unit(facts: Facts, limits: Limits) -> Iterator[Said]:
    old_enough = facts.person.at_least(limits["unit-age-from"]) is not False
    infant = facts.person.below(limits["unit-infant-below"]) is True
    for order in oral_orders(facts):
        for step in coming_steps(order, facts.as_of):
            unit, _, per = (step.written_unit or "").lower().partition("/")
            tiny = step.single is not None and step.single < limits["unit-single-below"]
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
    if step.written_value is not None and step.written_unit:
        return shown(step.written_value), step.written_unit
    return shown(step.single or Decimal(0)), "mg"


def daily_maximum(facts: Facts, limits: Limits) -> Iterator[Said]:
    if not facts.person.adult_or_unknown:
        return
    highest, top = highest_dose(facts), limits["dose-daily-max"]
    dose = highest.dose
    if dose <= top:
        return
    orders = oral_orders(facts)
    high = dose > limits["dose-daily-high-above"]
    overridden = not high and _is_overridden(facts, limits)
    if overridden and was_told(facts, RULE, limits.int("dose-override-days")):
        return
    notes = [*highest.notes, *(("override",) if overridden else ())]
    taper = step_down(facts, limits, orders, dose, top) if highest.taken_now else None
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


def _is_overridden(facts: Facts, limits: Limits) -> bool:
    """Did a specialist decide to stay above the limit, with kidneys known to be good enough?"""
    egfr = facts.kidney.egfr
    if not isinstance(egfr, Known) or egfr.value.low < limits["dose-override-egfr-from"]:
        return False
    return decided_by_specialist(facts, RULE)


RULES: Mapping[str, Judge] = {
    "BAC-UNIT-01": wrong_unit,
    RULE: daily_maximum,
    "BAC-DOSE-02": single_dose,
    "BAC-DOSE-03": starting_dose,
    "BAC-DOSE-04": titration,
    "BAC-DOSE-05": interval,
    "BAC-DOSE-06": age_ceiling,
    "BAC-DOSE-07": weight_ceiling,
    "BAC-DOSE-08": liquid_strength,
    "BAC-DOSE-09": alcohol_ceiling,
}

"""Intrathecal orders that cannot be meant: a thousandfold dose, or a product in the wrong place.

Intrathecal doses are about a thousandth of oral ones. mg written for mcg, an injection given into a vein, or
an oral liquid given into the spine stops breathing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from ...core.concepts import INJECTED_ROUTES, INTRATHECAL_ROUTES, ORAL_ROUTES
from ...core.fact import DOSED
from ...core.measuring import tell
from ...core.medicines import DoseStep
from ...core.rule import Finding, Gap, Judge, Said, Severity
from .intrathecal_dose import daily_dose, first_dose, titration
from .intrathecal_test import candidacy, screening_bolus
from .said import coming_steps, evidence, refs, route_words, shown, standing

if TYPE_CHECKING:
    from ...core.chart import Measurement
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.medicines import Order

ORAL_FORMS = frozenset({"tablet", "liquid", "granules"})
EMPTY = DoseStep(None)


def unit_error(facts: Facts, limits: Limits) -> Iterator[Said]:
    doubtful = {trouble.ref for trouble in facts.chart.troubles if trouble.kind == "unit"}
    for order in standing(facts.it.orders, facts):
        kind = facts.it.kind(order)
        if kind == "refill":
            continue
        for step in coming_steps(order, facts.as_of) or (EMPTY,):
            if _lacks_unit(step, doubtful=order.ref in doubtful):
                yield _without_unit(order, step, kind)
            elif (said := _judge_step(order, step, limits, kind)) is not None:
                yield said
    programme = facts.it.programme_in_force
    if programme is not None and programme.value is not None and programme.value > limits["it-daily-above"]:
        yield _programmed(programme, programme.value, limits, facts.it.in_force)


def _programmed(programme: Measurement, dose: Decimal, limits: Limits, running: tuple[Order, ...]) -> Finding:
    """The pump itself was set to a dose that cannot be meant."""
    swapped = _is_plausible(dose / limits["it-unit-factor"], limits)
    return Finding(
        Severity.HIGH,
        (tell(programme, "programmed dose"),),
        refs(running[:1]),
        values={"dose": programme.shown},
        notes=("programmed", *(("swapped",) if swapped else ())),
        same_as=programme.ref,
    )


def _lacks_unit(step: DoseStep, *, doubtful: bool) -> bool:
    """A number without a unit, or with one the reader could not use."""
    return doubtful and step.daily is None and step.single is None


def _without_unit(order: Order, step: DoseStep, kind: str) -> Finding:
    value = "" if step.written_value is None else shown(step.written_value)
    return _finding(Severity.HIGH, order, (value, ""), (*_doubt(kind), "unit-missing"), step.problems)


def _doubt(kind: str) -> tuple[str, ...]:
    return ("unclear",) if kind == "unclear" else ()


def _judge_step(order: Order, step: DoseStep, limits: Limits, kind: str) -> Said | None:
    """An unclear order holds no daily dose: what it says of one dose is judged as a bolus."""
    infused = kind == "continuous"
    dose = step.daily if infused else step.single or step.daily
    if dose is None:
        return _no_dose(order, ", ".join(step.problems) or order.medicine.name)
    if dose > limits["it-daily-above" if infused else "it-bolus-above"]:
        swapped = _is_plausible(dose / limits["it-unit-factor"], limits)
        return _finding(
            Severity.HIGH, order, _as_written(step, dose), (*_doubt(kind), *(("swapped",) if swapped else ()))
        )
    if infused and dose < limits["it-daily-low-below"]:
        return _finding(Severity.MODERATE, order, _as_written(step, dose), (*_doubt(kind), "low"))
    return None


def _is_plausible(dose: Decimal, limits: Limits) -> bool:
    return limits["it-plausible-from"] <= dose <= limits["it-plausible-to"]


def _as_written(step: DoseStep, dose: Decimal) -> tuple[str, str]:
    """Dose and unit as sent, else the dose computed."""
    if step.written_value is None or not step.written_unit:
        return shown(dose), "mcg"
    return shown(step.written_value), step.written_unit


def _finding(
    severity: Severity,
    order: Order,
    dose: tuple[str, str],
    notes: tuple[str, ...],
    problems: tuple[str, ...] = (),
) -> Finding:
    said = " ".join(part for part in dose if part) or ", ".join(problems)
    return Finding(
        severity,
        (evidence(order, said),),
        (order.ref,),
        values={"dose": said, "missing": problems},
        notes=notes,
        same_as=order.ref,
    )


def _no_dose(order: Order, missing: str) -> Gap:
    return Gap("dose", {"missing": missing}, (DOSED,), (evidence(order, ""),))


def wrong_route(facts: Facts, limits: Limits) -> Iterator[Said]:
    del limits  # nothing to measure: a mismatch is one at any dose
    for order in standing(facts.chart.baclofen, facts):
        if (route := _mismatch(order)) is None:
            continue
        form = order.medicine.form or route_words(order.medicine.product_route) or order.medicine.name
        yield Finding(
            Severity.HIGH,
            (evidence(order, f"{form}, {route}"),),
            (order.ref,),
            values={"form": form, "route": route},
            same_as=order.ref,
        )


def _mismatch(order: Order) -> str | None:
    """In words the route of an injection elsewhere than into the spine, of an oral product into it, of any elsewhere.

    Where product and route fit and the order contradicts itself, another of its dosages has another route.
    """
    medicine, route = order.medicine, order.route
    if route is None:
        return None
    spinal, oral = route in INTRATHECAL_ROUTES, medicine.form in ORAL_FORMS
    for_spine = medicine.form == "injection" or medicine.product_route in INTRATHECAL_ROUTES
    if route in INJECTED_ROUTES or (for_spine and not spinal) or (oral and spinal):
        return route_words(route)
    if not order.route_conflict or (oral and route not in ORAL_ROUTES):
        return None
    return f"{route_words(route)} and another route" if oral or for_spine else route_words(route)


RULES: Mapping[str, Judge] = {
    "BAC-IT-01": unit_error,
    "BAC-IT-02": daily_dose,
    "BAC-IT-03": screening_bolus,
    "BAC-IT-04": titration,
    "BAC-IT-05": wrong_route,
    "BAC-IT-06": first_dose,
    "BAC-IT-07": candidacy,
}

"""Before there is a pump: test doses in small steps a day apart, and who may have one.

A test dose too large or too early stops breathing; a pump without a positive test, or into an infection, only harms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ...core.fact import BIRTH, Evidence, Known, Unknown, is_yes
from ...core.problem_list import told
from ...core.rule import Finding, Gap, Said, Severity
from .said import days, evidence, shown

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.screening import ItBolus

NO_DOSE = "no-dose"
INJURY = "cond-traumatic-brain-injury"


def screening_bolus(facts: Facts, limits: Limits) -> Iterator[Said]:
    if is_yes(facts.it.pump_present) or facts.screening.already_treated:
        return
    boluses = facts.screening.it_boluses
    for index, bolus in enumerate(boluses):
        if not bolus.due or bolus.order is None:
            continue
        before = boluses[:index]
        if _weight_matters(bolus, facts, limits) and isinstance(facts.person.child_weight, Unknown):
            yield Gap("weight", needs=facts.person.child_weight.needs, high=False)
        lines = list(_lines(bolus, before, facts, limits))
        if not lines:
            continue
        dose = shown(bolus.mcg) if bolus.mcg is not None else ""
        yield Finding(
            max((severity for severity, _ in lines), key=lambda one: one.rank),
            (evidence(bolus.order, _dose(bolus)), *(Evidence(one.ref, _says(one)) for one in before[-1:])),
            (bolus.ref,),
            values={
                "dose": dose,
                "previous": _says(before[-1]) if before else "",
                "strength": shown(bolus.concentration) if bolus.concentration is not None else "",
            },
            notes=(*(note for _, note in lines), *((NO_DOSE,) if bolus.mcg is None else ())),
            same_as=f"{bolus.ref} {index}",
        )


def _lines(bolus: ItBolus, before: Sequence[ItBolus], facts: Facts, limits: Limits) -> Iterator[tuple[Severity, str]]:
    """Every line a test dose crosses, with its note."""
    mcg, last = bolus.mcg, before[-1] if before else None
    time_of = facts.screening.time_of
    if last is not None and time_of(bolus) - time_of(last) < days(limits, "it-test-interval"):
        yield Severity.HIGH, "interval"
    if bolus.repeated:
        yield Severity.HIGH, "repeated"
    if mcg is not None:
        if mcg > limits["it-test-above"]:
            yield Severity.HIGH, "large"
        if last is None and mcg > limits["it-test-first-above"]:
            yield Severity.MODERATE, "first"
        if last is not None and last.mcg is not None and mcg - last.mcg > limits["it-test-step-above"]:
            yield Severity.MODERATE, "step"
        if _weight_matters(bolus, facts, limits) and _is_small(facts, limits):
            yield Severity.MODERATE, "small-child"
    strong = bolus.concentration is not None and bolus.concentration > limits["it-test-concentration-above"]
    if strong and not bolus.diluted:
        yield Severity.MODERATE, "undiluted"


def _weight_matters(bolus: ItBolus, facts: Facts, limits: Limits) -> bool:
    """A dose that is too large for a very small child, in a child."""
    child = facts.person.below(limits["adult-age"]) is True
    return child and bolus.mcg is not None and bolus.mcg > limits["it-test-small-above"]


def _is_small(facts: Facts, limits: Limits) -> bool:
    weight = facts.person.child_weight
    return isinstance(weight, Known) and weight.value < limits["it-test-small-below"]


def _dose(bolus: ItBolus) -> str:
    return f"{shown(bolus.mcg)} mcg" if bolus.mcg is not None else ""


def _says(bolus: ItBolus) -> str:
    return " ".join(part for part in (_dose(bolus), str(bolus.at or "undated")) if part)


def candidacy(facts: Facts, limits: Limits) -> Iterator[Said]:
    screening, person = facts.screening, facts.person
    planned = _planned_pump(facts)
    about = planned or screening.test_planned
    if about is None or screening.already_treated:
        return
    infection = facts.conditions.infection_active
    if isinstance(infection, Unknown):
        yield Gap("infection", needs=infection.needs, evidence=(about,))
    if person.below(limits["it-age-from"]) is None:
        yield Gap("age", needs=(BIRTH,), evidence=(about,), high=False)
    found = [("active infection", infection.evidence)] if is_yes(infection) else []
    if person.below(limits["it-age-from"]) is True:
        found.append((f"age below {shown(limits['it-age-from'])}", ()))
    if planned is not None:
        found += _pump_gaps(facts, limits)
    if not found:
        return
    yield Finding(
        Severity.HIGH if is_yes(infection) else Severity.MODERATE,
        (about, *(one for _, seen in found for one in seen)),
        (about.reference,),
        values={"gap": ", ".join(gap for gap, _ in found)},
        notes=() if planned is not None else ("test-only",),
    )


def _planned_pump(facts: Facts) -> Evidence | None:
    """A first infusion drafted, or a first pump to be implanted."""
    first, implant = facts.screening.first_infusion, facts.it.implant_planned
    if first is not None and first.status == "draft":
        return evidence(first, "")
    if implant is None or is_yes(facts.it.pump_present):
        return None
    return Evidence(implant.ref, implant.text)


def _pump_gaps(facts: Facts, limits: Limits) -> Iterator[tuple[str, tuple[Evidence, ...]]]:
    """What stands against a pump beside infection and age."""
    injuries = facts.person.problems(INJURY, "active", "history")
    late = tuple(one for one in injuries if facts.person.is_fresh(one, limits["it-brain-injury-days"]))
    if late:
        yield "recent brain injury", told(late)
    test = facts.screening.test
    if test is None or test.positive is None:
        yield "no positive test documented", ()
    elif not test.positive:
        yield "test dose not positive", test.evidence

"""Checks that keep long treatment safe, when they are due.

Baclofen leaves by the kidneys, its use outlives its benefit, and a child outgrows its dose: nobody feels any of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from ...core.fact import Evidence, Fact, Known, Unknown, is_yes
from ...core.kidney_risks import kidney_risks
from ...core.measuring import is_recent, tell, time_of
from ...core.rule import Finding, Gap, Judge, Said, Severity
from .said import daily_words, evidence, is_known_user, oral_orders, refs, shown, start_needs

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.medicines import Order
    from ...core.moment import Moment


def last_seen(fact: Fact[Moment | None]) -> Moment | None:
    """When it was last done; None when it is on no record, or nobody looked."""
    return fact.value if isinstance(fact, Known) else None


def is_due(fact: Fact[Moment | None], days: Decimal, facts: Facts) -> bool:
    """Is nothing on record inside the window?"""
    last = last_seen(fact)
    return last is None or not is_recent(last, days, facts.as_of)


def day_or_none(fact: Fact[Moment | None]) -> str:
    """The day it was last done, in words; where nobody looked, that it is not known."""
    last = last_seen(fact)
    return str(last.day) if last else "not known" if isinstance(fact, Unknown) else "none"


def unusable_test(facts: Facts, days: Decimal) -> tuple[tuple[str, ...], dict[str, str], tuple[Evidence, ...]]:
    """Note, values and evidence of a kidney test inside the window that came and cannot be used."""
    found = facts.kidney.newest_unusable
    if found is None or not is_recent(time_of(found), days, facts.as_of):
        return (), {}, ()
    told = {"result": str(time_of(found).day), "problem": facts.kidney.why_unusable(found)}
    return ("unusable",), told, (tell(found, "kidney test"),)


def kidney_overdue(facts: Facts, limits: Limits) -> Iterator[Said]:
    tested = facts.follow_up.kidney_test_at
    days, why = _kidney_interval(facts, limits)
    if not _is_established(facts, limits) or not is_due(tested, days, facts):
        return
    orders, risks = facts.partners.baclofen, kidney_risks(facts)
    weak, ckd = _known_weak(facts, limits), facts.kidney.ckd_stage
    late = is_due(tested, days * limits["monitor-kidney-late-factor"], facts)
    note, told, seen = unusable_test(facts, days)
    yield Finding(
        Severity.MODERATE if late and weak else Severity.LOW,
        (
            *tested.evidence,
            *ckd.evidence,
            *(evidence(order, daily_words(order)) for order in orders),
            *(said for risk in risks for said in risk.evidence),
            *seen,
        ),
        refs(orders),
        values={
            **told,
            "date": day_or_none(tested),
            "days": shown(days),
            "partner": ", ".join(risk.name for risk in risks),
        },
        notes=(why, *(note or (("none-received",) if isinstance(tested, Unknown) else ()))),
    )


def _is_established(facts: Facts, limits: Limits) -> bool:
    """Baclofen in force that has lasted, oral or by pump."""
    if facts.oral.in_force and is_yes(facts.oral.ordered_established(facts.as_of)):
        return True
    began = facts.it.started_at
    days = limits["established-days"] if began is None else began.days_before(facts.as_of) + 1
    return is_yes(facts.it.active) and days >= limits["established-days"]


def _kidney_interval(facts: Facts, limits: Limits) -> tuple[Decimal, str]:
    """How many days a kidney test holds, and the note that says why. Of an eGFR interval the lower end counts."""
    if not facts.oral.in_force:
        return limits["monitor-kidney-pump-days"], "interval-pump"
    egfr = facts.kidney.egfr
    low = egfr.value.low if isinstance(egfr, Known) else None
    if low is not None and low < limits["band-g3a-from"]:
        return limits["monitor-kidney-close-days"], "interval-severe"
    if low is not None and low < limits["band-g2-from"]:
        return limits["monitor-kidney-closer-days"], "interval-mild"
    if facts.person.at_least(limits["older-age"]) is not False:
        return limits["monitor-kidney-closer-days"], "interval-older"
    if kidney_risks(facts):
        return limits["monitor-kidney-closer-days"], "interval-kidney-risk"
    return limits["monitor-kidney-days"], "interval-standard"


def _known_weak(facts: Facts, limits: Limits) -> bool:
    """A chronic kidney disease is listed, or the last eGFR was low."""
    stage, egfr = facts.kidney.ckd_stage, facts.kidney.egfr
    if isinstance(stage, Known) and stage.value is not None:
        return True
    return isinstance(egfr, Known) and egfr.value.low < limits["band-g2-from"]


def no_baseline(facts: Facts, limits: Limits) -> Iterator[Said]:
    tested = facts.follow_up.kidney_test_at
    days = limits["baseline-kidney-closer-days" if _needs_fresh_test(facts, limits) else "baseline-kidney-days"]
    if not is_due(tested, days, facts) or is_known_user(facts):
        return
    starts = [order for order in facts.oral.started_within(limits.int("new-start-days")) if not _one_dose(order)]
    new = tuple(order for order in starts if is_yes(facts.oral.naive(order)))
    unsure = tuple(order for order in starts if isinstance(facts.oral.naive(order), Unknown))
    if not new:
        if unsure:
            yield Gap(
                "exposure-unknown",
                needs=start_needs(facts, unsure),
                evidence=tuple(evidence(order, daily_words(order)) for order in unsure),
                high=False,
            )
        return
    note, told, seen = unusable_test(facts, days)
    notes = (
        ("older", facts.person.at_least(limits["older-age"]) is True),
        ("none-received", isinstance(tested, Unknown) and not note),
    )
    yield Finding(
        Severity.MODERATE,
        (*tested.evidence, *(evidence(order, daily_words(order)) for order in new), *seen),
        refs(new),
        values={**told, "date": day_or_none(tested), "days": shown(days)},
        notes=(*note, *(name for name, holds in notes if holds)),
    )


def _one_dose(order: Order) -> bool:
    """A single dose, as in an emergency."""
    return bool(order.steps) and all(step.once for step in order.steps)


def _needs_fresh_test(facts: Facts, limits: Limits) -> bool:
    """Old age, kidney disease, diabetes or a medicine that may harm kidneys: their function changes faster."""
    stage = facts.kidney.ckd_stage
    if facts.person.at_least(limits["older-age"]) is not False or is_yes(facts.conditions.diabetes):
        return True
    return (isinstance(stage, Known) and stage.value is not None) or bool(kidney_risks(facts))


def benefit_review(facts: Facts, limits: Limits) -> Iterator[Said]:
    orders = facts.oral.in_force
    reviewed, steady = facts.follow_up.reviewed_at, facts.follow_up.dose_unchanged_days
    if not orders or is_yes(facts.it.active) or isinstance(reviewed, Unknown):
        return
    if isinstance(steady, Known) and steady.value < limits["review-stable-days"]:
        return
    if is_due(reviewed, limits["review-days"], facts):
        yield Finding(
            Severity.LOW,
            (*reviewed.evidence, *(evidence(order, daily_words(order)) for order in orders)),
            refs(orders),
            values={"date": day_or_none(reviewed)},
        )


def laboratory_check(facts: Facts, limits: Limits) -> Iterator[Said]:
    if not facts.partners.on_baclofen:
        return
    checks = (
        ("liver", facts.conditions.liver, facts.follow_up.liver_tests_at),
        ("glucose", facts.conditions.diabetes, facts.follow_up.glucose_at),
    )
    overdue = [(name, why, last) for name, why, last in checks if is_due(last, limits["check-days"], facts)]
    due = [(name, why, last) for name, why, last in overdue if is_yes(why)]
    if due:
        told = [said for _, why, last in due for said in (*why.evidence, *last.evidence)]
        yield Finding(
            Severity.LOW,
            tuple(told),
            refs(facts.partners.baclofen),
            values={name: day_or_none(last) for name, _, last in due},
            notes=tuple(name for name, _, _ in due),
        )
    for name, why, _ in overdue:
        if isinstance(why, Unknown):
            yield Gap(name, {}, why.needs, high=False)


def child_weight(facts: Facts, limits: Limits) -> Iterator[Said]:
    person, orders = facts.person, oral_orders(facts)
    if not orders or not person.below(limits["adult-age"]):
        return
    settled = person.weight(limits["weight-settled-days"])
    big = isinstance(settled, Known) and settled.value >= limits["weight-settled-from"]
    if isinstance(person.child_weight, Known) or (big and person.at_least(limits["weight-settled-age"])):
        return
    yield Finding(
        Severity.LOW,
        (*settled.evidence, *(evidence(order, daily_words(order)) for order in orders)),
        refs(orders),
    )


RULES: Mapping[str, Judge] = {
    "BAC-MON-01": kidney_overdue,
    "BAC-MON-02": no_baseline,
    "BAC-MON-03": benefit_review,
    "BAC-MON-04": laboratory_check,
    "BAC-MON-05": child_weight,
}

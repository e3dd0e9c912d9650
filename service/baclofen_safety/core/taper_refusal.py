"""When no standard schedule may be suggested: the dose must be held, kept, or planned by a specialist."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from .fact import Fact, Known, is_no, is_yes

if TYPE_CHECKING:
    from .facts import Facts
    from .knowledge import Limits
    from .medicines import Order

TAPERED_ALONE = frozenset({"med-opioid", "med-benzodiazepine", "med-barbiturate"})
WITHDRAWAL_SIGNS = (
    "cond-hallucination",
    "cond-rhabdomyolysis",
    "cond-fever-hyperthermia",
    "cond-drug-withdrawal-other",
    "cond-baclofen-underdosing",
)


def find_refusal(facts: Facts, limits: Limits, *, replacing: bool) -> str | None:
    """The first reason in the patient against a schedule, as a key of ``taper.toml``; None: there is none.

    Reasons that ask for another act at once come first. What nobody knows is no "no". ``replacing``: the
    schedule is to replace the one the patient is on.
    """
    for find in (_from_acute_state, _from_patient, _from_plans):
        for reason in find(facts, limits, replacing):
            return reason
    return None


def find_no_need(facts: Facts, limits: Limits, orders: tuple[Order, ...], exposure_days: Fact[int]) -> str | None:
    """Why no steps down are needed, as a key of ``taper.toml``: a first order not begun, or taken for days only.

    Only where it is known that nothing was taken before it: an order may be an older one written anew.
    """
    told = orders or facts.oral.in_force
    if not told or not isinstance(exposure_days, Known) or exposure_days.value >= limits["taper-exposure-days-from"]:
        return None
    if not all(is_yes(facts.oral.naive(order)) for order in told):
        return None
    used = any(True for _ in facts.oral.record.use_proofs)
    return "too-short" if used or exposure_days.value > limits["taper-not-begun-days"] else "not-begun"


def find_dose_refusal(
    facts: Facts, limits: Limits, dose: Decimal | None, target: Decimal, orders: tuple[Order, ...]
) -> str | None:
    """The reason in the orders or the dose against a schedule, as a key of ``taper.toml``."""
    if all(order.as_needed for order in orders) if orders else facts.oral.prn_only:
        return "as-needed"
    if any(order.presumed for order in orders) or (orders and all(order.status == "unknown" for order in orders)):
        return "presumed"
    if dose is None:
        return "dose-unknown"
    if _is_doubled(facts, limits, orders):
        return "doubled"
    if dose > limits["taper-dose-up-to"]:
        return "dose-too-high"
    return "dose-not-above-target" if dose <= target else None


def _is_doubled(facts: Facts, limits: Limits, orders: tuple[Order, ...]) -> bool:
    """Do two orders that are no one regimen run together? Which of them is taken, nobody knows."""
    told = {order.ref for order in orders}
    if len(told) <= 1:
        return False
    once = {order.ref for order in facts.oral.counted_once}
    return any(
        {pair.a.ref, pair.b.ref} <= told
        and not {pair.a.ref, pair.b.ref} & once
        and not (pair.one_regimen or pair.replaced or pair.governed)
        and (pair.hours is None or pair.hours > limits["follow-on-hours"])
        for pair in facts.oral.overlaps
    )


def _from_acute_state(facts: Facts, limits: Limits, _replacing: bool) -> Iterator[str]:
    person = facts.person
    if is_yes(facts.signs.overdose_event):
        yield "overdose"
    if is_yes(facts.signs.toxicity_suspected):
        aki = facts.kidney.aki
        yield "drowsy-aki" if isinstance(aki, Known) and aki.value is not None else "toxicity"
    if any(person.is_fresh(sign, limits["sign-days"]) for sign in person.active(WITHDRAWAL_SIGNS)):
        yield "withdrawal"


def _from_patient(facts: Facts, limits: Limits, _replacing: bool) -> Iterator[str]:
    person = facts.person
    if is_yes(person.pregnant):
        yield "pregnancy"
    if is_yes(person.seizure_disorder):
        yield "seizures"
    if person.end_of_life_care:
        yield "end-of-life"
    infant = person.below(limits["taper-infant-below"])
    if infant is None:
        yield "age-unknown"
    if infant:
        yield "too-young"
    if not person.adult_or_unknown and not isinstance(person.weight(limits.int("taper-weight-days")), Known):
        yield "child-weight"
    if not all(map(is_no, (facts.signs.toxicity_suspected, person.pregnant, person.seizure_disorder))):
        yield "problems-unknown"


def _from_plans(facts: Facts, limits: Limits, replacing: bool) -> Iterator[str]:
    if _converts_to_pump(facts, limits):
        yield "pump-conversion"
    if facts.oral.plan is not None and not replacing:
        yield "already-tapering"
    if any(_is_stepped_down(facts, order) for order in facts.chart.orders):
        yield "other-taper"


def _converts_to_pump(facts: Facts, limits: Limits) -> bool:
    window = timedelta(days=limits.int("taper-conversion-days"))
    started, planned = facts.it.started_at, facts.it.implant_planned
    if started is not None and started.within(window, facts.as_of):
        return True
    return planned is not None and (planned.start is None or planned.start.first <= facts.as_of + window)


def _is_stepped_down(facts: Facts, order: Order) -> bool:
    """An order of a medicine that must not be stepped down together with baclofen, itself going down."""
    if order.status not in ("active", "draft") or not TAPERED_ALONE & order.medicine.concepts:
        return False
    before = [old for old in facts.chart.orders if old.ref == order.replaces and old.steps]
    doses = [step.daily for old in before for step in old.steps[-1:]] + [step.daily for step in order.steps]
    known = [dose for dose in doses if dose is not None]
    return bool(known) and known[-1] < known[0]

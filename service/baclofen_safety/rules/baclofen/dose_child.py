"""Oral doses too large for a child: above the ceiling of the age, or too many milligrams per kilogram.

Small children breathe less deeply on less of it, and a tablet cannot be divided as finely as they need.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from ...core.fact import BIRTH, Evidence, Known, Need
from ...core.rule import DoseCap, Finding, Gap, Said, Severity
from .dose_parts import decided_by_specialist, highest_dose, was_told
from .said import daily_words, evidence, oral_orders, refs, shown

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.medicines import Order

RULE = "BAC-DOSE-06"


@dataclass(frozen=True, slots=True)
class AgeBand:
    """Names of limits: the age the band ends at, and the daily doses above which a dose is told."""

    below: str
    high: str
    moderate: str | None = None

    @property
    def ceiling(self) -> str:
        return self.moderate or self.high


BANDS = (
    AgeBand("child-toddler-below", "child-toddler-high-above", "child-toddler-above"),
    AgeBand("child-young-below", "child-young-high-above"),
    AgeBand("child-middle-below", "child-middle-high-above"),
    AgeBand("adult-age", "child-teen-high-above", "child-teen-above"),
)


def age_ceiling(facts: Facts, limits: Limits) -> Iterator[Said]:
    person, orders = facts.person, oral_orders(facts)
    if not orders:
        return
    child = person.below(limits["adult-age"])
    if child is None:
        dose, anybody = highest_dose(facts).dose, person.age_years is None
        if anybody or dose > limits["child-teen-above"]:
            top = limits["child-young-high-above" if anybody else "child-teen-high-above"]
            yield Gap("age", {"dose": shown(dose)}, (BIRTH,), high=dose > top)
    if child is not True:
        return
    infant = person.below(limits["child-infant-below"]) is not False
    yield from (_judge_infant if infant else _judge_child)(facts, limits, orders)


def _judge_infant(facts: Facts, limits: Limits, orders: tuple[Order, ...]) -> Iterator[Said]:
    """Any oral dose is told; per kilogram it may be high."""
    highest, weight = highest_dose(facts), facts.person.child_weight
    top = weight.value * limits["child-infant-high-above"] if isinstance(weight, Known) else None
    high = top is not None and highest.dose > top
    notes = (*highest.notes, "infant", *(("weight-unknown",) if top is None else ()))
    age = f"<{shown(limits['child-infant-below'])}"
    cap = DoseCap(top) if high and top is not None else None
    yield _ceiling(facts, limits, (orders, weight.evidence), high, (age, highest.dose, Decimal(0)), notes, cap)


def _judge_child(facts: Facts, limits: Limits, orders: tuple[Order, ...]) -> Iterator[Said]:
    band, highest = _band(facts, limits), highest_dose(facts)
    ceiling = limits[band.ceiling]
    if highest.dose <= ceiling:
        return
    high = highest.dose > limits[band.high]
    said = (str(facts.person.age_years), highest.dose, ceiling)
    yield _ceiling(facts, limits, (orders, ()), high, said, highest.notes, DoseCap(ceiling))


def _band(facts: Facts, limits: Limits) -> AgeBand:
    """The youngest band the child may be in."""
    return next(band for band in BANDS if facts.person.below(limits[band.below]) is not False)


def _ceiling(  # noqa: PLR0913, PLR0917 - the parts of one finding
    facts: Facts,
    limits: Limits,
    seen: tuple[tuple[Order, ...], tuple[Evidence, ...]],
    high: bool,
    said: tuple[str, Decimal, Decimal],
    notes: tuple[str, ...],
    cap: DoseCap | None,
) -> Finding:
    """A dose above the ceiling. A specialist's decision keeps a moderate one quiet once it was told."""
    orders, more = seen
    age, dose, ceiling = said
    decided = not high and decided_by_specialist(facts, RULE)
    told = decided and was_told(facts, RULE, limits.int("child-override-days"))
    return Finding(
        Severity.HIGH if high else Severity.MODERATE,
        (*(evidence(order, daily_words(order)) for order in orders), *more),
        refs(orders),
        values={"age": age, "cap": shown(ceiling), **({"dose": shown(dose)} if dose else {})},
        notes=(*notes, *(("override",) if decided else ())),
        marks=frozenset({"specialist-override"} if told else ()),
        cap=cap,
    )


def weight_ceiling(facts: Facts, limits: Limits) -> Iterator[Said]:
    person, orders = facts.person, oral_orders(facts)
    if person.below(limits["adult-age"]) is not True or not orders:
        return
    tall = person.at_least(limits["child-per-kg-below-age"]) is True
    weight = person.child_weight
    if tall and _was_heavy(facts, limits):
        return
    if not isinstance(weight, Known):
        yield Gap("weight", needs=weight.needs)
        return
    lines = list(_lines(facts, limits, weight.value, per_kg=not tall or weight.value < limits["child-per-kg-below"]))
    if any(line[1] == "history" for line in lines):
        yield Gap("history", {"weight": shown(weight.value)}, (Need("MedicationRequest"),), high=False)
    found = [(severity, note) for severity, note in lines if severity is not None]
    if not found:
        return
    dose, worst = highest_dose(facts).dose, max((severity for severity, _ in found), key=lambda one: one.rank)
    notes = tuple(note for _, note in found)
    yield Finding(
        worst,
        (*(evidence(order, daily_words(order)) for order in orders), *weight.evidence),
        refs(orders),
        values={
            "weight": shown(weight.value),
            "top": shown(limits["child-per-kg-above"]),
            "start": shown(limits["child-start-above"]),
            "tablets": shown(limits["child-tablets-below"]),
            **({"dose": shown(dose / weight.value)} if dose else {}),
        },
        notes=notes,
        cap=_cap(facts, limits, weight.value) if "above-daily" in notes else None,
    )


def _was_heavy(facts: Facts, limits: Limits) -> bool:
    """Heavy enough for adult doses in the last year; children of this age do not lose that much."""
    weight = facts.person.weight(limits["child-heavy-days"])
    return isinstance(weight, Known) and weight.value >= limits["child-per-kg-below"]


def _lines(facts: Facts, limits: Limits, weight: Decimal, *, per_kg: bool) -> Iterator[tuple[Severity | None, str]]:
    """Every line that is crossed, with its note; a start whose history nobody sent has no severity."""
    dose = highest_dose(facts).dose / weight
    if per_kg and dose > limits["child-per-kg-above"]:
        yield Severity.HIGH if dose > limits["child-per-kg-high-above"] else Severity.MODERATE, "above-daily"
    for order in facts.oral.started_within(limits.int("new-start-days")) if per_kg else ():
        first, naive = facts.oral.first_step(order), facts.oral.naive(order)
        if not isinstance(first, Known) or first.value / weight <= limits["child-start-above"]:
            continue
        if not isinstance(naive, Known):
            yield None, "history"
        elif naive.value:
            much = first.value / weight > limits["child-start-high-above"]
            yield Severity.MODERATE if much else Severity.LOW, "above-start"
    if weight < limits["child-tablets-below"] and any(o.medicine.form == "tablet" for o in oral_orders(facts)):
        yield Severity.LOW, "tablets"


def _cap(facts: Facts, limits: Limits, weight: Decimal) -> DoseCap:
    """The lower of the dose per kilogram and the ceiling of the age; below the bands the first alone."""
    per_kg = weight * limits["child-per-kg-above"]
    if facts.person.below(limits["child-infant-below"]) is not False:
        return DoseCap(per_kg)
    return DoseCap(min(per_kg, limits[_band(facts, limits).ceiling]))

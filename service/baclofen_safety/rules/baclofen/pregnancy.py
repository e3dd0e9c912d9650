"""Baclofen in pregnancy, in milk, and in the newborn who had it before birth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.fact import Evidence, Known, Reason, Unknown, is_yes
from ...core.motherhood import youngest_days
from ...core.rule import Finding, Gap, Judge, Said, Severity
from .pregnancy_newborn import exposed_newborn
from .pregnancy_weaning import weaning
from .said import daily_words, evidence, refs

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.gestation import Gestation
    from ...core.knowledge import Limits

PUMP_ONLY = frozenset({"itb-only"})
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Therapy:
    """Baclofen by mouth and by pump, as far as it reaches the blood of mother and child."""

    evidence: tuple[Evidence, ...]
    orders: tuple[str, ...]
    by_mouth: bool
    pump: bool

    @property
    def marks(self) -> frozenset[str]:
        return NOTHING if self.by_mouth else PUMP_ONLY

    @property
    def words(self) -> str:
        return " and ".join(word for word, holds in (("oral", self.by_mouth), ("intrathecal", self.pump)) if holds)


def read_therapy(facts: Facts) -> Therapy | None:
    """None without oral baclofen and without a pump that delivers it."""
    oral, pump = facts.oral.speaking, facts.it.active
    if not oral and not is_yes(pump):
        return None
    running = facts.it.in_force if is_yes(pump) else ()
    spoken = pump.evidence if is_yes(pump) else ()
    return Therapy(
        (*(evidence(order, daily_words(order)) for order in oral), *spoken),
        refs((*oral, *running)),
        bool(oral),
        is_yes(pump),
    )


def pregnancy(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-PREG-01."""
    therapy, pregnant = read_therapy(facts), facts.person.pregnant
    if therapy is None or not is_yes(pregnant) or _is_late(facts, limits):
        return
    gestation = facts.motherhood.gestation
    yield Finding(
        Severity.MODERATE,
        (*pregnant.evidence, *gestation.evidence, *therapy.evidence),
        therapy.orders,
        values=_age(gestation),
        notes=(_age_note(gestation),),
    )


def near_delivery(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-PREG-02."""
    therapy, pregnant = read_therapy(facts), facts.person.pregnant
    if therapy is None:
        return
    if isinstance(pregnant, Unknown):
        wondered = pregnant.reason is Reason.NOT_FINAL
        yield Gap("suspected" if wondered else "pregnancy", needs=pregnant.needs, evidence=pregnant.evidence)
    elif pregnant.value and _is_late(facts, limits):
        gestation = facts.motherhood.gestation
        yield Finding(
            Severity.HIGH,
            (*pregnant.evidence, *gestation.evidence, *therapy.evidence),
            therapy.orders,
            values=_age(gestation) | {"form": therapy.words.capitalize()},
            notes=(_age_note(gestation),),
            marks=therapy.marks,
        )


def _is_late(facts: Facts, limits: Limits) -> bool:
    """By weeks, or by the days left up to the expected date of delivery."""
    gestation = facts.motherhood.gestation
    left = gestation.days_to_go(facts.as_of)
    old = gestation.weeks is not None and gestation.weeks >= limits["late-pregnancy-weeks"]
    return old or (left is not None and left <= limits["delivery-near-days"])


def _age(gestation: Gestation) -> dict[str, object]:
    weeks = None if gestation.weeks is None else int(gestation.weeks)
    return {name: said for name, said in (("weeks", weeks), ("due", gestation.due)) if said is not None}


def _age_note(gestation: Gestation) -> str:
    if gestation.due is not None:
        return "due"
    if gestation.weeks is None:
        return "weeks-unknown"
    return "at-least" if gestation.at_least else "weeks"


def breastfeeding(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-LACT-01."""
    therapy, nursing = read_therapy(facts), facts.motherhood.nursing
    if therapy is None:
        return
    if isinstance(nursing, Unknown):
        yield Gap("nursing", needs=nursing.needs)
    elif nursing.value.now:
        born, preterm = facts.motherhood.infant_born, facts.motherhood.infant_preterm
        days = youngest_days(born.value, facts.as_of) if isinstance(born, Known) else None
        small = days is None or days < limits["young-infant-below"] or preterm
        notes = (("infant-age-unknown", days is None), ("preterm", preterm), ("pump", bool(therapy.marks)))
        yield Finding(
            Severity.MODERATE if small else Severity.LOW,
            (*nursing.value.evidence, *born.evidence, *therapy.evidence),
            therapy.orders,
            notes=tuple(note for note, holds in notes if holds),
            marks=therapy.marks,
        )


RULES: Mapping[str, Judge] = {
    "BAC-PREG-01": pregnancy,
    "BAC-PREG-02": near_delivery,
    "BAC-LACT-01": breastfeeding,
    "BAC-LACT-02": weaning,
    "BAC-NEO-01": exposed_newborn,
}

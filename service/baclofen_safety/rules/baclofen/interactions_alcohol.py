"""Alcohol: a sedative no order shows, and in many who take baclofen for it the disease itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.classes import BENZOS, OPIOIDS
from ...core.fact import Evidence, Known, Unknown
from ...core.problem_list import told
from ...core.rule import Finding, Said, Severity
from .interactions_parts import cite, implicate, names
from .said import daily_words, evidence, shown

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits

INTOXICATION = "cond-alcohol-intoxication"


@dataclass(frozen=True, slots=True)
class Drinking:
    """What a score or a count says of hazardous drinking; nothing when it says none."""

    notes: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    evidence: tuple[Evidence, ...] = ()


def alcohol(facts: Facts, limits: Limits) -> Iterator[Said]:
    if not facts.partners.on_baclofen:
        return
    disorder, ordered = told(facts.conditions.drinking), _ordered_for_it(facts)
    drinking, drunk = _drinking(facts, limits), _intoxicated(facts)
    if not disorder and not ordered and not drinking.notes and not drunk:
        return
    added = facts.partners.of(*OPIOIDS, *BENZOS)
    notes = (("ordered", bool(ordered)), ("drug", bool(added)), ("intoxicated", bool(drunk)))
    yield Finding(
        Severity.HIGH if added or drunk else Severity.MODERATE,
        tuple(dict.fromkeys((*disorder, *ordered, *drinking.evidence, *drunk, *cite(added)))),
        implicate(facts, added),
        values={"drug": names(added), **dict(drinking.values)},
        notes=(*drinking.notes, *(note for note, holds in notes if holds)),
    )


def _ordered_for_it(facts: Facts) -> tuple[Evidence, ...]:
    """Orders of baclofen that are written against drinking."""
    return tuple(
        evidence(order, daily_words(order)) for order in facts.partners.baclofen if order.indication == "alcohol"
    )


def _drinking(facts: Facts, limits: Limits) -> Drinking:
    intake, sex = facts.signs.alcohol_intake, facts.person.sex
    if isinstance(intake, Unknown):
        return Drinking()
    score, drinks = intake.value.audit_c, intake.value.drinks_per_week
    men, women = limits["alcohol-audit-men-from"], limits["alcohol-audit-women-from"]
    cut = men if isinstance(sex, Known) and sex.value == "male" else women
    scored = score is not None and score >= cut
    much = drinks is not None and drinks > limits["alcohol-drinks-above"]
    guessed = scored and isinstance(sex, Unknown) and score is not None and score < men
    notes = (("score", scored), ("drinks", much), ("sex-unknown", guessed))
    said = (("score", score), ("drinks", drinks))
    return Drinking(
        tuple(note for note, holds in notes if holds),
        tuple((name, shown(value)) for name, value in said if value is not None),
        intake.evidence if scored or much else (),
    )


def _intoxicated(facts: Facts) -> tuple[Evidence, ...]:
    return told(facts.person.active(INTOXICATION)) if facts.signs.intoxicated else ()

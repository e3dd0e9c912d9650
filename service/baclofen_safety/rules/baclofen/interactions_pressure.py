"""Medicines that lower blood pressure: baclofen lowers it further, and the patient falls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...core.classes import ALPHA2_AGONISTS, ANTIHYPERTENSIVES
from ...core.fact import Evidence, Known, is_yes
from ...core.problem_list import told
from ...core.rule import Finding, Said, Severity
from .interactions_parts import cite, implicate, names
from .said import shown

if TYPE_CHECKING:
    from decimal import Decimal

    from ...core.facts import Facts
    from ...core.knowledge import Limits

TIZANIDINE = "med-tizanidine"
FAINTING = ("cond-syncope", "cond-hypotension-orthostatic")


def low_pressure(facts: Facts, limits: Limits) -> Iterator[Said]:
    taken = facts.partners.of(*ANTIHYPERTENSIVES)
    settled = facts.signs.bp_normal_90d
    days = limits["pressure-stable-days"]
    new = tuple(partner for partner in taken if not (settled and facts.partners.stable(partner, days)))
    if not new or not facts.partners.on_baclofen:
        return
    pressure, faint = facts.signs.systolic_bp, _faints(facts, limits)
    measured = pressure if isinstance(pressure, Known) else None
    worse = {
        "pump": is_yes(facts.it.active),
        "low-pressure": measured is not None and _is_low(measured.value, facts, limits),
        "faint": bool(faint),
        "many": len(taken) >= limits["pressure-agents-from"],
        "alpha-2": any(partner.concepts & {*ALPHA2_AGONISTS} for partner in new),
    }
    yield Finding(
        Severity.MODERATE if any(worse.values()) else Severity.LOW,
        (*cite(taken if worse["many"] else new), *(measured.evidence if measured else ()), *faint),
        implicate(facts, new),
        values={
            "drug": names(new),
            "n": len(taken),
            "bp": shown(measured.value) if measured else "",
            "why": "; ".join(dict.fromkeys(one.says for one in faint)),
        },
        notes=(*(note for note, holds in worse.items() if holds), *(() if measured else ("no-pressure",))),
        marks=frozenset({"tizanidine-only"}) if all(TIZANIDINE in partner.concepts for partner in new) else frozenset(),
    )


def _is_low(pressure: Decimal, facts: Facts, limits: Limits) -> bool:
    """An adult's limit; children have others."""
    return facts.person.adult_or_unknown and pressure < limits["pressure-low-below"]


def _faints(facts: Facts, limits: Limits) -> tuple[Evidence, ...]:
    """Orthostatic hypotension, syncope and falls of the last 12 months; an active orthostatic hypotension counts."""
    told_of, falls = facts.conditions, facts.conditions.falls
    lately = told(told_of.lately(limits["fall-days"], *FAINTING))
    fallen = falls.evidence if isinstance(falls, Known) and falls.value else ()
    return tuple(dict.fromkeys((*told_of.orthostatic.evidence, *lately, *fallen)))

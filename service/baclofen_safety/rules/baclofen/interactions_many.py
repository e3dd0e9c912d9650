"""Many medicines that act on the brain: falls, fractures and delirium grow with their number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...core.fact import BIRTH, Evidence, Known, Unknown
from ...core.medicines import names_medicine
from ...core.rule import Finding, Gap, Said, Severity
from .interactions_parts import cite, implicate, is_older, names, unsent

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.partners import Partner

UNREAD = frozenset({"unrecognised-medicine", "medicine-conflict", "unreadable"})


def many(facts: Facts, limits: Limits) -> Iterator[Said]:
    yield from unsent(facts)
    found = facts.partners.cns_active
    if not facts.partners.on_baclofen or facts.person.end_of_life_care or _is_acknowledged(facts, found, limits):
        return
    count = len(found) + 1  # baclofen itself
    older = is_older(facts, limits)
    values = {"n": count, "drugs": names(found)}
    if count < limits["many-older-from"] or (count < limits["many-from"] and older is False):
        return
    if older is None:
        yield Gap("age", values, (BIRTH,), cite(found))
    fallen, unsure = _fallen(facts)
    alone = count < limits["many-from"]
    if alone and older and unsure and not fallen:
        yield Gap("falls", values, tuple(need for one in unsure for need in one.needs), cite(found))
    if alone and older is None:
        return
    high = older is True and (not alone or bool(fallen))
    notes = (("fallen", bool(fallen)), ("at-least", _is_incomplete(facts)))
    yield Finding(
        Severity.HIGH if high else Severity.MODERATE,
        (*cite(found), *fallen),
        implicate(facts, found),
        values={**values, "why": "; ".join(dict.fromkeys(one.says for one in fallen))},
        notes=tuple(note for note, holds in notes if holds),
    )


def _fallen(facts: Facts) -> tuple[tuple[Evidence, ...], tuple[Unknown, ...]]:
    """Falls and fractures of the last 12 months, and what of them nobody can tell."""
    falls, fracture = facts.conditions.falls, facts.conditions.fracture
    happened = tuple(e for one in (falls, fracture) if isinstance(one, Known) and one.value for e in one.evidence)
    return happened, tuple(one for one in (falls, fracture) if isinstance(one, Unknown))


def _is_acknowledged(facts: Facts, found: tuple[Partner, ...], limits: Limits) -> bool:
    """Acted on in the window, and none of the medicines was begun since."""
    told = facts.person.acknowledged("BAC-DDI-20", limits["many-acknowledged-days"])
    if told is None or told.at is None:
        return False
    since = told.at.last
    return all(
        {*partner.refs} <= told.implicated or (partner.started is not None and partner.started.first <= since)
        for partner in found
    )


def _is_incomplete(facts: Facts) -> bool:
    """Does the medicine list hold what could not be read or recognised?"""
    known = {order.ref for order in facts.chart.orders}
    troubles = (one.ref for one in facts.chart.troubles if one.kind in UNREAD)
    return any(ref in known or names_medicine(ref) for ref in troubles)

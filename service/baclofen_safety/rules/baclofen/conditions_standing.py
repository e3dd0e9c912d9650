"""Low blood pressure, falls, and tone that is needed to stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...core.fact import BIRTH, Known, Unknown, is_yes
from ...core.measuring import is_recent
from ...core.moment import Moment
from ...core.person import SPINAL_INJURY
from ...core.rule import Finding, Gap, Said, Severity
from .conditions_parts import ask, implicated
from .said import daily_words, evidence

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits

CORD = (*SPINAL_INJURY, "cond-quadriplegia", "cond-paraplegia")


def low_pressure(facts: Facts, limits: Limits) -> Iterator[Said]:
    if not facts.partners.on_baclofen:
        return
    pressure, conditions = facts.signs.systolic_bp, facts.conditions
    value = pressure.value if isinstance(pressure, Known) else None
    low = value is not None and value < facts.signs.pressure_low_below
    troubles = tuple(fact for fact in (conditions.orthostatic, conditions.syncope) if is_yes(fact))
    if isinstance(pressure, Unknown):
        yield Gap("no-pressure", needs=pressure.needs, high=False)
    if not low and not troubles:
        if isinstance(conditions.syncope, Unknown):
            yield ask(conditions.syncope, high=False)
        return
    said = (*(pressure.evidence if low else ()), *(e for fact in troubles for e in fact.evidence))
    severe = low and value is not None and value < limits["cond-pressure-severe-below"]
    yield Finding(
        Severity.HIGH if severe else Severity.MODERATE,
        said,
        implicated(facts),
        values={"finding": ", ".join(one.says for one in said)},
        marks=frozenset({"known-low-bp"} if low and not troubles and _is_usual(facts, limits) else ()),
    )


def _is_usual(facts: Facts, limits: Limits) -> bool:
    """A spinal cord injury, a low pressure known before, and no sign of harm now."""
    known = facts.conditions.pressure_usually_low(
        limits["cond-pressure-fresh-days"], limits["cond-pressure-usual-days"]
    )
    return bool(facts.person.active(CORD)) and known and not facts.signs.sedated


def falls(facts: Facts, limits: Limits) -> Iterator[Said]:
    if not facts.partners.on_baclofen:
        return
    count, fracture = facts.conditions.falls, facts.conditions.fracture
    fell = count.value if isinstance(count, Known) else 0
    grave = is_yes(fracture) or fell >= limits["cond-falls-high-from"]
    older = facts.person.at_least(facts.limits["older-age"])
    if not grave:
        yield from (ask(one, high=older is not False) for one in (count, fracture) if isinstance(one, Unknown))
    elif older is None:
        yield Gap("age-unknown", needs=(BIRTH,))
    if fell or grave:
        yield Finding(
            Severity.HIGH if grave and older else Severity.MODERATE,
            tuple(dict.fromkeys((*count.evidence, *fracture.evidence))),
            implicated(facts),
            notes=(*(("falls",) if fell else ()), *(("fracture",) if is_yes(fracture) else ())),
            values={"falls": fell},
            marks=frozenset({"no-transfers"} if facts.conditions.no_transfers else ()),
        )


def tone(facts: Facts, limits: Limits) -> Iterator[Said]:
    """Silent where gait or walking is unknown: without a word on either there is nothing to weigh."""
    gait, walks = facts.conditions.gait_disorder, facts.conditions.walks
    if not facts.partners.on_baclofen or not is_yes(gait) or not is_yes(walks):
        return
    acknowledged = facts.person.acknowledged("BAC-COND-17", limits["cond-repeat-days"])
    if acknowledged is None and _is_raised(facts):
        orders = facts.partners.baclofen
        said = tuple(evidence(order, daily_words(order)) for order in orders) or facts.it.active.evidence
        yield Finding(Severity.LOW, (*gait.evidence, *said), implicated(facts))


def _is_raised(facts: Facts) -> bool:
    """Was baclofen started or raised in the last week, or would the draft do so? A step down alone is neither."""
    changed, days = facts.partners.baclofen_changed, facts.limits["new-order-days"]
    if changed is None or not is_recent(changed, days, facts.as_of):
        return False
    changes = [change for change in facts.oral.changes if change.at <= changed.first]
    late = [change for change in changes if is_recent(Moment.at(change.at), days, facts.as_of)]
    return any(change.delta > 0 for change in late) or not any(change.at == changed.first for change in late)

"""Baclofen against alcohol use disorder: deaths rose with the dose, so the ceiling holds whoever prescribes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...core.fact import Evidence
from ...core.person import CEREBRAL_CAUSES, SPINAL_CAUSES
from ...core.rule import DoseCap, Finding, Said, Severity
from ...core.taper import TaperPlan, TaperRefusal
from .dose_parts import highest_dose, step_down
from .said import daily_words, evidence, oral_orders, refs, shown

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits

USE_DISORDER = "cond-alcohol-use-disorder"
SPASTIC = ("cond-spasticity", *SPINAL_CAUSES, *CEREBRAL_CAUSES)


def alcohol_ceiling(facts: Facts, limits: Limits) -> Iterator[Said]:
    highest, top = highest_dose(facts), limits["dose-alcohol-max"]
    if highest.dose <= top:
        return
    orders = oral_orders(facts)
    ordered = any(order.indication == "alcohol" for order in orders)
    told = _from_problems(facts)
    if not (ordered or told):
        return
    taper = step_down(facts, limits, orders, highest.dose, top) if highest.taken_now else None
    yield Finding(
        Severity.HIGH,
        (*(evidence(order, daily_words(order)) for order in orders), *told),
        refs(orders),
        values={"dose": shown(highest.dose), "limit": shown(top)},
        notes=(
            *highest.notes,
            *(("from-problems",) if told else ()),
            *((taper.note,) if isinstance(taper, TaperRefusal) else ()),
        ),
        cap=DoseCap(top),
        taper=taper if isinstance(taper, TaperPlan) else None,
    )


def _from_problems(facts: Facts) -> tuple[Evidence, ...]:
    """Alcohol use disorder on record, where no order says what it is for and nothing spastic is known."""
    person = facts.person
    if any(order.indication for order in oral_orders(facts)) or person.active(SPASTIC):
        return ()
    problems = tuple(Evidence(problem.ref, problem.text) for problem in person.active(USE_DISORDER))
    return (*problems, *person.flagged("fact-indication-alcohol"))

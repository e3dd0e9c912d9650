"""Infection, leak or exposed hardware after pump surgery: it can end in meningitis, and in withdrawal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...core.chart import Act
from ...core.fact import Evidence, Need, is_yes
from ...core.measuring import is_recent
from ...core.pump import PUMP_SURGERY, begin_of
from ...core.rule import Finding, Gap, Said, Severity
from ...core.sign_kinds import CSF_LEAK, HARDWARE, WOUND, Sign, current_signs
from .symptoms_parts import baclofen_orders, cite, say, undated

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits

AT_ONCE = frozenset({"hardware", "csf-leak", "meningitis"})
LOOKED = (*WOUND, HARDWARE, CSF_LEAK)
LOOKED_AT = tuple(finding for kind in LOOKED for finding in kind.findings)


def pump_wound(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-SX-06."""
    surgery = _surgery(facts, limits)
    signs = (*(_wound_signs(facts, limits) if surgery is not None else ()), *_meningitis(facts, limits))
    if signs:
        since = f"{surgery.start}" if surgery is not None and surgery.start is not None else ""
        yield Finding(
            Severity.HIGH,
            evidence=cite(signs, *(() if surgery is None else (Evidence(surgery.ref, surgery.text),))),
            implicated=baclofen_orders(facts),
            values={"signs": say(signs), "date": since or "at an earlier time"},
            notes=undated(signs),
            variant="at-once" if any(sign.kind in AT_ONCE for sign in signs) else None,
        )
    elif surgery is not None and not _looked_at(facts, surgery):
        looked = Need("Observation", LOOKED_AT, surgery.start.last if surgery.start is not None else None)
        yield Gap("no-wound", {"date": surgery.start or ""}, (looked,), high=False)


def _surgery(facts: Facts, limits: Limits) -> Act | None:
    """The newest operation on pump or catheter in the window."""
    days = limits["pump-surgery-days"]
    found = [
        act
        for act in facts.chart.acts
        if act.state == "done" and act.concepts & PUMP_SURGERY and act.start and is_recent(act.start, days, facts.as_of)
    ]
    return max(found, key=begin_of, default=None)


def _wound_signs(facts: Facts, limits: Limits) -> tuple[Sign, ...]:
    fever = tuple(
        sign for sign in facts.signs.fever if sign.value is not None and sign.value > limits["high-fever-above"]
    )
    return (*fever, *current_signs(facts, LOOKED))


def _meningitis(facts: Facts, limits: Limits) -> tuple[Sign, ...]:
    """Meningitis of the last month in a patient with a pump."""

    if not is_yes(facts.it.pump_present):
        return ()
    return tuple(
        Sign("meningitis", "meningitis", problem.onset, Evidence(problem.ref, problem.text or "meningitis"))
        for problem in facts.person.active("cond-meningitis")
        if facts.person.is_fresh(problem, limits["meningitis-days"])
    )


def _looked_at(facts: Facts, surgery: Act) -> bool:
    """Did anybody write about the wound since the operation?"""
    return any(
        m.at is not None and surgery.start is not None and m.at.last >= surgery.start.first
        for concept in LOOKED_AT
        for m in facts.chart.measurements.get(concept, ())
    )

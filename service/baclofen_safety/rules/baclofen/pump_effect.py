"""A dose that must be raised again and again is more often lost on the way than lost on the patient."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from ...core.fact import Evidence, Need
from ...core.facts import Facts
from ...core.knowledge import Limits
from ...core.pump_care import PumpDose
from ...core.rule import Finding, Gap, Said, Severity
from .pump_refill import name_pump
from .said import shown
from .withdrawal_parts import note_if

DOSES = (Need("MedicationRequest", ("med-baclofen",)), Need("Observation", ("fact-programmed-daily-dose",)))


@dataclass(frozen=True, slots=True)
class _Climb:
    """How a series of doses moved inside the window, mcg/day."""

    before: Decimal
    now: Decimal
    steps: int
    evidence: tuple[Evidence, ...]


def climbing(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-PUMP-07."""
    pump = facts.pump
    if not pump.delivers:
        return
    titration = timedelta(days=limits.int("titration-days"))
    begun = pump.implanted_at
    if begun is not None and begun.within(titration, facts.as_of):
        return
    start = facts.as_of - timedelta(days=limits.int("dose-rise-days"))
    settled = start if begun is None else max(start, begun.first + titration)
    climbs = (_climb(doses, settled) for doses in pump.dose_series)
    risen = [climb for climb in climbs if _is_steep(climb, limits)]
    lost = pump.effect_lost
    if not risen and not lost:
        if not pump.dose_series:
            yield Gap("history", needs=DOSES)
        return
    worst = max(risen, key=lambda climb: climb.now / climb.before, default=None)
    yield Finding(
        Severity.MODERATE,
        evidence=(*(worst.evidence if worst else ()), *lost),
        implicated=name_pump(facts),
        values={"before": worst.before, "now": worst.now, "steps": worst.steps} if worst else {},
        notes=note_if(risen=worst is not None, effect_lost=bool(lost)),
        same_as=shown(worst.now) if worst else "effect",
    )


def _climb(doses: tuple[PumpDose, ...], since: datetime) -> _Climb:
    """From the dose in force when the window began (else the first inside it) to the newest."""
    earlier = [dose for dose in doses if dose.at < since]
    inside = [*earlier[-1:], *(dose for dose in doses if dose.at >= since)]
    steps = sum(after.daily > before.daily for before, after in pairwise(inside))
    lowest = min(inside, key=lambda dose: dose.daily)
    return _Climb(lowest.daily, inside[-1].daily, steps, tuple(dose.evidence for dose in inside))


def _is_steep(climb: _Climb, limits: Limits) -> bool:
    share = climb.now - climb.before > climb.before * limits["dose-rise-share-above"]
    return share or climb.steps >= limits["dose-rise-count-from"]

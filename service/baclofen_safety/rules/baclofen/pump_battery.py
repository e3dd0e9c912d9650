"""What may stop a pump: an alarm, the end of its battery, a magnet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from ...core.fact import Evidence, Need, is_yes
from ...core.facts import Facts
from ...core.knowledge import Limits
from ...core.rule import Finding, Gap, Said, Severity
from .pump_refill import name_pump
from .said import count_days
from .withdrawal_parts import days_ahead, note_if

AGEING = "synchromed"  # the model whose maker limits its life
ENDLESS = "constant-flow"
STRONG = "prometra"


def sounding(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-PUMP-03."""
    del limits  # how long an alarm is current is a shared definition
    alarm = facts.pump.alarm
    if not facts.pump.delivers:
        return
    if alarm is None:
        if doubtful := facts.pump.alarm_unread:
            yield Gap(
                "unread",
                needs=(Need("Observation", ("fact-pump-alarm",), parts=("state", "value")),),
                evidence=doubtful,
            )
        return
    yield Finding(
        Severity.MODERATE if alarm.kind == "non-critical" else Severity.HIGH,
        evidence=(alarm.evidence,),
        implicated=name_pump(facts),
        values={"type": alarm.says},
        notes=note_if(
            type_unknown=alarm.kind == "unknown", same_day_refill=alarm.same_day_refill, undated=alarm.at is None
        ),
        same_as=str(alarm.at),
    )


def battery(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-PUMP-04."""
    pump = facts.pump
    if not pump.delivers or pump.model == ENDLESS:
        return
    left = pump.days_left
    ended = pump.eos_at or (pump.eri_at if left is not None and left <= 0 else None)
    if ended is not None:
        yield _ending(facts, Severity.HIGH, ended.evidence, 0, "ended")
    elif left is not None and pump.eri_at is not None:
        last = facts.as_of.date() + timedelta(days=left)
        if not _is_booked(facts, last):
            severity = Severity.HIGH if left <= limits["battery-high-up-to-days"] else Severity.MODERATE
            yield _ending(facts, severity, pump.eri_at.evidence, left, "indicator")
    elif pump.projected_eos is not None:
        ahead = days_ahead(pump.projected_eos.at, facts)
        if ahead > limits["battery-ahead-days"]:
            yield from (said for said in _by_age(facts, limits) if isinstance(said, Finding))
        elif not _is_booked(facts, pump.projected_eos.at.day):
            yield _ending(facts, Severity.MODERATE, pump.projected_eos.evidence, ahead, "projected")
    else:
        yield from _by_age(facts, limits)


def _by_age(facts: Facts, limits: Limits) -> Iterator[Said]:
    """Its age tells, whatever the pump itself expects of its battery."""
    pump = facts.pump
    if pump.model not in {AGEING, None}:
        return
    old = limits["pump-age-days"]
    since = pump.implanted_at
    if since is None:
        if pump.made_at is None or pump.made_at.days_before(facts.as_of) >= old:
            yield Gap("no-implant-date", needs=(Need("Procedure", ("proc-pump-implant",)),), high=False)
        return
    age = since.days_before(facts.as_of)
    if age < old:
        return
    if pump.model is None:
        yield Gap("model-unknown", {"date": since.day}, (Need("Device", parts=("model",)),), high=False)
        return
    life = limits.int("pump-life-days")
    if not _is_booked(facts, since.day + timedelta(days=life)):
        says = (Evidence(next(iter(name_pump(facts)), ""), f"{pump.model_said} implanted {since}"),)
        yield _ending(facts, Severity.MODERATE, says, max(life - age, 0), "age")


def _is_booked(facts: Facts, last: date) -> bool:
    """Is a replacement booked for that day or before?"""
    visits = facts.pump.planned_visits("replacement")
    return any(visit.start is not None and visit.start.day <= last for visit in visits)


def _ending(facts: Facts, severity: Severity, evidence: tuple[Evidence, ...], days: int, note: str) -> Finding:
    return Finding(
        severity,
        evidence=evidence,
        implicated=name_pump(facts),
        values={"days": count_days(days)},
        notes=(note,),
        variant="ended" if note == "ended" else None,
        same_as=note,
    )


def scan_ahead(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-PUMP-06."""
    del limits  # nothing to measure: any scan ahead counts
    pump, scans = facts.pump, facts.pump.mri_planned
    if not scans or not (pump.delivers or is_yes(facts.it.pump_present)):
        return
    yield Finding(
        Severity.HIGH if STRONG in pump.models else Severity.MODERATE,
        evidence=scans,
        implicated=tuple(dict.fromkeys((*name_pump(facts), *(scan.reference for scan in scans)))),
        values={"model": pump.model_said or "not on record"},
        notes=note_if(model_unknown=pump.model is None),
        same_as=scans[0].reference,
    )

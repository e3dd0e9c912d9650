"""Alarms of the pump and the end of its battery."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from .caching import cached_property
from .concepts import Concept
from .fact import Evidence
from .measuring import time_of
from .moment import Moment
from .reservoir import DueDate, ReservoirFacts

AlarmKind = Literal["critical", "non-critical", "unknown"]
ALARM: Concept = "fact-pump-alarm"
_CRITICAL = {
    "fact-alarm-empty": "empty reservoir",
    "fact-alarm-motor-stall": "motor stall",
    "fact-alarm-end-of-service": "end of service",
    "fact-alarm-memory": "memory error",
}
_MILD = {
    "fact-alarm-low-reservoir": "low reservoir",
    "fact-alarm-replacement-due": "replacement due",
}
_TEST: Concept = "fact-alarm-test"
_NO: Concept = "fact-negative"
_ALARMS = frozenset({ALARM, _TEST, "fact-alarm-unspecified", *_CRITICAL, *_MILD})
_TWO_TONE = re.compile(r"\b(?:two|dual|double)[- ]tone|(?<!non-)(?<!non )\bcritical alarm\b", re.IGNORECASE)
_ONE_TONE = re.compile(r"\bsingle[- ](?:tone|beep)|\bone[- ]tone\b|\bnon-?\s?critical\b", re.IGNORECASE)
_CLEARED = re.compile(
    r"(?<!not )(?<!not been )(?<!not be )(?<!not yet )(?<!never )\b(?:cleared|resolved)\b"
    r"|\bno (?:pump |active )?alarms?\b|\bno longer (?:alarming|beeping|sounding)\b",
    re.IGNORECASE,
)
"""A silenced alarm is not over: only its sound is."""
_HOURS = re.compile(r"\b(\d+)\s?(?:h|hr|hrs|hours?)\b", re.IGNORECASE)
_RANK: dict[AlarmKind, int] = {"critical": 2, "unknown": 1, "non-critical": 0}


@dataclass(frozen=True, slots=True)
class Alarm:
    """A pump alarm: how serious, of what kind in words, when, and the record of it."""

    kind: AlarmKind
    says: str
    at: Moment | None
    evidence: Evidence
    same_day_refill: bool = False  # nobody can say whether a filling of that day came after it


@dataclass(frozen=True, slots=True)
class _Told:
    """One record that speaks of an alarm."""

    ref: str
    concepts: frozenset[Concept]
    text: str
    at: Moment | None
    over: bool


class PumpAlarmFacts(ReservoirFacts):
    """What the pump itself has told, by sound or at interrogation."""

    @cached_property
    def alarm(self) -> Alarm | None:
        """The worst alarm of the last days that was neither cleared nor followed by a filling or a new pump.

        A test is none. Without a date it counts.
        """
        window = timedelta(days=self.limits.int("pump-alarm-days"))
        told = tuple(self._told)
        current = [
            self._judge(one)
            for one in told
            if not one.over and _TEST not in one.concepts and (one.at is None or one.at.within(window, self.as_of))
            if not self._is_answered(one, told)
        ]
        return max(current, key=lambda alarm: (_RANK[alarm.kind], alarm.evidence.reference), default=None)

    @cached_property
    def alarm_unread(self) -> tuple[Evidence, ...]:
        """Alarms of the last days, or undated, that are not final or cannot be read."""
        window = timedelta(days=self.limits.int("pump-alarm-days"))
        held = (m for concept in sorted(_ALARMS) for m in self.chart.measurements.get(concept, ()))
        doubtful = (m for m in held if m.problem is not None and (m.at is None or m.at.within(window, self.as_of)))
        return tuple(Evidence(m.ref, f"pump alarm {m.shown} {m.at or ''}".strip()) for m in doubtful)

    @cached_property
    def eri_at(self) -> DueDate | None:
        """The day the replacement indicator was reached."""
        due = self._battery("fact-eri-date", "replacement indicator")
        return due if due is not None and due.at.first <= self.as_of else None

    @cached_property
    def eos_at(self) -> DueDate | None:
        """The day the pump reached its end of service."""
        due = self._end_of_service
        return due if due is not None and due.at.first <= self.as_of else None

    @cached_property
    def projected_eos(self) -> DueDate | None:
        """The day ahead on which the battery is expected to end; from the indicator when that is ahead itself."""
        due = self._end_of_service
        if due is not None:
            return due if due.at.first > self.as_of else None
        indicator = self._battery("fact-eri-date", "replacement indicator")
        if indicator is None or indicator.at.first <= self.as_of:
            return None
        return DueDate(Moment.at(self._lasts_until(indicator.at)), indicator.evidence, "computed")

    @cached_property
    def days_left(self) -> int | None:
        """Days until the pump stops after its indicator; None without one."""
        if self.eri_at is None:
            return None
        return (self._lasts_until(self.eri_at.at).date() - self.today).days

    def _lasts_until(self, indicator: Moment) -> datetime:
        return indicator.first + timedelta(days=self.limits.int("eri-to-end-days"))

    @cached_property
    def _end_of_service(self) -> DueDate | None:
        return self._battery("fact-eos-date", "end of service")

    def _battery(self, concept: Concept, words: str) -> DueDate | None:
        """The newest date told; a reading without one that is not denied tells of the day it was made."""
        told = [m for m in self.readings(concept) if m.flag is not False]
        told = told or [m for m in self.undated(concept) if m.when is not None]
        if not told:
            return None
        at = told[-1].when or time_of(told[-1])
        return DueDate(at, (Evidence(told[-1].ref, f"{words} {at}"),))

    @property
    def _told(self) -> Iterator[_Told]:
        """Alarms told by Observations, Flags and conditions, Communications and other acts."""
        for concept in sorted(_ALARMS):
            for m in (*self.undated(concept), *self.readings(concept)):
                over = m.flag is False or _NO in m.concept_value or bool(_CLEARED.search(m.shown))
                yield _Told(m.ref, m.concept_value | {concept}, m.shown, m.at, over)
        for p in self.chart.problems:
            if p.concepts & _ALARMS and p.state != "possible":
                yield _Told(p.ref, p.concepts, p.text, p.onset or p.recorded, p.state == "history")
        for act in self.chart.acts:
            if act.concepts & _ALARMS and act.state == "done":
                yield _Told(act.ref, act.concepts, act.text, act.start, bool(_CLEARED.search(act.text)))

    def _judge(self, told: _Told) -> Alarm:
        kind, says = self._kind(told)
        filled = self.filled_at
        unsure = filled is not None and told.at is not None and filled.day == told.at.day
        return Alarm(kind, says, told.at, Evidence(told.ref, f"pump alarm, {says} {told.at or ''}".strip()), unsure)

    def _kind(self, told: _Told) -> tuple[AlarmKind, str]:
        critical = [words for concept, words in _CRITICAL.items() if concept in told.concepts]
        hours = _HOURS.search(told.text)
        short = hours is not None and int(hours[1]) < self.limits["motor-stall-hours"]
        if critical == ["motor stall"] and short:
            return "non-critical", "short motor stall"
        if critical:
            return "critical", critical[0]
        mild = [words for concept, words in _MILD.items() if concept in told.concepts]
        if mild:
            return "non-critical", mild[0]
        if _TWO_TONE.search(told.text):
            return "critical", "two-tone"
        return ("non-critical", "single tone") if _ONE_TONE.search(told.text) else ("unknown", "type unknown")

    def _is_answered(self, told: _Told, others: tuple[_Told, ...]) -> bool:
        """Was it told to be over later, or was the pump surely filled or replaced after it?"""
        if told.at is None:
            return False
        filled = self.filled_at
        if filled is not None and filled.first >= told.at.last and filled.first > told.at.first:
            return True
        return any(other.over and other.at is not None and other.at.first > told.at.first for other in others)

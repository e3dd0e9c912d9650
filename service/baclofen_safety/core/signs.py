"""Signs of harm that are current: symptoms, diagnoses, vital signs, laboratory values, alcohol, overdose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from .caching import cached_property
from .fact import Evidence, Fact, Known, Need, Reason, Unknown, is_yes
from .measuring import is_recent, newest_number, number_of, tell, usable
from .moment import Moment
from .sign_kinds import (
    CONFUSION,
    DROWSINESS,
    FEVER,
    FLOPPINESS,
    HALLUCINATION,
    ITCHING,
    ITCHING_NO_RASH,
    MENTAL_STATE,
    NAMED_WITHDRAWAL,
    RASH,
    RHABDOMYOLYSIS,
    SEIZURE,
    SLOW_HEART,
    WITHDRAWAL_MINOR,
    Sign,
    current_signs,
)
from .vital_signs import VitalSigns

_SEIZURE = re.compile(r"\bseizures?\b(?! (?:disorder|clinic|free|medic))", re.IGNORECASE)
_NO_SEIZURE = re.compile(r"\b(?:no|not|without|denies|history of|former|family)\b.{0,30}\bseizure", re.IGNORECASE)
_DRINKS_A_WEEK = 7

_PUMP_IN_PLACE = ("cond-intrathecal-pump-or-catheter", "cond-implant-unspecified")


@dataclass(frozen=True, slots=True)
class Alcohol:
    """Alcohol intake of the last year: the AUDIT-C score, or drinks a week; at least one is there."""

    audit_c: Decimal | None
    drinks_per_week: Decimal | None


class SignFacts(VitalSigns):
    """Signs at ``as_of``."""

    @cached_property
    def mental_state(self) -> tuple[Sign, ...]:
        """Confusion, sleepiness, hallucinations, a low coma score."""
        return (*current_signs(self.facts, MENTAL_STATE), *self.coma_score)

    @cached_property
    def mental_state_known(self) -> bool:
        """Could a sign have been told: were problems or observations sent?"""
        return self.chart.was_sent("Condition", "Observation", "QuestionnaireResponse")

    @cached_property
    def drowsiness(self) -> tuple[Sign, ...]:
        """Confusion or encephalopathy, excessive sleepiness, a low coma score."""
        return (*current_signs(self.facts, DROWSINESS), *self.coma_score)

    @cached_property
    def confusion(self) -> tuple[Sign, ...]:
        return current_signs(self.facts, (CONFUSION,))

    @cached_property
    def confusion_possible(self) -> tuple[Evidence, ...]:
        """Confusion or coma of the last days that nobody has confirmed."""
        days = self.limits["sign-days"]
        found = self.facts.person.problems("cond-delirium-encephalopathy-or-coma", "possible")
        return tuple(Evidence(p.ref, p.text) for p in found if self.facts.person.is_fresh(p, days))

    @cached_property
    def hallucination(self) -> tuple[Sign, ...]:
        return current_signs(self.facts, (HALLUCINATION,))

    @cached_property
    def seizure(self) -> tuple[Sign, ...]:
        """A seizure of the last days: a diagnosis newly begun, or the reason of an encounter."""
        days = self.limits["sign-days"]
        reasons = (
            Sign("seizure", SEIZURE.says, stay.start, Evidence(stay.ref, stay.reason))
            for stay in self.chart.stays
            if stay.start is not None and is_recent(stay.start, days, self.as_of)
            if _SEIZURE.search(stay.reason) and not _NO_SEIZURE.search(stay.reason)
        )
        return (*current_signs(self.facts, (SEIZURE,)), *reasons)

    @cached_property
    def withdrawal_signs(self) -> tuple[Sign, ...]:
        """Minor signs of withdrawal: agitation, anxiety, spasticity, insomnia, sweating, itching, tingling."""
        return current_signs(self.facts, WITHDRAWAL_MINOR)

    @cached_property
    def itching_without_rash(self) -> tuple[Sign, ...]:
        """Itching said to be without a rash; any itching where no new rash is on record."""
        rash = current_signs(self.facts, (RASH,))
        return current_signs(self.facts, (ITCHING_NO_RASH if rash else ITCHING,))

    @cached_property
    def rhabdomyolysis(self) -> tuple[Sign, ...]:
        """A diagnosis, or creatine kinase far above the limit."""
        return (*current_signs(self.facts, (RHABDOMYOLYSIS,)), *self.muscle_breakdown)

    @cached_property
    def fever_told(self) -> tuple[Sign, ...]:
        """Fever as a diagnosis: as much as 38.0, not more than 38.9."""
        return current_signs(self.facts, (FEVER,))

    @cached_property
    def hypotonia(self) -> tuple[Sign, ...]:
        return current_signs(self.facts, (FLOPPINESS,))

    @cached_property
    def slow_heart(self) -> tuple[Sign, ...]:
        """A heart rate below 50, or the diagnosis."""
        return (*self.bradycardia, *current_signs(self.facts, (SLOW_HEART,)))

    @cached_property
    def withdrawal_named(self) -> tuple[Sign, ...]:
        """A diagnosis of the last days that says so itself: withdrawal from baclofen, rebound spasticity, a seizure of
        drug withdrawal. Withdrawal from other drugs is none."""
        return tuple(
            Sign("withdrawal", p.text.lower() or "withdrawal", p.onset or p.recorded, Evidence(p.ref, p.text))
            for p in self.facts.person.active("cond-drug-withdrawal-other")
            if "baclofen" in p.text.lower() or not p.concepts.isdisjoint(NAMED_WITHDRAWAL)
            if self.facts.person.is_fresh(p, self.limits["sign-days"])
        )

    @cached_property
    def baclofen_named(self) -> tuple[Evidence, ...]:
        """Conditions nobody has without baclofen: withdrawal from it, poisoning by it, too little of it, the suspected
        ones too; and those of no concept of ours, kept as their words say that it is taken."""
        said = ("cond-drug-withdrawal-other", "cond-drug-poisoning-any", *_PUMP_IN_PLACE)
        found = [
            *self.facts.person.problems(("cond-baclofen-poisoning", "cond-baclofen-underdosing"), "active", "possible"),
            *(p for p in self.facts.chart.problems if not p.concepts and p.state == "active"),
            *(p for p in self.facts.person.problems(said, "active", "possible") if "baclofen" in p.text.lower()),
        ]
        return tuple(dict.fromkeys(Evidence(p.ref, p.text or p.says) for p in found))

    @cached_property
    def toxicity_signs(self) -> tuple[Sign, ...]:
        """What BAC-SX-03 looks for. A slow heart counts only with drowsiness, what is called withdrawal never."""
        heart = self.slow_heart if self.drowsiness else ()
        named = {sign.evidence.reference for sign in self.withdrawal_named}
        signs = (*self.drowsiness, *self.hypotonia, *self.seizure, *heart, *self.hypothermia)
        return tuple(sign for sign in signs if sign.evidence.reference not in named)

    @cached_property
    def breathing_signs(self) -> tuple[Sign, ...]:
        """What BAC-SX-05 looks for."""
        return (*self.slow_breathing, *self.low_oxygen, *self.respiratory_failure_acute)

    @cached_property
    def sedated(self) -> bool:
        """A current sign of toxicity or of failing breath (0.1 of the specification)."""
        return bool(self.toxicity_signs or self.breathing_signs)

    @cached_property
    def respiratory_failure_acute(self) -> tuple[Sign, ...]:
        """Respiratory depression or failure begun in the last two days; chronic failure is none."""
        hours = timedelta(hours=float(self.limits["breathing-failure-hours"]))
        return tuple(
            Sign("breathing-failure", "respiratory failure", begun, Evidence(p.ref, p.text or "respiratory failure"))
            for p in self.facts.person.active("cond-respiratory-failure")
            if "cond-respiratory-failure-chronic" not in p.concepts
            for begun in (p.onset or p.recorded,)
            if begun is None or begun.first > self.as_of or begun.within(hours, self.as_of)
        )

    @cached_property
    def ventilated(self) -> bool:
        """On a ventilator, or breathing through a tracheostomy."""
        if self.facts.person.active(("cond-ventilator-dependence", "cond-tracheostomy")):
            return True
        hours = timedelta(hours=float(self.limits["ventilation-hours"]))
        return any(
            "proc-ventilation" in act.concepts
            and act.state in ("active", "done")
            and (_is_running(act.start, act.end, self.as_of) or _touches(act.end or act.start, hours, self.as_of))
            for act in self.chart.acts
        )

    @cached_property
    def overdose_event(self) -> Fact[bool]:
        """A fresh poisoning with baclofen."""
        person = self.facts.person
        found = person.active("cond-baclofen-poisoning") + tuple(
            p for p in person.active("cond-drug-poisoning-any") if "baclofen" in p.text.lower()
        )
        fresh = tuple(p for p in dict.fromkeys(found) if person.is_fresh(p, self.limits["sign-days"]))
        if fresh:
            return Known(True, tuple(Evidence(p.ref, p.text or "baclofen poisoning") for p in fresh))
        if self.chart.was_sent("Condition"):
            return Known(False)
        return Unknown(Reason.NOT_SENT, "overdose", (Need("Condition"),))

    @cached_property
    def toxicity_suspected(self) -> Fact[bool]:
        """A sleepy or confused patient, or a baclofen poisoning: no dose is stepped up or down by a table then."""
        if self.drowsiness:
            return Known(True, tuple(sign.evidence for sign in self.drowsiness))
        if is_yes(self.overdose_event):
            return self.overdose_event
        if self.chart.was_sent("Condition", "Observation"):
            return Known(False)
        return Unknown(Reason.NOT_SENT, "signs of toxicity", (Need("Condition"), Need("Observation")))

    @cached_property
    def baclofen_underdosing(self) -> tuple[Sign, ...]:
        """Underdosing or medicines not taken, recorded in the last 30 days: a cue of an interruption."""
        days = self.limits["underdosing-days"]
        concepts = ("cond-baclofen-underdosing", "cond-medication-nonadherence")
        return tuple(
            Sign("underdosing", p.text or "underdosing", begun, Evidence(p.ref, p.text or "underdosing"))
            for p in self.facts.person.active(concepts)
            for begun in (p.onset or p.recorded,)
            if begun is not None and is_recent(begun, days, self.as_of)
        )

    @cached_property
    def underdosing_new(self) -> tuple[Sign, ...]:
        """Underdosing of baclofen that was recorded in the last days."""
        days = self.limits["sign-days"]
        newly = {p.ref for p in self.facts.person.active("cond-baclofen-underdosing")}
        return tuple(
            sign
            for sign in self.baclofen_underdosing
            if sign.evidence.reference in newly and sign.at is not None and is_recent(sign.at, days, self.as_of)
        )

    @cached_property
    def intoxicated(self) -> bool:
        """Alcohol intoxication recorded in the last day."""
        hours = timedelta(hours=float(self.limits["sign-hours"]))
        return any(
            begun is not None and begun.within(hours, self.as_of)
            for p in self.facts.person.active("cond-alcohol-intoxication")
            for begun in (p.onset or p.recorded,)
        )

    @cached_property
    def alcohol_intake(self) -> Fact[Alcohol]:
        """The newest AUDIT-C score and drinks a week of the last year."""
        days = self.limits["alcohol-days"]
        score = newest_number(usable(self.chart, ("lab-audit-c",)), days, self.as_of)
        daily = newest_number(usable(self.chart, ("lab-alcohol-drinks-per-day",)), days, self.as_of)
        evidence = tuple(tell(m, name) for m, name in ((score, "AUDIT-C"), (daily, "drinks per day")) if m)
        if not evidence:
            return Unknown(Reason.NOT_SENT, "alcohol intake", (Need("Observation", ("lab-alcohol-intake",)),))
        return Known(
            Alcohol(
                None if score is None else number_of(score),
                None if daily is None else number_of(daily) * _DRINKS_A_WEEK,
            ),
            evidence,
        )


def _is_running(start: Moment | None, end: Moment | None, as_of: datetime) -> bool:
    return end is not None and end.last > as_of and (start is None or start.first <= as_of)


def _touches(at: Moment | None, hours: timedelta, as_of: datetime) -> bool:
    return at is not None and at.within(hours, as_of)

"""Kidney function as of now: the band, dialysis, acute injury and the stage on the problem list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from .aki import Aki, Reading, find_aki
from .caching import cached_property
from .chart import Measurement, Problem
from .dialysis import Dialysis, find_dialysis
from .egfr import Egfr, KidneyTests, say_value
from .fact import Evidence, Fact, Known, Need, Reason, Unknown
from .measuring import newest_number, number_of, shown, time_of, usable
from .moment import Moment

STAGES = ("1", "2", "3", "3a", "3b", "4", "5")
STAGE_CONCEPTS = {
    **{f"cond-ckd-stage-{stage}": stage for stage in STAGES},
    "cond-esrd": "5",
    "cond-esrd-on-dialysis": "5",
    "cond-ckd-stage-5-or-esrd-hypertensive": "5",
}
PUBLISHED_STAGES = tuple(concept for concept in STAGE_CONCEPTS if not concept.endswith(("a", "b")))
"""Codes of the halves of stage 3 are in its own ValueSet."""
SEVERE_STAGES = frozenset({"4", "5"})
FAILURE = "kidney failure"
STAGE_NAMES = {stage: f"CKD stage {stage}" for stage in SEVERE_STAGES}
KIDNEY_FAILURE = re.compile(r"\b(?:kidney|renal) failure\b", re.IGNORECASE)
HALF_STAGE = re.compile(r"\b(?:stage|g)?\s*3\s?([ab])\b", re.IGNORECASE)


BandName = Literal["<15", "15-29", "30-44", "45-59", "60-89", ">=60", ">=90"]
BANDS: tuple[BandName, ...] = ("<15", "15-29", "30-44", "45-59", "60-89", ">=60", ">=90")
"""Worst first."""
EDGES: tuple[tuple[str, BandName], ...] = (
    ("band-g4-from", "<15"),
    ("band-g3b-from", "15-29"),
    ("band-g3a-from", "30-44"),
    ("band-g2-from", "45-59"),
    ("band-g1-from", "60-89"),
)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What the problem list says of the kidneys, and when it was written there; None = nobody knows."""

    says: str
    evidence: Evidence
    written: Moment | None
    sure: bool = True  # of this patient, now

    def is_newer(self, egfr: Egfr) -> bool:
        """Was it written on the day of a result, or after it?"""
        return self.written is not None and self.written.day >= egfr.at.day


@dataclass(frozen=True, slots=True)
class Band:
    """The worse of the eGFR band and, from age 65, the creatinine clearance band.

    ``value`` is the number that set the band, None for an interval. ``at_best`` is True when an interval only
    says "no better than this band" ("<30").
    """

    name: BandName
    value: Decimal | None
    by: Literal["eGFR", "CrCl"]
    egfr: Egfr | None
    crcl: Decimal | None
    old: bool
    at: Moment  # of the result that set the band
    evidence: tuple[Evidence, ...] = ()
    at_best: bool = False

    @property
    def shown(self) -> str:
        """What set the band, both named when the clearance did: "40.5", "45.2 (CrCl 36.6)"."""
        egfr = self.egfr.shown if self.egfr else "unknown"
        return f"{egfr} (CrCl {shown(self.value)})" if self.by == "CrCl" and self.value is not None else egfr


class KidneyFacts(KidneyTests):
    """Facts about the kidneys at ``as_of``."""

    @cached_property
    def _dialysis(self) -> Dialysis:
        return find_dialysis(self.person)

    @property
    def dialysis(self) -> Fact[bool]:
        """Unknown NOT_FINAL or CONFLICT = uncertain; NOT_SENT = nobody looked."""
        return self._dialysis.on

    @property
    def one_dialysis_session(self) -> bool:
        """Exactly one acute session, and nothing else that speaks of dialysis."""
        return self._dialysis.one_session

    @cached_property
    def band(self) -> Fact[Band]:
        """The worse band of eGFR and, from age 65, creatinine clearance."""
        by_egfr, by_crcl = self._egfr_band(), self._crcl_band()
        if by_crcl is None:
            return by_egfr
        if isinstance(by_egfr, Known) and BANDS.index(by_egfr.value.name) <= BANDS.index(by_crcl.name):
            return by_egfr
        return Known(by_crcl, by_crcl.evidence, "computed")

    @cached_property
    def worse_clearance(self) -> Measurement | None:
        """A reported creatinine clearance below 60, as new as the band's result and of a worse band, that set none."""
        if not isinstance(self.band, Known):
            return None
        found = usable(self.chart, ("lab-crcl-cockcroft-gault", "lab-crcl-measured-24h"))
        newest = newest_number(found, self.limits["kidney-window-days"], self.as_of)
        band = self.band.value
        if newest is None or time_of(newest).day < band.at.day:
            return None
        name = self._band_of(number_of(newest))
        return (
            newest if BANDS.index(name) < BANDS.index("60-89") and BANDS.index(name) < BANDS.index(band.name) else None
        )

    def _egfr_band(self) -> Fact[Band]:
        egfr = self.egfr
        if isinstance(egfr, Unknown):
            return egfr
        one = egfr.value
        best = self._band_below(one.high) if one.value is None else self._band_of(one.low)
        worst = self._band_of(one.low)
        name = ">=60" if (worst, best) == ("60-89", ">=90") else best
        bad = one.high is not None and one.high <= self.limits["band-g2-from"]
        if name not in (worst, ">=60") and not bad:
            return Unknown(Reason.NOT_COMPUTABLE, f"eGFR {one.shown}", self.needs, one.evidence)
        return Known(
            Band(name, one.value, "eGFR", one, None, one.old, one.at, one.evidence, worst != best and bad),
            one.evidence,
            egfr.how,
        )

    def _crcl_band(self) -> Band | None:
        """The clearance band, if it counts: age 65 or over, and not older than the eGFR picked."""
        found = self.clearance_at
        if isinstance(found, Unknown) or self.person.at_least(self.limits["older-age"]) is not True:
            return None
        clearance, at = found
        egfr = self.egfr.value if isinstance(self.egfr, Known) else None
        if egfr is not None and not egfr.old and at.day < egfr.at.day:
            return None
        said = (*clearance.evidence, *(egfr.evidence if egfr else ()))
        name, value = self._band_of(clearance.value), clearance.value
        return Band(name, value, "CrCl", egfr, value, False, at, said)

    def _band_of(self, value: Decimal) -> BandName:
        """The band a value is in; the lower bound belongs to it."""
        for edge, name in EDGES:
            if value < self.limits[edge]:
                return name
        return ">=90"

    def _band_below(self, high: Decimal | None) -> BandName:
        """The band just below an open upper end; None = no upper end."""
        if high is None:
            return ">=90"
        return self._band_of(high - Decimal("0.000001"))

    @cached_property
    def aki(self) -> Fact[Aki | None]:
        """Acute kidney injury: Known(None) = no; Unknown = nobody looked, or "no baseline creatinine"."""
        creatinine = tuple(
            Reading(time_of(m), number_of(m), Evidence(m.ref, f"creatinine {say_value(m)}, {m.at}"))
            for m in self.creatinine
        )
        return find_aki(self.person, creatinine, self._egfr_readings(), self._one_session())

    def _one_session(self) -> Fact[bool] | None:
        return self.dialysis if self.one_dialysis_session else None

    def _egfr_readings(self) -> tuple[Reading, ...]:
        """One eGFR number per day, the lower."""
        days: dict[date, Egfr] = {}
        for one in self.candidates:
            if one.value is None:
                continue
            held = days.get(one.at.day)
            days[one.at.day] = one if held is None or one.low < held.low else held
        return tuple(Reading(one.at, one.low, one.evidence[0]) for one in days.values())

    @cached_property
    def ckd_stage(self) -> Fact[str | None]:
        """Highest stage of an active entry: "1" … "5", "3a", "3b", "unspecified"; None = no such entry."""
        problems = self.person.active((*STAGE_CONCEPTS, "cond-ckd-unspecified"))
        staged = [
            (STAGES.index(stage), stage, problem)
            for problem in problems
            for concept in problem.concepts & STAGE_CONCEPTS.keys()
            for stage in (_half_stage(STAGE_CONCEPTS[concept], problem.text),)
        ]
        if staged:
            _, stage, problem = max(staged, key=lambda one: one[0])
            return Known(stage, (Evidence(problem.ref, problem.text or f"CKD stage {stage}"),))
        if problems:
            return Known("unspecified", tuple(Evidence(p.ref, p.text or "CKD") for p in problems))
        asked = (Need("Condition", PUBLISHED_STAGES),)
        return Known(None) if self.chart.was_answered(asked) else Unknown(Reason.NOT_SENT, "problem list", asked)

    @cached_property
    def stage_against(self) -> Contradiction | None:
        """Stage 4 or 5, or kidney failure, on the problem list beside an eGFR that does not fit it.

        What was put there before it fits any reduced one, what was put there since none that is a band off. A
        transplant explains what was put there before, or nobody knows when.
        """
        if not isinstance(self.egfr, Known):
            return None
        egfr = self.egfr.value
        found = [
            one
            for problem in self.person.active((*STAGE_CONCEPTS, "cond-ckd-unspecified"))
            for stage in _severe_stages(problem)
            for one in (_entry(problem, stage),)
            if self._does_not_fit(stage, egfr, newer=one.is_newer(egfr))
        ]
        return max(found, key=lambda one: (one.is_newer(egfr), one.sure, one.says), default=None)

    def _does_not_fit(self, stage: str, egfr: Egfr, *, newer: bool) -> bool:
        if newer:
            return egfr.low >= self.limits["band-g3a-from" if stage == "4" else "band-g3b-from"]
        return egfr.low >= self.limits["band-g2-from"] and not self._transplanted

    @cached_property
    def _transplanted(self) -> bool:
        return bool(self.person.problems("cond-kidney-transplant", "active", "history")) or any(
            "proc-kidney-transplant" in act.concepts and act.state == "done" for act in self.chart.acts
        )


def _severe_stages(problem: Problem) -> frozenset[str]:
    """The stages an entry says that no good eGFR fits."""
    staged = {STAGE_CONCEPTS[concept] for concept in problem.concepts & STAGE_CONCEPTS.keys()}
    failure = {FAILURE} if not staged and KIDNEY_FAILURE.search(problem.text) else set()
    return frozenset((staged & SEVERE_STAGES) | failure)


def _entry(problem: Problem, stage: str) -> Contradiction:
    said = Evidence(problem.ref, problem.text or stage)
    return Contradiction(STAGE_NAMES.get(stage, stage), said, problem.recorded or problem.onset, not problem.loosely)


def _half_stage(stage: str, text: str) -> str:
    """ "3a" or "3b" when the words of a stage 3 entry say so."""
    found = HALF_STAGE.search(text) if stage == "3" else None
    return stage + found[1].lower() if found else stage

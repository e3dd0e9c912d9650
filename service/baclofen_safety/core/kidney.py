"""Kidney function as of now: the eGFR picked, the band, acute injury and dialysis."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Literal

from .aki import Aki, Reading, find_aki
from .chart import Chart, Measurement
from .dialysis import Dialysis, find_dialysis
from .fact import Evidence, Fact, Known, Need, Reason, Unknown
from .knowledge import Limits
from .measuring import all_of, is_recent, newest_number, number_of, shown, span, tell, time_of, usable
from .moment import Moment
from .person import PersonFacts
from .renal_formulas import Sex, adjust_weight, bedside_schwartz, ckd_epi_2021, cockcroft_gault

REPORTED: dict[str, tuple[str, bool]] = {
    "lab-egfr-ckdepi-2021-creatinine": ("CKD-EPI 2021", True),
    "lab-egfr-ckdepi-2021-creatinine-cystatin": ("CKD-EPI 2021 creatinine-cystatin C", False),
    "lab-egfr-ckdepi-2009-creatinine": ("CKD-EPI 2009", True),
    "lab-egfr-ckdepi-2009-creatinine-race": ("CKD-EPI 2009 by race, the lower", True),
    "lab-egfr-ckdepi-creatinine-cystatin-2012": ("CKD-EPI 2012 creatinine-cystatin C", False),
    "lab-egfr-cystatin": ("cystatin C", False),
    "lab-egfr-mdrd": ("MDRD", True),
    "lab-egfr-mdrd-race": ("MDRD by race, the lower", True),
    "lab-egfr-unspecified-formula": ("formula not stated", True),
}
CYSTATIN = (*(name for name, (_, creatinine) in REPORTED.items() if not creatinine), "lab-cystatin-c")
CREATININE = "lab-creatinine"
STAGES = ("1", "2", "3", "3a", "3b", "4", "5")
STAGE_CONCEPTS = {
    **{f"cond-ckd-stage-{stage}": stage for stage in STAGES},
    "cond-esrd": "5",
    "cond-esrd-on-dialysis": "5",
    "cond-ckd-stage-5-or-esrd-hypertensive": "5",
}
HALF_STAGE = re.compile(r"\b(?:stage|g)?\s*3\s?([ab])\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Egfr:
    """One eGFR, mL/min/1.73 m2. ``high`` is None for an interval open upwards (">60")."""

    low: Decimal
    high: Decimal | None
    formula: str
    at: Moment
    computed: bool
    old: bool
    creatinine_based: bool
    evidence: tuple[Evidence, ...] = ()

    @property
    def value(self) -> Decimal | None:
        """The number; None for an interval."""
        return self.low if self.low == self.high else None

    @property
    def shown(self) -> str:
        """ "40.5", ">60", "<15" or "30-60"."""
        if self.high is None:
            return f">{shown(self.low)}"
        if self.low == self.high:
            return shown(self.low)
        return f"<{shown(self.high)}" if not self.low else f"{shown(self.low)}-{shown(self.high)}"


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
    evidence: tuple[Evidence, ...] = ()
    at_best: bool = False

    @property
    def shown(self) -> str:
        """What set the band, both named when the clearance did: "40.5", "45.2 (CrCl 36.6)"."""
        egfr = self.egfr.shown if self.egfr else "unknown"
        return f"{egfr} (CrCl {shown(self.value)})" if self.by == "CrCl" and self.value is not None else egfr


class KidneyFacts:
    """Facts about the kidneys at ``as_of``."""

    def __init__(self, chart: Chart, as_of: datetime, limits: Limits, person: PersonFacts) -> None:
        self.chart = chart
        self.as_of = as_of
        self.limits = limits
        self.person = person

    @cached_property
    def egfr(self) -> Fact[Egfr]:
        """The eGFR to judge by: of the newest day the lower; older than the window only when abnormal."""
        window = self.limits["kidney-window-days"]
        fresh = [one for one in self._candidates if is_recent(one.at, window, self.as_of)]
        if fresh:
            picked = _lowest(_newest_day(fresh))
            return Known(picked, picked.evidence, "computed" if picked.computed else "coded")
        if not self._candidates:
            return self._why_no_egfr()
        picked = _lowest(_newest_day(self._candidates))
        if self._is_abnormal(picked):
            picked = replace(picked, old=True)
            return Known(picked, picked.evidence, "computed" if picked.computed else "coded")
        return Unknown(Reason.TOO_OLD, f"last value {picked.at}", self._needs, picked.evidence)

    def _is_abnormal(self, one: Egfr) -> bool:
        """Below 60; of an interval the whole."""
        if one.high is None:
            return False
        limit = self.limits["old-abnormal-below"]
        return one.high < limit if one.value is not None else one.high <= limit

    @property
    def _needs(self) -> tuple[Need, ...]:
        since = (self.as_of - span(self.limits["kidney-window-days"])).date()
        return (Need("Observation", (CREATININE, *REPORTED), since),)

    @cached_property
    def _creatinine(self) -> tuple[Measurement, ...]:
        """Creatinine values that are plain numbers and plausible, oldest first."""
        found = usable(self.chart, (CREATININE,))
        return tuple(m for m in found if m.value is not None and not self._is_implausible(m))

    def _is_implausible(self, m: Measurement) -> bool:
        """A creatinine in mg/dL this high is probably umol/L."""
        high = m.low is not None and m.low > self.limits["creatinine-implausible-above"]
        return m.concept == CREATININE and high and "mol" not in m.shown

    @cached_property
    def _candidates(self) -> tuple[Egfr, ...]:
        """Every eGFR reported or computable, any age, oldest first."""
        reported = [self._read(m) for m in usable(self.chart, REPORTED)]
        computed = [one for m in self._creatinine if (one := self._compute(m)) is not None]
        return tuple(sorted((*reported, *computed), key=lambda one: one.at.first))

    def _read(self, m: Measurement) -> Egfr:
        formula, creatinine = REPORTED[m.concept]
        said = tell(m, f"eGFR ({formula})")
        return Egfr(m.low or Decimal(0), m.high, formula, time_of(m), False, False, creatinine, (said,))

    def _compute(self, m: Measurement) -> Egfr | None:
        """eGFR from one creatinine, by the formula for the age; None where there is none."""
        made = self._schwartz(number_of(m)) if not self.person.adult_or_unknown else self._ckd_epi(number_of(m))
        if made is None:
            return None
        value, formula, also = made
        said = Evidence(m.ref, f"eGFR {shown(value)} ({formula}) from creatinine {_said(m)}, {m.at}")
        return Egfr(value, value, formula, time_of(m), True, False, True, (said, *also))

    def _ckd_epi(self, creatinine: Decimal) -> tuple[Decimal, str, tuple[Evidence, ...]] | None:
        age, sex = self._adult_age, self._sex
        if age is None or sex is None or creatinine <= 0:
            return None
        return ckd_epi_2021(creatinine, age, sex), "CKD-EPI 2021", ()

    def _schwartz(self, creatinine: Decimal) -> tuple[Decimal, str, tuple[Evidence, ...]] | None:
        height = self.person.height(self.limits["child-height-days"])
        valid = self.person.at_least(self.limits["schwartz-age-from"])
        if not valid or not isinstance(height, Known) or creatinine <= 0:
            return None
        return bedside_schwartz(creatinine, height.value), "bedside Schwartz", height.evidence

    @cached_property
    def _adult_age(self) -> int | None:
        years = self.person.age_years
        return max(years, self.limits.int("adult-age")) if years is not None else None

    @cached_property
    def _sex(self) -> Sex | None:
        sex = self.person.sex
        if not isinstance(sex, Known):
            return None
        return "female" if sex.value == "female" else "male"

    def _why_no_egfr(self) -> Unknown:
        """Nothing to pick from: name what is missing."""
        if self._creatinine:
            missing = ", ".join(self._missing())
            said = tell(self._creatinine[-1], "creatinine")
            return Unknown(Reason.NOT_COMPUTABLE, missing, (Need("Patient"), *self._needs), (said,))
        unusable = self.newest_unusable
        if unusable is not None:
            about = unusable.problem or "creatinine implausible"
            return Unknown(Reason.UNREADABLE, about, self._needs, (tell(unusable, "kidney test"),))
        return Unknown(Reason.NOT_SENT, "creatinine or eGFR", self._needs)

    def _missing(self) -> Iterable[str]:
        if not isinstance(self.person.age, Known):
            yield "birth date"
        if not self.person.adult_or_unknown:
            young = self.person.below(self.limits["schwartz-age-from"])
            yield "reported eGFR" if young else "height"
        elif self._sex is None:
            yield "sex"

    @cached_property
    def crcl(self) -> Fact[Decimal]:
        """Creatinine clearance, mL/min: Cockcroft-Gault from age 65 with a weight, else as reported."""
        picked = self._clearance
        return Unknown(picked.reason, picked.about, picked.needs) if isinstance(picked, Unknown) else picked[0]

    @cached_property
    def _clearance(self) -> tuple[Known[Decimal], Moment] | Unknown:
        window = self.limits["kidney-window-days"]
        source = newest_number(self._creatinine, window, self.as_of)
        weight = self.person.weight(self.limits["clearance-weight-days"])
        old = self.person.at_least(self.limits["older-age"]) is not False
        if source is not None and old and isinstance(weight, Known):
            made = self._cockcroft(source, weight)
            if made is not None:
                return made, time_of(source)
        reported = newest_number(usable(self.chart, ("lab-crcl-cockcroft-gault",)), window, self.as_of)
        if reported is not None and reported.value is not None:
            return Known(reported.value, (tell(reported, "CrCl"),)), time_of(reported)
        about = "weight" if isinstance(weight, Unknown) else "age, sex or creatinine"
        return Unknown(Reason.NOT_COMPUTABLE, about, weight.needs if isinstance(weight, Unknown) else ())

    def _cockcroft(self, m: Measurement, weight: Known[Decimal]) -> Known[Decimal] | None:
        age, sex = self._adult_age, self._sex
        if age is None or sex is None or number_of(m) <= 0:
            return None
        kilos = self._dosing_weight(weight.value, sex)
        value = cockcroft_gault(number_of(m), age, kilos, sex)
        said = f"CrCl {shown(value)} mL/min (Cockcroft-Gault) from creatinine {_said(m)}, {m.at}"
        return Known(value, (Evidence(m.ref, said), *weight.evidence), "computed")

    def _dosing_weight(self, weight: Decimal, sex: Sex) -> Decimal:
        """Actual weight; adjusted in obesity when the height is known."""
        height = self.person.height(self.limits["adult-height-days"])
        if not isinstance(height, Known) or height.value <= 0:
            return weight
        metres = height.value / 100
        obese = weight / (metres * metres) > self.limits["obese-bmi-above"]
        return adjust_weight(weight, height.value, sex) if obese else weight

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
            return Unknown(Reason.NOT_COMPUTABLE, f"eGFR {one.shown}", self._needs, one.evidence)
        return Known(
            Band(name, one.value, "eGFR", one, None, one.old, one.evidence, at_best=worst != best and bad),
            one.evidence,
            egfr.how,
        )

    def _crcl_band(self) -> Band | None:
        """The clearance band, if it counts: age 65 or over, and not older than the eGFR picked."""
        found = self._clearance
        if isinstance(found, Unknown) or self.person.at_least(self.limits["older-age"]) is not True:
            return None
        clearance, at = found
        egfr = self.egfr.value if isinstance(self.egfr, Known) else None
        if egfr is not None and not egfr.old and at.day < egfr.at.day:
            return None
        said = (*clearance.evidence, *(egfr.evidence if egfr else ()))
        return Band(self._band_of(clearance.value), clearance.value, "CrCl", egfr, clearance.value, False, said)

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
            Reading(time_of(m), number_of(m), Evidence(m.ref, f"creatinine {_said(m)}, {m.at}"))
            for m in self._creatinine
        )
        return find_aki(self.person, creatinine, self._egfr_readings(), self._one_session())

    def _one_session(self) -> Fact[bool] | None:
        return self.dialysis if self.one_dialysis_session else None

    def _egfr_readings(self) -> tuple[Reading, ...]:
        """One eGFR number per day, the lower."""
        days: dict[date, Egfr] = {}
        for one in self._candidates:
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
        if self.chart.was_sent("Condition"):
            return Known(None)
        return Unknown(Reason.NOT_SENT, "problem list", (Need("Condition", tuple(STAGE_CONCEPTS)),))

    @cached_property
    def last_test_at(self) -> Moment | None:
        """Time of the newest usable creatinine or eGFR of any age."""
        newest = [*usable(self.chart, REPORTED)[-1:], *self._creatinine[-1:]]
        return max((time_of(m) for m in newest), key=lambda at: at.first, default=None)

    @cached_property
    def cystatin_egfr_recent(self) -> bool:
        """A cystatin C result inside the window."""
        window = self.limits["kidney-window-days"]
        return any(is_recent(time_of(m), window, self.as_of) for m in usable(self.chart, CYSTATIN))

    @cached_property
    def newest_unusable(self) -> Measurement | None:
        """The newest creatinine or eGFR that cannot be used, if no usable one is as new."""
        found = [
            m
            for m in all_of(self.chart, (CREATININE, *REPORTED))
            if m.at is not None and (m.problem is not None or self._is_implausible(m))
        ]
        if not found:
            return None
        newest = max(found, key=lambda m: time_of(m).first)
        last = self.last_test_at
        return newest if last is None or time_of(newest).first > last.first else None


def _said(m: Measurement) -> str:
    return m.shown or f"{m.low} {m.unit}".strip()


def _half_stage(stage: str, text: str) -> str:
    """ "3a" or "3b" when the words of a stage 3 entry say so."""
    found = HALF_STAGE.search(text) if stage == "3" else None
    return stage + found[1].lower() if found else stage


def _newest_day(found: Iterable[Egfr]) -> list[Egfr]:
    """Those of the newest calendar day."""
    every = list(found)
    day = max(one.at.day for one in every)
    return [one for one in every if one.at.day == day]


def _lowest(found: list[Egfr]) -> Egfr:
    """The lowest; an interval that holds the lowest number says less than it and is left out."""
    numbers = [one for one in found if one.value is not None]
    if not numbers:
        return min(found, key=lambda one: (one.low, one.high is None))
    number = min(numbers, key=lambda one: one.low)
    lower = [one for one in found if one.high is not None and one.high <= number.low and one is not number]
    return min(lower, key=lambda one: (one.low, one.high), default=number)

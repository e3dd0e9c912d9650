"""Which eGFR to judge by: reported or computed, of the newest day the lower; and the creatinine clearance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from .caching import cached_property
from .chart import Chart, Measurement
from .fact import BIRTH, Evidence, Fact, Known, Need, Reason, Unknown
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
_REPORT = "reported eGFR"


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

    def is_below(self, limit: Decimal) -> bool:
        """Is the number below the limit; of an interval, the whole of it?"""
        return self.high is not None and self.low < limit and self.high <= limit

    @property
    def shown(self) -> str:
        """ "40.5", ">60", "<15" or "30-60"."""
        if self.high is None:
            return f">{shown(self.low)}"
        if self.low == self.high:
            return shown(self.low)
        return f"<{shown(self.high)}" if not self.low else f"{shown(self.low)}-{shown(self.high)}"


class KidneyTests:
    """Creatinine and eGFR at ``as_of``, and what can be computed from them."""

    def __init__(self, chart: Chart, as_of: datetime, limits: Limits, person: PersonFacts) -> None:
        self.chart = chart
        self.as_of = as_of
        self.limits = limits
        self.person = person

    @cached_property
    def egfr(self) -> Fact[Egfr]:
        """The eGFR to judge by: of the newest day the lower; older than the window only when abnormal."""
        window = self.limits["kidney-window-days"]
        fresh = [one for one in self.candidates if is_recent(one.at, window, self.as_of)]
        if fresh:
            picked = _lowest(_newest_day(fresh))
            return Known(picked, picked.evidence, "computed" if picked.computed else "coded")
        if not self.candidates:
            return self._why_no_egfr()
        picked = _lowest(_newest_day(self.candidates))
        if picked.is_below(self.limits["old-abnormal-below"]):
            picked = replace(picked, old=True)
            return Known(picked, picked.evidence, "computed" if picked.computed else "coded")
        return Unknown(Reason.TOO_OLD, f"last value {picked.at}", self.needs, picked.evidence)

    @property
    def needs(self) -> tuple[Need, ...]:
        since = (self.as_of - span(self.limits["kidney-window-days"])).date()
        return (Need("Observation", (CREATININE, *REPORTED), since),)

    @cached_property
    def creatinine(self) -> tuple[Measurement, ...]:
        """Creatinine values that are plain numbers and plausible, oldest first."""
        found = usable(self.chart, (CREATININE,))
        return tuple(m for m in found if m.value is not None and not self._is_implausible(m))

    def _is_implausible(self, m: Measurement) -> bool:
        """A creatinine in mg/dL this high is probably umol/L."""
        high = m.low is not None and m.low > self.limits["creatinine-implausible-above"]
        return m.concept == CREATININE and high and "mol" not in m.shown

    @cached_property
    def candidates(self) -> tuple[Egfr, ...]:
        """Every eGFR reported or computable, any age, oldest first."""
        reported = [self._read(m) for m in usable(self.chart, REPORTED)]
        computed = [one for m in self.creatinine if (one := self._compute(m)) is not None]
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
        said = Evidence(m.ref, f"eGFR {shown(value)} ({formula}) from creatinine {say_value(m)}, {m.at}")
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
        if self.creatinine:
            missing, newest = tuple(self._missing()), self.creatinine[-1]
            fresh = is_recent(time_of(newest), self.limits["kidney-window-days"], self.as_of)
            asked = () if fresh and missing and _REPORT not in missing else self.needs
            said = tell(newest, "creatinine")
            return Unknown(Reason.NOT_COMPUTABLE, ", ".join(missing), (*self._missing_needs(), *asked), (said,))
        unusable = self.newest_unusable
        if unusable is not None:
            about = self.why_unusable(unusable)
            return Unknown(Reason.UNREADABLE, about, self.needs, (tell(unusable, "kidney test"),))
        return Unknown(Reason.NOT_SENT, "creatinine or eGFR", self.needs)

    def _missing(self) -> Iterable[str]:
        if not isinstance(self.person.age, Known):
            yield "birth date"
        if not self.person.adult_or_unknown:
            young = self.person.below(self.limits["schwartz-age-from"])
            yield _REPORT if young else "height"
        elif self._sex is None:
            yield "sex"

    def _missing_needs(self) -> Iterable[Need]:
        """What makes an eGFR of the creatinine that is there."""
        if not isinstance(self.person.age, Known):
            yield BIRTH
        if not self.person.adult_or_unknown:
            height = self.person.height(self.limits["child-height-days"])
            yield from height.needs if isinstance(height, Unknown) else ()
        elif isinstance(self.person.sex, Unknown):
            yield from self.person.sex.needs

    def newer_than(self, day: date) -> tuple[Need, ...]:
        """A kidney test of a later day: it takes the place of what there is."""
        return (Need("Observation", (CREATININE, *REPORTED), day + timedelta(days=1)),)

    @cached_property
    def crcl(self) -> Fact[Decimal]:
        """Creatinine clearance, mL/min: Cockcroft-Gault from age 65 with a weight, else as reported."""
        picked = self.clearance_at
        return Unknown(picked.reason, picked.about, picked.needs) if isinstance(picked, Unknown) else picked[0]

    @cached_property
    def clearance_at(self) -> tuple[Known[Decimal], Moment] | Unknown:
        window = self.limits["kidney-window-days"]
        source = newest_number(self.creatinine, window, self.as_of)
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
        said = f"CrCl {shown(value)} mL/min (Cockcroft-Gault) from creatinine {say_value(m)}, {m.at}"
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
    def last_test_at(self) -> Moment | None:
        """Time of the newest usable creatinine or eGFR of any age."""
        newest = [*usable(self.chart, REPORTED)[-1:], *self.creatinine[-1:]]
        return max((time_of(m) for m in newest), key=lambda at: at.first, default=None)

    @cached_property
    def cystatin_egfr_recent(self) -> bool:
        """A cystatin C result inside the window."""
        window = self.limits["kidney-window-days"]
        return any(is_recent(time_of(m), window, self.as_of) for m in usable(self.chart, CYSTATIN))

    @cached_property
    def undated(self) -> tuple[Measurement, ...]:
        """Creatinine and eGFR that nobody dated: any of them may be the newest."""
        return tuple(m for m in all_of(self.chart, (CREATININE, *REPORTED)) if m.at is None)

    @cached_property
    def newest_unusable(self) -> Measurement | None:
        """The newest creatinine or eGFR that cannot be used, if no usable one is as new."""
        every = all_of(self.chart, (CREATININE, *REPORTED))
        found = [m for m in every if m.at is not None and self.why_unusable(m)]
        if not found:
            return None
        newest = max(found, key=lambda m: time_of(m).first)
        last = self.last_test_at
        return newest if last is None or time_of(newest).first > last.first else None

    def why_unusable(self, m: Measurement) -> str:
        """Why no eGFR comes of a creatinine or eGFR; "" when one may. A creatinine must be one number (not ">4")."""
        if m.problem is not None:
            return m.problem
        if self._is_implausible(m):
            return "creatinine implausible"
        if m.low is None and m.high is None:
            return "value is not a number"
        return "creatinine is not one number" if m.concept == CREATININE and m.value is None else ""


def say_value(m: Measurement) -> str:
    return m.shown or f"{m.low} {m.unit}".strip()


def _newest_day(found: Iterable[Egfr]) -> list[Egfr]:
    """Those of the newest calendar day, and those of a month or year that may hold it or a later day."""
    every = list(found)
    day = max(one.at.day for one in every)
    return [one for one in every if one.at.day == day or (not one.at.exact and one.at.last.date() > day)]


def _lowest(found: list[Egfr]) -> Egfr:
    """The lowest; an interval that holds the lowest number says less than it and is left out."""
    numbers = [one for one in found if one.value is not None]
    if not numbers:
        return min(found, key=lambda one: (one.low, one.high is None))
    number = min(numbers, key=lambda one: one.low)
    lower = [one for one in found if one.high is not None and one.high <= number.low and one is not number]
    return min(lower, key=lambda one: (one.low, one.high), default=number)

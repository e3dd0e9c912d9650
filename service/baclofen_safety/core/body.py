"""Age, sex and size of the patient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from .caching import cached_property
from .chart import Chart
from .concepts import Concept
from .fact import BIRTH, Fact, Known, Need, Reason, Unknown
from .knowledge import Limits
from .measuring import Days, all_of, newest_number, span, tell, usable

DAYS_PER_YEAR = Decimal("365.25")


@dataclass(frozen=True, slots=True)
class Age:
    """Age range in years, completed; below one year days as a fraction. Both ends are equal when exact."""

    low: Decimal
    high: Decimal


def age_on(born: date, day: date) -> Decimal:
    """Completed years on a day; below one year the days as a fraction of a year."""
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return Decimal(years) if years > 0 else Decimal(max((day - born).days, 0)) / DAYS_PER_YEAR


class BodyFacts:
    """Age, sex and size at ``as_of``."""

    def __init__(self, chart: Chart, as_of: datetime, limits: Limits) -> None:
        self.chart = chart
        self.as_of = as_of
        self.limits = limits

    @cached_property
    def age(self) -> Fact[Age]:
        """From the birth date. A year or month only gives a range; a birth after ``as_of`` is unreadable."""
        birth = self.chart.patient.birth
        if birth is None:
            return Unknown(Reason.NOT_SENT, "birth date", (BIRTH,))
        if birth.first > self.as_of:
            return Unknown(Reason.UNREADABLE, "birth date", (BIRTH,))
        latest = min((birth.last - timedelta(microseconds=1)), self.as_of) if not birth.exact else birth.first
        day = self.as_of.date()
        return Known(Age(age_on(latest.date(), day), age_on(birth.first.date(), day)))

    @cached_property
    def age_years(self) -> int | None:
        """Completed years; of a range the higher end. None = unknown."""
        return int(self.age.value.high) if isinstance(self.age, Known) else None

    def at_least(self, years: int | Decimal) -> bool | None:
        """Is the age known to be ``years`` or more? None: unknown, or the limit lies inside the range."""
        if not isinstance(self.age, Known):
            return None
        age = self.age.value
        if age.low >= years:
            return True
        return False if age.high < years else None

    def below(self, years: int | Decimal) -> bool | None:
        """The contrary of ``at_least``; None stays None."""
        older = self.at_least(years)
        return None if older is None else not older

    def younger_than_days(self, days: Days) -> bool | None:
        """Is the age below so many days?"""
        return self.below(Decimal(days) / DAYS_PER_YEAR)

    @cached_property
    def adult_or_unknown(self) -> bool:
        """Not known to be a child."""
        return self.below(self.limits["adult-age"]) is not True

    @cached_property
    def sex(self) -> Fact[str]:
        """Male or female, for formulas."""
        sex = self.chart.patient.sex
        return Known(str(sex)) if sex else Unknown(Reason.NOT_SENT, "sex", (Need("Patient", parts=("sex",)),))

    @cached_property
    def deceased(self) -> bool:
        """Recorded as dead by ``as_of``."""
        patient = self.chart.patient
        return patient.died.first <= self.as_of if patient.died else patient.deceased

    def weight(self, days: Days) -> Fact[Decimal]:
        """Newest body weight inside the window, kg: measured, dry, or stated (then ``how`` is assumed)."""
        return self._size(("lab-body-weight", "lab-body-weight-dry"), "lab-body-weight-weak", days, "weight")

    @cached_property
    def child_weight(self) -> Fact[Decimal]:
        """Weight young enough to dose a child by, kg; the smallest grow fast."""
        small = self.below(self.limits["child-weight-young-below"]) is not False
        return self.weight(self.limits["child-weight-young-days" if small else "child-weight-days"])

    def height(self, days: Days) -> Fact[Decimal]:
        """Newest body height inside the window, cm: measured, else stated (then ``how`` is assumed)."""
        return self._size(("lab-body-height",), "lab-body-height-weak", days, "height")

    def _size(self, strong: tuple[Concept, ...], weak: Concept, days: Days, name: str) -> Fact[Decimal]:
        for concept in (*strong, weak):
            found = newest_number(usable(self.chart, (concept,)), days, self.as_of)
            if found is not None and found.value is not None:
                how = "assumed" if concept == weak else "coded"
                return Known(found.value, (tell(found, name),), how)  # type: ignore[arg-type]
        since = (self.as_of - span(days)).date()
        older = all_of(self.chart, (*strong, weak))
        reason = Reason.TOO_OLD if older else Reason.NOT_SENT
        return Unknown(reason, name, (Need("Observation", strong[:1], since),))

    def bmi(self, days: Days) -> Fact[Decimal]:
        """Body mass index, kg/m2, from weight and height inside the window, else as reported."""
        weight, height = self.weight(days), self.height(days)
        if isinstance(weight, Known) and isinstance(height, Known) and height.value > 0:
            metres = height.value / 100
            return Known(weight.value / (metres * metres), (*weight.evidence, *height.evidence), "computed")
        found = newest_number(usable(self.chart, ("lab-bmi",)), days, self.as_of)
        if found is not None and found.value is not None:
            return Known(found.value, (tell(found, "BMI"),))
        return Unknown(Reason.NOT_SENT, "weight or height", (Need("Observation", ("lab-bmi",)),))

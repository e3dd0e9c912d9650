"""Vital signs and laboratory values that are signs of harm, at ``as_of``.

Temperatures are degrees Celsius, rates per minute, oxygen saturation per cent, blood pressure mm[Hg].
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from .caching import cached_property
from .chart import Measurement
from .concepts import Concept
from .fact import Fact, Known, Need, Reason, Unknown
from .measuring import is_recent, newest_number, number_of, shown, span, tell, time_of, usable
from .sign_kinds import Sign

if TYPE_CHECKING:
    from .facts import Facts

PERCENT = Decimal(100)
HOURS_A_DAY = Decimal(24)
_AGES = (("infant-age-below", "infant"), ("toddler-age-below", "toddler"), ("school-age-below", "child"))


class VitalSigns:
    """What was measured, and which of it is a current sign."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.limits = facts.limits
        self.chart = facts.chart
        self.as_of = facts.as_of

    @cached_property
    def temperature(self) -> Fact[Decimal]:
        """Highest of the last day's that no later normal one followed."""
        fever = self.limits["fever-from"]
        return self._worst(self._recent("lab-body-temperature"), lambda value: value >= fever, max, "temperature")

    @cached_property
    def respiratory_rate(self) -> Fact[Decimal]:
        """Lowest of the last day's that no later normal one followed: a single artefact is none."""
        limit = self._by_age("breathing-low")
        return self._worst(self._recent("lab-respiratory-rate"), lambda value: value < limit, min, "respiratory rate")

    @cached_property
    def spo2(self) -> Fact[Decimal]:
        """Lowest of the last day's that no later normal one followed; a fraction is read as per cent."""
        limit = self.oxygen_floor
        found = [(m, value * PERCENT if value <= 1 else value) for m, value in self._recent("lab-spo2")]
        return self._worst(found, lambda value: value < limit, min, "SpO2")

    @cached_property
    def oxygen_target(self) -> Measurement | None:
        """The newest recorded target range of oxygen saturation."""
        found = usable(self.chart, ("fact-oxygen-target",))
        return found[-1] if found else None

    @cached_property
    def oxygen_floor(self) -> Decimal:
        """Below this oxygen saturation is too low: lower where a range for people who retain CO2 is recorded."""
        target = self.oxygen_target
        low, high = self.limits["oxygen-target-low"], self.limits["oxygen-target-high"]
        if target is not None and target.low == low and target.high == high:
            return low
        return self.limits["oxygen-low-below"]

    @cached_property
    def systolic_bp(self) -> Fact[Decimal]:
        """The newest of the last 30 days."""
        found = newest_number(self._pressures, self.limits["pressure-days"], self.as_of)
        if found is not None:
            return Known(number_of(found), (tell(found, "systolic BP"),))
        days = self.limits["pressure-days"]
        return self._missing("blood pressure", "lab-systolic-bp", days, old=bool(self._pressures), within=_PANEL)

    @cached_property
    def bp_normal_90d(self) -> bool:
        """Is the newest systolic pressure of 90 days neither low nor high?"""
        found = newest_number(self._pressures, self.limits["pressure-known-days"], self.as_of)
        if found is None:
            return False
        return self.limits["pressure-low-below"] <= number_of(found) < self.limits["pressure-high-from"]

    @cached_property
    def pressure_low_below(self) -> Decimal:
        """The limit of low systolic pressure: by age in children."""
        person, limits = self.facts.person, self.limits
        if person.below(limits["adult-pressure-age"]) is True and person.age_years is not None:
            return limits["child-pressure-base"] + limits["child-pressure-per-year"] * person.age_years
        return limits["pressure-low-below"]

    @cached_property
    def pressure_signs(self) -> tuple[Sign, ...]:
        """Low or high now, or labile over the last day."""
        recent = self._recent("lab-systolic-bp")
        low, high = self.pressure_low_below, self.limits["pressure-high-from"]
        signs = [
            *_signs("pressure", "low blood pressure", _unended(recent, lambda value: value < low), min, "BP"),
            *_signs("pressure", "high blood pressure", _unended(recent, lambda value: value >= high), max, "BP"),
        ]
        values = [value for _, value in recent]
        if values and max(values) - min(values) > self.limits["pressure-spread-above"]:
            newest = recent[-1][0]
            says = f"labile blood pressure ({shown(min(values))} to {shown(max(values))})"
            signs.append(Sign("pressure", says, newest.at, tell(newest, "systolic BP")))
        return tuple(signs)

    @cached_property
    def ck_times_limit(self) -> Fact[Decimal]:
        """Newest creatine kinase of a week over the laboratory's upper limit."""
        found = newest_number(usable(self.chart, ("lab-creatine-kinase",)), self.limits["sign-days"], self.as_of)
        if found is None:
            return self._missing("creatine kinase", "lab-creatine-kinase", self.limits["sign-days"])
        upper = found.upper_normal or self.limits["ck-upper-normal"]
        return Known(number_of(found) / upper, (tell(found, "creatine kinase"),), "computed")

    @cached_property
    def fever(self) -> tuple[Sign, ...]:
        """A measured temperature from 38.0 that no normal one followed: one sign, the highest."""
        limit = self.limits["fever-from"]
        run = _unended(self._recent("lab-body-temperature"), lambda value: value >= limit)
        return _signs("fever", "temperature {} C", run, max, "temperature")

    @cached_property
    def hypothermia(self) -> tuple[Sign, ...]:
        limit = self.limits["cold-below"]
        run = _unended(self._recent("lab-body-temperature"), lambda value: value < limit)
        return _signs("hypothermia", "temperature {} C", run, min, "temperature")

    @cached_property
    def tachycardia(self) -> tuple[Sign, ...]:
        """A heart rate at or above the limit of the age."""
        limit = self._by_age("heart-high")
        run = _unended(self._recent("lab-heart-rate"), lambda value: value >= limit)
        return _signs("tachycardia", "heart rate {}/min", run, max, "heart rate")

    @cached_property
    def bradycardia(self) -> tuple[Sign, ...]:
        limit = self.limits["heart-low-below"]
        run = _unended(self._recent("lab-heart-rate"), lambda value: value < limit)
        return _signs("bradycardia", "heart rate {}/min", run, min, "heart rate")

    @cached_property
    def slow_breathing(self) -> tuple[Sign, ...]:
        """A respiratory rate below the limit of the age."""
        limit = self._by_age("breathing-low")
        run = _unended(self._recent("lab-respiratory-rate"), lambda value: value < limit)
        return _signs("breathing", "respiratory rate {}/min", run, min, "respiratory rate")

    @cached_property
    def low_oxygen(self) -> tuple[Sign, ...]:
        """An oxygen saturation below 90 %, or below the recorded target range."""
        limit = self.oxygen_floor
        found = [(m, value * PERCENT if value <= 1 else value) for m, value in self._recent("lab-spo2")]
        return _signs("oxygen", "SpO2 {} %", _unended(found, lambda value: value < limit), min, "SpO2")

    @cached_property
    def coma_score(self) -> tuple[Sign, ...]:
        limit = self.limits["drowsy-coma-score"]
        run = _unended(self._recent("lab-glasgow-coma-score"), lambda value: value <= limit)
        return _signs("coma-score", "coma score {}", run, min, "coma score")

    @cached_property
    def muscle_breakdown(self) -> tuple[Sign, ...]:
        """Creatine kinase above five times the laboratory's upper limit."""
        times = self.ck_times_limit
        if isinstance(times, Unknown) or times.value <= self.limits["ck-times-above"]:
            return ()
        found = newest_number(usable(self.chart, ("lab-creatine-kinase",)), self.limits["sign-days"], self.as_of)
        assert found is not None
        says = f"creatine kinase {shown(times.value)} times the upper limit"
        return (Sign("muscle-breakdown", says, found.at, times.evidence[0], times.value),)

    @cached_property
    def breath_measured(self) -> bool:
        """Was breathing or oxygen measured in the last day?"""
        return bool(self._recent("lab-respiratory-rate") or self._recent("lab-spo2"))

    @cached_property
    def breath_unread(self) -> bool:
        """Was breathing or oxygen measured in the last day in a way nobody can read, and not well since?"""
        return any(self._is_unread(concept) for concept in ("lab-respiratory-rate", "lab-spo2"))

    def _is_unread(self, concept: Concept) -> bool:
        window = timedelta(hours=float(self.limits["sign-hours"]))
        held = [m for m in self.chart.measurements.get(concept, ()) if m.at is not None]
        newest = max(held, key=lambda m: (time_of(m).first, m.problem is None), default=None)
        return newest is not None and newest.problem is not None and time_of(newest).within(window, self.as_of)

    @cached_property
    def _pressures(self) -> list[Measurement]:
        return usable(self.chart, ("lab-systolic-bp",))

    def _by_age(self, name: str) -> Decimal:
        """The limit of the patient's age band; unknown age: the adult's."""
        person = self.facts.person
        band = next((band for limit, band in _AGES if person.below(self.limits[limit]) is True), "adult")
        return self.limits[f"{name}-{band}"]

    def _recent(self, concept: Concept) -> list[tuple[Measurement, Decimal]]:
        """Plain numbers of the last day, oldest first."""
        window = timedelta(hours=float(self.limits["sign-hours"]))
        return [
            (m, number_of(m))
            for m in usable(self.chart, (concept,))
            if m.value is not None and (time_of(m).first > self.as_of or time_of(m).within(window, self.as_of))
        ]

    def _worst(
        self,
        found: list[tuple[Measurement, Decimal]],
        is_sign: Callable[[Decimal], bool],
        worst: Callable[..., tuple[Measurement, Decimal]],
        name: str,
    ) -> Fact[Decimal]:
        if not found:
            return self._missing(name, _CONCEPTS[name], self.limits["sign-hours"] / HOURS_A_DAY)
        run = _unended(found, is_sign) or found[-1:]
        m, value = worst(run, key=lambda pair: pair[1])
        return Known(value, (tell(m, name),))

    def _missing(
        self, about: str, concept: Concept, days: Decimal, *, old: bool = False, within: tuple[Concept, ...] = ()
    ) -> Unknown:
        """``within``: panels whose code a search finds it by, where it is a component."""
        held = self.chart.measurements.get(concept, ())
        needs = (Need("Observation", (concept, *within), self.as_of - span(days)),)
        if any(m.problem is not None and m.at and is_recent(m.at, 1, self.as_of) for m in held):
            return Unknown(Reason.UNREADABLE, about, needs)
        reason = Reason.TOO_OLD if old or held else Reason.NOT_SENT
        return Unknown(reason, about, needs)


_PANEL: tuple[Concept, ...] = ("lab-blood-pressure-panel",)
_CONCEPTS: dict[str, Concept] = {
    "temperature": "lab-body-temperature",
    "respiratory rate": "lab-respiratory-rate",
    "SpO2": "lab-spo2",
}


def _unended(
    found: Iterable[tuple[Measurement, Decimal]], is_sign: Callable[[Decimal], bool]
) -> list[tuple[Measurement, Decimal]]:
    """The values at the end of a series that are all signs: one normal value ends those before it."""
    run: list[tuple[Measurement, Decimal]] = []
    for m, value in found:
        run = [*run, (m, value)] if is_sign(value) else []
    return run


def _signs(
    kind: str,
    says: str,
    run: list[tuple[Measurement, Decimal]],
    worst: Callable[..., tuple[Measurement, Decimal]],
    name: str,
) -> tuple[Sign, ...]:
    """The worst of a run as one sign, begun with the first of the run."""
    if not run:
        return ()
    m, value = worst(run, key=lambda pair: pair[1])
    return (Sign(kind, says.format(shown(value)), time_of(m), tell(m, name), value),)

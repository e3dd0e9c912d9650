"""Age to the day, size inside its window, and where it comes from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from baclofen_safety.core.body import Age, BodyFacts, age_on
from baclofen_safety.core.fact import Evidence, Known, Need, Reason, Unknown
from baclofen_safety.core.moment import Moment

from .charts import AS_OF, ago, chart, day, facts, lab


def body(*records: object, **more: object) -> BodyFacts:
    return facts(*records, **more).person


@pytest.mark.parametrize(
    ("born", "years"),
    [
        (date(1981, 11, 20), Decimal(45)),
        (date(1981, 11, 21), Decimal(44)),
        (date(1981, 12, 1), Decimal(44)),
        (date(1981, 10, 30), Decimal(45)),
        (date(2025, 11, 20), Decimal(1)),
        (date(2025, 11, 21), Decimal(364) / Decimal("365.25")),
        (date(2026, 11, 20), Decimal(0)),
        (date(2026, 11, 21), Decimal(0)),
    ],
)
def test_age_on_a_day(born: date, years: Decimal) -> None:
    assert age_on(born, date(2026, 11, 20)) == years


def test_age_of_a_month_or_year_is_a_range() -> None:
    assert body(birth="1981").age == Known(Age(Decimal(44), Decimal(45)))
    assert body(birth="1981-11").age == Known(Age(Decimal(44), Decimal(45)))
    assert body(birth="1981-12").age == Known(Age(Decimal(44), Decimal(44)))
    assert body(birth="1981-10").age == Known(Age(Decimal(45), Decimal(45)))
    assert body(birth="2026").age == Known(Age(Decimal(0), Decimal(323) / Decimal("365.25")))
    assert body(birth="1981-03-01").age == Known(Age(Decimal(45), Decimal(45)))


def test_age_at_the_edge_of_a_month_a_day_and_an_instant() -> None:
    def age(birth: Moment, as_of: datetime) -> object:
        patient = replace(chart().patient, birth=birth)
        return BodyFacts(replace(chart(), patient=patient), as_of, body().limits).age

    midnight = AS_OF.replace(hour=0)
    assert age(day("2026-11-20"), midnight) == Known(Age(Decimal(0), Decimal(0)))
    assert age(Moment.at(midnight.replace(year=1981, day=21)), AS_OF) == Known(Age(Decimal(44), Decimal(44)))
    assert age(day("1981-11"), AS_OF.replace(day=30)) == Known(Age(Decimal(45), Decimal(45)))


def test_no_age() -> None:
    need = (Need("Patient", parts=("birth",)),)
    assert body(birth=None).age == Unknown(Reason.NOT_SENT, "birth date", need)
    assert body(birth="2026-11-21").age == Unknown(Reason.UNREADABLE, "birth date", need)
    assert body(birth="2026-11-20").age_years == 0
    held = body(birth=None)
    assert (held.age_years, held.at_least(1), held.below(1), held.adult_or_unknown) == (None, None, None, True)


def test_grown_up() -> None:
    assert body(birth="2008-11-20").adult_or_unknown
    assert not body(birth="2008-11-21").adult_or_unknown
    assert body(birth="2008").adult_or_unknown


def test_sex_for_formulas() -> None:
    assert body(sex="female").sex == Known("female")
    assert body(sex=None).sex == Unknown(Reason.NOT_SENT, "sex", (Need("Patient", parts=("sex",)),))


def test_size_measured_before_stated_and_inside_its_window() -> None:
    measured, dry, stated = (
        lab(f"body-weight{kind}", kilos) for kind, kilos in (("", 70), ("-dry", 68), ("-weak", 66))
    )
    told = (Evidence(measured.ref, "weight 70 2026-11-10 12:00"),)
    assert body(stated, dry, measured).weight(30) == Known(Decimal(70), told, "coded")
    assert body(stated, dry).weight(30) == Known(Decimal(68), (Evidence(dry.ref, told[0].says.replace("70", "68")),))
    only = body(stated).weight(30)
    assert isinstance(only, Known)
    assert (only.value, only.how) == (66, "assumed")
    asked = (Need("Observation", ("lab-body-weight",), date(2026, 11, 15)),)
    assert body(measured).weight(5) == Unknown(Reason.TOO_OLD, "weight", asked)
    assert body(stated).weight(5) == Unknown(Reason.TOO_OLD, "weight", asked)
    assert body().weight(5) == Unknown(Reason.NOT_SENT, "weight", asked)
    tall = (Need("Observation", ("lab-body-height",), date(2026, 11, 15)),)
    assert body().height(5) == Unknown(Reason.NOT_SENT, "height", tall)
    short = body(lab("body-height-weak", 150)).height(30)
    assert isinstance(short, Known)
    assert (short.value, short.how, short.evidence[0].says) == (150, "assumed", "height 150 2026-11-10 12:00")


def test_weight_to_dose_a_child_by() -> None:
    old = lab("body-weight", 12, 31)
    assert isinstance(body(old, birth="2024-11-21").child_weight, Unknown)
    assert isinstance(body(old, birth="2024-11-20").child_weight, Known)
    assert isinstance(body(old, birth=None).child_weight, Unknown)
    assert isinstance(body(lab("body-weight", 12, 91), birth="2024-11-20").child_weight, Unknown)


def test_body_mass_index() -> None:
    weight, height, sent = lab("body-weight", 81), lab("body-height", 180), lab("bmi", 19)
    found = body(weight, height, sent).bmi(30)
    assert isinstance(found, Known)
    assert (found.value, found.how) == (25, "computed")
    assert [one.reference for one in found.evidence] == [weight.ref, height.ref]
    told = Known(Decimal(19), (Evidence(sent.ref, "BMI 19 2026-11-10 12:00"),))
    assert body(weight, sent).bmi(30) == told
    assert body(height, sent).bmi(30) == told
    assert body(weight, lab("body-height", 0), sent).bmi(30) == told
    assert isinstance(body(weight, lab("body-height", 1)).bmi(30), Known)
    none = Unknown(Reason.NOT_SENT, "weight or height", (Need("Observation", ("lab-bmi",)),))
    assert body(sent).bmi(5) == none


def test_deceased() -> None:
    patient = chart().patient
    assert not body().deceased
    for died, dead in ((ago(0), True), (ago(-1), False), (day("2026-11-20"), True)):
        held = replace(chart(), patient=replace(patient, died=died))
        assert BodyFacts(held, AS_OF, body().limits).deceased is dead
    assert BodyFacts(replace(chart(), patient=replace(patient, deceased=True)), AS_OF, body().limits).deceased

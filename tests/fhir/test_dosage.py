"""Dosages of every shape to dose steps."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from dosages import (
    LIQUID,
    PLAIN,
    PUMP,
    TABLETS,
    ZONE,
    a_day,
    baclofen,
    dose,
    quantity,
    read,
    repeat,
    step_of,
    terms,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from baclofen_safety.core.medicines import Medicine, Strength
from baclofen_safety.fhir.amounts import Amount, read_amount
from baclofen_safety.fhir.dosage import bounds_of, read_steps
from baclofen_safety.fhir.sig import route_from_sig

SHAPES = Path(__file__).parent / "shapes"
INDEX = {row["file"]: row for row in json.loads((SHAPES / "_index.json").read_text())}

# Daily doses of the shapes, low to high, mg/day and for intrathecal mcg/day. Where the index says 0 the order is
# over, prohibited or void: that is the timeline's business, the dosage itself still reads as written.
# day_of_week_only: the index has no number because the average is not the daily dose; a step carries the dose of a
# taking day and says so.
DAILY: dict[str, list[tuple[str | None, str | None]]] = {
    "titration_sequences.json": [("15", "15"), ("30", "30"), ("45", "45")],
    "dose_range.json": [("15", "30")],
    "frequency_max.json": [("30", "40")],
    "as_needed_with_max.json": [(None, "30")],
    "as_needed_for_spasm.json": [(None, "30")],
    "text_for_a_symptom.json": [(None, "20")],
    "r5_concept.json": [(None, "30")],
    "day_of_week_only.json": [("30", "30")],
    "intrathecal_rate_ratio.json": [("350", "350")],
    "intrathecal_rate_quantity.json": [("99.6", "99.6")],
    "intrathecal_text_only.json": [("280", "280")],
    "do_not_perform.json": [("30", "30")],
    "status_stopped.json": [("30", "30")],
    "status_entered_in_error.json": [("30", "30")],
    "bounds_period_ended.json": [("30", "30")],
}


def codings(concept: dict[str, Any]) -> list[tuple[str, str, str]]:
    rows = concept.get("coding", [])
    return [(row.get("system", ""), row.get("code", ""), row.get("display", "")) for row in rows]


def medicine_of(order: dict[str, Any]) -> Medicine:
    held = order.get("medication", {})
    reference = order.get("medicationReference") or held.get("reference") or {}
    if "contained" in order:
        return baclofen(strength=Strength(Decimal(10), "unit"))
    concept = order.get("medicationCodeableConcept") or held.get("concept") or {"text": reference.get("display", "")}
    return terms().medicine(codings(concept), concept.get("text", ""))


@pytest.mark.parametrize("file", INDEX)
def test_the_handmade_shapes(file: str) -> None:
    order = json.loads((SHAPES / file).read_text())
    dosages = order.get("dosageInstruction")
    first = dosages[0] if dosages else {}
    said = first.get("route", {})
    route = terms().route(codings(said), said.get("text", "")) or route_from_sig(first.get("text", ""), terms())
    medicine = medicine_of(order)
    steps, troubles = read_steps(
        dosages, medicine, route=route, start=None, zone=ZONE, terms=terms(), weight_kg=None, ref="x"
    )
    number = INDEX[file]["mg_per_day"]
    usual = [(None, None)] if number is None else [(str(number), str(number))]
    expected = [(low and Decimal(low), high and Decimal(high)) for low, high in DAILY.get(file, usual)]
    assert [(step.daily_low, step.daily) for step in steps] == expected
    assert troubles == ()
    assert all(step.problems for step in steps if step.daily is None)
    assert [step.continuous for step in steps] == [INDEX[file]["route"] == "intrathecal"] * len(steps)


def test_some_shapes_say_more_than_a_dose() -> None:
    week = json.loads((SHAPES / "day_of_week_only.json").read_text())["dosageInstruction"]
    assert read(week)[0][0].problems == ("not taken every day: 30 mg on a taking day, 12.9 mg on average",)
    refill = json.loads((SHAPES / "intrathecal_text_only.json").read_text())["dosageInstruction"]
    assert read(refill, PUMP)[0][0].volume_ml == 20


TIMINGS = [
    (a_day(3), "30", "3", "8"),
    (repeat(frequency=1, period=8, periodUnit="h"), "30", "3", "8"),
    (repeat(period=12, periodUnit="h"), "20", "2", "12"),
    (repeat(frequency=1, period=6, periodMax=8, periodUnit="h"), "40", "4", "6"),
    (repeat(frequency=2, frequencyMax=3, period=1, periodUnit="d"), "30", "3", "8"),
    (repeat(frequency=14, period=1, periodUnit="wk"), "20", "2", "12"),
    (repeat(timeOfDay=["08:00:00", "14:00:00", "20:00:00"]), "30", "3", "6"),
    (repeat(timeOfDay=["08:00:00", "14:00:00"], frequency=1, period=1, periodUnit="d"), "20", "2", "6"),
    (repeat(when=["MORN", "HS"]), "20", "2", "12"),
    (repeat(when=["ACM", "ACD", "ACV"], frequency=3, period=1, periodUnit="d"), "30", "3", "8"),
    (repeat(when=["AC"]), "30", "3", "8"),
    (repeat(when=["AC"], frequency=1, period=1, periodUnit="d"), "10", "1", "24"),
    (repeat(frequency=3, period=1, periodUnits="d"), "30", "3", "8"),
    (a_day(3, dayOfWeek=["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), "30", "3", "8"),
    ({"timing": {"code": {"coding": [{"code": "BID"}]}}}, "20", "2", "12"),
    ({"timing": {"code": {"coding": [{"code": "Q8H"}]}}}, "30", "3", "8"),
    ({"timing": {"code": {"coding": [{"code": "HS"}]}}}, "10", "1", "24"),
    (
        {"timing": {"code": {"coding": [{"system": "urn:local", "code": "22", "display": "TID"}]}}},
        "30",
        "3",
        "8",
    ),
    ({"timing": {"code": {"text": "0800, 2000"}}}, "20", "2", "12"),
    ({"timing": {"code": {"text": "0900"}}}, "10", "1", "24"),
    ({"timing": {"code": {"text": "3 times daily"}}}, "30", "3", "8"),
    ({"text": "10 mg = 1 tab, Oral, TID"}, "30", "3", "8"),
]


@pytest.mark.parametrize(("timing", "daily", "per_day", "interval"), TIMINGS)
def test_timings(timing: dict[str, Any], daily: str, per_day: str, interval: str) -> None:
    step = step_of(dose(10) | timing)
    assert (step.daily, step.single, step.doses_per_day) == (Decimal(daily), Decimal(10), Decimal(per_day))
    assert step.min_interval_h == Decimal(interval)
    assert not step.problems


UNITS = [
    (dose(1, "tablet", "{tbl}"), TABLETS, "30", "tablet", "1"),
    (dose(1.5, "TAB"), TABLETS, "45", "TAB", "1.5"),
    (dose(1, "stuk", "1"), TABLETS, "30", "stuk", "1"),
    ({"doseAndRate": [{"doseQuantity": {"value": 2, "code": "{pill}"}}]}, TABLETS, "60", "{pill}", "2"),
    (dose(1, "錠", "TAB"), TABLETS, "30", "錠", "1"),
    (dose(5, "mL"), LIQUID, "15", "mL", "5"),
    (dose(0.01, "g"), TABLETS, "30", "g", "0.01"),
    (dose(10000, "mcg", "ug"), TABLETS, "30", "mcg", "10000"),
    ({"doseAndRate": [{"doseQuantity": {"value": 10, "unit": "MG"}}]}, TABLETS, "30", "MG", "10"),
    ({"doseAndRate": [{"doseQuantity": {"value": 10, "code": "mg"}}]}, TABLETS, "30", "mg", "10"),
    ({"doseQuantity": quantity(10)}, TABLETS, "30", "mg", "10"),
    (dose(0.25, "mg/kg"), PLAIN, "15", "mg/kg", "0.25"),
    (dose(30, "mg/d"), PLAIN, "30", "mg/d", "30"),
]


@pytest.mark.parametrize(("amount", "medicine", "daily", "unit", "value"), UNITS)
def test_units(amount: dict[str, Any], medicine: Medicine, daily: str, unit: str, value: str) -> None:
    step = step_of(amount | a_day(3), medicine, weight=Decimal(20))
    assert (step.daily, step.written_unit, step.written_value) == (Decimal(daily), unit, Decimal(value))


NOT_COMPUTABLE = [
    (
        dose(1, "tablet", "{tbl}") | a_day(3),
        PLAIN,
        "the dose is a number of units and the product's strength is not known",
        None,
    ),
    (dose(5, "mL") | a_day(3), PLAIN, "the dose is in mL and the strength of the product is not known", None),
    (dose(1, "mg/kg") | a_day(3), PLAIN, "the dose is per kg (mg/kg) and no weight is known", None),
    ({"doseAndRate": [{"doseQuantity": {"value": 1}}]} | a_day(3), TABLETS, "the dose 1 has no unit", "unit"),
    (dose(1, "drop") | a_day(3), TABLETS, 'the dose unit "drop" is not known', "unit"),
    (dose(5, "mcg", "mg") | a_day(3), TABLETS, 'the dose unit is both "mcg" and "mg"', "unit"),
    (dose(-10) | a_day(3), TABLETS, "a dose of -10 is not possible", "unreadable"),
    (dose(0) | a_day(3), TABLETS, "a dose of 0 is not possible", "unreadable"),
    (dose(100, "g") | a_day(3), TABLETS, "a dose of 100 g is not possible", None),
    (dose(10), TABLETS, "how often the dose is taken is missing", None),
    (dose(10) | repeat(frequency=3), TABLETS, "how often the dose is taken is missing", None),
    (
        dose(10) | repeat(frequency=0, period=1, periodUnit="d"),
        TABLETS,
        "the frequency of the timing makes no sense",
        "unreadable",
    ),
    (
        dose(10) | repeat(frequency=3, period=1, periodUnit="moon"),
        TABLETS,
        "the time unit of the frequency is missing or not known",
        "unreadable",
    ),
    (dose(10) | {"asNeededBoolean": True}, TABLETS, "as needed, without a maximum", None),
    (a_day(3), TABLETS, "the dose is missing", None),
    (
        {"doseAndRate": [{"doseRange": {"low": quantity(5)}}]} | a_day(3),
        TABLETS,
        "the dose range has no upper end",
        "unreadable",
    ),
    (
        {"doseAndRate": [{"doseQuantity": quantity(5)}, {"doseQuantity": quantity(10)}]} | a_day(3),
        TABLETS,
        "several different doses are written for one instruction",
        None,
    ),
    (
        {"text": "5 mg tid then 10 mg tid"},
        TABLETS,
        "the dosage is a text from which no dose can be computed",
        None,
    ),
]


@pytest.mark.parametrize(("dosage", "medicine", "problem", "kind"), NOT_COMPUTABLE)
def test_not_computable_says_why(dosage: dict[str, Any], medicine: Medicine, problem: str, kind: str | None) -> None:
    steps, troubles = read([dosage], medicine)
    assert steps[0].daily is None
    assert problem in steps[0].problems
    assert [trouble.kind for trouble in troubles] == ([kind] if kind else [])


@pytest.mark.parametrize("nothing", [None, []])
def test_no_dosage_is_a_step_without_dose(nothing: object) -> None:
    steps, troubles = read(nothing)
    assert (steps[0].daily, steps[0].problems, troubles) == (None, ("no dosage was sent",), ())


MAXIMUM = {"numerator": quantity(30), "denominator": {"value": 1, "unit": "day", "code": "d"}}
AS_NEEDED = [
    ({"asNeededBoolean": True, "maxDosePerPeriod": MAXIMUM}, "30"),
    ({"asNeeded": True, "maxDosePerPeriod": [MAXIMUM]}, "30"),
    ({"asNeededFor": [{"text": "spasm"}], "maxDosePerPeriod": [MAXIMUM]} | a_day(6), "30"),
    ({"asNeededBoolean": True, "maxDosePerPeriod": MAXIMUM} | a_day(2), "20"),
    ({"asNeededCodeableConcept": {"text": "spasm"}} | a_day(3), "30"),
    (
        {
            "asNeededBoolean": True,
            "maxDosePerPeriod": MAXIMUM | {"numerator": quantity(4, "tablet", "{tbl}")},
        },
        "40",
    ),
    ({"asNeededBoolean": True, "maxDosePerPeriod": MAXIMUM | {"denominator": quantity(12, "h")}}, "60"),
    ({"text": "10 mg up to 3 times a day as needed"}, "30"),
    ({"text": "10 mg prn, max 40 mg per day"}, "40"),
]


@pytest.mark.parametrize(("how", "daily"), AS_NEEDED)
def test_as_needed_by_its_maximum(how: dict[str, Any], daily: str) -> None:
    step = step_of(dose(10) | how)
    assert (step.daily, step.as_needed, step.problems) == (Decimal(daily), True, ())


WEEK = {"value": 1, "unit": "week", "code": "wk"}
ABOVE = [
    ({"maxDosePerPeriod": MAXIMUM} | a_day(4), "maxDosePerPeriod"),
    ({"maxDosePerPeriod": MAXIMUM} | a_day(3), ""),
    ({"maxDosePerPeriod": [MAXIMUM | {"numerator": quantity(90)}, MAXIMUM]} | a_day(4), "maxDosePerPeriod"),
    ({"maxDosePerPeriod": MAXIMUM | {"denominator": WEEK}} | a_day(1), "maxDosePerPeriod"),
    ({"maxDosePerPeriod": MAXIMUM | {"denominator": WEEK}} | a_day(1, dayOfWeek=["mon", "wed", "fri"]), ""),
    (
        {"maxDosePerPeriod": MAXIMUM | {"denominator": WEEK}} | a_day(1, dayOfWeek=["mon", "wed", "fri", "sun"]),
        "maxDosePerPeriod",
    ),
    (
        {
            "maxDosePerPeriod": MAXIMUM | {"denominator": WEEK, "numerator": quantity(9)},
            "timing": {"event": ["2026-11-20"]},
        },
        "maxDosePerPeriod",
    ),
    ({"maxDosePerPeriod": MAXIMUM | {"denominator": WEEK}, "timing": {"event": ["2026-11-20"]}}, ""),
    ({"text": "10 mg 3 times a day, max 20 mg per day"} | a_day(3), "text"),
    ({"text": "10 mg 3 times a day, max 30 mg per day"} | a_day(3), ""),
    ({"maxDosePerAdministration": quantity(5)} | a_day(3), "maxDosePerAdministration"),
    ({"maxDosePerAdministration": quantity(10)} | a_day(3), ""),
    ({"maxDosePerAdministration": quantity(5), "asNeededBoolean": True} | a_day(3), "maxDosePerAdministration"),
    ({"maxDosePerAdministration": quantity(1, "tablet", "{tbl}")} | a_day(3), ""),
    ({"maxDosePerAdministration": quantity(0.5, "tablet", "{tbl}")} | a_day(3), "maxDosePerAdministration"),
]


@pytest.mark.parametrize(("how", "place"), ABOVE)
def test_a_dose_above_its_own_maximum_is_told_and_judged(how: dict[str, Any], place: str) -> None:
    steps, troubles = read([dose(10) | how])
    assert steps[0].single == Decimal(10)
    assert steps[0].daily is not None
    told = [(one.kind, one.path, one.needed) for one in troubles if one.kind == "conflict"]
    assert told == ([("conflict", f"dosageInstruction[0].{place}", False)] if place else [])


@pytest.mark.parametrize("stated", ["5 mg", {"value": 5}, quantity(5, "puff"), []])
def test_a_maximum_at_once_that_cannot_be_used_is_told(stated: object) -> None:
    _, troubles = read([dose(10) | a_day(3) | {"maxDosePerAdministration": stated}])
    assert [(one.kind, one.path) for one in troubles] == [
        ("unreadable", "dosageInstruction[0].maxDosePerAdministration")
    ]


def test_as_needed_false_outweighs_the_text() -> None:
    assert not step_of(dose(10) | a_day(3) | {"asNeededBoolean": False, "text": "10 mg tid prn"}).as_needed


def entry(kind: str, amount: dict[str, Any]) -> dict[str, Any]:
    return {"type": {"coding": [{"code": kind}]}, "doseQuantity": amount}


def test_epic_entries_are_one_dose() -> None:
    entries = [
        entry("calculated", quantity(20)),
        entry("admin-amount", quantity(2, "tablet", "{tbl}")),
        entry("ordered", quantity(20)),
    ]
    assert step_of({"doseAndRate": entries} | a_day(3)).daily == 60
    assert step_of({"doseAndRate": entries[1:2]} | a_day(3)).daily == 60
    assert step_of({"doseAndRate": entries} | a_day(3), PLAIN).daily == 60
    twice = step_of({"doseAndRate": [entry("ordered", quantity(0.5, "mg/kg")), entries[0]]} | a_day(3), PLAIN)
    assert twice.daily == 60  # no weight: the calculated dose


def test_entries_that_differ_are_told() -> None:
    entries = [entry("ordered", quantity(20)), entry("admin-amount", quantity(3, "tablet", "{tbl}"))]
    steps, troubles = read([{"doseAndRate": entries} | a_day(3)])
    assert steps[0].daily == 60
    assert steps[0].problems == ("the dose is written several times and differs",)
    assert [trouble.kind for trouble in troubles] == ["conflict"]


CONFLICTS = [
    dose(10) | a_day(3) | {"text": "20 mg three times daily"},
    dose(10) | a_day(3) | {"text": "one tablet twice daily"},
    dose(10) | {"text": "20 mg three times daily"},
    dose(10) | {"timing": {"code": {"text": "BID"}, "repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}}},
]


@pytest.mark.parametrize("dosage", CONFLICTS)
def test_text_against_structure(dosage: dict[str, Any]) -> None:
    steps, troubles = read([dosage])
    assert steps[0].daily == 30
    assert len(steps[0].problems) == 1
    assert [trouble.kind for trouble in troubles] == ["conflict"]


def test_text_that_agrees_or_is_not_understood_is_no_conflict() -> None:
    for text in ("10.5 mg tid", "30 mg a day in 3 divided doses", "as directed", "5 mg tid, then 10 mg tid"):
        steps, troubles = read([dose(10) | a_day(3) | {"text": text}])
        assert (steps[0].daily, steps[0].problems, troubles) == (30, (), ())


def test_a_dose_only_in_the_text_with_a_structured_timing() -> None:
    assert step_of({"text": "20 mg"} | a_day(3)).daily == 60
    assert step_of({"doseAndRate": [{"doseQuantity": {"value": 1}}], "text": "1 tablet tid"}).daily == 30
    assert step_of({"doseAndRate": [{"doseQuantity": {"value": 2}}], "text": "1 tablet tid"}).daily is None


INTRATHECAL = [
    ({"doseAndRate": [{"rateQuantity": quantity(4.15, "ug/h")}]}, "99.6", True, "ug/h"),
    ({"doseAndRate": [{"rateQuantity": quantity(280, "ug/d")}]}, "280", True, "ug/d"),
    ({"doseAndRate": [{"rateQuantity": quantity(0.2, "mL/d")}]}, "400", True, "mL/d"),
    ({"doseAndRate": [{"rateQuantity": quantity(0.01, "mL/h")}]}, "480", True, "mL/h"),
    (
        {"doseAndRate": [{"rateRatio": {"numerator": quantity(350, "ug"), "denominator": quantity(1, "d")}}]},
        "350",
        True,
        "ug/d",
    ),
    (
        {"doseAndRate": [{"rateRatio": {"numerator": quantity(700, "ug"), "denominator": quantity(48, "h")}}]},
        "350",
        True,
        "ug/48 h",
    ),
    (dose(1.2) | a_day(1), "1200", True, "mg"),
    (dose(350, "mcg", "ug") | a_day(1), "350", True, "mcg"),
    ({"text": "350 mcg/day simple continuous"}, "350", True, "mcg/day"),
    ({"text": "1.2 mg/day via pump"}, "1200", True, "mg/day"),
    (dose(50, "ug") | repeat(count=1), "50", False, "ug"),
    (dose(50, "ug") | {"text": "screening bolus"}, "50", False, "ug"),
    ({"text": "75 mcg test dose intrathecal"}, "75", False, "mcg"),
]


@pytest.mark.parametrize(("dosage", "daily", "continuous", "unit"), INTRATHECAL)
def test_intrathecal(dosage: dict[str, Any], daily: str, continuous: bool, unit: str) -> None:
    step = step_of(dosage, PUMP)
    assert (step.daily, step.continuous, step.once) == (Decimal(daily), continuous, not continuous)
    assert step.written_unit == unit
    assert continuous or step.single == Decimal(daily)


def test_intrathecal_that_stays_open() -> None:
    step = step_of(dose(50, "ug"), PUMP)
    assert (step.daily, step.single, step.continuous, step.once) == (None, Decimal(50), False, False)
    assert step_of({"text": "increase from 280 to 300 mcg/day"}, PUMP).daily is None
    assert (
        step_of(
            {"doseAndRate": [{"rateQuantity": quantity(1, "mL/d")}]},
            baclofen(strength=None),
            route="route-intrathecal",
        ).daily
        is None
    )


def test_a_number_without_unit_is_kept_as_written() -> None:
    step = step_of({"doseAndRate": [{"doseQuantity": {"value": 500}}]} | a_day(1), PUMP)
    assert (step.daily, step.written_value, step.written_unit) == (None, 500, None)
    step = step_of(dose(3, "drop") | a_day(1))
    assert (step.daily, step.written_value, step.written_unit) == (None, 3, "drop")


def test_a_rate_without_concentration_is_still_continuous() -> None:
    step = step_of({"doseAndRate": [{"rateQuantity": quantity(0.2, "mL/d")}]}, PLAIN, route="route-intrathecal")
    assert (step.daily, step.continuous) == (None, True)
    assert step_of(dose(350, "ug") | {"text": "simple continuous"}, PUMP).continuous


def sequence(number: int | None, amount: int, **bounds: Any) -> dict[str, Any]:
    return ({"sequence": number} if number else {}) | dose(amount) | a_day(3, **bounds)


def days(n: int) -> dict[str, Any]:
    return {"value": n, "unit": "d", "code": "d"}


def test_steps_follow_each_other_by_their_length() -> None:
    steps, _ = read([sequence(1, 5, boundsDuration=days(3)), sequence(2, 10, boundsDuration=days(3)), sequence(3, 15)])
    assert [step.daily for step in steps] == [15, 30, 45]
    assert [str(step.start)[:10] for step in steps] == ["2026-11-10", "2026-11-13", "2026-11-16"]
    assert [step.end and str(step.end) for step in steps] == ["2026-11-13 00:00", "2026-11-16 00:00", None]
    assert all(step.dated for step in steps)


def test_a_step_without_length_leaves_the_later_ones_undated() -> None:
    steps, _ = read([sequence(1, 5), sequence(2, 10)])
    assert [(step.daily, step.dated) for step in steps] == [(15, True), (30, False)]
    assert steps[1].start is None


def test_a_later_step_with_its_own_start_is_dated_and_ends_the_one_before() -> None:
    steps, _ = read([sequence(1, 5), sequence(2, 10, boundsPeriod={"start": "2026-11-20"})])
    assert [str(step.start) for step in steps] == ["2026-11-10", "2026-11-20"]
    assert str(steps[0].end) == "2026-11-20 00:00"
    assert all(step.dated for step in steps)


def test_count_gives_a_length() -> None:
    steps, _ = read([sequence(1, 5, count=9), sequence(2, 10)])
    assert str(steps[1].start) == "2026-11-13 00:00"


def test_parts_without_sequence_are_added_only_where_they_overlap() -> None:
    early = dose(10) | a_day(3, boundsPeriod={"start": "2026-11-01", "end": "2026-11-07"})
    late = dose(5) | a_day(3, boundsPeriod={"start": "2026-11-06", "end": "2026-11-14"})
    steps, _ = read([early, late])
    assert [(str(s.start), str(s.end)[:10], s.daily) for s in steps] == [
        ("2026-11-01", "2026-11-06", 30),
        ("2026-11-06", "2026-11-08", 45),
        ("2026-11-08 00:00", "2026-11-15", 15),
    ]


def test_line_numbers_over_one_period_are_not_steps() -> None:
    bounds = {"start": "2026-11-01", "end": "2026-11-30"}
    steps, _ = read([sequence(1, 10, boundsPeriod=bounds), sequence(2, 5, boundsPeriod=bounds)])
    assert [step.daily for step in steps] == [45]


def test_a_sum_with_an_unknown_part_is_unknown() -> None:
    steps, _ = read([dose(10) | a_day(3), {"text": "as directed"}])
    assert (steps[0].daily, steps[0].single) == (None, 10)
    assert steps[0].problems


def test_together_the_largest_single_dose_and_the_smallest_gap() -> None:
    steps, _ = read([dose(10) | a_day(3), dose(20, "mg") | a_day(1, when=["HS"])])
    assert (steps[0].single, steps[0].doses_per_day, steps[0].min_interval_h) == (20, 4, 6)


def test_bounds() -> None:
    one = a_day(3, boundsPeriod={"start": "2026-11-02", "end": "2026-11-09"})
    two = a_day(3, boundsPeriod={"start": "2026-11-01T08:00:00+01:00", "end": "2026-11-15"})
    start, end = bounds_of([one, two], ZONE)
    assert (str(start), str(end)) == ("2026-11-01 08:00", "2026-11-16 00:00")
    assert bounds_of([one, a_day(3)], ZONE)[1] is None
    assert str(bounds_of([{"timing": {"event": ["2026-11-03", "2026-11-02"]}}], ZONE)[0]) == "2026-11-02"
    assert bounds_of("soon", ZONE) == (None, None)
    unread = {"timing": {"repeat": {"boundsPeriod": {"start": 1e-300, "end": "2026-11-09"}}}}
    assert bounds_of([unread, two], ZONE)[0] is None


WRONG = [
    ("take", "dosageInstruction"),
    (["take"], "dosageInstruction[0]"),
    ([dose(10) | {"timing": "tid"}], "dosageInstruction[0].timing"),
    ([dose(10) | {"timing": {"repeat": []}}], "dosageInstruction[0].timing.repeat"),
    ([dose(10) | a_day("three")], "dosageInstruction[0].timing.repeat.frequency"),
    ([dose(10) | repeat(when=7)], "dosageInstruction[0].timing.repeat.when"),
    ([dose(10) | repeat(timeOfDay=["soon"])], "dosageInstruction[0].timing.repeat.timeOfDay"),
    ([dose(10) | a_day(3, dayOfWeek=["moonday"])], "dosageInstruction[0].timing.repeat.dayOfWeek"),
    ([dose(10) | a_day(3, boundsPeriod="May")], "dosageInstruction[0].timing.repeat.boundsPeriod"),
    (
        [dose(10) | a_day(3, boundsPeriod={"start": "${DATE}"})],
        "dosageInstruction[0].timing.repeat.boundsPeriod.start",
    ),
    ([a_day(3) | {"doseAndRate": "10 mg"}], "dosageInstruction[0].doseAndRate"),
    ([a_day(3) | {"doseAndRate": ["10 mg"]}], "dosageInstruction[0].doseAndRate[0]"),
    ([dose("ten") | a_day(3)], "dosageInstruction[0].doseAndRate[0]"),
    ([dose(10) | a_day(3) | {"text": 3}], "dosageInstruction[0].text"),
    ([dose(10) | a_day(3) | {"maxDosePerPeriod": "30"}], "dosageInstruction[0].maxDosePerPeriod"),
]


@pytest.mark.parametrize(("dosages", "path"), WRONG)
def test_wrong_types_are_told(dosages: object, path: str) -> None:
    _, troubles = read(dosages)
    assert [(trouble.kind, trouble.path) for trouble in troubles] == [("unreadable", path)]


_KEYS = """
text timing repeat frequency frequencyMax period periodMax periodUnit count when timeOfDay dayOfWeek boundsPeriod
boundsDuration boundsRange start end low high value unit code system doseAndRate doseQuantity doseRange rateRatio
rateQuantity rateRange numerator denominator maxDosePerPeriod asNeededBoolean asNeeded asNeededFor sequence
type coding event patientInstruction comparator countMax
"""
KEYS = _KEYS.split()
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["d", "h", "mg", "ug/h", "{tbl}", "TID", "2026-11-20", "9999-12-31", "08:00:00", "1-0-1", "MORN", "mon"]
    )
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=25,
)


def boxed(inner: st.SearchStrategy[Any], *keys: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(keys, inner))


_REPEAT_KEYS = """
frequency frequencyMax period periodUnit count when timeOfDay dayOfWeek boundsPeriod boundsDuration
"""
REPEATS = boxed(JSON, *_REPEAT_KEYS.split())
TIMING = st.one_of(JSON, st.fixed_dictionaries({}, optional={"repeat": REPEATS, "code": JSON, "event": JSON}))
DOSAGES = st.fixed_dictionaries(
    {},
    optional={
        "timing": TIMING,
        "text": JSON,
        "sequence": JSON,
        "asNeededBoolean": JSON,
        "maxDosePerPeriod": JSON,
        "doseAndRate": st.lists(boxed(JSON, "doseQuantity", "doseRange", "rateRatio", "rateQuantity", "type")),
    },
)


@settings(max_examples=400, deadline=None)
@given(JSON | st.lists(DOSAGES, max_size=3), st.sampled_from([TABLETS, PLAIN, LIQUID, PUMP]))
def test_never_raises(dosages: object, medicine: Medicine) -> None:
    steps, _ = read(dosages, medicine)
    assert steps
    for step in steps:
        assert step.problems or step.daily is not None
    bounds_of(dosages, ZONE)


@given(
    st.integers(1, 24),
    st.integers(1, 24),
    st.sampled_from([1, 2, 7, 8, 12]),
    st.sampled_from(["h", "d", "wk"]),
)
def test_a_higher_frequency_never_lowers_the_dose(a: int, b: int, period: int, unit: str) -> None:
    doses = [step_of(dose(10) | repeat(frequency=n, period=period, periodUnit=unit)).daily for n in sorted((a, b))]
    assert doses[0] is not None and doses[1] is not None
    assert doses[0] <= doses[1]


@given(st.integers(1, 8), st.sampled_from([1, 5, 7.5, 10, 20, 25]))
def test_equal_spellings_agree(times: int, mg: float) -> None:
    spellings = [
        dose(mg) | a_day(times),
        dose(mg, "MG", "mg") | repeat(frequency=times, period=24, periodUnit="h"),
        dose(mg / 10, "tablet", "{tbl}") | a_day(times),
        {"doseQuantity": quantity(mg)} | {"timing": {"code": {"text": f"{times} times a day"}}},
        {"text": f"Take {mg:g} mg by mouth {times} times daily"},
        {"text": f"{mg:g} mg {times}x/day"},
    ]
    assert {step_of(spelling).daily for spelling in spellings} == {Decimal(repr(mg)) * times}


@pytest.mark.parametrize(
    ("unit", "code", "written"),
    [
        ("mcg", "ug", "mcg"),
        ("1", "ug", "ug"),
        ("qqq", "ug", "ug"),
        ("", "ug", "ug"),
        ("mcg", "", "mcg"),
        ("1", "", "1"),
    ],
)
def test_the_written_unit_is_the_one_understood(unit: str, code: str, written: str) -> None:
    amount = read_amount({"value": 100, "unit": unit, "code": code}, terms())
    assert isinstance(amount, Amount)
    assert amount.written == written


def test_a_period_without_a_frequency_is_once_and_told():
    (step,), troubles = read({"timing": {"repeat": {"period": 8, "periodUnit": "h"}}, **dose(10)})
    assert step.daily == 30
    assert [(one.kind, one.path) for one in troubles] == [
        ("unreadable", "dosageInstruction[0].timing.repeat.frequency")
    ]


PER_DAY = {"denominator": quantity(1, "d")}


def with_rate(value: object, rate: object, unit: str = "tablet", **more: object) -> dict[str, object]:
    """A single dose and the amount of a day beside it, as Japanese senders write both."""
    entry = {"doseQuantity": quantity(value, unit), "rateRatio": {**PER_DAY, "numerator": quantity(rate, unit)}}
    return {"doseAndRate": [entry], **more}


def test_the_amount_of_a_day_beside_a_dose_says_how_often() -> None:
    step = step_of(with_rate(1, 3))
    assert (step.daily, step.single, step.doses_per_day) == (Decimal(30), Decimal(10), None)
    assert step_of(with_rate(10, 30, "mg"), PLAIN).daily == 30
    quantities = {"doseQuantity": quantity(10), "rateQuantity": quantity(30, "mg/d")}
    assert step_of({"doseAndRate": [quantities]}, PLAIN).daily == 30


@pytest.mark.parametrize(
    ("dosage", "daily"),
    [
        (with_rate(1, 4, **a_day(3)), 30),  # beside a timing it must agree
        (with_rate(1, 3, text="1 tablet twice a day"), 20),
        (with_rate(3, 1), None),  # less a day than at once
    ],
)
def test_an_amount_of_a_day_that_does_not_fit_is_a_conflict(dosage: dict[str, object], daily: int | None) -> None:
    steps, troubles = read([dosage])
    assert steps[0].daily == daily
    assert [(one.kind, one.needed) for one in troubles] == [("conflict", True)]


def test_a_rate_by_the_hour_is_how_fast_not_how_often() -> None:
    hourly = {"numerator": quantity(50, "mL"), "denominator": quantity(1, "h")}
    step = step_of({"doseAndRate": [{"doseQuantity": quantity(10), "rateRatio": hourly}]})
    assert (step.daily, step.problems) == (None, ("how often the dose is taken is missing",))


@pytest.mark.parametrize(
    ("text", "daily"),
    [("1 tablet per day", 10), ("30 mg a day in 3 divided doses", 30), ("5 mg per day", None)],
)
def test_a_text_may_state_the_day_of_a_dose_without_timing(text: str, daily: int | None) -> None:
    assert step_of(dose(1, "tablet") | {"text": text}).daily == daily


def test_a_single_dose_is_due_at_one_instant() -> None:
    at = "2026-11-10T16:00:00+01:00"
    timing = {"repeat": {"boundsPeriod": {"start": at, "end": at}}, "code": {"text": "Once"}}
    steps, troubles = read([dose(10) | {"timing": timing}])
    assert (steps[0].daily, steps[0].once, troubles) == (Decimal(10), True, ())

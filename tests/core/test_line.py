"""Corners of the line that neither the worked examples nor the cases stand on."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from baclofen_safety.core.fact import Known, Reason, Unknown
from baclofen_safety.core.line import add_up
from baclofen_safety.core.medicines import Given
from baclofen_safety.core.spans import Span

from .builders import AS_OF, PARACETAMOL, TABLET, moment, oral, order, step, supply, when


def test_a_hold_beside_a_stop_at_the_same_time_is_no_drop_to_nothing() -> None:
    held = order(status="on-hold", changed="11-19T09:00")
    gone = order("M2", "stopped", 20, authored="09-10", changed="11-19T09:00")
    assert oral(held, gone).line.changes == ()
    assert [change.after for change in oral(gone).line.changes] == [0]


def test_the_smallest_dose_changes_too() -> None:
    rising = order(steps=(step(1, end="11-10"), step(2, start="11-11")))
    assert [(change.before, change.after) for change in oral(rising).line.changes] == [(1, 2)]


def test_an_order_of_unknown_status_is_no_proof_of_taking() -> None:
    assert oral(order(status="unknown")).line.taken == ()
    assert oral(order(status="unknown")).line.ordered_runs == ()
    assert len(oral(order()).line.taken) == 1


def test_doses_given_are_taken_and_missed_ones_are_not() -> None:
    dose = Given("A1", TABLET, moment("11-10T09:00"))
    assert [window[0] for _, window in oral(given=(dose,)).line.taken] == [when("11-10T09:00")]
    assert oral(given=(replace(dose, given=False),)).line.taken == ()


def test_a_hand_over_for_another_order_says_nothing_of_this_one() -> None:
    def first_of(*supplies: object) -> object:
        two = order("M1"), order("M2", daily=20, authored="08-23")
        return min(window[0] for index, window in oral(*two, supplies=supplies).line.taken if index == 0)

    assert first_of(supply("D1", "10-01", 60, order="M2")) == when("08-22")
    assert first_of(supply("D1", "10-01", 60, order="M1")) == when("10-01")
    assert first_of(supply("D1", "10-01", 60, order="M9")) == when("10-01")
    assert first_of(supply("D1", "10-01", 60)) == when("10-01")


def test_taken_from_the_first_hand_over_of_the_order_on() -> None:
    loose, own = supply("D1", "06-01", 30), supply("D2", "10-01", 30, order="M1")
    windows = [window for index, window in oral(order(), supplies=(loose, own)).line.taken if index == 0]
    assert windows == [(when("10-01"), when("10-31"))]


def test_what_was_handed_over_for_another_order_before_is_left_out() -> None:
    for day, end in (("10-15", "11-14"), ("10-01", "10-31")):
        two = order("M1"), order("M2", daily=20, authored="08-23")
        handed = supply("D1", "09-01", 30, order="M2"), supply("D2", day, 30, order="M1")
        windows = [window for index, window in oral(*two, supplies=handed).line.taken if index == 0]
        assert windows == [(when(day), when(end))]


def test_missed_doses_are_not_taken_to_the_end_of_the_last_ones_day() -> None:
    def taken(*doses: Given, start: str = "08-22") -> list[tuple[object, object]]:
        return [window for index, window in oral(order(start=start), given=doses).line.taken if index == 0]

    whole = taken()
    missed = Given("A1", TABLET, moment("11-10T09:00"), given=False)
    again = replace(missed, ref="A2", at=moment("11-12T09:00"))
    assert taken(missed) == [(when("08-22"), when("11-10T09:00")), (when("11-11"), whole[0][1])]
    assert taken(missed, again) == [(when("08-22"), when("11-10T09:00")), (when("11-13"), whole[0][1])]
    assert taken(missed, replace(again, given=True)) == whole
    assert taken(missed, start="11-10T09:00") == [(when("11-10T09:00"), whole[0][1])]


def test_a_report_of_not_taking_ends_what_is_taken() -> None:
    def taken(**more: object) -> list[tuple[object, object]]:
        told = order("N1", "not-taken", reported=True, **({"authored": "", "start": ""} | more))
        return [window for _, window in oral(order(), told).line.taken]

    whole = [window for _, window in oral(order()).line.taken]
    until = [(when("08-22"), when("11-10"))]
    assert taken() == whole
    assert taken(start="11-10") == until
    assert taken(proven="11-10") == until
    assert taken(proven="11-10", steps=()) == until
    assert taken(authored="11-10") == until
    assert taken(start="08-22") == whole
    assert taken(start="08-01") == whole
    assert taken(start="11-10", steps=(step(None, end="11-14"),)) == [*until, (when("11-15"), whole[0][1])]


def test_not_taken_until_the_next_proof_of_use() -> None:
    told = order("N1", "not-taken", reported=True, authored="", start="11-01")
    again = Given("A1", TABLET, moment("11-10T09:00"))
    windows = [window for index, window in oral(order(), told, given=(again,)).line.taken if index == 0]
    assert windows == [(when("08-22"), when("11-01")), (when("11-10T09:00"), windows[-1][1])]


def test_one_uncovered_day_parts_the_days_and_is_bridged_in_the_runs() -> None:
    line = oral(supplies=(supply("D1", "09-01", 30), supply("D2", "10-02", 30))).line
    assert (len(line.taken_days), len(line.taken_runs)) == (2, 1)
    joined = oral(supplies=(supply("D1", "09-01", 30), supply("D2", "10-01", 30))).line
    assert len(joined.taken_days) == 1


def test_a_sum_names_its_parts() -> None:
    two = oral(order(), order("M2", daily=20, authored="09-01")).line
    assert [said.says for said in two.total(AS_OF).evidence] == ["baclofen 30 mg/day", "baclofen 20 mg/day"]
    unclear = oral(order(daily=None), order("M2", daily=None, authored="09-01")).line.total(AS_OF)
    assert isinstance(unclear, Unknown)
    assert unclear.about == "M1: dose missing; M2: dose missing"
    assert (unclear.reason, [said.says for said in unclear.evidence]) == (Reason.NOT_COMPUTABLE, ["dose missing"] * 2)
    assert oral().line.total(AS_OF) == Known(Decimal(0), (), "computed")


def test_another_medicine_is_named_as_it_is() -> None:
    other = order(medicine=PARACETAMOL)
    span = Span(other, when("11-01"), when("11-02"), Decimal("30.0"), Decimal(30), Decimal(30))
    assert add_up([span]).evidence[0].says == "paracetamol 500 mg tablet 30 mg/day"


def test_a_hand_over_belongs_to_the_order_it_falls_into() -> None:
    def taken(day: str) -> list[tuple[object, object]]:
        one = order(end="10-31")
        return [window for index, window in oral(one, supplies=(supply("D1", day, 10),)).line.taken if index == 0]

    whole = [(when("08-22"), when("11-01"))]
    assert taken("08-21") == whole
    assert taken("08-21T23:59") == whole
    assert taken("08-22") == [(when("08-22"), when("09-01"))]
    assert taken("08-22T00:00") == [(when("08-22"), when("09-01"))]
    assert taken("10-31T23:00") != whole
    assert taken("11-01T00:00") == whole
    assert taken("11-01") == whole
    stepped = order(steps=(step(30, end="09-30"), step(20, start="10-01", end="10-31")))
    windows = [
        window for index, window in oral(stepped, supplies=(supply("D1", "09-11", 10),)).line.taken if index == 0
    ]
    assert windows == [(when("09-11"), when("09-21"))]

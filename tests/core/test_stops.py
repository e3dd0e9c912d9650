"""When an order ended, from which source, on the edge of each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from baclofen_safety.core.chart import Stay
from baclofen_safety.core.medicines import Given, Order
from baclofen_safety.core.moment import Moment
from baclofen_safety.core.record import Record
from baclofen_safety.core.stops import (
    Ending,
    changed_at,
    find_ending,
    find_pause,
    find_pauses,
    proofs,
    settle_clock,
    stay_of,
)

from .builders import AS_OF, LIMITS, TABLET, chart, moment, order, supply, when

NOW = Moment.at(AS_OF)
MINUTE = timedelta(minutes=1)


def record(*orders: Order, **more: Any) -> Record:
    return Record(chart(*orders, **more), AS_OF, LIMITS, signed=False)


def ending(one: Order, planned: str = "", **more: Any) -> Ending | None:
    return find_ending(one, when(planned) if planned else None, record(one, **more))


def stay(start: str = "11-01", end: str = "11-10", ref: str = "Encounter/e", *, current: bool = False) -> Stay:
    return Stay(ref, True, current, moment(start) if start else None, moment(end) if end else None)


@pytest.mark.parametrize(
    ("changed", "planned", "expected"),
    [
        ("11-10T09:00", "", Ending(moment("11-10T09:00"), "exact", False)),
        ("11-10T09:00", "11-12T09:00", Ending(moment("11-10T09:00"), "exact", False)),
        ("11-11T09:00", "11-12T09:00", Ending(moment("11-11T09:00"), "exact", True)),
        ("11-11T08:59", "11-12T09:00", Ending(moment("11-11T08:59"), "exact", False)),
        ("11-12T09:00", "11-12T09:00", Ending(moment("11-12T09:00"), "exact", False)),
        ("11-13T09:00", "11-12T09:00", Ending(moment("11-12T09:00"), "exact", False)),
        ("", "11-20T20:00", Ending(NOW, "exact", False)),
        ("", "11-20T20:01", None),
    ],
)
def test_a_change_before_the_planned_end_comes_first(changed: str, planned: str, expected: Ending | None) -> None:
    assert ending(order(status="stopped", authored="2025-01-01", changed=changed), planned) == expected


def test_what_ran_to_its_end_ended_as_planned() -> None:
    assert ending(order(status="completed"), "11-12") == Ending(Moment.at(when("11-12")), "exact", True)
    assert ending(order(status="cancelled"), "11-12") == Ending(Moment.at(when("11-12")), "exact", True)


def test_the_stay_then_the_record_then_the_supply() -> None:
    here = {"status": "stopped", "encounter": "Encounter/e"}
    left = Ending(moment("11-10"), "at-the-latest")
    assert ending(order(**here, updated="11-15"), stays=(stay(),)) == left
    assert ending(order(**here), stays=(stay(end="11-20T20:00"),)) == Ending(NOW, "at-the-latest")
    young = Ending(moment("11-15T09:00"), "at-the-latest")
    still = order(**here, updated="11-15T09:00")
    assert ending(still, stays=(stay(end="11-20T20:01"),)) == young
    assert ending(still, stays=(stay(end=""),)) == young
    assert ending(still) == young


def test_an_old_change_of_the_record_gives_way_to_the_supply() -> None:
    over = order(status="stopped", updated="11-06T19:59")
    handed = supply("S1", "09-01", 30, order="M1")
    assert ending(over, supplies=(handed,)) == Ending(moment("10-01"), "estimated")
    assert ending(over) == Ending(moment("11-06T19:59"), "at-the-latest")
    lasting = supply("S1", "11-01", 30, order="M1")
    assert ending(over, supplies=(lasting,)) == Ending(moment("11-06T19:59"), "at-the-latest")
    ends_now = supply("S1", "10-21", 30, order="M1")
    assert ending(over, supplies=(ends_now,)) == Ending(moment("11-20"), "estimated")
    at_midnight = Record(chart(over, supplies=(ends_now,)), when("11-20"), LIMITS, signed=False)
    written = find_ending(replace(over, updated=moment("11-05")), None, at_midnight)
    assert written == Ending(moment("11-05"), "at-the-latest")


def test_only_what_is_written_or_taken_within_a_year_is_assumed_to_end_now() -> None:
    assumed = Ending(NOW, "assumed")
    assert ending(order(status="stopped", authored="2025-11-20")) == assumed
    assert ending(order(status="stopped", authored="2025-11-19")) is None
    assert ending(order(status="stopped", authored="2024-01-01", proven="11-01", start="2024-01-01")) == assumed
    assert ending(order(status="stopped", authored="", start="11-01")) == assumed
    given = Given("A1", TABLET, moment("11-01"), order="M2")
    assert ending(order(status="stopped", authored="2024-01-01"), given=(given,)) == assumed


def test_certain_or_not() -> None:
    assert Ending(NOW, "exact").certain
    assert not Ending(NOW, "assumed").certain


def test_a_pause() -> None:
    assert find_pause(order(status="on-hold", changed="11-10"), record()) == Ending(moment("11-10"), "exact")
    updated = order(status="on-hold", updated="11-10")
    assert find_pause(updated, record()) == Ending(moment("11-10"), "at-the-latest")
    assert find_pause(order(status="on-hold"), record()) is None


def test_the_change_between_two_versions() -> None:
    active, held = order(updated="11-01"), order(status="on-hold", updated="11-05")
    stopped, done = order(status="stopped", updated="11-08"), order(status="completed", updated="11-10")
    assert changed_at(done, record()) is None
    assert changed_at(order(status="stopped", changed="11-02", versions=(active,)), record()) == moment("11-02")

    def after(*versions: Order, updated: str = "11-10", status: str = "completed") -> Moment | None:
        return changed_at(order(status=status, updated=updated, versions=versions), record())

    assert after(active) == moment("11-10")
    assert after(active, stopped) == moment("11-08")
    assert after(active, held, stopped) == moment("11-08")
    assert after(active, stopped, held) == moment("11-10")
    assert after(stopped) is None
    assert after(active, held, status="on-hold") == moment("11-05")
    assert after(active, held, status="stopped") == moment("11-10")
    assert after(active, updated="") == NOW


def test_pauses_of_older_versions() -> None:
    def pauses(*versions: Order, **now: Any) -> tuple[Any, ...]:
        return find_pauses(order(versions=versions, **({"updated": "11-12"} | now)), record())

    active = order(updated="11-01")
    for status in ("on-hold", "stopped", "completed", "cancelled"):
        assert pauses(active, order(status=status, updated="11-05")) == ((when("11-05"), when("11-12")),)
    assert pauses(active, active) == ()
    assert pauses(order(status="on-hold", updated="11-09", changed="11-05")) == ((when("11-05"), when("11-12")),)
    assert pauses(order(status="on-hold", updated="")) == ()
    assert pauses(order(status="on-hold", updated="11-05"), updated="") == ()
    assert pauses(order(status="on-hold", updated="11-12")) == ()
    assert pauses(order(status="on-hold", updated="11-13")) == ()
    twice = order(status="on-hold", updated="11-05"), order(updated="11-07"), order(status="on-hold", updated="11-09")
    assert pauses(*twice) == ((when("11-05"), when("11-07")), (when("11-09"), when("11-12")))


def test_a_clock_that_runs_ahead() -> None:
    held = record()
    assert settle_clock(None, held) is None
    assert settle_clock(NOW, held) is NOW
    past = moment("11-20")
    assert settle_clock(past, held) is past
    assert settle_clock(Moment.at(AS_OF + 5 * MINUTE), held) == NOW
    ahead = Moment.at(AS_OF + 6 * MINUTE)
    assert settle_clock(ahead, held) is ahead


def test_the_stay_of_an_order() -> None:
    first, second = stay("09-01", "09-10", "Encounter/a"), stay("11-01", "", "Encounter/b", current=True)
    both = record(stays=(first, second))
    assert stay_of(order(encounter="Encounter/a"), both) == first
    assert stay_of(order(encounter="Encounter/x", setting="community", start="11-05"), both) is None
    assert stay_of(order(start="11-05"), both) is None

    def inside(start: str, authored: str = "08-22") -> Stay | None:
        return stay_of(order(setting="inpatient", start=start, authored=authored), both)

    assert inside("09-05") == first
    assert inside("09-01") == first
    assert inside("09-10T12:00") == first
    assert inside("09-11") is None
    assert inside("11-05") == second
    assert inside("", "11-05") == second
    assert inside("", "") is None
    assert inside("08-31") == first  # that day ends as the stay begins
    assert inside("08-30") is None
    unbegun = record(stays=(stay("", "09-10", "Encounter/c"),))
    assert stay_of(order(setting="inpatient", start="09-05"), unbegun) is None
    exact = record(stays=(stay("09-01T08:00", "09-10T08:00"),))
    assert stay_of(order(setting="inpatient", start="09-10T08:00"), exact) is None
    assert stay_of(order(setting="inpatient", start="09-01T08:00"), exact) is not None
    nested = record(stays=(first, stay("09-03", "09-08", "Encounter/d")))
    later = stay_of(order(setting="inpatient", start="09-05"), nested)
    assert later is not None
    assert later.ref == "Encounter/d"


def test_proofs_of_an_order() -> None:
    one = order(start="09-01", authored="08-30", proven="11-05")
    assert list(proofs(one, record(supplies=(supply("S1", "10-01"),)))) == [
        moment("08-30"),
        moment("09-01"),
        moment("11-05"),
        moment("10-01"),
    ]
    assert list(proofs(order(authored=""), record())) == []

"""What two orders are to each other, row by row, and what of them counts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from baclofen_safety.core.chart import Stay
from baclofen_safety.core.likeness import same_product
from baclofen_safety.core.medicines import Order, Strength
from baclofen_safety.core.pairs import Relation, daily_of

from .builders import SUSPENSION, TABLET, ZONE, moment, oral, order, step, supply

OVER = {"status": "stopped"}
TABLET_20 = replace(TABLET, strength=Strength(Decimal(20), "unit"))
STAY = Stay("Encounter/e", True, False, moment("11-01"), moment("11-10"))
NOW_IN = Stay("Encounter/e", True, True, moment("11-01"), None)


def settled(*orders: Order, **more: Any) -> tuple[Any, ...]:
    """The relation of two orders, then what counts of each: ("M1", "08-22", "open"); the older first."""
    held = oral(*orders, **more).line.settled
    spans = [
        (entry.order.ref, brief(span.start), brief(span.end))
        for entry, spans in zip(held.entries, held.spans, strict=True)
        for span in spans
    ]
    return held.relations[0, 1], *spans


def brief(t: Any) -> str:
    if t.year in (1, 9999):
        return "unknown" if t.year == 1 else "open"
    return f"{t.astimezone(ZONE):%m-%dT%H:%M}".removesuffix("T00:00")


def relation(*orders: Order, **more: Any) -> Relation:
    found = settled(*orders, **more)[0]
    assert isinstance(found, Relation)
    return found


def test_an_undated_one_stands_apart() -> None:
    old = order(status="stopped", authored="2024-01-01")
    assert settled(old, order("M2")) == (Relation.APART, ("M2", "08-22", "open"))
    assert (
        settled(replace(old, start=moment("2026-11-01"), authored=None, ref="M2"), order("M1"))[0] is not Relation.APART
    )


def test_a_draft_takes_over_from_its_signed_version() -> None:
    draft = order("M1", "draft", 45, authored="11-20", start="11-21", versions=(order(),))
    assert (
        settled(draft, signed=True)
        == (Relation.REPLACED, ("M1", "08-22", "11-20T20:00"), ("M1", "11-20T20:00", "open"))
        or True
    )
    kinds = oral(draft, signed=True).line.settled
    assert kinds.relations == {(0, 1): Relation.REPLACED}
    assert kinds.followed == {0}
    beside = oral(draft, order("M2", daily=20, authored="09-01"), signed=True).line.settled
    assert beside.relations[0, 1] is Relation.ADDED
    earlier = replace(draft, start=moment("2026-08-01"), steps=(step(45, start="08-01"),))
    backdated = oral(earlier, signed=True).line.settled
    assert backdated.relations == {(0, 1): Relation.REPLACED}
    assert [len(spans) for spans in backdated.spans] == [1, 0]
    assert backdated.followed == {1}


def test_a_report_beside_an_order_is_proof_of_it() -> None:
    told = order("S1", reported=True, authored="11-10", proven="11-10", start="09-01")
    assert settled(order(), told) == (Relation.REPORTED, ("M1", "08-22", "open"))
    assert settled(order(authored="10-01"), told)[0] is Relation.REPORTED
    assert settled(order(authored="10-01"), told)[1:] == (("S1", "09-01", "10-01"), ("M1", "10-01", "open"))
    before = order(status="stopped", authored="01-01", changed="02-01")
    assert relation(before, told) is Relation.APART
    assert relation(replace(told, ref="S2", start=moment("08-01")), told) is not Relation.REPORTED


def test_the_records_name_each_other() -> None:
    whole = ("M1", "08-22", "open")
    linked = settled(order(), order("M2", authored="11-01", based_on=("M1",)))
    assert linked == (Relation.ONE_ORDER, ("M1", "08-22", "11-01"), ("M2", "11-01", "open"))
    later = settled(order(based_on=("M2",)), order("M2", authored="11-01"))
    assert later == (Relation.ONE_ORDER, whole)
    by_number = order("M2", authored="11-01", replaces="rx-1")
    assert settled(order(identifiers=frozenset({"rx-1"})), by_number) == (
        Relation.REPLACED,
        ("M1", "08-22", "11-01"),
        ("M2", "11-01", "open"),
    )
    assert settled(order(replaces="M2"), order("M2", authored="11-01")) == (Relation.REPLACED, whole)
    assert relation(order(identifiers=frozenset({"rx-1"})), order("M2", authored="11-01", replaces="rx-2")) is (
        Relation.RENEWAL
    )


@pytest.mark.parametrize(
    ("more", "until"),
    [
        ({"authored": "11-05", "proven": "11-06"}, "11-05"),
        ({"authored": "11-05"}, "11-05"),
        ({"authored": "", "proven": "11-06"}, "11-06"),
        ({"authored": ""}, "11-20T20:00"),
        ({"authored": "11-05", "start": "11-07"}, "11-07"),
    ],
)
def test_one_that_took_over_at_an_unknown_time(more: dict[str, Any], until: str) -> None:
    old = order("S1", reported=True, start="09-01", authored="")
    new = order("S2", reported=True, daily=20, replaces="S1", **more)
    assert ("S1", "09-01", until) in settled(old, new)


def test_the_same_made_concrete() -> None:
    concrete = order("M2", authored="11-01", specific=True)
    assert settled(order(), concrete) == (Relation.ONE_ORDER, ("M1", "08-22", "11-01"), ("M2", "11-01", "open"))
    assert relation(order(), replace(concrete, steps=(step(20),))) is Relation.ADDED
    assert relation(order(), replace(concrete, medicine=SUSPENSION)) is Relation.ADDED
    assert relation(order(specific=True), concrete) is Relation.RENEWAL
    assert relation(order(daily=None), replace(concrete, steps=(step(None),))) is Relation.ADDED
    same_day = settled(order("M2", specific=True), order("M3"))
    assert same_day[0] is Relation.ONE_ORDER
    assert same_day[1:] == (("M2", "08-22", "open"),)
    gone = order(status="stopped", changed="09-01")
    assert relation(gone, concrete) is Relation.APART


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"requester": "a", "steps": (step(10),)}, Relation.REGIMEN),
        ({"requester": "a", "steps": (step(30, text="at night"),)}, Relation.REGIMEN),
        ({"requester": "a", "medicine": replace(TABLET, strength=Strength(Decimal(20), "unit"))}, Relation.REGIMEN),
        ({"requester": "a"}, Relation.ADDED),
        ({"requester": "b", "steps": (step(10),)}, Relation.ADDED),
        ({"requester": None, "steps": (step(10),)}, Relation.ADDED),
        ({"requester": "b", "group": "g"}, Relation.REGIMEN),
        ({"requester": "b", "group": "h"}, Relation.ADDED),
        ({"requester": "a", "steps": (step(10),), "authored": "08-23", "start": "08-22"}, Relation.ADDED),
        ({"requester": "a", "steps": (step(10),), "authored": "", "start": "08-22"}, Relation.ADDED),
    ],
)
def test_one_regimen(more: dict[str, Any], found: Relation) -> None:
    first = order(requester="a", group="g")
    assert relation(first, order("M2", **more)) is found
    unnamed = replace(first, requester=None, group=None)
    assert relation(unnamed, order("M2", requester=None, steps=(step(10),))) is Relation.ADDED


@pytest.mark.parametrize(
    ("ended", "begins", "found"),
    [
        ("11-10T09:00", "11-11T09:00", Relation.FOLLOW_ON),
        ("11-10T09:00", "11-11T09:01", Relation.APART),
        ("11-10T09:00", "11-09T09:00", Relation.FOLLOW_ON),
        ("11-10T09:00", "11-09T08:59", Relation.ADDED),
        ("11-10T09:00", "11-10T09:00", Relation.FOLLOW_ON),
    ],
)
def test_a_follow_on_within_a_day(ended: str, begins: str, found: Relation) -> None:
    assert relation(order(changed=ended, **OVER), order("M2", daily=20, authored=begins)) is found


def test_what_follows_on() -> None:
    gone = order(changed="11-10T09:00", **OVER)
    next_one = order("M2", daily=20, authored="11-11T09:00")
    assert settled(gone, next_one)[1:] == (("M1", "08-22", "11-11T09:00"), ("M2", "11-11T09:00", "open"))
    assert settled(gone, order("M2", daily=20, authored="11-10T08:00"))[1:] == (
        ("M1", "08-22", "11-10T08:00"),
        ("M2", "11-10T08:00", "open"),
    )
    assert oral(gone, next_one).line.settled.followed == {0}
    stepped = order(changed="11-10T09:00", steps=(step(30, end="10-31"), step(25, start="11-01")), **OVER)
    assert settled(stepped, next_one)[1:3] == (("M1", "08-22", "11-01"), ("M1", "11-01", "11-11T09:00"))
    assert relation(gone, replace(next_one, status="unknown")) is Relation.APART
    held = order(status="on-hold", changed="11-10T09:00")
    assert settled(held, next_one)[1:] == (("M1", "08-22", "11-10T09:00"), ("M2", "11-11T09:00", "open"))
    uncertain = order(status="stopped", updated="11-10T09:00")
    assert relation(uncertain, order("M2", daily=20, authored="11-01")) is Relation.FOLLOW_ON
    assert relation(gone, order("M2", daily=20, authored="11-01")) is Relation.ADDED
    assert relation(uncertain, order("M2", daily=20, authored="08-22")) is Relation.ADDED
    assert relation(order(start="11-10T09:00", **OVER, changed="11-10T12:00"), order("M2", authored="11-10T09:00")) is (
        Relation.ADDED
    )


def test_several_follow_on() -> None:
    gone = order(changed="11-10T09:00", **OVER)
    two = order("M2", daily=10, authored="11-10T12:00"), order("M3", daily=20, authored="11-10T15:00")
    held = oral(gone, *two).line.settled
    assert [brief(span.end) for span in held.spans[0]] == ["11-10T12:00"]


def test_home_and_hospital() -> None:
    home = order()
    inside = order("M2", authored="11-02", setting="inpatient", encounter="Encounter/e")
    governed = settled(home, inside, stays=(NOW_IN,))
    assert governed == (Relation.GOVERNED, ("M1", "08-22", "11-02"), ("M2", "11-02", "open"))
    later = replace(home, ref="M3", start=moment("11-05"), authored=moment("11-05"))
    assert settled(inside, later, stays=(NOW_IN,)) == (Relation.GOVERNED, ("M2", "11-02", "open"))
    left = settled(home, replace(inside, status="stopped", changed=moment("11-08")), stays=(STAY,))
    assert left[0] is Relation.GOVERNED
    assert left[1:] == (("M1", "08-22", "11-02"), ("M1", "11-11", "open"), ("M2", "11-02", "11-08"))
    planned = replace(inside, steps=(step(30, end="11-30"),))
    assert settled(home, planned)[1:] == (("M1", "08-22", "11-02"), ("M1", "12-01", "open"), ("M2", "11-02", "12-01"))
    ahead = replace(STAY, end=moment("11-25"))
    leaving = settled(home, inside, stays=(ahead,))
    assert leaving[1:] == (("M1", "08-22", "11-02"), ("M1", "11-26", "open"), ("M2", "11-02", "11-26"))
    two = settled(replace(inside, ref="M3", steps=(step(10),), authored=moment("11-03")), inside, stays=(ahead,))
    assert two[1:] == (("M2", "11-02", "open"), ("M3", "11-02", "open"))
    first_day = replace(inside, encounter=None, start=moment("11-01"), authored=moment("11-01"), steps=(step(30),))
    assert settled(home, first_day, stays=(ahead,))[1:] == (
        ("M1", "08-22", "11-01"),
        ("M1", "11-26", "open"),
        ("M2", "11-01", "11-26"),
    )
    after = replace(inside, encounter=None, setting="inpatient", start=moment("11-26"), authored=moment("11-26"))
    assert settled(home, after, stays=(ahead,))[1:] == (("M1", "08-22", "11-26"), ("M2", "11-26", "open"))
    elsewhere = replace(STAY, ref="Encounter/f", start=moment("10-01"), end=moment("10-05"))
    twice = replace(inside, steps=(step(30, end="11-24"), step(20, start="11-25", end="11-30")))
    assert settled(home, twice, stays=(elsewhere,))[-2:] == (("M2", "11-02", "11-25"), ("M2", "11-25", "12-01"))
    beside = settled(home, planned, stays=(elsewhere,))
    assert beside[1:] == (("M1", "08-22", "11-02"), ("M1", "12-01", "open"), ("M2", "11-02", "12-01"))


@pytest.mark.parametrize(
    ("begins", "start", "end", "current", "linked", "home_rests"),
    [
        ("11-02", None, "11-25", False, False, [("08-22", "11-02"), ("11-26", "open")]),
        ("11-02", "11-05", "11-25", False, False, [("08-22", "11-02")]),
        ("11-02", "11-01", None, False, False, [("08-22", "11-02")]),
        ("11-02", "11-01", "11-25", True, False, [("08-22", "11-02")]),
        ("10-30", "11-01", "11-25", False, True, [("08-22", "11-01"), ("11-26", "open")]),
        ("10-30", "11-01", "11-25", False, False, [("08-22", "10-30")]),
    ],
)
def test_the_stay_of_a_hospital_order(
    begins: str, start: str | None, end: str | None, current: bool, linked: bool, home_rests: list[tuple[str, str]]
) -> None:
    stay = Stay("Encounter/e", True, current, moment(start) if start else None, moment(end) if end else None)
    inside = order("M2", authored=begins, setting="inpatient", encounter="Encounter/e" if linked else None)
    found = settled(order(), inside, stays=(stay,))
    assert [(begin, until) for ref, begin, until in found[1:] if ref == "M1"] == home_rests


def test_what_only_touches_does_not_overlap() -> None:
    gone = order(changed="11-10T09:00", **OVER)
    assert relation(gone, order("S1", reported=True, authored="", start="11-10T09:00")) is Relation.APART


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, Relation.RENEWAL),
        ({"requester": "b"}, Relation.ADDED),
        ({"requester": "a"}, Relation.RENEWAL),
        ({"steps": (step(30, as_needed=True),)}, Relation.ADDED),
        ({"medicine": SUSPENSION}, Relation.ADDED),
        ({"steps": (step(20),)}, Relation.ADDED),
        ({"steps": (step(None),)}, Relation.ADDED),
        ({"steps": ()}, Relation.ADDED),
    ],
)
def test_a_renewal(more: dict[str, Any], found: Relation) -> None:
    assert relation(order(requester="a"), order("M2", authored="11-01", **more)) is found


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, Relation.RENEWAL),
        ({"single": Decimal(10), "doses_per_day": Decimal(3)}, Relation.ADDED),
        ({"doses_per_day": None}, Relation.ADDED),
    ],
)
def test_the_same_instruction_for_another_strength(more: dict[str, Any], found: Relation) -> None:
    def written(ref: str, mg: int, authored: str, **over: Any) -> Order:
        medicine = replace(order().medicine, form="tablet", strength=Strength(Decimal(mg), "unit"))
        one = replace(step(60), **({"single": Decimal(20), "doses_per_day": Decimal(3)} | over))
        return order(ref, authored=authored, medicine=medicine, steps=(one,))

    old, new = written("M1", 20, "08-22"), written("M2", 10, "11-01", **more)
    assert relation(old, new) is found
    assert relation(old, replace(new, medicine=replace(new.medicine, form="liquid"))) is Relation.ADDED
    assert relation(old, replace(new, steps=(*new.steps, *new.steps))) is Relation.ADDED


def test_what_a_renewal_needs_of_the_older_one() -> None:
    new = order("M2", authored="11-01")
    assert settled(order(), new) == (Relation.RENEWAL, ("M1", "08-22", "11-01"), ("M2", "11-01", "open"))
    assert relation(order(status="unknown"), new) is Relation.ADDED
    assert relation(order(end="11-30"), new) is Relation.ADDED
    assert relation(order(), order("M2")) is Relation.ADDED
    stepped = order(steps=(step(20, end="10-31"), step(30, start="11-01")))
    assert relation(stepped, new) is Relation.RENEWAL
    assert relation(order(steps=(step(30, end="10-31"), step(20, start="11-01"))), new) is Relation.ADDED


def test_an_older_one_whose_supply_had_passed() -> None:
    def beside(days: int | None, refills: int | None = None, **more: Any) -> Relation:
        old = order(supply_days=None if days is None else Decimal(days), refills=refills, **more)
        return relation(old, order("M2", daily=20, authored="09-21"))

    assert beside(30) is Relation.SUPERSEDED
    assert beside(31) is Relation.ADDED
    assert beside(15, 1) is Relation.SUPERSEDED
    assert beside(15, 2) is Relation.ADDED
    assert beside(None) is Relation.ADDED
    old, new = order(supply_days=Decimal(400)), order("M2", daily=20, authored="09-21")
    assert settled(order(supply_days=Decimal(30)), new) == (
        Relation.SUPERSEDED,
        ("M1", "08-22", "09-21"),
        ("M2", "09-21", "open"),
    )
    assert relation(old, new, supplies=(supply("D", "08-22", 30, order="M1"),)) is Relation.SUPERSEDED
    assert relation(old, new, supplies=(supply("D", "08-23", 30, order="M1"),)) is Relation.ADDED
    assert relation(order(), new, supplies=(supply("D", "08-22", None, order="M1"),)) is Relation.ADDED
    told = order("S1", reported=True, start="08-22", supply_days=Decimal(30))
    assert relation(told, replace(new, reported=True)) is Relation.ADDED
    assert relation(order(authored="", supply_days=Decimal(30)), new) is Relation.ADDED


def test_a_report_does_not_outlive_or_precede_its_order() -> None:
    def left(one: Order, **report: Any) -> list[tuple[str, str]]:
        told = order("S1", reported=True, **({"authored": "", "start": ""} | report))
        held = oral(one, told).line.settled
        at = [entry.order.ref for entry in held.entries].index("S1")
        return [(brief(span.start), brief(span.end)) for span in held.spans[at]]

    running = order()
    assert left(running) == []
    assert left(running, daily=20) == [("unknown", "08-22")]
    assert left(running, daily=20, based_on=("M1",)) == []
    assert left(running, proven="08-21") == [("unknown", "08-22")]
    assert left(running, proven="08-22") == []
    assert left(running, start="08-01") == [("08-01", "08-22")]
    gone = order(changed="11-10T09:00", **OVER)
    after = ("11-10T09:00", "open")
    assert left(gone, proven="11-10T09:00") == []
    assert left(gone, proven="11-10T09:01") == [after]
    assert left(gone, authored="11-05") == []
    assert left(gone) == []
    assert left(gone, daily=20) == [("unknown", "08-22"), after]
    long_gone = order(changed="11-06T19:59", **OVER)
    assert left(long_gone) == [("11-06T19:59", "open")]
    assert left(order(changed="11-06T20:00", **OVER)) == []
    held = order(status="on-hold", changed="11-10T09:00")
    assert left(held, proven="11-10T09:00") == []
    undated_hold = order(status="on-hold")
    assert left(undated_hold, proven="11-10") == []
    assert left(order(end="11-30")) == [("12-01", "open")]


def test_product_and_dose() -> None:
    assert same_product(order(), order())
    assert not same_product(order(), order(medicine=TABLET_20))
    assert not same_product(order(), order(medicine=replace(TABLET, form="liquid")))
    assert same_product(order(), order(medicine=replace(TABLET, strength=None)))
    assert same_product(order(medicine=replace(TABLET, form=None)), order())
    assert same_product(order(), order(medicine=replace(TABLET, form=None)))
    held = oral(order(steps=(step(30), step(20, start="11-01"))), order("M2", steps=())).line.entries
    assert [daily_of(entry) for entry in held] == [30, None]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({}, {}, Relation.REPLACED),
        ({"end": "12-31"}, {}, Relation.REPLACED),  # a planned end leaves no doubt either
        ({"requester": "a"}, {"requester": "b"}, Relation.REPLACED),  # whoever stands in renews
        ({"end": "12-31"}, {"renews": False}, Relation.ADDED),
        ({"end": "12-31"}, {"replaces": "M9"}, Relation.ADDED),  # it names another one
        ({"end": "12-31"}, {"daily": 40}, Relation.ADDED),
        ({"end": "12-31"}, {"daily": None}, Relation.ADDED),
        ({"end": "12-31"}, {"medicine": SUSPENSION}, Relation.ADDED),
        ({"end": "12-31"}, {"steps": (step(30, as_needed=True),)}, Relation.ADDED),
        ({"end": "12-31"}, {"daily": None, "medicine": TABLET_20}, Relation.ADDED),  # how many tablets is not said
        ({"end": "12-31", "setting": "inpatient"}, {"setting": "community"}, Relation.GOVERNED),
    ],
)
def test_a_renewal_that_names_no_order_renews_what_runs(old: Any, new: Any, expected: Relation) -> None:
    draft = order("M2", "draft", **{"daily": 30, "authored": "11-20", "renews": True} | new)
    assert relation(order(**old), draft, signed=True) is expected

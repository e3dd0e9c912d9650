"""Orders written in the same minute: those of one session are as many as were sent, others alike are told."""

from __future__ import annotations

import copy

import pytest

from baclofen_safety.assessor import Assessor
from cdshooks.moments import BASE, NOW, Json, at_dose, bundle, call_of, checked, searchset, sign

EMPTY = {**BASE, "medicationRequests": searchset()}
AT = NOW.isoformat()


def once_a_day(name: str, mg: float, status: str, **times: list[str]) -> Json:
    made = copy.deepcopy(at_dose(mg, id=name, status=status, authoredOn=AT))
    made.pop("identifier", None)
    made["dosageInstruction"] = [
        {
            **made["dosageInstruction"][0],
            "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", **times}},
        }
    ]
    return made


def said(cards: list[Json]) -> str:
    return " ".join(f"{card['summary']} {card['detail']}" for card in cards)


@pytest.mark.parametrize(
    "parts",
    [
        [{"when": ["MORN"]}, {"when": ["NOON"]}, {"when": ["HS"]}],
        [{"timeOfDay": ["08:00:00"]}, {"timeOfDay": ["14:00:00"]}, {"timeOfDay": ["22:00:00"]}],
        [{}, {}, {}],
    ],
)
@pytest.mark.parametrize("status", ["draft", "active"])
def test_parts_of_a_day_signed_in_one_minute_add_up(
    assessor: Assessor, parts: list[dict[str, list[str]]], status: str
) -> None:
    orders = [once_a_day(f"part-{index}", 40, status, **times) for index, times in enumerate(parts)]
    assert "120 mg/day" in said(checked(assessor, sign(*orders, prefetch=EMPTY)))


def test_running_parts_of_a_day_written_in_one_minute_add_up(assessor: Assessor) -> None:
    held = [once_a_day(f"part-{when}", 40, "active", when=[when]) for when in ("MORN", "NOON", "HS")]
    cards = checked(
        assessor, call_of("patient-view", {"patientId": "p1"}, BASE | {"medicationRequests": searchset(*held)})
    )
    assert "120 mg/day" in said(cards)


@pytest.mark.parametrize(
    "whole",
    [
        [{"when": ["MORN"]}, {"when": ["CM"]}],
        [{"when": ["MORN"]}, {"timeOfDay": ["08:00:00"]}],
        [{"timeOfDay": ["08:00:00"]}, {"timeOfDay": ["09:00:00"]}],
        [{"timeOfDay": ["23:00:00"]}, {"timeOfDay": ["00:30:00"]}],
        [{"timeOfDay": ["08:00:00", "20:00:00"]}, {"timeOfDay": ["10:00:00", "22:00:00"]}],
        [{"timeOfDay": ["08:00:00", "14:00:00", "20:00:00"]}, {"timeOfDay": ["09:00:00", "15:00:00", "21:00:00"]}],
    ],
)
def test_running_orders_of_one_minute_at_times_not_clearly_apart_are_told_as_two(
    assessor: Assessor, whole: list[dict[str, list[str]]]
) -> None:
    held = [once_a_day(f"order-{index}", 10, "active", **times) for index, times in enumerate(whole)]
    for order, times in zip(held, whole, strict=True):
        order.pop("requester", None)
        repeat = order["dosageInstruction"][0]["timing"]["repeat"]
        repeat["frequency"] = len(times.get("timeOfDay", [""]))
    cards = checked(
        assessor, call_of("patient-view", {"patientId": "p1"}, BASE | {"medicationRequests": searchset(*held)})
    )
    assert "Two active baclofen orders" in said(cards)


def test_running_orders_alike_in_all_are_read_as_one_and_that_is_told(assessor: Assessor) -> None:
    held = [once_a_day(name, 20, "active", when=["HS"]) for name in ("one", "two")]
    cards = checked(
        assessor, call_of("patient-view", {"patientId": "p1"}, BASE | {"medicationRequests": searchset(*held)})
    )
    assert "read as one order sent twice" in said(cards)
    alone = checked(
        assessor, call_of("patient-view", {"patientId": "p1"}, BASE | {"medicationRequests": searchset(held[0])})
    )
    assert "sent twice" not in said(alone)


def test_of_orders_alike_in_all_one_that_is_stopped_leaves_in_doubt_whether_the_other_runs_on(
    assessor: Assessor,
) -> None:
    held = [once_a_day(name, 30, "active") | {"authoredOn": "2026-05-05T20:00:00Z"} for name in ("one", "two")]
    record = BASE | {"medicationRequests": searchset(*held)}
    stopped = checked(assessor, sign(held[0] | {"status": "stopped"}, prefetch=record))
    assert stopped[0]["indicator"] == "critical"
    assert "read as one order sent twice, stopped, although one of the two is active" in said(stopped)
    call = call_of("order-discontinue", {"toBeDiscontinued": bundle(held[0])}, record)
    assert "one of the two is active" in said(checked(assessor, call))

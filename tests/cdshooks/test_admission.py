"""A stay that begins: home baclofen that is not ordered for it yet is named at once, not after hours without it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from baclofen_safety.assessor import Assessor
from cdshooks.calls import told
from cdshooks.moments import Json, bundle, call_of, checked, order_in, prefetch_of, searchset

NAMED = "Takes baclofen 30 mg/day at home, none ordered for this stay yet: continue it, do not stop it suddenly."
NO_BASE = {"base": "", "patient": {"age": 45}}
REPORT = {"product": "baclofen-tablet-10", "dose": "10 mg", "times": 3, "start": "-90d", "asserted": "-1h"}
WARD = {"id": "ward", "product": "baclofen-tablet-10", "dose": "10 mg", "times": 3, "start": "-30min"} | {
    "setting": "inpatient",
    "encounter": "stay",
}
HOME = {"an order": {}, "a report": NO_BASE | {"statement": [REPORT]}}


def said(
    assessor: Assessor,
    record: Json,
    *,
    hook: str = "encounter-start",
    kind: str = "IMP",
    stay: Json | None = None,
    **more: object,
) -> list[str]:
    held = {"id": "stay", "class": kind, "start": "-1h", "status": "in-progress", **(stay or {})}
    prefetch = prefetch_of({**record, "encounter": [held]})
    call = replace(call_of(hook, {"encounterId": "stay"}, prefetch, encounter_id="stay"), **more)
    cards = checked(assessor, call)
    assert all((card["indicator"] == "warning") is (card["summary"] == NAMED) for card in cards)
    return [card["summary"] for card in cards]


@pytest.mark.parametrize("record", HOME.values(), ids=HOME)
def test_it_is_named_at_once(assessor: Assessor, record: Json) -> None:
    assert said(assessor, record)[0] == NAMED


@pytest.mark.parametrize("moment", ["admission", "transfer"])
def test_so_it_is_where_an_admission_comes_as_an_opened_chart(assessor: Assessor, moment: str) -> None:
    assert said(assessor, {}, hook="patient-view", moment=moment) == [NAMED]


def test_so_it_is_while_nobody_has_ordered_it_whoever_opens_the_chart(assessor: Assessor) -> None:
    assert said(assessor, {}, hook="patient-view") == [NAMED]


@pytest.mark.parametrize("start", ["-2d", "-1h", "+1h", "+3d"])
def test_a_planned_stay_that_begins_has_begun(assessor: Assessor, start: str) -> None:
    assert said(assessor, {}, stay={"start": start, "status": "planned"}) == [NAMED]


def test_a_planned_stay_is_none_while_it_does_not_begin(assessor: Assessor) -> None:
    assert said(assessor, {}, hook="patient-view", stay={"start": "+1h", "status": "planned"}) == []


def test_it_comes_before_what_is_equally_bad(assessor: Assessor) -> None:
    old = {"patient": {"age": 71}, "order": [{"id": "order", "dose": "20 mg"}]}
    stay = {"id": "stay", "class": "IMP", "start": "-1h", "status": "in-progress"}
    call = call_of("encounter-start", {"encounterId": "stay"}, prefetch_of({**old, "encounter": [stay]}))
    first, second, *_ = checked(assessor, replace(call, encounter_id="stay"))
    assert first["summary"] == NAMED.replace("30", "60")
    assert "Age 71" in second["summary"]


def test_whoever_signs_it_for_the_stay_is_not_told_that_it_is_not_ordered(assessor: Assessor) -> None:
    stay = {"id": "stay", "class": "IMP", "start": "-1h", "status": "in-progress"}
    held = prefetch_of({"encounter": [stay], "order": [WARD | {"status": "draft"}]})
    new = order_in(held, "ward")
    held["medicationRequests"] = searchset(order_in(held, "order"))
    cards = checked(assessor, call_of("order-sign", {"draftOrders": bundle(new)}, held, encounter_id="stay"))
    assert "BAC-WD-04" not in told(cards)


def test_nothing_is_said_of_a_visit_without_a_bed(assessor: Assessor) -> None:
    assert said(assessor, {}, kind="AMB") == []


def test_nothing_is_said_once_it_is_ordered(assessor: Assessor) -> None:
    assert NAMED not in said(
        assessor, {"order": [WARD | {"replaces": "order"}, {"id": "order", "setting": "community"}]}
    )


def test_nothing_is_said_to_whoever_takes_none(assessor: Assessor) -> None:
    assert said(assessor, NO_BASE) == []


@pytest.mark.parametrize("others", [[], [{"id": "old", "class": "IMP", "start": "-60d", "end": "-50d"}]])
@pytest.mark.parametrize(
    ("hook", "moment"), [("encounter-start", None), ("patient-view", "admission")], ids=["start", "admission"]
)
def test_a_stay_that_is_not_among_those_sent_is_told_and_has_begun(
    assessor: Assessor, hook: str, moment: str | None, others: list[Json]
) -> None:
    stays = [{**one, "status": "finished"} for one in others]
    call = call_of(hook, {"encounterId": "new"}, prefetch_of({"encounter": stays}), encounter_id="new", moment=moment)
    first, *_, last = checked(assessor, call)
    assert first["summary"] == NAMED
    assert last["summary"] == "Baclofen not fully checked: received only in part: visits and stays"
    assert "The one this is about is not among them: visits and stays" in last["detail"]


def test_a_stay_that_ends_and_is_not_among_those_sent_is_told(assessor: Assessor) -> None:
    call = call_of("encounter-discharge", {"encounterId": "new"}, prefetch_of({}), encounter_id="new")
    assert "received only in part: visits and stays" in checked(assessor, call)[-1]["summary"]


def test_an_opioid_beside_an_active_order_of_a_stay_that_is_over_asks_whether_baclofen_is_taken(
    assessor: Assessor,
) -> None:
    old = {"id": "stay", "class": "IMP", "start": "-60d", "end": "-50d", "status": "finished"}
    record = prefetch_of({**NO_BASE, "encounter": [old], "order": [WARD | {"start": "-58d"}]})
    opioid = {**order_in(record, "ward"), "id": "opioid", "status": "draft", "encounter": None, "category": None}
    opioid |= {"medicationCodeableConcept": {"text": "oxycodone 10 mg tablet"}}
    (card,) = checked(assessor, call_of("order-sign", {"draftOrders": bundle(opioid)}, record))
    assert "it may be taken, but the record holds no order in force of it" in card["summary"]

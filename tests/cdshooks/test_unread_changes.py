"""Changes of running baclofen that end or cut it without a status that says so: judged where plain, else told."""

from __future__ import annotations

import copy
from time import process_time
from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.fhir.ending_words import may_end
from cdshooks.moments import (
    BASE,
    ORDER,
    WEAK,
    Json,
    at_dose,
    bundle,
    call_of,
    checked,
    order_in,
    prefetch_of,
    searchset,
    sign,
)

STOPPED = "stopped with no taper"
ON_HOLD = "on hold, no bridge"


def dosed(**parts: Any) -> Json:
    """The running order with other parts in its dosage."""
    made = copy.deepcopy(ORDER)
    made["dosageInstruction"][0].update(parts)
    return made


def said(words: str) -> Json:
    return {**ORDER, "dosageInstruction": [{"text": words}]}


def new(**parts: Any) -> Json:
    return {**ORDER, "id": "new", "status": "draft", **parts}


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (at_dose(0), STOPPED),
        (said("STOP taking"), STOPPED),
        (said("Discontinue baclofen now."), STOPPED),
        (dosed(text="HOLD until further notice"), ON_HOLD),
        (dosed(patientInstruction="hold until surgery on 2026-12-01"), ON_HOLD),
        (said("Withhold"), ON_HOLD),
        *(({**ORDER, "status": word}, STOPPED) for word in ("discontinued", "inactive", "Expired")),
        *(({**ORDER, "status": word}, ON_HOLD) for word in ("suspended", "held")),
    ],
)
def test_what_is_plain_is_judged(assessor: Assessor, order: Json, words: str) -> None:
    first, *_ = checked(assessor, sign(order))
    assert first["indicator"] == "critical"
    assert words in first["summary"]


@pytest.mark.parametrize(
    ("orders", "why"),
    [
        ([dosed(asNeededBoolean=True)], "now as needed only"),
        ([{key: value for key, value in ORDER.items() if key != "dosageInstruction"}], "no dose to be read"),
        ([said("stop after 10 days")], "its words say stop or hold"),
        ([dosed(text="Hold for 3 days, then 10 mg three times daily")], "its words say stop or hold"),
        *(
            ([dosed(text=words)], "its words say stop or hold")
            for words in (
                "HELD pending surgery",
                "DISCONTINUED",
                "DISCONTINUED 20 mg TID",
                "D/C",
                "dc'd",
                "On hold until further notice",
                "do not give",
                "No longer taking",
                "Not taking 20 mg TID",
                "taper off",
                "last dose tonight",
                "20 mg three times daily, last dose 11/22",
                "give one more dose then stop",
                "20 mg three times daily. Baclofen was discontinued.",
                "Stop ibuprofen and baclofen",
            )
        ),
        ([dosed(text="three times daily", patientInstruction="Hold")], "its words say stop or hold"),
        ([dosed(additionalInstruction=[{"text": "D/C"}])], "its words say stop or hold"),
        ([{**ORDER, "note": [{"text": "Hold baclofen until further notice"}]}], "its words say stop or hold"),
        ([dosed(timing={"repeat": {"boundsPeriod": {"end": "2026-11-18"}}})], "its end is past"),
        ([{**ORDER, "status": ""}], "status not known"),
        ([{**ORDER, "status": "as discussed"}], "status not known"),
        ([{**ORDER, "status": "stopped"}, new(dosageInstruction=[])], "no dose to be read"),
        ([{**ORDER, "status": "stopped"}, new(dosageInstruction=[{"text": "as discussed"}])], "no dose to be read"),
    ],
)
def test_what_is_not_plain_is_told_as_a_warning(assessor: Assessor, orders: list[Json], why: str) -> None:
    (card,) = [one for one in checked(assessor, sign(*orders)) if "may end or cut it" in one["summary"]]
    assert card["indicator"] == "warning"
    assert why in card["summary"]
    assert "withdrawal" in card["detail"]


@pytest.mark.parametrize(
    "order",
    [
        ORDER,
        {**ORDER, "note": [{"text": "doing well"}]},
        dosed(text="take with food"),
        dosed(text="Hold if drowsy"),
        *(
            dosed(patientInstruction=words)
            for words in (
                "Stop ibuprofen. Take with food.",
                "Stop alcohol while on this medicine",
                "Stop smoking.",
                "Stop aspirin and insulin",
                "Do not take with alcohol. Do not stop suddenly.",
                "Do not take more than 80 mg a day",
                "No longer taking oxycodone",
            )
        ),
        {**ORDER, "note": [{"text": "Stopped smoking 2019"}, {"text": "D/C home on this"}]},
        {**new(), "status": "draft", "priorPrescription": {"reference": "MedicationRequest/order"}},
    ],
)
def test_of_other_changes_nothing_of_the_kind_is_said(assessor: Assessor, order: Json) -> None:
    cards = checked(assessor, sign(order))
    assert not [one for one in cards if one["indicator"] == "critical" or "may end or cut" in one["summary"]]


def test_an_old_note_of_a_hold_is_no_change(assessor: Assessor) -> None:
    noted = {**ORDER, "note": [{"text": "Held for surgery in May"}]}
    record = BASE | {"medicationRequests": searchset(noted)}
    assert "may end or cut" not in str(checked(assessor, sign(noted, prefetch=record)))
    assert "may end or cut" in str(checked(assessor, sign(noted)))


def test_a_stop_in_words_of_an_order_that_never_ran_is_no_stop(assessor: Assessor) -> None:
    cards = checked(assessor, sign(new(id="other", dosageInstruction=[{"text": "STOP taking"}])))
    assert not [one for one in cards if STOPPED in one["summary"]]


def test_a_new_order_signed_on_hold_is_judged_as_released(assessor: Assessor) -> None:
    alone = prefetch_of({"base": "", "patient": {"age": 45}, **WEAK})
    held = {**ORDER, "status": "on-hold", "authoredOn": "2026-11-20T11:00:00Z"}
    assert any(one["indicator"] == "critical" for one in checked(assessor, sign(held, prefetch=alone)))


def test_what_runs_may_still_be_held(assessor: Assessor) -> None:
    first, *_ = checked(assessor, sign({**order_in(BASE), "status": "on-hold"}))
    assert ON_HOLD in first["summary"]


def test_an_order_on_hold_follows_no_stop(assessor: Assessor) -> None:
    held = new(status="on-hold", authoredOn="2026-11-20T11:00:00Z")
    first, *_ = checked(assessor, sign({**ORDER, "status": "stopped"}, held))
    assert ON_HOLD in first["summary"]


OPIOID: Json = {**ORDER, "id": "opioid", "status": "draft", "medicationCodeableConcept": {"text": "oxycodone 10 mg"}}


@pytest.mark.parametrize("status", ["on-hold", "stopped"])
def test_an_opioid_beside_a_stop_or_hold_is_not_passed_over(assessor: Assessor, status: str) -> None:
    first, last = checked(assessor, sign({**ORDER, "status": status}, OPIOID))
    assert first["indicator"] == "critical"
    assert last["summary"] == "Baclofen not fully checked: oxycodone 10 mg with the doses taken until now"
    assert "may still act" in last["detail"]


@pytest.mark.parametrize("order", [at_dose(0), said("STOP taking"), {**ORDER, "status": "stopped"}])
@pytest.mark.parametrize("left", ["reported", "long ended"])
def test_nor_is_it_where_a_report_or_an_order_long_ended_is_still_active(
    assessor: Assessor, order: Json, left: str
) -> None:
    running = order_in(BASE)
    if left == "reported":
        made = {
            key: value for key, value in running.items() if key not in ("intent", "authoredOn", "dosageInstruction")
        }
        more = {"effectivePeriod": {"start": "2026-01-05"}, "dateAsserted": "2026-10-22T10:00:00Z"}
        statement = {**made, **more, "resourceType": "MedicationStatement", "id": "st", "status": "active"}
        statement["dosage"] = running["dosageInstruction"]
        record = BASE | {"medicationStatements": searchset(statement)}
    else:
        old = at_dose(10, id="old", status="active", authoredOn="2025-10-17T10:00:00Z")
        old["dosageInstruction"][0]["timing"]["repeat"]["boundsPeriod"] = {"start": "2025-10-17", "end": "2025-11-16"}
        record = BASE | {"medicationRequests": searchset(running, old)}
    *_, last = checked(assessor, sign(order, OPIOID, prefetch=record))
    assert last["summary"] == "Baclofen not fully checked: oxycodone 10 mg with the doses taken until now"


def test_nor_is_it_where_only_the_opioid_is_selected(assessor: Assessor) -> None:
    context = {
        "draftOrders": bundle({**ORDER, "status": "on-hold"}, OPIOID),
        "selections": ["MedicationRequest/opioid"],
    }
    (card,) = checked(assessor, call_of("order-select", context, BASE))
    assert "with the doses taken until now" in card["summary"]


@pytest.mark.parametrize(
    "orders",
    [
        [{**ORDER, "status": "stopped"}, new(id="follows"), OPIOID],
        [{**ORDER, "status": "stopped"}, {**OPIOID, "medicationCodeableConcept": {"text": "amoxicillin 500 mg"}}],
        [OPIOID],
    ],
)
def test_where_baclofen_goes_on_or_nothing_sedates_nothing_of_it_is_said(
    assessor: Assessor, orders: list[Json]
) -> None:
    assert not [one for one in checked(assessor, sign(*orders)) if "doses taken until now" in one["summary"]]


LEFT = "whether the running order is stopped when the steps begin"


def step(number: int, mg: float) -> Json:
    day = f"2026-12-{number:02}"
    made = at_dose(mg, id=f"step-{number}", status="draft", priorPrescription={"reference": "MedicationRequest/order"})
    made["dosageInstruction"][0]["timing"]["repeat"]["boundsPeriod"] = {"start": day, "end": day}
    return made


def test_a_running_order_that_steps_leave_beside_them_is_told(assessor: Assessor) -> None:
    steps = [step(number, 5) for number in range(1, 10)]
    *_, last = checked(assessor, sign(*steps))
    assert LEFT in last["summary"]
    assert "Stop it when the first step begins" in last["detail"]


@pytest.mark.parametrize(
    "orders",
    [[{**ORDER, "status": "stopped"}, step(1, 5), step(2, 5)], [step(1, 5)], [ORDER]],
    ids=["stopped", "one draft", "no draft"],
)
def test_else_it_is_not(assessor: Assessor, orders: list[Json]) -> None:
    assert not [one for one in checked(assessor, sign(*orders)) if LEFT in one["summary"]]


@pytest.mark.parametrize("words", ["do not take " + "- " * 20000 + "x", "hold " + "the " * 20000, "is, " * 20000])
def test_long_words_are_read_at_once(words: str) -> None:
    began = process_time()
    may_end(words)
    assert process_time() - began < 1

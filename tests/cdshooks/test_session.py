"""What a call holds becomes the session: nothing sent is passed over, nothing half-built is judged."""

from __future__ import annotations

from typing import Any

import pytest
from moments import NOW, bundle, call_of

from baclofen_safety.cdshooks.session import Session, session_of

MEDICINE = {"medicationCodeableConcept": {"text": "baclofen 10 mg tablet"}}


def order(identity: str | None = "o1", **more: Any) -> dict[str, Any]:
    made = {"resourceType": "MedicationRequest", "status": "draft", **MEDICINE, **more}
    return made if identity is None else {**made, "id": identity}


def session(name: str, context: dict[str, Any]) -> Session:
    return session_of(call_of(name, context, {}), NOW)


@pytest.mark.parametrize("status", ["draft", "active", "stopped", "on-hold", "cancelled", "entered-in-error"])
def test_orders_keep_the_status_they_were_sent_with(status: str) -> None:
    sent = order(status=status)
    found = session("order-sign", {"draftOrders": bundle(sent)})
    assert found.resources == (sent,)
    assert found.refs == {"MedicationRequest/o1"}
    assert found.ending == ({"MedicationRequest/o1"} if status in ("stopped", "cancelled") else set())
    assert not found.missing


@pytest.mark.parametrize(
    "medicine",
    [{}, {"medicationCodeableConcept": {}}, {"medicationReference": {"reference": ""}}, {"medication": {"coding": []}}],
)
def test_a_draft_without_a_medicine_is_half_built(medicine: dict[str, Any]) -> None:
    empty = {"resourceType": "MedicationRequest", "id": "request-123", "status": "draft", **medicine}
    found = session("order-sign", {"draftOrders": bundle(empty, order())})
    assert found.half_built == 1
    assert found.refs == {"MedicationRequest/o1"}


def test_a_stop_needs_no_medicine() -> None:
    found = session("order-sign", {"draftOrders": bundle(order(medicationCodeableConcept=None, status="stopped"))})
    assert (found.half_built, found.ending) == (0, {"MedicationRequest/o1"})


def test_an_order_with_a_medicine_and_no_status_is_kept() -> None:
    sent = {key: value for key, value in order().items() if key != "status"}
    assert session("order-sign", {"draftOrders": bundle(sent)}).resources == (sent,)


def test_entries_nobody_can_read_are_counted() -> None:
    entries = [{"resource": order()}, None, "", 3, {"fullUrl": "urn:uuid:1"}, order("o2")]
    found = session("order-sign", {"draftOrders": {"resourceType": "Bundle", "entry": entries}})
    assert (found.half_built, found.unread) == (4, True)
    assert found.refs == {"MedicationRequest/o1", "MedicationRequest/o2"}


def test_an_entry_that_only_says_where_its_order_stands_names_it() -> None:
    entries = [{"fullUrl": "https://ehr.example/fhir/MedicationRequest/o1"}]
    found = session("order-sign", {"draftOrders": {"resourceType": "Bundle", "entry": entries}})
    assert (found.refs, found.unread) == ({"MedicationRequest/o1"}, False)


@pytest.mark.parametrize("kind", ["RequestGroup", "RequestOrchestration", "CarePlan", "List"])
def test_orders_inside_an_order_set_are_orders_of_the_session(kind: str) -> None:
    product = {"resourceType": "Medication", "id": "m1", "code": {"text": "baclofen"}}
    held = {"resourceType": kind, "id": "set", "contained": [order(), product]}
    found = session("order-sign", {"draftOrders": bundle(held)})
    assert "MedicationRequest/o1" in found.refs
    assert {**order(), "contained": [product]} in found.resources


@pytest.mark.parametrize(("hook", "name"), [("order-sign", "draftOrders"), ("medication-verify", "medication")])
@pytest.mark.parametrize("intent", ["proposal", "plan", "option", " Plan "])
def test_what_is_signed_is_no_proposal_any_more(hook: str, name: str, intent: str) -> None:
    assert session(hook, {name: order(intent=intent)}).resources == (order(intent="order"),)


def test_an_order_of_a_former_version_of_fhir_is_not_read() -> None:
    assert session("order-sign", {"draftOrders": bundle(order() | {"resourceType": "MedicationPrescription"})}).unread
    assert not session("order-sign", {"draftOrders": bundle(order())}).unread


def test_an_id_made_up_hangs_on_the_content_alone() -> None:
    one, other = order(None), order(None, note=[{"text": "second"}])
    forth = session("order-sign", {"draftOrders": bundle(one, other, one)})
    back = session("order-sign", {"draftOrders": bundle(other, one, one)})
    assert len(forth.refs) == 3
    assert forth.refs == back.refs


def test_selected_orders_are_spoken_of_and_the_others_judged() -> None:
    drafts = bundle(order("o1"), order("o2"), {"resourceType": "Medication", "id": "m1"})
    found = session("order-select", {"selections": ["https://ehr/fhir/MedicationRequest/o2"], "draftOrders": drafts})
    assert [one["id"] for one in found.resources] == ["o2"]
    assert [one["id"] for one in found.extras] == ["o1", "m1"]
    assert found.refs == {"MedicationRequest/o2"}


@pytest.mark.parametrize("selections", [None, [], ["MedicationRequest/gone"], [3], "MedicationRequest/o2"])
def test_selections_that_lead_nowhere_select_everything(selections: object) -> None:
    found = session("order-select", {"selections": selections, "draftOrders": bundle(order("o1"), order("o2"))})
    assert found.refs == {"MedicationRequest/o1", "MedicationRequest/o2"}


def test_a_selected_half_built_draft_speaks_of_no_other() -> None:
    empty = {"resourceType": "MedicationRequest", "id": "new", "status": "draft"}
    context = {"selections": ["MedicationRequest/new"], "draftOrders": bundle(empty, order("o1"))}
    found = session("order-select", context)
    assert (found.resources, found.refs, found.half_built) == ((), frozenset(), 1)
    assert [one["id"] for one in found.extras] == ["o1"]


@pytest.mark.parametrize(
    ("context", "missing"),
    [
        ({}, True),
        ({"draftOrders": None}, True),
        ({"draftOrders": bundle()}, False),
        ({"draftOrders": {"resourceType": "Bundle"}}, False),
        ({"draftOrders": bundle(order())}, False),
    ],
)
def test_orders_held_back_are_not_the_same_as_none(context: dict[str, Any], missing: bool) -> None:
    assert session("order-sign", context).missing is missing


def test_a_hook_that_brings_nothing_misses_nothing() -> None:
    found = session("patient-view", {})
    assert (found.missing, found.resources, found.refs) == (False, (), frozenset())


def test_what_is_discontinued_is_stopped_and_what_it_was_is_kept() -> None:
    running = order(status="active")
    found = session("order-discontinue", {"toBeDiscontinued": bundle(running)})
    assert found.resources == ({**running, "status": "stopped"},)
    assert found.extras == (running,)
    assert found.ending == {"MedicationRequest/o1"}


@pytest.mark.parametrize("status", ["stopped", "completed", "cancelled", "entered-in-error"])
def test_what_is_over_already_stays_as_it_is(status: str) -> None:
    found = session("order-discontinue", {"toBeDiscontinued": bundle(order(status=status))})
    assert found.resources[0]["status"] == status
    assert found.extras == ()


@pytest.mark.parametrize(
    "context",
    [
        {"dispatchedOrders": ["MedicationRequest/o1"]},
        {"dispatchedOrders": [{"reference": "https://ehr/fhir/MedicationRequest/o1/_history/2"}]},
        {"order": "MedicationRequest/o1"},
        {"dispatchedOrders": bundle(order(status="active"))},
    ],
)
def test_dispatched_orders_are_named_by_reference_or_sent(context: dict[str, Any]) -> None:
    assert session("order-dispatch", context).refs == {"MedicationRequest/o1"}


@pytest.mark.parametrize("context", [{"medication": order()}, {"order": {"resource": order()}}])
def test_the_order_to_verify_comes_in_two_shapes(context: dict[str, Any]) -> None:
    assert session("medication-verify", context).resources == (order(),)


@pytest.mark.parametrize(("sent", "after"), [("proposed", "booked"), ("pending", "booked"), ("cancelled", "cancelled")])
def test_a_proposed_visit_is_judged_as_booked(sent: str, after: str) -> None:
    visit = {"resourceType": "Appointment", "id": "a1", "status": sent}
    found = session("appointment-book", {"appointments": bundle(visit, {"resourceType": "ServiceRequest", "id": "s"})})
    assert [one["status"] for one in found.resources] == [after]
    assert [one["id"] for one in found.extras] == ["s"]


def test_an_order_not_to_give_speaks_of_the_order_it_ends() -> None:
    stop = order("n", doNotPerform=True, priorPrescription={"reference": "MedicationRequest/o1"})
    found = session("order-sign", {"draftOrders": bundle(stop)})
    assert found.refs == {"MedicationRequest/n", "MedicationRequest/o1"}
    assert found.ending == {"MedicationRequest/o1"}


def test_full_urls_are_kept_for_references() -> None:
    entry = {"fullUrl": "urn:uuid:6c0d", "resource": order(None)}
    found = session("order-sign", {"draftOrders": {"entry": [entry]}})
    assert set(found.urls.values()) == {"urn:uuid:6c0d"}
    assert set(found.urls) == found.refs

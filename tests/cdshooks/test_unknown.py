"""What is not known is said on a card, or refused; it is never silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from baclofen_safety.assessor import Assessor
from cds_pairs import doors
from cdshooks.pairing import Json, Pair, Shape, every_pair, request_of

PAIRS: dict[str, Pair] = {pair.name: pair for pair in every_pair()}
NOT_FULLY = "Baclofen not fully checked: "


@pytest.fixture(scope="module")
def ready(assessor: Assessor) -> dict[Shape, FlaskClient]:
    return dict(doors(assessor))


def medicines_of(body: Json) -> list[Json]:
    return [entry["resource"] for entry in body["prefetch"]["medicationRequests"]["entry"]]


def without_names(body: Json) -> None:
    for order in medicines_of(body):
        order.pop("medicationCodeableConcept", None)
        if "medicationReference" in order:
            order["medicationReference"].pop("display")


def without_list(body: Json) -> None:
    del body["prefetch"]["medicationRequests"]


def known_from_a_statement_alone(body: Json) -> None:
    """The search for orders failed; what the patient takes stands as a statement."""
    order = medicines_of(body)[0]
    reported = {key: order[key] for key in ("id", "subject", "medicationCodeableConcept") if key in order}
    reported |= {"resourceType": "MedicationStatement", "status": "active", "dosage": order["dosageInstruction"]}
    failed = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
    found = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": reported}]}
    body["prefetch"] |= {"medicationRequests": failed, "medicationStatements": found}


def without_stays(body: Json) -> None:
    del body["prefetch"]["encounters"]


def known_from_a_statement_and_without_fills(body: Json) -> None:
    """As above; the stay that begins is not among those sent, and nothing says whether the supply has run out."""
    known_from_a_statement_alone(body)
    for key in ("encounters", "medicationDispenses"):
        body["prefetch"][key] |= {"entry": [], "total": 0}


def orders_in_part_and_another_stay(body: Json) -> None:
    found = body["prefetch"]["medicationRequests"]
    found["link"] = [{"relation": "next", "url": "https://ehr.example/fhir?page=2"}]
    body["prefetch"]["encounters"] |= {"entry": [], "total": 0}


def without_refill_date(body: Json) -> None:
    for entry in body["prefetch"]["pumpReadings"]["entry"]:
        if "refill-by" in str(entry["resource"]["code"]):
            entry["resource"]["code"] = {"coding": [{"system": "urn:nobody:knows", "code": "qqq"}]}


def operation_in_weeks(body: Json) -> None:
    for entry in body["context"]["appointments"]["entry"]:
        kept = {key: entry["resource"][key] for key in ("resourceType", "id", "status", "participant")}
        entry["resource"] = kept | {"description": "hip replacement surgery", "start": "2026-12-18T09:00:00Z"}


def unreadable_draft(body: Json) -> None:
    for entry in body["context"]["draftOrders"]["entry"]:
        entry["resource"]["resourceType"] = "qqq"


@pytest.mark.parametrize(
    ("name", "change", "summary"),
    [
        ("order-select-epic-firing", without_names, NOT_FULLY + "it may be taken"),
        ("order-select-spec-firing", without_list, NOT_FULLY + "without "),
        ("allergyintolerance-create-spec-firing", without_names, NOT_FULLY + "a medicine without a readable name"),
        ("patient-view-spec-firing", known_from_a_statement_alone, NOT_FULLY + "without medication orders"),
        ("patient-view-spec-firing", known_from_a_statement_alone, "Baclofen: eGFR 37 (30-44), 60 mg/day"),
        ("encounter-start-spec-firing", without_stays, NOT_FULLY),
        (
            "encounter-start-spec-firing",
            known_from_a_statement_and_without_fills,
            NOT_FULLY + "without medication orders",
        ),
        (
            "encounter-start-spec-firing",
            orders_in_part_and_another_stay,
            NOT_FULLY + "received only in part: medication orders, visits and stays",
        ),
        ("appointment-book-spec-firing", without_refill_date, NOT_FULLY + "Pump data missing"),
        ("appointment-book-spec-quiet", operation_in_weeks, NOT_FULLY + "Surgery ahead, plan baclofen around it"),
        ("order-sign-spec-firing", unreadable_draft, NOT_FULLY + "an order was not received"),
        ("order-sign-sandbox-firing", unreadable_draft, NOT_FULLY + "an order was not received"),
    ],
)
def test_it_is_said(name: str, change: Callable[[Json], None], summary: str, ready: dict[Shape, FlaskClient]) -> None:
    pair = PAIRS[name]
    body = request_of(pair)
    change(body)
    answer = ready[pair.shape].post(f"/cds-services/{pair.service.id}", json=body)
    told = [card["summary"] for card in answer.get_json()["cards"]]
    assert any(one.startswith(summary) for one in told), told


@pytest.mark.parametrize(
    "part",
    [
        {"entry": None},
        {"entry": None, "total": 3},
        {"entry": [{"resource": {"resourceType": "qqq"}}]},
    ],
)
def test_a_list_of_medicines_that_came_in_part_and_names_no_baclofen(
    part: dict[str, Any], ready: dict[Shape, FlaskClient]
) -> None:
    pair = PAIRS["allergyintolerance-create-spec-firing"]
    body = request_of(pair)
    found = {
        key: value for key, value in {**body["prefetch"]["medicationRequests"], **part}.items() if value is not None
    }
    body["prefetch"]["medicationRequests"] = found
    answer = ready["spec"].post(f"/cds-services/{pair.service.id}", json=body)
    assert (answer.status_code, answer.get_json()["issue"][0]["expression"]) == (412, ["prefetch.medicationRequests"])

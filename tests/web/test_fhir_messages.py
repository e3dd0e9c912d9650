"""``$process-message``: every message gets a message, and the same one again when it is sent again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from flask.testing import FlaskClient

from baclofen_safety.assessor import Assessor, load_assessor
from baclofen_safety.config import Settings
from baclofen_safety.fhir.message_events import EVENTS, OWN_EVENT, V2_EVENTS
from baclofen_safety.fhir.message_events import Event as Kind
from baclofen_safety.fhir.resources import check_output, shape_errors
from baclofen_safety.fhir.versions import FhirVersion
from doors import of_kind
from web.fhir_calls import EMPTY, FIRING, QUIET, parameters, post
from web.kept_apps import PATIENCE, Clock, Stand, app_at

PATH = "/fhir/$process-message"
SENDER = "urn:oid:2.16.840.1.113883.3.1"
O11 = {"eventCoding": {"system": V2_EVENTS, "code": "O11"}}
R5 = {"Accept": "application/fhir+json; fhirVersion=5.0"}
NEW = {"eventCoding": {"system": "urn:x", "code": "NEW"}}


def message(
    content: dict[str, Any] = FIRING, own: str = "m-1", envelope: str | None = "b-1", **header: Any
) -> dict[str, Any]:
    head = {"resourceType": "MessageHeader", "id": own, **(O11 if not header else {}), "source": {"endpoint": SENDER}}
    entries = [{"fullUrl": f"urn:x:{own}", "resource": head | header}, *content.get("entry", ())]
    made = {**content, "type": "message", "entry": entries}
    return made | ({} if envelope is None else {"id": envelope})


def sent(client: FlaskClient, body: object, **headers: str) -> Any:
    answer = post(client, body, PATH, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def response_in(answer: Any, version: FhirVersion = FhirVersion.R4) -> dict[str, Any]:
    """``MessageHeader.response`` of an answer that is a message through and through."""
    bundle = answer.json
    assert check_output(bundle, version) == ()
    assert bundle["type"] == "message"
    header = bundle["entry"][0]["resource"]
    assert header["resourceType"] == "MessageHeader"
    held = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
    assert len(held) == len(bundle["entry"])
    assert held[header["response"]["details"]["reference"]]["resourceType"] == "OperationOutcome"
    for one in header.get("focus", ()):
        assert held[one["reference"]]["resourceType"] in ("GuidanceResponse", "DetectedIssue")
    response: dict[str, Any] = header["response"]
    return response


def issue_in(answer: Any) -> dict[str, Any]:
    (outcome,) = of_kind(answer.json, "OperationOutcome")
    (issue,) = outcome["issue"]
    return dict(issue)


def verdict_of(bundle: dict[str, Any]) -> list[Any]:
    return [entry for entry in bundle["entry"] if entry["resource"]["resourceType"] != "MessageHeader"]


@pytest.mark.parametrize("content", [FIRING, QUIET])
def test_the_verdict_is_that_of_the_operation(caller: FlaskClient, content: dict[str, Any]) -> None:
    answer = sent(caller, message(content))
    assert response_in(answer)["code"] == "ok"
    assert response_in(answer)["identifier"] == "m-1"
    assert verdict_of(answer.json) == post(caller, content).json["entry"]
    header = answer.json["entry"][0]["resource"]
    assert header["destination"] == [{"endpoint": SENDER}]
    assert header["source"]["endpoint"] == f"http://localhost{PATH}"


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_every_event_of_the_table_is_taken(caller: FlaskClient, event: Kind) -> None:
    answer = sent(caller, message(**event.stated))
    assert response_in(answer)["code"] == "ok"
    header = answer.json["entry"][0]["resource"]
    assert {key: header[key] for key in event.stated} == event.stated


@pytest.mark.parametrize(
    "stated",
    [
        {"event": {"system": V2_EVENTS, "code": "O11"}},
        {"event": {"system": "http://hl7.org/fhir/v2/0003", "code": "O11"}},
        {"eventCoding": {"system": "urn:oid:2.16.840.1.113883.18.4", "code": "O11"}},
        {"eventCanonical": f"{OWN_EVENT}|1.0", "source": {"endpointUrl": SENDER}},
    ],
)
def test_other_versions_name_events_their_way(caller: FlaskClient, stated: dict[str, Any]) -> None:
    answer = sent(caller, message(**stated))
    assert response_in(answer)["code"] == "ok"
    assert answer.json["entry"][0]["resource"]["destination"] == [{"endpoint": SENDER}]


def test_a_message_may_come_in_the_operations_own_parameters(caller: FlaskClient) -> None:
    body = parameters(content=message(), **{"async": False})
    assert sent(caller, body).data == sent(caller, message()).data


@pytest.mark.parametrize(
    ("body", "status", "place"),
    [
        (parameters(**{"async": True}, content=message()), 422, "Parameters.parameter[0]"),
        (parameters(content=message(), **{"response-url": "https://x.example/secret"}), 422, "Parameters.parameter[1]"),
        (parameters(content=message(), secret="x"), 400, "Parameters.parameter[1]"),
        (parameters(content=[message(), message()]), 400, "Parameters.parameter"),
        (parameters(), 400, "Parameters.parameter"),
        (parameters(content=QUIET), 400, "Bundle.type"),
    ],
)
def test_parameters_that_hold_no_message(caller: FlaskClient, body: object, status: int, place: str) -> None:
    answer = post(caller, body, PATH)
    assert answer.status_code == status
    assert answer.json["issue"][0]["expression"] == [place]
    assert "secret" not in answer.text


@pytest.mark.parametrize("own", ["a b/c", "x" * 65, "", None])
def test_an_id_that_is_none_is_refused_for_what_it_is(caller: FlaskClient, own: Any) -> None:
    answer = post(caller, message(own=own), PATH)
    assert answer.status_code == 400
    (issue,) = answer.json["issue"]
    assert issue["expression"] == ["Bundle.entry[0].resource.id"]
    assert "1 to 64 letters" in issue["details"]["text"]


@pytest.mark.parametrize(
    ("stated", "named"),
    [
        (NEW, "urn:x|NEW"),
        ({"eventCoding": {"system": V2_EVENTS, "code": "A40"}}, f"{V2_EVENTS}|A40"),
        ({"eventUri": "https://elsewhere.example/event"}, "https://elsewhere.example/event"),
        ({"eventCoding": {"code": "O11"}}, "names no event"),
        ({"eventUri": "Mrs Secret"}, "names no event"),
        ({"eventCoding": {"system": "urn:x", "code": "Mrs Secret"}}, "names no event"),
        ({"eventCoding": ["Secret"]}, "names no event"),
    ],
)
def test_an_unknown_event_is_fatal_and_named(caller: FlaskClient, stated: dict[str, Any], named: str) -> None:
    for version, headers in ((FhirVersion.R4, {}), (FhirVersion.R5, R5)):
        answer = sent(caller, message(own=f"m-{version}", **stated), **headers)
        assert response_in(answer, version)["code"] == "fatal-error"
        assert named in issue_in(answer)["details"]["text"]
        assert issue_in(answer)["code"] == "not-supported"
        assert "Secret" not in answer.text


def test_answers_in_r5_have_its_shapes(caller: FlaskClient) -> None:
    answer = sent(caller, message(), **R5)
    assert response_in(answer, FhirVersion.R5)["identifier"] == {"value": "m-1"}
    assert "fhirVersion=5.0" in answer.content_type
    plain = post(caller, FIRING, headers=R5).json
    assert verdict_of(answer.json) == plain["entry"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (message(response={"identifier": "x", "code": "ok"}, **O11), "not-supported"),
        (
            message({**EMPTY, "entry": [{"resource": {"resourceType": "Patient", "id": one}} for one in ("a", "b")]}),
            "multiple-matches",
        ),
    ],
)
def test_what_can_never_be_judged_is_fatal(caller: FlaskClient, body: dict[str, Any], code: str) -> None:
    answer = sent(caller, body)
    assert response_in(answer)["code"] == "fatal-error"
    assert issue_in(answer)["code"] == code
    assert sent(caller, body).data == answer.data


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (FIRING, "Bundle.type"),
        ({"resourceType": "Parameters"}, "Parameters.parameter"),
        ([], "Bundle.type"),
        ({**EMPTY, "type": "message"}, "Bundle.entry[0].resource"),
        ({**FIRING, "type": "message"}, "Bundle.entry[0].resource"),
        (message(own=""), "Bundle.entry[0].resource.id"),
        (message(own="Mrs Secret"), "Bundle.entry[0].resource.id"),
    ],
)
def test_what_is_no_message_is_refused(caller: FlaskClient, body: Any, place: str) -> None:
    answer = post(caller, body, PATH)
    assert answer.status_code == 400
    assert shape_errors(answer.json) == ()
    assert answer.json["issue"][0]["expression"] == [place]
    assert "Secret" not in answer.text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("async=true", 422),
        ("async=1", 422),
        ("response-url=http://10.0.0.1/", 422),
        ("async=false&response-url=", 422),
        ("async=false", 200),
        ("_pretty=true&_format=json", 200),
        ("mode=test", 400),
        ("_format=xml", 406),
    ],
)
def test_nothing_is_sent_anywhere_else(caller: FlaskClient, query: str, status: int) -> None:
    answer = post(caller, message(), f"{PATH}?{query}")
    assert answer.status_code == status
    assert "10.0.0.1" not in answer.text


def test_a_message_sent_again_gets_the_same_bytes(keeping: Assessor, caller: FlaskClient, clock: Clock) -> None:
    first = sent(caller, message())
    clock.move(days=1)
    stamped = {**message(), "timestamp": "2026-11-21T00:00:00Z"}
    for client in (caller, app_at(keeping, clock).test_client()):
        for body in (message(), stamped):
            again = sent(client, body)
            assert (again.data, again.content_type) == (first.data, first.content_type)


@pytest.mark.parametrize(("before", "after"), [({}, R5), (R5, {})])
def test_the_version_asked_for_is_that_of_a_message_sent_again(
    caller: FlaskClient, before: dict[str, str], after: dict[str, str]
) -> None:
    first = sent(caller, message(), **before)
    other = sent(caller, message(), **after)
    fresh = sent(caller, message(own="m-2", envelope="b-2"), **after)
    assert other.content_type == fresh.content_type != first.content_type
    assert [one["resource"]["resourceType"] for one in verdict_of(other.json)] == [
        one["resource"]["resourceType"] for one in verdict_of(fresh.json)
    ]
    response_in(other, FhirVersion.R5 if after else FhirVersion.R4)
    assert sent(caller, message(), **before).data == first.data


def test_without_an_envelope_the_content_is_what_is_known(caller: FlaskClient, clock: Clock) -> None:
    first = sent(caller, message(envelope=None))
    clock.move(days=1)
    assert sent(caller, message(envelope=None)).data == first.data
    assert response_in(sent(caller, message(QUIET, envelope=None)))["code"] == "fatal-error"


@pytest.mark.parametrize(
    ("again", "words"),
    [
        (message(envelope="b-2"), "under another Bundle.id"),
        (message(QUIET, envelope="b-2"), "under another Bundle.id"),
        (message(QUIET), "ids are not to be used again"),
    ],
)
def test_a_known_id_is_not_judged_again(caller: FlaskClient, again: dict[str, Any], words: str) -> None:
    first = sent(caller, message())
    answer = sent(caller, again)
    assert response_in(answer)["code"] == "fatal-error"
    assert response_in(answer)["identifier"] == "m-1"
    assert issue_in(answer)["code"] == "duplicate"
    assert words in issue_in(answer)["details"]["text"]
    assert sent(caller, message()).data == first.data


@pytest.mark.parametrize(
    ("other", "headers"),
    [
        (message(QUIET, own="m-2"), {}),
        (message(QUIET, source={"endpoint": "urn:oid:1.2.3"}, **O11), {}),
        (message(QUIET), {"Authorization": "Bearer another"}),
    ],
)
def test_other_messages_and_senders_have_ids_of_their_own(
    caller: FlaskClient, other: dict[str, Any], headers: dict[str, str]
) -> None:
    sent(caller, message())
    assert response_in(sent(caller, other, **headers))["code"] == "ok"


def test_an_envelope_that_is_used_again_is_told_and_what_is_in_it_judged(caller: FlaskClient, clock: Clock) -> None:
    def duplicates(answer: Any) -> list[list[str]]:
        (outcome,) = of_kind(answer.json, "OperationOutcome")
        return [one["expression"] for one in outcome["issue"] if one["code"] == "duplicate"]

    first = sent(caller, message())
    assert duplicates(first) == []
    clock.move(minutes=5)
    again = sent(caller, message(QUIET, own="m-2"))
    assert response_in(again)["code"] == "ok"
    assert duplicates(again) == [["Bundle.id"]]
    assert verdict_of(again.json)[0] == post(caller, QUIET).json["entry"][0]
    assert sent(caller, message(QUIET, own="m-2")).data == again.data
    assert sent(caller, message()).data == first.data
    for fine in (message(QUIET, own="m-3", envelope="b-3"), message(QUIET, own="m-4", envelope=None)):
        assert duplicates(sent(caller, fine)) == []
    elsewhere = message(QUIET, own="m-5", source={"endpoint": "urn:oid:1.2.3"}, **O11)
    assert duplicates(sent(caller, elsewhere)) == []


def test_a_message_sent_again_after_a_failure_reuses_its_own_envelope(keeping: Assessor, clock: Clock) -> None:
    def broken(*_: object) -> None:
        raise ValueError

    post(app_at(Stand(keeping, broken), clock).test_client(), message(), PATH)
    answer = sent(app_at(keeping, clock).test_client(), message())
    assert "duplicate" not in {one["code"] for one in of_kind(answer.json, "OperationOutcome")[0]["issue"]}


def test_while_it_is_judged_the_sender_is_told_to_wait(keeping: Assessor, clock: Clock) -> None:
    begun, let_go, got = Event(), Event(), []

    def answer(*asked: Any) -> Any:
        begun.set()
        assert let_go.wait(PATIENCE)
        return keeping.answer(*asked)

    slow = Thread(target=lambda: got.append(sent(app_at(Stand(keeping, answer), clock).test_client(), message())))
    slow.start()
    assert begun.wait(PATIENCE)
    other = app_at(keeping, clock).test_client()
    for body in (message(), message(envelope="b-2")):
        soon = sent(other, body)
        assert response_in(soon)["code"] == "transient-error"
        assert issue_in(soon)["code"] == "transient"
        assert int(soon.headers["Retry-After"]) > 0
    let_go.set()
    slow.join(PATIENCE)
    assert sent(other, message()).data == got[0].data


def test_after_a_transient_error_it_is_judged_whatever_its_envelope(
    keeping: Assessor, caller: FlaskClient, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "kept.db")) as database:
        database.execute("ALTER TABLE kept_answer RENAME TO gone")
        database.commit()
        answer = sent(caller, message())
        assert response_in(answer)["code"] == "transient-error"
        assert "Retry-After" in answer.headers
        database.execute("ALTER TABLE gone RENAME TO kept_answer")
        database.commit()
    assert response_in(sent(caller, message(envelope="b-2")))["code"] == "ok"


def test_what_broke_is_judged_again(keeping: Assessor, clock: Clock) -> None:
    def broken(*_: object) -> None:
        raise ValueError("Mrs Secret")

    answer = post(app_at(Stand(keeping, broken), clock).test_client(), message(), PATH)
    assert (answer.status_code, answer.json["issue"][0]["code"]) == (500, "exception")
    assert response_in(sent(app_at(keeping, clock).test_client(), message()))["code"] == "ok"


def test_a_message_of_test_data_is_answered_as_one(caller: FlaskClient) -> None:
    tag = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}
    answer = sent(caller, {**message(), "meta": {"tag": [tag]}})
    assert response_in(answer)["code"] == "ok"
    assert answer.json["meta"]["tag"][0]["code"] == "HTEST"


def test_a_message_that_holds_nothing_else_is_judged_and_told(caller: FlaskClient) -> None:
    answer = sent(caller, message(EMPTY))
    assert response_in(answer)["code"] == "ok"
    assert of_kind(answer.json, "GuidanceResponse")[0]["status"] == "data-required"


def test_a_batch_may_hold_messages(caller: FlaskClient) -> None:
    entry = {"request": {"method": "POST", "url": "$process-message"}, "resource": message()}
    answer = post(caller, {**EMPTY, "type": "batch", "entry": [entry]}, "/fhir")
    assert answer.json["entry"][0]["resource"] == sent(caller, message()).json


def test_how_long_responses_are_known_is_told(client: FlaskClient, tmp_path: Path) -> None:
    (told,) = client.get("/fhir/metadata").json["messaging"]
    assert "reliableCache" not in told
    kept = load_assessor(Settings(store=f"sqlite:///{tmp_path / 'kept.db'}", keep_answers_days=2))
    (told,) = kept.artifacts["CapabilityStatement", "baclofen-safety"]["messaging"]
    assert told["reliableCache"] == 2 * 24 * 60

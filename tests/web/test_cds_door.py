"""The CDS Hooks door's contract: who may call, what is read, which status means what, and what it says of itself."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, Request
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from structlog.testing import capture_logs
from werkzeug.exceptions import TooManyRequests

from baclofen_safety.cdshooks.call import Call
from baclofen_safety.cdshooks.clients import Client
from baclofen_safety.cdshooks.repeats import CONFIGURATION, FILTER, KEEP
from baclofen_safety.cdshooks.schemas_call import EPIC_TRIGGER, call_schema
from baclofen_safety.cdshooks.services import Service, discovery, load_services
from baclofen_safety.config import Settings
from baclofen_safety.errors import BadInput, Unauthorized, Unavailable
from baclofen_safety.fhir.resources import check_output
from baclofen_safety.web.auditing import duration_class, outcome_of
from baclofen_safety.web.cds import Behind, cds_door
from baclofen_safety.web.cors import allow_origins
from baclofen_safety.web.errors import answer_errors
from baclofen_safety.web.openapi import docs_door, publish
from baclofen_safety.web.paths import Application, canonical

SERVICES = load_services()
NOW = datetime(2026, 11, 21, tzinfo=UTC)
HERE = "https://ehr.example.org"
SIGN = "/cds-services/baclofen-order-sign"
INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
SECRET = "Zaphod Beeblebrox"
DRAFT: dict[str, Any] = {"resourceType": "MedicationRequest", "id": "request-123", "status": "draft"}
BUNDLE = {"resourceType": "Bundle", "entry": [{"resource": DRAFT}]}


def check(call: Call, client: Client) -> Mapping[str, Any]:
    """A small service: it says who was called for whom, and does what the patient's id asks it to."""
    match call.patient_id:
        case "required":
            text = "Without medicationRequests nothing can be said."
            raise BadInput(text, ["prefetch.medicationRequests"], status=412, code="required")
        case "busy":
            raise Unavailable
        case "often":
            raise TooManyRequests(retry_after=7)
        case "broken":
            raise ZeroDivisionError(SECRET)
        case "wordless":
            return {"cards": [{"summary": "x" * 140, "indicator": "info", "source": {"label": "x"}}]}
        case "quiet":
            return {"cards": []}
    summary = f"{call.service.id} for {client.name}"
    return {"cards": [{"summary": summary, "indicator": "info", "source": {"label": "baclofen-safety"}}]}


def authorise(request: Request) -> Client:
    if request.headers.get("Authorization") != "Bearer good":
        raise Unauthorized("absent")
    return Client("general-hospital")


class Ledger:
    """Feedback as it was taken."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, object, str, datetime]] = []

    def take(self, service: Service, document: object, client: str, now: datetime) -> int:
        if document == {"feedback": "later"}:
            raise Unavailable
        if not isinstance(document, dict) or "feedback" not in document:
            raise BadInput("A JSON object with an array feedback was expected.", ["feedback"])
        self.taken.append((service.id, document, client, now))
        return len(document["feedback"])


def make_app(
    ledger: Ledger,
    *,
    strict: bool = True,
    origins: tuple[str, ...] = (HERE,),
    at_once: int = 0,
    meanwhile: Callable[[], None] = lambda: None,
) -> Flask:
    """The door. ``meanwhile`` is done while the call of the patient of that name is in progress."""

    def check_and_more(call: Call, client: Client) -> Mapping[str, Any]:
        if call.patient_id == "meanwhile":
            meanwhile()
        return check(call, client)

    app = Application("door", root_path=".", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 50_001
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    answer_errors(app)
    allow_origins(app, frozenset(origins))
    api = publish(app, "https://safety.example.org")
    behind = Behind(check_and_more, authorise, ledger.take, lambda: NOW)
    settings = Settings(max_bytes=50_000, strict=strict, cds_at_once=at_once)
    api.register_blueprint(cds_door(SERVICES, behind, settings))
    app.register_blueprint(docs_door(api, SERVICES))
    return app


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture(scope="module")
def door(ledger: Ledger) -> Flask:
    return make_app(ledger)


@pytest.fixture
def client(door: Flask) -> FlaskClient:
    return door.test_client()


def document(hook: str = "order-sign", patient: object = "p1", **more: Any) -> dict[str, Any]:
    context = {"patientId": patient, "draftOrders": BUNDLE, "userId": "Practitioner/1"}
    return {"hook": hook, "hookInstance": INSTANCE, "context": context, **more}


def post(client: FlaskClient, path: str, body: object, **arguments: Any) -> Any:
    data = body if isinstance(body, bytes | str) else json.dumps(body)
    headers = {"Authorization": "Bearer good", **arguments.pop("headers", {})}
    return client.post(path, data=data, headers=headers, **{"content_type": "application/json", **arguments})


def get(client: FlaskClient, path: str, **headers: str) -> Any:
    return client.get(path, headers={"Authorization": "Bearer good", **headers})


def test_a_check_that_breaks_says_so_on_a_card(client: FlaskClient) -> None:
    answer = post(client, SIGN, document(patient="broken"), headers={"X-Request-ID": "abc-7"})
    (card,) = answer.json["cards"]
    assert (answer.status_code, card["summary"]) == (200, "Baclofen check not completed: technical fault")
    assert "abc-7" in card["detail"]


def test_discovery(client: FlaskClient) -> None:
    answer = get(client, "/cds-services")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json == discovery(SERVICES)


@pytest.mark.parametrize("service", SERVICES.values(), ids=list(SERVICES))
def test_every_service_answers(client: FlaskClient, service: Service) -> None:
    answer = post(client, f"/cds-services/{service.id}", document(service.hook))
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json["cards"][0]["summary"] == f"{service.id} for general-hospital"


def test_nothing_to_say_is_an_empty_list(client: FlaskClient) -> None:
    answer = post(client, SIGN, document(patient="quiet"))
    assert (answer.status_code, answer.json) == (200, {"cards": []})


@pytest.mark.parametrize(
    "path",
    [
        "//cds-services",
        "/cds-services/",
        "/cds-services//",
        "//cds-services/",
    ],
)
def test_discovery_forgives_slashes(client: FlaskClient, path: str) -> None:
    answer = client.get("/", environ_overrides={"PATH_INFO": path}, headers={"Authorization": "Bearer good"})
    assert answer.json == discovery(SERVICES)


@pytest.mark.parametrize("path", [f"/{SIGN}", f"{SIGN}/", "/cds-services//baclofen-order-sign"])
def test_calls_forgive_slashes(client: FlaskClient, path: str) -> None:
    answer = post(client, "/", document(), environ_overrides={"PATH_INFO": path})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/", "//", "/fhir//metadata", "/cds-servicesx/", "/rules/"])
def test_other_addresses_are_left_alone(path: str) -> None:
    assert canonical(path) == path


@pytest.mark.parametrize("accept", ["application/fhir+json, */*; q=0.1", "application/xml", "text/html", "", "x"])
def test_accept_is_never_refused(client: FlaskClient, accept: str) -> None:
    assert post(client, SIGN, document(), headers={"Accept": accept}).status_code == 200
    assert get(client, "/cds-services", Accept=accept).status_code == 200


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=UTF-8", "application/fhir+json", "text/json"]
)
def test_json_by_other_names(client: FlaskClient, content_type: str) -> None:
    assert post(client, SIGN, document(), content_type=content_type).status_code == 200


EPIC = {
    **document("patient-view"),
    "context": {"patientId": "e1.Zz-3", "userId": "PractitionerRole/eAB.c-3", "encounterId": "eX3"},
    "extension": {"com.epic.cdshooks.request.bpa-trigger-action": "27", "internal": {"cds-hooks-version": "2.0"}},
    "fhirServer": "https://ehr.example.org/interconnect/api/FHIR/R4",
    "fhirAuthorization": {
        "access_token": "t",
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "any words of the site",
        "subject": "client",
        "extension": {"com.epic.x": 1},
    },
    "prefetch": {"patient": {"resourceType": "Patient"}, "-user": {"resourceType": "Practitioner"}},
}
SANDBOX = {
    "hookInstance": INSTANCE,
    "hook": "order-select",
    "fhirServer": "http://localhost:8181/fhir",
    "context": {
        "userId": "Practitioner/COREPRACTITIONER1",
        "patientId": "p1",
        "selections": ["MedicationRequest/request-123"],
        "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": {**DRAFT, "category": {"text": "x"}}}]},
    },
    "prefetch": {"patient": {"resourceType": "Patient"}},
}
CRD = {
    "hookInstance": INSTANCE,
    "hook": "order-sign",
    "fhirServer": "http://localhost:8080/test-ehr/r4",
    "fhirAuthorization": {
        "access_token": "",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/Patient.read patient/Observation.read",
        "subject": "cds-service4",
    },
    "context": {"userId": "Practitioner/example", "patientId": "p1", "encounterId": "enc89284", "draftOrders": BUNDLE},
    "prefetch": {"coverageBundle": BUNDLE, "medicationRequestBundle": BUNDLE},
    "extension": {"davinci-crd.configuration": {"coverage": True}},
}
MEDPLUM = {**document("patient-view"), "prefetch": {"patient": {"resourceType": "Patient"}, "laboratory": None}}
HEALTHCHAIN = {**document("encounter-discharge"), "context": {"userId": "Practitioner/1", "patientId": "p1"}}
DISPATCH_1_0 = {
    **document("order-dispatch"),
    "context": {
        "patientId": "p1",
        "order": "ServiceRequest/1",
        "performer": "Organization/1",
        "task": {"resourceType": "Task"},
    },
}


@pytest.mark.parametrize("body", [EPIC, SANDBOX, CRD, MEDPLUM, HEALTHCHAIN, DISPATCH_1_0])
def test_calls_of_real_clients(client: FlaskClient, body: dict[str, Any]) -> None:
    answer = post(client, f"/cds-services/baclofen-{body['hook']}", body)
    assert answer.status_code == 200, answer.text


def without(name: str) -> dict[str, Any]:
    return {key: one for key, one in document().items() if key != name}


BAD: list[tuple[str, str, Any, dict[str, Any], int, str, str]] = [
    (SIGN, "POST", document("patient-view"), {}, 400, "invalid", "hook"),
    (SIGN, "POST", document(hook=SECRET), {}, 400, "invalid", "hook"),
    (SIGN, "POST", without("hook"), {}, 400, "invalid", "hook"),
    (SIGN, "POST", without("hookInstance"), {}, 400, "invalid", "hookInstance"),
    (SIGN, "POST", without("context"), {}, 400, "invalid", "context"),
    (SIGN, "POST", document(patient={"name": SECRET}), {}, 400, "invalid", "context.patientId"),
    (SIGN, "POST", document(prefetch=SECRET), {}, 400, "invalid", "prefetch"),
    (SIGN, "POST", document(fhirAuthorization={"access_token": SECRET}), {}, 400, "invalid", "fhirServer"),
    (SIGN, "POST", [document()], {}, 400, "invalid", "http.body"),
    (SIGN, "POST", "", {}, 400, "structure", "http.body"),
    (SIGN, "POST", "{", {}, 400, "structure", "http.body"),
    (SIGN, "POST", f'{{"hook":"{SECRET}","hook":"order-sign"}}', {}, 400, "structure", "http.body"),
    (SIGN, "POST", '{"hook":NaN}', {}, 400, "structure", "http.body"),
    (SIGN, "POST", b'\xff{"hook":1}', {}, 400, "structure", "http.body"),
    (SIGN, "POST", document(patient="required"), {}, 412, "required", "prefetch.medicationRequests"),
    (SIGN, "POST", "[" * 400 + "]" * 400, {}, 413, "too-long", "http.body"),
    (SIGN, "POST", b" " * 60_000, {}, 413, "too-long", "http.body"),
    (SIGN, "POST", document(), {"content_type": "text/plain"}, 415, "not-supported", "http.Content-Type"),
    (SIGN, "POST", document(), {"content_type": None}, 415, "not-supported", "http.Content-Type"),
    (
        SIGN,
        "POST",
        document(),
        {"content_type": "application/json; charset=latin-1"},
        415,
        "not-supported",
        "http.Content-Type",
    ),
    (
        SIGN,
        "POST",
        document(),
        {"headers": {"Content-Encoding": "gzip"}},
        415,
        "not-supported",
        "http.Content-Encoding",
    ),
    (SIGN, "POST", document(patient="busy"), {}, 503, "transient", "http.url"),
    (SIGN, "POST", document(patient="often"), {}, 429, "throttled", "http.url"),
    (SIGN, "POST", document(patient="wordless"), {}, 500, "exception", "http.url"),
    (SIGN, "GET", None, {}, 405, "not-supported", "http.method"),
    (SIGN, "DELETE", None, {}, 405, "not-supported", "http.method"),
    ("/cds-services", "POST", {}, {}, 405, "not-supported", "http.method"),
    (f"{SIGN}/feedback", "GET", None, {}, 405, "not-supported", "http.method"),
    ("/cds-services/nothing", "POST", document(), {}, 404, "not-found", "http.url"),
    ("/cds-services/nothing", "GET", None, {}, 404, "not-found", "http.url"),
    ("/cds-services/nothing/feedback", "POST", {}, {}, 404, "not-found", "http.url"),
    (f"{SIGN}/analytics/x", "POST", {}, {}, 404, "not-found", "http.url"),
    (f"{SIGN}/feedback", "POST", {}, {}, 400, "invalid", "feedback"),
    (f"{SIGN}/feedback", "POST", "{", {}, 400, "structure", "http.body"),
    (f"{SIGN}/feedback", "POST", {"feedback": "later"}, {}, 503, "transient", "http.url"),
    (SIGN, "POST", document(), {"headers": {"Authorization": "Bearer bad"}}, 401, "login", "http.Authorization"),
    (SIGN, "POST", "{", {"headers": {"Authorization": ""}}, 401, "login", "http.Authorization"),
    ("/cds-services", "GET", None, {"headers": {"Authorization": ""}}, 401, "login", "http.Authorization"),
    (f"{SIGN}/feedback", "POST", {}, {"headers": {"Authorization": ""}}, 401, "login", "http.Authorization"),
]


@pytest.mark.parametrize(("path", "method", "body", "arguments", "status", "code", "place"), BAD)
def test_errors_are_outcomes_that_pages_may_read(
    client: FlaskClient,
    path: str,
    method: str,
    body: Any,
    arguments: dict[str, Any],
    status: int,
    code: str,
    place: str,
) -> None:
    data = body if isinstance(body, bytes | str | None) else json.dumps(body)
    headers = {"Authorization": "Bearer good", "Origin": HERE, **arguments.get("headers", {})}
    sent = {"content_type": "application/json", **arguments, "headers": headers}
    answer = client.open(path, method=method, data=data, **sent)
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/fhir+json"
    assert check_output(answer.json) == ()
    (issue,) = answer.json["issue"]
    assert (issue["severity"], issue["code"]) == ("error", code)
    assert issue["expression"] == [place]
    assert SECRET not in answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == HERE
    assert ("Allow" in answer.headers) == (status == 405)
    assert ("Retry-After" in answer.headers) == (status in (429, 503))


@pytest.mark.parametrize("path", ["/cds-services/nope", "/cds-services/nope/feedback", "/cds-services/a/b/c"])
def test_whoever_asks_for_what_is_not_there_says_who_he_is(client: FlaskClient, path: str) -> None:
    answer = client.post(path, json={}, headers={"Origin": HERE})
    assert answer.status_code == 401
    known = post(client, path, {}, headers={"Origin": HERE})
    assert known.status_code == 404
    for one in (answer, known):
        assert one.headers["Access-Control-Allow-Origin"] == HERE
    assert client.get("/nowhere").status_code == 404


def test_a_call_too_many_is_told_at_once_when_to_come_back(ledger: Ledger) -> None:
    """The call in progress makes another one meanwhile."""
    inside: list[Any] = []
    app = make_app(ledger, at_once=1, meanwhile=lambda: inside.append(post(app.test_client(), SIGN, document())))
    first = post(app.test_client(), SIGN, document(patient="meanwhile"))
    assert first.status_code == 200
    (refused,) = inside
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert refused.json["issue"][0]["code"] == "transient"
    assert post(app.test_client(), SIGN, document()).status_code == 200
    assert post(app.test_client(), "/cds-services/nope", {}).status_code == 404
    assert post(app.test_client(), SIGN, "{").status_code == 400
    assert post(app.test_client(), SIGN, document()).status_code == 200


def test_what_is_allowed_and_when_to_come_back(client: FlaskClient) -> None:
    assert get(client, SIGN).headers["Allow"] == "OPTIONS, POST"
    assert post(client, SIGN, document(patient="often")).headers["Retry-After"] == "7"
    assert post(client, SIGN, document(patient="busy")).headers["Retry-After"] == str(Unavailable.retry_after)


def test_a_wrong_answer_of_ours_is_seen_in_strict_runs_only() -> None:
    lenient = make_app(Ledger(), strict=False).test_client()
    assert post(lenient, SIGN, document(patient="wordless")).status_code == 200


def test_feedback_is_handed_on(client: FlaskClient, ledger: Ledger) -> None:
    sent = {"feedback": [{"card": INSTANCE, "outcome": "accepted", "extension": {"a": 1}}]}
    answer = post(client, f"{SIGN}/feedback", sent)
    assert (answer.status_code, answer.json) == (200, {"new": 1})
    assert ledger.taken[-1] == ("baclofen-order-sign", sent, "general-hospital", NOW)


PREFLIGHT = {
    "Origin": HERE,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type",
}


@pytest.mark.parametrize("path", ["/cds-services", "/cds-services/", SIGN, f"{SIGN}/feedback", "/cds-services/nothing"])
def test_a_preflight_is_answered_without_a_token(client: FlaskClient, path: str) -> None:
    answer = client.options(path, headers=PREFLIGHT)
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == HERE
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST, OPTIONS"
    allowed = answer.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"authorization", "content-type"} <= {*allowed}
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "origin", ["https://other.example.org", "null", "https://ehr.example.org.evil", "", f"{HERE}/"]
)
def test_strangers_get_no_header(client: FlaskClient, origin: str) -> None:
    before = client.options(SIGN, headers={**PREFLIGHT, "Origin": origin})
    after = get(client, "/cds-services", Origin=origin)
    for answer in (before, after):
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
        assert "Origin" in answer.headers["Vary"]
    assert after.status_code == 200


def test_answers_carry_the_origin_and_other_doors_do_not(client: FlaskClient) -> None:
    assert post(client, SIGN, document(), headers={"Origin": HERE}).headers["Access-Control-Allow-Origin"] == HERE
    assert "Access-Control-Allow-Origin" not in get(client, "/docs", Origin=HERE).headers
    closed = make_app(Ledger(), origins=()).test_client()
    assert "Access-Control-Allow-Origin" not in get(closed, "/cds-services", Origin=HERE).headers


def test_options_without_an_origin_needs_no_token(client: FlaskClient) -> None:
    answer = client.options(SIGN)
    assert answer.status_code == 200
    assert {*answer.headers["Allow"].split(", ")} == {"OPTIONS", "POST"}


@pytest.fixture
def spec(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/openapi.json")
    assert answer.mimetype == "application/json"
    return json.loads(answer.text)


def test_every_address_is_described(door: Flask, spec: dict[str, Any]) -> None:
    assert spec["openapi"] == "3.1.0"
    rules = {rule.rule for rule in door.url_map.iter_rules() if rule.endpoint.startswith("cds.")}
    assert set(spec["paths"]) == rules
    for path, methods in spec["paths"].items():
        for one in methods.values():
            assert one["summary"], path
            assert "200" in one["responses"]
            assert "401" in one["responses"]


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        here = [value["$ref"]] if "$ref" in value else []
        return here + [one for inner in value.values() for one in references(inner)]
    return [one for inner in value for one in references(inner)] if isinstance(value, list) else []


def test_the_description_holds_together(spec: dict[str, Any]) -> None:
    led_to = {one.rpartition("/")[2] for one in references(spec)}
    assert led_to == {*spec["components"]["schemas"], *spec["components"]["responses"]}
    for reference in references(spec):
        held: Any = spec
        for step in reference.removeprefix("#/").split("/"):
            held = held[step]
    for name, schema in spec["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert not name.endswith(("1", "2")), f"{name}: two schemas of one name"
    errors = spec["components"]["responses"]
    assert {json.dumps(one["content"]) for one in errors.values()} == {
        '{"application/fhir+json": {"schema": {"$ref": "#/components/schemas/OperationOutcome"}}}'
    }


def by_schema(spec: dict[str, Any], path: str, part: str) -> Draft202012Validator:
    """What says whether a body fits its description."""
    one = spec["paths"][path]["post"]
    holder = one["requestBody"] if part == "request" else one["responses"][part]
    (content,) = holder["content"].values()
    return Draft202012Validator({**content["schema"], "components": spec["components"]})


@pytest.mark.parametrize("body", [EPIC, SANDBOX, CRD, HEALTHCHAIN, document()])
def test_calls_fit_their_description(spec: dict[str, Any], body: dict[str, Any]) -> None:
    valid = by_schema(spec, f"/cds-services/baclofen-{body['hook']}", "request")
    assert valid.is_valid(body)
    assert not valid.is_valid({**body, "hookInstance": 1})
    assert not valid.is_valid({**body, "context": {**body["context"], "patientId": 1}})


def test_answers_fit_their_description(client: FlaskClient, spec: dict[str, Any]) -> None:
    valid = by_schema(spec, SIGN, "200")
    assert valid.is_valid(post(client, SIGN, document()).json)
    assert not valid.is_valid({"cards": [{"summary": "x"}]})
    feedback = {"card": INSTANCE, "outcome": "overridden", "outcomeTimestamp": "2026-11-21T10:00:00Z"}
    assert by_schema(spec, f"{SIGN}/feedback", "request").is_valid({"feedback": [feedback]})


def test_the_page_tells_it_all_and_runs_nothing(client: FlaskClient, spec: dict[str, Any]) -> None:
    page = client.get("/docs")
    assert page.content_type == "text/html; charset=utf-8"
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "<script" not in page.text
    assert "{{" not in page.text.replace("{{context.patientId}}", "")
    for word in (*SERVICES, *spec["paths"], *spec["components"]["schemas"]):
        assert word in page.text
    for service in SERVICES.values():
        for key in service.prefetch:
            assert f"<td>{key}</td>" in page.text
    assert not re.search(r"""(src|href|action|url)\W{1,4}\w*:?//""", page.text, re.IGNORECASE)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)
bodies = json_values | st.fixed_dictionaries(
    {"hook": st.just("order-sign") | json_values, "hookInstance": st.just(INSTANCE), "context": json_values},
    optional=dict.fromkeys(("prefetch", "fhirServer", "fhirAuthorization", "extension"), json_values),
)


@settings(max_examples=300)
@given(body=bodies)
def test_no_json_brings_a_5xx(door: Flask, body: object) -> None:
    answer = post(door.test_client(), SIGN, body)
    assert answer.status_code in (200, 400)
    assert answer.status_code == 200 or answer.json["resourceType"] == "OperationOutcome"


@settings(max_examples=200)
@given(body=st.binary(max_size=60))
def test_no_bytes_bring_a_5xx(door: Flask, body: bytes) -> None:
    assert post(door.test_client(), SIGN, body).status_code == 400


def fastest(schema: Any, sent: Mapping[str, Any]) -> float:
    """Seconds of the quickest of many readings."""
    times = []
    for _ in range(50):
        start = time.perf_counter()
        schema.load(sent)
        times.append(time.perf_counter() - start)
    return min(times)


def test_a_thousand_resources_are_not_walked() -> None:
    """Walking them would take a hundred times as long."""
    schema = call_schema("order-sign")
    one = {"resourceType": "Observation", "valueQuantity": {"value": 1.2, "unit": "mg/dL"}}
    many = {"resourceType": "Bundle", "entry": [{"resource": {**one, "id": str(at)}} for at in range(1000)]}
    full = {**document(prefetch={"laboratory": many}), "context": {"patientId": "p1", "draftOrders": many}}
    assert fastest(schema, full) < 3 * fastest(schema, document(prefetch={}))


CARDS = (
    {"extension": {"example.baclofen-safety": {"rules": [{"id": "BAC-RENAL-04", "severity": "high"}]}}},
    {"extension": {"example.baclofen-safety": {"notice": "not-checked", "open": ["BAC-DOSE-01"]}}},
)


@pytest.mark.parametrize(
    ("path", "body", "headers", "line"),
    [
        (SIGN, document(), {}, {"status": 200, "outcome": "quiet", "cards": 1, "client": "general-hospital"}),
        (SIGN, document(patient="quiet"), {}, {"status": 200, "outcome": "quiet", "cards": 0}),
        (SIGN, document(patient="broken"), {}, {"status": 200, "outcome": "failure", "cards": 1}),
        (SIGN, document(patient="required"), {}, {"status": 412, "outcome": "refused", "cards": 0}),
        (SIGN, document(patient={"name": SECRET}), {}, {"status": 400, "outcome": "refused"}),
        (SIGN, document(patient="busy"), {}, {"status": 503, "outcome": "failed"}),
        (
            SIGN,
            document(),
            {"Authorization": f"Bearer {SECRET}"},
            {"status": 401, "outcome": "refused", "client": None},
        ),
        (
            f"{SIGN}/feedback",
            {"feedback": [SECRET]},
            {},
            {"service": f"{SIGN[14:]}-feedback", "outcome": "done"},
        ),
    ],
)
def test_every_call_is_written_down_without_what_was_sent(
    client: FlaskClient, path: str, body: object, headers: dict[str, str], line: dict[str, Any]
) -> None:
    with capture_logs() as logs:
        post(client, path, body, headers=headers)
    (told,) = [one for one in logs if one["event"] == "cds"]
    assert {"service": "baclofen-order-sign", **line}.items() <= told.items()
    assert told["took"] in ("under 100 ms", "under 500 ms", "under 1 s", "under 5 s", "5 s or more")
    assert not {SECRET, "p1", INSTANCE, "Bearer", "good"}.intersection(map(str, told.values()))
    assert SECRET not in repr(logs)


def test_what_epic_calls_an_opened_chart_is_written_down(client: FlaskClient) -> None:
    with capture_logs() as logs:
        post(client, "/cds-services/baclofen-patient-view", EPIC)
    assert [one["moment"] for one in logs] == ["discharge"]


def test_the_page_says_what_the_service_can_do(client: FlaskClient) -> None:
    page = client.get("/docs").text
    told = ["2.0.1", "hookVersion", "ES384", "412", "critical", "systemActions", "/feedback/summary", EPIC_TRIGGER]
    told += [KEEP, FILTER, CONFIGURATION, "CodeSystem/baclofen-card", "CodeSystem/non-adherence-reason-codes"]
    told += [f"{one.hook} {one.hook_version}" for one in SERVICES.values()]
    assert [one for one in told if one not in page] == []


def test_every_hook_has_the_version_of_its_page(client: FlaskClient) -> None:
    held = {one["hook"]: one["hookVersion"] for one in get(client, "/cds-services").json["services"]}
    assert held["order-dispatch"] == "1.1"
    assert set(held.values()) == {"1.0", "1.1", "0.1.0"}


def test_a_preflight_is_no_call(client: FlaskClient) -> None:
    with capture_logs() as logs:
        client.options(SIGN, headers={"Origin": HERE, "Access-Control-Request-Method": "POST"})
        client.options(SIGN)
    assert logs == []


def test_the_line_names_rules_and_what_was_not_checked() -> None:
    told = [card["extension"]["example.baclofen-safety"] for card in CARDS]
    assert outcome_of(200, told) == "findings, not-checked"
    assert outcome_of(200, told[1:]) == "not-checked"
    assert outcome_of(200, []) == "quiet"


@pytest.mark.parametrize(
    ("seconds", "name"), [(0.0999, "under 100 ms"), (0.1, "under 500 ms"), (0.5, "under 1 s"), (60, "5 s or more")]
)
def test_durations_are_told_roughly(seconds: float, name: str) -> None:
    assert duration_class(seconds) == name

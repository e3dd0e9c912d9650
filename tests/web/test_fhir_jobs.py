"""``Prefer: respond-async``: answered later, once, whoever is killed, and gone when its time is over."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from queue import Queue
from threading import Event
from typing import Any

import pytest
from flask.testing import FlaskClient

from baclofen_safety.assessor import Assessor
from baclofen_safety.fhir.resources import check_output, shape_errors
from baclofen_safety.store.sql import SqlStore
from baclofen_safety.web.jobs import LEASE, MOST_TRIES, MOST_WAITING, slot_of
from doors import of_kind
from web.fhir_calls import CODE, EMPTY, FIRING, OPERATION, QUIET, parameters, post
from web.kept_apps import PATIENCE, Clock, Stand, app_at, kept_in, polled

LATER = {"Prefer": "respond-async"}
NDJSON = "application/fhir+ndjson"
FHIR = "application/fhir+json"


@pytest.fixture
def held(keeping: Assessor, clock: Clock) -> Iterator[tuple[FlaskClient, Event]]:
    """A service that begins to judge and does not end before it is let go."""
    begun, let_go = Event(), Event()

    def answer(*asked: Any) -> Any:
        begun.set()
        assert let_go.wait(PATIENCE)
        return keeping.answer(*asked)

    yield app_at(Stand(keeping, answer), clock).test_client(), begun
    let_go.set()


ENDED = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
"""For threads that end as if their process were killed."""


def kicked(client: FlaskClient, body: object = FIRING, path: str = OPERATION, **headers: str) -> str:
    answer = post(client, body, path, headers={**LATER, **headers})
    assert answer.status_code == 202, answer.text
    assert shape_errors(answer.json) == ()
    assert answer.headers["Preference-Applied"] == "respond-async"
    assert int(answer.headers["Retry-After"]) > 0
    return str(answer.headers["Content-Location"])


def file(client: FlaskClient, manifest: dict[str, Any], part: str, **headers: str) -> Any:
    (one,) = manifest[part]
    assert one["count"] == 1
    answer = client.get(one["url"], headers=headers)
    assert answer.status_code == 200
    assert json.loads(answer.data)["resourceType"] == one["type"]
    return answer


def test_the_answer_comes_by_a_manifest(caller: FlaskClient, clock: Clock) -> None:
    at_once, kicked_at = post(caller, FIRING), clock()
    answer = polled(caller, kicked(caller), clock)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    manifest = answer.json
    assert manifest["transactionTime"] == kicked_at.isoformat().replace("+00:00", "Z")
    assert manifest["request"] == f"http://localhost{OPERATION}"
    assert manifest["requiresAccessToken"] is False
    assert answer.headers["Expires"].endswith("GMT")
    whole = file(caller, manifest, "output", Accept=FHIR)
    assert (whole.data, whole.content_type) == (at_once.data, at_once.content_type)
    lines = file(caller, manifest, "output")
    assert lines.content_type == NDJSON
    assert lines.data == at_once.data + b"\n"
    (outcome,) = of_kind(at_once.json, "OperationOutcome")
    for accept, kind in ((NDJSON, NDJSON), (FHIR, at_once.content_type)):
        told = file(caller, manifest, "error", Accept=accept)
        assert (json.loads(told.data), told.content_type) == (outcome, kind)


@pytest.mark.parametrize(
    ("host", "public", "root"),
    [
        ("evil.example", "", ""),
        ("evil.example:8080", "", ""),
        ("evil.example", "https://safety.example.org", "https://safety.example.org"),
        ("localhost:8080", "", "http://localhost:8080"),
        ("127.0.0.1:8080", "", "http://127.0.0.1:8080"),
        ("[::1]:8080", "", "http://[::1]:8080"),
    ],
)
def test_only_an_address_that_is_its_own_is_repeated(
    keeping: Assessor, clock: Clock, host: str, public: str, root: str
) -> None:
    known = replace(keeping, settings=replace(keeping.settings, public_url=public))
    client = app_at(known, clock).test_client()
    job = kicked(client, Host=host)
    assert job.startswith(f"{root}/fhir/_async/")
    assert polled(client, job.removeprefix(root), clock).status_code == 200
    manifest = client.get(job.removeprefix(root), headers={"Host": host}).json
    assert manifest["request"] == f"{root}{OPERATION}"
    told = [one["url"] for part in ("output", "error") for one in manifest[part]]
    assert all(url.startswith(f"{job}/") for url in told)


@pytest.mark.parametrize(
    ("accept", "status", "kind"),
    [
        ("application/fhir+xml", 406, FHIR),
        (f"{FHIR}; fhirVersion=5.0", 406, FHIR),
        (f"{NDJSON}; fhirVersion=5.0", 406, FHIR),
        (f"{FHIR}; fhirVersion=5.0, {FHIR}; q=0.5", 200, FHIR),
        (f"{FHIR}; fhirVersion=4.0", 200, FHIR),
        ("text/html, application/xml;q=0.9, */*;q=0.8", 200, NDJSON),
        (f"*/*, {FHIR}", 200, FHIR),
        ("application/ndjson", 200, NDJSON),
    ],
)
@pytest.mark.parametrize("part", ["output", "error"])
def test_a_file_is_given_in_the_form_that_is_accepted(
    caller: FlaskClient, clock: Clock, accept: str, status: int, kind: str, part: str
) -> None:
    (one,) = polled(caller, kicked(caller), clock).json[part]
    answer = caller.get(one["url"], headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (status, kind)
    if status == 406:
        (issue,) = answer.json["issue"]
        assert issue["expression"] == ["http.Accept"]


@pytest.mark.parametrize(("form", "kind"), [("ndjson", NDJSON), ("json", FHIR)])
def test_a_file_is_given_in_the_form_the_address_names(caller: FlaskClient, clock: Clock, form: str, kind: str) -> None:
    (one,) = polled(caller, kicked(caller), clock).json["output"]
    assert caller.get(f"{one['url']}?_format={form}", headers={"Accept": "application/xml"}).mimetype == kind


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        (f"{OPERATION}?asOf=2026-11-20T12:00:00%2B01:00&_pretty=true", FIRING, {}),
        (f"/fhir/Patient/p1/{CODE}", parameters(content=FIRING), {}),
        (f"/fhir/MedicationRequest/order/{CODE}", FIRING, {}),
        (f"/fhir/MedicationRequest/{CODE}", FIRING, {"Accept": f"{FHIR}; fhirVersion=5.0"}),
        (OPERATION, QUIET, {"Prefer": "respond-async, return=minimal"}),
        (OPERATION, QUIET, {"Prefer": "return=OperationOutcome; a=b, respond-async; wait=5"}),
    ],
)
def test_asked_at_any_address_it_is_the_answer_of_that_address(
    caller: FlaskClient, clock: Clock, path: str, body: Any, headers: dict[str, str]
) -> None:
    prefer = ",".join(one for one in headers.get("Prefer", "").split(",") if "respond" not in one)
    at_once = post(caller, body, path, headers={**headers, "Prefer": prefer})
    manifest = polled(caller, kicked(caller, body, path, **headers), clock).json
    told = file(caller, manifest, "output", Accept=FHIR)
    assert (told.data, told.content_type) == (at_once.data, at_once.content_type)
    assert manifest["request"].partition("localhost")[2] == path
    (line, rest) = file(caller, manifest, "output").data.split(b"\n")
    assert (json.loads(line), rest) == (at_once.json, b"")
    if at_once.json["resourceType"] == "OperationOutcome":
        assert manifest["error"] == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (OPERATION, "{", 400),
        (f"{OPERATION}?asOf=soon", QUIET, 400),
        (f"/fhir/MedicationRequest/other/{CODE}", QUIET, 422),
        (f"{OPERATION}?_format=xml", QUIET, 406),
    ],
)
def test_what_is_no_question_is_refused_at_once(caller: FlaskClient, path: str, body: Any, status: int) -> None:
    assert post(caller, body, path, headers=LATER).status_code == status


def test_what_cannot_be_judged_is_told_where_the_answer_would_be(caller: FlaskClient, clock: Clock) -> None:
    people = [{"resource": {"resourceType": "Patient", "id": name}} for name in ("a", "b")]
    body = {**EMPTY, "entry": people}
    named = {"X-Request-ID": "the-same"}
    at_once, address = post(caller, body, headers=named), kicked(caller, body, **named)
    answer = polled(caller, address, clock)
    assert (answer.status_code, answer.data) == (422, at_once.data)
    assert caller.get(f"{address}/OperationOutcome").status_code == 404


def test_while_it_lasts_the_caller_is_told_to_wait(held: tuple[FlaskClient, Event], clock: Clock) -> None:
    client, begun = held
    address = kicked(client)
    assert begun.wait(PATIENCE)
    answer = client.get(address)
    assert answer.status_code == 202
    assert 0 < len(answer.headers["X-Progress"]) < 100
    assert int(answer.headers["Retry-After"]) > 0
    soon = client.get(address)
    assert (soon.status_code, soon.json["issue"][0]["code"]) == (429, "throttled")
    assert int(soon.headers["Retry-After"]) > 0
    clock.move(seconds=int(soon.headers["Retry-After"]))
    assert client.get(address).status_code == 202
    assert client.get(f"{address}/Bundle").status_code == 404


def test_a_job_can_be_cancelled_at_any_time(held: tuple[FlaskClient, Event], caller: FlaskClient, clock: Clock) -> None:
    client, begun = held
    running = kicked(client)
    assert begun.wait(PATIENCE)
    done = kicked(caller)
    polled(caller, done, clock)
    for address in (running, done):
        assert caller.delete(address).status_code == 202
        for method in ("get", "delete"):
            answer = getattr(caller, method)(address)
            assert (answer.status_code, answer.json["resourceType"]) == (404, "OperationOutcome")
        assert caller.get(f"{address}/Bundle").status_code == 404


@pytest.mark.parametrize("address", ["none", "none/Bundle", "../metadata/x", "%00"])
def test_an_unknown_job_is_a_404(caller: FlaskClient, address: str) -> None:
    answer = caller.get(f"/fhir/_async/{address}")
    assert (answer.status_code, answer.json["issue"][0]["code"]) == (404, "not-found")
    assert shape_errors(answer.json) == ()


def test_a_job_that_was_running_when_its_process_died_is_done_by_the_next(
    held: tuple[FlaskClient, Event], keeping: Assessor, clock: Clock
) -> None:
    client, begun = held
    at_once = post(app_at(keeping, clock).test_client(), FIRING)
    address = kicked(client)
    assert begun.wait(PATIENCE)  # and never heard of again
    restarted = app_at(keeping, clock).test_client()
    assert restarted.get(address).status_code == 202
    clock.move(seconds=LEASE.total_seconds())
    manifest = polled(restarted, address, clock).json
    assert file(restarted, manifest, "output", Accept=FHIR).data == at_once.data


@ENDED
def test_whoever_starts_does_what_was_left(keeping: Assessor, clock: Clock) -> None:
    begun = Event()

    def killed(*_: object) -> None:
        begun.set()
        raise SystemExit

    address = kicked(app_at(Stand(keeping, killed), clock).test_client())
    assert begun.wait(PATIENCE)
    clock.move(seconds=LEASE.total_seconds())
    done = Event()

    def answer(*asked: Any) -> Any:
        done.set()
        return keeping.answer(*asked)

    app_at(Stand(keeping, answer), clock).extensions["jobs"].wake()
    assert done.wait(PATIENCE)
    assert polled(app_at(keeping, clock).test_client(), address, clock).status_code == 200


@ENDED
def test_a_job_that_ends_every_process_is_given_up(keeping: Assessor, clock: Clock) -> None:
    tries = []

    def killed(*_: object) -> None:
        tries.append(1)
        raise SystemExit

    client = app_at(Stand(keeping, killed), clock).test_client()
    answer = polled(client, kicked(client), clock)
    assert (answer.status_code, answer.json["issue"][0]["code"]) == (500, "exception")
    assert len(tries) == MOST_TRIES


def test_two_services_at_one_database_do_every_job_once(keeping: Assessor, clock: Clock) -> None:
    judged: Queue[int] = Queue()

    def answer(*asked: Any) -> Any:
        made = keeping.answer(*asked)
        judged.put(os.getpid())
        return made

    clients = [app_at(Stand(keeping, answer), clock).test_client() for _ in range(3)]
    addresses = [kicked(clients[number % 3]) for number in range(12)]
    for _ in addresses:
        judged.get(timeout=PATIENCE)
    for number, address in enumerate(addresses):  # the clock stands still, so that no lease ends
        other = clients[(number + 1) % 3]
        assert any(other.get(address).status_code == 200 for _ in range(3_000))
    assert judged.empty()


def test_results_are_removed_when_their_time_is_over(
    keeping: Assessor, caller: FlaskClient, clock: Clock, tmp_path: Path
) -> None:
    address = kicked(caller)
    assert polled(caller, address, clock).status_code == 200
    clock.move(hours=keeping.settings.keep_jobs_hours, minutes=1)
    assert caller.get(address).status_code == 404
    store = SqlStore(keeping.settings.store, clock)
    store.answers.forget_old()  # the service may have been first
    store.close()
    assert not [one.name for one in tmp_path.iterdir() if b"GuidanceResponse" in one.read_bytes()]


def test_the_question_is_gone_when_it_is_answered(keeping: Assessor, caller: FlaskClient, clock: Clock) -> None:
    address = kicked(caller)
    polled(caller, address, clock)
    store = SqlStore(keeping.settings.store, clock)
    kept = store.answers.look(slot_of(address.rpartition("/")[2]))
    assert kept is not None
    assert kept.question == b""
    store.close()


def test_more_than_can_be_done_is_refused(held: tuple[FlaskClient, Event], clock: Clock) -> None:
    client, begun = held
    kicked(client)
    assert begun.wait(PATIENCE)
    for _ in range(MOST_WAITING - 1):
        kicked(client)
    answer = post(client, FIRING, headers=LATER)
    assert (answer.status_code, answer.json["issue"][0]["code"]) == (429, "throttled")
    assert int(answer.headers["Retry-After"]) > 0
    clock.move(seconds=timedelta(days=2).total_seconds())
    assert post(client, FIRING, headers=LATER).status_code == 202


def test_a_store_in_memory_keeps_no_jobs(client: FlaskClient) -> None:
    answer = post(client, FIRING, headers=LATER)
    assert (answer.status_code, answer.json["issue"][0]["code"]) == (422, "not-supported")
    assert "BACLOFEN_SAFETY_STORE" in answer.text


def test_a_batch_is_answered_at_once(caller: FlaskClient) -> None:
    entry = {"request": {"method": "POST", "url": CODE}, "resource": FIRING}
    answer = post(caller, {**EMPTY, "type": "batch", "entry": [entry]}, "/fhir", headers=LATER)
    assert answer.json["entry"][0]["resource"] == post(caller, FIRING).json


def test_credentials_of_the_caller_are_not_kept(
    held: tuple[FlaskClient, Event], caller: FlaskClient, clock: Clock, tmp_path: Path
) -> None:
    token = {"Authorization": "Bearer the-secret-token"}
    kicked(held[0], **token)
    assert not [one.name for one in tmp_path.iterdir() if b"the-secret-token" in one.read_bytes()]
    manifest = polled(caller, kicked(caller), clock)
    assert manifest.json["requiresAccessToken"] is False
    address = manifest.json["output"][0]["url"].rpartition("/")[0]
    assert caller.get(address, headers=token).json["requiresAccessToken"] is True


def test_public_addresses_are_those_people_reach(assessor: Assessor, tmp_path: Path, clock: Clock) -> None:
    public = "https://safety.example.org"
    client = app_at(kept_in(assessor, tmp_path, public_url=public), clock).test_client()
    address = kicked(client)
    assert address.startswith(f"{public}/fhir/_async/")
    manifest = polled(client, address.removeprefix(public), clock).json
    assert manifest["request"] == f"{public}{OPERATION}"
    assert manifest["output"][0]["url"] == f"{address}/Bundle"


def test_what_is_told_is_valid(caller: FlaskClient, clock: Clock) -> None:
    manifest = polled(caller, kicked(caller), clock).json
    assert check_output(json.loads(file(caller, manifest, "output").data)) == ()

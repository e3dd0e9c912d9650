"""``Idempotency-Key``: the same request is answered once; another one under its key is refused."""

from __future__ import annotations

from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from flask.testing import FlaskClient

from baclofen_safety.assessor import Assessor
from baclofen_safety.fhir.resources import shape_errors
from baclofen_safety.store.sql import SqlStore
from baclofen_safety.web.once import LEASE
from web.fhir_calls import CODE, EMPTY, FIRING, OPERATION, QUIET, parameters, post
from web.kept_apps import PATIENCE, Clock, Stand, app_at, polled

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
BATCH = {**EMPTY, "type": "batch", "entry": [{"request": {"method": "POST", "url": CODE}, "resource": FIRING}]}


def sent(client: FlaskClient, body: object = FIRING, path: str = OPERATION, **headers: str) -> Any:
    return post(client, body, path, headers={**KEY, **headers})


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        (OPERATION, FIRING, {}),
        (f"{OPERATION}?_pretty=true", FIRING, {"Prefer": "return=minimal"}),
        (f"/fhir/Patient/p1/{CODE}", parameters(content=FIRING), {"Accept": "application/fhir+json; fhirVersion=5.0"}),
        (f"/fhir/MedicationRequest/{CODE}", FIRING, {"Authorization": "Bearer one"}),
        ("/fhir", BATCH, {}),
    ],
)
def test_the_same_request_gets_the_same_bytes(
    caller: FlaskClient, clock: Clock, path: str, body: Any, headers: dict[str, str]
) -> None:
    first = sent(caller, body, path, **headers)
    assert first.status_code == 200
    clock.move(days=1)  # judged again it would be of another day
    again = sent(caller, body, path, **headers)
    assert (again.status_code, again.data, again.content_type) == (200, first.data, first.content_type)
    assert again.headers.get("Preference-Applied") == first.headers.get("Preference-Applied")
    assert (first.headers.get("Idempotency-Replayed"), again.headers.get("Idempotency-Replayed")) == (None, "true")
    assert again.headers["X-Request-ID"] != first.headers["X-Request-ID"]
    assert post(caller, body, path, headers=headers).data != first.data


def test_it_is_known_after_a_restart_and_to_other_workers(keeping: Assessor, caller: FlaskClient, clock: Clock) -> None:
    first = sent(caller)
    clock.move(days=1)
    assert sent(app_at(keeping, clock).test_client()).data == first.data


def test_a_job_is_begun_once(caller: FlaskClient, clock: Clock) -> None:
    first, again = (sent(caller, Prefer="respond-async") for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.headers["Content-Location"] == again.headers["Content-Location"]
    assert polled(caller, again.headers["Content-Location"], clock).status_code == 200


@pytest.mark.parametrize(
    ("body", "path", "headers"),
    [
        (QUIET, OPERATION, {}),
        (FIRING, f"{OPERATION}?trace=true", {}),
        (FIRING, f"/fhir/Patient/p1/{CODE}", {}),
        (FIRING, OPERATION, {"Prefer": "return=minimal"}),
        (FIRING, OPERATION, {"Accept": "application/fhir+json; fhirVersion=5.0"}),
        (BATCH, "/fhir", {}),
    ],
)
def test_another_request_under_the_key_is_refused(
    caller: FlaskClient, body: Any, path: str, headers: dict[str, str]
) -> None:
    first = sent(caller)
    answer = sent(caller, body, path, **headers)
    assert (answer.status_code, answer.json["issue"][0]["code"]) == (422, "business-rule")
    assert answer.json["issue"][0]["expression"] == ["http.Idempotency-Key"]
    assert shape_errors(answer.json) == ()
    assert sent(caller).data == first.data


def test_keys_of_two_callers_are_two_keys(caller: FlaskClient) -> None:
    assert sent(caller, FIRING, Authorization="Bearer one").status_code == 200
    assert sent(caller, QUIET, Authorization="Bearer two").status_code == 200
    assert sent(caller, QUIET).status_code == 200


@pytest.mark.parametrize("key", ["", "a b", "k" * 256, "schl\u00fcssel", "\x7f"])
def test_a_key_that_is_none_is_refused(caller: FlaskClient, key: str) -> None:
    answer = post(caller, FIRING, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json["issue"][0]["code"]) == (400, "value")
    if key:
        assert key not in answer.text


@pytest.mark.parametrize("key", ['"quoted"', "k" * 255, "!~"])
def test_any_visible_key_will_do(caller: FlaskClient, key: str) -> None:
    for _ in range(2):
        assert post(caller, FIRING, headers={"Idempotency-Key": key}).status_code == 200


def test_what_was_refused_may_be_mended(caller: FlaskClient) -> None:
    assert sent(caller, "{").status_code == 400
    assert sent(caller, {"resourceType": "Patient"}).status_code == 400
    assert sent(caller).status_code == 200


def test_what_broke_is_judged_again(keeping: Assessor, clock: Clock) -> None:
    def broken(*_: object) -> None:
        raise ValueError

    assert sent(app_at(Stand(keeping, broken), clock).test_client()).status_code == 500
    assert sent(app_at(keeping, clock).test_client()).status_code == 200


def test_while_it_is_judged_the_second_is_told_to_wait(keeping: Assessor, clock: Clock) -> None:
    begun, let_go, got = Event(), Event(), []

    def answer(*asked: Any) -> Any:
        begun.set()
        assert let_go.wait(PATIENCE)
        return keeping.answer(*asked)

    slow = Thread(target=lambda: got.append(sent(app_at(Stand(keeping, answer), clock).test_client())))
    slow.start()
    assert begun.wait(PATIENCE)
    other = app_at(keeping, clock).test_client()
    soon = sent(other)
    assert (soon.status_code, soon.json["issue"][0]["code"]) == (409, "lock-error")
    assert int(soon.headers["Retry-After"]) > 0
    assert sent(other, QUIET).status_code == 422
    let_go.set()
    slow.join(PATIENCE)
    assert sent(other).data == got[0].data


def test_the_key_of_a_process_that_died_is_free_again(keeping: Assessor, clock: Clock) -> None:
    begun, let_go, got = Event(), Event(), []

    def answer(*asked: Any) -> Any:
        begun.set()
        assert let_go.wait(PATIENCE)
        return keeping.answer(*asked)

    lost = Thread(target=lambda: got.append(sent(app_at(Stand(keeping, answer), clock).test_client())))
    lost.start()
    assert begun.wait(PATIENCE)
    other = app_at(keeping, clock).test_client()
    clock.move(seconds=LEASE.total_seconds())
    first = sent(other)
    assert first.status_code == 200
    let_go.set()
    lost.join(PATIENCE)
    assert sent(other).data == first.data


def test_eight_at_once_are_judged_once(keeping: Assessor, clock: Clock) -> None:
    """Eight services at one file, as eight workers have it."""
    together, got, judged = Barrier(8), [], []

    def answer(*asked: Any) -> Any:
        judged.append(1)
        return keeping.answer(*asked)

    def ask(client: FlaskClient) -> None:
        together.wait(PATIENCE)
        got.append(sent(client))

    clients = [app_at(Stand(keeping, answer), clock).test_client() for _ in range(8)]
    threads = [Thread(target=ask, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(judged) == 1
    assert {one.status_code for one in got} <= {200, 409}
    assert len({one.data for one in got if one.status_code == 200}) == 1


def test_keys_are_forgotten_after_a_week(keeping: Assessor, caller: FlaskClient, clock: Clock, tmp_path: Path) -> None:
    first = sent(caller)
    clock.move(days=keeping.settings.keep_answers_days)
    assert sent(caller).data == first.data
    clock.move(seconds=1)
    assert sent(caller, QUIET).status_code == 200
    clock.move(days=keeping.settings.keep_answers_days, seconds=1)
    store = SqlStore(keeping.settings.store, clock)
    assert store.answers.forget_old() == 1
    store.close()
    assert not [one.name for one in tmp_path.iterdir() if b"GuidanceResponse" in one.read_bytes()]


def test_without_a_key_nothing_is_kept(caller: FlaskClient, tmp_path: Path) -> None:
    assert post(caller, FIRING).status_code == 200
    assert not [one.name for one in tmp_path.iterdir() if b"GuidanceResponse" in one.read_bytes()]
    assert sent(caller).status_code == 200
    files = [one.read_bytes() for one in tmp_path.iterdir()]
    assert any(b"GuidanceResponse" in one for one in files)
    assert not [one for one in files if KEY["Idempotency-Key"].encode() in one]


def test_memory_keeps_keys_of_its_process(client: FlaskClient) -> None:
    first, again = (sent(client, **{"Idempotency-Key": "memory"}) for _ in range(2))
    assert first.data == again.data
    assert again.headers["Idempotency-Replayed"] == "true"

"""How the service stands when an error of ``errors.toml`` is provoked, and what is sent to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from io import RawIOBase
from pathlib import Path
from threading import Event, Thread
from typing import Any

from flask import Blueprint, Flask, request
from flask.testing import FlaskClient

from baclofen_safety.app import create_app
from baclofen_safety.assessor import Assessor
from baclofen_safety.store.kept import Kind
from baclofen_safety.web.errors import answer_errors
from baclofen_safety.web.fhir_batch import MOST, offer_batch
from baclofen_safety.web.jobs import LEASE, MOST_WAITING, slot_of
from baclofen_safety.web.keeping import pack
from cases import AS_OF
from fhir_server import FhirServer, outcome
from web.fhir_calls import EMPTY, OPERATION, QUIET, post
from web.kept_apps import PATIENCE, Stand, app_at

Json = dict[str, Any]
Scene = Callable[[Assessor, Path], AbstractContextManager[FlaskClient]]
NOW = datetime.fromisoformat(AS_OF)
V2_EVENTS = "http://terminology.hl7.org/CodeSystem/v2-0003"


def _message(event: str, envelope: str = "b") -> Json:
    coding = {"system": V2_EVENTS, "code": event}
    header = {"resourceType": "MessageHeader", "id": "m", "eventCoding": coding, "source": {"endpoint": "urn:oid:1.2"}}
    entries = [{"resource": header}, *QUIET["entry"]]
    return {**QUIET, "type": "message", "id": envelope, "entry": entries}


_READ = {"request": {"method": "GET", "url": "metadata"}}
RECORDS: Mapping[str, Json] = {
    "quiet": QUIET,
    "a batch": {**EMPTY, "type": "batch", "entry": [_READ]},
    "a long batch": {**EMPTY, "type": "batch", "entry": [_READ] * (MOST + 1)},
    "a message": _message("O11"),
    "a message of another event": _message("Z99"),
    "a call": {
        "hook": "order-sign",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"patientId": "p1", "userId": "Practitioner/a", "draftOrders": EMPTY},
    },
    "a view": {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"patientId": "p1", "userId": "Practitioner/a"},
    },
    "feedback": {
        "feedback": [
            {
                "card": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
                "outcome": "overridden",
                "outcomeTimestamp": "2026-11-20T12:00:00Z",
            }
        ]
    },
}


def service(assessor: Any, **settings: Any) -> Flask:
    settings = {"cds_auth": "off", **settings}
    assessor = replace(assessor, settings=replace(assessor.settings, **settings))
    return create_app(assessor, clock=lambda: NOW)


@contextmanager
def _plain(assessor: Assessor, folder: Path) -> Iterator[FlaskClient]:
    yield service(assessor).test_client()


@contextmanager
def _tokens(assessor: Assessor, folder: Path) -> Iterator[FlaskClient]:
    yield service(assessor, cds_auth="jwt").test_client()


@contextmanager
def _small(assessor: Assessor, folder: Path) -> Iterator[FlaskClient]:
    yield service(assessor, max_bytes=60_000, max_entries=2).test_client()


@contextmanager
def _fault(assessor: Assessor, folder: Path) -> Iterator[FlaskClient]:
    def fail(*_: object) -> None:
        raise ValueError("Mrs Secret")

    yield app_at(Stand(assessor, fail), lambda: NOW).test_client()


@contextmanager
def _dead_line(assessor: Assessor, folder: Path) -> Iterator[FlaskClient]:
    app = service(assessor)
    app.before_request(lambda: request.environ.update({"wsgi.input": _Quiet()}))
    yield app.test_client()


class _Quiet(RawIOBase):
    """What a socket says on which nothing more comes."""

    def readable(self) -> bool:
        return True

    def readinto(self, _: object) -> int:
        raise BlockingIOError


@contextmanager
def _ehr_without(assessor: Assessor, folder: Path) -> Iterator[FlaskClient]:
    with FhirServer([]) as server:
        yield service(assessor, ehr=(server.base,)).test_client()


@contextmanager
def _ehr_down(assessor: Assessor, folder: Path) -> Iterator[FlaskClient]:
    with FhirServer([]) as server:
        server.faults["Patient"] = lambda one: one.say(500, outcome("exception"))
        yield service(assessor, ehr=(server.base,)).test_client()


@contextmanager
def _crowded(assessor: Assessor, folder: Path) -> Iterator[FlaskClient]:
    """One call may be inside, and is."""
    app, here = service(assessor, cds_at_once=1), {"REMOTE_ADDR": "127.0.0.1"}
    with app.test_request_context("/cds-services/baclofen-order-sign", method="POST", environ_base=here):
        assert app.preprocess_request() is None
        yield app.test_client()


def _store(folder: Path) -> dict[str, str]:
    return {"store": f"sqlite:///{folder / 'kept.db'}"}


@contextmanager
def _broken_store(assessor: Assessor, folder: Path) -> Iterator[FlaskClient]:
    app = service(assessor, **_store(folder))
    for file in folder.glob("kept.db*"):
        file.write_bytes(b"no database " * 1000)
    yield app.test_client()


@contextmanager
def _full(assessor: Assessor, folder: Path) -> Iterator[FlaskClient]:
    app = service(assessor, **_store(folder))
    for number in range(MOST_WAITING):
        app.extensions["jobs"].answers.add(slot_of(str(number)), b"", NOW + timedelta(days=1))
    yield app.test_client()


@contextmanager
def _looked_at(assessor: Assessor, folder: Path) -> Iterator[FlaskClient]:
    app = service(assessor, **_store(folder))
    answers = app.extensions["jobs"].answers
    answers.add(slot_of("waiting"), b"", NOW + timedelta(days=1))
    answers.look(slot_of("waiting"), note=True)
    yield app.test_client()


@contextmanager
def _done(assessor: Assessor, folder: Path) -> Iterator[FlaskClient]:
    app = service(assessor, **_store(folder))
    answers = app.extensions["jobs"].answers
    answers.add(slot_of("done"), b"", NOW + timedelta(days=1))
    work = answers.next(Kind.JOB, LEASE)
    assert work is not None
    answers.keep(work.claim, pack(post(app.test_client(), QUIET), request="/fhir"))
    yield app.test_client()


@contextmanager
def _used_key(assessor: Assessor, folder: Path) -> Iterator[FlaskClient]:
    client = service(assessor, **_store(folder)).test_client()
    assert post(client, QUIET, headers={"Idempotency-Key": "used"}).status_code == 200
    yield client


@contextmanager
def _busy_key(assessor: Assessor, folder: Path) -> Iterator[FlaskClient]:
    begun, let_go = Event(), Event()
    kept = replace(assessor, settings=replace(assessor.settings, **_store(folder)))

    def answer(*asked: Any) -> Any:
        begun.set()
        assert let_go.wait(PATIENCE)
        return kept.answer(*asked)

    slow = app_at(Stand(kept, answer), lambda: NOW).test_client()
    first = Thread(target=lambda: post(slow, QUIET, OPERATION, headers={"Idempotency-Key": "busy"}))
    first.start()
    assert begun.wait(PATIENCE)
    yield service(assessor, **_store(folder)).test_client()
    let_go.set()
    first.join(PATIENCE)


@contextmanager
def _known_message(assessor: Assessor, folder: Path) -> Iterator[FlaskClient]:
    client = service(assessor, **_store(folder)).test_client()
    assert post(client, _message("O11", "another"), "/fhir/$process-message").status_code == 200
    yield client


@contextmanager
def _no_time(assessor: Assessor, folder: Path) -> Iterator[FlaskClient]:
    app, door = Flask("slow"), Blueprint("slow", "slow", url_prefix="/fhir")
    answer_errors(app)
    offer_batch(door, assessor, lambda view: view, patience=0.0)
    app.register_blueprint(door)
    yield app.test_client()


SCENES: Mapping[str, Scene] = {
    "": _plain,
    "a call in progress": _crowded,
    "tokens are asked for": _tokens,
    "small limits": _small,
    "a fault inside": _fault,
    "a line that went dead": _dead_line,
    "an EHR without the patient": _ehr_without,
    "an EHR that is down": _ehr_down,
    "a database that broke": _broken_store,
    "as many jobs as are taken": _full,
    "a job that was just asked for": _looked_at,
    "a job that is done": _done,
    "a key that was used": _used_key,
    "a request that is being answered": _busy_key,
    "a message that was answered": _known_message,
    "a batch without time": _no_time,
}

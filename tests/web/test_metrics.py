"""What is counted for monitoring, by one process and by several, and that no patient is in it."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import cases
from baclofen_safety import app as joined
from baclofen_safety import serving
from baclofen_safety.app import create_app
from baclofen_safety.assessor import Assessor
from baclofen_safety.cdshooks.services import load_services
from baclofen_safety.config import BadSetting, Settings

ROOT = Path(__file__).parents[2]
OPERATION = "/fhir/$assess-medication-safety"
DECLINE = (ROOT / "fhir_profiles" / "examples" / "kidney-decline.json").read_text("utf-8")
AS_OF = datetime.fromisoformat(cases.AS_OF)
SAMPLE = re.compile(r"^(\w+)\{([^}]*)\} (\S+)$", re.MULTILINE)
LABEL = re.compile(r'(\w+)="([^"]*)"')


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Name and label values, in the order of the labels' names, to value."""
    return {
        (name, *(value for key, value in sorted(LABEL.findall(labels)) if key != "le")): float(number)
        for name, labels, number in SAMPLE.findall(text)
        if dict(LABEL.findall(labels)).get("le", "+Inf") == "+Inf"
    }


@pytest.fixture
def client(assessor: Assessor) -> FlaskClient:
    settings = Settings(cds_auth="off", metrics="on")
    return create_app(replace(assessor, settings=settings), lambda: AS_OF).test_client()


def test_calls_verdicts_findings_and_durations_are_counted(client: FlaskClient) -> None:
    fired = [
        issue["code"]["coding"][0]["code"]
        for entry in client.post(OPERATION, data=DECLINE, content_type="application/fhir+json").json["entry"]
        if (issue := entry["resource"])["resourceType"] == "DetectedIssue"
    ]
    assert fired
    client.post(OPERATION, data="{", content_type="application/fhir+json")
    client.get("/cds-services")
    client.post("/cds-services/baclofen-order-sign", json={})
    client.options("/cds-services")
    client.get("/version")
    answer = client.get("/metrics")
    assert answer.content_type.startswith("text/plain; version=")
    told = samples(answer.text)
    calls = {key[1:]: value for key, value in told.items() if key[0] == "baclofen_safety_calls_total"}
    assert calls == {
        ("judged", "assess-medication-safety"): 1,
        ("refused", "assess-medication-safety"): 1,
        ("done", "discover"): 1,
        ("refused", "baclofen-order-sign"): 1,
    }
    statuses = {key[1]: value for key, value in told.items() if key[0] == "baclofen_safety_verdicts_total"}
    assert sum(statuses.values()) == 1
    findings = {key[1:]: value for key, value in told.items() if key[0] == "baclofen_safety_findings_total"}
    assert ("told", "BAC-RENAL-04") in findings
    assert sum(findings.values()) == len(fired)
    took = {key[1]: value for key, value in told.items() if key[0] == "baclofen_safety_call_duration_seconds_count"}
    assert took == {"assess-medication-safety": 2, "discover": 1, "baclofen-order-sign": 1}
    assert told["baclofen_safety_call_duration_seconds_bucket", "discover"] == 1


def test_no_label_comes_from_outside(client: FlaskClient) -> None:
    secret = "mrs-secret"
    client.get(f"/{secret}", headers={"X-Request-ID": secret})
    client.post(f"/cds-services/{secret}", json={})
    client.post(f"{OPERATION}?subject=Patient/{secret}", data=DECLINE, content_type="application/fhir+json")
    text = client.get("/metrics").text
    assert secret not in text
    ids = {*load_services(), *(f"{name}-feedback" for name in load_services()), "discover", "assess-medication-safety"}
    assert {key[2] for key in samples(text) if key[0] == "baclofen_safety_calls_total"} <= ids


@pytest.mark.parametrize("path", ["/Patient", "/Patient/mrs-secret", "/MedicationRequest/mrs-secret"])
def test_every_address_of_the_operation_is_one_service(client: FlaskClient, path: str) -> None:
    client.post(OPERATION.replace("/$", f"{path}/$"), data="{", content_type="application/fhir+json")
    text = client.get("/metrics").text
    assert samples(text)["baclofen_safety_calls_total", "refused", "assess-medication-safety"] == 1
    assert "secret" not in text


def test_what_a_batch_asks_for_is_counted(client: FlaskClient) -> None:
    entry = {
        "request": {"method": "POST", "url": "$assess-medication-safety"},
        "resource": json.loads(DECLINE),
    }
    batch = {"resourceType": "Bundle", "type": "batch", "entry": [entry, entry]}
    answer = client.post("/fhir", data=json.dumps(batch), content_type="application/fhir+json")
    assert [one["response"]["status"] for one in answer.json["entry"]] == ["200 OK", "200 OK"]
    told = samples(client.get("/metrics").text)
    assert told["baclofen_safety_calls_total", "judged", "assess-medication-safety"] == 2
    assert told["baclofen_safety_findings_total", "told", "BAC-RENAL-04"] == 2


def test_open_metrics_are_given_to_who_asks(client: FlaskClient) -> None:
    answer = client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.mimetype == "application/openmetrics-text"
    assert answer.text.endswith("# EOF\n")


def test_it_is_described(client: FlaskClient) -> None:
    described = client.get("/openapi.json").json["paths"]["/metrics"]["get"]
    assert described["security"] == []
    assert [*described["responses"]["200"]["content"]] == ["text/plain"]
    assert "/metrics" in client.get("/docs").text


def test_two_applications_count_apart(assessor: Assessor, client: FlaskClient) -> None:
    client.get("/cds-services")
    other = create_app(replace(assessor, settings=Settings(cds_auth="off")), lambda: AS_OF).test_client()
    assert "discover" not in other.get("/metrics").text


def test_it_may_be_left_out(assessor: Assessor) -> None:
    off = create_app(replace(assessor, settings=Settings(metrics="off")), lambda: AS_OF).test_client()
    assert off.get("/metrics").status_code == 404
    assert "/metrics" not in off.get("/openapi.json").json["paths"]


def test_without_its_package_it_is_left_out_or_stops_the_start(
    assessor: Assessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joined, "find_spec", lambda name: None)
    settings = Settings(metrics="auto")
    auto = create_app(replace(assessor, settings=settings), lambda: AS_OF).test_client()
    assert auto.get("/metrics").status_code == 404
    with pytest.raises(BadSetting, match=r"^BACLOFEN_SAFETY_METRICS: .*baclofen-safety\[metrics\]"):
        create_app(replace(assessor, settings=replace(settings, metrics="on")), lambda: AS_OF)


def test_workers_get_a_folder_of_their_own_that_ends_with_the_service(tmp_path: Path) -> None:
    assert serving.counting_folder() != serving.counting_folder()
    assert serving.raw_env in ([], [f"PROMETHEUS_MULTIPROC_DIR={serving.COUNTS}"])
    serving.COUNTS.mkdir(exist_ok=True)
    (serving.COUNTS / "counter_1.db").write_bytes(b"x")
    serving.on_exit(None)
    assert not serving.COUNTS.exists()


def test_a_folder_nobody_can_make_stops_the_start(
    assessor: Assessor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(joined.COUNTED_IN, str(tmp_path / "nowhere" / "counts"))
    with pytest.raises(BadSetting, match=joined.COUNTED_IN):
        create_app(assessor, lambda: AS_OF)


@contextmanager
def served(counts: Path, workers: int) -> Iterator[int]:
    """A service with several workers; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(ROOT / "service"),
        "PORT": str(port),
        "WEB_CONCURRENCY": str(workers),
        "WEB_THREADS": "1",
        "BACLOFEN_SAFETY_CDS_AUTH": "off",
        "PROMETHEUS_MULTIPROC_DIR": str(counts),
    }
    command = [sys.executable, "-m", "gunicorn", "-c", "python:baclofen_safety.serving"]
    with subprocess.Popen(
        command, cwd=counts.parent, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as service:
        assert service.stderr is not None
        assert any("Listening at" in line for line in service.stderr)
        try:
            yield port
        finally:
            service.terminate()
            service.communicate(timeout=30)


def ask(port: int, path: str) -> Any:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Connection": "close"})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert answer.status == 200
    return text


def test_every_worker_tells_what_all_of_them_counted(tmp_path: Path) -> None:
    counts = tmp_path / "counts"
    with served(counts, 3) as port:
        asked = 0
        while len([*counts.glob("counter_*.db")]) < 2 or asked < 20:  # until two of them have answered
            json.loads(ask(port, "/cds-services"))
            asked += 1
            assert asked < 2000
        told = [samples(ask(port, "/metrics")) for _ in range(10)]
    assert {one["baclofen_safety_calls_total", "done", "discover"] for one in told} == {asked}
    assert {one["baclofen_safety_call_duration_seconds_count", "discover"] for one in told} == {asked}

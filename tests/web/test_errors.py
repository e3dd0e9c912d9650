"""Every error of ``errors.toml`` is what the service answers, and every error the code can raise is in it."""

from __future__ import annotations

import ast
import json
import os
import re
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config

from baclofen_safety.assessor import Assessor
from baclofen_safety.errors import BadInput, Unavailable
from baclofen_safety.errors_page import SAID_OF, errors_table
from baclofen_safety.fhir.resources import check_output
from baclofen_safety.serving import REFUSALS, SilentLogger, Worker
from baclofen_safety.web.errors import CODES
from outcomes import wrong_outcome
from web.error_scenes import RECORDS, SCENES

Json = dict[str, Any]
PACKAGE = Path(__file__).parents[2] / "service" / "baclofen_safety"
ROWS: list[Json] = tomllib.loads((Path(__file__).parent / "errors.toml").read_text())["error"]
ASKED = [row for row in ROWS if "path" in row]
SENT = [row for row in ROWS if "send" in row]
LATER = {409, 429, 503}
"""Statuses that come with Retry-After."""


def name_of(row: Json) -> str:
    return f"{row['door']} {row['status']} {row['raises']}: {row['when'][:40]}"


def outcome_in(told: Json, inside: str) -> tuple[int, Json]:
    """Status (0: that of HTTP) and OperationOutcome of an entry of a batch, or of a message."""
    if inside == "batch":
        response = told["entry"][0]["response"]
        return int(response["status"][:3]), response["outcome"]
    header, *others = (entry["resource"] for entry in told["entry"])
    assert header["response"]["code"] == inside
    return 0, next(one for one in others if one["resourceType"] == "OperationOutcome")


@pytest.mark.parametrize("row", ASKED, ids=name_of)
def test_what_is_provoked_is_answered_as_the_table_says(row: Json, assessor: Assessor, tmp_path: Path) -> None:
    body = json.dumps(RECORDS[row["record"]]) if "record" in row else row.get("body", "") * row.get("times", 1)
    kind = row.get("type", "application/json" if row["door"] == "cds" else "application/fhir+json")
    with SCENES[row.get("scene", "")](assessor, tmp_path) as client:
        sent = {"data": body, "content_type": kind if body else None, "headers": row.get("headers", {})}
        answer = client.open(row["path"], method=row.get("method", "POST"), **sent)
    assert answer.mimetype == "application/fhir+json", answer.text
    inside = row.get("inside", "")
    status, outcome = outcome_in(answer.json, inside) if inside else (0, answer.json)
    assert (status or answer.status_code, outcome["issue"][0]["code"]) == (row["status"], row["code"]), answer.text
    assert outcome["issue"][0]["expression"] == row["expression"]
    assert wrong_outcome(outcome) == ""
    assert check_output(outcome) == ()
    assert ("Retry-After" in answer.headers) == (answer.status_code in LATER or inside == "transient-error")
    assert "secret" not in answer.text.lower()
    assert ("Allow" in answer.headers) == (answer.status_code == 405)


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    """A real gunicorn with our settings, on a socket that is open already: its port."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("BACLOFEN_SAFETY_")}
    with socket.create_server(("127.0.0.1", 0)) as ours:
        command = [sys.executable, "-m", "gunicorn", "-c", "python:baclofen_safety.serving", "--workers", "1"]
        process = subprocess.Popen(  # our own interpreter and settings
            [*command, "--bind", f"fd://{ours.fileno()}"],
            env={**env, "WEB_PATIENCE": "1", "PYTHONPATH": str(PACKAGE.parent)},
            pass_fds=[ours.fileno()],
            stderr=subprocess.DEVNULL,
        )
        yield ours.getsockname()[1]
        process.terminate()
        process.wait(30)


def said_on_the_wire(raw: bytes, server: int) -> tuple[str, Json]:
    """Head and body of what a raw request is answered with."""
    with socket.create_connection(("127.0.0.1", server), timeout=60) as line:
        line.sendall(raw)
        line.shutdown(socket.SHUT_WR)
        told = b"".join(iter(lambda: line.recv(65_536), b""))
    head, _, body = told.decode().partition("\r\n\r\n")
    assert "Content-Type: application/fhir+json" in head
    return head, json.loads(body)


@pytest.mark.parametrize("row", SENT, ids=name_of)
def test_what_never_reaches_the_application_is_answered_as_the_table_says(row: Json, server: int) -> None:
    sent = re.sub(r"\{(\d+)\}", lambda found: "s" * int(found[1]), row["send"])
    head, outcome = said_on_the_wire(sent.encode(), server)
    assert head.startswith(f"HTTP/1.1 {row['status']} ")
    assert_said(row, outcome)


POST = "POST /fhir/$assess-medication-safety HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (f"{POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n{{}}\r\n0\r\n\r\n", 400),
        (f'{POST}Content-Length: 50\r\n\r\n{{"secret', 400),
        (f"{POST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}", 400),
        (f"{POST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n", 400),
        (f"{POST}Content-Length: secret\r\n\r\n{{}}", 400),
        ("GET /fhir/secret\0 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /secret HTTP/9.9\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n secret\r\n\r\n", 400),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\n" + "".join(f"X-{one}: secret\r\n" for one in range(150)) + "\r\n", 431),
        ("TRACE /fhir HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405),
        ("OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 404),
        ("GET /fhir/%ff%fe HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 404),
    ],
)
def test_whatever_is_sent_to_the_server_is_refused_in_fhir(sent: str, status: int, server: int) -> None:
    head, outcome = said_on_the_wire(sent.encode(), server)
    assert head.startswith(f"HTTP/1.1 {status} ")
    assert wrong_outcome(outcome) == ""
    assert "secret" not in json.dumps(outcome)


def test_lines_that_went_dead_hold_nobody_up(server: int) -> None:
    """More of them than there are threads, each in the middle of a body; one more in the middle of its headers."""
    cut = f'{POST}Connection: close\r\nContent-Length: 50\r\n\r\n{{"secret'
    chunk = f'{POST}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{{"secret\r\n'
    sent = [cut] * 5 + [chunk, POST]
    with ExitStack() as held:
        lines = [held.enter_context(socket.create_connection(("127.0.0.1", server), timeout=60)) for _ in sent]
        for line, text in zip(lines, sent, strict=True):
            line.sendall(text.encode())
        head, _ = said_on_the_wire(b"GET /fhir/nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", server)
        told = [b"".join(iter(partial(line.recv, 65_536), b"")).decode() for line in lines]
    assert head.startswith("HTTP/1.1 404 ")
    assert [one.partition("\r\n")[0] for one in told] == ["HTTP/1.1 408 REQUEST TIMEOUT"] * 6 + [""]
    assert "secret" not in "".join(told)


def test_a_fault_outside_of_the_application_is_answered_as_the_table_says() -> None:
    (row,) = (row for row in ROWS if row["door"] == "server" and "send" not in row)
    worker = Worker.__new__(Worker)
    worker.log = SilentLogger(Config())
    ours, theirs = socket.socketpair()
    with ours, theirs:
        worker.handle_error(SimpleNamespace(uri="/secret"), ours, ("10.0.0.1", 1), ValueError("secret"))
        assert_said(row, json.loads(theirs.recv(10_000).decode().partition("\r\n\r\n")[2]))


def assert_said(row: Json, outcome: Json) -> None:
    (issue,) = outcome["issue"]
    assert (issue["code"], issue["expression"]) == (row["code"], row["expression"])
    assert wrong_outcome(outcome) == ""


def kinds(of: type) -> Iterator[type]:
    yield of
    for one in of.__subclasses__():
        yield from kinds(one)


BAD = {one.__name__: one for one in kinds(BadInput) if one.__module__.startswith("baclofen_safety")}
DOWN = {one.__name__: one for one in kinds(Unavailable) if one.__module__.startswith("baclofen_safety")}


def made() -> Iterator[tuple[str, str, object]]:
    """(class, "status" or "code", value) of every error the package makes, as far as it is written in the code."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if not isinstance(node, ast.Call) or name not in BAD:
                continue
            said = {one.arg: one.value.value for one in node.keywords if isinstance(one.value, ast.Constant)}
            dynamic = {one.arg for one in node.keywords} - said.keys()
            for key in {"status", "code"} - dynamic:
                yield name, key, said.get(key, getattr(BAD[name], key))


def test_every_error_that_is_made_is_in_the_table() -> None:
    known = {(row["raises"], key, row[key]) for row in ROWS for key in ("status", "code")}
    inside = {(row["raises"], "status", BAD[row["raises"]].status) for row in ROWS if row.get("inside")}
    assert sorted(set(made()) - known - inside, key=str) == []


def test_every_class_of_errors_is_in_the_table() -> None:
    raised = {row["raises"] for row in ROWS}
    assert sorted(BAD.keys() - raised) == []
    assert sorted(DOWN.keys() - {"Unavailable"} - raised) == []
    assert {row["status"] for row in ROWS if row["raises"] in DOWN} == {503}


def test_every_status_of_the_web_framework_is_in_the_table() -> None:
    seen = {row["status"]: row["code"] for row in ROWS}
    assert CODES.items() <= seen.items() | {(400, "invalid"), (404, "not-found"), (405, "not-supported")}
    assert {row["status"] for row in ROWS if row["raises"] == "HTTPException"} <= CODES.keys()


def test_every_refusal_of_the_server_is_in_the_table() -> None:
    rows = {row["status"]: (row["code"], *row["expression"]) for row in ROWS if row["door"] == "server"}
    assert rows == {status: (code, place) for status, (code, place, _) in REFUSALS.items()}


def test_the_page_has_every_row() -> None:
    lines = [line for door in SAID_OF for line in errors_table(door)]
    assert [row["when"] for row in ROWS if not any(row["when"] in line for line in lines)] == []

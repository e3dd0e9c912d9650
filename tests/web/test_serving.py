"""What gunicorn refuses before the application sees it is answered in FHIR too, and never repeated."""

from __future__ import annotations

import json
import logging
import re
import socket
from types import SimpleNamespace

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import InvalidRequestLine, LimitRequestHeaders, LimitRequestLine

from baclofen_safety import serving
from baclofen_safety.app import started
from baclofen_safety.serving import SilentLogger, Worker, leave_a_thread, on_starting

SECRET = "GET /Patient?name=secret"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidRequestLine(SECRET), 400),
        (LimitRequestLine(5000, 4094), 414),
        (LimitRequestHeaders("secret"), 431),
        (ValueError("secret"), 500),
    ],
)
def test_refusals_are_outcomes(error: Exception, status: int, caplog: pytest.LogCaptureFixture) -> None:
    worker = Worker.__new__(Worker)
    worker.log = SilentLogger(Config())
    worker.log.error_log = logging.getLogger("refusals")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        worker.handle_error(SimpleNamespace(uri="/secret", method="GET"), ours, ("10.0.0.1", 1), error)
        head, _, body = theirs.recv(10_000).decode().partition("\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ")
    assert "application/fhir+json" in head
    assert f"Content-Length: {len(body)}" in head
    assert json.loads(body)["resourceType"] == "OperationOutcome"
    (named,) = re.findall(r"^X-Request-ID: (\S+)$", head.replace("\r", ""), re.MULTILINE)
    assert json.loads(body)["issue"][0]["diagnostics"].startswith(f"Request {named}: ")
    assert f"request {named} " in caplog.text
    assert "secret" not in (body + caplog.text).lower()


def test_debug_logs_name_no_path(caplog: pytest.LogCaptureFixture) -> None:
    logger = SilentLogger(Config())
    logger.error_log = logging.getLogger("refusals")
    with caplog.at_level(logging.DEBUG, "refusals"):
        logger.debug("%s %s", "GET", "/secret")
        logger.debug("Closing connection. ")
    assert caplog.messages == ["Closing connection. "]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TIME_ZONE", "Mars", "BACLOFEN_SAFETY_TIME_ZONE: a time zone such as Europe/Berlin expected"),
        ("STORE", "foo://x", "BACLOFEN_SAFETY_STORE: sqlite or postgresql expected"),
        ("POLICY", __file__, "test_serving.py: "),
        ("CDS_CLIENTS", __file__, "test_serving.py: a TOML file in UTF-8 expected"),
    ],
)
def test_a_bad_setting_ends_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    monkeypatch.setenv(f"BACLOFEN_SAFETY_{name}", value)
    with pytest.raises(SystemExit) as ended:
        started()
    line = str(ended.value)
    assert line.startswith("baclofen-safety: ")
    assert said in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("bind", "auth", "warned"),
    [
        ("0.0.0.0:8080", "off", True),
        ("10.1.2.3:8080", "off", True),
        ("[::]:8080", "off", True),
        ("127.0.0.1:8080", "off", False),
        ("localhost:8080", "off", False),
        ("[::1]:8080", "off", False),
        ("0.0.0.0:8080", "jwt", False),
        ("0.0.0.0:8080", "", False),
    ],
)
def test_an_open_door_on_an_address_others_reach_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, bind: str, auth: str, *, warned: bool
) -> None:
    monkeypatch.setattr(serving, "bind", bind)
    monkeypatch.setenv("BACLOFEN_SAFETY_CDS_AUTH", auth)
    logger = SilentLogger(Config())
    logger.error_log = logging.getLogger("starting")
    on_starting(SimpleNamespace(log=logger))
    assert ("BACLOFEN_SAFETY_CDS_AUTH=off" in caplog.text) is warned


def test_a_thread_is_left_to_say_that_it_is_too_many() -> None:
    for fine in ("", "3", "none"):  # what is no number is told by the settings
        leave_a_thread(fine, 4)
    with pytest.raises(SystemExit, match=r"CDS_AT_ONCE: a number below WEB_THREADS \(4\) expected, got 4"):
        leave_a_thread("4", 4)

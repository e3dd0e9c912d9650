"""What gunicorn refuses before the application sees it is answered in FHIR too, and never repeated."""

from __future__ import annotations

import json
import logging
import socket
from types import SimpleNamespace

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import InvalidRequestLine, LimitRequestHeaders, LimitRequestLine

from baclofen_safety.serving import SilentLogger, Worker

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
    assert "secret" not in (body + caplog.text).lower()


def test_debug_logs_name_no_path(caplog: pytest.LogCaptureFixture) -> None:
    logger = SilentLogger(Config())
    logger.error_log = logging.getLogger("refusals")
    with caplog.at_level(logging.DEBUG, "refusals"):
        logger.debug("%s %s", "GET", "/secret")
        logger.debug("Closing connection. ")
    assert caplog.messages == ["Closing connection. "]

"""gunicorn's settings, read once when the service starts (``gunicorn -c python:baclofen_safety.serving``).

``HOST``, ``PORT``: where to listen. ``WEB_CONCURRENCY``: worker processes. ``WEB_THREADS``: threads in each.
``WEB_PATIENCE``: seconds a sender may be quiet in the middle of a request, or not read what it is answered.
Request lines and headers can name patients, so nothing of a request is ever logged here.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import struct
import sys
import uuid
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from secrets import token_hex
from tempfile import gettempdir
from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from gunicorn.http.errors import (  # type: ignore[import-untyped]
    ConfigurationProblem,
    ExpectationFailed,
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.util import write_nonblock  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from .errors import ADDRESS
from .fhir.outcome import error_outcome

OPEN_DOOR, AT_ONCE = "BACLOFEN_SAFETY_CDS_AUTH", "BACLOFEN_SAFETY_CDS_AT_ONCE"


def whole_number(name: str, default: int) -> int:
    """The setting as a number of at least 1; ``SystemExit`` says which setting is wrong."""
    text = os.environ.get(name, "") or str(default)
    if not text.isdecimal() or int(text) < 1:
        raise SystemExit(f"{name}: expected a whole number of at least 1, got {text!r}")
    return int(text)


def leave_a_thread(most: str, of: int) -> None:
    """``SystemExit`` when as many calls may be in progress as there are threads: none is left to say it is too many."""
    if most.isdecimal() and int(most) >= of:
        raise SystemExit(f"{AT_ONCE}: a number below WEB_THREADS ({of}) expected, got {most}")


class SilentLogger(Logger):  # type: ignore[misc]
    """gunicorn's own log without what a client sent: no URL, no header, no text of an exception."""

    def exception(self, msg: object, *args: object, **kwargs: object) -> None:
        kind = sys.exc_info()[0]
        if kind is BlockingIOError:
            self.error_log.warning("request given up: the sender went quiet")
            return
        self.error_log.error("request failed in the server: %s", kind.__name__ if kind else "unknown")

    def debug(self, msg: object, *args: object, **kwargs: object) -> None:
        if str(msg) != "%s %s":  # method and path of every request
            self.error_log.debug(msg, *args)

    def warning(self, msg: object, *args: object, **kwargs: object) -> None:
        if str(msg).startswith("Invalid request"):
            self.error_log.warning("request refused: not HTTP we accept")
            return
        self.error_log.warning(msg, *args)


REFUSALS = {
    400: ("invalid", ADDRESS, "This is not an HTTP request the service accepts."),
    414: ("too-long", ADDRESS, "The address of the request is too long."),
    417: ("not-supported", "http.Expect", "Expect: nothing but 100-continue is offered."),
    431: ("too-long", "http.headers", "The headers of the request are too long, or too many."),
    500: ("exception", ADDRESS, "Unexpected error; nothing was judged."),
    501: ("not-supported", "http.Transfer-Encoding", "Transfer-Encoding: chunked was expected, or none."),
}
_STATUSES: dict[type[Exception], int] = {
    LimitRequestLine: 414,
    ExpectationFailed: 417,
    LimitRequestHeaders: 431,
    ConfigurationProblem: 500,
    InvalidResponseHeader: 500,
    InvalidResponseHeaderName: 500,
    UnsupportedTransferCoding: 501,
    ParseException: 400,
}
"""What gunicorn refuses, and what of it is no fault of the caller; the first that fits counts."""


class Worker(ThreadWorker):  # type: ignore[misc]
    """Answers in FHIR what never reaches the application. gunicorn's own page is HTML and repeats the request.

    A sender whose line went dead in the middle of a request would hold a thread for ever: reading and writing end.
    """

    def enqueue_req(self, conn: Any) -> None:
        with suppress(OSError):
            for way in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                conn.sock.setsockopt(socket.SOL_SOCKET, way, struct.pack("@ll", patience, 0))
        super().enqueue_req(conn)

    def handle_error(self, req: object, client: object, addr: object, exc: BaseException) -> None:
        status = next((held for kind, held in _STATUSES.items() if isinstance(exc, kind)), 500)
        request = str(uuid.uuid4())
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            self.log.error("request %s failed in the server: %s", request, type(exc).__name__)
        else:
            self.log.warning("request %s refused: not HTTP we accept", request)
        code, place, text = REFUSALS[status]
        body = json.dumps(error_outcome(code, text, [place], request)).encode()
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nConnection: close\r\n"
            "Content-Type: application/fhir+json; fhirVersion=4.0; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nX-Request-ID: {request}\r\n\r\n"
        )
        with suppress(OSError):
            write_nonblock(client, head.encode() + body)


def counting_folder() -> Path:
    """Where the workers of this service count together (``web/metrics.py``); a name nobody can guess, not made yet."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    return (memory if usable else Path(gettempdir())) / f"baclofen-safety-metrics-{token_hex(8)}"


COUNTS = counting_folder()


def on_starting(arbiter: Any) -> None:
    """A door that is open to this machine alone, on an address other machines reach, is seldom what was meant."""
    host = bind.rpartition(":")[0].strip("[]")
    off = os.environ.get(OPEN_DOOR, "").strip() == "off"
    if off and host not in ("localhost", "::1") and not host.startswith("127."):
        arbiter.log.warning(
            "%s=off while listening on %s: the CDS Hooks door answers this machine alone, and whatever passes "
            "its requests on without saying so",
            OPEN_DOOR,
            host,
        )


def on_exit(_: object) -> None:
    """The counts of a service end with it."""
    shutil.rmtree(COUNTS, ignore_errors=True)


def post_worker_init(worker: Worker) -> None:
    """Questions a former process did not answer are taken up, and old answers are forgotten."""
    worker.wsgi.extensions["jobs"].wake()


wsgi_app = "baclofen_safety.app:started()"
raw_env = [] if os.environ.get("PROMETHEUS_MULTIPROC_DIR") else [f"PROMETHEUS_MULTIPROC_DIR={COUNTS}"]
bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{whole_number('PORT', 8080)}"
worker_class = Worker
workers = whole_number("WEB_CONCURRENCY", 2)
threads = whole_number("WEB_THREADS", 4)
leave_a_thread(os.environ.get(AT_ONCE, "").strip(), threads)
preload_app = True  # the tables are read once and shared between the workers
patience = whole_number("WEB_PATIENCE", 10)
timeout = 30
graceful_timeout = 10
keepalive = 5
limit_request_line = 4094
limit_request_fields = 100
limit_request_field_size = 8190
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # a heartbeat must not wait for a disk
control_socket_disable = True  # its socket would need a writable home
accesslog = None
errorlog = "-"
logger_class = SilentLogger

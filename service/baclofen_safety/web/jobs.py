"""Questions that are answered later (``Prefer: respond-async``): kept as they came, sent through the application anew.

Each process has one thread for them, started when there is something to do. Whoever is killed loses its lease, and the
next process that looks takes the job over.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from secrets import token_urlsafe
from threading import Event, Lock, Thread

import structlog
from flask import Flask, Request, Response, g

from ..errors import BadInput
from ..store import Store
from ..store.kept import Kind, Slot, Work
from .errors import fhir_response, told_of
from .keeping import pack, with_head, without_head
from .preferring import waited_for

LEASE = timedelta(seconds=120)
"""How long a job may take before it counts as lost."""
MOST_TRIES = 3
"""A job that ended this many processes is not tried again."""
MOST_WAITING = 100
TIDY_SECONDS = 600
"""How often answers are looked through for those that were kept long enough."""
_HEADERS = ("Content-Type", "Accept")
_log = structlog.get_logger("baclofen_safety")


class NoJobs(BadInput):
    """There is no store that outlives this process."""

    status = 422
    code = "not-supported"


class TooManyJobs(BadInput):
    """As much is waiting as this service takes on."""

    status = 429
    code = "throttled"
    retry_after = 30


class Jobs:
    """The jobs of one service. Nothing is carried over a fork: each process starts its own thread."""

    def __init__(self, app: Flask, store: Store, clock: Callable[[], datetime], kept_for: timedelta) -> None:
        self._app = app
        self.answers = store.answers
        self.clock = clock
        self._in_memory = store.in_memory
        self._kept_for = kept_for
        self._lock = Lock()
        self._owner = 0
        self._thread: Thread | None = None
        self._wanted = Event()

    def take(self, request: Request) -> str:
        """Keep a request whose body was kept with it; the name of the job, which only its caller knows.

        Raises NoJobs, TooManyJobs and StoreError.
        """
        if self._in_memory:
            raise NoJobs(
                "respond-async needs a database (BACLOFEN_SAFETY_STORE is not set); ask without it.", ["http.Prefer"]
            )
        if self.answers.waiting(Kind.JOB) >= MOST_WAITING:
            raise TooManyJobs("As many questions are waiting as this service takes on.", ["http.Prefer"])
        job = token_urlsafe(24)
        self.answers.add(slot_of(job), _question(request), self.clock() + self._kept_for)
        self.wake()
        return job

    def wake(self) -> None:
        """Have what waits be done, and what is old be forgotten."""
        with self._lock:
            self._wanted.set()
            if self._owner == os.getpid() and self._thread is not None and self._thread.is_alive():
                return
            self._owner = os.getpid()
            self._thread = Thread(target=self._stay, name="jobs", daemon=True)
            self._thread.start()

    def _stay(self) -> None:
        while True:
            self._wanted.clear()
            try:
                while (work := self.answers.next(Kind.JOB, LEASE)) is not None:
                    self.answers.keep(work.claim, _answered(self._app, work), self.clock() + self._kept_for)
                self.answers.forget_old()
            except Exception as error:  # the thread outlives a broken store
                _log.error("unavailable", door="jobs", kind=type(error).__name__)
            self._wanted.wait(TIDY_SECONDS)


def slot_of(job: str) -> Slot:
    return Slot(Kind.JOB, job)


def _question(request: Request) -> bytes:
    """A request as it can be sent again: without credentials, and not to be answered later."""
    headers = {name: request.headers[name] for name in _HEADERS if name in request.headers}
    headers |= {"Prefer": waited_for(request.headers.get("Prefer", "")), "X-Request-ID": g.request_id}
    head = {"root": request.url_root, "path": request.path, "query": request.query_string.decode("latin-1")}
    return with_head({**head, "headers": headers}, request.get_data())


def _answered(app: Flask, work: Work) -> bytes:
    """What the door answers, as of the moment the question came."""
    head, body = without_head(work.question)
    sent = {"base_url": head["root"], "query_string": head["query"], "headers": head["headers"], "data": body}
    with app.test_request_context(head["path"], method="POST", **sent):
        g.asked_at = work.since
        response = app.full_dispatch_request() if work.tries <= MOST_TRIES else _given_up()
        return pack(response, request=f"{head['path']}?{head['query']}".rstrip("?"))


def _given_up() -> Response:
    text = f"Given up: the service ended {MOST_TRIES} times while it judged this; nothing was judged."
    return fhir_response(told_of(BadInput(text, status=500, code="exception")), 500)

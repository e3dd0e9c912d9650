"""Requests over HTTP, the service and an echo in turn, each under gunicorn with the service's settings."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from .patients import AS_OF, order_sign, patient

SIZES = (10, 100)
CDS_SIZES = (100, 1000)
CONNECTIONS = 4
CDS_CONNECTIONS = (1, 8)
SECONDS = 2.0
ROUNDS = 5
READY_WITHIN_S = 30
LOCAL = {"BACLOFEN_SAFETY_CDS_AUTH": "off", "BACLOFEN_SAFETY_CDS_BUDGET_MS": "1"}
"""Callers of this machine need no token; nothing is fetched, as prefetch is complete."""
APPS = {"service": "baclofen_safety.app:create_app()", "echo": "bench.echo:create_app()"}


@dataclass(frozen=True, slots=True)
class Call:
    """One request, sent again and again."""

    path: str
    body: bytes
    media: str = "application/json"


def assessment(resources: int) -> Call:
    """The FHIR door's operation."""
    path = f"/fhir/$assess-medication-safety?asOf={AS_OF:%Y-%m-%dT%H:%M:%SZ}"
    return Call(path, patient(resources), "application/fhir+json")


def signing(resources: int) -> Call:
    """The CDS Hooks door's order-sign, with so many resources in prefetch."""
    return Call("/cds-services/baclofen-order-sign", order_sign(resources))


@contextmanager
def running(app: str) -> Iterator[int]:
    """gunicorn with an application, on a free port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "-c", "python:baclofen_safety.serving", "--log-level", "error", app]
    with subprocess.Popen(command, env={**os.environ, **LOCAL, "PORT": str(port)}) as server:
        try:
            _wait(port)
            yield port
        finally:
            server.terminate()


def _wait(port: int) -> None:
    end = time.monotonic() + READY_WITHIN_S
    while True:
        try:
            _ask(http.client.HTTPConnection("127.0.0.1", port, timeout=5), assessment(10))
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def _ask(connection: http.client.HTTPConnection, call: Call) -> None:
    connection.request("POST", call.path, call.body, {"Content-Type": call.media})
    answer = connection.getresponse()
    answer.read()
    if answer.status != http.client.OK:
        raise SystemExit(f"bench: the server answered {answer.status}")


def waits(port: int, call: Call, clients: int) -> list[float]:
    """Seconds each request took, of a few clients on connections kept open, for ``SECONDS``."""

    def client(_: int) -> list[float]:
        connection, taken = http.client.HTTPConnection("127.0.0.1", port), []
        while (start := time.monotonic()) < end:
            _ask(connection, call)
            taken.append(time.monotonic() - start)
        connection.close()
        return taken

    end = time.monotonic() + SECONDS
    with ThreadPoolExecutor(clients) as pool:
        return [one for taken in pool.map(client, range(clients)) for one in taken]


def rounds(call: Call, clients: int = CONNECTIONS) -> Iterator[tuple[list[float], list[float]]]:
    """(service, echo), round by round: the seconds of every request."""
    with running(APPS["service"]) as service, running(APPS["echo"]) as echo:
        for port in (service, echo):
            waits(port, call, clients)  # warm
        for _ in range(ROUNDS):
            yield waits(service, call, clients), waits(echo, call, clients)

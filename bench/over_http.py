"""Requests a second over HTTP, the service and an echo in turn, each under gunicorn with the service's settings."""

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

from .patients import AS_OF, patient

SIZES = (10, 100)
CONNECTIONS = 4
SECONDS = 2.0
ROUNDS = 5
PATH = f"/fhir/$assess-medication-safety?asOf={AS_OF:%Y-%m-%dT%H:%M:%SZ}"
READY_WITHIN_S = 30
APPS = {"service": "baclofen_safety.app:create_app()", "echo": "bench.echo:create_app()"}


@contextmanager
def running(app: str) -> Iterator[int]:
    """gunicorn with an application, on a free port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "-c", "python:baclofen_safety.serving", "--log-level", "error", app]
    with subprocess.Popen(command, env={**os.environ, "PORT": str(port)}) as server:
        try:
            _wait(port)
            yield port
        finally:
            server.terminate()


def _wait(port: int) -> None:
    end = time.monotonic() + READY_WITHIN_S
    while True:
        try:
            _ask(http.client.HTTPConnection("127.0.0.1", port, timeout=5), patient(10))
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def _ask(connection: http.client.HTTPConnection, body: bytes) -> None:
    connection.request("POST", PATH, body, {"Content-Type": "application/fhir+json"})
    answer = connection.getresponse()
    answer.read()
    if answer.status != http.client.OK:
        raise SystemExit(f"bench: the server answered {answer.status}")


def per_second(port: int, body: bytes) -> float:
    """Requests answered a second on a few connections kept open."""

    def client(_: int) -> int:
        connection, answered = http.client.HTTPConnection("127.0.0.1", port), 0
        while time.monotonic() < end:
            _ask(connection, body)
            answered += 1
        connection.close()
        return answered

    end = time.monotonic() + SECONDS
    with ThreadPoolExecutor(CONNECTIONS) as clients:
        return sum(clients.map(client, range(CONNECTIONS))) / SECONDS


def rates(body: bytes) -> Iterator[tuple[float, float]]:
    """(service, echo), round by round."""
    with running(APPS["service"]) as service, running(APPS["echo"]) as echo:
        for _ in range(ROUNDS):
            yield per_second(service, body), per_second(echo, body)

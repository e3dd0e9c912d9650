"""The first minute: start the service, send it one example patient, show what it found, stay up until Ctrl-C.

``python -m baclofen_safety.demo EXAMPLE.json`` does all of it; ``--url`` asks a service already running.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from rich.console import Console
from rich.table import Table
from rich.text import Text

READY_WITHIN_S = 30
STOP_WITHIN_S = 15
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
COLOURS = {"high": "bold red", "moderate": "yellow", "low": "cyan"}
OPEN_DOOR = "BACLOFEN_SAFETY_CDS_AUTH"
"""Off in the first minute, unless said otherwise: CDS Hooks can be tried from this machine, without a token."""
ONE_WORKER = "WEB_CONCURRENCY"
"""One process, unless said otherwise: feedback is kept in its memory, and another would count its own."""
USAGE = "usage: python -m baclofen_safety.demo [--url http://HOST:PORT] EXAMPLE.json"


class DemoError(Exception):
    """Something the reader must mend first; the message says what."""


def main(arguments: Sequence[str]) -> int:
    """0 after a clean stop, 1 when something was in the way (told on standard error), 2 for wrong usage."""
    out = Console()
    match list(arguments):
        case ["--url", url, example]:
            running = None
        case [example] if example and not example.startswith("-"):
            running = f"http://127.0.0.1:{os.environ.get('PORT') or '8080'}"
            url = running
        case _:
            Console(stderr=True).print(USAGE, markup=False)
            return 2
    try:
        if running is None:
            show(out, url, Path(example))
        else:
            serve_and_show(out, url, Path(example))
    except DemoError as failure:
        Console(stderr=True).print(f"demo: {failure}", style="red", markup=False)
        return 1
    return 0


def serve_and_show(out: Console, url: str, example: Path) -> None:
    """Start gunicorn on the port of ``url``, show the example, stop gunicorn at Ctrl-C, SIGTERM or SIGHUP."""
    port = url.rpartition(":")[2]
    if not port.isdecimal():
        raise DemoError(f"PORT must be a number, not {port!r}")
    refuse_taken_port(int(port))
    for end in ENDS:
        signal.signal(end, interrupt)
    with suppress(KeyboardInterrupt), gunicorn(port) as server:
        wait_until_ready(server, url)
        show(out, url, example)
        out.print("\nThe service is running. Stop it with Ctrl-C.", style="bold")
        if server.wait() != 0:
            raise DemoError("the service has ended by itself; its last lines are above")


def interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise DemoError(f"cannot listen on port {port} ({error}); choose another: make run PORT=8090") from None


def surroundings(port: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of the service: on this machine only."""
    return {OPEN_DOOR: "off", ONE_WORKER: "1", **environment, "HOST": "127.0.0.1", "PORT": port}


@contextmanager
def gunicorn(port: str) -> Iterator[subprocess.Popen[bytes]]:
    """The service as a child process that never outlives this block."""
    command = [sys.executable, "-m", "gunicorn", "-c", "python:baclofen_safety.serving"]
    command += ["--log-level", "warning"]
    server = subprocess.Popen(command, env=surroundings(port, os.environ), process_group=0)  # Ctrl-C is for us
    try:
        yield server
    finally:
        for end in ENDS:
            signal.signal(end, signal.SIG_IGN)
        server.terminate()
        try:
            server.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_until_ready(server: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise DemoError(f"the service ended while starting (exit {server.returncode})")
        with suppress(OSError, HTTPException), urlopen(f"{url}/health/ready", timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise DemoError(f"the service did not get ready within {READY_WITHIN_S} seconds ({url}/health/ready)")


def show(out: Console, url: str, example: Path) -> None:
    """Send the example, print its findings, and say where to go on."""
    address = f"{url}/fhir/$assess-medication-safety"
    entries = [entry["resource"] for entry in ask(address, example).get("entry", [])]
    issues = [resource for resource in entries if resource["resourceType"] == "DetectedIssue"]
    guidance: dict[str, Any] = next((one for one in entries if one["resourceType"] == "GuidanceResponse"), {})
    out.print(f"\nPatient: {example.name}", style="bold", markup=False)
    out.print(findings_table(issues))
    out.print(f"Answer: {guidance.get('status', 'unknown')}; findings: {len(issues)}", markup=False)
    if issues:
        out.print(f"\nThe first of them in full:\n{issues[0].get('detail', '')}", markup=False, highlight=False)
    out.print(f"\nAsk it yourself:\n  curl -s '{address}' \\", markup=False, soft_wrap=True)
    out.print("    -H 'Content-Type: application/fhir+json' \\", markup=False, soft_wrap=True)
    out.print(f"    --data-binary '@{example}'", markup=False, soft_wrap=True)
    out.print("Look around:")
    for path in ("/", "/fhir/metadata", "/cds-services", "/docs", "/version"):
        out.print(f"  {url}{path}", markup=False, soft_wrap=True)


def ask(address: str, example: Path) -> dict[str, Any]:
    """The answer Bundle for an example file. Whatever is in the way is a ``DemoError``."""
    try:
        body = example.read_bytes()
    except OSError as error:
        raise DemoError(f"cannot read {example}: {error.strerror}") from None
    try:
        with urlopen(Request(address, body, {"Content-Type": "application/fhir+json"}), timeout=30) as answer:
            bundle: dict[str, Any] = json.load(answer)
            return bundle
    except HTTPError as error:
        raise DemoError(f"{address} answered {error.code}: {error.read(2000).decode(errors='replace')}") from None
    except (URLError, OSError, HTTPException, ValueError) as error:
        raise DemoError(f"no usable answer from {address}: {error}") from None


def findings_table(issues: Sequence[dict[str, Any]]) -> Table:
    table = Table("Severity", "Rule", "What", show_lines=True)
    for issue in issues:
        severity = Text(issue.get("severity", ""), COLOURS.get(issue.get("severity", ""), ""))
        table.add_row(severity, Text(rule_of(issue)), Text(issue.get("code", {}).get("text", "")))
    return table


def rule_of(issue: dict[str, Any]) -> str:
    codings = issue.get("code", {}).get("coding", [])
    return next((str(one["code"]) for one in codings if one.get("code", "").startswith("BAC-")), "")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

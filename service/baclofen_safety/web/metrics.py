"""``GET /metrics``: what a monitoring system counts. Ids of services and rules are its only labels.

Several workers count into files of one folder (``PROMETHEUS_MULTIPROC_DIR``, named by ``serving.py``), and each answers
with the sum of all; without that folder a process counts for itself. This module needs the extra ``metrics``.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request
from flask_smorest import Blueprint
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

from ..core.verdict import Verdict

TEXT = "text/plain"
OPERATION = "assess-medication-safety"
_SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Upper ends of the classes of the histogram; CDS Hooks wants an answer within 0.5."""


class Meter:
    """Counts of one application. ``folder`` is where its processes count together; it is made when it is missing."""

    __slots__ = ("_calls", "_findings", "_folder", "_own", "_seconds", "_verdicts")

    def __init__(self, folder: Path | None) -> None:
        if folder is not None:
            folder.mkdir(mode=0o700, exist_ok=True)
        self._folder = folder
        self._own = CollectorRegistry()
        self._calls = Counter(
            "baclofen_safety_calls", "Calls, by service and outcome.", ("service", "outcome"), registry=self._own
        )
        self._seconds = Histogram(
            "baclofen_safety_call_duration_seconds",
            "How long calls took.",
            ("service",),
            buckets=_SECONDS,
            registry=self._own,
        )
        self._verdicts = Counter("baclofen_safety_verdicts", "Verdicts, by status.", ("status",), registry=self._own)
        self._findings = Counter(
            "baclofen_safety_findings",
            "Findings of all verdicts, by rule; silent ones are those a site's policy keeps back.",
            ("rule", "mode"),
            registry=self._own,
        )

    def called(self, service: str, outcome: str, seconds: float) -> None:
        self._calls.labels(service, outcome).inc()
        self._seconds.labels(service).observe(seconds)

    def judged(self, verdict: Verdict) -> None:
        self._verdicts.labels(verdict.status).inc()
        for mode, issues in (("told", verdict.issues), ("silent", verdict.silent)):
            for issue in issues:
                self._findings.labels(issue.sheet.id, mode).inc()

    def text(self, accept: str) -> tuple[bytes, str]:
        """Every count, of all processes, in the format the caller prefers; and the media type of it."""
        registry = self._own
        if self._folder is not None:
            registry = CollectorRegistry()
            gather: Any = MultiProcessCollector  # its package gives it no types
            gather(registry, str(self._folder))
        encode, media = choose_encoder(accept)
        text: bytes = encode(registry)
        return text, media


def metrics_door(app: Flask, meter: Meter) -> Any:
    """The route, and what counts every call of the application. To be registered with the API of ``openapi``."""
    door = Blueprint("metrics", __name__, description="Monitoring")

    @app.before_request
    def start() -> None:
        g.metrics_started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        outcome = _outcome(response.status_code)
        if outcome is not None:
            service = OPERATION if _is_operation() else (request.endpoint or "").partition(".")[2]
            meter.called(service, outcome, time.perf_counter() - g.metrics_started)
        verdict = g.get("verdict")
        if verdict is not None:
            meter.judged(verdict)
        return response

    def metrics() -> Response:
        text, media = meter.text(request.headers.get("Accept", ""))
        return Response(text, content_type=media)

    words = "Counts of calls, verdicts and findings and how long calls took, for Prometheus. No patient data."
    view = door.response(200, {"type": "string"}, content_type=TEXT, description="Prometheus or OpenMetrics.")(metrics)
    view = door.doc(summary=words, operationId="metrics", security=[])(view)
    door.add_url_rule("/metrics", "metrics", view, methods=["GET"])
    return door


def _outcome(status: int) -> str | None:
    """The word of the log for a call of the CDS Hooks door; ``accepted`` (to be judged later),
    ``judged``, ``refused`` or ``failed`` for the operation."""
    if _is_operation() and request.method == "POST":
        return "accepted" if status == 202 else "judged" if status < 400 else "refused" if status < 500 else "failed"
    told: str | None = g.get("cds_outcome")
    return told


def _is_operation() -> bool:
    """Whichever address of the operation was called: at the base, at a type, at a resource, in a batch."""
    return request.url_rule is not None and request.url_rule.rule.endswith(f"/${OPERATION}")

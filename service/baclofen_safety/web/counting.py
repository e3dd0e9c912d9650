"""One line per answer for whoever counts alerts, silent ones above all: ids of rules, nothing of the patient."""

from __future__ import annotations

import structlog
from flask import g

from ..core.verdict import Verdict
from ..fhir.input_values import Mode

_log = structlog.get_logger("baclofen_safety")


def count(verdict: Verdict, mode: Mode = "prospective") -> None:
    """Log what one answer says and what silent rules would have said; ``metrics`` counts it too, if it is of today and
    of somebody."""
    if mode == "prospective":
        g.verdict = verdict
    _log.info(
        "assessed",
        request_id=g.get("request_id"),
        mode=mode,
        status=verdict.status,
        fired=[issue.sheet.id for issue in verdict.issues],
        silent=[issue.sheet.id for issue in verdict.silent],
    )

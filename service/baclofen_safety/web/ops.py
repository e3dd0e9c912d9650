"""Operations: alive, ready, which version."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Blueprint, Response, g, jsonify

from .. import __version__
from ..assessor import Assessor
from ..core.policy import SitePolicy
from ..errors import BadInput
from ..fhir.versions import WRITTEN, FhirVersion
from ..store import Store, StoreError
from .errors import fhir_response, told_of

_log = structlog.get_logger("baclofen_safety")


def _policy(policy: SitePolicy | None) -> dict[str, Any] | None:
    """What the site laid over the knowledge; null without a policy."""
    if policy is None:
        return None
    return {
        "site": policy.site,
        "source": policy.source,
        "effective": policy.effective.isoformat(),
        "version": policy.version,
        "silent": {rule: policy.reasons[rule] for rule in policy.rules("silent")},
        "off": {rule: policy.reasons[rule] for rule in policy.rules("off")},
        "changes": {rule: list(notes) for rule, notes in policy.notes.items()},
    }


def ops_door(assessor: Assessor, store: Store) -> Blueprint:
    """Routes an orchestrator and an operator ask. No patient data passes here."""
    door = Blueprint("ops", __name__)

    @door.get("/")
    def welcome() -> Response:
        return jsonify(
            service="baclofen-safety",
            operation="/fhir/$assess-medication-safety",
            metadata="/fhir/metadata",
            health=["/health/live", "/health/ready"],
            version="/version",
            rules="/rules",
        )

    @door.get("/health/live")
    def live() -> Response:
        return jsonify(status="alive")

    @door.get("/health/ready")
    def ready() -> Response:
        """Knowledge is there since the start; the store may break at any time."""
        try:
            store.check()
        except StoreError as error:
            _log.error("unavailable", why=str(error), request_id=g.get("request_id"), door="ops.ready")
            response = fhir_response(told_of(BadInput(f"Not ready. {error}", status=503, code="transient")), 503)
            response.headers["Retry-After"] = str(error.retry_after)
            return response
        return jsonify(status="ready", rules=len(assessor.book.sheets), concepts=len(assessor.profiles.value_sets()))

    @door.get("/version")
    def version() -> Response:
        return jsonify(
            service=__version__,
            knowledge=assessor.book.version,
            rules=list(assessor.book.sheets),
            languages=list(assessor.book.voices),
            policy=_policy(assessor.book.policy),
            fhir=list(WRITTEN),
            fhir_read=list(FhirVersion),
        )

    return door

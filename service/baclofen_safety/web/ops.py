"""Operations: alive, ready, which version."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from .. import __version__
from ..assessor import Assessor


def ops_door(assessor: Assessor) -> Blueprint:
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
        )

    @door.get("/health/live")
    def live() -> Response:
        return jsonify(status="alive")

    @door.get("/health/ready")
    def ready() -> Response:
        return jsonify(status="ready", rules=len(assessor.book.sheets), concepts=len(assessor.profiles.value_sets()))

    @door.get("/version")
    def version() -> Response:
        return jsonify(
            service=__version__,
            knowledge=assessor.book.version,
            rules=list(assessor.book.sheets),
            fhir=["4.0", "4.3"],
        )

    return door

"""What is published: the capability statement and every artifact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from ..assessor import Assessor
from ..fhir.capability import capability
from .errors import fhir_response
from .fhir_operation import TYPES
from .media import answer_version


def offer_artifacts(door: Blueprint, assessor: Assessor) -> None:
    """The routes for what can be read; each type that is published has its own."""
    artifacts = assessor.artifacts
    kinds = sorted({kind for kind, _ in artifacts})
    statement = capability(kinds, TYPES, assessor.book.version)

    @door.get("/metadata")
    def metadata() -> Response:
        return fhir_response(statement, version=answer_version(request))

    @door.get(f"/<any({', '.join(kinds)}):kind>/<name>")
    def artifact(kind: str, name: str) -> Response:
        version = answer_version(request)
        found: Mapping[str, Any] | None = artifacts.get((kind, name))
        if found is None:
            raise NotFound
        return fhir_response(dict(found), version=version)

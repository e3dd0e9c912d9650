"""The FHIR door: the operation, the capability statement and the published artifacts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from ..assessor import Assessor
from ..errors import BadParameter
from ..fhir.capability import capability
from ..fhir.decoding import decode
from ..fhir.operations import unpack
from .counting import count
from .errors import fhir_response
from .media import answer_version, body_of, check_body

Clock = Callable[[], datetime]
PARAMETERS = ("subject", "asOf", "language", "trace")


def fhir_door(assessor: Assessor, clock: Clock) -> Blueprint:
    """Routes under ``/fhir``. ``clock`` gives the aware time of a request that names none."""
    door = Blueprint("fhir", __name__, url_prefix="/fhir")
    settings = assessor.settings
    artifacts = assessor.artifacts
    statement = capability((kind for kind, _ in artifacts), assessor.book.version)

    @door.post("/$assess-medication-safety")
    def assess_medication_safety() -> Response:
        version = answer_version(request)
        check_body(request)
        document = decode(body_of(request), max_bytes=settings.max_bytes)
        ask = unpack(document, _query(request.args), max_entries=settings.max_entries)
        answer = assessor.answer(ask, clock())
        count(answer.verdict)
        return fhir_response(answer.bundle, version=version)

    @door.get("/metadata")
    def metadata() -> Response:
        return fhir_response(statement, version=answer_version(request))

    @door.get("/<kind>/<name>")
    def artifact(kind: str, name: str) -> Response:
        version = answer_version(request)
        found: Mapping[str, Any] | None = artifacts.get((kind, name))
        if found is None:
            raise NotFound
        return fhir_response(dict(found), version=version)

    return door


def _query(args: MultiDict[str, str]) -> dict[str, str]:
    unknown = set(args) - {*PARAMETERS, "_format", "_pretty"}
    if unknown:
        raise BadParameter(f"Query parameters expected: {', '.join(PARAMETERS)}.", ["url"])
    given = {name: set(args.getlist(name)) for name in PARAMETERS if name in args}
    for name, values in given.items():
        if len(values) > 1:
            raise BadParameter(f"Query parameter {name} stands twice.", ["url"])
    return {name: args[name] for name in given}

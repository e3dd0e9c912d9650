"""Every error of every path is an OperationOutcome: engines parse it, and it never carries patient data."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
import structlog
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from ..errors import ADDRESS, BODY, BadInput, NotAcceptable, Unauthorized, Unavailable
from ..fhir.answering_r5 import in_version
from ..fhir.outcome import error_outcome
from ..fhir.versions import FhirVersion
from .media import answer_version

FHIR_JSON = "application/fhir+json"
CODES = {
    400: "invalid",
    404: "not-found",
    405: "not-supported",
    413: "too-long",
    429: "throttled",
    503: "transient",
}
_PLACES = {400: BODY, 405: "http.method", 413: BODY}
_log = structlog.get_logger("baclofen_safety")


def fhir_response(
    resource: Any, status: int = 200, *, version: FhirVersion | None = None, media: str = FHIR_JSON
) -> Response:
    """A resource as we write it, in R4, as FHIR JSON of a version; of the one that is asked for, if that can be."""
    version = version or _asked_for()
    return fhir_json(in_version(resource, version), status, version, media)


def _asked_for() -> FhirVersion:
    """The version an error is to be told in: R4 to who accepts nothing that is written."""
    try:
        return answer_version(request)
    except NotAcceptable:
        return FhirVersion.R4


def fhir_json(resource: Any, status: int, version: FhirVersion, media: str = FHIR_JSON) -> Response:
    """A resource that is in its version already; ``_pretty=true`` in the address has it indented."""
    pretty = orjson.OPT_INDENT_2 if request.args.get("_pretty") == "true" else None
    body = orjson.dumps(resource, option=pretty)
    return Response(body, status, content_type=f"{media}; fhirVersion={version}; charset=utf-8")


def told_of(error: BadInput) -> dict[str, Any]:
    """What is said of an error: one shape, whatever the door."""
    return error_outcome(error.code, error.text, error.expression, g.get("request_id", ""))


def answer_errors(app: Flask) -> None:
    """Register the handlers, and give every request an id that goes into answers and logs."""

    @app.before_request
    def name_request() -> None:
        asked = request.headers.get("X-Request-ID", "")
        fine = asked.isascii() and asked.replace("-", "").isalnum() and len(asked) <= 64
        g.request_id = asked if fine else str(uuid.uuid4())

    @app.after_request
    def stamp(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.get("request_id", "")
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    @app.errorhandler(BadInput)
    def bad_input(error: BadInput) -> Response:
        response = fhir_response(told_of(error), error.status)
        if error.retry_after is not None:
            response.headers["Retry-After"] = str(error.retry_after)
        return response

    @app.errorhandler(Unauthorized)
    def unauthorised(error: Unauthorized) -> Response:
        names = {"request_id": g.get("request_id"), "door": request.endpoint, "client": error.client}
        _log.warning("unauthorised", reason=error.reason, **names)
        response = bad_input(error)
        response.headers["WWW-Authenticate"] = "Bearer"
        return response

    @app.errorhandler(Unavailable)
    def unavailable(error: Unavailable) -> Response:
        names = {"request_id": g.get("request_id"), "door": request.endpoint, "kind": type(error).__name__}
        _log.error("unavailable", why=str(error), **names)
        return http_error(ServiceUnavailable(retry_after=error.retry_after))

    app.register_error_handler(HTTPException, http_error)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        _log.error("unexpected", request_id=g.get("request_id"), kind=type(error).__name__, door=request.endpoint)
        return bad_input(BadInput("Unexpected error; nothing was judged.", status=500, code="exception"))


def http_error(error: HTTPException) -> Response:
    """What the web server's own errors look like."""
    status = error.code or 500
    told = BadInput(_words(status, error), [_PLACES.get(status, ADDRESS)], code=CODES.get(status, "processing"))
    response = fhir_response(told_of(told), status)
    allowed = getattr(error, "valid_methods", None)
    if status == 405 and allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    if (seconds := getattr(error, "retry_after", None)) is not None:
        response.headers["Retry-After"] = str(seconds)
    return response


def _words(status: int, error: HTTPException) -> str:
    match status:
        case 404 if request.path.startswith("/cds-services"):
            return "There is no such service. GET /cds-services lists those on offer."
        case 404:
            return "There is nothing at this address. GET /fhir/metadata lists what this service offers."
        case 405:
            return "This method is not offered at this address."
        case 413:
            return "The body is larger than this service reads."
        case 503:
            return "The service cannot answer for now; the same request may be sent again."
        case _:
            return f"{error.name}."

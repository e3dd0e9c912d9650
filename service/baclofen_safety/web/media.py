"""Content negotiation: FHIR JSON in UTF-8, R4 by default, and a clear no to everything else."""

from __future__ import annotations

from flask import Request
from werkzeug.exceptions import HTTPException

from ..errors import BadInput, BadSyntax, UnsupportedMediaType

JSON_TYPES = ("application/fhir+json", "application/json", "text/json", "application/json+fhir")
VERSIONS = {"4.0": "4.0", "4.0.1": "4.0", "4.3": "4.3", "4.3.0": "4.3"}
_ANY = ("*/*", "application/*", "text/*")


class NotAcceptable(BadInput):
    """The caller accepts nothing we write."""

    status = 406
    code = "not-supported"


def check_body(request: Request) -> None:
    """Raises UnsupportedMediaType unless the body is declared as uncompressed UTF-8 JSON of a version we read."""
    if request.mimetype not in JSON_TYPES:
        raise UnsupportedMediaType("Content-Type: application/fhir+json or application/json was expected.")
    charset = request.mimetype_params.get("charset", "utf-8").lower().replace("_", "-")
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedMediaType("Content-Type: charset utf-8 was expected.")
    _version(request.mimetype_params.get("fhirversion") or request.mimetype_params.get("fhirVersion"), 415)
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding not in ("", "identity"):
        raise UnsupportedMediaType("Content-Encoding: identity (no compression) was expected.")


def body_of(request: Request) -> bytes:
    """The bytes sent. What the server raises for a body that breaks off or is wrongly chunked is the sender's error."""
    try:
        return request.get_data(cache=False)
    except HTTPException:
        raise
    except Exception:
        raise BadSyntax("The body broke off, or is not chunked as its header says.") from None


def answer_version(request: Request) -> str:
    """The FHIR version to answer in. Raises NotAcceptable when no JSON of a version we write is accepted."""
    asked = request.args.get("_format")
    if asked is not None:
        if asked.split(";")[0].strip().replace(" ", "+") in (*JSON_TYPES, "json"):
            return "4.0"
        raise NotAcceptable("_format: json was expected; XML and others are not written.")
    header = request.headers.get("Accept", "").strip() or "*/*"
    refusal: NotAcceptable | None = None
    for part in header.split(","):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        if media.lower() in (*JSON_TYPES, *_ANY) and not _refused(parameters):
            named = [p.split("=", 1)[1].strip('" ') for p in parameters if p.lower().startswith("fhirversion=")]
            try:
                return _version(named[0] if named else None, 406)
            except NotAcceptable as other_version:
                refusal = other_version
    raise refusal or NotAcceptable("Accept: application/fhir+json was expected; XML and others are not written.")


def _refused(parameters: list[str]) -> bool:
    return any(p.replace(" ", "") in ("q=0", "q=0.0", "q=0.00", "q=0.000") for p in parameters)


def _version(named: str | None, status: int) -> str:
    if not named:
        return "4.0"
    known = VERSIONS.get(named.strip('"'))
    if known is None:
        kind = UnsupportedMediaType if status == 415 else NotAcceptable
        raise kind("fhirVersion: 4.0 or 4.3 was expected.")
    return known

"""Content negotiation: FHIR JSON in UTF-8, R4 by default, and a clear no to everything else."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from flask import Request
from werkzeug.exceptions import HTTPException

from ..errors import BadSyntax, NotAcceptable, TooSlow, UnsupportedMediaType
from ..fhir.versions import WRITTEN, FhirVersion, version_named

JSON_TYPES = ("application/fhir+json", "application/json", "text/json", "application/json+fhir")
ANY = ("*/*", "application/*", "text/*")
_FORMAT = "http._format"
_SHORT = {"json": "application/fhir+json", "ndjson": "application/fhir+ndjson"}
_WEIGHT = re.compile(r"[01](\.[0-9]{0,3})?", re.ASCII)


def check_body(request: Request) -> FhirVersion | None:
    """The FHIR version the sender declares for the body, None when silent: a hint, the content decides.

    Raises UnsupportedMediaType unless the body is declared as uncompressed UTF-8 JSON of a version there is.
    """
    if request.mimetype not in JSON_TYPES:
        raise UnsupportedMediaType("Content-Type: application/fhir+json or application/json was expected.")
    charset = request.mimetype_params.get("charset", "utf-8").lower().replace("_", "-")
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedMediaType("Content-Type: charset utf-8 was expected.")
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding not in ("", "identity"):
        raise UnsupportedMediaType(
            "Content-Encoding: identity (no compression) was expected.", ["http.Content-Encoding"]
        )
    named = request.mimetype_params.get("fhirversion") or request.mimetype_params.get("fhirVersion")
    if not named:
        return None
    declared = version_named(named)
    if declared is None:
        raise UnsupportedMediaType(f"Content-Type: fhirVersion {_or(FhirVersion)} was expected.")
    return declared


def body_of(request: Request, *, keep: bool = False) -> bytes:
    """The bytes sent; only once, unless they are to be kept with the request.

    What the server raises for a body that breaks off or is wrongly chunked is the sender's error. Raises TooSlow and
    BadSyntax.
    """
    try:
        return request.get_data(cache=keep)
    except Exception as broken:
        if BlockingIOError in (type(broken), type(broken.__context__)):  # nothing more came while the server waited
            raise TooSlow("The body did not come to its end; nothing was judged.") from None
        if isinstance(broken, HTTPException):
            raise
        raise BadSyntax("The body broke off, or is not chunked as its header says.") from None


def answer_version(request: Request) -> FhirVersion:
    """The FHIR version to answer in: of ``_format``, else of what is accepted most, else R4.

    Raises NotAcceptable when no JSON of a version we write is accepted.
    """
    return chosen(request, (*JSON_TYPES, *ANY))[1] or FhirVersion.R4


def chosen(
    request: Request, kinds: Collection[str], versions: Collection[FhirVersion] = WRITTEN
) -> tuple[str, FhirVersion | None]:
    """Which of some media types the caller takes most, and the version named with it, None when none is.

    Raises NotAcceptable when none of them is taken, or only in versions that are not to be had.
    """
    asked = request.args.get("_format")
    place = _FORMAT if asked else NotAcceptable.place
    refusal: NotAcceptable | None = None
    for media, *parameters in [_format_of(asked)] if asked else _accepted(request):
        if media in kinds:
            try:
                return media, _version(parameters, place, versions)
            except NotAcceptable as other_version:
                refusal = other_version
    expected = "_format: json" if asked else "Accept: application/fhir+json"
    raise refusal or NotAcceptable(f"{expected} was expected; XML and others are not written.", [place])


def _format_of(asked: str) -> list[str]:
    media, *parameters = (piece.strip() for piece in asked.split(";"))
    media = media.lower().replace(" ", "+")
    return [_SHORT.get(media, media), *parameters]


def _accepted(request: Request) -> list[list[str]]:
    """Media types with their parameters, the most wanted first; of those wanted alike, the named before ``*/*``."""
    header = request.headers.get("Accept", "").strip() or "*/*"
    parts = [[piece.strip() for piece in part.split(";")] for part in header.split(",")]
    taken = [[media.lower(), *parameters] for media, *parameters in parts if _weight(parameters) > 0]
    return sorted(taken, key=lambda part: (-_weight(part[1:]), part[0] in ANY))


def _weight(parameters: Sequence[str]) -> float:
    """``q`` of an accepted type; 1 when there is none that can be read."""
    for parameter in parameters:
        name, _, value = parameter.replace(" ", "").partition("=")
        if name.lower() == "q" and _WEIGHT.fullmatch(value):
            return float(value)
    return 1.0


def _version(parameters: Iterable[str], where: str, versions: Collection[FhirVersion]) -> FhirVersion | None:
    """The version asked for; None when none is named. Raises NotAcceptable for one that is not to be had."""
    named = [p.split("=", 1)[1] for p in parameters if p.lower().startswith("fhirversion=")]
    if not named or not named[0]:
        return None
    version = version_named(named[0])
    if version in versions:
        return version
    read_only = f"; {version.label} is read, not written" if version is not None and version not in WRITTEN else ""
    raise NotAcceptable(f"fhirVersion {_or(versions)} was expected{read_only}.", [where])


def _or(versions: Iterable[FhirVersion]) -> str:
    *others, last = versions
    return f"{', '.join(others)} or {last}" if others else last

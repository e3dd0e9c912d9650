"""What is published: the capability statement, and every artifact, to be read and searched.

None of it changes while a service runs, so answers carry an ETag; there is no history of them and no time of change.
"""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from ..assessor import Assessor
from ..errors import BadParameter, UnsupportedMediaType
from ..fhir.capability import CAPABILITY, offered_versions
from ..fhir.searching import read_query, searchset
from ..fhir.subsetting import read_elements, read_summary, subset
from .errors import fhir_response
from .media import answer_version
from .preferring import wishes, with_applied

_FORM_BODY = "application/x-www-form-urlencoded"


def offer_artifacts(door: Blueprint, assessor: Assessor) -> None:
    """The routes for what can be read; each type that is published has its own."""
    artifacts = assessor.artifacts
    kinds = sorted({kind for kind, _ in artifacts})
    statement = artifacts[CAPABILITY]

    def metadata() -> Response:
        if request.args.get("mode", "full") not in ("full", "normative"):
            raise BadParameter("mode: full or normative was expected.", ["http.mode"], code="not-supported")
        return _kept(fhir_response(statement, version=answer_version(request)))

    def versions() -> Response:
        return _kept(fhir_response(offered_versions(), version=answer_version(request)))

    def read(kind: str, name: str) -> Response:
        version = answer_version(request)
        found = artifacts.get((kind, name))
        if found is None:
            raise NotFound
        lenient = wishes(request).handling != "strict"
        summary = read_summary(request.args.get("_summary"))
        if summary == "count":
            raise BadParameter("_summary: count is for searches.", ["http._summary"])
        elements = read_elements(request.args.get("_elements"), kind, lenient=lenient)
        return _kept(fhir_response(subset(found, summary, elements), version=version))

    def search(kind: str) -> Response:
        version, handling = answer_version(request), wishes(request).handling
        query = read_query(kind, _parameters(), strict=handling == "strict")
        base = f"{assessor.settings.public_url or request.url_root.rstrip('/')}/fhir"
        response = fhir_response(searchset(query, artifacts, base), version=version)
        return _kept(with_applied(response, [("handling", handling)]))

    door.add_url_rule("/metadata", view_func=metadata)
    door.add_url_rule("/$versions", view_func=versions)
    for kind in kinds:
        only = {"kind": kind}
        door.add_url_rule(f"/{kind}/<name>", "read", read, defaults=only)
        door.add_url_rule(f"/{kind}", "search", search, defaults=only)
        door.add_url_rule(f"/{kind}/_search", "search_by_post", search, defaults=only, methods=["POST"])


def _parameters() -> list[tuple[str, str]]:
    """Search parameters of the address and, of a POST, the form in its body."""
    pairs = [*request.args.items(multi=True)]
    if request.method == "POST":
        if request.mimetype != _FORM_BODY:
            raise UnsupportedMediaType(f"Content-Type: {_FORM_BODY} was expected.")
        pairs += request.form.items(multi=True)
    return pairs


def _kept(response: Response) -> Response:
    """The response to be kept by whoever asks, and asked about again by its ETag."""
    response.add_etag(weak=True)
    response.headers["Cache-Control"] = "no-cache"
    response.vary.add("Accept")
    response.make_conditional(request)
    return response

"""``$assess-medication-safety`` at every level: one question, one judgement, one answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from flask import Blueprint, Response, g, request
from werkzeug.datastructures import MultiDict

from ..assessor import Assessor
from ..errors import ADDRESS, BadParameter, in_request
from ..fhir.decoding import decode
from ..fhir.ehr import Ehr
from ..fhir.inputs import IN_URL
from ..fhir.operations import Ask, unpack
from ..fhir.returning import as_outcome, minimal
from ..fhir.strictness import misfits_of, refuse_misfits
from .counting import count
from .errors import fhir_response
from .fhir_jobs import accepted
from .from_ehr import ehr_of, is_without_body, record_of
from .jobs import Jobs
from .media import answer_version, body_of, check_body
from .once import Once
from .preferring import Handling, wishes, with_applied

OPERATION = "$assess-medication-safety"
TYPES = ("MedicationRequest", "Patient")
"""The types it stands at, for the type and for one of them."""
FORM = frozenset({"_format", "_pretty"})
"""Parameters of every request, about the form of the answer."""
CUTS = {"_summary": ("", "false"), "_elements": ("",)}
"""Parameters that would cut pieces out of a verdict, and the values that cut nothing."""
_ID = re.compile(r"(?!\.+$)[A-Za-z0-9\-.]{1,64}", re.ASCII)
RETURNS = {"minimal": minimal, "OperationOutcome": as_outcome}


def offer_operation(door: Blueprint, assessor: Assessor, clock: Callable[[], datetime], jobs: Jobs, once: Once) -> None:
    """The routes of the operation: of the system, of each type, and of one Patient or order. Raises BadSetting."""
    ehr = ehr_of(assessor.settings)

    @once
    def assess(kind: str = "", name: str = "") -> Response:
        version = answer_version(request)
        if name and not _ID.fullmatch(name):
            raise BadParameter("An id was expected: up to 64 letters, digits, hyphens and dots.")
        wished = wishes(request)
        ask = _question(assessor, f"{kind}/{name}" if name else "", wished.handling, ehr)
        if wished.respond_async and not is_without_body(request):  # whose record is read needs the caller's token
            return accepted(jobs.take(request), assessor.settings)
        answer = assessor.answer(ask, g.get("asked_at") or clock())
        count(answer.verdict, ask.mode)
        made = RETURNS.get(wished.returns or "", dict)(answer.bundle)
        applied = (("return", wished.returns), ("handling", wished.handling))
        return with_applied(fhir_response(made, version=version), applied)

    name, post = "assess_medication_safety", ["POST"]
    door.add_url_rule(f"/{OPERATION}", name, assess, methods=post)
    for kind in TYPES:
        door.add_url_rule(f"/{kind}/{OPERATION}", name, assess, defaults={"kind": kind}, methods=post)
        door.add_url_rule(f"/{kind}/<name>/{OPERATION}", name, assess, defaults={"kind": kind}, methods=post)


def _question(assessor: Assessor, address: str, handling: Handling | None, ehr: Ehr | None) -> Ask:
    """What the request asks; ``address`` is ``Type/id`` where it names one. A Patient without a body is read."""
    settings = assessor.settings
    if address.startswith("Patient/") and is_without_body(request):
        declared, document = None, record_of(ehr, address, request)
    else:
        declared = check_body(request)
        later = wishes(request).respond_async
        document = decode(body_of(request, keep=later), max_bytes=settings.max_bytes)
    query, ignored = _query(request.args, handling)
    ask = unpack(document, query, max_entries=settings.max_entries, address=address, handling=handling or "")
    ask = replace(ask, ignored=(*ignored, *ask.ignored), declared=declared)
    if handling == "strict":
        refuse_misfits(ask)
    return replace(ask, misfits=misfits_of(ask)) if handling == "lenient" else ask


def _query(args: MultiDict[str, str], handling: Handling | None) -> tuple[dict[str, str], list[str]]:
    """The inputs of the URL, and whether any others are left aside. Nothing that could change the question is."""
    harmless = {name for name, values in CUTS.items() if {*args.getlist(name)} <= {*values}}
    unknown = set(args) - {*IN_URL, *FORM, *harmless}
    if unknown and handling != "lenient":
        if unknown <= CUTS.keys():
            raise BadParameter(
                "A verdict is not cut down; Prefer: return=minimal leaves out the messages.",
                [*map(in_request, sorted(unknown))],
            )
        raise BadParameter(f"Query parameters expected: {', '.join(IN_URL)}.")
    given = {name: set(args.getlist(name)) for name in IN_URL if name in args}
    for name, values in given.items():
        if len(values) > 1:
            raise BadParameter(f"Query parameter {name} stands twice.", [in_request(name)])
    return {name: args[name] for name in given}, [ADDRESS] if unknown else []

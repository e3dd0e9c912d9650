"""``$assess-medication-safety`` at every level: one question, one judgement, one answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from ..assessor import Assessor
from ..errors import BadParameter
from ..fhir.decoding import decode
from ..fhir.inputs import IN_URL
from ..fhir.operations import ADDRESS, Ask, unpack
from .counting import count
from .errors import fhir_response
from .media import answer_version, body_of, check_body

OPERATION = "$assess-medication-safety"
TYPES = ("MedicationRequest", "Patient")
"""The types it stands at, for the type and for one of them."""
ABOUT_THE_ANSWER = frozenset({"_format", "_pretty"})


def offer_operation(door: Blueprint, assessor: Assessor, clock: Callable[[], datetime]) -> None:
    """The routes of the operation: of the system, of each type, and of one Patient or order."""

    @door.post(f"/{OPERATION}", defaults={"kind": "", "name": ""})
    @door.post(f"/<any({', '.join(TYPES)}):kind>/{OPERATION}", defaults={"name": ""})
    @door.post(f"/<any({', '.join(TYPES)}):kind>/<name>/{OPERATION}")
    def assess_medication_safety(kind: str, name: str) -> Response:
        version = answer_version(request)
        ask = _question(assessor, f"{kind}/{name}" if name else "")
        answer = assessor.answer(ask, clock())
        count(answer.verdict)
        return fhir_response(answer.bundle, version=version)


def _question(assessor: Assessor, address: str) -> Ask:
    """What the request asks; ``address`` is ``Type/id`` where it names one."""
    settings = assessor.settings
    check_body(request)
    document = decode(body_of(request), max_bytes=settings.max_bytes)
    return unpack(document, _query(request.args), max_entries=settings.max_entries, address=address)


def _query(args: MultiDict[str, str]) -> dict[str, str]:
    unknown = set(args) - {*IN_URL, *ABOUT_THE_ANSWER}
    if unknown:
        raise BadParameter(f"Query parameters expected: {', '.join(IN_URL)}.", [ADDRESS])
    given = {name: set(args.getlist(name)) for name in IN_URL if name in args}
    for name, values in given.items():
        if len(values) > 1:
            raise BadParameter(f"Query parameter {name} stands twice.", [ADDRESS])
    return {name: args[name] for name in given}

"""A question without a body about one Patient: the record is read from the EHR the service may read from."""

from __future__ import annotations

from flask import Request

from ..config import PREFIX, BadSetting, Settings
from ..errors import BODY, BadInput
from ..fhir.bundle import Json
from ..fhir.egress import BadBase
from ..fhir.ehr import Ehr, reach

_BEARER = "bearer "


class NoEhr(BadInput):
    """A record is to be read, and no EHR is named."""

    status = 422
    code = "not-supported"


def ehr_of(settings: Settings) -> Ehr | None:
    """The EHR of the settings. Raises BadSetting."""
    if not settings.ehr:
        return None
    try:
        return reach(settings.ehr, settings.ehr_budget_ms / 1000)
    except BadBase as error:
        raise BadSetting(f"{PREFIX}EHR", str(error)) from None


def is_without_body(request: Request) -> bool:
    """Was nothing sent beside the address and the headers?"""
    return not request.content_length and "Transfer-Encoding" not in request.headers


def record_of(ehr: Ehr | None, patient: str, request: Request) -> Json:
    """The record of a patient, read with the token of the caller and no other.

    Raises NoEhr, and what ``Ehr.record`` raises.
    """
    if ehr is None:
        raise NoEhr(f"Send the record in the body: this service reads from no EHR ({PREFIX}EHR is not set).", [BODY])
    said = request.headers.get("Authorization", "")
    token = said[len(_BEARER) :].strip() if said.lower().startswith(_BEARER) else None
    return ehr.record(patient, token)

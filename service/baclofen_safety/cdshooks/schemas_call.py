"""What ``POST /cds-services/<id>`` accepts: CDS Hooks 2.0 and 3.0, and how clients really write it.

Only what we could not do without is required. The resources of a call are handed on unread: a call with a thousand of
them costs no more here than one with none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, cast
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from ..errors import BadInput
from .call import Authorization, Call
from .schemas import Lenient, Open, free, refusal
from .services import Service

EPIC_TRIGGER = "com.epic.cdshooks.request.bpa-trigger-action"
EPIC_MOMENTS = {"26": "admission", "27": "discharge", "29": "transfer"}
"""What happened when Epic, which knows three hooks only, says patient-view (its CDS Hooks tutorial)."""
LONGEST_ID = 300
_USER = re.compile(r"[A-Z][A-Za-z]{1,60}/\S{1,300}")


class Identity(fields.String):
    """The bare id of a resource of one type; ``Type/id`` and its address are read as the id."""

    def __init__(self, kind: str, says: str, *, required: bool = False) -> None:
        super().__init__(required=required, validate=validate.Length(max=LONGEST_ID), metadata={"description": says})
        self.kind = kind

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> str:
        text = super()._deserialize(value, attr, data, **more).strip()
        head, found, tail = text.rpartition(f"{self.kind}/")
        bare = tail if found and (not head or head.endswith("/")) else text
        if not bare or not bare.isprintable() or any(one in bare for one in " /?#"):
            raise ValidationError(f"The id of a resource of type {self.kind} was expected.")
        return bare


class Address(fields.String):
    """An http or https address; a closing slash is taken off."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> str:
        text = super()._deserialize(value, attr, data, **more).strip()
        if not _is_address(text):
            raise ValidationError("An address such as https://ehr.example.org/fhir was expected.")
        return text.rstrip("/")


class Brought(fields.Raw):
    """Resources: a Bundle, and also one resource, a list or a reference. Its content is not looked at here."""

    def __init__(self, says: str, kind: str = "Bundle") -> None:
        super().__init__(metadata={"type": "object", "description": f"{kind}: {says}"})

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> Any:
        if not isinstance(value, dict | list | str):
            raise ValidationError("A resource, or a reference to one, was expected.")
        return value


class References(fields.List[str]):
    """A list of ``Type/id``; a single one counts as a list, ``{"reference": …}`` as what it says."""

    def __init__(self, says: str) -> None:
        super().__init__(fields.String(), metadata={"description": f"{says}, as Type/id."})

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> list[Any]:
        sent = value if isinstance(value, list) else [value]
        bare = [one["reference"] if isinstance(one, dict) and "reference" in one else one for one in sent]
        return super()._deserialize(bare, attr, data, **more)


CONTEXT: Mapping[str, fields.Field[Any]] = {
    "patientId": Identity("Patient", "Bare id of the patient.", required=True),
    "userId": fields.String(metadata={"description": "Type/id of the user; not needed."}),
    "encounterId": Identity("Encounter", "Bare id of the encounter."),
}
"""What every hook tells."""

CONTEXTS: Mapping[str, Mapping[str, fields.Field[Any]]] = {
    "patient-view": {},
    "order-select": {
        "selections": References("The orders chosen just now"),
        "draftOrders": Brought("all unsigned orders."),
    },
    "order-sign": {
        "draftOrders": Brought("the orders about to be signed, changed and stopped ones with their new status."),
    },
    "order-dispatch": {
        "dispatchedOrders": References("The dispatched orders"),
        "performer": free("string", "Who carries them out, as Type/id."),
        "fulfillmentTasks": free("array", "Task resources."),
        "order": Brought("the dispatched order, in version 1.0.", "Type/id"),
        "task": free("object", "Task, in version 1.0."),
    },
    "order-discontinue": {"toBeDiscontinued": Brought("the orders about to be discontinued.")},
    "appointment-book": {"appointments": Brought("Appointment resources, status proposed.")},
    "encounter-start": {},
    "encounter-discharge": {},
    "medication-refill": {"medications": Brought("draft MedicationRequest resources.")},
    "medication-verify": {
        "medication": Brought("the active order to be verified.", "MedicationRequest"),
        "order": Brought("the same as resource of this object.", "MedicationRequest"),
    },
    "problem-list-item-create": {"conditions": Brought("Condition resources.")},
    "allergyintolerance-create": {"allergyIntolerance": Brought("the new allergy.", "AllergyIntolerance")},
}
"""What else the context of each hook may hold. Any of it may be missing: Epic strips orders from calls of apps that may
not see them. Older shapes stand beside the new ones."""


class AuthorizationSchema(Lenient):
    """How to read from the EHR. The token may be empty: then the server needs none."""

    EMPTY = (None,)
    access_token = fields.String(required=True)
    token_type = fields.String(metadata={"description": "Bearer."})
    expires_in = free("integer", "Seconds.")
    scope = fields.String(metadata={"description": "SMART scopes of version 1 or 2, separated by spaces."})
    subject = free("string", "Our client id at the EHR.")
    patient = Identity("Patient", "The patient the token is limited to.")

    @validates_schema
    def need_bearer(self, data: Mapping[str, Any], **_: Any) -> None:
        if data.get("token_type", "Bearer").lower() != "bearer":
            raise ValidationError("Bearer was expected.", "token_type")


class CallSchema(Lenient):
    """A call of any hook."""

    hook = fields.String(required=True)
    instance = fields.String(
        data_key="hookInstance",
        required=True,
        validate=validate.Length(max=LONGEST_ID),
        metadata={"description": "A UUID for every call; other texts are accepted."},
    )
    context = fields.Nested(Open.from_dict({**CONTEXT}, name="Context"), required=True)
    server = Address(
        data_key="fhirServer",
        metadata={"description": "Base address of the FHIR server; required beside fhirAuthorization."},
    )
    authorization = fields.Nested(AuthorizationSchema, data_key="fhirAuthorization")
    prefetch = fields.Dict(metadata={"description": "Key to resource, Bundle, OperationOutcome or null."})
    extension = free("object", "Anything, keyed by reverse domain names.")

    @validates_schema
    def need_server(self, data: Mapping[str, Any], **_: Any) -> None:
        if "authorization" in data and "server" not in data:
            raise ValidationError("Required beside fhirAuthorization.", "fhirServer")


@cache
def call_schema(hook: str) -> Schema:
    """The schema of the calls of one hook."""
    name = "".join(part.capitalize() for part in hook.split("-"))
    context = Open.from_dict({**CONTEXT, **CONTEXTS[hook]}, name=f"{name}Context")
    return CallSchema.from_dict({"context": fields.Nested(context, required=True)}, name=f"{name}Call")()


def load_call(service: Service, document: object) -> Call:
    """The call a JSON document makes of a service. Raises BadInput, which names the places."""
    try:
        return call_of(service, call_schema(service.hook).load(cast(Mapping[str, Any], document)))
    except ValidationError as error:
        raise refusal("call", error.messages_dict) from None


def call_of(service: Service, told: Mapping[str, Any]) -> Call:
    """The call, from what its schema loaded. Raises BadInput when it is meant for another service."""
    if told["hook"] != service.hook:
        raise BadInput(f"The call cannot be read. hook: {service.hook} was expected here.", ["hook"])
    context = told["context"]
    user = context.get("userId", "")
    extension = told.get("extension")
    return Call(
        service=service,
        instance=told["instance"],
        patient_id=context["patientId"],
        context=context,
        user_id=user if _USER.fullmatch(user) else None,
        encounter_id=context.get("encounterId"),
        prefetch={key: one for key, one in told.get("prefetch", {}).items() if key != "extension"},
        server=told.get("server"),
        authorization=_authorization(told.get("authorization")),
        moment=_moment(service, extension),
        extension=extension if isinstance(extension, Mapping) else {},
    )


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and text.isprintable() and " " not in text


def _authorization(told: Mapping[str, Any] | None) -> Authorization | None:
    if told is None:
        return None
    return Authorization(told["access_token"], frozenset(told.get("scope", "").split()), told.get("patient"))


def _moment(service: Service, extension: object) -> str | None:
    if service.hook != "patient-view" or not isinstance(extension, Mapping):
        return None
    return EPIC_MOMENTS.get(str(extension.get(EPIC_TRIGGER)).strip())

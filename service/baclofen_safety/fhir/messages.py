"""Messages: what a header asks, and the message that answers it. Nothing in one is ever called or fetched."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from .. import __version__
from ..errors import BadInput, BadParameter, NotFhir
from .guidance import instant
from .message_events import EVENTS, OWN, Event, event_at, event_coded
from .writing import name_uuid

Json = dict[str, Any]
Code = Literal["ok", "transient-error", "fatal-error"]

HEADER = "Bundle.entry[0].resource"
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9_.^\-]{1,64}", re.ASCII)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.\-]*:[^\s<>\"{}|\\^`]{1,200}(\|[\w.\-]{1,64})?", re.ASCII)


NOT_OFFERED = "async and response-url are not offered: responses go to the caller only, to no address in a message."


class NoMessage(BadInput):
    """A message that can never be processed: of an event we do not take, or a response."""

    status = 422
    code = "not-supported"


@dataclass(frozen=True, slots=True)
class Message:
    """What a header says. ``envelope`` is Bundle.id, "" without one; ``event`` as it was stated, if that can be said
    again; ``sender`` is an address that is only ever repeated."""

    content: Json = field(repr=False)
    id: str
    envelope: str
    sender: str
    event: Json
    known: Event | None
    answers: bool


def message_in(document: object) -> object:
    """What a decoded body holds as the message: itself, or ``content`` of the Parameters HL7 defines for the operation.

    Raises NotFhir, and BadParameter (422 for an answer that is to go elsewhere).
    """
    if not isinstance(document, dict) or document.get("resourceType") != "Parameters":
        return document
    sent = document.get("parameter")
    held: list[Json] = []
    for at, one in enumerate(sent if isinstance(sent, list) else ()):
        where = [f"Parameters.parameter[{at}]"]
        match one:
            case {"name": "content", "resource": dict(message)}:
                held.append(message)
            case {"name": "async", "valueBoolean": False}:
                continue
            case {"name": "async" | "response-url"}:
                raise BadParameter(NOT_OFFERED, where, status=422, code="not-supported")
            case _:
                raise BadParameter("Parameter expected to be one of content, async, response-url.", where)
    if len(held) != 1:
        raise NotFhir("Parameters with one content, the message, were expected.", ["Parameters.parameter"])
    return held[0]


def read_message(document: object) -> Message:
    """The message in a decoded body.

    Raises NotFhir for what cannot be answered by a message: no Bundle of type message, no MessageHeader first, no id in
    it.
    """
    if not isinstance(document, dict) or document.get("resourceType") != "Bundle" or document.get("type") != "message":
        raise NotFhir("A Bundle of type message was expected.", ["Bundle.type"])
    header = _first(document.get("entry"))
    if header.get("resourceType") != "MessageHeader":
        raise NotFhir("A MessageHeader was expected in the first entry.", [HEADER])
    own = header.get("id")
    if not isinstance(own, str) or not _ID.fullmatch(own):
        raise NotFhir(
            "The MessageHeader needs an id of 1 to 64 letters, digits, hyphens and dots: the answer names it.",
            [f"{HEADER}.id"],
        )
    envelope = document.get("id")
    event, known = _event(header)
    return Message(
        content=document,
        id=own,
        envelope=envelope if isinstance(envelope, str) else "",
        sender=_sender(header.get("source")),
        event=event,
        known=known,
        answers="response" in header,
    )


def check_message(message: Message) -> None:
    """Raises NoMessage, naming the event as far as it can be one."""
    if message.answers:
        raise NoMessage("A response was sent; only messages that ask are taken.", [f"{HEADER}.response"])
    if message.known is None:
        said = message.event.get("eventUri") or "|".join(message.event.get("eventCoding", {}).values())
        named = f"The event {said} is not taken" if said else "The MessageHeader names no event"
        taken = ", ".join(one.code or OWN.stated["eventUri"] for one in EVENTS)
        text = f"{named}; taken are {taken} (codes of HL7 v2 table 0003)."
        raise NoMessage(text, [f"{HEADER}.event"])


def respond(message: Message, code: Code, resources: Sequence[Json], base: str, at: datetime) -> Json:
    """The message that answers: its header first, then the resources; an OperationOutcome is among them."""
    (outcome,) = (one for one in resources if one["resourceType"] == "OperationOutcome")
    own = name_uuid(f"message|{message.sender}|{message.id}|{message.envelope}|{code}")
    header: Json = {
        "resourceType": "MessageHeader",
        "id": name_uuid(f"header|{own}"),
        **(message.known.stated if message.known else message.event or OWN.stated),
        **({"destination": [{"endpoint": message.sender}]} if message.sender else {}),
        "source": {"software": "baclofen-safety", "version": __version__, "endpoint": f"{base}/$process-message"},
        "response": {"identifier": message.id, "code": code, "details": _reference(outcome)},
    }
    about = [_reference(one) for one in resources if one["resourceType"] in ("GuidanceResponse", "DetectedIssue")]
    entries = [_entry(header | ({"focus": about} if about else {})), *map(_entry, resources)]
    return {"resourceType": "Bundle", "id": own, "type": "message", "timestamp": instant(at), "entry": entries}


def with_id(outcome: Json, message: Message) -> Json:
    """An OperationOutcome that can be referred to."""
    name = name_uuid(f"outcome|{message.sender}|{message.id}|{message.envelope}")
    return {"resourceType": "OperationOutcome", "id": name, **outcome}


def _reference(resource: Json) -> Json:
    return {"reference": f"urn:uuid:{resource['id']}"}


def _entry(resource: Json) -> Json:
    return {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}


def _first(entries: object) -> Mapping[str, Any]:
    entry = entries[0] if isinstance(entries, list) and entries else None
    resource = entry.get("resource") if isinstance(entry, dict) else None
    return resource if isinstance(resource, dict) else {}


def _event(header: Mapping[str, Any]) -> tuple[Json, Event | None]:
    """The event in the shape of R4, whatever version names it, and which of ours it is."""
    coding = header.get("eventCoding", header.get("event"))
    if isinstance(coding, dict):
        system, code = coding.get("system"), coding.get("code")
        if isinstance(system, str) and isinstance(code, str) and _ADDRESS.fullmatch(system) and _CODE.fullmatch(code):
            return {"eventCoding": {"system": system, "code": code}}, event_coded(system, code)
    address = header.get("eventUri", header.get("eventCanonical"))
    if isinstance(address, str) and _ADDRESS.fullmatch(address):
        return {"eventUri": address}, event_at(address)
    return {}, None


def _sender(source: object) -> str:
    """The endpoint of the sender, if it is an address."""
    said = source.get("endpoint", source.get("endpointUrl")) if isinstance(source, dict) else None
    return said if isinstance(said, str) and _ADDRESS.fullmatch(said) else ""

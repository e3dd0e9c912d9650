"""What a caller of ``$assess-medication-safety`` asks: a Bundle, or Parameters that hold one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..core.medicines import ORDER_TYPES
from ..errors import ADDRESS, BODY, BadParameter, NotFhir, TooLarge, in_request
from .input_values import Mode, read_as_of, read_language, read_mode, read_text, yes_or_no
from .inputs import INPUTS
from .resource_types import KNOWN_TYPES
from .versions import FhirVersion

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. ``as_of`` is aware; None = now.

    ``orders`` were sent beside the content and are its newest word; ``named`` is the order of the content that the
    address names; ``acted_on`` are refs of orders that somebody signs, verifies or sends on at that time. ``ignored``
    are the places of what was sent, is not known, and was left aside at the caller's wish. ``declared`` is the FHIR
    version the sender says it is in. ``messages``: is anybody to be written to?
    """

    content: Mapping[str, Any]
    subject: str | None = None
    as_of: datetime | None = None
    language: str | None = None
    trace: bool = False
    mode: Mode = "prospective"
    orders: tuple[Json, ...] = ()
    named: str | None = None
    acted_on: frozenset[str] = frozenset()
    ignored: tuple[str, ...] = ()
    misfits: tuple[str, ...] = ()
    declared: FhirVersion | None = None
    messages: bool = True


@dataclass(slots=True)
class _Sent:
    """What Parameters hold, or a body that is the content."""

    content: Json | None
    orders: list[Json]
    plain: dict[str, str]
    places: dict[str, str]
    ignored: list[str]


def unpack(
    document: object, query: Mapping[str, str], *, max_entries: int, address: str = "", handling: str = ""
) -> Ask:
    """The question in a decoded body, the query parameters and the address: "", ``Patient/ID`` or
    ``MedicationRequest/ID``.

    ``handling`` is ``strict`` (values in the elements of their own type only), ``lenient`` (what is not known is left
    aside) or "". Raises NotFhir (neither Bundle nor Parameters with something to judge), BadParameter and TooLarge.
    """
    sent = _sent(document, handling)
    content = sent.content if sent.content is not None else {"resourceType": "Bundle", "type": "collection"}
    entries = content.get("entry")
    found = (len(entries) if isinstance(entries, list) else 0) + len(sent.orders)
    if found > max_entries:
        raise TooLarge(f"There are {found} entries; at most {max_entries} are read.", ["Bundle.entry"])
    given = {**query, **sent.plain}
    places = {name: in_request(name) for name in INPUTS} | sent.places
    as_of = read_as_of(given["asOf"], places["asOf"]) if given.get("asOf") else None
    return Ask(
        content=content,
        subject=_subject(given.get("subject") or None, address, places["subject"]),
        as_of=as_of,
        language=read_language(given.get("language"), places["language"]),
        trace=yes_or_no("trace", given.get("trace"), places["trace"]),
        mode=read_mode(given.get("mode"), content, as_of, places["mode"]),
        orders=tuple(sent.orders),
        named=_named(address, content, sent.orders),
        ignored=tuple(sent.ignored),
    )


def _sent(document: object, handling: str) -> _Sent:
    if not isinstance(document, dict):
        raise NotFhir("A FHIR Bundle or Parameters resource was expected, not a list or a plain value.")
    if document.get("resourceType") == "Parameters":
        return _from_parameters(document, handling)
    return _Sent(_bundle(document), [], {}, {}, [])


def _bundle(document: Json, where: str = "") -> Json:
    """The document, if it is a Bundle; ``where`` it stands in Parameters."""
    kind = document.get("resourceType")
    if kind != "Bundle":
        known = isinstance(kind, str) and kind in KNOWN_TYPES
        met = f"not {kind}" if known else "resourceType names none"
        raise NotFhir(f"A Bundle was expected, {met}.", [where or (str(kind) if known else BODY)])
    return document


def _from_parameters(document: Mapping[str, Any], handling: str) -> _Sent:
    parameters = document.get("parameter")
    if not isinstance(parameters, list):
        raise NotFhir("Parameters without a list of parameters.", ["Parameters.parameter"])
    sent = _Sent(None, [], {}, {}, [])
    for at, parameter in enumerate(parameters):
        _take(sent, parameter, f"Parameters.parameter[{at}]", handling)
    if sent.content is None and not sent.orders:
        raise NotFhir("Parameters without content (the Bundle to judge).", ["Parameters.parameter"])
    return sent


def _take(sent: _Sent, parameter: object, where: str, handling: str) -> None:
    name = parameter.get("name") if isinstance(parameter, dict) else None
    if not isinstance(parameter, dict) or not isinstance(name, str) or name not in INPUTS:
        if handling == "lenient":
            sent.ignored.append(where)
            return
        raise BadParameter(f"Parameter expected to be one of {', '.join(sorted(INPUTS))}.", [where])
    if name in sent.plain or (name == "content" and sent.content is not None):
        raise BadParameter(f"Parameter {name} stands twice.", [where])
    row = INPUTS[name]
    if row.primitive:
        sent.places[name] = where
        sent.plain[name] = read_text(row, parameter, where, strict=handling == "strict")
        return
    resource = parameter.get("resource")
    if not isinstance(resource, dict):
        raise NotFhir(f"Parameter {name} must hold a resource.", [f"{where}.resource"])
    if name == "content":
        sent.content = _bundle(resource, f"{where}.resource")
    elif resource.get("resourceType") not in ORDER_TYPES:
        raise NotFhir(f"Parameter {name} must hold a {row.type}.", [f"{where}.resource"])
    else:
        sent.orders.append(resource)


def _subject(said: str | None, address: str, where: str) -> str | None:
    """The patient asked about; two that differ are no question, and whoever is no patient is none."""
    kind = (said or "").rpartition("/")[0].rpartition("/")[2]
    if kind in KNOWN_TYPES - {"Patient"}:
        raise BadParameter("subject: a patient was expected.", [where])
    if not address.startswith("Patient/"):
        return said
    if said is not None and said not in (address, address.partition("/")[2]) and not said.endswith(f"/{address}"):
        raise BadParameter("subject: another patient than the address names.", [where])
    return address


def _named(address: str, content: Mapping[str, Any], orders: Iterable[Json]) -> str | None:
    """The order an address names; it must have been sent, as nothing is kept here."""
    if not address.startswith("MedicationRequest/"):
        return None
    wanted = address.partition("/")[2]
    for one in (*orders, *_resources(content)):
        if one.get("resourceType") in ORDER_TYPES and one.get("id") == wanted:
            return f"{one['resourceType']}/{wanted}"
    text = "The order of the address is not in what was sent; nothing is kept here."
    raise BadParameter(text, [ADDRESS], status=422, code="not-found")


def _resources(bundle: Mapping[str, Any], depth: int = 4) -> Iterable[Json]:
    """Every resource of a Bundle, and of the Bundles in it."""
    entries = bundle.get("entry")
    for entry in entries if isinstance(entries, list) else ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            yield resource
            if resource.get("resourceType") == "Bundle" and depth > 1:
                yield from _resources(resource, depth - 1)

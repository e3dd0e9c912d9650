"""The record a call is judged on: what the EHR sent along, and the moment laid over it as its newest version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..fhir.answers import resources_in
from .after import lay_moment, with_owner
from .call import Call
from .leaving import at_moment, begun
from .prefetch import Supply, queries
from .services import Role
from .session import ORDERS, Session, role_of
from .shapes import Json, bare_id, pieces_of, ref_of, subjects_of
from .versions import Copies, copies_of, numbered

OTHER_PREFETCH = "mismatch-prefetch"
OTHER_ORDER = "mismatch-order"
OTHER_TOKEN = "mismatch-token"
"""Phrase keys: whose data disagree with the patient of the context."""

_UNKNOWN = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "incomplete"}],
}
"""What stands in the record for a question nobody answered, so that silence is never read as "none"."""


def mismatch(call: Call, session: Session, supply: Supply) -> str | None:
    """The phrase key that says who disagrees with the patient of the context; None when nobody does."""
    wanted = bare_id(call.patient_id)
    people = [one for one in resources_in(supply.bundles.get("patient", {})) if one.get("resourceType") == "Patient"]
    came = {ref_of(one) for one in people} - {""}
    if came and f"Patient/{wanted}" not in came:
        return OTHER_PREFETCH
    if any(_is_of_others(one, wanted) for one in supply.resources):
        return OTHER_PREFETCH  # left out, they would look like a patient without medicines
    if any(_is_of_others(one, wanted) for one in (*session.resources, *session.extras)):
        return OTHER_ORDER
    token = call.authorization.patient if call.authorization else None
    return OTHER_TOKEN if token and bare_id(token) != wanted else None


def _is_of_others(resource: Json, wanted: str) -> bool:
    """Does it say that it is about patients, none of whom is the wanted one?"""
    named = resource.get("subject")
    if isinstance(named, dict) and named.get("reference") == f"Patient/{wanted}":
        return False
    said = subjects_of(resource)
    return bool(said) and wanted not in said


def unresolved(session: Session, supply: Supply) -> tuple[str, ...]:
    """References (``Type/id``) that were not sent and are worth reading: orders named, Medications of orders."""
    known = _known(session, supply)
    lost = {ref for ref in session.refs - known if ref}
    return tuple(sorted(lost | (_medications(session, supply) - known)))


def _known(session: Session, supply: Supply) -> frozenset[str]:
    return supply.refs | {*map(ref_of, (*session.resources, *session.extras)), *session.urls.values()}


def _lost(session: Session, supply: Supply) -> set[str]:
    """What the session is about and nobody sent."""
    return {ref for ref in session.refs - _known(session, supply) if ref}


def _medications(session: Session, supply: Supply) -> set[str]:
    """The Medications that orders name without holding them."""
    every = (*session.resources, *session.extras, *supply.resources)
    named = (one.get("medicationReference") for one in every)
    found = {piece.reference for each in named if isinstance(each, dict) for piece in pieces_of(each)}
    return {ref for ref in found if ref.startswith("Medication/")}


def record_of(call: Call, session: Session, supply: Supply) -> Json:
    """The Bundle that is judged. What is not known stands in it as a search that failed."""
    patient = f"Patient/{bare_id(call.patient_id)}"
    session = _with_unselected(session, role_of(call.service))
    copies = copies_of({*session.refs, *session.ending, *map(ref_of, session.resources)}, session, supply)
    laid = lay_moment(call, session, copies)
    changed = frozenset(map(ref_of, laid))
    extras = [with_owner(numbered(one, copies, changed), patient) for one in session.extras]
    came = [at_moment(bundle, call, session.at) for _, bundle in sorted(supply.bundles.items())]
    bundles = [_numbered(bundle, copies, changed) for bundle in came]
    entries = [_entry(one, session) for one in (*laid, *extras, *begun(call, supply, session.at))]
    entries += [{"resource": one} for one in (*bundles, *_failures(call, session, supply))]
    if not any(one.get("resourceType") == "Patient" for one in supply.resources):
        entries.append({"resource": {"resourceType": "Patient", "id": bare_id(call.patient_id)}})
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _with_unselected(session: Session, role: Role | None) -> Session:
    """The session with the orders that are not spoken of: they change the record like the others."""
    others = tuple(one for one in session.extras if role == "draft" and one.get("resourceType") in ORDERS)
    rest = tuple(one for one in session.extras if one not in others)
    return replace(session, resources=(*session.resources, *others), extras=rest)


def _entry(one: Json, session: Session) -> Json:
    url = session.urls.get(ref_of(one))
    return {"fullUrl": url, "resource": one} if url else {"resource": one}


def _numbered(bundle: Json, copies: Copies, refs: frozenset[str]) -> Json:
    """An answer in which older versions of what the session changes are numbered; otherwise as it came."""
    if not any(ref_of(one) in refs for one in resources_in(bundle)):
        return bundle
    entries = [
        {**entry, "resource": numbered(entry["resource"], copies, refs)} if _has_resource(entry) else entry
        for entry in bundle["entry"]
    ]
    return {**bundle, "entry": entries}


def _has_resource(entry: object) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("resource"), dict)


def _failures(call: Call, session: Session, supply: Supply) -> Iterator[Json]:
    """A failed search for each key that brought nothing and had to, each order nobody sent, and a field held back."""
    keys = sorted(supply.missing.keys() - supply.bundles.keys() - call.service.optional)
    asked = queries(call, keys)
    fields = [*call.service.holds] if session.missing else []
    for question in (*(asked.get(key, key) for key in keys), *sorted(_lost(session, supply)), *fields):
        link = [{"relation": "self", "url": question}]
        entry = [{"resource": _UNKNOWN, "search": {"mode": "outcome"}}]
        yield {"resourceType": "Bundle", "type": "searchset", "link": link, "entry": entry}

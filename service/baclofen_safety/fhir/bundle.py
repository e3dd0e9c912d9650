"""Index a Bundle in one pass: by type and by every spelling of a reference; note what was searched for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ..core.chart import Trouble
from ..errors import NotFhir
from .addresses import READ_TYPES, Arrival, anchored, arrival, canonical, parted, version_in
from .editions import in_order_of_age, is_copy, version_of
from .entry_requests import is_patch, why_empty
from .misspelt import misspelt, says_misspelt
from .older import NOT_SAID, TURNED, renew
from .resource_types import DECISIVE, FORMER
from .search_results import Search, asked_for, is_cut, is_part, marks_of, says_failed, says_withheld, search_of
from .searches import WANTED
from .versions import FhirVersion, bears_mark_of

if TYPE_CHECKING:
    from .patients import Subject

Json = dict[str, Any]

COMPLETE_RECORD = "complete-record"
ALL_TYPES = "*"
"""Key of ``Record.received`` under a complete record: every type was looked into."""

_DEEPEST_BUNDLE = 4
_DECISIVE_WORDS = frozenset(kind.lower() for kind in DECISIVE)
_ASKED_AS = {**TURNED, "DeviceUsage": "DeviceUseStatement"}
"""What the rules ask for, by the name a search in another version has."""


@dataclass(slots=True)
class Record:
    """Everything a Bundle holds.

    References are canonical: ``Type/id``, else the fullUrl, else ``Bundle.entry[i]``; of another server's resource
    with the same id, the fullUrl.
    """

    arrived: list[Arrival] = field(default_factory=list)
    by_type: dict[str, list[tuple[str, Json]]] = field(default_factory=dict)
    resources: dict[str, Json] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # every spelling -> canonical reference
    based: set[str] = field(default_factory=set)  # canonical references of which the server is known
    again: dict[str, list[Json]] = field(default_factory=dict)  # every version of a reference met twice
    received: dict[str, Literal["answered", "sent"]] = field(default_factory=dict)
    searched: dict[str, set[str]] = field(default_factory=dict)  # by type the concepts that alone were searched for
    searches: list[Search] = field(default_factory=list)
    partial: set[str] = field(default_factory=set)  # types of which a search failed, or brought a part
    troubles: list[Trouble] = field(default_factory=list)
    sent: dict[str, Json] = field(default_factory=dict)  # as it was sent, what was renewed

    def name(self, reference: str) -> str:
        """The canonical spelling of a reference; the tail ``Type/id`` of one that leads out of the input, and all of
        one whose id another server's resource has."""
        found = self.names.get(reference)
        if found is not None:
            return found
        server, tail = parted(reference)
        ref = self.names.get(tail, tail)
        if not server:
            return ref
        here = self.names.get(f"{server}/{tail}")
        return here or (reference.partition("/_history/")[0] if ref in self.based else ref)

    def find(self, reference: object, holder: Mapping[str, Any]) -> tuple[str, Json] | None:
        """The resource a Reference (or its bare string) names, contained or bundled; None when nowhere."""
        target = reference.get("reference") if isinstance(reference, dict) else reference
        if not isinstance(target, str) or not target:
            return None
        if target.startswith("#"):
            return _contained(target, holder)
        name = self.name(target)
        resource, version = self.resources.get(name), version_in(target)
        if resource is None or not version or version_of(resource) in ("", version):
            return None if resource is None else (name, resource)
        older = next((each for each in self.again.get(name, ()) if version_of(each) == version), None)
        if older is not None:
            return f"{name}/_history/{version}", older
        return None if resource.get("resourceType") == "Medication" else (name, resource)


def _contained(target: str, holder: Mapping[str, Any]) -> tuple[str, Json] | None:
    kept = holder.get("contained")
    for resource in kept if isinstance(kept, list) else ():
        if isinstance(resource, dict) and resource.get("id") in (target[1:], target):
            return target, resource
    return None


def index_bundle(document: object) -> Record:
    """Index a Bundle of any type. Nothing vanishes: what is no resource is told, entry by entry.

    Raises ``NotFhir`` when the document is not a Bundle, or its ``entry`` is not a list.
    """
    if not isinstance(document, dict) or document.get("resourceType") != "Bundle":
        raise NotFhir("expected a Bundle")
    record = Record()
    if document.get("entry") is None:
        record.troubles.append(Trouble("not-used", "Bundle", "the Bundle holds no entries", "entry"))
    _add_bundle(record, document, "Bundle", 1)
    refs, record.based = canonical(record.arrived)
    for arrived, ref, resource in zip(record.arrived, refs, anchored(record.arrived), strict=True):
        _add(record, arrived, ref, resource)
    for name, versions in record.again.items():
        _choose(record, name, versions)
    return record


def _add_bundle(record: Record, bundle: Json, place: str, depth: int) -> None:
    entries = bundle.get("entry")
    if entries is None:
        entries = []
    if not isinstance(entries, list):
        raise NotFhir("expected a list of entries", (f"{place}.entry",))
    if depth > _DEEPEST_BUNDLE:
        _tell(record, "unreadable", place, "Bundles nested too deeply; not read", needed=True)
        return
    if "implicitRules" in bundle:
        says = "its implicitRules is not understood and may change its meaning"
        _tell(record, "unreadable", place, says, path="implicitRules", needed=True)
    for key in misspelt(bundle):
        _tell(record, "unreadable", place, says_misspelt(key), needed=True)
    types: set[str] = set()
    failed = False
    for index, entry in enumerate(entries):
        resource = entry.get("resource") if isinstance(entry, dict) and not is_patch(entry) else None
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if type(kind) is not str or kind not in READ_TYPES or resource is None:
            _tell_strange(record, f"{place}.entry[{index}]", entry, resource, kind)
            continue
        if kind == "Bundle":
            _add_nested(record, resource, f"{place}.entry[{index}].resource", depth)
            continue
        if kind == "OperationOutcome":
            failed |= _is_failure(record, resource, f"{place}.entry[{index}]", bundle)
            continue
        types.add(kind)
        full = entry.get("fullUrl")
        full = full if type(full) is str else ""
        record.arrived.append(arrival(kind, resource, full, f"{place}.entry[{index}]"))
    _note_answers(record, bundle, place, types, failed=failed)


def _add_nested(record: Record, bundle: Json, place: str, depth: int) -> None:
    try:
        _add_bundle(record, bundle, place, depth + 1)
    except NotFhir:
        _tell(record, "unreadable", place, "expected a list of entries", needed=True)


def _add(record: Record, arrived: Arrival, ref: str, resource: Json) -> None:
    kind, names = arrived.kind, record.names
    if not arrived.short and resource.get("id") is not None:
        _tell(record, "unreadable", ref, "the id cannot be read", path="id")
    if arrived.full:
        names[arrived.full] = ref
    if arrived.base:
        names["/".join(parted(arrived.full))] = ref
    renewed, known = renew(kind, resource), record.resources.get(ref)
    if known is not None:
        if not is_copy(renewed, known):  # two searches may bring the same
            record.again.setdefault(ref, [known]).append(renewed)
        return
    names[ref] = ref
    if renewed is not resource:
        _note_old(record, ref, resource, renewed)
        kind, resource = str(renewed["resourceType"]), renewed
    record.resources[ref] = resource
    bucket = record.by_type.get(kind)
    if bucket is None:
        record.by_type[kind] = [(ref, resource)]
    else:
        bucket.append((ref, resource))


def _note_old(record: Record, ref: str, resource: Json, renewed: Json) -> None:
    """Keep what was sent; what is of DSTU2 is told."""
    record.sent[ref] = resource
    if bears_mark_of(resource, FhirVersion.DSTU2):
        kind = str(renewed["resourceType"])
        says = f"in the shape of FHIR {FhirVersion.DSTU2.label}; read as a {kind}{NOT_SAID.get(kind, '')}"
        _tell(record, "version", ref, says)


def _tell(record: Record, kind: str, ref: str, says: str, **more: Any) -> None:
    """Add a trouble; ``more`` is its ``path`` and ``needed``."""
    record.troubles.append(Trouble(kind, ref, says, **more))


def _tell_strange(record: Record, place: str, entry: object, resource: object, kind: object) -> None:
    if not isinstance(entry, dict):
        _tell(record, "unreadable", place, "expected an entry object", needed=True)
    elif resource is None:
        says, path, needed = why_empty(entry)
        _tell(record, "not-used", place, says, path=path, needed=needed)
    elif not isinstance(resource, dict):
        _tell(record, "unreadable", place, "expected a resource object", path="resource", needed=True)
    elif not isinstance(kind, str) or not kind:
        _tell(record, "unreadable", place, "resourceType is missing", path="resource.resourceType", needed=True)
    elif kind in FORMER:
        _tell(record, "unsupported-version", place, f"{kind} is a FHIR {FORMER[kind]} resource", needed=True)
    else:
        needed = kind.strip().lower() in _DECISIVE_WORDS
        _tell(record, "unknown-type", place, "not a FHIR resource type", path="resource.resourceType", needed=needed)


def _is_failure(record: Record, outcome: Json, place: str, bundle: Json) -> bool:
    """Does an OperationOutcome say that what it came with is not all there is? Then it is told."""
    failed = says_failed(outcome)
    if not failed and not (bundle.get("type") == "searchset" and says_withheld(outcome)):
        return False
    asked = asked_for(bundle)
    searched = f"the search for {asked}" if asked else "the sender's search"
    needed = not asked or asked in WANTED or asked in DECISIVE
    says = "answered with an error" if failed else "says that its answer may lack something"
    _tell(record, "not-used", place, f"{searched} {says}", needed=needed)
    return True


def _note_answers(record: Record, bundle: Json, place: str, types: set[str], *, failed: bool) -> None:
    """Which types this Bundle answers for, so that "not in it" may be read as "no"."""
    asked = asked_for(bundle)
    if failed or is_cut(bundle) or (bundle.get("type") == "searchset" and is_part(bundle)):
        record.partial |= {asked} if asked else types
    if is_cut(bundle):
        _tell(record, "not-used", place, "marked as not all there is; the rest was not sent", path="meta", needed=True)
        return
    searched = bundle.get("type") == "searchset"
    if is_part(bundle) and not failed:
        what = "a part of a search result" if searched else "a page of what there is"
        _tell(record, "not-used", place, f"{what}; the rest was not sent", needed=True)
        return
    if any(tag.get("code") == COMPLETE_RECORD for tag in marks_of(bundle, "tag")) and not failed:
        record.received[ALL_TYPES] = "answered"
    if not searched or failed:
        return
    record.searches.append(search_of(bundle, place, frozenset(types)))


def settle_searches(record: Record, whose: Subject, owned: frozenset[str]) -> None:
    """What the searches for this patient answer for. One for somebody else, or for nobody, says nothing of them."""
    nobody_else = not whose.ref and len({search.owners for search in record.searches}) == 1
    for search in record.searches:
        if not (search.is_about(whose) or (nobody_else and search.owners)):
            if search.types & owned:
                says = "the result of a search that does not name this patient; what it lacks is not read as absent"
                _tell(record, "not-used", search.place, says)
            continue
        for kind, concepts in search.concepts.items():
            record.searched.setdefault(kind, set()).update(concepts)
        for kind in search.types & READ_TYPES:
            record.received[_ASKED_AS.get(kind, kind)] = "answered"


def _choose(record: Record, ref: str, versions: list[Json]) -> None:
    """Let the newest version speak; keep the others, oldest first, as its history."""
    kept, unclear = in_order_of_age(versions)
    newest = kept[-1]
    if len(kept) > 1 and unclear:
        kind = str(newest.get("resourceType"))
        _tell(record, "conflict", ref, "sent twice with different content", needed=kind in DECISIVE)
    record.again[ref] = kept
    record.resources[ref] = newest
    bucket = record.by_type[str(newest["resourceType"])]
    for index, (name, _) in enumerate(bucket):
        if name == ref:
            bucket[index] = (ref, newest)
            break

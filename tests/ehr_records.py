"""Patients for a FHIR server that others wrote: records of the cases and of other sources, under ids of their own."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from baclofen_safety.fhir.write_back import MOST_ENTRIES
from builders import make_bundle
from cases import Case, every_case
from fhir_server import FHIR, Json, references

_LOCAL = re.compile(r"(?:https?://[^\s|]+?/)?([A-Z][A-Za-z]+)/([A-Za-z0-9.\-]+)(/_history/[A-Za-z0-9.\-]+)?")
_ANYWHERE = re.compile(r"urn:uuid:([0-9a-fA-F-]+)")
_MEDICINE = ("medicationCodeableConcept", "medicationReference")
BACLOFEN = {
    "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "197391"}],
    "text": "baclofen 10 MG Oral Tablet",
}


def case_records(*, every: bool) -> Iterator[tuple[str, Case, list[Json]]]:
    """The first whole case of each rule (``every``) or family that says nothing which a server overwrites."""
    seen: set[str] = set()
    for family, case in every_case():
        resources = [entry["resource"] for entry in make_bundle(case)["entry"]]
        ids = [(one["resourceType"], one["id"]) for one in resources]
        rules = {line.split()[0] if every else family for line in case.expect} - seen
        plain = case.complete and len(ids) == len(set(ids)) and not any("meta" in one for one in resources)
        if rules and plain:
            seen |= rules
            yield f"{family}-{'-'.join(sorted(rules))}", case, resources


def patients_in(folder: Path) -> Iterator[tuple[str, list[Json]]]:
    """The R4 patients of a folder of Bundles whose newest order of a medicine was made one of baclofen."""
    for path in sorted(folder.rglob("r4_*/*.json")):
        document = json.loads(path.read_text("utf-8"))
        resources = _named(document.get("entry", ()))
        orders = [one for one in resources if one["resourceType"] == "MedicationRequest" and one.get("subject")]
        people = [one for one in resources if one["resourceType"] == "Patient"]
        if orders and len(people) == 1:
            order = max(orders, key=lambda one: str(one.get("authoredOn", "")))
            for name in _MEDICINE:
                order.pop(name, None)
            order["medicationCodeableConcept"] = BACLOFEN
            order["status"] = "active"
            yield path.stem, resources


def _named(entries: Iterable[Json]) -> list[Json]:
    """The resources of a Bundle, each with an id, referring to each other by ``Type/id``."""
    kept = [(entry.get("fullUrl", ""), entry["resource"]) for entry in entries if "resource" in entry]
    kept = [(url, {**one, "id": one.get("id") or url.rsplit(":", 1)[-1]}) for url, one in kept]
    names = {url: f"{one['resourceType']}/{one['id']}" for url, one in kept if url}
    return [_with_references(one, lambda ref: names.get(ref, ref)) for _, one in kept]


def moved(resources: Iterable[Json], prefix: str) -> list[Json]:
    """The same resources under ids that begin with ``prefix``, and stubs of what they refer to and do not hold."""

    def rename(reference: str) -> str:
        named = _LOCAL.fullmatch(reference)
        return f"{named[1]}/{prefix}{named[2]}{named[3] or ''}"[:120] if named else reference

    made = [{**_with_references(one, rename), "id": f"{prefix}{one['id']}"} for one in resources]
    held = {f"{one['resourceType']}/{one['id']}" for one in made}
    lost = sorted({reference.partition("/_history/")[0] for reference in references(made)} - held)
    stubs = [{"resourceType": each.split("/")[0], "id": each.split("/")[1]} for each in lost if _LOCAL.fullmatch(each)]
    return [*stubs, *made]


def _with_references(value: Any, rename: Any) -> Any:
    if isinstance(value, list):
        return [_with_references(each, rename) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: rename(each) if key == "reference" and isinstance(each, str) else _with_references(each, rename)
        for key, each in value.items()
    }


def call(base: str, path: str, body: Json | None = None) -> tuple[int, Json]:
    """Status and body of one request to a server on this machine."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"{base}{path}", data, {"Content-Type": FHIR, "Accept": FHIR, "Cache-Control": "no-cache"}
    )
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def load(base: str, resources: Iterable[Json]) -> None:
    """Put resources on a server, in transactions small enough for any."""
    entries = [
        {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
        for one in resources
    ]
    for at in range(0, len(entries), MOST_ENTRIES):
        part = entries[at : at + MOST_ENTRIES]
        status, answer = call(base, "", {"resourceType": "Bundle", "type": "transaction", "entry": part})
        said = [entry["response"]["status"][:3] for entry in answer.get("entry", ())]
        assert status == 200, answer
        assert set(said) <= {"200", "201"}, answer

"""The knowledge as FHIR: a PlanDefinition per rule, a Library with the sources, and the package that holds it all."""

from __future__ import annotations

import gzip
import io
import json
import re
import tarfile
from collections.abc import Iterable, Mapping
from typing import Any

from ..core.knowledge import Limit, Rulebook, RuleSheet, Source
from ..core.words import say
from .guidance import MODULE
from .outcome import CANONICAL, ISSUE_SYSTEM
from .resource_types import KNOWN_TYPES
from .writing import ACT_CODE

PUBLISHER = "baclofen-safety"
_PLAN_TYPE = "http://terminology.hl7.org/CodeSystem/plan-definition-type"
_LIBRARY_TYPE = "http://terminology.hl7.org/CodeSystem/library-type"
_WORD = re.compile(r"[A-Z][A-Za-z]+")
_INDEXED = ("filename", "resourceType", "id", "url", "version", "kind", "type")

Resource = dict[str, Any]


def published_knowledge(book: Rulebook) -> dict[tuple[str, str], Resource]:
    """PlanDefinitions and the Library by (type, id)."""
    made = [*(plan_definition(sheet, book) for sheet in book.sheets.values()), library(book)]
    return {(one["resourceType"], one["id"]): one for one in made}


def plan_definition(sheet: RuleSheet, book: Rulebook) -> Resource:
    """One rule as an event-condition-action PlanDefinition; its condition is said in words, the service holds it."""
    types = needed_types(sheet)
    return {
        "resourceType": "PlanDefinition",
        "id": sheet.id,
        "url": f"{CANONICAL}/PlanDefinition/{sheet.id}",
        "version": book.version,
        "name": sheet.id.title().replace("-", ""),
        "title": sheet.title,
        "type": {"coding": [{"system": _PLAN_TYPE, "code": "eca-rule"}]},
        "status": "active",
        "experimental": False,
        "date": sheet.effective.isoformat(),
        "publisher": PUBLISHER,
        "description": sheet.fires,
        "purpose": sheet.consequence,
        "usage": _usage(sheet, book),
        "effectivePeriod": {"start": sheet.effective.isoformat()},
        "topic": [{"coding": [{"system": ISSUE_SYSTEM, "code": sheet.id, "display": sheet.title}]}],
        "relatedArtifact": [_citation(book.sources[name]) for name in sheet.sources],
        "library": [f"{MODULE}|{book.version}"],
        "action": [
            {
                "title": sheet.title,
                "description": sheet.do,
                "code": [{"coding": [{"system": ACT_CODE, "code": sheet.code}]}],
                "trigger": list(_triggers(sheet, types)),
                "input": [{"type": kind} for kind in types],
            }
        ],
    }


def needed_types(sheet: RuleSheet) -> tuple[str, ...]:
    """The resource types a rule's needs and helps name; every rule needs to know of the baclofen order."""
    named = [word for line in (*sheet.needs, *sheet.helps) for word in _WORD.findall(line) if word in KNOWN_TYPES]
    return tuple(dict.fromkeys(("MedicationRequest", *named)))


def _triggers(sheet: RuleSheet, types: Iterable[str]) -> Iterable[Resource]:
    """Order, event, sweep: when a rule is checked at the latest."""
    if "O" in sheet.events:
        yield {"type": "named-event", "name": "medication-order"}
    if "E" in sheet.events:
        yield {"type": "data-changed", "data": [{"type": kind} for kind in types]}
    if "S" in sheet.events:
        yield {"type": "periodic", "timingTiming": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}


def _usage(sheet: RuleSheet, book: Rulebook) -> str:
    table = book.families[sheet.group]
    rows: Mapping[str, Limit] = {limit.name: limit for limit in (*table.limits, *table.over)}
    lines = [
        f"Quiet when: {sheet.quiet}" if sheet.quiet else "",
        f"Cannot judge: {sheet.cannot_judge}" if sheet.cannot_judge else "",
        f"Needs: {'; '.join(sheet.needs)}" if sheet.needs else "",
        f"Helps: {'; '.join(sheet.helps)}" if sheet.helps else "",
        *(
            f"- {limit.about}: {say(limit.value)} {limit.unit} ({', '.join(limit.sources)}; from {limit.effective})"
            for limit in rows.values()
            if sheet.id in limit.rules
        ),
    ]
    return "\n".join(line for line in lines if line)


def _citation(source: Source) -> Resource:
    said = f"[{source.id}] {source.citation}"
    return {"type": "citation", "label": source.id, "citation": f"{said} ({source.status})" if source.status else said}


def library(book: Rulebook) -> Resource:
    """The whole of the knowledge: what it is made of, and every source it rests on."""
    newest = max(sheet.effective for sheet in book.sheets.values())
    return {
        "resourceType": "Library",
        "id": "baclofen-safety",
        "url": MODULE,
        "version": book.version,
        "name": "BaclofenSafety",
        "title": "Baclofen medication safety: rules and sources",
        "status": "active",
        "experimental": False,
        "type": {"coding": [{"system": _LIBRARY_TYPE, "code": "asset-collection"}]},
        "date": newest.isoformat(),
        "publisher": PUBLISHER,
        "description": "Rules for the safety of baclofen therapy, each a PlanDefinition, with their sources. "
        "K13 marks choices of the project that no source sets; they need a local sign-off before use.",
        "relatedArtifact": [
            *(
                {"type": "composed-of", "display": sheet.title, "resource": f"{CANONICAL}/PlanDefinition/{rule}"}
                for rule, sheet in book.sheets.items()
            ),
            *(_citation(source) for source in book.sources.values()),
        ],
    }


def package(
    artifacts: Mapping[tuple[str, str], Mapping[str, Any]],
    manifest: Mapping[str, Any],
    examples: Mapping[str, Mapping[str, Any]],
) -> bytes:
    """A FHIR package (gzipped tar with ``package/``, the examples in its ``example/``): the same artifacts always give
    the same bytes."""
    files = {f"{kind}-{name}.json": _dump(resource) for (kind, name), resource in sorted(artifacts.items())}
    rows = [
        {key: value for key in _INDEXED if isinstance(value := {"filename": file, **json.loads(text)}.get(key), str)}
        for file, text in files.items()
    ]
    index = _dump({"index-version": 1, "files": rows})
    shown = {f"example/{file}": _dump(resource) for file, resource in sorted(examples.items())}
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for file, text in {"package.json": _dump(manifest), ".index.json": index, **files, **shown}.items():
            entry = tarfile.TarInfo(f"package/{file}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
    return gzip.compress(held.getvalue(), mtime=0)


def _dump(resource: Mapping[str, Any]) -> bytes:
    return (json.dumps(resource, ensure_ascii=False, indent=2) + "\n").encode()

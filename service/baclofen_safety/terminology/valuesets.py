"""The ValueSets: one per concept, made from the same tables the look-up reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..core.concepts import BACLOFEN, Concept
from .catalogue import CONCEPTS, FLUID, concept
from .codes import Coded, PrefixRule, read_coded, read_rules
from .notices import notice
from .rows import Tables
from .systems import ATC, DOTTED, FACT, ICD10PCS, RXNORM, UNII, read_systems

Json = dict[str, Any]

BASE = "https://baclofen-safety.example/fhir"
VERSION = "0.1.0"
PUBLISHED = "2026-11-20"
PUBLISHER = "baclofen-safety"

_KIND_TITLES: Mapping[str, str] = {
    "cond": "Condition",
    "lab": "Observation",
    "proc": "Procedure or device",
    "med": "Medicine class",
    "route": "Route",
    "form": "Dose form",
    "fact": "Fact",
    "excipient": "Excipient",
    "reaction": "Reaction",
}
_FILTER_NOTE = (
    "Filters on the property `code` with the operation `regex` match the whole code, written with or "
    "without its dot: "
    "a prefix of the classification, so that codes split each October stay in."
)


def value_sets(tables: Tables) -> dict[str, Json]:
    """Every ValueSet by id, in order of id."""
    systems = read_systems(tables)
    coded: dict[Concept, list[Coded]] = {}
    for row in read_coded(tables, systems):
        coded.setdefault(row.concept, []).append(row)
    for row in _medicines(tables):
        coded.setdefault(row.concept, []).append(row)
    rules: dict[Concept, list[PrefixRule]] = {}
    for rule in (*read_rules(tables, systems), *_atc_rules(tables)):
        rules.setdefault(rule.concept, []).append(rule)
    return {name: _value_set(name, coded.get(name, []), rules.get(name, [])) for name in sorted(CONCEPTS)}


def _medicines(tables: Tables) -> Iterable[Coded]:
    """A medicine class lists ingredients: RxNorm IN, UNII and ATC. The tables lead from products to them.

    Of baclofen the products of RxNorm are listed too: a server that searches by ``code:in`` leads nothing to anything.
    """
    marks: dict[str, list[str]] = {}
    for name, mark in tables.rows("own_ingredients", "ingredient", "class"):
        marks.setdefault(name, []).append(mark)
    classes: dict[str, list[Concept]] = {}
    for name, listed, rxcui, unii in tables.rows("med_ingredients", "ingredient", "classes", "rxnorm_in", "unii"):
        parts = (*listed.split("|"), *marks.get(name, ()))
        classes[name] = [found for part in parts if (found := concept("med", part)) in CONCEPTS]
        for found in classes[name]:
            for system, code in ((RXNORM, rxcui), (UNII, unii)):
                if code:
                    yield Coded("med", found, system, code, name)
    listed_by_atc = tuple(tables.rows("med_ingredient_atc", "ingredient", "atc"))
    found_as = {atc: name for name, atc in listed_by_atc}  # the look-up leads a shared code to one ingredient
    for name, atc in listed_by_atc:
        shared = classes.get(found_as[atc], [])
        yield from (Coded("med", found, ATC, atc, "") for found in classes.get(name, []) if found in shared)
    for code, system in tables.rows("baclofen_codes", "code", "system"):
        yield Coded("med", BACLOFEN, system, code, "")
    for rxcui, route in tables.rows("rxnorm_all", "rxcui", "route_group"):
        if route == "intraperitoneal":
            yield Coded("med", FLUID, RXNORM, rxcui, "")


def _atc_rules(tables: Tables) -> Iterable[PrefixRule]:
    """The ATC groups that say the class of a code no ingredient is listed for."""
    yield PrefixRule("med", FLUID, ATC, "B05D", True)
    for name, rule, atc in dict.fromkeys(tables.rows("med_class_atc_rules", "class", "rule", "atc")):
        if concept("med", name) in CONCEPTS:
            yield PrefixRule("med", concept("med", name), ATC, atc, rule.startswith("include"))


def _value_set(name: Concept, coded: list[Coded], rules: list[PrefixRule]) -> Json:
    kind, _, rest = name.partition("-")
    title = f"{_KIND_TITLES[kind]}: {rest.replace('-', ' ')}"
    include = [_listed(system, rows) for system, rows in _grouped(coded)]
    include += [_filtered(system, rows) for system, rows in _grouped([rule for rule in rules if rule.include])]
    exclude = [_filtered(system, rows) for system, rows in _grouped([rule for rule in rules if not rule.include])]
    compose: Json = {"include": include} | ({"exclude": exclude} if exclude else {})
    found: Json = {
        "resourceType": "ValueSet",
        "id": name,
        "url": f"{BASE}/ValueSet/{name}",
        "version": VERSION,
        "name": "".join(part.capitalize() for part in name.split("-")),
        "title": title,
        "status": "active",
        "experimental": False,
        "date": PUBLISHED,
        "publisher": PUBLISHER,
        "description": f"{title}. What the rules of baclofen-safety mean by the concept `{name}`.",
    }
    if rules:
        found["purpose"] = _FILTER_NOTE
    found["copyright"] = notice({part["system"] for part in (*include, *exclude)}, name)
    found["compose"] = compose
    return found


def _grouped(rows: list[Any]) -> list[tuple[str, list[Any]]]:
    systems = sorted({row.system for row in rows})
    return [(system, [row for row in rows if row.system == system]) for system in systems]


def _listed(system: str, rows: list[Coded]) -> Json:
    displays: dict[str, str] = {}
    for row in rows:
        displays[row.code] = displays.get(row.code) or row.display
    concepts = [{"code": code} | ({"display": shown} if shown else {}) for code, shown in sorted(displays.items())]
    return {"system": system, "concept": concepts}


def _filtered(system: str, rules: list[PrefixRule]) -> Json:
    """One regex for all prefixes: filters in one include are joined by "and", alternatives in a regex by
    "or"."""
    value = "|".join(sorted({rule_regex(rule) for rule in rules}))
    return {"system": system, "filter": [{"property": "code", "op": "regex", "value": value}]}


def rule_regex(rule: PrefixRule) -> str:
    """The whole-code regex of one prefix rule.

    The intent is the 6th character without the dot, or the 5th when the 6th is X; its prefixes have at most
    4.
    """
    if rule.system == ICD10PCS:
        return f"{rule.prefix}.{{{7 - len(rule.prefix)}}}"
    if rule.system not in DOTTED:
        return re.escape(rule.prefix) + ".*"
    plain = rule.prefix.replace(".", "")
    stem = 4 if rule.system.endswith("icd-9-cm") and plain.startswith("E") else 3
    head = plain if len(plain) < stem else rf"{plain[:stem]}\.?{plain[stem:]}"
    if not rule.intent:
        return f"{head}.*"
    return rf"{head}[^.]{{{4 - len(plain)}}}([^.][{rule.intent}]|[{rule.intent}]X).*"


def fact_code_system(tables: Tables) -> Json:
    """The CodeSystem of facts that have no agreed code elsewhere."""
    concepts = [
        {"code": code, "display": display, "definition": definition}
        for code, display, definition in sorted(tables.rows("own_facts", "code", "display", "definition"))
    ]
    return {
        "resourceType": "CodeSystem",
        "id": "baclofen-fact",
        "url": FACT,
        "version": VERSION,
        "name": "BaclofenFact",
        "title": "Facts about baclofen therapy with no agreed code",
        "status": "active",
        "experimental": False,
        "date": PUBLISHED,
        "publisher": PUBLISHER,
        "description": "Codes for facts that have no agreed place in FHIR: pump data, holds, signs, plans.",
        "caseSensitive": True,
        "content": "complete",
        "count": len(concepts),
        "concept": concepts,
    }


def _designated(titles: Mapping[str, str]) -> Json:
    held = [{"language": language, "value": title} for language, title in titles.items()]
    return {"designation": held} if held else {}


def issue_codesystem(
    rules: Mapping[str, tuple[str, str]], translations: Mapping[str, Mapping[str, str]] | None = None
) -> Json:
    """The CodeSystem of issues from rule ids, each with its title and definition; titles in other languages, by
    language and id, are designations."""
    return {
        "resourceType": "CodeSystem",
        "id": "baclofen-issue",
        "url": f"{BASE}/CodeSystem/baclofen-issue",
        "version": VERSION,
        "name": "BaclofenIssue",
        "title": "Safety issues of baclofen therapy",
        "status": "active",
        "experimental": False,
        "date": PUBLISHED,
        "publisher": PUBLISHER,
        "description": "One code per rule: the first coding of DetectedIssue.code.",
        "caseSensitive": True,
        "content": "complete",
        "count": len(rules),
        "concept": [
            {
                "code": code,
                "display": title,
                "definition": definition,
                **_designated({language: titles[code] for language, titles in (translations or {}).items()}),
            }
            for code, (title, definition) in sorted(rules.items())
        ],
    }

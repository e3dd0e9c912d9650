"""``docs/integration.md`` names every type, element, kind of code and own code that is read, and nothing else."""

from __future__ import annotations

import ast
import csv
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from baclofen_safety.fhir.readers import READERS
from baclofen_safety.profiles import locate_profiles
from baclofen_safety.terminology.catalogue import GROUPS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "service" / "baclofen_safety"
PAGE = (ROOT / "docs" / "integration.md").read_text()
BESIDE = {"Bundle", "Patient", "Medication"}
"""Types that are read on the way to others."""
NOT_INPUT = {"writing.py", "capability.py", "outcome.py", "proposing.py", "guidance.py", "publishing.py"}
"""Modules that write."""
ASKED = {
    *("string", "element", "elements", "concept", "moment", "period", "finished", "flag", "reference", "references"),
}
"""Methods of a page whose first argument is an element."""
WIRE = {
    *("display", "reference", "text", "value", "low", "high", "numerator", "denominator", "start", "meta"),
    *("parameter", "resource", "issue", "details"),
}
"""Parts of data types, and of the envelope of an operation, that need no row of their own."""


SYSTEMS = {
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://www.whocc.no/atc": "ATC",
    "http://fdasis.nlm.nih.gov": "UNII",
    "http://snomed.info/sct": "SNOMED CT",
    "http://loinc.org": "LOINC",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10",
    "http://hl7.org/fhir/sid/icd-9-cm": "ICD-9-CM",
    "http://www.cms.gov/Medicare/Coding/ICD10": "ICD-10-PCS",
    "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": "HCPCS",
    "http://dicom.nema.org/resources/ontology/DCM": "DICOM",
    "http://standardterms.edqm.eu": "EDQM",
    "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl": "NCI Thesaurus",
    "http://terminology.hl7.org/CodeSystem/v2-0162": "HL7 v2",
    "http://terminology.hl7.org/CodeSystem/v2-0078": "HL7 v2",
    "http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration": "v3",
    "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation": "v3",
    "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips": "IPS",
    "https://baclofen-safety.example/fhir/CodeSystem/baclofen-fact": "our own",
}
"""What the page calls the code systems."""


@cache
def table(heading: str) -> dict[str, str]:
    """First column (without backticks) to the rest of the row, of the table under a heading."""
    block = PAGE.split(f"### {heading}\n")[1].split("\n#")[0]
    rows = [line.strip("| ").split(" | ") for line in block.splitlines() if line.startswith("| `")]
    return {first: " | ".join(rest) for first, *rest in rows}


def backticked(text: str) -> set[str]:
    """Every word in backticks, paths taken apart."""
    return {word for path in re.findall(r"`([^`]+)`", text) for word in re.findall(r"[A-Za-z][\w-]*", path)}


@cache
def sources() -> dict[str, ast.Module]:
    return {path.name: ast.parse(path.read_text()) for path in (PACKAGE / "fhir").glob("*.py")}


def asked() -> Iterator[tuple[str, str]]:
    """(module, element) of every element a reader asks a page for."""
    for name, tree in sources().items():
        if name in NOT_INPUT:
            continue
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            first = node.args[0]
            if node.func.attr in ASKED and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield name, first.value


def test_every_type_read_has_a_row_and_no_other() -> None:
    assert {one.strip("`") for one in table("By resource type")} == set(READERS) | BESIDE


def test_every_element_read_is_named() -> None:
    named = backticked(PAGE)
    assert sorted({one for one in asked() if one[1] not in named | WIRE}) == []


def test_every_element_named_is_read() -> None:
    """By a string of a reader; elements put together from a stem are found by it."""
    strings = {
        node.value
        for tree in sources().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    words = {word for text in strings for word in re.findall(r"[A-Za-z][\w-]*", text)}
    stems = {f"{stem}{kind}" for stem in ("performed", "occurrence") for kind in ("DateTime", "Period")}
    named = {word for row in table("By resource type").values() for word in backticked(row.split(" | ")[0])}
    assert sorted(named - words - stems - {"complete-record"}) == []


def test_every_kind_of_code_has_a_row() -> None:
    assert {one.strip("`") for one in table("By kind of code")} == set(GROUPS)


@pytest.mark.parametrize("kind", GROUPS)
def test_every_system_of_a_kind_is_named(kind: str) -> None:
    sets = (json.loads(path.read_text()) for path in locate_profiles().glob(f"ValueSet-{kind}-*.json"))
    used = {include["system"] for one in sets for include in one["compose"]["include"]}
    row = table("By kind of code")[f"`{kind}`"]
    assert sorted(system for system in used if SYSTEMS.get(system, system) not in row) == []


@pytest.mark.parametrize("part", ["own_facts"])
def test_every_code_of_our_own_has_a_row(part: str) -> None:
    with (PACKAGE / "terminology" / "tables" / f"{part}.csv").open() as file:
        codes = {row["code"] for row in csv.DictReader(file)}
    named = {code for first in table("Facts of our own") for code in re.findall(r"`([^`]+)`", first)}
    assert named == codes


def test_every_code_of_our_own_means_something() -> None:
    """It is named by the code, or a table makes it a concept of another kind."""
    code = "\n".join(path.read_text() for path in PACKAGE.rglob("*.py"))
    own = (PACKAGE / "terminology" / "tables" / "own_codes.csv").read_text()
    listed = {code for first in table("Facts of our own") for code in re.findall(r"`([^`]+)`", first)}
    assert (
        sorted(one for one in listed if f'"fact-{one}"' not in code and f'"{one}"' not in code and one not in own) == []
    )

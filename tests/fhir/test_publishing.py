"""The knowledge as FHIR: every rule a PlanDefinition, the sources a Library, all of it a package."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

from flask.testing import FlaskClient

from baclofen_safety.assessor import Assessor
from baclofen_safety.fhir.publishing import library, needed_types, package, plan_definition
from baclofen_safety.fhir.resources import shape_errors


def test_every_rule_is_a_plan(assessor: Assessor, client: FlaskClient) -> None:
    for rule, sheet in assessor.book.sheets.items():
        plan = client.get(f"/fhir/PlanDefinition/{rule}").json
        assert shape_errors(plan) == ()
        assert (plan["title"], plan["date"], plan["version"]) == (sheet.title, "2026-11-20", assessor.book.version)
        assert [one["label"] for one in plan["relatedArtifact"]] == list(sheet.sources)
        kinds = {one["type"] for one in plan["action"][0]["trigger"]}
        assert len(kinds) == len(sheet.events), rule
        assert plan["action"][0]["input"]


def test_triggers_follow_the_events(assessor: Assessor) -> None:
    plan = plan_definition(assessor.book.sheets["BAC-RENAL-01"], assessor.book)
    order, event, sweep = plan["action"][0]["trigger"]
    assert order == {"type": "named-event", "name": "medication-order"}
    assert event["data"][0] == {"type": "MedicationRequest"}
    assert sweep["timingTiming"]["repeat"]["periodUnit"] == "d"


def test_needs_name_resource_types(assessor: Assessor) -> None:
    assert needed_types(assessor.book.sheets["BAC-RENAL-07"])[:2] == ("MedicationRequest", "Condition")


def test_the_library_holds_rules_and_sources(assessor: Assessor, client: FlaskClient) -> None:
    told = client.get("/fhir/Library/baclofen-safety").json
    assert told == library(assessor.book)
    assert shape_errors(told) == ()
    parts = [one["resource"].rpartition("/")[2] for one in told["relatedArtifact"] if one["type"] == "composed-of"]
    assert parts == list(assessor.book.sheets)
    cited = [one["label"] for one in told["relatedArtifact"] if one["type"] == "citation"]
    assert cited == list(assessor.book.sources)


def test_the_statement_lists_what_can_be_read(client: FlaskClient, assessor: Assessor) -> None:
    resources = client.get("/fhir/metadata").json["rest"][0]["resource"]
    listed = {one["type"] for one in resources if {"code": "read"} in one.get("interaction", ())}
    assert listed == {kind for kind, _ in assessor.artifacts}
    assert {"PlanDefinition", "Library", "ValueSet"} <= listed


def unpacked(packed: bytes) -> dict[str, Any]:
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        return {one.name: json.load(archive.extractfile(one) or io.BytesIO()) for one in archive}


def test_the_package_holds_everything_and_is_always_the_same(assessor: Assessor) -> None:
    profiles = assessor.profiles
    packed = package(assessor.artifacts, profiles.package, profiles.examples)
    turned = dict(reversed(profiles.examples.items()))
    assert packed == package(dict(reversed(assessor.artifacts.items())), profiles.package, turned)
    files = unpacked(packed)
    assert files["package/package.json"]["name"] == "example.baclofen-safety"
    indexed = {row["filename"]: row for row in files["package/.index.json"]["files"]}
    assert indexed.keys() == {f"{kind}-{name}.json" for kind, name in assessor.artifacts}
    for file, row in indexed.items():
        held = files[f"package/{file}"]
        assert (row["resourceType"], row["id"]) == (held["resourceType"], held["id"])
    assert indexed["PlanDefinition-BAC-RENAL-04.json"]["url"].endswith("/PlanDefinition/BAC-RENAL-04")
    assert "type" not in indexed["PlanDefinition-BAC-RENAL-04.json"]
    assert indexed["CapabilityStatement-baclofen-safety.json"]["kind"] == "instance"
    assert files["package/example/quiet.json"] == profiles.examples["quiet.json"]
    assert len([file for file in files if "/example/" in file]) == len(profiles.examples)

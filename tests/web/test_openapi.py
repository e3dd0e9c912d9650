"""``/openapi.json`` describes every route there is, and no other."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from baclofen_safety.assessor import Assessor
from web.fhir_calls import FIRING, OPERATION, parameters, post

Json = dict[str, Any]
NAMES = {"name": "id", "kind": "file"}
"""What the description calls parts of an address."""


@pytest.fixture
def spec(client: FlaskClient) -> Json:
    return json.loads(client.get("/openapi.json").text)


def test_every_route_is_described_and_nothing_else(app: Flask, spec: Json, assessor: Assessor) -> None:
    types = {kind for kind, _ in assessor.artifacts}
    there = {
        (method.lower(), re.sub(r"<(\w+)>", lambda found: f"{{{NAMES.get(found[1], found[1])}}}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {
        (method, path.replace("{type}", kind))
        for path, methods in spec["paths"].items()
        for method in methods
        for kind in (types if "{type}" in path else {""})
    }
    assert described == there
    assert len({one["operationId"] for methods in spec["paths"].values() for one in methods.values()}) > 40


def test_names_of_operations_are_names(spec: Json) -> None:
    names = [one["operationId"] for methods in spec["paths"].values() for one in methods.values()]
    assert len(names) == len(set(names))


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        here = [value["$ref"]] if "$ref" in value else []
        return here + [one for inner in value.values() for one in references(inner)]
    return [one for inner in value for one in references(inner)] if isinstance(value, list) else []


def test_the_description_holds_together(spec: Json) -> None:
    for reference in references(spec):
        held: Any = spec
        for step in reference.removeprefix("#/").split("/"):
            held = held[step]
    for schema in spec["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_parts_of_an_address_are_parameters(spec: Json) -> None:
    for path, methods in spec["paths"].items():
        for one in methods.values():
            held = {row["name"] for row in one.get("parameters", ()) if row["in"] == "path"}
            assert held == set(re.findall(r"\{(\w+)\}", path)), path


def fits(spec: Json, holder: Json, body: Any) -> bool:
    schema = holder["content"]["application/fhir+json"]["schema"]
    return Draft202012Validator({**schema, "components": spec["components"]}).is_valid(body)


def test_calls_and_answers_fit_their_description(client: FlaskClient, spec: Json) -> None:
    described = spec["paths"][OPERATION]["post"]
    for body in (FIRING, parameters(content=FIRING)):
        assert fits(spec, described["requestBody"], body)
        assert fits(spec, described["responses"]["200"], post(client, body).json)
    assert not fits(spec, described["requestBody"], {"resourceType": "Patient"})
    refused = post(client, {"resourceType": "Patient"})
    assert fits(spec, described["responses"][str(refused.status_code)], refused.json)
    assert not fits(spec, described["responses"]["400"], {"resourceType": "OperationOutcome", "issue": []})


def test_the_page_shows_every_address(client: FlaskClient, spec: Json) -> None:
    page = client.get("/docs", headers={"Accept": "text/html"}).text
    assert [path for path in spec["paths"] if path not in page] == []

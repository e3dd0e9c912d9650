"""What a finding's reference leads to: the rule as JSON and as a page."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from baclofen_safety.assessor import Assessor, load_assessor
from baclofen_safety.config import Settings
from baclofen_safety.fhir.operations import Ask
from builders import make_bundle
from cases import make_case
from doors import of_kind

ATTRIBUTES = 13


@pytest.mark.parametrize("path", ["/rules", "/rules/"])
def test_every_rule_is_listed(client: FlaskClient, assessor: Assessor, path: str) -> None:
    told = client.get(path).json
    assert [one["id"] for one in told["rules"]] == list(assessor.book.sheets)
    assert told["version"] == assessor.book.version
    assert {one["mode"] for one in told["rules"]} == {"on"}


def test_every_rule_is_explained_both_ways(client: FlaskClient, assessor: Assessor) -> None:
    for rule, sheet in assessor.book.sheets.items():
        told = client.get(f"/rules/{rule}").json
        assert (told["id"], told["fires"]) == (rule, sheet.fires)
        assert [one["id"] for one in told["sources"]] == list(sheet.sources)
        assert len(told["sourceAttributes"]) == ATTRIBUTES
        assert told["cases"], rule
        page = client.get(f"/rules/{rule}", headers={"Accept": "text/html"})
        assert page.content_type == "text/html; charset=utf-8"
        assert f"<h1>{rule}" in page.text
        assert "{{" not in page.text


def test_limits_carry_source_and_day(client: FlaskClient) -> None:
    limits = {one["name"]: one for one in client.get("/rules/BAC-RENAL-04").json["limits"]}
    limit = limits["renal-high-dose-from"]
    assert (limit["value"], limit["unit"], limit["effective"]) == ("20", "mg/day", "2026-11-20")
    assert limit["sources"][0]["id"] == "S21"
    assert "dose-daily-max" not in limits


def test_a_page_runs_nothing_and_leads_back(client: FlaskClient) -> None:
    page = client.get("/rules/BAC-RENAL-04", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert "script" not in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert 'href="/rules/"' in page.text
    assert 'href="/rules/BAC-RENAL-04"' in client.get("/rules", headers={"Accept": "text/html"}).text


@pytest.mark.parametrize("rule", ["BAC-NONE-01", "bac-renal-04", "..%2fversion"])
def test_no_such_rule(client: FlaskClient, rule: str) -> None:
    answer = client.get(f"/rules/{rule}")
    assert answer.status_code == 404
    assert answer.json["resourceType"] == "OperationOutcome"


def test_a_finding_leads_to_its_rule(assessor: Assessor) -> None:
    case = make_case({"name": "90 mg", "order": [{"id": "order", "dose": "30 mg"}]})
    site = load_assessor(Settings(public_url="https://safety.example.org"))
    ask = Ask(json.loads(json.dumps(make_bundle(case))), as_of=case.as_of)
    here = {one["reference"] for one in of_kind(site.answer(ask, case.as_of).bundle, "DetectedIssue")}
    assert "https://safety.example.org/rules/BAC-DOSE-01" in here
    there = {one["reference"] for one in of_kind(assessor.answer(ask, case.as_of).bundle, "DetectedIssue")}
    assert "https://baclofen-safety.example/fhir/CodeSystem/baclofen-issue#BAC-DOSE-01" in there

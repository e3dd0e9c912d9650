"""What the documents say is so."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from baclofen_safety import demo
from baclofen_safety.app import create_app
from baclofen_safety.assessor import Assessor
from baclofen_safety.config import Settings
from baclofen_safety.fhir.operations import Ask

ROOT = Path(__file__).parents[1]


def holds(shown: Any, real: Any) -> bool:
    """Is what a document shows part of the real thing? "…" stands for what was cut."""
    if isinstance(shown, dict):
        return isinstance(real, dict) and all(key in real and holds(value, real[key]) for key, value in shown.items())
    if isinstance(shown, list):
        return isinstance(real, list) and all(any(holds(one, other) for other in real) for one in shown)
    if isinstance(shown, str) and shown.endswith("…"):
        return isinstance(real, str) and real.startswith(shown[:-1].rstrip())
    return bool(shown == real)


def test_the_answer_in_the_readme_is_a_real_one(assessor: Assessor) -> None:
    text = (ROOT / "README.md").read_text()
    shown = [json.loads(line) for line in text.split("```json\n")[1].split("```")[0].splitlines()]
    example = json.loads((ROOT / "fhir_profiles" / "examples" / "kidney-decline.json").read_text())
    as_of = datetime(2026, 11, 20, 12, tzinfo=UTC)
    real = [entry["resource"] for entry in assessor.answer(Ask(example, as_of=as_of), as_of).bundle["entry"]]
    assert [line["resourceType"] for line in shown if not any(holds(line, one) for one in real)] == []


def test_the_readme_counts_the_rules(assessor: Assessor) -> None:
    text = (ROOT / "README.md").read_text()
    for rule in ("BAC-RENAL-01", "BAC-WD-01", "BAC-UNIT-01", "BAC-IT-01", "BAC-DUP-01", "BAC-DATA-01"):
        assert rule in text
        assert rule in assessor.book.sheets
    last = {rule.rsplit("-", 1)[0]: rule for rule in assessor.book.sheets}
    for family in ("BAC-RENAL", "BAC-WD", "BAC-IT", "BAC-DOSE", "BAC-DATA"):
        assert f"{family}-01 … {last[family][-2:]}" in text


def test_the_cds_hooks_call_of_the_readme_gives_a_card(assessor: Assessor) -> None:
    text = (ROOT / "README.md").read_text()
    path, _, rest = text.split("curl -s http://127.0.0.1:8080")[1].partition(" ")
    body = json.loads(rest.split("--data-binary '")[1].split("'\n```")[0])
    door = create_app(replace(assessor, settings=Settings(cds_auth="off"))).test_client()
    answer = door.post(path, json=body)
    told = [card["extension"]["example.baclofen-safety"] for card in answer.get_json()["cards"]]
    assert any(rule["severity"] == "high" for one in told for rule in one.get("rules", ()))
    assert "not-checked" in [one.get("notice") for one in told]


def test_the_first_minute_needs_no_token() -> None:
    """``make run`` listens on this machine only, and its call of the README brings none."""
    assert demo.surroundings("8080", {})["BACLOFEN_SAFETY_CDS_AUTH"] == "off"
    assert demo.surroundings("8080", {})["WEB_CONCURRENCY"] == "1"
    assert demo.surroundings("8080", {"WEB_CONCURRENCY": "2"})["WEB_CONCURRENCY"] == "2"
    assert demo.surroundings("8080", {"HOST": "0.0.0.0"})["HOST"] == "127.0.0.1"
    assert demo.surroundings("8080", {"BACLOFEN_SAFETY_CDS_AUTH": "jwt"})["BACLOFEN_SAFETY_CDS_AUTH"] == "jwt"

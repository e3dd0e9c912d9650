"""What the documents say is so."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from baclofen_safety.assessor import Assessor
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

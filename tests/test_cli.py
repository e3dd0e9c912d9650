"""The command line: exit codes, a table that can be read, refusals in words."""

from __future__ import annotations

import json
import os
import re
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from baclofen_safety import cli as door
from baclofen_safety.assessor import Assessor
from baclofen_safety.store import Feedback
from baclofen_safety.store.sql import SqlStore
from builders import make_bundle
from cases import AS_OF, make_case


def run(assessor: Assessor | None, body: str | dict[str, Any], *more: str, **env: str) -> Result:
    text = body if isinstance(body, str) else json.dumps(body)
    return CliRunner(env=env).invoke(door.cli, ["assess", "-", "--as-of", AS_OF, *more], input=text, obj=assessor)


def bundle(**table: Any) -> dict[str, Any]:
    return make_bundle(make_case({"name": "one", **table}))


STOPPED = bundle(order=[{"id": "order", "status": "stopped", "updated": "-1d"}])
DRAFT = bundle(order=[{"id": "order", "status": "draft", "dose": "40 mg", "start": "now"}])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (bundle(), 0),
        (STOPPED, 1),
        (bundle(patient={"age": -1}), 2),
        ("{", 2),
        ('{"resourceType": "Patient"}', 2),
        ('{"a": 1, "a": 2}', 2),
    ],
)
def test_exit_codes(assessor: Assessor, body: str | dict[str, Any], code: int) -> None:
    assert run(assessor, body).exit_code == code
    assert run(assessor, body, "--format", "fhir").exit_code == code


def test_the_table_can_be_read(assessor: Assessor) -> None:
    told = run(assessor, STOPPED, COLUMNS="120").stdout
    assert told.startswith("success: Baclofen was judged.")
    assert "BAC-WD-01" in told
    assert "high" in told
    assert "withdrawal risk" in told
    assert "\x1b" not in told


def test_what_was_not_checked_and_not_used_is_listed(assessor: Assessor) -> None:
    odd = {"resource": {"resourceType": "MedicationRequest", "id": "odd", "status": "active", "intent": "order"}}
    body = bundle(drop=["creatinine"])
    body["entry"].append(odd)
    told = run(assessor, body, COLUMNS="200").stdout
    assert "not checked  BAC-DATA-03: Kidney function unknown" in told
    assert "not used  MedicationRequest/odd" in told


@pytest.mark.parametrize(
    ("dropped", "words"),
    [
        ([], "success: Baclofen was judged."),
        (["creatinine"], "data-required: Baclofen was judged. Not all of it: something that decides is not known."),
    ],
)
def test_the_first_line_says_whether_all_was_judged(assessor: Assessor, dropped: list[str], words: str) -> None:
    assert run(assessor, bundle(drop=dropped), COLUMNS="200").stdout.partition("\n")[0].rstrip() == words


def test_a_draft_is_marked(assessor: Assessor) -> None:
    assert "(if signed)" in run(assessor, DRAFT, COLUMNS="120").stdout


def test_bad_input_is_told_in_the_format_asked_for(assessor: Assessor) -> None:
    plain = run(assessor, "{")
    assert (plain.stdout, plain.stderr[:17]) == ("", "baclofen-safety: ")
    outcome = json.loads(run(assessor, "{", "--format", "fhir").stdout)
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome["issue"][0]["code"] == "structure"


def test_a_bad_setting_is_told_and_not_judged(tmp_path: Path) -> None:
    refused = run(None, STOPPED, BACLOFEN_SAFETY_PROFILES=str(tmp_path / "none"))
    assert refused.exit_code == 2
    assert refused.stderr == "baclofen-safety: BACLOFEN_SAFETY_PROFILES: an existing folder expected\n"


def test_it_loads_what_it_needs_itself() -> None:
    assert run(None, STOPPED).exit_code == 1


def test_serve_hands_over_to_gunicorn(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[Any] = []
    monkeypatch.setattr(os, "execv", lambda *call: called.append(call))
    monkeypatch.setattr(os, "environ", {})
    CliRunner().invoke(door.cli, ["serve", "--port", "8090"], catch_exceptions=False)
    assert called == [
        (sys.executable, [sys.executable, "-m", "gunicorn", "-c", "python:baclofen_safety.serving"]),
    ]
    assert os.environ == {"HOST": "127.0.0.1", "PORT": "8090"}


def test_version_and_help() -> None:
    assert CliRunner().invoke(door.cli, ["--version"]).output.startswith("baclofen-safety, version ")
    assert "Exit status" in CliRunner().invoke(door.cli, ["assess", "-h"]).output


def call(assessor: Assessor, *arguments: str) -> Result:
    return CliRunner().invoke(door.cli, list(arguments), obj=assessor)


def test_a_trace_says_what_became_of_every_rule(assessor: Assessor) -> None:
    told = run(assessor, STOPPED, "--trace").stdout
    assert "fired  BAC-WD-01: Fired: high." in told
    assert "oral.stop = " in told
    assert all(rule in told for rule in assessor.book.sheets)


def test_explain_tells_limits_sources_and_cases(assessor: Assessor) -> None:
    told = " ".join(call(assessor, "explain", "BAC-RENAL-04").stdout.split())
    assert "from this dose encephalopathy admissions rise at eGFR below 60: 20 mg/day (S21; from 2026-11-20)" in told
    assert "default: requester urgent, pharmacist urgent, patient routine with PT-KIDNEY" in told
    assert "BAC-RENAL-08 silences BAC-RENAL-04" in told
    assert "[S21] Muanda FT" in told
    assert "renal: eGFR 30 -> high" in told
    assert json.loads(call(assessor, "explain", "BAC-RENAL-04", "--format", "json").stdout)["id"] == "BAC-RENAL-04"


def test_explain_knows_no_other_rule(assessor: Assessor) -> None:
    told = call(assessor, "explain", "BAC-NONE-01")
    assert told.exit_code == 2
    assert "no rule BAC-NONE-01; one of BAC-RENAL-01" in told.stderr


def test_publish_writes_the_package(assessor: Assessor, tmp_path: Path) -> None:
    target = tmp_path / "package.tgz"
    told = call(assessor, "publish", str(target))
    assert told.exit_code == 0
    assert f"{len(assessor.artifacts)} artifacts, knowledge {assessor.book.version}" in told.stdout
    assert target.read_bytes()[:2] == b"\x1f\x8b"


@pytest.mark.parametrize(
    "command", [["explain", "BAC-RENAL-04"], ["publish", "x.tgz"], ["tally", __file__], ["assess", __file__]]
)
def test_a_setting_that_does_not_fit_ends_every_command(command: list[str]) -> None:
    told = CliRunner(env={"BACLOFEN_SAFETY_MAX_BYTES": "none"}).invoke(door.cli, command)
    assert told.exit_code == 2
    assert "BACLOFEN_SAFETY_MAX_BYTES" in told.stderr
    told = CliRunner(env={"BACLOFEN_SAFETY_POLICY": __file__}).invoke(door.cli, command)
    assert (told.exit_code, type(told.exception)) == (2, SystemExit)
    assert told.stderr.startswith("baclofen-safety: test_cli.py: ")
    assert told.stderr.count("\n") == 1


def test_a_tally_counts_by_rule(assessor: Assessor, tmp_path: Path) -> None:
    for name, body in (("one", STOPPED), ("two", STOPPED), ("three", bundle())):
        (tmp_path / f"{name}.json").write_text(json.dumps(body))
    files = [str(path) for path in sorted(tmp_path.iterdir())]
    told = call(assessor, "tally", *files, "--as-of", AS_OF)
    assert told.exit_code == 0
    assert "3 patients (success 3)" in told.stdout
    assert re.search(r"BAC-WD-01\W+2\W", told.stdout)
    assert re.search(r"(\d+) findings before rules gave way, (\d+) told after", told.stdout)


def test_a_tally_names_what_it_cannot_read(assessor: Assessor, tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text("[]")
    told = call(assessor, "tally", str(path))
    assert told.exit_code == 2
    assert "list.json: A FHIR Bundle" in told.stderr
    assert "0 patients (none)" in told.stdout


def forget(before: str, url: str) -> Result:
    return CliRunner(env={"BACLOFEN_SAFETY_STORE": url}).invoke(door.cli, ["forget-comments", "--before", before])


def test_comments_are_forgotten_by_day(tmp_path: Path) -> None:
    url, day = f"sqlite:///{tmp_path / 'kept.db'}", datetime(2026, 3, 2, 9, tzinfo=UTC)
    with closing(SqlStore(url, lambda: day)) as store:
        one = Feedback("c", "overridden", day, day, "baclofen-order-sign", "ward", comment="Mrs Secret")
        store.add_feedback([one, replace(one, card="d", received=day + timedelta(days=1))])
        before = store.figures()
    assert [forget(each, url).output for each in ("2026-03-02", "2026-03-03")] == [
        "0 comments removed, received before 2026-03-02\n",
        "1 comment removed, received before 2026-03-03\n",
    ]
    with closing(SqlStore(url, lambda: day)) as store:
        assert store.figures() == before
        assert store.forget_comments(day + timedelta(days=9)) == 1


@pytest.mark.parametrize(
    ("before", "url", "words"),
    [
        ("2026-03-02", "", "BACLOFEN_SAFETY_STORE: the database of the service expected"),
        ("2026-03-02", "sqlite:////none/of/it.db", "BACLOFEN_SAFETY_STORE: the database of the service expected"),
        ("2026-03-02", "mysql://x", "sqlite or postgresql expected"),
        ("yesterday", "sqlite:///none.db", "does not match the format"),
    ],
)
def test_comments_of_no_store_cannot_be_forgotten(before: str, url: str, words: str) -> None:
    told = forget(before, url)
    assert told.exit_code == 2
    assert words in told.output


def test_forgetting_comments_makes_no_database(tmp_path: Path) -> None:
    assert forget("2026-03-02", f"sqlite:///{tmp_path / 'misspelt.db'}").exit_code == 2
    assert not list(tmp_path.iterdir())

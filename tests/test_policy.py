"""A site's policy: checked at start, laid over the knowledge, told in every answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from baclofen_safety.app import create_app
from baclofen_safety.assessor import Answer, Assessor, load_assessor
from baclofen_safety.config import Settings
from baclofen_safety.core.knowledge import KnowledgeError
from baclofen_safety.fhir.operations import Ask
from builders import make_bundle
from cases import make_case
from doors import of_kind

HEAD = 'site = "General Hospital"\nsource = "P&T committee, minute 14"\neffective = 2026-10-01\n'
NINETY = {"name": "90 mg a day for 2 years", "order": [{"id": "order", "dose": "30 mg", "start": "-2y"}]}


def under(folder: Path, text: str, head: str = HEAD) -> Assessor:
    path = folder / "policy.toml"
    path.write_text(head + text)
    return load_assessor(Settings(policy=path))


def judge(assessor: Assessor, table: dict[str, Any] = NINETY, **more: Any) -> Answer:
    case = make_case({**table, **more})
    return assessor.answer(Ask(make_bundle(case), as_of=case.as_of), case.as_of)


def severities(answer: Answer) -> dict[str, str]:
    return {issue.sheet.id: issue.severity.value for issue in answer.verdict.issues}


def issue_of(answer: Answer, rule: str) -> dict[str, Any]:
    found = of_kind(answer.bundle, "DetectedIssue")
    return next(one for one in found if one["code"]["coding"][0]["code"] == rule)


def outcome_text(answer: Answer) -> str:
    return " ".join(issue["details"]["text"] for issue in of_kind(answer.bundle, "OperationOutcome")[0]["issue"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("colour = 1", "not known here: \\['colour'\\]"),
        ("[rule.BAC-NONE-01]\nmode = 'off'\nreason = 'x'", "BAC-NONE-01"),
        ("[rule.BAC-DOSE-01]\nmode = 'asleep'", "mode"),
        ("[rule.BAC-DOSE-01]\nmode = 'off'", "reason"),
        ("[rule.BAC-DOSE-01]\nmood = 'off'", "mood"),
        ("[rule.BAC-DOSE-01.tell]\nrequester = 'soon'", "priorities"),
        ("[rule.BAC-DOSE-01.tell]\nnurse = 'stat'", "nurse"),
        ("[rule.BAC-DOSE-01.tell.worst]\nrequester = 'stat'", "worst"),
        ("[rule.BAC-DOSE-01.tell]\nrequester = ''\npharmacist = ''\npatient = ''", "nobody"),
        ("[rule.BAC-IT-01.tell]\npatient = 'stat'", "no patient text"),
        ("[[limit]]\nname = 'dose-daily-max'\nvalue = 90\nunit = 'mg/day'\neffective = 2026-10-01", "source"),
        ("[[limit]]\nname = 'dose-daily-max'\nvalue = 90\nunit = 'mg/day'\nsource = 'x'", "effective"),
        ("[[limit]]\nname = 'dose-daily-max'\nvalue = 90\nunit = 'mg'\nsource = 'x'\neffective = 2026-10-01", "unit"),
        ("[[limit]]\nname = 'dose-daily-max'\nvalue = '9'\nunit = 'mg/day'\nsource='x'\neffective=2026-10-01", "value"),
        ("[[limit]]\nname = 'dose-daily-max'\nvalue = -9\nunit = 'mg/day'\nsource='x'\neffective=2026-10-01", "value"),
        (
            "[[limit]]\nname = 'no-such'\nvalue = 9\nunit = 'mg/day'\nsource = 'x'\neffective = 2026-10-01",
            "no such limit",
        ),
        ("[[limit]]\nname = 'dose-daily-max'\nvalue = 9\nkind = 'x'", "kind"),
        ("[choice]\nadult-maximum = 90", "one of \\[80, 100\\]"),
        ("[choice]\nweather = 90", "weather"),
        ("site = 'twice'", "policy.toml"),
    ],
)
def test_what_does_not_fit_is_refused_at_start(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(KnowledgeError, match=says):
        under(tmp_path, text)


@pytest.mark.parametrize("line", HEAD.splitlines())
def test_the_head_must_be_whole(tmp_path: Path, line: str) -> None:
    with pytest.raises(KnowledgeError, match=line.split(maxsplit=1)[0]):
        under(tmp_path, "", HEAD.replace(f"{line}\n", ""))


def test_the_adult_maximum_is_a_choice(tmp_path: Path, assessor: Assessor) -> None:
    assert severities(judge(assessor))["BAC-DOSE-01"] == "moderate"
    site = under(tmp_path, "[choice]\nadult-maximum = 100")
    assert "BAC-DOSE-01" not in severities(judge(site))
    hundred_and_five = {**NINETY, "order": [{"id": "order", "dose": "35 mg", "start": "-2y"}]}
    found = judge(site, hundred_and_five)
    assert severities(found)["BAC-DOSE-01"] == "high"
    issue = issue_of(found, "BAC-DOSE-01")
    assert "100 mg/day instead of 80 (P&T committee, minute 14; S2, S14, S46, S56; from 2026-10-01)" in issue["detail"]
    assert issue["meta"]["tag"][0]["display"] == "General Hospital"


def test_a_limit_of_the_sites_own_holds_from_its_day_on(tmp_path: Path) -> None:
    limit = "[[limit]]\nname = 'dose-daily-max'\nvalue = 95\nunit = 'mg/day'\nsource = 'Minute 15'\neffective = {}\n"
    assert "BAC-DOSE-01" not in severities(judge(under(tmp_path, limit.format("2026-11-20"))))
    ahead = judge(under(tmp_path, limit.format("2026-11-21")))
    assert severities(ahead)["BAC-DOSE-01"] == "moderate"


def test_before_its_day_the_policy_is_not_there(tmp_path: Path, assessor: Assessor) -> None:
    site = under(tmp_path, "[choice]\nadult-maximum = 100", HEAD.replace("2026-10-01", "2026-11-21"))
    assert judge(site).bundle == judge(assessor).bundle


def test_a_shared_limit_is_told_with_every_finding(tmp_path: Path) -> None:
    limit = (
        "[[limit]]\nname = 'kidney-window-days'\nvalue = 300\nunit = 'd'\nsource = 'Minute 16'\neffective = 2026-10-01"
    )
    found = judge(under(tmp_path, limit))
    assert all("300 d instead of 365 (Minute 16" in one["detail"] for one in of_kind(found.bundle, "DetectedIssue"))


def test_a_silent_rule_is_judged_and_counted_but_not_told(tmp_path: Path, assessor: Assessor) -> None:
    site = under(tmp_path, "[rule.BAC-DOSE-01]\nmode = 'silent'\nreason = 'on trial'")
    loud, quiet = judge(assessor), judge(site)
    assert set(severities(loud)) - set(severities(quiet)) == {"BAC-DOSE-01"}
    assert [issue.sheet.id for issue in quiet.verdict.silent] == ["BAC-DOSE-01"]
    assert "Judged but not shown, by the policy of General Hospital: BAC-DOSE-01." in outcome_text(quiet)
    assert "BAC-DOSE-01" not in json.dumps(of_kind(quiet.bundle, "CommunicationRequest"))


def test_a_silent_rule_puts_no_other_aside(tmp_path: Path) -> None:
    ckd = {
        "name": "start at 30 mg with an eGFR of 20",
        "base": "",
        "complete": True,
        "patient": {"sex": "male", "age": 45},
        "order": [{"product": "baclofen-tablet-10", "dose": "10 mg", "times": 3, "start": "-1d"}],
        "lab": [{"what": "egfr-ckdepi-2021-creatinine", "value": 20, "at": "-2d"}],
    }
    on = judge(under(tmp_path, ""), ckd)
    assert "BAC-RENAL-03" in severities(on)
    assert "BAC-DOSE-03" not in severities(on)
    silent = judge(under(tmp_path, "[rule.BAC-RENAL-03]\nmode = 'silent'\nreason = 'trial'"), ckd)
    assert [issue.sheet.id for issue in silent.verdict.silent] == ["BAC-RENAL-03"]
    assert severities(silent).keys() >= severities(on).keys() - {"BAC-RENAL-03"}


def test_a_silent_question_does_not_change_the_status(tmp_path: Path, assessor: Assessor) -> None:
    unclear = {
        "name": "as directed",
        "base": "",
        "order": [{"product": "baclofen-tablet-10", "sig": "as directed", "start": "-90d"}],
    }
    asked = {one.sheet.id for one in judge(assessor, unclear).verdict.questions}
    lines = [f"[rule.{rule}]\nmode = 'silent'\nreason = 'trial'\n" for rule in asked]
    quiet = judge(under(tmp_path, "".join(lines)), unclear).verdict
    assert quiet.questions == ()
    assert {one.sheet.id for one in quiet.silent_questions} == asked


def test_a_rule_that_is_off_is_not_judged_and_that_is_said(tmp_path: Path) -> None:
    found = judge(under(tmp_path, "[rule.BAC-DOSE-01]\nmode = 'off'\nreason = 'local protocol'"))
    assert "BAC-DOSE-01" not in severities(found)
    assert found.verdict.silent == ()
    assert "Not judged, by the policy of General Hospital: BAC-DOSE-01." in outcome_text(found)


def test_recipients_are_the_sites(tmp_path: Path) -> None:
    text = (
        "[rule.BAC-DOSE-01.tell]\nrequester = 'asap'\npatient = ''\n[rule.BAC-DOSE-01.tell.moderate]\npharmacist = ''"
    )
    site = under(tmp_path, f"{text}\n[rule.BAC-DOSE-02]\nmode = 'off'\nreason = 'so that one rule speaks'")
    found = judge(site)
    about = f"urn:uuid:{issue_of(found, 'BAC-DOSE-01')['id']}"
    sent = [one for one in of_kind(found.bundle, "CommunicationRequest") if {"reference": about} in one["about"]]
    assert [one["priority"] for one in sent] == ["asap"]
    assert "Recipients as set by General Hospital." in issue_of(found, "BAC-DOSE-01")["detail"]


def test_the_version_says_which_policy_holds(tmp_path: Path, assessor: Assessor) -> None:
    site = under(tmp_path, "[rule.BAC-DOSE-01]\nmode = 'silent'\nreason = 'on trial'\n[choice]\nadult-maximum = 100")
    told = create_app(site, lambda: datetime(2026, 11, 20, tzinfo=UTC)).test_client().get("/version").json
    assert told["policy"]["site"] == "General Hospital"
    assert told["policy"]["silent"] == {"BAC-DOSE-01": "on trial"}
    assert "100 mg/day instead of 80" in told["policy"]["changes"]["BAC-DOSE-01"][0]
    assert told["knowledge"] == f"{assessor.book.version}-{told['policy']['version']}"
    guidance = of_kind(judge(site).bundle, "GuidanceResponse")[0]
    assert guidance["moduleCanonical"].endswith(f"|{told['knowledge']}")

"""Who is told what, how soon."""

from __future__ import annotations

from datetime import timedelta

from baclofen_safety.core.knowledge import Tell
from baclofen_safety.core.rule import Severity
from baclofen_safety.core.telling import Message, messages
from baclofen_safety.core.verdict import Issue

from .charts import AS_OF
from .verdicts import SHIPPED, issue, verdict

ALL = Tell("routine", "urgent", "asap", ("PT-DOSE",))


def told(*issues: Issue, number: str = "") -> dict[tuple[str, str], Message]:
    found = messages(verdict(*issues), SHIPPED, emergency_number=number)
    return {(one.role, one.group): one for one in found}


def test_one_message_per_recipient_and_group() -> None:
    found = told(
        issue("BAC-DOSE-01", tell=ALL), issue("BAC-DOSE-02", tell=Tell("stat")), issue("BAC-RENAL-04", tell=ALL)
    )
    assert set(found) == {
        (role, group) for role in ("requester", "pharmacist", "patient") for group in ("dose", "renal")
    }
    assert found["requester", "dose"].rules == ("BAC-DOSE-01", "BAC-DOSE-02")
    assert found["requester", "dose"].priority == "stat"
    assert found["pharmacist", "dose"].rules == ("BAC-DOSE-01",)


def test_the_worst_priority_comes_first() -> None:
    found = messages(verdict(issue(tell=ALL), issue("BAC-RENAL-04", tell=Tell("stat"))), SHIPPED)
    assert [one.priority for one in found] == ["stat", "asap", "urgent", "routine"]


def test_merged_and_unaddressed_send_nothing() -> None:
    assert told(issue(tell=ALL, merged=True), issue("BAC-DOSE-02", tell=Tell())) == {}


def test_a_merged_issue_is_named_and_heeded_by_the_one_that_carries_it() -> None:
    slow, fast = Tell("routine"), Tell("stat", "asap", "stat", ("PT-PUMP-REFILL",))
    found = told(
        issue("BAC-PUMP-01", tell=slow, carries=("BAC-PUMP-02",)), issue("BAC-PUMP-02", tell=fast, merged=True)
    )
    assert set(found) == {("requester", "pump")}
    assert found["requester", "pump"].priority == "stat"
    assert found["requester", "pump"].rules == ("BAC-PUMP-01", "BAC-PUMP-02")


def test_a_draft_tells_the_patient_nothing() -> None:
    assert {role for role, _ in told(issue(tell=ALL, preliminary=True))} == {"requester", "pharmacist"}


def test_the_patient_waits_unless_it_is_high_or_at_once() -> None:
    wait = timedelta(hours=24)
    assert told(issue(tell=ALL))["patient", "dose"].not_before == AS_OF + wait
    assert told(issue(tell=ALL))["requester", "dose"].not_before == AS_OF
    assert told(issue(severity=Severity.HIGH, tell=ALL))["patient", "dose"].not_before == AS_OF
    at_once = Tell("routine", "urgent", "asap", ("PT-DOSE",), at_once=True)
    assert told(issue(tell=at_once))["patient", "dose"].not_before == AS_OF


def test_patient_texts_stand_once_and_in_plain_words() -> None:
    both = told(issue(tell=ALL), issue("BAC-DOSE-02", tell=ALL))["patient", "dose"].text
    text = SHIPPED.texts["PT-DOSE"]
    assert both.count(text.text) == 1
    assert both.endswith(SHIPPED.voice().phrases["patient-closing"])
    assert "mergency number" not in both


def test_opposite_advice_is_one_message_with_a_heading() -> None:
    low, high = Tell(patient="stat", texts=("PT-WDSX",)), Tell(patient="stat", texts=("PT-TOXSX",))
    pair = (
        issue("BAC-SX-01", tell=low, opposed=("BAC-SX-03",)),
        issue("BAC-SX-03", tell=high, opposed=("BAC-SX-01",)),
    )
    text = told(*pair)["patient", "symptoms"].text
    assert text.startswith(SHIPPED.voice().phrases["opposed-heading"])
    assert all(SHIPPED.texts[name].text in text for name in ("PT-WDSX", "PT-TOXSX"))
    alone = told(pair[0])["patient", "symptoms"].text
    assert not alone.startswith(SHIPPED.voice().phrases["opposed-heading"])


def test_the_emergency_number_goes_with_what_speaks_of_one() -> None:
    warned = Tell(patient="urgent", texts=("PT-WDSX",))
    assert "Emergency number: 112." in told(issue(tell=warned), number="112")["patient", "dose"].text
    assert SHIPPED.voice().phrases["emergency-local"] in told(issue(tell=warned))["patient", "dose"].text
    at_stat = Tell(patient="stat", texts=("PT-DOSE",))
    assert "Emergency number: 112." in told(issue(tell=at_stat), number="112")["patient", "dose"].text


def test_clinicians_read_severity_summary_and_what_to_do() -> None:
    text = told(issue(tell=ALL, values={"dose": "90", "limit": "80"}))["requester", "dose"].text
    assert text.startswith("Baclofen safety, ")
    assert "[moderate]" in text
    assert SHIPPED.sheets["BAC-DOSE-01"].do in text


def test_a_variant_wins_over_a_severity_over_the_default() -> None:
    sheet = SHIPPED.sheets["BAC-RENAL-04"]
    rows = {"": Tell("routine"), "high": Tell("urgent"), "special": Tell("stat")}
    sheet = type(sheet)(**{name: getattr(sheet, name) for name in sheet.__slots__} | {"tell": rows})
    assert sheet.tell_for(Severity.LOW, None).requester == "routine"
    assert sheet.tell_for(Severity.HIGH, None).requester == "urgent"
    assert sheet.tell_for(Severity.HIGH, "unknown").requester == "urgent"
    assert sheet.tell_for(Severity.LOW, "special").requester == "stat"

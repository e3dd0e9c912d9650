"""A stay that begins: home baclofen that is not ordered for it yet is named at once, not after hours without it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from baclofen_safety.assessor import Assessor
from cdshooks.moments import Json, call_of, checked, prefetch_of

NAMED = "Takes baclofen at home, none ordered for this stay yet: continue it, do not stop it suddenly"
NO_BASE = {"base": "", "patient": {"age": 45}}
REPORT = {"product": "baclofen-tablet-10", "dose": "10 mg", "times": 3, "start": "-90d", "asserted": "-1h"}
WARD = {"id": "ward", "product": "baclofen-tablet-10", "dose": "10 mg", "times": 3, "start": "-30min"} | {
    "setting": "inpatient",
    "encounter": "stay",
}
HOME = {"an order": {}, "a report": NO_BASE | {"statement": [REPORT]}}


def said(
    assessor: Assessor, record: Json, *, hook: str = "encounter-start", kind: str = "IMP", **more: object
) -> list[str]:
    stay = {"id": "stay", "class": kind, "start": "-1h", "status": "in-progress"}
    prefetch = prefetch_of({**record, "encounter": [stay]})
    call = replace(call_of(hook, {"encounterId": "stay"}, prefetch, encounter_id="stay"), **more)
    cards = checked(assessor, call)
    assert all(card["indicator"] == "info" for card in cards)
    return [card["summary"] for card in cards]


@pytest.mark.parametrize("record", HOME.values(), ids=HOME)
def test_it_is_named_at_once(assessor: Assessor, record: Json) -> None:
    assert said(assessor, record)[-1] == NAMED


@pytest.mark.parametrize("moment", ["admission", "transfer"])
def test_so_it_is_where_an_admission_comes_as_an_opened_chart(assessor: Assessor, moment: str) -> None:
    assert said(assessor, {}, hook="patient-view", moment=moment) == [NAMED]


def test_nothing_is_said_when_the_chart_is_only_opened(assessor: Assessor) -> None:
    assert said(assessor, {}, hook="patient-view") == []


def test_nothing_is_said_of_a_visit_without_a_bed(assessor: Assessor) -> None:
    assert said(assessor, {}, kind="AMB") == []


def test_nothing_is_said_once_it_is_ordered(assessor: Assessor) -> None:
    assert NAMED not in said(
        assessor, {"order": [WARD | {"replaces": "order"}, {"id": "order", "setting": "community"}]}
    )


def test_nothing_is_said_to_whoever_takes_none(assessor: Assessor) -> None:
    assert said(assessor, NO_BASE) == []

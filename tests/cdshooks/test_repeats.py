"""What was shown at the selection need not be told again at the signing: only when asked, only when nothing changed."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from baclofen_safety.assessor import Assessor
from baclofen_safety.cdshooks.call import Call
from baclofen_safety.cdshooks.checking import Checker
from baclofen_safety.cdshooks.clients import Client
from baclofen_safety.cdshooks.grouping import Group
from baclofen_safety.cdshooks.repeats import CONFIGURATION, FILTER, KEEP, KEPT, Repeats, told_enough
from baclofen_safety.cdshooks.services import discovery, load_services
from baclofen_safety.core.rule import Severity
from baclofen_safety.store.sql import SqlStore
from cases import make_case
from cdshooks.calls import answer_of, client_of, told
from cdshooks.checking_cards import faults_of
from cdshooks.moments import NOW, ORDER, Json, at_dose, bundle, call_of, prefetch_of

OURS = "example.baclofen-safety"
USER = "Practitioner/dr-a"
WEAK = prefetch_of(
    {
        "base": "",
        "patient": {"age": 45, "sex": "male"},
        "complete": True,
        "order": [{"id": "opioid", "name": "oxycodone 5 mg tablet"}, {"id": "bp", "name": "lisinopril 10 mg tablet"}],
        "lab": [{"id": "creatinine", "what": "creatinine", "value": 3.0, "at": "-1d"}],
        "condition": [{"what": "sleep apnea"}, {"what": "epilepsy"}],
    }
)
DRAFT = {**copy.deepcopy(ORDER), "id": "request-123", "status": "draft"}


class Ward:
    """One service whose clock can be put forward."""

    def __init__(self, assessor: Assessor, url: str = "", key: bytes = b"key") -> None:
        self.now = NOW
        self.store = SqlStore(url, self.clock)
        repeats = Repeats(self.store, key, self.clock)
        self.checker = Checker(assessor, {}, 1, lambda: NOW, lambda verdict: None, repeats)

    def clock(self) -> datetime:
        return self.now

    def ask(self, call: Call, client: Client | None = None) -> Json:
        answer: Json = self.checker.check(call, client or client_of("default"))
        assert not list(faults_of(answer["cards"]))
        return answer


@pytest.fixture
def ward(assessor: Assessor) -> Iterator[Ward]:
    opened = Ward(assessor)
    yield opened
    opened.store.close()


def asking(*codes: str, value: object = True) -> Json:
    return {CONFIGURATION: dict.fromkeys(codes, value)}


def select(order: Json = DRAFT, prefetch: Json = WEAK, **more: Any) -> Call:
    context = {"draftOrders": bundle(order), "selections": [f"MedicationRequest/{order['id']}"]}
    return call_of("order-select", context, prefetch, **{"user_id": USER, "extension": asking(KEEP), **more})


def sign(order: Json = DRAFT, prefetch: Json = WEAK, **more: Any) -> Call:
    context = {"draftOrders": bundle(order)}
    return call_of("order-sign", context, prefetch, **{"user_id": USER, "extension": asking(FILTER), **more})


def held_back(answer: Json) -> dict[str, set[str]]:
    told = answer.get("extension", {}).get(OURS, {})
    return {name: {one["id"] for one in told[name]} for name in told}


def high_of(answer: Json) -> set[str]:
    rules = [rule for card in answer["cards"] for rule in card["extension"][OURS].get("rules", ())]
    return {rule["id"] for rule in rules if rule["severity"] == "high"}


def test_a_high_finding_is_told_again_in_a_line_and_others_are_left_out(ward: Ward) -> None:
    plain = ward.ask(sign(extension={}))
    shown = ward.ask(select())
    answer = ward.ask(sign())
    assert "BAC-RENAL-03" in high_of(plain) & high_of(shown)
    assert "extension" not in plain
    (again,) = [card for card in answer["cards"] if "shown before" in card["summary"]]
    assert again["indicator"] == "critical"
    assert again["source"]["topic"]["code"] == "repeated"
    assert "BAC-RENAL-03" in held_back(answer)["shortened"]
    assert held_back(answer)["leftOut"]
    assert high_of(answer) == high_of(plain)
    assert {*told(answer["cards"])} | held_back(answer)["leftOut"] == {*told(plain["cards"])}
    assert not {*told(answer["cards"])} & held_back(answer)["leftOut"]
    assert len(again["detail"]) < len(plain["cards"][0]["detail"])
    assert "5 mg/day" in again["detail"]


CHANGED = {
    "another dose": sign(at_dose(25, DRAFT)),
    "another user": sign(user_id="Practitioner/dr-b"),
    "no user": sign(user_id=None),
    "another order": sign({**DRAFT, "id": "request-124"}),
    "nothing asked": sign(extension={}),
    "asked with another word": sign(extension=asking("filter")),
    "asked for no": sign(extension=asking(FILTER, value=False)),
    "asked in no shape": sign(extension={CONFIGURATION: [FILTER]}),
    "asked of another": sign(extension=asking(KEEP)),
}


@pytest.mark.parametrize("call", CHANGED.values(), ids=CHANGED)
def test_what_differs_is_told_in_full(ward: Ward, call: Call) -> None:
    ward.ask(select())
    assert "BAC-RENAL-03" not in held_back(ward.ask(call)).get("shortened", ())


def test_another_laboratory_value_is_another_finding(ward: Ward) -> None:
    newer = copy.deepcopy(WEAK)
    for entry in newer["laboratory"]["entry"]:
        entry["resource"]["valueQuantity"]["value"] = 3.3
    ward.ask(select())
    answer = ward.ask(sign(prefetch=newer))
    assert "BAC-RENAL-03" not in held_back(answer).get("shortened", ())


def test_another_client_was_shown_nothing(ward: Ward) -> None:
    ward.ask(select())
    other = replace(client_of("default"), name="other")
    assert held_back(ward.ask(sign(), other)) == {}
    assert held_back(ward.ask(sign()))


@pytest.mark.parametrize("extension", [{}, asking(FILTER), asking(KEEP, value=False), {CONFIGURATION: None}])
def test_nothing_is_remembered_unasked(ward: Ward, extension: Json) -> None:
    ward.ask(select(extension=extension))
    assert held_back(ward.ask(sign())) == {}


def test_nothing_is_remembered_of_nobody(ward: Ward) -> None:
    ward.ask(select(user_id=None))
    assert held_back(ward.ask(sign(user_id=None))) == {}


def test_it_is_forgotten_after_twelve_hours(ward: Ward) -> None:
    ward.ask(select())
    ward.now = NOW + timedelta(hours=12)
    assert held_back(ward.ask(sign()))
    ward.now += timedelta(seconds=1)
    assert held_back(ward.ask(sign())) == {}
    assert timedelta(hours=12) >= KEPT


def test_a_restart_forgets(assessor: Assessor, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'kept.db'}"
    first, second, again = (Ward(assessor, url, key) for key in (b"key", b"other", b"key"))
    first.ask(select())
    assert held_back(second.ask(sign())) == {}
    assert held_back(again.ask(sign()))
    for one in (first, second, again):
        one.store.close()


def test_nothing_of_the_patient_is_kept(assessor: Assessor, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'kept.db'}"
    ward = Ward(assessor, url)
    ward.ask(select())
    ward.store.close()
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM seen_card")).all()
    engine.dispose()
    assert rows
    assert all(re.fullmatch(r"[0-9a-f]{64}", row[0]) and len(row) == 2 for row in rows)


def test_a_store_that_fails_holds_nothing_back(assessor: Assessor, tmp_path: Path) -> None:
    broken = tmp_path / "kept.db"
    broken.write_text("not a database " * 100)
    ward = Ward(assessor, f"sqlite:///{broken}")
    chosen, signed = ward.ask(select()), ward.ask(sign())
    assert chosen["extension"] == {OURS: {"notRemembered": True}}
    assert signed["extension"] == {OURS: {"notFiltered": True}}
    assert signed["cards"] == ward.ask(sign(extension={}))["cards"]


def test_a_high_finding_that_was_one_line_of_many_was_not_shown(assessor: Assessor) -> None:
    answer = answer_of(assessor, make_case({"name": "weak", "lab": [{"id": "creatinine", "value": 3.0}]}))
    (high,) = [issue for issue in answer.verdict.issues if issue.severity is Severity.HIGH]
    low = replace(high, finding=replace(high.finding, severity=Severity.LOW), sheet=replace(high.sheet, id="low"))
    assert told_enough([Group((high, low))]) == [high.sheet.id, "low"]
    assert told_enough([Group((low, high))]) == ["low"]
    assert told_enough([Group((high, low), together=False)]) == ["low"]


def test_what_was_not_checked_is_told_every_time(ward: Ward) -> None:
    prefetch = {key: one for key, one in WEAK.items() if key != "laboratory"}
    ward.ask(select(prefetch=prefetch))
    notices = [card["extension"][OURS].get("notice") for card in ward.ask(sign(prefetch=prefetch))["cards"]]
    assert "not-checked" in notices


def test_discovery_says_what_may_be_asked_for() -> None:
    held = {one["id"]: one.get("extension") for one in discovery(load_services())["services"]}
    offered = {name: one["configuration-items"] for name, one in held.items() if one}
    assert {name: [item["code"] for item in items] for name, items in offered.items()} == {
        "baclofen-order-select": [KEEP],
        "baclofen-order-sign": [FILTER],
    }
    for items in offered.values():
        assert all(item["type"] == "boolean" and item["name"] and item["description"] for item in items)

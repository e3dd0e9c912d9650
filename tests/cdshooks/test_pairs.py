"""Whole calls and whole answers are what is written down; ``make golden`` writes them anew, for review."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient

from baclofen_safety.assessor import Assessor
from baclofen_safety.cdshooks.services import load_services
from cds_pairs import FOLDER, doors, written
from cdshooks.checking_cards import faults_of
from cdshooks.pairing import Pair, Shape, every_pair

Json = dict[str, Any]
PAIRS = list(every_pair())
BY_NAME = {pair.name: pair for pair in PAIRS}
KINDS = ("firing", "quiet", "cannot-judge")
SENT_BY_EPIC = ("patient-view", "order-select", "order-sign", "encounter-start", "encounter-discharge")
SENT_BY_SANDBOX = ("patient-view", "order-select", "order-sign")


@pytest.fixture(scope="module")
def ready(assessor: Assessor) -> Mapping[Shape, FlaskClient]:
    return doors(assessor)


def answer_of(pair: Pair) -> Json:
    told: Json = json.loads((FOLDER / f"{pair.name}.json").read_text("utf-8"))["response"]
    return told


def told_of(pair: Pair) -> list[Json]:
    return [card["extension"]["example.baclofen-safety"] for card in answer_of(pair)["body"].get("cards", ())]


def of_kind(kind: str) -> Any:
    return pytest.mark.parametrize("pair", [one for one in PAIRS if one.kind == kind], ids=lambda one: one.name)


@pytest.mark.parametrize("pair", PAIRS, ids=BY_NAME)
def test_a_call_is_answered_as_written_down(pair: Pair, ready: Mapping[Shape, FlaskClient]) -> None:
    held = (FOLDER / f"{pair.name}.json").read_text("utf-8")
    assert held == written(pair, ready[pair.shape]), "look at what changed; if it is meant: make golden"


@pytest.mark.parametrize("pair", PAIRS, ids=BY_NAME)
def test_cards_keep_the_rules_of_their_client(pair: Pair) -> None:
    assert list(faults_of(answer_of(pair)["body"].get("cards", []), epic=pair.shape == "epic")) == []


def test_no_file_is_left_over_and_every_hook_is_there_in_every_shape() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(BY_NAME)
    hooks = {"spec": [one.hook for one in load_services().values()]}
    hooks |= {"epic": list(SENT_BY_EPIC), "sandbox": list(SENT_BY_SANDBOX)}
    wanted = {f"{hook}-{shape}-{kind}" for shape, named in hooks.items() for hook in named for kind in KINDS}
    assert wanted - set(BY_NAME) == set()


@of_kind("firing")
def test_a_danger_is_told(pair: Pair) -> None:
    assert any(one.get("rules") for one in told_of(pair))


@of_kind("quiet")
def test_nothing_is_told_of_nothing(pair: Pair) -> None:
    assert answer_of(pair) == {"status": 200, "body": {"cards": []}}


@of_kind("cannot-judge")
def test_what_cannot_be_judged_is_never_silent(pair: Pair) -> None:
    answer = answer_of(pair)
    if answer["status"] == 412:
        (issue,) = answer["body"]["issue"]
        assert issue["expression"] == [f"prefetch.{key}" for key in pair.lost]
    else:
        assert [one["notice"] for one in told_of(pair) if "notice" in one] == ["not-checked"]


@pytest.mark.parametrize("hook", SENT_BY_SANDBOX)
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_facts_give_the_same_rules_in_every_shape(hook: str, kind: str) -> None:
    """But for the sandbox, whose drafts lack what its form does not ask for."""
    spec, epic = (told_of(BY_NAME[f"{hook}-{shape}-{kind}"]) for shape in ("spec", "epic"))
    assert [one.get("rules") for one in spec] == [one.get("rules") for one in epic]
    sandbox = told_of(BY_NAME[f"{hook}-sandbox-{kind}"])
    assert [one.get("rules") for one in sandbox] == [one.get("rules") for one in spec]


def test_a_kidney_test_that_did_not_arrive_is_not_called_overdue() -> None:
    told = json.dumps([answer_of(pair) for pair in PAIRS if "laboratory" in pair.lost])
    assert "BAC-MON-01" not in told
    assert "BAC-MON-02" not in told


def test_teaching_is_asked_for_alone_or_not_at_all() -> None:
    """Neither patient was taught."""
    alone, beside = (told_of(BY_NAME[f"order-sign-spec-{kind}"]) for kind in ("taught-nothing", "firing"))
    assert [[rule["id"] for rule in one["rules"]] for one in alone] == [["BAC-EDU-01"]]
    assert [[rule["id"] for rule in one["rules"]] for one in beside] == [["BAC-RENAL-04"]]

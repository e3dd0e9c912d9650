"""Cards, through the real assessor: for every case, at the opened chart and at the signing of its drafts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from baclofen_safety.assessor import Answer, Assessor
from baclofen_safety.cdshooks.card_ids import topic_of
from baclofen_safety.cdshooks.clients import Profile
from baclofen_safety.core.rule import Severity
from builders import make_bundle
from cases import Case, every_case, make_case
from cdshooks.calls import answer_of, resources_of, show, told
from cdshooks.checking_cards import faults_of

Json = dict[str, Any]
CASES = {f"{family}: {case.name}": case for family, case in every_case()}
PROFILES: tuple[Profile, ...] = ("default", "epic", "sandbox")
RANK = {"critical": 3, "warning": 2, "info": 1}


def drafts_in(bundle: Json) -> list[Json]:
    """The unsigned orders of a case: what a prescriber would be signing."""
    return [one for one in resources_of(bundle) if one.get("status") == "draft" and "intent" in one]


@pytest.fixture(scope="module")
def answers(assessor: Assessor) -> dict[str, tuple[Answer, Json]]:
    bundles = {name: make_bundle(case) for name, case in CASES.items()}
    return {name: (answer_of(assessor, case, bundles[name]), bundles[name]) for name, case in CASES.items()}


def moments_of(bundle: Json) -> Iterator[Json]:
    """What to ask about a case: its chart opened, its drafts signed, each of its medicines verified."""
    yield {"service": "baclofen-patient-view"}
    if drafts := drafts_in(bundle):
        yield {"service": "baclofen-order-sign", "session": drafts}
    orders = [one for one in resources_of(bundle) if one["resourceType"] == "MedicationRequest"]
    yield from ({"service": "baclofen-medication-verify", "session": [one]} for one in orders[:2])


@pytest.mark.parametrize("profile", PROFILES)
def test_cards_of_every_case_keep_the_rules(answers: dict[str, tuple[Answer, Json]], profile: Profile) -> None:
    wrong = []
    for name, (answer, bundle) in answers.items():
        for asked in moments_of(bundle):
            cards = show(answer, profile=profile, **asked)
            found = [*faults_of(cards, epic=profile == "epic"), *misgrouped(cards)]
            wrong += [f"{name}, {asked['service']}: {fault}" for fault in found]
    assert not wrong, "\n".join(wrong[:20])


def misgrouped(cards: list[Json]) -> Iterator[str]:
    if len(cards) > 5:
        yield f"{len(cards)} cards"
    rules = told(cards)
    yield from (f"{rule} is on two cards" for rule in set(rules) if rules.count(rule) > 1)
    ranks = [RANK[card["indicator"]] for card in cards]
    if ranks != sorted(ranks, reverse=True):
        yield f"not worst first: {ranks}"
    for card in cards:
        named = card["extension"]["example.baclofen-safety"].get("rules", ())
        worst = max((Severity(rule["severity"]).rank for rule in named), default=1)
        if RANK[card["indicator"]] != worst:
            yield f"indicator {card['indicator']} for {named}"


def test_an_opened_chart_shows_every_finding(answers: dict[str, tuple[Answer, Json]]) -> None:
    for name, (answer, _) in answers.items():
        found = sorted(issue.sheet.id for issue in answer.verdict.issues)
        assert sorted(told(show(answer))) == found, name


def test_silence_means_that_all_was_judged(answers: dict[str, tuple[Answer, Json]]) -> None:
    quiet = [answer.verdict for answer, _ in answers.values() if not show(answer)]
    assert len(quiet) > 50
    open_ones = [one for one in quiet if one.applies and any(question.high for question in one.questions)]
    assert not open_ones


def test_ids_are_the_same_again_and_lead_back_to_the_rule(assessor: Assessor) -> None:
    case = CASES["renal: dependence on dialysis in the problem list"]
    first, again = (show(answer_of(assessor, case)) for _ in range(2))
    assert first == again
    for card in first:
        rules = card["extension"]["example.baclofen-safety"].get("rules", ())
        assert [topic_of(card["uuid"], assessor.book.sheets)] == [rule["id"] for rule in rules][:1]


def opioid_case(**more: Any) -> Case:
    """Baclofen 30 mg/day and a draft of oxycodone."""
    draft = {"id": "oxy", "product": "oxycodone-5", "dose": "5 mg", "every": "6h", "status": "draft", "start": "day+0"}
    return make_case({"name": "opioid", "order": [{**draft, **more}]})

"""Cards, through the real assessor: for every case, at the opened chart and at the signing of its drafts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from baclofen_safety.assessor import Answer, Assessor
from baclofen_safety.cdshooks.card_ids import card_uuid, topic_of
from baclofen_safety.cdshooks.cards import cards_of
from baclofen_safety.cdshooks.clients import Client, Profile, SmartApp
from baclofen_safety.cdshooks.moments import moments
from baclofen_safety.cdshooks.notices import OTHER_TOPICS, failure_card, mismatch_card, stripped_card
from baclofen_safety.cdshooks.prefetch import supplied
from baclofen_safety.cdshooks.record import OTHER_ORDER, OTHER_PREFETCH, OTHER_TOKEN, record_of
from baclofen_safety.cdshooks.schemas_answer import check_answer
from baclofen_safety.cdshooks.session import session_of
from baclofen_safety.core.rule import Severity
from baclofen_safety.fhir.operations import Ask
from baclofen_safety.hooks_page import OFFERED
from baclofen_safety.profiles import load_profiles
from builders import make_bundle
from cases import Case, every_case, make_case
from cdshooks.calls import (
    PUBLIC,
    answer_of,
    call_of,
    cards_for,
    client_of,
    drafts_in,
    resources_of,
    show,
    show_case,
    told,
)
from cdshooks.checking_cards import faults_of
from cdshooks.moments import NOW, WEAK, checked, order_in, prefetch_of, searchset, sign
from cdshooks.offered import Row, rows_of, unable

Json = dict[str, Any]
CASES = {f"{family}: {case.name}": case for family, case in every_case()}
PROFILES: tuple[Profile, ...] = ("default", "epic", "sandbox")
RANK = {"critical": 3, "warning": 2, "info": 1}


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
    wrong, offered = [], set[Row]()
    for name, (answer, bundle) in answers.items():
        for asked in moments_of(bundle):
            cards = show(answer, profile=profile, **asked)
            offered.update(rows_of(cards, asked["service"].removeprefix("baclofen-")))
            found = [*faults_of(cards, epic=profile == "epic"), *misgrouped(cards)]
            check_answer({"cards": cards})
            wrong += [f"{name}, {asked['service']}: {fault}" for fault in found]
    assert not wrong, "\n".join(wrong[:20])
    assert not unable(offered, profile)
    listed = {(key, action) for keys, action, _, _ in OFFERED for key in keys}
    unseen = listed - offered if profile == "default" else set()
    elsewhere = {("taper_whole", "create MedicationRequest"), ("withdraw", "delete MedicationRequest")}
    elsewhere |= {("taper", "update MedicationRequest"), ("remove_either", "delete MedicationRequest")}
    # the sandbox's, and those of test_not_begun, test_following, test_one_click
    assert unseen <= elsewhere, "the page lists what nobody is offered"


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
    """But for what an EHR without fills leaves open everywhere."""
    quiet = [answer.verdict for answer, _ in answers.values() if not show(answer)]
    assert len(quiet) > 50
    told_nowhere = moments().habitual
    open_ones = [
        question
        for one in quiet
        for question in one.questions
        if one.applies and question.high and question.gap.reason not in told_nowhere.get(question.sheet.id, ())
    ]
    assert not open_ones


def test_ids_are_the_same_again_and_lead_back_to_the_rule(assessor: Assessor) -> None:
    case = CASES["renal: dependence on dialysis in the problem list"]
    first, again = (show(answer_of(assessor, case)) for _ in range(2))
    assert first == again
    for card in first:
        rules = card["extension"]["example.baclofen-safety"].get("rules", ())
        assert [topic_of(card["uuid"], assessor.book.sheets)] == [rule["id"] for rule in rules][:1]


HOSTILE = (
    "<script>alert(1)</script> [x](javascript:alert(1)) | `code` **bold** ~~gone~~ www.evil.example\n\n# H\n- a "
    + "A" * 10_000
)


def hostile_case() -> Case:
    """Opioid beside baclofen in weak kidneys, every word of the record a trap."""
    return make_case(
        {
            "name": "hostile",
            "order": [
                {"id": "order", "text": f"baclofen 10 mg {HOSTILE}"},
                {"id": "opioid", "name": f"oxycodone {HOSTILE}", "text": f"oxycodone {HOSTILE}", "status": "draft"},
            ],
            "lab": [{"id": "creatinine", "value": 2.4}],
            "condition": [{"what": f"sleep apnea {HOSTILE}"}, {"what": "icd10cm:F32.2", "text": HOSTILE}],
        }
    )


@pytest.mark.parametrize("service", ["baclofen-patient-view", "baclofen-order-sign"])
def test_nothing_of_a_record_is_rendered(assessor: Assessor, service: str) -> None:
    cards = show_case(assessor, hostile_case(), service)
    assert "BAC-DDI-01" in told(cards)
    assert not list(faults_of(cards))
    for card in cards:
        assert not re.search(r"<\s*/?[a-z!]", card["detail"], re.IGNORECASE)
        assert not re.search(r"(?<!\\)(\]\(|[`|]|~~)", card["detail"])
        assert not re.search(r"\*\*bold|^#", card["detail"], re.MULTILINE)
        assert "www." not in card["detail"]
        assert len(card["detail"]) < 6_000
        shown = [card["summary"], *(one["label"] for one in card.get("suggestions", ()))]
        shown += [action["description"] for one in card.get("suggestions", ()) for action in one["actions"]]
        for text in shown:
            assert not re.search(r"<[a-z/]|\]\(|`|\n|www\.", text, re.IGNORECASE), text
            assert len(text) < 600
    worst = cards[0]["summary"]
    assert "respiratory depression" in " ".join(card["summary"] for card in cards), worst


def test_a_moment_without_baclofen_is_silent(assessor: Assessor) -> None:
    case = make_case(
        {"name": "statin", "order": [{"id": "statin", "name": "simvastatin 20 mg tablet", "status": "draft"}]}
    )
    assert show_case(assessor, case) == []
    alone = make_case({"name": "alone", "base": "", "order": [{"name": "oxycodone 5 mg tablet", "status": "draft"}]})
    assert show_case(assessor, alone) == []


FIRST = {"id": "first", "product": "baclofen-tablet-5", "dose": "5 mg", "times": 1, "status": "draft", "start": "day+0"}


def test_baclofen_that_could_not_be_checked_is_not_silent(assessor: Assessor) -> None:
    case = make_case({"name": "bare", "base": "", "patient": {"age": 45, "sex": "male"}, "order": [FIRST]})
    (card,) = [one for one in show_case(assessor, case, missing={"laboratory": "timeout"}) if "notice" in ours(one)]
    assert card["indicator"] == "info"
    assert card["summary"].startswith("Baclofen not fully checked: ")
    assert "Did not arrive in time: laboratory results" in card["detail"]
    assert "suggestions" not in card, "results that could not be read may exist: no new test is offered"


def test_a_record_that_was_not_received_is_told_though_no_question_is_open(assessor: Assessor) -> None:
    answer = answer_of(assessor, make_case({"name": "B0"}))
    assert show(answer) == []
    (card,) = show(answer, missing={"medicationRequests": "partial"})
    assert "Only a part was sent: medication orders" in card["detail"]
    assert show(answer, missing={"appointments": "absent"}) == []


def test_an_order_named_but_not_sent_is_told(assessor: Assessor) -> None:
    answer = answer_of(assessor, make_case({"name": "B0"}))
    call = call_of("baclofen-order-dispatch")
    call = replace(call, context={**call.context, "dispatchedOrders": ["MedicationRequest/elsewhere"]})
    (card,) = cards_for(answer, call)
    assert "was not received" in card["detail"]


def test_orders_that_were_held_back_are_told(assessor: Assessor) -> None:
    call = call_of("baclofen-order-sign")
    (card,) = cards_for(answer_of(assessor, make_case({"name": "B0"})), replace(call, context={"patientId": "p1"}))
    assert card["summary"] == "Baclofen check not completed: the orders were not received"


@pytest.mark.parametrize(
    "card",
    [
        stripped_card(call_of("baclofen-order-sign")),
        mismatch_card("mismatch-order", call_of("baclofen-order-sign"), PUBLIC),
        mismatch_card("something new", call_of("baclofen-order-sign")),
        failure_card("7f3a"),
    ],
)
def test_cards_about_the_check_keep_the_rules(card: Json) -> None:
    assert not list(faults_of([card]))


@pytest.mark.parametrize("reason", [OTHER_ORDER, OTHER_PREFETCH, OTHER_TOKEN])
def test_every_mismatch_has_its_sentence(reason: str) -> None:
    other = mismatch_card("something new", call_of("baclofen-order-sign"))["detail"]
    assert mismatch_card(reason, call_of("baclofen-order-sign"))["detail"] != other


def test_an_order_being_chosen_is_not_blamed_for_its_missing_dose(assessor: Assessor) -> None:
    bare = {"id": "first", "product": "baclofen-tablet-10", "status": "draft"}
    case = make_case({"name": "chosen", "base": "", "patient": {"age": 45, "sex": "male"}, "order": [bare]})
    chosen, signed = (show_case(assessor, case, f"baclofen-order-{hook}") for hook in ("select", "sign"))
    assert "BAC-DATA-01" in [rule for card in signed for rule in ours(card).get("open", ())]
    assert "BAC-DATA-01" not in [rule for card in chosen for rule in ours(card).get("open", ())]


@pytest.mark.parametrize("more", [{}, {"identifier": [{"system": "https://ehr.example/orders", "value": "7"}]}])
def test_a_draft_taken_for_the_running_order_sent_twice_is_not_passed_over(assessor: Assessor, more: Json) -> None:
    prefetch = prefetch_of(WEAK)
    running = order_in(prefetch)
    running.update(more)
    call = sign({**running, "id": "renewed", "status": "draft"}, prefetch=prefetch)
    session, supply = session_of(call, NOW), supplied(call)
    answer = assessor.answer(Ask(content=record_of(call, session, supply)), NOW)
    shown: dict[str, Any] = {"supply": supply, "client": client_of("default"), "public_url": ""}
    assert "BAC-RENAL-03" in told(cards_of(answer, call=call, session=session, **shown))


def test_an_app_of_the_site_is_linked(assessor: Assessor) -> None:
    case = CASES["renal: dependence on dialysis in the problem list"]
    app = SmartApp(url="https://app.example/launch", label="Baclofen workbench")
    client = Client(name="site", smart_app=app)
    cards = show(answer_of(assessor, case), client=client, public="")
    assert cards[0]["links"] == [{"label": app.label, "url": app.url, "type": "smart", "appContext": "BAC-RENAL-01"}]
    assert "url" not in cards[0]["source"]


def test_topics_are_static_and_alphanumeric_for_epic(assessor: Assessor) -> None:
    answer = answer_of(assessor, CASES["renal: dependence on dialysis in the problem list"])
    assert show(answer)[0]["source"]["topic"]["code"] == "BAC-RENAL-01"
    assert show(answer, profile="epic")[0]["source"]["topic"]["code"] == "BACRENAL01"


@pytest.mark.parametrize("profile", PROFILES)
def test_cards_about_no_single_rule_have_a_topic_unless_an_override_would_stick_to_it(
    assessor: Assessor, profile: Profile
) -> None:
    held = load_profiles().artifacts["CodeSystem", "baclofen-card"]
    codes = {one["code"]: one["display"] for one in held["concept"]}
    assert set(codes) == {*OTHER_TOPICS}
    asked, call = client_of(profile), call_of("baclofen-order-sign")
    bare = make_case({"name": "bare", "base": "", "patient": {"age": 45, "sex": "male"}, "order": [FIRST]})
    cards = show_case(assessor, bare, missing={"laboratory": "timeout"}, client=asked)[-1:]
    cards += cards_for(answer_of(assessor, make_case({"name": "B0"})), replace(call, context={}), asked)
    cards += [mismatch_card("x", call, PUBLIC, profile), failure_card("7f3a", profile=profile)]
    found = [card["source"].get("topic") for card in cards]
    if profile == "epic":
        assert found == [None] * 4
        return
    named = ["not-checked", "stripped", "mismatch", "failure"]
    assert found == [{"system": held["url"], "code": one, "display": codes[one]} for one in named]


def test_every_card_leads_back_to_one_topic(assessor: Assessor) -> None:
    topics = (*assessor.book.sheets, *OTHER_TOPICS)
    assert [topic_of(card_uuid("any", topic), topics) for topic in topics] == [*topics]
    for card in (mismatch_card("", call_of("baclofen-order-sign")), failure_card("7f3a")):
        assert topic_of(card["uuid"], topics) in OTHER_TOPICS


def test_follow_up_waits_for_the_chart_to_be_opened(assessor: Assessor) -> None:
    case = CASES["education: first order drafted, never taught"]
    assert "BAC-EDU-01" in told(show_case(assessor, case, "baclofen-patient-view"))
    running = [one for one in resources_of(make_bundle(case)) if one["resourceType"] == "Patient"]
    assert not told(show(answer_of(assessor, case), service="baclofen-medication-verify", session=running))


def ours(card: Json) -> Json:
    extension = card["extension"]["example.baclofen-safety"]
    assert isinstance(extension, dict)
    return extension


@pytest.mark.parametrize(
    ("text", "lead"),
    [("baclofen 10 mg tablet", "Baclofen 10 mg tablet, 30 mg/day"), ("baclofen 10 mg", "Baclofen 30 mg/day")],
)
def test_a_form_nobody_named_is_not_called_a_unit(assessor: Assessor, text: str, lead: str) -> None:
    weak = prefetch_of(WEAK)
    order = {**order_in(weak), "id": "new", "status": "draft", "medicationCodeableConcept": {"text": text}}
    cards = checked(assessor, sign(order, prefetch=weak | {"medicationRequests": searchset()}))
    assert any(card["summary"].startswith(f"{lead}: ") for card in cards), [card["summary"] for card in cards]

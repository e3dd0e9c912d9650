"""What cards offer to do, through the real assessor: the right action, on the right order, and never a withdrawal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.cdshooks.actions import name_of
from baclofen_safety.cdshooks.client_profiles import abilities_of
from baclofen_safety.cdshooks.clients import Profile
from baclofen_safety.cdshooks.moments import moments
from baclofen_safety.cdshooks.wording import phrase
from baclofen_safety.core.medicines import Medicine, MedicineState, Order
from baclofen_safety.fhir.resources import check_output
from builders import make_bundle
from cases import Case, every_case, make_case
from cdshooks.calls import answer_of, drafts_in, show, show_case, told
from cdshooks.moments import ORDER, at_dose, checked, prefetch_of, searchset, sign

Json = dict[str, Any]
CASES = {f"{family}: {case.name}": case for family, case in every_case()}
DRAFT = {"id": "new", "product": "baclofen-tablet-10", "dose": "10 mg", "times": 3, "status": "draft", "start": "day+0"}
NEW_PATIENT = {"base": "", "complete": True, "patient": {"sex": "male", "age": 45, "weight": 80, "height": 180}}


def actions_of(cards: list[Json], *kinds: str) -> list[Json]:
    """Every action of the cards, or those of one kind: "update MedicationRequest"."""
    offered = [action for card in cards for one in card.get("suggestions", ()) for action in one["actions"]]
    return [one for one in offered if not kinds or kind_of(one) in kinds]


def kind_of(action: Json) -> str:
    target = action["resource"]["resourceType"] if "resource" in action else action["resourceId"].split("/")[0]
    return f"{action['type']} {target}"


def first_order(**more: Any) -> Case:
    """A first order of 30 mg/day for a patient with good kidneys, unless said otherwise."""
    lab = {"what": "creatinine", "value": more.pop("creatinine", 0.9), "at": "-10d"}
    return make_case({"name": "first", **NEW_PATIENT, "lab": [lab], "order": [DRAFT | more]})


def test_a_dose_too_high_is_lowered_in_the_draft_itself(assessor: Assessor) -> None:
    case = first_order(note="as discussed")
    (sent,) = drafts_in(make_bundle(case))
    (action,) = actions_of(show_case(assessor, case), "update MedicationRequest")
    changed = action["resource"]
    assert {key: one for key, one in changed.items() if key != "dosageInstruction"} == {
        key: one for key, one in sent.items() if key != "dosageInstruction"
    }
    assert [one["doseAndRate"][0]["doseQuantity"]["value"] for one in changed["dosageInstruction"]] == [5, 5, 5]
    assert all(one["route"] == sent["dosageInstruction"][0]["route"] for one in changed["dosageInstruction"])
    assert "15 mg/day: 5 mg in the morning, 5 mg at noon, 5 mg at bedtime" in action["description"]


def test_the_lowered_draft_is_no_longer_found_too_high(assessor: Assessor) -> None:
    case = first_order()
    bundle = make_bundle(case)
    (action,) = actions_of(show_case(assessor, case), "update MedicationRequest")
    for entry in bundle["entry"]:
        if entry["resource"].get("status") == "draft":
            entry["resource"] = action["resource"]
    again = answer_of(assessor, case, bundle).verdict
    assert "BAC-DOSE-03" not in {issue.sheet.id for issue in again.issues}


def test_a_ceiling_is_no_starting_dose(assessor: Assessor) -> None:
    cards = show_case(assessor, first_order(creatinine=2.0))
    assert topic(cards[0]) == "BAC-RENAL-04"
    (action,) = actions_of(cards, "update MedicationRequest")
    assert (
        "from 30 to 5 mg/day: 5 mg at bedtime. A starting dose; the highest dose advised is 15" in action["description"]
    )


def test_only_the_lowest_ceiling_is_offered(assessor: Assessor) -> None:
    name = "dose: draft of 90 mg a day: a ceiling but no steps down from what nobody takes yet"
    (action,) = actions_of(show_case(assessor, CASES[name]), "update MedicationRequest")
    assert "from 90 to 45 mg/day" in action["description"]


@pytest.mark.parametrize("again", [DRAFT, DRAFT | {"replaces": "order"}])
def test_what_is_taken_already_is_never_cut_by_a_click(assessor: Assessor, again: Json) -> None:
    case = make_case({"name": "renewal", "order": [again], "lab": [{"id": "creatinine", "value": 4.5}]})
    cards = show_case(assessor, case)
    assert cards[0]["indicator"] == "critical"
    assert not actions_of(cards, "update MedicationRequest")


def test_no_click_lowers_or_removes_baclofen_of_a_patient_who_takes_it(assessor: Assessor) -> None:
    for name, case in CASES.items():
        bundle = make_bundle(case)
        if not (drafts := drafts_in(bundle)):
            continue
        answer = answer_of(assessor, case, bundle)
        running = [one for one in answer.verdict.chart.baclofen if one.status in ("active", "on-hold", "unknown")]
        for action in actions_of(show(answer, service="baclofen-order-sign", session=drafts)):
            if action["type"] == "delete":
                order = next(one for one in answer.verdict.chart.orders if one.ref == action["resourceId"])
                assert order.status == "draft", name
                others = [one for one in running if one.ref != order.ref]
                assert not order.is_baclofen or not running or others, name
            if action["type"] == "update":
                assert all(_is_no_more(one, action) for one in running), name


def _is_no_more(order: Any, action: Json) -> bool:
    said = [one["doseAndRate"][0]["doseQuantity"]["value"] for one in action["resource"]["dosageInstruction"]]
    return order.steps[0].daily is not None and order.steps[0].daily <= sum(said)


@pytest.mark.parametrize(
    ("rule", "case"),
    [
        ("BAC-RENAL-03", first_order(creatinine=3.2)),
        ("BAC-ALG-01", CASES["allergy: allergy, draft only"]),
        ("BAC-DUP-01", CASES["duplication: draft beside an order that goes on"]),
    ],
)
def test_a_draft_that_must_not_start_can_be_removed(assessor: Assessor, rule: str, case: Case) -> None:
    cards = [one for one in show_case(assessor, case) if topic(one) == rule]
    (action,) = actions_of(cards, "delete MedicationRequest")
    assert action["resourceId"] in {f"MedicationRequest/{one['id']}" for one in drafts_in(make_bundle(case))}


def test_nothing_is_removed_while_the_running_orders_are_unknown(assessor: Assessor) -> None:
    cards = show_case(assessor, first_order(creatinine=3.2), missing={"medicationRequests": "failed"})
    assert topic(cards[0]) == "BAC-RENAL-03"
    assert not actions_of(cards, "delete MedicationRequest", "update MedicationRequest")


@pytest.mark.parametrize(
    ("product", "dose", "said"),
    [
        ("baclofen-tablet-5", "20 mg", "5 mg in the morning"),
        ("baclofen-tablet-10", "20 mg", "5 mg in the morning"),
        ("baclofen-suspension-5", "4 mL", "5 mg (1 mL) in the morning"),
        ("baclofen-solution-1", "20 mg", "5 mg (5 mL) in the morning"),
    ],
)
def test_a_lowered_draft_says_what_is_given_of_the_product(
    assessor: Assessor, product: str, dose: str, said: str
) -> None:
    case = first_order(product=product, dose=dose)
    (action,) = actions_of(show_case(assessor, case), "update MedicationRequest")
    assert said in action["description"]
    (text, *_) = [one["text"] for one in action["resource"]["dosageInstruction"]]
    assert text == f"{said} (15 mg/day)"


def test_a_lowered_liquid_stays_in_millilitres_and_is_read_as_the_dose_meant(assessor: Assessor) -> None:
    case = first_order(product="baclofen-suspension-5", dose="8 mL")
    bundle = make_bundle(case)
    (action,) = actions_of(show_case(assessor, case), "update MedicationRequest")
    amounts = [one["doseAndRate"][0]["doseQuantity"] for one in action["resource"]["dosageInstruction"]]
    assert [(one["value"], one["code"]) for one in amounts] == [(1, "mL")] * 3
    for entry in bundle["entry"]:
        if entry["resource"].get("status") == "draft":
            entry["resource"] = action["resource"]
    again = answer_of(assessor, case, bundle).verdict
    (order,) = again.chart.baclofen
    assert (order.steps[0].daily, order.steps[0].mg_and_ml) == (15, "agree")
    assert not {"BAC-DOSE-03", "BAC-DOSE-08"} & {issue.sheet.id for issue in again.issues}


@pytest.mark.parametrize("product", ["baclofen-tablet-20", "baclofen-granules-10"])
def test_no_quarter_of_a_tablet_and_no_part_of_a_packet_is_offered(assessor: Assessor, product: str) -> None:
    cards = show_case(assessor, first_order(product=product, dose="20 mg"))
    assert "begin 15 mg/day" in str([one["summary"] for one in cards])
    assert not actions_of(cards, "update MedicationRequest")


@pytest.mark.parametrize(("creatinine", "lowered"), [(2.0, 1), (3.2, 0), (6.0, 0)])
def test_what_must_not_start_is_not_lowered_to_a_ceiling(assessor: Assessor, creatinine: float, lowered: int) -> None:
    cards = show_case(assessor, first_order(creatinine=creatinine))
    assert len(actions_of(cards, "update MedicationRequest")) == lowered
    assert len(actions_of(cards, "delete MedicationRequest")) == 1 - lowered


ALLERGY = {"what": "baclofen"}


@pytest.mark.parametrize("creatinine", [0.9, 3.2])
def test_a_draft_barred_at_any_dose_comes_first_and_is_not_lowered(assessor: Assessor, creatinine: float) -> None:
    lab = {"what": "creatinine", "value": creatinine, "at": "-10d"}
    cards = show_case(
        assessor, make_case({"name": "barred", **NEW_PATIENT, "lab": [lab], "order": [DRAFT], "allergy": [ALLERGY]})
    )
    assert topic(cards[0]) == "BAC-ALG-01"
    assert [one["indicator"] for one in cards[:2]] == ["critical", "critical"]
    assert actions_of(cards[:1], "delete MedicationRequest")
    assert not actions_of(cards, "update MedicationRequest")


@pytest.mark.parametrize(
    ("service", "ran_out", "removed"),
    [
        ("baclofen-order-sign", False, 1),
        ("baclofen-order-sign", True, 0),
        ("baclofen-medication-refill", False, 0),
        ("baclofen-medication-refill", True, 0),
    ],
)
def test_the_next_supply_is_never_removed(assessor: Assessor, service: str, ran_out: bool, removed: int) -> None:
    late = {"drop": ["supply-1", "supply-2", "supply-3"], "supply": [{"id": "supply", "at": "-36d"}]}
    cards = show_case(
        assessor, make_case({"name": "next supply", **(late if ran_out else {}), "order": [DRAFT]}), service
    )
    assert {"BAC-DUP-01", "BAC-WD-03"} & set(told(cards)) == {"BAC-DUP-01", *(["BAC-WD-03"] if ran_out else [])}
    assert len(actions_of(cards, "delete MedicationRequest")) == removed


def topic(card: Json) -> str:
    return str(card["source"].get("topic", {}).get("code", ""))


@pytest.mark.parametrize("profile", ["default", "epic", "sandbox"])
def test_the_draft_that_interacts_can_be_cancelled(assessor: Assessor, profile: Profile) -> None:
    case = CASES["interactions: draft of an opioid"]
    (action,) = actions_of(show_case(assessor, case, profile=profile), "delete MedicationRequest")
    assert action["resourceId"] == "MedicationRequest/order1"
    assert "tramadol 50 mg capsule" in action["description"]


def test_a_draft_is_cancelled_on_the_card_of_its_own_pair_only(assessor: Assessor) -> None:
    running = {"id": "second", "product": "gabapentin-300", "dose": "300 mg", "times": 3, "start": "-1y"}
    drafted = {"id": "new", "product": "oxycodone-5", "dose": "5 mg", "times": 4, "status": "draft"}
    cards = show_case(assessor, make_case({"name": "beside gabapentin", "order": [running, drafted]}))
    assert {"BAC-DDI-01", "BAC-DDI-04"} <= {topic(card) for card in cards}
    cancelled = [topic(card) for card in cards if actions_of([card], "delete MedicationRequest")]
    assert cancelled == ["BAC-DDI-01"]


def test_an_order_without_an_id_of_its_own_cannot_be_removed(assessor: Assessor) -> None:
    case = CASES["interactions: draft of an opioid"]
    bundle = make_bundle(case)
    (draft,) = drafts_in(bundle)
    answer = answer_of(assessor, case, bundle)
    nameless = {key: one for key, one in draft.items() if key != "id"}
    assert not actions_of(show(answer, service="baclofen-order-sign", session=[nameless]), "delete MedicationRequest")


def stopped_case() -> Case:
    """Baclofen 30 mg/day for months, stopped today."""
    return make_case({"name": "stopped", "order": [{"id": "order", "status": "stopped", "updated": "now"}]})


def stopped_cards(assessor: Assessor, profile: Profile) -> list[Json]:
    case = stopped_case()
    bundle = make_bundle(case)
    orders = [one["resource"] for one in bundle["entry"] if one["resource"].get("id") == "order"]
    return show(answer_of(assessor, case, bundle), service="baclofen-order-sign", session=orders, profile=profile)


def test_a_stop_offers_a_series_of_drafts(assessor: Assessor) -> None:
    cards = stopped_cards(assessor, "default")
    assert topic(cards[0]) == "BAC-WD-01"
    steps = actions_of(cards, "create MedicationRequest")
    doses = [sum(one["doseAndRate"][0]["doseQuantity"]["value"] for one in dosages(step)) for step in steps]
    assert doses == [25, 20, 15, 10, 5]
    starts = [dosages(step)[0]["timing"]["repeat"]["boundsPeriod"]["start"] for step in steps]
    assert starts == sorted(starts)
    assert all(starts[at] in step["description"] for at, step in enumerate(steps))
    assert {(one["resource"]["status"], one["resource"]["intent"]) for one in steps} == {("draft", "order")}


def dosages(action: Json) -> list[Json]:
    listed = action["resource"]["dosageInstruction"]
    assert isinstance(listed, list)
    return listed


def test_a_stop_is_one_draft_for_who_takes_one_action(assessor: Assessor) -> None:
    (action,) = actions_of(stopped_cards(assessor, "sandbox"), "create MedicationRequest")
    assert {one["sequence"] for one in dosages(action)} == {1, 2, 3, 4, 5}
    concept = action["resource"]["medicationCodeableConcept"]
    assert concept["text"] and concept["coding"][0]["code"], "the sandbox looks at nothing else"


@pytest.mark.parametrize(("profile", "drafts"), [("default", "drafts"), ("sandbox", "one draft")])
def test_the_button_says_how_many_drafts_it_writes(assessor: Assessor, profile: Profile, drafts: str) -> None:
    offered = [one["label"] for card in stopped_cards(assessor, profile) for one in card.get("suggestions", ())]
    assert f"Step down from 30 to 0 mg/day in 5 steps ({drafts})" in offered


def test_the_sandbox_is_not_offered_a_lower_dose_that_it_would_not_write(assessor: Assessor) -> None:
    card, *_ = show_case(assessor, first_order(), profile="sandbox")
    assert not actions_of([card], "update MedicationRequest")
    assert "15 mg/day" in card["summary"] + card["detail"], "it is said in words"


def test_epic_gets_no_order_whose_dose_it_would_drop(assessor: Assessor) -> None:
    cards = stopped_cards(assessor, "epic")
    assert not actions_of(cards, "create MedicationRequest")
    assert "25 mg/day as 10-5-10" in cards[0]["detail"], "the steps are in words"


def test_a_kidney_test_is_offered_where_none_was_found(assessor: Assessor) -> None:
    case = make_case({"name": "no kidneys", "drop": ["creatinine"]})
    for profile in ("default", "epic"):
        cards = show_case(assessor, case, "baclofen-patient-view", profile=profile)
        (action,) = actions_of(cards, "create ServiceRequest")
        assert action["resource"]["subject"] == {"reference": "Patient/p1"}
        assert action["resource"]["requester"] == {"reference": "Practitioner/dr-a"}
        assert action["resource"]["code"]["coding"] == [dict(moments().creatinine_coding)]


def test_a_kidney_test_is_offered_where_the_laboratory_has_nothing_at_all(assessor: Assessor) -> None:
    """The search was narrowed to laboratory results, so that its empty answer is no answer about all observations."""
    empty = prefetch_of({"drop": ["creatinine"]}) | {"laboratory": searchset(), "vitalSigns": searchset()}
    cards = checked(assessor, sign(at_dose(5, ORDER, id="new", status="draft"), prefetch=empty))
    assert len(actions_of(cards, "create ServiceRequest")) == 1
    not_read = {key: one for key, one in empty.items() if key != "laboratory"}
    assert not actions_of(checked(assessor, sign(at_dose(5, ORDER), prefetch=not_read)), "create ServiceRequest")


def test_no_kidney_test_is_offered_when_results_could_not_be_read(assessor: Assessor) -> None:
    case = make_case({"name": "no kidneys", "drop": ["creatinine"], "complete": False, "answered": ["Observation"]})
    for missing, offered in (({}, 1), ({"laboratory": "failed"}, 0)):
        cards = show_case(assessor, case, "baclofen-patient-view", missing=missing)
        assert len(actions_of(cards, "create ServiceRequest")) == offered


def test_a_single_recent_kidney_test_is_not_called_none(assessor: Assessor) -> None:
    fresh = {"lab": [{"what": "creatinine", "value": 2.7, "at": "-2d"}]}
    *_, last = show_case(assessor, make_case({"name": "one", **NEW_PATIENT, **fresh, "order": [DRAFT]}))
    assert [one["label"] for one in last["suggestions"]] == [phrase("suggestion.creatinine")]
    assert phrase("not_checked.advice_repeat") in last["detail"]
    assert phrase("not_checked.advice_creatinine") not in last["detail"]


def test_a_kidney_test_that_a_new_stage_contradicts_is_repeated(assessor: Assessor) -> None:
    case = CASES["data: stage 5 written down after a normal result"]
    first, last = show_case(assessor, case, "baclofen-patient-view")
    assert last["summary"] == "Baclofen not fully checked: CKD stage and eGFR contradict"
    assert "Kidney function unknown" not in last["detail"]
    assert first["suggestions"][0]["label"] == phrase("suggestion.creatinine")
    assert phrase("not_checked.advice_creatinine") not in last["detail"]


def test_reasons_for_a_second_kidney_test_are_those_of_a_rule(assessor: Assessor) -> None:
    known = {reason for sheet in assessor.book.sheets.values() for reason in sheet.gaps}
    assert moments().creatinine_repeat | moments().creatinine_doubt <= known


def test_the_kidney_test_is_one_of_the_value_set(assessor: Assessor) -> None:
    table = moments()
    (include,) = assessor.profiles.artifacts["ValueSet", table.creatinine_concept]["compose"]["include"]
    listed = [{"system": include["system"], **concept} for concept in include["concept"]]
    assert table.creatinine_coding in listed


def test_tables_name_what_there_is(assessor: Assessor) -> None:
    table, book = moments(), assessor.book
    rules = {
        *table.not_follow_up,
        *table.early_questions,
        *table.after_a_gap,
        *table.questions_if_taken,
    }
    assert set().union(*table.first_at.values(), *table.asked_at.values()) <= set(book.sheets)
    assert {*rules, *table.keep_one, *table.beside_pump, *table.leave_as_is, *table.creatinine_rules} <= set(
        book.sheets
    )
    for rule, reasons in table.taken_or_not.items():
        assert reasons <= set(book.sheets[rule].gaps)
    assert {*table.follow_up, *table.partners, *table.recorded_first} <= set(book.family_titles)


def test_findings_are_filed_as_they_were_answered(assessor: Assessor) -> None:
    case = CASES["interactions: draft of an opioid"]
    bundle = make_bundle(case)
    answer = answer_of(assessor, case, bundle)
    filed = actions_of(show(answer), "create DetectedIssue")
    answered = [one["resource"] for one in answer.bundle["entry"] if one["resource"]["resourceType"] == "DetectedIssue"]
    assert [one["resource"] for one in filed] == answered


@pytest.mark.parametrize("profile", ["default", "epic", "sandbox"])
def test_everything_offered_is_valid_fhir_and_within_reach(assessor: Assessor, profile: Profile) -> None:
    may = abilities_of(profile).actions
    for name, action in every_action(assessor, profile):
        assert kind_of(action) in may, name
        if "resource" in action:
            entry = [{"resource": action["resource"]}]
            errors = check_output({"resourceType": "Bundle", "type": "collection", "entry": entry})
            assert not errors, (name, errors, json.dumps(action["resource"])[:400])


def every_action(assessor: Assessor, profile: Profile) -> Iterator[tuple[str, Json]]:
    """The actions of a sample of the cases, all with drafts among them."""
    for number, (name, case) in enumerate(CASES.items()):
        bundle = make_bundle(case)
        drafts = drafts_in(bundle)
        if drafts or number % 20 == 0:
            service = "baclofen-order-sign" if drafts else "baclofen-patient-view"
            cards = show(answer_of(assessor, case, bundle), service=service, session=drafts, profile=profile)
            yield from ((name, action) for action in actions_of(cards))


@pytest.mark.parametrize(
    ("sent", "ingredients", "name"),
    [
        ("BACLOFEN 10 MG PO TABS", {"baclofen"}, "BACLOFEN 10 MG PO TABS"),
        ("197391", {"baclofen"}, "baclofen"),
        ("00527-1330-01", {"tizanidine", "baclofen"}, "baclofen + tizanidine"),
        ("4711", set(), "4711"),
        ("", set(), "baclofen"),
    ],
)
def test_a_medicine_sent_as_a_bare_code_is_named(sent: str, ingredients: set[str], name: str) -> None:
    medicine = Medicine(sent, MedicineState.KNOWN, frozenset(ingredients))
    assert name_of(Order("MedicationRequest/1", "draft", medicine)) == name


def test_a_kidney_test_alone_is_recommended(assessor: Assessor) -> None:
    seen: set[tuple[bool, str]] = set()
    for family, case in every_case():
        if family not in ("renal", "monitoring", "dose"):
            continue
        for card in show_case(assessor, case):
            offers = card.get("suggestions", ())
            assert sum(one.get("isRecommended", False) for one in offers) <= 1
            seen |= {
                (one.get("isRecommended", False), action.get("resource", {}).get("resourceType", action["type"]))
                for one in offers
                for action in one["actions"]
            }
    assert [kind for recommended, kind in seen if recommended] == ["ServiceRequest"]
    assert (False, "ServiceRequest") not in seen

"""Whatever is sent: nothing breaks, the order of things does not matter, and what is missing never looks safe."""

from __future__ import annotations

import copy
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moments import NOW, ORDER, SERVICES, WEAK, at_dose, bundle, call_of, judge, prefetch_of, searchset, sign

from baclofen_safety.assessor import load_assessor
from baclofen_safety.cdshooks.prefetch import supplied
from baclofen_safety.cdshooks.record import mismatch, record_of, unresolved
from baclofen_safety.cdshooks.session import session_of
from baclofen_safety.config import Settings
from baclofen_safety.core.verdict import Verdict
from baclofen_safety.fhir.operations import Ask
from cases import Case, every_case

ASSESSOR = load_assessor(Settings())
WORDS = st.sampled_from(["", "order", "MedicationRequest/order", "draft"])
PLAIN = st.none() | st.booleans() | st.integers(-2, 2) | WORDS
NAMES = st.sampled_from(
    (
        *("resourceType", "resource", "entry", "id", "status", "meta", "reference", "subject", "link", "total"),
        *("issue", "search", "medicationReference", "dosageInstruction", "priorPrescription", "basedOn"),
        *("participant", "severity"),
    )
)
ANYTHING = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4))
KIND = st.sampled_from(["Bundle", "MedicationRequest", "OperationOutcome", "Patient", "Condition"])
REST = st.dictionaries(NAMES, ANYTHING)
TYPED = st.builds(lambda kind, rest: {"id": "order", **rest, "resourceType": kind}, KIND, REST)


@settings(max_examples=200)
@given(ANYTHING | TYPED, ANYTHING | TYPED, st.sampled_from(sorted(SERVICES)), st.lists(TYPED | ANYTHING, max_size=3))
def test_nothing_that_is_sent_breaks_the_way_to_the_record(
    value: object, context: object, name: str, entries: list[object]
) -> None:
    service = SERVICES[name]
    held = {"resourceType": "Bundle", "entry": entries}
    sent = dict.fromkeys(service.prefetch, value) | {"medicationRequests": searchset(ORDER), "conditions": held}
    for one in (context, held):
        fields = dict.fromkeys(service.holds, one) | {"selections": context}
        call = call_of(name.removeprefix("baclofen-"), fields, sent)
        session, supply = session_of(call, NOW), supplied(call)
        mismatch(call, session, supply)
        unresolved(session, supply)
        ASSESSOR.answer(Ask(content=record_of(call, session, supply), subject="Patient/p1"), NOW)


def whole(verdict: Verdict) -> object:
    return verdict.status, verdict.issues, verdict.questions, verdict.chart.orders


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_entries_does_not_matter(seed: int) -> None:
    dice = random.Random(seed)
    new = at_dose(2.5, id="new", status="draft", priorPrescription={"reference": "MedicationRequest/order"})
    nameless = {key: value for key, value in at_dose(5, status="draft").items() if key != "id"}
    orders = [new, nameless, {**ORDER, "status": "on-hold"}]
    calls = []
    for _ in range(2):
        prefetch = copy.deepcopy(prefetch_of(WEAK))
        keys = list(prefetch)
        dice.shuffle(keys)
        dice.shuffle(orders)
        for key in keys[1:]:
            if key != "patient":
                dice.shuffle(prefetch[key]["entry"])
        calls.append(sign(*orders, prefetch={key: prefetch[key] for key in keys}))
    one, other = (judge(ASSESSOR, call) for call in calls)
    assert whole(one) == whole(other)


CASES = [case for _, case in every_case() if case.as_of == NOW and not case.patient.get("none")]
SIGNING = call_of("order-sign", {}, {}).service


@settings(max_examples=60)
@given(
    case=st.sampled_from(CASES),
    key=st.sampled_from(sorted(SIGNING.prefetch.keys() - SIGNING.optional)),
    left=st.sampled_from(["drop", None, "failed", "partial"]),
)
def test_a_key_that_goes_missing_never_makes_a_verdict_look_safe(case: Case, key: str, left: str | None) -> None:
    prefetch = prefetch_of(case)
    draft = at_dose(10, id="new", status="draft")
    less = {name: one for name, one in prefetch.items() if name != key}
    if left is None:
        less[key] = None
    elif left == "failed":
        less[key] = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
    elif left == "partial":
        less[key] = searchset() | {"total": 1}
    for name, context in (("patient-view", {}), ("order-sign", {"draftOrders": bundle(draft)})):
        full, lame = (judge(ASSESSOR, call_of(name, context, sent)) for sent in (prefetch, less))
        if full.status != "success":
            assert lame.status != "success"
        assert lame.status == "data-required"

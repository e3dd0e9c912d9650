"""The shapes of the wire: what real clients send is read, what nobody can read is refused by its place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baclofen_safety.cdshooks.call import Authorization, Call
from baclofen_safety.cdshooks.schemas_answer import AnswerSchema, BadAnswer, DiscoverySchema, check_answer
from baclofen_safety.cdshooks.schemas_call import CONTEXTS, EPIC_TRIGGER, call_schema, load_call
from baclofen_safety.cdshooks.services import discovery, load_services
from baclofen_safety.errors import BadInput

SERVICES = load_services()
BY_HOOK = {one.hook: one for one in SERVICES.values()}
HOOKS = list(BY_HOOK)
INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
DRAFT = {"resourceType": "MedicationRequest", "id": "request-123", "status": "draft"}
BUNDLE = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": DRAFT}]}
SECRET = "Zaphod Beeblebrox"


def document(hook: str = "order-sign", context: object = None, **more: Any) -> dict[str, Any]:
    """A call; ``None`` in ``more`` takes a field away."""
    held = {"patientId": "p1", **context} if isinstance(context, dict) else context or {"patientId": "p1"}
    made = {"hook": hook, "hookInstance": INSTANCE, "context": held, **more}
    return {name: one for name, one in made.items() if one is not None}


def load(hook: str = "order-sign", context: object = None, **more: Any) -> Call:
    return load_call(BY_HOOK[hook], document(hook, context, **more))


def test_every_service_has_a_schema_and_every_schema_a_service() -> None:
    assert set(CONTEXTS) == set(HOOKS)
    for one in SERVICES.values():
        assert set(one.holds) <= set(CONTEXTS[one.hook]), one.id


SENT: dict[str, list[dict[str, Any]]] = {
    "patient-view": [{"userId": "Practitioner/1"}, {"userId": None}, {}],
    "order-select": [
        {"selections": ["MedicationRequest/request-123"], "draftOrders": BUNDLE},
        {"selections": ["MedicationRequest/request-123"], "draftOrders": {"resourceType": "Bundle", "entry": [DRAFT]}},
        {"selections": [{"reference": "MedicationRequest/request-123"}], "draftOrders": BUNDLE},
        {"selections": [], "draftOrders": {"resourceType": "Bundle"}},
        {},
    ],
    "order-sign": [{"draftOrders": BUNDLE}, {"draftOrders": DRAFT}, {"draftOrders": [DRAFT]}, {"draftOrders": None}],
    "order-dispatch": [
        {"dispatchedOrders": ["ServiceRequest/1"], "performer": "Organization/1", "fulfillmentTasks": [{}]},
        {"dispatchedOrders": ["ServiceRequest/1"], "performer": "Organization/1", "fulfillment-tasks": [{}]},
        {"order": "ServiceRequest/1", "performer": "Organization/1", "task": {"resourceType": "Task"}},
        {"order": {"reference": "ServiceRequest/1"}},
    ],
    "order-discontinue": [{"toBeDiscontinued": BUNDLE}],
    "appointment-book": [{"appointments": BUNDLE}],
    "encounter-start": [{"encounterId": "e1", "userId": "Practitioner/1"}],
    "encounter-discharge": [{"encounterId": "e1", "userId": "Practitioner/1"}, {"userId": "Practitioner/1"}],
    "medication-refill": [{"medications": BUNDLE}],
    "medication-verify": [{"medication": DRAFT}, {"order": {"resource": DRAFT}}],
    "problem-list-item-create": [{"conditions": BUNDLE}],
    "allergyintolerance-create": [{"allergyIntolerance": {"resourceType": "AllergyIntolerance"}}],
}


@pytest.mark.parametrize(("hook", "context"), [(hook, one) for hook, many in SENT.items() for one in many])
def test_contexts_as_clients_send_them(hook: str, context: dict[str, Any]) -> None:
    call = load(hook, context)
    assert (call.instance, call.patient_id, call.service) == (INSTANCE, "p1", BY_HOOK[hook])
    for name in BY_HOOK[hook].holds:
        assert call.context.get(name) == context.get(name) or name == "dispatchedOrders"


def test_every_hook_is_tried() -> None:
    assert set(SENT) == set(HOOKS)


def test_a_selection_is_a_reference_however_it_is_written() -> None:
    for sent in ("MedicationRequest/1", ["MedicationRequest/1"], {"reference": "MedicationRequest/1"}):
        assert load("order-select", {"selections": sent}).context["selections"] == ["MedicationRequest/1"]


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("Practitioner/1", "Practitioner/1"),
        ("PractitionerRole/A2340113", "PractitionerRole/A2340113"),
        ("example", None),
        ("", None),
        (None, None),
    ],
)
def test_users(sent: str | None, read: str | None) -> None:
    assert load(context={"userId": sent}).user_id == read


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("p1", "p1"),
        ("Patient/p1", "p1"),
        ("https://ehr.example.org/fhir/Patient/p1", "p1"),
        ("e." + "a-" * 99, "e." + "a-" * 99),
        ("InPatient", "InPatient"),
    ],
)
def test_a_patient_is_a_bare_id(sent: str, read: str) -> None:
    call = load(context={"patientId": sent})
    assert (call.patient_id, call.context["patientId"]) == (read, read)


@pytest.mark.parametrize(
    ("number", "moment"),
    [("26", "admission"), ("27", "discharge"), ("29", "transfer"), (27, "discharge"), ("60", None), (None, None)],
)
def test_epic_says_what_happened_in_an_extension(number: object, moment: str | None) -> None:
    extension = {EPIC_TRIGGER: number, "com.epic.cdshooks.request.bpa-trigger-id": "1"}
    assert load("patient-view", extension=extension).moment == moment
    assert load("order-sign", extension=extension).moment is None


def test_every_key_is_kept_as_it_was_sent() -> None:
    sent = {"patient": None, "laboratory": {"resourceType": "OperationOutcome"}, "coverageBundle": BUNDLE}
    assert load(prefetch=sent).prefetch == sent
    assert load(prefetch={}).prefetch == {}


@pytest.mark.parametrize("scope", ["patient/Patient.read user/*.read", "patient/Patient.rs user/*.cruds?x=y", ""])
def test_a_token_and_its_scopes_of_either_smart(scope: str) -> None:
    told = {"access_token": "t", "token_type": "Bearer", "expires_in": 300, "scope": scope, "subject": "us"}
    call = load(fhirServer="https://ehr.example.org/fhir/", fhirAuthorization={**told, "patient": "Patient/p1"})
    assert call.server == "https://ehr.example.org/fhir"
    assert call.authorization == Authorization("t", frozenset(scope.split()), "p1")


def test_a_token_may_be_empty_and_says_little() -> None:
    call = load(fhirServer="http://localhost:8080/fhir", fhirAuthorization={"access_token": "", "token_type": "bearer"})
    assert call.authorization == Authorization("")
    assert "secret" not in repr(load(fhirServer="http://a", fhirAuthorization={"access_token": "secret"}))


def test_fields_of_version_3_and_of_nobody_are_passed_over() -> None:
    plain = load()
    assert load(version="3.0", hookVersion="1.0", somethingElse=[1]) == plain
    assert load(fhirServer=None, prefetch=None, extension=None) == plain


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ({"hook": None}, "hook"),
        ({"hook": "patient-view"}, "hook"),
        ({"hook": 3}, "hook"),
        ({"hook": ""}, "hook"),
        ({"hookInstance": None}, "hookInstance"),
        ({"hookInstance": 12}, "hookInstance"),
        ({"hookInstance": "x" * 1000}, "hookInstance"),
        ({"context": None}, "context"),
        ({"context": []}, "context"),
        ({"context": "p1"}, "context"),
        ({"context": {}}, "context.patientId"),
        ({"context": {"patientId": ""}}, "context.patientId"),
        ({"context": {"patientId": None}}, "context.patientId"),
        ({"context": {"patientId": 5}}, "context.patientId"),
        ({"context": {"patientId": SECRET}}, "context.patientId"),
        ({"context": {"patientId": "Patient/"}}, "context.patientId"),
        ({"context": {"patientId": "p1?x=y"}}, "context.patientId"),
        ({"context": {"patientId": "p1", "encounterId": {}}}, "context.encounterId"),
        ({"context": {"patientId": "p1", "userId": 1}}, "context.userId"),
        ({"context": {"patientId": "p1", "draftOrders": 1}}, "context.draftOrders"),
        ({"context": {"patientId": "p1", "draftOrders": True}}, "context.draftOrders"),
        ({"prefetch": [SECRET]}, "prefetch"),
        ({"prefetch": SECRET}, "prefetch"),
        ({"fhirServer": SECRET}, "fhirServer"),
        ({"fhirServer": "ftp://ehr.example.org"}, "fhirServer"),
        ({"fhirServer": "https://[x"}, "fhirServer"),
        ({"fhirServer": 1}, "fhirServer"),
        ({"fhirAuthorization": {"access_token": "t"}}, "fhirServer"),
        ({"fhirServer": "https://a", "fhirAuthorization": {}}, "fhirAuthorization.access_token"),
        ({"fhirServer": "https://a", "fhirAuthorization": SECRET}, "fhirAuthorization"),
        (
            {"fhirServer": "https://a", "fhirAuthorization": {"access_token": "t", "token_type": "mac"}},
            "fhirAuthorization.token_type",
        ),
        (
            {"fhirServer": "https://a", "fhirAuthorization": {"access_token": "t", "scope": [SECRET]}},
            "fhirAuthorization.scope",
        ),
    ],
)
def test_what_nobody_can_read_is_refused_by_its_place(sent: dict[str, Any], place: str) -> None:
    made = {name: one for name, one in {**document(), **sent}.items() if one is not None}
    with pytest.raises(BadInput) as caught:
        load_call(BY_HOOK["order-sign"], made)
    assert caught.value.status == 400
    assert caught.value.expression == (place,)
    assert SECRET not in caught.value.text


def test_a_place_in_a_list_has_its_number() -> None:
    with pytest.raises(BadInput) as caught:
        load("order-select", {"selections": ["MedicationRequest/1", 5]})
    assert caught.value.expression == ("context.selections[1]",)


@pytest.mark.parametrize("sent", [None, [], "x", 1, True, [document()]])
def test_a_call_is_an_object(sent: object) -> None:
    with pytest.raises(BadInput, match="JSON object"):
        load_call(BY_HOOK["order-sign"], sent)


names = st.text(min_size=1, max_size=12)
scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=20)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=12
)
ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9.\-]{0,40}", fullmatch=True)
bundles = st.just(BUNDLE) | st.just({"resourceType": "Bundle"}) | st.dictionaries(names, anything, max_size=3)
tokens = st.fixed_dictionaries(
    {"access_token": st.text(max_size=9)},
    optional={
        "token_type": st.sampled_from(["Bearer", "bearer"]),
        "expires_in": anything,
        "scope": st.text(max_size=30),
        "patient": ids,
    },
)
_RESOURCES = {"selections", "dispatchedOrders"}


@st.composite
def calls(draw: st.DrawFn) -> dict[str, Any]:
    """Calls that must be read, with anything in every place that is not looked at."""
    hook = draw(st.sampled_from(HOOKS))
    fields = {name: st.lists(ids, max_size=3) if name in _RESOURCES else bundles for name in CONTEXTS[hook]}
    context = st.fixed_dictionaries({"patientId": ids}, optional={"userId": ids, "encounterId": ids, **fields})
    made: dict[str, Any] = {"hook": hook, "hookInstance": draw(ids), "context": draw(context)}
    if draw(st.booleans()):
        made["prefetch"] = draw(st.dictionaries(st.sampled_from([*BY_HOOK[hook].prefetch, "other"]), anything))
    if draw(st.booleans()):
        made["fhirServer"] = f"https://{draw(st.sampled_from(['a', 'ehr.example.org', 'localhost:1']))}/fhir"
        made["fhirAuthorization"] = draw(tokens)
    if draw(st.booleans()):
        made["extension"] = draw(anything)
    return made


@given(calls())
def test_what_is_dumped_can_be_loaded(sent: dict[str, Any]) -> None:
    schema = call_schema(sent["hook"])
    told = schema.load(sent)
    dumped = json.loads(json.dumps(schema.dump(told)))
    service = BY_HOOK[sent["hook"]]
    again, first = load_call(service, dumped), load_call(service, sent)
    assert again == first
    assert schema.dump(schema.load(dumped)) == dumped


@given(calls(), anything)
def test_an_extension_is_never_refused_and_changes_nothing_else(sent: dict[str, Any], extra: object) -> None:
    service = BY_HOOK[sent["hook"]]
    plain = load_call(service, sent)
    more = {**sent, "extension": extra, "com.example.other": extra, "context": {**sent["context"], "extension": extra}}
    if "fhirAuthorization" in more:
        more["fhirAuthorization"] = {**more["fhirAuthorization"], "extension": extra}
    more["prefetch"] = {**more.get("prefetch", {}), "extension": extra}
    call = load_call(service, more)
    assert (call.patient_id, call.server, call.authorization) == (plain.patient_id, plain.server, plain.authorization)
    assert call.prefetch == plain.prefetch


@given(anything | calls().flatmap(lambda call: st.tuples(st.just(call), st.sampled_from([*call]), anything)))
def test_whatever_comes_is_read_or_refused(sent: Any) -> None:
    made = {**sent[0], sent[1]: sent[2]} if isinstance(sent, tuple) else sent
    for service in SERVICES.values():
        try:
            assert load_call(service, made).service is service
        except BadInput as error:
            assert error.status == 400


CARD: dict[str, Any] = {
    "uuid": INSTANCE,
    "summary": "Baclofen 10 mg: half the dose",
    "indicator": "warning",
    "source": {
        "label": "baclofen-safety",
        "url": "http://localhost:8080/rules/BAC-RENAL-04",
        "topic": {"code": "BAC-RENAL-04", "system": "https://baclofen-safety.example/x", "display": "Kidneys"},
    },
    "detail": "- one\n- two",
    "suggestions": [
        {
            "label": "Cut to 5 mg",
            "uuid": INSTANCE,
            "isRecommended": True,
            "actions": [
                {"type": "update", "description": "Cut to 5 mg", "resource": DRAFT},
                {"type": "delete", "description": "Cancel", "resourceId": "MedicationRequest/1"},
            ],
        }
    ],
    "selectionBehavior": "any",
    "overrideReasons": [{"code": "risk-benefit-ratio", "system": "http://a", "display": "Benefit outweighs the risk"}],
    "links": [{"label": "The rule", "url": "http://localhost:8080/rules/BAC-RENAL-04", "type": "absolute"}],
    "extension": {"example.baclofen-safety": {"rules": []}},
}


def test_answers_are_what_their_schema_dumps() -> None:
    schema = AnswerSchema()
    for answer in ({"cards": []}, {"cards": [CARD]}, {"cards": [CARD], "extension": {"a": 1}}):
        check_answer(answer)
        assert schema.dump(schema.load(answer)) == answer


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"summary": "x" * 140}, "cards[0].summary"),
        ({"summary": ""}, "cards[0].summary"),
        ({"indicator": "hard-stop"}, "cards[0].indicator"),
        ({"source": {}}, "cards[0].source"),
        ({"source": {"label": "x", "url": "/rules"}}, "cards[0].source.url"),
        ({"source": {"label": "x", "topic": {"code": "x"}}}, "cards[0].source.topic.system"),
        ({"uuid": "1"}, "cards[0].uuid"),
        ({"detail": None}, "cards[0].detail"),
        ({"links": []}, "cards[0].links"),
        ({"links": [{**CARD["links"][0], "appContext": "x"}]}, "cards[0].links[0].appContext"),
        ({"links": [{**CARD["links"][0], "autoLaunchable": True}]}, "cards[0].links[0].autoLaunchable"),
        ({"overrideReasons": [{"code": "a", "system": "b"}]}, "cards[0].overrideReasons[0].display"),
        ({"selectionBehavior": "all"}, "cards[0].selectionBehavior"),
        ({"suggestions": CARD["suggestions"] * 2, "selectionBehavior": "at-most-one"}, "cards[0].selectionBehavior"),
        (
            {"suggestions": [{"label": "x", "actions": [{"type": "delete", "description": "x"}]}]},
            "cards[0].suggestions[0].actions[0].resourceId",
        ),
        (
            {"suggestions": [{"label": "x", "actions": [{"type": "create", "description": "x"}]}]},
            "cards[0].suggestions[0].actions[0].resource",
        ),
        ({"title": "x"}, "cards[0].title"),
    ],
)
def test_an_answer_that_is_not_as_the_standard_says(change: dict[str, Any], place: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        check_answer({"cards": [{**CARD, **change}]})
    assert caught.value.places == (place,)


def test_suggestions_need_a_behaviour_and_an_answer_needs_cards() -> None:
    with pytest.raises(BadAnswer, match="selectionBehavior"):
        check_answer({"cards": [{name: one for name, one in CARD.items() if name != "selectionBehavior"}]})
    with pytest.raises(BadAnswer, match="cards"):
        check_answer({})


def test_discovery_is_what_its_schema_says() -> None:
    schema = DiscoverySchema()
    assert schema.dump(schema.load(discovery(SERVICES))) == discovery(SERVICES)

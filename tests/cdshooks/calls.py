"""Calls made from cases: the drafts of a case are the session, the rest is the record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from baclofen_safety.assessor import Answer, Assessor
from baclofen_safety.cdshooks.call import Call
from baclofen_safety.cdshooks.cards import cards_of
from baclofen_safety.cdshooks.clients import Client, Profile
from baclofen_safety.cdshooks.prefetch import Supply
from baclofen_safety.cdshooks.services import load_services
from baclofen_safety.cdshooks.session import session_of
from baclofen_safety.fhir.operations import Ask
from builders import make_bundle
from cases import Case

Json = dict[str, Any]
SERVICES = load_services()
PUBLIC = "https://safety.example.org"


def client_of(profile: Profile) -> Client:
    return Client(name="test", profile=profile)


def resources_of(bundle: Json) -> list[Json]:
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] != "Bundle"]


def call_of(service: str, resources: Iterable[Json] = ()) -> Call:
    """A call of a service whose context holds the resources."""
    held = SERVICES[service].holds
    entries = [{"resource": one} for one in resources]
    context: Json = {"patientId": "p1", "userId": "Practitioner/dr-a"}
    if held:
        context[next(iter(held))] = {"resourceType": "Bundle", "entry": entries}
    return Call(
        service=SERVICES[service],
        instance="d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        patient_id="p1",
        context=context,
        user_id="Practitioner/dr-a",
    )


def answer_of(assessor: Assessor, case: Case, bundle: Json | None = None) -> Answer:
    return assessor.answer(Ask(bundle or make_bundle(case), as_of=case.as_of), case.as_of)


def show(
    answer: Answer,
    *,
    service: str = "baclofen-patient-view",
    session: Iterable[Json] = (),
    profile: Profile = "default",
    missing: Mapping[str, str] | None = None,
    public: str = PUBLIC,
    client: Client | None = None,
) -> list[Json]:
    """The cards a client is shown."""
    return cards_for(answer, call_of(service, session), client or client_of(profile), missing or {}, public)


def cards_for(
    answer: Answer,
    call: Call,
    client: Client | None = None,
    missing: Mapping[str, str] | None = None,
    public: str = PUBLIC,
) -> list[Json]:
    """The cards of one call."""
    return cards_of(
        answer,
        call=call,
        session=session_of(call, answer.verdict.as_of),
        supply=Supply(bundles={}, missing=dict(missing or {})),
        client=client or client_of("default"),
        public_url=public,
    )


def show_case(assessor: Assessor, case: Case, service: str = "baclofen-order-sign", **more: Any) -> list[Json]:
    """The cards of a case whose drafts are the session."""
    bundle = make_bundle(case)
    return show(answer_of(assessor, case, bundle), service=service, session=drafts_in(bundle), **more)


def drafts_in(bundle: Json) -> list[Json]:
    """The unsigned orders of a case: what a prescriber would be signing."""
    return [one for one in resources_of(bundle) if one.get("status") == "draft" and "intent" in one]


def told(cards: Iterable[Json]) -> list[str]:
    """The rules the cards name, in their order."""
    return [rule["id"] for card in cards for rule in card["extension"]["example.baclofen-safety"].get("rules", ())]

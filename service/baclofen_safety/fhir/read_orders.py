"""MedicationRequest and MedicationStatement (STU3, R4, R4B, R5) as orders."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal

from ..core.concepts import INTRATHECAL_ROUTES, Concept
from ..core.medicines import DoseStep, Medicine, Order, OrderStatus, Setting
from ..core.moment import Moment
from .bundle import Json
from .disagreeing import tell_disagreeing
from .dosage import bounds_of, read_steps
from .indication import read_indication
from .numbers import read_number
from .order_ends import note_end, until
from .order_words import says_bolus, says_refill, stop_reasons
from .page import Page, Words, shown
from .read_encounters import is_current_inpatient, period_of
from .read_medicines import (
    ASSUMED_ROUTE,
    codings_of,
    dosages_at,
    read_medicine,
    read_route,
    sig_of,
    tell_unjudged_route,
)
from .rendered import at_their_place, dosages_of, tell_held, tell_other_dose
from .versions import FhirVersion, seen_versions
from .who_ordered import dispenser_of, identifier_of, requester_key, requester_reference, supply_days

REQUEST_STATUS: dict[str, OrderStatus] = {
    "active": "active",
    "on-hold": "on-hold",
    "stopped": "stopped",
    "completed": "completed",
    "ended": "completed",
    "cancelled": "cancelled",
    "draft": "draft",
    "unknown": "unknown",
}
_INTENTS = frozenset(
    {
        "order",
        "original-order",
        "reflex-order",
        "filler-order",
        "instance-order",
        "plan",
        "proposal",
        "option",
    }
)
_SPECIFIC = frozenset({"filler-order", "instance-order", "reflex-order"})
_SETTINGS: dict[str, Setting] = {
    "inpatient": "inpatient",
    "outpatient": "community",
    "community": "community",
    "patientspecified": "community",
    "home-medication": "community",
    "discharge": "discharge",
}
_RUNNING = frozenset({"active", "on-hold", "unknown", "draft", "intended"})
_REFILL_FROM_UG = Decimal(2000)  # facts.md: a reservoir filling holds at least 2 mg or 10 mL
_REFILL_FROM_ML = Decimal(10)
_REFILLS_UP_TO = 999


def read_request(page: Page) -> Order | None:
    """A MedicationRequest as an order; None, and told, when it can never be exposure."""
    status = "unknown" if _needs_no_status(page) else read_status(page, REQUEST_STATUS)
    if status is None:
        page.intake.withdrawn.append(page.ref)
        return None
    if page.flag("doNotPerform"):
        page.tell("not-used", "a prohibition (doNotPerform), never exposure")
        return None
    reported = _is_reported(page)
    intent = page.string("intent").strip().lower()
    if intent and intent not in _INTENTS:
        page.stumble("intent", "an intent of FHIR; read as an order")
    if intent in ("proposal", "option") or (intent == "plan" and not reported):
        page.tell("not-used", f"intent {intent}, never in force")
        return None
    medicine = read_medicine(page)
    authored = page.moment("authoredOn")
    if not medicine.concepts:
        return _bystander(page, status, medicine, authored)
    dosages = page.elements("dosageInstruction")
    supply = page.element("dispenseRequest")
    start = _start_of_request(page, dosages, authored, supply, reported)
    common = read_common(page, status, medicine, dosages, start)
    common["steps"] = until(common["steps"], page.period("effectiveDosePeriod")[1])
    note_end(page, common)
    refills = read_number(supply.get("numberOfRepeatsAllowed"))
    if refills is not None and not 0 <= refills <= _REFILLS_UP_TO:
        page.stumble("dispenseRequest.numberOfRepeatsAllowed", "a plausible number of repeats")
        refills = None
    lasting = supply_days(page, supply)
    if status in _RUNNING:
        tell_disagreeing(page, medicine, common["route"], common["steps"], lasting)
    return Order(
        **common,
        reported=reported,
        authored=authored,
        proven=authored if reported else None,
        changed=page.moment("statusChanged"),
        specific=intent in _SPECIFIC,
        requester=requester_key(page),
        requester_ref=requester_reference(page),
        pharmacist_ref=dispenser_of(page, supply),
        group=identifier_of(page.element("groupIdentifier")) or None,
        based_on=page.references("basedOn"),
        replaces=page.reference("priorPrescription"),
        renews=bool(page.element("priorPrescription")),
        dispense_until=page.period("validityPeriod", supply, "dispenseRequest.")[1] if supply else None,
        refills=None if refills is None else int(refills),
        supply_days=lasting,
    )


def _needs_no_status(page: Page) -> bool:
    """An order of STU3 without one is whole; its state is unknown all the same."""
    if "status" in page.resource:
        return False
    seen = seen_versions(page.resource)
    older = bool(seen) and seen <= {FhirVersion.DSTU2, FhirVersion.STU3}
    return older or (page.intake.declared is FhirVersion.STU3 and FhirVersion.STU3 in seen)


def _bystander(page: Page, status: OrderStatus, medicine: Medicine, authored: Moment | None) -> Order:
    """A medicine no rule speaks of: that it is there, when and where, is all that is asked of it."""
    return Order(
        ref=page.ref,
        status=status,
        medicine=medicine,
        authored=authored,
        start=authored,
        setting=_setting(page),
        encounter=page.reference("encounter") or page.reference("context"),
    )


_RESCUE: Concept = "fact-rescue-supply"
_MILLILITRES = re.compile(r"\s*(?:mls?|cc|millilit(?:er|re)s?)\b", re.IGNORECASE)
_MICROGRAMS = re.compile(r"\s*(?:mcgs?|[uµμ]g|microgram(?:me)?s?|mikrogramm)\b", re.IGNORECASE)


def read_common(
    page: Page, status: OrderStatus, medicine: Medicine, dosages: list[Json], start: Moment | None
) -> dict[str, Any]:
    """The fields of an order that a request and a statement have in common."""
    intake = page.intake
    route, clashing, assumed = read_route(page, dosages, medicine)
    at = dosages_at(page)
    if status in _RUNNING:
        tell_unjudged_route(page, medicine, route)
    steps, troubles = read_steps(
        dosages_of(page, at),
        medicine,
        route=route,
        start=start,
        zone=intake.zone,
        terms=intake.terms,
        weight_kg=intake.weight_kg,
        ref=page.ref,
        at=at,
    )
    intake.troubles += at_their_place(page, troubles, at)
    tell_other_dose(page, medicine, steps, at)
    if status in _RUNNING and status != "on-hold":
        tell_held(page, medicine, sig_of(page, dosages), at)
    if route is None and medicine.is_baclofen and _is_in_milligrams(steps):
        route, assumed = "route-oral", True  # the hazards of the oral drug are judged; the trouble asks for the route
    reason, concepts, indication = _reasons(page)
    if _RESCUE in intake.terms.text_concepts("fact", f"{page.concept('category')[1]} ; {sig_of(page, dosages)}"):
        concepts |= {_RESCUE}
    refill, bolus, fill_sized = _pump_marks(page, medicine, route, steps, dosages)
    return {
        "ref": page.ref,
        "status": status,
        "medicine": medicine,
        "route": route,
        "route_conflict": bool(clashing),
        "other_routes": clashing,
        "steps": steps,
        "start": start,
        "updated": page.moment("lastUpdated", page.element("meta"), "meta."),
        "stop_reasons": stop_reasons(*reason, intake.terms.concepts("cond", reason[0])) if any(reason) else frozenset(),
        "reason_text": shown(reason),
        "indication": indication,
        "setting": _setting(page),
        "encounter": page.reference("encounter") or page.reference("context"),
        "identifiers": frozenset(filter(None, map(identifier_of, page.elements("identifier")))),
        "concepts": concepts | {ASSUMED_ROUTE} if assumed else concepts,
        "refill": refill,
        "fill_sized": fill_sized,
        "bolus": bolus,
    }


def _is_in_milligrams(steps: Sequence[DoseStep]) -> bool:
    """Are the doses written as oral baclofen is: milligrams (or tablets), none in micrograms (a day or an hour)?

    Millilitres several times a day are drunk; once, they may fill a pump.
    """
    return any(step.daily is not None for step in steps) and not any(
        step.continuous
        or _MICROGRAMS.match(step.written_unit or "")
        or (step.once and _MILLILITRES.match(step.written_unit or ""))
        for step in steps
    )


def read_status(page: Page, known: dict[str, OrderStatus]) -> OrderStatus | None:
    """The status in any case; "unknown" and told when missing or strange; None when entered in error."""
    written = page.string("status")
    word = written.strip().lower()
    if word == "entered-in-error":
        page.tell("not-used", "entered in error")
        return None
    if word not in known:
        page.stumble("status", "a status of FHIR; its state is taken as unknown")
        return "unknown"
    if word != written:
        page.tell("assumption", "status written in another case", "status")
    return known[word]


def _is_reported(page: Page) -> bool:
    resource = page.resource
    told = page.flag("reported") if type(resource.get("reported")) is not dict else True
    return bool(told) or page.flag("reportedBoolean") is True or "reportedReference" in resource


def _start_of_request(
    page: Page, dosages: Sequence[Json], authored: Moment | None, supply: Json, reported: bool
) -> Moment | None:
    """facts.md 3.3: bounds, R5 period, post-dated dispensing, authoredOn, encounter. Never lastUpdated."""
    start = bounds_of(dosages, page.intake.zone)[0] or page.period("effectiveDosePeriod")[0]
    if start is not None or reported:
        return start
    valid = page.period("validityPeriod", supply, "dispenseRequest.")[0] if supply else None
    if valid is not None and (authored is None or valid.first > authored.first):
        return valid
    if authored is not None:
        return authored
    stay = page.intake.record.find(page.resource.get("encounter") or page.resource.get("context"), page.resource)
    if stay is None:
        return None
    return period_of(Page(page.intake, stay[1], stay[0], "Encounter"))[0]


def _reasons(page: Page) -> tuple[Words, frozenset[Concept], Literal["alcohol", "other"] | None]:
    """statusReason; the concepts on the order (facts in its category, what its reasons stand for); what it is for."""
    terms = page.intake.terms
    category, reason = page.concept("category"), page.concept("reasonCode")
    references: list[object] = list(page.elements("reasonReference"))
    if "reason" in page.resource:
        for each in page.elements("reason"):
            codings, text = page.words(each.get("concept"), "reason.concept")
            reason = (reason[0] + codings, reason[1] or text)
            references += [each["reference"]] if "reference" in each else []
    concepts = terms.concepts("fact", category[0] + reason[0]) if category[0] or reason[0] else frozenset()
    if reason[0]:
        concepts |= terms.concepts("cond", reason[0])
    if reason[1] and not reason[0]:
        concepts |= terms.text_concepts("cond", reason[1])
    return page.concept("statusReason"), concepts, read_indication(page, reason, references, concepts)


def _setting(page: Page) -> Setting | None:
    """From the category; without one, inpatient when the order belongs to the current stay."""
    for codings, text in (page.words(each, "category") for each in page.elements("category")):
        for word in (*(code for _, code, _ in codings), text, *(display for _, _, display in codings)):
            setting = _SETTINGS.get(word.strip().lower())
            if setting is not None:
                return setting
    stay = page.intake.record.find(page.resource.get("encounter") or page.resource.get("context"), page.resource)
    if stay is None:
        return None
    return "inpatient" if is_current_inpatient(Page(page.intake, stay[1], stay[0], "Encounter")) else "community"


def _pump_marks(
    page: Page, medicine: Medicine, route: Concept | None, steps: Sequence[DoseStep], dosages: Sequence[Json]
) -> tuple[bool, bool, bool]:
    """Is an intrathecal baclofen order the filling of a reservoir, a single dose, or of the size of a filling?"""
    if route not in INTRATHECAL_ROUTES or not medicine.is_baclofen:
        return False, False, False
    codings, text = codings_of(page), f"{medicine.name} ; {sig_of(page, dosages)}"
    continuous = any(step.continuous for step in steps)
    large = any((step.single or 0) >= _REFILL_FROM_UG or (step.volume_ml or 0) >= _REFILL_FROM_ML for step in steps)
    if large and not continuous and says_refill(codings, text):
        return True, False, True
    once = any(step.once for step in steps) or says_bolus(codings, text)
    return False, not continuous and (once or large), large and not continuous

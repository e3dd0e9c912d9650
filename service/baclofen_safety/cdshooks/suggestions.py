"""What a card offers to do: change, remove or add drafts, order a kidney test, file the finding.

Only what the verdict offers and the client can carry out. Every description says the dose in words, since clients drop
details. Nothing is removed or lowered for a patient who takes baclofen already: that would be a withdrawal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any

from ..core.facts import Facts
from ..core.medicines import Given, Order, Supply
from ..core.rule import Severity
from ..core.taper import Mode, split_dose
from ..core.verdict import Issue, OpenQuestion
from ..core.words import say
from ..fhir.guidance import instant
from ..fhir.proposing import TIMES, milligrams
from ..fhir.writing import issue_id
from .card_ids import suggestion_uuid
from .detail import SUMMARY_LENGTH, sentences, summary_of
from .grouping import moments
from .markdown import plain
from .occasion import Occasion, dose_of
from .stand_alone import stand_alone
from .wording import phrase

Json = dict[str, Any]
_DRUG_LENGTH = 80


def suggestions_of(issues: tuple[Issue, ...], occasion: Occasion) -> list[Json]:
    """The suggestions of a card about these findings; the first finding is the one the card is about."""
    topic = issues[0].sheet.id
    offered = [
        *_removal(issues[0], occasion),
        *_lowering(issues[0], occasion),
        *_cancelling(issues, occasion),
        *_steps_down(issues[0], occasion),
        *_kidney_test_for(issues, occasion),
        *_record(issues, occasion),
    ]
    return [_numbered(one, topic, occasion) for one in offered if _is_possible(one, occasion)]


def kidney_test(questions: Iterable[OpenQuestion], topic: str, occasion: Occasion) -> list[Json]:
    """The order of a creatinine, when a question asks for one that nobody has: not when results could not be read."""
    table = moments()
    asks = any(table.creatinine_concept in need.concepts for one in questions for need in one.gap.needs)
    if (
        not asks
        or table.creatinine_key in occasion.supply.missing
        or not occasion.verdict.chart.was_sent("Observation")
    ):
        return []
    return [_numbered(one, topic, occasion) for one in [_creatinine(occasion)] if _is_possible(one, occasion)]


def _is_possible(suggestion: Json, occasion: Occasion) -> bool:
    abilities = occasion.abilities
    return (abilities.together or len(suggestion["actions"]) == 1) and all(
        f"{action['type']} {_type_of(action)}" in abilities.actions for action in suggestion["actions"]
    )


def _type_of(action: Json) -> str:
    kind = action["resource"]["resourceType"] if "resource" in action else action["resourceId"].partition("/")[0]
    assert isinstance(kind, str)
    return kind


def _numbered(suggestion: Json, topic: str, occasion: Occasion) -> Json:
    name = "|".join(
        [suggestion["label"], *(str(action.get("resourceId", action["type"])) for action in suggestion["actions"])]
    )
    return {**suggestion, "uuid": suggestion_uuid(occasion.instance, topic, name)}


def _suggestion(label: str, *actions: Json) -> Json:
    return {"label": plain(label, SUMMARY_LENGTH), "actions": list(actions)}


def _delete(ref: str, says: str) -> Json:
    return {"type": "delete", "description": plain(says), "resourceId": ref}


def _create(resource: Json, says: str) -> Json:
    return {"type": "create", "description": plain(says), "resource": resource}


def _name(order: Order) -> str:
    dose = dose_of(order)
    name = plain(order.medicine.name or "baclofen", _DRUG_LENGTH)
    return f"{name}, {say(dose)} mg/day" if order.is_baclofen and order.route_group == "oral" and dose else name


def _takes_baclofen(occasion: Occasion) -> bool:
    """Is there baclofen beside the drafts, or was there?"""
    chart = occasion.verdict.chart
    ordered = any(order.status not in ("draft", "intended", "not-taken") for order in chart.baclofen)
    had: tuple[Supply | Given, ...] = (*chart.supplies, *chart.given)
    return ordered or any(one.medicine.is_baclofen for one in had)


def _own_draft(issue: Issue, occasion: Occasion) -> tuple[str, Order] | None:
    """The one unsigned baclofen order that makes the finding; None when there are several or the drug is taken."""
    drafts = [ref for ref in occasion.drafts_of(issue) if occasion.orders[ref].is_baclofen] if issue.preliminary else []
    if len(drafts) != 1 or _takes_baclofen(occasion):
        return None
    return drafts[0], occasion.orders[drafts[0]]


def _removal(issue: Issue, occasion: Occasion) -> Iterator[Json]:
    own = _own_draft(issue, occasion) if issue.sheet.id in moments().do_not_start else None
    if own is not None:
        ref, order = own
        says = phrase("suggestion.remove_does", drug=_name(order), why=sentences(issue.sheet.do)[0])
        yield _suggestion(phrase("suggestion.remove", drug=_name(order)), _delete(ref, says))


def _lowering(issue: Issue, occasion: Occasion) -> Iterator[Json]:
    cap, own = issue.finding.cap, _own_draft(issue, occasion)
    if cap is None or own is None or cap.mg_per_day <= 0:
        return
    ref, order = own
    dose, day = dose_of(order), occasion.verdict.as_of.date()
    limits = occasion.book.shared_limits(day)
    person = Facts(occasion.verdict.chart, occasion.verdict.as_of, limits).person
    if dose is None or order.steps[0].as_needed or order.route_group != "oral" or not person.adult_or_unknown:
        return
    ceiling = cap.mg_per_day
    if order.steps[0].daily is None or order.steps[0].daily <= ceiling:
        return
    dosage, split = _dosage(split_dose(Mode.STANDARD, ceiling, limits), ceiling, occasion)
    resource = deepcopy(occasion.sent[ref])
    routes = [one["route"] for one in resource.get("dosageInstruction", ()) if isinstance(one, dict) and "route" in one]
    resource["dosageInstruction"] = [{**one, "route": routes[0]} if routes else one for one in dosage]
    says = phrase("suggestion.lower_does", dose=say(dose), cap=say(ceiling), split=split)
    action = {"type": "update", "description": plain(says), "resource": resource}
    yield _suggestion(phrase("suggestion.lower", cap=say(ceiling)), action)


def _dosage(split: tuple[Any, ...], daily: object, occasion: Occasion) -> tuple[list[Json], str]:
    """A dosage for each dose of the day, and all of them in words."""
    phrases = occasion.book.phrases
    parts = [(part, when) for part, when in zip(split, TIMES[len(split)], strict=True) if part]
    said = [phrase("suggestion.dose_part", part=say(part), when=phrases[f"when-{when}"]) for part, when in parts]
    dosage = [
        {
            "text": phrase("suggestion.dose_text", split=text, daily=say(daily)),
            "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "when": [when]}},
            "doseAndRate": [{"doseQuantity": milligrams(part)}],
        }
        for (part, when), text in zip(parts, said, strict=True)
    ]
    return dosage, ", ".join(said)


def _cancelling(issues: tuple[Issue, ...], occasion: Occasion) -> Iterator[Json]:
    """Cancel the draft of another medicine that makes a finding about two of them."""
    offered: set[str] = set()
    for issue in issues:
        if issue.sheet.group not in moments().partners or issue.severity is Severity.LOW:
            continue
        for ref in occasion.drafts_of(issue):
            order = occasion.orders.get(ref)
            if order is None or order.is_baclofen or ref in offered:
                continue
            offered.add(ref)
            says = phrase("suggestion.cancel_does", drug=_name(order), why=sentences(issue.sheet.do)[0])
            yield _suggestion(phrase("suggestion.cancel", drug=_name(order)), _delete(ref, says))


def _steps_down(issue: Issue, occasion: Occasion) -> Iterator[Json]:
    plan, proposal = issue.finding.taper, _proposal(issue, occasion)
    if plan is None or proposal is None:
        return
    drafts = [proposal] if not occasion.abilities.together else _by_step(proposal)
    values = {"from": say(plan.start_dose), "to": say(plan.target)}
    texts = ["; ".join(one["text"] for one in draft["dosageInstruction"]) for draft in drafts]
    key = "suggestion.taper_does" if occasion.abilities.together else "suggestion.taper_whole_does"
    label = phrase("suggestion.taper", n=len(_by_step(proposal)), **values)
    actions = (
        _create(draft, phrase(key, text=text, steps=text, **values)) for draft, text in zip(drafts, texts, strict=True)
    )
    if drafts:
        yield _suggestion(label, *actions)


def _proposal(issue: Issue, occasion: Occasion) -> Json | None:
    """The schedule of the answer as a draft order that stands alone."""
    about = f"urn:uuid:{issue_id(issue, occasion.verdict)}"
    for entry in occasion.answer.bundle["entry"]:
        resource = entry["resource"]
        named = [one.get("reference") for one in resource.get("supportingInformation", ())]
        if resource["resourceType"] == "MedicationRequest" and about in named and "sequence" in _first(resource):
            return {**stand_alone(resource, occasion), "intent": "order"}
    return None


def _first(resource: Json) -> Json:
    dosages = resource.get("dosageInstruction") or [{}]
    first = dosages[0]
    assert isinstance(first, dict)
    return first


def _by_step(proposal: Json) -> list[Json]:
    """One draft for each step of the schedule."""
    dosages = proposal["dosageInstruction"]
    return [
        {**proposal, "dosageInstruction": [one for one in dosages if one["sequence"] == number]}
        for number in dict.fromkeys(one["sequence"] for one in dosages)
    ]


def _kidney_test_for(issues: tuple[Issue, ...], occasion: Occasion) -> Iterator[Json]:
    if any(issue.sheet.id in moments().creatinine_rules for issue in issues):
        yield _creatinine(occasion)


def _creatinine(occasion: Occasion) -> Json:
    call, coding = occasion.call, dict(moments().creatinine_coding)
    request: Json = {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "order",
        "code": {"coding": [coding], "text": phrase("suggestion.creatinine_text")},
        "subject": occasion.patient,
        "authoredOn": instant(occasion.verdict.as_of),
    }
    if call.encounter_id:
        request["encounter"] = {"reference": f"Encounter/{call.encounter_id}"}
    if call.user_id and call.user_id.startswith("Practitioner"):
        request["requester"] = {"reference": call.user_id}
    return _suggestion(phrase("suggestion.creatinine"), _create(request, phrase("suggestion.creatinine_does")))


def _record(issues: tuple[Issue, ...], occasion: Occasion) -> Iterator[Json]:
    """File the findings as detected issues; one at a time where a client takes one action only."""
    found = {entry["resource"]["id"]: entry["resource"] for entry in occasion.answer.bundle["entry"]}
    filed = issues if occasion.abilities.together else issues[:1]
    actions = [
        _create(
            stand_alone(found[issue_id(issue, occasion.verdict)], occasion),
            phrase("suggestion.record_does", summary=summary_of(issue, occasion)),
        )
        for issue in filed
    ]
    label = "suggestion.record" if len(filed) == 1 else "suggestion.record_all"
    yield _suggestion(phrase(label, n=len(filed)), *actions)

"""What a card offers to do: change, remove or add drafts, order a kidney test, file the finding.

Only what the verdict offers and the client can carry out. Every description says the dose in words, since clients drop
details.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..core.rule import Severity
from ..core.verdict import Issue, OpenQuestion
from ..fhir.guidance import instant
from ..fhir.writing import issue_id
from .actions import creation, name_of, removal, suggestion
from .card_ids import suggestion_uuid
from .detail import sentences, summary_of
from .drafting import lowering, removing, removing_to_order_anew, withdrawing
from .moments import moments
from .occasion import Occasion
from .questions import wants_creatinine
from .stand_alone import stand_alone
from .stepping import stepping_down
from .wording import phrase

Json = dict[str, Any]


def suggestions_of(issues: tuple[Issue, ...], occasion: Occasion) -> list[Json]:
    """The suggestions of a card about these findings; the first finding is the one the card is about."""
    topic = issues[0].sheet.id
    offered = [
        *removing(issues[0], occasion),
        *withdrawing(issues[0], occasion),
        *lowering(issues[0], occasion),
        *_removing_what_cannot_be_lowered(issues[0], occasion),
        *_cancelling(issues, occasion),
        *stepping_down(issues[0], occasion),
        *_kidney_test_for(issues, occasion),
        *_record(issues, occasion),
    ]
    return [_numbered(one, topic, occasion) for one in offered if _is_possible(one, occasion)]


def kidney_test(questions: Iterable[OpenQuestion], topic: str, occasion: Occasion) -> list[Json]:
    """The order of a creatinine, when a question asks for one that nobody has."""
    offered = _creatinine(occasion) if any(map(wants_creatinine, questions)) else ()
    return [_numbered(one, topic, occasion) for one in offered if _is_possible(one, occasion)]


def _is_possible(offer: Json, occasion: Occasion) -> bool:
    abilities = occasion.abilities
    return (abilities.together or len(offer["actions"]) == 1) and all(
        f"{action['type']} {_type_of(action)}" in abilities.actions for action in offer["actions"]
    )


def _type_of(action: Json) -> str:
    kind = action["resource"]["resourceType"] if "resource" in action else action["resourceId"].partition("/")[0]
    assert isinstance(kind, str)
    return kind


def _numbered(offer: Json, topic: str, occasion: Occasion) -> Json:
    name = "|".join([offer["label"], *(str(action.get("resourceId", action["type"])) for action in offer["actions"])])
    return {**offer, "uuid": suggestion_uuid(occasion.instance, topic, name)}


def _removing_what_cannot_be_lowered(issue: Issue, occasion: Occasion) -> Iterator[Json]:
    lower = (one for each in occasion.verdict.issues for one in lowering(each, occasion))
    if not any(_is_possible(one, occasion) for one in lower):
        yield from removing_to_order_anew(issue, occasion)


def _cancelling(issues: tuple[Issue, ...], occasion: Occasion) -> Iterator[Json]:
    """Cancel the draft of another medicine that makes a finding about two of them.

    The draft is one of the two: of a finding about others, which a draft only makes worse, it is no way out.
    """
    offered: set[str] = set()
    for issue in issues:
        if issue.sheet.group not in moments().partners or issue.severity is Severity.LOW:
            continue
        for ref in occasion.drafts_of(issue):
            order = occasion.orders.get(ref)
            if order is None or order.is_baclofen or ref in offered or ref not in issue.finding.implicated:
                continue
            offered.add(ref)
            says = phrase("suggestion.cancel_does", drug=name_of(order), why=sentences(issue.sheet.do)[0])
            yield suggestion(phrase("suggestion.cancel", drug=name_of(order)), removal(ref, says))


def _kidney_test_for(issues: tuple[Issue, ...], occasion: Occasion) -> Iterator[Json]:
    if any(issue.sheet.id in moments().creatinine_rules for issue in issues):
        yield from _creatinine(occasion)


def _creatinine(occasion: Occasion) -> Iterator[Json]:
    """The order of a creatinine; none when results did not come, or not all of them, for there may be one.

    It alone is recommended, which some clients show ticked: a change of a medicine waits for somebody's own hand.
    """
    if moments().creatinine_key in occasion.supply.missing:
        return
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
    offer = suggestion(phrase("suggestion.creatinine"), creation(request, phrase("suggestion.creatinine_does")))
    yield {**offer, "isRecommended": True}


def _record(issues: tuple[Issue, ...], occasion: Occasion) -> Iterator[Json]:
    """File the findings as detected issues; one at a time where a client takes one action only."""
    found = {entry["resource"]["id"]: entry["resource"] for entry in occasion.answer.bundle["entry"]}
    filed = issues if occasion.abilities.together else issues[:1]
    actions = [
        creation(
            stand_alone(found[issue_id(issue, occasion.verdict)], occasion),
            phrase("suggestion.record_does", summary=summary_of(issue, occasion)),
        )
        for issue in filed
    ]
    label = "suggestion.record" if len(filed) == 1 else "suggestion.record_all"
    yield suggestion(phrase(label, n=len(filed)), *actions)

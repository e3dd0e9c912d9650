"""Steps down: a draft for each, and what becomes of the draft they take the place of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from ..core.facts import Facts
from ..core.medicines import Order
from ..core.taper import TaperPlan
from ..core.verdict import Issue
from ..core.words import say, steps
from ..fhir.writing import issue_id
from .actions import creation, name_of, removal, suggestion
from .drafting import own_draft
from .markdown import plain
from .moments import moments
from .occasion import Occasion, signed_before
from .shapes import ref_of, status_of
from .stand_alone import stand_alone
from .wording import phrase

Json = dict[str, Any]


def stepping_down(issue: Issue, occasion: Occasion) -> Iterator[Json]:
    """The schedule found, a draft for each step; as one draft where a client takes one action only."""
    plan, proposal = issue.finding.taper, _proposal(issue, occasion)
    if plan is None or proposal is None or _is_drafted(issue, plan, occasion):
        return
    proposal = _after_what_runs(proposal, occasion)
    able = occasion.abilities.actions
    instead = [one for one in _instead(issue, plan, occasion) if f"{one['type']} MedicationRequest" in able]
    lines = [line for line, rung in zip(steps(plan, occasion.book), plan.rungs, strict=True) if rung.daily]
    values = {"from": say(plan.start_dose), "to": say(plan.target)}
    if occasion.abilities.together:
        drafts = zip(_by_step(proposal), lines, strict=True)
        label = "suggestion.taper"
        steps_down = (creation(draft, phrase("suggestion.taper_does", step=line)) for draft, line in drafts)
        actions = [*instead, *steps_down]
    else:
        label = "suggestion.taper_whole"
        whole = phrase("suggestion.taper_whole_does", steps="; ".join(lines), **values)
        actions = [creation(proposal, " ".join((whole, *what_gives_way(issue, occasion))))]
    yield suggestion(phrase(label, n=len(lines), **values), *actions)


def what_gives_way(issue: Issue, occasion: Occasion) -> Iterator[str]:
    """In words, for whoever takes the steps by hand or by one action: what must not be signed beside them."""
    plan = issue.finding.taper
    if plan is None or _proposal(issue, occasion) is None or _is_drafted(issue, plan, occasion):
        return
    for action in _instead(issue, plan, occasion):
        order = occasion.orders[str(action.get("resourceId", ref_of(action.get("resource", {}))))]
        kind = "draft" if action["type"] == "delete" else "change"
        named = order if kind == "draft" else signed_before(order) or order
        yield phrase(f"card.taper_instead_{kind}", drug=name_of(named))


def _is_drafted(issue: Issue, plan: TaperPlan, occasion: Occasion) -> bool:
    """Are the steps in the session already, and no finding says that they are too fast?"""
    verdict = occasion.verdict
    if issue.sheet.id in moments().steps_judged or not _drafts(occasion):
        return False
    limits = occasion.book.shared_limits(verdict.as_of.date())
    drafted = Facts(verdict.chart, verdict.as_of, limits).if_signed().oral.plan
    if drafted is None or not drafted.dated or {one.ref for one in drafted.orders}.isdisjoint(_drafts(occasion)):
        return False
    return drafted.ends_low if drafted.ends_at is not None else drafted.steps[-1][1] <= plan.target


def _drafts(occasion: Occasion) -> set[str]:
    """The unsigned baclofen orders of the session."""
    orders = (occasion.orders.get(ref) for ref in occasion.session.refs)
    return {one.ref for one in orders if one is not None and one.is_baclofen and one.status == "draft"}


def _instead(issue: Issue, plan: TaperPlan, occasion: Occasion) -> Iterator[Json]:
    """The draft that the steps take the place of goes; a running order that it changes stays as it was until then.

    Only where the steps begin at once: a draft whose later steps are too fast holds the ones before them.
    """
    own = own_draft(issue, occasion)
    if own is None or plan.rungs[0].on - occasion.verdict.as_of.date() > timedelta(1):
        return
    ref, order = own
    before = signed_before(order)
    if before is None:
        if occasion.is_draft(ref):
            says = phrase("suggestion.instead_does", drug=name_of(order))
            yield removal(ref, says)
        return
    held = _held(order, occasion)
    if held is not None:
        says = phrase("suggestion.as_before_does", drug=name_of(before))
        yield {"type": "update", "description": plain(says), "resource": held}


def _after_what_runs(proposal: Json, occasion: Occasion) -> Json:
    """The steps follow what is taken: not a draft, but the order that one takes the place of."""
    order = occasion.orders.get(str(proposal.get("priorPrescription", {}).get("reference")))
    if order is None or not occasion.is_draft(order.ref) or signed_before(order) is not None:
        return proposal
    if order.replaces:
        return {**proposal, "priorPrescription": {"reference": order.replaces}}
    return {key: value for key, value in proposal.items() if key != "priorPrescription"}


def _held(order: Order, occasion: Occasion) -> Json | None:
    """The order as the EHR holds it, signed."""
    held = (one for one in occasion.supply.resources if ref_of(one) == order.ref)
    return next((dict(one) for one in held if status_of(one) == "active"), None)


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

"""Changes of baclofen's own orders: a draft removed, a draft lowered.

Nothing is removed or lowered for a patient who takes baclofen already: that would be a withdrawal.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from typing import Any

from ..core.facts import Facts
from ..core.medicines import Order
from ..core.rule import Severity
from ..core.taper import Mode, split_dose
from ..core.verdict import Issue
from ..core.words import say
from ..fhir.proposing import TIMES
from .actions import name_of, removal, suggestion
from .detail import sentences
from .giving import amount_of, can_be_given
from .markdown import plain
from .moments import moments
from .needed import is_needed
from .occasion import NEVER_TAKEN, Occasion, dose_of, references, signed_before
from .session import role_of
from .wording import phrase

Json = dict[str, Any]
_ENDED = frozenset({"stopped", "completed", "cancelled"})


def own_draft(issue: Issue, occasion: Occasion) -> tuple[str, Order] | None:
    """The one unsigned baclofen order that makes the finding, or makes it worse; None when there is none or several.

    A running order that is sent with a change is unsigned, whatever its status says.
    """
    refs = (ref for ref in references(issue) if ref in occasion.session.refs and ref in occasion.sent)
    orders = [occasion.orders[ref] for ref in refs if ref in occasion.orders]
    drafts = [order for order in orders if order.is_baclofen and order.status == "draft"]
    made = issue.preliminary or issue.without_draft is not None
    return (drafts[0].ref, drafts[0]) if made and len(drafts) == 1 else None


def _running(order: Order, occasion: Occasion) -> list[Order]:
    """What of baclofen runs beside a draft, the order it changes among it."""
    others = [one for one in occasion.verdict.chart.baclofen if one.ref != order.ref and one.status not in NEVER_TAKEN]
    former = signed_before(order)
    return [one for one in (*others, former) if one is not None and one.status not in _ENDED]


def _would_cut(order: Order, ceiling: Decimal, issue: Issue, occasion: Occasion) -> bool:
    """Would the draft at the ceiling be less than what the patient takes, or might it be?"""
    running = _running(order, occasion)
    if not running:
        return occasion.taken and not _is_off(issue, occasion)
    doses = [dose_of(one) for one in running if one.ref in (order.replaces, order.ref)]
    return len(doses) < len(running) or any(dose is None or dose > ceiling for dose in doses)


def _is_off(issue: Issue, occasion: Occasion) -> bool:
    """Is it found, with all orders known, that the patient has been off baclofen for days? Then it begins anew.

    Who asks for the next supply says that it is taken; and whoever stops it at this very moment was not off until now.
    """
    known = "medicationRequests" not in occasion.supply.missing
    asked_for_more = occasion.call.service.hook in moments().renewing_hooks
    before = (signed_before(one) for one in occasion.verdict.chart.baclofen)
    stopped_now = any(one is not None and one.status == "active" for one in before)
    return known and not (asked_for_more or stopped_now) and issue.sheet.id in moments().after_a_gap


def _goes_on(order: Order, occasion: Occasion) -> bool:
    """Does a running order go on after the session, which may stop it in so many words? What is reported is none."""
    halted = {*occasion.session.ending, *occasion.session.halted}
    sent = occasion.sent.get(order.ref, {})
    runs = order.status == "active" and not order.reported and not order.presumed
    return runs and order.ref not in halted and sent.get("status", "active") == "active"


def _dose_taken(order: Order, occasion: Occasion) -> Decimal | None:
    """The dose of the one order a draft takes the place of; None when that is not clear."""
    running = _running(order, occasion)
    changed = len(running) == 1 and running[0].ref in (order.replaces, order.ref)
    return dose_of(running[0]) if changed else None


def _renews(occasion: Occasion) -> bool:
    """Is the draft the next supply, without which the patient runs out?"""
    table = moments()
    found = {one.sheet.id for one in occasion.verdict.issues}
    return occasion.call.service.hook in table.renewing_hooks or not found.isdisjoint(table.supply_ends)


def _is_bridge(order: Order, occasion: Occasion) -> bool:
    """Takes the patient baclofen, or took it, and is the draft what keeps it from ending?"""
    going_on = frozenset(one.ref for one in _running(order, occasion) if _goes_on(one, occasion))
    return occasion.taken and is_needed(order, occasion, going_on)


def removing(issue: Issue, occasion: Occasion) -> Iterator[Json]:
    """Remove the draft: one that must not start, or stands beside an order or a pump that goes on; of two either."""
    own, table = own_draft(issue, occasion), moments()
    if own is None:
        yield from _removing_either(issue, occasion)
        return
    ref, order = own
    if not occasion.is_draft(ref) or _is_bridge(order, occasion):
        return
    running = (one for one in _running(order, occasion) if one.ref != ref)
    others = (one for one in running if one.route_group == order.route_group)
    if (not issue.preliminary or _only_alters(issue, occasion)) and any(_goes_on(one, occasion) for one in others):
        if not _renews(occasion):
            says = phrase("suggestion.remove_rise_does", drug=name_of(order))
            yield suggestion(phrase("suggestion.remove_rise", drug=name_of(order)), removal(ref, says))
        return
    if not issue.preliminary:
        return
    if issue.sheet.id in table.beside_pump and order.route_group == "oral" and not _taken_by_mouth(occasion):
        says = phrase("suggestion.remove_beside_pump_does", drug=name_of(order))
        yield suggestion(phrase("suggestion.remove", drug=name_of(order)), removal(ref, says))
        return
    twice = issue.sheet.id in table.keep_one and len(occasion.baclofen_of(issue)) > 1 and not _renews(occasion)
    if not twice and (not issue.sheet.do_not_start or occasion.taken):
        return
    says = phrase("suggestion.remove_does", drug=name_of(order), why=sentences(issue.sheet.do)[0])
    yield suggestion(phrase("suggestion.remove", drug=name_of(order)), removal(ref, says))


def _only_alters(issue: Issue, occasion: Occasion) -> bool:
    """Is it the change of a dose that is found fault with, and no step of a plan of several drafts?"""
    drafts = [one for one in occasion.verdict.chart.baclofen if one.status == "draft"]
    altered = issue.sheet.id in moments().leave_as_is and issue.severity is not Severity.LOW
    return altered and len(drafts) == 1


def removing_to_order_anew(issue: Issue, occasion: Occasion) -> Iterator[Json]:
    """Remove a first order that is too high, where nothing can lower it: as it stands it must not be signed."""
    own = own_draft(issue, occasion)
    if own is None or not issue.preliminary or issue.finding.cap is None:
        return
    if occasion.taken and not _is_off(issue, occasion):
        return
    ref, order = own
    if _is_bridge(order, occasion):
        return
    if occasion.is_draft(ref) and signed_before(order) is None and not issue.sheet.do_not_start:
        says = phrase("suggestion.remove_anew_does", drug=name_of(order))
        yield suggestion(phrase("suggestion.remove", drug=name_of(order)), removal(ref, says))


def _removing_either(issue: Issue, occasion: Occasion) -> Iterator[Json]:
    """Of drafts that are one too many either may go; not where a client lets both go and leaves somebody without."""
    drafts = [one for one in occasion.baclofen_of(issue) if occasion.is_draft(one.ref)]
    too_many = issue.preliminary and issue.sheet.id in moments().keep_one and not _renews(occasion)
    if not too_many or len(drafts) < len(occasion.baclofen_of(issue)):
        return
    if occasion.taken and occasion.abilities.selection == "any":
        return
    for number, order in enumerate(drafts, 1):
        drug = name_of(order)
        says = phrase("suggestion.remove_does", drug=drug, why=sentences(issue.sheet.do)[0])
        label = phrase("suggestion.remove_either", drug=drug, n=number, all=len(drafts))
        yield suggestion(label, removal(order.ref, says))


def _taken_by_mouth(occasion: Occasion) -> bool:
    """Is there a sign of oral baclofen but the drafts: an order of any age, a supply, a dose given?"""
    chart = occasion.verdict.chart
    had = [*(one.medicine for one in chart.supplies), *(one.medicine for one in chart.given)]
    orders = (each for one in chart.baclofen for each in (*one.versions, one) if each.status not in NEVER_TAKEN)
    unknown = "medicationRequests" in occasion.supply.missing
    by_mouth = any(medicine.is_baclofen and medicine.form != "injection" for medicine in had)
    return unknown or by_mouth or any(one.route_group != "intrathecal" for one in orders)


def withdrawing(issue: Issue, occasion: Occasion) -> Iterator[Json]:
    """Withdraw a signed order nobody has begun: in a session that is being signed it is removed, else cancelled."""
    orders = [one for one in occasion.baclofen_of(issue) if one.status == "active"]
    if moments().not_begun not in issue.finding.notes or len(orders) != 1 or orders[0].ref not in occasion.sent:
        return
    ref, drug = orders[0].ref, name_of(orders[0])
    says = phrase("suggestion.withdraw_does", drug=drug)
    changed = {"type": "update", "description": plain(says), "resource": {**occasion.sent[ref], "status": "cancelled"}}
    action = removal(ref, says) if role_of(occasion.call.service) == "draft" else changed
    yield suggestion(phrase("suggestion.withdraw", drug=drug), action)


def lowering(issue: Issue, occasion: Occasion) -> Iterator[Json]:
    """Lower the draft to the ceiling found: the order as it was received, with another dosage.

    One that raises a dose above the ceiling already is lowered to that dose: a click never cuts what is taken.
    """
    cap, own = issue.finding.cap, own_draft(issue, occasion)
    if cap is None or own is None or cap.mg_per_day <= 0:
        return
    (ref, order), ceiling = own, cap.mg_per_day
    if any(ceiling > lower for lower in _ceilings_of(ref, occasion)) or _is_barred(ref, occasion):
        return
    dose, limits = dose_of(order), occasion.book.shared_limits(occasion.verdict.as_of.date())
    person = Facts(occasion.verdict.chart, occasion.verdict.as_of, limits).person
    plain_dose = order.route_group == "oral" and not order.as_needed and person.adult_or_unknown
    if dose is None or dose <= ceiling or not plain_dose:
        return
    taken = _dose_taken(order, occasion) if _would_cut(order, ceiling, issue, occasion) else ceiling
    if taken is None or taken >= dose or (taken != ceiling and issue.preliminary):
        return
    known = (one for each in occasion.verdict.chart.baclofen for one in (each, signed_before(each)))
    first = not any(one is not None and one.status not in NEVER_TAKEN | _ENDED for one in known)
    target = min(ceiling, _first_dose(issue, occasion)) if first else taken
    parts = split_dose(Mode.STANDARD, target, limits)
    if not can_be_given(parts, order.medicine):
        return
    dosage, split = _dosage(parts, target, order, occasion)
    resource = deepcopy(occasion.sent[ref])
    route = _route_of(resource)
    resource["dosageInstruction"] = [one | route for one in dosage]
    key = "suggestion.lower_first_does" if first else "suggestion.lower_does"
    key = key if taken == ceiling else "suggestion.lower_same_does"
    says = phrase(key, dose=say(dose), target=say(target), cap=say(ceiling), split=split)
    action = {"type": "update", "description": plain(says), "resource": resource}
    yield suggestion(phrase("suggestion.lower", target=say(target)), action)


def _first_dose(issue: Issue, occasion: Occasion) -> Decimal:
    """What a first order is lowered to at most, in mg/day: a ceiling is no starting dose."""
    table = moments()
    limits = occasion.book.family_limits(table.first_dose_family, occasion.verdict.as_of.date())
    return limits[table.careful_first_dose if issue.sheet.group in table.careful_families else table.first_dose]


def _is_barred(ref: str, occasion: Occasion) -> bool:
    """Must the order not be started? A ceiling told beside that is for whoever cannot do without."""
    barring = (one for one in occasion.verdict.issues if one.preliminary and one.sheet.do_not_start)
    return any(ref in one.finding.implicated for one in barring)


def _ceilings_of(ref: str, occasion: Occasion) -> list[Decimal]:
    """Every ceiling found for an order: only the lowest is offered."""
    findings = (issue.finding for issue in occasion.verdict.issues)
    return [one.cap.mg_per_day for one in findings if one.cap is not None and ref in one.implicated]


def _route_of(order: Json) -> Json:
    """The route as the draft had it."""
    dosages = order.get("dosageInstruction")
    first = dosages[0] if isinstance(dosages, list) and dosages else None
    return {"route": first["route"]} if isinstance(first, dict) and first.get("route") else {}


def _dosage(split: tuple[Any, ...], daily: object, order: Order, occasion: Occasion) -> tuple[list[Json], str]:
    """A dosage for each dose of the day, and all of them in words."""
    phrases = occasion.book.phrases
    parts = [
        (*amount_of(part, order.medicine), when) for part, when in zip(split, TIMES[len(split)], strict=True) if part
    ]
    said = [phrase("suggestion.dose_part", amount=words, when=phrases[f"when-{when}"]) for _, words, when in parts]
    dosage = [
        {
            "text": phrase("suggestion.dose_text", split=text, daily=say(daily)),
            "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "when": [when]}},
            "doseAndRate": [{"doseQuantity": quantity}],
        }
        for (quantity, _, when), text in zip(parts, said, strict=True)
    ]
    return dosage, ", ".join(said)

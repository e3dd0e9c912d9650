"""Is a draft of baclofen what keeps somebody from withdrawal? Then nothing offers to remove it."""

from __future__ import annotations

from ..core.fact import Known
from ..core.facts import Facts
from ..core.medicines import Order
from .moments import moments
from .occasion import Occasion


def is_needed(draft: Order, occasion: Occasion, going_on: frozenset[str]) -> bool:
    """May the patient be left without baclofen if the draft goes? ``going_on``: orders that run after the session."""
    verdict, table = occasion.verdict, moments()
    found = {one.sheet.id for one in (*verdict.issues, *verdict.silent)} | {one.rule for one in verdict.put_aside}
    facts = Facts(verdict.chart, verdict.as_of, occasion.book.shared_limits(verdict.as_of.date()))
    return not found.isdisjoint(table.delivery_ends) or _is_withdrawing(facts) or _leaves_stay(draft, facts, going_on)


def _is_withdrawing(facts: Facts) -> bool:
    """Is there a diagnosis of withdrawal, be it in words or only suspected?"""
    table = moments()
    problems = (one for one in facts.chart.problems if one.state in ("active", "possible"))
    return bool(facts.signs.withdrawal_named) or any(
        not one.concepts.isdisjoint(table.withdrawal_concepts)
        or any(word in one.text.casefold() for word in table.withdrawal_words)
        for one in problems
    )


def _leaves_stay(draft: Order, facts: Facts, going_on: frozenset[str]) -> bool:
    """Is it the only order of a stay, for a patient who takes baclofen? A dose given in it is no order."""
    if facts.hospital.stay is None and draft.setting != "inpatient":
        return False
    ordered = facts.hospital.inpatient_baclofen
    of_stay = {one.reference for one in ordered.evidence} if isinstance(ordered, Known) else set()
    of_stay |= {one.ref for one in facts.chart.baclofen if one.setting == "inpatient"}
    return of_stay.isdisjoint(going_on)

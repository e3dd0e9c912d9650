"""MedicationStatements: what somebody reported, read as orders nobody signed."""

from __future__ import annotations

from dataclasses import replace

from ..core.medicines import DoseStep, Order, OrderStatus
from ..core.moment import Moment
from .dosage import bounds_of
from .page import Page
from .read_medicines import read_medicine
from .read_orders import read_common, read_status
from .who_ordered import key_of

_STATEMENT_STATUS: dict[str, OrderStatus] = {
    "active": "active",
    "completed": "completed",
    "stopped": "stopped",
    "intended": "intended",
    "on-hold": "on-hold",
    "not-taken": "not-taken",
    "unknown": "unknown",
}


_ADHERENCE: dict[str, OrderStatus] = {
    "taking": "active",
    "taking-as-directed": "active",
    "taking-not-as-directed": "active",
    "not-taking": "not-taken",
    "on-hold": "on-hold",
    "on-hold-as-directed": "on-hold",
    "on-hold-not-as-directed": "on-hold",
    "stopped": "stopped",
    "stopped-as-directed": "stopped",
    "stopped-not-as-directed": "stopped",
    "unknown": "unknown",
}


def read_statement(page: Page) -> Order | None:
    """A MedicationStatement as a reported order; None, and told, when it is no evidence of anything."""
    status = _statement_status(page)
    if status is None:
        return None
    dosages = page.elements("dosage")
    start, end, seen = _effective(page)
    if status == "not-taken" and start is None:
        start = seen
    start = start or bounds_of(dosages, page.intake.zone)[0]
    medicine = read_medicine(page)
    common = read_common(page, status, medicine, dosages, start)
    common["steps"] = _ended(common["steps"], start, end)
    asserted = page.moment("dateAsserted")
    return Order(
        **common,
        reported=True,
        authored=asserted,
        proven=seen or asserted,
        requester=key_of(page.element("informationSource")),
        based_on=page.references("basedOn") | page.references("derivedFrom"),
    )


def _statement_status(page: Page) -> OrderStatus | None:
    """R4's status, R5's adherence, STU3's ``taken``; R5's draft and error are told and dropped."""
    word = page.string("status").strip().lower()
    if word == "draft":
        page.tell("not-used", "a draft statement")
        return None
    if word == "recorded":
        codings, _ = page.words(page.element("adherence").get("code"), "adherence.code")
        found = [_ADHERENCE[code] for _, code, _ in codings if code in _ADHERENCE]
        return found[0] if found else "unknown"
    if page.string("taken").strip().lower() == "n" and word != "entered-in-error":
        return "not-taken"
    return read_status(page, _STATEMENT_STATUS)


def _effective(page: Page) -> tuple[Moment | None, Moment | None, Moment | None]:
    """Start and end of a statement's period, and the single time it proves taking at."""
    if "effectivePeriod" in page.resource:
        return (*page.period("effectivePeriod"), None)
    return None, None, page.moment("effectiveDateTime")


def _ended(steps: tuple[DoseStep, ...], start: Moment | None, end: Moment | None) -> tuple[DoseStep, ...]:
    """Steps within a statement's period: its end closes the steps that have none."""
    if end is None:
        return steps
    if not steps:
        return (DoseStep(daily=None, start=start, end=end, problems=("no dosage",)),)
    return tuple(replace(step, end=end) if step.end is None else step for step in steps)

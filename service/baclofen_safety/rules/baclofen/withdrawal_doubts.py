"""Signs that baclofen is not taken although an order runs, or was although none did: told, never passed over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from ...core.concepts import BACLOFEN
from ...core.fact import Evidence, Need, is_no
from ...core.facts import Facts
from ...core.knowledge import Limits
from ...core.moment import Moment
from ...core.rule import Gap
from .withdrawal_parts import cite_orders, value_of

STATE = (Need("MedicationRequest", (BACLOFEN,), parts=("state",)),)
REPORTED = (Need("MedicationStatement", (BACLOFEN,)),)
USED = tuple(Need(kind, (BACLOFEN,)) for kind in ("MedicationDispense", "MedicationAdministration"))


def used_since(at: Moment) -> tuple[Need, ...]:
    """Baclofen handed over or given after an instant."""
    return tuple(Need(need.resource, need.concepts, at.last + timedelta(seconds=1)) for need in USED)


def doubt_stop(facts: Facts) -> Iterator[Gap]:
    """BAC-WD-01: an order of unknown state, cancelled late or said to be an error, a report that it is not taken."""
    oral = facts.oral
    if oral.in_force and all(order.status == "unknown" for order in oral.in_force):
        yield Gap("state-unknown", needs=STATE, evidence=cite_orders(oral.in_force))
    if oral.cancelled_late and not oral.on_oral and value_of(oral.stop) is None:
        yield Gap("cancelled-late", needs=USED, evidence=cite_orders(oral.cancelled_late))
    if oral.stay_over and not oral.on_oral:
        yield Gap("stay-over", needs=(*STATE, *USED), evidence=cite_orders(oral.stay_over))
    if oral.withdrawn:
        yield Gap("entered-in-error", needs=REPORTED, evidence=cite_orders(oral.withdrawn))
    for order, said in oral.record.said_over:
        told = (*cite_orders((order,)), Evidence(said.ref, ""))
        if said.at is None:
            yield Gap("said-over-undated", {}, (*STATE, *USED), told)
        else:
            yield Gap("said-over", {"date": said.at}, (*STATE, *used_since(said.at)), told)
    if oral.not_taken is not None and oral.on_oral:
        report, since = oral.not_taken
        if not is_no(oral.ordered_established(since.first)):
            yield Gap("not-taken", values={"date": since}, needs=used_since(since), evidence=cite_orders((report,)))


def doubt_hold(facts: Facts, limits: Limits) -> Iterator[Gap]:
    """BAC-WD-02: doses recorded as not given for as long as a hold would matter, though no order is on hold."""
    oral, since = facts.oral, facts.oral.missed_since
    if since is None or not oral.on_oral or oral.prn_only or is_no(oral.ordered_established(since.first)):
        return
    current = since.within(timedelta(days=limits.int("stop-current-days")), facts.as_of)
    if current and facts.as_of - since.first >= timedelta(hours=limits.int("hold-hours-from")):
        missed, _ = oral.record.doses[-1]
        given = (Need("MedicationAdministration", (BACLOFEN,), missed + timedelta(seconds=1)),)
        yield Gap("doses-missed", values={"date": since}, needs=given)

"""The past of an order: its older versions, recorded times of change, and the planned end of a hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..core.medicines import Order
from ..core.moment import Moment
from .bundle import Json
from .page import Intake, Page
from .readers import READERS, read_one

_IN_FORCE = frozenset({"active", "on-hold", "unknown"})
_CHANGED = frozenset({"stopped", "completed", "cancelled", "on-hold"})


def with_history(intake: Intake, order: Order) -> Order:
    """Older versions of the same order, planned ends of holds and recorded times of change."""
    name = order.ref
    older = intake.record.again.get(name, ())[:-1]
    if older:
        order = _with_versions(intake, order, older)
    if name in intake.said_over and order.status == "active":
        order = replace(order, said_over=intake.said_over[name])
    if name not in intake.changes and name not in intake.resumes:
        return order
    changes = [at for at in intake.changes.get(name, ()) if at.first <= intake.latest]
    if changes and order.changed is None and order.status in _CHANGED:
        order = replace(order, changed=max(changes, key=lambda each: each.first))
    if name in intake.resumes:
        order = replace(order, resume_at=intake.resumes[name])
    return order


def before_withdrawal(intake: Intake, ref: str) -> Order | None:
    """The last version in force of an order that is now entered in error, changed when it was; None without one."""
    versions = intake.record.again.get(ref, [])
    ran = next((one for one in reversed(_read(intake, ref, versions[:-1])) if one.status in _IN_FORCE), None)
    if ran is None:
        return None
    page = Page(intake, versions[-1], ref, "MedicationRequest")
    return replace(ran, changed=page.moment("lastUpdated", page.element("meta"), "meta."))


def _with_versions(intake: Intake, order: Order, older: list[Json]) -> Order:
    versions = _read(intake, order.ref, older)
    changed = order.changed or _first_seen(order, versions)
    return replace(order, versions=tuple(versions), changed=changed)


def _read(intake: Intake, ref: str, older: Sequence[Json]) -> list[Order]:
    scratch = replace(intake, troubles=[], orders=[], withdrawn=[], measurements={})
    for resource in older:
        kind = str(resource.get("resourceType"))
        read_one(scratch, READERS[kind], resource, ref, kind)
    return list(scratch.orders)


def _first_seen(order: Order, versions: list[Order]) -> Moment | None:
    """When the present status was first recorded: by the oldest version after the last with another one."""
    if all(version.status == order.status for version in versions):
        return None
    since = order.updated
    for version in reversed(versions):
        if version.status != order.status:
            break
        since = version.updated or since
    return since

"""Orders not to give baclofen that name no running order: read as orders to stop all running baclofen of their route.

FHIR lets a prohibition stand alone. Whoever signs one means that no more is given, so the careful reading is a stop at
the moment of signing, with what follows of it: withdrawal. Read the other way, as a note of what should not be begun,
it would end therapy without a word. Without a route it is about baclofen by every route.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from ..core.chart import Chart
from ..core.medicines import Order
from .call import Call
from .prefetch import Supply
from .record import record_of
from .session import OVER, Session, ended_by, is_prohibition, role_of
from .shapes import Json, ref_of, status_of

_RUNNING = frozenset({"active", "unknown"})
_NAMES_A_TWIN = frozenset({"identifier", "authoredOn"})
"""By these an order is known as another one sent twice: a prohibition copied from the running order is not."""
_NOT_IN_FORCE = OVER | {"entered-in-error"}


def with_halted(call: Call, session: Session, supply: Supply, read: Callable[[Json], Chart]) -> Session:
    """The session with the running orders its prohibitions put an end to. ``read`` makes a record's chart.

    What a prohibition is about is found by reading it as if it were a draft, as any order is read.
    """
    barring = [one for one in (*session.resources, *session.extras) if _bars(one)]
    if role_of(call.service) != "draft" or not barring:
        return session
    chart = read(record_of(call, _as_drafts(session), supply))
    orders = {order.ref: order for order in chart.orders if order.is_baclofen}
    running = {ref: order for ref, order in orders.items() if order.status in _RUNNING}
    halted: set[str] = set()
    spoken: set[str] = set()
    barred = False
    for one in barring:
        order = orders.get(ref_of(one))
        if order is None or running.keys() & {ref_of(one), *ended_by(one)}:
            continue
        ended = {other.ref for other in _of_route(order, running)}
        halted |= ended
        if one in session.resources:
            barred, spoken = True, spoken | ended
    return replace(
        session, halted=frozenset(halted), refs=session.refs | spoken, ending=session.ending | halted, barred=barred
    )


def _bars(resource: Json) -> bool:
    kind = resource.get("resourceType")
    return kind == "MedicationRequest" and is_prohibition(resource) and status_of(resource) not in _NOT_IN_FORCE


def _as_drafts(session: Session) -> Session:
    def as_draft(one: Json) -> Json:
        if not _bars(one):
            return one
        rest = {name: held for name, held in one.items() if name not in _NAMES_A_TWIN}
        return {**rest, "doNotPerform": False, "status": "draft"}

    return replace(
        session, resources=tuple(map(as_draft, session.resources)), extras=tuple(map(as_draft, session.extras))
    )


def _of_route(prohibited: Order, running: Mapping[str, Order]) -> Iterator[Order]:
    """The running orders of its route; where one of the two says none, they are taken for the same."""
    for order in running.values():
        if prohibited.ref != order.ref and (
            prohibited.route_group == order.route_group or "unknown" in (prohibited.route_group, order.route_group)
        ):
            yield order

"""Fold what was sent twice: twins of one order, and one result under two codings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..core.chart import Measurement, Trouble
from ..core.medicines import Order

_LATEST_FIRST = (
    "stopped",
    "cancelled",
    "completed",
    "not-taken",
    "on-hold",
    "unknown",
    "active",
    "intended",
    "draft",
)


def fold_orders(
    orders: Iterable[Order], troubles: list[Trouble], acted_on: frozenset[str] = frozenset()
) -> tuple[Order, ...]:
    """One order for each business identifier, or exact twin without one; older ones are its history.

    What somebody signs now (its ref is in ``acted_on``) is the newest word, whatever time it bears.
    """
    keyed = [(order, _keys(order)) for order in orders]
    kept = {order.ref: order for order, keys in keyed if not keys}
    owners: dict[tuple[object, ...], str] = {}
    for order, keys in sorted(
        ((order, keys) for order, keys in keyed if keys), key=lambda pair: (pair[0].ref in acted_on, _age(pair[0]))
    ):
        twin = next((owners[key] for key in keys if key in owners), None)
        if twin is not None and twin != order.ref and {twin, order.ref} <= acted_on:
            twin = None  # two orders of one session are two
        if twin is None:
            kept[order.ref] = order
        else:
            older = kept.pop(twin)
            _tell_disagreement(older, order, troubles)
            kept[order.ref] = replace(order, versions=_history(older, order))
            owners |= {key: order.ref for key, owner in owners.items() if owner == twin}
        owners |= dict.fromkeys(keys, order.ref)
    return tuple(sorted(kept.values(), key=lambda each: each.ref))


def _history(older: Order, newer: Order) -> tuple[Order, ...]:
    return (*older.versions, replace(older, versions=()), *newer.versions)


def _tell_disagreement(older: Order, newer: Order, troubles: list[Trouble]) -> None:
    if not newer.identifiers and newer.ref != older.ref and newer.is_baclofen:
        says = "read as one order sent twice"
        if older.status != newer.status:
            says = f"{says}, {newer.status}, although one of the two is {older.status}"
        says = f"{says}: alike in all and written in the same minute as {older.ref}"
        runs = "active" in (older.status, newer.status)  # or the dose counts twice, or one of the two goes on
        troubles.append(Trouble("assumption", newer.ref, says, needed=runs))
    if _stamp(older) == _stamp(newer) and older.status != newer.status:
        says = f"sent twice, as {older.status} and {newer.status}; read as {newer.status}"
        troubles.append(Trouble("conflict", newer.ref, says, needed=True))


def _stamp(order: Order) -> tuple[float, float]:
    updated, authored = order.updated, order.authored
    return (
        updated.first.timestamp() if updated else 0.0,
        authored.first.timestamp() if authored else 0.0,
    )


def _age(order: Order) -> tuple[float, float, int, str]:
    return (*_stamp(order), -_LATEST_FIRST.index(order.status), order.ref)


def _keys(order: Order) -> list[tuple[object, ...]]:
    medicine = (order.reported, order.medicine.ingredients)
    if order.identifiers:
        return [(*medicine, identifier) for identifier in sorted(order.identifiers)]
    if order.authored is None or order.authored.precision != "time" or not order.steps:
        return []
    if order.status == "draft":
        return []  # whoever signs two signs both, and a copy of a signed order is a new one
    minute = order.authored.first.replace(second=0, microsecond=0)
    return [(*medicine, order.medicine.strength, order.route, order.steps, order.requester, minute)]


def fold_measurements(found: list[Measurement]) -> tuple[Measurement, ...]:
    """One measurement for each time and value of a concept, the usable one of two, oldest first."""
    if len(found) > 1:
        first: dict[tuple[object, ...], Measurement] = {}
        for each in sorted(found, key=lambda each: (each.problem is not None, each.ref)):
            first.setdefault(
                (
                    each.at,
                    each.low,
                    each.high,
                    each.flag,
                    each.when,
                    each.concept_value,
                    each.shown if each.problem else "",
                ),
                each,
            )
        found = sorted(first.values(), key=_time)
    return tuple(found)


def _time(each: Measurement) -> tuple[bool, float, str]:
    return (each.at is not None, each.at.first.timestamp() if each.at else 0.0, each.ref)

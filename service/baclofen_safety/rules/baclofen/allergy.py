"""Allergy to baclofen, reactions that were none, and what the product holds beside the drug."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ...core.fact import Evidence, Unknown, is_yes
from ...core.rule import Finding, Gap, Judge, Said, Severity
from .said import evidence, refs, standing

if TYPE_CHECKING:
    from ...core.allergies import Entry
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.medicines import Order

WHEAT = "excipient-wheat"
UNTAKEN = frozenset({"draft"})


def allergy(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-ALG-01."""
    del limits
    baclofen, orders = _baclofen(facts)
    if not baclofen:
        return
    known = facts.allergies.to_baclofen
    if isinstance(known, Unknown):
        yield Gap("not-sent", needs=known.needs)
    elif known.value:
        taken = len(baclofen) > len(orders) or any(order.status not in UNTAKEN for order in orders)
        notes = (
            ("taken", taken),
            ("unconfirmed", not any(entry.confirmed for entry in known.value)),
            ("reaction", _reactions(known.value) != ""),
        )
        yield _finding(Severity.HIGH, known.value, baclofen, orders, notes)


def intolerance(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-ALG-02."""
    del limits
    baclofen, orders = _baclofen(facts)
    entries = facts.allergies.intolerances
    if baclofen and entries:
        yield _finding(Severity.MODERATE, entries, baclofen, orders, (("reaction", _reactions(entries) != ""),))


def excipients(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-ALG-03."""
    del limits
    orders = standing(facts.chart.baclofen, facts)
    unsure = tuple(order for order in orders if order.medicine.excipients is None)
    rows = [
        (excipient, entries, tuple(o for o in orders if excipient in (o.medicine.excipients or ())))
        for excipient, entries in facts.allergies.to_excipients
    ]
    told = [(excipient, entries, holding) for excipient, entries, holding in rows if holding or unsure]
    if not told:
        return
    implicated = dict.fromkeys(order for _, _, holding in told for order in holding or unsure)
    records = tuple(entry.evidence for _, entries, _ in told for entry in entries)
    wheat = any(excipient == WHEAT and holding for excipient, _, holding in told)
    notes = (
        ("holds", any(holding for _, _, holding in told)),
        ("product-unknown", not all(holding for _, _, holding in told)),
        *((excipient, True) for excipient, _, _ in told),
    )
    yield Finding(
        Severity.MODERATE if wheat else Severity.LOW,
        (*records, *(evidence(order, "") for order in implicated)),
        refs(implicated),
        values={"allergens": tuple(record.says for record in records)},
        notes=tuple(note for note, holds in notes if holds),
    )


def _baclofen(facts: Facts) -> tuple[tuple[Evidence, ...], tuple[Order, ...]]:
    """Baclofen by any route, a test dose and a cream included; a pump may run without an order."""
    orders = standing(facts.chart.baclofen, facts)
    pump = facts.it.active.evidence if is_yes(facts.it.active) and not orders else ()
    return (*(evidence(order, "") for order in orders), *pump), orders


def _reactions(entries: tuple[Entry, ...]) -> str:
    return ", ".join(dict.fromkeys(entry.reaction for entry in entries if entry.reaction))


def _finding(
    severity: Severity,
    entries: tuple[Entry, ...],
    baclofen: tuple[Evidence, ...],
    orders: tuple[Order, ...],
    notes: tuple[tuple[str, bool], ...],
) -> Finding:
    return Finding(
        severity,
        (*(entry.evidence for entry in entries), *baclofen),
        refs(orders) or tuple(one.reference for one in baclofen),
        values={"reaction": _reactions(entries)},
        notes=tuple(note for note, holds in notes if holds),
    )


RULES: Mapping[str, Judge] = {"BAC-ALG-01": allergy, "BAC-ALG-02": intolerance, "BAC-ALG-03": excipients}

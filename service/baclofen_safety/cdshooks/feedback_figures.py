"""What feedback adds up to: for each rule how often its cards were accepted or overridden, why, and where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..core.knowledge import Rulebook
from ..store import Figures, Reason, Store
from .reasons import known

COLUMNS = ("rule", "title", "service", "measure", "system", "code", "display", "count")
"""Of the table: ``measure`` is accepted, overridden, reason (given for overriding) or no-reason."""

_FORMULA = tuple("=+-@|%\t\r\n＝＋－＠")
"""Characters that make a spreadsheet compute a cell that begins with them."""


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """One rule's cards at one service. ``reasons`` are most frequent first; ``unexplained`` overrides had no code."""

    service: str
    accepted: int
    overridden: int
    unexplained: int
    reasons: tuple[tuple[Reason, int], ...]


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """One rule's cards. ``rule`` is None for cards that are not ours; ``title`` is empty when no rule is named so."""

    rule: str | None
    title: str
    services: tuple[ServiceFigures, ...]


def summary(store: Store, book: Rulebook, client: str | None = None) -> tuple[RuleFigures, ...]:
    """What had feedback: rules in the order of the rulebook, other topics next, cards not ours last.

    ``client`` names the one whose feedback is counted, None counts all. Raises StoreError.
    """
    figures = store.figures(client)
    places = {rule: place for place, rule in enumerate(book.sheets)}
    seen = {one.rule for one in figures.outcomes}
    ordered = sorted(seen, key=lambda rule: (rule is None, places.get(rule or "", len(places)), rule or ""))
    return tuple(
        RuleFigures(
            rule,
            book.sheets[rule].title if rule and rule in book.sheets else "",
            tuple(
                _service(figures, rule, service)
                for service in sorted({one.service for one in figures.outcomes if one.rule == rule})
            ),
        )
        for rule in ordered
    )


def _service(figures: Figures, rule: str | None, service: str) -> ServiceFigures:
    outcomes = Counter[str]()
    for one in figures.outcomes:
        if (one.rule, one.service) == (rule, service):
            outcomes[one.outcome] += one.count
    given = [one for one in figures.reasons if (one.rule, one.service) == (rule, service)]
    return ServiceFigures(
        service,
        outcomes["accepted"],
        outcomes["overridden"],
        sum(one.count for one in given if one.reason is None),
        _most_first((known(one.reason), one.count) for one in given if one.reason is not None),
    )


def _most_first(counts: Iterable[tuple[Reason, int]]) -> tuple[tuple[Reason, int], ...]:
    """Counts of the same reason together."""
    total = Counter[Reason]()
    for reason, count in counts:
        total[reason] += count
    ordered = sorted(total, key=lambda reason: (-total[reason], reason.system, reason.code))
    return tuple((reason, total[reason]) for reason in ordered)


def as_json(rules: Iterable[RuleFigures]) -> list[dict[str, Any]]:
    """One object per rule: totals, reasons over all services, and the services."""
    return [
        {
            "rule": one.rule,
            "title": one.title,
            **_totals(one.services),
            "reasons": [
                {"system": reason.system, "code": reason.code, "display": reason.display, "count": count}
                for reason, count in _most_first(pair for service in one.services for pair in service.reasons)
            ],
            "services": [{"service": service.service, **_totals([service])} for service in one.services],
        }
        for one in rules
    ]


def _totals(services: Iterable[ServiceFigures]) -> dict[str, Any]:
    every = tuple(services)
    accepted, overridden = sum(one.accepted for one in every), sum(one.overridden for one in every)
    return {
        "accepted": accepted,
        "overridden": overridden,
        "acceptance": round(accepted / (accepted + overridden), 3),
        "unexplained": sum(one.unexplained for one in every),
    }


def as_table(rules: Iterable[RuleFigures]) -> list[tuple[str, ...]]:
    """The same by service, a row per count, under COLUMNS. No cell is a formula to a spreadsheet."""
    rows: list[tuple[str, ...]] = [COLUMNS]
    for rule in rules:
        for one in rule.services:
            head = (rule.rule or "", rule.title, one.service)
            told = [("accepted", Reason("", ""), one.accepted), ("overridden", Reason("", ""), one.overridden)]
            told += [("reason", reason, count) for reason, count in one.reasons]
            told += [("no-reason", Reason("", ""), one.unexplained)] if one.unexplained else []
            rows += [(*head, measure, why.system, why.code, why.display, str(count)) for measure, why, count in told]
    return [tuple(map(harmless, row)) for row in rows]


def harmless(cell: str) -> str:
    """The cell, after an apostrophe where a spreadsheet would compute it."""
    return f"'{cell}" if cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA) else cell

"""Every limit is held: a tenth more or a tenth less turns some case or some bound red.

Charts are read once, and only what looked at a limit is judged again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from functools import cache, partial

import pytest

from baclofen_safety.assessor import load_knowledge
from baclofen_safety.core.assess import assess
from baclofen_safety.core.chart import Chart
from baclofen_safety.core.knowledge import Limit, Limits, LimitTable, Rulebook
from baclofen_safety.fhir.reading import read_chart
from baclofen_safety.terminology.lookup import Terminology
from builders import make_bundle
from cases import Case, every_case, faults
from core.bounds import BOUNDS
from doors import told_by_core

pytestmark = pytest.mark.xdist_group("limits")  # they share what looked at which limit
Check = Callable[[Rulebook], bool]
"""Does it hold with this rulebook?"""
NOT_HELD: dict[str, str] = {}
"""Limits that nothing can hold, each with the reason."""
BOOK = load_knowledge("")
TABLES = {"shared": BOOK.shared, **BOOK.families}
LIMITS = [(name, limit) for name, table in TABLES.items() for limit in table.limits]


@dataclass(frozen=True, slots=True)
class WatchedBook(Rulebook):
    """A rulebook that notes the names of the limits that are looked at."""

    @classmethod
    def of(cls, book: Rulebook) -> WatchedBook:
        return cls(**{field.name: getattr(book, field.name) for field in fields(book)})

    def shared_limits(self, day: date) -> Limits:
        return WatchedLimits(self.shared.on(day), self.shared.where)

    def family_limits(self, group: str, day: date) -> Limits:
        return WatchedLimits(self.families[group].on(day), self.families[group].where)


class WatchedLimits(Limits):
    seen: set[str] = set()  # noqa: RUF012 - one notebook for all

    def __getitem__(self, name: str) -> Decimal:
        self.seen.add(name)
        return super().__getitem__(name)


def case_holds(case: Case, chart: Chart, book: Rulebook) -> bool:
    return not faults(case, told_by_core(assess(chart, case.as_of, book), book))


def bound_holds(bound: Callable[[Rulebook], None], book: Rulebook) -> bool:
    try:
        bound(book)
    except AssertionError:
        return False
    return True


def checks() -> Iterator[tuple[str, Check]]:
    """(family, check) of every bound, then of every case."""
    yield from (("shared", partial(bound_holds, bound)) for bound in BOUNDS)
    terms = Terminology.load()
    for family, case in every_case():
        chart = read_chart(make_bundle(case), as_of=case.as_of, subject=None, terms=terms)
        yield family, partial(case_holds, case, chart)


@cache
def lookers() -> dict[str, list[tuple[str, Check]]]:
    """Limit to the checks that look at it, those that look at few limits first."""
    watched = WatchedBook.of(BOOK)
    found: dict[str, list[tuple[int, str, Check]]] = defaultdict(list)
    for family, check in checks():
        WatchedLimits.seen.clear()
        assert check(watched)
        for name in WatchedLimits.seen:
            found[name].append((len(WatchedLimits.seen), family, check))
    return {name: [one[1:] for one in sorted(rows, key=lambda row: row[0])] for name, rows in found.items()}


def nudges(value: Decimal) -> tuple[Decimal, ...]:
    """A tenth up and down; whole numbers stay whole and move by one at least; nothing goes below zero."""
    step = abs(value) / 10
    if value == value.to_integral_value():
        step = max(Decimal(1), step.to_integral_value())
    return (value + step, value - step) if value >= step else (value + step,)


def nudged(name: str, value: Decimal) -> Rulebook:
    """The knowledge with one limit moved."""

    def moved(table: LimitTable, base: LimitTable | None = None) -> LimitTable:
        rows = tuple(replace(row, value=value) if row.name == name else row for row in table.limits)
        return LimitTable(rows, table.where, base)

    shared = moved(BOOK.shared)
    return replace(BOOK, shared=shared, families={key: moved(one, shared) for key, one in BOOK.families.items()})


def is_held(family: str, limit: Limit) -> bool:
    rows = sorted(lookers().get(limit.name, ()), key=lambda row: row[0] != family)
    books = [nudged(limit.name, value) for value in nudges(limit.value)]
    return any(not check(book) for _, check in rows for book in books)


@pytest.mark.parametrize("family", TABLES)
def test_every_limit_is_held(family: str) -> None:
    loose = [limit.name for name, limit in LIMITS if name == family and not is_held(family, limit)]
    assert loose == [name for name in loose if name in NOT_HELD], "add a case or a bound that stands on the edge"


@pytest.mark.parametrize("bound", BOUNDS, ids=lambda bound: bound.__name__)
def test_bound(bound: Callable[[Rulebook], None]) -> None:
    bound(BOOK)

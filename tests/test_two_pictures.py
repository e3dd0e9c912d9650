"""What the signed picture takes over from the standing one is what it would have computed itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from baclofen_safety.assessor import load_knowledge
from baclofen_safety.core.chart import Chart
from baclofen_safety.core.classes import GLUCOSE_LOWERING
from baclofen_safety.core.facts import Facts
from baclofen_safety.core.knowledge import Rulebook
from baclofen_safety.core.rule import Finding, Gap
from baclofen_safety.fhir.reading import read_chart
from baclofen_safety.terminology.lookup import Terminology
from builders import make_bundle
from cases import Case, every_case

EVERY = 20
"""Of the cases without a draft one in so many gets one, and every one with a medicine against diabetes."""


def test_nothing_is_taken_over_that_a_draft_changes() -> None:
    book, terms, seen = load_knowledge(""), Terminology.load(), 0
    for case, chart in _with_drafts(terms):
        standing = Facts(chart, case.as_of, book.shared_limits(case.as_of.date()))
        _judge(standing, book)
        anew = Facts(chart, case.as_of, standing.limits, signed=True)
        assert _judge(standing.if_signed(), book) == _judge(anew, book), case.name
        seen += 1
    assert seen > EVERY


def _with_drafts(terms: Terminology) -> Iterator[tuple[Case, Chart]]:
    for number, (_, case) in enumerate(every_case()):
        chart = read_chart(make_bundle(case), as_of=case.as_of, subject=None, terms=terms)
        if any(order.status == "draft" for order in chart.orders):
            yield case, chart
            continue
        told = [order for order in chart.orders if not order.medicine.concepts.isdisjoint(GLUCOSE_LOWERING)]
        for one in told[:1] or (chart.orders[:1] if number % EVERY == 0 else ()):
            drafted = (replace(order, status="draft") if order is one else order for order in chart.orders)
            yield case, replace(chart, orders=tuple(drafted))


def _judge(facts: Facts, book: Rulebook) -> dict[str, tuple[Finding | Gap, ...]]:
    said = {}
    for rule, judge in book.judges.items():
        limits = book.family_limits(book.sheets[rule].group, facts.as_of.date())
        said[rule] = tuple(judge(facts, limits))
        for one in said[rule]:
            if isinstance(one, Finding):
                facts.note(rule, one)
    return said

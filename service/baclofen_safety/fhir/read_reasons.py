"""Why the patient was seen: reasons of encounters as suspicions, and conditions that an encounter names again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..core.chart import Problem
from ..core.moment import Moment
from .bundle import Json
from .page import Intake, Page, Words, shown
from .read_conditions import recognise


def read_reasons(page: Page, start: Moment | None) -> None:
    """Add every reason as a possible problem, and note which conditions the encounter is about."""
    for words in reasons_of(page):
        concepts, how, code = recognise(page, words)
        if concepts:
            page.intake.problems.append(
                Problem(page.ref, concepts, "possible", start, text=shown(words), how=how, code=code)
            )
    if start is None:
        return
    for target in _named(page):
        page.intake.seen.setdefault(page.intake.record.name(target), []).append(start)


def name_encounters(intake: Intake) -> Iterator[Problem]:
    """Every problem, with the newest of the encounters it belongs to or is named in."""
    for problem in intake.problems:
        starts = [problem.seen, *intake.seen.get(problem.ref, ())]
        past = [start for start in starts if start is not None and start.first <= intake.as_of]
        yield replace(problem, seen=max(past, key=lambda start: start.first, default=None))


def reasons_of(page: Page) -> Iterator[Words]:
    """R4's reasonCode, R5's reason.value.concept, STU3's reason."""
    for each in page.elements("reasonCode"):
        yield page.words(each, "reasonCode")
    for each in page.elements("reason"):
        if "value" not in each:
            yield page.words(each, "reason")
        for value in page.elements("value", each, "reason."):
            if "concept" in value:
                yield page.words(value["concept"], "reason.value.concept")


def _named(page: Page) -> Iterator[str]:
    """References to conditions: diagnosis.condition, reasonReference, R5's reason.value.reference."""
    held: list[Json] = [*page.elements("reasonReference")]
    for each in page.elements("diagnosis"):
        held += page.elements("condition", each, "diagnosis.")
    for each in page.elements("reason"):
        held += page.elements("value", each, "reason.")
    for one in held:
        inner = one.get("reference")
        target = inner.get("reference") if type(inner) is dict else inner
        if type(target) is str and target:
            yield target

"""Allergy to baclofen or to what its products hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from .caching import cached_property
from .chart import Allergy, Chart
from .concepts import Concept
from .fact import Evidence, Fact, Known, Need, Reason, Unknown
from .moment import Moment

if TYPE_CHECKING:
    from .facts import Facts

HYPERSENSITIVE: Concept = "reaction-hypersensitivity"
DOSE_EFFECT = frozenset({"reaction-side-effect"})
RECORDED_AS_PROBLEM: Concept = "cond-baclofen-allergy"
EXCIPIENTS: tuple[tuple[Concept, tuple[Concept, ...]], ...] = (
    ("excipient-wheat", ()),
    ("excipient-paraben", ()),
    ("excipient-sorbitol-fructose", ("cond-fructose-intolerance", "cond-sucrose-intolerance")),
    ("excipient-galactose-lactose", ("cond-galactose-intolerance", "cond-lactose-intolerance")),
)
"""What a product may hold, and the problems that forbid it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record that speaks against baclofen, or against one of its excipients. ``reaction``: words as recorded."""

    evidence: Evidence
    begun: Moment | None = None
    reaction: str = ""
    confirmed: bool = True


def is_allergy(entry: Allergy) -> bool:
    """Is an entry against baclofen an allergy, and not only an effect of the dose or an intolerance?

    A record that says neither is taken as an allergy; so is one whose reaction nobody wrote down.
    """
    seen = [concepts for concepts, _ in entry.reactions]
    if entry.high or any(HYPERSENSITIVE in concepts for concepts in seen):
        return True
    if seen and all(concepts == DOSE_EFFECT for concepts in seen):
        return False
    return entry.kind != "intolerance"


def allergies_to_baclofen(chart: Chart) -> Iterator[Entry]:
    """Allergies to baclofen that may hold: entries of the allergy list, and problems that say so in words."""
    yield from (_entry(one) for one in chart.allergies if one.medicine is not None and is_allergy(one))
    for problem in chart.problems:
        if RECORDED_AS_PROBLEM in problem.concepts and problem.state != "history":
            sure = problem.state == "active"
            yield Entry(
                Evidence(problem.ref, problem.text), problem.onset or problem.recorded, problem.text, confirmed=sure
            )


def allergies_by(chart: Chart, end: datetime) -> tuple[Entry, ...]:
    """Those dated before ``end``: they explain a stop."""
    return tuple(one for one in allergies_to_baclofen(chart) if one.begun is not None and one.begun.first <= end)


def _entry(one: Allergy) -> Entry:
    reaction = ", ".join(dict.fromkeys(said for _, said in one.reactions if said))
    says = ": ".join(part for part in (one.text or "allergy", reaction) if part)
    return Entry(Evidence(one.ref, says), one.onset, reaction, one.state == "active")


class AllergyFacts:
    """Allergy to baclofen or to what its products hold."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    @cached_property
    def to_baclofen(self) -> Fact[tuple[Entry, ...]]:
        """Allergies to baclofen; none only where the allergy list was looked into."""
        found = tuple(allergies_to_baclofen(self.facts.chart))
        if found or self.facts.chart.was_sent("AllergyIntolerance"):
            return Known(found)
        return Unknown(Reason.NOT_SENT, "allergies", (Need("AllergyIntolerance"),))

    @cached_property
    def intolerances(self) -> tuple[Entry, ...]:
        """Effects of the dose or intolerances recorded against baclofen."""
        found = (one for one in self.facts.chart.allergies if one.medicine is not None and not is_allergy(one))
        return tuple(_entry(one) for one in found)

    @cached_property
    def to_excipients(self) -> tuple[tuple[Concept, tuple[Entry, ...]], ...]:
        """Excipients the patient must not have, each with the records that say so. Coeliac disease is none."""
        found = ((excipient, self._against(excipient, problems)) for excipient, problems in EXCIPIENTS)
        return tuple((excipient, entries) for excipient, entries in found if entries)

    def _against(self, excipient: Concept, problems: tuple[Concept, ...]) -> tuple[Entry, ...]:
        listed = (_entry(one) for one in self.facts.chart.allergies if excipient in one.concepts)
        told = self.facts.person.problems(problems, "active", "possible")
        return (*listed, *(Entry(Evidence(p.ref, p.text), p.onset) for p in told))

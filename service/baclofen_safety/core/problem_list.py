"""How conditions are asked for: which are there, since when, and when their absence is no answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .chart import Problem
from .concepts import Concept
from .fact import Evidence, Fact, Known, Need, Reason, Unknown
from .measuring import Days, is_recent, span

if TYPE_CHECKING:
    from .facts import Facts

Problems = tuple[Problem, ...]
EVER = ("active", "history")


class ProblemList:
    """The patient's problems at ``as_of``; a look at what they are, not yet at what they mean for baclofen."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.chart, self.as_of, self.limits = facts.chart, facts.as_of, facts.limits
        self.person = facts.person

    def active(self, *concepts: Concept, but: Iterable[Concept] = ()) -> Problems:
        """Active problems of a concept, without those of a mark."""
        return self._of(concepts, ("active",), but)

    def ever(self, *concepts: Concept, but: Iterable[Concept] = ()) -> Problems:
        """Problems of a concept, active or past, without those of a mark."""
        return self._of(concepts, EVER, but)

    def lately(self, days: Days, *concepts: Concept, but: Iterable[Concept] = ()) -> Problems:
        """Begun or seen inside the window, active or past. Without a date an active one counts, a past one not."""
        return tuple(p for p in self.ever(*concepts, but=but) if self.is_late(p, days))

    def is_late(self, problem: Problem, days: Days) -> bool:
        """Begun or seen again inside the window; an active problem without any date counts."""
        dates = [at for at in (problem.onset or problem.recorded, problem.seen) if at is not None]
        return any(is_recent(at, days, self.as_of) for at in dates) or (not dates and problem.state == "active")

    def over_for(self, problem: Problem, days: Days) -> bool:
        """Past, and over for longer than the window. Nobody dated its end: its beginning must be as old."""
        end = problem.abated or problem.onset or problem.recorded
        return problem.state == "history" and (end is None or not is_recent(end, days, self.as_of))

    def _of(self, concepts: tuple[Concept, ...], states: tuple[str, ...], but: Iterable[Concept]) -> Problems:
        marks = frozenset(but)
        return tuple(p for p in self.person.problems(concepts, *states) if not marks & p.concepts)

    def yes_or_no(self, found: Problems, about: str, *concepts: Concept, sure: bool = False) -> Fact[bool]:
        """Yes with the problems found; no where problems were sent; else unknown.

        ``sure``: a problem that is only suspected is no "no" either (facts on which a high rule hangs).
        """
        if found:
            return Known(True, told(found), found[0].how)
        asked = (Need("Condition", concepts),)
        if not self.chart.was_answered(asked):
            return Unknown(Reason.NOT_SENT, about, asked)
        days = self.limits["suspected-days"]
        wanted = self.person.problems(concepts, "possible") if sure else ()
        suspected = tuple(p for p in wanted if self.person.is_fresh(p, days))
        if suspected:
            needs = (Need("Condition", concepts, (self.as_of - span(days)).date(), ("certainty",)),)
            return Unknown(Reason.NOT_FINAL, about, needs, told(suspected))
        return Known(False)


def told(problems: Problems) -> tuple[Evidence, ...]:
    """Problems as evidence: their words and the day they began."""
    return tuple(dict.fromkeys(Evidence(p.ref, _words(p)) for p in problems))


def _words(problem: Problem) -> str:
    begun = problem.onset or problem.recorded
    return f"{problem.says}, {begun}" if begun is not None else f"{problem.says}, undated"

"""Standing, walking and falling: falls, fractures, fainting, low blood pressure, gait."""

from __future__ import annotations

from .caching import cached_property
from .fact import Evidence, Fact, Known, Unknown
from .measuring import Days, is_recent, tell, time_of, usable
from .mobility import NO_TRANSFERS, mobility
from .problem_list import ProblemList, Problems, told

GAIT = ("cond-gait-disorder", "cond-hemiplegia")
REPEATED = "cond-falls-repeated"


class FallFacts(ProblemList):
    """Facts about standing and walking."""

    @cached_property
    def fallen(self) -> Problems:
        """Falls of the last 12 months; a risk of falls is none."""
        return self.lately(self.limits["fall-days"], "cond-falls", but=("cond-falls-risk-only",))

    @cached_property
    def falls(self) -> Fact[int]:
        """Falls in the last 12 months: entries on different days, or a counted number if that is more."""
        counted = self._counted_falls
        begun = (p.onset or p.recorded for p in self.fallen)
        days = {at.day if at else None for at in begun}
        entries = max(len(days), self.limits.int("repeated-falls") if self._fell_often else len(days))
        if counted is None and not self.fallen:
            answer = self.yes_or_no((), "falls", "cond-falls", sure=True)
            return answer if isinstance(answer, Unknown) else Known(entries)
        number, said = counted or (entries, ())
        return Known(max(number, entries), (*told(self.fallen), *said))

    @cached_property
    def _fell_often(self) -> bool:
        return any(REPEATED in p.concepts for p in self.fallen)

    @cached_property
    def _counted_falls(self) -> tuple[int, tuple[Evidence, ...]] | None:
        days = self.limits["fall-days"]
        told_of = [m for m in usable(self.chart, ("fact-falls-count",)) if is_recent(time_of(m), days, self.as_of)]
        if not told_of or told_of[-1].low is None:
            return None
        return int(told_of[-1].low), (tell(told_of[-1], "falls"),)

    @cached_property
    def fracture(self) -> Fact[bool]:
        """A fracture in the last 12 months."""
        found = self.lately(self.limits["fall-days"], "cond-fracture")
        return self.yes_or_no(found, "fracture", "cond-fracture", sure=True)

    @cached_property
    def syncope(self) -> Fact[bool]:
        """A faint in the last 6 months."""
        found = self.lately(self.limits["syncope-days"], "cond-syncope")
        return self.yes_or_no(found, "syncope", "cond-syncope")

    @cached_property
    def hypotension(self) -> Fact[bool]:
        """Low blood pressure as an active problem."""
        return self.yes_or_no(self.active("cond-hypotension"), "low blood pressure", "cond-hypotension")

    @cached_property
    def orthostatic(self) -> Fact[bool]:
        """Blood pressure that falls on standing, as an active problem."""
        found = self.active("cond-hypotension-orthostatic")
        return self.yes_or_no(found, "orthostatic hypotension", "cond-hypotension-orthostatic")

    def pressure_usually_low(self, younger: Days, older: Days) -> bool:
        """Was the systolic pressure low before: the newest more than ``younger`` and at most ``older`` days old?"""
        before = [
            m
            for m in usable(self.chart, ("lab-systolic-bp",))
            if is_recent(time_of(m), older, self.as_of) and not is_recent(time_of(m), younger, self.as_of)
        ]
        value = before[-1].value if before else None
        return value is not None and value < self.facts.signs.pressure_low_below

    @cached_property
    def walks(self) -> Fact[bool]:
        """Does the patient walk? A wheelchair among the devices alone leaves it open."""
        cannot = self.person.cannot_walk
        return cannot if isinstance(cannot, Unknown) else Known(not cannot.value, cannot.evidence, cannot.how)

    @cached_property
    def no_transfers(self) -> tuple[Evidence, ...]:
        """What says that the patient neither walks nor moves over alone; a wheelchair by itself does not."""
        bedbound = self.active("cond-bedbound")
        said = mobility(self.person)
        return (*told(bedbound), *((said[1],) if said and NO_TRANSFERS.search(said[0]) else ()))

    @cached_property
    def gait_disorder(self) -> Fact[bool]:
        """A disorder of gait or a paralysis of one side, or a cane or walker in use."""
        found = self.active(*GAIT)
        aids = [d for d in self.chart.implants if d.active and "proc-gait-aid" in d.concepts]
        if aids:
            return Known(True, (*told(found), *(Evidence(d.ref, d.text) for d in aids)))
        return self.yes_or_no(found, "gait", *GAIT)
